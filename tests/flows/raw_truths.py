"""What the raw tables must hold, told from what the local providers hold, and what they do hold.

Each function takes a ``Live`` of ``test_live_tables`` and gives both as sets of rows.
"""

from __future__ import annotations

import json
from typing import Any

# No number of grams that could be: below nothing, more than any training, a truth.
REFUSED_DECLARATIONS = ("nest-labs/negative", "nest-labs/huge", "nest-labs/true-is-no-number")


def number(text: str | None) -> float | None:
    return float(text) if text and text != "NaN" else None


def google(live: Any) -> tuple[set[Any], set[Any]]:
    expected = {
        (year, row.region, row.location, number(row.carbon_free_share), float(row.intensity))
        for year, rows in live.state("google-region-carbon").years.items()
        for row in rows
    }
    names = ("year", "google_cloud_region", "location", "google_cfe", "grid_carbon_intensity")
    return expected, set(live.newest("google_region_carbon", *names))


def gsf(live: Any) -> tuple[set[Any], set[Any]]:
    texts = ("cloud-provider", "cloud-region", "em-zone-id", "wt-region-id")
    numbers = (
        *("provider-cfe-hourly", "provider-cfe-annual", "power-usage-effectiveness"),
        *("water-usage-effectiveness", "grid-carbon-intensity-average-consumption-annual"),
        *("grid-carbon-intensity-marginal-consumption-annual", "grid-carbon-intensity"),
    )
    expected = set()
    for row in live.state("gsf-real-time-cloud").rows:
        latitude, _, longitude = row["geolocation"].partition(",")
        expected.add(
            (
                int(row["year"]),
                *(row[name] or None for name in texts),
                *(number(row.get(name)) for name in numbers),
                *(number(latitude), number(longitude)),
            )
        )
    names = ("year", *(name.replace("-", "_") for name in (*texts, *numbers)))
    return expected, set(live.newest("gsf_cloud_regions", *names, "latitude_deg", "longitude_deg"))


def mlco2(live: Any) -> tuple[set[Any], set[Any]]:
    state = live.state("mlco2-impact")
    gpus = {(row["name"], number(row["tdp_watts"]), number(row["memory"])) for row in state.gpus}
    instances = {(row["provider"], row["id"], row["gpu"]) for row in state.instances}
    regions = {
        (row["provider"], row["region"] or None, row["city"], float(row["impact"]))
        for row in state.impacts
    }
    return gpus | instances | regions, {
        *live.newest("mlco2_gpus", "name", "tdp_watts", "memory_gb"),
        *live.newest("mlco2_instances", "provider", "id", "gpu"),
        *live.newest("mlco2_regions", "provider", "region", "city", "impact"),
    }


def epoch(live: Any) -> tuple[set[Any], set[Any]]:
    tables = live.state("epoch").tables
    models = {
        (
            row["Model"],
            row.get("Training hardware"),
            row.get("Hardware quantity"),
            row.get("Country (of organization)"),
            *(number(row.get(name)) for name in ("Parameters", "Training compute (FLOP)")),
            number(row.get("Training power draw (W)")),
        )
        for row in tables["notable_ai_models.csv"]
    }
    hardware = {
        (row["Hardware name"], number(row.get("TDP (W)")), number(row.get("Memory (bytes)")))
        for row in tables["ml_hardware.csv"]
    }
    names = ("model", "training_hardware", "hardware_quantity", "country", "parameters")
    return models | hardware, {
        *live.newest("epoch_models", *names, "training_compute_flop", "training_power_draw_w"),
        *live.newest("epoch_hardware", "hardware_name", "tdp_w", "memory_bytes"),
    }


