"""What goes over the wire: JSON values to checked requests, and the shapes of the answers."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self, TypeVar, get_args

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from data.catalogue import Catalogue
from data.tags import Span
from data.text import MAX_CHARACTERS, TextError, check_text
from model.request import Request
from model.values.times.resolve import Reference
from service.clock import AwareDatetime, TimeZone
from service.corrections.correction import slot_problems
from service.problems import FieldProblem, InvalidRequestError, Problem, shorten
from service.strict_json import strings_of

if TYPE_CHECKING:  # torch is a second of import that values alone do without
    from model.parser import Parser

MAX_ERRORS = 10  # of one request: a body of a thousand wrong fields gets a short answer

_TEXT_CODES = {"empty_text", "text_too_long", "invalid_unicode"}  # of data.text.TextError


class Accepts(NamedTuple):
    """What the model at hand can take."""

    languages: Sequence[str]
    slots: Sequence[str]
    max_characters: int

    @classmethod
    def from_parser(cls, parser: "Parser", max_characters: int) -> Self:
        return cls(parser.manifest.languages, parser.catalogue.slot_names, max_characters)


def _checked_text(text: str, info: ValidationInfo[Accepts]) -> str:
    try:
        return check_text(text, info.context.max_characters)
    except TextError as error:
        raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail}) from None


def _one_of(value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise PydanticCustomError("invalid_value", "it must be one of {allowed}", {"allowed": ", ".join(allowed)})
    return value


_TextField = Annotated[str, AfterValidator(_checked_text)]
_Language = Annotated[str, AfterValidator(lambda value, info: _one_of(value, info.context.languages))]
_SlotName = Annotated[str, AfterValidator(lambda value, info: _one_of(value, info.context.slots))]


class ParseRequest(BaseModel):  # validated with an Accepts as context
    """One text to parse."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        json_schema_extra={"examples": [{"text": "arrive Taipei on November 2nd"}]},
    )

    text: _TextField = Field(description="what the traveller said: 1 to 2,000 characters, not only white space")
    lang: _Language | None = Field(
        None, description="a language of the model; found from the text where it is not given"
    )
    reference_time: AwareDatetime | None = Field(
        None, description="the moment of speaking, as 2026-11-20T10:00:00+08:00; by default the server's now"
    )
    timezone: TimeZone | None = Field(
        None,
        description="the speaker's IANA time zone, as Asia/Taipei; by default the offset of `reference_time`, without "
        "that SLOTWISE_TIMEZONE",
    )
    resolve: bool = Field(True, description="whether to give values to the slots")
    alternatives: int = Field(0, ge=0, le=10, description="how many other readings of each slot to list")
    requested_slot: _SlotName | None = Field(None, description="the slot that the traveller was just asked for")

    def to_parser(self, default_zone: str) -> Request:
        """What the parser is asked. `default_zone` is of a request without a clock."""
        reference = Reference.of(self.reference_time, self.timezone, default_zone) if self.resolve else None
        return Request(self.text, self.lang, reference, self.alternatives, self.requested_slot)


