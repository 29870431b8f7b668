"""Answered rows to columns of Arrow, and the columns of all parts to one Parquet file.

What came in as Parquet keeps its types. Of other inputs a column is what its values are: truth values, integers,
numbers or strings; where they differ, or are lists or objects, it holds their JSON. A part knows its own values only:
parts are first written each with its own schema, as streams of Arrow one after the other, and at the end all get one.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from service.jobs.json_lines import to_json
from service.jobs.rows import Fields

ROW_GROUP_ROWS = 2**16
ROW_GROUP_BYTES = 2**26
_EXACT = 2**53  # integers up to this are exact as float64
_HOLDS_JSON = {b"holds": b"json"}

_READING = {
    "slot": pa.string(),
    "text": pa.string(),
    "start": pa.int32(),
    "end": pa.int32(),
    "confidence": pa.float64(),
}
_SLOT = pa.struct(_READING | {"value": pa.string(), "alternatives": pa.list_(pa.struct(_READING))})
_ANSWER_TYPES = {"slots": pa.list_(_SLOT), "error": pa.struct({"code": pa.string(), "detail": pa.string()})}


# Parts to streams


def rows_to_batch(rows: Sequence[Fields]) -> pa.RecordBatch:
    """Rows of any fields to a column each; what a row lacks is null."""
    columns = {name: _to_column([row.get(name) for row in rows]) for name in dict.fromkeys(chain.from_iterable(rows))}
    fields = [pa.field(name, column.type, metadata=mark) for name, (column, mark) in columns.items()]
    return pa.record_batch([column for column, _ in columns.values()], schema=pa.schema(fields))


def _to_column(values: list[Any]) -> tuple[pa.Array, dict[bytes, bytes] | None]:
    kinds = {type(value) for value in values} - {type(None)}
    if (kinds <= {int, float} and (len(kinds) < 2 or not _is_large(values))) or kinds in ({str}, {bool}):
        try:
            return pa.array(values, pa.float64() if float in kinds else None), None
        except (OverflowError, UnicodeEncodeError):  # beyond 64 bits; a lone surrogate
            pass
    return _to_json_column(values), _HOLDS_JSON


def _is_large(values: list[Any]) -> bool:
    return any(isinstance(value, int) and abs(value) > _EXACT for value in values)


def _to_json_column(values: list[Any]) -> pa.Array:
    return pa.array([None if value is None else to_json(value).decode() for value in values], pa.string())


def with_answers(batch: pa.RecordBatch, answers: Sequence[Fields]) -> bytes:
    """The columns and those of the answers, as a stream of Arrow."""
    for name, kind in _ANSWER_TYPES.items():
        batch = batch.append_column(name, pa.array([_flat(answer.get(name)) for answer in answers], kind))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue())


def _flat(answer: Any) -> Any:
    """Values differ in shape by their type: a slot's is JSON."""
    if not isinstance(answer, list):
        return answer
    return [slot | {"value": slot["value"] and to_json(slot["value"]).decode()} for slot in answer]


# Streams to a file


def streams_to_parquet(streams: Path, file: BinaryIO) -> None:
    """Streams of Arrow, one after the other, to one Parquet file with the columns of all of them."""
    schema = _common_schema(streams)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batches in _groups(_to_schema(batch, schema) for batch in _read(streams)):
            writer.write_table(pa.Table.from_batches(batches, schema), ROW_GROUP_ROWS)


def _read(streams: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(streams)) as file:
        while file.tell() < file.size():
            with pa.ipc.open_stream(file) as stream:
                yield from stream


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    group: list[pa.RecordBatch] = []
    for batch in batches:
        group.append(batch)
        if sum(map(len, group)) >= ROW_GROUP_ROWS or sum(one.nbytes for one in group) >= ROW_GROUP_BYTES:
            yield group
            group = []
    if group:
        yield group


def _common_schema(streams: Path) -> pa.Schema:
    fields: dict[str, pa.Field] = {}
    large: set[str] = set()  # columns of integers that float64 would round
    metadata = None
    for batch in _read(streams):
        metadata = metadata or batch.schema.metadata
        for field, column in zip(batch.schema, batch.columns, strict=True):
            fields[field.name] = _common_field(fields.get(field.name, field), field)
            if pa.types.is_integer(field.type) and _beyond(column, _EXACT):
                large.add(field.name)
    for name in large:
        if pa.types.is_floating(fields[name].type):
            fields[name] = pa.field(name, pa.string(), metadata=_HOLDS_JSON)
    answers = {name: pa.field(name, kind) for name, kind in _ANSWER_TYPES.items()}
    own = [field for name, field in fields.items() if name not in answers]
    return pa.schema([*own, *answers.values()], metadata)


def _beyond(column: pa.Array, limit: int) -> bool:
    edges = pc.min_max(column).as_py()
    return any(edge is not None and abs(edge) > limit for edge in edges.values())


def _common_field(one: pa.Field, other: pa.Field) -> pa.Field:
    if one.equals(other, check_metadata=True):
        return one
    if not (_holds_json(one) or _holds_json(other)):
        try:
            merged = pa.unify_schemas([pa.schema([one]), pa.schema([other])], promote_options="permissive")
            return merged.field(0)
        except pa.ArrowException:
            pass
    return pa.field(one.name, pa.string(), metadata=_HOLDS_JSON)


def _holds_json(field: pa.Field) -> bool:
    return bool(field.metadata) and field.metadata.get(b"holds") == b"json"


def _to_schema(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    return pa.record_batch([_to_field(batch, field) for field in schema], schema=schema)


def _to_field(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    index = batch.schema.get_field_index(field.name)
    if index < 0:
        return pa.nulls(len(batch), field.type)
    column = batch.column(index)
    if _holds_json(field) and not _holds_json(batch.schema.field(index)):
        return _to_json_column(column.to_pylist())
    return column if column.type == field.type else column.cast(field.type, safe=False)
