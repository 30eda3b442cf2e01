"""Hugging Face Hub: models that declare their emissions, and what the text of their cards states.

Documented at https://huggingface.co/docs/hub/model-cards-co2: ``co2_eq_emissions`` in the front
matter of a model's card, in grams. Authors write it in every other way as well.
"""

from __future__ import annotations

from datetime import timedelta

from flows.sources.huggingface_cards import parse_card
from flows.sources.huggingface_fetch import LICENCE, fetch
from flows.sources.huggingface_json import loads
from flows.sources.huggingface_models import parse_models
from flows.sources.huggingface_names import about_file, record_of_extract
from flows.sources.huggingface_tables import TABLES
from flows.sources.protocol import Arrival, Limits, Source
from warehouse.errors import ParseError
from warehouse.tables import Parsed

SOURCE_ID = "huggingface"


def parse(arrival: Arrival) -> Parsed:
    """A listing, one model's answer, or a card.

    Raises:
        ParseError: it is none of these.
    """
    if _is_card(arrival):
        return parse_card(arrival)
    try:
        document = loads(arrival.body)
    except ValueError as error:
        raise ParseError(
            f"JSON was expected: {error}",
            source_id=SOURCE_ID,
            location=arrival.name,
            value=arrival.body[:120].decode(errors="replace"),
        ) from error
    if isinstance(document, dict):
        if "error" in document and "id" not in document:
            raise ParseError(
                "an error came in place of models",
                source_id=SOURCE_ID,
                location=arrival.name,
                value=str(document["error"]),
            )
        document = [document]
    if not isinstance(document, list):
        raise ParseError(
            f"a JSON array of models was expected, a {type(document).__name__} came",
            source_id=SOURCE_ID,
            location=arrival.name,
        )
    return parse_models(
        [record_of_extract(record) for record in document],
        arrival.name,
        is_declaring=arrival.about.get("of") == "tag",
    )


def _is_card(arrival: Arrival) -> bool:
    kind = arrival.about.get("kind")
    if kind is None and arrival.body.lstrip()[:1] in (b"[", b"{"):
        return False
    return kind == "readme" or (kind is None and not arrival.name.endswith(".json"))


SOURCE: Source = Source(
    source_id=SOURCE_ID,
    title="Hugging Face Hub: emissions that model cards declare",
    publisher="Hugging Face and the authors of the models",
    homepage_url="https://huggingface.co/models?other=co2_eq_emissions",
    licence=LICENCE,
    licence_url="https://huggingface.co/terms-of-service",
    citation=(
        "Hugging Face Hub, https://huggingface.co/, model cards of their authors; "
        "co2_eq_emissions as documented at https://huggingface.co/docs/hub/model-cards-co2."
    ),
    description=(
        "Every model on the Hub that declares co2_eq_emissions, with its parameters, licence and "
        "base models; the cards of these, of our own models and of chosen authors, read for "
        "energy, hardware, hours and place."
    ),
    cadence=timedelta(days=1),
    parser_version=1,
    tables=TABLES,
    fetch=fetch,
    parse=parse,
    base_url="https://huggingface.co",
    base_url_env="HF_ENDPOINT",
    key_env="HF_TOKEN",
    limits=Limits(requests=450, per=timedelta(minutes=5), concurrency=2),
    reread=timedelta(hours=48),
    about_file=about_file,
    known_faults=(
        "Grams are asked for, kilograms often written: the Aira, TeenyTinyLlama and other cards "
        "were corrected by a factor of 1,000 (https://huggingface.co/nicholasKluge/Aira-OPT-125M/"
        "commit/dbe248852b55a828c86093be3050f56257a4e994), others never were.",
        "A quantised or fine-tuned copy often carries its base model's declaration unchanged: the "
        "GGUF copies of TeenyTinyLlama-460m, for one.",
        "Front matter and text disagree: cards of Aira say United States of America in one and "
        "Singapore in the other, with the same emissions.",
        "AutoTrain and AutoNLP wrote the figure themselves, from CodeCarbon, for training only, "
        "without place or hardware; they make most of all declarations.",
        "Parameters from safetensors count stored elements: packed 4-bit weights give too few.",
        "Downloads are those of the last 30 days, and createdAt is never before 2022-03-02, when "
        "the Hub began to keep it.",
        "A malformed front matter is no front matter to the Hub: the model is tagged or not, and "
        "what its card declares is read from the card only.",
    ),
)
