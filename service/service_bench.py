"""What serving costs, side by side in one run: this service, a no-op, an unbatched endpoint, a batcher with a window.

Every server is a process of its own on the loopback, with the same bundle, one worker and one thread of torch. The
figure to trust is CPU milliseconds a request: requests a second and latencies move with what else the machine does.
`python -m service.service_bench NAME BUNDLE` serves one of BASELINES.
"""

import asyncio
import operator
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import orjson
import regex
import torch
import uvicorn
from fastapi import FastAPI
from rich.table import Table

from data.generator import generate
from model.parser import Parse, Parser
from model.request import Request
from service.contract import ModelName, ParseAnswer, ParseRequest, SlotAnswer
from service.load import Target, after, answers_a_second, closed_loop, measure, open_loop, run, spread

SENTENCES = 1_000
ROUNDS = 3
SECONDS = 2.0  # of each load of a round
CONNECTIONS = (64, 1)
BATCH = 64
OVERLOAD_SECONDS = 5.0
OVERLOAD_CONNECTIONS = 640  # more than the service lets wait
UNLOADED = 0.25  # of capacity: nobody waits for another
RECOVERED_AFTER = 2.0
IDLE_SECONDS = 5.0
WINDOW_SECONDS = 0.005
START_SECONDS = 60.0

SERVICE, WITHOUT_LOG, NO_OP, UNBATCHED, WINDOW = "slotwise", "slotwise, no log", "no-op", "unbatched", "5 ms window"

_LISTENS = regex.compile(r"listens on (http://\S+)")
_TICKS = os.sysconf("SC_CLK_TCK")


# Servers as processes


@dataclass(frozen=True)
class Server:
    """A process that serves, and those that it started."""

    process: "subprocess.Popen[bytes]"
    url: str
    output: Path  # what it says on stdout and stderr

    def processes(self) -> list[int]:
        """Its own id and its children's."""
        own = self.process.pid
        children = " ".join(file.read_text() for file in Path(f"/proc/{own}/task").glob("*/children"))
        return [own, *map(int, children.split())]

    def cpu_seconds(self) -> float:
        """User and system time, to the hundredth of a second."""
        ticks = 0
        for number in self.processes():
            after_name = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            ticks += int(after_name[11]) + int(after_name[12])
        return ticks / _TICKS

    def resident_mb(self) -> float:
        pages = sum(int(Path(f"/proc/{number}/statm").read_text().split()[1]) for number in self.processes())
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def status_of(self, path: str) -> int:
        """Of a GET; 0 where nobody answers."""
        try:
            with urlopen(self.url + path, timeout=30) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except OSError:
            return 0

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        until = after(seconds)
        while self.status_of("/readyz") != 200:
            if until():
                raise TimeoutError(f"{self.url} was not ready within {seconds:g} s")
            time.sleep(0.02)


@contextmanager
def serving(*command: str | Path, **settings: object) -> Iterator[Server]:
    """A command that prints "listens on URL" when it does; `settings` are SLOTWISE_* of its environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLOTWISE_")}
    environment["SLOTWISE_CORRECTIONS"] = "off"  # those of whoever measures are no place for what is sent here
    environment |= {f"SLOTWISE_{name.upper()}": str(value) for name, value in settings.items()}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as at_end:
        output = Path(folder) / "output"
        with output.open("wb") as file:
            process = subprocess.Popen([*command], env=environment, stdout=file, stderr=subprocess.STDOUT)
        at_end.callback(_end, process)
        until = after(START_SECONDS)
        while not (found := _LISTENS.search(output.read_text(errors="replace"))):
            if process.poll() is not None or until():
                raise RuntimeError(f"{command[0]} does not listen: {output.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)
        yield Server(process, found[1], output)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def slotwise_command() -> list[str | Path]:
    return [sys.executable, "-m", "slotwise", "serve", "--port", "0"]


# What it is compared with


class _PlainRequest(ParseRequest):
    """The same fields. A model's own limits reach no endpoint that leaves validation to FastAPI."""

    text: str
    lang: str | None = None
    requested_slot: str | None = None


