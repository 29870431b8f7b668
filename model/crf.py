"""Emissions to tags and probabilities: a linear-chain CRF over BIO tags.

Lafferty, McCallum and Pereira, "Conditional Random Fields" (ICML 2001). Tag 0 is O; slot s has B = 2s + 1 and
I = 2s + 2 (data.tags.tag_names), so which tag may follow which is known from the numbers alone.

Sums over paths run in probability space, one matrix product a step, rescaled by the largest score: two to four
times faster here than logsumexp over (batch, tags, tags), and exact to float precision.
"""

import torch
from torch import Tensor, nn

FORBIDDEN = -1e4  # as a score: far below any learned one, yet finite, so that no gradient is NaN


def allowed_transitions(tags: int) -> Tensor:
    """(tags, tags) bool, [i, j]: may j follow i? I-x follows only B-x and I-x."""
    allowed = torch.ones(tags, tags, dtype=torch.bool)
    for inside in range(2, tags, 2):
        allowed[:, inside] = False
        allowed[inside - 1, inside] = True
        allowed[inside, inside] = True
    return allowed


class CRF(nn.Module):
    """Scores of tag sequences: `start` (tags,), `transitions` (tags, tags) from row to column, `end` (tags,)."""

    forbidden: float
    allowed: Tensor
    allowed_start: Tensor

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.forbidden = FORBIDDEN  # TorchScript reads attributes, not module constants
        self.start = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))
        self.transitions = nn.Parameter(torch.empty(tags, tags).uniform_(-0.1, 0.1))
        allowed = allowed_transitions(tags)
        self.register_buffer("allowed", allowed, persistent=False)
        self.register_buffer("allowed_start", allowed[0], persistent=False)  # nothing before is like O before

    def scores(self) -> tuple[Tensor, Tensor]:
        """(start (tags,), transitions (tags, tags)) with the forbidden ones out of reach."""
        start = self.start.masked_fill(~self.allowed_start, self.forbidden)
        return start, self.transitions.masked_fill(~self.allowed, self.forbidden)

    def forward(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """Best path (Viterbi). emissions (batch, length, tags), mask (batch, length) -> tags (batch, length).

        Tags behind the end of a sentence are 0.
        """
        start, transitions = self.scores()
        batch, length, tags = emissions.shape
        score = start + emissions[:, 0]  # (batch, tags)
        stay = torch.arange(tags, device=emissions.device).expand(batch, tags)
        history: list[Tensor] = []
        for t in range(1, length):
            best, previous = (score.unsqueeze(2) + transitions).max(dim=1)  # (batch, tags) both
            here = mask[:, t].unsqueeze(1)
            score = torch.where(here, best + emissions[:, t], score)
            history.append(torch.where(here, previous, stay))
        tag = (score + self.end).argmax(dim=1)  # (batch,)
        path = [tag]
        for t in range(length - 2, -1, -1):
            tag = history[t].gather(1, tag.unsqueeze(1)).squeeze(1)
            path.append(tag)
        path.reverse()
        return torch.stack(path, dim=1) * mask.to(tag.dtype)

    def sums(self, emissions: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Forward and backward log sums: alpha, beta (batch, length, tags), log partition (batch,).

        alpha[t, j] sums all beginnings that end in tag j at t, its emission included; beta[t, i] sums all ends
        that follow tag i at t, its emission not included. alpha + beta - log partition is the log marginal.
        """
        alphas = self.forward_sums(emissions, mask)
        steps = self.scores()[1].exp().t()  # (tags, tags), from column to row
        beta = self.end.expand_as(alphas[0])
        betas = [beta]
        for t in range(emissions.size(1) - 1, 0, -1):
            onward = self.log_product(beta + emissions[:, t], steps)
            beta = torch.where(mask[:, t].unsqueeze(1), onward, beta)
            betas.append(beta)
        betas.reverse()
        log_partition = torch.logsumexp(alphas[-1] + self.end, dim=1)
        return torch.stack(alphas, dim=1), torch.stack(betas, dim=1), log_partition

    def log_partition(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """Log sum over all paths: (batch,)."""
        return torch.logsumexp(self.forward_sums(emissions, mask)[-1] + self.end, dim=1)

    def forward_sums(self, emissions: Tensor, mask: Tensor) -> list[Tensor]:
        """Alpha (batch, tags) at each position; behind the end of a sentence, that of its last word."""
        start, transitions = self.scores()
        steps = transitions.exp()  # (tags, tags)
        alphas = [start + emissions[:, 0]]
        for t in range(1, emissions.size(1)):
            onward = self.log_product(alphas[-1], steps) + emissions[:, t]
            alphas.append(torch.where(mask[:, t].unsqueeze(1), onward, alphas[-1]))
        return alphas

    @staticmethod
    def log_product(scores: Tensor, steps: Tensor) -> Tensor:
        """log(exp(scores) @ steps): (batch, tags)."""
        top = scores.max(dim=1, keepdim=True).values
        return torch.log((scores - top).exp() @ steps + 1e-30) + top

    def loss(self, emissions: Tensor, mask: Tensor, possible: Tensor) -> Tensor:
        """Mean negative log likelihood of the sets of tags that the labels leave possible.

        `possible` (batch, length, tags) bool: exactly one tag where a row says which; where the row's source never
        looks for some slots, O and those slots (a partially observed CRF: Tsuboi et al., COLING 2008).
        """
        observed = emissions.masked_fill(~possible, self.forbidden)
        both = self.log_partition(torch.cat([emissions, observed]), torch.cat([mask, mask]))
        free, constrained = both.chunk(2)
        return (free - constrained).mean()
