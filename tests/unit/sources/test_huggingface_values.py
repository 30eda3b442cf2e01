"""``co2_eq_emissions`` in each shape that authors have given it."""

import math

import pytest

from flows.sources.huggingface_values import declared_in, read_declared, read_number


@pytest.mark.parametrize(
    ("declaration", "grams"),
    [
        (150, 150.0),
        (10.5, 10.5),
        ({"emissions": 0}, 0.0),
        ("17g", 17.0),
        ("49.49 g", 49.49),
        ("0,15", 0.15),
        ("1e-5", 1e-5),
        ("12 gCO2", 12.0),
        ("17 g (estimated)", 17.0),
        ("0.15 kg", 150.0),
        ("2.3 kgCO2eq", 2300.0),
        ("0,5 kg CO2 eq.", 500.0),
        ("539 metric tons", 539e6),
        ("2 lbs", 2 * 453.59237),
        ({"emissions": {"value": 3, "unit": "kg"}}, 3000.0),
    ],
)
def test_value_is_read_in_grams_unless_it_names_another_unit(declaration, grams):
    (one,) = read_declared(declaration)
    assert float(one.grams) == pytest.approx(grams, rel=1e-12)


@pytest.mark.parametrize("text", ["0.15 kg", "1 t", "3 lb", "400 mg"])
def test_other_unit_is_flagged(text):
    (one,) = read_declared(text)
    assert "other_unit" in one.flags


def test_number_without_a_unit_is_never_scaled():
    # 0.15 may be kilograms; the Hub's documentation asks for grams.
    (one,) = read_declared({"emissions": 0.15, "source": "CodeCarbon"})
    assert (one.grams, one.unit, one.flags) == ("0.15", None, [])


@pytest.mark.parametrize(
    ("text", "value", "is_grouped"),
    [
        ("1,234", 1234.0, True),
        ("1,5", 1.5, False),
        ("0,150", 0.15, False),
        ("1,234.5", 1234.5, True),
        ("1.234,5", 1234.5, True),
        ("12,345,678", 12_345_678.0, True),
        ("1.234", 1.234, False),
        ("1.5e3", 1500.0, False),
        ("\u22123", -3.0, False),
    ],
)
def test_comma_parts_decimals_or_thousands(text, value, is_grouped):
    assert read_number(text) == (value, is_grouped)


@pytest.mark.parametrize(
    "text", ["TBD", "tbd.", "N/A", "unknown", "", "  ", "[More Information Needed]", "not measured"]
)
def test_placeholder_is_kept_without_a_value(text):
    (one,) = read_declared({"emissions": text, "source": "x"})
    assert one.grams is None
    assert one.flags == ["placeholder"]
    assert one.source == "x"


@pytest.mark.parametrize(
    "text",
    ["5-10 kg", "a lot", "12 bananas", "3 kWh", "40 gCO2eq/kWh", "30 minutes", "nan"],
)
def test_text_that_is_no_amount_is_handed_on_to_be_refused(text):
    (one,) = read_declared(text)
    assert one.grams is not None
    try:
        assert not math.isfinite(float(one.grams))
    except ValueError:
        assert one.grams.startswith(text[:3])


def test_list_of_one_key_objects_with_dashes_and_spaces_is_one_record():
    (one,) = read_declared(
        [
            {"emissions": "17g"},
            {"training-type": "Pre-Training"},
            {"geographical location": "Quebec, Canada"},
            {"hardware used": "T4"},
        ]
    )
    assert one.shape == "list"
    assert one.grams == "17.0"
    assert one.training_type == "pretraining"
    assert (one.location, one.hardware) == ("Quebec, Canada", "T4")


def test_list_of_several_values_gives_each():
    found = read_declared([{"emissions": 1, "source": "a"}, {"emissions": 2}, 3])
    assert [(one.grams, one.source) for one in found] == [
        ("1.0", "a"),
        ("2.0", None),
        ("3.0", None),
    ]


def test_block_without_a_value_says_so():
    (one,) = read_declared({"hardware_used": "4 x A100"})
    assert (one.grams, one.flags, one.hardware) == (None, ["no_value"], "4 x A100")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("fine-tuning", "fine_tuning"),
        ("Finetuning", "fine_tuning"),
        ("pre-training", "pretraining"),
        ("pretraining", "pretraining"),
        ("both", None),
    ],
)
def test_training_type_is_read_in_its_spellings(text, kind):
    (one,) = read_declared({"emissions": 1, "training_type": text})
    assert one.training_type == kind


def test_key_of_the_block_is_found_however_it_is_spelt():
    assert declared_in({"CO2-eq-emissions": 3}) == 3
    assert declared_in({"co2_eq_emissions": None}) is None
    assert declared_in("text") is None
    assert read_declared(None) == []
