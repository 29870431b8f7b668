"""The endpoints: each takes a request, asks the model and answers with JSON."""

import time
from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from model.parser import Parse
from model.request import Request as ParserRequest
from service.body import json_body
from service.connection import LOST
from service.contract import (
    BatchAnswer,
    BatchRequest,
    CorrectionAnswer,
    CorrectionRequest,
    CorrectionsAnswer,
    CorrectionsQuery,
    ModelAnswer,
    ParseAnswer,
    ParseRequest,
    Status,
    batch_items_from_json,
    correction_request_from_json,
    parse_request_from_json,
    validated,
)
from service.corrections.correction import correction_of
from service.corrections.keeper import Keeper
from service.keys import Access
from service.openapi import TIMEOUT_HEADER, answers, query_parameters, request_body
from service.problems import (
    FieldProblem,
    InvalidRequestError,
    NotReadyError,
    ServiceError,
    shorten,
)
from service.serving import Serving

READY_SECONDS = 2.0

router = APIRouter()


class JsonResponse(JSONResponse):
    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


_BODY_PROBLEMS = {
    400: "invalid_json",
    401: "unauthorized",
    413: "body_too_large",
    415: "unsupported_media_type",
    500: "internal",
    503: "overloaded, model_failed",
    504: "deadline_exceeded",
}
_FIELD_CODES = "unknown_field, missing_field, invalid_type, invalid_value"
_TEXT_CODES = "empty_text, text_too_long, invalid_unicode"
_STORE_CODES = "corrections_unavailable, corrections_full"


@router.post(
    "/v1/parse",
    tags=["parse"],
    response_class=JsonResponse,
    responses=answers(ParseAnswer, _BODY_PROBLEMS | {422: f"{_FIELD_CODES}, {_TEXT_CODES}"}),
    openapi_extra=request_body(ParseRequest),
)
async def parse(request: Request) -> Response:
    """The slots of one text."""
    serving = _serving(request, "parse")
    serving.batcher.check_room()  # under overload, to refuse must cost less than to answer
    deadline = _deadline(request, serving)
    checked = parse_request_from_json(await json_body(request, serving.settings.max_body_bytes), serving.accepts)
    request.scope["state"]["text"] = checked.text
    [found] = await _parsed(request, serving, [checked.to_parser(serving.settings.timezone)], deadline)
    if isinstance(found, ServiceError):
        raise found
    request.scope["state"]["model_version"] = found.model.version
    request.scope["state"]["keeper"].sample(found, checked.requested_slot)
    return JsonResponse(found.to_dict())


@router.post(
    "/v1/parse/batch",
    tags=["parse"],
    response_class=JsonResponse,
    responses=answers(
        BatchAnswer, _BODY_PROBLEMS | {422: f"{_FIELD_CODES}, invalid_unicode, too_many_items (of the batch itself)"}
    ),
    openapi_extra=request_body(BatchRequest),
)
async def parse_batch(request: Request) -> Response:
    """The slots of many texts, in order. An item that is wrong gets `{"error": problem}` in its place."""
    serving = _serving(request, "parse")
    deadline = _deadline(request, serving)
    results: list[dict[str, Any]] = []
    good: dict[int, ParseRequest] = {}  # by place
    body = await json_body(request, serving.settings.max_body_bytes)
    for place, item in enumerate(batch_items_from_json(body, serving.settings.max_items)):
        try:
            good[place] = parse_request_from_json(item, serving.accepts)
            results.append({})
        except InvalidRequestError as error:
            results.append({"error": error.to_dict()})
    asked = [one.to_parser(serving.settings.timezone) for one in good.values()]
    found = await _parsed(request, serving, asked, deadline)
    for (place, checked), one in zip(good.items(), found, strict=True):
        if isinstance(one, ServiceError):
            results[place] = {"error": one.to_dict()}
        else:
            results[place] = one.to_dict()
            request.scope["state"]["keeper"].sample(one, checked.requested_slot)
    models = [one.model for one in found if isinstance(one, Parse)]
    return JsonResponse({"results": results, "model": (models or [serving.parser.model])[-1]._asdict()})


async def _parsed(
    request: Request, serving: Serving, asked: Sequence[ParserRequest], deadline: float
) -> list[Parse | ServiceError]:
    """What became of each text; raises what Batcher.parse raises."""
    sentences = [serving.parser.prepare(one) for one in asked]
    found = await serving.batcher.parse(sentences, deadline, request.scope.get("extensions", {}).get(LOST, _never))
    for one in found:
        if isinstance(one, Parse):
            serving.metrics.parsed(one.lang, [slot.confidence for slot in one.slots])
    return found


def _never() -> bool:
    return False


def _serving(request: Request, access: Access) -> Serving:
    """What serves, for those whose key allows it; raises UnauthorizedError, ForbiddenError."""
    state = request.scope["state"]
    state["keys"].check(access, request.scope["headers"])
    serving: Serving = state["serving"]
    return serving


