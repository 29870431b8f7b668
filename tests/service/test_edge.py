import asyncio
import logging
import threading
import time
import uuid
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.types import ASGIApp, Message, Scope

from service.edge import Edge, traced
from service.metrics import Metrics
from service.settings import Settings

TEXT = "fly me to Taipei"
router = APIRouter()


@router.post("/v1/items/{name}")
async def item(request: Request, name: str) -> Response:
    request.state.model_version = "7"
    request.state.text = TEXT
    if name == "broken":
        raise KeyError(TEXT)
    return Response(request.state.request_id, 202, {"connection": "close"} if name == "closing" else None)


@router.get("/healthz")
async def healthz() -> None: ...


def application() -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    return app


class Asked:
    """An edge around the application above, and what it did."""

    def __init__(self, app: ASGIApp | None = None, draining: bool = False, **settings: Any) -> None:
        self.metrics = Metrics()
        self._edge = Edge(app or application(), self.metrics, Settings(**settings), lambda: draining)

    def __call__(self, method: str, path: str, headers: dict[str, str | bytes] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._edge, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://slotwise") as client:
                return await client.request(method, path, headers=headers)  # type: ignore[arg-type]

        return asyncio.run(ask())

    def counted(self) -> dict[tuple[str, str, str], float]:
        """Requests by route, method and status."""
        [family] = [one for one in self.metrics._requests.collect() if one.name == "slotwise_requests"]
        return {
            (sample.labels["route"], sample.labels["method"], sample.labels["status"]): sample.value
            for sample in family.samples
            if sample.name.endswith("_total")
        }


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(logging.getLogger(), "handlers", [caplog.handler])
    caplog.set_level(logging.INFO, "slotwise.requests")
    return caplog


@pytest.mark.parametrize("given", ["a", "4bf92f35-77b3", "!~", "x" * 128])
def test_an_id_comes_back_as_it_came(given: str) -> None:
    answer = Asked()("POST", "/v1/items/a", {"X-Request-Id": given})
    assert answer.headers.get_list("x-request-id") == [given]
    assert answer.text == given  # the application sees the same


@pytest.mark.parametrize("given", [None, "", "x" * 129, "a b", "a\tb", "ä".encode()])
def test_what_is_no_id_gets_a_new_one(given: str | bytes | None) -> None:
    asked = Asked()
    headers: dict[str, str | bytes] = {} if given is None else {"X-Request-Id": given}
    ids = [asked("POST", "/v1/items/a", headers).headers["x-request-id"] for _ in range(2)]
    assert ids[0] != ids[1]
    for one in ids:
        assert uuid.UUID(hex=one).version == 4
        assert uuid.UUID(hex=one).hex == one


def test_requests_are_counted_by_the_template_of_their_path() -> None:
    asked = Asked()
    for method, path in [
        ("POST", "/v1/items/a"),
        ("POST", "/v1/items/b?c=d"),
        ("POST", "/v1/items/broken"),
        ("GET", "/v1/items/a"),
        ("GET", "/nowhere/1"),
        ("GET", "/nowhere/2"),
        ("GET", "/healthz"),
    ]:
        asked(method, path)
    assert asked.counted() == {
        ("/v1/items/{name}", "POST", "202"): 2,
        ("/v1/items/{name}", "POST", "500"): 1,
        ("/v1/items/{name}", "GET", "405"): 1,
        ("unmatched", "GET", "404"): 2,
        ("/healthz", "GET", "200"): 1,
    }


@pytest.mark.parametrize("log_text", [False, True])
def test_one_line_a_request_without_the_text_unless_it_is_wanted(log_text: bool, log: pytest.LogCaptureFixture) -> None:
    Asked(log_text=log_text)("POST", "/v1/items/a?b=c", {"X-Request-Id": "one"})
    [line] = [vars(record) for record in log.records]
    assert 0 < line["milliseconds"] < 10_000
    expected = {
        "request_id": "one",
        "method": "POST",
        "route": "/v1/items/{name}",
        "status": 202,
        "model_version": "7",
    } | ({"text": TEXT} if log_text else {})
    assert {name: line.get(name) for name in expected} == expected
    assert (TEXT in str(line)) == log_text


@pytest.mark.parametrize(
    ("path", "log_requests", "logged"), [("/healthz", True, 0), ("/no", True, 1), ("/no", False, 0)]
)
def test_checks_are_not_logged_nor_anything_unless_wanted(
    path: str, log_requests: bool, logged: int, log: pytest.LogCaptureFixture
) -> None:
    Asked(log_requests=log_requests)("GET", path)
    assert len(log.records) == logged


@pytest.mark.parametrize(("draining", "connection"), [(False, []), (True, ["close"])])
def test_while_draining_every_answer_closes_its_connection(draining: bool, connection: list[str]) -> None:
    asked = Asked(draining=draining)
    for path in ("/v1/items/a", "/v1/items/broken", "/nowhere"):
        assert asked("POST", path).headers.get_list("connection") == connection
    assert asked("POST", "/v1/items/closing").headers.get_list("connection") == ["close"]


def call(app: ASGIApp, scope: Scope) -> list[Message]:
    """What an application sends."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(_run(app, scope, receive, send))
    return sent


async def _run(app: ASGIApp, *arguments: Any) -> None:
    await app(*arguments)


def http_scope() -> Scope:
    return {"type": "http", "method": "POST", "path": "/v1/items/a", "headers": []}


def test_a_request_that_nobody_answers_counts_as_gone() -> None:
    async def silent(scope: Scope, receive: Any, send: Any) -> None: ...

    asked = Asked(silent)
    assert call(asked._edge, http_scope()) == []
    assert asked.counted() == {("unmatched", "POST", "499"): 1}


def test_an_exception_goes_on_and_counts_as_500() -> None:
    async def broken(scope: Scope, receive: Any, send: Any) -> None:
        raise KeyError(TEXT)

    asked = Asked(broken)
    with pytest.raises(KeyError):
        call(asked._edge, http_scope())
    assert asked.counted() == {("unmatched", "POST", "500"): 1}


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_other_scopes_pass_untouched(kind: str) -> None:
    seen: list[tuple[Scope, Any]] = []

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        seen.append((dict(scope), send))
        await send({"type": "any"})

    asked = Asked(app, draining=True)
    assert call(asked._edge, {"type": kind}) == [{"type": "any"}]
    assert seen[0][0] == {"type": kind}
    assert asked.counted() == {}


class Collector(ThreadingHTTPServer):
    """Takes what an OpenTelemetry exporter sends."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str | None, bytes]] = []
        super().__init__(("127.0.0.1", 0), _Collect)


class _Collect(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, self.headers["Authorization"], body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None: ...  # noqa: A002


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_traces_reach_a_collector_without_the_users_text(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    traces = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    settings = Settings(otlp_endpoint=f"http://user:pass%20word@127.0.0.1:{collector.server_port}")
    asked = Asked(traced(application(), settings))
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    asked("POST", f"/v1/items/a?b={TEXT}", {"traceparent": parent, "X-Request-Id": "one"})
    asked("POST", "/v1/items/broken")
    asked("GET", "/healthz")
    asked("GET", f"/{TEXT}")
    spans: list[Any] = []
    ended = time.monotonic() + 20
    while len(spans) < 3 and time.monotonic() < ended:
        time.sleep(0.02)
        bodies = [body for _, _, body in collector.received]
        resources = [one for body in bodies for one in traces.ExportTraceServiceRequest.FromString(body).resource_spans]
        spans = [span for resource in resources for scope in resource.scope_spans for span in scope.spans]
    assert {sent[:2] for sent in collector.received} == {
        ("/v1/traces", "Basic " + b64encode(b"user:pass word").decode())
    }
    assert TEXT.encode() not in b"".join(bodies)
    assert values(resources[0].resource)["service.name"] == "slotwise"
    first, failed, unmatched = spans
    assert [span.name for span in spans] == ["POST /v1/items/{name}", "POST /v1/items/{name}", "GET unmatched"]
    assert (first.trace_id.hex(), first.parent_span_id.hex()) == tuple(parent.split("-")[1:3])
    assert values(first) == {
        "http.request.method": "POST",
        "http.route": "/v1/items/{name}",
        "http.response.status_code": 202,
        "slotwise.request_id": "one",
    }
    assert [span.status.code for span in spans] == [0, 2, 0]  # unset, error
    assert (values(failed)["http.response.status_code"], list(failed.events)) == (500, [])
    assert values(unmatched)["http.response.status_code"] == 404


def values(described: Any) -> dict[str, Any]:
    return {one.key: one.value.string_value or one.value.int_value for one in described.attributes}


def test_without_an_endpoint_the_application_stays_as_it_is() -> None:
    app = application()
    assert traced(app, Settings()) is app
