"""ENTSO-E's documents of generation: curves, gaps, storage, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources.entsoe_areas import AREAS
from flows.sources.entsoe_xml import parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = ROOT.parent / "shared" / "data" / "payloads" / "entsoe"
TABLE = "grid_generation"
FRANCE = AREAS["FR"]
NAMESPACE = "urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0"
Points = Sequence[tuple[object, object]]


def period(points: Points, *, hours: int = 4, resolution: str = "PT60M", start: int = 0) -> str:
    """Points (position, quantity) over hours of 1 January; None leaves the element out."""
    begin = START + start * HOUR
    tags = ("position", "quantity")
    written = "".join(
        "<Point>"
        + "".join(
            f"<{tag}>{text}</{tag}>"
            for tag, text in zip(tags, point, strict=True)
            if text is not None
        )
        + "</Point>"
        for point in points
    )
    return (
        f"<Period><timeInterval><start>{begin:%Y-%m-%dT%H:%MZ}</start>"
        f"<end>{begin + hours * HOUR:%Y-%m-%dT%H:%MZ}</end></timeInterval>"
        f"<resolution>{resolution}</resolution>{written}</Period>"
    )


def series(
    *periods: str,
    psr: str = "B14",
    curve: str = "A01",
    unit: str = "MAW",
    domain: str = "in",
    area: str = FRANCE,
) -> str:
    kind = f"<MktPSRType><psrType>{psr}</psrType></MktPSRType>" if psr else ""
    return (
        "<TimeSeries><mRID>1</mRID>"
        f'<{domain}BiddingZone_Domain.mRID codingScheme="A01">{area}'
        f"</{domain}BiddingZone_Domain.mRID>"
        f"<quantity_Measure_Unit.name>{unit}</quantity_Measure_Unit.name>"
        f"<curveType>{curve}</curveType>{kind}{''.join(periods)}</TimeSeries>"
    )


def document(*parts: str, kind: str = "A75", process: str = "A16", head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<GL_MarketDocument xmlns="{NAMESPACE}">'
        f"<mRID>x</mRID><type>{kind}</type><process.processType>{process}</process.processType>"
        f"<time_Period.timeInterval><start>2020-01-01T00:00Z</start></time_Period.timeInterval>"
        f"{''.join(parts)}</GL_MarketDocument>"
    ).encode()


def acknowledgement(code: str, text: str) -> bytes:
    return (
        '<Acknowledgement_MarketDocument xmlns="urn:any"><mRID>y</mRID>'
        f"<Reason><code>{code}</code><text>{text}</text></Reason></Acknowledgement_MarketDocument>"
    ).encode()


def read(body: bytes, **about: str) -> Parsed:
    return parse(Arrival(body, "FR.xml", NOON, about))


def values(parsed: Parsed) -> list[tuple[Any, ...]]:
    """Hours since the start, type and MW, in order."""
    frame = parsed.frames[TABLE].sort("production_type", "interval_start_at")
    return [
        ((at - START) / HOUR, kind, mw)
        for at, kind, mw in frame.select(
            "interval_start_at", "production_type", "generation_mw"
        ).iter_rows()
    ]


ONE_TO_FOUR: Points = [(1, 10), (2, 20), (3, 30), (4, 40)]


def test_points_are_placed_by_their_position():
    parsed = read(document(series(period(ONE_TO_FOUR))))
    assert parsed.frames[TABLE].rows() == [
        ("FR", START + n * HOUR, 60, "Nuclear", 10.0 * (n + 1)) for n in range(4)
    ]
    assert parsed.rejects.is_empty()


@pytest.mark.parametrize(
    ("resolution", "minutes"), [("PT15M", 15), ("PT30M", 30), ("PT60M", 60), ("PT1H", 60)]
)
def test_resolution_gives_the_length_of_intervals(resolution, minutes):
    parsed = read(document(series(period([(1, 5), (2, 6)], resolution=resolution))))
    assert parsed.frames[TABLE]["interval_minutes"].unique().to_list() == [minutes]
    assert [at for at, _, _ in values(parsed)] == [0, minutes / 60]


def test_curve_a01_leaves_gaps_where_points_are_missing():
    parsed = read(document(series(period([(1, 10), (4, 40)]))))
    assert values(parsed) == [(0, "Nuclear", 10.0), (3, "Nuclear", 40.0)]


def test_curve_a03_holds_a_point_until_the_next_and_to_the_end():
    parsed = read(document(series(period([(2, 20), (4, 40)], hours=6), curve="A03")))
    # Nothing is known of the first hour; 20 MW hold for hours 2 and 3, 40 MW for 4 to 6.
    assert values(parsed) == [
        (hour, "Nuclear", mw)
        for hour, mw in [(1, 20.0), (2, 20.0), (3, 40.0), (4, 40.0), (5, 40.0)]
    ]


def test_curve_a03_does_not_carry_across_a_point_that_cannot_be_read():
    points: Points = [(1, 10), (2, "n/a"), (4, 40)]
    parsed = read(document(series(period(points), curve="A03")))
    assert values(parsed) == [(0, "Nuclear", 10.0), (3, "Nuclear", 40.0)]
    assert parsed.rejects["offending_value"].to_list() == ["n/a"]


def test_blocks_of_a_broken_series_stand_apart():
    blocks = (period([(1, 1), (2, 2)], hours=2), period([(1, 7)], hours=1, start=5))
    parsed = read(document(series(*blocks)))
    assert values(parsed) == [(0, "Nuclear", 1.0), (1, "Nuclear", 2.0), (5, "Nuclear", 7.0)]


def test_storage_is_net_of_what_it_consumed():
    generated = series(period([(1, 100), (2, 0)]), psr="B10")
    consumed = series(period([(1, 30), (2, 80), (3, 50)]), psr="B10", domain="out")
    # 100 - 30 = 70; 0 - 80 = -80; nothing generated - 50 = -50.
    assert values(read(document(generated, consumed))) == [
        (0, "Hydro Pumped Storage", 70.0),
        (1, "Hydro Pumped Storage", -80.0),
        (2, "Hydro Pumped Storage", -50.0),
    ]


def test_what_other_plants_consume_is_left_aside():
    body = document(
        series(period([(1, 100)]), psr="B16"),
        series(period([(1, 3), (2, 3)]), psr="B16", domain="out"),
    )
    assert values(read(body)) == [(0, "Solar", 100.0)]


def test_unknown_production_type_and_negative_value_are_kept():
    body = document(series(period([(1, -4)]), psr="B99"))
    assert values(read(body)) == [(0, "B99", -4.0)]


def test_repeated_and_shuffled_points_make_one_row_each():
    points: Points = [(3, 30), (1, 10), (2, 20), (1, 10)]
    assert [mw for _, _, mw in values(read(document(series(period(points)))))] == [10, 20, 30]


def test_any_namespace_and_prefix_will_do():
    body = document(series(period(ONE_TO_FOUR)))
    other = body.replace(b":3:0", b":4:9")
    prefixed = body.replace(b"xmlns=", b"xmlns:g=").replace(b"</", b"</g:").replace(b"<", b"<g:")
    prefixed = prefixed.replace(b"<g:/g:", b"</g:").replace(b"<g:?", b"<?")
    assert values(read(other)) == values(read(prefixed)) == values(read(body))


@pytest.mark.parametrize(
    ("spoilt", "column", "value", "reason"),
    [
        (series(period([(0, 1)])), "interval_start_at", "0", "no position within its period"),
        (series(period([(5, 1)])), "interval_start_at", "5", "no position within its period"),
        (series(period([("x", 1)])), "interval_start_at", "x", "no position within its period"),
        (series(period([(None, 1)])), "interval_start_at", None, "no position within"),
        (series(period([(1, "abc")])), "generation_mw", "abc", "cannot be read as a finite"),
        (series(period([(1, "NaN")])), "generation_mw", "NaN", "cannot be read as a finite"),
        (series(period([(1, None)])), "generation_mw", None, "cannot be read as a finite"),
        (series(period([(1, 1)]), unit="KWT"), "generation_mw", "KWT", "unit MAW"),
        (series(period([(1, 1)]), curve="A99"), "interval_start_at", "A99", "curve type"),
        (series(period([(1, 1)]), psr=""), "production_type", None, "required, but empty"),
        (series(period([(1, 1)], resolution="P1D")), "interval_minutes", "P1D", "PT15M"),
        (series(period([(1, 1)], hours=0)), "interval_start_at", None, "a period with start"),
    ],
)
def test_bad_point_is_set_aside_and_the_others_stay(spoilt, column, value, reason):
    parsed = read(document(series(period(ONE_TO_FOUR)), spoilt))
    assert len(values(parsed)) == 4
    ((location, found_column, found_value, found_reason),) = parsed.rejects.select(
        "location", "column_name", "offending_value", "reason"
    ).rows()
    assert location.startswith("FR.xml ")
    assert found_column == column
    assert value in (found_value, None)
    assert found_reason.startswith(reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no element came"),
        (b"{}", "XML was expected"),
        (b"<html><body>busy</body></html>", "GL_MarketDocument.* was expected"),
        (document(series(period(ONE_TO_FOUR)))[:-30], "whole XML was expected"),
        (document(series(period(ONE_TO_FOUR)), kind="A65"), "field 'type' value 'A65'"),
        (document(series(period(ONE_TO_FOUR)), process="A01"), "processType' value 'A01'"),
        (document(), "'Point'.*missing from every row"),
        (document(series(period([(1, None), (2, None)]))), "'quantity'.*missing from every"),
        (document(series(period([(None, 1)]))), "'position'.*missing from every row"),
        (document(series(period([(1, 1)]), psr="")), "'psrType'.*missing from every row"),
        (acknowledgement("B01", "An internal error"), "value 'B01'.*An internal error"),
        (acknowledgement("999", "exceeds the allowed limit"), "exceeds the allowed limit"),
    ],
)
def test_body_that_is_no_such_document_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        read(body)


def in_utf_16(body: bytes) -> bytes:
    return body.decode().replace("UTF-8", "UTF-16").encode("utf-16")


def test_document_type_declarations_are_refused():
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
    for head in (bomb, '<!DOCTYPE a SYSTEM "file:///etc/hosts">'):
        with pytest.raises(ParseError, match="document type declaration"):
            read(document(series(period(ONE_TO_FOUR)), head=head))
        with pytest.raises(ParseError, match="document type declaration"):
            read(in_utf_16(document(series(period(ONE_TO_FOUR)), head=head)))


def test_acknowledgement_of_no_data_is_nothing():
    parsed = read(acknowledgement("999", "No matching data found for Data item X"))
    assert parsed.row_count == 0
    assert parsed.rejects.is_empty()


def test_document_of_another_area_than_was_asked_for_is_refused():
    body = document(series(period(ONE_TO_FOUR), area=AREAS["ES"]))
    assert read(body).frames[TABLE]["provider_zone"].unique().to_list() == ["ES"]
    assert read(body, zone="ES").row_count == 4
    with pytest.raises(ParseError, match=r"10YFR-RTE------C of FR was asked for"):
        read(body, zone="FR")


def test_unknown_area_keeps_its_code():
    parsed = read(document(series(period([(1, 1)]), area="10Y-UNKNOWN-----X")))
    assert parsed.frames[TABLE]["provider_zone"].to_list() == ["10Y-UNKNOWN-----X"]


@given(st.data())
def test_mutated_bytes_never_end_in_another_error(data):
    body = bytearray(
        document(
            series(period(ONE_TO_FOUR), curve="A03"),
            series(period([(1, 3)]), psr="B10", domain="out"),
        )
    )
    for _ in range(data.draw(st.integers(0, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ParseError):
        read(bytes(body[: data.draw(st.integers(0, len(body)))]))


TEXT = st.one_of(
    st.none(),
    st.integers(-3, 8),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.sampled_from(["", " 2 ", "1e3", "two", "-0", "1_000", "0x1"]),
)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=8))
def test_each_point_is_loaded_or_set_aside(points):
    distinct = {str(position).strip(): (position, mw) for position, mw in points}
    points = [(1, 5), *(each for text, each in distinct.items() if text not in ("1", "01", "+1"))]
    parsed = read(document(series(period(points))))
    assert parsed.row_count + parsed.rejects.height == len(points)


def test_recorded_documents_are_read_or_refused():
    if not PAYLOADS.is_dir():
        pytest.skip("the recorded documents are not beside this repository")
    for name in ("NO-NO5_production.xml", "NO-NO5_production-negatives.xml"):
        parsed = parse(Arrival((PAYLOADS / name).read_bytes(), name, NOON))
        assert parsed.row_count == 5 * 47  # five types, 2023-05-09 09:00 to 05-11 08:00
        assert parsed.rejects.is_empty()
        assert parsed.frames[TABLE]["provider_zone"].unique().to_list() == ["NO_5"]
    assert parsed.frames[TABLE]["generation_mw"].min() < 0
    for name, kind in (
        ("DK-DK1_consumption.xml", "A65"),
        ("FR_prices.xml", "Publication_MarketDocument"),
        ("DK-DK1_DK-DK2_capacity_week_ahead_export.xml", "Publication_MarketDocument"),
    ):
        with pytest.raises(ParseError, match=kind):
            parse(Arrival((PAYLOADS / name).read_bytes(), name, NOON))
