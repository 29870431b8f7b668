"""HTTP/1.1 connections: a request's head must arrive whole, small and in time, and an answer leaves whole."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOST = "slotwise.lost"  # of the extensions of a request's scope: a function that says whether its client has gone
MAX_HEAD_BYTES = 64 * 2**10


class _Whole:
    """A transport that sends at once what is written in one turn of the loop.

    Head and body of an answer are written one after the other. Were they sent so, a process killed in between would
    leave a proxy with half an answer, which it cannot ask another process for any more.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._written: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        data = b"".join(self._written)
        self._written.clear()
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def connections(read_seconds: float) -> type[HttpToolsProtocol]:
    """The protocol with a limit on how long a request may take to arrive (uvicorn limits only what is idle)."""

    class Connection(HttpToolsProtocol):
        _lost = False
        _head_bytes = 0
        _too_late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(cast(asyncio.Transport, _Whole(transport)))
            self._expect_request()

        def on_headers_complete(self) -> None:
            self.scope["extensions"] = {LOST: self._is_lost}  # type: ignore[dict-item]  # ours, in one process
            super().on_headers_complete()

        def _is_lost(self) -> bool:
            return self._lost

        def connection_lost(self, exc: Exception | None) -> None:
            self._lost = True
            self._request_arrived()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self._too_late is None and self._is_idle:
                self._expect_request()
            self._head_bytes += len(data)
            super().data_received(data)
            if self._too_late is not None and self._is_idle and self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(b"431 Request Header Fields Too Large")

        def on_message_complete(self) -> None:
            self._request_arrived()
            super().on_message_complete()

        def _expect_request(self) -> None:
            self._head_bytes = 0
            self._too_late = self.loop.call_later(read_seconds, self._refuse, b"408 Request Timeout")

        def _request_arrived(self) -> None:
            if self._too_late is not None:
                self._too_late.cancel()
                self._too_late = None

        def _refuse(self, status: bytes) -> None:
            self._request_arrived()
            if self.transport.is_closing():
                return
            # Where nobody asked there is no answer: whoever asks now would take it for theirs.
            if self._head_bytes and (self._is_idle or not self.cycle.response_started):
                self.transport.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()

        @property
        def _is_idle(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        @property
        def is_new(self) -> bool:
            """Whether it was opened and nothing was asked on it yet."""
            return self.cycle is None

    return Connection
