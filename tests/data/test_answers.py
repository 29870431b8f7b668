import os
import subprocess
import sys
from collections import Counter

import pytest

from data.catalogue import load_catalogue
from data.generator import GrammarDryError, generate_answers, grammar_to_answers
from data.grammar import Grammar
from data.rows import Row
from data.tags import Span
from data.validation import validate

COUNT = 8_000
CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(generate_answers(COUNT, seed=11))


def whole_text(row: Row) -> Span | None:
    """The only span, where it is the text without its closing mark."""
    said = row.text.rstrip(".。!！ ")
    return row.slots[0] if [(span.start, span.end) for span in row.slots] == [(0, len(said))] else None


def test_answers_are_valid_rows(rows: list[Row]) -> None:
    assert [finding for finding in validate({"answers": rows}, CATALOGUE) if finding.severity == "error"] == []
    assert all(row.extra["source"] == "answers" for row in rows)


def test_no_text_comes_twice_after_the_same_question(rows: list[Row]) -> None:
    assert max(Counter((row.lang, row.text, row.requested_slot) for row in rows).values()) == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("slot", CATALOGUE.slot_names)
def test_every_slot_is_asked_for_and_answered_by_its_value_alone(rows: list[Row], lang: str, slot: str) -> None:
    asked = [row for row in rows if row.lang == lang and row.requested_slot == slot]
    assert slot in {span.slot for row in asked if (span := whole_text(row))}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_own_words_win_over_the_question(rows: list[Row], lang: str) -> None:
    """Each of the roles that are often asked for is also labelled after a question for each of the others."""
    answered = {(row.requested_slot, span.slot) for row in rows if row.lang == lang for span in row.slots}
    roles = ["destination", "origin", "departure_time", "return_time", "passengers"]
    assert {(asked, slot) for asked in roles for slot in roles} <= answered


def test_a_value_has_the_role_that_was_asked_for_where_it_is_of_that_kind_and_none_otherwise() -> None:
    said = {"海": ("place", "{place:上海}"), "天": ("time", "{time:明天}"), "三": ("count", "{count:三}")}
    symbols = ["unasked", *(f"answer_{slot}" for slot in CATALOGUE.slot_names)]
    choice = "[" + "|".join(call for _, call in said.values()) + "]"
    grammar = Grammar([("tiny", "".join(f"{symbol}:\n  {choice}\n" for symbol in symbols))], {}, "")
    turns: list[Row] = []
    with pytest.raises(GrammarDryError):  # after every text that it has, after every question
        turns.extend(grammar_to_answers(grammar, "zh", 1, Counter()))
    seen = set()
    for row in turns:
        [kind] = [kind for word, (kind, _) in said.items() if word in row.text]
        asked = row.requested_slot
        right = [asked] if asked and CATALOGUE.slots[asked].kind == kind else []
        assert [span.slot for span in row.slots] == right
        seen.add((asked, kind))
    assert len(seen) == len(symbols) * len(said)


def test_the_same_seed_gives_the_same_answers_in_another_process_and_beside_another_language(rows: list[Row]) -> None:
    code = "from data.generator import generate_answers; print(list(generate_answers(60, 11)))"
    environment = os.environ | {"PYTHONHASHSEED": "123", "PYTHONIOENCODING": "utf-8"}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout
    assert output.decode() == f"{rows[:60]}\n"
    assert list(generate_answers(100, 11, ["zh"])) == [row for row in rows if row.lang == "zh"][:100]
