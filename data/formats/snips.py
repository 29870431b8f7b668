"""Snips NLU datasets (JSON) to rows and back: intents, their utterances, each in chunks of text.

A chunk that is a slot has `entity` and `slot_name`; there are no offsets. The older files of one intent, without
`slot_name`, are read too. Snips's validation lets other keys of an utterance be, so `slotwise` there holds the rest of
a row. Source: snips-nlu, docs/source/dataset.rst and snips_nlu/dataset/validation.py.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from data.formats.exchange import (
    REST,
    Chunk,
    Conversion,
    checked,
    chunks_to_sentence,
    intent_of,
    most_common_language,
    numbered,
    read_json,
    rest_of,
    row_to_chunks,
    sentence_to_row,
)
from data.formats.losses import Losses
from data.rows import Row, write_lines

_SETTINGS = {"use_synonyms": True, "automatically_extensible": True, "matching_strictness": 1.0}


def read_snips(path: Path, conversion: Conversion) -> Iterator[Row]:
    dataset = checked(read_json(path), dict, str(path))
    if "intents" not in dataset:
        dataset = {"intents": {intent: {"utterances": utterances} for intent, utterances in dataset.items()}}
    losses = conversion.losses
    lang = checked(dataset.get("language", conversion.lang), str, f"{path}: language")
    number = 0
    for intent, content in checked(dataset["intents"], dict, f"{path}: intents").items():
        where = f"{path}: intent {intent!r}"
        content = checked(content, dict, where)
        for key in content:
            if key != "utterances":
                losses.add("settings of intents", f"{intent}: {key}")
        for utterance in checked(content.get("utterances"), list, f"{where}: utterances"):
            number += 1
            place = f"{where}: utterance {number}"
            rest = checked(checked(utterance, dict, place).get(REST, {}), dict, f"{place}: {REST}")
            chunks = checked(utterance.get("data"), list, f"{place}: data")
            text, spans = chunks_to_sentence(_chunk(chunk, place, conversion) for chunk in chunks)
            fields = {"id": numbered(path, number), "lang": lang} | rest
            if row := sentence_to_row(text, spans, fields, intent, losses):
                yield row
    for name, entity in checked(dataset.get("entities", {}), dict, f"{path}: entities").items():
        _list_entity(name, entity, f"{path}: entity {name!r}", losses)


def _chunk(chunk: Any, where: str, conversion: Conversion) -> Chunk:
    chunk = checked(chunk, dict, f"{where}: a chunk")
    text = checked(chunk.get("text"), str, f"{where}: the text of a chunk")
    entity, name = chunk.get("entity"), chunk.get("slot_name", chunk.get("entity"))
    if name is None:
        return Chunk(text)
    slot = checked(name, str, f"{where}: slot_name")
    if entity not in (slot, conversion.entity_of(slot)):
        conversion.losses.add("entities of slots", f"{slot} is a {entity}")
    return Chunk(text, slot)


def _list_entity(name: str, entity: Any, where: str, losses: Losses) -> None:
    for value in checked(checked(entity, dict, where).get("data", []), list, f"{where}: data"):
        losses.add(f"values of the entity {name}", value.get("value") if isinstance(value, dict) else value)
    for setting, usual in _SETTINGS.items():
        if entity.get(setting, usual) != usual:
            losses.add("settings of entities", f"{name}: {setting} = {entity[setting]}")


def write_snips(path: Path, rows: Iterable[Row], conversion: Conversion) -> None:
    """One dataset in the language of most rows; its entities are open, without values."""
    rows = list(rows)
    lang = most_common_language(rows, conversion.lang)
    intents: dict[str, Any] = {}
    entities: dict[str, Any] = {}
    for row in rows:
        if row.lang != lang:
            conversion.losses.add(f"languages beside {lang}, the dataset's", f"{row.lang}: {row.text}")
        data: list[dict[str, str]] = []
        for chunk in row_to_chunks(row):
            data.append({"text": chunk.text})
            if chunk.slot is not None:
                entity = conversion.entity_of(chunk.slot)
                data[-1] |= {"entity": entity, "slot_name": chunk.slot}
                entities[entity] = {"data": []} | _SETTINGS
        utterances = intents.setdefault(intent_of(row), {"utterances": []})["utterances"]
        utterances.append({"data": data, REST: rest_of(row)})
    dataset = {"language": lang, "intents": intents, "entities": entities}
    write_lines(path, [orjson.dumps(dataset, option=orjson.OPT_INDENT_2)])
