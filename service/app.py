"""Settings to the application."""

import operator
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TypedDict

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from model.parser import Parser
from service.corrections.keeper import Keeper
from service.direct import Direct
from service.edge import Edge, traced
from service.keys import Keys
from service.metrics import Metrics
from service.openapi import TIMEOUT_HEADER, DescribedApp
from service.playground import serve as playground
from service.problems import add_problem_handlers
from service.routes import router
from service.serving import Serving
from service.settings import Settings


class State(TypedDict):
    """What lives as long as the application; routes reach it as `request.scope["state"]`."""

    keys: Keys
    serving: Serving
    keeper: Keeper
    draining: threading.Event


def create_app(settings: Settings, parser: Parser | None = None, draining: threading.Event | None = None) -> ASGIApp:
    """The application. It loads `settings.bundle` when it starts, unless a parser is handed to it.

    While `draining` is set it says that it is not ready, and closes connections after their answer.
    """
    metrics, ending = Metrics(), draining or threading.Event()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        async with Serving.start(parser, settings, metrics) as serving, Keeper.start(settings, metrics) as keeper:
            yield {
                "keys": Keys(settings.parse_keys, settings.admin_keys),
                "serving": serving,
                "keeper": keeper,
                "draining": ending,
            }

    described = DescribedApp(
        title="slotwise",
        version=version("slotwise"),
        summary="What a traveller says, as what a booking system needs.",
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operator.attrgetter("name"),
    )
    add_problem_handlers(described)
    described.include_router(router)
    described.include_router(playground.router)
    app: ASGIApp = Direct(described, [*router.routes, *playground.router.routes])
    if settings.cors_origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key", "X-Request-Id", TIMEOUT_HEADER],
            expose_headers=["X-Request-Id", "Retry-After"],
        )
    return Edge(traced(app, settings), metrics, settings, ending.is_set)
