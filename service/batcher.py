"""Requests to batches to answers: what queued while the model ran is its next batch, so nobody waits for a window.

The event loop admits, counts and delivers; one thread parses. They share a queue on the way in and a callback on the
way out, and nothing else, so there are no locks.
"""

import asyncio
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import NamedTuple

import torch

from model.parser import Parse, Parser, Prepared
from service.metrics import Metrics
from service.problems import (
    ClientGoneError,
    DeadlineExceededError,
    ItemFailedError,
    ModelFailedError,
    OverloadedError,
    ServiceError,
)
from service.settings import Settings

logger = logging.getLogger("slotwise")

_PACE_MEMORY = 0.9  # of the pace so far, when a batch adds its own
_ALWAYS_ITEMS = 64  # are let in, whatever they have to wait: that many clients, each with one request, are no overload
_SINGLES_SHARE = 0.75  # of a batch, where items of batch requests wait too


class _Item(NamedTuple):
    """One text in the queue. `deadline` and `queued` are seconds of time.monotonic."""

    sentence: Prepared
    answer: "asyncio.Future[Parse]"
    deadline: float
    queued: float
    single: bool
    is_lost: Callable[[], bool]  # whether nobody waits for it any more; called by the thread that parses

    @property
    def tokens(self) -> int:
        return len(self.sentence.tokens)


_REASONS: dict[type[Exception], str] = {DeadlineExceededError: "deadline", ClientGoneError: "gone"}
_Answered = tuple[_Item, Parse | Exception]


def _fail(answer: "asyncio.Future[Parse]", error: Exception) -> None:
    """Whoever waits gets the error; where nobody does any more, nothing is wrong."""
    if not answer.done():
        answer.set_exception(error)
        answer.exception()


def _expire(answers: "Sequence[asyncio.Future[Parse]]") -> None:
    for answer in answers:
        _fail(answer, DeadlineExceededError("the deadline passed before the model was done"))


