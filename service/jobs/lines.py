"""Bytes to lines, each of a bounded size."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MAX_LINE_BYTES = 4 * 2**20


class Broken(NamedTuple):
    """What stands for a line that cannot be kept: an error row."""

    code: str
    detail: str


class Line(NamedTuple):
    """A line with its end, and its number from 1."""

    number: int
    content: bytes | Broken


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """The lines of a file. One that is too long is read to its end, but not kept."""
    number = 0
    while content := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(content) <= MAX_LINE_BYTES:
            yield Line(number, content)
            continue
        size = len(content)
        while content and not content.endswith(b"\n"):
            content = file.readline(MAX_LINE_BYTES)
            size += len(content)
        yield Line(number, Broken("line_too_long", f"the line has {size} bytes; the limit is {MAX_LINE_BYTES}"))
