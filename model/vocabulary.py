"""Words to ids: what a token looks like to the tagger."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

from data.tokens import Token

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
HAN = _SHAPE_IDS["han"]


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
    that 臺北 and 台北 look the same to the tagger whatever is installed beside it. `pairs` are Han characters side by
    side: a character alone says little of the word that it stands in. `given` are more words, known by a vector from
    a file and not by an embedding.
    """

    words: tuple[str, ...]
    variants: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """From what dataclasses.asdict makes of one, or JSON of that."""
        given = fields.get("given", ())  # bundles of earlier versions have none
        return cls(tuple(fields["words"]), fields["variants"], tuple(fields["pairs"]), tuple(given))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.words + self.given, start=_SPECIAL)}

    @cached_property
    def _pair_places(self) -> dict[str, int]:
        return {pair: place for place, pair in enumerate(self.pairs)}

    @cached_property
    def _table(self) -> dict[int, str]:
        return str.maketrans(dict(self.variants))

    def __len__(self) -> int:
        """Number of ids, padding and unknown included."""
        return len(self.words) + len(self.given) + _SPECIAL

    def normalize(self, word: str) -> str:
        """Simplified characters, case folded; numbers of three and more digits keep only their length."""
        if word.isdecimal() and len(word) > 2:
            return "0" * len(word)
        return word.translate(self._table).casefold()

    def id_of(self, normalized: str) -> int:
        return self._ids.get(normalized, UNKNOWN)

    def pair_place(self, characters: str) -> int | None:
        """Where two Han characters, in either script, stand in `pairs`."""
        return self._pair_places.get(characters.translate(self._table))


def han_pairs(tokens: Sequence[Token], shapes: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Each two Han characters side by side, with the place of the first; `shapes` are those of the tokens."""
    for place, (left, right) in enumerate(pairwise(shapes)):
        if left == HAN == right and tokens[place].end == tokens[place + 1].start:
            yield place, tokens[place].text + tokens[place + 1].text


def build_vocabulary(
    words: Mapping[str, int],
    variants: Mapping[str, str],
    size: int,
    *,
    pairs: Mapping[str, int] | None = None,
    pairs_size: int = 0,
    min_count: int = 2,
) -> Vocabulary:
    """The `size` most frequent normalized words and `pairs_size` pairs, each seen at least `min_count` times."""
    empty = Vocabulary((), variants)

    def most_frequent(counts: Mapping[str, int], size: int) -> tuple[str, ...]:
        normalized: Counter[str] = Counter()
        for word, count in counts.items():
            normalized[empty.normalize(word)] += count
        kept = sorted((-count, word) for word, count in normalized.items() if count >= min_count)[:size]
        return tuple(word for _, word in kept)

    return Vocabulary(most_frequent(words, size), variants, most_frequent(pairs or {}, pairs_size))
