"""The ML CO2 calculator's tables, with their padded header, their NaN and their short row."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sources.mlco2_impact import SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3].parent
PAYLOADS = ROOT / "shared" / "data" / "payloads" / "mlco2-impact"
GPUS = """name,type,tdp_watts,TFLOPS32, TFLOPS16,GFLOPS32/W,GFLOPS16/W,memory,source
Kettle K1,gpu,300,15,30,50,100,32,https://kettle.example/k1
Teapot T2,tpu,280,NaN,Nan,unk,NaN,NaN,kettle.example
Short S3,gpu,150,31.52,,,24,https://kettle.example/s3
"""
INSTANCES = """provider,id,gpu,source
aws,p3.2xlarge, Kettle K1, https://cloud.example/p3/
"""
IMPACTS = """provider,providerName,offsetRatio,region,regionName,country,state,city,impact,source,PUE,PUE source,comment
gcp,Google,100,asia-east1,,Taiwan,,"Changhua County,",557,"measured on  July 2, 2019",1.12,https://x.example,Datacenter-specific
ovh,OVHCloud,0,,,France,,Roubaix,105,,,,
"""  # noqa: E501 - the line of a file


def read(text: str) -> Parsed:
    return parse(Arrival(text.encode(), "file.csv", NOON))


def test_words_for_unknown_are_no_numbers_to_refuse():
    parsed = read(GPUS)
    assert parsed.frames["mlco2_gpus"].select(
        "name", "tdp_watts", "tflops16", "memory_gb"
    ).rows() == [
        ("Kettle K1", 300.0, 30.0, 32.0),
        ("Teapot T2", 280.0, None, None),
    ]


def test_row_with_a_field_too_few_is_refused_and_shown():
    rejects = read(GPUS).rejects.select("location", "column_name", "offending_value").rows()
    assert rejects == [("row 3", "memory_gb", "https://kettle.example/s3")]


def test_instance_loses_its_padding():
    assert read(INSTANCES).frames["mlco2_instances"].rows() == [
        ("aws", "p3.2xlarge", "Kettle K1", "https://cloud.example/p3/")
    ]


def test_region_without_a_code_is_kept_with_its_city():
    frame = read(IMPACTS).frames["mlco2_regions"]
    assert frame.select("provider", "region", "country", "city", "impact", "pue_ratio").rows() == [
        ("gcp", "asia-east1", "Taiwan", "Changhua County,", 557.0, 1.12),
        ("ovh", None, "France", "Roubaix", 105.0, None),
    ]


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        (GPUS.replace("tdp_watts", "tdp"), "'tdp_watts'", "tdp, TFLOPS32"),
        (IMPACTS.replace(",impact,", ",grams,"), "'impact'", "grams"),
        (INSTANCES.replace(",gpu,", ",card,"), "'gpu'", "card"),
        ("a,b\n1,2\n", "none of gpus.csv", "a, b"),
        ("<!DOCTYPE html>", "a CSV table", ""),
        ("", "a CSV table", ""),
    ],
)
def test_another_header_is_refused(text, wanted, found):
    with pytest.raises(ParseError, match=f"{wanted}.*{found}"):
        read(text)


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        (",557,", ",-1,", "impact"),
        (",557,", ",many,", "impact"),
        (",1.12,", ",0.5,", "pue_ratio"),
        (",Taiwan,", ",,", "country"),
    ],
)
def test_bad_row_goes_to_quarantine_and_the_others_stay(before, after, column):
    parsed = read(IMPACTS.replace(before, after))
    assert parsed.frames["mlco2_regions"]["provider"].to_list() == ["ovh"]
    assert parsed.rejects["column_name"].to_list() == [column]


@settings(deadline=None)
@given(at=st.integers(0, 500), byte=st.integers(0, 255), text=st.sampled_from([GPUS, IMPACTS]))
def test_whatever_byte_is_wrong_it_is_read_or_refused(at, byte, text):
    body = bytearray(text.encode())
    body[at % len(body)] = byte
    for spoilt in (bytes(body), bytes(body[: at % len(body)])):
        try:
            parse(Arrival(spoilt, "gpus.csv", NOON))
        except ParseError:
            continue


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded bodies are not on this machine")
@pytest.mark.parametrize(
    ("name", "good", "bad"), [("gpus.csv", 47, 1), ("instances.csv", 14, 0), ("impact.csv", 82, 0)]
)
def test_recorded_body_is_read(name, good, bad):
    parsed = parse(Arrival((PAYLOADS / name).read_bytes(), name, NOON))
    assert (parsed.row_count, parsed.rejects.height) == (good, bad)


def test_all_three_files_come_and_are_read(ask_provider, provider_server):
    bodies = list(fetch(ask_provider(SOURCE, NOON)))
    assert [body.name for body in bodies] == ["gpus.csv", "instances.csv", "impact.csv"]
    parsed = [parse(Arrival(body.body, body.name, NOON)) for body in bodies]
    state = provider_server.state("mlco2-impact")
    assert [each.row_count for each in parsed] == [
        len(state.gpus),
        len(state.instances),
        len(state.impacts),
    ]
    assert [each.rejects.height for each in parsed] == [len(state.short_rows), 0, 0]


def test_one_file_that_fails_stops_no_other(ask_provider, provider_server):
    provider_server.faults.add("mlco2-impact", "403_text", path_part="instances")
    context = ask_provider(SOURCE, NOON)
    names: list[str] = []
    with pytest.raises(SourceError, match=r"instances\.csv"):
        names.extend(body.name for body in fetch(context))
    assert names == ["gpus.csv", "impact.csv"]
