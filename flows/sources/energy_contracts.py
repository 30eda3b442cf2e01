"""A user's contracts of electricity, which market-based accounting needs.

They come by ``joulehouse import energy-contracts FILE``.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from flows.sources.context import FetchContext
from flows.sources.imported import CADENCE, RowCheck, read_table, refuse_fetch
from flows.sources.protocol import Arrival, Source
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table

_ID = "energy-contracts"

CONTRACTS = Table(
    "energy_contracts",
    "One row per version of a contract of electricity",
    (
        Column("contract_id", pl.String, "Your own key of the contract", required=True),
        Column(
            "instrument",
            pl.String,
            "power_purchase_agreement, energy_attribute_certificate (guarantee of origin, REC), "
            "green_tariff or supplier_mix (the supplier's own factor)",
            allowed=(
                *("power_purchase_agreement", "energy_attribute_certificate"),
                *("green_tariff", "supplier_mix"),
            ),
        ),
        Column(
            "region",
            pl.String,
            "Place whose use it covers: country, grid zone or cloud region",
            required=True,
        ),
        Column(
            "project", pl.String, "Project whose use it covers; every one where nothing is given"
        ),
        Column("valid_from", pl.Date, "First day that it covers", unit="date", required=True),
        Column("valid_until", pl.Date, "Last day that it covers", unit="date", required=True),
        Column(
            "covered_share",
            pl.Float64,
            "Part of the use that it covers, 0 to 1; 1 where nothing is given",
            unit="1",
            minimum=0,
            maximum=1,
        ),
        Column(
            "carbon_intensity_gco2e_per_kwh",
            pl.Float64,
            "Emission factor of the contract",
            unit="gCO2e/kWh",
            required=True,
            minimum=0,
            maximum=5000,
        ),
        Column(
            "emission_factor_scope",
            pl.String,
            "Scope of that factor: lifecycle or direct",
            allowed=("lifecycle", "direct"),
        ),
        Column("supplier", pl.String, "Who supplies"),
        Column("certificate_reference", pl.String, "Register and number of the certificates"),
        Column("note", pl.String, "Remark"),
        Column(
            "is_withdrawn",
            pl.Boolean,
            "True takes back what an earlier file said of this contract; false where nothing is "
            "given",
        ),
    ),
    key=("contract_id",),
    is_versioned=True,
)

_CHECKS = (
    RowCheck(
        pl.col("valid_until") < pl.col("valid_from"),
        "valid_until",
        "before valid_from",
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
    return read_table(arrival, CONTRACTS, _ID, _CHECKS)


SOURCE = Source(
    source_id=_ID,
    title="Own contracts of electricity, for market-based accounting",
    publisher="Whoever runs this warehouse",
    homepage_url="",
    licence="Your own data: nothing is known of a licence, and nothing of it is shipped.",
    licence_url="",
    citation="Cite the certificate_reference of the row.",
    description=(
        "Power purchase agreements, certificates, green tariffs and suppliers' mixes with their "
        "emission factor, place and days, as CSV or Parquet files."
    ),
    cadence=CADENCE,
    parser_version=1,
    tables=(CONTRACTS,),
    fetch=fetch,
    parse=parse,
    is_import_only=True,
    known_faults=(
        "Whether a certificate was cancelled, and for whom, is not checked: the contract is "
        "believed.",
    ),
)
