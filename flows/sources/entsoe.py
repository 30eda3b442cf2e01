"""ENTSO-E Transparency Platform: realised generation by production type, 15 to 60 minutes.

The XML is landed as it came: one document a zone and piece of time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flows.sources.context import FetchContext
from flows.sources.entsoe_areas import AREAS, DEFAULT_AREAS
from flows.sources.entsoe_client import LIMITS, Line, Session, ask
from flows.sources.entsoe_points import SOURCE_ID
from flows.sources.entsoe_xml import ACKNOWLEDGEMENT, is_no_data, parse, reason, root_name
from flows.sources.grid_tables import GRID_GENERATION
from flows.sources.protocol import Source
from warehouse.errors import SourceError
from warehouse.landing import Covered, Fetched
from warehouse.spans import Span

_LICENCE = (
    "ENTSO-E Transparency Platform: most data, actual generation per production type among them, "
    "are on its list of data that may be reused without restriction (CC BY 4.0). May be shown; "
    "cite ENTSO-E."
)
_HOUR = timedelta(hours=1)
# Older than this, hours without data are taken as never reported.
_SETTLED = timedelta(days=7)


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """Documents of generation by production type, one a zone and piece of time.

    Raises:
        SourceError: a zone could not be read.
    """
    line = Line(context.settings.circuit_failures)

    def fetch_zone(zone: str) -> Iterator[Fetched]:
        with Session(context, line) as session:
            for span in context.spans(zone):
                yield from _fetch_span(context, session, zone, span)

    yield from context.each(context.zones, fetch_zone)


def _fetch_span(
    context: FetchContext, session: Session, zone: str, span: Span
) -> Iterator[Fetched]:
    hours = _whole_hours(span)
    request = (
        f"GET {context.http.scrub(context.base_url)}?documentType=A75&processType=A16"
        f"&in_Domain={AREAS[zone]}&periodStart={hours.start_at:%Y%m%d%H00}"
        f"&periodEnd={hours.end_at:%Y%m%d%H00}"
    )
    session.line.must_be_up(request)
    try:
        body = ask(context, session, zone, hours, request)
    except SourceError as error:
        session.line.count(is_failure=error.is_transient)
        raise
    session.line.count(is_failure=False)
    if root_name(body) == ACKNOWLEDGEMENT:
        code, text = reason(body)
        if not is_no_data(code, text):
            raise SourceError(
                context.http.scrub(
                    f"{SOURCE_ID}: {request} was answered with code {code or 'none'}: {text}."
                )
            )
        if span.end_at > context.as_of - _SETTLED:
            return
    yield Fetched(
        body=body,
        name=f"{zone}-{span.start_at:%Y%m%dT%H}.xml",
        media_type=session.media_type,
        request=request,
        licence=_LICENCE,
        about={"zone": zone},
        covers=Covered(zone, span),
    )


def _whole_hours(span: Span) -> Span:
    """``span`` widened to whole hours: the client would round to the nearest, and lose some."""
    start_at = span.start_at.replace(minute=0, second=0, microsecond=0)
    return Span(start_at, start_at + -(-(span.end_at - start_at) // _HOUR) * _HOUR)


SOURCE = Source(
    source_id=SOURCE_ID,
    title="ENTSO-E realised generation by production type",
    publisher="ENTSO-E, the European network of transmission system operators for electricity",
    homepage_url="https://transparency.entsoe.eu/",
    licence=_LICENCE,
    licence_url="https://transparency.entsoe.eu/content/static_content/Static%20content/"
    "terms%20and%20conditions/terms%20and%20conditions.html",
    citation=(
        "ENTSO-E Transparency Platform, Actual Generation per Production Type (document A75, "
        "process A16), https://transparency.entsoe.eu/, with the date of access."
    ),
    description=(
        "Mean generation by production type of European countries and bidding zones, in intervals "
        "of 15, 30 or 60 minutes. It gives no carbon intensity: that is worked out from the mix "
        "with emission factors."
    ),
    cadence=timedelta(minutes=60),
    parser_version=1,
    tables=(GRID_GENERATION,),
    fetch=fetch,
    parse=parse,
    base_url="https://web-api.tp.entsoe.eu/api",
    base_url_env="ENTSOE_ENDPOINT_URL",
    key_env="ENTSOE_API_KEY",
    is_key_required=True,
    limits=LIMITS,
    zones=tuple(AREAS),
    default_zones=DEFAULT_AREAS,
    chunk=timedelta(days=90),
    known_faults=(
        "No data and some errors are acknowledgements with status 200: code 999 means that nothing "
        "is there (APIS.md section 7).",
        "On curve type A03 a value that repeats is left out; it is carried to the next point. "
        "Where data are missing a series breaks into several periods; gaps stay gaps.",
        "Some operators publish what plants consume as a series of its own; it is subtracted for "
        "pumped and other storage, and left aside for all else as a part of the load.",
        "Values below zero occur outside storage too (gas of NO5 at -0.4 MW in a recorded answer).",
        "Countries overlap with their bidding zones (DE and DE_LU, NO and NO_1 to NO_5) and are "
        "never to be added to them.",
        "entsoe-py 0.8.1 rounds times to the nearest hour, which loses up to half an hour at an "
        "end; whole hours are asked for instead.",
    ),
)
