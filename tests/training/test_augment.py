from random import Random

from data.catalogue import load_catalogue
from data.rows import Row, span_problems
from data.tags import Span, spans_to_tags
from data.tokens import tokenize
from training.augment import changed_copies

CATALOGUE = load_catalogue()
TEXT = "I want two tickets from Leeds to York on Monday, please."
ROW = Row(
    "r",
    TEXT,
    "en",
    (Span("passengers", 7, 10), Span("origin", 24, 29), Span("destination", 33, 37), Span("departure_time", 41, 47)),
    labelled=("origin", "destination", "departure_time", "passengers"),
    extra={"source": "real"},
)


def copies(row: Row, count: int) -> list[Row]:
    return changed_copies(Random(1), row, CATALOGUE, count)


def test_a_copy_says_the_same_slots_in_the_same_order_about_other_places() -> None:
    origins = set()
    for copy in copies(ROW, 100):
        assert [span.slot for span in copy.slots] == [span.slot for span in ROW.slots]
        assert list(span_problems(copy.text, copy.slots)) == []
        spans_to_tags(tokenize(copy.text), copy.slots)
        origins.add(copy.text[copy.slots[1].start : copy.slots[1].end].casefold())
    assert len(origins) > 60


def test_what_is_no_place_and_no_time_keeps_its_words() -> None:
    for copy in copies(ROW, 50):
        assert copy.text[copy.slots[0].start : copy.slots[0].end].casefold() == "two"


def test_what_the_source_labels_and_where_the_row_is_from_stay() -> None:
    for copy in copies(ROW, 5):
        assert (copy.id, copy.lang, copy.labelled, copy.extra) == (ROW.id, "en", ROW.labelled, ROW.extra)


def test_a_clock_time_becomes_another_and_a_day_another_day() -> None:
    row = Row("r", "leave at 10:15", "en", (Span("departure_time", 9, 14),))
    times = {copy.text[copy.slots[0].start : copy.slots[0].end] for copy in copies(row, 60)}
    assert len(times) > 15
    assert not any(day in time.casefold() for time in times for day in ("monday", "tomorrow", "march"))


def test_a_language_without_a_grammar_is_left_alone() -> None:
    assert copies(Row("r", "nach Wien", "de", (Span("destination", 5, 9),)), 3) == []
