from itertools import pairwise
from random import Random

import pytest
import regex

from data.gazetteer import held_out, load_gazetteer, name_key
from data.grammar import Grammar
from data.names import name_leaves

LEAVES = {lang: name_leaves(lang) for lang in ("en", "zh")}
NUMBERS = {"int", "pad"}
NAMES = [(lang, leaf) for lang, leaves in LEAVES.items() for leaf in leaves if leaf not in NUMBERS]
DRAWS = 3_000


def draw(lang: str, leaf: str, count: int = DRAWS, seed: int = 0) -> list[str]:
    rng = Random(seed)
    return [LEAVES[lang][leaf](rng) for _ in range(count)]


def in_han(lang: str, leaf: str) -> float:
    said = draw(lang, leaf)
    return sum(bool(regex.search(r"\p{Han}", name)) for name in said) / len(said)


@pytest.mark.parametrize(("lang", "leaf"), NAMES)
def test_the_same_chance_says_the_same_names(lang: str, leaf: str) -> None:
    assert draw(lang, leaf, 50, seed=7) == draw(lang, leaf, 50, seed=7)


@pytest.mark.parametrize(("lang", "leaf"), NAMES)
def test_a_name_is_text_without_white_space_at_its_edges(lang: str, leaf: str) -> None:
    assert all(name and name == name.strip() and "\t" not in name for name in draw(lang, leaf))


@pytest.mark.parametrize(("lang", "leaf"), NAMES)
def test_no_leaf_says_a_name_that_is_held_out(lang: str, leaf: str) -> None:
    assert [name for name in draw(lang, leaf) if held_out(name)] == []


@pytest.mark.parametrize("leaf", ["city_region", "airport", "district"])
def test_no_held_out_name_hides_in_a_longer_one(leaf: str) -> None:
    for lang in ("en", "zh"):
        if leaf in LEAVES[lang]:
            for name in draw(lang, leaf):
                assert not held_out(regex.sub(r"(, .*|( International)? [Aa]irport|(国际)?机场)$", "", name)), name


@pytest.mark.parametrize("leaf", ["city", "big_city", "city_region", "airport", "country", "made_up", "given"])
def test_english_leaves_say_latin_names_and_chinese_leaves_han_names(leaf: str) -> None:
    assert in_han("en", leaf) == 0
    assert in_han("zh", leaf) == 1


def test_foreign_cities_are_written_in_the_other_script() -> None:
    assert in_han("en", "foreign_city") == 1
    assert in_han("zh", "foreign_city") == 0


def test_numbers_keep_to_their_bounds_and_reach_them() -> None:
    rng = Random(0)
    assert {LEAVES["en"]["int"](rng, "9", "12") for _ in range(200)} == {"9", "10", "11", "12"}
    assert {LEAVES["zh"]["pad"](rng, "8", "10") for _ in range(200)} == {"08", "09", "10"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_made_up_places_are_on_no_map(lang: str) -> None:
    keys = {
        name_key(name)
        for place in load_gazetteer().places
        for name in (place.name, place.name_zh, *place.aliases)
        if name
    }
    assert not keys.intersection(map(name_key, draw(lang, "made_up")))


@pytest.mark.parametrize(("lang", "leaf"), [("en", "city"), ("zh", "city"), ("en", "made_up"), ("zh", "made_up")])
def test_cities_vary(lang: str, leaf: str) -> None:
    assert len(set(draw(lang, leaf))) > 0.6 * DRAWS


def test_english_cities_come_with_and_without_their_diacritics() -> None:
    said = draw("en", "city", 20_000)
    accented = sum(not name.isascii() for name in said) / len(said)
    assert 0.05 < accented < 0.25
    assert {"São Paulo", "Sao Paulo"} <= set(said)


def test_large_cities_are_said_more_often() -> None:
    said = draw("zh", "city", 20_000)
    assert said.count("北京") > said.count("青岛") > said.count("凤凰城") > 0


def test_american_cities_come_with_their_state_in_all_usual_ways() -> None:
    said = " | ".join(draw("en", "city_region", 20_000))
    for state in (", TX", " TX", ", Texas", " Texas"):
        assert f"Dallas{state} |" in said or f"Houston{state} |" in said or f"Austin{state} |" in said, state


def test_chinese_cities_come_with_their_province_and_rank() -> None:
    assert {"山东省青岛市", "山东青岛", "江苏苏州市"} <= set(draw("zh", "city_region", 30_000))
    assert not regex.search("北京市?北京", "".join(draw("zh", "city_region")))
    assert all(regex.search("[市县州盟旗区]$", name) for name in draw("zh", "city_suffix"))


def test_airports_are_called_as_people_call_them() -> None:
    assert {"Heathrow", "O'Hare", "JFK", "Denver International Airport"} <= set(draw("en", "airport", 30_000))
    assert {"首都机场", "浦东国际机场", "北京大兴机场"} <= set(draw("zh", "airport", 30_000))
    assert all(regex.fullmatch("[A-Z]{3}", code) for code in draw("en", "airport_code"))


def test_the_lists_are_long_enough_not_to_be_learnt_by_heart() -> None:
    kinds = {(lang, leaf): len(set(draw(lang, leaf, 20_000))) for lang, leaf in NAMES}
    assert kinds["en", "surname"] > 150
    assert kinds["en", "given"] > 80
    assert kinds["zh", "surname"] >= 100
    assert min(kinds.values()) >= 40


def test_grammars_can_call_the_leaves() -> None:
    grammar = Grammar([("test", "start:\n  {destination:<city>} <int 1 3>\n")], LEAVES["en"])
    text, (span,) = grammar.sample(Random(1))
    assert text[span.start : span.end] == text[:-2]


def test_no_two_draws_in_a_row_are_bound_to_each_other() -> None:
    said = draw("en", "big_city", 500)
    assert sum(first == second for first, second in pairwise(said)) < 50
