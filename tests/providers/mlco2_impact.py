"""The three tables of the ML CO2 calculator.

Their quirks: a padded header, literal NaN, a row that is one field short, CRLF in one file only.
"""

from __future__ import annotations

from collections.abc import Mapping

from local_providers import World
from local_providers.faults import ActiveFaults
from local_providers.static_files import FileProvider, Writer, csv_bytes

GPU_COLUMNS = (
    *("name", "type", "tdp_watts", "TFLOPS32", " TFLOPS16", "GFLOPS32/W", "GFLOPS16/W"),
    *("memory", "source"),
)
INSTANCE_COLUMNS = ("provider", "id", "gpu", "source")
IMPACT_COLUMNS = (
    *("provider", "providerName", "offsetRatio", "region", "regionName", "country", "state"),
    *("city", "impact", "source", "PUE", "PUE source", "comment"),
)
_VENDOR = "https://vendor.example/datasheets/"

# The numbers are invented; the names are those of real hardware, so that it is recognised.
_GPUS = (
    ("H100 SXM", "gpu", "690", "980", "1970", "", "", "80", _VENDOR + "h100.pdf"),
    ("A100 SXM4 80 GB", "gpu", "410", "", "310", "", "", "80", _VENDOR + "a100.pdf"),
    ("Tesla V100-SXM2-32GB", "gpu", "310", "15.5", "31", "50.5", "101.5", "32", _VENDOR + "v100"),
    ("RTX 3060", "gpu", "175", "12.5", "12.5", "71.5", "71.5", "12", _VENDOR + "3060"),
    ("TPUv3 chip", "tpu", "455", "NaN", "105", "NaN", "230.5", "NaN", ""),
    ("AMD EPYC 7763", "cpu", "285", "NaN", "NaN", "NaN", "NaN", "NaN", _VENDOR + "7763"),
)
_SHORT_ROW = "A10G,gpu,155,31.5,,,24,https://vendor.example/datasheets/a10g "
_INSTANCES = (
    ("aws", "p3.2xlarge", "Tesla V100", " https://cloud.example/p3/"),
    ("aws", "p3.8xlarge", "Tesla V100", " https://cloud.example/p3/"),
    ("azure", "NC6", "Tesla K80", "https://cloud.example/nc6"),
)
_IMPACTS = (
    ("gcp", "Google Cloud Platform", "100", "asia-east1", "", "Taiwan", "", "Changhua County",
     "551", '"measured" on July 2, 2019, in the evening', "1.13", "https://cloud.example/pue",
     "Datacenter-specific"),
    ("gcp", "Google Cloud Platform", "100", "northamerica-northeast1", "", "Canada", "Québec",
     "Montréal", "21", "Hydro-Québec", "", "", ""),
    ("aws", "Amazon Web Services", "0", "us-east-1", "US East (N. Virginia)", "United States",
     "Virginia", "Ashburn", "371", "", "", "", ""),
    ("azure", "Azure", "100", "francecentral", "France Central", "France", "", "Paris", "51", "",
     "", "", "it is not clear which grid powers this zone, could be 51 or 60"),
    ("ovh", "OVHCloud", "0", "", "", "Poland", "", "Warsaw", "701", "", "1.09", "", ""),
    ("private", "Private Infrastructure", "0", "", "", "Germany", "", "Berlin,", "0", "", "", "",
     ""),
)  # fmt: skip


class Mlco2Impact(FileProvider):
    """The files ``gpus.csv``, ``instances.csv`` and ``impact.csv``.

    Attributes:
        gpus, instances, impacts: the rows as texts by column; change them as you like.
        short_rows: lines of ``gpus.csv`` that have too few fields.
    """

    source_id = "mlco2-impact"
    base_url_env = "JOULEHOUSE_MLCO2_IMPACT_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.gpus = [dict(zip(GPU_COLUMNS, row, strict=True)) for row in _GPUS]
        self.instances = [dict(zip(INSTANCE_COLUMNS, row, strict=True)) for row in _INSTANCES]
        self.impacts = [dict(zip(IMPACT_COLUMNS, row, strict=True)) for row in _IMPACTS]
        self.short_rows = [_SHORT_ROW]

    def files(self) -> Mapping[str, Writer]:
        """The three files."""
        return {
            "data/gpus.csv": self._gpus,
            # Its last line has no end.
            "data/instances.csv": lambda faults: csv_bytes(
                INSTANCE_COLUMNS, self.instances, faults
            ).rstrip(),
            "data/impact.csv": lambda faults: csv_bytes(
                IMPACT_COLUMNS, self.impacts, faults, line_end="\r\n"
            ),
        }

    def _gpus(self, faults: ActiveFaults) -> bytes:
        table = csv_bytes(GPU_COLUMNS, self.gpus, faults)
        return table + "".join(f"{row}\n" for row in self.short_rows).encode()
