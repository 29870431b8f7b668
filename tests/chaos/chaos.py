"""Everything that goes wrong in production, done to the real service: real processes, real sockets, real signals.

    python -m tests.chaos.chaos [--bundle FILE] [SCENARIO ...]

Trains a tiny bundle in half a minute unless one is given. Prints a table; the exit status is 1 if a request was lost -
no answer, and no refusal that says why - or a claim does not hold.
"""

import argparse
import asyncio
import contextlib
import math
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import urlopen

import orjson
import regex
import torch
from rich.console import Console
from rich.table import Table

from data.generator import generate
from service.keys import new_key
from service.load import Client, Outcome, Target, after, answers_a_second, closed_loop, open_loop, run, spread
from service.service_bench import Server, serving, slotwise_command
from tests.chaos.fragile import POISON, STUCK, write_deaf, write_fragile, write_version
from tests.conftest import TINY_CONFIG
from training.config import read_config
from training.loop import train

SWAPS, SWAPS_BEFORE = 50, 10  # those before fill what is filled once
ADMIN_KEY, ADMIN_HASH = new_key()
READ_SECONDS = 1.0
LINGER_SECONDS = 2.0  # what is still being sent is read away so long after a refusal
STUCK_SECONDS = 1.0
STUCK_FOR = 6.0  # how long the model is busy with STUCK

TEXTS = [row.text for row in generate(200, 7)]
SMALL = [orjson.dumps({"text": text}) for text in TEXTS]
MEDIUM = [orjson.dumps({"text": " ".join(TEXTS[at : at + 4]), "resolve": False}) for at in range(100)]  # 40 tokens
LONG = [orjson.dumps({"text": " ".join(TEXTS[at::9])[:2000], "resolve": False}) for at in range(9)]  # 400 tokens


class Files(NamedTuple):
    """Bundles, and the path that is served."""

    tiny: Path
    other: Path  # the same under another version
    deaf: Path  # fails its own sentences
    fragile: Path
    served: Path


@dataclass
class Result:
    """What was sent and what became of it; `claims` must all hold."""

    outcomes: Sequence[Outcome]
    note: str
    claims: dict[str, bool] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        return sum(outcome.is_lost for outcome in self.outcomes)

    @property
    def failed_claims(self) -> list[str]:
        return [claim for claim, holds in self.claims.items() if not holds]


Scenario = Callable[[Server, Files], Coroutine[Any, Any, Result]]


# Tools


@asynccontextmanager
async def busy(target: Target, connections: int = 16, bodies: Sequence[bytes] = SMALL) -> AsyncIterator[list[Outcome]]:
    """Clients that ask and ask while the block runs; their outcomes are there when it has ended."""
    ended = asyncio.Event()
    outcomes: list[Outcome] = []
    clients = asyncio.create_task(closed_loop(target, cycle(bodies), connections, ended.is_set))
    try:
        await asyncio.sleep(0.5)
        yield outcomes
    finally:
        ended.set()
        outcomes.extend(await clients)


async def raw(server: Server, *parts: bytes, pause: float = 0.0, seconds: float = 20.0) -> Outcome:
    """Send bytes that are no proper request; what came back. A connection closed without a word is a refusal too."""
    parts_of_url = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(parts_of_url.hostname, parts_of_url.port)
    sent = time.monotonic()
    answer = asyncio.create_task(_read_to_end(reader))
    with contextlib.suppress(OSError):
        for part in parts:
            if answer.done():
                break
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
    try:
        received = await asyncio.wait_for(answer, seconds)
    except TimeoutError:
        return Outcome(sent, time.monotonic() - sent, 0, "timeout")
    finally:
        writer.close()
    status = int(received[9:12]) if received.startswith(b"HTTP/1.1 ") else 400
    return Outcome(sent, time.monotonic() - sent, status, "" if status == 200 else f"status_{status}")


async def _read_to_end(reader: asyncio.StreamReader) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            received += data
    return received


def head(*lines: str) -> bytes:
    fixed = ("POST /v1/parse HTTP/1.1", "Host: slotwise", "Content-Type: application/json")
    return "\r\n".join((*fixed, *lines, "", "")).encode()


async def ready_status(server: Server) -> int:
    return await asyncio.to_thread(server.status_of, "/readyz")


