"""The balancing authorities of Form EIA-930."""

from __future__ import annotations

# By region, and the sum of the lower 48 states. Those that were dissolved keep their history.
RESPONDENTS = (
    *("BANC", "CISO", "IID", "LDWP", "TIDC", "CPLE", "CPLW", "DUK", "SC", "SCEG", "YAD", "SPA"),
    *("SWPP", "FMPP", "FPC", "FPL", "GVL", "HST", "JEA", "NSB", "SEC", "TAL", "TEC", "PJM", "AECI"),
    *("LGEE", "MISO", "ISNE", "AVA", "AVRN", "BPAT", "CHPD", "DOPD", "GCPD", "GRID", "GWA", "IPCO"),
    *("NEVP", "NWMT", "PACE", "PACW", "PGE", "PSCO", "PSEI", "SCL", "TPWR", "WACM", "WAUW", "WWA"),
    *("NYIS", "AEC", "SEPA", "SOCO", "AZPS", "DEAA", "EPE", "GRIF", "GRMA", "HGMA", "PNM", "SRP"),
    *("TEPC", "WALC", "TVA", "ERCO", "US48"),
)

# The largest, by generation.
LARGE = ("CISO", "ERCO", "PJM", "MISO", "NYIS", "ISNE", "SWPP", "BPAT", "SOCO", "TVA", "DUK", "FPL")