class Batcher:
    """A queue in front of a parser. `parser` may be exchanged at any time: the next batch has the new one.

    Single texts go before those of batch requests, which get at least a quarter of each run, so that a big batch
    keeps nobody waiting. Methods are called on the event loop's thread.
    """

    def __init__(self, parser: Parser, settings: Settings, metrics: Metrics) -> None:
        self.parser = parser
        self.settings = settings
        self.loop = asyncio.get_running_loop()
        self._metrics = metrics
        self._admitted: dict[asyncio.Future[Parse], _Item] = {}
        self._tokens = self._single_tokens = 0  # of what is admitted
        self._pace = 0.0  # seconds a token; nobody is refused for a wait that was never measured
        self._delivered = 0.0  # when the last batch was, of time.monotonic
        self._worker = _Worker(self)
        self._watch = self.loop.create_task(self._watch_over())

    async def parse(
        self,
        sentences: Sequence[Prepared],
        deadline: float,
        is_lost: Callable[[], bool] = lambda: False,
        admitted: bool = False,
    ) -> list[Parse | ServiceError]:
        """What became of each sentence, by `deadline` of time.monotonic; arguments as those of `submit`.

        Raises what concerns all of them: OverloadedError, DeadlineExceededError, ClientGoneError.
        """
        answers = self.submit(sentences, deadline, is_lost, admitted)
        expiry = self.loop.call_later(deadline - time.monotonic(), _expire, answers)
        found: list[Parse | ServiceError] = []
        try:
            for answer in answers:
                try:
                    found.append(await answer)
                except (DeadlineExceededError, ClientGoneError):
                    raise
                except ServiceError as error:
                    found.append(error)
        finally:
            expiry.cancel()
            for answer in answers:
                answer.cancel()
                self._discharge(answer)  # what nobody waits for any more takes no room from others
        return found

    def submit(
        self,
        sentences: Sequence[Prepared],
        deadline: float,
        is_lost: Callable[[], bool] = lambda: False,
        admitted: bool = False,
    ) -> "list[asyncio.Future[Parse]]":
        """A future for each sentence, all admitted or none; raises OverloadedError unless they are `admitted` already.

        A future ends with a Parse, ItemFailedError, ModelFailedError, DeadlineExceededError or ClientGoneError.
        Not computed are those that were cancelled, whose `deadline` (of time.monotonic) has passed before their turn,
        or whose client `is_lost`.
        """
        if not admitted:
            self.check_room(len(sentences), sum(len(sentence.tokens) for sentence in sentences))
        single = len(sentences) == 1
        now = time.monotonic()
        items = [_Item(sentence, self.loop.create_future(), deadline, now, single, is_lost) for sentence in sentences]
        for item in items:
            self._admitted[item.answer] = item
            self._count(item, 1)
            self._worker.put(item)
        return [item.answer for item in items]

    def check_room(self, items: int = 1, tokens: int = 1) -> None:
        """Raise OverloadedError where so much would not be admitted: worth a look before a body is read."""
        waiting, settings = len(self._admitted), self.settings
        if not waiting:
            return  # whatever its size, nobody is before it
        ahead = min(self._single_tokens / _SINGLES_SHARE, self._tokens) * self._pace
        if waiting + items > settings.queue_items:
            reason, why = "queue_items", f"{waiting} texts are waiting; the limit is {settings.queue_items}"
        elif self._tokens + tokens > settings.queue_tokens:
            reason, why = "queue_tokens", f"{self._tokens} tokens are waiting; the limit is {settings.queue_tokens}"
        elif items == 1 and waiting >= _ALWAYS_ITEMS and ahead > settings.wait_seconds:
            reason, why = "wait", f"the text would wait {ahead:.2f} s; the limit is {settings.wait_seconds:g} s"
        else:
            return
        self._metrics.rejected(reason)
        raise OverloadedError(why, retry_after=max(1, math.ceil(self._tokens * self._pace)))

    def _discharge(self, answer: "asyncio.Future[Parse]") -> None:
        if item := self._admitted.pop(answer, None):
            self._count(item, -1)

    def _count(self, item: _Item, sign: int) -> None:
        self._tokens += sign * item.tokens
        if item.single:
            self._single_tokens += sign * item.tokens

    def deliver(self, worker: "_Worker", answered: list[_Answered], started: float, seconds: float) -> None:
        """What a worker did in one batch; nothing of one that was given up, whose items have failed."""
        if worker is not self._worker:
            return
        metrics = self._metrics
        parsed = tokens = 0
        for item, answer in answered:
            self._discharge(item.answer)
            if isinstance(answer, Parse):
                parsed += 1
                tokens += item.tokens
                metrics.waited(started - item.queued)
                if not item.answer.done():  # else its deadline passed while the model ran, or its request was given up
                    item.answer.set_result(answer)
            else:
                metrics.rejected(_REASONS.get(type(answer), "failed"))
                _fail(item.answer, answer)
        now = time.monotonic()
        # While work is waiting, what passes between two batches is theirs too.
        cycle = now - max(self._delivered, min(item.queued for item, _ in answered))
        self._delivered = now
        if parsed:
            metrics.batch(parsed, tokens, seconds)
        if parsed == len(answered) and tokens >= self.settings.batch_tokens / 4:  # smaller ones are slower a token
            pace = cycle / tokens
            self._pace = _PACE_MEMORY * self._pace + (1 - _PACE_MEMORY) * pace if self._pace else pace
        metrics.queue(len(self._admitted), self._tokens)

    async def _watch_over(self) -> None:
        """Give up a worker that is stuck or dead, and start another: nobody waits for what will not come."""
        stuck = self.settings.stuck_seconds
        while True:
            await asyncio.sleep(min(1.0, stuck / 4))
            self._metrics.queue(len(self._admitted), self._tokens)
            since = self._worker.busy_since
            if not self._worker.thread.is_alive():
                why = "the model's thread died"
            elif since is not None and time.monotonic() - since > stuck:
                why = f"the model did not answer within {stuck:g} s"
            else:
                continue
            logger.error("%s: %d texts fail, and another thread takes over", why, len(self._admitted))
            self._worker.end()
            self._worker = _Worker(self)
            failed, self._admitted = self._admitted, {}
            self._tokens = self._single_tokens = 0
            for answer in failed:
                self._metrics.rejected("model")
                _fail(answer, ModelFailedError(f"{why}; ask again"))

    async def close(self) -> None:
        """Finish what was admitted and end the thread."""
        self._watch.cancel()
        self._worker.end()
        # One that is stuck is a daemon and ends with the process.
        await asyncio.to_thread(self._worker.thread.join, self.settings.stuck_seconds)