async def reload(server: Server) -> Outcome:
    key = f"Authorization: Bearer {ADMIN_KEY}"
    client = Client(Target(server.url, "/v1/model/reload", (key,)))
    outcome = await client.ask(b"")
    client.close()
    return outcome


def rejected(server: Server, reason: str) -> int:
    """What the service's metrics say."""
    with urlopen(f"{server.url}/metrics", timeout=30) as answer:
        found = regex.search(rf'slotwise_rejected_total\{{reason="{reason}"\}} (\d+)', answer.read().decode())
    return int(found[1]) if found else 0


def count(outcomes: Iterable[Outcome], status: int, code: str = "") -> int:
    return sum(outcome.status == status and outcome.code == code for outcome in outcomes)


# Scenarios


async def overload(server: Server, files: Files) -> Result:
    """Twice what it can do, for three seconds."""
    target = Target(server.url)
    full = await closed_loop(target, cycle(MEDIUM), 32, after(2.0))
    capacity = answers_a_second(full)
    outcomes = await open_loop(target, cycle(MEDIUM), 640, 2 * capacity, 3.0)
    accepted = [one for one in outcomes if one.is_answer]
    refused = [one for one in outcomes if one.status == 503]
    await asyncio.sleep(2)
    later = await closed_loop(target, cycle(MEDIUM), 1, after(1.0))
    note = f"{answers_a_second(outcomes) / capacity:.0%} of capacity answered, p99 {spread(accepted).p99:.0f} ms"
    if refused:
        note += f", refused in {spread(refused).median:.0f} ms (slowest {spread(refused).slowest:.0f})"
    return Result(
        [*full, *outcomes, *later],
        f"{note}, 2 s later {spread(later).median:.0f} ms",
        {
            "some are refused": bool(refused),
            "each refusal says when to come again": all(one.retry_after.isdecimal() for one in refused),
            "none refused later": all(one.is_answer for one in later),
        },
    )


async def crowd(server: Server, files: Files) -> Result:
    """Five hundred new connections at once, beside clients that keep the service busy."""
    async with busy(Target(server.url)) as others:
        new = await closed_loop(Target(server.url), SMALL * 3, 500)
    first = sorted(new)[:500]
    return Result(
        [*others, *new],
        f"their first answers after {spread(first).median:.0f} ms (slowest {spread(first).slowest:.0f})",
        {"nobody waits three seconds to be let in": spread(first).slowest <= 3_000},
    )


async def deadline(server: Server, files: Files) -> Result:
    """Requests that give themselves a millisecond, while others keep the model busy."""
    async with busy(Target(server.url), 16, MEDIUM) as others:
        hurried = await closed_loop(Target(server.url, headers=("X-Timeout-Ms: 1",)), SMALL, 8)
    missed = count(hurried, 504, "deadline_exceeded")
    return Result(
        [*others, *hurried],
        f"{missed} of {len(hurried)} missed theirs, in {spread(hurried).median:.0f} ms",
        {"some are told so": missed > 0, "the others are answered": all(one.is_answer for one in others)},
    )


async def gone(server: Server, files: Files) -> Result:
    """Clients that ask and close, or close their sending half, before the answer."""
    parts = urlsplit(server.url)
    request = Target(server.url).request(SMALL[0])

    async def leave(half: bool) -> bytes:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(request)
        await writer.drain()
        if not half:
            writer.transport.abort()
            return b""
        writer.write_eof()
        received = await asyncio.wait_for(_read_to_end(reader), 20)
        writer.close()
        return received

    before = rejected(server, "gone")
    async with busy(Target(server.url)) as others:
        received = await asyncio.gather(*(leave(number % 2 == 0) for number in range(60)))
    spared = rejected(server, "gone") - before
    answered = sum(answer.startswith(b"HTTP/1.1 200") for answer in received)
    return Result(
        others,
        f"30 closed, 30 half-closed ({answered} of these answered); the model was spared {spared}",
        {"some are not computed": spared > 0, "those who stay are answered": all(one.is_answer for one in others)},
    )


