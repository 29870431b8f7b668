"""A job from its inputs to its output: parts, through an engine, into a sink."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from service.jobs.answers import AnsweredPart, Answering, Tally
from service.jobs.engines import Engine, Work, in_this_process
from service.jobs.parts import PART_ROWS, read_parts
from service.jobs.sources import Source, changed_sources, find_sources, total_size
from service.jobs.unfinished import Identity, JobError, Sink, open_output

W = TypeVar("W", bound=Work)


class TooManyErrorsError(JobError):
    """More rows failed than the job may bear."""


@dataclass(frozen=True)
class Progress:
    """How far a job is. Its pace is that of this run, measured from its first part on."""

    tally: Tally
    seconds: float
    rows_per_second: float
    position: int  # bytes of the inputs that were read, as they are on disk
    size: int | None  # of the inputs; None where one is a pipe
    seconds_left: float | None


Tell = Callable[[Progress], object]


def run_job(
    sources: Sequence[Source],
    work: W,
    engine: Engine[W],
    sink: Sink,
    *,
    part_rows: int = PART_ROWS,
    max_errors: int | None = None,
    tell: Tell | None = None,
) -> Tally:
    """Every row of the sources answered into the sink, from where its checkpoint stands.

    Raises SourceError, OSError, WorkerError, TooManyErrorsError.
    """
    if not sink.checkpoint.finished:
        parts = islice(read_parts(sources, part_rows), sink.checkpoint.parts, None)
        pace = _Pace(total_size(sources))
        with closing(engine(parts, work)) as answered:
            for part in answered:
                _bear(sink.checkpoint.tally, part, max_errors)
                sink.append(part)
                if tell:
                    tell(pace.after(part, sink.checkpoint.tally))
        if changed := changed_sources(sources):
            raise JobError(f"{', '.join(changed)} changed while it was read")
    sink.finish()
    return sink.checkpoint.tally


def answer_files(job: Answering[Any], inputs: Sequence[str], output: str, tell: Tell | None = None) -> Tally:
    """JSONL files through a job without a bundle, in this process. `-` is standard input or output."""
    sources = find_sources(inputs, "jsonl", output)
    with open_output(output, Identity({})) as sink:
        return run_job(sources, job, in_this_process, sink, tell=tell)


def _bear(tally: Tally, part: AnsweredPart, max_errors: int | None) -> None:
    failed = tally.failed.total() + part.tally.failed.total()
    if max_errors is not None and failed > max_errors:
        limit = f"more than {max_errors}, " if max_errors else ""
        raise TooManyErrorsError(f"{failed} rows failed, {limit}as {part.first_error}")


class _Pace:
    """Reading a part in and loading the model are not what the other parts will take."""

    def __init__(self, size: int | None) -> None:
        self._size, self._started = size, time.monotonic()
        self._first: tuple[float, int, int] | None = None  # seconds, rows, position
        self._rows = 0

    def after(self, part: AnsweredPart, tally: Tally) -> Progress:
        seconds = time.monotonic() - self._started
        self._rows += part.tally.rows
        since, rows, position = self._first or (0.0, 0, 0)
        self._first = self._first or (seconds, self._rows, part.position)
        took = max(seconds - since, 1e-9)
        left = None
        if self._size is not None and part.position > position > 0:
            left = took * (self._size - part.position) / (part.position - position)
        return Progress(tally, seconds, (self._rows - rows) / took, part.position, self._size, left)
