"""CRF sums to span probabilities: how likely is exactly this span with this slot, and what else may it be?

Spans are short and few: numbers taken out one by one with `item` cost a tenth of numpy's operations on slices.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


class PathSums(NamedTuple):
    """What the CRF knows of one sentence: emissions, alpha, beta (length, tags), as model.crf.CRF.sums has them."""

    emissions: Array
    alpha: Array
    beta: Array
    log_partition: float


def path_sums(
    emissions: Array, alpha: Array, beta: Array, log_partition: Array, lengths: Sequence[int]
) -> Iterator[PathSums]:
    """Those of each sentence of a batch, without its padding."""
    for row, length in enumerate(lengths):
        yield PathSums(emissions[row, :length], alpha[row, :length], beta[row, :length], log_partition.item(row))


def span_probability(begin: int, first: int, last: int, sums: PathSums, steps: Array) -> float:
    """Probability that tokens first..last (inclusive) carry tag `begin` (a B-), then its I-, and no more of it.

    `steps` (tags, tags) are the transition scores. Sums over all taggings of the other tokens (forward-backward), so
    it is no product of token maxima.
    """
    emissions, alpha, beta, log_partition = sums
    inside = begin + 1
    score = alpha.item(first, begin) - log_partition
    tag = begin
    for position in range(first + 1, last + 1):
        score += steps.item(tag, inside) + emissions.item(position, inside)
        tag = inside
    ends = math.exp(min(0.0, score + beta.item(last, tag)))
    if last + 1 == len(emissions):
        return ends
    # beta also holds the taggings in which the span goes on; they are another span.
    longer = score + steps.item(tag, inside) + emissions.item(last + 1, inside) + beta.item(last + 1, inside)
    return max(0.0, ends - math.exp(min(0.0, longer)))


class Reading(NamedTuple):
    """A slot (its B- tag) of tokens first..last (inclusive), and the probability of exactly that."""

    begin: int
    first: int
    last: int
    probability: float


def tagged_readings(tags: Sequence[int], sums: PathSums, steps: Array, min_presence: float) -> Iterator[Reading]:
    """The spans of a sentence's tags, in order of place, where some slot is likely enough to be (see `presence`)."""
    for first, tag in enumerate(tags):
        if tag % 2 == 0:  # O, or the inside of a span: model.crf has the numbers
            continue
        last = first
        while last + 1 < len(tags) and tags[last + 1] == tag + 1:
            last += 1
        if presence(first, last, sums) >= min_presence:
            yield Reading(tag, first, last, span_probability(tag, first, last, sums, steps))


_MOVES = range(-2, 3)  # of an edge, in tokens


def rival_readings(reading: Reading, sums: PathSums, steps: Array) -> list[Reading]:
    """Other readings of about the same tokens, best first: another slot, edges moved a little."""
    begin, first, last, _ = reading
    length, tags = sums.emissions.shape
    rivals = [
        Reading(other, start, end, span_probability(other, start, end, sums, steps))
        for other, start, end in product(
            range(1, tags, 2),
            [first + move for move in _MOVES if 0 <= first + move <= last],
            [last + move for move in _MOVES if first <= last + move < length],
        )
        if start <= end and (other, start, end) != (begin, first, last)
    ]
    return sorted(rivals, key=lambda rival: -rival.probability)


def presence(first: int, last: int, sums: PathSums) -> float:
    """Probability that tokens first..last hold a slot, of whatever kind and edges: the mean of 1 - P(O) over them.

    Where two readings of the edges compete ("the 3rd", "3rd"), each span is unlikely; that something is there is not.
    """
    _, alpha, beta, log_partition = sums
    places = range(first, last + 1)
    outside = (math.exp(min(0.0, alpha.item(place, 0) + beta.item(place, 0) - log_partition)) for place in places)
    return 1 - sum(outside) / len(places)
