import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from model.parser import Parser
from service.jobs import MAX_LINE_BYTES, WINDOW, read_lines, row_from_line, run_job
from service.problems import InvalidRequestError
from service.tagging import tagging_job

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
    (b'{"text": "\xff"}', "invalid_json"),
    (b'{"text": "to Oslo", "x": NaN}', "invalid_json"),
    (b'{"text": "to Oslo", "lang": "fr"}', "invalid_value"),
    (b'{"text": "to Oslo", "lang": 3}', "invalid_type"),
    (b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}", "invalid_json"),
    (rb'{"text": "to Oslo", "note": "\udc00 kept"}', None),
    ('{"text": "去上海\u2028", "lang": null}\r'.encode(), None),
]


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, *lines: bytes) -> str:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return str(path)


def test_every_line_gives_one_row_and_a_bad_one_says_why(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", *(line for line, _ in ODD_LINES))
    summary = run_job(tagging_job(parser), [source], str(tmp_path / "out.jsonl"))
    rows = read(tmp_path / "out.jsonl")
    assert [row["error"]["code"] if "error" in row else None for row in rows] == [code for _, code in ODD_LINES]
    assert all(row["slots"] == [] for row in rows if "error" in row)
    assert all(row["error"]["detail"] for row in rows if "error" in row)
    assert (summary.rows, summary.failed.total()) == (len(ODD_LINES), sum(code is not None for _, code in ODD_LINES))


def test_a_row_keeps_its_own_fields(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", *(line for line, _ in ODD_LINES))
    run_job(tagging_job(parser), [source], str(tmp_path / "out.jsonl"))
    rows = read(tmp_path / "out.jsonl")
    for (line, _), row in zip(ODD_LINES, rows, strict=True):
        if "line" not in row:
            own = json.loads(line)
            assert {name: row[name] for name in own} == own
    assert [row["line"] for row in rows if "line" in row] == [2, 3, 4, 5, 12, 13, 16]


def test_slots_are_the_parser_s(parser: Parser, tmp_path: Path) -> None:
    texts = [f"I want to go to Oslo with {'my dear ' * (number % 7)}friends" for number in range(WINDOW + 50)]
    source = write(tmp_path / "in.jsonl", *(json.dumps({"text": text}).encode() for text in texts))
    run_job(tagging_job(parser), [source], str(tmp_path / "out.jsonl"))
    rows = read(tmp_path / "out.jsonl")
    assert [row["text"] for row in rows] == texts
    for row in (rows[0], rows[3], rows[-1]):
        alone = [(slot.slot, slot.start, slot.end) for slot in parser.parse(row["text"]).slots]
        assert [(slot["slot"], slot["start"], slot["end"]) for slot in row["slots"]] == alone
    assert any(row["slots"] for row in rows)


def test_labels_and_errors_that_came_in_are_kept_under_another_name(parser: Parser, tmp_path: Path) -> None:
    given = [{"slot": "destination", "start": 3, "end": 7}]
    row = {"text": "to Oslo", "slots": given, "error": "old"}
    source = write(tmp_path / "in.jsonl", json.dumps(row).encode(), json.dumps(row | {"text": ""}).encode())
    run_job(tagging_job(parser), [source], str(tmp_path / "out.jsonl"))
    good, bad = read(tmp_path / "out.jsonl")
    assert (good["given_slots"], good["given_error"]) == (given, "old")
    assert "error" not in good
    assert (bad["given_slots"], bad["slots"], bad["error"]["code"]) == (given, [], "empty_text")


def test_inputs_are_joined_in_order_and_the_last_line_may_lack_its_end(parser: Parser, tmp_path: Path) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    first.write_bytes(b'\xef\xbb\xbf{"text": "to Oslo"}\n{"text": "to Rome"}')
    second.write_bytes(b'{"text": "to York"}')
    run_job(tagging_job(parser), [str(first), str(second), str(first)], str(tmp_path / "out.jsonl"))
    places = [row["text"][3:] for row in read(tmp_path / "out.jsonl")]
    assert places == ["Oslo", "Rome", "York", "Oslo", "Rome"]


def test_an_empty_input_gives_an_empty_output(parser: Parser, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").touch()
    assert run_job(tagging_job(parser), [str(tmp_path / "in.jsonl")], str(tmp_path / "out.jsonl")).rows == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_another_column_may_hold_the_text(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", b'{"said": "to Oslo", "text": 3}', b'{"text": "to Oslo"}')
    run_job(tagging_job(parser, text_column="said"), [source], str(tmp_path / "out.jsonl"))
    good, bad = read(tmp_path / "out.jsonl")
    assert "error" not in good
    assert bad["error"] == {"code": "missing_field", "detail": "there is no field 'said'"}


def test_what_was_asked_comes_from_its_column_or_from_the_context(parser: Parser, tmp_path: Path) -> None:
    asked = [{"requested_slot": "origin"}, {"context": {"requested_slot": "destination"}}, {"context": "before"}]
    rows = [{"text": "to Oslo from Rome"} | context for context in (*asked, {"requested_slot": "hotel"})]
    source = write(tmp_path / "in.jsonl", *(json.dumps(row).encode() for row in rows))
    run_job(tagging_job(parser), [source], str(tmp_path / "out.jsonl"))
    *found, bad = read(tmp_path / "out.jsonl")
    for row, slot in zip(found, ("origin", "destination", None), strict=True):
        expected = parser.parse("to Oslo from Rome", requested_slot=slot)
        assert [(one["slot"], one["confidence"]) for one in row["slots"]] == [
            (one.slot, round(one.confidence, 4)) for one in expected.slots
        ]
    assert "'hotel'" in bad["error"]["detail"]


def test_an_endless_line_is_not_held_in_memory(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"x" * (3 * MAX_LINE_BYTES) + b"\n" + b'{"text": "a"}\n' + b"y" * (MAX_LINE_BYTES + 5))
    lines = list(read_lines(str(source)))
    assert [line.number for line in lines] == [1, 2, 3]
    assert all(len(line.content) <= MAX_LINE_BYTES + 1 for line in lines)
    assert sum(line.size for line in lines) == source.stat().st_size
    codes = [(row_from_line(line, lambda fields: fields).error or {}).get("code") for line in lines]
    assert codes == ["line_too_long", None, "line_too_long"]


def test_a_wrong_option_fails_the_job_and_writes_nothing(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", b'{"text": "a"}')
    with pytest.raises(InvalidRequestError, match="Mars"):
        run_job(tagging_job(parser, options={"timezone": "Mars"}), [source], str(tmp_path / "out.jsonl"))
    assert names_in(tmp_path) == ["in.jsonl"]


def test_an_output_replaces_the_old_one_only_when_it_is_whole(parser: Parser, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("old\n")
    source = write(tmp_path / "in.jsonl", *[b'{"text": "a"}'] * (2 * WINDOW))

    def stop(size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(tagging_job(parser), [source], str(output), progress=stop)
    assert output.read_text() == "old\n"
    assert names_in(tmp_path) == ["in.jsonl", "out.jsonl"]
    run_job(tagging_job(parser), [source], str(output))
    assert len(read(output)) == 2 * WINDOW


def test_an_input_may_be_its_own_output_and_a_link_stays_a_link(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "rows.jsonl", b'{"text": "to Oslo"}')
    (tmp_path / "link").symlink_to("rows.jsonl")
    run_job(tagging_job(parser), [source], str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert "slots" in read(tmp_path / "rows.jsonl")[0]


def test_a_new_file_has_the_permissions_of_any_new_file(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", b'{"text": "to Oslo"}')
    run_job(tagging_job(parser), [source], str(tmp_path / "out.jsonl"))
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == stat.S_IMODE(Path(source).stat().st_mode)


def test_a_device_is_written_to_and_never_replaced(parser: Parser, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", b'{"text": "to Oslo"}')
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    run_job(tagging_job(parser), [source], str(pipe))
    assert json.loads(os.read(reader, 10_000))["text"] == "to Oslo"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_the_command_reads_stdin_writes_stdout_and_exits_3_when_rows_failed(
    slotwise: Path, environment: dict[str, str]
) -> None:
    command = [slotwise, "tag", "-", "-o", "-"]
    lines = b'{"id": 1, "text": "to Oslo"}\n{"id": 2}\n'
    done = subprocess.run(command, env=environment, input=lines, capture_output=True, check=False)
    assert done.returncode == 3
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 2]
    assert b"2 rows, 1 failed (1 missing_field)" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_the_command_exits_0_when_all_was_done_and_q_says_nothing(command: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", b'{"text": "to Oslo"}')
    assert command("tag", source, "-o", "out.jsonl", "-q", "--format", "jsonl", "--no-resolve") == (0, "", "")
    assert len(read(tmp_path / "out.jsonl")) == 1


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--format", "csv"], 2, "'csv' is not 'jsonl'"),
        (["--engine", "ray"], 2, "'ray' is not 'local'"),
        (["--timezone", "Mars"], 2, "timezone is 'Mars'"),
        (["--reference-time", "now"], 2, "reference_time is 'now'"),
        (["--bundle", "nothing.pt"], 1, "no bundle at nothing.pt"),
        (["-o", "no/such/folder/out.jsonl"], 1, "No such file or directory"),
        (["missing.jsonl"], 2, "'missing.jsonl' does not exist"),
    ],
)
def test_bad_usage_is_one_line(command: Any, tmp_path: Path, options: list[str], status: int, words: str) -> None:
    source = write(tmp_path / "in.jsonl", b'{"text": "to Oslo"}')
    done = command("tag", source, "-o", "out.jsonl", *options)
    assert (done.status, done.out) == (status, "")
    assert done.error.startswith("slotwise: ")
    assert words in done.error
    assert done.error.count("\n") == 1
    assert names_in(tmp_path) == ["in.jsonl"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_that_is_killed_half_way_leaves_no_output(
    slotwise: Path, environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    # Standard input stays open: the job has written its first windows and waits for more.
    command = [slotwise, "tag", "-", "-o", tmp_path / "out.jsonl"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as job:
        assert job.stdin is not None
        job.stdin.write(b'{"text": "to Oslo"}\n' * (4 * WINDOW))
        job.stdin.flush()
        deadline = time.monotonic() + 60
        while not any(path.stat().st_size for path in tmp_path.glob(".out.jsonl.*")):
            assert job.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        job.send_signal(number)
        job.wait(20)
        assert job.stderr is not None
        assert b"Traceback" not in job.stderr.read()
    assert job.returncode == {signal.SIGKILL: -9, signal.SIGTERM: 143}[number]
    assert not (tmp_path / "out.jsonl").exists()
    if number != signal.SIGKILL:
        assert names_in(tmp_path) == []
