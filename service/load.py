"""Requests to outcomes: HTTP load over keep-alive connections, in a closed loop or at a fixed rate."""

import asyncio
import gc
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import orjson

try:
    import uvloop
except ImportError:  # Windows has none
    uvloop = None  # type: ignore[assignment]

_CONNECT_SECONDS = 10.0
_FAILURES: dict[type[BaseException], str] = {
    TimeoutError: "timeout",
    asyncio.IncompleteReadError: "short",
    ConnectionRefusedError: "refused",
    OSError: "reset",
}

T = TypeVar("T")


class Outcome(NamedTuple):
    """What became of one request.

    `sent` is time.monotonic() when its first byte left, `seconds` what passed until its answer was whole. Without an
    answer `status` is 0 and `code` says why: refused, reset, short (closed before the answer was whole) or timeout.
    """

    sent: float
    seconds: float
    status: int
    code: str = ""  # of a problem
    version: str = ""  # of the model that answered
    retry_after: str = ""
    retried: bool = False  # the connection was cut, and the request sent again over a new one

    @property
    def is_answer(self) -> bool:
        return self.status == 200

    @property
    def is_proper_refusal(self) -> bool:
        """A problem of the service with its code; one for want of room also says when to come again."""
        said = self.status >= 400 and self.code not in ("", "internal")
        return said and (self.code != "overloaded" or self.retry_after.isdecimal())

    @property
    def is_lost(self) -> bool:
        return not (self.is_answer or self.is_proper_refusal)


class Target(NamedTuple):
    """Where requests go and how patient their senders are."""

    url: str
    path: str = "/v1/parse"
    headers: tuple[str, ...] = ()  # lines as "X-Timeout-Ms: 1"
    retry: bool = False  # once, where a connection was cut, as a balancer does
    reopen: bool = True  # a connection that the service closed is opened anew; else its client is done
    seconds: float = 30.0  # the longest wait for an answer
    pause: float = 0.0  # of each client between two requests

    def request(self, body: bytes) -> bytes:
        host = urlsplit(self.url).netloc
        fixed = (f"POST {self.path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json")
        return "\r\n".join((*fixed, *self.headers, f"Content-Length: {len(body)}", "", "")).encode() + body


class Client:
    """One keep-alive connection, opened when it is needed."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.done = False

    async def ask(self, body: bytes) -> Outcome:
        """Send one request and read its answer; a connection that was closed meanwhile is opened anew first."""
        request = self._target.request(body)
        outcome = await self._try(request)
        if self._target.retry and outcome.code in ("reset", "short", "refused"):
            again = await self._try(request)
            outcome = again._replace(retried=True, sent=outcome.sent, seconds=outcome.seconds + again.seconds)
        return outcome

    async def _try(self, request: bytes) -> Outcome:
        sent = time.monotonic()
        try:
            async with asyncio.timeout(self._target.seconds):
                reader, writer = await self.open()
                sent = time.monotonic()
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                body = await reader.readexactly(int(_header(head, b"content-length") or 0))
        except tuple(_FAILURES) as error:
            self.close()
            code = next(code for kind, code in _FAILURES.items() if isinstance(error, kind))
            return Outcome(sent, time.monotonic() - sent, 0, code)
        outcome = _outcome(sent, head, body)
        if _header(head, b"connection") == b"close":
            self.close()
            self.done = not self._target.reopen
        return outcome

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            parts = urlsplit(self._target.url)
            async with asyncio.timeout(_CONNECT_SECONDS):
                self._streams = await asyncio.open_connection(parts.hostname, parts.port)
        return self._streams

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _header(head: bytes, name: bytes) -> bytes:
    """The value of a header in a lower-case head; empty where there is none."""
    _, found, rest = head.partition(b"\r\n" + name + b":")
    return rest.partition(b"\r\n")[0].strip() if found else b""


def _outcome(sent: float, head: bytes, body: bytes) -> Outcome:
    seconds, status = time.monotonic() - sent, int(head[9:12])
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Outcome(sent, seconds, status)
    model = answer.get("model") or {}
    retry_after = _header(head, b"retry-after").decode()
    return Outcome(sent, seconds, status, answer.get("code", ""), model.get("version", ""), retry_after)


async def closed_loop(
    target: Target, bodies: Iterable[bytes], connections: int, until: Callable[[], bool] = lambda: False
) -> list[Outcome]:
    """Each connection asks, waits for the answer and asks again, until the bodies are used up or `until` says so."""
    outcomes: list[Outcome] = []
    waiting = iter(bodies)

    async def one_client() -> None:
        client = Client(target)
        for body in waiting:
            outcomes.append(await client.ask(body))
            if client.done or until():
                break
            if target.pause:
                await asyncio.sleep(target.pause)
        client.close()

    await asyncio.gather(*(one_client() for _ in range(connections)))
    return outcomes


async def open_loop(
    target: Target, bodies: Iterable[bytes], connections: int, rate: float, seconds: float
) -> list[Outcome]:
    """`rate` requests a second for some seconds, whatever comes back, over so many connections opened beforehand."""
    outcomes: list[Outcome] = []
    idle: asyncio.LifoQueue[Client] = asyncio.LifoQueue()
    for client in [Client(target) for _ in range(connections)]:
        await client.open()
        idle.put_nowait(client)

    async def ask(client: Client, body: bytes) -> None:
        outcomes.append(await client.ask(body))
        idle.put_nowait(client)

    async with asyncio.TaskGroup() as tasks:
        started = time.monotonic()
        for number, body in zip(range(round(rate * seconds)), bodies, strict=False):
            ahead = started + number / rate - time.monotonic()
            if ahead > 0.001:  # finer sleeps cost more than they order
                await asyncio.sleep(ahead)
            tasks.create_task(ask(await idle.get(), body))
    while not idle.empty():
        idle.get_nowait().close()
    return outcomes


def after(seconds: float) -> Callable[[], bool]:
    """For closed_loop's `until`."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def run(load: Coroutine[Any, Any, T]) -> T:
    """The result of a load, on the fastest event loop there is."""
    gc.freeze()  # going through a caller's million objects takes a second, in which nothing is sent and all looks slow
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
            return runner.run(load)
    finally:
        gc.unfreeze()


