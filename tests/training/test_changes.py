from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.catalogue import load_catalogue
from data.gazetteer import rare_places
from data.rows import Row, renamed, span_problems
from data.tags import Span
from data.text import MAX_CHARACTERS
from model.parser import Parser
from training.changes import (
    PLACES,
    STYLES,
    Change,
    compare,
    comparisons_to_json,
    exchanged,
    made_rare,
    made_up,
)
from training.evaluate import evaluate

TRAVEL = load_catalogue()
RARE = {lang: set(rare_places(lang)) for lang in ("en", "zh")}


def row(marked: str, lang: str = "en", labelled: tuple[str, ...] | None = None) -> Row:
    """`to {destination:York}` to a row."""
    text, spans = "", []
    for piece in marked.replace("}", "{").split("{"):
        slot, colon, words = piece.partition(":")
        if colon:
            spans.append(Span(slot, len(text), len(text) + len(words)))
        text += words if colon else piece
    return Row("1", text, lang, tuple(spans), labelled)


def marked(row: Row) -> str:
    """A row to `to {destination:York}`: each span with the words that stand in it."""
    text, at = "", 0
    for span in row.slots:
        text += f"{row.text[at : span.start]}{{{span.slot}:{row.text[span.start : span.end]}}}"
        at = span.end
    return text + row.text[at:]


@st.composite
def rows(draw: st.DrawFn) -> Row:
    words = st.text("abcXYZ北京0é-", min_size=1, max_size=6)
    slots = st.sampled_from(TRAVEL.slot_names)
    parts = draw(st.lists(st.tuples(st.sampled_from([" ", " to ", ", ", "去"]), slots, words), max_size=7))
    return row("hey" + "".join(f"{between}{{{slot}:{word}}}" for between, slot, word in parts) + "!")


def test_names_trade_places_and_roles_stay() -> None:
    changed = exchanged(
        row("from {origin:San Jose} to {destination:Leeds} on {departure_time:friday}"), TRAVEL, Random()
    )
    assert changed is not None
    assert marked(changed) == "from {origin:Leeds} to {destination:San Jose} on {departure_time:friday}"


def test_several_pairs_trade_in_order_and_the_odd_one_stays() -> None:
    changed = exchanged(
        row("{origin:A} {destination:Bb} {destination:Cc} {origin:D} {destination:E}"), TRAVEL, Random()
    )
    assert changed is not None
    assert marked(changed) == "{origin:Bb} {destination:A} {destination:D} {origin:Cc} {destination:E}"


def test_a_row_without_a_pair_has_nothing_to_exchange() -> None:
    assert exchanged(row("to {destination:Leeds} via {stopover:York}"), TRAVEL, Random()) is None
    assert exchanged(row("{origin:A} {destination:B}", labelled=("origin",)), TRAVEL, Random()) is None


@given(rows())
def test_exchanging_twice_gives_the_row_back(row: Row) -> None:
    changed = exchanged(row, TRAVEL, Random())
    if changed is not None:
        assert exchanged(changed, TRAVEL, Random()) == row


@settings(deadline=None)  # the first name waits for the gazetteer
@given(rows(), st.integers(0, 99), st.sampled_from([made_rare, made_up, exchanged]))
def test_all_other_spans_and_words_move_along(row: Row, seed: int, change: object) -> None:
    changed = change(row, TRAVEL, Random(seed))  # type: ignore[operator]
    if changed is None:
        return
    assert list(span_problems(changed.text, changed.slots)) == []
    places = TRAVEL.of_kind("place")

    def without_names(row: Row) -> str:
        return marked(renamed(row, {span: "_" for span in row.slots if span.slot in places}))

    assert without_names(changed) == without_names(row)


