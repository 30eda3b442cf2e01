"""Our World in Data's wide energy table and its codebook: regions without a code, many blanks."""

from __future__ import annotations

from collections.abc import Mapping

from local_providers import World
from local_providers.faults import ActiveFaults
from local_providers.owid_columns import COLUMNS
from local_providers.static_files import FileProvider, Writer, csv_bytes

CODEBOOK_COLUMNS = ("column", "description", "unit", "source")
FUELS = ("coal", "gas", "oil", "nuclear", "hydro", "wind", "solar", "biofuel")

# Place, code, generation in 2020 (TWh), intensity in 2020 (g/kWh). Regions and income groups have
# no code, and the world has one of Our World in Data's own in some releases. Numbers invented.
_PLACES = (
    ("Africa", "", 810.25, 515.5),
    ("France", "FRA", 520.5, 61.25),
    ("Germany", "DEU", 560.75, 355.5),
    ("High-income countries", "", 10_400.5, 330.25),
    ("Kosovo", "", 6.25, 940.75),
    ("Norway", "NOR", 150.5, 28.5),
    ("United Kingdom", "GBR", 305.25, 240.125),
    ("United States", "USA", 4_050.5, 385.75),
    ("World", "", 26_500.5, 480.5),
    ("Åland Islands", "ALA", None, None),
)


class Owid(FileProvider):
    """The files ``owid-energy-data.csv`` and ``owid-energy-codebook.csv``.

    Attributes:
        rows: one row a place and year, as texts by column; what is not named is blank.
    """

    source_id = "owid"
    base_url_env = "JOULEHOUSE_OWID_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.rows: list[dict[str, str]] = [
            _row(*place, year) for place in _PLACES for year in range(1990, 2025)
        ]

    def files(self) -> Mapping[str, Writer]:
        """The two files."""
        return {
            "owid-energy-data.csv": lambda faults: csv_bytes(COLUMNS, self.rows, faults),
            "owid-energy-codebook.csv": self._codebook,
        }

    def correct(self, country: str, year: int, **texts: str) -> None:
        """Change a row, as a new release does."""
        for row in self.rows:
            if (row["country"], row["year"]) == (country, str(year)):
                row.update(texts)

    def _codebook(self, faults: ActiveFaults) -> bytes:
        units = {"carbon_intensity_elec": "grams of CO₂ equivalents per kilowatt-hour"}
        rows = [
            {
                "column": name,
                "description": f"{name.replace('_', ' ').capitalize()} - Made up, for tests.",
                "unit": units.get(name, "terawatt-hours" if name.endswith("electricity") else ""),
                "source": "Invented",
            }
            for name in COLUMNS
        ]
        return csv_bytes(CODEBOOK_COLUMNS, rows, faults)


def _row(
    country: str, code: str, generation_twh: float | None, intensity: float | None, year: int
) -> dict[str, str]:
    row = {"country": country, "year": str(year), "iso_code": code}
    if generation_twh is None or intensity is None:
        return row
    row["population"] = f"{generation_twh * 100_000:.1f}"
    if year < 2000:
        # Population goes back far; electricity begins later.
        return row
    grown = generation_twh * (1 + (year - 2020) / 100)
    row |= {
        "electricity_generation": f"{grown:.3f}",
        "electricity_demand": f"{grown * 0.98:.3f}",
        "carbon_intensity_elec": f"{intensity - (year - 2020) * 2.5:.3f}",
        "greenhouse_gas_emissions": f"{grown * intensity / 1000:.3f}",
    }
    for place, fuel in enumerate(FUELS):
        row[f"{fuel}_electricity"] = f"{grown * (place + 1) / 36:.3f}"
        row[f"{fuel}_share_elec"] = f"{(place + 1) / 0.36:.3f}"
    return row
