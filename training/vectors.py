"""Word vectors from a text file, as word2vec and GloVe write them, to those that a tagger starts from or keeps."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from data.han import variants
from model.tagger import Tagger
from model.vocabulary import UNKNOWN, Vocabulary
from training.config import ConfigError


class Vectors:
    """A vector (size,) for each normalized word, in the order of the file: the most frequent words come first."""

    def __init__(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        self._vectors = vectors

    @classmethod
    def read(cls, path: Path, size: int) -> "Vectors":
        """One line a word and its numbers; a first line of two counts (word2vec) is passed over.

        Of words that are one when normalized the first counts. ConfigError for a line that is none, or of another size.
        """
        normalize = Vocabulary((), variants()).normalize
        vectors: dict[str, NDArray[np.float32]] = {}
        number = 0
        try:
            with path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, start=1):
                    word, *numbers = line.rstrip().split(" ")
                    if number == 1 and len(numbers) == 1:
                        continue
                    vector = np.array(numbers, dtype=np.float32)
                    if len(vector) != size:
                        raise ValueError(f"{len(vector)} numbers, where the config's model takes {size}")
                    vectors.setdefault(normalize(word), vector)
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path}:{number}: {error}") from None
        return cls(vectors)

    @property
    def words(self) -> list[str]:
        return list(self._vectors)

    def load_into(self, tagger: Tagger, vocabulary: Vocabulary) -> None:
        """Into the fixed vectors of a tagger that has them, else into the weights its words start from."""
        assert isinstance(tagger.embed.words, nn.Embedding)
        vectors = tagger.embed.vectors
        weights = vectors.weight if vectors else tagger.embed.words.weight.data
        for word, vector in self._vectors.items():
            if (place := vocabulary.id_of(word)) != UNKNOWN:
                weights[place] = torch.from_numpy(vector)
