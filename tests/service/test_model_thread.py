import asyncio
import threading
from collections.abc import Sequence

import pytest
from httpx import ASGITransport, AsyncClient

from model.parser import Parse, Parser
from model.request import Request
from service.app import create_app
from service.model_thread import ModelThread
from service.settings import Settings


class SlowParser(Parser):
    """A parser that begins when it is told to."""

    def __init__(self, parser: Parser) -> None:
        self.__dict__ = parser.__dict__ | {"begin": threading.Event(), "threads": set()}
        self.begin: threading.Event
        self.threads: set[str]

    def parse_requests(self, requests: Sequence[Request]) -> list[Parse]:
        self.threads.add(threading.current_thread().name)
        assert self.begin.wait(20)
        return super().parse_requests(requests)


def test_the_process_answers_while_the_model_works(parser: Parser) -> None:
    async def main() -> None:
        slow = SlowParser(parser)
        slow.begin.set()
        app = create_app(Settings(), slow)
        async with app.router.lifespan_context(app) as state:
            slow.begin.clear()

            async def with_state(scope, receive, send):  # type: ignore[no-untyped-def]
                await app(scope | {"state": dict(state or {})}, receive, send)

            async with AsyncClient(transport=ASGITransport(with_state), base_url="http://slotwise") as client:
                parsing = [
                    asyncio.create_task(client.post("/v1/parse", json={"text": f"to Oslo {number}"}))
                    for number in range(5)
                ]
                await asyncio.sleep(0.05)
                assert (await client.get("/healthz")).status_code == 200
                assert not any(task.done() for task in parsing)
                slow.begin.set()
                answers = await asyncio.gather(*parsing)
        assert [answer.json()["text"] for answer in answers] == [f"to Oslo {number}" for number in range(5)]
        assert slow.threads == {"model_0"}

    asyncio.run(main())


def test_closing_finishes_what_was_begun(parser: Parser) -> None:
    async def main() -> list[Parse]:
        model = ModelThread(parser, threads=1)
        parsing = asyncio.create_task(model.parse([Request("to Oslo")]))
        await asyncio.sleep(0)
        model.close()
        return await parsing

    assert asyncio.run(main())[0].text == "to Oslo"


def test_a_model_that_cannot_parse_stops_the_start(parser: Parser) -> None:
    class Broken(Parser):
        def __init__(self) -> None:
            self.__dict__ = parser.__dict__

        def parse_requests(self, requests: Sequence[Request]) -> list[Parse]:
            raise RuntimeError("no kernel image")

    async def start() -> None:
        app = create_app(Settings(), Broken())
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(RuntimeError, match="no kernel image"):
        asyncio.run(start())
