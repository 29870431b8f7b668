from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.tags import Span, SpanError, spans_to_tags, tag_names, tags_to_spans
from data.tokens import tokenize

TEXT = "from Leeds to New York on 2nd May"
TOKENS = tokenize(TEXT)


@st.composite
def spans_over(draw: st.DrawFn) -> list[Span]:
    """Spans that begin and end with tokens of TEXT, in order, without overlap."""
    edges = draw(st.lists(st.integers(0, len(TOKENS)), unique=True).map(sorted))
    return [
        Span(draw(st.sampled_from(["origin", "destination"])), TOKENS[first].start, TOKENS[behind - 1].end)
        for first, behind in pairwise(edges)
        if draw(st.booleans())
    ]


@given(spans_over())
def test_spans_come_back_from_their_tags(spans: list[Span]) -> None:
    assert tags_to_spans(TOKENS, spans_to_tags(TOKENS, spans)) == spans


@given(st.lists(st.sampled_from(tag_names(["a", "b"])), min_size=len(TOKENS), max_size=len(TOKENS)))
def test_any_tags_give_spans_that_tags_can_say(tags: list[str]) -> None:
    spans = tags_to_spans(TOKENS, tags)
    again = spans_to_tags(TOKENS, spans)
    assert tags_to_spans(TOKENS, again) == spans
    assert [tag == "O" for tag in again] == [tag == "O" for tag in tags]


def test_the_order_of_spans_makes_no_difference() -> None:
    spans = [Span("origin", 5, 10), Span("destination", 14, 22)]
    assert spans_to_tags(TOKENS, spans) == spans_to_tags(TOKENS, spans[::-1])


def test_two_spans_of_one_slot_side_by_side_stay_two() -> None:
    tags = spans_to_tags(tokenize("New York"), [Span("a", 0, 3), Span("a", 4, 8)])
    assert tags == ["B-a", "B-a"]
    assert tags_to_spans(tokenize("New York"), tags) == [Span("a", 0, 3), Span("a", 4, 8)]


def test_an_inside_tag_that_continues_nothing_begins_a_span() -> None:
    assert tags_to_spans(tokenize("a b c"), ["I-x", "I-y", "I-y"]) == [Span("x", 0, 1), Span("y", 2, 5)]


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([Span("a", 6, 10)], "a 6-10 begins or ends inside a token"),
        ([Span("a", 5, 9)], "a 5-9 begins or ends inside a token"),
        ([Span("a", 26, 27), Span("b", 26, 29)], "b 26-29 overlaps another span"),
        ([Span("a", 11, 10)], "a 11-10 is empty"),
    ],
)
def test_a_span_that_no_tags_can_say_is_refused(spans: list[Span], reason: str) -> None:
    with pytest.raises(SpanError) as error:
        spans_to_tags(TOKENS, spans)
    assert str(error.value) == reason


def test_tags_and_tokens_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="shorter"):
        tags_to_spans(TOKENS, ["O"])


def test_outside_is_the_first_tag_and_inside_follows_its_begin() -> None:
    assert tag_names(["a", "b"]) == ["O", "B-a", "I-a", "B-b", "I-b"]