class Measured(NamedTuple):
    """A closed loop: answers a second, milliseconds until an answer, and how many requests got none or another one."""

    requests: int
    per_second: float
    median: float
    p99: float
    failed: int


def measure(target: Target, bodies: Sequence[bytes], connections: int, seconds: float) -> Measured:
    """A closed loop by wrk where it is installed, which leaves more of the machine to the service; else by our own."""
    by = _by_wrk if shutil.which("wrk") else _by_ourselves
    return by(target, bodies, connections, seconds)


def _by_ourselves(target: Target, bodies: Sequence[bytes], connections: int, seconds: float) -> Measured:
    started = time.monotonic()
    outcomes = run(closed_loop(target, cycle(bodies), connections, after(seconds)))
    passed = time.monotonic() - started
    milliseconds = spread(outcomes)
    failed = sum(not outcome.is_answer for outcome in outcomes)
    return Measured(len(outcomes), len(outcomes) / passed, milliseconds.median, milliseconds.p99, failed)


class Spread(NamedTuple):
    """Milliseconds until an answer."""

    median: float
    p99: float
    slowest: float


def spread(outcomes: Iterable[Outcome]) -> Spread:
    milliseconds = [1e3 * outcome.seconds for outcome in outcomes]
    hundredths = quantiles(milliseconds * 2 if len(milliseconds) == 1 else milliseconds, n=100, method="inclusive")
    return Spread(hundredths[49], hundredths[98], max(milliseconds))


def answers_a_second(outcomes: Sequence[Outcome]) -> float:
    """From the first request to the last answer."""
    began, ended = min(one.sent for one in outcomes), max(one.sent + one.seconds for one in outcomes)
    return sum(one.is_answer for one in outcomes) / (ended - began)


# Bodies in turn; at the end one line of figures: requests, microseconds, median, p99, failed.
_WRK_SCRIPT = """
local bodies, at = {{}}, 0
for body in io.lines("{bodies}") do bodies[#bodies + 1] = body end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function request()
  at = at % #bodies + 1
  return wrk.format(nil, "{path}", nil, bodies[at])
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("figures %d %d %f %f %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def _by_wrk(target: Target, bodies: Sequence[bytes], connections: int, seconds: float) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        lines, script = Path(folder) / "bodies.jsonl", Path(folder) / "script.lua"
        lines.write_bytes(b"\n".join(bodies))
        script.write_text(_WRK_SCRIPT.format(bodies=lines, path=target.path))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{math.ceil(seconds)}s", "-s", str(script), target.url]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    requests, passed, median, p99, failed = (float(part) for part in told.rpartition("figures ")[2].split())
    return Measured(int(requests), 1e6 * requests / passed, median / 1e3, p99 / 1e3, int(failed))