class BatchRequest(BaseModel):
    """Many texts at once. Each item is checked on its own: a bad one fails alone."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    items: list[Any] = Field(
        description="at most SLOTWISE_MAX_ITEMS (128), in any mix of languages",
        json_schema_extra={"items": {"$ref": "#/components/schemas/ParseRequest"}},
    )


class ModelName(BaseModel):
    """Which bundle answered."""

    name: str
    version: str


class ReadingAnswer(BaseModel):
    """Some words as a slot: `start` and `end` are code points into the text, half-open."""

    slot: str
    text: str
    start: int
    end: int
    confidence: float = Field(description="calibrated: of the slots said with 0.9, nine in ten are right")


class _ResolvedValue(BaseModel):
    """What all values but those of text have (model.values.value)."""

    text: str = Field(description="the words")
    status: Literal["resolved", "ambiguous", "unresolved"]
    kind: str | None = Field(description="what it is: date, interval, city, airport ...; null if unresolved")
    alternatives: list[dict[str, Any]] = Field(description="other readings, best first")
    assumptions: list[str] = Field(description="what was not said")
    reason: str | None = Field(description="why there is no value")
    partial: dict[str, Any] | None = Field(None, description="of an unresolved one: what was understood")


class TimeValue(_ResolvedValue):
    """A moment, a day, a span of time or a duration."""

    type: Literal["time"]
    value: str | None = Field(description="ISO 8601")
    start: str | None = Field(description="with offset; null where open, or a duration")
    end: str | None = Field(description="exclusive; null where open, or a duration")
    grain: str | None = Field(description="how exact it is: minute, hour, day, week ...")
    timezone: str | None = Field(description="by whose clock")


class PlaceValue(_ResolvedValue):
    """A city, an airport, a station, a region or a country."""

    type: Literal["place"]
    value: str | None = Field(description="as `name`")
    name: str | None
    country: str | None = Field(description="ISO 3166-1 alpha-2")
    admin1: str | None = Field(description="state or province")
    iata: list[str] | None = Field(description="its airports, the main one first")
    latitude: float | None
    longitude: float | None
    timezone: str | None
    match: str | None = Field(description="how its name was found: code, exact, alias or fuzzy")
    score: float | None


class CountValue(_ResolvedValue):
    """A number of people, seats or tickets."""

    type: Literal["count"]
    value: int | None
    minimum: int | None
    maximum: int | None
    breakdown: dict[str, int] | None = Field(description="adults, children, infants")


class TextValue(BaseModel):
    """Words that have no other value than themselves."""

    type: Literal["text"]
    value: str


class SlotAnswer(ReadingAnswer):
    """A slot that was found."""

    value: TimeValue | PlaceValue | CountValue | TextValue | None = Field(
        description="told apart by `type`; null without `resolve`"
    )
    alternatives: list[ReadingAnswer] = Field(description="other readings of about these words, the likeliest first")


class IntentAnswer(BaseModel):
    """What a sentence is for."""

    name: str
    confidence: float


class ParseAnswer(BaseModel):
    """A text, its slots in order of place, and one combined value for each slot."""

    text: str
    lang: str
    slots: list[SlotAnswer]
    frame: dict[str, Any] = Field(
        description="by slot: its combined value, in the form of a slot's; of a list slot all values in order"
    )
    model: ModelName
    ask: list[str] | None = Field(None, description="slots worth a question; only where other readings were asked for")
    intent: IntentAnswer | None = Field(None, description="what the sentence is for; only of models that tell it")


class FailedItem(BaseModel):
    """What stands in the place of an item that is wrong."""

    error: Problem


class BatchAnswer(BaseModel):
    """One result for each item, in order."""

    results: list[ParseAnswer | FailedItem]
    model: ModelName


class ModelAnswer(BaseModel):
    """The model that is served: its manifest and its slots."""

    name: str
    version: str
    languages: list[str]
    slots: dict[str, Any]
    architecture: dict[str, Any]
    torch: str
    created: date
    trained_on: dict[str, Any]
    scores: dict[str, Any]
    calibration: dict[str, Any]
    smoke: list[dict[str, Any]]
    credits: list[str]


class Status(BaseModel):
    """`ok` or `ready`."""

    status: str


class SlotRequest(BaseModel):
    """A slot and where it stands: code points into the text, half-open."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    slot: _SlotName
    start: int = Field(ge=0, le=MAX_CHARACTERS)
    end: int = Field(ge=0, le=MAX_CHARACTERS)


class CorrectionRequest(BaseModel):  # validated with an Accepts as context
    """A text with the slots that it should have."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    text: _TextField = Field(description="what the traveller said")
    lang: _Language = Field(description="a language of the model")
    slots: list[SlotRequest] = Field(max_length=50, description="all slots of the text, of whole words, or none")
    note: str | None = Field(None, max_length=1000, description="for whoever reviews it")
    requested_slot: _SlotName | None = Field(None, description="the slot that the traveller was just asked for")

    @property
    def spans(self) -> tuple[Span, ...]:
        """By place."""
        return tuple(sorted((Span(one.slot, one.start, one.end) for one in self.slots), key=lambda span: span[1:]))

    def to_parser(self) -> Request:
        """What the parser is asked, to compare."""
        return Request(self.text, self.lang, requested_slot=self.requested_slot)


class CorrectionsQuery(BaseModel):
    """Which corrections to list, from the query of a URL."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Literal["pending", "accepted", "rejected"] | None = None
    sampled: bool | None = Field(None, description="whether the service sampled them itself")
    after: str = Field("", pattern="^[0-9TZa-f:.-]{0,50}$", description="`next` of the list so far")
    limit: int = Field(100, ge=1, le=1000)


class CorrectionAnswer(BaseModel):
    """A correction that is stored. The same one always has the same id; `count` says how often it came."""

    id: str
    status: str
    count: int


class SpanAnswer(BaseModel):
    """A slot and where it stands: code points into the text, half-open."""

    slot: str
    start: int
    end: int


