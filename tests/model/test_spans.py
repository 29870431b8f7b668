import itertools

import pytest
import torch

from data.tags import tag_names, tags_to_spans
from data.tokens import Token
from model.crf import CRF, allowed_transitions
from model.spans import PathSums, presence, span_probability

NAMES = tag_names(["a", "b"])
LENGTH = 4


@pytest.mark.parametrize("seed", range(8))
def test_spans_and_presence_are_as_likely_as_all_taggings_that_hold_them(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    crf = CRF(len(NAMES))
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter, generator=generator)
    emissions = torch.randn(1, LENGTH, len(NAMES), generator=generator)
    allowed = allowed_transitions(len(NAMES))
    tokens = [Token("x", position, position + 1) for position in range(LENGTH)]
    weights: dict[tuple[str, int, int], float] = {}
    taken = [0.0] * LENGTH
    total = 0.0
    for path in itertools.product(range(len(NAMES)), repeat=LENGTH):
        if not allowed[0, path[0]] or not all(allowed[a, b] for a, b in itertools.pairwise(path)):
            continue
        score = crf.start[path[0]] + crf.end[path[-1]] + sum(emissions[0, t, tag] for t, tag in enumerate(path))
        weight = (score + sum(crf.transitions[a, b] for a, b in itertools.pairwise(path))).exp().item()
        total += weight
        for position, tag in enumerate(path):
            taken[position] += weight * (tag != 0)
        for span in tags_to_spans(tokens, [NAMES[tag] for tag in path]):
            weights[span] = weights.get(span, 0.0) + weight
    alpha, beta, log_partition = (t.detach() for t in crf.sums(emissions, torch.ones(1, LENGTH, dtype=torch.bool)))
    steps = crf.transitions.detach().masked_fill(~crf.allowed, crf.forbidden).numpy()
    sums = PathSums(emissions[0].numpy(), alpha[0].numpy(), beta[0].numpy(), float(log_partition))
    for (slot, start, end), weight in weights.items():
        probability = span_probability(NAMES.index(f"B-{slot}"), start, end - 1, sums, steps)
        assert probability == pytest.approx(weight / total, abs=1e-4)
        expected = sum(taken[start:end]) / (end - start) / total
        assert presence(start, end - 1, sums) == pytest.approx(expected, abs=1e-4)
