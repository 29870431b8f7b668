"""Settings to a listening server: one process, or several that share one socket."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from service.app import create_app
from service.model_thread import load_parser
from service.settings import Settings

# Requests in flight get this long after SIGTERM; orchestrators kill after 30 seconds.
_DRAIN_SECONDS = 25
# A worker that is busy answers its supervisor late: with uvicorn's 5 seconds, loaded workers were replaced.
_WORKER_SECONDS = 60

Announce = Callable[[str], None]


class AddressError(OSError):
    """An address that cannot be listened on: which, and why."""


def serve(settings: Settings, announce: Announce) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests in flight and exit with status 0.

    `announce` gets the base URL as soon as connections are accepted. Raises AddressError where the address cannot
    be had, and model.bundle.BundleError where the bundle cannot.
    """
    _log_to_stderr()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)
    with _bind(settings.host, settings.port) as listener:
        url = _url(settings.host, listener.getsockname()[1])
        parser = load_parser(settings)
        if settings.workers == 1:
            _Server(_config(create_app(settings, parser)), lambda: announce(url)).run([listener])
        else:
            del parser  # was loaded to know that it can be: each worker has its own
            os.environ |= {f"SLOTWISE_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
            config = _config("service.server:worker_app", factory=True, workers=settings.workers)
            _Workers(config, [listener], lambda: announce(url)).run()


def worker_app() -> FastAPI:
    """The application of one worker process: its settings come through the environment."""
    _log_to_stderr()
    return create_app(Settings())


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening()


class _Workers(Multiprocess):
    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], listening: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._listening = listening

    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(_WORKER_SECONDS) for process in self.processes):
            self._listening()


def _config(app: FastAPI | str, **options: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        timeout_worker_healthcheck=_WORKER_SECONDS,
        **options,
    )


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
    listener.set_inheritable(True)
    return listener


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    """Before uvicorn listens to signals, and after it has drained, when it raises them again."""
    sys.exit(0)


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
