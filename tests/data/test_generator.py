import os
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from data.catalogue import load_catalogue
from data.generator import GrammarDryError, generate, grammar_to_rows, languages_of
from data.grammar import Grammar
from data.rows import Row
from data.tokens import tokenize
from data.validation import validate

COUNT = 3_000


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(generate(COUNT, seed=11))


def test_languages_take_turns_and_ids_are_numbered(rows: list[Row]) -> None:
    assert [row.id for row in rows[:4]] == [
        "gen-en-11-000001",
        "gen-zh-11-000001",
        "gen-en-11-000002",
        "gen-zh-11-000002",
    ]
    assert Counter(row.lang for row in rows) == {"en": COUNT // 2, "zh": COUNT // 2}
    assert all(row.extra == {"source": "generated"} for row in rows)


def test_no_sentence_comes_twice(rows: list[Row]) -> None:
    assert len({row.text for row in rows}) == COUNT


def test_generated_rows_are_valid(rows: list[Row]) -> None:
    assert [finding for finding in validate({"generated": rows}, load_catalogue()) if finding.severity == "error"] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_slot_is_spoken_of_and_some_sentences_hold_none(rows: list[Row], lang: str) -> None:
    of_lang = [row for row in rows if row.lang == lang]
    assert {span.slot for row in of_lang for span in row.slots} == set(load_catalogue().slot_names)
    assert any(not row.slots for row in of_lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sentences_with_slots_come_with_and_without_capitals_and_marks(rows: list[Row], lang: str) -> None:
    texts = [row.text for row in rows if row.lang == lang and row.slots]
    plain = sum(text == text.lower() and not any(mark in text for mark in ",?!，？！。") for text in texts) / len(texts)
    assert 0.25 < plain < 0.75


def test_a_language_gives_the_same_rows_alone_and_beside_another(rows: list[Row]) -> None:
    assert list(generate(200, 11, ["zh"])) == [row for row in rows if row.lang == "zh"][:200]


def test_another_seed_gives_other_sentences(rows: list[Row]) -> None:
    other = {row.text for row in generate(400, seed=12)}
    assert len(other & {row.text for row in rows}) < 100


def test_the_same_seed_gives_the_same_rows_in_another_process(rows: list[Row]) -> None:
    code = "from data.generator import generate; print([(row.text, row.slots) for row in generate(60, 11)])"
    # Another hash seed: sets are iterated in another order there.
    environment = os.environ | {"PYTHONHASHSEED": "123", "PYTHONIOENCODING": "utf-8"}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout
    assert output.decode() == f"{[(row.text, row.slots) for row in rows[:60]]}\n"


def test_an_unknown_language_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no grammar speaks 'fr'; there are en, zh"):
        generate(1, 1, ["en", "fr"])


def test_another_domain_has_grammars_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has none of the folders en, zh"):
        languages_of(tmp_path)
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "bookings.grammar").write_text("start:\n  订{booking_time:<moment>}的桌\n", encoding="utf-8")
    assert languages_of(tmp_path) == ("zh",)
    rows = list(generate(100, 1, ["zh"], grammars=tmp_path))
    assert {span.slot for row in rows for span in row.slots} == {"booking_time"}


def test_a_grammar_that_runs_dry_says_how_far_it_came() -> None:
    rows = grammar_to_rows(Grammar([("tiny", "start:\n  [去|到]北京\n")], {}, ""), "zh", 1, Counter())
    said: list[str] = []
    with pytest.raises(GrammarDryError) as error:
        said.extend(row.text for row in rows)
    assert {"去北京", "到北京"} < set(said)
    assert len(set(said)) == len(said)
    assert str(error.value) == f"the zh grammar gave only {len(said)} different sentences; ask for fewer"


def test_samples_that_no_tags_can_say_are_left_out_and_counted() -> None:
    dropped = Counter[str]()
    grammar = Grammar([("tiny", "start:\n  <word>\n  {slot:a}b<word>\n  [ |]\n")], {"word": word})
    rows = list(islice(grammar_to_rows(grammar, "en", 1, dropped), 50))
    assert not any(row.slots for row in rows)
    assert all(tokenize(row.text) for row in rows)
    assert dropped["en"] > 30


def word(rng: Random) -> str:
    return f"x{int(rng.random() * 1e9)}"
