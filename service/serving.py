"""The bundle that is served, and how another takes its place while requests come in."""

import asyncio
import ctypes
import logging
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from model.bundle import BundleError
from model.parser import Parser
from service.batcher import Batcher
from service.contract import Accepts
from service.loading import known_sentence, ready_parser
from service.metrics import Metrics
from service.problems import BundleRefusedError, ServiceError
from service.settings import Settings

logger = logging.getLogger("slotwise")

_MEMORY_SECONDS = 2.0  # between looks at it, where no file is followed

Signature = tuple[int, int, int, int]


class Serving:
    """One batcher, the bundle in it, and the file that it came from."""

    def __init__(self, parser: Parser, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self.batcher = Batcher(parser, settings, metrics)
        self._loader = ThreadPoolExecutor(1, "loader")
        self._swapping = asyncio.Lock()
        self._seen = _signature(settings.bundle)
        self._took(parser)

    @classmethod
    @asynccontextmanager
    async def start(cls, parser: Parser | None, settings: Settings, metrics: Metrics) -> "AsyncIterator[Serving]":
        """Serve `parser`, or the bundle of the settings; at the end all that was admitted has been answered."""
        serving = cls(parser or ready_parser(settings), settings, metrics)
        following = asyncio.create_task(serving._follow())
        try:
            yield serving
        finally:
            following.cancel()
            await serving.batcher.close()
            serving._loader.shutdown()

    @property
    def parser(self) -> Parser:
        return self.batcher.parser

    async def parse_known_sentence(self, seconds: float) -> None:
        """What a request goes through, queue and model; raises what a request gets."""
        sentence = self.parser.prepare(known_sentence(self.parser))
        [found] = await self.batcher.parse([sentence], time.monotonic() + seconds, admitted=True)
        if isinstance(found, ServiceError):
            raise found

    async def reload(self) -> None:
        """Load and check the bundle's file beside the one that is served, then serve it from the next batch on.

        Raises BundleRefusedError where that cannot be; then nothing has changed.
        """
        async with self._swapping:
            self._seen = _signature(self.settings.bundle)
            before = self.parser.manifest
            try:
                parser = await asyncio.get_running_loop().run_in_executor(self._loader, ready_parser, self.settings)
            except BundleError as error:
                self.metrics.swapped(before.name, before.version, accepted=False)
                logger.error("a bundle was refused, %s serves on: %s", before.version, error)
                raise BundleRefusedError(f"{error}; {before.name} {before.version} serves on") from None
            self.batcher.parser = parser
            self._took(parser)
            logger.warning("the bundle %s took the place of %s", parser.manifest.version, before.version)
        del parser
        _give_memory_back()

    def _took(self, parser: Parser) -> None:
        self.accepts = Accepts.from_parser(parser, self.settings.max_characters)
        self.metrics.swapped(parser.manifest.name, parser.manifest.version, accepted=True)

    async def _follow(self) -> None:
        """Reload when the file changes, once whatever comes of it; and keep the gauge of memory true."""
        follows = self.settings.follow_seconds > 0
        while True:
            await asyncio.sleep(self.settings.follow_seconds if follows else _MEMORY_SECONDS)
            self.metrics.memory()
            if follows and _signature(self.settings.bundle) not in (None, self._seen):
                with suppress(BundleRefusedError):  # it is in the log and in the metrics
                    await self.reload()


def _signature(path: Path) -> Signature | None:
    """Differs when a file was replaced, links followed; None while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _give_memory_back() -> None:
    """glibc keeps what a bundle used for the next one, in pieces; after some swaps the pieces no longer fit."""
    with suppress(OSError, AttributeError):  # other C libraries have no such function
        ctypes.CDLL(None).malloc_trim(0)
