"""Text to tokens with offsets: the one tokenizer of training and serving."""

from typing import NamedTuple

import regex


class Token(NamedTuple):
    """A piece of text; `start` and `end` are code points, half-open."""

    text: str
    start: int
    end: int


# A run of letters with their marks and joiners is a token; Han and kana stand alone, a character each,
# because Chinese has no spaces to go by; a run of digits is a token, so "8am" is "8" and "am"; anything
# else is one grapheme, so an emoji of several code points stays whole.
_TOKEN = regex.compile(
    r"""
      (?: [\p{L}--[\p{Han}\p{Hiragana}\p{Katakana}]] [\p{M}\u200c\u200d]* )+
    | \p{Nd}+
    | (?![\s\x1c-\x1f])\X  # U+001C to U+001F are white space to str.isspace
    """,
    regex.VERBOSE | regex.VERSION1,
)


def tokenize(text: str) -> list[Token]:
    """Split any Unicode text. Tokens are in order, do not overlap, and cover all but white space."""
    return [Token(match.group(), *match.span()) for match in _TOKEN.finditer(text)]
