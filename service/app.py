"""Settings to the application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TypedDict

from fastapi import FastAPI

from model.parser import Parser
from service.model_thread import ModelThread, load_parser
from service.openapi import DescribedApp
from service.problems import add_problem_handlers
from service.routes import router
from service.settings import Settings

WARM_UP_RUNS = 3


class State(TypedDict):
    """What lives as long as the application; routes reach it as `request.state`."""

    settings: Settings
    model: ModelThread


def create_app(settings: Settings, parser: Parser | None = None) -> FastAPI:
    """The application. It loads `settings.bundle` when it starts, unless a parser is handed to it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        model = ModelThread(parser or load_parser(settings), settings.threads)
        try:
            # TorchScript compiles on its first runs: nobody should wait for that but the start.
            for _ in range(WARM_UP_RUNS):
                await model.parse_known_sentence()
            yield {"settings": settings, "model": model}
        finally:
            model.close()

    app = DescribedApp(
        title="slotwise",
        version=version("slotwise"),
        summary="What a traveller says, as what a booking system needs.",
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
    )
    add_problem_handlers(app)
    app.include_router(router)
    return app