def _slot(name: str, text: str, start: int) -> SlotAnswer:
    end = start + len(text)
    return SlotAnswer(slot=name, text=text, start=start, end=end, confidence=0.98, value=None, alternatives=[])


def no_op(bundle: Path) -> FastAPI:
    """An endpoint that answers the same whatever is asked."""
    app = FastAPI()
    answer = ParseAnswer(
        text="arrive Taipei on November 2nd",
        lang="en",
        slots=[_slot("destination", "Taipei", 7), _slot("arrival_time", "November 2nd", 17)],
        frame={"destination": "Taipei", "arrival_time": "November 2nd"},
        model=ModelName(name="no-op", version="1"),
    )

    @app.post("/v1/parse")
    async def parse(request: _PlainRequest) -> ParseAnswer:
        return answer

    return app


def unbatched(bundle: Path) -> FastAPI:
    """The usual way: each request calls the model. On the event loop, as a hop to a thread costs more than it gives."""
    app, parser = FastAPI(), _load(bundle)

    @app.post("/v1/parse", response_model=ParseAnswer)
    async def parse(request: _PlainRequest) -> dict[str, Any]:
        return parser.parse_requests([request.to_parser("UTC")])[0].to_dict()

    return app


def window(bundle: Path) -> FastAPI:
    """The other usual way: what came within some milliseconds of the first is a batch, run in a thread."""
    app, parser, thread = (
        FastAPI(),
        _load(bundle),
        ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,)),
    )
    waiting: list[tuple[Request, asyncio.Future[Parse]]] = []
    running: set[asyncio.Task[None]] = set()

    async def run_batch() -> None:
        await asyncio.sleep(WINDOW_SECONDS)
        batch = waiting.copy()
        waiting.clear()
        requests = [request for request, _ in batch]
        found = await asyncio.get_running_loop().run_in_executor(thread, parser.parse_requests, requests)
        for (_, answer), parsed in zip(batch, found, strict=True):
            answer.set_result(parsed)

    @app.post("/v1/parse", response_model=ParseAnswer)
    async def parse(request: _PlainRequest) -> dict[str, Any]:
        answer: asyncio.Future[Parse] = asyncio.get_running_loop().create_future()
        waiting.append((request.to_parser("UTC"), answer))
        if len(waiting) == 1:
            task = asyncio.create_task(run_batch())
            running.add(task)
            task.add_done_callback(running.discard)
        return (await answer).to_dict()

    return app


BASELINES: dict[str, Callable[[Path], FastAPI]] = {NO_OP: no_op, UNBATCHED: unbatched, WINDOW: window}


def _load(bundle: Path) -> Parser:
    torch.set_num_threads(1)
    return Parser.load(bundle, "cpu")


