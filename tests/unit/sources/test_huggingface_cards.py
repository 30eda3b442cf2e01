"""Model cards: front matter in any state, and what the text states, each with its quote."""

import random
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from flows.sources import huggingface
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
SHARED = Path(__file__).parents[4] / "shared" / "data" / "payloads" / "huggingface"
CARD = """---
license: mit
co2_eq_emissions:
  emissions: 84.5
  source: codecarbon
  hardware_used: NVIDIA L40S
---

# Sparrow 2

- **Hardware Type:** 3x NVIDIA L40S (350 W TDP)
- **Runtime**: 439 GPU hours
- **Datacenter PUE**: 1.51
- **Region**: `europe-north1` (120 gCO2eq/kWh)
- **Total Energy**: 696.25 kWh
- **Total CO2 Emissions**: 84.5 kg CO2eq (Finland)
- **Hours used:** 23
- **Cloud Provider:** [More Information Needed]

Inference takes 0.3 Wh per query. We trained for 3 days on 1,200 hours of speech.
"""


def _parse(text, name="birds__sparrow-2.README.md", **about):
    about = {"kind": "readme", "model": "birds/sparrow-2", "sha": "5a", **about}
    body = text if isinstance(text, bytes) else text.encode()
    return huggingface.parse(Arrival(body, name, NOW, about))


def _rows(parsed, table, *columns):
    return parsed.frames[f"huggingface_{table}"].select(columns).rows()


def _statements(text):
    parsed = _parse(text)
    columns = ("kind", "stated_value", "stated_unit", "stated_text", "confidence")
    return _rows(parsed, "card_statements", *columns)


def test_labelled_lines_are_read_with_their_units():
    assert _statements(CARD)[:9] == [
        ("hardware", None, None, "3x NVIDIA L40S (350 W TDP)", 0.9),
        ("device_hours", 439.0, "h", None, 0.9),
        ("pue", 1.51, "1", None, 0.9),
        ("region", None, None, "europe-north1", 0.9),
        ("carbon_intensity", 120.0, "gCO2e/kWh", None, 0.5),
        ("energy", 696.25, "kWh", None, 0.9),
        ("emissions", 84_500.0, "gCO2e", None, 0.9),
        ("region", None, None, "Finland", 0.8),
        ("duration", 23.0, "h", None, 0.9),
    ]


def test_running_text_counts_for_less_and_hours_of_speech_for_nothing():
    # Three days are 72 hours; the energy of a query is no energy of training.
    assert _statements(CARD)[9:] == [("duration", 72.0, "h", None, 0.3)]
    assert _statements("We trained for 3 days on 8 x A100 80GB.") == [
        ("duration", 72.0, "h", None, 0.6),
        ("hardware", None, None, "8 x A100 80GB", 0.6),
    ]


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        ("Carbon emitted: 12,5 kg", "emissions", 12_500.0),
        ("A total of 1,212.4 kgCO$_2$eq was emitted.", "emissions", 1_212_400.0),
        ("The estimated emissions are 0.4 tCO<sub>2</sub>eq.", "emissions", 400_000.0),
        ("Energy consumed (kWh): 12.5", "energy", 12.5),
        ("- CO2 Emissions (in grams): 1.7963", "emissions", 1.7963),
        (
            "- **Carbon Emitted (Power consumption x Time x Carbon produced based on location of "
            "power grid):** 11250 kg CO2 eq.",
            "emissions",
            11_250_000.0,
        ),
        ("Training time: 2h 30m", "duration", 2.5),
        ("Training time: 01:30:36", "duration", 1.51),
        ("Training consumed 1.2 MWh.", "energy", 1200.0),
        ("It took 1.7M GPU hours to train.", "device_hours", 1.7e6),
        ("| Training time | 3.5 days |", "duration", 84.0),
        ("Efficiency of 0.37 kgCO$_2$eq/kWh", "carbon_intensity", 370.0),
    ],
)
def test_figure_is_converted_from_the_unit_that_is_written(line, kind, value):
    found = {row[0]: row[1] for row in _statements(line)}
    assert found[kind] == pytest.approx(value)


def test_statement_quotes_its_line_and_tells_where_it_stands():
    parsed = _parse(CARD)
    columns = ("kind", "quoted_span", "char_offset", "extractor_version")
    energy = [row for row in _rows(parsed, "card_statements", *columns) if row[0] == "energy"]
    assert energy == [("energy", "- **Total Energy**: 696.25 kWh", CARD.index("696.25"), 1)]
    long = "Training consumed " + "very " * 200 + "much: 5 kWh of energy " + "x" * 500
    (quote,) = _rows(_parse(long), "card_statements", "quoted_span")[0]
    assert len(quote) <= 300
    assert "5 kWh" in quote


