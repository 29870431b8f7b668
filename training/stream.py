"""Texts to one stream of tokens with sentence ends: what language models read."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.tokens import Token, tokenize
from model.features import Features, Featurizer
from model.vocabulary import PADDING

SENTENCE_END = PADDING  # the one id that no word has; to the embedder it looks like nothing


class Text(NamedTuple):
    """Sentences as places in `forms`, each closed by a sentence end; forms[0] is the sentence end."""

    forms: Features
    sentences: list[NDArray[np.int32]]

    def stream(self, order: Iterable[int] | None = None) -> NDArray[np.int32]:
        """All sentences, or those of `order`, one after the other, with an end before the first."""
        chosen = self.sentences if order is None else [self.sentences[index] for index in order]
        return np.concatenate([np.zeros(1, dtype=np.int32), *chosen])

    def ids(self) -> NDArray[np.int32]:
        """The stream as ids of the vocabulary."""
        return self.forms.words[self.stream()]


def texts_to_text(texts: Iterable[str], featurizer: Featurizer) -> Text:
    """Each different token is looked up once and stands once in memory."""
    places: dict[str, int] = {}
    sentences = [
        np.array([*(places.setdefault(token.text, len(places) + 1) for token in tokenize(text)), 0], dtype=np.int32)
        for text in texts
    ]
    features = featurizer.features_of([Token(word, 0, len(word)) for word in places])
    end = (np.full((1, *array.shape[1:]), SENTENCE_END, dtype=array.dtype) for array in features)
    return Text(Features(*map(np.concatenate, zip(end, features, strict=True))), sentences)
