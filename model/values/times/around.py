"""The spans of one time in a text to what is said of it there, with the words around them that belong to it.

A span holds the value and nothing else (docs/labelling.md): "after", "by", 以后, "or", and the "at" that makes a clock
of a number, stand before, between and behind the spans.
"""

from collections.abc import Iterator, Sequence

import regex

from data.tags import Span
from model.values.times.expression import Expression, Unknown
from model.values.times.read import read_time

_REACH = 40  # characters looked at on either side
_LEFT_EN = (  # "on" says nothing that the day does not, unless it is "on or after"
    r"after|before|by|until|till?|from|between|around|about|approximately|roughly|at|in|on(?= or\b)|within|over|during|"
    r"no|not|later|earlier|than|past|since|starting|beginning|any|some|time|anytime|sometime|either|or|the|latest|for|"
    r"as|of"
)
_RIGHT_EN = r"or|later|earlier|after|before|onwards?|at|the|latest|earliest|sharp|ish|so|on"
_LEFT_ZH = "最晚|最迟|最早|不晚于|不早于|晚于|早于|大概|大约|差不多|从|自|在|于"
_RIGHT_ZH = "以后|之后|过后|以前|之前|左右|前后|之间|以内|开始|前(?!往|面)|后(?!面)|内|起(?![飞程航])"
_SPACE = r"[\s,，、]*+"
_LEFT = regex.compile(rf"(?:(?:\b(?:{_LEFT_EN})\b|{_LEFT_ZH}){_SPACE})+$", regex.IGNORECASE)
_RIGHT = regex.compile(rf"(?:{_SPACE}(?:\b(?:{_RIGHT_EN})\b|{_RIGHT_ZH}))+", regex.IGNORECASE)
_BETWEEN = regex.compile(
    rf"(?:(?:\b(?:{_LEFT_EN}|{_RIGHT_EN}|to|through|thru|and|but)\b|{_LEFT_ZH}|{_RIGHT_ZH}|到|至|或者?|还是|和|[-–—~～@&])?{_SPACE})*+",
    regex.IGNORECASE,
)
_WORD = regex.compile(rf"{_LEFT_ZH}|{_RIGHT_ZH}|\w+")


def read_around(text: str, spans: Sequence[Span], lang: str) -> list[Expression]:
    """What the spans say, in order of place: those with nothing but such words between them are read as one."""
    expressions: list[Expression] = []
    for group in _groups(text, spans):
        together = _read(text, group[0].start, group[-1].end, lang)
        if isinstance(together, Unknown) and len(group) > 1:
            expressions += [_read(text, span.start, span.end, lang) for span in group]
        else:
            expressions.append(together)
    return expressions


def _groups(text: str, spans: Sequence[Span]) -> list[list[Span]]:
    groups: list[list[Span]] = []
    for span in spans:
        if groups and _BETWEEN.fullmatch(text, groups[-1][-1].end, span.start):
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _read(text: str, start: int, end: int, lang: str) -> Expression:
    """With as many of the words around as make sense together; of the span alone if none do."""
    for left in _starts(text, start):
        for right in _ends(text, end):
            read = read_time(text[left:right], lang)
            if not isinstance(read, Unknown):
                return read
    return read


def _starts(text: str, start: int) -> Iterator[int]:
    """From far to near."""
    if match := _LEFT.search(text, max(0, start - _REACH), start):
        yield from (word.start() for word in _WORD.finditer(text, match.start(), start))
    yield start


def _ends(text: str, end: int) -> Iterator[int]:
    if match := _RIGHT.match(text, end, end + _REACH):
        yield from reversed([word.end() for word in _WORD.finditer(text, end, match.end())])
    yield end
