"""The queue in front of the parser: the real one of the tiny bundle, held up or broken where a test says so."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from model.parser import Parse, Parser, Prepared
from model.request import Request
from service.batcher import Batcher
from service.metrics import Metrics
from service.problems import ClientGoneError, DeadlineExceededError, ItemFailedError, ModelFailedError, OverloadedError
from service.settings import Settings

FAR = 1e9  # a deadline


class WatchedParser(Parser):
    """The real parser; it begins when it is told to, and on some texts it breaks."""

    def __init__(self, parser: Parser) -> None:
        self.__dict__ = parser.__dict__ | {"begin": threading.Event(), "batches": []}
        self.begin: threading.Event
        self.batches: list[list[str]]
        self.begin.set()

    def parse_prepared(self, sentences: Sequence[Prepared]) -> list[Parse]:
        texts = [sentence.request.text for sentence in sentences]
        self.batches.append(texts)
        assert self.begin.wait(20)
        if "poison" in " ".join(texts):
            raise RuntimeError("no kernel for this")
        if "death" in texts:
            raise SystemExit
        return super().parse_prepared(sentences)


@asynccontextmanager
async def batching(parser: Parser, **settings: Any) -> AsyncIterator[tuple[Batcher, WatchedParser]]:
    watched = WatchedParser(parser)
    batcher = Batcher(watched, Settings(**settings), Metrics())
    try:
        yield batcher, watched
    finally:
        watched.begin.set()
        await batcher.close()


def submit(batcher: Batcher, *texts: str, deadline: float = FAR, single: bool = True) -> "list[asyncio.Future[Parse]]":
    sentences = [batcher.parser.prepare(Request(text)) for text in texts]
    each = [[sentence] for sentence in sentences] if single else [sentences]
    return [answer for together in each for answer in batcher.submit(together, deadline)]


async def busy(batcher: Batcher, watched: WatchedParser) -> "asyncio.Future[Parse]":
    """The parser is held up in a batch of its own."""
    watched.begin.clear()
    [first] = submit(batcher, "to Oslo")
    while not watched.batches:
        await asyncio.sleep(0.001)
    return first


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def within_limit() -> None:
        async with asyncio.timeout(30):
            await test()

    asyncio.run(within_limit())


def test_what_queued_while_a_batch_ran_is_the_next_one(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser) as (batcher, watched):
            first = await busy(batcher, watched)
            later = [future for number in range(20) for future in submit(batcher, f"to Oslo {number}")]
            watched.begin.set()
            answers = await asyncio.gather(first, *later)
            assert [answer.text for answer in answers] == ["to Oslo", *(f"to Oslo {number}" for number in range(20))]
            assert [len(batch) for batch in watched.batches] == [1, 20]
            alone = Parser(parser.bundle, next(parser.bundle.tagger.parameters()).device)
            for answer in answers:
                assert answer.to_dict() == alone.parse(answer.text, resolve=False).to_dict()

    run(test)


def test_a_batch_keeps_to_the_budget_and_singles_go_before_batch_requests(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser, batch_tokens=20) as (batcher, watched):
            await busy(batcher, watched)
            bulk = submit(batcher, *["bulk"] * 30, single=False)
            singles = submit(batcher, *["a b c d e"] * 6)
            watched.begin.set()
            await asyncio.gather(*bulk, *singles)
        sizes = [(batch.count("a b c d e"), batch.count("bulk")) for batch in watched.batches[1:]]
        assert sizes == [(3, 5), (3, 5), (0, 20)]

    run(test)


def test_a_text_beyond_the_budget_goes_alone(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser, batch_tokens=5) as (batcher, _):
            [long] = submit(batcher, "a " * 50)
            assert (await long).text == "a " * 50

    run(test)


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"queue_items": 3}, "3 texts are waiting; the limit is 3"), ({"queue_tokens": 9}, "8 tokens"), ({}, None)],
)
def test_more_than_the_queue_holds_is_refused(parser: Parser, settings: dict[str, int], words: str | None) -> None:
    async def test() -> None:
        async with batching(parser, **settings) as (batcher, watched):
            first = [await busy(batcher, watched), *submit(batcher, "a b c", "d e f", single=False)]
            if words is None:
                first += submit(batcher, "g h i")
            else:
                with pytest.raises(OverloadedError, match=words) as refused:
                    submit(batcher, "g h i")
                assert int((refused.value.headers or {})["Retry-After"]) >= 1
            watched.begin.set()
            await asyncio.gather(*first)
            assert await asyncio.gather(*submit(batcher, *["a b c"] * 10, single=False))  # nobody is before them

    run(test)


def test_the_wait_is_foretold_from_the_measured_rate(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser, batch_tokens=64, wait_seconds=0.05) as (batcher, watched):
            watched.begin.clear()
            measured = submit(batcher, *["a b c d"] * 16)
            await asyncio.sleep(0.5)
            watched.begin.set()
            await asyncio.gather(*measured)  # 64 tokens in half a second
            await busy(batcher, watched)
            waiting = [
                future for _ in range(63) for future in submit(batcher, "a")
            ]  # with the one that runs, the 64 that always may
            with pytest.raises(OverloadedError, match="would wait"):
                submit(batcher, "to Oslo")
            submit(batcher, "to Oslo", "to Rome", single=False)  # a batch request waits as long as its deadline allows
            watched.begin.set()
            await asyncio.gather(*waiting)

    run(test)


def test_nothing_is_computed_for_who_has_gone_or_waited_too_long(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser) as (batcher, watched):
            first = await busy(batcher, watched)
            [gone] = submit(batcher, "gone")
            [late] = submit(batcher, "late", deadline=time.monotonic() + 0.01)
            [kept] = submit(batcher, "kept")
            [lost] = batcher.submit([batcher.parser.prepare(Request("lost"))], FAR, lambda: True)
            gone.cancel()
            await asyncio.sleep(0.05)
            watched.begin.set()
            with pytest.raises(DeadlineExceededError):
                await late
            with pytest.raises(ClientGoneError):
                await lost
            assert (await kept).text == "kept"
            await first
            assert watched.batches == [["to Oslo"], ["kept"]]

    run(test)


def test_who_waited_too_long_takes_no_room_from_others(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser, queue_items=3) as (batcher, watched):
            first = await busy(batcher, watched)
            for _ in range(5):
                with pytest.raises(DeadlineExceededError):
                    await batcher.parse([batcher.parser.prepare(Request("late"))], time.monotonic() + 0.01)
            [kept] = submit(batcher, "kept")
            watched.begin.set()
            assert (await kept).text == "kept"
            assert (await first).text == "to Oslo"
            assert watched.batches == [["to Oslo"], ["kept"]]

    run(test)


def test_what_breaks_the_model_fails_alone(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser) as (batcher, watched):
            first = await busy(batcher, watched)
            texts = [f"poison {number}" if number % 5 == 0 else f"to Oslo {number}" for number in range(32)]
            futures = submit(batcher, *texts)
            watched.begin.set()
            found = await asyncio.gather(first, *futures, return_exceptions=True)
        for text, answer in zip(texts, found[1:], strict=True):
            if text.startswith("poison"):
                assert isinstance(answer, ItemFailedError)
                assert answer.status == 500
            else:
                assert isinstance(answer, Parse)
                assert answer.text == text

    run(test)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_fails_who_waits_and_is_replaced(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser, stuck_seconds=0.4) as (batcher, watched):
            await busy(batcher, watched)
            waiting = submit(batcher, "death") + submit(batcher, "to Oslo")
            watched.begin.set()
            for answer in await asyncio.gather(*waiting, return_exceptions=True):
                assert isinstance(answer, ModelFailedError)
            [after] = submit(batcher, "to Rome")
            assert (await after).text == "to Rome"

    run(test)


def test_a_thread_that_is_stuck_fails_who_waits_and_is_replaced(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser, stuck_seconds=0.4) as (batcher, watched):
            stuck = [await busy(batcher, watched), *submit(batcher, "waiting")]
            batcher.parser = parser  # what the new thread has; the old one sleeps on
            for answer in await asyncio.gather(*stuck, return_exceptions=True):
                assert isinstance(answer, ModelFailedError)
            [after] = submit(batcher, "to Rome")
            assert (await after).text == "to Rome"
            watched.begin.set()
            await asyncio.sleep(0.2)
            assert watched.batches == [["to Oslo"]]  # it does not go on with what has failed
            [after] = submit(batcher, "to Lima")
            assert (await after).text == "to Lima"

    run(test)


def test_closing_answers_what_was_admitted(parser: Parser) -> None:
    async def test() -> None:
        async with batching(parser) as (batcher, watched):
            futures = [await busy(batcher, watched), *submit(batcher, "to Rome")]
            asyncio.get_running_loop().call_later(0.1, watched.begin.set)
            await batcher.close()
            assert [answer.text for answer in await asyncio.gather(*futures)] == ["to Oslo", "to Rome"]

    run(test)
