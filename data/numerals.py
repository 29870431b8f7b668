"""Numbers from 0 to 999 to the words one says for them, in English and Chinese, and such words back to numbers."""

from functools import cache

import regex

_TO_NINE = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_SMALL = (*_TO_NINE, "ten", *_TEENS)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_HAN = "零一二三四五六七八九"

CARDINAL_WORDS = frozenset(
    (*_SMALL, *_TENS, "hundred", "thousand")
)  # all that a cardinal is made of, but "a" and "and"
HAN_NUMERALS = frozenset(f"{_HAN}〇两十百千万廿卅俩仨")  # all that a numeral is made of, in simplified characters


def cardinal(number: int, joiner: str = "-") -> str:
    """342 to "three hundred forty-two"; `joiner` stands between tens and ones."""
    hundreds, rest = divmod(number, 100)
    words = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words.append(joiner.join([_TENS[tens - 2], *([_SMALL[ones]] if ones else [])]))
    elif rest or not hundreds:
        words.append(_SMALL[rest])
    return " ".join(words)


def ordinal(number: int, joiner: str = "-") -> str:
    """22 to "twenty-second"."""
    words = cardinal(number, joiner)
    at = max(words.rfind(joiner), words.rfind(" ")) + 1
    last = words[at:]
    return words[:at] + (_ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"))


def han_numeral(number: int) -> str:
    """205 to "二百零五"; the 两 of counting is the caller's."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{_HAN[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if number < 20 else _HAN[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + _HAN[ones] if ones or not number else said


def read_english(words: str) -> int | None:
    """The number of a whole text of cardinal or ordinal words or digits, below a million, else None.

    "twenty-five", "a hundred and two", "two thousand ten", "twenty first", "3rd", "1,200". Numbers said in pairs
    ("nineteen ninety") or digit by digit are none, nor is "a".
    """
    words = words.lower().strip()
    if digits := _DIGITS.fullmatch(words):
        return int(digits[1].replace(",", ""))
    words = " ".join(words.replace("-", " ").split())
    high, thousand, low = words.replace("thousand and ", "thousand ").rpartition("thousand")
    if not thousand:
        return _below_thousand(low)
    thousands = 1 if high in ("", "a ") else _cardinals().get(_as_said(high.strip()))
    rest = 0 if low in ("", "th") else _below_thousand(low.strip())
    return thousands * 1000 + rest if thousands and rest is not None else None


def read_chinese(text: str) -> int | None:
    """The number of a whole Chinese numeral, below a hundred million, else None.

    "十二", "两百零五", "两百五" (250), "廿三", "俩", "二〇二七" (digit by digit), "3百", "１２" and "貳拾" alike.
    """
    if text in _FUSED:
        return _FUSED[text]
    high, myriad, low = text.translate(_FORMS).partition("万")
    if not myriad:
        return _below_myriad(high)
    myriads, rest = _below_myriad(high), _below_myriad(low) if low else 0
    if not myriads or rest is None:
        return None
    return myriads * 10_000 + rest * (1_000 if len(low) == 1 else 1)  # 两万五 is 25,000


_DIGITS = regex.compile(r"(\d{1,6}|\d{1,3},\d{3})(?:st|nd|rd|th)?")


def _as_said(words: str) -> str:
    """A number below a thousand as `cardinal` says it: "a hundred and two" to "one hundred two"."""
    words = words.replace("hundred and ", "hundred ")
    if words.startswith("hundred"):
        return f"one {words}"
    return f"one{words[1:]}" if words.startswith("a hundred") else words


def _below_thousand(words: str) -> int | None:
    said = _as_said(words)
    return _cardinals().get(said, _ordinals().get(said))


@cache
def _cardinals() -> dict[str, int]:
    return {cardinal(number, " "): number for number in range(1000)}


@cache
def _ordinals() -> dict[str, int]:
    return {ordinal(number, " "): number for number in range(1000)}


_FUSED = {"俩": 2, "仨": 3, "倆": 2}  # a numeral and its classifier in one character
_ARABIC = {ord(digit): str(value) for value, digit in enumerate(_HAN)}
_FORMS = str.maketrans(
    {"廿": "二十", "卅": "三十"}
    | dict(zip("０１２３４５６７８９〇两兩壹贰貳叁參肆伍陆陸", "0123456789零二二一二二三三四五六六", strict=True))
    | dict(zip("柒捌玖拾佰仟萬", "七八九十百千万", strict=True))
)
_DIGIT = rf"\d|[{_HAN[1:]}]"
_SECTION = regex.compile(rf"(?:({_DIGIT})千)?零?(?:({_DIGIT})百)?零?(?:({_DIGIT}|)十)?零?({_DIGIT})?")


def _below_myriad(text: str) -> int | None:
    """Digits, or a numeral below ten thousand with its units: 三百零五, 十五, 一千二 (1,200)."""
    if all(character in _HAN for character in text):
        text = text.translate(_ARABIC)
    if text.isdecimal():
        return int(text) if len(text) <= 8 else None
    match = _SECTION.fullmatch(text)
    if not text or not match:
        return None
    thousands, hundreds, tens, ones = (int(digit.translate(_ARABIC)) if digit else 0 for digit in match.groups())
    if match[3] is not None:
        tens = tens or 1
    elif "零" not in text:
        ones *= 10 if hundreds else 100 if thousands else 1  # the unit of the last digit is left out: 两百五
    return thousands * 1000 + hundreds * 100 + tens * 10 + ones
