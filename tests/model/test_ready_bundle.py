"""What the bundle in the repository must get right, whoever trained it and however."""

from pathlib import Path

import pytest

from model.parser import Parser

BUNDLE = Path(__file__).parents[2] / "model" / "bundles" / "travel.pt"


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser.load(BUNDLE)


def said(parser: Parser, text: str) -> list[tuple[str, str]]:
    return [(slot.slot, slot.text) for slot in parser.parse(text).slots]


@pytest.mark.parametrize("place", ["Taipei", "Timbuktu", "台北", "臺北", "Xyzzyville", "Ouagadougou"])
def test_the_same_place_is_destination_after_arrive_and_origin_after_leave(parser: Parser, place: str) -> None:
    arrive, leave = f"arrive {place} on November 2nd", f"leave {place} on November 2nd"
    assert said(parser, arrive) == [("destination", place), ("arrival_time", "November 2nd")]
    assert said(parser, leave) == [("origin", place), ("departure_time", "November 2nd")]
    assert said(parser, arrive.lower()) == [("destination", place.lower()), ("arrival_time", "november 2nd")]


def test_several_slots_in_chinese(parser: Parser) -> None:
    assert said(parser, "帮我订两张后天下午从北京到上海的高铁票") == [
        ("passengers", "两"),
        ("departure_time", "后天下午"),
        ("origin", "北京"),
        ("destination", "上海"),
        ("transport_mode", "高铁"),
    ]


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("is there a bus that gets me to Leeds by nine", [("destination", "Leeds"), ("arrival_time", "nine")]),
        ("fly to Oslo on the 6th", [("destination", "Oslo"), ("departure_time", "the 6th")]),
        (
            "fly to Oslo on the 6th of March after 5 pm",
            [("destination", "Oslo"), ("departure_time", "6th of March after 5 pm")],
        ),
        ("no, to Leeds, not from Leeds", [("destination", "Leeds"), ("origin", "Leeds")]),
        ("I need 4 tickets for March 11th.", [("passengers", "4"), ("departure_time", "March 11th")]),
        (
            "how do i get from bowery to cathedral parkway at ten thirty",
            [("origin", "bowery"), ("destination", "cathedral parkway"), ("departure_time", "ten thirty")],
        ),
        ("下午五点以后从青岛市去上海", [("departure_time", "下午五点"), ("origin", "青岛市"), ("destination", "上海")]),
    ],
)
def test_edges_and_roles_are_those_of_the_guideline(parser: Parser, text: str, slots: list[tuple[str, str]]) -> None:
    assert [slot for slot in said(parser, text) if slot[0] != "transport_mode"] == slots


@pytest.mark.parametrize(
    "text",
    [
        "Book a table for two at 7 pm in Napa.",
        "What's the weather in Oslo tomorrow?",
        "thank you very much",
        "明天天气怎么样",
        "附近有什么好吃的餐馆",
        "set an alarm for 6:30",
    ],
)
def test_what_is_no_travel_holds_nothing(parser: Parser, text: str) -> None:
    assert said(parser, text) == []


def answered(parser: Parser, text: str, asked: str | None) -> list[tuple[str, str]]:
    return [(slot.slot, slot.text) for slot in parser.parse(text, requested_slot=asked).slots]


@pytest.mark.parametrize("text", ["San Diego.", "san diego please", "Ouagadougou", "上海", "就杭州吧"])
def test_a_bare_place_is_what_was_asked_for_and_nothing_where_nothing_was(parser: Parser, text: str) -> None:
    for slot in ("destination", "origin"):
        [(found, _)] = answered(parser, text, slot)
        assert found == slot
    assert all(slot.confidence <= 0.7 for slot in parser.parse(text).slots)


@pytest.mark.parametrize("text", ["March 11th.", "tomorrow at 5 pm", "下周二", "明天下午三点"])
def test_a_bare_time_is_what_was_asked_for_and_nothing_where_nothing_was(parser: Parser, text: str) -> None:
    for slot in ("departure_time", "return_time"):
        assert answered(parser, text, slot) == [(slot, text.rstrip("."))]
    assert all(slot.confidence <= 0.7 for slot in parser.parse(text).slots)


@pytest.mark.parametrize(
    ("text", "asked", "slots"),
    [
        ("I leave from Boston", "destination", [("origin", "Boston")]),
        ("我从天津出发", "destination", [("origin", "天津")]),
        ("to Leeds, please", "origin", [("destination", "Leeds")]),
        ("two", "passengers", [("passengers", "two")]),
        ("三个人", "passengers", [("passengers", "三")]),
    ],
)
def test_words_that_say_their_role_win_over_the_question(
    parser: Parser, text: str, asked: str, slots: list[tuple[str, str]]
) -> None:
    assert answered(parser, text, asked) == slots


def test_the_bundle_is_small_and_credits_its_sources() -> None:
    assert BUNDLE.stat().st_size <= 16 * 2**20
    manifest = Parser.load(BUNDLE).manifest
    assert manifest.languages == ("en", "zh")
    for source in ("Schema-Guided Dialogue", "MultiWOZ", "CrossWOZ", "CLINC150", "SNIPS", "GeoNames"):
        assert any(source in credit for credit in manifest.credits)
    assert not any("atis" in source or "ood" in source for source in manifest.trained_on["rows"])
