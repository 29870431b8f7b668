"""What went wrong to an RFC 9457 problem: one shape for every error of the service, with a stable `code`."""

import asyncio
import reprlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

MEDIA_TYPE = "application/problem+json"

_TITLES = {499: "Client Closed Request"}  # of nginx; no standard has one

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_short.maxlevel = 2


def shorten(value: object) -> str:
    """A wrong value as a message shows it: one short line that any encoding can carry."""
    return _short.repr(value).encode("utf-8", "backslashreplace").decode()


class FieldProblem(BaseModel):
    """One field that is wrong."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="the field's name; empty where the request as a whole is meant")
    code: str
    detail: str


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable, `detail` is for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = Field(None, description="every wrong field, at most 10; with status 422 only")


class ServiceError(Exception):
    """An error that carries its own status and code."""

    status = 500
    code = "internal"
    headers: dict[str, str] | None = None

    def __init__(self, detail: str, errors: Sequence[FieldProblem] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors

    def to_dict(self) -> dict[str, Any]:
        problem = Problem(
            title=_TITLES.get(self.status) or HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            code=self.code,
            errors=None if self.errors is None else list(self.errors),
        )
        return problem.model_dump(exclude_none=True)


class InvalidJsonError(ServiceError):
    status, code = 400, "invalid_json"


class BodyTooLargeError(ServiceError):
    status, code = 413, "body_too_large"


class UnsupportedMediaTypeError(ServiceError):
    status, code = 415, "unsupported_media_type"


class InvalidRequestError(ServiceError):
    """A request whose fields are wrong: its code and detail are those of the first."""

    status = 422

    def __init__(self, errors: Sequence[FieldProblem]) -> None:
        super().__init__(errors[0].detail, errors)
        self.code = errors[0].code


class NotReadyError(ServiceError):
    status, code = 503, "not_ready"


class OverloadedError(ServiceError):
    """More than the service can do; `retry_after` seconds from now it will have done what waits."""

    status, code = 503, "overloaded"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(retry_after)}


class ClientGoneError(ServiceError):
    """For the log alone: nobody is there to read it."""

    status, code = 499, "client_gone"


class DeadlineExceededError(ServiceError):
    status, code = 504, "deadline_exceeded"


class ModelFailedError(ServiceError):
    """The model's thread was lost while a text waited for it."""

    status, code = 503, "model_failed"


class ItemFailedError(ServiceError):
    """A text that the model cannot parse: a fault of ours, and of this text alone."""


class BundleRefusedError(ServiceError):
    status, code = 409, "bundle_refused"


class ProblemResponse(Response):
    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


class ClosingResponse(ProblemResponse):
    """A whole answer first, then the rest of the request is read away for a moment, then the connection closes.

    Closing with unread bytes makes the system reset the connection, and a client that is still sending would
    lose the answer (what nginx calls a lingering close).
    """

    linger_seconds = 2.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers["connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        try:
            async with asyncio.timeout(self.linger_seconds):
                while (await receive()).get("more_body"):
                    pass
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b""})


def service_error_to_response(error: ServiceError) -> Response:
    response = ClosingResponse if isinstance(error, BodyTooLargeError) else ProblemResponse
    return response(error.to_dict(), error.status, error.headers)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """What the router refuses: 404 and 405."""
    assert isinstance(error, HTTPException)
    refused = ServiceError(f"{request.method} {shorten(request.url.path)}: see /docs for what there is")
    refused.status, refused.code = error.status_code, HTTPStatus(error.status_code).name.lower()
    return ProblemResponse(refused.to_dict(), error.status_code, error.headers)


async def answer_unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours. The server logs the exception with its trace and closes; the answer says only the latter."""
    problem = ServiceError("an error of the service; it is in its log")
    return ProblemResponse(problem.to_dict(), problem.status, {"connection": "close"})


def add_problem_handlers(app: FastAPI) -> None:
    """For what is not ours, as /docs: our endpoints are answered by service.direct."""
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(Exception, answer_unexpected)
