"""Parts to answered parts: pure functions of their rows."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from service.jobs.json_lines import rows_to_lines
from service.jobs.parts import Part, Piece
from service.jobs.rows import Fields, RawRow, piece_to_rows
from service.problems import InvalidRequestError

R = TypeVar("R")


@dataclass(frozen=True)
class Job(Generic[R]):
    """What becomes of a row: `check` reads its request or raises InvalidRequestError, `answer` gives the new fields of
    each request, `failed` are those of a row without a request. Own fields of the same names become `given_...`.

    `columns` are the fields that `check` looks at (None: any of them).
    """

    check: Callable[[Fields], R]
    answer: Callable[[Sequence[R]], Iterable[Fields]]
    failed: Mapping[str, Any]
    text_column: str = "text"
    columns: tuple[str, ...] | None = None


class Output(NamedTuple):
    """How answered rows are written."""

    format: Literal["jsonl", "parquet"] = "jsonl"
    packing: Literal["gzip", "zstd"] | None = None

    @classmethod
    def of(cls, name: str) -> "Output":
        """What the end of a file's name says; ValueError for what cannot be written."""
        path = PurePath(name)
        if packing := _PACKINGS.get(path.suffix):
            path = PurePath(path.stem)
        if path.suffix in _PARQUET and not packing:
            return cls("parquet")
        if "://" in name or path.suffix in (*_PARQUET, ".csv", ".tsv", ".txt"):
            raise ValueError(
                f"the output is {name!r}; it must be a local file of JSONL (.jsonl, .jsonl.gz, .jsonl.zst) or Parquet "
                "(.parquet)"
            )
        return cls("jsonl", packing)


JSON_LINES = Output()
_PACKINGS: dict[str, Literal["gzip", "zstd"]] = {".gz": "gzip", ".zst": "zstd"}
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Tally:
    """What was done: rows, how many of them failed by code, slots said by name, the sum of their confidences."""

    rows: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    slots: Counter[str] = field(default_factory=Counter)
    confidence: float = 0.0

    @property
    def mean_confidence(self) -> float | None:
        """Of the slots; None where there are none."""
        said = self.slots.total()
        return self.confidence / said if said else None

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.rows + other.rows,
            self.failed + other.failed,
            self.slots + other.slots,
            self.confidence + other.confidence,
        )


@dataclass(frozen=True)
class AnsweredPart:
    """A part's rows as they are written: they are appended one part after the other."""

    number: int
    position: int  # of the part
    content: bytes
    tally: Tally
    first_error: str | None = None  # where the first row that failed stands, and why


@dataclass(frozen=True)
class Answering(Generic[R]):
    """A job as the work of an engine in this process."""

    job: Job[R]
    output: Output = JSON_LINES

    def open(self) -> "Callable[[Part], AnsweredPart]":
        return lambda part: answer_part(part, self.job, self.output)


class _Asked(NamedTuple, Generic[R]):
    """A row's own fields, and what is asked or why it cannot be."""

    fields: Fields
    request: R | None
    error: dict[str, str] | None


def answer_part(part: Part, job: Job[R], output: Output) -> AnsweredPart:
    """All rows of a part, answered and written."""
    wanted = job.columns if output.format == "parquet" else None
    asked = [[_ask(row, job) for row in piece_to_rows(piece, job.text_column, wanted)] for piece in part.pieces]
    answers = iter(job.answer([row.request for rows in asked for row in rows if row.request is not None]))
    failed, slots = Counter[str](), Counter[str]()
    confidence, first_error, written = 0.0, None, []
    for piece, rows in zip(part.pieces, asked, strict=True):
        answered = [next(answers) if row.request is not None else {**job.failed, "error": row.error} for row in rows]
        for number, answer in zip(piece.numbers, answered, strict=True):
            if error := answer.get("error"):
                failed[error["code"]] += 1
                first_error = first_error or f"{piece.source}:{number}: {error['detail']}"
            for slot in answer.get("slots", ()):
                slots[slot["slot"]] += 1
                confidence += slot["confidence"]
        written.append(_write(piece, [row.fields for row in rows], answered, output, {*job.failed, "error"}))
    tally = Tally(part.rows, failed, slots, confidence)
    return AnsweredPart(part.number, part.position, pack(b"".join(written), output), tally, first_error)


def _ask(row: RawRow, job: Job[R]) -> _Asked[R]:
    if row.error is not None:
        return _Asked(row.fields, None, {"code": row.error.code, "detail": row.error.detail})
    try:
        return _Asked(row.fields, job.check(row.fields), None)
    except InvalidRequestError as error:
        return _Asked(row.fields, None, {"code": error.code, "detail": error.detail})


def _write(piece: Piece, own: Sequence[Fields], answered: Sequence[Fields], output: Output, taken: set[str]) -> bytes:
    if output.format == "jsonl":
        return rows_to_lines(_kept(fields, taken) | answer for fields, answer in zip(own, answered, strict=True))
    from service.jobs.columns import rows_to_batch, with_answers

    if piece.format == "parquet":
        batch: Any = piece.records
        names = _names(batch.schema.names, taken)
        return with_answers(batch.rename_columns(names), answered)
    return with_answers(rows_to_batch([_kept(fields, taken) for fields in own]), answered)


def _kept(fields: Fields, taken: set[str]) -> Fields:
    if taken.isdisjoint(fields):
        return fields
    return dict(zip(_names(list(fields), taken), fields.values(), strict=True))


def _names(names: Sequence[str], taken: set[str]) -> list[str]:
    """What the names become, so that those of the answer are free."""
    used, free = taken.union(names), []
    for name in names:
        given = name
        while given in taken or (given != name and given in used):
            given = f"given_{given}"
        used.add(given)
        free.append(given)
    return free


def pack(content: bytes, output: Output) -> bytes:
    """A member of gzip or a frame of zstd, of which a file may hold any number."""
    if output.packing == "gzip":
        return gzip.compress(content, 6, mtime=0)
    if output.packing == "zstd":
        import pyarrow

        return bytes(pyarrow.Codec("zstd").compress(content, asbytes=True))
    return content