async def slow_loris(server: Server, files: Files) -> Result:
    """Heads and bodies that come a byte at a time."""
    dribble = [bytes([byte]) for byte in b"X-Slow: " + b"a" * 200]
    slow_heads = [raw(server, head()[:-2], *dribble, pause=0.1) for _ in range(100)]
    slow_bodies = [raw(server, head("Content-Length: 1000"), *dribble, pause=0.1) for _ in range(100)]
    async with busy(Target(server.url)) as others:
        slow = await asyncio.gather(*slow_heads, *slow_bodies)
    return Result(
        [*others, *slow],
        f"cut after {spread(slow).median / 1e3:.1f} s (slowest {spread(slow).slowest / 1e3:.1f}); "
        f"others {spread(others).median:.1f} ms",
        {
            "each is cut in time": spread(slow).slowest < 1e3 * (READ_SECONDS + LINGER_SECONDS + 2.0),
            "the others are answered": all(one.is_answer for one in others),
        },
    )


async def idle(server: Server, files: Files) -> Result:
    """A thousand connections that say nothing."""
    parts = urlsplit(server.url)
    memory = server.resident_mb()
    opened = await asyncio.gather(*(asyncio.open_connection(parts.hostname, parts.port) for _ in range(1_000)))
    others = await closed_loop(Target(server.url), cycle(SMALL), 16, after(2.0))
    grown = server.resident_mb() - memory
    for _, writer in opened:
        writer.close()
    return Result(
        others,
        f"others {spread(others).median:.1f} ms, p99 {spread(others).p99:.1f}; {grown:+.0f} MB",
        {"the others are answered": all(one.is_answer for one in others), "memory stays": grown < 50},
    )


async def big_body(server: Server, files: Files) -> Result:
    """A hundred megabytes, declared and undeclared."""
    chunk = b"100000\r\n" + b" " * 2**20 + b"\r\n"
    memory = server.resident_mb()
    async with busy(Target(server.url)) as others:
        big = await asyncio.gather(
            raw(server, head("Content-Length: 100000000"), *[b" " * 10**6] * 100),
            raw(server, head("Transfer-Encoding: chunked"), *[chunk] * 100, b"0\r\n\r\n"),
        )
    grown = server.resident_mb() - memory
    return Result(
        [*others, *big],
        f"refused after {spread(big).slowest / 1e3:.1f} s; {grown:+.0f} MB; others {spread(others).median:.1f} ms",
        {
            "both get 413": all(one.status == 413 for one in big),
            "memory stays": grown < 50,
            "the others are answered": all(one.is_answer for one in others),
        },
    )


