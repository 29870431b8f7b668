"""Numbers from 0 to 999 to the words one says for them, in English and Chinese."""

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
