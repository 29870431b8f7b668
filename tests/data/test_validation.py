from pathlib import Path
from random import Random

import orjson
import pytest

from data.catalogue import load_catalogue
from data.rows import Row
from data.tags import Span
from data.validation import Finding, read_for_validation, validate

TRAVEL = load_catalogue()


def row(row_id: str, marked: str, labelled: tuple[str, ...] | None = None, requested: str | None = None) -> Row:
    """ "to [Leeds:destination]" to a row."""
    text, spans = "", []
    for number, piece in enumerate(marked.replace("]", "[").split("[")):
        if number % 2:
            said, slot = piece.split(":")
            spans.append(Span(slot, len(text), len(text) + len(said)))
            text += said
        else:
            text += piece
    return Row(
        row_id, text, "en", tuple(spans), labelled, {"context": {"requested_slot": requested}} if requested else {}
    )


def found(*rows: Row, **files: list[Row]) -> list[Finding]:
    return validate({"a": list(rows)} | files if rows else files, TRAVEL)


def kinds(findings: list[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(finding.kind, finding.file, finding.ids) for finding in findings]


def test_sound_rows_have_no_findings() -> None:
    rows = [row("1", "from [Leeds:origin] to [York:destination]"), row("2", "hello", labelled=("price",))]
    assert found(*rows, b=[row("3", "two tickets")]) == []


def test_slots_out_of_the_catalogue_are_errors_also_in_labelled() -> None:
    findings = found(row("1", "to [Leeds:goal]"), row("2", "hello", labelled=("price", "colour")))
    assert [(finding.severity, finding.ids, finding.detail) for finding in findings] == [
        ("error", ("1",), "'goal' is not in the catalogue"),
        ("error", ("2",), "'colour' in 'labelled' is not in the catalogue"),
    ]


def test_a_slot_that_the_row_does_not_look_for_is_a_warning() -> None:
    [finding] = found(row("1", "to [Leeds:destination]", labelled=("origin",)))
    assert (finding.kind, finding.severity) == ("slot not looked for", "warning")


def test_every_misaligned_span_is_an_error() -> None:
    findings = found(Row("1", "to Leeds or York", "en", (Span("origin", 3, 7), Span("destination", 13, 16))))
    assert [finding.detail for finding in findings] == [
        "origin 3-7 begins or ends inside a token: 'Leed'",
        "destination 13-16 begins or ends inside a token: 'ork'",
    ]


def test_overlapping_and_empty_spans_are_errors() -> None:
    findings = found(Row("1", "to Leeds", "en", (Span("origin", 3, 8), Span("origin", 3, 8), Span("price", 9, 9))))
    assert [(finding.kind, finding.severity) for finding in findings] == [("broken span", "error")] * 2
    assert "overlaps" in findings[0].detail
    assert "empty" in findings[1].detail


def test_an_id_twice_in_a_file_is_an_error_and_in_two_files_a_warning() -> None:
    findings = found(a=[row("1", "one"), row("1", "two"), row("2", "three")], b=[row("2", "four")])
    assert [(finding.kind, finding.severity, finding.file, finding.ids) for finding in findings] == [
        ("duplicate id", "error", "a", ("1",)),
        ("id in two files", "warning", "b", ("a:2", "2")),
    ]


def test_the_same_text_is_found_within_and_across_files() -> None:
    findings = found(a=[row("1", "hello there"), row("2", "hello there")], b=[row("3", "hello there"), row("4", "bye")])
    assert kinds(findings) == [
        ("duplicate", "a", ("1", "2")),
        ("duplicate across files", "b", ("a:1", "a:2", "3")),
    ]


LONG = "i want to take the early train from leeds over york to durham"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("To Leeds, please!", "to leeds please"),
        ("Ｇ７ 去北京", "g7去北京。"),
        (LONG, LONG + " now"),
        (LONG, LONG.replace("early ", "")),
        (LONG, "from leeds over york to durham i want to take the early train"),
    ],
)
def test_nearly_the_same_text_in_two_files_is_found(one: str, other: str) -> None:
    findings = found(a=[row("1", one), row("0", "something else")], b=[row("2", other)])
    assert kinds(findings) == [("near duplicate across files", "b", ("a:1", "2"))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("at 10:30", "at 10:31"),
        ("to leeds", "to york"),
        (LONG, LONG.replace("leeds over york", "selby over ripon")),
        ("?!", "..."),
    ],
)
def test_texts_that_differ_in_digits_or_words_are_not_near(one: str, other: str) -> None:
    assert found(a=[row("1", one)], b=[row("2", other)]) == []


