"""Every fault that a provider can have, met by the client through a real server.

Each ends as repeated and fine, or as an error that names the source, the request without secrets,
what came and what was expected.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from flows.sources.http import ProviderHttp
from flows.sources.http_errors import AccessError, NotFoundError, ProviderDownError
from flows.sources.protocol import Limits
from warehouse.errors import SourceError
from warehouse.settings import Settings

EIA = "eia"
PATH = "/v2/electricity/rto/fuel-type-data/data"
QUERY = {
    "frequency": "hourly",
    "data[]": "value",
    "facets[respondent][]": "CISO",
    "start": "2026-11-20T01",
    "end": "2026-11-20T03",
}
ROWS = 3 * 11  # three ends of hours, both ends of the range included; eleven fuels
RETRIES = 2
ATTEMPTS = RETRIES + 1
FAST = Limits(requests=1000, per=timedelta(seconds=1), concurrency=4)

Maker = Callable[..., ProviderHttp]


@pytest.fixture
def client(provider_server, tmp_path, caplog) -> Iterator[Maker]:
    """Makes clients of the server, with short waits, every log record caught."""
    caplog.set_level(logging.DEBUG)
    made: list[ProviderHttp] = []

    def make(
        source_id: str = EIA,
        limits: Limits = FAST,
        *,
        is_cacheable: bool = False,
        **settings: object,
    ) -> ProviderHttp:
        chosen = {
            "http_retries": RETRIES,
            "http_backoff_s": 0.01,
            "http_timeout_s": 5.0,
            "http_max_wait_s": 20.0,
        }
        http = ProviderHttp(
            Settings(data_dir=tmp_path, **(chosen | settings)),
            source_id,
            provider_server.url(source_id),
            limits,
            secrets=provider_server.secrets(),
            is_cacheable=is_cacheable,
        )
        made.append(http)
        return http

    yield make
    for http in made:
        http.close()


@pytest.fixture
def ask(provider_server) -> Callable[[ProviderHttp], object]:
    """The rows of one request to the EIA's route, with its key."""
    key = provider_server.state(EIA).key

    def get(http: ProviderHttp):
        return http.get_json(PATH, QUERY, secret_params={"api_key": key})

    return get


def _logged(caplog) -> str:
    """All that the client's side wrote; the server's own log is not the client's doing."""
    records = [each for each in caplog.records if not each.name.startswith("uvicorn")]
    return "".join(f"{each.getMessage()}{each.exc_text or ''}" for each in records)


def _rows(answer) -> int:
    return len(answer.json()["response"]["data"])


def _says_what(error: SourceError, server) -> None:
    """The message names source and request; no secret is in it."""
    text = f"{error} {error.remedy}"
    assert "eia" in text
    assert f"GET {server.url(EIA)}{PATH}?frequency=hourly" in text
    assert not [secret for secret in server.secrets() if secret in text]


@pytest.mark.parametrize(
    "kind",
    ["429", "500", "502_html", "503", "html_200", "empty", "truncated", "reset", "closed"],
)
def test_what_passes_by_itself_is_asked_again_and_fine(kind, client, ask, provider_server):
    provider_server.faults.add(EIA, kind, times=RETRIES)
    assert _rows(ask(client())) == ROWS
    assert len(provider_server.requests(EIA)) == ATTEMPTS


def test_silent_provider_is_asked_again(client, ask, provider_server):
    provider_server.faults.add(EIA, "timeout", times=1)
    assert _rows(ask(client(http_timeout_s=0.3))) == ROWS
    assert len(provider_server.requests(EIA)) == 2


