"""The words by which cards state energy, emissions, hardware, hours and places."""

from __future__ import annotations

import re

from flows.sources.huggingface_values import GRAMS, NUMBER

_ANY = re.IGNORECASE
_GRAMS = "|".join(sorted((unit for unit in GRAMS if unit != "mt"), key=len, reverse=True))
_CO2 = (
    r"CO(?:<sub>|[\s_$~{\\]|text|mathrm){0,4}[2₂](?:</sub>|[}$~])?[\s\-.]*"
    r"(?:e\b|eq\w*|equiv\w*)?"
)

ENERGY_KWH = {
    "wh": 1e-3,
    "watt-hours": 1e-3,
    "kwh": 1.0,
    "kw·h": 1.0,
    "kilowatt-hours": 1.0,
    "kilowatt hours": 1.0,
    "kilowatt-hour": 1.0,
    "mwh": 1e3,
    "megawatt-hours": 1e3,
    "megawatt hours": 1e3,
    "gwh": 1e6,
}
HOURS = {
    "h": 1.0,
    "hr": 1.0,
    "hour": 1.0,
    "day": 24.0,
    "week": 168.0,
    "min": 1 / 60,
    "minute": 1 / 60,
}
MULTIPLES = {"k": 1e3, "m": 1e6, "million": 1e6}

_KWH = "|".join(sorted(ENERGY_KWH, key=len, reverse=True))
ENERGY = re.compile(
    rf"(?<![\w.,])(?P<number>{NUMBER})\s*(?P<unit>{_KWH})(?!\w|\s*/|\s*per\b)", _ANY
)
INTENSITY = re.compile(
    rf"(?<![\w.,])(?P<number>{NUMBER})\s*(?P<unit>kg|g|grams?)\s*(?:of\s+)?(?:{_CO2})?\s*"
    r"(?:/|per|\*)\s*kWh",
    _ANY,
)
EMISSIONS = re.compile(
    rf"(?<![\w.,])(?P<number>{NUMBER})\s*(?:metric\s+)?(?P<unit>{_GRAMS})\s*(?:of\s+)?[\s*_(]*"
    rf"(?:{_CO2}|carbon\b)(?!\s*(?:/|per\b))(?:[\s*_]*\((?P<place>[A-Z][^()\d]{{1,60}})\))?",
    _ANY,
)
DEVICE_HOURS = re.compile(
    rf"(?<![\w.,])(?P<number>{NUMBER})\s*(?P<multiple>k|M|million)?\s*"
    r"(?P<unit>(?:GPU|TPU|XPU|NPU|accelerator|device|chip|core|card|node|[AHVBLTP]\d{2,3}S?)"
    r"(?:[ -](?:SXM\d?|PCIe|\d{2}GB))?[ -]*(?:hours|hrs|hour|h\b))",
    _ANY,
)
DURATION = re.compile(
    rf"(?<![\w.,])(?P<number>{NUMBER})\s*-?\s*(?P<unit>hours?|hrs?|h|days?|weeks?|minutes?|mins?)"
    r"(?![\w/])",
    _ANY,
)
CLOCK = re.compile(
    r"(?<![\w.,:])(?:(?P<hours>\d{1,4})\s*(?:h|hrs?|hours?)\s*(?:and\s*)?(?P<minutes>\d{1,2})\s*"
    r"(?:m|mins?|minutes?)|(?P<clock_hours>\d{1,4}):(?P<clock_minutes>[0-5]\d):(?P<seconds>[0-5]\d))"
    r"(?![\w:])",
    _ANY,
)
NO_NAME = re.compile(r"(?:yes|no|true|false|see|https?|www|the|this|our)\b", _ANY)
PUE = re.compile(
    r"\b(?:PUE|power usage effectiveness)\b[^\d\n]{0,20}(?P<number>[12][.,]\d{1,3})", _ANY
)
_CHIP = (
    r"(?:A100|A10G?|A30|A40|A6000|A5000|A4500|A4000|A800|H100|H200|H800|H20|GH200|B200|B300|GB200|"
    r"V100S?|P100|P40|P4|T4|L4|L40S?|K80|K40|M60|MI\d{2,3}[AX]?|[RG]TX\s*-?(?:A|PRO\s*)?\d{3,4}"
    r"(?:\s*(?:Ti|Super|Ada))*|T?TPU\s*-?\s*v\d\w*(?:-\d+)?|Gaudi\s*\d?|Trainium\s*\d?|"
    r"Titan\s*(?:RTX|Xp|V|X))"
)
HARDWARE = re.compile(
    r"(?<![\w.-])(?:(?:\d{1,5}\s*[x×*]\s*|\d{1,4}\s+)(?:\d{1,3}\s?GB\s+)?)?"
    r"(?:(?:NVIDIA|AMD|Google|Intel|Tesla|GeForce|Quadro|Cloud|Instinct|Habana)[\s-]+){0,3}"
    rf"{_CHIP}(?![A-Za-z0-9])(?:[\s-]*(?:SXM\d?|PCIe|NVL|HBM\d\w?|\d{{2,3}}\s?GB?)(?![A-Za-z0-9]))*"
    r"(?:\s*[x×]\s*\d{1,5})?",
    _ANY,
)
MASS = re.compile(rf"^\W*(?:~|about|around)?\s*(?P<number>{NUMBER})\s*(?P<unit>{_GRAMS})\W*$", _ANY)
BARE_NUMBER = re.compile(
    rf"^\W*(?:~|about|around|approx\w*\.?|ca\.?)?\s*(?P<number>{NUMBER})\W*$", _ANY
)
UNIT_IN_LABEL = re.compile(
    rf"(?P<energy>\b(?:kWh|MWh|Wh)\b)|(?P<grams>\b(?:{_GRAMS})(?=\W*CO))"
    rf"|\b(?:in\s+|\()(?P<mass>{_GRAMS})\b"
    r"|(?P<hours>\b(?:hours?|h)\b)",
    _ANY,
)

