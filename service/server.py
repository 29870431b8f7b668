"""Settings to a listening server: one process, or several that share one socket."""

import asyncio
import gc
import logging
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

import uvicorn

from model.parser import Parser
from service.app import create_app
from service.connection import connections
from service.corrections.keeper import prepare_store
from service.loading import ready_parser
from service.logs import log_to_stderr
from service.settings import Settings, settings_to_environment
from service.workers import Workers

logger = logging.getLogger("slotwise")

# Requests in flight get this long after the service has stopped to listen; orchestrators kill after 30 seconds.
_FINISH_SECONDS = 25
_ACCEPTS = 128
_FIRST_REQUEST_SECONDS = 1.0  # that a connection gets which was opened just before the end

Announce = Callable[[str], None]


class AddressError(OSError):
    """An address that cannot be listened on: which, and why."""


def serve(settings: Settings, announce: Announce) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests in flight and exit with status 0.

    `announce` gets the base URL as soon as connections are accepted. Raises AddressError where the address cannot
    be had, and model.bundle.BundleError where the bundle cannot.
    """
    _begin(settings)
    with _bind(settings.host, settings.port) as listener:
        url = _url(settings.host, listener.getsockname()[1])
        parser = ready_parser(settings)
        prepare_store(settings)
        if settings.workers == 1:
            _run(settings, parser, listener, lambda: announce(url))
        else:
            del parser  # it was to know that it can be: each worker has its own
            with _shared_metrics():
                os.environ |= settings_to_environment(settings)
                Workers(settings.workers, _work, listener, lambda: announce(url)).run()


def _work(listener: socket.socket, listening: Callable[[], None]) -> None:
    """One worker process: its settings come through the environment."""
    settings = Settings()
    _begin(settings)
    _run(settings, None, listener, listening)


def _begin(settings: Settings) -> None:
    log_to_stderr(log_text=settings.log_text)
    _allow_many_connections()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)


def _run(settings: Settings, parser: Parser | None, listener: socket.socket, listening: Callable[[], None]) -> None:
    draining = threading.Event()
    config = uvicorn.Config(
        create_app(settings, parser, draining),
        http=connections(settings.read_seconds),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_FINISH_SECONDS,
    )
    _Server(config, draining, settings.drain_seconds, listening).run([listener])


class _Server(uvicorn.Server):
    """A server that says that it will end, waits for that to be heard, and loses nobody who came meanwhile."""

    def __init__(
        self, config: uvicorn.Config, draining: threading.Event, drain_seconds: float, listening: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._draining, self._drain_seconds, self._listening = draining, drain_seconds, listening
        self._connecting: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        if not self.started:
            return
        self._loop = asyncio.get_running_loop()
        # What was loaded stays: a full collection that looks through all of it takes a fifth of a second.
        gc.collect()
        gc.freeze()
        for listener in sockets or []:
            listener.setblocking(False)
            listener.listen(self.config.backlog)
            self._loop.add_reader(listener, self._accept, listener)
        self._listening()

    def _accept(self, listener: socket.socket) -> None:
        """Many at once: event loops take one a turn, and under load, when many come, a turn is long."""
        try:
            for _ in range(_ACCEPTS):
                connection, _ = listener.accept()
                self._connecting.add(task := self._loop.create_task(self._connect(connection)))
                task.add_done_callback(self._connecting.discard)
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            pass  # that was the last; or it has gone again
        except OSError as error:  # no more files may be opened: to try again at once would do nothing else
            logger.error("no connection can be accepted for a second: %s", error)
            self._loop.remove_reader(listener)
            self._loop.call_later(1.0, self._accept_again, listener)

    def _accept_again(self, listener: socket.socket) -> None:
        if not self.should_exit:
            self._loop.add_reader(listener, self._accept, listener)

    async def _connect(self, connection: socket.socket) -> None:
        protocol: Any = self.config.http_protocol_class
        await self._loop.connect_accepted_socket(
            lambda: protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state),
            connection,
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._draining.is_set() or not self.started:  # said twice, or too early to have anybody to wait for
            super().handle_exit(sig, frame)
            return
        self._draining.set()
        self._loop.call_soon_threadsafe(self._loop.call_later, self._drain_seconds, super().handle_exit, sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in sockets or []:
            self._loop.remove_reader(listener)
            self._accept(listener)  # those whom the kernel has let in already
            listener.close()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        until = time.monotonic() + _FIRST_REQUEST_SECONDS
        while time.monotonic() < until and any(getattr(one, "is_new", False) for one in self.server_state.connections):
            await asyncio.sleep(0.02)
        await super().shutdown()


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """A folder in which workers that are started inside keep their counts, so that each can tell those of all."""
    with tempfile.TemporaryDirectory(prefix="slotwise-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def _bind(host: str, port: int) -> socket.socket:
    """A socket that has the address but does not listen yet: clients are refused until the model is there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with ExitStack() as on_failure:
            listener = on_failure.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            on_failure.pop_all()
    except OSError as error:
        raise AddressError(f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}") from None
    return listener


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    """Before uvicorn listens to signals, and after it has drained, when it raises them again."""
    sys.exit(0)


def _allow_many_connections() -> None:
    """Each is a file, and the usual limit of 1,024 files is for programs that read files."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = 65_536 if most == resource.RLIM_INFINITY else min(most, 65_536)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
