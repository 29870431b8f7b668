from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from data.coverage import KINDS, Coverage, rows_to_coverage
from data.rows import Row
from data.tags import Span

Chunk = tuple[str, str | None]  # words, and the slot that labels them


def _row(chunks: Sequence[Chunk], lang: str = "en", labelled: tuple[str, ...] | None = None) -> Row:
    text, spans = "", []
    for words, slot in chunks:
        start = len(text) + bool(text)
        text = f"{text} {words}" if text else words
        if slot:
            spans.append(Span(slot, start, len(text)))
    return Row("1", text, lang, tuple(spans), labelled)


def _coverage(rows: Sequence[Row], beside: Sequence[Row]) -> dict[str, Coverage]:
    return rows_to_coverage({"rows": rows}, beside)["rows"]


TO_LEEDS = _row([("To", None), ("Leeds", "destination")])
TO_NEW_YORK = _row([("to", None), ("New York", "destination")])
FROM_ROME_TO_OSLO = _row([("from", None), ("Rome", "origin"), ("to", None), ("Oslo", "destination")])


def test_a_hand_counted_example() -> None:
    # from {origin} to {destination} | to {destination} | to {destination}
    rows = [FROM_ROME_TO_OSLO, TO_LEEDS, TO_NEW_YORK]
    beside = [_row([("go", None), ("to", None), ("York", "destination"), ("from", None), ("Bath", "origin")])]
    assert _coverage(rows, beside) == {
        "1-grams": Coverage(4 / 4, 8 / 8),
        "2-grams": Coverage(2 / 3, 4 / 5),  # not "{origin} to"
        "3-grams": Coverage(0 / 2, 0 / 2),
        "4-grams": Coverage(0 / 1, 0 / 1),
        "slot_orders": Coverage(0 / 2, 0 / 3),
        "sentences": Coverage(0 / 2, 0 / 3),
    }


def test_names_and_case_do_not_count_but_the_role_does() -> None:
    assert set(_coverage([TO_LEEDS], [TO_NEW_YORK]).values()) == {Coverage(1, 1), Coverage(None, None)}
    from_leeds = _row([("To", None), ("Leeds", "origin")])
    assert _coverage([from_leeds], [TO_NEW_YORK])["sentences"] == Coverage(0, 0)


def test_the_name_of_a_slot_as_a_word_is_not_the_slot() -> None:
    assert _coverage([_row([("to destination", None)])], [TO_LEEDS])["1-grams"] == Coverage(0.5, 0.5)


def test_rows_of_another_language_are_not_compared() -> None:
    chinese = _row([("去", None), ("北京", "destination")], "zh")
    assert _coverage([chinese], [_row([("去", None), ("北京", "destination")], "en")])["1-grams"] == Coverage(0, 0)
    assert _coverage([chinese, TO_LEEDS], [chinese])["1-grams"] == Coverage(2 / 3, 2 / 4)


def test_what_a_source_never_labels_stays_words_in_both() -> None:
    unlabelled = _row([("one-way to", None), ("Leeds", "destination")], labelled=("destination",))
    generated = _row([("one-way", "trip_type"), ("to", None), ("York", "destination")])
    assert _coverage([unlabelled], [generated])["sentences"] == Coverage(1, 1)
    assert _coverage([unlabelled], [generated])["slot_orders"] == Coverage(1, 1)
    looked_for = _row([("one-way to", None), ("Leeds", "destination")])
    assert _coverage([looked_for], [generated])["sentences"] == Coverage(0, 0)


def test_rows_without_slots_have_no_slot_order() -> None:
    assert _coverage([_row([("hi", None)])], [TO_LEEDS])["slot_orders"] == Coverage(None, None)


def test_files_are_told_apart() -> None:
    covered = rows_to_coverage({"a": [TO_LEEDS], "b": [FROM_ROME_TO_OSLO]}, [TO_NEW_YORK])
    assert covered["a"]["sentences"] == Coverage(1, 1)
    assert covered["b"]["sentences"] == Coverage(0, 0)
    assert covered["b"]["1-grams"] == Coverage(2 / 4, 2 / 4)


CHUNKS = st.lists(
    st.tuples(st.sampled_from(["a", "B", "b", "a b"]), st.sampled_from([None, None, "x", "y"])), min_size=1, max_size=6
)


def _parts(chunks: Sequence[Chunk], kind: str, labelled: tuple[str, ...] | None) -> list[tuple[str, ...]]:
    """The parts of a row, read off what it was made of instead of its text and offsets."""
    words: list[str] = []
    order: list[str] = []
    for said, slot in chunks:
        if slot is not None and (labelled is None or slot in labelled):
            words.append(slot)  # no word of CHUNKS is the name of a slot
            order.append(slot)
        else:
            words.extend(said.lower().split())
    if kind == "sentences":
        return [tuple(words)]
    if kind == "slot_orders":
        return [tuple(order)] if order else []
    n = int(kind[0])
    return [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]


@given(
    st.lists(st.tuples(CHUNKS, st.sampled_from([None, ("x",)])), max_size=5),
    st.lists(CHUNKS, max_size=5),
)
def test_coverage_is_what_comparing_everything_with_everything_gives(
    rows: list[tuple[list[Chunk], tuple[str, ...] | None]], beside: list[list[Chunk]]
) -> None:
    covered = _coverage(
        [_row(chunks, labelled=labelled) for chunks, labelled in rows], [_row(chunks) for chunks in beside]
    )
    assert tuple(covered) == KINDS
    for kind, share in covered.items():
        met = [
            (part, any(part in _parts(other, kind, labelled) for other in beside))
            for chunks, labelled in rows
            for part in _parts(chunks, kind, labelled)
        ]
        different = {part for part, _ in met}
        if not met:
            assert share == Coverage(None, None)
        else:
            assert share.running == sum(there for _, there in met) / len(met)
            assert share.different == len({part for part, there in met if there}) / len(different)