def _serve_baseline(name: str, bundle: Path) -> None:
    app = BASELINES[name](bundle)
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        print(f"{name} listens on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run([listener])


# Measuring


def bench_service(bundle: Path) -> dict[str, Any]:
    """Costs by server and number of connections (medians), overload, start, and the ratios that BARS limits."""
    texts = [row.text for row in generate(SENTENCES, 1)]
    bodies = [orjson.dumps({"text": text, "resolve": False}) for text in texts]
    common = {"bundle": bundle, "device": "cpu", "threads": 1, "workers": 1}
    with ExitStack() as servers:
        started = time.monotonic()
        service = servers.enter_context(serving(*slotwise_command(), **common))
        service.wait_until_ready()
        start = {"ready_seconds": time.monotonic() - started}
        started_by_name = {
            SERVICE: service,
            WITHOUT_LOG: servers.enter_context(serving(*slotwise_command(), **common, log_requests=False)),
        } | {
            name: servers.enter_context(serving(sys.executable, "-m", "service.service_bench", name, bundle))
            for name in BASELINES
        }
        (parser_cpu, parser_alone), costs = _costs(started_by_name, texts, bodies, _load(bundle))
        overload = _overload(service, bodies)
        start["resident_mb"] = service.resident_mb()
        start["idle_percent"] = _idle_percent(service)
    figures = {
        "sentences": len(texts),
        "parser_cpu_ms": parser_cpu,
        "parser_alone_cpu_ms": parser_alone,
        "servers": costs,
        "overload": overload,
        "start": start,
    }
    return figures | {"ratios": _ratios(figures)}


def _costs(
    servers: dict[str, Server], texts: Sequence[str], bodies: Sequence[bytes], parser: Parser
) -> tuple[tuple[float, float], dict[str, dict[str, dict[str, float]]]]:
    """CPU milliseconds of the parser for an utterance, beside a process that computes (as the senders of requests do
    beside a server) and alone; each server's figures by number of connections.
    """
    loads = [(name, connections) for name in servers for connections in CONNECTIONS]
    seen: dict[tuple[str, int], list[dict[str, float]]] = {load: [] for load in loads}
    beside: list[float] = []
    alone: list[float] = []
    for name in servers:
        measure(Target(servers[name].url), bodies, CONNECTIONS[0], SECONDS)  # TorchScript compiles, caches fill
    _parser_cpu(parser, texts)
    for _ in range(ROUNDS):
        alone.append(_parser_cpu(parser, texts))
        with _busy_neighbour():
            beside.append(_parser_cpu(parser, texts))
        for name, connections in loads:
            seen[name, connections].append(_cost(servers[name], bodies, connections))
    return (median(beside), median(alone)), {
        name: {str(connections): _medians(seen[name, connections]) for connections in CONNECTIONS} for name in servers
    }


def _parser_cpu(parser: Parser, texts: Sequence[str]) -> float:
    started = time.process_time()
    for at in range(0, len(texts), BATCH):
        parser.parse_requests([Request(text) for text in texts[at : at + BATCH]])
    return 1e3 * (time.process_time() - started) / len(texts)


@contextmanager
def _busy_neighbour() -> Iterator[None]:
    """Two cores that are one core's threads are each slower while both are busy: what is compared must share alike."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:
        try:
            yield
        finally:
            other.kill()


def _cost(server: Server, bodies: Sequence[bytes], connections: int) -> dict[str, float]:
    before = server.cpu_seconds()
    measured = measure(Target(server.url), bodies, connections, SECONDS)
    cpu = server.cpu_seconds() - before
    return {
        "cpu_ms": 1e3 * cpu / measured.requests,
        "per_second": measured.per_second,
        "median_ms": measured.median,
        "p99_ms": measured.p99,
        "failed": measured.failed,
    }


def _medians(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}


def _overload(server: Server, bodies: Sequence[bytes]) -> dict[str, float]:
    """Twice what the service can do, by the same senders that measure what it can: a closed loop of BATCH clients."""
    target, endless = Target(server.url), cycle(bodies)
    full = run(closed_loop(target, endless, BATCH, after(SECONDS)))
    capacity = answers_a_second(full)

    def light() -> float:
        return spread(run(open_loop(target, endless, BATCH, UNLOADED * capacity, SECONDS))).p99

    unloaded = light()
    outcomes = run(open_loop(target, endless, OVERLOAD_CONNECTIONS, 2 * capacity, OVERLOAD_SECONDS))
    time.sleep(RECOVERED_AFTER)
    accepted = [one for one in outcomes if one.is_answer]
    refused = [one for one in outcomes if one.is_proper_refusal]
    return {
        "capacity_per_second": capacity,
        "goodput_per_second": answers_a_second(outcomes),
        "answered": len(accepted),
        "refused": len(refused),
        "lost": sum(one.is_lost for one in outcomes),
        "unloaded_p99_ms": unloaded,
        "full_p99_ms": spread(full).p99,
        "accepted_p99_ms": spread(accepted).p99,
        "slowest_refusal_ms": spread(refused).slowest if refused else 0.0,
        "refusal_p99_ms": spread(refused).p99 if refused else 0.0,
        "recovered_p99_ms": light(),
    }


def _idle_percent(server: Server) -> float:
    before = server.cpu_seconds()
    time.sleep(IDLE_SECONDS)
    return 100 * (server.cpu_seconds() - before) / IDLE_SECONDS


# Bars


def _ratios(figures: dict[str, Any]) -> dict[str, float]:
    many, one = ({name: by[str(count)] for name, by in figures["servers"].items()} for count in CONNECTIONS)
    parser, overload, start = figures["parser_cpu_ms"], figures["overload"], figures["start"]
    cpu, base = many[SERVICE]["cpu_ms"], many[NO_OP]["cpu_ms"]
    values = (
        cpu / (parser + base),
        (cpu - parser) / base,
        one[SERVICE]["median_ms"] / one[UNBATCHED]["median_ms"],
        many[UNBATCHED]["cpu_ms"] / cpu,
        overload["accepted_p99_ms"] / overload["unloaded_p99_ms"],
        overload["slowest_refusal_ms"],
        overload["goodput_per_second"] / overload["capacity_per_second"],
        overload["recovered_p99_ms"] / overload["unloaded_p99_ms"],
        overload["lost"] + sum(by["failed"] for by in (many[SERVICE], one[SERVICE])),
        start["ready_seconds"],
        start["resident_mb"],
        start["idle_percent"],
    )
    return dict(zip(BARS, values, strict=True))


_AT_MOST, _AT_LEAST = "<=", ">="
_COMPARE: dict[str, Callable[[float, float], bool]] = {_AT_MOST: operator.le, _AT_LEAST: operator.ge}
BARS: dict[str, tuple[str, float]] = {
    "CPU a request, of the parser's at batch 64 and a no-op's": (_AT_MOST, 1.0),
    "CPU a request beyond the parser's, of a no-op's": (_AT_MOST, 1.0),
    "median latency of one connection, of an unbatched endpoint's": (_AT_MOST, 1.1),
    "CPU a request of an unbatched endpoint, of ours": (_AT_LEAST, 3.0),
    "overload: p99 of the accepted, of the unloaded": (_AT_MOST, 5.0),
    "overload: slowest refusal, ms": (_AT_MOST, 50.0),
    "overload: answers a second, of capacity": (_AT_LEAST, 0.9),
    "overload: p99 two seconds later, of the unloaded": (_AT_MOST, 2.0),
    "requests without an answer or a proper refusal": (_AT_MOST, 0.0),
    "import to ready, s": (_AT_MOST, 4.0),
    "resident, MB": (_AT_MOST, 450.0),
    "idle, percent of a core": (_AT_MOST, 0.5),
}


def service_table(figures: dict[str, Any]) -> Table:
    heads = ("", "connections", "CPU ms a request", "requests/s", "median ms", "p99 ms", "bar")
    table = Table(*heads, caption=f"{figures['sentences']} sentences; medians of {ROUNDS} rounds side by side")
    table.add_row("parser, batch 64, beside a busy process", "", f"{figures['parser_cpu_ms']:.3f}")
    table.add_row("parser, batch 64, alone", "", f"{figures['parser_alone_cpu_ms']:.3f}")
    for name, by_connections in figures["servers"].items():
        for connections, cost in by_connections.items():
            milliseconds = (f"{cost['median_ms']:.2f}", f"{cost['p99_ms']:.2f}")
            table.add_row(name, connections, f"{cost['cpu_ms']:.3f}", f"{cost['per_second']:.0f}", *milliseconds)
    table.add_section()
    for name, value in figures["ratios"].items():
        comparison, limit = BARS[name]
        colour = "green" if _COMPARE[comparison](value, limit) else "red"
        table.add_row(name, "", f"[{colour}]{value:.2f}[/]", "", "", "", f"{comparison} {limit:g}")
    return table


if __name__ == "__main__":
    _serve_baseline(sys.argv[1], Path(sys.argv[2]))
