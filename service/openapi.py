"""The wire's models to OpenAPI: routes read and write JSON themselves, so they say here what it looks like."""

from http import HTTPStatus
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
    contract.CorrectionRequest,
    contract.CorrectionAnswer,
    contract.CorrectionsAnswer,
    Problem,
)


def _content(model: type[BaseModel], media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}}


def request_body(model: type[BaseModel]) -> dict[str, Any]:
    """For a route's `openapi_extra`."""
    return {"requestBody": {"required": True} | _content(model)}


def query_parameters(model: type[BaseModel]) -> dict[str, Any]:
    """For a route's `openapi_extra`; every field of the model may be left out."""
    fields = model.model_json_schema()["properties"]
    return {"parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()]}


def answers(model: type[BaseModel], problems: dict[int, str], good: int = 200) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: what it answers with status `good`, and the codes of its problems by status."""
    said: dict[int | str, dict[str, Any]] = {good: {"description": HTTPStatus(good).phrase} | _content(model)}
    return said | {status: {"description": codes} | _content(Problem, MEDIA_TYPE) for status, codes in problems.items()}


class DescribedApp(FastAPI):
    """A FastAPI whose document also holds the models that `answers` and `request_body` point to."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            _, schemas = models_json_schema(
                [(model, "validation") for model in _MODELS], ref_template="#/components/schemas/{model}"
            )
            super().openapi().setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
        return super().openapi()
