from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.grammar import Grammar, GrammarError
from data.rows import span_problems
from data.tags import Span

LEAVES = {"town": lambda rng: rng.choice(["Leeds", "York"]), "say": lambda rng, *words: "-".join(words)}


def grammar_of(text: str, joiner: str = " ") -> Grammar:
    return Grammar([("test.grammar", text)], LEAVES, joiner)


def samples(text: str, count: int = 200, joiner: str = " ") -> Counter[str]:
    grammar, rng = grammar_of(text, joiner), Random(1)
    return Counter(grammar.sample(rng)[0] for _ in range(count))


def sample(text: str, seed: int = 1) -> tuple[str, list[tuple[str, str]]]:
    """The sentence, and its slots with their words."""
    said, spans = grammar_of(text).sample(Random(seed))
    return said, [(span.slot, said[span.start : span.end]) for span in spans]


def test_a_symbol_is_replaced_by_one_of_its_alternatives() -> None:
    assert set(samples("start:\n  to <place>\nplace:\n  Rome\n  Oslo\n")) == {"to Rome", "to Oslo"}


def test_alternatives_come_as_often_as_their_weights_say() -> None:
    counts = samples("start:\n  3 | a\n  0.5 | b\n  c\n  0 | never\n", count=9_000)
    assert set(counts) == {"a", "b", "c"}
    assert counts["a"] / counts["b"] == pytest.approx(6, rel=0.15)
    assert counts["a"] / counts["c"] == pytest.approx(3, rel=0.15)


def test_a_leaf_is_called_with_its_words() -> None:
    assert sample("start:\n  <say a b>, <say>!\n")[0] == "a-b,!"
    assert set(samples("start:\n  <town>\n")) == {"Leeds", "York"}


def test_braces_label_what_they_yield() -> None:
    text = "start:\n  from {origin:<say Bad Homburg>} to {destination:[Rome]} now\n"
    assert sample(text) == ("from Bad-Homburg to Rome now", [("origin", "Bad-Homburg"), ("destination", "Rome")])


def test_brackets_choose_with_equal_chance_and_may_be_empty() -> None:
    counts = samples("start:\n  a[ b| c|] d\n", count=3_000)
    assert set(counts) == {"a b d", "a c d", "a d"}
    assert min(counts.values()) > 850


def test_choices_nest_and_labels_stand_inside_them() -> None:
    grammar = grammar_of("start:\n  go[ to {destination:[old |]Rome}|]\n")
    rng = Random(3)
    said = {(text, *spans) for text, spans in (grammar.sample(rng) for _ in range(100))}
    assert said == {("go",), ("go to Rome", Span("destination", 6, 10)), ("go to old Rome", Span("destination", 6, 14))}


def test_shuffled_parts_come_in_every_order_with_the_joiner_between() -> None:
    assert set(samples("start:\n  [~a~b~c]\n")) == {"a b c", "a c b", "b a c", "b c a", "c a b", "c b a"}
    assert set(samples("start:\n  [~去~从]\n", joiner="")) == {"去从", "从去"}


def test_spans_keep_their_words_in_every_order() -> None:
    text = "start:\n  [~to {destination:Rome}~from {origin:Oslo}~[on {departure_time:<say May 2>}|]], please\n"
    grammar, rng = grammar_of(text), Random(5)
    words = {"destination": "Rome", "origin": "Oslo", "departure_time": "May-2"}
    for _ in range(100):
        said, spans = grammar.sample(rng)
        assert [said[span.start : span.end] for span in spans] == [words[span.slot] for span in spans]
        assert spans == sorted(spans, key=lambda span: span.start)


@given(st.text(alphabet=" a.,", max_size=8), st.text(alphabet=" b", max_size=5), st.text(alphabet=" c,?", max_size=8))
def test_spans_survive_the_closing_up_of_spaces(before: str, inner: str, after: str) -> None:
    said, spans = grammar_of(f"start:\n  1 | {before}x{{slot:{inner}}}{after}y\n").sample(Random(1))
    assert "  " not in said
    assert said == said.strip(" ")
    assert [said[span.start : span.end].replace(" ", "") for span in spans] == [inner.replace(" ", "")] * len(spans)
    assert len(spans) == bool(inner.strip())
    assert list(span_problems(said, spans)) == []


