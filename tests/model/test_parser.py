import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from data.generator import generate
from data.text import TextError
from data.tokens import tokenize
from model.bundle import Calibration, load_bundle
from model.parser import Parser, Slot, calibrated
from model.reading import bucketed
from model.request import Request
from model.spans import Reading
from model.values.times.resolve import Reference

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
TEXTS = [
    "to Oslo",
    "I would like two tickets from Leeds to the city of York on the 5th of March after 6 pm, please, returning Sunday",
    "帮我订两张后天下午从北京到上海的高铁票",
    "飞 New York 👍🏽",
    "e\u0301vora",
    "?",
]


@pytest.fixture(scope="module")
def parser(tiny_bundle: Path) -> Parser:
    return Parser.load(tiny_bundle)


def test_batch_mates_change_no_span_and_no_confidence(parser: Parser) -> None:
    together = parser.parse_batch(TEXTS * 3)
    for text, parse in zip(TEXTS * 3, together, strict=True):
        alone = parser.parse(text)
        assert [(slot.slot, slot.start, slot.end) for slot in parse.slots] == [
            (slot.slot, slot.start, slot.end) for slot in alone.slots
        ]
        for one, other in zip(parse.slots, alone.slots, strict=True):
            assert one.confidence == pytest.approx(other.confidence, abs=1e-3)