@settings(deadline=None)
@given(rows(), st.integers(0, 99))
def test_renaming_back_gives_the_row_back(row: Row, seed: int) -> None:
    changed = made_up(row, TRAVEL, Random(seed))
    if changed is not None:
        back = {new: row.text[old.start : old.end] for old, new in zip(row.slots, changed.slots, strict=True)}
        assert renamed(changed, back) == row


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "To {destination:Leeds} via {stopover:York}"), ("zh", "从{origin:北京}出发")]
)
def test_rare_places_are_those_the_generator_never_says(lang: str, text: str) -> None:
    changed = made_rare(row(text, lang), TRAVEL, Random(1))
    assert changed is not None
    assert {changed.text[span.start : span.end] for span in changed.slots} <= RARE[lang]


@pytest.mark.parametrize("change", [made_rare, made_up])
def test_one_place_gets_one_name_and_two_places_two(change: object) -> None:
    for seed in range(20):
        before = row("{origin:Leeds} {destination:York} {stopover:leeds}")
        changed = change(before, TRAVEL, Random(seed))  # type: ignore[operator]
        origin, destination, stopover = (changed.text[span.start : span.end] for span in changed.slots)
        assert stopover == origin.lower()
        assert destination.lower() != origin.lower()


@pytest.mark.parametrize("change", [made_rare, made_up])
def test_small_letters_stay_small_and_shouting_stays_loud(change: object) -> None:
    for seed in range(20):
        small = change(row("to {destination:leeds}"), TRAVEL, Random(seed))  # type: ignore[operator]
        assert small.text == small.text.lower()
        loud = change(row("TO {destination:LEEDS}"), TRAVEL, Random(seed))  # type: ignore[operator]
        assert loud.text == loud.text.upper()
        code = change(row("To {destination:LBA}"), TRAVEL, Random(seed))  # type: ignore[operator]
        assert not code.text.isupper()


def test_what_a_source_never_labels_is_left_alone() -> None:
    before = row("from {origin:Leeds} to {destination:York}", labelled=("origin",))
    changed = made_rare(before, TRAVEL, Random(1))
    assert changed is not None
    assert marked(changed).endswith("to {destination:York}")
    assert made_rare(row("for {price:5 pounds}"), TRAVEL, Random(1)) is None


STYLED = {
    ("lower", "en"): (
        "To {destination:york} via {stopover:New York}!",
        "to {destination:york} via {stopover:new york}!",
    ),
    ("upper", "en"): ("to {destination:york}", "TO {destination:YORK}"),
    ("title", "en"): ("to {destination:new york}", "To {destination:New York}"),
    ("no_punctuation", "en"): ("Hi, to {destination:St. Louis}.", "Hi to {destination:St Louis}"),
    ("spoken", "en"): ("Hi, to {destination:St. Louis}.", "hi to {destination:st louis}"),
    ("number_words", "en"): ("{passengers:2} seats on {carrier:G7}", "{passengers:two} seats on {carrier:G7}"),
    ("number_words", "zh"): ("{departure_time:3月5号}走", "{departure_time:三月五号}走"),
    ("other_script", "zh"): ("从{origin:广州}到{destination:东京}", "從{origin:廣州}到{destination:東京}"),
}


@pytest.mark.parametrize(("name", "lang"), STYLED)
def test_a_style_is_of_the_whole_row_and_spans_move_along(name: str, lang: str) -> None:
    before, after = STYLED[name, lang]
    changed = STYLES[name].rewrite(row(before, lang), TRAVEL, Random(1))
    assert changed is not None
    assert marked(changed) == after
    if name == "other_script":
        assert STYLES[name].rewrite(changed, TRAVEL, Random(1)) == row(before, lang)
    else:
        assert STYLES[name].rewrite(changed, TRAVEL, Random(1)) is None  # it reads so already


@settings(deadline=None)
@given(rows(), st.integers(0, 99), st.sampled_from(list(STYLES)), st.sampled_from(["en", "zh"]))
def test_a_style_changes_the_text_and_keeps_the_slots(row: Row, seed: int, name: str, lang: str) -> None:
    row = replace(row, lang=lang)
    changed = STYLES[name].rewrite(row, TRAVEL, Random(seed))
    if changed is None:
        return
    assert changed.text != row.text
    assert list(span_problems(changed.text, changed.slots)) == []
    assert replace(changed, text=row.text, slots=row.slots) == row
    # A span of marks alone may go with its marks.
    words = [span.slot for span in row.slots if set(row.text[span.start : span.end]) != {"-"}]
    assert [slot for slot in words if slot not in {span.slot for span in changed.slots}] == []


