"""ENTSO-E Transparency Platform: actual generation per type (A75, A16) as XML.

The contract: the token is in the query; times ``yyyyMMddHHmm`` in UTC, the end excluded, at most
a year; one ``TimeSeries`` a type, and one of consumption where a plant also takes power; several
``Period`` blocks where data are missing; curve type A03 leaves out points that repeat; no data
is an acknowledgement with code 999, with status 200.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from local_providers import Provider, World, faults_of, floor, steps, wave
from local_providers.faults import ActiveFaults
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

NAMESPACE = "urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0"
ACKNOWLEDGEMENT = "urn:iec62325.351:tc57wg16:451-1:acknowledgementdocument:8:0"
RESOLUTIONS = {15: "PT15M", 30: "PT30M", 60: "PT60M"}
# MW: lowest and highest of each type.
TYPES = {
    "B01": (500.0, 5000.0), "B02": (3000.0, 14000.0), "B04": (2000.0, 12000.0),
    "B05": (1000.0, 9000.0), "B06": (0.0, 300.0), "B10": (0.0, 5000.0), "B11": (900.0, 2100.0),
    "B12": (0.0, 600.0), "B14": (20000.0, 50000.0), "B16": (0.0, 45000.0), "B17": (300.0, 800.0),
    "B18": (0.0, 7000.0), "B19": (500.0, 40000.0), "B20": (0.0, 250.0),
}  # fmt: skip
# Area code, minutes of its intervals, its types.
AREAS = {
    "10Y1001A1001A82H": (15, ("B01", "B02", "B04", "B05", "B10", "B11", "B16", "B18", "B19")),
    "10Y1001A1001A83F": (15, ("B01", "B02", "B04", "B05", "B10", "B11", "B16", "B18", "B19")),
    "10YFR-RTE------C": (60, ("B04", "B05", "B06", "B10", "B11", "B12", "B14", "B16", "B19")),
    "10Y1001A1001A48H": (60, ("B04", "B11", "B12", "B19")),
    "10YES-REE------0": (60, ("B04", "B10", "B14", "B16", "B19")),
    "10YNL----------L": (15, ("B04", "B05", "B16", "B18", "B19")),
    "10YPL-AREA-----S": (60, ("B02", "B04", "B05", "B19")),
}


class Entsoe(Provider):
    """The one address of the web API.

    Attributes:
        lag: how long after its end an interval is known.
        curve: A01 (every point) or A03 (points that repeat are left out).
        areas: minutes and types of each area.
        empty_status: the status of "no matching data": 200, and 400 in older days.
    """

    source_id = "entsoe"
    base_url_env = "ENTSOE_ENDPOINT_URL"
    key_env = "ENTSOE_API_KEY"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.lag = timedelta(hours=1)
        self.curve = "A01"
        self.areas = dict(AREAS)
        self.empty_status = 200

    def quantity(
        self, area: str, kind: str, at: datetime, direction: str = "generation"
    ) -> float | None:
        """MW of a type in an interval, as it is said now; None leaves a gap."""
        low, high = TYPES.get(kind, (0.0, 100.0))
        # Whole tens repeat now and then, so that curve A03 has something to leave out.
        made = round(wave(f"entsoe {area} {kind} {direction}", at, low, high) / 100) * 10
        return self.look_up("quantity", area, kind, at, direction, otherwise=made)

    def series(self, area: str) -> list[tuple[str, str]]:
        """The types of an area, each with its direction."""
        kinds = self.areas[area][1]
        taken = [("B10", "consumption")] if "B10" in kinds else []
        return [(kind, "generation") for kind in kinds] + taken

    def routes(self) -> list[Route]:
        return [Route("/", self.answer), Route("/api", self.answer)]

    def refusal(self, request: Request) -> Response | None:
        if request.query_params.get("securityToken") == self.key:
            return None
        return _acknowledge(401, "999", "Unauthorized. Missing or invalid security token.")

    def error_in_200(self, _request: Request) -> Response:
        return _acknowledge(200, "B01", "An internal error occurred. Please try again later.")

    def answer(self, request: Request) -> Response:
        query = request.query_params
        kind, process = query.get("documentType"), query.get("processType")
        if kind != "A75" or process != "A16":
            return _acknowledge(
                400, "999", "The combination is not valid: check you request against dependency "
                f"tables. documentType={kind} processType={process}"
            )  # fmt: skip
        area = query.get("in_Domain", "")
        start, end = _instant(query.get("periodStart")), _instant(query.get("periodEnd"))
        if start is None or end is None or end <= start:
            return _acknowledge(400, "999", "Delivered time interval is not valid for this Data.")
        if end - start > timedelta(days=366):
            return _acknowledge(
                400,
                "999",
                "The amount of requested data exceeds allowed limit: 1 year.",
            )
        minutes = self.areas.get(area, (60,))[0]
        step = timedelta(minutes=minutes)
        known = min(end, floor(self.now - self.lag, step))
        starts = steps(start, known, step)
        if area not in self.areas or not starts:
            return self._nothing(area, start, end)
        active = faults_of(request)
        series = self._series(active, area, query.get("psrType"), starts, step)
        if not series:
            return self._nothing(area, start, end)
        if (new := active.get("new_enum")) and new.option("field") == "psrType":
            series[0]["psrType"] = new.option("value", "B99")
        if (old := active.get("renamed")) and old.option("field") == "psrType":
            series = [{**each, "tag": old.option("to", "psrKind")} for each in series]
        body = _document(area, starts[0], starts[-1] + step, self.curve, self.now, series)
        return Response(body, media_type="text/xml")

    def _series(
        self, active: ActiveFaults, area: str, wanted: str | None, starts: list[datetime],
        step: timedelta,
    ) -> list[dict[str, Any]]:  # fmt: skip
        found = []
        for psr_type, direction in self.series(area):
            if wanted not in (None, psr_type):
                continue
            values = [(at, self.quantity(area, psr_type, at, direction)) for at in starts]
            blocks = _blocks(values, step)
            periods = [_period(block, step, self.curve, active) for block in blocks]
            if periods:
                found.append({"psrType": psr_type, "direction": direction, "periods": periods})
        return found

    def _nothing(self, area: str, start: datetime, end: datetime) -> Response:
        return _acknowledge(
            self.empty_status, "999",
            "No matching data found for Data item ACTUAL_GENERATION_PER_TYPE_R3 [16.1.B&C] "
            f"({area}) and interval {_stamp(start)}/{_stamp(end)}.",
        )  # fmt: skip


def _blocks(
    values: list[tuple[datetime, float | None]], step: timedelta
) -> list[list[tuple[datetime, float]]]:
    """Runs of intervals without a gap."""
    blocks: list[list[tuple[datetime, float]]] = []
    for at, value in values:
        if value is None:
            continue
        if blocks and blocks[-1][-1][0] + step == at:
            blocks[-1].append((at, value))
        else:
            blocks.append([(at, value)])
    return blocks


def _period(
    block: list[tuple[datetime, float]],
    step: timedelta,
    curve: str,
    active: ActiveFaults,
) -> dict[str, Any]:
    points = [
        {"position": number, "quantity": value}
        for number, (_, value) in enumerate(block, 1)
        if curve == "A01" or number == 1 or value != block[number - 2][1]
    ]
    return {
        "start": block[0][0],
        "end": block[-1][0] + step,
        "resolution": RESOLUTIONS[int(step.total_seconds() // 60)],
        "points": active.disturb(points),
    }


def _document(
    area: str, start: datetime, end: datetime, curve: str, now: datetime,
    series: list[dict[str, Any]],
) -> str:  # fmt: skip
    party = (
        '<{0}_MarketParticipant.mRID codingScheme="A01">10X1001A1001A450'
        "</{0}_MarketParticipant.mRID>"
        "<{0}_MarketParticipant.marketRole.type>A32</{0}_MarketParticipant.marketRole.type>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<GL_MarketDocument xmlns="{NAMESPACE}">\n'
        "<mRID>fcde5738d7be426a923846473793e73e</mRID><revisionNumber>1</revisionNumber>"
        "<type>A75</type><process.processType>A16</process.processType>"
        f"{party.format('sender')}{party.format('receiver')}"
        f"<createdDateTime>{now:%Y-%m-%dT%H:%M:%SZ}</createdDateTime>"
        f"<time_Period.timeInterval><start>{_stamp(start)}</start><end>{_stamp(end)}</end>"
        "</time_Period.timeInterval>\n"
        + "\n".join(_series(number, area, curve, one) for number, one in enumerate(series, 1))
        + "\n</GL_MarketDocument>"
    )


def _series(number: int, area: str, curve: str, series: dict[str, Any]) -> str:
    domain = "inBiddingZone" if series["direction"] == "generation" else "outBiddingZone"
    tag = series.get("tag", "psrType")
    periods = "\n".join(
        f"<Period><timeInterval><start>{_stamp(one['start'])}</start><end>{_stamp(one['end'])}</end>"
        f"</timeInterval><resolution>{one['resolution']}</resolution>"
        + "".join(_point(point) for point in one["points"])
        + "</Period>"
        for one in series["periods"]
    )
    return (
        f"<TimeSeries><mRID>{number}</mRID><businessType>A01</businessType>"
        "<objectAggregation>A08</objectAggregation>"
        f'<{domain}_Domain.mRID codingScheme="A01">{area}</{domain}_Domain.mRID>'
        f"<quantity_Measure_Unit.name>MAW</quantity_Measure_Unit.name><curveType>{curve}</curveType>"
        f"<MktPSRType><{tag}>{series['psrType']}</{tag}></MktPSRType>\n{periods}</TimeSeries>"
    )


def _point(point: dict[str, Any]) -> str:
    tags = "".join(
        f"<{name}>{escape(str(value))}</{name}>"
        for name, value in point.items()
        if value is not None and not isinstance(value, dict)
    )
    return f"<Point>{tags}</Point>"


def _acknowledge(status: int, code: str, text: str) -> Response:
    return Response(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Acknowledgement_MarketDocument xmlns="{ACKNOWLEDGEMENT}">'
        "<mRID>b9c1c3b1-0001</mRID><createdDateTime>2026-11-22T12:00:00Z</createdDateTime>"
        f"<Reason><code>{code}</code><text>{escape(text)}</text></Reason>"
        "</Acknowledgement_MarketDocument>",
        status,
        media_type="text/xml",
    )


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%MZ")


def _instant(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