async def garbage(server: Server, files: Files) -> Result:
    """What is no HTTP, or no good HTTP."""
    dice = random.Random(3)
    odd = [
        *(dice.randbytes(dice.randint(1, 5000)) + b"\r\n\r\n" for _ in range(50)),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + dice.randbytes(500) + b"\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n" * 5000 + b"nothing\r\n\r\n",
        head("Content-Length: -1"),
        head("Content-Length: ten"),
        head("Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        head("X-Long: " + "a" * 200_000),
        head("X-Null: \0"),
        head("Transfer-Encoding: chunked") + b"zz\r\n",
        head("Content-Length: 4", "Connection: close") + b"\xff\xfe\x00\x00",
    ]
    async with busy(Target(server.url)) as others:
        answers = await asyncio.gather(*(raw(server, data) for data in odd))
    return Result(
        [*others, *answers],
        f"{len(answers)} kinds; others {spread(others).median:.1f} ms",
        {
            "no 5xx": all(one.status < 500 for one in answers),
            "others are answered": all(one.is_answer for one in others),
        },
    )


async def surrogate(server: Server, files: Files) -> Result:
    """A text that no encoding has."""
    bodies = [rb'{"text": "to \ud800 Oslo"}', b'{"text": "to \xed\xa0\x80 Oslo"}', rb'{"text": "\udfff\ud800"}'] * 10
    async with busy(Target(server.url)) as others:
        odd = await closed_loop(Target(server.url), bodies, 1)
    told = count(odd, 422, "invalid_unicode"), count(odd, 400, "invalid_json")
    return Result([*others, *odd], f"{told[0]} escaped: 422, {told[1]} raw: 400", {"so it is": told == (20, 10)})


async def long_texts(server: Server, files: Files) -> Result:
    """20,000 tokens, then 2,000 characters, among small requests."""
    target = Target(server.url)
    alone = await closed_loop(target, cycle(SMALL), 8, after(2.0))
    async with busy(target, 8) as with_huge:
        # Twenty a second: without a pause, what their 80 kB each cost the sender would count as the small ones' wait.
        each = Target(server.url, pause=0.05)
        huge = await closed_loop(each, cycle([orjson.dumps({"text": "to Oslo " * 10_000})]), 1, after(2.0))
    async with busy(target, 8) as with_long:
        long = await closed_loop(target, cycle(LONG), 1, after(2.0))
    p99 = [spread(outcomes).p99 for outcomes in (alone, with_huge, with_long)]
    small = [*alone, *with_huge, *with_long]
    return Result(
        [*small, *huge, *long],
        f"small ones' p99: {p99[0]:.0f} ms alone, {p99[1]:.0f} beside 20,000 tokens, "
        f"{p99[2]:.0f} beside 2,000 characters",
        {
            "20,000 tokens are refused": all(one.status in (413, 422) for one in huge),
            "2,000 characters are answered": all(one.is_answer for one in long),
            "no small one waits 50 ms for 20,000 tokens": p99[1] - p99[0] <= 50,
            "small ones are answered": all(one.is_answer for one in small),
        },
    )


async def poison(server: Server, files: Files) -> Result:
    """15 texts that break the model among 16 busy clients."""
    bodies = [orjson.dumps({"text": f"{text} {POISON}", "resolve": False}) for text in TEXTS[:15]]
    async with busy(Target(server.url)) as innocent:
        poisoned = await closed_loop(Target(server.url), bodies, 15)
        await asyncio.sleep(0.5)
    failed = sum(not one.is_answer for one in innocent)
    alone = [one for one in poisoned if (one.status, one.code) != (500, "internal")]
    return Result(
        [*innocent, *alone],
        f"{len(poisoned)} poisoned: 500; {failed} of {len(innocent)} innocents failed",
        {"no innocent failed": not failed, "each poisoned one is told so": not alone},
    )


async def stuck(server: Server, files: Files) -> Result:
    """A text that the model does not come back from for seconds."""
    readiness: list[int] = []

    async def watch_readiness() -> None:
        while True:
            readiness.append(await ready_status(server))
            await asyncio.sleep(0.1)

    async with busy(Target(server.url)) as others:
        watching = asyncio.create_task(watch_readiness())
        began = time.monotonic()
        one_client = closed_loop(Target(server.url), [orjson.dumps({"text": f"to {STUCK}", "resolve": False})], 1)
        [told] = await one_client
        until = after(15.0)
        while not until() and await ready_status(server) != 200:
            await asyncio.sleep(0.05)
        back = time.monotonic() - began
        await asyncio.sleep(1.0)
        watching.cancel()
        last = await ready_status(server)
    failed = [one for one in others if not one.is_answer]
    slowest = max((one.seconds for one in others), default=0.0)
    afterwards = [one for one in others if one.sent > began + back]
    return Result(
        [told, *others],
        f"{len(failed)} queued failed after at most {slowest:.1f} s; ready again after {back:.1f} s",
        {
            "/readyz said 503": 503 in readiness,
            "the stuck one is told": (told.status, told.code) == (503, "model_failed"),
            "the queued fail at once": slowest < STUCK_SECONDS + 1.0 and bool(failed),
            "it is back before the model is": back < STUCK_FOR and last == 200,
            "others are answered then": bool(afterwards) and all(one.is_answer for one in afterwards),
        },
    )


async def terminate(server: Server, files: Files) -> Result:
    """SIGTERM under 64 keep-alive clients, half of which think between two requests."""
    hasty = Target(server.url, reopen=False)
    thinking = hasty._replace(pause=0.05)
    until = after(30.0)
    clients = [asyncio.create_task(closed_loop(target, cycle(SMALL), 32, until)) for target in (hasty, thinking)]
    await asyncio.sleep(1.5)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.3)
    readiness = await ready_status(server)
    outcomes = [outcome for outcomes in await asyncio.gather(*clients) for outcome in outcomes]
    last = time.monotonic() - began
    status = await asyncio.to_thread(server.process.wait, 30)
    said = server.output.read_text(errors="replace")
    failed = [one for one in outcomes if not one.is_answer]
    reset = sum(one.status == 0 for one in outcomes)
    return Result(
        outcomes,
        f"{len(failed)} failed, {reset} reset; last answer after {last:.1f} s, exit {status} after "
        f"{time.monotonic() - began:.1f} s",
        {
            "none failed": not failed,
            "/readyz said 503": readiness == 503,
            "exit status 0": status == 0,
            "no stack trace": "Traceback" not in said,
        },
    )


