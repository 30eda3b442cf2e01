"""Epoch's tables: whatever their columns are called today, and nothing taken for a measurement."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sources.epoch import SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAYLOADS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "payloads" / "epoch"
MODEL = {
    "Model": "Tea 7B",
    "Organization": "Tea Lab,University of Mint",
    "Publication date": "2026-03-01",
    "Domain": "Language,Vision",
    "Parameters": "7e9",
    "Training compute (FLOP)": "1.5e23",
    "Training dataset size (total)": "3000000000",
    "Country (of organization)": "Germany",
    "Confidence": "Likely",
    "Training time (hours)": "100.0",
    "Training hardware": "NVIDIA H100 SXM5 80GB,NVIDIA B200",
    "Hardware quantity": "64,8",
    "Training power draw (W)": "80000.5",
    "Abstract": 'Two lines,\n"quoted".',
}
CHIP = {
    "Hardware name": "Kettle K1",
    "Manufacturer": "Kettle",
    "Type": "GPU",
    "Release date": "2025",
    "Tensor-FP16/BF16 performance (FLOP/s)": "1e15",
    "TDP (W)": "700.0",
    "Memory (bytes)": "80e9",
    "ML models": "Tea 7B,Tea 9B",
}


def body_of(*rows: dict[str, str], has_bom: bool = False) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig" if has_bom else "utf-8")


def read(*rows: dict[str, str], has_bom: bool = False) -> Parsed:
    return parse(Arrival(body_of(*rows, has_bom=has_bom), "notable_ai_models.csv", NOON))


@pytest.mark.parametrize("has_bom", [True, False])
def test_model_comes_with_lists_in_one_cell_and_notes_of_two_lines(has_bom):
    (row,) = read(MODEL, has_bom=has_bom).frames["epoch_models"].to_dicts()
    assert (row["model"], row["parameters"], row["training_compute_flop"]) == (
        "Tea 7B",
        7e9,
        1.5e23,
    )
    assert (row["training_hardware"], row["hardware_quantity"]) == (
        "NVIDIA H100 SXM5 80GB,NVIDIA B200",
        "64,8",
    )
    assert row["training_power_draw_w"] == 80000.5


def test_hardware_is_told_by_its_header():
    (row,) = read(CHIP).frames["epoch_hardware"].to_dicts()
    assert (row["hardware_name"], row["tdp_w"], row["memory_bytes"]) == ("Kettle K1", 700.0, 80e9)
    assert (row["release_date"], row["tensor_fp16_bf16_flop_per_s"]) == ("2025", 1e15)


@pytest.mark.parametrize(
    ("row", "now", "before", "column", "table"),
    [
        (MODEL, "Training dataset size (total)", name, "training_dataset_size", "epoch_models")
        for name in ("Training dataset size (gradients)", "Training dataset size (datapoints)")
    ]
    + [
        (MODEL, "Country (of organization)", "Country (from Organization)", "country",
         "epoch_models"),
        (MODEL, "Model", "System", "model", "epoch_models"),
        (CHIP, "Memory (bytes)", "Memory size per board (Byte)", "memory_bytes", "epoch_hardware"),
        (CHIP, "TDP (W)", "tdp  (w)", "tdp_w", "epoch_hardware"),
    ],
)  # fmt: skip
def test_column_is_known_by_its_earlier_names(row, now, before, column, table):
    renamed = {before if name == now else name: value for name, value in row.items()}
    assert read(renamed).frames[table].equals(read(row).frames[table])
    assert read(renamed).frames[table][column].null_count() == 0


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"Parameters": "some"}, "parameters"),
        ({"Training time (hours)": "-3"}, "training_time_h"),
        ({"Training power draw (W)": "nan"}, "training_power_draw_w"),
        ({"Model": ""}, "model"),
    ],
)
def test_bad_row_goes_to_quarantine_and_the_others_stay(changes, column):
    parsed = read(MODEL | changes, MODEL | {"Model": "Tea 9B"})
    assert parsed.frames["epoch_models"]["model"].to_list() == ["Tea 9B"]
    assert parsed.rejects.select("location", "column_name").rows() == [("row 1", column)]


def test_renamed_key_column_stops_the_file():
    renamed = {"Label" if name == "Model" else name: value for name, value in MODEL.items()}
    with pytest.raises(ParseError, match="'Model' or 'System'; found: Label"):
        read(renamed)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"a,b\n1,2\n", b'{"error": 1}', b"\xff\n"])
def test_another_file_is_refused(body):
    with pytest.raises(ParseError, match="epoch"):
        parse(Arrival(body, "ml_hardware.csv", NOON))


@settings(deadline=None)
@given(at=st.integers(0, 700), byte=st.integers(0, 255))
def test_whatever_byte_is_wrong_it_is_read_or_refused(at, byte):
    body = bytearray(body_of(MODEL, MODEL | {"Model": "Tea 9B"}))
    body[at % len(body)] = byte
    for spoilt in (bytes(body), bytes(body[: at % len(body)])):
        try:
            parse(Arrival(spoilt, "notable_ai_models.csv", NOON))
        except ParseError:
            continue


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded bodies are not on this machine")
@pytest.mark.parametrize(
    ("name", "table", "count"),
    [
        ("notable_ai_models.head.csv", "epoch_models", 40),
        ("ml_hardware.csv", "epoch_hardware", 176),
    ],
)
def test_recorded_body_is_read_whole(name, table, count):
    parsed = parse(Arrival((PAYLOADS / name).read_bytes(), name, NOON))
    assert parsed.rejects.is_empty()
    assert parsed.frames[table].height == count


def test_both_files_come_and_are_read(ask_provider):
    bodies = list(fetch(ask_provider(SOURCE, NOON)))
    assert [body.name for body in bodies] == ["notable_ai_models.csv", "ml_hardware.csv"]
    for body in bodies:
        parsed = parse(Arrival(body.body, body.name, NOON))
        assert parsed.row_count > 0
        assert parsed.rejects.is_empty()


def test_missing_file_does_not_keep_the_other_back(ask_provider, provider_server):
    provider_server.faults.add("epoch", "404", path_part="notable")
    context = ask_provider(SOURCE, NOON)
    names: list[str] = []
    with pytest.raises(SourceError, match=r"1 of 2 parts failed \(notable_ai_models\.csv\)"):
        names.extend(body.name for body in fetch(context))
    assert names == ["ml_hardware.csv"]


def test_page_in_place_of_a_table_is_refused(ask_provider, provider_server):
    provider_server.faults.add("epoch", "html_200")
    with pytest.raises(SourceError, match=r"text/csv or text/plain"):
        list(fetch(ask_provider(SOURCE, NOON)))


def test_address_may_be_one_of_the_files(ask_provider, provider_server, monkeypatch):
    context = ask_provider(SOURCE, NOON)
    monkeypatch.setenv("JOULEHOUSE_EPOCH_URL", provider_server.url("epoch") + "/ml_hardware.csv")
    assert len(list(fetch(context))) == 2


def test_absent_files_say_so(ask_provider, provider_server):
    provider_server.faults.add("epoch", "404")
    with pytest.raises(SourceError, match="404"):
        list(fetch(ask_provider(SOURCE, NOON)))