class _Worker:
    """The thread that parses, and its queue. `put` and `end` are for others, all else happens in the thread."""

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher
        self._inbox: SimpleQueue[_Item | None] = SimpleQueue()  # None is the last
        self._singles: deque[_Item] = deque()
        self._others: deque[_Item] = deque()
        self._ended = False
        self.busy_since: float | None = None  # of time.monotonic; None while it waits for work
        self.thread = threading.Thread(target=self._run, name="model", daemon=True)
        self.thread.start()

    def put(self, item: _Item) -> None:
        self._inbox.put(item)

    def end(self) -> None:
        """Let it end once its queue is empty."""
        self._inbox.put(None)

    def _run(self) -> None:
        torch.set_num_threads(self._batcher.settings.threads)  # belongs to the thread that sets it
        while self._receive():
            started = self.busy_since = time.monotonic()
            answered = list(self._answers(self._take(), started))
            seconds = time.monotonic() - started
            self.busy_since = None
            self._batcher.loop.call_soon_threadsafe(self._batcher.deliver, self, answered, started, seconds)

    def _receive(self) -> bool:
        """Sort in what came, and wait for it where there is nothing to do. False at the end."""
        while True:
            waiting = bool(self._singles or self._others)
            if self._ended or (waiting and self._inbox.empty()):
                return waiting
            item = self._inbox.get()
            if item is None:
                self._ended = True
            else:
                (self._singles if item.single else self._others).append(item)

    def _take(self) -> list[_Item]:
        """The next batch, oldest first, within the budget of tokens."""
        budget = self._batcher.settings.batch_tokens
        batch: list[_Item] = []
        spent = 0
        for queue, share in (
            (self._singles, _SINGLES_SHARE if self._others else 1.0),
            (self._others, 1.0),
            (self._singles, 1.0),
        ):
            while queue and (not batch or spent + queue[0].tokens <= share * budget):
                item = queue.popleft()
                batch.append(item)
                if not item.answer.done():
                    spent += item.tokens
        return batch

    def _answers(self, batch: list[_Item], now: float) -> Iterator[_Answered]:
        wanted = []
        for item in batch:
            if item.is_lost():
                yield item, ClientGoneError("the client has gone")
            elif item.answer.done() or item.deadline < now:  # done: cancelled, or this worker was given up
                yield item, DeadlineExceededError("the deadline passed while the text waited")
            else:
                wanted.append(item)
        yield from self._parsed(wanted, self._batcher.parser)

    def _parsed(self, batch: list[_Item], parser: Parser) -> Iterator[_Answered]:
        """Parse a batch; where that fails, its halves, so that only what breaks the model fails."""
        if not batch:
            return
        try:
            yield from zip(batch, parser.parse_prepared([item.sentence for item in batch]), strict=True)
        except Exception as error:
            if len(batch) == 1:
                logger.exception("a text broke the model")
                yield batch[0], ItemFailedError(f"the model failed on this text ({type(error).__name__})")
            else:
                half = len(batch) // 2
                yield from self._parsed(batch[:half], parser)
                yield from self._parsed(batch[half:], parser)
