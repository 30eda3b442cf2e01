"""The servers that play the grid providers keep to the providers' contracts.

Their bodies have the fields of recorded ones, their ranges end where the providers' end, and they
refuse what the providers refuse.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.sources.registry import SOURCES

PAYLOADS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "payloads"
SERVE = Path(__file__).resolve().parents[2] / "providers" / "serve.py"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EIA_PATH = "/v2/electricity/rto/fuel-type-data/data"
EIA_QUERY = {"frequency": "hourly", "data[]": "value", "facets[respondent][]": "CISO"}
ENTSOE_QUERY = {"documentType": "A75", "processType": "A16", "in_Domain": "10YFR-RTE------C"}

Get = Callable[..., httpx.Response]


@pytest.fixture
def get(provider_server) -> Get:
    """An answer of a provider, with its key."""

    def ask(source_id: str, path: str, params: dict[str, Any] | None = None) -> httpx.Response:
        state = provider_server.state(source_id)
        params, headers = dict(params or {}), {}
        match source_id:
            case "eia":
                params["api_key"] = state.key
            case "entsoe":
                params["securityToken"] = state.key
            case "electricity-maps":
                headers["auth-token"] = state.key
            case "watttime":
                login = provider_server.url(source_id) + "/login"
                token = httpx.get(login, auth=(state.user, state.password)).json()["token"]
                headers["Authorization"] = f"Bearer {token}"
        return httpx.get(provider_server.url(source_id) + path, params=params, headers=headers)

    return ask


def _fields(part: Any) -> set[str]:
    """The paths of all fields of a JSON document, lists left out of them."""
    if isinstance(part, list):
        return {path for each in part for path in _fields(each)}
    if isinstance(part, dict):
        inner = {f"{name}.{path}" for name, each in part.items() for path in _fields(each)}
        return inner | part.keys()
    return set()


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="no recorded answers beside this repository")
@pytest.mark.parametrize(
    ("source_id", "path", "params", "recorded", "not_ours"),
    [
        ("gb-carbon-intensity", "/intensity/2026-11-22T10:00Z/fw24h", {},
         "gb-carbon-intensity/uk_national_bluehands.json", set()),
        ("gb-carbon-intensity", "/regional/intensity/2026-11-22T10:00Z/fw24h/regionid/11", {},
         "gb-carbon-intensity/response.json", {"data.postcode"}),
        ("energy-charts", "/co2eq", {"country": "de"}, "energy-charts/de_co2.json", set()),
        ("electricity-maps", "/v3/carbon-intensity/latest", {"zone": "DE"},
         "electricitymaps/latest_carbon_intensity.json", set()),
        ("electricity-maps", "/v3/carbon-intensity/history", {"zone": "DE"},
         "electricitymaps/carbon_intensity_history.json", set()),
        ("watttime", "/v3/signal-index", {"region": "PSCO", "signal_type": "co2_moer"},
         "watttime/realtime_emissions_response.json", set()),
        ("eia", EIA_PATH, EIA_QUERY, "eia/US-NW-PGE-with-nulls.json",
         {"response.query execution", "response.count query execution"}),
    ],
)  # fmt: skip
def test_bodies_have_the_fields_of_recorded_ones(source_id, path, params, recorded, not_ours, get):
    body = get(source_id, path, params).json()
    expected = _fields(json.loads((PAYLOADS / recorded).read_text()))
    assert expected - _fields(body) == not_ours


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="no recorded answers beside this repository")
def test_xml_has_the_elements_of_the_recorded_one(get):
    query = ENTSOE_QUERY | {"periodStart": "202611200000", "periodEnd": "202611210000"}
    recorded = (PAYLOADS / "entsoe" / "NO-NO5_production.xml").read_text()
    made = get("entsoe", "", query).text
    assert set(re.findall(r"<[\w.]+", recorded)) <= set(re.findall(r"<[\w.]+", made))


def test_ranges_end_where_the_providers_ranges_end(get):
    # GB: the half-hour before the beginning comes too, 49 for a day.
    rows = get("gb-carbon-intensity", "/intensity/2026-11-20T00:00Z/2026-11-21T00:00Z").json()
    assert len(rows["data"]) == 49
    assert rows["data"][0]["to"] == "2026-11-20T00:00Z"
    day = {"start": "2026-11-20T00:00:00Z", "end": "2026-11-21T00:00:00Z"}
    maps = get("electricity-maps", "/v4/carbon-intensity/past-range", day | {"zone": "DE"}).json()
    assert len(maps["data"]) == 24  # the end is left out
    place = {"region": "CAISO_NORTH", "signal_type": "co2_moer"}
    points = get("watttime", "/v3/historical", day | place).json()["data"]
    assert len(points) == 24 * 12 + 1  # both ends are included
    hours = get("eia", EIA_PATH, EIA_QUERY | {"start": "2026-11-20T00", "end": "2026-11-21T00"})
    assert hours.json()["response"]["total"] == str(25 * 11)  # both ends, eleven fuels
    charts = {"country": "fr", "start": "2026-11-20T00:00Z", "end": "2026-11-21T00:00Z"}
    assert len(get("energy-charts", "/public_power", charts).json()["unix_seconds"]) == 25
    query = ENTSOE_QUERY | {"periodStart": "202611200000", "periodEnd": "202611210000"}
    text = get("entsoe", "", query | {"psrType": "B14"}).text
    assert text.count("<position>") == 24


@pytest.mark.parametrize(
    ("day", "quarter_hours"),
    [("2026-03-29", 23 * 4), ("2026-10-25", 25 * 4), ("2026-10-26", 24 * 4)],
)
def test_local_days_have_23_to_25_hours(day, quarter_hours, get):
    body = get("energy-charts", "/public_power", {"country": "de", "start": day, "end": day})
    assert len(body.json()["unix_seconds"]) == quarter_hours


@pytest.mark.parametrize(
    ("source_id", "path", "params", "status"),
    [
        ("gb-carbon-intensity", "/intensity/2026-11-01T00:00Z/2026-11-16T00:00Z", {}, 400),
        ("gb-carbon-intensity", "/intensity/2026-11-01/2026-11-02", {}, 400),
        ("electricity-maps", "/v4/carbon-intensity/past-range",
         {"zone": "DE", "start": "2026-11-01T00:00Z", "end": "2026-11-12T00:00Z"}, 400),
        ("watttime", "/v3/historical", {"region": "PSCO", "signal_type": "co2_moer",
         "start": "2026-10-01T00:00Z", "end": "2026-11-03T00:00Z"}, 400),
        ("watttime", "/v3/historical", {"region": "DE", "signal_type": "co2_moer"}, 403),
        ("energy-charts", "/co2eq", {"country": "xx"}, 404),
        ("eia", EIA_PATH, EIA_QUERY | {"frequency": "yearly"}, 400),
        ("entsoe", "", ENTSOE_QUERY | {"periodStart": "202401010000",
         "periodEnd": "202601010000"}, 400),
    ],
)  # fmt: skip
def test_what_the_providers_refuse_is_refused(source_id, path, params, status, get):
    assert get(source_id, path, params).status_code == status


def test_pages_hold_five_thousand_rows_at_most(get):
    query = EIA_QUERY | {"start": "2026-10-01T00", "end": "2026-11-01T00", "length": "9000"}
    answers = [get("eia", EIA_PATH, query | {"offset": n}).json() for n in (0, 5000, 10000)]
    # 745 ends of hours, both ends included, of eleven fuels.
    assert [len(each["response"]["data"]) for each in answers] == [5000, 745 * 11 - 5000, 0]
    assert "warnings" in answers[0]["response"]


def test_nothing_is_an_acknowledgement_with_status_200(get):
    query = ENTSOE_QUERY | {"periodStart": "202611230000", "periodEnd": "202611240000"}
    answer = get("entsoe", "", query)
    assert answer.status_code == 200
    assert "<code>999</code>" in answer.text


def test_curve_a03_leaves_out_what_repeats_and_gaps_break_a_series(get, provider_server):
    entsoe = provider_server.state("entsoe")
    quantities = [7, 7, 9, None, None, 9]
    for hour, value in enumerate(quantities):
        at = datetime(2026, 11, 20, hour, tzinfo=UTC)
        entsoe.put("quantity", "10YFR-RTE------C", "B14", at, "generation", value=value)
    query = ENTSOE_QUERY | {"periodStart": "202611200000", "periodEnd": "202611200600"}
    entsoe.curve = "A03"
    text = get("entsoe", "", query | {"psrType": "B14"}).text
    assert text.count("<Period>") == 2
    points = [line.split("<")[0] for line in text.split("<position>")[1:]]
    assert points == ["1", "3", "1"]  # the second repeats the first


def test_future_is_not_told_and_revisions_come_when_they_are_known(get, provider_server):
    gb = provider_server.state("gb-carbon-intensity")
    at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    gb.put("actual", at, value=55, known_from=datetime(2026, 11, 22, 13, tzinfo=UTC))

    def told() -> int | None:
        body = get("gb-carbon-intensity", "/intensity/2026-11-22T10:00Z").json()
        return body["data"][0]["intensity"]["actual"]

    provider_server.world.now = datetime(2026, 11, 22, 10, 10, tzinfo=UTC)
    assert told() is None
    provider_server.world.now = NOON
    first = told()
    assert first not in (None, 55)
    provider_server.world.now = datetime(2026, 11, 22, 13, tzinfo=UTC)
    assert told() == 55


def test_sandbox_key_gives_numbers_that_say_so(provider_server):
    url = provider_server.url("electricity-maps") + "/v4/carbon-intensity/latest?zone=DE"
    key = provider_server.state("electricity-maps").sandbox_key
    body = httpx.get(url, headers={"auth-token": key}).json()
    assert body["estimationMethod"] == "SANDBOX_MODE_DATA"
    assert "SANDBOX MODE" in body["_disclaimer"]


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("duplicates", {}, [1, 1, 2, 3, 3]),
        ("dropped", {}, [2]),
        ("nulls", {"field": "value"}, [None, 2, None]),
        ("renamed_some", {"field": "value"}, ["gone", 2, "gone"]),
        ("renamed", {"field": "value"}, ["gone", "gone", "gone"]),
        ("new_enum", {"field": "value", "value": 9, "every": 3}, [9, 2, 3]),
    ],
)
def test_rows_are_spoilt_as_asked_and_the_data_stay_whole(kind, options, expected, provider_server):
    provider_server.faults.add("eia", kind, path_part="/data", **options)
    rows = [{"inner": {"value": number}} for number in (1, 2, 3)]
    active = provider_server.faults.take("eia", "/v2/data")
    assert [row["inner"].get("value", "gone") for row in active.disturb(rows)] == expected
    assert [row["inner"]["value"] for row in rows] == [1, 2, 3]
    untouched = provider_server.faults.take("eia", "/v2/other").disturb(rows)
    assert untouched == rows


def test_every_live_source_finds_its_provider_by_its_own_variables(provider_server):
    variables = provider_server.environment()
    for source_id in provider_server.source_ids:
        source = SOURCES[source_id]
        assert variables[source.base_url_env] == provider_server.url(source_id), source_id
        needed = {source.key_env, *source.login_env} - {None}
        assert needed <= variables.keys(), source_id
    archives = {each for each, source in SOURCES.items() if source.base_url_env == "PIP_INDEX_URL"}
    own = {each for each, source in SOURCES.items() if source.is_import_only}
    assert set(SOURCES) - archives - own - {"joulehouse-seeds"} == set(provider_server.source_ids)


def test_server_started_by_hand_prints_what_points_here():
    process = subprocess.Popen(
        [sys.executable, "-P", str(SERVE), "--port", "0", "--now", NOON.isoformat()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = []
        while not lines or not lines[-1].startswith("# Ctrl-C"):
            lines.append(process.stdout.readline())
            assert lines[-1], "it ended"
        exports = [line.removeprefix("export ").strip() for line in lines if "export " in line]
        variables = dict(line.split("=", 1) for line in exports)
        url = variables["JOULEHOUSE_GB_CARBON_INTENSITY_URL"]
        body = httpx.get(f"{url}/intensity").json()
        assert body["data"][0]["from"] == "2026-11-22T12:00Z"
        assert variables["EIA_API_KEY"].startswith("planted-")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
