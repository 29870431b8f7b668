"""Back-propagation through time cut at a fixed and at a random length, beside the full gradient."""

from collections.abc import Callable
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple, TypeAlias

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from lectures.show import Shown, show

LENGTH = 60
MEAN_LENGTHS = (2, 5, 10, 20)

Way: TypeAlias = Callable[[int, int, int], Tensor]  # length, draws, mean length to factors (length, draws)


def full(length: int, draws: int, mean_length: int) -> Tensor:
    return torch.ones(length, draws)


def fixed(length: int, draws: int, mean_length: int) -> Tensor:
    """Cut before every mean_length-th step."""
    return (torch.arange(length) % mean_length != 0).float()[:, None].expand(length, draws)


def random(length: int, draws: int, mean_length: int) -> Tensor:
    """Cut before any step with the chance 1 / mean_length: what lies far back counts too little on average."""
    return (torch.rand(length, draws) >= 1 / mean_length).float()


def reweighted(length: int, draws: int, mean_length: int) -> Tensor:
    """As random, but what goes through is divided by its chance: 1 on average, so the gradient has no bias.

    Tallec and Ollivier, "Unbiasing truncated backpropagation through time" (2017).
    """
    return random(length, draws, mean_length) / (1 - 1 / mean_length)


WAYS: dict[str, Way] = {"full": full, "fixed": fixed, "random": random, "random, reweighted": reweighted}


def pass_back(state: Tensor, factor: Tensor) -> Tensor:
    """The same state; the gradient that goes back through it is multiplied by the factor, so 0 cuts."""
    return state.detach() + factor * (state - state.detach())


class Elman(nn.Module):
    """A plain recurrent net with an orthogonal recurrent matrix: what is far back counts."""

    def __init__(self, inputs: int = 2, hidden: int = 12) -> None:
        super().__init__()
        self.cell = nn.RNNCell(inputs, hidden)
        nn.init.orthogonal_(self.cell.weight_hh)
        self.say = nn.Linear(hidden, 1)

    def gradient(self, inputs: Tensor, wanted: Tensor, factors: Tensor) -> Tensor:
        """Of the mean square error at all steps by all weights, as one vector.

        inputs (length, batch, inputs), wanted (length, batch); factors (length,) stand before each step.
        """
        state = inputs.new_zeros(inputs.size(1), self.cell.hidden_size)
        said = []
        for x, factor in zip(inputs, factors, strict=True):
            state = self.cell(x, pass_back(state, factor))
            said.append(self.say(state).squeeze(1))
        loss = (torch.stack(said) - wanted).square().mean()
        return torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(self.parameters()))])


class Quality(NamedTuple):
    """Of gradients, in shares of the size of the full one."""

    bias: float  # how far their mean is off
    deviation: float  # how far one is from their mean
    longest: float  # steps between two cuts at most, all of them to be kept for the way back: the memory it costs


def longest_run(factors: Tensor) -> int:
    """Steps between two cuts of factors (length,)."""
    borders: list[int] = [0, *factors[1:].eq(0).nonzero().add(1).flatten().tolist(), len(factors)]
    return max(after - before for before, after in pairwise(borders))


def quality(way: Way, mean_length: int, draws: int) -> Quality:
    """Of the gradients of one net on one batch, whose targets are running sums: all that was ever read counts."""
    torch.manual_seed(0)
    net = Elman()
    inputs = torch.randn(LENGTH, 8, 2)
    wanted = inputs[..., 0].cumsum(0) / LENGTH**0.5
    exact = net.gradient(inputs, wanted, torch.ones(LENGTH))
    drawn = way(LENGTH, draws, mean_length).T
    gradients = torch.stack([net.gradient(inputs, wanted, factors) for factors in drawn])
    mean = gradients.mean(0)
    return Quality(
        ((mean - exact).norm() / exact.norm()).item(),
        ((gradients - mean).square().sum(1).mean().sqrt() / exact.norm()).item(),
        fmean(longest_run(factors) for factors in drawn),
    )


def balance(way: Way, mean_length: int, updates: int = 60, runs: int = 8, length: int = 120) -> Tensor:
    """The influence balancing of Tallec and Ollivier, learned: the weight after each update, (updates + 1, runs).

    x <- A x + weight * signs, with 1/2 on the diagonal of A and beside it; in the end the first entry of x is to be 1.
    Ten entries push it up soon, the thirteen behind them pull it down later: the optimum is -1/6, and a gradient that
    sees too few steps has the wrong sign.
    """
    torch.manual_seed(0)
    matrix = 0.5 * (torch.eye(23) + torch.diag(torch.ones(22), 1))
    signs = torch.tensor([1.0] * 10 + [-1.0] * 13)
    weight = torch.zeros(runs, requires_grad=True)
    course = [weight.detach().clone()]
    for _ in range(updates):
        state = torch.zeros(runs, 23)
        for factor in way(length, runs, mean_length):
            state = pass_back(state, factor[:, None]) @ matrix.T + weight[:, None] * signs
        loss = 0.5 * (state[:, 0] - 1).square().sum()
        (slope,) = torch.autograd.grad(loss, [weight])
        with torch.no_grad():
            weight -= 0.003 * slope
        course.append(weight.detach().clone())
    return torch.stack(course)


BALANCE_LENGTH = 40


def exercise() -> Shown:
    """Gradients of truncated back-propagation beside the full one, and a weight learned from them."""
    found = {
        (name, mean_length): quality(way, mean_length, draws=100 if way in (random, reweighted) else 1)
        for name, way in WAYS.items()
        for mean_length in (MEAN_LENGTHS if way is not full else (LENGTH,))
    }
    courses = {name: balance(way, BALANCE_LENGTH) for name, way in WAYS.items()}
    lines = [
        (f"{name}, {mean_length}", f"{bias:.3f}", f"{deviation:.3f}", f"{longest:.0f}")
        for (name, mean_length), (bias, deviation, longest) in found.items()
    ]
    text = f"\nInfluence balancing, optimum {-1 / 6:.3f}, mean length {BALANCE_LENGTH}; weights of 8 runs in the end:\n"
    for name, course in courses.items():
        text += f"  {name}: {course[-1].min():.3f} to {course[-1].max():.3f}\n"

    def draw(figure: Figure) -> None:
        of_gradients, of_weights = figure.subplots(1, 2)
        for name in ("fixed", "random", "random, reweighted"):
            by_length = [found[name, mean_length] for mean_length in MEAN_LENGTHS]
            (line,) = of_gradients.plot(MEAN_LENGTHS, [q.bias for q in by_length], marker="o", markersize=4, label=name)
            deviations = [q.deviation for q in by_length]
            of_gradients.plot(MEAN_LENGTHS, deviations, linestyle=":", color=line.get_color())
        of_gradients.set(xlabel="mean length", ylabel="bias (line), deviation (dots)", title="gradient of an Elman net")
        of_gradients.set_xticks(MEAN_LENGTHS)
        of_gradients.legend()
        for name, course in courses.items():
            of_weights.plot(course.median(1).values, label=name, color="black" if name == "full" else None)
        of_weights.axhline(-1 / 6, color="grey", linewidth=0.8, linestyle=":")
        of_weights.set(xlabel="updates", ylabel="weight", ylim=(-0.3, 1))
        of_weights.set(title=f"influence balancing, mean length {BALANCE_LENGTH}")
        of_weights.legend()

    return Shown(("way, mean length", "bias", "deviation", "steps kept"), lines, draw, text)


if __name__ == "__main__":
    show(exercise)
