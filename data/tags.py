"""Spans to BIO tags and back."""

from collections.abc import Sequence
from typing import NamedTuple

from data.tokens import Token

OUTSIDE = "O"


class Span(NamedTuple):
    """A slot and where it stands; `start` and `end` are code points into the text, half-open."""

    slot: str
    start: int
    end: int


class SpanError(ValueError):
    """A span that no sequence of tags can say."""


def tag_names(slots: Sequence[str]) -> list[str]:
    """All tags of a catalogue: O first, then B- and I- of each slot, so that B is odd and I = B + 1."""
    return [OUTSIDE, *(f"{prefix}-{slot}" for slot in slots for prefix in "BI")]


def spans_to_tags(tokens: Sequence[Token], spans: Sequence[Span]) -> list[str]:
    """One tag a token. A span that begins or ends inside a token, or overlaps another, raises SpanError."""
    starts = {token.start: index for index, token in enumerate(tokens)}
    ends = {token.end: index for index, token in enumerate(tokens)}
    tags = [OUTSIDE] * len(tokens)
    for span in spans:
        if span.start not in starts or span.end not in ends:
            raise SpanError(f"{span.slot} {span.start}-{span.end} begins or ends inside a token")
        first, last = starts[span.start], ends[span.end]
        if first > last:
            raise SpanError(f"{span.slot} {span.start}-{span.end} is empty")
        if any(tag != OUTSIDE for tag in tags[first : last + 1]):
            raise SpanError(f"{span.slot} {span.start}-{span.end} overlaps another span")
        tags[first] = f"B-{span.slot}"
        tags[first + 1 : last + 1] = [f"I-{span.slot}"] * (last - first)
    return tags


def tags_to_spans(tokens: Sequence[Token], tags: Sequence[str]) -> list[Span]:
    """Spans in order. An I- that continues nothing begins a span, as conlleval reads it."""
    spans: list[Span] = []
    open_slot: str | None = None
    for token, tag in zip(tokens, tags, strict=True):
        if tag == OUTSIDE:
            open_slot = None
            continue
        prefix, slot = tag.split("-", 1)
        if prefix == "I" and spans and open_slot == slot:
            spans[-1] = spans[-1]._replace(end=token.end)
        else:
            spans.append(Span(slot, token.start, token.end))
        open_slot = slot
    return spans
