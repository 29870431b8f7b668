import itertools

import pytest
import torch

from model.crf import CRF, allowed_transitions

TAGS = 5  # O and two slots


def make(seed: int, length: int = 4, batch: int = 1) -> tuple[CRF, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    crf = CRF(TAGS)
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter, generator=generator)
    return crf, torch.randn(batch, length, TAGS, generator=generator)


def legal(path: tuple[int, ...]) -> bool:
    allowed = allowed_transitions(TAGS)
    return bool(allowed[0, path[0]]) and all(bool(allowed[a, b]) for a, b in itertools.pairwise(path))


def path_score(crf: CRF, emissions: torch.Tensor, path: tuple[int, ...]) -> float:
    score = float((crf.start[path[0]] + crf.end[path[-1]]).detach())
    score += sum(float(emissions[t, tag]) for t, tag in enumerate(path))
    return score + sum(float(crf.transitions[a, b].detach()) for a, b in itertools.pairwise(path))


def every_path(crf: CRF, emissions: torch.Tensor) -> dict[tuple[int, ...], float]:
    paths = itertools.product(range(TAGS), repeat=len(emissions))
    return {path: path_score(crf, emissions, path) for path in paths if legal(path)}


@pytest.mark.parametrize("seed", range(20))
def test_the_decoded_path_is_the_best_of_all_legal_paths(seed: int) -> None:
    crf, emissions = make(seed)
    scores = every_path(crf, emissions[0])
    decoded = tuple(crf(emissions, torch.ones(1, 4, dtype=torch.bool))[0].tolist())
    assert decoded == max(scores, key=scores.__getitem__)


@pytest.mark.parametrize("seed", range(20))
def test_the_partition_sums_all_legal_paths(seed: int) -> None:
    crf, emissions = make(seed)
    expected = torch.logsumexp(torch.tensor(list(every_path(crf, emissions[0]).values())), dim=0)
    assert torch.allclose(crf.log_partition(emissions, torch.ones(1, 4, dtype=torch.bool)), expected, atol=1e-4)


@pytest.mark.parametrize("seed", range(10))
def test_marginals_are_those_of_all_legal_paths(seed: int) -> None:
    crf, emissions = make(seed)
    scores = every_path(crf, emissions[0])
    total = torch.logsumexp(torch.tensor(list(scores.values())), dim=0)
    expected = torch.zeros(4, TAGS)
    for path, score in scores.items():
        for position, tag in enumerate(path):
            expected[position, tag] += (score - total).exp()
    alpha, beta, log_partition = crf.sums(emissions, torch.ones(1, 4, dtype=torch.bool))
    assert torch.allclose((alpha + beta - log_partition)[0].exp(), expected, atol=1e-4)


@pytest.mark.parametrize("seed", range(10))
def test_the_loss_is_the_share_of_the_paths_that_the_labels_leave_possible(seed: int) -> None:
    crf, emissions = make(seed)
    possible = torch.zeros(1, 4, TAGS, dtype=torch.bool)
    possible[0, 0, 0] = possible[0, 1, 1] = possible[0, 2, 0] = possible[0, 3, 0] = True
    possible[0, 2:, 3:] = True  # the second slot is not labelled here
    scores = every_path(crf, emissions[0])
    fits = [score for path, score in scores.items() if all(possible[0, t, tag] for t, tag in enumerate(path))]
    expected = torch.logsumexp(torch.tensor(list(scores.values())), 0) - torch.logsumexp(torch.tensor(fits), 0)
    assert len(fits) > 1
    assert torch.allclose(crf.loss(emissions, torch.ones(1, 4, dtype=torch.bool), possible), expected, atol=1e-4)


@pytest.mark.parametrize("seed", range(10))
def test_padding_changes_neither_path_nor_sums(seed: int) -> None:
    crf, emissions = make(seed, length=3)
    padded = torch.cat([emissions, torch.randn(1, 4, TAGS) * 10], dim=1)
    mask = torch.ones(1, 3, dtype=torch.bool)
    wide = torch.tensor([[True] * 3 + [False] * 4])
    assert crf(padded, wide)[0].tolist() == crf(emissions, mask)[0].tolist() + [0] * 4
    alone, together = crf.sums(emissions, mask), crf.sums(padded, wide)
    assert torch.allclose(alone[2], together[2], atol=1e-5)
    assert torch.allclose(alone[0], together[0][:, :3], atol=1e-5)
    assert torch.allclose(alone[1], together[1][:, :3], atol=1e-5)


def test_an_inside_tag_never_follows_another_slot_nor_begins_a_sentence() -> None:
    crf, _ = make(0)
    emissions = torch.zeros(1, 3, TAGS)
    emissions[0, :, 2] = 100.0  # I of the first slot everywhere
    assert crf(emissions, torch.ones(1, 3, dtype=torch.bool))[0].tolist() == [1, 2, 2]


def test_a_forbidden_score_leaves_finite_gradients() -> None:
    crf, emissions = make(1)
    possible = torch.zeros(1, 4, TAGS, dtype=torch.bool)
    possible[0, :, 0] = True
    crf.loss(emissions, torch.ones(1, 4, dtype=torch.bool), possible).backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in crf.parameters() if parameter.grad is not None)
