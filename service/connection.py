"""HTTP/1.1 connections that do not wait for ever: a request's head must arrive whole, small and in time."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOST = "slotwise.lost"  # of the extensions of a request's scope: a function that says whether its client has gone
MAX_HEAD_BYTES = 64 * 2**10


def connections(read_seconds: float) -> type[HttpToolsProtocol]:
    """The protocol with a limit on how long a request may take to arrive (uvicorn limits only what is idle)."""

    class Connection(HttpToolsProtocol):
        _lost = False
        _head_bytes = 0
        _too_late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
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
