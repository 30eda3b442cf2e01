"""Settings come from one place; a run has one clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.errors import InputError, SettingsError
from warehouse.run import Run, parse_instant
from warehouse.settings import Settings, get_settings


def test_every_path_is_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOULEHOUSE_DATA_DIR", "somewhere/else")
    settings = Settings()

    assert settings.data_dir == Path.cwd() / "somewhere" / "else"
    for name in ("build_path", "landing_dir", "published_dir", "prefect_home", "dbt_dir"):
        assert getattr(settings, name).is_absolute()


def test_a_bad_setting_is_named_with_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOULEHOUSE_DASHBOARD_PORT", "99999")
    get_settings.cache_clear()

    with pytest.raises(SettingsError, match=r"JOULEHOUSE_DASHBOARD_PORT='99999' .*\.env"):
        get_settings()
    get_settings.cache_clear()


def test_nothing_listens_beyond_this_machine_by_default() -> None:
    fields = Settings.model_fields

    assert fields["dashboard_host"].default == "127.0.0.1"
    assert fields["prefect_host"].default == "127.0.0.1"


def test_the_clock_of_a_run_starts_at_as_of() -> None:
    as_of = datetime(2020, 5, 17, tzinfo=UTC)
    run = Run.start(as_of)

    assert timedelta(0) <= run.now() - as_of < timedelta(seconds=30)
    assert run.run_id.startswith("20200517T000000Z-")


def test_a_run_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InputError, match="no time zone"):
        Run("x", datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T06:00:00Z", datetime(2026, 11, 22, 6, tzinfo=UTC)),
        ("2026-11-22T06:00:00+02:00", datetime(2026, 11, 22, 4, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
    ],
)
def test_instants_are_read_as_utc(text: str, expected: datetime) -> None:
    assert parse_instant(text) == expected


def test_what_is_no_instant_is_refused_with_an_example() -> None:
    with pytest.raises(InputError, match=r"'tomorrow' is not an instant.*2026-11-22"):
        parse_instant("tomorrow")
