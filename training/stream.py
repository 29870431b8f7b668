"""Texts to one stream of tokens with sentence ends: what language models read."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.tokens import tokenize
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
    """Each token as the tagger sees it, pairs with its neighbours and all."""
    features = [featurizer.features_of(tokenize(text)) for text in texts]
    end = (np.full((1, *array.shape[1:]), SENTENCE_END, dtype=array.dtype) for array in featurizer.features_of([]))
    starts = np.cumsum([1, *(len(sentence.words) for sentence in features)])
    sentences = [
        np.append(np.arange(start, start + len(sentence.words), dtype=np.int32), np.int32(0))
        for start, sentence in zip(starts.tolist(), features, strict=False)
    ]
    return Text(Features(*map(np.concatenate, zip(end, *features, strict=True))), sentences)