@pytest.mark.parametrize(
    ("kind", "what_came"),
    [
        ("429", "429 Too Many Requests"),
        ("500", "500 Internal Server Error"),
        ("502_html", "502 Bad Gateway"),
        ("503", "503 Service Unavailable"),
        ("html_200", "We will be back soon"),
        ("empty", "empty"),
        ("truncated", "not whole JSON"),
        ("reset", "reset"),
        ("closed", "closed"),
        ("timeout", "no answer in time"),
    ],
)
def test_lasting_fault_is_reported_whole(kind, what_came, client, ask, provider_server):
    provider_server.faults.add(EIA, kind)
    timeout_s = 0.2 if kind == "timeout" else 5.0
    with pytest.raises(SourceError) as caught:
        ask(client(http_timeout_s=timeout_s))
    _says_what(caught.value, provider_server)
    assert what_came in str(caught.value)
    assert caught.value.is_transient
    assert len(provider_server.requests(EIA)) == ATTEMPTS


@pytest.mark.parametrize("kind", ["html_200", "truncated", "empty"])
def test_what_was_expected_is_said(kind, client, ask, provider_server):
    provider_server.faults.add(EIA, kind)
    with pytest.raises(SourceError, match=r"application/json .*was expected"):
        ask(client())


def test_html_in_place_of_a_file_is_refused(client, provider_server):
    provider_server.faults.add(EIA, "html_200")
    with pytest.raises(SourceError, match=r"came as text/html, text/csv was expected.*back soon"):
        client().get_bytes(PATH, QUERY, expected=("text/csv",))


def test_json_called_html_is_refused(client, ask, provider_server):
    provider_server.faults.add(EIA, "wrong_type", media_type="text/html")
    with pytest.raises(SourceError, match="came as text/html") as caught:
        ask(client())
    _says_what(caught.value, provider_server)


def test_json_called_plain_text_is_taken(client, ask, provider_server):
    provider_server.faults.add(EIA, "wrong_type", media_type="text/plain")
    assert _rows(ask(client())) == ROWS


@pytest.mark.parametrize(
    ("kind", "is_about_the_key", "excerpt"),
    [
        ("401", True, "Invalid authentication"),
        ("403", False, "No access"),
        ("403_html", False, "Request blocked"),
        ("403_text", False, "error code: 1010"),
    ],
)
def test_refusal_is_not_repeated(kind, is_about_the_key, excerpt, client, ask, provider_server):
    provider_server.faults.add(EIA, kind)
    with pytest.raises(AccessError) as caught:
        ask(client())
    _says_what(caught.value, provider_server)
    assert caught.value.is_about_the_key is is_about_the_key
    assert excerpt in str(caught.value)
    assert not caught.value.is_transient
    assert len(provider_server.requests(EIA)) == 1


def test_what_is_not_there_is_not_asked_again(client, ask, provider_server):
    provider_server.faults.add(EIA, "404")
    with pytest.raises(NotFoundError) as caught:
        ask(client())
    _says_what(caught.value, provider_server)
    assert len(provider_server.requests(EIA)) == 1


def test_refusals_do_not_open_the_circuit(client, ask, provider_server):
    provider_server.faults.add(EIA, "404", times=4)
    http = client(circuit_failures=2)
    for _ in range(4):
        with pytest.raises(NotFoundError):
            ask(http)
    assert _rows(ask(http)) == ROWS


@pytest.mark.parametrize("status", ["429", "503"])
def test_retry_after_in_seconds_is_waited_for(status, client, ask, provider_server):
    provider_server.faults.add(EIA, status, times=1, retry_after=1)
    assert _rows(ask(client())) == ROWS
    first, second = provider_server.requests(EIA)
    assert second.at_s - first.at_s >= 0.99


def test_retry_after_holds_back_every_other_request_too(client, ask, provider_server):
    provider_server.faults.add(EIA, "429", times=1, retry_after=1)
    http = client()
    with ThreadPoolExecutor(4) as pool:
        pool.submit(ask, http).result()
        list(pool.map(ask, [http] * 3))
    refused, *others = provider_server.requests(EIA)
    assert len(others) == 4
    assert min(other.at_s for other in others) - refused.at_s >= 0.99


