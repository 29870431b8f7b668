"""Texts to the vocabulary and the pieces that a model of them is trained with."""

from collections import Counter
from collections.abc import Iterable

from data.han import variants
from data.tokens import tokenize
from model.features import Featurizer
from model.pieces import train_pieces
from model.vocabulary import build_vocabulary
from training.config import VocabularyConfig


def texts_to_featurizer(texts: Iterable[str], settings: VocabularyConfig) -> Featurizer:
    """The words of the texts by their frequency. Han characters are words of one letter and need no pieces."""
    words = Counter(token.text for text in texts for token in tokenize(text))
    vocabulary = build_vocabulary(words.elements(), variants(), settings.words, settings.min_count)
    counts: Counter[str] = Counter()
    for word, count in words.items():
        normalized = vocabulary.normalize(word)
        if normalized.isascii() or len(normalized) > 1:
            counts[normalized] += count
    return Featurizer(vocabulary, train_pieces(counts, settings.pieces))
