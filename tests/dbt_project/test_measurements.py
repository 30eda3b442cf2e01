"""Own measurements: what is built in steps, with names that change, is what one build makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.dbt_build import dbt_build
from flows.ingest import prepare_raw_tables
from flows.progress import Step
from flows.sources.measurements import SOURCE
from flows.sources.protocol import Arrival
from warehouse.batches import Reading
from warehouse.connections import build_connection
from warehouse.landing import Fetched, Landing
from warehouse.loading import load
from warehouse.run import Run
from warehouse.settings import Settings

pytestmark = pytest.mark.slow

AT = datetime(2026, 11, 2, tzinfo=UTC)
TABLES = (
    "intermediate.int_measurements__names",
    "intermediate.int_measurements__resolved_names",
    "intermediate.int_measurements__activities",
    "main.fct_inference_uses",
)
SELECTION = (
    *("--select", "+fct_inference_uses", "+int_measurements__activities"),
    *("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"),
)
HEADER = (
    "measurement_id,subject_kind,boundary,model_name,output_tokens,hardware,region,energy_kwh,"
    "is_withdrawn"
)
FIRST = f"""{HEADER}
metered,inference_use,it,Novel Nine,1000,H100,Germany,1,
log,inference_use,it,Novel Nine,1000,,aws:eu-central-1,,
other,inference_use,it,Some Model,1000,,,,
withdrawn,inference_use,it,Some Model,1000,,,3,
run,training_run,facility,Novel Nine,,H100,Germany,100,
"""
# One use is corrected, one withdrawn, one new, one said again as it was.
SECOND = f"""{HEADER}
metered,inference_use,it,Novel Nine,1000,H100,Germany,2,
metered,inference_use,facility,Novel Nine,1000,H100,Germany,3,
withdrawn,inference_use,it,,,,,,yes
late,inference_use,it,Some Model,500,,France,,
other,inference_use,it,Some Model,1000,,,,
"""
NOVEL = {"provider": "maker", "name": "novel-nine", "architecture_type": "dense"}
NOVEL |= {"parameters_total": 9.0, "parameters_active": 9.0, "parameters": "9"}

Loader = Callable[[Settings, dict[str, list[dict[str, Any]]], datetime], None]


def settings_in(folder: Path) -> Settings:
    settings = Settings(data_dir=folder)
    settings.build_path.parent.mkdir(parents=True)
    prepare_raw_tables(settings)
    return settings


def arrive(settings: Settings, text: str, as_of: datetime) -> None:
    run, landing = Run.start(as_of), Landing(settings)
    landed = landing.land("measurements", Fetched(text.encode(), "a.csv", "text/csv", "", ""), run)
    parsed = SOURCE.parse(Arrival(text.encode(), "a.csv", as_of))
    assert parsed.rejects.is_empty()
    with build_connection(settings) as connection:
        load(
            connection,
            [Reading(landed, parsed)],
            tables=SOURCE.tables,
            parser_version=SOURCE.parser_version,
            run=run,
        )


def build(settings: Settings, at: datetime) -> None:
    dbt_build(settings, Run.start(at), f"{at:%Y%m%dT%H%M%SZ}", Step("dbt"), selection=SELECTION)


def differences(one: Settings, other: Settings) -> dict[str, int]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one.build_path}' as one (read_only)")
        connection.execute(f"attach '{other.build_path}' as other (read_only)")
        found = {}
        for table in TABLES:
            columns = connection.execute(f"select * from one.{table} limit 0").description
            # The clock of the test's own landing is that of the machine, not the run's.
            kept = ", ".join(name for name, *_ in columns if name not in ("fetched_at",))
            row = connection.execute(
                f"select count(*) from ((select {kept} from one.{table} except all "
                f"select {kept} from other.{table}) union all (select {kept} from other.{table} "
                f"except all select {kept} from one.{table}))"
            ).fetchone()
            assert row is not None
            found[table] = row[0]
    return found


def uses(settings: Settings) -> dict[str, tuple]:
    with duckdb.connect(settings.build_path, read_only=True) as connection:
        rows = connection.execute(
            "select inference_use_id, model_id, energy_kwh, label_kind from fct_inference_uses"
        ).fetchall()
    return {use.removeprefix("measurements:"): tuple(rest) for use, *rest in rows}


def test_steps_with_a_renamed_model_make_what_one_build_makes(
    tmp_path: Path, loader: Loader, first_rows: dict[str, list[dict[str, Any]]]
):
    stepped, at_once = settings_in(tmp_path / "stepped"), settings_in(tmp_path / "at_once")
    later = AT + timedelta(days=1)

    loader(stepped, first_rows, AT)
    arrive(stepped, FIRST, AT)
    build(stepped, AT)
    before = uses(stepped)
    assert before["metered:it"] == (None, 1.0, "declared")
    assert before["log:it"] == (None, None, None)

    for settings in (stepped, at_once):
        if settings is at_once:
            loader(at_once, first_rows, AT)
            arrive(at_once, FIRST, AT)
        known = first_rows["ecologits_models"]
        loader(settings, {"ecologits_models": [*known, NOVEL]}, later)
        arrive(settings, SECOND, later)
        build(settings, later)

    after = uses(stepped)
    # The corrected row, the one whose model became known, and its estimate; the other is as it was.
    assert after["metered:it"] == ("maker:novel-nine", 2.0, "declared")
    assert after["metered:facility"] == ("maker:novel-nine", 3.0, "declared")
    assert after["log:it"][0] == "maker:novel-nine"
    assert after["log:it"][1] > 0
    assert after["log:it"][2] == "modelled"
    assert after["other:it"] == before["other:it"]
    assert after["other:it"][1] == pytest.approx(2 * after["late:it"][1])  # 1000 and 500 tokens
    assert set(after) == {"metered:it", "metered:facility", "log:it", "other:it", "late:it"}
    assert differences(stepped, at_once) == dict.fromkeys(TABLES, 0)