@pytest.mark.parametrize("skew_s", [0, 3600, -3600])
def test_retry_after_date_is_measured_by_the_providers_own_clock(
    skew_s, client, ask, provider_server
):
    # The date is two seconds ahead of a clock that is an hour off. Both dates are cut to whole
    # seconds, so that the wait asked for is at least one.
    provider_server.faults.add(EIA, "clock_skew", seconds=skew_s)
    provider_server.faults.add(EIA, "429_date", times=1, seconds=2, skew_s=skew_s)
    assert _rows(ask(client())) == ROWS
    first, second = provider_server.requests(EIA)
    assert 0.99 <= second.at_s - first.at_s < 10


def test_retry_after_that_is_nonsense_is_passed_over(client, ask, provider_server):
    provider_server.faults.add(EIA, "429", times=1, retry_after="soon")
    assert _rows(ask(client())) == ROWS
    assert len(provider_server.requests(EIA)) == 2


def test_long_wait_ends_the_run_for_this_provider(client, ask, provider_server):
    provider_server.faults.add(EIA, "429", retry_after=600)
    http = client()
    for _ in range(3):
        with pytest.raises(ProviderDownError) as caught:
            ask(http)
        _says_what(caught.value, provider_server)
        assert caught.value.is_transient
    assert len(provider_server.requests(EIA)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit": '"api";r=0;t=1'},
        {"RateLimit": "limit=100, remaining=0, reset=1"},
        {"RateLimit-Remaining": "0", "RateLimit-Reset": "1"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"},
    ],
)
def test_quota_that_is_used_up_is_waited_for(headers, client, ask, provider_server):
    provider_server.faults.add(EIA, "headers", times=1, **headers)
    http = client()
    assert [_rows(ask(http)) for _ in range(2)] == [ROWS, ROWS]
    first, second = provider_server.requests(EIA)
    assert second.at_s - first.at_s >= 0.99


def test_quota_that_is_left_is_used(client, ask, provider_server):
    provider_server.faults.add(EIA, "headers", RateLimit='"api";r=7;t=300')
    http = client()
    assert [_rows(ask(http)) for _ in range(3)] == [ROWS] * 3


def test_limits_are_kept(client, ask, provider_server):
    # Five a second are allowed; the server counts and would refuse a sixth.
    fault = provider_server.faults.add(EIA, "rate_limit", requests=5, seconds=0.9)
    http = client(limits=Limits(requests=5, per=timedelta(seconds=1), concurrency=4))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, [http] * 12))
    assert [_rows(answer) for answer in answers] == [ROWS] * 12
    assert fault.option("refused", 0) == 0
    assert provider_server.most_within(EIA, 0.9) <= 5
    assert len(provider_server.requests(EIA)) == 12


def test_no_more_requests_at_a_time_than_the_provider_bears(client, ask, provider_server):
    provider_server.faults.add(EIA, "slow", seconds=0.1)
    http = client(limits=Limits(requests=1000, per=timedelta(seconds=1), concurrency=2))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, [http] * 8))
    assert max(each.in_flight for each in provider_server.requests(EIA)) == 2


def test_circuit_opens_after_failures_in_a_row(client, ask, provider_server):
    provider_server.faults.add(EIA, "500")
    http = client(circuit_failures=2)
    for _ in range(2):
        with pytest.raises(SourceError, match="500 Internal Server Error"):
            ask(http)
    with pytest.raises(ProviderDownError, match="2 requests in a row failed") as caught:
        ask(http)
    _says_what(caught.value, provider_server)
    # Two requests with their repetitions; the third was never sent.
    assert len(provider_server.requests(EIA)) == 2 * ATTEMPTS


def test_success_closes_the_count_of_failures(client, ask, provider_server):
    http = client(circuit_failures=2)
    for _ in range(3):
        fault = provider_server.faults.add(EIA, "500", times=ATTEMPTS)
        with pytest.raises(SourceError, match="500"):
            ask(http)
        assert fault.hits == ATTEMPTS
        assert _rows(ask(http)) == ROWS


def test_nobody_listening_is_no_connection(client, ask, provider_server):
    http = client()
    http.base_url = "http://127.0.0.1:9"
    with pytest.raises(SourceError, match=r"eia: GET .*no connection") as caught:
        ask(http)
    assert caught.value.is_transient
    assert not [secret for secret in provider_server.secrets() if secret in str(caught.value)]


