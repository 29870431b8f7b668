"""Words to ids: what a token looks like to the tagger."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

PADDING, UNKNOWN = 0, 1
_SPECIAL = 2

SHAPES = (
    "padding",
    "lower",
    "title",
    "upper",
    "mixed",
    "han",
    "digits1",
    "digits2",
    "digits3",
    "digits4",
    "digits",
    "other",
)
_SHAPE_IDS = {name: index for index, name in enumerate(SHAPES)}


def shape_of(word: str) -> int:
    """How a token is written, as an index into SHAPES."""
    return _SHAPE_IDS[_shape_name(word)]


def _shape_name(word: str) -> str:
    if word.isdecimal():
        return f"digits{len(word)}" if len(word) <= 4 else "digits"
    if not word[0].isalpha():
        return "other"
    if word.islower():
        return "lower"
    if word.istitle():
        return "title"
    if word.isupper():
        return "upper"
    return "mixed" if word.lower() != word.upper() else "han"


@dataclass(frozen=True)
class Vocabulary:
    """The words that have an embedding of their own, most frequent first.

    `variants` maps traditional to simplified characters; it is part of the vocabulary (and so of the bundle), so
    that 臺北 and 台北 look the same to the tagger whatever is installed beside it.
    """

    words: tuple[str, ...]
    variants: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.words, start=_SPECIAL)}

    @cached_property
    def _table(self) -> dict[int, str]:
        return str.maketrans(dict(self.variants))

    def __len__(self) -> int:
        """Number of ids, padding and unknown included."""
        return len(self.words) + _SPECIAL

    def normalize(self, word: str) -> str:
        """Simplified characters, case folded; numbers of three and more digits keep only their length."""
        if word.isdecimal() and len(word) > 2:
            return "0" * len(word)
        return word.translate(self._table).casefold()

    def id_of(self, normalized: str) -> int:
        return self._ids.get(normalized, UNKNOWN)


def build_vocabulary(words: Iterable[str], variants: Mapping[str, str], size: int, min_count: int = 2) -> Vocabulary:
    """The `size` most frequent normalized words seen at least `min_count` times."""
    empty = Vocabulary((), variants)
    counts = Counter(words)
    normalized: Counter[str] = Counter()
    for word, count in counts.items():
        normalized[empty.normalize(word)] += count
    kept = sorted((-count, word) for word, count in normalized.items() if count >= min_count)[:size]
    return Vocabulary(tuple(word for _, word in kept), variants)
