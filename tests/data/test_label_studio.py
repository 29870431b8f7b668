import json
from pathlib import Path
from typing import Any

import pytest

from data.formats.exchange import Conversion
from data.formats.label_studio import read_label_studio, write_label_studio
from data.rows import Row
from data.tags import Span

TEXT = "👋🏽 fly to Oslo now"


def label(start: int, end: int, *labels: str, text: str | None = None) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": list(labels)} | ({} if text is None else {"text": text})
    return {"type": "labels", "from_name": "label", "to_name": "text", "value": value}


def annotation(*results: Any, **more: Any) -> dict[str, Any]:
    return {"result": list(results), "was_cancelled": False} | more


def read(folder: Path, *tasks: dict[str, Any]) -> tuple[list[Row], Conversion]:
    path = folder / "export.json"
    path.write_text(json.dumps(list(tasks)), encoding="utf-8")
    conversion = Conversion()
    return list(read_label_studio(path, conversion)), conversion


def units(text: str) -> int:
    """UTF-16 units, which JavaScript counts."""
    return len(text.encode("utf-16-le")) // 2


AT = TEXT.index("Oslo")
AT_UNITS = units(TEXT[:AT])


@pytest.mark.parametrize(
    "result",
    [
        label(AT, AT + 4, "destination", text="Oslo"),
        label(AT, AT + 4, "destination"),
        label(AT_UNITS, AT_UNITS + 4, "destination", text="Oslo"),
        label(AT - 1, AT + 5, "destination", text=" Oslo "),
    ],
)
def test_offsets_are_code_points_unless_the_words_say_utf16(result: dict[str, Any], tmp_path: Path) -> None:
    assert AT_UNITS == AT + 2
    [row], _ = read(tmp_path, {"id": 7, "data": {"text": TEXT}, "annotations": [annotation(result)]})
    assert row == Row("7", TEXT, "en", (Span("destination", AT, AT + 4),))


def test_the_ground_truth_counts_and_else_the_newest_annotation(tmp_path: Path) -> None:
    old, new = label(0, 2, "old"), label(0, 2, "new")
    results = [
        [annotation(new, updated_at="2026-02"), annotation(old, updated_at="2026-01")],
        [annotation(new, updated_at="2026-01", ground_truth=True), annotation(old, updated_at="2026-02")],
        [annotation(old, was_cancelled=True), annotation(new)],
    ]
    rows, conversion = read(tmp_path, *({"data": {"text": "hm"}, "annotations": found} for found in results))
    assert [row.slots[0].slot for row in rows] == ["new"] * 3
    assert dict(conversion.losses.counts) == {"further annotations of a task": 2}


def test_what_is_no_row_is_listed(tmp_path: Path) -> None:
    relation = {"type": "relation", "from_id": "a", "to_id": "b"}
    choice = {"type": "choices", "value": {"choices": ["book", "ask"]}}
    rows, conversion = read(
        tmp_path,
        {"data": {"text": "a"}, "annotations": [annotation(label(0, 1, "x", "y"), relation, choice)]},
        {"data": {"text": "b"}, "annotations": [], "predictions": [annotation(label(0, 1, "x"))]},
        {"data": {"text": "c"}, "annotations": [annotation(was_cancelled=True)]},
        {"data": {"text": "de"}, "annotations": [annotation(label(0, 2, "x"), label(1, 2, "x"))]},
        {"data": {"text": "f"}, "annotations": [annotation(label(0, 1, "x", text="g"))]},
        {"data": {"query": "h", "n": 1}, "annotations": [annotation()]},
    )
    assert [(row.text, row.slots, row.extra) for row in rows] == [
        ("a", (Span("x", 0, 1),), {"intent": "book"}),
        ("h", (), {"n": 1}),
    ]
    assert dict(conversion.losses.counts) == {
        "further labels of the same words": 1,
        "results of other kinds": 1,
        "further choices for a text": 1,
        "sentences left out": 4,
    }


def test_a_small_export_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON-MIN"):
        read(tmp_path, {"text": "a", "label": []})


def test_rows_are_tasks_with_predictions(tmp_path: Path) -> None:
    row = Row("1", TEXT, "en", (Span("destination", AT, AT + 4),), extra={"confidence": 0.25})
    write_label_studio(tmp_path / "tasks.json", [row], Conversion())
    [task] = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    [prediction] = task["predictions"]
    assert task["data"] == {"text": TEXT, "id": "1", "lang": "en", "confidence": 0.25}
    assert prediction["score"] == 0.25
    [result] = prediction["result"]
    assert result["value"] == {"start": AT, "end": AT + 4, "text": "Oslo", "labels": ["destination"]}
    assert "annotations" not in task  # what nobody looked at is nobody's annotation
