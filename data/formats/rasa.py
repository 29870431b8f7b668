"""Rasa NLU training data (YAML) to rows and back.

An entity stands in the text as `[Taipei](city)` or `[Taipei]{"entity": "city", "role": "destination"}`; there are no
offsets. A role is the slot, else the entity is. Nothing can be escaped: a text that the markup would change is left out
and listed. Examples are written as a list, because only there an example may have `metadata`, which holds the rest of a
row. Source: rasa.com/docs/reference/primitives/training-data-format; RasaHQ/rasa, entities_parser.py and rasa_yaml.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import regex
import yaml

from data.formats.exchange import (
    REST,
    Conversion,
    checked,
    intent_of,
    numbered,
    rest_of,
    row_to_chunks,
    sentence_to_row,
)
from data.formats.losses import Losses
from data.rows import Row, write_lines
from data.tags import Span

_MARKUP = regex.compile(
    r"""
    \[ (?P<words> [^\]]+? ) \]
    (?: \( (?P<entity> [^:)]+? ) (?: : (?P<value> [^)]+ ) )? \)
      | (?P<one> \{ [^}]+? \} )
      | \[ (?P<several> .*? ) \]
    )
    """,
    regex.VERBOSE,
)
_ATTRIBUTES = regex.compile(r"\{[^}]+?\}")
_EDGES = "\n\r "  # what Rasa strips from an example
_VERSION = "3.1"
_OTHERS = {"lookup": "lookup tables", "synonym": "synonyms", "regex": "regular expressions"}

# Rasa reads YAML 1.2, where "no", "on" and 12:30 are texts; PyYAML's own rules are those of 1.1.
_Loader: Any = type("_Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {"yaml_implicit_resolvers": {}})
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?[0-9]+(?:\.[0-9]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", regex.compile(f"(?:{_pattern})$"), _first)
# JSON is YAML but for characters that YAML takes for ends of lines or cannot print.
_NOT_IN_YAML = regex.compile(r"[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")


class _Entity(NamedTuple):
    """A span of an example before it has the name of a slot."""

    entity: str
    role: str | None
    start: int
    end: int


class _Example(NamedTuple):
    text: str
    entities: list[_Entity]
    intent: str
    metadata: Mapping[str, Any]


def read_rasa(path: Path, conversion: Conversion) -> Iterator[Row]:
    examples = list(_examples(path, conversion.losses))
    names = _slot_names(
        {(entity.entity, entity.role) for example in examples for entity in example.entities}, conversion
    )
    for number, example in enumerate(examples, start=1):
        spans = [Span(names[entity.entity, entity.role], entity.start, entity.end) for entity in example.entities]
        fields = {"id": numbered(path, number), "lang": conversion.lang, **example.metadata}
        if row := sentence_to_row(example.text, spans, fields, example.intent, conversion.losses):
            yield row


def _examples(path: Path, losses: Losses) -> Iterator[_Example]:
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not YAML: {error}") from None
    for key in checked(content, dict, str(path)):
        if key not in ("version", "nlu"):
            losses.add("sections", key)
    for number, item in enumerate(checked(content.get("nlu"), list, f"{path}: nlu"), start=1):
        where = f"{path}: item {number} of nlu"
        item = checked(item, dict, where)
        if "intent" not in item:
            losses.add(*_other_item(item))
            continue
        for key in item:
            if key not in ("intent", "examples"):
                losses.add("settings of intents", f"{item['intent']}: {key}")
        for markup, metadata in _texts(item.get("examples"), where, losses):
            try:
                text, entities = markup_to_sentence(markup, losses)
            except ValueError as error:
                losses.add_sentence(markup, str(error))
                continue
            yield _Example(text, entities, str(item["intent"]), metadata)


def _other_item(item: dict[str, Any]) -> tuple[str, str]:
    """A lookup table, a synonym, a regular expression: what it is and what it holds."""
    kind = next((key for key in item if key != "examples"), "examples alone")
    values = [line.removeprefix("-").strip() for line in str(item.get("examples", "")).splitlines()]
    return _OTHERS.get(kind, f"items of nlu, {kind}"), f"{item.get(kind)}: {', '.join(values)}"


def _texts(examples: Any, where: str, losses: Losses) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each example with what its metadata say; a text holds them as a list of its own, a line each."""
    if isinstance(examples, str):
        for line in examples.splitlines():
            if line.startswith("-"):
                yield line[1:].strip(_EDGES), {}
            elif line.strip():
                losses.add_sentence(line, "an example begins with a dash")
        return
    for example in checked(examples, list, f"{where}: examples"):
        text = checked(checked(example, dict, f"{where}: an example").get("text"), str, f"{where}: an example's text")
        metadata = example.get("metadata")
        if isinstance(metadata, dict) and set(metadata) == {REST}:
            metadata = checked(metadata[REST], dict, f"{where}: {REST}")
        else:
            metadata = {} if metadata is None else {"metadata": metadata}
        yield text.strip(_EDGES), metadata


