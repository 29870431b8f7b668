"""The English grammar: it reads, it covers every slot, and its labels keep the edges of docs/labelling.md."""

from collections import Counter
from functools import cache
from itertools import pairwise
from random import Random

import pytest
import regex

from data.catalogue import load_catalogue
from data.generator import GRAMMARS
from data.grammar import Grammar
from data.names import name_leaves
from data.rows import span_problems
from data.tags import Span, spans_to_tags
from data.tokens import tokenize

# Words that stay outside, and the way to count days that begins with one: [in two days].
OUTSIDE = regex.compile(
    r"(to|from|at|on|in|by|until|around|about|between|after|before|under|for|with|via|into|towards)\s"
)
COUNTED_DAYS = regex.compile(r"in .* (days|weeks?)\b")


@cache
def english() -> Grammar:
    return Grammar.load(GRAMMARS / "en", name_leaves("en"))


@cache
def sampled(symbol: str = "start", count: int = 5_000) -> list[tuple[str, list[Span]]]:
    rng = Random(f"english {symbol}")
    return [english().sample(rng, symbol) for _ in range(count)]


def labels(symbol: str = "start") -> list[tuple[str, str]]:
    """(slot, text said) of every span sampled."""
    return [(span.slot, text[span.start : span.end]) for text, spans in sampled(symbol) for span in spans]


def test_every_slot_of_the_catalogue_is_said_and_no_other() -> None:
    counts = Counter(slot for slot, _ in labels())
    assert set(counts) == set(load_catalogue().slots)
    assert min(counts.values()) >= 20


def test_about_a_quarter_of_the_sentences_hold_nothing() -> None:
    empty = sum(not spans for _, spans in sampled())
    assert 0.2 < empty / len(sampled()) < 0.3


def test_sentences_with_slots_are_hardly_ever_said_twice() -> None:
    texts = [text for text, spans in sampled() if spans]
    assert len(set(texts)) > 0.95 * len(texts)


def test_all_spans_can_be_said_in_tags() -> None:
    for text, spans in sampled():
        assert list(span_problems(text, spans)) == []
        spans_to_tags(tokenize(text), spans)


def test_no_label_begins_with_a_preposition() -> None:
    assert [said for _, said in labels() if OUTSIDE.match(said) and not COUNTED_DAYS.match(said)] == []


def test_the_stands_inside_the_labels_of_names_only() -> None:
    times = [said for slot, said in labels() if slot.endswith("_time") and said.lower().startswith("the ")]
    assert times == []
    counts = [said for slot, said in labels() if slot in ("passengers", "price", "travel_class", "transport_mode")]
    assert not any(said.lower().startswith("the ") for said in counts)


def test_no_label_ends_with_a_mark_but_that_of_a_shortened_word() -> None:
    for _, said in labels():
        assert said[-1] not in ",!?;:", said
        assert said[-1] != "." or said.count(".") > 1, said


def test_a_time_with_dots_never_meets_the_full_stop() -> None:
    assert not any(text.endswith("m..") for text, _ in sampled())


@pytest.mark.parametrize(
    ("words", "slot"),
    [
        ("leave for", "destination"),
        ("depart for", "destination"),
        ("return to", "destination"),
        ("leave from", "origin"),
        ("depart from", "origin"),
        ("starting from", "origin"),
        ("flying out of", "origin"),
        ("leaving for", "destination"),
        ("leaving from", "origin"),
        ("with a stop in", "stopover"),
        ("via", "stopover"),
    ],
)
def test_the_words_before_a_place_give_its_role(words: str, slot: str) -> None:
    roles = Counter(
        span.slot
        for symbol in ("start", "act", "acting", "trip")
        for text, spans in sampled(symbol)
        for span in spans
        if text[: span.start].lower().endswith(words + " ") and span.slot in ("destination", "origin", "stopover")
    )
    assert set(roles) == {slot}
    assert roles[slot] >= 5


def test_what_one_leaves_is_the_origin_and_what_one_leaves_it_for_the_destination() -> None:
    seen = 0
    for text, spans in sampled("act"):
        for left, right in pairwise(spans):
            if (
                text[: left.start].endswith("leave ")
                and text[left.end : right.start] == " for "
                and right.slot == "destination"
            ):
                assert left.slot in ("origin", "departure_time")
                seen += left.slot == "origin"
    assert seen >= 5


@pytest.mark.parametrize(
    ("symbol", "slot"),
    [("departing", "departure_time"), ("arriving", "arrival_time"), ("returning", "return_time")],
)
def test_the_times_of_a_leg_bear_its_slot_alone(symbol: str, slot: str) -> None:
    assert {said for said, _ in labels(symbol)} == {slot}


@pytest.mark.parametrize("symbol", ["other", "chat", "lookalike"])
def test_what_is_no_trip_holds_nothing(symbol: str) -> None:
    assert labels(symbol) == []


def test_a_number_of_a_flight_is_labelled_without_the_word_flight() -> None:
    said = [number for slot, number in labels("numbered") if slot == "vehicle_number"]
    assert said
    assert not any(word in number for number in said for word in ("flight", "train", "bus", "number"))
