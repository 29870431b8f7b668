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
COUNTED_DAYS = regex.compile(r"in .* (days|weeks?|months?|fortnight)\b")


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


def test_the_stands_inside_the_labels_of_names_and_of_a_day_without_its_month() -> None:
    times = [said.lower() for slot, said in labels() if slot.endswith("_time")]
    ordinal = r"(?:\d+|twenty|thirty)?[ -]?(?:st|nd|rd|th|first|second|third|\p{L}+th)"
    bare = regex.compile(ordinal + r"(?: (?:at|in|by|before|around|after) .*)?")
    with_article = [said for said in times if said.startswith("the ")]
    assert with_article
    assert [said for said in with_article if not bare.fullmatch(said.removeprefix("the "))] == []
    assert [said for said in times if bare.fullmatch(said)] == []
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
        ("connecting through", "stopover"),
        ("bound for", "destination"),
        ("and then on to", "destination"),
        ("starting in", "origin"),
        ("live in", "origin"),
    ],
)
def test_the_words_before_a_place_give_its_role(words: str, slot: str) -> None:
    roles = Counter(
        span.slot
        for symbol in ("start", "act", "acting", "trip", "town_story")
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


def test_a_trip_there_and_back_ends_with_the_return() -> None:
    for _, spans in sampled("there_and_back"):
        slots = [span.slot for span in spans if span.slot.endswith("_time")]
        assert slots == sorted(slots)  # departure_time, then return_time
        assert set(slots) == {"departure_time", "return_time"}


def test_the_article_of_a_quarter_stays_outside() -> None:
    spans = [
        (text, span) for leg in ("departing", "arriving", "returning") for text, all_ in sampled(leg) for span in all_
    ]
    said = [text[: span.start] for text, span in spans if text[span.start : span.end].startswith("quarter")]
    assert any(before.endswith(" a ") for before in said)
    assert not any(text[span.start : span.end].startswith("a quarter") for text, span in spans)


def test_names_that_begin_with_the_keep_it_and_others_do_not() -> None:
    places = [
        said for slot, said in labels("town_list") + labels("transit_request") if slot in ("destination", "origin")
    ]
    assert "The Hague" in places
    for common in ("airport", "train station", "nearest hotel", "closest bank"):
        assert common in places
        assert not any(said.lower() == f"the {common}".lower() for said in places)


def test_home_and_work_are_places_where_one_travels_to_or_from_them() -> None:
    seen = 0
    for symbol in ("ride", "reach"):
        for text, spans in sampled(symbol):
            for match in regex.finditer(r"(?:to|from) ((?:my )?(?:home|work|office|house))\b", text):
                assert any((span.start, span.end) == match.span(1) for span in spans), text
                seen += 1
    assert seen >= 20


def test_a_company_that_brings_a_driver_is_a_carrier() -> None:
    slots = {slot for slot, said in labels("a_ride") + labels("ride_request") if said in ("Uber", "Lyft")}
    assert slots == {"carrier"}


def test_the_2_of_thumbs_is_no_passenger() -> None:
    seen = 0
    for text, spans in sampled("town_text"):
        for match in regex.finditer(r"\b2 (?=the |be |get |go )", text):
            assert not any(span.start <= match.start() < span.end for span in spans), text
            seen += 1
        assert not any(text[span.start : span.end].startswith("2 ") for span in spans), text
    assert seen >= 20


@pytest.mark.parametrize("symbol", ["other", "chat", "lookalike"])
def test_what_is_no_trip_holds_nothing(symbol: str) -> None:
    assert labels(symbol) == []


@pytest.mark.parametrize(
    "words",
    [
        *("to", "from", "leave", "arrive", "return", "book", "departure", "one way", "first class", "economy"),
        *("train", "flight", "bus", "taxi", "plane", "ticket", "tickets", "people", "dollars", "adults", "under"),
    ],
)
def test_no_word_alone_decides_whether_a_sentence_travels(words: str) -> None:
    said = regex.compile(rf"\b{words}\b", regex.IGNORECASE)
    silent = {text for symbol in ("other", "lookalike") for text, _ in sampled(symbol) if said.search(text)}
    travelling = {text for text, spans in sampled() if spans and said.search(text)}
    assert min(len(silent), len(travelling)) >= 5


def test_no_sentence_is_said_both_with_labels_and_without() -> None:
    with_labels: set[str] = set()
    without: set[str] = set()
    for symbol in ("start", "turn", "other", "lookalike", "chat"):
        for text, spans in sampled(symbol):
            words = " ".join(token.text.casefold() for token in tokenize(text) if token.text.isalnum())
            (with_labels if spans else without).add(words)
    assert with_labels & without == set()


def test_a_number_of_a_flight_is_labelled_without_the_word_flight() -> None:
    said = [number for slot, number in labels("numbered") if slot == "vehicle_number"]
    assert said
    assert not any(word in number for number in said for word in ("flight", "train", "bus", "number"))
