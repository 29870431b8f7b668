from datetime import UTC, datetime
from typing import Any

import pytest

from data.catalogue import load_catalogue
from data.tags import Span
from model.values.frame import frame_of_texts, resolve_spans
from model.values.times.resolve import Reference

FRIDAY = Reference(datetime(2026, 11, 20, 2, tzinfo=UTC), "Asia/Shanghai")


def spans_of(text: str, *said: tuple[str, str]) -> list[Span]:
    spans, at = [], 0
    for slot, words in said:
        start = text.index(words, at)
        at = start + len(words)
        spans.append(Span(slot, start, at))
    return spans


def frame(text: str, *said: tuple[str, str], lang: str = "en") -> dict[str, Any]:
    return resolve_spans(text, lang, spans_of(text, *said), load_catalogue(), FRIDAY).frame


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("leave after [6 pm]", "2026-11-20T18:00:00+08:00/.."),
        ("leave on [monday] from the north gate after [6 pm]", "2026-11-23T18:00:00+08:00/2026-11-24T00:00:00+08:00"),
        ("between [5] and [6 pm] on [monday]", "2026-11-23T17:00:00+08:00/2026-11-23T18:00:00+08:00"),
        ("on [saturday] or [sunday]", "2026-11-21"),
        ("on the [27th]", "2026-11-27"),
        ("[下午三点]以后出发", "2026-11-20T15:00:00+08:00/.."),
        ("[下午三点]起飞", "2026-11-20T15:00:00+08:00"),
        ("最晚[周日]走", "../2026-11-23"),
        # No day stands in a span: 8 o'clock of today has passed.
        ("a morning train, tomorrow around [8]", "2026-11-21T08:00:00+08:00"),
    ],
)
def test_words_around_and_between_spans_belong_to_the_time(text: str, value: str) -> None:
    words = [part.split("]")[0] for part in text.split("[")[1:]]
    plain = text.replace("[", "").replace("]", "")
    found = frame(
        plain, *(("departure_time", word) for word in words), lang="zh" if "走" in text or "点" in text else "en"
    )
    assert found["departure_time"]["value"] == value


def test_a_greeting_says_nothing_of_the_hour() -> None:
    said = ("departure_time", "tomorrow at 7")
    assert frame("good evening, a train tomorrow at 7", said)["departure_time"]["value"] == "2026-11-21T07:00:00+08:00"
    assert frame("an evening train tomorrow at 7", said)["departure_time"]["value"] == "2026-11-21T19:00:00+08:00"


def test_times_are_told_by_the_clocks_of_their_places() -> None:
    text = "from London at 9 am tomorrow, in Tokyo by 8 am on sunday, back on monday"
    said = [("origin", "London"), ("departure_time", "9 am tomorrow"), ("destination", "Tokyo")]
    found = frame(text, *said, ("arrival_time", "8 am on sunday"), ("return_time", "monday"))
    zones = {slot: found[slot]["timezone"] for slot in ("departure_time", "arrival_time", "return_time")}
    assert zones == {"departure_time": "Europe/London", "arrival_time": "Asia/Tokyo", "return_time": "Asia/Tokyo"}
    assert found["departure_time"]["value"] == "2026-11-21T09:00:00+00:00"
    assert found["arrival_time"]["value"] == "../2026-11-22T08:00:00+09:00"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("with [2] friends", 3),
        ("with [2] seats left", 2),
        ("for [3] people, no, [4] people", 4),
        ("[2 adults] and later [1 child]", 3),
    ],
)
def test_counts_see_the_words_beside_them_and_different_travellers_add_up(text: str, value: int) -> None:
    words = [part.split("]")[0] for part in text.split("[")[1:]]
    plain = text.replace("[", "").replace("]", "")
    assert frame(plain, *(("passengers", word) for word in words))["passengers"]["value"] == value


def test_the_other_places_of_a_sentence_decide_between_namesakes() -> None:
    alone = frame("to Valencia", ("destination", "Valencia"))["destination"]
    beside = frame("from Caracas to Valencia", ("origin", "Caracas"), ("destination", "Valencia"))["destination"]
    assert (alone["country"], beside["country"]) == ("ES", "VE")


def test_a_list_slot_keeps_its_order_and_a_frame_without_values_the_words() -> None:
    text = "to Rome via Vienna and Graz on monday"
    said = [("destination", "Rome"), ("stopover", "Vienna"), ("stopover", "Graz"), ("departure_time", "monday")]
    assert [place["name"] for place in frame(text, *said)["stopover"]] == ["Vienna", "Graz"]
    assert frame_of_texts(text, spans_of(text, *said), load_catalogue()) == {
        "destination": {"type": "place", "text": "Rome", "value": None},
        "stopover": [{"type": "place", "text": name, "value": None} for name in ("Vienna", "Graz")],
        "departure_time": {"type": "time", "text": "monday", "value": None},
    }
