"""`tag_files`: what comes in, what comes out, and nothing lost between."""

import csv
import gzip
import io
import json
import os
import resource
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from model.parser import Parser
from service.jobs.sources import SourceError
from service.jobs.unfinished import JobError
from service.problems import InvalidRequestError
from service.tagging import Summary, tag_files

ODD_LINES = [
    (rb'{"id": "good", "text": "to Oslo", "lang": "en", "n": 123456789012345678901234567890}', None),
    (b"{not json", "invalid_json"),
    (b"", "invalid_json"),
    (b"42", "invalid_type"),
    (b'["to Oslo"]', "invalid_type"),
    (b'{"id": "no text"}', "missing_field"),
    (b'{"text": 7}', "invalid_type"),
    (b'{"text": null}', "invalid_type"),
    (b'{"text": ""}', "empty_text"),
    (b'{"text": "' + b"x" * 2001 + b'"}', "text_too_long"),
    (rb'{"text": "\ud800"}', "invalid_unicode"),
    (b'{"text": "\xff"}', "invalid_encoding"),
    (b'{"text": "to Oslo", "x": NaN}', "invalid_json"),
    (b'{"text": "to Oslo", "lang": "fr"}', "invalid_value"),
    (b'{"text": "to Oslo", "lang": 3}', "invalid_type"),
    (b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}", "invalid_json"),
    (rb'{"text": "to Oslo", "note": "\udc00 kept"}', None),
    ('{"text": "去上海\u2028", "lang": null}\r'.encode(), None),
    (b'{"text": "to Oslo", "reference_time": "yesterday"}', "invalid_value"),
    (b'{"text": "to Oslo", "reference_time": "0001-01-01T00:00:00+00:00"}', "invalid_value"),
    (b'{"text": "to Oslo", "timezone": "Mars"}', "invalid_value"),
    (b'{"text": "to Oslo", "requested_slot": "hotel"}', "invalid_value"),
]
TEXTS = ["to Oslo", "from Rome to Paris, please", 'say "to Oslo"', "去上海"]


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return [
            {name: value for name, value in row.items() if name != "error" or value}
            for row in parquet.read_table(path).to_pylist()
        ]
    content = path.read_bytes()
    if path.suffix == ".zst":
        content = pa.CompressedInputStream(pa.BufferReader(content), "zstd").read()
    lines = (gzip.decompress(content) if path.suffix == ".gz" else content).split(b"\n")
    assert lines.pop() == b""
    return [json.loads(line) for line in lines]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def spans(row: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(slot["slot"], slot["start"], slot["end"]) for slot in row["slots"]]


# What comes in


