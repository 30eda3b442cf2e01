"""Every region that the five providers offer leads to a zone that we know."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

SEEDS = Path(__file__).resolve().parents[3] / "dbt" / "seeds"
# The regions that can be chosen in the providers' own consoles, read in November 2026.
OFFERED = {
    "aws": "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 "
    "ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 "
    "ap-southeast-7 ca-central-1 ca-west-1 cn-north-1 cn-northwest-1 eu-central-1 eu-central-2 "
    "eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 "
    "me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-west-1 "
    "us-west-2",
    "azure": "australiacentral australiaeast australiasoutheast austriaeast brazilsouth "
    "canadacentral canadaeast centralindia centralus eastasia eastus eastus2 francecentral "
    "germanywestcentral indonesiacentral israelcentral italynorth japaneast japanwest koreacentral "
    "koreasouth malaysiawest mexicocentral newzealandnorth northcentralus northeurope norwayeast "
    "polandcentral qatarcentral southafricanorth southcentralus southeastasia southindia "
    "spaincentral swedencentral switzerlandnorth uaenorth uksouth ukwest westcentralus westeurope "
    "westindia westus westus2 westus3",
    "gcp": "africa-south1 asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3 "
    "asia-south1 asia-south2 asia-southeast1 asia-southeast2 australia-southeast1 "
    "australia-southeast2 europe-central2 europe-north1 europe-north2 europe-southwest1 "
    "europe-west1 europe-west10 europe-west12 europe-west2 europe-west3 europe-west4 europe-west6 "
    "europe-west8 europe-west9 me-central1 me-central2 me-west1 northamerica-northeast1 "
    "northamerica-northeast2 northamerica-south1 southamerica-east1 southamerica-west1 us-central1 "
    "us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4",
    "ovhcloud": "ap-south-mum ap-southeast-sgp ap-southeast-syd ca-east-bhs ca-east-tor "
    "eu-central-waw eu-west-eri eu-west-gra eu-west-lim eu-west-par eu-west-rbx eu-west-sbg "
    "us-east-vin us-west-hil",
    "scaleway": "fr-par nl-ams pl-waw",
}


def _rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("provider", OFFERED)
def test_every_region_leads_to_a_known_zone(provider: str):
    zones = {row["country_iso2"] for row in _rows("countries.csv")}
    zones |= {row["grid_zone_id"] for row in _rows("grid_zones.csv")}
    placed = {
        row["cloud_region"]: row["grid_zone_id"]
        for row in _rows("cloud_regions.csv")
        if row["cloud_provider"] == provider
    }
    offered = OFFERED[provider].split()
    assert set(offered) <= set(placed)
    assert {placed[region] for region in offered} <= zones
