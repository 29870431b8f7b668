"""A request's body to a JSON value, refused before it is read where its head says that it must be."""

from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect

from service.problems import BodyTooLargeError, ClientGoneError, InvalidJsonError, UnsupportedMediaTypeError, shorten
from service.strict_json import JsonError, json_from_bytes


async def json_body(request: Request, max_bytes: int) -> Any:
    """The JSON value of a request.

    Raises UnsupportedMediaTypeError, BodyTooLargeError, ClientGoneError, InvalidJsonError.
    """
    _check_media_type(request.headers.get("content-type", ""))
    try:
        body = await _read(request, max_bytes)
    except ClientDisconnect:  # of itself, or for want of time: service.connection
        raise ClientGoneError("the client has gone before its body was whole") from None
    try:
        return json_from_bytes(body)
    except JsonError as error:
        raise InvalidJsonError(f"the body is not JSON: {error}") from None


def _check_media_type(content_type: str) -> None:
    if content_type == "application/json":
        return
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    is_json = media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
    charsets = [value.strip("\"' ") for name, _, value in (p.partition("=") for p in parameters) if name == "charset"]
    if not is_json or any(charset not in ("utf-8", "utf8") for charset in charsets):
        raise UnsupportedMediaTypeError(
            f"Content-Type is {shorten(content_type)}; send application/json in UTF-8"
            if content_type
            else "there is no Content-Type; send application/json"
        )


async def _read(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise BodyTooLargeError(f"the body has {declared[:20]} bytes; the limit is {limit}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLargeError(f"the body has more than {limit} bytes, the limit")
    return bytes(body)
