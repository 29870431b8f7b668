"""The spans of a text to values: one for each span, and one combined for each slot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import regex

from data.catalogue import Catalogue, SlotType
from data.tags import Span
from model.values.counts import resolve_count
from model.values.places import NO_HINT, Hint, resolve_place, zone_of
from model.values.times.around import read_around
from model.values.times.expression import Bag, Part
from model.values.times.read import read_time
from model.values.times.resolve import Context, Reference, resolve_times
from model.values.value import Value

# A part of the day that is said of the trip and stands in no time: a morning train ... at 8. Greetings are none.
_PART = regex.compile(
    r"(?<!\bgood )\b(?:morning|afternoon|evening|night)\b|(?:早上|早晨|上午|中午|下午|傍晚|晚上|夜里|凌晨)(?!好)",
    regex.IGNORECASE,
)

# With [2] friends there are three travellers, with [2] seats two.
_THINGS = regex.compile(r"\s*(?:more )?(?:tickets?|seats?|个?座|张|票)\b", regex.IGNORECASE)


class Resolution(NamedTuple):
    """A value for each span, in the order of the spans, and the frame: one combined value a slot of the catalogue."""

    values: tuple[Value, ...]
    frame: dict[str, Any]


def resolve_spans(
    text: str, lang: str, spans: Sequence[Span], catalogue: Catalogue, reference: Reference, hint: Hint = NO_HINT
) -> Resolution:
    """Places first: a departure is told by the clock of its origin. Spans are in order of place. Pure."""
    by_kind: dict[str, list[Span]] = {}
    for span in spans:
        by_kind.setdefault(catalogue.slots[span.slot].kind, []).append(span)
    values: dict[Span, Value] = {span: _text_value(_said(text, span)) for span in by_kind.get("text", ())}
    values |= _place_values(text, by_kind.get("place", ()), hint)
    for span in by_kind.get("count", ()):
        before = "" if _THINGS.match(text, span.end) else text[: span.start]
        values[span] = resolve_count(_said(text, span), before)
    combined: dict[str, Value] = {}
    if "time" in by_kind:
        times, combined = _time_values(text, lang, by_kind["time"], catalogue, reference, values)
        values |= times
    frame: dict[str, Any] = {}
    for name, slot, own in _by_slot(spans, catalogue):
        found = [values[span] for span in own]
        if slot.list:
            frame[name] = found
        else:
            # A correction comes after what it corrects.
            frame[name] = combined.get(name) or (_sum(found) if slot.kind == "count" else None) or found[-1]
    return Resolution(tuple(values[span] for span in spans), frame)


def frame_of_texts(text: str, spans: Sequence[Span], catalogue: Catalogue) -> dict[str, Any]:
    """The frame without values: what was said for each slot."""

    def unvalued(kind: str, said: str) -> Value:
        return _text_value(said) if kind == "text" else {"type": kind, "text": said, "value": None}

    frame: dict[str, Any] = {}
    for name, slot, own in _by_slot(spans, catalogue):
        said = [_said(text, span) for span in own]
        if slot.list:
            frame[name] = [unvalued(slot.kind, one) for one in said]
        else:
            frame[name] = unvalued(slot.kind, " ".join(said) if slot.kind == "time" else said[-1])
    return frame


def _by_slot(spans: Sequence[Span], catalogue: Catalogue) -> Iterator[tuple[str, SlotType, list[Span]]]:
    """The slots that were said, in the order of the catalogue, with their spans."""
    own: dict[str, list[Span]] = {}
    for span in spans:
        own.setdefault(span.slot, []).append(span)
    for name, slot in catalogue.slots.items():
        if name in own:
            yield name, slot, own[name]


def _text_value(text: str) -> Value:
    return {"type": "text", "value": text}


def _said(text: str, span: Span) -> str:
    return text[span.start : span.end]


def _place_values(text: str, spans: Sequence[Span], hint: Hint) -> dict[Span, Value]:
    values = {span: resolve_place(_said(text, span), hint) for span in spans}
    if len(values) > 1:
        for span, value in list(values.items()):
            if value["status"] == "ambiguous":
                others = tuple(other for place, other in values.items() if place != span)
                values[span] = resolve_place(_said(text, span), replace(hint, others=others))
    return values


def _time_values(
    text: str,
    lang: str,
    spans: Sequence[Span],
    catalogue: Catalogue,
    reference: Reference,
    places: Mapping[Span, Value],
) -> tuple[dict[Span, Value], dict[str, Value]]:
    """The value of each span and the combined one of each slot; the departure comes first, the others count from it."""
    part = _part_elsewhere(text, spans, lang)
    values: dict[Span, Value] = {}
    combined: dict[str, Value] = {}
    departure: Value | None = None
    for name in sorted({span.slot for span in spans}, key=lambda name: catalogue.slots[name].leg != "departure"):
        slot = catalogue.slots[name]
        zones = [value.get("timezone") for place, value in places.items() if place.slot == slot.place]
        context = Context(
            place_zone=zones[-1] if zones else None,
            part=part,
            departure=departure,
            role=slot.leg,
            zone_of_place=zone_of,
        )
        own = [span for span in spans if span.slot == name]

        def value_of(said: Sequence[Span], context: Context = context) -> Value:
            words = " ".join(_said(text, span) for span in said)
            return resolve_times(read_around(text, said, lang), words, reference, context)

        combined[name] = value_of(own)
        values |= {span: value_of([span]) for span in own} if len(own) > 1 else {own[0]: combined[name]}
        if slot.leg == "departure":
            departure = combined[name]
    return values, combined


def _part_elsewhere(text: str, times: Sequence[Span], lang: str) -> Part | None:
    """The one part of the day that is named outside of the times."""
    found = [
        match.group()
        for match in _PART.finditer(text)
        if not any(span.start < match.end() and match.start() < span.end for span in times)
    ]
    read = [read_time(said, lang) for said in found]
    parts = {expression.part for expression in read if isinstance(expression, Bag)}
    return parts.pop() if len(parts) == 1 else None


def _sum(counts: Sequence[Value]) -> Value | None:
    """Counts of different travellers that stand apart: two adults ... and one child. None if they are not."""
    if len(counts) < 2 or any(count["breakdown"] is None for count in counts):
        return None
    totals = [{name: number for name, number in count["breakdown"].items() if number} for count in counts]
    if len(set().union(*totals)) < sum(map(len, totals)):
        return None
    breakdown = {name: sum(count["breakdown"][name] for count in counts) for name in counts[0]["breakdown"]}
    value = sum(count["value"] for count in counts)
    return counts[0] | {
        "text": " ".join(count["text"] for count in counts),
        "value": value,
        "minimum": value,
        "maximum": value,
        "breakdown": breakdown,
    }