async def kill_worker(server: Server, files: Files) -> Result:
    """SIGKILL to one of two workers; clients send again once over a new connection, as a balancer does."""
    workers = workers_of(server)
    victim = workers[0]
    async with busy(Target(server.url, retry=True), 32) as outcomes:
        os.kill(victim, signal.SIGKILL)
        began = time.monotonic()
        until = after(20.0)
        while not until() and (victim in workers_of(server) or len(workers_of(server)) < 2):
            await asyncio.sleep(0.1)
        replaced = time.monotonic() - began
        await asyncio.sleep(1.0)
    retried = sum(one.retried for one in outcomes)
    return Result(
        outcomes,
        f"{retried} sent again; another worker after {replaced:.1f} s",
        {
            "there were two workers": len(workers) == 2,
            "the worker is replaced": len(workers_of(server)) == 2 and victim not in workers_of(server),
            "all are answered": all(one.is_answer for one in outcomes),
        },
    )


def workers_of(server: Server) -> list[int]:
    """Children that hold a model: spawned, and with torch loaded above 100 MB."""
    found = []
    for number in server.processes()[1:]:
        with contextlib.suppress(OSError):
            process = Path(f"/proc/{number}")
            megabytes = int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
            if megabytes > 100 and b"spawn_main" in (process / "cmdline").read_bytes():
                found.append(number)
    return found


async def swap(server: Server, files: Files) -> Result:
    """Another bundle takes the place of the one that is served, again and again, under load."""
    swapped: list[tuple[float, float, str]] = []  # from and until when a version is surely the one
    reloads: list[Outcome] = []
    memory = math.nan
    versions = {files.tiny: version_of(files.tiny), files.other: version_of(files.other)}
    async with busy(Target(server.url), 8) as outcomes:
        for number, bundle in zip(range(SWAPS_BEFORE + SWAPS), cycle((files.other, files.tiny)), strict=False):
            if number == SWAPS_BEFORE:
                memory = server.resident_mb()
            put(bundle, files.served)
            reloads.append(await reload(server))
            began = time.monotonic()
            await asyncio.sleep(0.05)
            swapped.append((began, time.monotonic(), versions[bundle]))
        grown = server.resident_mb() / memory - 1
    wrong = sum(
        one.version != version
        for began, ended, version in swapped
        for one in outcomes
        if one.is_answer and began < one.sent and one.sent + one.seconds < ended
    )
    return Result(
        [*outcomes, *reloads],
        f"{len(reloads)} swaps of {spread(reloads).median:.0f} ms, memory {grown:+.1%} ({memory:.0f} MB), "
        f"others {spread(outcomes).median:.1f} ms, p99 {spread(outcomes).p99:.1f}",
        {
            "each swap is done": all(one.is_answer for one in reloads),
            "all are answered": all(one.is_answer for one in outcomes),
            "by the version that is served": not wrong and {one.version for one in outcomes} == {*versions.values()},
            "memory stays": grown <= 0.05,
        },
    )


async def poisoned_bundle(server: Server, files: Files) -> Result:
    """A bundle that is cut off, one that is none, one that fails its own sentences, one that is missing."""
    cut, none, missing = (files.served.with_name(name) for name in ("cut.pt", "none.pt", "missing.pt"))
    cut.write_bytes(files.tiny.read_bytes()[:-1000])
    none.write_bytes(b"no bundle" * 1000)
    put(files.tiny, files.served)
    good = await reload(server)
    reloads = []
    async with busy(Target(server.url), 8) as outcomes:
        for bundle in (cut, none, files.deaf, missing):
            if bundle == missing:
                files.served.unlink()
            else:
                put(bundle, files.served)
            reloads.append(await reload(server))
    put(files.tiny, files.served)
    again = await reload(server)
    told = ", ".join(f"{one.status} {one.code}" for one in reloads)
    return Result(
        [*outcomes, *reloads, good, again],
        f"{len(reloads)} bundles: {told if len({*reloads}) > 1 else ''}",
        {
            "each is refused": count(reloads, 409, "bundle_refused") == len(reloads),
            "the old one serves on": {one.version for one in outcomes} == {version_of(files.tiny)},
            "all are answered": all(one.is_answer for one in outcomes),
            "a good one is taken then": again.is_answer,
        },
    )


