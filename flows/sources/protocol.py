"""What a source is: how to fetch it, how to read it, and what must be said beside its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from warehouse.landing import Fetched, Landing
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.tables import Parsed, Table


@dataclass(frozen=True)
class FetchContext:
    """What a fetch may know: the settings, what has landed already, and the run's clock."""

    settings: Settings
    landing: Landing
    run: Run

    def already_landed(self, sha256: str) -> bool:
        """Whether a body with this hash is kept, so that asking for it again is needless."""
        return self.landing.has(sha256)


@dataclass(frozen=True)
class Source:
    """One provider. ``fetch`` talks to it and knows no tables; ``parse`` is pure.

    Attributes:
        source_id: key, lower case with hyphens.
        licence: what may be done with the data, data set by data set where they differ.
        citation: the words and addresses to cite, for every data set in the source.
        cadence: how often a new answer can be expected.
        parser_version: raise it when ``parse`` reads the same bytes differently.
        tables: the raw tables that ``parse`` fills.
        fetch: bodies that have not landed yet; raises ``SourceError``.
        parse: one body to rows and rejects; raises ``ParseError`` if it cannot be read at all.
        known_faults: what is wrong with the data, each with its evidence.
        key_env: the variable that holds the access key, if one is needed.
    """

    source_id: str
    title: str
    publisher: str
    homepage_url: str
    licence: str
    licence_url: str
    citation: str
    description: str
    cadence: timedelta
    parser_version: int
    tables: tuple[Table, ...]
    fetch: Callable[[FetchContext], Iterable[Fetched]]
    parse: Callable[[bytes], Parsed]
    known_faults: tuple[str, ...] = ()
    key_env: str | None = None
