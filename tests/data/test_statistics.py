from data.rows import Row
from data.statistics import RowStatistics, SlotStatistics, rows_to_statistics
from data.tags import Span


def test_rows_are_counted_by_language_slot_and_length() -> None:
    rows = [
        Row("1", "from Leeds to York", "en", (Span("origin", 5, 10), Span("destination", 14, 18))),
        Row("2", "to leeds", "en", (Span("destination", 3, 8),)),
        Row("3", "to LEEDS", "en", (Span("destination", 3, 8),)),
        Row("4", "你好", "zh"),
    ]
    assert rows_to_statistics(rows) == RowStatistics(
        rows=4,
        languages={"en": 3, "zh": 1},
        without_slots=0.25,
        mean_tokens=2.5,
        slots={"destination": SlotStatistics(3, 2), "origin": SlotStatistics(1, 1)},
        slots_per_row={0: 1, 1: 2, 2: 1},
    )


def test_no_rows_have_statistics_too() -> None:
    assert rows_to_statistics([]) == RowStatistics(0, {}, 0.0, 0.0, {}, {})
