"""Comparisons a layperson knows, computed by hand."""

import pytest

from panel_app import equivalents


def test_much_energy_is_compared_with_dwellings():
    # 36 MWh / 3.6 MWh a year = 10 dwellings.
    found = equivalents.of_energy(36_000)
    assert "10 average EU dwellings" in found.sentence
    assert found.source_url.startswith("https://www.odyssee-mure.eu/")


def test_little_energy_is_compared_with_a_lamp():
    # 1 Wh / 10 W = 0.1 h = 6 minutes.
    assert "6 minutes" in equivalents.of_energy(0.001).sentence


def test_emissions_are_compared_with_a_car():
    # 12.24 kg / 0.1224 kg a km = 100 km.
    found = equivalents.of_emissions(12.24)
    assert "100 km" in found.sentence
    assert found.source_url.startswith("https://www.eea.europa.eu/")


@pytest.mark.parametrize("nothing", [None, 0.0, float("nan")])
def test_nothing_is_like_nothing(nothing):
    assert equivalents.of_energy(nothing) is None
    assert equivalents.of_emissions(nothing) is None
