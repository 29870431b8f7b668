"""The Chinese grammar yields sentences that keep to docs/labelling.md."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import regex

import data.grammar
from data.catalogue import load_catalogue
from data.grammar import Grammar
from data.names import name_leaves
from data.tags import Span, spans_to_tags
from data.tokens import tokenize

CHINESE = Path(data.grammar.__file__).parent / "grammars" / "zh"
TIMES = {"departure_time", "arrival_time", "return_time"}
Sample = tuple[str, list[Span]]


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return Grammar.load(CHINESE, name_leaves("zh"), joiner="")


@pytest.fixture(scope="module")
def samples(grammar: Grammar) -> list[Sample]:
    rng = Random(0)
    return [grammar.sample(rng) for _ in range(5_000)]


def said(samples: list[Sample], slots: set[str]) -> Iterator[str]:
    """What the spans of some slots cover."""
    return (text[span.start : span.end] for text, spans in samples for span in spans if span.slot in slots)


def wrong(phrases: Iterator[str], pattern: str) -> list[str]:
    return [phrase for phrase in phrases if regex.search(pattern, phrase)]


ALL = set(load_catalogue().slot_names)


def test_the_sentences_hold_all_slots_of_the_catalogue_and_no_other(samples: list[Sample]) -> None:
    assert {span.slot for _, spans in samples for span in spans} == ALL


def test_every_symbol_is_reached_from_those_that_are_sampled() -> None:
    lines = [line for file in CHINESE.glob("*.grammar") for line in file.read_text("utf-8").splitlines()]
    defined = {line.rstrip(":") for line in lines if regex.fullmatch(r"[a-z]\w*:", line)}
    used = {name for line in lines if line.startswith(" ") for name in regex.findall(r"<(\w+)", line)}
    assert defined - used == {"start", "unasked", *(f"answer_{slot}" for slot in ALL)}


def test_spans_begin_and_end_with_tokens(samples: list[Sample]) -> None:
    for text, spans in samples:
        if not regex.search(r"\d(?=[^\s\d]{0,2}\d)", text):  # digits of neighbours may grow together: T3 and 11.1
            spans_to_tags(tokenize(text), spans)


def test_less_than_one_sentence_in_a_thousand_is_lost_to_the_tokens(samples: list[Sample]) -> None:
    lost = 0
    for text, spans in samples:
        tokens = tokenize(text)
        starts, ends = {token.start for token in tokens}, {token.end for token in tokens}
        lost += any(span.start not in starts or span.end not in ends for span in spans)
    assert lost / len(samples) < 0.001


def test_prepositions_stay_outside(samples: list[Sample]) -> None:
    assert not wrong(said(samples, ALL), r"^(从(?!化|江)|到|去|在|往(?!返)|前往|离开)")  # 从化 and 从江 are towns


def test_bounds_after_a_time_stay_outside(samples: list[Sample]) -> None:
    assert not wrong(said(samples, TIMES), r"(以前|之前|左右|前后|出发|到达|之间)$")
    # 半小时后 is a time by its 后; 三点后 is not.
    assert not wrong(said(samples, TIMES), r"(?<![时钟天周期拜月])(以后|之后|(?<![以之午])后)$")


def test_spans_end_in_no_punctuation_but_a_closing_bracket(samples: list[Sample]) -> None:
    assert not wrong(said(samples, ALL), r"[，。？！：、,?! ]$|(?<!\b[A-Z])\.$")  # D.C. keeps its dot


def test_passengers_leave_the_measure_word_outside(samples: list[Sample]) -> None:
    assert not wrong(said(samples, {"passengers"}), r"^([一二两三四五六七八九十\d]+)(张|人|位|个人|个座)$")


def test_a_latest_hour_is_an_arrival(samples: list[Sample]) -> None:
    limited = {
        span.slot
        for text, spans in samples
        for span in spans
        if span.slot in TIMES and text[: span.start].endswith(("最晚", "最迟", "不迟于", "不晚于", "务必"))
    }
    assert limited == {"arrival_time"}


def test_lengths_of_a_stay_are_no_times(samples: list[Sample]) -> None:
    stays = [
        text
        for text, spans in samples
        if any(span.slot in TIMES and regex.search(r"[玩住待呆停]$", text[: span.start]) for span in spans)
    ]
    assert not stays


def test_the_nearest_of_a_kind_is_one_place(samples: list[Sample]) -> None:
    assert sum(place.startswith(("最近的", "附近的")) for place in said(samples, {"destination"})) > 5
    assert not [text for text, spans in samples for span in spans if text[: span.start].endswith(("最近的", "附近的"))]


def test_apps_are_no_slots(samples: list[Sample]) -> None:
    assert not wrong(said(samples, ALL), r"去哪|携程|飞猪|美团|12306|滴滴|高德|百度|优步|Uber")
    assert sum("去哪儿" in text for text, _ in samples) > 10


def test_a_quarter_of_the_sentences_holds_nothing(samples: list[Sample]) -> None:
    assert 0.22 < sum(not spans for _, spans in samples) / len(samples) < 0.30


def test_sentences_without_slots_name_times_and_places_too(samples: list[Sample]) -> None:
    empty = [text for text, spans in samples if not spans]
    assert sum(bool(regex.search(r"[点天周号月]|酒店|机场|公园", text)) for text in empty) > len(empty) / 4


def test_sentences_are_different(grammar: Grammar) -> None:
    rng = Random(1)
    assert len({grammar.sample(rng, "travel")[0] for _ in range(5_000)}) > 4_500
