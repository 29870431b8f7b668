from collections import Counter

import pytest

from data.tokens import tokenize
from model.vocabulary import SHAPES, UNKNOWN, Vocabulary, build_vocabulary, han_pairs, shape_of


def test_traditional_and_simplified_capital_and_small_are_one_word() -> None:
    vocabulary = build_vocabulary({"台": 2, "Taipei": 1, "TAIPEI": 1}, {"臺": "台"}, size=10)
    assert vocabulary.id_of(vocabulary.normalize("臺")) == vocabulary.id_of("台") != UNKNOWN
    assert vocabulary.id_of(vocabulary.normalize("taiPEI")) == vocabulary.id_of("taipei") != UNKNOWN


def test_rare_words_and_words_beyond_the_size_are_unknown() -> None:
    vocabulary = build_vocabulary({"a": 3, "b": 2, "c": 1}, {}, size=1)
    assert vocabulary.words == ("a",)
    assert vocabulary.id_of("b") == vocabulary.id_of("c") == UNKNOWN
    assert len(vocabulary) == 3


def test_pairs_are_han_characters_that_touch() -> None:
    text = "到 臺北，北京A南京"
    tokens = tokenize(text)
    assert list(han_pairs(tokens, [shape_of(token.text) for token in tokens])) == [
        (1, "臺北"),
        (4, "北京"),
        (7, "南京"),
    ]
    counted = Counter({"臺北": 1, "台北": 1, "北京": 1})
    vocabulary = build_vocabulary({}, {"臺": "台"}, 10, pairs=counted, pairs_size=10)
    assert vocabulary.pairs == ("台北",)
    assert vocabulary.pair_place("臺北") == vocabulary.pair_place("台北") == 0
    assert vocabulary.pair_place("北京") is None


def test_long_numbers_keep_only_their_length() -> None:
    vocabulary = Vocabulary(())
    assert [vocabulary.normalize(number) for number in ("7", "31", "328", "2027")] == ["7", "31", "000", "0000"]


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("to", "lower"),
        ("Taipei", "title"),
        ("JFK", "upper"),
        ("McD", "mixed"),
        ("台", "han"),
        ("5", "digits1"),
        ("2027", "digits4"),
        ("123456", "digits"),
        (",", "other"),
        ("👍", "other"),
    ],
)
def test_the_shape_of_a_word(word: str, shape: str) -> None:
    assert SHAPES[shape_of(word)] == shape