def test_near_duplicates_within_a_file_are_left_alone() -> None:
    assert found(a=[row("1", "to leeds"), row("2", "To Leeds!")], b=[row("3", "bye")]) == []


def test_the_index_finds_what_comparing_all_pairs_finds() -> None:
    rng = Random(2)
    words = list("abcdefghijklmnop")
    texts = list(dict.fromkeys(" ".join(rng.sample(words, rng.randrange(8, 15))) for _ in range(240)))
    first, second = texts[:120], texts[120:]
    near = set()
    for index, text in enumerate(second):
        sets = [(set(text.split()), set(other.split())) for other in first]
        if any(len(one & other) / len(one | other) >= 0.9 for one, other in sets):
            near.add(f"b{index}")
    findings = found(
        a=[row(f"a{index}", text) for index, text in enumerate(first)],
        b=[row(f"b{index}", text) for index, text in enumerate(second)],
    )
    assert 10 < len(near) < 110
    assert {finding.ids[-1] for finding in findings if finding.kind.startswith("near")} == near


def conflicts(*rows: Row) -> list[str]:
    return [finding.detail for finding in found(*rows) if finding.kind == "label conflict"]


def test_the_same_phrase_in_the_same_words_as_two_slots_is_a_conflict() -> None:
    assert conflicts(
        row("1", "We travel to New [York:destination] on May 2 ok"),
        row("2", "go to new [york:origin] On may 3"),
        row("3", "trips to new [york:origin] on may days"),
    ) == ["to new [ york ] on may: destination in 1, origin in 2"]


def test_a_phrase_labelled_here_and_left_out_there_is_a_conflict() -> None:
    assert conflicts(row("1", "leave on [May 2:departure_time]."), row("2", "please leave on may 2.")) == [
        "leave on [ may 2 ] .: departure_time in 1, nothing in 1"
    ]


@pytest.mark.parametrize(
    "other",
    [
        row("2", "back on may 2."),
        row("2", "leave on may 2 or 3"),
        row("2", "leave on may 2.", labelled=("price",)),
        row("2", "leave on [may 2:departure_time]."),
        row("2", "leave on may [2:passengers].", labelled=("departure_time", "passengers")),
        row("2", "leave on may 2.", requested="return_time"),
    ],
)
def test_other_context_or_a_source_that_does_not_look_is_no_conflict(other: Row) -> None:
    assert conflicts(row("1", "leave on [May 2:departure_time]."), other) == []


def test_errors_come_before_warnings() -> None:
    findings = found(row("1", "hello"), row("2", "hello"), row("3", "to [Leeds:goal]"))
    assert [finding.severity for finding in findings] == ["error", "warning"]


def test_every_unreadable_row_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    good = {"id": "1", "text": "hello", "lang": "en", "slots": []}
    path.write_bytes(b"\n".join([b"{", orjson.dumps(good), orjson.dumps(good | {"id": "2", "lang": None}), b"[]"]))
    rows, findings = read_for_validation(path)
    assert [row.id for row in rows] == ["1"]
    assert [finding.ids for finding in findings] == [(), ("2",), ()]
    assert [finding.detail.split(":")[0] for finding in findings] == ["line 1", "line 3", "line 4"]
    assert {(finding.kind, finding.severity, finding.file) for finding in findings} == {
        ("unreadable row", "error", str(path))
    }
