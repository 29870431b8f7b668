"""Where a span may begin and end: whole words, and no preposition at either end (docs/labelling.md)."""

from collections.abc import Sequence

import regex

from data.tokens import Token

# "in" is none of them: "in two hours" says when, "two hours" how long. Chinese ones that also begin names of places
# (从化, 于都) are left to the tagger. Behind a word some of them are part of a time: "the day after", 现在.
_EITHER = frozenset({"to", "from", "at", "via", "into", "between", "for", "of", "到", "去"})
_TIMES = frozenset({"on", "by", "before", "after", "until", "till", "around", "about", "during", "since"})
_IN_FRONT = _EITHER | _TIMES | {"onto", "near", "在"}
_LATIN = regex.compile(r"[\p{Latin}\p{Nd}]")


def whole_words(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """The span tokens[first..last] (inclusive) with the rest of the words that it cuts ("8" of "8am")."""
    while first > 0 and _is_cut(tokens[first - 1], tokens[first]):
        first -= 1
    while last + 1 < len(tokens) and _is_cut(tokens[last], tokens[last + 1]):
        last += 1
    return first, last


def tidy(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """The span tokens[first..last] (inclusive) of whole words and without prepositions at its ends.

    One that follows a preposition is part of a name: take me to [On the Border]; so is one with a capital inside a
    sentence, and the last word of a text.
    """
    first, last = whole_words(tokens, first, last)
    in_a_name = first > 0 and tokens[first - 1].text.lower() in _IN_FRONT
    while first < last and not in_a_name and _is_one_of(_IN_FRONT, tokens, first):
        first += 1
    while first < last < len(tokens) - 1 and _is_one_of(_EITHER, tokens, last):
        last -= 1
    return first, last


def _is_cut(left: Token, right: Token) -> bool:
    touching = left.end == right.start
    return touching and bool(_LATIN.match(left.text[-1]) and _LATIN.match(right.text[0]))


def _is_one_of(prepositions: frozenset[str], tokens: Sequence[Token], index: int) -> bool:
    text = tokens[index].text
    return text in prepositions or (index == 0 and text.lower() in prepositions)
