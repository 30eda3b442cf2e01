"""Numbers as text: three significant digits, a unit that fits, and unknown stays unknown."""

from datetime import UTC, date, datetime, timedelta

import pytest

from panel_app import format as fmt


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1234.5, "1,230"),
        (0.001234, "0.00123"),
        (1.20, "1.2"),
        (99_950, "100,000"),
        (0, "0"),
        (-0.4726, "-0.473"),
        (100, "100"),
    ],
)
def test_plain_numbers_keep_three_significant_digits(number, text):
    assert fmt.significant(number) == text


@pytest.mark.parametrize(
    ("energy_kwh", "text"),
    [
        (0.5, "500 Wh"),
        (36_400, "36.4 MWh"),
        (21_600_000, "21.6 GWh"),
        (999.7, "1 MWh"),
        (999.4, "999 kWh"),
        # Watt-hours are kept down to a hundredth: 0.04 Wh is 4e-5 kWh.
        (4e-5, "0.04 Wh"),
        (4e-6, "4 mWh"),
        (0, "0 Wh"),
    ],
)
def test_energy_has_the_unit_that_fits(energy_kwh, text):
    assert fmt.energy(energy_kwh) == text


def test_both_ends_of_a_range_share_a_unit():
    assert fmt.energy_range(600_000, 2_400_000) == "0.6 to 2.4 GWh"


def test_ends_that_are_a_thousand_times_apart_have_a_unit_each():
    assert fmt.energy_range(32.7, 3_820_000) == "32.7 kWh to 3.82 GWh"


@pytest.mark.parametrize(
    ("emissions_kgco2e", "text"),
    [
        (12_200, "12.2 t CO₂e"),
        (0.0089, "8.9 g CO₂e"),
        (0.00000891, "8.91 mg CO₂e"),
        (8_900_000, "8.9 kt CO₂e"),
    ],
)
def test_emissions_are_grams_kilograms_or_tonnes(emissions_kgco2e, text):
    assert fmt.emissions(emissions_kgco2e) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(105, "105"), (5007, "5,007"), (934_000, "934 thousand"), (1_869_205, "1.87 million")],
)
def test_counts_are_exact_while_they_are_small(number, text):
    assert fmt.count(number) == text


@pytest.mark.parametrize(
    ("duration_h", "text"),
    [(1 / 60, "1 minute"), (2.5, "2.5 hours"), (48, "2 days"), (24 * 365.25 * 3, "3 years")],
)
def test_durations_read_in_their_largest_unit(duration_h, text):
    assert fmt.duration(duration_h) == text


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")])
@pytest.mark.parametrize(
    "written",
    [fmt.significant, fmt.energy, fmt.joules, fmt.emissions, fmt.intensity, fmt.count, fmt.share],
)
def test_an_unknown_number_is_not_zero(written, nothing):
    assert written(nothing) == fmt.UNKNOWN


def test_a_range_without_an_end_is_unknown():
    assert fmt.energy_range(None, 5.0) == fmt.UNKNOWN


def test_instants_are_shown_in_utc():
    assert fmt.instant(datetime(2026, 11, 2, 6, 5, tzinfo=UTC)) == "2 Nov 2026, 06:05 UTC"
    assert fmt.instant(None) == fmt.UNKNOWN
    assert fmt.day(date(2024, 7, 23)) == "23 Jul 2024"


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=400), "1 year ago"),
    ],
)
def test_ages_are_whole_units(elapsed, text):
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert fmt.age(now - elapsed, now) == text


def test_the_unit_of_an_axis_fits_its_largest_value():
    assert fmt.fitting_unit(25_500_000, "mass_g") == (1e6, "t")
    assert fmt.fitting_unit(0.006, "mass_g") == (1e-3, "mg")
