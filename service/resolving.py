"""Rows with a phrase, or with a text and its spans, to the same rows with values."""

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from data.catalogue import Catalogue
from data.rows import span_problems
from data.tags import Span
from model.values.frame import resolve_spans
from model.values.phrase import resolve_phrase
from model.values.places import Hint
from model.values.times.resolve import Reference
from model.values.value import Kind, Value
from service.contract import AwareDatetime, TimeZone, validated
from service.jobs import Fields, Job, Summary, run_job
from service.problems import FieldProblem, InvalidRequestError


def _hint(value: object) -> object:
    """A country's code alone is short for {"country": code}."""
    return {"country": value} if isinstance(value, str) else value


class CountryHint(BaseModel):
    """Where a place is likely to be."""

    model_config = ConfigDict(frozen=True, strict=True)

    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")


class _Row(BaseModel):
    """The fields of a row that matter; the others are only kept."""

    model_config = ConfigDict(frozen=True, strict=True)

    lang: str = "en"
    reference: AwareDatetime | None = None
    timezone: TimeZone | None = None
    hint: Annotated[CountryHint, BeforeValidator(_hint)] | None = None

    def reference_at(self, default_zone: str) -> Reference:
        return Reference.of(self.reference, self.timezone, default_zone)

    @property
    def place_hint(self) -> Hint:
        return Hint(self.hint.country if self.hint else None)


class PhraseRow(_Row):
    """One phrase of a known kind; `before` is the text in front of it."""

    kind: Kind
    phrase: str
    before: str = ""


class _SpanFields(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    slot: str
    start: int
    end: int


class SpansRow(_Row):
    """A labelled sentence."""

    text: str
    slots: list[_SpanFields]

    @property
    def spans(self) -> list[Span]:
        return sorted((Span(one.slot, one.start, one.end) for one in self.slots), key=lambda span: span.start)


def value_of(fields: Fields, timezone: str) -> Value:
    """The value of one row of `kind` and `phrase`; raises InvalidRequestError."""
    row = validated(PhraseRow, fields, {"phrase": fields.get("phrase")})
    reference = row.reference_at(timezone)
    return resolve_phrase(row.kind, row.phrase, row.lang, reference, row.place_hint, row.before)


def resolve_phrases(
    inputs: Sequence[str], output: str, timezone: str, progress: Callable[[int], object] = lambda size: None
) -> Summary:
    """Rows of `kind` and `phrase` get `value`; unresolved is a value. `timezone` is of rows that name no clock."""

    def check(fields: Fields) -> Fields:
        return {"value": value_of(fields, timezone)}

    return run_job(Job(check, iter, {"value": None}), inputs, output, progress)


def resolve_labelled(
    inputs: Sequence[str],
    output: str,
    catalogue: Catalogue,
    timezone: str,
    progress: Callable[[int], object] = lambda size: None,
) -> Summary:
    """Rows of `text` and `slots` get `frame`. `timezone` as above."""

    def check(fields: Fields) -> Fields:
        row = validated(SpansRow, fields, {"text": fields.get("text")})
        unknown = [f"unknown slot {span.slot!r}" for span in row.spans if span.slot not in catalogue.slots]
        if problems := unknown + list(span_problems(row.text, row.spans)):
            raise InvalidRequestError([FieldProblem(field="slots", code="invalid_value", detail=problems[0])])
        reference = row.reference_at(timezone)
        return {"frame": resolve_spans(row.text, row.lang, row.spans, catalogue, reference, row.place_hint).frame}

    return run_job(Job(check, iter, {"frame": {}}), inputs, output, progress)
