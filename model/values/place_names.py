"""A place as it was said to the keys that its names are filed under."""

import regex

from data.gazetteer import ascii_folded
from data.han import to_simplified

_HAN = regex.compile(r"[\u3400-\u9fff]")
_NOT_LETTERS = regex.compile(r"[^a-z0-9]+")
_SHORT = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft"}
_AIRPORT_WORDS = frozenset(
    {"airport", "international", "intl", "int'l", "airfield", "aerodrome", "regional", "municipal"}
)


def is_han(text: str) -> bool:
    """Whether any character is a Han character."""
    return _HAN.search(text) is not None


def place_key(name: str) -> str:
    """What all spellings of one name share: no case, accents, punctuation or rank, simplified characters.

    The St. Louis, Saint-Louis -> st louis; O'Hare -> ohare; 臺北市 -> 台北.
    """
    if not name.isascii():
        if is_han(name):
            key = "".join(filter(str.isalnum, to_simplified(name))).casefold()
            return key[:-1] if key.endswith("市") and len(key) > 2 else key
        name = ascii_folded(name)
    letters = name.casefold().replace("'", "").replace(".", "").replace("&", " and ")
    words = [_SHORT.get(word, word) for word in _NOT_LETTERS.split(letters) if word]
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def airport_key(name: str) -> str:
    """The key of an airport's name without the words that say what it is: Logan International Airport -> @logan."""
    return "@" + " ".join(word for word in place_key(name).split() if word not in _AIRPORT_WORDS)