def put(bundle: Path, served: Path) -> None:
    """As an operator should: a whole file renamed over."""
    unfinished = served.with_suffix(".part")
    shutil.copyfile(bundle, unfinished)
    unfinished.replace(served)


def version_of(bundle: Path) -> str:
    from model.bundle import load_bundle

    return load_bundle(bundle, "cpu").manifest.version


# Each server and what is done to it, in order.
ADMIN = {"admin_keys": ADMIN_HASH, "follow_seconds": 0}
PLAN: tuple[tuple[dict[str, object], tuple[Scenario, ...]], ...] = (
    ({}, (overload, crowd, deadline, gone, big_body, garbage, surrogate, long_texts, terminate)),
    ({"read_seconds": READ_SECONDS}, (slow_loris, idle)),
    ({"fragile": True, "stuck_seconds": STUCK_SECONDS}, (poison, stuck)),
    ({"workers": 2}, (kill_worker,)),
    (ADMIN, (swap, poisoned_bundle)),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--bundle", type=Path, help="the bundle to serve; default: a tiny one is trained")
    names = {scenario.__name__ for _, scenarios in PLAN for scenario in scenarios}
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help=f"of {', '.join(sorted(names))}; default: all")
    asked = parser.parse_args()
    if unknown := {*asked.scenario} - names:
        parser.error(f"no scenario {', '.join(unknown)}")
    torch.set_num_threads(1)
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        files = write_bundles(Path(folder), asked.bundle)
        results = {
            scenario.__name__.replace("_", " "): result
            for settings, scenarios in PLAN
            for scenario, result in _do(settings, scenarios, files, asked.scenario, console)
        }
    console.print(table(results))
    return any(result.lost or result.failed_claims for result in results.values())


def write_bundles(folder: Path, bundle: Path | None) -> Files:
    if bundle is None:
        config = folder / "tiny.toml"
        config.write_text(TINY_CONFIG)
        bundle = train(read_config(config), config, quiet=True)
    files = Files(bundle, *(folder / name for name in ("other.pt", "deaf.pt", "fragile.pt", "served.pt")))
    write_version(bundle, files.other, "other")
    write_deaf(bundle, files.deaf, "deaf")
    write_fragile(bundle, files.fragile, STUCK_FOR)
    put(bundle, files.served)
    return files


def _do(
    settings: dict[str, Any], scenarios: Sequence[Scenario], files: Files, asked: Sequence[str], console: Console
) -> Iterable[tuple[Scenario, Result]]:
    wanted = [scenario for scenario in scenarios if not asked or scenario.__name__ in asked]
    if not wanted:
        return
    settings = {"bundle": files.served, "device": "cpu", "threads": 1} | settings
    if settings.pop("fragile", False):
        settings["bundle"] = files.fragile
    with serving(*slotwise_command(), **settings) as server:
        server.wait_until_ready()
        run(closed_loop(Target(server.url), [*SMALL, *MEDIUM, *LONG], 8))  # TorchScript compiles, caches fill
        for scenario in wanted:
            console.print(f"{scenario.__name__}: {scenario.__doc__}", style="dim", highlight=False)
            result = run(scenario(server, files))
            if result.lost or result.failed_claims:
                console.print(f"  not so: {result.failed_claims}; without an answer: {kinds_of(result.outcomes)}")
                console.print(*log_of(server)[-5:], sep="\n", style="dim", markup=False, highlight=False)
            yield scenario, result


def log_of(server: Server) -> list[str]:
    """What the service said, but for its requests."""
    lines = server.output.read_text(errors="replace").splitlines()
    return [line for line in lines if '"slotwise.requests"' not in line]


def kinds_of(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(f"{one.status} {one.code}" for one in outcomes if not one.is_answer))


def table(results: dict[str, Result]) -> Table:
    shown = Table("scenario", "sent", "answered", "refused properly", "lost", "what happened")
    for name, result in results.items():
        outcomes = result.outcomes
        lost = f"[red]{result.lost}[/]" if result.lost else "0"
        failed = "".join(f"\n[red]not so: {claim}[/]" for claim in result.failed_claims)
        answered, refused = (
            sum(kind) for kind in zip(*((o.is_answer, o.is_proper_refusal) for o in outcomes), strict=True)
        )
        shown.add_row(name, f"{len(outcomes)}", f"{answered}", f"{refused}", lost, result.note + failed)
    return shown


if __name__ == "__main__":
    sys.exit(main())
