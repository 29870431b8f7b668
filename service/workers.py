"""Several processes behind one socket: started together, replaced when they die, ended together."""

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from service.metrics import forget_process

logger = logging.getLogger("slotwise")

START_SECONDS = 120.0
END_SECONDS = 60.0
_PAUSE_SECONDS = 1.0  # before a worker is replaced that died while it started

Work = Callable[[socket.socket, Callable[[], None]], None]


class WorkerError(OSError):
    """Workers that do not come up."""


class Workers:
    """`count` processes that run `work` with the listener, which all of them have, and say when they listen.

    Spawned, not forked: a process that has used torch cannot be forked safely. A hung worker is not looked for here:
    its /healthz tells, and a check from inside would replace workers that are only busy.
    """

    def __init__(self, count: int, work: Work, listener: socket.socket, listening: Callable[[], None]) -> None:
        self._count, self._work, self._listener, self._listening = count, work, listener, listening
        self._workers: dict[SpawnProcess, Connection] = {}
        self._ending = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT; raises WorkerError where a worker does not come up at the start."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        try:
            self._workers = dict(self._start() for _ in range(self._count))
            for process, said in self._workers.items():
                if not self._ending and not _is_up(process, said):
                    raise WorkerError(f"a worker ended with status {process.exitcode} while it started")
            if not self._ending:
                self._listening()
            while not self._ending:
                wait([process.sentinel for process in self._workers], timeout=0.5)
                self._replace_the_dead()
        finally:
            self._terminate()

    def _start(self) -> tuple[SpawnProcess, Connection]:
        here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(target=_worker, args=(self._work, self._listener, there))
        process.start()
        there.close()
        return process, here

    def _replace_the_dead(self) -> None:
        for process, said in list(self._workers.items()):
            if process.is_alive() or self._ending:
                continue
            logger.error("worker %s ended with status %s: another takes its place", process.pid, process.exitcode)
            assert process.pid is not None
            forget_process(process.pid)
            del self._workers[process]
            if not _was_up(said):
                time.sleep(_PAUSE_SECONDS)
            self._workers |= [self._start()]

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True

    def _terminate(self) -> None:
        for process in self._workers:
            if process.is_alive() and process.pid is not None:
                os.kill(process.pid, signal.SIGTERM)
        self._listener.close()  # theirs stay open while they drain; with ours, nobody would answer behind it
        until = time.monotonic() + END_SECONDS
        for process in self._workers:
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                logger.error("worker %s did not end within %g s and is killed", process.pid, END_SECONDS)
                process.kill()


def _is_up(process: SpawnProcess, said: Connection) -> bool:
    wait([said, process.sentinel], timeout=START_SECONDS)
    return process.is_alive() and said.poll()


def _was_up(said: Connection) -> bool:
    try:
        return said.poll() and bool(said.recv())
    except EOFError:  # it ended without a word
        return False


def _worker(work: Work, listener: socket.socket, said: Connection) -> None:
    """In the process itself."""
    os.setpgrp()  # Ctrl-C in a terminal is for the parent, which tells its workers in its own words
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(listener, lambda: said.send(True))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
