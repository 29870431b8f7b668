"""What the formats of other tools share: their sentences to rows, and a row's rest to a key that they leave alone."""

import reprlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import orjson

from data.catalogue import Catalogue, load_catalogue
from data.formats.losses import Losses
from data.rows import Row, row_from_json, row_to_json
from data.tags import Span

_T = TypeVar("_T")
REST = "slotwise"  # the key under which a file for another tool holds what that tool has no place for
# Tools that sort sentences by intent need one; a name that nobody else gives.
NO_INTENT = "slotwise_no_intent"


@dataclass(frozen=True, slots=True)
class Conversion:
    """`lang` is of the rows where a format does not say; `catalogue` tells the kinds of slots; `losses` are filled."""

    lang: str = "en"
    catalogue: Catalogue = field(default_factory=load_catalogue)
    losses: Losses = field(default_factory=Losses)

    def entity_of(self, slot: str) -> str:
        """What a slot is apart from its role: several slots of one kind are that kind, others are themselves."""
        known = self.catalogue.slots.get(slot)
        if known is None or known.kind == "text" or len(self.catalogue.of_kind(known.kind)) == 1:
            return slot
        return known.kind


class Chunk(NamedTuple):
    """A piece of a sentence, and the slot that it is."""

    text: str
    slot: str | None = None


def row_to_chunks(row: Row) -> Iterator[Chunk]:
    """The text in pieces that are slots and pieces between them."""
    at = 0
    for span in row.slots:
        if at < span.start:
            yield Chunk(row.text[at : span.start])
        yield Chunk(row.text[span.start : span.end], span.slot)
        at = span.end
    if at < len(row.text):
        yield Chunk(row.text[at:])


def chunks_to_sentence(chunks: Iterable[Chunk]) -> tuple[str, list[Span]]:
    text, spans = "", []
    for chunk in chunks:
        start, text = len(text), text + chunk.text
        if chunk.slot is not None:
            spans.append(Span(chunk.slot, start, len(text)))
    return text, spans


def rest_of(row: Row) -> dict[str, Any]:
    """All that a row holds beside its text, its slots and its intent."""
    rest = row_to_json(row)
    del rest["text"], rest["slots"]
    if row.intent is not None:
        del rest["intent"]
    return rest


def intent_of(row: Row) -> str:
    return NO_INTENT if row.intent is None else row.intent


def sentence_to_row(
    text: str, spans: Iterable[Span], fields: Mapping[str, Any], intent: str | None, losses: Losses
) -> Row | None:
    """A row with `fields` (id, lang, ...). White space at the edges of spans goes; what can be no row is left out,
    and both are listed."""
    record = dict(fields)
    if intent is not None and intent != NO_INTENT:
        record["intent"] = intent
    slots = [span._asdict() for span in _trimmed(text, spans, losses)]
    try:
        return row_from_json(record | {"text": text, "slots": slots})
    except ValueError as error:
        losses.add_sentence(text, str(error))
        return None


def _trimmed(text: str, spans: Iterable[Span], losses: Losses) -> Iterator[Span]:
    for span in spans:
        words = text[max(span.start, 0) : span.end]
        if words == words.strip():
            yield span
            continue
        losses.add("white space at the edges of spans", f"{span.slot} {words!r}")
        if words.strip():
            start = span.start + len(words) - len(words.lstrip())
            yield Span(span.slot, start, start + len(words.strip()))


def most_common_language(rows: Iterable[Row], otherwise: str) -> str:
    languages = [row.lang for row in rows]
    return max(dict.fromkeys(languages), key=languages.count, default=otherwise)


def numbered(path: Path, number: int) -> str:
    """The id of a sentence that has none."""
    return f"{path.stem}-{number:06}"


def read_json(path: Path) -> Any:
    return parse_json(path.read_bytes(), str(path))


def parse_json(content: bytes, where: str) -> Any:
    try:
        return orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise ValueError(f"{where}: not JSON: {error}") from None


def checked(value: object, kind: type[_T], where: str) -> _T:
    """The value, or ValueError that names the place where another kind of value stands."""
    if not isinstance(value, kind):
        raise ValueError(f"{where} is no {_NAMES[kind]}, but {reprlib.repr(value)}")
    return value


_NAMES: dict[type, str] = {dict: "object", list: "list", str: "string", int: "integer"}
