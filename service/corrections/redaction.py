"""Text to the same text without e-mail addresses, phone numbers and card numbers.

Letters become x, digits 0, Han characters 某: a mask is as long as what it hides and is cut into the same tokens, so
spans over the text stay where they are.
"""

from collections.abc import Iterator

import regex

# Full-width forms (U+FF01 to U+FF5E) as their narrow ones, one for one: 138 may also be typed １３８, @ as ＠.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

# A Chinese sentence runs into an address without a space: 请发到ann@x.com谢谢. So its parts are of one kind of letters.
_NAME = r"[[\p{L}--\p{Han}]\p{M}\p{N}._%+'\-]"
_EMAIL = rf"""
    (?: (?<!{_NAME}) {_NAME}++ | (?<!\p{{Han}}) \p{{Han}}++ ) @ (?: [\p{{L}}\p{{M}}\p{{N}}\-]++ \. )+
    (?: [[\p{{L}}--\p{{Han}}]\p{{M}}\p{{N}}\-]{{2,}} | \p{{Han}}{{2,}} )
"""
_DATE = r"(?: (?:19|20)\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01]) | (?:[0-2]\d|3[01])(?:0\d|1[0-2])(?:19|20)\d\d ) (?!\d)"
_PHONES = (
    r"(?: \+ | 00 ) \(?[1-9] (?: [\s().\-/]{0,2} \d ){6,14}",  # international (E.164)
    r"(?: 1[ .\-]? )? \(?[2-9]\d\d\)? [ .\-]? \d{3} [ .\-] \d{4}",  # North America
    r"(?! \d\d0-\d\d00 ) [2-9]\d\d [.\-] \d{4}",  # the same without its area; 500-1000 is a price
    r"1[3-9]\d [ \-] \d{4} [ \-] \d{4}",  # mobiles of China
    # With a trunk prefix; a date may begin with 0 too: 05-12-2026 10:30.
    r"\(?0 (?! \d[.\-/] \d{1,2} [.\-/] \d{2,4} ) \d (?: [\s().\-]? \d ){7,11}",
    rf"(?! {_DATE} ) \d{{7,}}",  # nobody travels to, at or for so many digits in a row, but for dates
    r"[〇零一二三四五六七八九幺]{7,}",
    r"\b(?: (?: zero | oh? | one | two | three | four | five | six | seven | eight | nine ) \b [\s,\-]* ){7,}",
)
_CARD = regex.compile(r"(?<!\d) \d (?: [ \-]? \d ){12,18} (?!\d)", regex.VERBOSE)
_CERTAIN = regex.compile(
    "|".join(f"(?:{pattern})" for pattern in (_EMAIL, *(rf"(?<!\d) {phone} (?!\d)" for phone in _PHONES))),
    regex.VERBOSE | regex.VERSION1 | regex.IGNORECASE,
)

_HAN = regex.compile(r"\p{Han}|[\p{Hiragana}\p{Katakana}]")


def redacted(text: str) -> str:
    """The text, masked where it holds an e-mail address, a phone number or the number of a card.

    U+0000, which no text of PostgreSQL may hold, becomes U+001A, the control character for what cannot be shown.
    """
    narrow = text.translate(_NARROW)
    characters = list(text)
    for start, end in _found(narrow):
        characters[start:end] = map(_mask, characters[start:end])
    return "".join(characters).replace("\0", "\x1a")


def _found(text: str) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        if passes_luhn([int(character) for character in match.group() if character.isdecimal()]):
            yield match.span()
    for match in _CERTAIN.finditer(text):
        yield match.span()


def passes_luhn(digits: list[int]) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def _mask(character: str) -> str:
    if character.isdecimal():
        return "0"
    if character.isalpha():
        return "某" if _HAN.match(character) else "x"
    return character
