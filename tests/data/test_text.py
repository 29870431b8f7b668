import pytest

from data.text import MAX_CHARACTERS, TextError, check_text


@pytest.mark.parametrize("text", ["a", "x" * MAX_CHARACTERS, "台北", "👩‍🚀", " padded \n", "\x00"])
def test_a_sentence_passes_unchanged(text: str) -> None:
    assert check_text(text) == text


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("", "empty_text", "text is empty or only white space"),
        (" \t\u3000\n", "empty_text", "text is empty or only white space"),
        ("x" * 2001, "text_too_long", "text has 2001 characters; the limit is 2000"),
        ("ab\ud800", "invalid_unicode", "text holds the lone surrogate U+D800 at character 2"),
        ("\udc00" * 3, "invalid_unicode", "text holds the lone surrogate U+DC00 at character 0"),
    ],
)
def test_what_is_no_sentence_is_refused_by_code(text: str, code: str, detail: str) -> None:
    with pytest.raises(TextError) as error:
        check_text(text)
    assert (error.value.code, error.value.detail) == (code, detail)


def test_the_limit_is_in_characters_not_bytes() -> None:
    assert check_text("北" * 10, max_characters=10)
    with pytest.raises(TextError, match="11 characters; the limit is 10"):
        check_text("北" * 11, max_characters=10)
