import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import regex

from service.logs import exception_to_text, log_request, log_to_stderr, request_id

TEXT = "fly me to Taipei"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("slotwise")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def written(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was logged until now, each line read as JSON."""
    for handler in logging.getLogger().handlers:
        handler.close()
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def start(**options: Any) -> None:
    logging.getLogger().handlers.clear()  # those of pytest
    log_to_stderr(**options)


def test_a_record_is_one_object_with_its_fields(capfd: pytest.CaptureFixture[str]) -> None:
    start()
    logging.getLogger("slotwise").warning("%d texts\nfailed", 3, extra={"queue": "a", "path": sys, "odd": "\ud800"})
    [line] = written(capfd)
    assert regex.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line.pop("time"))
    assert line == {
        "level": "warning",
        "logger": "slotwise",
        "message": "3 texts\nfailed",
        "queue": "a",
        "path": str(sys),
        "odd": "\ud800",
    }


def test_ours_from_the_level_on_and_others_from_warning_on(capfd: pytest.CaptureFixture[str]) -> None:
    start(level="INFO")
    for name in ("slotwise", "slotwise.requests", "uvicorn.error", "other"):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger(name).log(level, "said")
    found = [(line["logger"], line["level"]) for line in written(capfd)]
    assert found == [
        ("slotwise", "info"),
        ("slotwise", "warning"),
        ("slotwise.requests", "info"),
        ("slotwise.requests", "warning"),
        ("uvicorn.error", "warning"),
        ("other", "warning"),
    ]


def test_what_is_logged_for_a_request_bears_its_id(capfd: pytest.CaptureFixture[str]) -> None:
    start()
    token = request_id.set("one")
    logging.getLogger("uvicorn.error").error("inside")
    request_id.reset(token)
    logging.getLogger("uvicorn.error").error("outside")
    assert [line.get("request_id") for line in written(capfd)] == ["one", None]


def test_a_line_of_a_request_is_like_any_other(capfd: pytest.CaptureFixture[str]) -> None:
    start()
    log_request({"route": "/v1/parse"})
    logging.getLogger("slotwise.requests").info("request", extra={"route": "/v1/parse"})
    logging.getLogger("slotwise").setLevel(logging.WARNING)
    log_request({"route": "/not said"})
    quick, usual = written(capfd)
    assert quick | {"time": ""} == usual | {"time": ""}


def fails_with_text() -> None:
    nothing: dict[str, str] = {}
    try:
        nothing[TEXT]
    except KeyError as error:
        raise ExceptionGroup(TEXT, [ValueError(TEXT), FileNotFoundError(2, "No such file", "travel.pt")]) from error


@pytest.mark.parametrize("log_text", [False, True])
def test_exceptions_keep_their_place_but_not_the_users_text(log_text: bool, capfd: pytest.CaptureFixture[str]) -> None:
    async def never_retrieved() -> None:
        asyncio.get_running_loop().create_future().set_exception(ValueError(TEXT))

    start(log_text=log_text)
    try:
        fails_with_text()
    except ExceptionGroup:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    asyncio.run(never_retrieved())
    failed, unretrieved = written(capfd)
    assert failed["message"] == "Exception in ASGI application"
    assert unretrieved["message"].startswith("Future exception was never retrieved")
    for told in ("KeyError", "ExceptionGroup", "ValueError", "No such file", "in fails_with_text"):
        assert told in failed["exception"]
    assert (TEXT in json.dumps(failed), TEXT in json.dumps(unretrieved)) == (log_text, log_text)


def test_an_exception_without_a_cause_shows_none() -> None:
    try:
        try:
            raise KeyError(1)
        except KeyError:
            raise OSError("the disk is full") from None
    except OSError as error:
        text = exception_to_text(error, log_text=False)
    assert text.endswith("\nOSError: the disk is full")
    assert "KeyError" not in text


def test_a_reader_that_does_not_read_holds_up_nobody() -> None:
    program = (
        "import sys\nfrom service.logs import log_request, log_to_stderr\nlog_to_stderr()\n"
        "for number in range(30_000): log_request({'number': number})\n"
        "print('done', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        watch = threading.Timer(30, process.kill)
        watch.start()
        assert process.stdout.read(4) == b"done"  # with a pipe that holds 64 KiB, and nobody at its other end
        _, errors = process.communicate()
        watch.cancel()
    read = [json.loads(line) for line in errors.splitlines()]
    numbers = [line["number"] for line in read if "number" in line]
    dropped = sum(line["lines"] for line in read if "lines" in line)
    assert numbers == sorted(numbers)
    assert dropped > 0
    assert len(numbers) + dropped == 30_000


def test_lines_of_several_processes_stay_whole() -> None:
    program = (
        "from service.logs import log_request, log_to_stderr\nlog_to_stderr()\n"
        "for number in range(3_000): log_request({'number': number, 'fill': 'x' * (number % 500)})"
    )
    receiving, sending = os.pipe()
    processes = [subprocess.Popen([sys.executable, "-c", program], stderr=sending) for _ in range(3)]
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        numbers = [json.loads(line)["number"] for line in pipe]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert sorted(numbers) == sorted(3 * list(range(3_000)))
