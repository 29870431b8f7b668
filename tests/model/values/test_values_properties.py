import os
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data.catalogue import load_catalogue
from data.tags import Span
from model.values.frame import resolve_spans
from model.values.phrase import resolve_phrase
from model.values.times.resolve import Reference
from model.values.value import Value

KINDS = ("time", "place", "count")
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
_WORDS = """
next friday|this monday|tomorrow|day after|week|weeks|2|17|3rd|twenty seventh|november|dec 24|2027|early|late|mid|end of
morning|night|tonight|noon|midnight|am|5 pm|half past|quarter to|o'clock|08:30|from|to|until|by|before|after|between
and|or|in|of|the|on|at|within|for|nights|ago|later|from now|christmas|easter|thanksgiving|chinese new year|weekend
ET|GMT|london time|around|ish|every|anytime|12/5|1/13/27|2026-12-01|-|,|Paris|Texas|PEK|with|me|my wife|two|kids
adults|at least|up to|明天|后天|下周五|周六|这周末|下下周|十一|五一|春节|初五|腊月|农历|二十五号|十二月|明年
月底|上旬|早上|下午|凌晨|半夜|三点|半|一刻|8|点|到|至|以后|之前|前|后|两|三天|小时|周|内|住|晚|或者|最晚|左右|大概|北京|上海虹桥|站|机场|市|省
个人|张|大|小|带|我和
"""
WORDS = [word for line in _WORDS.split("\n") for word in line.split("|") if word]

texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map("".join),
    st.tuples(st.sampled_from(WORDS), st.integers(2, 200)).map(lambda repeated: (repeated[0] * repeated[1])[:200]),
)
references = st.builds(
    Reference,
    st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
)
many = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def moments(value: Value) -> tuple[datetime | None, datetime | None]:
    start, end = (side and datetime.fromisoformat(side) for side in (value["start"], value["end"]))
    return start, end


@pytest.mark.parametrize("kind", KINDS)
@many
@given(texts, st.sampled_from(("en", "zh", "en-GB")), references)
@example("31 april", "en", Reference(datetime(2026, 11, 20, tzinfo=UTC), "UTC"))
def test_any_text_gets_an_answer_of_the_contract(kind: str, text: str, lang: str, reference: Reference) -> None:
    value = resolve_phrase(kind, text, lang, reference)  # type: ignore[arg-type]
    assert value["type"] == kind
    assert value["text"] == text
    assert value["status"] in ("resolved", "ambiguous", "unresolved")
    assert len(value["alternatives"]) <= 4
    if value["status"] == "unresolved":
        assert value["value"] is None
        assert value["reason"]
    elif kind == "time":
        for answer in (value, *value["alternatives"]):
            start, end = moments(answer)
            assert start is None or start.tzinfo
            assert (start is None) == (answer["kind"] in ("before", "duration"))
            assert (end is None) == (answer["kind"] in ("after", "duration"))
            assert not (start and end) or start <= end
            assert (start == end and start is not None) == (answer["kind"] == "datetime")


@many
@given(texts, st.sampled_from(("en", "zh")), references)
def test_a_time_that_is_said_as_its_value_is_the_same_time(text: str, lang: str, reference: Reference) -> None:
    value = resolve_phrase("time", text, lang, reference)
    if value["status"] != "unresolved":
        placed = Reference(reference.now, value["timezone"] or reference.zone)
        again = resolve_phrase("time", value["value"], lang, placed)
        assert (again["kind"], again["value"], moments(again)) == (value["kind"], value["value"], moments(value))


@many
@given(texts, texts, texts, st.sampled_from(("en", "zh")), references)
def test_any_spans_of_any_text_get_a_frame(one: str, two: str, between: str, lang: str, reference: Reference) -> None:
    catalogue = load_catalogue()
    text = f"{one}{between}{two}"
    for first, second in (
        ("departure_time", "departure_time"),
        ("departure_time", "return_time"),
        ("origin", "passengers"),
    ):
        spans = [Span(first, 0, len(one)), Span(second, len(one) + len(between), len(text))]
        found = resolve_spans(text, lang, spans, catalogue, reference)
        assert set(found.frame) == {first, second}
        assert [value["text"] for value in found.values] == [one, two]


HANGS = 2.0  # seconds: answers take a few milliseconds at most, so this is no matter of a slow machine


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        *("1" * 200, "a" * 200, " " * 200, "十" * 200, "点" * 200, "个" * 200, "市" * 200, "-" * 200),
        *("at " * 66, "1:" * 100, "after " * 33, "3 days before " * 14, "到三点" * 66, "1/2/" * 50, "and two " * 25),
        *("two " * 50, "New York, " * 20, "St. " * 50),
    ],
)
def test_no_text_of_200_characters_hangs(kind: str, text: str) -> None:
    started = time.perf_counter()
    resolve_phrase(kind, text, "en", Reference(datetime(2026, 11, 20, 2, tzinfo=UTC), "UTC"))  # type: ignore[arg-type]
    assert time.perf_counter() - started < HANGS
