import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from data.tokens import tokenize

SPACE = regex.compile(r"\s")


def words(text: str) -> list[str]:
    return [token.text for token in tokenize(text)]


@given(st.text())
def test_tokens_are_slices_of_the_text_in_order_and_cover_all_but_white_space(text: str) -> None:
    position = 0
    for token in tokenize(text):
        assert token.text == text[token.start : token.end]
        assert token.start < token.end
        assert not text[position : token.start].strip()
        position = token.end
    assert not text[position:].strip()


@given(st.text(alphabet="ab e\u0301\u200d\u0301台北9२👍🏽👩🚀\u20e3\ufe0f .'-"))
def test_no_token_holds_white_space(text: str) -> None:
    assert not any(SPACE.search(token.text) for token in tokenize(text))


@given(st.text())
def test_tokenizing_a_token_again_gives_that_token(text: str) -> None:
    assert all(words(token.text) == [token.text] for token in tokenize(text))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("arrive Taipei on November 2nd", ["arrive", "Taipei", "on", "November", "2", "nd"]),
        ("8am, St. Louis", ["8", "am", ",", "St", ".", "Louis"]),
        ("don't", ["don", "'", "t"]),
        ("10:30", ["10", ":", "30"]),
        ("从台北到Tokyo的G7次", ["从", "台", "北", "到", "Tokyo", "的", "G", "7", "次"]),
        ("カナ", ["カ", "ナ"]),
        ("Москва", ["Москва"]),
        ("Zu\u0308rich", ["Zu\u0308rich"]),
        ("हिन्दी", ["हिन्दी"]),
        ("ok👩‍🚀👍🏽🇹🇼", ["ok", "👩‍🚀", "👍🏽", "🇹🇼"]),
        ("٣٥x", ["٣٥", "x"]),
        (" \u3000\t\n", []),
        ("", []),
    ],
)
def test_words_digits_and_han_characters_are_told_apart(text: str, tokens: list[str]) -> None:
    assert words(text) == tokens


@given(st.text(alphabet=st.characters(whitelist_categories=["Ll", "Lu"]).filter(lambda c: ord(c) < 0x250), min_size=1))
def test_a_word_is_one_token_whether_composed_or_not(word: str) -> None:
    assert len(words(word)) == len(words(unicodedata.normalize("NFD", word))) == 1
