import asyncio

import pytest

from service.load import Outcome, Target, closed_loop, run

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{"model": {"version": "one"}}'
CLOSING = ANSWER.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")
CUT = ANSWER[:-5]
OVERLOADED = b'HTTP/1.1 503 No\r\n%sContent-Length: 22\r\n\r\n{"code": "overloaded"}'


def outcomes_of(replies: list[bytes], retry: bool = False) -> tuple[list[Outcome], int]:
    """What a client makes of replies, each to one request, and over how many connections; half a reply ends one."""
    waiting, connections = iter(replies), []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        reply = ANSWER
        while reply not in (CLOSING, CUT, b"") and await reader.readline():
            await reader.readuntil(b"{}")
            reply = next(waiting)
            writer.write(reply)
        writer.close()

    async def ask() -> list[Outcome]:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            target = Target(f"http://127.0.0.1:{port}", retry=retry, seconds=5)
            return await closed_loop(target, [b"{}"] * (len(replies) - retry), 1)

    return run(ask()), len(connections)


def test_answers_over_one_connection() -> None:
    outcomes, connections = outcomes_of([ANSWER, ANSWER, ANSWER])
    assert [(one.status, one.version) for one in outcomes] == [(200, "one")] * 3
    assert connections == 1


def test_a_connection_that_is_closed_after_its_answer_is_no_failure() -> None:
    outcomes, connections = outcomes_of([CLOSING, ANSWER])
    assert all(one.is_answer for one in outcomes)
    assert connections == 2


@pytest.mark.parametrize("reply", [CUT, b""])
def test_half_an_answer_is_a_loss_unless_it_is_asked_again(reply: bytes) -> None:
    [lost, good] = outcomes_of([reply, ANSWER])[0]
    assert (lost.code, lost.is_lost, good.is_answer) == ("short", True, True)
    [again] = outcomes_of([reply, ANSWER], retry=True)[0]
    assert again.is_answer
    assert again.retried


@pytest.mark.parametrize(("header", "proper"), [(b"", False), (b"Retry-After: 2\r\n", True)])
def test_a_refusal_for_want_of_room_must_say_when_to_come_again(header: bytes, proper: bool) -> None:
    [refused] = outcomes_of([OVERLOADED % header])[0]
    assert (refused.is_proper_refusal, refused.is_lost) == (proper, not proper)


def test_nobody_there_is_refused() -> None:
    [refused] = run(closed_loop(Target("http://127.0.0.1:9"), [b"{}"], 1))
    assert (refused.status, refused.code, refused.is_lost) == (0, "refused", True)
