"""Label Studio: its JSON export (not JSON-MIN) to rows, and rows to tasks with predictions, for people to correct.

Offsets are code points (its editor's test "Should calculate offsets by code points in text"); releases before frontend
pull request 308 counted UTF-16 units (issue 1347). The words that an export repeats tell which: a span whose words
stand at neither place is no span. `data` may hold any keys, so it holds the rest of a row. Source:
labelstud.io/guide/task_format and /guide/predictions.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from data.formats.exchange import Conversion, checked, numbered, read_json, rest_of, sentence_to_row
from data.formats.losses import Losses
from data.rows import Row, write_lines
from data.tags import Span

_LABELS = {"from_name": "label", "to_name": "text", "type": "labels"}
_INTENT = {"from_name": "intent", "to_name": "text", "type": "choices"}


def read_label_studio(path: Path, conversion: Conversion) -> Iterator[Row]:
    """A row for each task that somebody annotated: its ground truth, else its newest annotation."""
    losses = conversion.losses
    for number, task in enumerate(checked(read_json(path), list, str(path)), start=1):
        where = f"{path}: task {number}"
        task = checked(task, dict, where)
        if "data" not in task:
            raise ValueError(f"{where} has no data: export JSON, not JSON-MIN")
        data = dict(checked(task["data"], dict, f"{where}: data"))
        text = checked(data.pop(_text_key(data, where)), str, f"{where}: its text")
        done = [
            annotation
            for annotation in checked(task.get("annotations", []), list, f"{where}: annotations")
            if not checked(annotation, dict, f"{where}: an annotation").get("was_cancelled")
        ]
        if not done:
            losses.add_sentence(text, "nobody annotated it")
            continue
        done.sort(key=lambda annotation: (bool(annotation.get("ground_truth")), str(annotation.get("updated_at", ""))))
        for _ in done[:-1]:
            losses.add("further annotations of a task", text)
        results = checked(done[-1].get("result"), list, f"{where}: result")
        try:
            spans = [span for result in results if (span := _span(text, checked(result, dict, where), losses))]
        except ValueError as error:
            losses.add_sentence(text, str(error))
            continue
        row_id = data.get("id", task.get("id"))
        fields = {"lang": conversion.lang} | data
        fields["id"] = numbered(path, number) if row_id is None else str(row_id)
        choices = [choice for result in results for choice in _choices(result)]
        for other in choices[1:]:
            losses.add("further choices for a text", f"{text} = {other}")
        if row := sentence_to_row(text, spans, fields, choices[0] if choices else None, losses):
            yield row


def _text_key(data: dict[str, Any], where: str) -> str:
    """`text`, or the only string of a task."""
    keys = [key for key, value in data.items() if isinstance(value, str)]
    if "text" in data:
        return "text"
    if len(keys) != 1:
        raise ValueError(f"{where} has no text: its strings are {', '.join(keys) or 'none'}")
    return keys[0]


def _span(text: str, result: dict[str, Any], losses: Losses) -> Span | None:
    """None for what is no label, which is listed. ValueError for words that do not stand where they should."""
    value = result.get("value")
    labels = value.get("labels") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(labels, list) or not labels:
        if not _choices(result):
            losses.add("results of other kinds", result.get("type"))
        return None
    start, end = _offsets(text, value)
    for label in labels[1:]:
        losses.add("further labels of the same words", f"{text[start:end]} = {label}")
    return Span(str(labels[0]), start, end)


def _offsets(text: str, value: dict[str, Any]) -> tuple[int, int]:
    start, end = value.get("start"), value.get("end")
    if type(start) is not int or type(end) is not int:
        raise ValueError(f"start and end are integers, not {start!r} and {end!r}")
    words = value.get("text")
    if words is None or text[start:end] == checked(words, str, "the text of a label"):
        return start, end
    units = text.encode("utf-16-le")
    before = len(units[: 2 * start].decode("utf-16-le", errors="replace"))
    if text[before : before + len(words)] == words:
        return before, before + len(words)
    raise ValueError(f"{words!r} does not stand at {start}-{end}")


def _choices(result: dict[str, Any]) -> list[str]:
    """What was chosen for the whole text: its intent."""
    value = result.get("value")
    choices = value.get("choices") if isinstance(value, dict) and result.get("type") == "choices" else None
    return list(map(str, choices)) if isinstance(choices, list) else []


def write_label_studio(path: Path, rows: Iterable[Row], conversion: Conversion) -> None:
    """Tasks with predictions, for a config with <Text name="text">, <Labels name="label"> and, where rows have intents,
    <Choices name="intent">. A row's `confidence` is the score that sorts tasks."""
    write_lines(path, [orjson.dumps([_task(row) for row in rows], option=orjson.OPT_INDENT_2)])


def _task(row: Row) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for span in row.slots:
        words = row.text[span.start : span.end]
        value = {"start": span.start, "end": span.end, "text": words, "labels": [span.slot]}
        results.append({"id": f"{span.start}-{span.end}", **_LABELS, "value": value})
    if row.intent is not None:
        results.append({"id": "intent", **_INTENT, "value": {"choices": [row.intent]}})
    prediction: dict[str, Any] = {"model_version": "slotwise", "result": results}
    if isinstance(row.extra.get("confidence"), int | float):
        prediction["score"] = row.extra["confidence"]
    return {"data": {"text": row.text} | rest_of(row), "predictions": [prediction]}
