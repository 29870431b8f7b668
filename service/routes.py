"""The endpoints: each takes a checked request, asks the model and answers with JSON."""

import asyncio
import logging
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from service.body import json_body
from service.contract import (
    Accepts,
    BatchAnswer,
    BatchRequest,
    ModelAnswer,
    ParseAnswer,
    ParseRequest,
    Status,
    batch_items_from_json,
    parse_request_from_json,
)
from service.model_thread import ModelThread
from service.openapi import answers, request_body
from service.problems import InvalidRequestError, NotReadyError
from service.settings import Settings

READY_SECONDS = 5.0

logger = logging.getLogger("slotwise")
router = APIRouter()


class JsonResponse(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


async def settings_of(request: Request) -> Settings:
    settings: Settings = request.state.settings
    return settings


async def model_of(request: Request) -> ModelThread:
    model: ModelThread = request.state.model
    return model


JsonBody = Annotated[Any, Depends(json_body)]
SettingsOf = Annotated[Settings, Depends(settings_of)]
ModelOf = Annotated[ModelThread, Depends(model_of)]

_BODY_PROBLEMS = {
    400: "invalid_json",
    413: "body_too_large",
    415: "unsupported_media_type",
    500: "internal",
}
_FIELD_CODES = "unknown_field, missing_field, invalid_type, invalid_value"
_TEXT_CODES = "empty_text, text_too_long, invalid_unicode"


@router.post(
    "/v1/parse",
    tags=["parse"],
    response_class=JsonResponse,
    responses=answers(ParseAnswer, _BODY_PROBLEMS | {422: f"{_FIELD_CODES}, {_TEXT_CODES}"}),
    openapi_extra=request_body(ParseRequest),
)
async def parse(body: JsonBody, settings: SettingsOf, model: ModelOf) -> Response:
    """The slots of one text."""
    request = parse_request_from_json(body, Accepts.from_parser(model.parser, settings.max_characters))
    found = await model.parse([request.to_parser(settings.timezone)])
    return JsonResponse(found[0].to_dict())


@router.post(
    "/v1/parse/batch",
    tags=["parse"],
    response_class=JsonResponse,
    responses=answers(
        BatchAnswer, _BODY_PROBLEMS | {422: f"{_FIELD_CODES}, invalid_unicode, too_many_items (of the batch itself)"}
    ),
    openapi_extra=request_body(BatchRequest),
)
async def parse_batch(body: JsonBody, settings: SettingsOf, model: ModelOf) -> Response:
    """The slots of many texts, in order. An item that is wrong gets `{"error": problem}` in its place."""
    accepts = Accepts.from_parser(model.parser, settings.max_characters)
    results: list[dict[str, Any]] = []
    good: dict[int, ParseRequest] = {}  # by place
    for place, item in enumerate(batch_items_from_json(body, settings.max_items)):
        try:
            good[place] = parse_request_from_json(item, accepts)
            results.append({})
        except InvalidRequestError as error:
            results.append({"error": error.to_dict()})
    found = await model.parse([request.to_parser(settings.timezone) for request in good.values()])
    for place, parsed in zip(good, found, strict=True):
        results[place] = parsed.to_dict()
    manifest = model.parser.manifest
    return JsonResponse({"results": results, "model": {"name": manifest.name, "version": manifest.version}})


@router.get("/v1/model", tags=["model"], response_class=JsonResponse, responses=answers(ModelAnswer, {}))
async def describe_model(model: ModelOf) -> Response:
    """What the served model is: its name, version, slots, scores and what it was trained on."""
    manifest = model.parser.manifest.model_dump(mode="json")
    return JsonResponse(manifest | {"slots": model.parser.catalogue.model_dump(mode="json")["slots"]})


@router.get("/healthz", tags=["health"], response_class=JsonResponse, responses=answers(Status, {}))
async def healthz() -> Response:
    """Whether the process answers."""
    return JsonResponse({"status": "ok"})


@router.get("/readyz", tags=["health"], response_class=JsonResponse, responses=answers(Status, {503: "not_ready"}))
async def readyz(model: ModelOf) -> Response:
    """Whether the model answers: a known sentence is parsed."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await model.parse_known_sentence()
    except TimeoutError:
        raise NotReadyError(f"the model did not answer within {READY_SECONDS:g} seconds") from None
    except Exception:
        logger.exception("the model cannot parse a known sentence")
        raise NotReadyError("the model cannot parse a known sentence; the reason is in the log") from None
    return JsonResponse({"status": "ready"})
