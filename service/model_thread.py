"""A parser and the one thread it works in, so that the event loop stays free to answer."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import torch

from model.parser import Parse, Parser
from model.request import Request
from model.values.times.resolve import Reference
from service.settings import Settings


def load_parser(settings: Settings) -> Parser:
    """The bundle of the settings; also gives torch their number of threads, here and by default."""
    torch.set_num_threads(settings.threads)
    return Parser.load(settings.bundle, settings.device)


class ModelThread:
    """Parses one call after the other. `threads` is how many CPU threads torch may use for one."""

    def __init__(self, parser: Parser, threads: int) -> None:
        self.parser = parser
        # Torch's number of threads belongs to the thread that sets it.
        self._executor = ThreadPoolExecutor(1, "model", torch.set_num_threads, (threads,))

    async def parse(self, requests: Sequence[Request]) -> list[Parse]:
        """One Parse a request, in order; the texts are checked already."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self.parser.parse_requests, requests)

    async def parse_known_sentence(self) -> None:
        """Use all that a request uses, tables of values included; raises what parsing raises."""
        await self.parse([Request("arrive Taipei on November 2nd", reference=Reference.of())])

    def close(self) -> None:
        """Finish what was begun and end the thread."""
        self._executor.shutdown()
