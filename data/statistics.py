"""Rows to the numbers that describe them."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import regex

from data.rows import Row
from data.tokens import tokenize

PERCENTILES = (10, 50, 90)
_MOST_FREQUENT_ORDERS = 10

# Not the marks of a word or a number (don't, one-way, 10:30, 3.5) - but Han characters are no such neighbours.
_INNER = r"(?<=[[\p{L}\p{N}]--\p{Han}])['’.,:/\-](?=[[\p{L}\p{N}]--\p{Han}])"
_MARK = regex.compile(rf"(?!{_INNER})\p{{P}}", regex.VERSION1)
# A stop ends no sentence after an initial or a short form, nor in "a.m." and "...".
_INNER_END = regex.compile(r"(?:[!?。！？]|(?<!\b(?:\p{Lu}|St|Mt|Ft|Dr|Mr|Mrs|Ms)|\.\p{L}?)\.(?=\s))\s*[\p{L}\p{N}]")

STYLES: dict[str, Callable[[str], bool]] = {
    "small_letters": str.islower,  # at least one letter that has a case, so no Chinese text without Latin words
    "without_punctuation": lambda text: _MARK.search(text) is None,
    "question_mark": lambda text: "?" in text or "？" in text,
    "several_sentences": lambda text: _INNER_END.search(text) is not None,
}


@dataclass(frozen=True, slots=True)
class SlotStatistics:
    """How often a slot is labelled, and with how many different strings (case aside)."""

    spans: int
    distinct: int


@dataclass(frozen=True, slots=True)
class RowStatistics:
    """Means and shares of no rows are 0; they have no percentiles.

    `slots_per_row` counts rows by their number of spans. `token_percentiles`: so many per cent of the rows have at
    most so many tokens. `slot_orders`: the most frequent sequences of slots, with their share of the rows that hold
    slots. `styles`: share of rows by style.
    """

    rows: int
    languages: dict[str, int]
    without_slots: float
    mean_tokens: float
    slots: dict[str, SlotStatistics]
    slots_per_row: dict[int, int]
    token_percentiles: dict[int, int]
    slot_orders: dict[str, float]
    styles: dict[str, float]


def rows_to_statistics(rows: Iterable[Row]) -> RowStatistics:
    """One pass over the rows; languages, slots and orders come by frequency."""
    languages: Counter[str] = Counter()
    spans: Counter[str] = Counter()
    strings: dict[str, set[str]] = {}
    slots_per_row: Counter[int] = Counter()
    tokens_per_row: Counter[int] = Counter()
    orders: Counter[str] = Counter()
    styles: Counter[str] = Counter()
    for row in rows:
        languages[row.lang] += 1
        slots_per_row[len(row.slots)] += 1
        tokens_per_row[len(tokenize(row.text))] += 1
        styles.update(style for style, holds in STYLES.items() if holds(row.text))
        if row.slots:
            orders[_slot_order(row)] += 1
        for span in row.slots:
            spans[span.slot] += 1
            strings.setdefault(span.slot, set()).add(row.text[span.start : span.end].casefold())
    count = languages.total()
    return RowStatistics(
        rows=count,
        languages=dict(languages.most_common()),
        without_slots=slots_per_row[0] / max(count, 1),
        mean_tokens=sum(tokens * number for tokens, number in tokens_per_row.items()) / max(count, 1),
        slots={slot: SlotStatistics(number, len(strings[slot])) for slot, number in spans.most_common()},
        slots_per_row=dict(sorted(slots_per_row.items())),
        token_percentiles=_percentiles(tokens_per_row),
        slot_orders={order: number / orders.total() for order, number in orders.most_common(_MOST_FREQUENT_ORDERS)},
        styles={style: styles[style] / max(count, 1) for style in STYLES},
    )


def _slot_order(row: Row) -> str:
    return " ".join(span.slot for span in row.slots)


def _percentiles(counts: Counter[int]) -> dict[int, int]:
    """The smallest value that as many per cent of all do not exceed (nearest rank)."""
    found: dict[int, int] = {}
    below = 0
    for value, count in sorted(counts.items()):
        below += count
        found |= {per_cent: value for per_cent in PERCENTILES[len(found) :] if 100 * below >= per_cent * counts.total()}
    return found