class SaidSpanAnswer(SpanAnswer):
    """A span that the model said."""

    confidence: float


class StoredCorrection(CorrectionAnswer):
    """A correction as those who review it see it."""

    sampled: bool
    text: str
    lang: str
    requested_slot: str | None
    slots: list[SpanAnswer]
    before: list[SaidSpanAnswer] = Field(description="what the model said")
    model: ModelName
    note: str | None
    who: str | None = Field(description="the beginning of the hash of the key that sent it")
    created: str = Field(description="ISO 8601, UTC")
    decided: str | None
    decided_by: str | None


class CorrectionsAnswer(BaseModel):
    """Corrections by time, and where the list goes on."""

    corrections: list[StoredCorrection]
    next: str | None


def correction_request_from_json(value: Any, accepts: Accepts, catalogue: Catalogue) -> CorrectionRequest:
    """One checked correction, or InvalidRequestError; its spans are held to what holds for rows to train on."""
    request = validated(CorrectionRequest, value, value, accepts)
    if problems := slot_problems(request.text, request.spans, catalogue):
        raise InvalidRequestError(
            [FieldProblem(field="slots", code="invalid_value", detail=problem) for problem in problems[:MAX_ERRORS]]
        )
    return request


def parse_request_from_json(value: Any, accepts: Accepts) -> ParseRequest:
    """One checked request, or InvalidRequestError that names every wrong field."""
    return validated(ParseRequest, value, value, accepts)


def batch_items_from_json(value: Any, max_items: int) -> list[Any]:
    """The unchecked items of a batch, or InvalidRequestError where the batch itself is wrong."""
    around = {name: item for name, item in value.items() if name != "items"} if isinstance(value, dict) else value
    items = validated(BatchRequest, value, around).items
    if len(items) > max_items:
        detail = f"there are {len(items)} items; the limit is {max_items}"
        raise InvalidRequestError([FieldProblem(field="items", code="too_many_items", detail=detail)])
    return items


_M = TypeVar("_M", bound=BaseModel)


def validated(model: type[_M], value: Any, must_be_unicode: Any, context: object = None) -> _M:
    """A checked model of a JSON value, or InvalidRequestError; lone surrogates are refused in `must_be_unicode`."""
    if not isinstance(value, dict):
        detail = f"it must be a JSON object, not {shorten(value)}"
        raise InvalidRequestError([FieldProblem(field="", code="invalid_type", detail=detail)])
    _refuse_surrogates(must_be_unicode)
    try:
        return model.model_validate(value, context=context)
    except ValidationError as error:
        # Unknown names first: a misspelt field is also a missing one, and the misspelling is what helps.
        wrong = sorted(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
        raise InvalidRequestError([_field_problem(one, model) for one in wrong[:MAX_ERRORS]]) from None


def _refuse_surrogates(fields: dict[str, Any]) -> None:
    with suppress(TypeError):
        orjson.dumps(fields)  # takes none, nor integers beyond 64 bits; what is left to find is which
        return
    for name, value in fields.items():
        for string in (name, *strings_of(value)):
            try:
                string.encode()
            except UnicodeEncodeError as error:
                code_point = f"U+{ord(string[error.start]):04X}"
                detail = f"{shorten(name)} holds the lone surrogate {code_point} at character {error.start}"
                field = name[:60].encode("utf-8", "backslashreplace").decode()
                raise InvalidRequestError([FieldProblem(field=field, code="invalid_unicode", detail=detail)]) from None


def _field_problem(error: ErrorDetails, model: type[BaseModel]) -> FieldProblem:
    *around, last = error["loc"]
    field = ".".join([*map(str, around), str(last)[:60]])
    kind = error["type"]
    if kind == "extra_forbidden":
        for name in around:
            if isinstance(name, str):  # else a place in that list
                [model] = get_args(model.model_fields[name].annotation)
        known = list(model.model_fields)
        near = get_close_matches(str(last)[:60].lower(), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"the fields are {', '.join(known)}"
        return FieldProblem(field=field, code="unknown_field", detail=f"unknown field {shorten(field)}; {hint}")
    if kind == "missing":
        return FieldProblem(field=field, code="missing_field", detail=f"the field {field!r} is missing")
    if kind in _TEXT_CODES:
        return FieldProblem(field=field, code=kind, detail=error["msg"])
    code = "invalid_type" if kind.endswith("_type") else "invalid_value"  # pydantic's kinds and ours alike
    message = error["msg"].replace("Input should", "it must")
    return FieldProblem(field=field, code=code, detail=f"{field} is {shorten(error['input'])}; {message}")
