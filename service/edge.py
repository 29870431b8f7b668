"""Around the application: an id for every request, its line in the log, its metrics, and its trace."""

import time
from collections.abc import Awaitable, Callable
from random import getrandbits
from typing import Any

import regex
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import log_request, request_id
from service.metrics import Metrics
from service.problems import ClientGoneError
from service.settings import Settings

UNMATCHED = "unmatched"
UNLOGGED = "unlogged"  # in the state of a request: counted, but not logged
# Asked every few seconds by machines: counted, but neither logged nor traced.
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})

_TRACES = "/v1/traces"
_CLOSE = (b"connection", b"close")
_VERSION_4 = 0x4 << 76 | 0b10 << 62  # and variant, of a UUID (RFC 9562)
_RANDOM_BITS = ~(0xF << 76 | 0b11 << 62)
_is_id = regex.compile(rb"[\x21-\x7e]{1,128}").fullmatch


class Edge:
    """`app` with request ids, metrics and a log. While `draining`, each answer closes its connection.

    The id is the client's `X-Request-Id` where that is 1 to 128 visible ASCII characters, else a new one. It stands
    in `scope["state"]["request_id"]` and in the answer. Log lines have `scope["state"]["model_version"]`, and with
    `log_text` also `["text"]`, if the application puts them there.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, settings: Settings, draining: Callable[[], bool] = lambda: False
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._log_requests = settings.log_requests
        self._log_text = settings.log_text
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        header = _id_header(scope)
        own_id = header[1].decode()
        state = scope.setdefault("state", {})
        state["request_id"] = own_id
        request_id.set(own_id)

        def send_with_id(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), header]
                if self._draining() and _CLOSE not in headers:
                    headers.append(_CLOSE)
                message["headers"] = headers
            return send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            status = status or 500  # what the server answers then
            raise
        finally:
            self._tell(scope, state, status or ClientGoneError.status, time.perf_counter() - started)

    def _tell(self, scope: Scope, state: dict[str, Any], status: int, seconds: float) -> None:
        route = _route(scope)
        self._metrics.request(route, scope["method"], status, seconds)
        if not self._log_requests or route in QUIET or UNLOGGED in state:
            return
        fields = {
            "request_id": state["request_id"],
            "method": scope["method"],
            "route": route,
            "status": status,
            "milliseconds": round(seconds * 1000, 3),
        }
        if "model_version" in state:
            fields["model_version"] = state["model_version"]
        if self._log_text and "text" in state:
            fields["text"] = state["text"]
        log_request(fields)


def _id_header(scope: Scope) -> tuple[bytes, bytes]:
    """The header of the answer."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _is_id(value):
            return name, value
    # uuid.uuid4 asks the system for bits that nobody can guess, which takes four times as long.
    return b"x-request-id", b"%032x" % (getrandbits(128) & _RANDOM_BITS | _VERSION_4)


def traced(app: ASGIApp, settings: Settings) -> ASGIApp:
    """`app` with an OpenTelemetry span a request, sent to `settings.otlp_endpoint`; `app` itself where that is not set.

    A span has the route, the status and the request id of an Edge outside; neither the address that was asked for nor
    messages of exceptions, which may hold what a user wrote.
    """
    if settings.otlp_endpoint is None:
        return app
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.propagate import extract
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import SpanKind, StatusCode

    url = settings.otlp_endpoint.rstrip("/")
    exporter = OTLPSpanExporter(endpoint=url if url.endswith(_TRACES) else url + _TRACES)
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "slotwise"}))  # sends the last when Python ends
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("slotwise")

    async def with_span(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET:
            await app(scope, receive, send)
            return
        status = 0

        def send_seen(message: Message) -> Awaitable[None]:
            nonlocal status
            status = message.get("status", status)
            return send(message)

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with tracer.start_as_current_span(
            scope["method"],
            extract(headers),
            SpanKind.SERVER,
            {"http.request.method": scope["method"], "slotwise.request_id": scope["state"]["request_id"]},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                await app(scope, receive, send_seen)
            except Exception:
                status = status or 500
                raise
            finally:
                span.update_name(f"{scope['method']} {_route(scope)}")
                span.set_attributes(
                    {"http.route": _route(scope), "http.response.status_code": status or ClientGoneError.status}
                )
                if status >= 500:
                    span.set_status(StatusCode.ERROR)

    return with_span


def _route(scope: Scope) -> str:
    """The template of the path, once the router has found it."""
    return getattr(scope.get("route"), "path", UNMATCHED)
