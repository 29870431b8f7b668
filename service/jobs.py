"""Batch jobs: rows in, the same rows with slots out, whatever single rows hold."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, NamedTuple

from data.files import whole_file
from data.text import MAX_CHARACTERS
from model.parser import Parser
from service.contract import Accepts, ParseRequest, parse_request_from_json
from service.problems import InvalidRequestError, shorten
from service.strict_json import JsonError, json_from_bytes

WINDOW = 1_024  # rows in memory at once; the parser sorts them by length
MAX_LINE_BYTES = 4 * 2**20
STANDARD = "-"


class Line(NamedTuple):
    """A line of an input, without what goes beyond MAX_LINE_BYTES."""

    number: int
    content: bytes
    size: int


@dataclass(frozen=True, slots=True)
class InputRow:
    """A row's own fields, and what to parse or why it cannot be."""

    fields: dict[str, Any]
    request: ParseRequest | None = None
    error: dict[str, str] | None = None


@dataclass
class Summary:
    """What a job did: rows written, and how many of them failed, by code."""

    rows: int = 0
    failed: Counter[str] = field(default_factory=Counter)


def tag_files(
    inputs: Sequence[str],
    output: str,
    parser: Parser,
    *,
    text_column: str = "text",
    options: Mapping[str, Any] = MappingProxyType({}),
    progress: Callable[[int], object] = lambda size: None,
) -> Summary:
    """Tag the rows of JSONL files, one after the other, into one JSONL file that appears whole or not at all.

    `-` is standard input or output. Every line gives exactly one row, in order; a row that fails holds `error`.
    `options` are fields of every row's request (as `timezone`), `progress` is called with the number of input
    bytes done. Raises OSError, and InvalidRequestError for a wrong option.
    """
    accepts = Accepts.from_parser(parser, MAX_CHARACTERS)
    parse_request_from_json({**options, "text": "a text"}, accepts)  # what is wrong once fails the job, not each row
    summary = Summary()
    lines = (line for source in inputs for line in read_lines(source))
    with _output_file(output) as file:
        while window := list(islice(lines, WINDOW)):
            rows = [row_from_line(line, text_column, options, accepts) for line in window]
            for tagged in tag_rows(rows, parser):
                file.write(_json_line(tagged))
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


def row_from_line(line: Line, text_column: str, options: Mapping[str, Any], accepts: Accepts) -> InputRow:
    """One line to a row. A line that holds no object is kept as its number."""

    def no_object(code: str, detail: str) -> InputRow:
        return InputRow({"line": line.number}, error={"code": code, "detail": detail})

    if line.size > MAX_LINE_BYTES:
        return no_object("line_too_long", f"the line has {line.size} bytes; the limit is {MAX_LINE_BYTES}")
    try:
        fields = json_from_bytes(line.content)
    except JsonError as error:
        return no_object("invalid_json", f"the line is not JSON: {error}")
    if not isinstance(fields, dict):
        return no_object("invalid_type", f"a row is a JSON object, not {shorten(fields)}")
    if text_column not in fields:
        detail = f"there is no field {shorten(text_column)}"
        return InputRow(fields, error={"code": "missing_field", "detail": detail})
    try:
        own = {"text": fields[text_column], "lang": fields.get("lang")}
        request = parse_request_from_json({**options, **own}, accepts)
    except InvalidRequestError as error:
        return InputRow(fields, error={"code": error.code, "detail": error.detail})
    return InputRow(fields, request)


def tag_rows(rows: Sequence[InputRow], parser: Parser) -> Iterator[dict[str, Any]]:
    """Each row's own fields and its slots. Own fields named `slots` or `error` become `given_...`."""
    requests = [row.request for row in rows if row.request is not None]
    found = iter(parser.parse_batch([one.text for one in requests], [one.lang for one in requests]))
    for row in rows:
        own = {f"given_{name}" if name in ("slots", "error") else name: value for name, value in row.fields.items()}
        if row.request is None:
            yield own | {"slots": [], "error": row.error}
        else:
            yield own | {"slots": [slot.to_dict() for slot in next(found).slots]}


def _json_line(row: dict[str, Any]) -> bytes:
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
