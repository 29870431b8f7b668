"""The service as it runs: `slotwise serve`, real sockets, real signals."""

import json
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

TEXT = "I want to go to Oslo tomorrow."


@contextmanager
def serving(
    slotwise: Path, environment: dict[str, str], *options: str
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A process that listens, and its URL as it prints it."""
    command = [slotwise, "serve", "--port", "0", *options]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            readable, _, _ = select.select([process.stdout], [], [], 90)
            line = process.stdout.readline() if readable else ""
            assert line.startswith("slotwise listens on http://"), (line, process.poll())
            assert process.stdout.readline().strip().startswith("curl http://")
            yield process, line.split()[3]
        finally:
            if process.poll() is None:
                process.kill()


def environment_of(bundle: Path) -> dict[str, str]:
    """The least that there is."""
    return {"PATH": "", "SLOTWISE_BUNDLE": str(bundle), "SLOTWISE_CORRECTIONS": "off"}


@pytest.fixture(scope="module")
def url(slotwise: Path, tiny_bundle: Path) -> Iterator[str]:
    with serving(slotwise, environment_of(tiny_bundle)) as (_, url):
        yield url


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


def head(*lines: str) -> bytes:
    fixed = ("POST /v1/parse HTTP/1.1", "Host: slotwise", "Content-Type: application/json")
    return "\r\n".join((*fixed, *lines, "", "")).encode()


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side closes; a reset raises."""
    received = b""
    while data := connection.recv(65536):
        received += data
    return received


def test_a_parse_over_a_real_connection(url: str) -> None:
    answer = httpx.post(f"{url}/v1/parse", json={"text": TEXT})
    assert answer.status_code == 200
    assert answer.json()["text"] == TEXT
    assert httpx.get(f"{url}/readyz").status_code == 200


def test_an_oversized_body_is_refused_before_it_is_sent(url: str) -> None:
    with connect(url) as connection:
        connection.sendall(head("Content-Length: 99999999999"))
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert problem["code"] == "body_too_large"
    assert "99999999999" in problem["detail"]
    assert "1048576" in problem["detail"]


def test_a_client_that_asks_first_is_not_told_to_send_an_oversized_body(url: str) -> None:
    with connect(url) as connection:
        connection.sendall(head("Content-Length: 99999999", "Expect: 100-continue"))
        assert b"100 Continue" not in (answer := read_all(connection))
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_client_that_sends_all_before_it_reads_still_gets_the_refusal(url: str) -> None:
    with connect(url) as connection:
        connection.sendall(head("Content-Length: 20000000"))
        connection.sendall(b" " * 20_000_000)
        assert read_all(connection).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_is_cut_off_at_the_limit(url: str) -> None:
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with connect(url) as connection:
        connection.sendall(head("Transfer-Encoding: chunked"))
        for _ in range(40):
            connection.sendall(chunk)
        connection.sendall(b"0\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 413 ")


def test_what_is_no_http_gets_an_answer_and_the_service_lives_on(url: str) -> None:
    with connect(url) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")
    assert httpx.get(f"{url}/healthz").status_code == 200


def test_a_request_in_flight_is_answered_before_the_process_ends(slotwise: Path, environment: dict[str, str]) -> None:
    body = json.dumps({"text": TEXT}).encode()
    with serving(slotwise, environment) as (process, url), connect(url) as connection:
        connection.sendall(head(f"Content-Length: {len(body)}") + body[:5])
        assert httpx.get(f"{url}/healthz").status_code == 200  # the server has read what was sent before
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert process.poll() is None
        connection.sendall(body[5:])
        answer = read_all(connection)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["text"] == TEXT


def test_the_end_is_announced_before_the_service_stops_to_listen(slotwise: Path, environment: dict[str, str]) -> None:
    with serving(slotwise, environment | {"SLOTWISE_DRAIN_SECONDS": "2"}) as (process, url):
        with httpx.Client(base_url=url) as client:
            assert "connection" not in client.post("/v1/parse", json={"text": TEXT}).headers
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            last = client.post("/v1/parse", json={"text": TEXT})
            assert (last.status_code, last.headers["connection"]) == (200, "close")
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["code"]) == (503, "not_ready")
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"GET /healthz HT", b"HTTP/1.1 408 "),
        (b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 70_000, b"HTTP/1.1 431 "),
        (head("Content-Length: 20") + b'{"text"', b"HTTP/1.1 408 "),
    ],
)
def test_what_does_not_arrive_is_not_waited_for(impatient: str, sent: bytes, answer: bytes) -> None:
    with connect(impatient) as connection:
        connection.sendall(sent)
        assert read_all(connection).startswith(answer)


def test_a_connection_on_which_nothing_is_asked_is_closed(impatient: str) -> None:
    with connect(impatient) as connection:
        assert read_all(connection) == b""


def test_a_dribbled_head_on_a_used_connection_is_not_waited_for(impatient: str) -> None:
    with connect(impatient) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: slotwise\r\n\r\n")
        answer = b""
        while not answer.endswith(b'{"status":"ok"}'):
            answer += connection.recv(65536)
        for letter in (b"G", b"E", b"T"):
            connection.sendall(letter)
            time.sleep(0.1)
        assert read_all(connection).startswith(b"HTTP/1.1 408 ")


@pytest.fixture(scope="module")
def impatient(slotwise: Path, tiny_bundle: Path) -> Iterator[str]:
    with serving(slotwise, environment_of(tiny_bundle) | {"SLOTWISE_READ_SECONDS": "0.5"}) as (_, url):
        yield url


def test_a_worker_that_was_killed_is_replaced(slotwise: Path, environment: dict[str, str]) -> None:
    def workers() -> list[int]:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]

    with serving(slotwise, environment, "--workers", "2") as (process, url):
        before = workers()
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        for _ in range(200):
            assert httpx.post(f"{url}/v1/parse", json={"text": TEXT}).status_code == 200
            if len(after := workers()) == 2 and before[0] not in after:
                break
            time.sleep(0.1)
        else:
            pytest.fail("no other worker came")
        assert before[1] in after
        metrics = httpx.get(f"{url}/metrics").text
        assert 'slotwise_requests_total{method="POST",route="/v1/parse",status="200"}' in metrics
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_several_workers_share_the_port_and_end_together(slotwise: Path, environment: dict[str, str]) -> None:
    with serving(slotwise, environment, "--workers", "2") as (process, url):
        for _ in range(8):
            assert httpx.post(f"{url}/v1/parse", json={"text": TEXT}).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        with pytest.raises(ConnectionRefusedError):
            connect(url)
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_port_in_use_is_one_line(command: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = command("serve", "--port", port)
    assert done == (1, "", f"slotwise: cannot listen on 127.0.0.1:{port}: address already in use\n")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_missing_bundle_is_one_line(command: Any, workers: str) -> None:
    done = command("serve", "--port", "0", "--bundle", "nothing.pt", "--workers", workers)
    assert done == (1, "", "slotwise: no bundle at nothing.pt\n")


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--port", "99999"], 2, "0<=x<=65535"),
        (["--device", "tpu"], 2, "'tpu'"),
        (["--host", "no.such.host.invalid"], 1, "cannot listen on no.such.host.invalid"),
        (["--host", "192.0.2.1"], 1, "cannot listen on 192.0.2.1"),
    ],
)
def test_an_impossible_option_is_one_line(command: Any, options: list[str], status: int, words: str) -> None:
    done = command("serve", *options)
    assert (done.status, done.out) == (status, "")
    assert words in done.error
    assert done.error.count("\n") == 1
