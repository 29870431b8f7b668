"""Parts to answered parts on a Ray cluster, by Ray Data. The nodes need slotwise and Ray, but no files in common."""

import logging
import os
import pickle
import secrets
import signal
import socket
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from service.jobs.answers import AnsweredPart
from service.jobs.engines import Answer, Answered, WorkerError, killer
from service.jobs.parts import Part
from service.settings import Settings

if TYPE_CHECKING:
    from pyarrow import Table
    from ray.data import Dataset

AHEAD = 8  # parts in a window for each worker
WINDOWS = 2  # at once: with one alone, workers wait at its end
MOST_DEATHS = 5
CONNECT_SECONDS = 10
CLOSE_SECONDS = 10
PACKAGES = ("slotwise", "torch")  # whose versions the rows depend on


class ClusterError(ConnectionError):
    """No cluster at the address, or one that cannot do the work."""


class SettingsWork(Protocol):
    """A Work whose settings name the bundle and the device."""

    @property
    def settings(self) -> Settings: ...

    def open(self) -> Answer: ...


@dataclass(frozen=True)
class RayData:
    """The cluster at `address` (`host:port`, or `auto`), else one that is started on this machine for the job.

    Parts are put into the object store of this machine, window after window; each window is a dataset of Ray Data,
    whose tasks, a core (or GPU) each, take one part and give one answered part. What a worker or a node that is lost
    had done or was doing is done again on any other. They are tasks and no actors: an actor of a lost node stays bound
    to the parts that it had taken, and waits for room where all cores are busy; and a pool of actors ends with its
    dataset. Ray keeps the processes of tasks from one window to the next, so that each opens the work once all the
    same.
    """

    address: str | None = None

    def __call__(self, parts: Iterable[Part], work: SettingsWork) -> Answered:
        parts = iter(parts)
        with _session(self.address) as ray:
            deaths = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(_Deaths).remote()
            bundle = ray.put(work.settings.bundle.read_bytes())
            sent = _Sent(ray.put(work), bundle, deaths, tuple(_versions().items()))
            windows: deque[_Window] = deque()
            try:
                while True:
                    kind = "GPU" if work.settings.device == "cuda" else "CPU"
                    workers = int(ray.cluster_resources().get(kind, 0))
                    if not workers:
                        raise ClusterError(f"the cluster has no {kind}")
                    while len(windows) < WINDOWS and (window := list(islice(parts, AHEAD * workers))):
                        windows.append(_Window(_dataset(window, kind, sent)))
                    if not windows:
                        return
                    yield from windows[0]
                    windows.popleft()
            finally:
                for left in windows:
                    left.close()


class _Sent(NamedTuple):
    """What a worker needs, by references into the object store: it is fetched once, when a worker starts."""

    work: Any
    bundle: Any
    deaths: Any
    versions: tuple[tuple[str, str], ...]


def _dataset(window: list[Part], kind: str, sent: _Sent) -> "Dataset":
    """A block for each part, answered."""
    import pyarrow as pa
    from ray.data import from_arrow

    blocks = [pa.table({"part": [pickle.dumps(part, pickle.HIGHEST_PROTOCOL)]}) for part in window]
    resources: dict[str, Any] = {"num_cpus": 1}
    if kind == "GPU":
        resources |= {"num_gpus": 1, "max_calls": 0}  # 0: the process is kept; Ray would end it after each part
    return from_arrow(blocks).map_batches(
        _answer, fn_kwargs={"sent": sent}, batch_size=1, batch_format="pyarrow", **resources
    )


class _Window:
    """The answers of a dataset, which starts at once and goes on by itself."""

    def __init__(self, dataset: "Dataset") -> None:
        self._answers = _answers(dataset)
        self._first: Future[AnsweredPart] = Future()
        Thread(target=self._start, daemon=True).start()  # a pool's thread would be waited for where the job fails

    def _start(self) -> None:
        """Ray Data starts when its first block is asked for."""
        try:
            self._first.set_result(next(self._answers))
        except BaseException as error:
            self._first.set_exception(error)

    def __iter__(self) -> Iterator[AnsweredPart]:
        yield self._first.result()
        yield from self._answers

    def close(self) -> None:
        """Stop what is under way."""
        wait([self._first], CLOSE_SECONDS)
        if self._first.done():
            self._answers.close()


