"""Quantities as people type them."""

import pytest

from panel_app.quantity import parse_quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7B", 7e9),
        ("1.4 T", 1.4e12),
        ("300 million", 3e8),
        ("3.1e23", 3.1e23),
        ("7,000,000", 7e6),
        ("512", 512.0),
        ("0.4", 0.4),
        (".5k", 500.0),
        ("", None),
        ("   ", None),
    ],
)
def test_usual_spellings_are_read(text, number):
    assert parse_quantity(text) == (pytest.approx(number) if number is not None else None)


@pytest.mark.parametrize("text", ["seven", "7Q", "1..2", "=1+1", "7B tokens", "1e999"])
def test_nonsense_is_refused_with_the_value_in_the_message(text):
    with pytest.raises(ValueError, match=text[:3].replace("=", "=").replace("+", r"\+")):
        parse_quantity(text)
