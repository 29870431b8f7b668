"""`slotwise tag` as a process: killed, taken up again, from pipes and into them."""

import json
import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from model.parser import Parser
from service.jobs.run import Progress
from service.jobs.unfinished import JobError
from service.tagging import tag_files

NOON = "2026-11-24T12:00:00+00:00"
TEXTS = [
    json.dumps({"id": number, "text": f"from Rome {'and back ' * (number % 9)}to Oslo" if number % 50 else ""})
    for number in range(4_000)
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("jobs") / "in.jsonl"
    path.write_text("\n".join(TEXTS))
    return path


@pytest.fixture(scope="module")
def whole(source: Path, parser: Parser) -> bytes:
    """What a job of one process writes that nobody disturbs."""
    output = source.with_name("whole.jsonl")
    summary = tag_files([source], output, parser, reference_time=NOON, part_rows=100)
    assert (summary.tally.rows, summary.tally.failed) == (4_000, {"empty_text": 80})
    return output.read_bytes()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def children_of(process: int) -> list[int]:
    return [
        int(child) for file in Path(f"/proc/{process}/task").glob("*/children") for child in file.read_text().split()
    ]


def size_of(path: Path) -> int:
    """In bytes; of what is not there, none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], Any], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def running(command: list[Any], environment: dict[str, str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, **options) as job:
        try:
            yield job
        finally:
            job.kill()


def test_a_job_killed_at_any_moment_goes_on_to_the_same_bytes(
    slotwise: Path, environment: dict[str, str], tiny_bundle: Path, source: Path, whole: bytes, tmp_path: Path
) -> None:
    output, folder = tmp_path / "out.jsonl", tmp_path / ".out.jsonl.job"
    command: list[Any] = [slotwise, "tag", source, "-o", output, "--reference-time", NOON, "--part-rows", "100"]
    checkpoint = folder / "checkpoint"
    # With two workers as soon as a part is written, then with one as soon as more is on disk for certain.
    with running([*command, "--workers", "2"], environment) as job:
        wait_until(lambda: size_of(folder / "rows"))
        workers = children_of(job.pid)
        job.kill()
        wait_until(lambda: not any(map(is_running, workers)), 30)
    before = checkpoint.read_bytes() if checkpoint.exists() else b""
    with running([*command, "--workers", "1", "--resume"], environment) as job:
        wait_until(lambda: size_of(checkpoint) and checkpoint.read_bytes() != before)
        with pytest.raises(JobError, match="another job is writing"):
            tag_files([source], output, tiny_bundle, reference_time=NOON, part_rows=100, resume=True)
        job.kill()
    assert not output.exists()
    done = subprocess.run(
        [*command, "--workers", "1", "--resume", "--json"], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 3
    assert output.read_bytes() == whole
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["failed"]) == (4_000, {"empty_text": 80})
    assert summary["slots"]["destination"] == sum(
        slot["slot"] == "destination" for line in whole.splitlines() for slot in json.loads(line)["slots"]
    )
    assert names_in(tmp_path) == ["out.jsonl"]


def test_a_killed_worker_changes_nothing(tiny_bundle: Path, source: Path, whole: bytes, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        if not killed:
            killed.extend(child.pid for child in multiprocessing.active_children() if child.pid)
            os.kill(killed[0], signal.SIGKILL)

    options: dict[str, Any] = {"reference_time": NOON, "part_rows": 100, "workers": 2}
    tag_files([source], tmp_path / "out.jsonl", tiny_bundle, tell=kill_one, **options)
    assert len(killed) == 2
    assert not any(map(is_running, killed))
    assert (tmp_path / "out.jsonl").read_bytes() == whole


def test_a_job_that_is_stopped_says_what_it_keeps(
    slotwise: Path, environment: dict[str, str], source: Path, tmp_path: Path
) -> None:
    command: list[Any] = [slotwise, "tag", source, "-o", tmp_path / "out.jsonl", "--part-rows", "100", "--workers", "1"]
    with running([*command, "--progress", "json"], environment) as job:
        assert job.stderr is not None
        progress = json.loads(job.stderr.readline())
        job.terminate()
        *_, last = job.stderr.read().splitlines()
    assert job.returncode == 143
    assert (progress["event"], progress["rows"], progress["bytes"]) == ("progress", 100, source.stat().st_size)
    assert last.startswith(b"slotwise: stopped; ")
    assert last.endswith(b" rows are kept: go on with --resume")


def test_standard_input_has_nothing_to_keep(slotwise: Path, environment: dict[str, str], tmp_path: Path) -> None:
    command = [slotwise, "tag", "-", "-o", tmp_path / "out.jsonl", "--part-rows", "10", "--workers", "1"]
    with running(command, environment, stdin=subprocess.PIPE) as job:
        assert job.stdin is not None
        job.stdin.write(b'{"text": "to Oslo"}\n' * 40)  # it stays open: the job waits for more
        job.stdin.flush()
        wait_until(lambda: size_of(tmp_path / ".out.jsonl.job" / "rows"))
        job.terminate()
        job.wait(20)
        assert job.stderr is not None
        assert job.stderr.read() == b"slotwise: stopped\n"
    assert job.returncode == 143
    assert names_in(tmp_path) == []


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
    (tmp_path / "in.txt").write_bytes(b'{"text": "to Oslo"}\n')
    assert command("tag", "in.txt", "-o", "out.jsonl", "-q", "--format", "jsonl", "--no-resolve") == (0, "", "")
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 1


def test_the_summary_names_the_model_and_counts_slots(command: Any, tmp_path: Path, parser: Parser) -> None:
    (tmp_path / "in.txt").write_text("to Oslo\nto Oslo\n")
    done = command("tag", "in.txt", "-o", "out.parquet", "--json")
    said = json.loads(done.out)
    assert (said["rows"], said["failed"], said["slots"]) == (2, {}, {"destination": 2})
    assert said["model"] == parser.model._asdict()
    assert f"2 rows in {said['seconds']:.1f} s; {parser.model.name} {parser.model.version}, 2 slots" in done.error
    done = command("tag", "in.txt", "-o", "out.jsonl", "--progress", "json")
    assert [json.loads(line)["event"] for line in done.error.splitlines()] == ["progress", "summary"]


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--format", "xml"], 2, "'xml' is not one of 'jsonl', 'csv', 'tsv', 'parquet', 'txt'"),
        (["--engine", "spark"], 2, "'spark' is not one of 'local', 'ray'"),
        (["--address", "auto"], 2, "--address is of --engine ray"),
        (["--timezone", "Mars"], 2, "timezone is 'Mars'"),
        (["--reference-time", "now"], 2, "reference_time is 'now'"),
        (["--bundle", "nothing.pt"], 1, "no bundle at nothing.pt"),
        (["-o", "no/such/folder/out.jsonl"], 1, "No such file or directory"),
        (["-o", "out.csv"], 1, "must be a local file of JSONL"),
        (["-o", "-", "--json"], 2, "would both write to stdout"),
        (["missing.jsonl"], 2, "'missing.jsonl' does not exist"),
        (["-", "--resume"], 1, "cannot be read again: --resume needs files"),
        (["--fail-fast"], 1, "1 rows failed, as in.jsonl:2: there is no field 'text'"),
    ],
)
def test_bad_usage_is_one_line(command: Any, tmp_path: Path, options: list[str], status: int, words: str) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'{"text": "to Oslo"}\n{}\n')
    done = command("tag", "in.jsonl", "-o", "out.jsonl", *options)
    assert (done.status, done.out) == (status, "")
    assert done.error.startswith("slotwise: ")
    assert words in done.error
    assert done.error.count("\n") == 1
    assert names_in(tmp_path) == ["in.jsonl"]