@pytest.mark.parametrize(
    "kind", ["401", "403", "500", "502_html", "truncated", "reset", "timeout", "html_200", None]
)
def test_key_is_written_nowhere(kind, client, ask, provider_server, caplog):
    key = provider_server.state(EIA).key
    provider_server.faults.add(EIA, "echo_secrets")
    if kind:
        provider_server.faults.add(EIA, kind, message=f"your key {key} does not work")
    written = ""
    try:
        answer = ask(client(http_timeout_s=0.3))
        written += answer.body.decode() + answer.request
    except SourceError as error:
        written += f"{error!r} {error} {error.remedy}"
    assert provider_server.requests(EIA)[0].query.endswith(f"api_key={key}")
    assert key not in written
    assert "eia" in written or "request_echo" in written
    assert key not in _logged(caplog)


def test_key_in_a_header_is_written_nowhere(client, provider_server, caplog):
    maps = provider_server.state("electricity-maps")
    provider_server.faults.add("electricity-maps", "echo_secrets")
    http = client("electricity-maps")
    answer = http.get_json(
        "/v4/carbon-intensity/latest", {"zone": "DE"}, headers={"auth-token": maps.key}
    )
    assert provider_server.requests("electricity-maps")[0].headers["auth-token"] == maps.key
    assert answer.json()["zone"] == "DE"
    assert maps.key not in answer.body.decode() + answer.request + _logged(caplog)


def test_login_is_written_nowhere_in_any_spelling(client, provider_server, caplog):
    watttime = provider_server.state("watttime")
    provider_server.faults.add("watttime", "echo_secrets")
    http = client("watttime")
    answer = http.get_json("/login", auth=(watttime.user, watttime.password))
    token = next(iter(watttime.tokens))
    http.keep_secret(token)
    second = http.get_json("/v3/my-access", headers={"Authorization": f"Bearer {token}"})
    basic = base64.b64encode(f"{watttime.user}:{watttime.password}".encode()).decode()
    logged = _logged(caplog)
    written = answer.body.decode() + second.body.decode() + second.request + logged
    for secret in (watttime.password, basic):
        assert secret not in written
    assert token not in second.body.decode() + logged


def test_key_does_not_follow_a_redirect(client, provider_server):
    maps = provider_server.state("electricity-maps")
    elsewhere = provider_server.url("gb-carbon-intensity") + "/intensity"
    provider_server.faults.add("electricity-maps", "redirect", to=elsewhere)
    http = client("electricity-maps")
    with pytest.raises(SourceError, match=r"electricity-maps: GET .*/latest") as caught:
        http.get_json("/v4/carbon-intensity/latest", headers={"auth-token": maps.key})
    assert maps.key not in str(caught.value)
    assert provider_server.requests("gb-carbon-intensity") == []


def test_short_values_are_no_secrets(client):
    http = client()
    http.keep_secret("a")
    assert http.scrub("a banana") == "a banana"


def test_address_with_a_password_is_shown_without_it(client):
    assert client().scrub("http://me:hunter2@example.org/x") == "http://***@example.org/x"


def test_broken_body_is_not_kept_by_the_cache(client, provider_server):
    # The file server gives validators: a broken copy that was kept would come back with every 304.
    source_id, path = "ml-energy", "/index.json"
    http = client(source_id, is_cacheable=True)
    provider_server.faults.add(source_id, "truncated", times=ATTEMPTS)
    with pytest.raises(SourceError, match="not whole JSON"):
        http.get_json(path)
    assert http.get_json(path).json()


def test_unchanged_file_is_not_sent_again(client, provider_server):
    source_id, path = "ml-energy", "/index.json"
    http = client(source_id, is_cacheable=True)
    first, second = http.get_json(path), http.get_json(path)
    assert first.body == second.body
    assert [each.status for each in provider_server.requests(source_id)] in ([200, 304], [200])
