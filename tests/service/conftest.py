import os
import socket
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from model.parser import Parser
from service.app import create_app
from service.settings import Settings

SLOTWISE = Path(sysconfig.get_path("scripts")) / "slotwise"


@pytest.fixture(scope="session")
def parser(tiny_bundle: Path) -> Parser:
    return Parser.load(tiny_bundle, "cpu")


@pytest.fixture(scope="session")
def app(parser: Parser) -> FastAPI:
    """The real application around the tiny bundle, with small limits."""
    return create_app(Settings(max_characters=100, max_items=4, max_body_bytes=10_000), parser)


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of `app`, which a server in another thread runs."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
            yield client
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def slotwise() -> Path:
    """The command, as a user runs it."""
    return SLOTWISE


@pytest.fixture
def environment(tiny_bundle: Path) -> dict[str, str]:
    """The environment of a command: the tiny bundle, and nothing set from outside."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("SLOTWISE_")}
    return outside | {"SLOTWISE_BUNDLE": str(tiny_bundle)}