@pytest.mark.parametrize(
    ("text", "closed"),
    [("a [|] b", "a b"), ("[|] a [|]", "a"), ("a [|], b [|]?", "a, b?"), ("a[ |] !", "a!")],
)
def test_spaces_that_an_empty_choice_leaves_are_closed_up(text: str, closed: str) -> None:
    assert set(samples(f"start:\n  {text}\n")) == {closed}


def test_a_backslash_takes_the_next_character_as_it_is() -> None:
    assert (
        sample(r"""start:
  \<\{\[\|\~\]\}\>\\
""")[0]
        == r"<{[|~]}>" + "\\"
    )


def test_comments_and_empty_lines_say_nothing() -> None:
    assert sample("# a\n\nstart:\n  # b\n\n  c\n")[0] == "c"


def test_the_same_seed_gives_the_same_sentences() -> None:
    grammar = grammar_of("start:\n  [~<town>~[a|b|c]~d]\n")

    def said(seed: int) -> list[str]:
        rng = Random(seed)
        return [grammar.sample(rng)[0] for _ in range(20)]

    assert said(1) == said(1)
    assert said(1) != said(2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  a\n", "test.grammar:1: neither 'symbol:' nor an indented alternative"),
        ("start:\na\n", "test.grammar:2: neither"),
        ("start:\n  a\n\nstart:\n  b\n", "test.grammar:4: start is defined twice"),
        ("town:\n  a\n", "test.grammar:1: town is defined twice"),
        ("start:\n  <nowhere>\n", "test.grammar:2: <nowhere> is neither a symbol nor a leaf"),
        ("start:\n  <place a>\nplace:\n  b\n", "test.grammar:2: place takes words but is no leaf"),
        ("start:\n  a <\n", "test.grammar:2: '<' at column 3 without '>'"),
        ("start:\n  <>\n", "test.grammar:2: <> names nothing"),
        ("start:\n  a {slot b}\n", "test.grammar:2: '{' at column 3 without ':'"),
        ("start:\n  {slot:b\n", "test.grammar:2: '{' at column 1 is never closed"),
        ("start:\n  [a|b\n", "test.grammar:2: '[' at column 1 is never closed"),
        ("start:\n  [~a~b\n", "test.grammar:2: '[' at column 1 is never closed"),
        ("start:\n  a]\n", "test.grammar:2: ']' closes nothing"),
        ("start:\n  [a}]\n", "test.grammar:2: '}' closes nothing"),
    ],
)
def test_an_error_names_file_and_line(text: str, reason: str) -> None:
    with pytest.raises(GrammarError) as error:
        grammar_of(text)
    assert str(error.value).startswith(reason)


def test_a_folder_is_one_grammar(tmp_path: Path) -> None:
    (tmp_path / "a.grammar").write_text("start:\n  to <place>\n", encoding="utf-8")
    (tmp_path / "b.grammar").write_text("place:\n  <town>\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("start:\n", encoding="utf-8")
    grammar = Grammar.load(tmp_path, LEAVES)
    assert grammar.sample(Random(1))[0] in {"to Leeds", "to York"}


def test_symbols_that_a_grammar_lacks_are_those_of_its_base_which_does_not_see_its_own() -> None:
    base = grammar_of("start:\n  to <place>\nplace:\n  <name>\nname:\n  Rome\n")
    grammar = Grammar([("own.grammar", "start:\n  <name> in <place>\nname:\n  Luigi\n")], LEAVES, base=base)
    assert grammar.sample(Random(1))[0] == "Luigi in Rome"
    with pytest.raises(GrammarError, match=r"own.grammar: no symbol is 'start'"):
        Grammar([("own.grammar", "name:\n  Luigi\n")], LEAVES, base=base)
