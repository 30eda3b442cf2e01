"""``co2_eq_emissions`` in every shape that authors have given it, one record a declared value."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

_LONGEST_RAW = 4000
_LONGEST_VALUE = 200

# Grams in one of each, longest names first where one begins with another.
GRAMS = {
    "kg": 1e3,
    "kilograms": 1e3,
    "kilogram": 1e3,
    "kgs": 1e3,
    "kilos": 1e3,
    "kilo": 1e3,
    "mg": 1e-3,
    "milligrams": 1e-3,
    "mt": 1e6,
    "tons": 1e6,
    "tonnes": 1e6,
    "tonne": 1e6,
    "ton": 1e6,
    "t": 1e6,
    "lbs": 453.59237,
    "lb": 453.59237,
    "pounds": 453.59237,
    "grams": 1.0,
    "gram": 1.0,
    "gr": 1.0,
    "g": 1.0,
}
_UNITS = "|".join(sorted(GRAMS, key=len, reverse=True))
# Every repetition is bounded: a table of numbers must not take for ever.
NUMBER = r"[-+\u2212]?(?:\d{1,18}(?:[.,\u202f\u00a0]\d{1,18}){0,7}|\.\d{1,18})(?:[eE][-+]?\d{1,3})?"
_VALUE = re.compile(
    rf"^\W*?(?P<approximate>~|≈|<|>|about|around|approx\w*\.?|circa|ca\.?|up to)?\s*"
    rf"(?P<number>{NUMBER}|[-+]?(?:nan|inf(?:inity)?)\b)\s*"
    rf"(?:(?:metric\s+)?(?P<unit>{_UNITS})(?![a-z])|(?P<glued>{_UNITS})(?=\W*(?:co2|co₂|eq|carbon)))?"
    r"(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CARBON = re.compile(r"co2|co₂|carbon|\beq|emi", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"^[\W_]*(?:tbd|tba|todo|tbc|n\W?a|none|null|unknown|not\s+(?:available|specified|known|"
    r"measured|reported|applicable|given|yet)[\w\s]*|to\s+be\s+\w+|pending|more information needed|"
    r"coming soon|unspecified|x+)?[\W_]*$",
    re.IGNORECASE,
)
_TRAINING_TYPES = {
    "pretraining": "pretraining",
    "pretrain": "pretraining",
    "pretrained": "pretraining",
    "finetuning": "fine_tuning",
    "finetune": "fine_tuning",
    "finetuned": "fine_tuning",
}
_VALUE_KEYS = ("emissions", "emission", "co2_eq_emissions", "co2_emissions", "value", "co2")


@dataclass
class Declared:
    """One declared value, as text where a later check may refuse it."""

    shape: str
    text: str | None = None
    value: str | None = None
    unit: str | None = None
    grams: str | None = None
    source: str | None = None
    training_type_text: str | None = None
    location: str | None = None
    hardware: str | None = None
    flags: list[str] = field(default_factory=list)
    raw: str | None = None

    @property
    def training_type(self) -> str | None:
        """The kind of training in our words."""
        if not self.training_type_text:
            return None
        return _TRAINING_TYPES.get(re.sub(r"[^a-z]", "", self.training_type_text.lower()))


def declared_in(metadata: object) -> object:
    """What a front matter has under ``co2_eq_emissions``, however its key is spelt."""
    if not isinstance(metadata, dict):
        return None
    found = metadata.get("co2_eq_emissions")
    if found is not None:
        return found
    for key, value in metadata.items():
        if isinstance(key, str) and value is not None and _key(key) == "co2_eq_emissions":
            return value
    return None


def read_declared(declaration: object) -> list[Declared]:
    """Each value of a declaration: dict, number, text, or a list of these or of one-key dicts."""
    if declaration is None:
        return []
    if isinstance(declaration, dict):
        found = [_of_dict(_normalised(declaration), "dict")]
    elif isinstance(declaration, list):
        found = [_of_dict(record, "list") for record in _merged(declaration)]
    else:
        shape = "text" if isinstance(declaration, str) else "number"
        found = [_of_dict({"emissions": declaration}, shape)]
    raw = _as_json(declaration)
    for one in found:
        one.raw = raw
    return found


def read_number(text: str) -> tuple[float | None, bool]:
    """A number with a point or a comma before its decimals, and whether a comma parts thousands.

    ``0,15`` is 0.15 and ``1,5`` is 1.5; ``1,234`` is 1234, because it is grouped by three.
    """
    text = text.strip().replace("\u2212", "-").replace("\u00a0", "").replace("\u202f", "")
    is_numeric = re.match(r"^[-+]?[\d.,]", text)
    mantissa, exponent = [*re.split("[eE]", text, maxsplit=1), ""][:2] if is_numeric else (text, "")
    is_grouped = False
    if "," in mantissa:
        if "." in mantissa:
            is_grouped = True
            if mantissa.rfind(",") > mantissa.rfind("."):
                mantissa = mantissa.replace(".", "").replace(",", ".")
            else:
                mantissa = mantissa.replace(",", "")
        elif re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+", mantissa):
            is_grouped = True
            mantissa = mantissa.replace(",", "")
        else:
            mantissa = mantissa.replace(",", ".")
    elif mantissa.count(".") > 1:
        is_grouped = True
        mantissa = mantissa.replace(".", "")
    try:
        return float(mantissa + (f"e{exponent}" if exponent else "")), is_grouped
    except ValueError:
        return None, is_grouped


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a value that is not given, such as TBD."""
    return len(text) <= _LONGEST_VALUE and _PLACEHOLDER.match(text) is not None


