"""What a command tells of a job that runs: a bar on a terminal, lines of JSON."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
from tqdm import tqdm

from service.jobs.answers import Tally
from service.jobs.run import Progress, Tell

if TYPE_CHECKING:
    from model.parser import ModelName

_SECONDS_BETWEEN = 1.0  # lines of JSON


@contextmanager
def bar(quiet: bool) -> Iterator[Tell]:
    """On a terminal: the share of the input that is done, rows, rows a second, rows that failed, time left."""

    def tell(progress: Progress) -> None:
        shown.total, shown.n = progress.size, progress.position
        failed = progress.tally.failed.total()
        parts = [f"{progress.tally.rows:,} rows", f"{progress.rows_per_second:,.0f} rows/s"]
        parts += [f"{failed:,} failed"] if failed else []
        if progress.seconds_left is not None:
            parts.append(f"{tqdm.format_interval(progress.seconds_left)} left")
        shown.set_postfix_str(", ".join(parts))

    with tqdm(bar_format="{percentage:3.0f}% |{bar}| {postfix}", disable=True if quiet else None, leave=False) as shown:
        yield tell


def json_lines() -> Tell:
    """Lines of JSON on standard error, at most one a second."""
    told = -_SECONDS_BETWEEN

    def tell(progress: Progress) -> None:
        nonlocal told
        if (now := time.monotonic()) - told >= _SECONDS_BETWEEN:
            told = now
            write_json_line("progress", progress_to_dict(progress))

    return tell


def progress_to_dict(progress: Progress) -> dict[str, Any]:
    return {
        "rows": progress.tally.rows,
        "failed": progress.tally.failed.total(),
        "seconds": round(progress.seconds, 3),
        "rows_per_second": round(progress.rows_per_second, 1),
        "bytes_read": progress.position,
        "bytes": progress.size,
        "seconds_left": None if progress.seconds_left is None else round(progress.seconds_left, 1),
    }


def tally_to_line(tally: Tally, seconds: float, model: "ModelName | None" = None) -> str:
    """What was done: rows, failures by code and, of a model, what it found."""
    line = f"{tally.rows} rows{_counted('failed', tally.failed)} in {seconds:.1f} s"
    if model is None:
        return line
    confidence = tally.mean_confidence
    found = _counted("slots", tally.slots) + ("" if confidence is None else f", mean confidence {confidence:.3f}")
    return f"{line}; {model.name} {model.version}{found}"


def _counted(what: str, counts: Counter[str]) -> str:
    if not counts:
        return ""
    return f", {counts.total()} {what} ({', '.join(f'{count} {name}' for name, count in counts.most_common())})"


def write_json_line(event: str, fields: dict[str, Any]) -> None:
    sys.stderr.buffer.write(orjson.dumps({"event": event, **fields}) + b"\n")
    sys.stderr.buffer.flush()
