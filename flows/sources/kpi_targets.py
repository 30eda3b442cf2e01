"""A user's targets for the key figures of ``rpt_kpis``.

They come by ``joulehouse import kpi-targets FILE``.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from flows.sources.context import FetchContext
from flows.sources.imported import CADENCE, read_table, refuse_fetch
from flows.sources.protocol import Arrival, Source
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table

_ID = "kpi-targets"

TARGETS = Table(
    "kpi_targets",
    "One row per version of a target of a key figure and project",
    (
        Column("kpi_id", pl.String, "Key figure, see rpt_kpis", required=True),
        Column("project", pl.String, "Project; all together where nothing is given"),
        Column(
            "target_value",
            pl.Float64,
            "Value to reach, in the unit of the row",
            unit="see unit",
            required=True,
        ),
        Column("unit", pl.String, "Unit of it"),
        Column(
            "is_upper_bound",
            pl.Boolean,
            "Whether the target is met at or below the value (true) or at or above it (false)",
        ),
        Column("reference", pl.String, "Where the target is set"),
        Column(
            "is_withdrawn",
            pl.Boolean,
            "True takes back what an earlier file said of this target; false where nothing is "
            "given",
        ),
    ),
    key=("kpi_id", "project"),
    is_versioned=True,
)


def fetch(_context: FetchContext) -> Iterable[Fetched]:
    """There is nobody to ask."""
    return refuse_fetch(_ID)


def parse(arrival: Arrival) -> Parsed:
    """Rows of a CSV or Parquet file.

    Raises:
        ParseError: it is neither, or its columns are not those of the table.
    """
    return read_table(arrival, TARGETS, _ID)


SOURCE = Source(
    source_id=_ID,
    title="Own targets of key figures",
    publisher="Whoever runs this warehouse",
    homepage_url="",
    licence="Your own data: nothing is known of a licence, and nothing of it is shipped.",
    licence_url="",
    citation="Cite the reference of the row.",
    description="What a key figure is to reach, for a project or for all, as CSV or Parquet files.",
    cadence=CADENCE,
    parser_version=1,
    tables=(TARGETS,),
    fetch=fetch,
    parse=parse,
    is_import_only=True,
    known_faults=("A target of a key figure that rpt_kpis does not have is held against nothing.",),
)
