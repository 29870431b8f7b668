import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from data.rows import Row, RowError, iterate_rows, read_lines, read_rows, row_from_json, row_to_json, write_rows
from data.tags import Span

ROW: dict[str, Any] = {
    "id": "1",
    "text": "arrive Taipei on November 2nd",
    "lang": "en",
    "slots": [{"slot": "destination", "start": 7, "end": 13}, {"slot": "arrival_time", "start": 17, "end": 29}],
    "source": "hand",
    "context": {"requested_slot": "destination"},
}


def test_a_row_goes_to_json_and_back_with_its_extra_keys() -> None:
    row = row_from_json(ROW)
    assert row.slots == (Span("destination", 7, 13), Span("arrival_time", 17, 29))
    assert row.extra == {"source": "hand", "context": {"requested_slot": "destination"}}
    assert row_to_json(row) == ROW


@given(
    st.builds(
        Row,
        st.text(st.characters(codec="utf-8")),
        st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip),
        st.just("en"),
        labelled=st.none() | st.lists(st.sampled_from("ab")).map(tuple),
        extra=st.dictionaries(st.sampled_from(["source", "kind"]), st.integers(0, 9)),
    )
)
def test_any_text_survives_the_file_format(row: Row) -> None:
    assert row_from_json(orjson.loads(orjson.dumps(row_to_json(row)))) == row


def test_slots_come_in_the_order_of_the_text() -> None:
    row = row_from_json(ROW | {"slots": ROW["slots"][::-1]})
    assert [span.slot for span in row.slots] == ["destination", "arrival_time"]


def test_without_labelled_a_row_looks_for_every_slot() -> None:
    assert row_from_json(ROW).looks_for("price")
    partly = row_from_json(ROW | {"labelled": ["destination", "arrival_time"]})
    assert (partly.looks_for("destination"), partly.looks_for("price")) == (True, False)


@pytest.mark.parametrize(
    ("context", "slot"),
    [
        ({"requested_slot": "origin"}, "origin"),
        ({}, None),
        (None, None),
        ("origin", None),
        ({"requested_slot": 1}, None),
    ],
)
def test_a_row_knows_the_slot_that_was_asked_for(context: object, slot: str | None) -> None:
    assert row_from_json(ROW | {"context": context}).requested_slot == slot


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": 7}, "'id' is not a string"),
        ({"text": None}, "'text' is not a string"),
        ({"text": "  "}, "text is empty or only white space"),
        ({"slots": None}, "'slots' is not a list"),
        ({"slots": [{"slot": "a", "start": 0}]}, "a slot has exactly the keys slot, start and end"),
        ({"slots": [{"slot": "a", "start": 0, "end": 1, "text": "a"}]}, "a slot has exactly the keys"),
        ({"slots": [{"slot": "a", "start": 0, "end": True}]}, "start and end are integers"),
        ({"slots": [{"slot": "a", "start": 5, "end": 5}]}, "slot a 5-5 is empty or outside the text of 29 characters"),
        ({"slots": [{"slot": "a", "start": 0, "end": 30}]}, "slot a 0-30 is empty or outside"),
        ({"slots": [{"slot": "a", "start": -1, "end": 3}]}, "slot a -1-3 is empty or outside"),
        ({"slots": [{"slot": "a", "start": 6, "end": 13}]}, "slot a 6-13 begins or ends with white space"),
        ({"slots": ROW["slots"] + [{"slot": "b", "start": 9, "end": 13}]}, "slot b 9-13 overlaps the slot before it"),
        ({"labelled": "destination"}, "'labelled' is not a list of slot names"),
        ({"labelled": [1]}, "'labelled' is not a list of slot names"),
    ],
)
def test_a_bad_row_is_refused_with_the_reason(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=regex.escape(reason)):
        row_from_json(ROW | change)


@pytest.mark.parametrize("key", ["id", "text", "lang", "slots"])
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(ValueError, match=f"'{key}' is missing"):
        row_from_json({name: value for name, value in ROW.items() if name != key})


def test_all_that_is_wrong_with_the_spans_is_told() -> None:
    slots = [{"slot": "a", "start": 6, "end": 13}, {"slot": "b", "start": 99, "end": 100}]
    with pytest.raises(ValueError, match=r"a 6-13 begins .*; slot b 99-100 is empty or outside"):
        row_from_json(ROW | {"slots": slots})


def file_of(folder: Path, *lines: bytes) -> Path:
    path = folder / "rows.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_an_error_names_file_line_id_and_reason(tmp_path: Path) -> None:
    path = file_of(tmp_path, orjson.dumps(ROW), orjson.dumps(ROW | {"id": "x", "lang": 3}))
    with pytest.raises(RowError) as error:
        read_rows(path)
    assert str(error.value) == f"{path}:2: row 'x': 'lang' is not a string"
    assert (error.value.line, error.value.row_id) == (2, "x")


@pytest.mark.parametrize("line", [b"{", b"", b"[]", b"3", b"\xff", b'{"id": "\\ud800"}', b"null"])
def test_a_line_that_holds_no_row_is_an_error_with_its_number(tmp_path: Path, line: bytes) -> None:
    path = file_of(tmp_path, orjson.dumps(ROW), line)
    rows = iterate_rows(path)
    assert next(rows).id == "1"
    with pytest.raises(RowError, match=r"rows\.jsonl:2: (not JSON|a row is an object)"):
        next(rows)


def test_read_lines_goes_on_behind_a_bad_line(tmp_path: Path) -> None:
    found = list(read_lines(file_of(tmp_path, b"{", orjson.dumps(ROW), b"[]")))
    assert [type(item) for item in found] == [RowError, Row, RowError]
    assert [item.line for item in found if isinstance(item, RowError)] == [1, 3]


def test_written_rows_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rows.jsonl"
    rows = [row_from_json(ROW), Row("2", "去台北\u2028。", "zh")]
    assert write_rows(path, rows) == 2
    assert read_rows(path) == rows
    assert stat.S_IMODE(path.stat().st_mode) & 0o444 == stat.S_IMODE((tmp_path / "new").stat().st_mode) & 0o444


def test_a_file_that_fails_half_way_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = file_of(tmp_path, orjson.dumps(ROW))

    def rows() -> Iterator[Row]:
        yield Row("2", "b", "en")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_rows(path, rows())
    assert [row.id for row in read_rows(path)] == ["1"]
    assert list(tmp_path.iterdir()) == [path]
