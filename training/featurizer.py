"""Texts to the vocabulary and the pieces that a model of them is trained with."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from data.han import variants
from data.tokens import tokenize
from model.features import Featurizer
from model.pieces import train_letters, train_pieces
from model.vocabulary import build_vocabulary, han_pairs, shape_of
from training.config import VocabularyConfig


def texts_to_featurizer(
    texts: Iterable[str], settings: VocabularyConfig, more: Sequence[str] = (), *, learned: bool = True
) -> Featurizer:
    """The words of the texts by their frequency, then those of `more` while there is room.

    Those of `more` get embeddings where they are to be `learned`; else they are what the vocabulary calls given.
    Han characters are words of one letter, with pairs for pieces.
    """
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for text in texts:
        tokens = tokenize(text)
        words.update(token.text for token in tokens)
        shapes = [shape_of(token.text) for token in tokens]
        pairs.update(pair for _, pair in han_pairs(tokens, shapes))
    vocabulary = build_vocabulary(
        words, variants(), settings.words, pairs=pairs, pairs_size=settings.pairs, min_count=settings.min_count
    )
    known = set(vocabulary.words)
    room = settings.words - len(known)
    new = tuple(word for word in more if word not in known)[:room]
    vocabulary = replace(vocabulary, words=vocabulary.words + new) if learned else replace(vocabulary, given=new)
    counts: Counter[str] = Counter()
    for word, count in words.items():
        normalized = vocabulary.normalize(word)
        if normalized.isascii() or len(normalized) > 1:
            counts[normalized] += count
    train = train_letters if settings.subwords == "letters" else train_pieces
    return Featurizer(vocabulary, train(counts, settings.pieces))
