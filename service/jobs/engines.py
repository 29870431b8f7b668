"""Parts to answered parts, in order: in this process, or in processes beside it.

An engine is called with the parts and with the work, and yields what the work makes of each part, in order. It takes
parts only as it needs them, so that memory stays bounded. Whatever fails for good, it raises.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from data.processes import die_with_the_parent
from service.jobs.answers import AnsweredPart
from service.jobs.parts import Part

AHEAD = 2  # parts for each worker: one in work, one that waits
MOST_DEATHS = 3

Answered = Generator[AnsweredPart, None, None]
Answer = Callable[[Part], AnsweredPart]


class Work(Protocol):
    """What is to be done to each part, as plain data that can be sent to another process."""

    def open(self) -> Answer:
        """Get ready, in the process that does it: once a worker."""


W = TypeVar("W", bound=Work, contravariant=True)


class Engine(Protocol[W]):
    """Lazily from parts to answered parts, in order. Closed where the job stops before its end."""

    def __call__(self, parts: Iterable[Part], work: W) -> Answered: ...


class WorkerError(ChildProcessError):
    """A part that kills every worker that takes it up."""


def in_this_process(parts: Iterable[Part], work: Work) -> Answered:
    """Without a worker."""
    answer = work.open()
    for part in parts:
        yield answer(part)


@dataclass(frozen=True)
class Processes:
    """So many workers beside this process, each of which opens the work once.

    Where a worker dies (out of memory, killed), all start anew and what was under way is done again, one part at a
    time, so that a part which kills its worker is known: the third time is the end, with WorkerError.
    """

    workers: int

    def __call__(self, parts: Iterable[Part], work: Work) -> Answered:
        parts = iter(parts)
        ahead: deque[Part] = deque()  # taken, and not yet answered
        alone = deaths = 0  # how many of them are done one at a time; how often the first of them killed its worker
        while True:
            try:
                with _pool(self.workers, work) as pool:
                    futures: deque[Future[AnsweredPart]] = deque()
                    while True:
                        while not alone and len(ahead) < AHEAD * self.workers and (part := next(parts, None)):
                            ahead.append(part)
                        if not ahead:
                            return
                        while len(futures) < (1 if alone else len(ahead)):
                            futures.append(pool.submit(_answer, ahead[len(futures)]))
                        answered = futures[0].result()
                        futures.popleft()
                        ahead.popleft()
                        alone, deaths = max(0, alone - 1), 0
                        yield answered
            except BrokenProcessPool:
                deaths += alone > 0
                if deaths == MOST_DEATHS:
                    raise WorkerError(killer(ahead[0], MOST_DEATHS)) from None
                alone = len(ahead)


def killer(part: Part, deaths: int) -> str:
    """What is said of a part that killed its worker so many times."""
    first, last = part.pieces[0], part.pieces[-1]
    return (
        f"rows {part.first_row + 1} to {part.first_row + part.rows} killed their worker {deaths} times "
        f"({first.source}:{first.numbers[0]} to {last.source}:{last.numbers[-1]}); is there enough memory?"
    )


@contextmanager
def _pool(workers: int, work: Work) -> Iterator[ProcessPoolExecutor]:
    """Spawned, not forked: torch's threads do not survive a fork. Ended at once where the job is."""
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start, (work,)) as pool:
        try:
            yield pool
        except BaseException:
            # The pool notices; what is cancelled beforehand it could not tell so, and its thread would die of that.
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
            raise


# In a worker

_work: Work
_opened: list[Answer] = []


def _start(work: Work) -> None:
    global _work
    _work = work
    die_with_the_parent()


def _answer(part: Part) -> AnsweredPart:
    if not _opened:  # not at the start: what goes wrong here is told by its part
        _opened.append(_work.open())
    return _opened[0](part)


def usable_cores() -> int:
    """Cores that this process may use: of its affinity, and of its control group's quota (a container's limit)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(cores, int(quota) // int(period)))
    except (OSError, ValueError):  # another system, or "max"
        return cores
