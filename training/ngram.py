"""A stream of ids to an n-gram model: what a language model is measured against."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.stream import SENTENCE_END


class _Order(NamedTuple):
    """The grams of k words. A context, the k - 1 words before the last, is known by its place in the order below."""

    keys: NDArray[np.int64]  # (grams,), sorted: context * classes + last word
    counts: NDArray[np.int32]  # (grams,)
    totals: NDArray[np.int32]  # (contexts,): sum of the counts behind it
    kinds: NDArray[np.int32]  # (contexts,): number of different words behind it
    discount: float

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places of the keys, -1 for those that were not seen."""
        places = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


class NgramModel:
    """Interpolated Kneser-Ney over a closed vocabulary, one discount an order: n1 / (n1 + 2 * n2).

    Kneser and Ney, "Improved backing-off for m-gram language modeling" (ICASSP 1995); interpolation as in Chen and
    Goodman (1999). Below the highest order a gram counts the different words before it; one that begins a sentence has
    none and keeps its own count (as Heafield et al., ACL 2013). The lowest order is interpolated with 1 / classes.
    """

    def __init__(self, stream: NDArray[np.int32], classes: int, order: int) -> None:
        """From a stream of ids below `classes`, as training.stream gives it."""
        self.classes = classes
        words = stream.astype(np.int64)
        occurrences, distinct, first = [], [], []
        contexts = np.zeros(len(words) - 1, dtype=np.int64)
        for k in range(1, order + 1):
            inside = np.flatnonzero(contexts >= 0)
            if not len(inside):
                break  # no sentence is so long
            keys, at, places = np.unique(
                contexts[inside] * classes + words[inside + 1], return_index=True, return_inverse=True
            )
            grams = np.full(len(words) - 1, -1, dtype=np.int64)
            grams[inside] = places
            occurrences.append(grams)
            distinct.append(keys)
            first.append(inside[at])
            contexts = _next_contexts(grams, words, k)
        self._orders = []
        for k, (grams, keys) in enumerate(zip(occurrences, distinct, strict=True), start=1):
            if k == len(occurrences):
                counted = grams[grams >= 0]
            else:
                begins_sentence = (grams >= 0) & (occurrences[k] < 0)  # nothing stands before it
                counted = np.concatenate([grams[first[k]], grams[begins_sentence]])
            counts = np.bincount(counted, minlength=len(keys)).astype(np.int32)
            before, below = keys // classes, len(distinct[k - 2]) if k > 1 else 1
            totals = np.bincount(before, weights=counts, minlength=below).astype(np.int32)
            kinds = np.bincount(before, minlength=below).astype(np.int32)
            self._orders.append(_Order(keys, counts, totals, kinds, _discount(counts)))

    def log_probabilities(self, stream: NDArray[np.int32]) -> NDArray[np.float64]:
        """Natural logarithms for each id of the stream but the first: (length - 1,)."""
        words = stream.astype(np.int64)
        probabilities: NDArray[np.float64] = np.full(len(words) - 1, 1 / self.classes)
        contexts = np.zeros(len(words) - 1, dtype=np.int64)
        for k, order in enumerate(self._orders, start=1):
            grams = np.where(contexts >= 0, order.find(contexts * self.classes + words[1:]), -1)
            counts = np.where(grams >= 0, order.counts[grams], 0)
            totals, kinds = (np.where(contexts >= 0, table[contexts], 0) for table in (order.totals, order.kinds))
            discounted: NDArray[np.float64] = (
                np.maximum(counts - order.discount, 0) + order.discount * kinds * probabilities
            )
            probabilities = np.where(totals > 0, discounted / np.maximum(totals, 1), probabilities)
            contexts = _next_contexts(grams, words, k)
        logarithms: NDArray[np.float64] = np.log(probabilities)
        return logarithms

    @property
    def grams(self) -> int:
        """Number of different grams stored, of all orders."""
        return sum(len(order.keys) for order in self._orders)

    @property
    def bytes(self) -> int:
        """Size of the tables: the bytes of their arrays (numpy's nbytes)."""
        return sum(table.nbytes for order in self._orders for table in order[:4])


def _next_contexts(grams: NDArray[np.int64], words: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Grams of k words as contexts of the words after them; no gram but the end alone reaches across an end."""
    contexts = np.concatenate([[0], grams[:-1]])  # the end is the smallest id, so the first gram of one word
    if k > 1:
        contexts[words[:-1] == SENTENCE_END] = -1
    return contexts


def _discount(counts: NDArray[np.int32]) -> float:
    """What is taken off each count; a half where no gram was seen once, which leaves nothing to estimate from."""
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    return float(once / (once + 2 * twice)) if once else 0.5
