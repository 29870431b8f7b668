import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

CLOCK = ("--reference-time", "2026-11-20T10:00:00+08:00", "--timezone", "Asia/Shanghai")


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        (["time", "next friday morning", *CLOCK], "value", "2026-11-27T06:00:00+08:00/2026-11-27T12:00:00+08:00"),
        (["time", "下周五早上", *CLOCK], "value", "2026-11-27T06:00:00+08:00/2026-11-27T12:00:00+08:00"),
        (["time", "5/12/2026", "--lang", "en-GB", *CLOCK], "value", "2026-12-05"),
        (["place", "浦东机场"], "iata", ["PVG"]),
        (["place", "Birmingham"], "country", "GB"),
        (["place", "Birmingham", "--country", "US"], "country", "US"),
        (["count", "two adults and a child"], "breakdown", {"adults": 2, "children": 1, "infants": 0}),
        (["time", "whenever the moon is full"], "status", "unresolved"),
    ],
)
def test_one_phrase(command: Any, arguments: list[str], field: str, value: object) -> None:
    done = command("resolve", *arguments, "--json")
    assert (done.status, done.error) == (0, "")
    assert json.loads(done.out)[field] == value


def test_a_person_reads_one_line(command: Any) -> None:
    assert command("resolve", "place", "Taipei").out == "Taipei, TW, TPE, TSA\n"


def test_rows_keep_their_fields_and_a_bad_one_fails_alone(command: Any, tmp_path: Path) -> None:
    clock = {"reference": "2026-11-20T10:00:00+08:00", "timezone": "Asia/Shanghai"}
    rows = write(
        tmp_path / "in.jsonl",
        {"id": 1, "kind": "time", "phrase": "tomorrow", "lang": "en", **clock, "note": "kept", "value": "old"},
        {"id": 2, "kind": "place", "phrase": "Birmingham", "lang": "en", "hint": {"country": "US"}},
        {"id": 3, "kind": "place", "phrase": "Birmingham", "lang": "en", "hint": "US"},
        {"id": 4, "kind": "count", "phrase": "3 friends", "before": "with"},
        {"id": 5, "kind": "time", "phrase": "", "lang": "en"},
        {"id": 6, "kind": "date", "phrase": "tomorrow"},
        {"id": 7, "kind": "time", "phrase": "tomorrow", "reference": "2026-11-20"},
        {"id": 8, "kind": "time", "phrase": "tomorrow", "timezone": "Mars"},
        {"id": 9, "kind": "time"},
        {"id": 10, "kind": "time", "phrase": "\udc00"},
    )
    done = command("resolve", "--rows", str(rows), "-o", str(tmp_path / "out.jsonl"))
    assert done.status == 3
    assert "10 rows, 5 failed" in done.error
    found = read(tmp_path / "out.jsonl")
    assert [row["id"] for row in found] == list(range(1, 11))
    assert (found[0]["value"]["value"], found[0]["note"], found[0]["given_value"]) == ("2026-11-21", "kept", "old")
    assert [row["value"]["country"] for row in found[1:3]] == ["US", "US"]
    assert found[3]["value"]["value"] == 4
    assert (found[4]["value"]["status"], found[4]["value"]["reason"]) == ("unresolved", "not_a_time")
    assert [row["value"] for row in found[5:]] == [None] * 5
    codes = [row["error"]["code"] for row in found[5:]]
    assert codes == ["invalid_value", "invalid_value", "invalid_value", "missing_field", "invalid_unicode"]


def test_labelled_sentences_get_a_frame(command: Any, tmp_path: Path) -> None:
    text = "from Boston on friday after 6 pm, back sunday, with 2 friends"
    said = [("origin", "Boston"), ("departure_time", "friday"), ("departure_time", "6 pm"), ("return_time", "sunday")]
    slots = [
        {"slot": slot, "start": text.index(words), "end": text.index(words) + len(words)}
        for slot, words in [*said, ("passengers", "2 friends")]
    ]
    row = {"id": "a", "text": text, "lang": "en", "slots": slots[::-1], "reference": "2026-11-20T10:00:00-05:00"}
    unknown = {"id": "b", "text": "to Oslo", "slots": [{"slot": "colour", "start": 3, "end": 7}]}
    outside = {"id": "c", "text": "to Oslo", "slots": [{"slot": "origin", "start": 3, "end": 9}]}
    rows = write(tmp_path / "in.jsonl", row | {"timezone": "America/New_York"}, unknown, outside)
    done = command("resolve", "--spans", str(rows), "-o", str(tmp_path / "out.jsonl"), "-q")
    assert (done.status, done.error) == (3, "")
    first, *bad = read(tmp_path / "out.jsonl")
    assert list(first["frame"]) == ["origin", "departure_time", "return_time", "passengers"]
    assert first["frame"]["departure_time"]["value"] == "2026-11-20T18:00:00-05:00/2026-11-21T00:00:00-05:00"
    assert first["frame"]["return_time"]["value"] == "2026-11-22"
    assert first["frame"]["passengers"]["value"] == 3
    assert ["colour" in bad[0]["error"]["detail"], "outside the text" in bad[1]["error"]["detail"]] == [True, True]
    assert [one["frame"] for one in bad] == [{}, {}]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "KIND and a PHRASE"),
        (["time"], "KIND and a PHRASE"),
        (["colour", "red"], "'colour'"),
        (["time", "tomorrow", "--rows", "-"], "KIND and a PHRASE"),
        (["--rows", "-"], "-o OUTPUT"),
        (["time", "tomorrow", "--reference-time", "2026-11-20"], "offset"),
        (["time", "tomorrow", "--timezone", "Mars"], "'Mars'"),
        (["place", "Paris", "--country", "France"], "'France'"),
    ],
)
def test_bad_usage_is_one_line(command: Any, arguments: list[str], words: str) -> None:
    done = command("resolve", *arguments)
    assert (done.status, done.out) == (2, "")
    assert words in done.error
    assert done.error.count("\n") == 1


def test_values_need_no_torch(slotwise: Path) -> None:
    code = "import sys, service.resolving, slotwise; sys.exit('torch' in sys.modules)"
    subprocess.run([slotwise.with_name("python"), "-c", code], check=True)
