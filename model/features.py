"""Tokens to the numbers the tagger reads: word, pieces and shape of each token."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from data.tokens import Token
from model.pieces import Subwords
from model.vocabulary import HAN, Vocabulary, han_pairs, shape_of

PAIR_ENDED, PAIR_BEGUN = 0, 1  # the pieces of a Han character: the pair that it ends, the pair that it begins
_CACHE_LIMIT = 200_000


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
        if device.type == "cpu":
            return self
        words, pieces, shapes, asked = (
            tensor.pin_memory().to(device, non_blocking=True)
            for tensor in (self.words, self.pieces, self.shapes, self.asked)
        )
        return Batch(words, pieces, shapes, self.lengths, asked)


class Featurizer:
    """Looks words up; words repeat, so what one looks like is kept."""

    def __init__(self, vocabulary: Vocabulary, pieces: Subwords) -> None:
        self.vocabulary = vocabulary
        self.pieces = pieces
        self._seen: dict[str, tuple[int, list[int], int]] = {}

    @property
    def piece_ids(self) -> int:
        """How many there are: the pieces' own, then one for each pair."""
        return len(self.pieces) + len(self.vocabulary.pairs)

    def _look_up(self, word: str) -> tuple[int, list[int], int]:
        normalized = self.vocabulary.normalize(word)
        shape = shape_of(word)
        pieces = [] if shape == HAN else self.pieces.ids_of(normalized)[: self.pieces.per_word]
        pieces += [0] * (self.pieces.per_word - len(pieces))
        if len(self._seen) >= _CACHE_LIMIT:
            self._seen.clear()  # a flood of new words costs time, never memory
        seen = self._seen[word] = (self.vocabulary.id_of(normalized), pieces, shape)
        return seen

    def features_of(self, tokens: Sequence[Token]) -> Features:
        looks = [self._seen.get(token.text) or self._look_up(token.text) for token in tokens]
        words, pieces, shapes = zip(*looks, strict=True) if looks else ((), (), ())
        features = Features(
            np.array(words, dtype=np.int32),
            np.array(pieces, dtype=np.int32).reshape(len(looks), self.pieces.per_word),
            np.array(shapes, dtype=np.int32),
        )
        if self.vocabulary.pairs and HAN in shapes:
            for place, characters in han_pairs(tokens, shapes):
                if (pair := self.vocabulary.pair_place(characters)) is not None:
                    piece = len(self.pieces) + pair
                    features.pieces[place, PAIR_BEGUN] = features.pieces[place + 1, PAIR_ENDED] = piece
        return features


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