def as_text(value: object) -> str | None:
    """A scalar as text, a list or object as JSON, blank as nothing."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool | list | dict):
        return _as_json(value)
    return repr(value) if isinstance(value, float) else str(value)


def _of_dict(record: dict[str, Any], shape: str) -> Declared:
    names = {"geographical_location": "location", "hardware_used": "hardware"}
    names |= {"training_type": "training_type_text", "source": "source"}
    one = Declared(shape)
    for key, name in names.items():
        setattr(one, name, as_text(record.get(key)))
    value = next((record[key] for key in _VALUE_KEYS if record.get(key) is not None), None)
    unit = as_text(record.get("unit") or record.get("units"))
    if isinstance(value, dict):
        inner = _normalised(value)
        unit = unit or as_text(inner.get("unit") or inner.get("units"))
        value = next((inner[key] for key in _VALUE_KEYS if inner.get(key) is not None), None)
    one.text = as_text(value)
    if value is None:
        one.flags.append("no_value")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _measure(one, float(value) if abs(value) < 1e300 else math.inf, unit)
        one.value = repr(value)
    else:
        _read_text(one, one.text or "", unit)
    return one


def _read_text(one: Declared, text: str, unit: str | None) -> None:
    is_short = len(text) <= _LONGEST_VALUE
    if is_placeholder(text):
        one.flags.append("placeholder")
        return
    match = _VALUE.match(text) if is_short else None
    number, is_grouped = read_number(match["number"]) if match else (None, False)
    if match is None or number is None or not _is_remark(match["rest"]):
        # Text that cannot be read is refused where it is checked, with its place.
        one.value = one.grams = text
        return
    if is_grouped:
        one.flags.append("grouped_digits")
    if match["approximate"]:
        one.flags.append("approximate")
    one.value = repr(number)
    _measure(one, number, unit or match["unit"] or match["glued"])


def _is_remark(rest: str) -> bool:
    """Whether what follows a number and its unit does not change what they mean."""
    rest = rest.strip(" .;").lower()
    if not rest or rest[0] == "(":
        return True
    names_carbon = _CARBON.search(rest) is not None
    return names_carbon and not re.search(r"\d|/|\bper\b", rest.replace("co2", ""))


def _measure(one: Declared, number: float, unit: str | None) -> None:
    one.unit = unit
    factor = 1.0
    if unit is not None:
        stem = re.match(rf"\W*(?:metric\s+)?({_UNITS})(?![a-bd-z])", unit, re.IGNORECASE)
        if stem is None:
            one.grams = f"{number!r} {unit}"
            return
        factor = GRAMS[stem[1].lower()]
        if factor != 1.0:
            one.flags.append("other_unit")
    if number == 0:
        one.flags.append("zero")
    one.grams = repr(number * factor)


def _merged(items: list[object]) -> Iterator[dict[str, Any]]:
    """Dicts of one key make one record until a key comes again; anything else is its own value."""
    record: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, dict):
            if record:
                yield record
                record = {}
            if item is not None:
                yield {"emissions": item}
            continue
        for key, value in _normalised(item).items():
            if key in record:
                yield record
                record = {}
            record[key] = value
    if record:
        yield record


def _normalised(record: dict[Any, Any]) -> dict[str, Any]:
    return {_key(str(key)): value for key, value in record.items()}


def _key(key: str) -> str:
    return re.sub(r"[\s\-_]+", "_", key.strip().lower())


def _as_json(value: object) -> str:
    try:
        return orjson.dumps(value).decode()[:_LONGEST_RAW]
    except (TypeError, ValueError):
        return json.dumps(value, default=str, skipkeys=True)[:_LONGEST_RAW]
