"""Members of an archive are read in memory, with bounds and clear refusals."""

import math
import struct

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources import archives
from flows.sources.archives import Archive, text_frame
from warehouse.errors import ParseError
from warehouse.tables import Column, Table, conform


def test_truncated_body_is_refused(make_wheel):
    body = make_wheel({"a.json": {"x": 1}})
    with pytest.raises(ParseError, match=r"source tea.*cut short"):
        Archive(body[: len(body) // 2], source_id="tea")


def test_body_that_is_no_archive_is_refused():
    with pytest.raises(ParseError, match="not a whole zip archive"):
        Archive(b"<html>Sign in to continue</html>", source_id="tea")


def test_missing_member_is_named_with_its_neighbours(make_wheel):
    archive = Archive(make_wheel({"data/b.json": {}}), source_id="tea")
    with pytest.raises(ParseError, match=r"data/a\.json.*data/b\.json"):
        archive.read("data/a.json")
    with pytest.raises(ParseError, match="no such member"):
        archive.names(prefix="data/models/", suffix=".json")


def test_damaged_member_is_refused(make_wheel):
    content = b"0123456789" * 50
    body = bytearray(make_wheel({"a.txt": content}))
    name_end = body.index(b"a.txt") + len("a.txt")
    body[name_end + 3] ^= 0xFF
    archive = Archive(bytes(body), source_id="tea")
    with pytest.raises(ParseError, match=r"at a\.txt.*damaged"):
        archive.read("a.txt")


def test_bomb_is_refused_before_it_is_inflated(make_wheel, monkeypatch):
    body = make_wheel({"a.bin": bytes(1_000_001), "b.bin": bytes(10)})
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 1_000_000)
    archive = Archive(body, source_id="tea")
    with pytest.raises(ParseError, match=r"would inflate to 1,000,001 bytes"):
        archive.read("a.bin")
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 1_000_000)
    with pytest.raises(ParseError, match="archive would inflate"):
        Archive(body, source_id="tea")


def test_member_that_understates_its_size_is_cut_or_refused(make_wheel):
    body = bytearray(make_wheel({"a.bin": bytes(100_000)}))
    entry = body.index(b"PK\x01\x02")
    struct.pack_into("<I", body, entry + 24, 10)
    with pytest.raises(ParseError, match="damaged"):
        Archive(bytes(body), source_id="tea").read("a.bin")


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{", "not JSON"), ("[1]", "expected a JSON object"), ("[" * 100_000, "not JSON")],
)
def test_what_is_no_json_object_is_refused(make_wheel, text, reason):
    archive = Archive(make_wheel({"a.json": text}), source_id="tea")
    with pytest.raises(ParseError, match=rf"at a\.json: {reason}"):
        archive.json_object("a.json")


def test_text_that_is_no_utf8_is_refused(make_wheel):
    archive = Archive(make_wheel({"a.csv": b"caf\xe9"}), source_id="tea")
    with pytest.raises(ParseError, match="not UTF-8"):
        archive.text("a.csv")


def test_csv_skips_the_byte_order_mark_and_empty_lines(make_wheel):
    body = make_wheel({"a.csv": '\ufeffname,tdp\r\n\r\n"A, big",5\r\nB,\r\n'})
    frame, misfits = Archive(body, source_id="tea").csv("a.csv", table="t")
    assert frame.rows() == [("A, big", "5", "a.csv line 3"), ("B", "", "a.csv line 4")]
    assert misfits.is_empty()


def test_csv_line_that_does_not_fit_goes_to_quarantine(make_wheel):
    body = make_wheel({"a.csv": "name,tdp\nA,5\nB,6,7\nC\n"})
    frame, misfits = Archive(body, source_id="tea").csv("a.csv", table="t")
    assert frame["name"].to_list() == ["A"]
    assert misfits.select("location", "offending_value", "reason").rows() == [
        ("a.csv line 3", "B,6,7", "3 fields where the header has 2"),
        ("a.csv line 4", "C", "1 fields where the header has 2"),
    ]


@pytest.mark.parametrize("text", ["", "a,a\n1,2\n"])
def test_csv_without_a_usable_header_is_refused(make_wheel, text):
    archive = Archive(make_wheel({"a.csv": text}), source_id="tea")
    with pytest.raises(ParseError, match="header is empty or names a column twice"):
        archive.csv("a.csv", table="t")


def test_field_must_be_there_and_of_its_kind(make_wheel):
    archive = Archive(make_wheel({"a.json": {}}), source_id="tea")
    with pytest.raises(ParseError, match=r"field 'unit'.*missing; found: units"):
        archive.field({"units": "W"}, "unit", str, "a.json")
    with pytest.raises(ParseError, match=r"field 'rows' value '3': expected a list"):
        archive.field({"rows": 3}, "rows", list, "a.json")
    with pytest.raises(ParseError, match=r"value 'kWh': expected 'MWh'"):
        archive.expect({"unit": "kWh"}, "unit", "MWh", "a.json")


def test_json_values_keep_all_their_digits():
    frame = text_frame([{"a": 0.1 + 0.2, "b": ["x", "y"], "c": None, "d": True}, {"e": {"min": 1}}])
    assert frame.rows() == [
        ("0.30000000000000004", "x; y", None, "true", None),
        (None, None, None, None, '{"min": 1}'),
    ]


@given(st.lists(st.floats() | st.integers() | st.text() | st.none() | st.booleans(), min_size=1))
def test_every_row_is_loaded_or_rejected_and_finite_numbers_are_unchanged(values):
    table = Table("t", "One row per value", (Column("v", pl.Float64, "A number"),), key=("v",))
    frame = text_frame([{"v": value, "at": "here"} for value in values])
    if "v" not in frame.columns:
        return
    good, bad = conform(frame, table, pl.col("at"))
    assert good.height + bad.height == len(values)
    kept = [value for value in good["v"].to_list() if value is not None]
    finite = [float(v) for v in values if isinstance(v, float) and math.isfinite(v)]
    assert all(value in kept for value in finite)


def test_encrypted_member_is_refused(make_wheel):
    body = bytearray(make_wheel({"a.txt": "secret"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(signature) + offset] |= 0x1
    with pytest.raises(ParseError, match=r"a\.txt.*damaged"):
        Archive(bytes(body), source_id="tea").read("a.txt")
