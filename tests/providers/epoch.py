"""Epoch AI's CSV downloads.

They have a byte-order mark, lists in a cell, notes of several lines, and columns whose names
change from one download to the next.
"""

from __future__ import annotations

from collections.abc import Mapping

from local_providers import World
from local_providers.epoch_columns import (
    CENTER_COLUMNS,
    CLUSTER_COLUMNS,
    HARDWARE_COLUMNS,
    MODEL_COLUMNS,
    OLDER_NAMES,
    TIMELINE_COLUMNS,
)
from local_providers.faults import ActiveFaults
from local_providers.static_files import FileProvider, Writer, csv_bytes

# What the models' rows say; what is not named is empty. The numbers are invented.
_MODELS: tuple[dict[str, str], ...] = (
    {
        "Model": "Sparrow-7B",
        "Organization": "Birdwatch AI",
        "Publication date": "2024-03-05",
        "Domain": "Language",
        "Task": "Language modeling/generation,Chat",
        "Parameters": "7000000000.0",
        "Training compute (FLOP)": "8.4e+22",
        "Training compute notes": "6ND = 6 * 7e9 * 2e12\n= 8.4e22 FLOP",
        "Training dataset size (total)": "2000000000000",
        "Confidence": "Confident",
        "Country (of organization)": "United States of America",
        "Training time (hours)": "600.0",
        "Training hardware": "NVIDIA A100 SXM4 80 GB",
        "Hardware quantity": "128.0",
        "Hardware utilization (MFU)": "0.41",
        "Training power draw (W)": "96250.5",
        "Training compute cost (2023 USD)": "110250.75",
        "Open model weights?": "Yes",
    },
    {
        "Model": "Heron-Vision",
        "Organization": "Birdwatch AI,University of Somewhere",
        "Publication date": "2025-11-20",
        "Domain": "Language,Vision",
        "Task": 'Question answering,"Image" captioning',
        "Parameters": "1040000000000.0",
        "Parameters notes": '"1.04T in all,\n32B active"',
        "Training compute (FLOP)": "2.5e+24",
        "Confidence": "Likely",
        "Country (of organization)": "United States of America,Korea (Republic of)",
        "Training hardware": "NVIDIA GB200,NVIDIA GB300 (Blackwell Ultra)",
        "Hardware quantity": "2000.0",
        "Training power draw (W)": "4672000.25",
        "Base model": "Sparrow-7B",
        "Model accessibility": "Open weights (restricted use)",
    },
    {
        "Model": "Wren",
        "Organization": "Nest Labs",
        "Publication date": "2022-06",
        "Domain": "Language",
        "Parameters": "",
        "Confidence": "Unknown",
        "Training hardware": "Google TPU v3",
        "Hardware quantity": "256.0",
        "Training time (hours)": "180.0",
        "Country (of organization)": "United Kingdom of Great Britain and Northern Ireland",
    },
    {"Model": "Kiwi", "Organization": "Ünïversität X", "Domain": "Biology,Other"},
)
_HARDWARE: tuple[dict[str, str], ...] = (
    {
        "Hardware name": "NVIDIA A100 SXM4 80 GB",
        "Manufacturer": "NVIDIA",
        "Type": "GPU",
        "Release date": "2020-11-16",
        "Tensor-FP16/BF16 performance (FLOP/s)": "310000000000000.0",
        "Memory (bytes)": "80000000000.0",
        "TDP (W)": "410.0",
        "FP32 (single precision) performance (FLOP/s)": "19400000000000.0",
        "Foundry": "TSMC",
        "ML models": "Sparrow-7B,Heron-Vision",
        "Last modified": "2026-05-27 18:59:10+00:00",
        "Max performance": "620000000000000.0",
        "Energy efficiency": "1512195121951.2195",
    },
    {
        "Hardware name": "Google TPU v3",
        "Manufacturer": "Google",
        "Type": "TPU",
        "Notes": "No TDP is stated.\n\nIt is a guess:\n455 W. ",
        "Release date": "2018-10-01",
        "TDP (W)": "455.0",
        "Memory (bytes)": "32000000000.0",
        "Last modified": "2026-03-18 15:34:46+00:00",
    },
    {"Hardware name": "Nest NPU", "Type": "Other", "Last modified": "2026-01-01 00:00:00+00:00"},
)
_CLUSTERS: tuple[dict[str, str], ...] = (
    {
        "Name": "Aviary One",
        "Status": "Existing",
        "Country": "Finland",
        "Power Capacity (MW)": "41.5",
        "H100 equivalents": "25000.0",
        "Chip type (primary)": "NVIDIA H100 SXM5 80GB",
        "Owner": "Birdwatch AI",
    },
    {"Name": "Aviary Two (planned)", "Status": "Planned", "Country": "Norway"},
)
_CENTERS: tuple[dict[str, str], ...] = (
    {
        "Name": "Rookery",
        "Owner": "Birdwatch AI",
        "Users": "Birdwatch AI,Nest Labs",
        "Country": "United States of America",
        "Current power (MW)": "120.5",
        "Current H100 equivalents": "90000.0",
    },
)
_TIMELINES: tuple[dict[str, str], ...] = (
    {"Data center": "Rookery", "Date": "2025-01-01", "Power (MW)": "60.25"},
    {"Data center": "Rookery", "Date": "2026-01-01", "Power (MW)": "120.5"},
)


class Epoch(FileProvider):
    """The downloads under ``/data``.

    Attributes:
        tables: the rows of each file as texts by column, in today's column names.
        has_older_names: write the column names of an earlier download.
        has_bom: begin the files with a byte-order mark, as the site does.
        extra_columns: columns that nobody knows yet, written last with a text in each row.
    """

    source_id = "epoch"
    base_url_env = "JOULEHOUSE_EPOCH_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.tables = {
            "notable_ai_models.csv": [dict(row) for row in _MODELS],
            "ml_hardware.csv": [dict(row) for row in _HARDWARE],
            "gpu_clusters.csv": [dict(row) for row in _CLUSTERS],
            "data_centers.csv": [dict(row) for row in _CENTERS],
            "data_center_timelines.csv": [dict(row) for row in _TIMELINES],
        }
        self.has_older_names = False
        self.has_bom = True
        self.extra_columns: dict[str, str] = {}

    def files(self) -> Mapping[str, Writer]:
        """Every download."""
        columns = {
            "notable_ai_models.csv": MODEL_COLUMNS,
            "ml_hardware.csv": HARDWARE_COLUMNS,
            "gpu_clusters.csv": CLUSTER_COLUMNS,
            "data_centers.csv": CENTER_COLUMNS,
            "data_center_timelines.csv": TIMELINE_COLUMNS,
        }

        def writing(name: str) -> Writer:
            return lambda faults: self._csv(columns[name], self.tables[name], faults)

        return {f"data/{name}": writing(name) for name in columns if name in self.tables}

    def correct(self, name: str, key: str, **texts: str) -> None:
        """Change the row whose first column is ``key``; ``TDP (W)`` and the like go in ``**{}``."""
        for row in self.tables[name]:
            if next(iter(row.values())) == key:
                row.update(texts)

    def _csv(
        self, columns: tuple[str, ...], rows: list[dict[str, str]], faults: ActiveFaults
    ) -> bytes:
        names = {name: name for name in columns}
        if self.has_older_names:
            names |= {name: OLDER_NAMES.get(name, name) for name in columns}
        renamed = [
            {names[name]: text for name, text in row.items()} | self.extra_columns for row in rows
        ]
        header = [*names.values(), *self.extra_columns]
        return csv_bytes(header, renamed, faults, has_bom=self.has_bom)