@pytest.mark.parametrize(
    "line",
    [
        "GPU: yes",
        "Location: see the paper",
        "Temperature: 0.7",
        "Power consumption: 350 W",
        "Hours used: [More Information Needed]",
        "It needs 16 GB.",
        "Duration: 30 seconds a clip",
    ],
)
def test_line_that_states_nothing_gives_nothing(line):
    assert _statements(line) == []


def test_code_blocks_state_nothing():
    assert _statements("```\nemissions = 5 kWh of training\n```\n") == []


@pytest.mark.parametrize(
    ("text", "state", "grams"),
    [
        ("---\nco2_eq_emissions: 5\n---\n# A", "ok", 5.0),
        ("\n\n---\nco2_eq_emissions: 5\n---\n# A", "late", 5.0),
        ("# A\n\n---\nco2_eq_emissions:\n  emissions: 900\n---\n", "late", 900.0),
        ('---\nlanguage: "en\nco2_eq_emissions:\n  emissions: 77.5\n---\n# A', "broken", 77.5),
        ("---\nlicense: mit\nco2_eq_emissions:\n\temissions: 41\n---\n", "broken", 41.0),
        ("---\nco2_eq_emissions:\n  emissions: 33\n\n# A model\n", "broken", 33.0),
        ("---\na: &x [1]\nb: [*x, *x]\nco2_eq_emissions: 17g\n---\n", "broken", 17.0),
        ("\ufeff---\r\nco2_eq_emissions: 5\r\n---\r\n# A", "ok", 5.0),
    ],
)
def test_front_matter_is_read_in_any_state(text, state, grams):
    parsed = _parse(text)
    assert _rows(parsed, "cards", "state", "front_matter", "declared_count") == [("read", state, 1)]
    assert _rows(parsed, "emissions", "declared_in", "emissions_gco2e") == [("readme", grams)]


def test_rule_in_the_text_is_no_front_matter():
    parsed = _parse("# Title\n\n---\n\nWords: more words\n\n---\n\nTotal energy: 5 kWh\n")
    assert _rows(parsed, "cards", "front_matter") == [("absent",)]
    assert len(_rows(parsed, "card_statements", "kind")) == 1


@pytest.mark.parametrize("state", ["missing", "refused"])
def test_card_that_was_not_given_is_noted(state):
    parsed = _parse(b"", state=state)
    assert _rows(parsed, "cards", "state", "front_matter") == [(state, None)]
    assert parsed.row_count == 1


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("birds__sparrow-2.README.md", "birds/sparrow-2"),
        ("birds__sparrow-2.md", "birds/sparrow-2"),
        ("some/folder/birds/sparrow-2/README.md", "birds/sparrow-2"),
    ],
)
def test_imported_card_is_named_by_its_file(name, model):
    about = huggingface.SOURCE.about_file(name)
    assert about == {"kind": "readme", "model": model}


def test_bare_readme_is_named_by_its_heading_or_refused():
    about = huggingface.SOURCE.about_file("README.md")
    parsed = huggingface.parse(Arrival(CARD.encode(), "README.md", NOW, about))
    assert _rows(parsed, "cards", "model_id") == [("Sparrow-2",)]
    with pytest.raises(ParseError, match=r"ORG__NAME.README.md"):
        huggingface.parse(Arrival(b"no heading", "README.md", NOW, about))


@pytest.mark.parametrize("body", [b"\x00\x01\x02", b"<!DOCTYPE html><p>Sign in"])
def test_body_that_is_no_card_is_refused(body):
    with pytest.raises(ParseError, match="Markdown was expected"):
        _parse(body)


def test_spoilt_cards_end_in_rows_or_in_a_parse_error():
    chance = random.Random(7)  # noqa: S311 - made-up faults, the same each time
    for _ in range(300):
        body = bytearray(CARD.encode())
        for _ in range(chance.randrange(1, 30)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        try:
            parsed = _parse(bytes(body[: chance.randrange(len(body))]))
        except ParseError:
            continue
        assert parsed.frames["huggingface_cards"].height == 1


def test_hostile_lines_take_no_time():
    # Each would take minutes with an unbounded repetition.
    for line in ("1,1" * 3000, "- " * 3000 + ":", "a" * 5000 + ": " + "*_" * 3000, "?" * 5000):
        _parse(f"---\nx: 1\n---\nTraining {line} kWh\n{line}\n")


@pytest.mark.skipif(not SHARED.exists(), reason="the recorded payloads are not on this machine")
def test_recorded_lines_give_the_energy_and_emissions_of_their_cards():
    for entry in orjson.loads((SHARED / "nkluge_cards.json").read_bytes()):
        found = {row[0]: row[1] for row in _statements("\n".join(entry["body_lines"]))}
        declared = entry["co2_eq_emissions"]["emissions"]
        assert found["emissions"] == pytest.approx(declared, rel=0.02), entry["path"]
        assert found["energy"] > 0
