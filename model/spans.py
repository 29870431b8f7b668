"""CRF sums to span probabilities: how likely is exactly this span with this slot, and what else may it be?"""

import math
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class PathSums(NamedTuple):
    """What the CRF knows of one sentence: emissions, alpha, beta (length, tags), as model.crf.CRF.sums has them."""

    emissions: Array
    alpha: Array
    beta: Array
    log_partition: float


def span_probability(begin: int, first: int, last: int, sums: PathSums, steps: Array) -> float:
    """Probability that tokens first..last (inclusive) carry tag `begin` (a B-), then its I-, and no more of it.

    `steps` (tags, tags) are the transition scores. Sums over all taggings of the other tokens (forward-backward), so
    it is no product of token maxima.
    """
    emissions, alpha, beta, log_partition = sums
    inside = begin + 1
    score = float(alpha[first, begin])
    tag = begin
    for position in range(first + 1, last + 1):
        score += float(steps[tag, inside] + emissions[position, inside])
        tag = inside
    ends = math.exp(min(0.0, score + float(beta[last, tag]) - log_partition))
    if last + 1 == len(emissions):
        return ends
    # beta also holds the taggings in which the span goes on; they are another span.
    longer = score + float(steps[tag, inside] + emissions[last + 1, inside] + beta[last + 1, inside]) - log_partition
    return max(0.0, ends - math.exp(min(0.0, longer)))


class Reading(NamedTuple):
    """A slot (its B- tag) of tokens first..last (inclusive), and the probability of exactly that."""

    begin: int
    first: int
    last: int
    probability: float


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
    outside = sums.alpha[first : last + 1, 0] + sums.beta[first : last + 1, 0] - sums.log_partition
    return 1 - float(np.exp(np.minimum(outside, 0)).mean())
