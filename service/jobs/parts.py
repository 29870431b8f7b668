"""Inputs to parts: neighbouring rows, as they stand in their files, that are worked on at once.

Where a part ends depends on the inputs alone, so the same rows are tagged together however many workers there are and
wherever a job is taken up again. Parts are plain data and can be sent to another process.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from service.jobs.delimited import DELIMITERS, lines_to_records, record_to_cells
from service.jobs.lines import Broken, Line, read_lines
from service.jobs.sources import BUFFER, Format, Source, SourceError, Stream, open_source

if TYPE_CHECKING:
    from pyarrow import RecordBatch

PART_ROWS = 4_096
PART_BYTES = 16 * 2**20  # a part ends before its rows do where they are this large


class Piece(NamedTuple):
    """Neighbouring rows of one input. `records` are lines, or a batch of Arrow where the format is Parquet."""

    source: str
    format: Format
    numbers: Sequence[int]  # where each row stands: its line, of Parquet its row, from 1
    records: "Sequence[bytes | Broken] | RecordBatch"
    columns: tuple[str, ...] = ()  # of CSV, TSV and Parquet

    def cut(self, rows: int) -> "tuple[Piece, Piece]":
        """The first rows, and the others."""
        head = self._replace(numbers=self.numbers[:rows], records=self.records[:rows])
        return head, self._replace(numbers=self.numbers[rows:], records=self.records[rows:])


class Part(NamedTuple):
    """The rows that are worked on at once. `position` is how many bytes of the inputs were read until its end."""

    number: int  # from 0
    first_row: int  # of all inputs, from 0
    rows: int
    pieces: tuple[Piece, ...]
    position: int


def read_parts(sources: Iterable[Source], part_rows: int = PART_ROWS) -> Iterator[Part]:
    """The rows of all sources, in order. Raises SourceError."""
    number = first_row = rows = size = done = 0
    pieces: list[Piece] = []
    for source in sources:
        for piece, position in _read_pieces(source, part_rows):
            while len(piece.numbers):
                head, piece = piece.cut(part_rows - rows)
                pieces.append(head)
                rows += len(head.numbers)
                size += _size(head)
                if rows == part_rows or size >= PART_BYTES:
                    yield Part(number, first_row, rows, tuple(pieces), done + position)
                    number, first_row = number + 1, first_row + rows
                    pieces, rows, size = [], 0, 0
        done += source.size or 0
    if pieces:
        yield Part(number, first_row, rows, tuple(pieces), done)


def _size(piece: Piece) -> int:
    """Bytes, about."""
    if isinstance(piece.records, Sequence):
        return sum(map(len, piece.records))
    return int(piece.records.nbytes)


def _read_pieces(source: Source, most_rows: int) -> Iterator[tuple[Piece, int]]:
    """Pieces of at most so many rows, each with the bytes of the source that were read for it."""
    with open_source(source) as stream:
        if source.format == "parquet":
            yield from _batches(source, stream, most_rows)
            return
        lines = read_lines(stream.file)
        columns: tuple[str, ...] = ()
        if source.format in DELIMITERS:
            lines = lines_to_records(lines, DELIMITERS[source.format])
            columns = _header(source, lines)
        while taken := _take(lines, most_rows):
            numbers, records = zip(*taken, strict=True)
            yield Piece(source.name, source.format, numbers, records, columns), stream.position


def _take(lines: Iterator[Line], most_rows: int) -> list[Line]:
    taken, size = [], 0
    for line in islice(lines, most_rows):
        taken.append(line)
        size += len(line.content)
        if size >= PART_BYTES:
            break
    return taken


def _header(source: Source, lines: Iterator[Line]) -> tuple[str, ...]:
    """The names of the columns of CSV or TSV; none where the file is empty."""
    header = next(lines, None)
    if header is None:
        return ()
    if isinstance(header.content, Broken):
        raise SourceError(f"{source.name}: {header.content.detail}")
    return _once(source, record_to_cells(header.content.decode("utf-8-sig"), DELIMITERS[source.format]))


def _once(source: Source, columns: Sequence[str]) -> tuple[str, ...]:
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise SourceError(f"{source.name}: the column {twice[0]!r} stands there twice")
    return tuple(columns)


def _batches(source: Source, stream: Stream, most_rows: int) -> Iterator[tuple[Piece, int]]:
    from pyarrow.parquet import ParquetFile

    if source.size is None:
        raise SourceError(f"{source.name}: Parquet is read from a file, not from a pipe")
    file = ParquetFile(stream.raw, pre_buffer=False, buffer_size=BUFFER)  # unbuffered, it reads whole row groups
    columns = _once(source, file.schema_arrow.names)
    row, rows = 0, max(1, file.metadata.num_rows)
    for batch in file.iter_batches(most_rows):
        numbers = range(row + 1, row + 1 + len(batch))
        row += len(batch)
        yield Piece(source.name, source.format, numbers, batch, columns), source.size * row // rows
