"""A user's own activities: training runs, inference benchmarks and inference uses.

They come by ``joulehouse import measurements FILE``, one row for each thing that was measured (or
only counted) and each boundary of its energy figure. docs/measurements.md says what to put where.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from flows.sources.context import FetchContext
from flows.sources.imported import CADENCE, RowCheck, read_table, refuse_fetch
from flows.sources.measurements_table import MEASUREMENTS
from flows.sources.protocol import Arrival, Source
from warehouse.landing import Fetched
from warehouse.tables import Parsed

_ID = "measurements"
# What the marts hold to be possible of one run.
_MOST_DEVICE_HOURS = 1e9

_MOST_W_H = 1e12
_DEVICE_HOURS = pl.coalesce("device_hours", pl.col("duration_h") * pl.col("hardware_count"))

_CHECKS = (
    RowCheck(
        pl.col("energy_lower_kwh") > pl.col("energy_kwh"),
        "energy_lower_kwh",
        "above energy_kwh, of which it is the lower bound",
    ),
    RowCheck(
        pl.col("energy_upper_kwh") < pl.col("energy_kwh"),
        "energy_upper_kwh",
        "below energy_kwh, of which it is the upper bound",
    ),
    RowCheck(
        pl.col("energy_upper_kwh") < pl.col("energy_lower_kwh"),
        "energy_upper_kwh",
        "below energy_lower_kwh",
    ),
    RowCheck(
        pl.col("parameters_active") > pl.col("parameters_total"),
        "parameters_active",
        "more than parameters_total",
    ),
    RowCheck(
        (pl.col("subject_kind") == "inference_benchmark")
        & pl.col("functional_unit").is_in(["run", "epoch", "million_tokens"]),
        "functional_unit",
        "a benchmark is of output_token, 1000_output_tokens, request, image or video",
    ),
    RowCheck(
        pl.col("duration_h") * pl.col("hardware_count") > _MOST_DEVICE_HOURS,
        "duration_h",
        f"duration_h x hardware_count is above {_MOST_DEVICE_HOURS:g} hours of devices",
    ),
    RowCheck(
        pl.col("energy_kwh").is_null() & (pl.col("average_power_w") * _DEVICE_HOURS > _MOST_W_H),
        "average_power_w",
        f"average_power_w x device_hours is above {_MOST_W_H / 1000:g} kWh",
    ),
)


def fetch(_context: FetchContext) -> Iterable[Fetched]:
    """There is nobody to ask."""
    return refuse_fetch(_ID)


def parse(arrival: Arrival) -> Parsed:
    """Rows of a CSV or Parquet file.

    Raises:
        ParseError: it is neither, or its columns are not those of the table.
    """
    return read_table(arrival, MEASUREMENTS, _ID, _CHECKS)


SOURCE = Source(
    source_id=_ID,
    title="Own measurements: training runs, inference benchmarks and inference uses",
    publisher="Whoever runs this warehouse",
    homepage_url="",
    licence="Your own data: nothing is known of a licence, and nothing of it is shipped.",
    licence_url="",
    citation="Cite the citation of the row; without one it is your own measurement.",
    description=(
        "Energy that was metered, or inputs without a meter, of the runs and requests of whoever "
        "runs this warehouse, as CSV or Parquet files. A later file corrects or withdraws what an "
        "earlier one said, and both stay known."
    ),
    cadence=CADENCE,
    parser_version=1,
    tables=(MEASUREMENTS,),
    fetch=fetch,
    parse=parse,
    is_import_only=True,
    known_faults=(
        "What a file says is believed as far as it is possible: a row that cannot be true by "
        "itself goes to quarantine, one that contradicts its hardware becomes a finding.",
        "An instant without an offset is read as UTC; a clock of local time must say its offset.",
    ),
)
