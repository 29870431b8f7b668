import itertools

import pytest
import torch
from torch.nn import functional

from model.crf import CRF, Softmax, allowed_transitions

TAGS = 5  # O and two slots
Output = CRF | Softmax
KINDS: list[type[Output]] = [CRF, Softmax]


def make(seed: int, length: int = 4, batch: int = 1, kind: type[Output] = CRF) -> tuple[Output, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    crf = kind(TAGS)
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter, generator=generator)
    return crf, torch.randn(batch, length, TAGS, generator=generator)


def legal(path: tuple[int, ...]) -> bool:
    allowed = allowed_transitions(TAGS)
    return bool(allowed[0, path[0]]) and all(bool(allowed[a, b]) for a, b in itertools.pairwise(path))


def path_score(crf: Output, emissions: torch.Tensor, path: tuple[int, ...]) -> float:
    score = float((crf.start[path[0]] + crf.end[path[-1]]).detach())
    score += sum(float(emissions[t, tag]) for t, tag in enumerate(path))
    return score + sum(float(crf.transitions[a, b].detach()) for a, b in itertools.pairwise(path))


def every_path(crf: Output, emissions: torch.Tensor) -> dict[tuple[int, ...], float]:
    paths = itertools.product(range(TAGS), repeat=len(emissions))
    return {path: path_score(crf, emissions, path) for path in paths if legal(path)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(20))
def test_the_decoded_path_is_the_best_of_all_legal_paths(seed: int, kind: type[Output]) -> None:
    crf, emissions = make(seed, kind=kind)
    scores = every_path(crf, emissions[0])
    decoded = tuple(crf(emissions, torch.ones(1, 4, dtype=torch.bool))[0].tolist())
    assert decoded == max(scores, key=scores.__getitem__)


@pytest.mark.parametrize("seed", range(20))
def test_the_partition_sums_all_legal_paths(seed: int) -> None:
    crf, emissions = make(seed)
    expected = torch.logsumexp(torch.tensor(list(every_path(crf, emissions[0]).values())), dim=0)
    assert torch.allclose(crf.log_partition(emissions, torch.ones(1, 4, dtype=torch.bool)), expected, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(10))
def test_marginals_are_those_of_all_legal_paths(seed: int, kind: type[Output]) -> None:
    crf, emissions = make(seed, kind=kind)
    scores = every_path(crf, emissions[0])
    total = torch.logsumexp(torch.tensor(list(scores.values())), dim=0)
    expected = torch.zeros(4, TAGS)
    for path, score in scores.items():
        for position, tag in enumerate(path):
            expected[position, tag] += (score - total).exp()
    alpha, beta, log_partition = crf.sums(emissions, torch.ones(1, 4, dtype=torch.bool))
    assert torch.allclose((alpha + beta - log_partition)[0].exp().float(), expected, atol=1e-5)


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


def by_recursion(crf: Output, emissions: torch.Tensor) -> tuple[float, float]:
    """Log partition and the best path's score of one sentence (length, tags): float64, a logsumexp a word."""
    start, transitions = (scores.detach().double() for scores in crf.scores())
    total = best = start + emissions[0].double()
    for row in emissions[1:].double():
        total = torch.logsumexp(total.unsqueeze(1) + transitions, dim=0) + row
        best = (best.unsqueeze(1) + transitions).amax(dim=0) + row
    end = crf.end.detach().double()
    return float(torch.logsumexp(total + end, dim=0)), float((best + end).amax())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spread", [1.0, 12.0])
def test_long_sentences_lose_no_precision_whatever_their_batch_mates(spread: float, kind: type[Output]) -> None:
    lengths = [400, 1, 250, 7, 0]
    crf, emissions = make(3, max(lengths), len(lengths), kind)
    emissions = emissions * spread + 9.0  # scores that add up to thousands
    mask = torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)
    with torch.inference_mode():
        tags = crf(emissions, mask)
        alpha, beta, log_partition = crf.sums(emissions, mask)
    assert not tags[~mask].any()
    for row, length in enumerate(lengths[:-1]):
        words = emissions[row, :length]
        path = tuple(tags[row, :length].tolist())
        total, best = by_recursion(crf, words)
        assert legal(path)
        assert path_score(crf, words, path) == pytest.approx(best, rel=1e-6)
        assert float(log_partition[row]) == pytest.approx(total, rel=1e-6)
        assert crf(words.unsqueeze(0), mask[row : row + 1, :length])[0].tolist() == list(path)
        marginals = (alpha[row, :length] + beta[row, :length] - log_partition[row]).exp()
        assert torch.allclose(marginals.sum(dim=1), torch.ones(length, dtype=torch.float64), atol=1e-4)
    assert float(log_partition[-1]) == 0.0


