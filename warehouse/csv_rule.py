"""Which text a spreadsheet program would run as a formula."""

from __future__ import annotations

# A cell that begins like this is a formula to spreadsheet programs; a leading apostrophe makes it
# text (OWASP, "CSV Injection"). Numbers stay numbers: only text cells are tested against it. The
# spaces are spelt out because RE2, which DuckDB has, knows only those of ASCII as \s; the signs
# come in their full-width forms as well.
FORMULA = "^[\\s\u00a0\u2000-\u200b\u3000\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\\t\\r\\n]"