def markup_to_sentence(markup: str, losses: Losses) -> tuple[str, list[_Entity]]:
    """The text without its markup, and what was marked. ValueError for attributes that are no JSON."""
    text, at = "", 0
    entities = []
    for match in _MARKUP.finditer(markup):
        text += markup[at : match.start()]
        start, at = len(text), match.end()
        text += match["words"]
        if match["entity"]:
            marked = [{"entity": match["entity"], "value": match["value"]}]
        else:
            found = _ATTRIBUTES.findall(match["one"] or match["several"])
            marked = [_attributes(attributes) for attributes in found]
        for number, attributes in enumerate(marked):
            if number:
                losses.add("further entities of the same words", f"{match['words']} = {attributes['entity']}")
                continue
            entities.append(_Entity(attributes["entity"], attributes.get("role"), start, len(text)))
            for name, kind in (("value", "values that words stand for"), ("group", "groups of entities")):
                if attributes.get(name):
                    losses.add(kind, f"{match['words']} = {attributes[name]}")
    return text + markup[at:], entities


def _attributes(text: str) -> dict[str, Any]:
    try:
        attributes = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError(f"{text} is not JSON") from None
    if not isinstance(attributes.get("entity"), str) or not isinstance(attributes.get("role"), str | None):
        raise ValueError(f"{text} has no entity, or a role that is no text")
    return dict(attributes)


def _slot_names(pairs: set[tuple[str, str | None]], conversion: Conversion) -> dict[tuple[str, str | None], str]:
    """The role, else the entity; ENTITY_ROLE where entities share a role or one has the name of a role."""
    shared: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for entity, role in pairs:
        shared[role or entity].append((entity, role))
    names = {}
    for name, of_name in shared.items():
        for entity, role in of_name:
            names[entity, role] = name if len(of_name) == 1 or role is None else f"{entity}_{role}"
    for (entity, role), name in sorted(names.items(), key=str):
        if role is not None and name == role and entity != conversion.entity_of(role):
            conversion.losses.add("entities of slots", f"{role} is a {entity}")
        if role is not None and name != role:
            conversion.losses.add("roles of several entities, renamed", f"{role} of {entity} is {name}")
    return names


def write_rasa(path: Path, rows: Iterable[Row], conversion: Conversion) -> None:
    """By intent, in order of the first row of each."""
    intents: dict[str, list[bytes]] = {}
    for row in rows:
        if markup := _row_to_markup(row, conversion):
            lines = intents.setdefault(intent_of(row), [])
            lines.append(b"  - text: " + _scalar(markup))
            lines.append(b"    metadata: " + _scalar({REST: rest_of(row)}))
    write_lines(path, _lines(intents))


def _lines(intents: Mapping[str, list[bytes]]) -> Iterator[bytes]:
    yield b'version: "' + _VERSION.encode() + b'"'
    yield b"nlu:" if intents else b"nlu: []"
    for intent, lines in intents.items():
        yield b"- intent: " + _scalar(intent)
        yield b"  examples:"
        yield from lines


def _scalar(value: Any) -> bytes:
    text = orjson.dumps(value).decode()
    return _NOT_IN_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def _row_to_markup(row: Row, conversion: Conversion) -> str | None:
    """None, and listed, where Rasa would read another sentence."""
    row = _stripped(row, conversion.losses)
    markup = ""
    for text, slot in row_to_chunks(row):
        if slot is None:
            markup += text
        elif (entity := conversion.entity_of(slot)) == slot:
            markup += f"[{text}]({slot})"
        else:
            markup += f"[{text}]{orjson.dumps({'entity': entity, 'role': slot}).decode()}"
    try:
        text, entities = markup_to_sentence(markup, Losses())
    except ValueError:
        text, entities = "", []
    if text == row.text and [Span(role or entity, *place) for entity, role, *place in entities] == list(row.slots):
        return markup
    conversion.losses.add_sentence(row.text, "Rasa's markup cannot say it")
    return None


def _stripped(row: Row, losses: Losses) -> Row:
    text = row.text.strip(_EDGES)
    if text == row.text:
        return row
    losses.add("white space at the ends of texts", repr(row.text))
    start = row.text.index(text)
    return replace(row, text=text, slots=tuple(Span(s.slot, s.start - start, s.end - start) for s in row.slots))
