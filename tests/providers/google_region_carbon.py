"""Google's yearly CSVs of region carbon: headers and line ends that change, blanks, decimals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from local_providers import World
from local_providers.faults import ActiveFaults
from local_providers.static_files import FileProvider, Writer, csv_bytes

YEARS = (2019, 2020, 2021, 2022, 2023, 2024)

# Region, location, carbon-free share in 2019, intensity in 2019. The numbers are invented.
_REGIONS = (
    ("asia-east1", "Taiwan", "0.21", 531),
    ("asia-east2", "Hong Kong", "", 517),
    ("europe-north1", "Finland", "0.71", 171),
    ("europe-west1", "Belgium", "0.66", 188),
    ("europe-west4", "Netherlands", "0.62", 461),
    ("northamerica-northeast1", "Montréal", "1.00", 0),
    ("southamerica-east1", "São Paulo", "0.81", 101),
    ("us-central1", "Iowa", "0.74", 466),
    ("us-west1", "Oregon", "0.88", 121),
)
# These opened later: their first year.
_LATER = {"europe-north1": 2019, "asia-east2": 2019, "us-west1": 2020}


@dataclass(frozen=True)
class Region:
    """One row of one year: texts as they stand in the file."""

    region: str
    location: str
    carbon_free_share: str
    intensity: str


class GoogleRegionCarbon(FileProvider):
    """The files ``data/yearly/{year}.csv``.

    Attributes:
        years: the rows of each year. A year that is not there is answered with 404.
    """

    source_id = "google-region-carbon"
    base_url_env = "JOULEHOUSE_GOOGLE_REGION_CARBON_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.years = {year: _rows(year) for year in YEARS}

    def files(self) -> Mapping[str, Writer]:
        """One file a year."""
        return {f"data/yearly/{year}.csv": partial(self._csv, year) for year in self.years}

    def correct(self, year: int, region: str, **texts: str) -> None:
        """Change a row, as Google does when it restates a year."""
        self.years[year] = [
            replace(row, **texts) if row.region == region else row for row in self.years[year]
        ]

    def add_year(self, year: int) -> None:
        """Publish the next year."""
        self.years[year] = _rows(year)

    def _csv(self, year: int, faults: ActiveFaults) -> bytes:
        prefix = "Lifecycle grid" if year == 2019 else "Grid"
        columns = (
            *("Google Cloud Region", "Location", "Google CFE"),
            f"{prefix} carbon intensity (gCO2eq / kWh)",
        )
        rows = [
            dict(
                zip(
                    columns,
                    (row.region, row.location, row.carbon_free_share, row.intensity),
                    strict=True,
                )
            )
            for row in self.years[year]
        ]
        # Line ends are mixed too: those of 2021 were seen to be plain, the others not.
        return csv_bytes(columns, rows, faults, line_end="\n" if year == 2021 else "\r\n")


def _intensity(grams: int, year: int) -> str:
    return f"{grams + 0.25:.2f}" if year >= 2024 else str(grams)


def _rows(year: int) -> list[Region]:
    # Intensities fall by 3 g/kWh a year.
    later = year - YEARS[0]
    return [
        Region(
            region,
            location,
            share,
            _intensity(max(grams - 3 * later, 0), year),
        )
        for region, location, share, grams in _REGIONS
        if year >= _LATER.get(region, YEARS[0])
    ]
