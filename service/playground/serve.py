"""The page at `/` and its files under `/static/`: as they lie in the folder, with headers that let nothing else in."""

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, HTTPException, Request, Response

FOLDER = Path(__file__).parent / "static"
PAGE = "index.html"

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    # The page shows what strangers wrote: only our files run, they talk to us alone, and no string becomes HTML.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",  # may be kept, if asked for again: the files of one page belong together
}

router = APIRouter(include_in_schema=False)


class File(NamedTuple):
    """What is sent of a file."""

    body: bytes
    headers: dict[str, str]


@cache
def files() -> dict[str, File]:
    """Every file of the page by its name, read once."""
    return {path.name: _read(path) for path in FOLDER.iterdir() if path.suffix in _MEDIA_TYPES}


def _read(path: Path) -> File:
    body = path.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return File(body, _HEADERS | {"content-type": _MEDIA_TYPES[path.suffix], "etag": etag})


@router.api_route("/", methods=["GET", "HEAD"])
async def page(request: Request) -> Response:
    """The playground."""
    return _answer(request, PAGE)


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
async def static(request: Request, name: str) -> Response:
    """A file of the playground."""
    return _answer(request, name)


def _answer(request: Request, name: str) -> Response:
    file = files().get(name)
    if file is None:
        raise HTTPException(404)
    if file.headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=file.headers)
    return Response(file.body, headers=file.headers)
