import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.server import ServerState

from service.connection import connections

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSING = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


class Recorder(asyncio.Transport):
    """What it is told, in order; nothing is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[bytes] = []
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.told.append(bytes(data))

    def close(self) -> None:
        self.told.append(b"closed")
        self._closing = True

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def answering(*bodies: bytes, pause: Callable[[], Awaitable[None]] | None = None) -> ASGIApp:
    """An application whose answer has these parts, with a pause between them."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        size = str(sum(map(len, bodies))).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", size)]})
        for number, body in enumerate(bodies, 1):
            if pause and number > 1:
                await pause()
            message: Message = {"type": "http.response.body", "body": body, "more_body": number < len(bodies)}
            await send(message)

    return app


def told(app: ASGIApp, received: bytes) -> list[bytes]:
    """What a connection tells its transport when so much is received."""

    async def run() -> list[bytes]:
        config = uvicorn.Config(app, lifespan="off", log_config=None, server_header=False, date_header=False)
        config.load()
        protocol = connections(10.0)(config=config, server_state=ServerState(), app_state={})
        protocol.connection_made(transport := Recorder())
        protocol.data_received(received)
        await asyncio.sleep(0.05)
        at_the_end = [*transport.told]
        protocol.connection_lost(None)
        return at_the_end

    return asyncio.run(run())


@pytest.mark.parametrize("requests", [1, 2, 3])
def test_an_answer_leaves_whole(requests: int) -> None:
    sent = told(answering(b"whole"), GET * requests)
    assert b"".join(sent).count(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole") == requests
    assert all(part.startswith(b"HTTP/1.1 200 OK") and part.endswith(b"whole") for part in sent)


def test_it_leaves_before_the_connection_is_closed() -> None:
    [answer, last] = told(answering(b"whole"), CLOSING)
    assert answer.endswith(b"connection: close\r\n\r\nwhole")
    assert last == b"closed"


def test_an_answer_without_a_body_leaves_too() -> None:
    [head] = told(answering(b""), GET.replace(b"GET", b"HEAD"))
    assert head.startswith(b"HTTP/1.1 200 OK")


def test_a_part_does_not_wait_for_the_next() -> None:
    parts = told(answering(b"now", b"later", pause=lambda: asyncio.sleep(0.01)), GET)
    assert [part[-5:] for part in parts] == [b"\r\nnow", b"later"]
