"""Messages to the user: several to a row, joined by ``;``, which no message holds itself."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SEPARATOR = ";"
Rule = tuple[pl.Expr, pl.Expr]
# Jaro-Winkler similarity below which a name is not worth proposing.
LEAST_SIMILARITY = 0.75
_LONGEST = 60


def shown(text: pl.Expr) -> pl.Expr:
    """A user's text, shortened and without the separator."""
    return text.str.slice(0, _LONGEST).str.replace_all(SEPARATOR, ",", literal=True)


def none(row_count: int) -> pl.Series:
    """No message in any row."""
    return pl.repeat(None, row_count, dtype=pl.String, eager=True)


def by_rules(rows: pl.DataFrame, rules: Sequence[Rule]) -> pl.Series:
    """For each row the messages of the rules whose condition holds; null if none does.

    A message is only made for a rule that some row breaks: text is what costs time.
    """
    if not rules or not rows.height:
        return none(rows.height)
    broken = rows.select(
        condition.fill_null(value=False).alias(str(number))
        for number, (condition, _) in enumerate(rules)
    )
    found = [
        pl.when(broken[str(number)]).then(message)
        for number, (_, message) in enumerate(rules)
        if broken[str(number)].any()
    ]
    return joined(rows, found)


def joined(rows: pl.DataFrame, messages: Sequence[pl.Expr | pl.Series]) -> pl.Series:
    """The messages of each row that are not null, joined; null if there is none."""
    if not messages:
        return none(rows.height)
    together = pl.concat_str(
        [m if isinstance(m, pl.Expr) else pl.lit(m) for m in messages],
        separator=SEPARATOR,
        ignore_nulls=True,
    )
    return rows.select(pl.when(together != "").then(together).alias("messages"))["messages"]
