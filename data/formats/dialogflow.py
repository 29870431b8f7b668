"""Dialogflow ES agents (the zip that the console exports) to rows; they are not written.

`intents/NAME_usersays_LANG.json` holds the training phrases of an intent, each in parts of text; a part that is a slot
has an `alias` (the parameter) and `meta` (its entity type); there are no offsets. Source:
botflo.com/dissecting-dialogflow-agent-zip-file, cloud.google.com/dialogflow/es/docs/intents-training-phrases.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import regex

from data.formats.exchange import Chunk, Conversion, checked, chunks_to_sentence, parse_json, sentence_to_row
from data.formats.losses import Losses
from data.rows import Row

_PHRASES = regex.compile(r"(?:.*/)?intents/(?P<intent>[^/]+)_usersays_(?P<lang>[^/_]+)\.json")
_ENTRIES = regex.compile(r"(?:.*/)?entities/(?P<entity>[^/]+)_entries_(?P<lang>[^/_]+)\.json")
_IGNORED = "@sys.ignore"
_MOST_BYTES = 500_000_000  # unpacked; a small zip may hold terabytes


def read_dialogflow(path: Path, conversion: Conversion) -> Iterator[Row]:
    """Rows in order of the intents' names. Languages lose their region, as zh-CN."""
    losses = conversion.losses
    try:
        with zipfile.ZipFile(path) as agent:
            size = sum(file.file_size for file in agent.infolist())
            if size > _MOST_BYTES:
                raise ValueError(f"{path} is {size:,} bytes unpacked; the limit is {_MOST_BYTES:,}")
            phrases = 0
            for name in sorted(agent.namelist()):
                where = f"{path}: {name}"
                if match := _PHRASES.fullmatch(name):
                    phrases += 1
                    found = checked(parse_json(agent.read(name), where), list, where)
                    yield from _rows(found, match["intent"], match["lang"], where, losses)
                elif match := _ENTRIES.fullmatch(name):
                    for entry in checked(parse_json(agent.read(name), where), list, where):
                        losses.add(f"values of the entity {match['entity']}", checked(entry, dict, where).get("value"))
                elif not name.endswith("/"):
                    losses.add("files of the agent (responses, parameters, contexts, settings)", name)
            if not phrases:
                raise ValueError(f"{path} holds no intents/NAME_usersays_LANG.json: it is no agent of Dialogflow ES")
    except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:  # the last one: packed with a password
        raise ValueError(f"{path}: {error}") from None


def _rows(phrases: list[Any], intent: str, language: str, where: str, losses: Losses) -> Iterator[Row]:
    lang, _, region = language.partition("-")
    if region:
        losses.add("regions of languages", language)
    for number, phrase in enumerate(phrases, start=1):
        place = f"{where}: phrase {number}"
        parts = checked(checked(phrase, dict, place).get("data"), list, f"{place}: data")
        text, spans = chunks_to_sentence(_chunk(checked(part, dict, place), place, losses) for part in parts)
        if phrase.get("isTemplate"):
            losses.add_sentence(text, "a template, not a sentence")
            continue
        if row := sentence_to_row(text, spans, {"id": f"{intent}-{lang}-{number:06}", "lang": lang}, intent, losses):
            yield row


def _chunk(part: dict[str, Any], where: str, losses: Losses) -> Chunk:
    text = checked(part.get("text"), str, f"{where}: the text of a part")
    meta, alias = part.get("meta") or "", part.get("alias") or ""
    if meta == _IGNORED or not (meta or alias):
        return Chunk(text)
    slot = checked(alias, str, f"{where}: alias") or checked(meta, str, f"{where}: meta").removeprefix("@")
    if meta and meta != f"@{slot}":
        losses.add("entities of slots", f"{slot} is a {meta}")
    return Chunk(text, slot)
