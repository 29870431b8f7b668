import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.ngram import NgramModel

CLASSES = 7
sentences = st.lists(st.lists(st.integers(1, CLASSES - 2), max_size=6), min_size=1, max_size=8)  # 6 is never seen
orders = st.integers(1, 5)


def stream(text: list[list[int]]) -> NDArray[np.int32]:
    return np.array([0, *(word for sentence in text for word in (*sentence, 0))], dtype=np.int32)


def probability(model: NgramModel, history: list[int], word: int) -> float:
    return math.exp(model.log_probabilities(np.array([0, *history, word], dtype=np.int32))[-1])


@settings(max_examples=60, deadline=None)
@given(sentences, orders, st.lists(st.integers(0, CLASSES - 1), max_size=6))
def test_probabilities_sum_to_one_after_any_history(text: list[list[int]], order: int, history: list[int]) -> None:
    model = NgramModel(stream(text), CLASSES, order)
    chances = [probability(model, history, word) for word in range(CLASSES)]
    assert min(chances) > 0
    assert sum(chances) == pytest.approx(1)


def test_probabilities_sum_to_one_after_histories_that_were_seen() -> None:
    text = [[1, 2, 3, 1, 2, 4], [1, 2, 3], [5, 2, 3, 1], [3, 3, 1]]
    for order in range(1, 6):
        model = NgramModel(stream(text), CLASSES, order)
        for sentence in text:
            for length in range(len(sentence) + 1):
                chances = [probability(model, sentence[:length], word) for word in range(CLASSES)]
                assert sum(chances) == pytest.approx(1)


def by_the_book(text: list[list[int]], order: int, history: list[int], word: int) -> float:
    """Interpolated Kneser-Ney, written down as its formula over tuples and slow."""
    marked = [("<s>", *sentence, "</s>") for sentence in text]
    grams = [
        Counter(s[i : i + k] for s in marked for i in range(len(s) - k + 1) if s[i : i + k] != ("<s>",))
        for k in range(order + 2)
    ]
    counts: list[Counter[tuple[object, ...]]] = [Counter()]
    for k in range(1, order + 1):
        if k == order:
            counts.append(grams[k])
            continue
        different = Counter(gram[1:] for gram in grams[k + 1])
        counts.append(Counter({g: n if g[0] == "<s>" else different[g] for g, n in grams[k].items()}))

    def recurse(before: tuple[object, ...], last: object) -> float:
        k = len(before) + 1
        once, twice = (sum(n == wanted for n in counts[k].values()) for wanted in (1, 2))
        discount = once / (once + 2 * twice) if once else 0.5
        behind = {gram[-1]: n for gram, n in counts[k].items() if gram[:-1] == before}
        lower = recurse(before[1:], last) if before else 1 / CLASSES
        if not behind:
            return lower
        total = sum(behind.values())
        return max(behind.get(last, 0) - discount, 0) / total + discount * len(behind) / total * lower

    before = ("<s>", *history)
    return recurse(before[max(0, len(before) - order + 1) :], word or "</s>")


@settings(max_examples=60, deadline=None)
@given(sentences, orders, st.lists(st.integers(1, CLASSES - 1), max_size=5), st.integers(0, CLASSES - 1))
def test_a_probability_is_that_of_the_formula(text: list[list[int]], order: int, history: list[int], word: int) -> None:
    model = NgramModel(stream(text), CLASSES, order)
    assert probability(model, history, word) == pytest.approx(by_the_book(text, order, history, word))


@given(sentences, orders)
@settings(max_examples=60, deadline=None)
def test_a_stream_is_as_probable_as_its_sentences_one_by_one(text: list[list[int]], order: int) -> None:
    model = NgramModel(stream([[1, 2, 3], [2, 3], [4, 1, 2]]), CLASSES, order)
    alone = [model.log_probabilities(stream([sentence])) for sentence in text]
    assert np.concatenate(alone) == pytest.approx(model.log_probabilities(stream(text)))


def test_what_is_stored_is_every_different_gram_once() -> None:
    text = [[1, 2, 1, 2], [1, 2]]
    model = NgramModel(stream(text), CLASSES, 2)
    bigrams = {pair for sentence in text for pair in pairwise([0, *sentence, 0])}
    assert model.grams == 3 + len(bigrams)  # 0, 1, 2 are the unigrams
    assert model.bytes > 12 * model.grams  # a key of eight bytes and a count of four each


def test_a_longer_history_foretells_better_where_it_decides() -> None:
    text = [[1, 2, 3], [4, 2, 5]] * 20
    held_out = stream([[1, 2, 3], [4, 2, 5]])
    chances = [NgramModel(stream(text), CLASSES, order).log_probabilities(held_out).mean() for order in (1, 2, 3)]
    assert chances[0] < chances[1] < chances[2]
