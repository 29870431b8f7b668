"""What `slotwise tag` writes, to rows: labels of a model, for people to correct before anything learns from them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.formats.exchange import Conversion, checked, numbered, parse_json, sentence_to_row
from data.formats.words import text_lines
from data.rows import Row
from data.tags import Span


def read_tagged(path: Path, conversion: Conversion) -> Iterator[Row]:
    """`confidence` of a row is that of its least sure slot. Rows that failed are left out."""
    for number, line in enumerate(text_lines(path), start=1):
        where = f"{path}:{number}"
        record = checked(parse_json(line.encode(), where), dict, where)
        text = checked(record.pop("text", None), str, f"{where}: text")
        slots = [checked(slot, dict, f"{where}: a slot") for slot in checked(record.pop("slots", None), list, where)]
        if "error" in record:
            conversion.losses.add_sentence(text, str(record["error"]))
            continue
        fields: dict[str, Any] = {"id": numbered(path, number), "lang": conversion.lang} | record
        if confidences := [slot["confidence"] for slot in slots if isinstance(slot.get("confidence"), float)]:
            fields["confidence"] = min(confidences)
        spans = [_span(slot, where) for slot in slots]
        if row := sentence_to_row(text, spans, fields, None, conversion.losses):
            yield row


def _span(slot: dict[str, Any], where: str) -> Span:
    start, end = (checked(slot.get(edge), int, f"{where}: {edge} of a slot") for edge in ("start", "end"))
    return Span(checked(slot.get("slot"), str, f"{where}: slot of a slot"), start, end)
