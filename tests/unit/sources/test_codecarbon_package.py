"""CodeCarbon's data files: units stay beside their numbers until staging converts them."""

from collections.abc import Callable

import pytest

from flows.sources import codecarbon_package
from warehouse.errors import ParseError
from warehouse.tables import Parsed

DATA = "codecarbon/data/"
COUNTRY = {
    "iso_code": "ABW",
    "country_name": "Aruba",
    "year": 2022,
    "carbon_intensity": 561.224,
    "total_TWh": 0.98,
    "fossil_TWh": 0.83,
    "per_capita_Wh": 9205.4,
}
MEMBERS: dict[str, object] = {
    f"{DATA}private_infra/global_energy_mix.json": {"ABW": COUNTRY},
    f"{DATA}private_infra/carbon_intensity_per_source.json": {
        "unit": "gCO2.eq/kWh",
        "coal": 995,
        "coal_source": "https://example.org/coal",
    },
    f"{DATA}private_infra/nordic_emissions.json": {
        "metadata": {"source": "ENTSO-E"},
        "data": {
            "SE4": {
                "emission_factor": 24.7,
                "unit": "gCO2eq/kWh",
                "description": "Southern Sweden",
                "year": 2025,
                "coverage": "85.05% (uncovered: Other 14.95%)",
            }
        },
    },
    f"{DATA}private_infra/2023/china_provincial_emissions.json": {
        "metadata": {"source": "MEE", "source_url": "https://example.org/mee"},
        "data": {
            "CN-BJ": {
                "emission_factor": 555.4,
                "unit": "gCO2/kWh",
                "description": "Beijing",
                "year": 2023,
                "names": ["beijing"],
            }
        },
    },
    f"{DATA}private_infra/2023/usa_emissions.json": {
        "_unit": {"emissions": "lbs/MWh"},
        "_source": {"name": "eGRID2023", "url": "https://example.org/egrid", "year": 2023},
        "california": {"emissions": 394.769, "regionCode": "CA"},
    },
    f"{DATA}private_infra/2023/canada_energy_mix.json": {
        "quebec": {"hydro": 92.1, "wind": 7.9, "total": 100.0}
    },
    f"{DATA}cloud/impact.csv": (
        "\ufeffprovider,providerName,offsetRatio,region,regionName,country_name,countryIsoCode,"
        "state,city,impact,source,comment\n"
        "gcp,Google Cloud Platform,100,asia-east1,,Taiwan,TWN,,Changhua County,451,"
        "https://example.org/gcp,\n"
    ),
    f"{DATA}hardware/cpu_power.csv": "Name,TDP\nTea 1,35\n",
}


@pytest.fixture
def parse(make_wheel) -> Callable[..., Parsed]:
    def parse_members(changes: dict[str, object] | None = None) -> Parsed:
        return codecarbon_package.parse(make_wheel(MEMBERS | (changes or {})))

    return parse_members


def test_regional_intensities_keep_their_unit(parse):
    frame = parse().frames["codecarbon_regional_intensities"]
    names = ("region_set", "region_code", "emission_factor", "unit", "year")
    assert sorted(frame.select(names).rows()) == [
        ("china", "CN-BJ", 555.4, "gCO2/kWh", 2023),
        ("nordic", "SE4", 24.7, "gCO2eq/kWh", 2025),
        ("usa", "CA", 394.769, "lbs/MWh", 2023),
    ]


def test_country_mix_is_read(parse):
    row = parse().frames["codecarbon_country_mixes"].to_dicts()[0]
    assert (row["iso_code"], row["year"], row["carbon_intensity"]) == ("ABW", 2022, 561.224)
    assert (row["total_twh"], row["fossil_twh"], row["coal_twh"]) == (0.98, 0.83, None)


def test_shares_of_a_province_are_rows_beside_their_published_sum(parse):
    frame = parse().frames["codecarbon_regional_mixes"]
    assert frame.select("region_name", "fuel", "share_pct", "total_pct").rows() == [
        ("quebec", "hydro", 92.1, 100.0),
        ("quebec", "wind", 7.9, 100.0),
    ]


def test_csv_files_are_read_past_their_byte_order_mark(parse):
    frames = parse().frames
    cloud = frames["codecarbon_cloud_regions"].to_dicts()[0]
    assert (cloud["provider"], cloud["region"], cloud["impact"]) == ("gcp", "asia-east1", 451)
    assert (cloud["country_iso_code"], cloud["city"], cloud["comment"]) == (
        "TWN",
        "Changhua County",
        None,
    )
    assert frames["codecarbon_cpu_powers"].rows() == [("Tea 1", 35.0)]


def test_fuel_intensities_are_read(parse):
    assert parse().frames["codecarbon_fuel_intensities"].rows() == [
        ("coal", 995.0, "gCO2.eq/kWh", "https://example.org/coal")
    ]


def test_text_in_a_csv_number_goes_to_quarantine_with_its_line(parse):
    parsed = parse({f"{DATA}hardware/cpu_power.csv": "Name,TDP\nTea 1,27.29.5\nTea 2,35\n"})
    assert parsed.frames["codecarbon_cpu_powers"].rows() == [("Tea 2", 35.0)]
    assert parsed.rejects.rows() == [
        (
            "codecarbon_cpu_powers",
            "codecarbon/data/hardware/cpu_power.csv line 2",
            "tdp_w",
            "27.29.5",
            "cannot be read as a number",
        )
    ]


def test_unknown_unit_goes_to_quarantine(parse):
    changed = {
        "metadata": {},
        "data": {"SE4": {"emission_factor": 0.02, "unit": "tCO2/MWh", "year": 2025}},
    }
    parsed = parse({f"{DATA}private_infra/nordic_emissions.json": changed})
    rejected = parsed.rejects.to_dicts()[0]
    assert (rejected["column_name"], rejected["offending_value"]) == ("unit", "tCO2/MWh")
    assert "gCO2eq/kWh" in rejected["reason"]
    assert parsed.frames["codecarbon_regional_intensities"].height == 2


def test_file_without_its_unit_is_refused(parse):
    with pytest.raises(ParseError, match=r"usa_emissions\.json field '_unit'"):
        parse({f"{DATA}private_infra/2023/usa_emissions.json": {"california": {"emissions": 1}}})


def test_entry_that_is_no_object_is_refused(parse):
    with pytest.raises(ParseError, match=r"field 'ABW' value '561': expected an object"):
        parse({f"{DATA}private_infra/global_energy_mix.json": {"ABW": 561}})


def test_renamed_csv_column_is_refused(parse):
    with pytest.raises(ParseError, match=r"field 'tdp_w'.*found: name, Watts"):
        parse({f"{DATA}hardware/cpu_power.csv": "Name,Watts\nTea 1,35\n"})


@pytest.mark.parametrize("member", MEMBERS)
def test_missing_member_is_refused(make_wheel, member):
    members = {name: content for name, content in MEMBERS.items() if name != member}
    with pytest.raises(ParseError, match=f"codecarbon-package at {member}: .*no such member"):
        codecarbon_package.parse(make_wheel(members))
