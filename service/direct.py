"""The short way to the endpoints: they read, check and write on their own, so nothing need stand before them."""

import logging
from collections.abc import Awaitable, Callable, Iterable

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from service.edge import UNLOGGED
from service.problems import OverloadedError, ServiceError, answer_unexpected, service_error_to_response

logger = logging.getLogger("slotwise")

Endpoint = Callable[[Request], Awaitable[Response]]


class Direct:
    """`app`, with a table in place of its router for those of its routes whose paths have no parameters.

    What is not in the table - other methods, other paths, documentation - is the application's.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._routes: dict[tuple[str, str], tuple[APIRoute, Endpoint]] = {
            (method, route.path): (route, route.endpoint)
            for route in routes
            if isinstance(route, APIRoute) and "{" not in route.path
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"], endpoint = found
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except ServiceError as error:
            if isinstance(error, OverloadedError):
                scope["state"][UNLOGGED] = True  # under overload, to refuse must cost less than to answer
            response = service_error_to_response(error)
        except Exception as error:
            logger.exception("a request failed")
            response = await answer_unexpected(request, error)
        await response(scope, receive, send)
