"""Boavizta's data files: cards, servers, factors and defaults."""

from collections.abc import Callable

import pytest

from flows.sources import boavizta
from warehouse.errors import ParseError
from warehouse.tables import Parsed

DATA = "boaviztapi/data/"
PLAIN = {"gwp": {"impact": 6.68, "source": "https://example.org/gwp"}}
FACTORS: dict[str, object] = dict.fromkeys(
    ("assembly", "cpu", "hdd", "motherboard", "power_supply", "ram", "ssd"), PLAIN
) | {
    "case": {"gwp": {"rack": {"impact": 150.0}, "blade": {"impact_blade_server": 30.9}}},
    "gpu": {"casing": {"manufacture": {"gwp": {"impact": 8.2542}}}},
    "IoT": {"not": "read"},
}
GPUS = (
    "name,manufacturer,unit,number,vram,die_surface,pwb_surface,distance_boat,distance_truck,"
    "distance_plane,mass_casing,mass_heatsink,mass,source\n"
)
SERVERS = (
    "id,manufacturer,CASE.case_type,CPU.units,CPU.core_units,CPU.name,RAM.units,RAM.capacity\n"
    "small,Tea,rack,2,8;8;16,,4;2;8,16\n"
)
MEMBERS: dict[str, object] = {
    f"{DATA}factors.yml": FACTORS,
    f"{DATA}crowdsourcing/gpu_specs.csv": GPUS
    + "Tea 80GB,Tea,1,6,80,2808.45,296.37,19000,1000,0,0.79,0.90,1.69,\n"
    + "Tea 8GB,Tea,1,2,8,500,,19000,1000,0,,,,https://example.org/tea\n",
    f"{DATA}crowdsourcing/cpu_specs.csv": (
        "name,code_name,manufacturer,cores,threads,tdp,total_die_size,source,frequency\n"
        "Tea 1,Leaf,Tea,4,8,65,250.0,https://example.org/cpu,3.5 GHz\n"
    ),
    f"{DATA}crowdsourcing/ram_manufacture.csv": "manufacturer,process,density\nTea,30,0.625\n",
    f"{DATA}crowdsourcing/ssd_manufacture.csv": (
        "manufacturer,layers,density,source\nTea ,64,49.6,https://example.org/ssd\n"
    ),
    f"{DATA}archetypes/server.csv": SERVERS,
    f"{DATA}archetypes/cloud/regions.csv": "provider,region,usage_location\naws,us-east-1,USA\n",
    f"{DATA}archetypes/components/gpu.csv": "id,weight,USAGE.use_time_ratio\nDEFAULT,1.69,1\n",
}


@pytest.fixture
def parse(make_wheel) -> Callable[..., Parsed]:
    def parse_members(changes: dict[str, object] | None = None) -> Parsed:
        return boavizta.parse(make_wheel(MEMBERS | (changes or {})))

    return parse_members


def test_factors_are_one_row_each_with_their_path(parse):
    frame = parse().frames["boavizta_factors"]
    names = ("component", "part", "phase", "criterion", "factor_name", "impact")
    rows = frame.filter(frame["component"].is_in(["assembly", "case", "gpu"])).select(names)
    assert sorted(rows.rows(), key=str) == [
        ("assembly", None, None, "gwp", "impact", 6.68),
        ("case", "blade", None, "gwp", "impact_blade_server", 30.9),
        ("case", "rack", None, "gwp", "impact", 150.0),
        ("gpu", "casing", "manufacture", "gwp", "impact", 8.2542),
    ]
    assert frame["source"][0] == "https://example.org/gwp"


def test_card_keeps_what_is_open_as_null(parse):
    frame = parse().frames["boavizta_gpus"]
    names = ("name", "vram", "die_surface", "pwb_surface", "mass")
    assert frame.select(names).rows() == [
        ("Tea 80GB", 80.0, 2808.45, 296.37, 1.69),
        ("Tea 8GB", 8.0, 500.0, None, None),
    ]


def test_server_keeps_bounds_as_they_are_written(parse):
    row = parse().frames["boavizta_servers"].to_dicts()[0]
    assert (row["case_type"], row["cpu_units"], row["cpu_core_units"]) == ("rack", "2", "8;8;16")
    assert (row["ram_units"], row["cpu_name"]) == ("4;2;8", None)


def test_defaults_are_one_row_an_attribute(parse):
    assert parse().frames["boavizta_component_defaults"].rows() == [
        ("gpu", "DEFAULT", "weight", "1.69"),
        ("gpu", "DEFAULT", "usage_use_time_ratio", "1"),
    ]


def test_densities_cpus_and_regions_are_read(parse):
    frames = parse().frames
    densities = frames["boavizta_memory_densities"].select("component", "density", "line")
    assert densities.rows() == [("ram", 0.625, 0), ("ssd", 49.6, 0)]
    assert frames["boavizta_cpus"].select("name", "total_die_size").rows() == [("Tea 1", 250.0)]
    assert frames["boavizta_cloud_regions"].rows() == [("aws", "us-east-1", "USA")]


def test_text_in_a_card_goes_to_quarantine(parse):
    bad = GPUS + "Tea,Tea,1,6,lots,1,1,1,1,1,1,1,1,\n"
    rejected = parse({f"{DATA}crowdsourcing/gpu_specs.csv": bad}).rejects.to_dicts()[0]
    assert (rejected["table_name"], rejected["column_name"]) == ("boavizta_gpus", "vram")
    assert rejected["offending_value"] == "lots"


def test_text_in_a_factor_goes_to_quarantine(parse):
    parsed = parse({f"{DATA}factors.yml": FACTORS | {"ram": {"gwp": {"die_impact": "high"}}}})
    assert parsed.rejects.select("location", "offending_value").rows() == [
        ("boaviztapi/data/factors.yml ram.gwp.die_impact", "high")
    ]


@pytest.mark.parametrize(
    ("factors", "reason"),
    [
        ("gpu: [", "not YAML"),
        ("- a", "expected a mapping"),
        ("!!python/object/apply:os.getcwd []", "not YAML"),
        ({"gpu": {}}, "field 'assembly'"),
    ],
)
def test_factors_that_cannot_be_read_are_refused(parse, factors, reason):
    with pytest.raises(ParseError, match=rf"factors\.yml.*{reason}"):
        parse({f"{DATA}factors.yml": factors})


@pytest.mark.parametrize("member", MEMBERS)
def test_missing_member_is_refused(make_wheel, member):
    members = {name: content for name, content in MEMBERS.items() if name != member}
    with pytest.raises(ParseError, match=r"source boavizta at boaviztapi/data/.*no such member"):
        boavizta.parse(make_wheel(members))
