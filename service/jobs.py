"""Batch jobs over JSONL: each line gives one row, in order, whatever it holds; an output is whole or not there."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Generic, NamedTuple, TypeVar

from data.files import whole_file
from service.problems import InvalidRequestError, shorten
from service.strict_json import JsonError, json_from_bytes

WINDOW = 1_024  # rows in memory at once; the parser sorts them by length
MAX_LINE_BYTES = 4 * 2**20
STANDARD = "-"

Fields = dict[str, Any]
R = TypeVar("R")


class Line(NamedTuple):
    """A line of an input, without what goes beyond MAX_LINE_BYTES."""

    number: int
    content: bytes
    size: int


@dataclass(frozen=True, slots=True)
class InputRow(Generic[R]):
    """A row's own fields, and what is asked or why it cannot be."""

    fields: Fields
    request: R | None = None
    error: dict[str, str] | None = None


@dataclass(frozen=True)
class Job(Generic[R]):
    """What becomes of a row: `check` reads its request or raises InvalidRequestError, `answer` gives the new fields of
    each request, `failed` are those of a row without a request. Own fields of the same names become `given_...`.
    """

    check: Callable[[Fields], R]
    answer: Callable[[Sequence[R]], Iterable[Fields]]
    failed: Mapping[str, Any]


@dataclass
class Summary:
    """What a job did: rows written, and how many of them failed, by code."""

    rows: int = 0
    failed: Counter[str] = field(default_factory=Counter)


def run_job(
    job: Job[R], inputs: Sequence[str], output: str, progress: Callable[[int], object] = lambda size: None
) -> Summary:
    """JSONL files, one after the other, through the job into one JSONL file that appears whole or not at all.

    `-` is standard input or output. A row that fails holds `error`. `progress` is called with the number of input
    bytes done. Raises OSError.
    """
    summary = Summary()
    lines = (line for source in inputs for line in read_lines(source))
    with _output_file(output) as file:
        while window := list(islice(lines, WINDOW)):
            rows = [row_from_line(line, job.check) for line in window]
            for answered in answer_rows(rows, job):
                file.write(_json_line(answered))
            summary.rows += len(rows)
            summary.failed.update(row.error["code"] for row in rows if row.error)
            progress(sum(line.size for line in window))
    return summary


def read_lines(source: str) -> Iterator[Line]:
    """The lines of a file. One that is too long is read to its end, but only its beginning is kept."""
    with open(sys.stdin.fileno() if source == STANDARD else source, "rb", closefd=source != STANDARD) as file:
        number = 0
        while content := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            size, end = len(content), content
            while len(end) > MAX_LINE_BYTES and not end.endswith(b"\n"):
                end = file.readline(MAX_LINE_BYTES + 1)
                size += len(end)
            yield Line(number, content, size)


def row_from_line(line: Line, check: Callable[[Fields], R]) -> InputRow[R]:
    """One line to a row. A line that holds no object is kept as its number."""

    def no_object(code: str, detail: str) -> InputRow[R]:
        return InputRow({"line": line.number}, error={"code": code, "detail": detail})

    if line.size > MAX_LINE_BYTES:
        return no_object("line_too_long", f"the line has {line.size} bytes; the limit is {MAX_LINE_BYTES}")
    try:
        fields = json_from_bytes(line.content)
    except JsonError as error:
        return no_object("invalid_json", f"the line is not JSON: {error}")
    if not isinstance(fields, dict):
        return no_object("invalid_type", f"a row is a JSON object, not {shorten(fields)}")
    try:
        return InputRow(fields, check(fields))
    except InvalidRequestError as error:
        return InputRow(fields, error={"code": error.code, "detail": error.detail})


def answer_rows(rows: Sequence[InputRow[R]], job: Job[R]) -> Iterator[Fields]:
    """Each row's own fields and the new ones."""
    answers = iter(job.answer([row.request for row in rows if row.request is not None]))
    taken = {*job.failed, "error"}
    for row in rows:
        own = {f"given_{name}" if name in taken else name: value for name, value in row.fields.items()}
        yield own | (next(answers) if row.request is not None else {**job.failed, "error": row.error})


def _json_line(row: Fields) -> bytes:
    try:
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate: escaped, as it came
        return json.dumps(row).encode() + b"\n"


@contextmanager
def _output_file(output: str) -> Iterator[BinaryIO]:
    """The output to write: whole or not at all, where it is a file."""
    path = Path(output)
    if output == STANDARD or (path.exists() and not path.is_file()):  # a pipe or a device has no halves to hide
        with open(sys.stdout.fileno() if output == STANDARD else path, "wb", closefd=output != STANDARD) as file:
            yield file
        return
    with whole_file(path) as file:
        yield file


def input_size(inputs: Iterable[str]) -> int | None:
    """Bytes to read in all, or None where one is a pipe."""
    if any(source == STANDARD or not Path(source).is_file() for source in inputs):
        return None
    return sum(Path(source).stat().st_size for source in inputs)
