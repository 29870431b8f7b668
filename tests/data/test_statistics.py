import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rows import Row
from data.statistics import RowStatistics, SlotStatistics, rows_to_statistics
from data.tags import Span


def _styles(*texts: str) -> dict[str, float]:
    return rows_to_statistics([Row("1", text, "en") for text in texts]).styles


def test_rows_are_counted_by_language_slot_length_order_and_style() -> None:
    rows = [
        Row("1", "from Leeds to York", "en", (Span("origin", 5, 10), Span("destination", 14, 18))),
        Row("2", "to leeds", "en", (Span("destination", 3, 8),)),
        Row("3", "Hi. To LEEDS?", "en", (Span("destination", 7, 12),)),
        Row("4", "你好", "zh"),
    ]
    assert rows_to_statistics(rows) == RowStatistics(
        rows=4,
        languages={"en": 3, "zh": 1},
        without_slots=0.25,
        mean_tokens=3.25,
        slots={"destination": SlotStatistics(3, 2), "origin": SlotStatistics(1, 1)},
        slots_per_row={0: 1, 1: 2, 2: 1},
        token_percentiles={10: 2, 50: 2, 90: 5},
        slot_orders={"destination": 2 / 3, "origin destination": 1 / 3},
        styles={
            "small_letters": 0.25,
            "without_punctuation": 0.75,
            "question_mark": 0.25,
            "several_sentences": 0.25,
        },
    )


def test_no_rows_have_statistics_too() -> None:
    statistics = rows_to_statistics([])
    assert (statistics.rows, statistics.without_slots, statistics.mean_tokens) == (0, 0.0, 0.0)
    assert (statistics.token_percentiles, statistics.slot_orders) == ({}, {})
    assert set(statistics.styles.values()) == {0.0}


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_a_percentile_is_the_row_at_that_rank(lengths: list[int]) -> None:
    rows = [Row(str(number), "a " * length, "en") for number, length in enumerate(lengths)]
    found = rows_to_statistics(rows).token_percentiles
    assert found == {n: sorted(lengths)[math.ceil(n * len(lengths) / 100) - 1] for n in (10, 50, 90)}


def test_only_the_most_frequent_slot_orders_are_listed() -> None:
    rows = [Row("1", "a b", "en", (Span(f"slot{number}", 0, 1),)) for number in range(12) for _ in range(number)]
    orders = rows_to_statistics(rows).slot_orders
    assert list(orders) == [f"slot{number}" for number in range(11, 1, -1)]
    assert orders["slot11"] == 11 / 66


@pytest.mark.parametrize(
    "text", ["to leeds", "i'd leave at 10:30", "a one-way trip for 3.5 or 1,200", "去北京", "12:30从上海出发"]
)
def test_marks_inside_a_word_or_a_number_are_no_punctuation(text: str) -> None:
    assert _styles(text)["without_punctuation"] == 1


@pytest.mark.parametrize(
    "text", ["to leeds.", "so, to leeds", "to leeds?", "at 10 a.m.", "你好，去北京", "你好,去北京"]
)
def test_other_marks_are_punctuation(text: str) -> None:
    assert _styles(text)["without_punctuation"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "Hi. To Leeds",
        "From NYC. To LA. At 5",
        "to leeds! thanks",
        "On March 3. I leave",
        "你好。去北京",
        "好吗？去北京。",
    ],
)
def test_an_end_mark_with_words_behind_it_makes_several_sentences(text: str) -> None:
    assert _styles(text)["several_sentences"] == 1


@pytest.mark.parametrize(
    "text",
    ["To Leeds.", "To St. Louis!", "At 10 a.m. on Friday", "Well... yes", "for J. Smith", "3.5 km", "去北京。", "Hi."],
)
def test_an_end_mark_in_a_name_or_at_the_end_makes_one(text: str) -> None:
    assert _styles(text)["several_sentences"] == 0


def test_small_letters_need_letters_with_a_case() -> None:
    assert _styles("to leeds", "To leeds", "12:30", "去北京", "坐ktx去")["small_letters"] == 2 / 5


def test_a_question_has_a_question_mark_of_any_width() -> None:
    assert _styles("ok?", "走吗？", "is it far", "To Leeds")["question_mark"] == 0.5
