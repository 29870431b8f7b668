"""Tokens to the numbers the tagger reads: word, pieces and shape of each token."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from data.tokens import Token
from model.pieces import Subwords
from model.vocabulary import HAN, Vocabulary, han_pairs, shape_of

PAIR_ENDED, PAIR_BEGUN = 0, 1  # the pieces of a Han character: the pair that it ends, the pair that it begins
_CACHE_LIMIT = 200_000

# All that the tagger sees of a token: its text; a Han character with the pieces of the pairs that it ends and begins.
Form: TypeAlias = str | tuple[str, int, int]


class Features(NamedTuple):
    """One sentence: words (length,), pieces (length, pieces of a word), shapes (length,), all int32."""

    words: NDArray[np.int32]
    pieces: NDArray[np.int32]
    shapes: NDArray[np.int32]


class Batch(NamedTuple):
    """Sentences padded with zeros: words, shapes (batch, length), pieces (batch, length, pieces of a word), lengths.

    `asked` (batch,) is the slot that was asked for, counted from 1 in the order of the catalogue; 0 where none was.
    """

    words: Tensor
    pieces: Tensor
    shapes: Tensor
    lengths: Tensor
    asked: Tensor

    def to(self, device: torch.device) -> "Batch":
        """On the device; lengths stay on the CPU, where packing wants them."""
        words, pieces, shapes, asked = (
            to_device(tensor, device) for tensor in (self.words, self.pieces, self.shapes, self.asked)
        )
        return Batch(words, pieces, shapes, self.lengths, asked)


def to_device(tensor: Tensor, device: torch.device) -> Tensor:
    """To a GPU by way of pinned memory: then nobody waits for the copy."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


class Featurizer:
    """Looks words up; words repeat, so what one looks like is kept."""

    def __init__(self, vocabulary: Vocabulary, pieces: Subwords) -> None:
        self.vocabulary = vocabulary
        self.pieces = pieces
        self._seen: dict[Form, tuple[int, list[int], int]] = {}

    @property
    def piece_ids(self) -> int:
        """How many there are: the pieces' own, then one for each pair."""
        return len(self.pieces) + len(self.vocabulary.pairs)

    def _look_up(self, form: Form) -> tuple[int, list[int], int]:
        word, *pairs = (form,) if isinstance(form, str) else form
        normalized = self.vocabulary.normalize(word)
        shape = shape_of(word)
        pieces = pairs if shape == HAN else self.pieces.ids_of(normalized)[: self.pieces.per_word]
        pieces += [0] * (self.pieces.per_word - len(pieces))
        if len(self._seen) >= _CACHE_LIMIT:
            self._seen.clear()  # a flood of new words costs time, never memory
        seen = self._seen[form] = (self.vocabulary.id_of(normalized), pieces, shape)
        return seen

    def forms_of(self, tokens: Sequence[Token]) -> list[Form]:
        words = [token.text for token in tokens]
        if not self.vocabulary.pairs or "".join(words).isascii():
            return list(words)
        shapes = [(self._seen.get(word) or self._look_up(word))[2] for word in words]
        ended, begun = [0] * len(words), [0] * len(words)
        for place, characters in han_pairs(tokens, shapes):
            if (pair := self.vocabulary.pair_place(characters)) is not None:
                begun[place] = ended[place + 1] = len(self.pieces) + pair
        return [
            (word, end, begin) if end or begin else word for word, end, begin in zip(words, ended, begun, strict=True)
        ]

    def features_of(self, tokens: Sequence[Token]) -> Features:
        return self.looks_of(self.forms_of(tokens))

    def looks_of(self, forms: Sequence[Form]) -> Features:
        looks = [self._seen.get(form) or self._look_up(form) for form in forms]
        words, pieces, shapes = zip(*looks, strict=True) if looks else ((), (), ())
        return Features(
            np.array(words, dtype=np.int32),
            np.array(pieces, dtype=np.int32).reshape(len(looks), self.pieces.per_word),
            np.array(shapes, dtype=np.int32),
        )


def pad(sentences: Sequence[Features], asked: Sequence[int] | None = None) -> Batch:
    """Sentences of at least one token, and what was asked before each, to one batch."""
    lengths = [len(sentence.words) for sentence in sentences]
    batch, longest = len(sentences), max(lengths)
    words = np.zeros((batch, longest), dtype=np.int32)
    pieces = np.zeros((batch, longest, sentences[0].pieces.shape[1]), dtype=np.int32)
    shapes = np.zeros((batch, longest), dtype=np.int32)
    for row, (sentence, length) in enumerate(zip(sentences, lengths, strict=True)):
        words[row, :length] = sentence.words
        pieces[row, :length] = sentence.pieces
        shapes[row, :length] = sentence.shapes
    return Batch(
        torch.from_numpy(words),
        torch.from_numpy(pieces),
        torch.from_numpy(shapes),
        torch.tensor(lengths),
        torch.tensor(asked or [0] * batch),
    )