def ml_energy(live: Any) -> tuple[set[Any], set[Any]]:
    expected, found = set(), set()
    tables = {"token": "configurations", "image": "images", "video": "videos"}
    for task, rows in live.state("ml-energy").configurations.items():
        thing = {"text-to-image": "image", "text-to-video": "video"}.get(task, "token")
        for row in rows:
            energy = row[f"energy_per_{thing}_joules"]
            cap = row["max_num_seqs"] if thing == "token" else row["batch_size"]
            known = (task, row["model_id"], row["gpu_model"], row["num_gpus"], cap, energy)
            # Each row stands in the task's file and in the model's own.
            expected |= {("task", *known), ("model", *known)}
    for thing, table in tables.items():
        cap = "max_num_seqs" if thing == "token" else "batch_size"
        names = ("file_kind", "task", "model_id", "gpu_model", "num_gpus", cap)
        found |= set(live.newest(f"mlenergy_{table}", *names, f"energy_per_{thing}_joules"))
    return expected, found


def huggingface(live: Any) -> tuple[set[Any], set[Any]]:
    hub = live.state("huggingface")
    of_author = [model for model in hub.models(tag=None) if model.id.startswith("fieldnotes/")]
    listed = {(model.id, model.fields["sha"]) for model in (*hub.models(), *of_author)}
    declared = {
        (model.id, json.dumps(model.co2))
        for model in hub.models()
        if model.co2 is not None and model.id not in REFUSED_DECLARATIONS
    }
    columns = ("declared_in", "model_id", "raw_json")
    read = {
        (model_id, json.dumps(json.loads(raw)))
        for place, model_id, raw in live.newest("huggingface_emissions", *columns)
        if place == "card_data"
    }
    models = live.newest("huggingface_models", "model_id", "sha")
    return listed | declared, {*models, *read}


def ember(live: Any) -> tuple[set[Any], set[Any]]:
    measure = "emissions_intensity_gco2_per_kwh"
    expected = {
        (row["entity"], row["entity_code"], kind, f"{row['date']}-01-01"[:10], row[measure])
        for resolution, kind in (("yearly", "year"), ("monthly", "month"))
        for row in live.state("ember").rows("carbon-intensity", resolution)
    }
    names = ("entity", "entity_code", "period_kind", "period_start_date::varchar", measure)
    return expected, set(live.newest("ember_carbon_intensity", *names))


def owid(live: Any) -> tuple[set[Any], set[Any]]:
    columns = {
        "carbon_intensity_elec": "carbon_intensity_elec_gco2e_per_kwh",
        "electricity_generation": "electricity_generation_twh",
        "coal_share_elec": "coal_share_elec_pct",
    }
    expected = {
        (
            *(row["country"], row["iso_code"] or None, int(row["year"])),
            *(number(row[name]) for name in columns),
        )
        for row in live.state("owid").rows
        if "carbon_intensity_elec" in row
    }
    names = ("country", "iso_code", "year", *columns.values())
    return expected, set(live.newest("owid_energy", *names))


def egrid(live: Any) -> tuple[set[Any], set[Any]]:
    kinds = {"SRL": "subregion", "BA": "balancing_authority", "ST": "state", "US": "country"}
    keys = {"SRL": "SUBRGN", "BA": "BACODE", "ST": "PSTATABB", "US": ""}
    expected = set()
    for year, sheets in live.state("egrid").workbooks.items():
        for name, (_, codes, *rows) in sheets.items():
            sheet = name.rstrip("0123456789")
            if sheet not in kinds:
                continue
            prefix = sheet.removesuffix("L") if sheet != "US" else "US"
            for cells in rows:
                row = dict(zip(codes, cells, strict=True))
                code = row.get(keys[sheet], "US")
                rates = (row[f"{prefix}CO2RTA"], row[f"{prefix}C2ERTA"])
                expected.add((year, kinds[sheet], code, row[f"{prefix}NGENAN"], *rates))
    names = ("year", "area_kind", "area_code", "generation_mwh")
    return expected, set(live.newest("egrid_rates", *names, "co2_lb_per_mwh", "co2e_lb_per_mwh"))


TRUTHS = {
    "huggingface": huggingface,
    "ml-energy": ml_energy,
    "epoch": epoch,
    "mlco2-impact": mlco2,
    "google-region-carbon": google,
    "gsf-real-time-cloud": gsf,
    "ember": ember,
    "owid": owid,
    "egrid": egrid,
}
