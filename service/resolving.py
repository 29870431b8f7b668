"""Rows with a phrase, or with a text and its spans, to the same rows with values."""

from collections.abc import Iterator, Sequence
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
from service.clock import AwareDatetime, TimeZone
from service.contract import validated
from service.jobs.answers import Job
from service.jobs.rows import Fields
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


def phrase_from_json(fields: Fields) -> PhraseRow:
    """A checked row, or InvalidRequestError."""
    return validated(PhraseRow, fields, {"phrase": fields.get("phrase")})


def value_of(row: PhraseRow, timezone: str) -> Value:
    """`timezone` is of a row that names no clock."""
    return resolve_phrase(row.kind, row.phrase, row.lang, row.reference_at(timezone), row.place_hint, row.before)


def phrases_job(timezone: str) -> Job[PhraseRow]:
    """Rows of `kind` and `phrase` get `value`; unresolved is a value."""

    def answer(rows: Sequence[PhraseRow]) -> Iterator[Fields]:
        for row in rows:
            yield {"value": value_of(row, timezone)}

    return Job(phrase_from_json, answer, {"value": None})


def spans_job(catalogue: Catalogue, timezone: str) -> Job[SpansRow]:
    """Rows of `text` and `slots` get `frame`."""

    def check(fields: Fields) -> SpansRow:
        row = validated(SpansRow, fields, {"text": fields.get("text")})
        unknown = [f"unknown slot {span.slot!r}" for span in row.spans if span.slot not in catalogue.slots]
        if problems := unknown + list(span_problems(row.text, row.spans)):
            raise InvalidRequestError([FieldProblem(field="slots", code="invalid_value", detail=problems[0])])
        return row

    def answer(rows: Sequence[SpansRow]) -> Iterator[Fields]:
        for row in rows:
            reference = row.reference_at(timezone)
            yield {"frame": resolve_spans(row.text, row.lang, row.spans, catalogue, reference, row.place_hint).frame}

    return Job(check, answer, {"frame": {}})