def test_only_chinese_rows_have_another_script() -> None:
    assert STYLES["other_script"].rewrite(row("to {destination:东京}", "en"), TRAVEL, Random()) is None


def test_before_and_after_are_of_the_same_rows(tiny_bundle: Path) -> None:
    parser = Parser.load(tiny_bundle, device="cpu")
    pair = row("from {origin:Leeds} to {destination:York}")
    single = row("to {destination:York}")
    evaluation = evaluate(parser, {"a": [pair, single, row("hello")], "b": [single], "c": [row("hello")]})
    record = comparisons_to_json(compare(parser, evaluation, PLACES))
    assert {name: swap["rows"] for name, swap in record["files"]["a"].items()} == {
        "exchanged": 1,
        "rare": 2,
        "made_up": 2,
    }
    assert {name: swap["rows"] for name, swap in record["files"]["b"].items()} == {"rare": 1, "made_up": 1}
    assert record["files"]["c"] == {}
    assert {name: swap["rows"] for name, swap in record["overall"].items()} == {"exchanged": 1, "rare": 3, "made_up": 3}
    for swap in record["overall"].values():
        assert swap["before"]["spans"] == swap["after"]["spans"]
        assert swap["drop"] == pytest.approx(100 * (swap["before"]["f1"] - swap["after"]["f1"]))


def test_styles_are_compared_on_all_spans_of_the_rows_they_change(tiny_bundle: Path) -> None:
    parser = Parser.load(tiny_bundle, device="cpu")
    trip = row("From {origin:Leeds} to {destination:York} on {departure_time:Friday}")
    small = row("from {origin:leeds} to {destination:york}")
    record = comparisons_to_json(compare(parser, evaluate(parser, {"a": [trip, small], "b": [small]}), STYLES))
    rows = {name: comparison["rows"] for name, comparison in record["files"]["a"].items()}
    assert rows == {"lower": 1, "upper": 2, "title": 2, "spoken": 1, "typo": 2, "filler": 2}
    assert "lower" not in record["files"]["b"]
    lower = record["overall"]["lower"]
    assert lower["before"]["spans"] == lower["after"]["spans"] == 3
    assert lower["drop"] == pytest.approx(100 * (lower["before"]["f1"] - lower["after"]["f1"]))


def test_where_nothing_is_to_be_found_no_f1_is_lost(tiny_bundle: Path) -> None:
    parser = Parser.load(tiny_bundle, device="cpu")
    record = comparisons_to_json(compare(parser, evaluate(parser, {"a": [row("hello")]}), STYLES))
    upper = record["overall"]["upper"]
    assert (upper["rows"], upper["before"]["f1"], upper["drop"]) == (1, None, None)


def test_a_row_that_a_change_makes_too_long_is_left_out(tiny_bundle: Path) -> None:
    parser = Parser.load(tiny_bundle, device="cpu")
    longest = row("to york " * 249 + "to leeds")
    assert len(longest.text) == MAX_CHARACTERS
    found = compare(parser, evaluate(parser, {"a": [longest]}), STYLES)
    assert "filler" not in found.overall
    assert found.overall["upper"].rows == 1


@pytest.mark.parametrize("changes", [PLACES, STYLES])
def test_a_seed_gives_the_same_figures_alone_and_among_other_files(
    tiny_bundle: Path, changes: dict[str, Change]
) -> None:
    parser = Parser.load(tiny_bundle, device="cpu")
    some = [row(f"from {{origin:{name}}} to {{destination:York}}") for name in ("Leeds", "Bath", "Hull", "Ely")]
    alone = compare(parser, evaluate(parser, {"a": some}), changes)
    among = compare(parser, evaluate(parser, {"b": some[:2], "a": some}), changes)
    assert alone.files["a"] == among.files["a"]
