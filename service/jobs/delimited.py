"""CSV and TSV (RFC 4180): lines to records, records to cells."""

import csv
from collections import deque
from collections.abc import Iterator

import regex

from service.jobs.lines import MAX_LINE_BYTES, Broken, Line

DELIMITERS = {"csv": ",", "tsv": "\t"}
_CLOSED = regex.compile(rb'(?:[^"]|"")*+"')  # the rest of a quoted field
_QUOTED = {
    delimiter: regex.compile(rb'(?:^|%b)"(?:[^"]|"")*+("?)' % delimiter.encode()) for delimiter in DELIMITERS.values()
}
_BLANK = (b"\n", b"\r\n")


def lines_to_records(lines: Iterator[Line], delimiter: str) -> Iterator[Line]:
    """Lines, joined where one ends within quotes; blank ones left out.

    A quote that nothing closes within MAX_LINE_BYTES breaks its own line only: the next one is a record again.
    """
    ahead: deque[Line] = deque()  # lines that were read after such a quote
    while line := ahead.popleft() if ahead else next(lines, None):
        if isinstance(line.content, Broken) or not _ends_in_quotes(line.content, delimiter):
            if line.content not in _BLANK:
                yield line
            continue
        joined, closed = [line], False
        size = len(line.content)
        while not closed and size <= MAX_LINE_BYTES:
            more = ahead.popleft() if ahead else next(lines, None)
            if more is None:
                break
            joined.append(more)
            if isinstance(more.content, Broken):
                break
            size += len(more.content)
            closed = not _ends_in_quotes(more.content, delimiter, within=True)
        if closed:
            yield Line(line.number, b"".join(part.content for part in joined))  # type: ignore[misc]
        else:
            ahead.extendleft(reversed(joined[1:]))
            yield Line(line.number, Broken("invalid_csv", "a quote is opened that nothing closes"))


def _ends_in_quotes(line: bytes, delimiter: str, within: bool = False) -> bool:
    """Whether a quoted field goes on in the next line; `within`: one came in from the line before."""
    if b'"' not in line:
        return within
    start = 0
    if within:
        closed = _CLOSED.match(line)
        if not closed:
            return True
        start = closed.end()
    closing = [quoted[1] for quoted in _QUOTED[delimiter].finditer(line, start)]
    return bool(closing) and not closing[-1]


def record_to_cells(record: str, delimiter: str) -> list[str]:
    """The cells of one record, or ValueError."""
    limit = csv.field_size_limit(MAX_LINE_BYTES)  # of the whole process
    try:
        return next(csv.reader([record], delimiter=delimiter))
    except csv.Error as error:
        raise ValueError(str(error)) from None
    finally:
        csv.field_size_limit(limit)
