"""Corrections and samples into the store, by a thread of their own: the event loop waits for no disk."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from random import random
from typing import TYPE_CHECKING, Self, TypeVar

from service.corrections.correction import Correction, Status, StoreError, StoreFullError, correction_of
from service.metrics import Metrics
from service.problems import ServiceError
from service.settings import STORE_OFF, Settings

if TYPE_CHECKING:  # SQLAlchemy is half a second of import
    from model.parser import Parse
    from service.corrections.store import Store

logger = logging.getLogger("slotwise")

_MOST_WAITING = 256  # requests, for the store
_MOST_SAMPLES = 1_000  # that wait for the thread; more are dropped, and counted
_DAY_SECONDS = 86_400.0

_T = TypeVar("_T")


class CorrectionsUnavailableError(ServiceError):
    """A store that is off, cannot be had, or does not answer."""

    status, code = 503, "corrections_unavailable"


class CorrectionsFullError(ServiceError):
    """As much waits for review as the settings allow."""

    status, code = 503, "corrections_full"


def open_store(settings: Settings) -> "Store":
    """The store of the settings, with its tables made and without samples that are too old; raises StoreError."""
    from service.corrections.store import Store

    store = Store(settings.corrections)
    store.expire(settings.sample_days)
    return store


def prepare_store(settings: Settings) -> None:
    """Make the tables, once, before anybody serves. Whoever has no store can still parse."""
    if settings.corrections == STORE_OFF:
        return
    try:
        open_store(settings).close()
    except StoreError as error:
        logger.warning("no correction can be stored: %s", error)


class Keeper:
    """The store of a process. Opened when it is first needed, and tried again each time where it cannot be had."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings, self._metrics = settings, metrics
        self._store: Store | None = None
        self._thread = ThreadPoolExecutor(1, "corrections")
        self._waiting = 0
        self._samples: deque[Correction] = deque()
        self._rate = 0.0 if settings.corrections == STORE_OFF else settings.sample_rate

    @classmethod
    @asynccontextmanager
    async def start(cls, settings: Settings, metrics: Metrics) -> AsyncIterator[Self]:
        """At the end all that was taken has been written."""
        keeper = cls(settings, metrics)
        expiring = asyncio.create_task(keeper._expire_daily())
        try:
            yield keeper
        finally:
            expiring.cancel()
            await asyncio.get_running_loop().run_in_executor(keeper._thread, keeper._close)
            keeper._thread.shutdown()

    def check(self) -> None:
        """Raises CorrectionsUnavailableError where there is nothing to wait for."""
        if self._settings.corrections == STORE_OFF:
            raise CorrectionsUnavailableError("corrections are off: set SLOTWISE_CORRECTIONS")
        if self._waiting >= _MOST_WAITING:
            raise CorrectionsUnavailableError(f"{self._waiting} requests wait for the store, the limit")

    async def add(self, correction: Correction) -> Correction:
        """As it is stored: when this returns it is on disk.

        Raises CorrectionsFullError, CorrectionsUnavailableError.
        """
        most = self._settings.corrections_pending
        try:
            [stored] = await self._run(lambda store: store.add([correction.redacted()], most))
        except ServiceError as error:
            self._metrics.correction("full" if isinstance(error, CorrectionsFullError) else "failed", sampled=False)
            raise
        self._metrics.correction("stored", sampled=False)
        return stored

    async def find(self, sampled: bool | None, status: Status | None, after: str, limit: int) -> list[Correction]:
        """See Store.find; raises CorrectionsUnavailableError."""
        return await self._run(lambda store: store.find(sampled, status, after, limit))

    def sample(self, parse: "Parse", requested_slot: str | None) -> None:
        """Keep a parse for review if the settings want it and it is not sure of a slot. Never waits, never raises."""
        if random() >= self._rate or not _is_uncertain(parse, self._settings.sample_below):
            return
        if len(self._samples) >= _MOST_SAMPLES:
            self._metrics.correction("dropped", sampled=True)
            return
        self._samples.append(correction_of(parse, requested_slot))
        if len(self._samples) == 1:  # else the thread knows
            self._thread.submit(self._keep_samples)

    async def _run(self, work: "Callable[[Store], _T]") -> _T:
        self.check()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(self._opened()))
        except TimeoutError:
            detail = "the store did not answer in time; a correction that is sent again is stored once"
            raise CorrectionsUnavailableError(detail) from None
        except StoreFullError as error:
            raise CorrectionsFullError(f"nothing was stored: {error}") from None
        except StoreError as error:
            logger.error("the store failed: %s", error)
            raise CorrectionsUnavailableError("nothing was stored: the store failed; the log has the reason") from None
        finally:
            self._waiting -= 1

    async def _expire_daily(self) -> None:
        while self._settings.corrections != STORE_OFF:
            await asyncio.sleep(_DAY_SECONDS)
            with suppress(ServiceError):  # it is in the log, and tomorrow is another day
                await self._run(lambda store: store.expire(self._settings.sample_days))

    # --- in the thread -----------------------------------------------------------------------------------------------

    def _opened(self) -> "Store":
        if self._store is None:
            self._store = open_store(self._settings)
        return self._store

    def _keep_samples(self) -> None:
        """All that wait in one transaction."""
        waiting: list[Correction] = []
        kept = 0
        while self._samples:
            waiting.append(self._samples.popleft())
        try:
            redacted = [sample.redacted() for sample in waiting]
            kept = len(self._opened().add(redacted, self._settings.corrections_pending))
            result = "full"
        except StoreFullError:
            result = "full"
        except Exception as error:  # whatever it is, parsing goes on
            logger.error("samples were not kept: %s", error if isinstance(error, StoreError) else type(error).__name__)
            result = "failed"
        self._metrics.correction("stored", sampled=True, count=kept)
        self._metrics.correction(result, sampled=True, count=len(waiting) - kept)

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()


def _is_uncertain(parse: "Parse", below: float) -> bool:
    return any(slot.confidence < below for slot in parse.slots)
