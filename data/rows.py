"""Rows: labelled sentences as JSONL, read strictly and written whole or not at all."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from data.files import whole_file
from data.tags import Span
from data.text import TextError, check_text


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled sentence. `labelled` None means that every slot of the catalogue was looked for."""

    id: str
    text: str
    lang: str
    slots: tuple[Span, ...] = ()
    labelled: tuple[str, ...] | None = None
    extra: dict[str, Any] = field(default_factory=dict)  # source, domain, context, ...: kept, never dropped

    def looks_for(self, slot: str) -> bool:
        return self.labelled is None or slot in self.labelled

    @property
    def requested_slot(self) -> str | None:
        """The slot that the traveller was just asked for."""
        context = self.extra.get("context")
        slot = context.get("requested_slot") if isinstance(context, dict) else None
        return slot if isinstance(slot, str) else None

    @property
    def intent(self) -> str | None:
        """What the sentence is for, where its source says."""
        intent = self.extra.get("intent")
        return intent if isinstance(intent, str) else None


def renamed(row: Row, names: Mapping[Span, str]) -> Row:
    """The row with other words in some of its spans; all spans move along."""
    text, spans, at = "", [], 0
    for span in row.slots:
        text += row.text[at : span.start]
        start = len(text)
        text += names.get(span, row.text[span.start : span.end])
        spans.append(Span(span.slot, start, len(text)))
        at = span.end
    return replace(row, text=text + row.text[at:], slots=tuple(spans))


class RowError(ValueError):
    """A bad row: where it stands and why."""

    def __init__(self, source: str, line: int, row_id: str | None, reason: str) -> None:
        super().__init__(source, line, row_id, reason)  # all of them, so that it can be pickled
        self.source, self.line, self.row_id, self.reason = source, line, row_id, reason

    def __str__(self) -> str:
        row = "" if self.row_id is None else f"row {self.row_id!r}: "
        return f"{self.source}:{self.line}: {row}{self.reason}"


_SPAN_KEYS = {"slot", "start", "end"}


def _is_string_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def span_problems(text: str, spans: Iterable[Span]) -> Iterator[str]:
    """What is wrong with spans over a text: out of bounds, empty, white space at an edge, overlap."""
    previous_end = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        where = f"slot {span.slot} {span.start}-{span.end}"
        if not 0 <= span.start < span.end <= len(text):
            yield f"{where} is empty or outside the text of {len(text)} characters"
            continue
        if text[span.start].isspace() or text[span.end - 1].isspace():
            yield f"{where} begins or ends with white space"
        if span.start < previous_end:
            yield f"{where} overlaps the slot before it"
        previous_end = max(previous_end, span.end)


def row_from_json(record: object) -> Row:
    """One parsed JSON value to a Row, or ValueError with the reason."""
    if not isinstance(record, dict):
        raise ValueError(f"a row is an object, not {type(record).__name__}")
    for key in ("id", "text", "lang"):
        if not isinstance(record.get(key), str):
            raise ValueError(f"{key!r} is missing" if key not in record else f"{key!r} is not a string")
    text = check_text(record["text"], max_characters=100_000)
    if not isinstance(record.get("slots"), list):
        raise ValueError("'slots' is missing" if "slots" not in record else "'slots' is not a list")
    spans = []
    for item in record["slots"]:
        if not isinstance(item, dict) or set(item) != _SPAN_KEYS:
            raise ValueError(f"a slot has exactly the keys slot, start and end, not {item!r}")
        if not isinstance(item["slot"], str) or type(item["start"]) is not int or type(item["end"]) is not int:
            raise ValueError(f"slot is a string, start and end are integers, not {item!r}")
        spans.append(Span(item["slot"], item["start"], item["end"]))
    if problems := list(span_problems(text, spans)):
        raise ValueError("; ".join(problems))
    labelled = record.get("labelled")
    if labelled is not None and not _is_string_list(labelled):
        raise ValueError("'labelled' is not a list of slot names")
    extra = {key: value for key, value in record.items() if key not in _ROW_KEYS}
    spans.sort(key=lambda span: span.start)
    return Row(
        record["id"],
        text,
        record["lang"],
        tuple(spans),
        None if labelled is None else tuple(labelled),
        extra,
    )


_ROW_KEYS = {"id", "text", "lang", "slots", "labelled"}


def row_to_json(row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {"id": row.id, "text": row.text, "lang": row.lang}
    record["slots"] = [{"slot": span.slot, "start": span.start, "end": span.end} for span in row.slots]
    if row.labelled is not None:
        record["labelled"] = list(row.labelled)
    return record | row.extra


def read_lines(path: Path) -> Iterator[Row | RowError]:
    """Every line of one file in order, as the row it holds or what is wrong with it."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            record: object = None
            try:
                record = orjson.loads(line)
                yield row_from_json(record)
            except (orjson.JSONDecodeError, TextError, ValueError) as error:
                row_id = record.get("id") if isinstance(record, dict) else None
                reason = f"not JSON: {error}" if isinstance(error, orjson.JSONDecodeError) else str(error)
                yield RowError(str(path), number, row_id, reason)


def iterate_rows(path: Path) -> Iterator[Row]:
    """Rows of one file in order; raises RowError at the first bad one."""
    for row in read_lines(path):
        if isinstance(row, RowError):
            raise row
        yield row


def read_rows(*paths: Path) -> list[Row]:
    """All rows of all files, or RowError: a file is never half accepted."""
    return [row for path in paths for row in iterate_rows(path)]


def write_rows(path: Path, rows: Iterable[Row]) -> int:
    """Write a file that appears whole or not at all; returns the number of rows."""
    return write_lines(path, (orjson.dumps(row_to_json(row)) for row in rows))


def write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """Write a file that appears whole or not at all; returns the number of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with whole_file(path) as file:
        for line in lines:
            file.write(line + b"\n")
            count += 1
    return count
