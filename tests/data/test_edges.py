import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.edges import tidy, whole_words
from data.generator import generate
from data.tokens import tokenize


def tidied(marked: str) -> str:
    """ "to [from Boston]" to what the span becomes."""
    before, span, after = marked.replace("[", "]").split("]")
    tokens = tokenize(before + span + after)
    inside = [i for i, token in enumerate(tokens) if len(before) <= token.start < len(before) + len(span)]
    first, last = tidy(tokens, inside[0], inside[-1])
    return (before + span + after)[tokens[first].start : tokens[last].end]


@pytest.mark.parametrize(
    ("marked", "value"),
    [
        ("leave [at 5 pm] today", "5 pm"),
        ("[To Boston] please", "Boston"),
        ("fly [boston to] denver", "boston"),
        ("be there [8]am", "8am"),
        ("on the 2[1st]", "21st"),
        ("flight U[A32]8", "UA328"),
        ("我要[到上海]", "上海"),
    ],
)
def test_prepositions_go_and_cut_words_are_whole(marked: str, value: str) -> None:
    assert tidied(marked) == value


@pytest.mark.parametrize(
    "marked",
    [
        "[the day after] tomorrow",
        "back [the day after] that",
        "[day after tomorrow]",
        "[quarter to five]",
        "[in two hours]",
        "to [on the border]",
        "in [To Kwa Wan]",
        "[King]'s Cross",
        "去[从化]",
        "[现在]出发",
        "去[至尊酒店]",
        "[2]张",
        "[at] all",
    ],
)
def test_what_is_part_of_the_value_stays(marked: str) -> None:
    assert tidied(marked) == marked.split("[")[1].split("]")[0]


@given(st.lists(st.sampled_from(["to", "from", "York", "5", "pm", "At", "on", "上海"]), min_size=1), st.data())
def test_a_span_keeps_a_word_and_begins_with_a_preposition_only_behind_one(
    words: list[str], data: st.DataObject
) -> None:
    tokens = tokenize(" ".join(words))
    first = data.draw(st.integers(0, len(tokens) - 1))
    last = data.draw(st.integers(first, len(tokens) - 1))
    start, end = tidy(tokens, first, last)
    assert first <= start <= end <= last
    prepositions = ("to", "from", "on", "At")
    if start < end and tokens[start].text in prepositions[:3]:
        assert tokens[start - 1].text in prepositions


def test_labels_of_the_generator_are_tidy() -> None:
    checked = 0
    for row in generate(4_000, seed=8):
        tokens = tokenize(row.text)
        for span in row.slots:
            first = next(i for i, token in enumerate(tokens) if token.start == span.start)
            last = next(i for i, token in enumerate(tokens) if token.end == span.end)
            glued = row.lang == "zh" and (row.text[: span.start][-1:].isascii() or row.text[span.end :][:1].isascii())
            if not glued:  # Chinese takes the space away between a Latin name and a number
                assert tidy(tokens, first, last) == (first, last), row.text
                checked += 1
    assert checked > 4_000


@pytest.mark.parametrize(("text", "first", "span"), [("to from Boston", 1, "from"), ("at 8am", 1, "8am")])
def test_whole_words_keeps_prepositions(text: str, first: int, span: str) -> None:
    tokens = tokenize(text)
    start, end = whole_words(tokens, first, first)
    assert text[tokens[start].start : tokens[end].end] == span
