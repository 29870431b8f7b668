"""HTTP/1.1 connections that do not wait for ever: a request's head must arrive whole, small and in time."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 2**10


def connections(read_seconds: float) -> type[HttpToolsProtocol]:
    """The protocol with a limit on how long the head of a request may take (uvicorn limits only what is idle)."""

    class Connection(HttpToolsProtocol):
        _head_bytes = 0
        _too_late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._head_arrived()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self._too_late is None and (self.cycle is None or self.cycle.response_complete):
                self._expect_head()
            self._head_bytes += len(data)
            super().data_received(data)
            if self._too_late is not None and self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(b"431 Request Header Fields Too Large")

        def on_headers_complete(self) -> None:
            self._head_arrived()
            super().on_headers_complete()

        def _expect_head(self) -> None:
            self._head_bytes = 0
            self._too_late = self.loop.call_later(read_seconds, self._refuse, b"408 Request Timeout")

        def _head_arrived(self) -> None:
            if self._too_late is not None:
                self._too_late.cancel()
                self._too_late = None

        def _refuse(self, status: bytes) -> None:
            self._head_arrived()
            if not self.transport.is_closing():
                self.transport.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                self.transport.close()

        @property
        def is_new(self) -> bool:
            """Whether it was opened and nothing was asked on it yet."""
            return self.cycle is None

    return Connection
