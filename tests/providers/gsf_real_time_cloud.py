"""The Green Software Foundation's region metadata: 24 columns, mostly blank, CRLF line ends."""

from __future__ import annotations

from collections.abc import Mapping

from local_providers import World
from local_providers.faults import ActiveFaults
from local_providers.static_files import FileProvider, Writer, csv_bytes

COLUMNS = (
    *("year", "cloud-provider", "cloud-region", "cfe-region", "em-zone-id", "wt-region-id"),
    *("location", "geolocation", "provider-cfe-hourly", "provider-cfe-annual"),
    *("power-usage-effectiveness", "water-usage-effectiveness"),
    "provider-carbon-intensity-market-annual",
    "provider-carbon-intensity-average-consumption-hourly",
    "grid-carbon-intensity-average-consumption-annual",
    "grid-carbon-intensity-marginal-consumption-annual",
    "grid-carbon-intensity-average-production-annual",
    *("grid-carbon-intensity", "total-ICT-energy-consumption-annual", "total-water-input"),
    *("renewable-energy-consumption", "renewable-energy-consumption-goe"),
    *("renewable-energy-consumption-ppa", "renewable-energy-consumption-onsite"),
)
_AWS, _GOOGLE, _AZURE = "Amazon Web Services", "Google Cloud", "Microsoft Azure"

# Provider, region, CFE region, Electricity Maps zone, WattTime region, location, place, PUE, WUE,
# average consumption, marginal consumption, average production. The numbers are invented.
_REGIONS = (
    (_AWS, "eu-central-1", "Germany", "DE", "DE", "Europe (Frankfurt)", "50.1,8.7",
     "1.33", "0.15", "371.5", "701.25", "365.5"),
    (_AWS, "eu-west-2", "Great Britain", "GB", "UK", "Europe (London)", "51.5,-0.1",
     "1.12", "0.18", "180.25", "", "170.5"),
    (_AWS, "us-east-1", "PJM", "US-MIDA-PJM", "PJM_DC", "US East (N. Virginia)", "39.0,-77.5",
     "1.15", "0.19", "390.5", "615.75", "391.25"),
    (_AWS, "af-south-1", "South Africa", "ZA", "ZAF", "Africa (Cape Town)", "-33.9,18.4 ",
     "1.24", "0.17", "700.5", "890.25", "701.5"),
    (_GOOGLE, "europe-west1", "Belgium", "BE", "BE", "Belgium", "",
     "1.09", "", "105.5", "", "104.25"),
    (_GOOGLE, "us-central1", "MISO", "US-MIDW-MISO", "MISO_CI", "Iowa", "",
     "1.11", "", "430.5", "801.5", "431.25"),
    (_GOOGLE, "northamerica-northeast1", "", "", "HQ", "Montréal", "", "", "", "", "", ""),
    (_AZURE, "westeurope", "Netherlands", "NL", "NL", "Europe: West Europe", "52.4, 4.9",
     "1.14", "0.08", "290.5", "640.25", "288.5"),
)  # fmt: skip
YEARS = (2021, 2022, 2023)


class GsfRealTimeCloud(FileProvider):
    """The file ``Cloud_Region_Metadata.csv``, one row a year and region.

    Attributes:
        rows: the rows as texts by column; change them as you like.
    """

    source_id = "gsf-real-time-cloud"
    base_url_env = "JOULEHOUSE_GSF_REAL_TIME_CLOUD_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.rows = [_row(year, region) for year in YEARS for region in _REGIONS]

    def files(self) -> Mapping[str, Writer]:
        """The one file."""
        return {"Cloud_Region_Metadata.csv": self._csv}

    def correct(self, year: int, region: str, **texts: str) -> None:
        """Change a row; names have underscores for hyphens."""
        for row in self.rows:
            if (row["year"], row["cloud-region"]) == (str(year), region):
                row.update({name.replace("_", "-"): text for name, text in texts.items()})

    def _csv(self, faults: ActiveFaults) -> bytes:
        return csv_bytes(COLUMNS, self.rows, faults, line_end="\r\n")


def _row(year: int, region: tuple[str, ...]) -> dict[str, str]:
    names = (*COLUMNS[1:8], *COLUMNS[10:12], *COLUMNS[14:17])
    row = {"year": str(year), **dict(zip(names, region, strict=True))}
    if row["cloud-provider"] == _GOOGLE:
        row |= {
            "provider-cfe-hourly": f"0.{year - 1960}",
            "provider-carbon-intensity-market-annual": "0.0",
            "provider-carbon-intensity-average-consumption-hourly": "117.0",
        }
    elif row["cloud-provider"] == _AZURE:
        row["provider-cfe-annual"] = f"0.{year - 1970}"
    if year == YEARS[0]:
        # The oldest year has one figure of no stated kind, and none of the three.
        row |= dict.fromkeys(COLUMNS[14:17], "") | {"grid-carbon-intensity": "409.0"}
    return row
