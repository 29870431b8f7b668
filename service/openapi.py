"""The wire's models to OpenAPI: routes read and write JSON themselves, so they say here what it looks like."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service import contract
from service.problems import MEDIA_TYPE, Problem

_MODELS: tuple[type[BaseModel], ...] = (
    contract.ParseRequest,
    contract.BatchRequest,
    contract.ParseAnswer,
    contract.BatchAnswer,
    contract.ModelAnswer,
    contract.Status,
    Problem,
)


def _content(model: type[BaseModel], media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}}


def request_body(model: type[BaseModel]) -> dict[str, Any]:
    """For a route's `openapi_extra`."""
    return {"requestBody": {"required": True} | _content(model)}


def answers(model: type[BaseModel], problems: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: what it answers with 200, and the codes of its problems by status."""
    good: dict[int | str, dict[str, Any]] = {200: {"description": "OK"} | _content(model)}
    return good | {status: {"description": codes} | _content(Problem, MEDIA_TYPE) for status, codes in problems.items()}


class DescribedApp(FastAPI):
    """A FastAPI whose document also holds the models that `answers` and `request_body` point to."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            _, schemas = models_json_schema(
                [(model, "validation") for model in _MODELS], ref_template="#/components/schemas/{model}"
            )
            super().openapi().setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
        return super().openapi()