@pytest.mark.parametrize("spread", [0.3, 3.0, 20.0])  # all sentences in doubt, some of them, none
def test_the_likeliest_tags_are_the_best_path_where_there_is_no_doubt(spread: float) -> None:
    crf, emissions = make(5, length=8, batch=40, kind=CRF)
    mask = torch.arange(8) < torch.arange(40).unsqueeze(1) % 8 + 1
    with torch.inference_mode():
        tags, *sums = crf.decode(emissions * spread, mask)
        assert torch.equal(tags, crf(emissions * spread, mask))
        assert all(torch.equal(*pair) for pair in zip(sums, crf.sums(emissions * spread, mask), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_scripted_is_eager(kind: type[Output]) -> None:
    class Both(torch.nn.Module):
        def __init__(self, crf: Output) -> None:
            super().__init__()
            self.crf = crf

        def forward(
            self, emissions: torch.Tensor, mask: torch.Tensor
        ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
            return self.crf(emissions, mask), self.crf.decode(emissions, mask)[1:]

    crf, emissions = make(0, length=9, batch=3, kind=kind)
    mask = torch.arange(9) < torch.tensor([[9], [2], [5]])
    eager, scripted = Both(crf)(emissions, mask), torch.jit.script(Both(crf))(emissions, mask)
    assert torch.equal(eager[0], scripted[0])
    assert all(torch.equal(one, other) for one, other in zip(eager[1], scripted[1], strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_of_the_loss_is_its_slope(kind: type[Output]) -> None:
    crf, emissions = make(2, length=3, batch=2, kind=kind)
    crf.double()
    mask = torch.tensor([[True] * 3, [True] * 2 + [False]])
    possible = torch.rand(2, 3, TAGS, generator=torch.Generator().manual_seed(1)) < 0.5
    possible[:, :, 0] = True
    inputs = [emissions.double().requires_grad_(), *crf.parameters()]
    assert torch.autograd.gradcheck(lambda scores, *_: crf.loss(scores, mask, possible), inputs)


@pytest.mark.parametrize("seed", range(5))
def test_the_softmax_loss_is_the_cross_entropy_of_each_token(seed: int) -> None:
    softmax, emissions = make(seed, length=6, batch=2, kind=Softmax)
    mask = torch.arange(6) < torch.tensor([[6], [3]])
    tags = torch.randint(TAGS, (2, 6), generator=torch.Generator().manual_seed(seed))
    expected = functional.cross_entropy(emissions[mask], tags[mask], reduction="sum") / 2
    assert torch.allclose(softmax.loss(emissions, mask, functional.one_hot(tags, TAGS).bool()), expected)
    either = functional.one_hot(tags, TAGS).bool()
    either[:, :, 0] = True  # as likely as O and the tag together
    shares = emissions.softmax(dim=2)
    expected = -((shares * either).sum(dim=2).log() * mask).sum() / 2
    assert torch.allclose(softmax.loss(emissions, mask, either), expected)


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


@pytest.mark.parametrize("tag", [0, 2])  # O; and an inside tag, which no sentence may begin with
def test_a_forbidden_score_leaves_finite_gradients(tag: int) -> None:
    crf, emissions = make(1)
    possible = torch.zeros(1, 4, TAGS, dtype=torch.bool)
    possible[0, :, tag] = True
    crf.loss(emissions, torch.ones(1, 4, dtype=torch.bool), possible).backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in crf.parameters() if parameter.grad is not None)


def test_scores_that_hardly_leave_a_legal_path_give_numbers() -> None:
    crf, _ = make(0)
    emissions = torch.zeros(1, 4, TAGS)
    emissions[0, ::2, 2] = emissions[0, 1::2, 4] = 300.0  # the insides of two slots in turns
    sums = crf.sums(emissions, torch.ones(1, 4, dtype=torch.bool))
    assert all(torch.isfinite(one).all() for one in sums)