LINE = re.compile(
    r"^[ \t]*(?:[-*+>|]+[ \t]+|\d+[.)][ \t]+)?[\s*_`|#]*(?P<label>[A-Za-z][\w ()/₂'&.,-]{0,140}?)"
    r"[\s*_`]*[:=|][\s*_`|:]*(?P<value>\S.*)$"
)
LABELS = {
    "hardware": r"(?:training )?hardware(?: type| used| name)?|(?:number of )?"
    r"(?:gpu|tpu|accelerator|device)s?(?: type| model| used| name)?|"
    r"(?:compute|training) (?:hardware|infrastructure|device)|hardware used|trained on",
    "duration": r"(?:training )?(?:hours|days)(?: used| of training| trained)?|"
    r"hours used(?: for training)?|"
    r"(?:total )?(?:training|compute|run|wall[ -]?clock) ?(?:time|duration|hours)|"
    r"duration|runtime|run time",
    "region": r"(?:compute|cloud|training|hardware|data ?cent(?:er|re)|grid)? ?"
    r"(?:region|location|country|geographical[ _]location)|"
    r"(?:region|country) of (?:training|compute)|trained in",
    "cloud_provider": r"(?:cloud|compute|service) provider|cloud",
    "energy": r"(?:total |estimated |measured |overall )*(?:training |gpu |cpu )?"
    r"(?:energy|electricity|power)(?: consumption| consumed| used| usage| cost)?",
    "emissions": r"(?:total |estimated |training |overall )*"
    r"(?:carbon|co2|co₂|ghg|greenhouse gas)?(?:eq|e)? ?(?:emissions?|emitted|footprint|impact)"
    r"(?: of training| from training)?|(?:total )?co2(?:eq|e)?",
    "pue": r"(?:data ?cent(?:er|re) )?(?:pue|power usage effectiveness)",
}
LABEL_KINDS = [(kind, re.compile(pattern, _ANY)) for kind, pattern in LABELS.items()]
ABOUT_TRAINING = re.compile(
    r"train|tuned|took|trained|consum|emit|emission|footprint|carbon|compute|hardware|run ", _ANY
)
NOT_TRAINING = re.compile(
    r"inferenc|per (?:query|token|request|image|prompt|1,?000)|latency|\bserv(?:e|ing)\b|household|"
    r"equivalent to|driv(?:e|ing)|flight|smartphone",
    _ANY,
)
NOT_HOURS = re.compile(
    r"(?:hours?|hrs?|h|minutes?|days?|weeks?)\W+(?:of\W+)?(?:\w+\W+){0,2}"
    r"(?:audio|speech|video|data|record|music|talk|listen|ago|old|podcast|transcri)",
    _ANY,
)
