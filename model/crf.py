"""Emissions to tags and probabilities: paths over BIO tags, weighed by a linear-chain CRF or by the emissions alone.

Lafferty, McCallum and Pereira, "Conditional Random Fields" (ICML 2001). Tag 0 is O; slot s has B = 2s + 1 and
I = 2s + 2 (data.tags.tag_names), so which tag may follow which is known from the numbers alone.

One state more than there are tags, the last one, is outside of the sentence. Every path begins and ends in it, and so
padding is a stay there: start and end are transitions like others, no step of a loop knows of lengths, and a sentence
read backwards is one more sentence of the batch. What a loop costs is its number of small tensor operations.

Sums over paths run in probability space, one matrix product a step, rescaled to 1: exact to float precision.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

FORBIDDEN = -1e4  # as a score: far below any learned one, yet finite, so that no gradient is NaN
LEAST = 1e-30  # as a factor of a step: its logarithm is finite
NOTHING = 1e-250  # as a factor of a position, in float64
CERTAIN = 0.499  # less doubt than one half, with room for rounding


class Taught(NamedTuple):
    """Probabilities of tags (batch, length, tags) that a loss goes by, to the `share` of it that labels do not have."""

    marginals: Tensor
    share: float


def allowed_transitions(tags: int) -> Tensor:
    """(tags, tags) bool, [i, j]: may j follow i? I-x follows only B-x and I-x."""
    allowed = torch.ones(tags, tags, dtype=torch.bool)
    for inside in range(2, tags, 2):
        allowed[:, inside] = False
        allowed[inside - 1, inside] = True
        allowed[inside, inside] = True
    return allowed


class TagPaths(nn.Module):
    """Scores of tag sequences: `start` (tags,), `transitions` (tags, tags) from row to column, `end` (tags,)."""

    forbidden: float
    least: float
    nothing: float
    certain: float
    start: Tensor
    end: Tensor
    transitions: Tensor
    allowed: Tensor
    allowed_start: Tensor

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.forbidden = FORBIDDEN  # TorchScript reads attributes, not module constants
        self.least = LEAST
        self.nothing = NOTHING
        self.certain = CERTAIN
        allowed = allowed_transitions(tags)
        self.register_buffer("allowed", allowed, persistent=False)
        self.register_buffer("allowed_start", allowed[0], persistent=False)  # nothing before is like O before

    def scores(self) -> tuple[Tensor, Tensor]:
        """(start (tags,), transitions (tags, tags)) with the forbidden ones out of reach."""
        start = self.start.masked_fill(~self.allowed_start, self.forbidden)
        return start, self.transitions.masked_fill(~self.allowed, self.forbidden)

    def steps(self) -> Tensor:
        """Scores from state to state: (states, states)."""
        start, transitions = self.scores()
        from_each = torch.cat([transitions, start.unsqueeze(0)])  # (states, tags)
        return torch.cat([from_each, functional.pad(self.end, [0, 1]).unsqueeze(1)], dim=1)

    def lattice(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """Score of each state at each position and at one behind the last: (batch, length + 1, states)."""
        scores = functional.pad(emissions, [0, 1, 0, 1], value=self.forbidden)
        outside = torch.full_like(scores[0, 0], self.forbidden)  # (states,)
        outside[-1] = 0.0
        return torch.where(functional.pad(mask, [0, 1]).unsqueeze(2), scores, outside)

    def forward(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """Best path (Viterbi). emissions (batch, length, tags), mask (batch, length) -> tags (batch, length).

        Tags behind the end of a sentence are 0. The batch is the last dimension here, the state before a step the
        first: torch's `amax` is ten times faster over the first dimension than over others.
        """
        steps = self.steps()
        scores = self.lattice(emissions, mask).permute(1, 2, 0).contiguous().unbind()  # (states, batch) each
        best = [steps[-1].unsqueeze(1) + scores[0]]
        for score in scores[1:-1]:
            best.append((best[-1].unsqueeze(1) + steps.unsqueeze(2)).amax(dim=0) + score)
        best.reverse()
        path = [torch.full_like(mask[:, 0], emissions.size(2), dtype=torch.long)]  # back from outside
        for before in best:
            path.append((before + steps.index_select(1, path[-1])).argmax(dim=0))
        path.reverse()
        return torch.stack(path[:-1], dim=1) * mask

    def decode(self, emissions: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Best path, as `forward` finds it, and alpha, beta and log partition, as `sums` has them.

        Where each word's likeliest tag leaves so little doubt that the doubts of a sentence add up to less than one
        half, the path of these tags has more than half of the probability: no other one can be the best.
        """
        alpha, beta, log_partition = self.sums(emissions, mask)
        likeliest, tags = (alpha + beta).max(dim=2)
        doubt = ((log_partition.unsqueeze(1) - likeliest).neg().expm1().neg() * mask).sum(dim=1)  # of 1 - probability
        tags = tags * mask
        unsure = (doubt > self.certain).nonzero().squeeze(1)
        if unsure.size(0) > 0:
            tags[unsure] = self.forward(emissions[unsure], mask[unsure])
        return tags, alpha, beta, log_partition

    def sums(self, emissions: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Forward and backward log sums: alpha, beta (batch, length, tags), log partition (batch,); all in float64.

        alpha[t, j] sums all beginnings that end in tag j at t, its emission included; beta[t, i] sums all ends
        that follow tag i at t, its emission not included. alpha + beta - log partition is the log marginal.
        Behind the end of a sentence they mean nothing.
        """
        lattice = self.lattice(emissions, mask).double().transpose(0, 1)  # (length + 1, batch, states)
        highest = lattice.amax(dim=2, keepdim=True)
        weights = (lattice - highest).exp().clamp(min=self.nothing)
        steps = self.steps().double().exp().clamp(min=self.least)
        factors = torch.stack([steps, steps.t()])
        shares = torch.zeros_like(weights[:2])  # (ahead and back, batch, states), of all that reach a state
        shares[:, :, -1] = 1.0  # all are outside
        arrived: list[Tensor] = []
        scales: list[Tensor] = []
        for weight in torch.stack([weights, weights.flip(0)], dim=1).unbind():
            arrived.append(torch.bmm(shares, factors))
            shares = arrived[-1] * weight
            scales.append(shares.sum(dim=2, keepdim=True))
            shares = shares / scales[-1]
        scale = torch.stack(scales).log() + torch.stack([highest, highest.flip(0)], dim=1)
        total = scale.cumsum(dim=0)  # (length + 1, 2, batch, 1)
        reached = torch.stack(arrived).log() + functional.pad(total[:-1], [0, 0, 0, 0, 0, 0, 1, 0])
        alpha, beta = reached[:, 0] + lattice, reached[:, 1].flip(0)
        return alpha[:-1, :, :-1].transpose(0, 1), beta[:-1, :, :-1].transpose(0, 1), total[-1, 0, :, 0]

    def log_partition(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """Log sum over all paths: (batch,). For training: its gradient is cheap."""
        factors = self.steps().exp().clamp(min=self.least)
        lattice = self.lattice(emissions, mask)
        shares = torch.zeros_like(lattice[:, 0])  # (batch, states)
        shares[:, -1] = 1.0  # all are outside
        rows: list[Tensor] = []
        for scores in lattice.unbind(1):
            rows.append((shares @ factors).log() + scores)
            shares = rows[-1].softmax(dim=1)
        reached = torch.stack(rows, dim=1)  # (batch, length + 1, states)
        # logsumexp, by way of log_softmax: torch's exp is slow where it underflows, its softmax is not.
        best, state = reached.max(dim=2, keepdim=True)
        return (best - reached.log_softmax(dim=2).gather(2, state)).squeeze(2).sum(dim=1)


class CRF(TagPaths):
    """Learned scores."""

    def __init__(self, tags: int) -> None:
        super().__init__(tags)
        self.start = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))
        self.transitions = nn.Parameter(torch.empty(tags, tags).uniform_(-0.1, 0.1))

    def loss(self, emissions: Tensor, mask: Tensor, possible: Tensor, taught: Taught | None = None) -> Tensor:
        """Mean negative log likelihood of the sets of tags that the labels leave possible.

        `possible` (batch, length, tags) bool: exactly one tag where a row says which; where the row's source never
        looks for some slots, O and those slots (a partially observed CRF: Tsuboi et al., COLING 2008). To its share,
        what was taught counts in place of the labels: the cross-entropy of the teachers' paths, up to what is the same
        for all emissions.
        """
        observed = emissions.masked_fill(~possible, self.forbidden)
        both = self.log_partition(torch.cat([emissions, observed]), torch.cat([mask, mask]))
        free, constrained = both.chunk(2)
        if taught is not None:
            expected = (emissions * taught.marginals).sum(dim=(1, 2))
            constrained = torch.lerp(constrained, expected, taught.share)
        return (free - constrained).mean()


class Softmax(TagPaths):
    """No scores but the emissions: each token is learned by itself, and decoded to the best tags in BIO order."""

    def __init__(self, tags: int) -> None:
        super().__init__(tags)
        self.register_buffer("start", torch.zeros(tags), persistent=False)
        self.register_buffer("end", torch.zeros(tags), persistent=False)
        self.register_buffer("transitions", torch.zeros(tags, tags), persistent=False)

    def loss(self, emissions: Tensor, mask: Tensor, possible: Tensor, taught: Taught | None = None) -> Tensor:
        """Cross-entropy: the sum over a sentence's tokens, its mean over sentences. Arguments as in CRF.loss."""
        observed = emissions.masked_fill(~possible, self.forbidden).logsumexp(dim=2)  # (batch, length)
        if taught is not None:
            observed = torch.lerp(observed, (emissions * taught.marginals).sum(dim=2), taught.share)
        lost = emissions.logsumexp(dim=2) - observed
        return (lost * mask).sum(dim=1).mean()
