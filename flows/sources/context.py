"""What a fetch may know and use: settings, clock, what came before, and the provider's client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice

from flows.sources.http import ProviderHttp
from flows.sources.http_errors import AccessError, ProviderDownError
from flows.sources.protocol import Source
from warehouse.environment import read_variable
from warehouse.errors import InputError, SourceError
from warehouse.landing import Fetched, Landing
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.spans import Span, chunks, subtract


@dataclass(frozen=True)
class FetchContext:
    """One source's view of one run.

    Attributes:
        settings: The settings.
        landing: What has landed already.
        run: The run's clock.
        source: Whose fetch it is.
        coverage: For each series, the time that was asked for and loaded.
        backfill: The time to fill; None in an ordinary run.
        only_zones: Zones that were asked for on the command line; empty means the settings'.
        is_full: Ask for everything again, whatever was asked before.
    """

    settings: Settings
    landing: Landing
    run: Run
    source: Source | None = None
    coverage: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    backfill: Span | None = None
    only_zones: tuple[str, ...] = ()
    is_full: bool = False

    @property
    def as_of(self) -> datetime:
        """The run's clock at its start."""
        return self.run.as_of

    @property
    def is_backfill(self) -> bool:
        """Whether history is asked for, and nothing else (no forecast, no newest value)."""
        return self.backfill is not None

    def already_landed(self, sha256: str) -> bool:
        """Whether a body with this hash is kept, so that asking for it again is needless."""
        return self.landing.has(sha256)

    def variable(self, name: str) -> str | None:
        """A variable of the provider's, such as its key."""
        return read_variable(self.settings, name)

    @property
    def key(self) -> str | None:
        """The access key, if it is set."""
        return self.variable(self._source.key_env or "")

    @property
    def base_url(self) -> str:
        """Where the provider is asked, without a slash at its end."""
        chosen = self.variable(self._source.base_url_env) or self._source.base_url
        return chosen.rstrip("/")

    @cached_property
    def http(self) -> ProviderHttp:
        """The provider's client; made when first needed."""
        source = self._source
        # A user's name is no secret, and may be a word that bodies are full of.
        names = [
            name
            for name in (source.key_env, *source.login_env)
            if name and not name.endswith("_USER")
        ]
        secrets = [value for name in names if (value := self.variable(name))]
        return ProviderHttp(
            self.settings,
            source.source_id,
            self.base_url,
            source.limits,
            secrets=secrets,
            # A kept answer is found by its address, which may hold the key.
            is_cacheable=source.is_cacheable and not secrets,
        )

    @property
    def zones(self) -> tuple[str, ...]:
        """The provider's keys of the zones to ask for: the command line's, else the settings'.

        Raises:
            InputError: a zone is not one of the provider's.
        """
        source = self._source
        chosen = self.only_zones or self.settings.zones_of(source.source_id)
        if not chosen:
            return source.default_zones
        known = {zone.casefold(): zone for zone in source.zones}
        if known and (unknown := [zone for zone in chosen if zone.casefold() not in known]):
            raise InputError(
                f"source {source.source_id} has no zone {', '.join(map(repr, unknown))}.",
                remedy=f"It has: {', '.join(source.zones)}.",
            )
        return tuple(dict.fromkeys(known.get(zone.casefold(), zone) for zone in chosen))

    def watermark(self, series_id: str) -> datetime | None:
        """Up to when a series is loaded; None if it never was."""
        return max((span.end_at for span in self.coverage.get(series_id, ())), default=None)

    def spans(self, series_id: str) -> list[Span]:
        """The pieces of time to ask for now, oldest first, none longer than the source's chunk.

        An ordinary run asks from the watermark on, and again for the last ``reread``, because
        providers correct what they said; the very first asks for the last ``first``. A backfill
        asks for what of its range was never loaded.
        """
        source = self._source
        longest = source.chunk or source.first
        if self.backfill is not None:
            end_at = min(self.backfill.end_at, self.as_of)
            wanted = Span(min(self.backfill.start_at, end_at), end_at)
            had = () if self.is_full else self.coverage.get(series_id, ())
            missing = subtract(wanted, had)
        else:
            watermark = None if self.is_full else self.watermark(series_id)
            begin = self.as_of - (source.first if watermark is None else source.reread)
            missing = [Span(min(watermark or begin, begin, self.as_of), self.as_of)]
        return [piece for span in missing for piece in chunks(span, longest)]

    def each(
        self, zones: Iterable[str], fetch_zone: Callable[[str], Iterable[Fetched]]
    ) -> Iterator[Fetched]:
        """The bodies of every zone, a few zones at a time, as the provider's limits allow.

        A zone that fails is reported at the end and does not stop the others; a refused key and a
        provider that is down stop all that was not asked for yet.

        Raises:
            SourceError: some zones failed; the others' bodies were given first.
        """
        asked = list(zones)
        failures: dict[str, SourceError] = {}
        with ThreadPoolExecutor(self._source.limits.concurrency) as pool:
            waiting = iter(asked)
            running = {
                zone: pool.submit(_collect, fetch_zone, zone)
                for zone in islice(waiting, self._source.limits.concurrency)
            }
            while running:
                zone, future = next(iter(running.items()))
                bodies, error = future.result()
                del running[zone]
                is_over = _stops_all(error)
                if error is not None:
                    failures[zone] = error
                if is_over:
                    waiting = iter(())
                for following in islice(waiting, 1):
                    running[following] = pool.submit(_collect, fetch_zone, following)
                yield from bodies
        if failures:
            raise _combined(self._source.source_id, len(asked), failures)

    def close(self) -> None:
        """Close the provider's client, if one was made."""
        if "http" in self.__dict__:
            self.http.close()

    @property
    def _source(self) -> Source:
        if self.source is None:
            raise RuntimeError("this context was made without its source")
        return self.source


def _collect(
    fetch_zone: Callable[[str], Iterable[Fetched]], zone: str
) -> tuple[list[Fetched], SourceError | None]:
    """What a zone gave before it failed, and how it failed."""
    bodies: list[Fetched] = []
    try:
        for body in fetch_zone(zone):
            bodies.append(body)  # noqa: PERF402 - what came before a failure is kept
    except SourceError as error:
        return bodies, error
    return bodies, None


def _stops_all(error: SourceError | None) -> bool:
    if isinstance(error, AccessError):
        return error.is_about_the_key
    return isinstance(error, ProviderDownError)


def _combined(source_id: str, count: int, failures: Mapping[str, SourceError]) -> SourceError:
    for error in failures.values():
        if isinstance(error, ProviderDownError) or count == 1:
            return error
    reasons = list(dict.fromkeys(error.message for error in failures.values()))
    shown = "; ".join(reasons[:3]) + (f"; and {len(reasons) - 3} more" if len(reasons) > 3 else "")
    remedies = list(dict.fromkeys(error.remedy for error in failures.values() if error.remedy))
    return SourceError(
        f"{source_id}: {len(failures)} of {count} parts failed ({', '.join(failures)}): {shown}",
        remedy=" ".join(remedies[:2]),
        is_transient=all(error.is_transient for error in failures.values()),
    )
