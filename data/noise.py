"""Changes of style - spoken, mistyped, traditional - that keep every span on its words.

A noise takes (rng, text, spans) and returns the changed text with the spans moved along. The generator uses
them to make sentences look lived in, training to augment real ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, TypeVar

import regex

from data.han import is_traditional, to_traditional
from data.numerals import cardinal, han_numeral, ordinal
from data.tags import Span

Labelled = tuple[str, list[Span]]
Noise = Callable[[Random, str, Sequence[Span]], Labelled]

_T = TypeVar("_T")


class Edit(NamedTuple):
    """text[start:end] becomes `new`; an insertion has start == end."""

    start: int
    end: int
    new: str


def apply_edits(text: str, spans: Sequence[Span], edits: Sequence[Edit]) -> Labelled:
    """Text after edits (in order, not overlapping) and spans moved along: an insertion at an edge stays outside,
    white space at an edge and spans of which nothing is left go."""
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += text[position : edit.start], edit.new
        position = edit.end
    changed = "".join([*pieces, text[position:]])
    kept = []
    for span in spans:
        start, end = span.start, span.end
        for edit in edits:
            grown = len(edit.new) - (edit.end - edit.start)
            if edit.start < span.start or edit.start == edit.end == span.start:
                # An edit across the first character pushes the span behind what it wrote.
                start += grown + max(0, edit.end - span.start)
            if edit.end <= span.end and not edit.start == edit.end == span.end:
                end += grown
            elif edit.start < span.end < edit.end:
                end -= span.end - edit.start
        while start < end and changed[start].isspace():
            start += 1
        while start < end and changed[end - 1].isspace():
            end -= 1
        if start < end:
            kept.append(Span(span.slot, start, end))
    return changed, kept


def lower(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    return _case(text, str.lower), list(spans)


def upper(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    return _case(text, str.upper), list(spans)


def capital(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """The sentence begins with a capital, as most written ones do."""
    return _case(text[:1], str.upper) + text[1:], list(spans)


_WORD_START = regex.compile(r"(?<![\p{L}\p{M}\p{N}'’])\p{L}")


def title(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """The first letter of every word is a capital: "Don't", "10pm"."""
    return _WORD_START.sub(lambda match: _case(match[0], str.upper), text), list(spans)


# Marks that nobody says. Those that stand inside a number or a clock time stay: 10:30, 3.5, 1,200, 5-6.
_UNSAID = regex.compile(r'\s*(?:[;!?…"()\[\]，。？！；：、“”（）《》「」—–]|(?<!\d)[-.,:/]|[-.,:/](?!\d))+\s*')
_SINGLE_LETTERS = regex.compile(r"(?<!\p{L})\p{L}\.\p{L}(?!\p{L})")
_HAN = regex.compile(r"\p{Han}")


def strip_punctuation(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """Without the marks that nobody says. Between Chinese words nothing is left, or now and then a space."""
    gap = " " if rng.random() < 0.2 else ""
    edits = []
    for match in _UNSAID.finditer(text):
        start, end = match.span()
        if start == 0 or end == len(text) or _SINGLE_LETTERS.fullmatch(text, start - 1, end + 1):
            new = ""  # at an end of the text; in "a.m"
        elif _HAN.match(text[start - 1]) or _HAN.match(text[end]):
            new = gap
        else:
            new = " "
        edits.append(Edit(start, end, new))
    stripped = apply_edits(text, spans, edits)
    return stripped if stripped[0] else (text, list(spans))


def spoken(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """As a recogniser writes speech: small letters, no marks."""
    return strip_punctuation(rng, *lower(rng, text, spans))


_TYPABLE = regex.compile(r"[A-Za-z]{4,}")
_PARTICLE = regex.compile(r"[的了吧呢啊呀吗哦]")
_NEIGHBOURS = {
    key: row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for at, key in enumerate(row)
}


def typo(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """One or two slips in Latin words of four letters and more; without such words, a Chinese particle left out."""
    words = list(_TYPABLE.finditer(text))
    if not words:
        particles = [match for match in _PARTICLE.finditer(text) if not _inside_any(spans, match.start())]
        edits = [Edit(*_pick(rng, particles).span(), "")] if particles and len(text) > 1 else []
        return apply_edits(text, spans, edits)
    chosen = {_pick(rng, words).span() for _ in range(1 if rng.random() < 0.7 else 2)}
    return apply_edits(text, spans, [Edit(*span, _slip(rng, text[slice(*span)])) for span in sorted(chosen)])


def _slip(rng: Random, word: str) -> str:
    """Two letters swapped, one dropped, doubled, or hit beside; the first letter stays, as it mostly does."""
    at = 1 + int(rng.random() * (len(word) - 2))
    kind = rng.random()
    if kind < 0.3:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.6:
        return word[:at] + word[at + 1 :]
    if kind < 0.8:
        return word[: at + 1] + word[at:]
    beside = _pick(rng, _NEIGHBOURS[word[at].lower()])
    return word[:at] + (beside.upper() if word[at].isupper() else beside) + word[at + 1 :]


_FIRST = ("uh", "um", "er", "well", "please", "so", "ok")
_MIDDLE = ("uh", "um", "er", "like", "you know")
_HAN_FILLERS = ("嗯", "呃", "那个", "额", "就是")
# Where one hesitates beside the beginning of a span: in English before any word; in Chinese at the start, after a
# mark or a request, for between any two characters would fall into the middle of words.
_PAUSE = regex.compile(r"^|(?<=\s)(?=\S)")
_HAN_PAUSE = regex.compile(r"^|(?<=[，、；]|我想要|我想去|帮我|给我)(?=[\p{Han}\d])")


def filler(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """One hesitation between two words, never inside a span."""
    han = _HAN.search(text) is not None
    places = {match.start() for match in (_HAN_PAUSE if han else _PAUSE).finditer(text)}
    places.update(span.start for span in spans)
    at = _pick(rng, sorted(at for at in places if not any(span.start < at < span.end for span in spans)))
    word = _pick(rng, _HAN_FILLERS if han else _MIDDLE if at else _FIRST)
    marked = rng.random() < 0.3
    gap = ("，" if marked else "") if han else (", " if marked else " ")
    return apply_edits(text, spans, [Edit(at, at, word + gap)])


def traditional(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """Traditional characters, one for one."""
    return to_traditional(text), list(spans)


_MONTH = (
    r"\b(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b"
)
_DAY = r"(?P<day>[12]\d|3[01]|[1-9])"
# Numbers that one says as words. Those of three digits need something to count, for without it they are flights,
# houses and models; what has letters, marks or other numbers beside it is a code, a price, a date or a phone number.
_NUMBER = regex.compile(
    rf"""
      (?<! [\p{{L}}\p{{M}}\p{{N}}$€£¥#&@+*_'’.,:/–-]
         | (?: [\d$€£¥] | \b[A-Z]{{2,3}} | \b(?![aAI])\p{{L}} | \b(?i:flights?|trains?|bus|route|number|no\.?) ) \  )
      (?: 0?(?P<hour>1\d|2[0-3]|[1-9]):(?P<minute>[0-5]\d)
        | (?P<ordinal>[1-9]\d?) (?i:st|nd|rd|th)
        | (?<={_MONTH}\.?\ ){_DAY} | {_DAY}(?=\ {_MONTH})
        | (?P<cardinal>[1-9]\d{{2}}) (?=\ (?i:dollars|bucks|euros|pounds|yuan|miles|kilomet(?:er|re)s|km|people)\b)
        | (?P<cardinal>0|[1-9]\d?)
      )
      (?= \ ?(?P<meridiem>(?i:[ap]\.?m)\b) | (?P<oclock>\ o['’]clock)
        | (?! [\p{{L}}\p{{M}}\p{{N}}$€£¥%°+*_'’–-] | [.,:/]\d | \ (?!(?:19|20)\d\d\b)\d )
      )
    """,
    regex.VERBOSE,
)
# Chinese says the digits of a line, a train or a house one by one: only what counts something becomes words.
_HAN_NUMBER = regex.compile(
    r"""
      (?<![\p{Latin}\p{N}$¥￥#+~.,:：/-])
      (?: (?P<hour>[01]?\d|2[0-4])[:：](?P<minute>[0-5]\d) (?![\d:：~-])
        | (?P<number>\d{1,3})
          (?= (?:[到至或]\d{1,3})? \ ? (?P<unit>[月日号號点點分时時张張个個人位名天晚周週间間元块塊小]|大(?=[\d人])) )
        | (?<=\d[点點])(?P<number>\d{1,2}) (?!\d)
      )
    """,
    regex.VERBOSE,
)


def number_words(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """ "5 pm" becomes "five pm", "10:30" "ten thirty", "2张" "两张"; years, prices and codes keep their digits."""
    pattern, say = (_HAN_NUMBER, _say_han) if _HAN.search(text) else (_NUMBER, _say)
    edits = [
        Edit(*match.span(), say(rng, match))
        for match in pattern.finditer(text)
        if not any(match.start() < edge < match.end() for span in spans for edge in (span.start, span.end))
    ]
    return apply_edits(text, spans, edits)


def _say(rng: Random, match: "regex.Match[str]") -> str:
    joiner = "-" if rng.random() < 0.3 else " "
    if match["hour"]:
        hour, minute = int(match["hour"]), int(match["minute"])
        words = cardinal(hour, joiner)
        if minute:
            words += (" oh " if minute < 10 else " ") + cardinal(minute, joiner)
        elif not match["meridiem"] and not match["oclock"]:
            words += " o'clock" if hour <= 12 else " hundred"
    elif match["ordinal"] or (match["day"] and rng.random() < 0.7):
        words = ordinal(int(match["ordinal"] or match["day"]), joiner)
    else:
        words = cardinal(int(match["day"] or match["cardinal"]), joiner)
    glued = match["meridiem"] and match.start("meridiem") == match.end()
    return (words.upper() if match.string.isupper() else words) + (" " if glued else "")


def _say_han(rng: Random, match: "regex.Match[str]") -> str:
    if match["hour"]:
        minute = int(match["minute"])
        words = f"{_count_han(rng, int(match['hour']))}点"
        if minute == 30 and rng.random() < 0.5:
            words += "半"
        elif minute:
            words += ("零" if minute < 10 else "") + han_numeral(minute) + ("分" if rng.random() < 0.3 else "")
    elif match["unit"] and match["unit"] not in "月日号號分":
        words = _count_han(rng, int(match["number"]))
    else:
        words = han_numeral(int(match["number"]))
    return to_traditional(words) if is_traditional(match.string) else words


def _count_han(rng: Random, number: int) -> str:
    """Two of something is 两, and now and then 二."""
    return "两" if number == 2 and rng.random() < 0.85 else han_numeral(number)


_MERIDIEM_SPACE = regex.compile(r"(?<=\d) (?=[ap]\.?m\b)", regex.IGNORECASE)


def squeeze(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """ "5 pm" becomes "5pm"."""
    return apply_edits(text, spans, [Edit(*match.span(), "") for match in _MERIDIEM_SPACE.finditer(text)])


_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_HALF_WIDTH = str.maketrans("，？！；：（）", ",?!;:()")


def width(rng: Random, text: str, spans: Sequence[Span]) -> Labelled:
    """Chinese as some keyboards write it: all digits wide, or all marks narrow."""
    return text.translate(_FULL_WIDTH if rng.random() < 0.2 else _HALF_WIDTH), list(spans)


@dataclass(frozen=True, slots=True)
class NoiseRates:
    """Share of sentences that each noise changes. `spoken`, `upper`, `title` exclude each other; the rest may meet."""

    capital: float = 0.0
    spoken: float = 0.0
    upper: float = 0.0
    title: float = 0.0
    filler: float = 0.0
    number_words: float = 0.0
    typo: float = 0.0
    squeeze: float = 0.0
    width: float = 0.0
    traditional: float = 0.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} is {getattr(self, name)}; a rate is between 0 and 1")
        if self.spoken + self.upper + self.title > 1.0:
            raise ValueError("spoken, upper and title exclude each other: together they are at most 1")


# Most of what real corpora lack is style: nine in ten of their sentences without capitals or marks hold no slot,
# so that a tagger learns "no capitals, no slots". What is generated makes up for it.
RATES = {
    "en": NoiseRates(
        capital=0.75, spoken=0.30, upper=0.02, title=0.02, filler=0.06, number_words=0.06, typo=0.09, squeeze=0.10
    ),
    "zh": NoiseRates(spoken=0.35, filler=0.06, number_words=0.06, typo=0.05, width=0.10, traditional=0.12),
}


def augment(rng: Random, text: str, spans: Sequence[Span], rates: NoiseRates) -> Labelled:
    """The text with each noise at its rate: first what changes words, then script and style."""
    labelled = text, list(spans)
    for noise, rate in (
        (filler, rates.filler),
        (number_words, rates.number_words),
        (capital, rates.capital),
        (squeeze, rates.squeeze),
        (typo, rates.typo),
        (width, rates.width),
        (traditional, rates.traditional),
    ):
        if rate and rng.random() < rate:
            labelled = noise(rng, *labelled)
    style = rng.random()
    for noise, rate in ((spoken, rates.spoken), (upper, rates.upper), (title, rates.title)):
        if style < rate:
            return noise(rng, *labelled)
        style -= rate
    return labelled


def _case(text: str, change: Callable[[str], str]) -> str:
    """Change case one character for one: the few that would become two (İ, ß) stay, so that offsets hold."""
    changed = change(text)
    if len(changed) == len(text):
        return changed
    return "".join(new if len(new := change(character)) == 1 else character for character in text)


def _pick(rng: Random, items: Sequence[_T]) -> _T:
    return items[int(rng.random() * len(items))]


def _inside_any(spans: Sequence[Span], position: int) -> bool:
    return any(span.start <= position < span.end for span in spans)