def _answers(dataset: "Dataset") -> Answered:
    from ray.exceptions import RayError

    batches = dataset.iter_batches(batch_size=None, batch_format="pyarrow")
    try:
        with closing(iter(batches)) as tables:
            for table in tables:
                for content in table["answered"]:
                    answered = pickle.loads(content.as_buffer())
                    if isinstance(answered, Exception):
                        raise answered
                    yield answered
    except RayError as error:
        raise ClusterError(f"the cluster cannot do the work: {str(error).strip().splitlines()[-1]}") from error


# In a worker


def _answer(batch: "Table", sent: _Sent) -> "Table":
    import pyarrow as pa

    return pa.table({"answered": [_pickled_answer(content.as_buffer(), sent) for content in batch["part"]]})


def _pickled_answer(content: Any, sent: _Sent) -> bytes:
    """What fails is an answer too: raised here, Ray would log it at length."""
    import ray

    try:
        part = pickle.loads(content)
        if ray.get(sent.deaths.begin.remote(part.number)) > MOST_DEATHS:
            raise WorkerError(killer(part, MOST_DEATHS))
        answered = _opened(sent)(part)
        sent.deaths.end.remote(part.number)
        return pickle.dumps(answered, pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return pickle.dumps(error)


@cache
def _opened(sent: _Sent) -> Answer:
    import ray

    here = _versions()
    for package, wanted in sent.versions:
        if here[package] != wanted:
            raise ClusterError(f"a node has {package} {here[package]}, the job {wanted}")
    work = ray.get(sent.work)
    with TemporaryDirectory() as folder:
        bundle = Path(folder, work.settings.bundle.name)
        bundle.write_bytes(ray.get(sent.bundle))
        answer: Answer = replace(work, settings=work.settings.model_copy(update={"bundle": bundle})).open()
        return answer


def _versions() -> dict[str, str]:
    return {package: version(package) for package in PACKAGES}


class _Deaths:
    """How often each part was begun and not ended: Ray would give it to one worker after the other for ever."""

    def __init__(self) -> None:
        self._begun: Counter[int] = Counter()

    def begin(self, number: int) -> int:
        """Deaths before, and one for this time."""
        self._begun[number] += 1
        return self._begun[number]

    def end(self, number: int) -> None:
        del self._begun[number]


# The cluster


@contextmanager
def _session(address: str | None) -> Iterator[Any]:
    """The module `ray`, connected to a cluster. Raises ClusterError."""
    if address is None and "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:
        # Ray runs what it is sent, and may listen on every interface. It looks here when it is imported.
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    elif address not in (None, "auto"):
        _knock(address)
    try:
        import ray
        from ray.data import DataContext
    except ImportError:
        raise ClusterError("the engine ray needs Ray: pip install 'slotwise[ray]'") from None
    try:
        where: dict[str, Any] = {"address": address} if address else {"address": "local", "include_dashboard": False}
        at_sigterm = signal.getsignal(signal.SIGTERM)
        ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
        if current_thread() is main_thread():  # where Ray sets a handler of its own
            signal.signal(signal.SIGTERM, at_sigterm)
    except Exception as error:
        raise ClusterError(
            f"no Ray cluster at {address or 'this machine'}: {str(error).strip().splitlines()[0]}"
        ) from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.execution_options.preserve_order = True
    try:
        with DataContext.current(context):
            yield ray
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Ray itself would wait for minutes where nobody answers. Its head speaks gRPC, which is HTTP/2 (RFC 9113)."""
    host, _, port = address.rpartition(":")
    try:
        if not host or "/" in host or not port.isdigit():
            raise ValueError("an address is host:port, or auto")
        with socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS) as line:
            if os.environ.get("RAY_USE_TLS") != "1":
                line.sendall(_HELLO)
                if line.recv(len(_SETTINGS))[3:4] != _SETTINGS[3:4]:
                    raise ValueError("what answers is no Ray")
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Ray cluster at {address!r}: {error}") from None


_SETTINGS = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))  # an empty frame; its fourth byte is its type
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _SETTINGS
