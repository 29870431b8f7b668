"""Rows to the numbers that describe them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from data.rows import Row
from data.tokens import tokenize


@dataclass(frozen=True, slots=True)
class SlotStatistics:
    """How often a slot is labelled, and with how many different strings (case aside)."""

    spans: int
    distinct: int


@dataclass(frozen=True, slots=True)
class RowStatistics:
    """`slots_per_row` counts rows by their number of spans; means and shares of no rows are 0."""

    rows: int
    languages: dict[str, int]
    without_slots: float
    mean_tokens: float
    slots: dict[str, SlotStatistics]
    slots_per_row: dict[int, int]


def rows_to_statistics(rows: Iterable[Row]) -> RowStatistics:
    """One pass over the rows; languages and slots come by frequency."""
    languages: Counter[str] = Counter()
    spans: Counter[str] = Counter()
    strings: dict[str, set[str]] = {}
    slots_per_row: Counter[int] = Counter()
    tokens = 0
    for row in rows:
        languages[row.lang] += 1
        slots_per_row[len(row.slots)] += 1
        tokens += len(tokenize(row.text))
        for span in row.slots:
            spans[span.slot] += 1
            strings.setdefault(span.slot, set()).add(row.text[span.start : span.end].casefold())
    count = languages.total()
    return RowStatistics(
        rows=count,
        languages=dict(languages.most_common()),
        without_slots=slots_per_row[0] / max(count, 1),
        mean_tokens=tokens / max(count, 1),
        slots={slot: SlotStatistics(number, len(strings[slot])) for slot, number in spans.most_common()},
        slots_per_row=dict(sorted(slots_per_row.items())),
    )
