"""What a batch job costs: its pace beside the parser's alone, and its memory as the input grows.

`python -m service.jobs_bench ROWS.jsonl [--rows 100000 1000000] [--workers 2]`: the rows, repeated to so many, through
`slotwise tag --no-resolve`; before and after each job the parser alone, in memory, on one core. `share of the parser`
is what of the job's processor time is not overhead: times the workers it is the ratio on a quiet machine.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import orjson

from data.rows import iterate_rows, row_to_json
from model.parser import Parser
from model.request import Request
from service.jobs.json_lines import rows_to_lines
from service.jobs.parts import PART_ROWS
from service.loading import load_parser
from service.service_bench import Server
from service.settings import settings_from

ALONE_ROWS = 2 * PART_ROWS
Figures = dict[str, float]


def bench_job(source: Path, rows: int, workers: int) -> Figures:
    """One job in processes of its own: rows a second, seconds of processor, most memory of all its processes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "in.jsonl"
        with file.open("wb") as out:
            for row in islice(cycle(list(iterate_rows(source))), rows):
                out.write(rows_to_lines([row_to_json(row)]))
        command = [
            sys.executable,
            "-m",
            "slotwise",
            "tag",
            str(file),
            "-o",
            f"{folder}/out.jsonl",
            "--no-resolve",
            "-q",
        ]
        before, started, most = _processor_seconds(), time.monotonic(), 0.0
        with subprocess.Popen([*command, "--workers", str(workers)]) as job:
            while job.poll() is None:
                with suppress(OSError):  # a process that has just ended
                    most = max(most, Server(job, "", file).resident_mb())
                time.sleep(0.1)
    if job.returncode:
        raise ChildProcessError(f"the job ended with status {job.returncode}")
    seconds = time.monotonic() - started
    return {
        "rows": rows,
        "rows/s": rows / seconds,
        "processor s": _processor_seconds() - before,
        "most memory, MB": most,
    }


def _processor_seconds() -> float:
    """Of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bench_alone(parser: Parser, texts: Sequence[str]) -> tuple[float, float]:
    """Rows a second, and a second of processor, of the parser in memory."""
    started, used = time.monotonic(), time.process_time()
    for at in range(0, len(texts), PART_ROWS):
        parser.parse_requests([Request(text) for text in texts[at : at + PART_ROWS]])
    return len(texts) / (time.monotonic() - started), len(texts) / (time.process_time() - used)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("source", type=Path)
    options.add_argument("--rows", type=int, nargs="+", default=[100_000])
    options.add_argument("--workers", type=int, default=2)
    given = options.parse_args()
    parser = load_parser(settings_from())
    rows = list(iterate_rows(given.source))
    texts = [row.text for row in rows[:: max(1, len(rows) // ALONE_ROWS)]]  # as mixed as the job's
    bench_alone(parser, texts)
    alone = [bench_alone(parser, texts)]
    for count in given.rows:
        job = bench_job(given.source, count, given.workers)
        alone.append(bench_alone(parser, texts))
        pace, of_processor = (median(figures) for figures in zip(*alone[-2:], strict=True))
        job |= {
            "parser alone, rows/s": pace,
            "ratio": job["rows/s"] / pace,
            "share of the parser": count / of_processor / job["processor s"],
        }
        print(orjson.dumps({name: round(figure, 3) for name, figure in job.items()}).decode(), flush=True)


if __name__ == "__main__":
    main()
