import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

import slotwise as slotwise_command
from model.parser import Parser
from service.app import create_app
from service.loading import load_parser
from service.settings import Settings


@pytest.fixture(scope="session")
def parser(tiny_bundle: Path) -> Parser:
    return load_parser(Settings(bundle=tiny_bundle, device="cpu"))


@pytest.fixture(scope="session")
def app(parser: Parser, tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    """The real application around the tiny bundle, with small limits."""
    corrections = f"sqlite:///{tmp_path_factory.mktemp('corrections')}/corrections.sqlite"
    small = Settings(
        max_characters=100, max_items=4, max_body_bytes=10_000, corrections=corrections, log_requests=False
    )
    return create_app(small, parser)


@contextmanager
def _client_of(app: ASGIApp) -> Iterator[httpx.Client]:
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


ClientOf = Callable[[ASGIApp], AbstractContextManager[httpx.Client]]


@pytest.fixture(scope="session")
def client_of() -> ClientOf:
    """A client of an application, which a server in another thread runs."""
    return _client_of


@pytest.fixture(scope="session")
def client(app: ASGIApp) -> Iterator[httpx.Client]:
    with _client_of(app) as client:
        yield client


@pytest.fixture(scope="session")
def environment(tiny_bundle: Path) -> dict[str, str]:
    """The environment of a process: the tiny bundle, and nothing in the log but what goes wrong."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("SLOTWISE_")}
    own = {"BUNDLE": str(tiny_bundle), "LOG_REQUESTS": "false", "CORRECTIONS": "off"}
    return outside | {f"SLOTWISE_{name}": value for name, value in own.items()}


class Done(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    error: str


Command = Callable[..., Done]


@pytest.fixture
def command(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Runs the command without a process of its own, which would import torch each time."""

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["slotwise", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            slotwise_command.main()
        sys.stdout.flush()
        return Done(int(ended.value.code or 0), *capfd.readouterr())

    monkeypatch.setenv("SLOTWISE_BUNDLE", str(tiny_bundle))
    monkeypatch.chdir(tmp_path)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)
