"""Log records to JSON, one object a line on stderr."""

import json
import logging
import os
import threading
import traceback
from collections import deque
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson

# The request that is being answered; what is logged meanwhile bears its id.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_STDERR = 2
_MOST_LINES = 10_000  # that wait for a reader of stderr that is slow; more are dropped, and their number told
_PAUSE_SECONDS = 0.05
_WHOLE_BYTES = 4096  # what a pipe takes in one piece (PIPE_BUF), so that workers do not cut up each other's lines
_OF_RECORDS = vars(logging.LogRecord("", 0, "", 0, "", None, None)).keys() | {"message", "asctime", "taskName"}
# Messages of these speak of the machine; those of others may hold what a user wrote (KeyError: 'Taipei').
_OF_THE_MACHINE = (OSError, MemoryError, ImportError)

_requests = logging.getLogger("slotwise.requests")


class JsonHandler(logging.Handler):
    """Writes records to stderr from a thread of its own: nobody who logs waits for whoever reads.

    Unless `log_text`, messages of exceptions are left out where they may hold the users' text; their types and places
    stay.
    """

    def __init__(self, log_text: bool) -> None:
        super().__init__()
        self._log_text = log_text
        self._lines: deque[bytes] = deque()
        self._dropped = 0
        self._some, self._end = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.add(self._record_to_dict(record))
        except Exception:
            self.handleError(record)

    def add(self, line: dict[str, Any]) -> None:
        """One line, to be written soon."""
        if len(self._lines) >= _MOST_LINES:
            self._dropped += 1
            return
        self._lines.append(_to_json(line))
        if not self._some.is_set():
            self._some.set()

    def close(self) -> None:
        """Write what is left, for a second at most."""
        self._end.set()
        self._some.set()
        self._thread.join(1.0)
        super().close()

    def _record_to_dict(self, record: logging.LogRecord) -> dict[str, Any]:
        message = record.getMessage()
        if record.name == "asyncio" and not self._log_text:
            message = message.partition("\n")[0]  # then come futures with their results and exceptions
        line = _head(
            datetime.fromtimestamp(record.created, UTC), record.levelname.lower(), record.name, message.strip()
        )
        current = request_id.get()
        if current is not None:
            line["request_id"] = current
        line |= {name: value for name, value in vars(record).items() if name not in _OF_RECORDS}
        if record.exc_info and record.exc_info[1]:
            line["exception"] = exception_to_text(record.exc_info[1], self._log_text)
        return line

    def _write(self) -> None:
        while not self._end.is_set() or self._lines:
            self._some.wait()
            self._end.wait(_PAUSE_SECONDS)  # one write for many lines
            self._some.clear()
            while self._lines:
                self._write_some()
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                self.add(_head(datetime.now(UTC), "warning", __name__, "log lines were dropped") | {"lines": dropped})

    def _write_some(self) -> None:
        block = self._lines.popleft()
        while self._lines and len(block) + len(self._lines[0]) <= _WHOLE_BYTES:
            block += self._lines.popleft()
        try:
            while block:
                block = block[os.write(_STDERR, block) :]
        except OSError:
            pass  # nobody is there to read


def log_to_stderr(level: int | str = logging.INFO, log_text: bool = False) -> None:
    """All loggers write JSON to stderr: those of slotwise from `level` on, all others from WARNING on."""
    logging.basicConfig(level=logging.WARNING, handlers=[JsonHandler(log_text)], force=True)
    logging.getLogger("slotwise").setLevel(level)


def log_request(fields: dict[str, Any]) -> None:
    """A line for a request that was answered."""
    if not _requests.isEnabledFor(logging.INFO):
        return
    for handler in logging.root.handlers:
        if isinstance(handler, JsonHandler):  # a record and its way through `logging` cost five times the line
            handler.add(_head(datetime.now(UTC), "info", _requests.name, "request") | fields)
            return
    _requests.info("request", extra=fields)


def exception_to_text(error: BaseException, log_text: bool) -> str:
    """Where an exception came from, those behind it first, and what it says if that cannot be the users' text."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    says = f": {error}" if log_text or isinstance(error, _OF_THE_MACHINE) else ""
    parts = [
        *([exception_to_text(before, log_text)] if before else []),
        f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__qualname__}{says}",
        *(exception_to_text(inner, log_text) for inner in getattr(error, "exceptions", ())),
    ]
    return "\n".join(parts)


def _head(moment: datetime, level: str, logger: str, message: str) -> dict[str, Any]:
    return {"time": moment, "level": level, "logger": logger, "message": message}


def _to_json(line: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # lone surrogates, huge integers
        return json.dumps(line | {"time": f"{line['time']:%FT%T.%fZ}"}, default=str).encode() + b"\n"
