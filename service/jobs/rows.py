"""Pieces to rows: each row's own fields, or why it has none."""

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from service.jobs.delimited import DELIMITERS, record_to_cells
from service.jobs.lines import Broken
from service.jobs.parts import Piece
from service.problems import shorten
from service.strict_json import JsonError, json_from_bytes

if TYPE_CHECKING:
    from pyarrow import Array, DataType, RecordBatch

Fields = dict[str, Any]


class RowError(ValueError):
    """A row that cannot be read: a stable code, what is wrong, and the fields that could be read all the same."""

    def __init__(self, code: str, detail: str, fields: Fields | None = None) -> None:
        super().__init__(code, detail, fields)  # all of them, so that it can be pickled
        self.code, self.detail, self.fields = code, detail, fields


class RawRow(NamedTuple):
    """A row as it was read. One that could not be read at all says where it stands."""

    fields: Fields
    error: RowError | None = None


def piece_to_rows(piece: Piece, text_column: str, wanted: Sequence[str] | None = None) -> list[RawRow]:
    """The rows of a piece; of Parquet only the wanted columns. A line of plain text is the field of `text_column`."""
    if piece.format == "parquet":
        return list(_batch_to_rows(cast("RecordBatch", piece.records), wanted))
    read = _READERS[piece.format](piece, text_column)
    return [
        _line_to_row(piece.source, number, record, read)
        for number, record in zip(piece.numbers, cast(Sequence[bytes | Broken], piece.records), strict=True)
    ]


def _line_to_row(source: str, number: int, record: bytes | Broken, read: Callable[[bytes], Fields]) -> RawRow:
    try:
        if isinstance(record, Broken):
            raise RowError(*record)
        return RawRow(read(record))
    except UnicodeDecodeError as error:
        wrong = RowError("invalid_encoding", f"byte {error.start} of the line is not valid UTF-8")
    except RowError as error:
        wrong = error
    return RawRow({"input": source, "line": number} if wrong.fields is None else wrong.fields, wrong)


def _json_reader(piece: Piece, text_column: str) -> Callable[[bytes], Fields]:
    def read(line: bytes) -> Fields:
        try:
            fields = json_from_bytes(line)
        except JsonError as error:
            line.decode()  # of two things that are wrong, the encoding is the cause
            raise RowError("invalid_json", f"the line is not JSON: {error}") from None
        if not isinstance(fields, dict):
            raise RowError("invalid_type", f"a row is a JSON object, not {shorten(fields)}")
        return fields

    return read


def _record_reader(piece: Piece, text_column: str) -> Callable[[bytes], Fields]:
    delimiter, columns = DELIMITERS[piece.format], piece.columns

    def read(record: bytes) -> Fields:
        text = record.decode()
        try:
            cells = record_to_cells(text, delimiter)
        except ValueError as error:
            raise RowError("invalid_csv", f"the row cannot be read: {error}") from None
        fields = dict(zip(columns, cells, strict=False))  # a short row lacks its last fields
        if len(cells) > len(columns):
            detail = f"the row has {len(cells)} cells, the header {len(columns)}"
            raise RowError("invalid_csv", detail, fields)
        return fields

    return read


def _text_reader(piece: Piece, text_column: str) -> Callable[[bytes], Fields]:
    def read(line: bytes) -> Fields:
        return {text_column: line.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")}

    return read


_READERS = {"jsonl": _json_reader, "csv": _record_reader, "tsv": _record_reader, "txt": _text_reader}


def _batch_to_rows(batch: "RecordBatch", wanted: Sequence[str] | None) -> Iterator[RawRow]:
    names = [name for name in batch.schema.names if wanted is None or name in wanted]
    wrong: dict[int, RowError] = {}
    columns = [_values(batch.column(name), name, wrong) for name in names]
    rows = zip(*columns, strict=True) if columns else repeat((), len(batch))
    for index, values in enumerate(rows):
        yield RawRow(dict(zip(names, values, strict=True)), wrong.get(index))


def _values(column: "Array", name: str, wrong: dict[int, RowError]) -> list[Any]:
    """Python's values. A string of Parquet may hold bytes that are no UTF-8."""
    column = column.cast(_without_nanoseconds(column.type), safe=False)
    try:
        return cast(list[Any], column.to_pylist())
    except UnicodeDecodeError:
        values = column.cast("binary").to_pylist()
    for index, value in enumerate(values):
        try:
            values[index] = value and value.decode()
        except UnicodeDecodeError as error:
            values[index] = value.decode("utf-8", "replace")
            detail = f"byte {error.start} of {shorten(name)} is not valid UTF-8"
            wrong.setdefault(index, RowError("invalid_encoding", detail))
    return cast(list[Any], values)


def _without_nanoseconds(kind: "DataType") -> "DataType":
    """Times and lists of times as Python has them: in microseconds."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return pa.timestamp("us", kind.tz)
    if pa.types.is_time64(kind):
        return pa.time64("us")
    if pa.types.is_duration(kind):
        return pa.duration("us")
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_without_nanoseconds(field.type)) for field in kind])
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_without_nanoseconds(kind.value_type)))
    return kind