def _deadline(request: Request, serving: Serving) -> float:
    """Of time.monotonic: what the header says, at most what the settings say."""
    allowed = serving.settings.timeout_seconds
    said = request.headers.get(TIMEOUT_HEADER)
    if said is not None:
        milliseconds = int(said[:9]) if said.isascii() and said.isdecimal() else 0
        if not milliseconds:
            detail = f"{TIMEOUT_HEADER} is {shorten(said)}; it must be whole milliseconds, 1 or more"
            raise InvalidRequestError([FieldProblem(field=TIMEOUT_HEADER, code="invalid_value", detail=detail)])
        allowed = min(allowed, milliseconds / 1000)
    return time.monotonic() + allowed


@router.post(
    "/v1/corrections",
    tags=["corrections"],
    response_class=JsonResponse,
    status_code=201,
    responses=answers(
        CorrectionAnswer,
        _BODY_PROBLEMS | {422: f"{_FIELD_CODES}, {_TEXT_CODES}", 503: f"{_STORE_CODES}, overloaded, model_failed"},
        good=201,
    ),
    openapi_extra=request_body(CorrectionRequest),
)
async def add_correction(request: Request) -> Response:
    """Store what the slots of a text should be, for a person to review. When this is answered it is on disk."""
    serving = _serving(request, "parse")
    state = request.scope["state"]
    keeper: Keeper = state["keeper"]
    keeper.check()
    deadline = _deadline(request, serving)
    body = await json_body(request, serving.settings.max_body_bytes)
    checked = correction_request_from_json(body, serving.accepts, serving.parser.catalogue)
    state["text"] = checked.text
    [found] = await _parsed(request, serving, [checked.to_parser()], deadline)
    if isinstance(found, ServiceError):
        raise found
    state["model_version"] = found.model.version
    who = state["keys"].name(request.scope["headers"])
    stored = await keeper.add(correction_of(found, checked.requested_slot, checked.spans, who, checked.note))
    return JsonResponse({"id": stored.id, "status": stored.status, "count": stored.count}, 201)


@router.get(
    "/v1/corrections",
    tags=["corrections"],
    response_class=JsonResponse,
    responses=answers(CorrectionsAnswer, {401: "unauthorized", 403: "forbidden", 422: _FIELD_CODES, 503: _STORE_CODES}),
    openapi_extra=query_parameters(CorrectionsQuery),
)
async def list_corrections(request: Request) -> Response:
    """Corrections by time, the oldest first. `next`, given as `after`, goes on where the list ends."""
    _serving(request, "admin")
    query = validated(CorrectionsQuery, dict(request.query_params), {})
    keeper: Keeper = request.scope["state"]["keeper"]
    found = await keeper.find(query.sampled, query.status, query.after, query.limit)
    more = found[-1].place if len(found) == query.limit else None
    return JsonResponse({"corrections": [one.to_dict() for one in found], "next": more})


@router.get(
    "/v1/model",
    tags=["model"],
    response_class=JsonResponse,
    responses=answers(ModelAnswer, {401: "unauthorized"}),
)
async def describe_model(request: Request) -> Response:
    """What the served model is: its name, version, slots, scores and what it was trained on."""
    return JsonResponse(_describe(_serving(request, "parse")))


@router.post(
    "/v1/model/reload",
    tags=["model"],
    response_class=JsonResponse,
    responses=answers(ModelAnswer, {401: "unauthorized", 403: "forbidden", 409: "bundle_refused"}),
)
async def reload_model(request: Request) -> Response:
    """Load the bundle's file again, check it, and serve it from the next batch on; no request is dropped.

    A bundle that cannot be loaded, or fails its own smoke sentences, is refused, and the old one serves on.
    """
    serving = _serving(request, "admin")
    await serving.reload()
    return JsonResponse(_describe(serving))


def _describe(serving: Serving) -> dict[str, Any]:
    parser = serving.parser
    return parser.manifest.model_dump(mode="json") | {"slots": parser.catalogue.model_dump(mode="json")["slots"]}


@router.get("/healthz", tags=["health"], response_class=JsonResponse, responses=answers(Status, {}))
async def healthz(request: Request) -> Response:
    """Whether the process answers."""
    return JsonResponse({"status": "ok"})


@router.get("/readyz", tags=["health"], response_class=JsonResponse, responses=answers(Status, {503: "not_ready"}))
async def readyz(request: Request) -> Response:
    """Whether the model answers: a known sentence is parsed."""
    serving: Serving = request.scope["state"]["serving"]
    if request.scope["state"]["draining"].is_set():
        raise NotReadyError("the service is about to end")
    try:
        await serving.parse_known_sentence(READY_SECONDS)
    except Exception as error:
        reason = error.detail if isinstance(error, ServiceError) else repr(error)
        raise NotReadyError(f"the model cannot parse a known sentence: {reason}") from None
    return JsonResponse({"status": "ready"})


@router.get("/metrics", tags=["health"], response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Prometheus metrics, of all workers together."""
    body, media_type = request.scope["state"]["serving"].metrics.render()
    return Response(body, media_type=media_type)