def as_csv(rows: Sequence[dict[str, str]], delimiter: str) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def as_lines(rows: Sequence[dict[str, str]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_parquet(rows: Sequence[dict[str, str]]) -> bytes:
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_pylist(list(rows)), sink)
    return bytes(sink.getvalue())


FORMATS: dict[str, Callable[[Sequence[dict[str, str]]], bytes]] = {
    "jsonl": as_lines,
    "jsonl.gz": lambda rows: gzip.compress(as_lines(rows)),
    "csv": lambda rows: b"\xef\xbb\xbf" + as_csv(rows, ","),
    "csv.zst": lambda rows: pa.Codec("zstd").compress(as_csv(rows, ","), asbytes=True),
    "tsv": lambda rows: as_csv(rows, "\t"),
    "parquet": as_parquet,
    "txt": lambda rows: "".join(row["text"] + "\r\n" for row in rows).encode(),
}


@pytest.mark.parametrize("ending", ["jsonl", "parquet", "jsonl.gz", "jsonl.zst"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_each_row_with_its_slots(parser: Parser, tmp_path: Path, name: str, ending: str) -> None:
    rows = [{"id": str(number), "text": text} for number, text in enumerate(TEXTS)]
    (tmp_path / f"in.{name}").write_bytes(FORMATS[name](rows))
    summary = tag_files([tmp_path / f"in.{name}"], tmp_path / f"out.{ending}", parser, part_rows=3)
    tagged = read(tmp_path / f"out.{ending}")
    own = [{"text": text} for text in TEXTS] if name == "txt" else rows
    assert [{key: value for key, value in row.items() if key != "slots"} for row in tagged] == own
    for row, text in zip(tagged, TEXTS, strict=True):
        alone = parser.parse(text).slots
        assert spans(row) == [(slot.slot, slot.start, slot.end) for slot in alone]
        for slot, expected in zip(row["slots"], alone, strict=True):
            value = slot["value"]
            assert (json.loads(value) if ending == "parquet" else value)["type"] == (expected.value or {})["type"]
    said = [slot for row in tagged for slot in row["slots"]]
    assert (summary.tally.rows, summary.tally.slots.total()) == (4, len(said))
    assert summary.tally.mean_confidence == pytest.approx(sum(slot["confidence"] for slot in said) / len(said))


def test_every_line_gives_one_row_and_a_bad_one_says_why(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", *(line for line, _ in ODD_LINES))
    summary = tag_files([source], tmp_path / "out.jsonl", parser)
    rows = read(tmp_path / "out.jsonl")
    assert [row["error"]["code"] if "error" in row else None for row in rows] == [code for _, code in ODD_LINES]
    assert all(row["slots"] == [] and row["error"]["detail"] for row in rows if "error" in row)
    assert (summary.tally.rows, summary.tally.failed.total()) == (
        len(ODD_LINES),
        sum(code is not None for _, code in ODD_LINES),
    )
    for number, ((line, _), row) in enumerate(zip(ODD_LINES, rows, strict=True), start=1):
        if "line" in row:
            assert (row["input"], row["line"]) == (str(source), number)
        else:
            own = json.loads(line)
            assert {name: row[name] for name in own} == own
    assert [row["line"] for row in rows if "line" in row] == [2, 3, 4, 5, 12, 13, 16]


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("in.csv", b"id,text\n1,to Oslo\n2\n3,a,b\n4,caf\xe9\n\n5,\n6,to Rome", [None, "missing_field", "invalid_csv",
                                                                              "invalid_encoding", "empty_text", None]),
        ("in.txt", b"to Oslo\n\ncaf\xe9\nto Rome", [None, "empty_text", "invalid_encoding", None]),
    ],
)  # fmt: skip
def test_bad_rows_of_text_formats(
    parser: Parser, tmp_path: Path, name: str, content: bytes, codes: list[str | None]
) -> None:
    (tmp_path / name).write_bytes(content)
    for ending in ("jsonl", "parquet"):
        tag_files([tmp_path / name], tmp_path / f"out.{ending}", parser)
        rows = read(tmp_path / f"out.{ending}")
        assert [row["error"]["code"] if "error" in row else None for row in rows] == codes


def test_parquet_keeps_its_types_and_a_string_may_be_no_unicode(parser: Parser, tmp_path: Path) -> None:
    bad = pa.Array.from_buffers(pa.string(), 2, pa.array([b"to Oslo", b"caf\xe9"], pa.binary()).buffers())
    columns = {
        "text": bad,
        "day": pa.array([date(2026, 11, 20), None]),
        "at": pa.array([1_700_000_000_123_456_789, 0], pa.timestamp("ns", "Asia/Taipei")),
        "tags": pa.array([["a"], None], pa.list_(pa.string())),
        "price": pa.array([1, None], pa.int16()),
        "kind": pa.array(["x", "y"]).dictionary_encode(),
        "slots": pa.array([1, 2]),
    }
    parquet.write_table(pa.table(columns), tmp_path / "in.parquet")
    tag_files([tmp_path / "in.parquet"], tmp_path / "out.parquet", parser)
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.schema.names == ["text", "day", "at", "tags", "price", "kind", "given_slots", "slots", "error"]
    for name in ("day", "at", "tags", "price", "kind"):
        assert table.schema.field(name).type == columns[name].type
        assert table[name].equals(pa.chunked_array([columns[name]]))
    assert [error and error["code"] for error in table["error"].to_pylist()] == [None, "invalid_encoding"]
    tag_files([tmp_path / "in.parquet"], tmp_path / "out.jsonl", parser)
    first, second = read(tmp_path / "out.jsonl")
    assert (first["day"], first["at"], first["tags"]) == ("2026-11-20", "2023-11-15T06:13:20.123456+08:00", ["a"])
    assert (second["text"], second["error"]["code"]) == ("caf\ufffd", "invalid_encoding")


def test_inputs_are_joined_in_order_and_the_last_line_may_lack_its_end(parser: Parser, tmp_path: Path) -> None:
    first, second, third = tmp_path / "1.jsonl", tmp_path / "2.jsonl", tmp_path / "3.csv"
    first.write_bytes(b'\xef\xbb\xbf{"text": "to Oslo"}\n{"text": "to Rome"}')
    second.write_bytes(b'{"text": "to York"}')
    third.write_bytes(b"text\nto Bath")
    tag_files([first, second, third, first], tmp_path / "out.jsonl", parser, part_rows=2)
    places = [row["text"][3:] for row in read(tmp_path / "out.jsonl")]
    assert places == ["Oslo", "Rome", "York", "Bath", "Oslo", "Rome"]


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.zst", "parquet"])
def test_an_empty_input_gives_an_empty_output(parser: Parser, tmp_path: Path, ending: str) -> None:
    (tmp_path / "in.jsonl").touch()
    assert tag_files([tmp_path / "in.jsonl"], tmp_path / f"out.{ending}", parser).tally.rows == 0
    assert read(tmp_path / f"out.{ending}") == []


# What a row says


def test_labels_and_errors_that_came_in_are_kept_under_another_name(parser: Parser, tmp_path: Path) -> None:
    given = [{"slot": "destination", "start": 3, "end": 7}]
    row = {"text": "to Oslo", "slots": given, "error": "old", "given_error": "older"}
    source = write(tmp_path / "in.jsonl", json.dumps(row).encode(), json.dumps(row | {"text": ""}).encode())
    tag_files([source], tmp_path / "out.jsonl", parser)
    good, bad = read(tmp_path / "out.jsonl")
    assert (good["given_slots"], good["given_given_error"], good["given_error"]) == (given, "old", "older")
    assert "error" not in good
    assert (bad["given_slots"], bad["slots"], bad["error"]["code"]) == (given, [], "empty_text")


def test_another_column_may_hold_the_text(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", b'{"said": "to Oslo", "text": 3}', b'{"text": "to Oslo"}')
    tag_files([source], tmp_path / "out.jsonl", parser, text_column="said")
    good, bad = read(tmp_path / "out.jsonl")
    assert "error" not in good
    assert bad["error"] == {"code": "missing_field", "detail": "there is no field 'said'"}


def test_what_was_asked_comes_from_its_column_or_from_the_context(parser: Parser, tmp_path: Path) -> None:
    asked = [
        ({"requested_slot": "origin"}, "origin"),
        ({"context": {"requested_slot": "destination"}}, "destination"),
        ({"context": {"requested_slot": "destination"}, "requested_slot": None}, "destination"),
        ({"context": {"requested_slot": "destination"}, "requested_slot": "origin"}, "origin"),
        ({"context": "before"}, None),
        ({"context": {"requested_slot": None}}, None),
    ]
    rows = [{"text": "to Oslo from Rome"} | own for own, _ in asked]
    write(tmp_path / "in.jsonl", *(json.dumps(row).encode() for row in rows))
    table = pa.table(
        {
            "text": ["to Oslo from Rome"] * 3,
            "requested_slot": ["origin", None, None],
            "context": [None, {"requested_slot": "destination"}, {"requested_slot": None}],
        }
    )
    parquet.write_table(table, tmp_path / "in.parquet")
    tag_files([tmp_path / "in.jsonl", tmp_path / "in.parquet"], tmp_path / "out.jsonl", parser)
    slots = [*(slot for _, slot in asked), "origin", "destination", None]
    for row, slot in zip(read(tmp_path / "out.jsonl"), slots, strict=True):
        expected = parser.parse("to Oslo from Rome", requested_slot=slot).slots
        assert [(one["slot"], one["confidence"]) for one in row["slots"]] == [
            (one.slot, round(one.confidence, 4)) for one in expected
        ]


TUESDAY = "2026-11-24T12:00:00+00:00"
CLOCKS: list[tuple[dict[str, Any], str, str]] = [
    # own columns, the reference time and the zone that the parser is to be asked with
    ({}, TUESDAY, "Asia/Tokyo"),
    ({"timezone": "Europe/Oslo"}, TUESDAY, "Europe/Oslo"),
    ({"reference_time": "2026-01-01T12:00:00+03:00"}, "2026-01-01T12:00:00+03:00", "Asia/Tokyo"),
    ({"reference_time": datetime(2026, 1, 1, 20)}, "2026-01-01T20:00:00+09:00", "Asia/Tokyo"),
    ({"reference_time": datetime(2026, 1, 1, 20), "timezone": "UTC"}, "2026-01-01T20:00:00+00:00", "UTC"),
    ({"reference_time": date(2026, 1, 1)}, "2026-01-01T00:00:00+09:00", "Asia/Tokyo"),
    ({"reference_time": datetime(2026, 1, 1, 20, tzinfo=UTC)}, "2026-01-01T20:00:00+00:00", "Asia/Tokyo"),
]


@pytest.mark.parametrize(("own", "reference", "zone"), CLOCKS)
def test_a_row_s_own_clock_goes_before_the_job_s(
    parser: Parser, tmp_path: Path, own: dict[str, Any], reference: str, zone: str
) -> None:
    text = "to Oslo tomorrow at 10 am"
    table = pa.Table.from_pylist([{"text": text, "timezone": None, "reference_time": None} | own])
    parquet.write_table(table, tmp_path / "in.parquet")
    tag_files([tmp_path / "in.parquet"], tmp_path / "out.jsonl", parser, reference_time=TUESDAY, timezone="Asia/Tokyo")
    expected = parser.parse(text, reference_time=datetime.fromisoformat(reference), timezone=zone)
    assert [slot["value"] for slot in read(tmp_path / "out.jsonl")[0]["slots"]] == [
        slot.value for slot in expected.slots
    ]
    assert any((slot.value or {})["type"] == "time" for slot in expected.slots)


def test_an_empty_cell_says_nothing(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", b"text,lang,reference_time,timezone,requested_slot", b"to Oslo,,,,", b"to Rome")
    tag_files([source], tmp_path / "out.jsonl", parser)
    assert not any("error" in row for row in read(tmp_path / "out.jsonl"))


def test_a_text_that_breaks_the_model_fails_alone(
    parser: Parser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = parser.parse_requests

    def broken(requests: Sequence[Any]) -> Any:
        if any("poison" in request.text for request in requests):
            raise RuntimeError("broken")
        return parse(requests)

    texts = [b"to Oslo", b"poison", b"to Rome", b"to Paris", b"more poison"]
    source = write(tmp_path / "in.txt", *texts)
    monkeypatch.setattr(parser, "parse_requests", broken)
    summary = tag_files([source], tmp_path / "out.jsonl", parser)
    rows = read(tmp_path / "out.jsonl")
    assert [row["text"].encode() for row in rows] == texts
    assert [row.get("error", {}).get("code") for row in rows] == [None, "internal", None, None, "internal"]
    assert summary.tally.failed == {"internal": 2}


# What comes out


@pytest.mark.parametrize(
    ("output", "options", "error", "words"),
    [
        ("out.jsonl", {"timezone": "Mars"}, InvalidRequestError, "Mars"),
        ("out.jsonl", {"reference_time": "now"}, InvalidRequestError, "now"),
        ("out.jsonl", {"workers": 2}, JobError, "they need its path"),
        ("out.csv", {}, ValueError, "must be a local file of JSONL"),
        ("s3://bucket/out.jsonl", {}, ValueError, "must be a local file of JSONL"),
        ("no/such/folder/out.jsonl", {}, FileNotFoundError, "No such file or directory"),
    ],
)
def test_a_wrong_option_fails_the_job_and_writes_nothing(
    parser: Parser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    output: str,
    options: dict[str, Any],
    error: type[Exception],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    source = write(tmp_path / "in.jsonl", b'{"text": "a"}')
    with pytest.raises(error, match=words):
        tag_files([source], output, parser, **options)
    assert names_in(tmp_path) == ["in.jsonl"]


def test_an_output_replaces_the_old_one_only_when_it_is_whole(parser: Parser, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("old\n")
    source = write(tmp_path / "in.jsonl", *[b'{"text": "a"}'] * 20)

    def stop(progress: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stopped:
        tag_files([source], output, parser, part_rows=10, tell=stop)
    assert stopped.value.__notes__ == ["10 rows are kept: go on with --resume"]
    assert output.read_text() == "old\n"
    tag_files([source], output, parser, part_rows=10, resume=True)
    assert len(read(output)) == 20
    assert names_in(tmp_path) == ["in.jsonl", "out.jsonl"]


def test_an_input_may_be_its_own_output(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "rows.jsonl", b'{"text": "to Oslo"}')
    tag_files([source], source, parser)
    assert "slots" in read(source)[0]


def test_a_new_file_has_the_permissions_of_any_new_file(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", b'{"text": "to Oslo"}')
    tag_files([source], tmp_path / "out.jsonl", parser)
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == stat.S_IMODE(source.stat().st_mode)


def test_a_device_is_written_to_and_never_replaced(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", b'{"text": "to Oslo"}')
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    tag_files([source], pipe, parser)
    assert json.loads(os.read(reader, 10_000))["text"] == "to Oslo"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_full_disk_stops_the_job_and_loses_nothing(parser: Parser, tmp_path: Path, ending: str) -> None:
    source = write(tmp_path / "in.txt", *[b"to Oslo from Rome"] * 600)
    clock = {"reference_time": TUESDAY, "part_rows": 50}
    tag_files([source], tmp_path / f"whole.{ending}", parser, **clock)
    output = tmp_path / f"out.{ending}"
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, most))  # no file may be larger
    try:
        with pytest.raises(OSError, match="File too large") as stopped:
            tag_files([source], output, parser, **clock)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert "rows are kept: go on with --resume" in stopped.value.__notes__[0]
    assert not output.exists()
    told: list[int] = []
    summary = tag_files([source], output, parser, resume=True, tell=lambda one: told.append(one.tally.rows), **clock)
    assert output.read_bytes() == (tmp_path / f"whole.{ending}").read_bytes()
    assert (summary.tally.rows, told[0] > 50) == (600, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "in.txt").write_text("changed\n"), "input .*in.txt"),
        (lambda folder: os.utime(folder / "in.txt"), "input .*in.txt"),
        (lambda folder: {"resolve": False}, "whether values are given"),
        (lambda folder: {"timezone": "Asia/Tokyo"}, "the timezone"),
        (lambda folder: {"part_rows": 20}, "the rows of a part"),
        (lambda folder: {"input_format": "jsonl"}, "the list of inputs"),
    ],
)
def test_a_changed_job_does_not_go_on(
    parser: Parser, tmp_path: Path, change: Callable[[Path], Any], words: str
) -> None:
    source = write(tmp_path / "in.txt", *[b"to Oslo"] * 40)

    def stop(progress: object) -> None:
        raise SourceError("stop")

    with pytest.raises(SourceError):
        tag_files([source], tmp_path / "out.jsonl", parser, part_rows=10, tell=stop)
    changed = change(tmp_path)
    options: dict[str, Any] = {"part_rows": 10} | (changed if isinstance(changed, dict) else {})
    with pytest.raises(JobError, match=rf"10 rows .* cannot go on: changed are {words}; delete "):
        tag_files([source], tmp_path / "out.jsonl", parser, resume=True, **options)


def test_the_reference_time_of_a_job_is_that_of_its_start(
    parser: Parser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.txt", *[b"tomorrow at 10 am"] * 20)
    moments: list[Any] = []
    parse = parser.parse_requests
    monkeypatch.setattr(parser, "parse_requests", lambda asked: moments.extend(asked) or parse(asked))

    def run(resume: bool, stop: bool) -> Summary:
        def tell(progress: object) -> None:
            if stop:
                raise SourceError("stop")

        return tag_files([source], tmp_path / "out.jsonl", parser, part_rows=10, resume=resume, tell=tell)

    with pytest.raises(SourceError):
        run(False, True)
    clock = json.loads((tmp_path / ".out.jsonl.job" / "job").read_bytes())["kept"]["clock"]
    job = json.loads((tmp_path / ".out.jsonl.job" / "job").read_bytes())
    job["kept"]["clock"] = clock | {"reference_time": "2020-02-02T02:02:02+00:00"}  # as if it had begun then
    (tmp_path / ".out.jsonl.job" / "job").write_text(json.dumps(job))
    run(True, False)
    assert {request.reference.now.year for request in moments[:10]} == {datetime.now(UTC).year}
    assert {request.reference.now for request in moments[10:]} == {datetime(2020, 2, 2, 2, 2, 2, tzinfo=UTC)}
