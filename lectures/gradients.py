"""Gradients clipped by norm and by value: what is left of their direction and size, and of a training without."""

from collections.abc import Callable, Sequence
from statistics import fmean
from typing import NamedTuple, TypeAlias

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from lectures.show import Shown, show

RATES, STEPS = (0.1, 0.3), 200
SEEDS = range(3)
SHARES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)

Clip: TypeAlias = Callable[[Sequence[Tensor], float], None]


def clip_by_norm(gradients: Sequence[Tensor], limit: float) -> None:
    """In place: all of them shortened by one factor, so that together they are no longer than the limit.

    The direction stays (Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013).
    """
    norm = together(gradients).norm()
    for gradient in gradients:
        gradient.mul_((limit / norm).clamp(max=1.0))


def clip_by_value(gradients: Sequence[Tensor], limit: float) -> None:
    """In place: every entry by itself, to between -limit and limit. Only large ones lose: the direction turns."""
    for gradient in gradients:
        gradient.clamp_(-limit, limit)


def together(gradients: Sequence[Tensor]) -> Tensor:
    return torch.cat([gradient.flatten() for gradient in gradients])


class Net(nn.Module):
    """A plain recurrent net, orthogonal at first, that reads numbers and says half the sum of the last ten."""

    def __init__(self, hidden: int = 32) -> None:
        super().__init__()
        self.recurrent = nn.RNN(1, hidden)
        nn.init.orthogonal_(self.recurrent.get_parameter("weight_hh_l0"))
        self.say = nn.Linear(hidden, 1)

    def loss(self, numbers: Tensor) -> Tensor:
        """Mean square error on numbers (length, batch)."""
        said = self.say(self.recurrent(numbers[..., None])[0][-1]).squeeze(1)
        return (said - numbers[-10:].sum(0) / 2).square().mean()  # type: ignore[no-any-return]

    def gradients(self, numbers: Tensor) -> tuple[float, list[Tensor]]:
        loss = self.loss(numbers)
        return loss.item(), list(torch.autograd.grad(loss, list(self.parameters())))


def numbers(length: int = 30, batch: int = 16) -> Tensor:
    return torch.rand(length, batch) * 2 - 1


WAYS: dict[str, tuple[Clip, float] | None] = {
    "none": None,
    "by norm, 1": (clip_by_norm, 1.0),
    "by value, 0.1": (clip_by_value, 0.1),
}


class Course(NamedTuple):
    losses: list[float]
    norms: list[float]  # of the gradients before they are clipped


def train(way: tuple[Clip, float] | None, rate: float, seed: int) -> Course:
    """Plain gradient descent."""
    torch.manual_seed(seed)
    net = Net()
    course = Course([], [])
    for _ in range(STEPS):
        loss, gradients = net.gradients(numbers())
        course.losses.append(loss)
        course.norms.append(together(gradients).norm().item())
        if way:
            clip, limit = way
            clip(gradients, limit)
        with torch.no_grad():
            for weights, gradient in zip(net.parameters(), gradients, strict=True):
                weights.sub_(gradient, alpha=rate)
    return course


def kept(clip: Clip, gradients: Sequence[Tensor], limit: float) -> tuple[float, float]:
    """Share of the size, and cosine of the direction with the one before."""
    clipped = [gradient.clone() for gradient in gradients]
    clip(clipped, limit)
    before, after = together(gradients), together(clipped)
    return (after.norm() / before.norm()).item(), torch.cosine_similarity(before, after, dim=0).item()


def exercise() -> Shown:
    """What clipping leaves of a gradient, and training where the gradient explodes without."""
    courses = {(name, rate): [train(way, rate, seed) for seed in SEEDS] for rate in RATES for name, way in WAYS.items()}
    lines = []
    for (name, rate), runs in courses.items():
        survivors = [run for run in runs if max(run.losses) < float("inf")]
        lines.append(
            (
                f"{name}, rate {rate}",
                f"{len(runs) - len(survivors)} of {len(runs)}",
                " ".join(f"{fmean(run.losses[-30:]):.2f}" for run in runs),
                " ".join(f"{max(run.norms):.0f}" for run in runs),
            )
        )
    torch.manual_seed(0)
    _, gradients = Net().gradients(numbers())
    size, largest = together(gradients).norm().item(), together(gradients).abs().max().item()
    by_norm = [kept(clip_by_norm, gradients, size * share) for share in SHARES]
    by_value = [kept(clip_by_value, gradients, largest * share) for share in SHARES]
    text = "\nClipped by value at a share of the largest entry, size and cosine that are left:\n" + "".join(
        f"  {share}: {left:.2f}, {cosine:.2f}\n" for share, (left, cosine) in zip(SHARES, by_value, strict=True)
    )

    def draw(figure: Figure) -> None:
        directions, losses = figure.subplots(1, 2)
        for name, points in (("by norm", by_norm), ("by value", by_value)):
            directions.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name)
        directions.set(xscale="log", ylim=(0, 1.05), xlabel="size left", ylabel="cosine with the gradient before")
        directions.legend(loc="lower right")
        for name in WAYS:
            losses.plot(range(0, STEPS, 4), courses[name, RATES[-1]][0].losses[::4], label=name)
        losses.set(yscale="log", ylim=(0.03, 100), xlabel="steps", ylabel="loss", title=f"learning rate {RATES[-1]}")
        losses.legend()

    return Shown(("clipped", "exploded", "loss in the end, by seed", "largest norm, by seed"), lines, draw, text)


if __name__ == "__main__":
    show(exercise)
