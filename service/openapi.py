"""The wire's models to OpenAPI: routes read and write JSON themselves, so they say here what it looks like.

Operations have the names of the routes' functions: that is what generated clients call them.
"""

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


TIMEOUT_HEADER = "X-Timeout-Ms"
_TIMEOUT = {
    "name": TIMEOUT_HEADER,
    "in": "header",
    "description": "how many milliseconds the answer is worth waiting for, at most SLOTWISE_TIMEOUT_SECONDS",
    "schema": {"type": "integer", "minimum": 1},
}
_RETRY_AFTER = {
    "Retry-After": {
        "description": "where the code is overloaded: seconds until what waits now is done",
        "schema": {"type": "integer"},
    }
}
# A service without keys asks for none, so no key is an alternative too.
_SECURITY: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def _content(model: type[BaseModel], media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}}


def request_body(model: type[BaseModel]) -> dict[str, Any]:
    """For a route's `openapi_extra`: the body, and the header that goes with it."""
    return {"requestBody": {"required": True} | _content(model), "parameters": [_TIMEOUT]}


def query_parameters(model: type[BaseModel]) -> dict[str, Any]:
    """For a route's `openapi_extra`; every field of the model may be left out."""
    fields = model.model_json_schema()["properties"]
    return {"parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()]}


def answers(model: type[BaseModel], problems: dict[int, str], good: int = 200) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: what it answers with status `good`, and the codes of its problems by status."""
    said: dict[int | str, dict[str, Any]] = {good: {"description": HTTPStatus(good).phrase} | _content(model)}
    for status, codes in problems.items():
        said[status] = {"description": codes} | _content(Problem, MEDIA_TYPE)
        if "overloaded" in codes:
            said[status]["headers"] = _RETRY_AFTER
    return said


class DescribedApp(FastAPI):
    """A FastAPI whose document also holds the keys, and the models that `answers` and `request_body` point to."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            _, schemas = models_json_schema(
                [(model, "validation") for model in _MODELS], ref_template="#/components/schemas/{model}"
            )
            document = super().openapi()
            components = document.setdefault("components", {})
            components.setdefault("schemas", {}).update(schemas["$defs"])
            components["securitySchemes"] = _SECURITY
            document["security"] = [{}, *({name: []} for name in _SECURITY)]
        return super().openapi()