def test_the_shapes_that_a_gpu_is_given_change_no_span_and_no_confidence(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More sentences and longer ones than there are, here on the CPU."""
    parser = Parser.load(tiny_bundle, "cpu")
    requests = [Request(text, alternatives=2) for text in ("from Oslo to Paris tomorrow", "去北京", "to Rome in May")]
    expected = parser.parse_requests(requests)
    shapes = []
    tag = parser._tagger.tag

    def seen(table: torch.Tensor, forms: torch.Tensor, *others: torch.Tensor) -> tuple[torch.Tensor, ...]:
        shapes.append(tuple(forms.shape))
        return tag(table, forms, *others)  # type: ignore[no-any-return]

    monkeypatch.setattr(parser._reader, "_shape_of", bucketed)
    monkeypatch.setattr(parser, "_tagger", SimpleNamespace(tag=seen))
    for parse, same in zip(parser.parse_requests(requests), expected, strict=True):
        assert [(slot.slot, slot.start, slot.end) for slot in parse.slots] == [
            (slot.slot, slot.start, slot.end) for slot in same.slots
        ]
        assert [slot.confidence for slot in parse.slots] == pytest.approx([slot.confidence for slot in same.slots])
    assert any(parse.slots for parse in expected)
    assert shapes == [(4, 8)]


def test_values_count_from_the_clock_of_the_request(parser: Parser) -> None:
    def days(**clock: Any) -> set[str]:
        parse = parser.parse("fly to Oslo tomorrow", **clock)
        return {slot.value["value"] for slot in parse.slots if slot.text == "tomorrow" and slot.value}

    assert days(reference_time=NOW) == {"2026-11-21"}
    assert days(reference_time=NOW + timedelta(days=40)) == {"2026-12-31"}
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert days(reference_time=late, timezone="Asia/Taipei") == {"2026-11-22"}
    assert days(reference_time=late.astimezone(timezone(timedelta(hours=8)))) == {"2026-11-22"}
    assert days(resolve=False) == set()
    with pytest.raises(ValueError, match="Mars"):
        parser.parse("to Oslo", timezone="Mars")
    with pytest.raises(ValueError, match="offset"):
        parser.parse("to Oslo", reference_time=datetime(2026, 11, 20))


def test_a_text_without_a_reference_gets_no_values_whatever_its_batch_mates_get(parser: Parser) -> None:
    text = "fly to Oslo tomorrow"
    without, with_values = parser.parse_requests([Request(text), Request(text, reference=Reference(NOW, "UTC"))])
    assert [slot.value for slot in without.slots] == [None] * len(with_values.slots)
    assert without.frame["destination"] == {"type": "place", "text": "Oslo", "value": None}
    assert with_values.frame["destination"]["iata"] == ["OSL"]


def test_the_role_comes_from_the_words_around_the_place(parser: Parser) -> None:
    def roles(text: str) -> set[tuple[str, str]]:
        return {(slot.slot, slot.text) for slot in parser.parse(text).slots}

    assert ("destination", "Oslo") in roles("I want to go to Oslo.")
    assert ("origin", "Oslo") in roles("I want to leave from Oslo.")


def test_a_question_for_no_slot_of_the_catalogue_is_refused(parser: Parser) -> None:
    with pytest.raises(ValueError, match="requested_slot: 'hotel' is no slot; there are destination, origin"):
        parser.parse("Oslo", requested_slot="hotel")


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=80))
def test_any_text_gives_slots_inside_it_or_a_named_error(parser: Parser, text: str) -> None:
    if not text.strip():
        with pytest.raises(TextError):
            parser.parse(text)
        return
    parse = parser.parse(text)
    end = 0
    for slot in parse.slots:
        assert end <= slot.start < slot.end <= len(text)
        assert slot.text == text[slot.start : slot.end] == slot.text.strip()
        assert 0 < slot.confidence < 1
        end = slot.end


def test_what_is_no_text_is_refused_by_code(parser: Parser) -> None:
    for bad, code in ((" \n", "empty_text"), ("\ud800 to Oslo", "invalid_unicode"), ("x" * 2001, "text_too_long")):
        with pytest.raises(TextError) as caught:
            parser.parse_batch(["to Oslo", bad])
        assert caught.value.code == code


def test_no_texts_give_no_parses(parser: Parser) -> None:
    assert parser.parse_batch([]) == []


def test_the_language_is_the_callers_or_read_off_the_script(parser: Parser) -> None:
    assert parser.parse("去 Oslo").lang == "zh"
    assert parser.parse("to Oslo").lang == "en"
    assert parser.parse("Oslo", lang="zh").lang == "zh"


def test_the_answer_has_the_fields_of_the_contract(parser: Parser) -> None:
    text = "I want to go to Oslo via Rome and via Bonn."
    answer = parser.parse(text, reference_time=NOW, timezone="Europe/Oslo").to_dict()
    assert list(answer) == ["text", "lang", "slots", "frame", "model"]
    for slot in answer["slots"]:
        assert list(slot) == ["slot", "text", "start", "end", "confidence", "value", "alternatives"]
        assert slot["value"]["type"] in ("place", "time", "count", "text")
    assert isinstance(answer["frame"].get("stopover", []), list)
    assert answer["model"]["name"] == "tiny"


def test_other_readings_are_others_best_first_and_only_where_they_are_asked_for(parser: Parser) -> None:
    texts = [row.text for row in generate(60, seed=8)]
    counts = [number % 4 for number in range(60)]
    requests = [Request(text, alternatives=count) for text, count in zip(texts, counts, strict=True)]
    for count, parse in zip(counts, parser.parse_requests(requests), strict=True):
        assert (parse.ask is None) == (count == 0) == ("ask" not in parse.to_dict())
        for slot in parse.slots:
            readings = [(one.slot, one.start, one.end) for one in (slot, *slot.alternatives)]
            assert len(readings) == len(set(readings)) == count + 1
            assert all(start < slot.end and slot.start < end for _, start, end in readings)
            likely = [other.confidence for other in slot.alternatives]
            assert likely == sorted(likely, reverse=True)
            assert set(parse.ask or ()) >= ({slot.slot} if likely and likely[0] >= slot.confidence / 2 else set())
    alone = parser.parse(texts[3], resolve=False, alternatives=counts[3])
    assert [slot.slot for slot in alone.slots] == [slot.slot for slot in parser.parse(texts[3]).slots]


def test_an_explanation_says_what_each_word_outside_of_a_span_is_worth(parser: Parser) -> None:
    text = "I want to leave from Oslo."
    [(slot, effects)] = parser.explain(Request(text))
    assert (slot.slot, slot.text) == ("origin", "Oslo")
    assert [text[word.start : word.end] for word in effects] == ["I", "want", "to", "leave", "from", "."]
    strongest = max(effects, key=lambda word: word.effect)
    assert strongest.text in ("leave", "from")
    assert all(-1 <= word.effect <= 1 for word in effects)
    # What a word is worth is what the sentence without it says, where it says anything of Oslo.
    calibration = parser.manifest.calibration
    compared = 0
    for word in effects[:-1]:
        without = parser.parse(text.replace(f"{word.text} ", ""), resolve=False, alternatives=10)
        readings = [one for found in without.slots for one in (found, *found.alternatives)]
        if left := [one.confidence for one in readings if (one.slot, one.text) == ("origin", "Oslo")]:
            odds = (math.log(p / (1 - p)) for p in (slot.confidence, left[0]))
            before, after = (1 / (1 + math.exp((calibration.offset - one) / calibration.slope)) for one in odds)
            assert word.effect == pytest.approx(before - after, abs=0.02)
            compared += 1
    assert compared >= 2


def test_a_catalogue_may_let_prepositions_begin_a_slot(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle, "cpu")
    loose = replace(bundle, catalogue=bundle.catalogue.model_copy(update={"bare_edges": False}))
    tokens = tokenize("fly from Oslo today")
    texts = [
        Parser(one, torch.device("cpu"))._slot("fly from Oslo today", tokens, Reading(1, 1, 2, 0.9)).text
        for one in (bundle, loose)
    ]
    assert texts == ["Oslo", "from Oslo"]


def test_nothing_found_is_nothing_explained(parser: Parser) -> None:
    assert parser.explain(Request("?")) == []
    assert [effects for _, effects in parser.explain(Request("Oslo"))] in ([], [()])


def test_calibration_of_one_changes_nothing_and_keeps_order() -> None:
    assert calibrated(0.7, Calibration()) == pytest.approx(0.7)
    cool = Calibration(slope=0.5, offset=-0.1)
    assert calibrated(0.0, cool) < calibrated(0.6, cool) < calibrated(0.9, cool) < calibrated(1.0, cool) < 1


def test_a_span_is_said_only_where_a_slot_is_likely_at_all(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle, "cpu")
    texts = [row.text for row in generate(150, seed=3)]

    def said(asked: str | None = None, **presence: float) -> list[set[Slot]]:
        calibration = bundle.manifest.calibration.model_copy(update=presence)
        manifest = bundle.manifest.model_copy(update={"calibration": calibration})
        parses = Parser(replace(bundle, manifest=manifest), torch.device("cpu")).parse_requests(
            [Request(text, requested_slot=asked) for text in texts]
        )
        return [{replace(slot, confidence=0.0) for slot in parse.slots} for parse in parses]

    every, likely, none = said(min_presence=0), said(min_presence=0.95), said(min_presence=1.1)
    assert all(few <= many for few, many in zip(likely, every, strict=True))
    assert 0 < sum(map(len, likely)) < sum(map(len, every))
    assert not any(none)
    assert said(min_presence=0, min_presence_asked=1.1) == every
    assert not any(said("origin", min_presence=0, min_presence_asked=1.1))
