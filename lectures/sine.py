"""A noisy sine wave, foretold one step and many steps ahead, after three ways to cut it into minibatches."""

import math
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import fmean, stdev
from typing import NamedTuple, TypeAlias

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from lectures.show import Shown, show, spread

PERIOD, NOISE = 40, 0.2
AHEAD = (1, 2, 4, 8, 16, 32, 64)
WINDOWS = (5, 20)
SEEDS = range(5)


def sine(start: int, length: int, noise: float = NOISE) -> Tensor:
    """(length,): the wave from a step on, normal noise on it."""
    return torch.sin(2 * math.pi * torch.arange(start, start + length) / PERIOD) + noise * torch.randn(length)


Batches: TypeAlias = Iterator[tuple[Tensor, bool]]


def random_sampling(series: Tensor, window: int, batch: int) -> Batches:
    """One pass from a random step on: windows (batch, window + 1) in any order, so none continues another.

    The last value of a window is the target of the one before it, and the first of the window that follows in time.
    """
    windows = series[int(torch.randint(window, ())) :].unfold(0, window + 1, window)
    for chosen in torch.randperm(len(windows))[: len(windows) // batch * batch].view(-1, batch):
        yield windows[chosen], False


def sequential_partitioning(series: Tensor, window: int, batch: int) -> Batches:
    """One pass from a random step on: the series as `batch` rows side by side, read window by window.

    Row by row, every batch but the first continues the one before it.
    """
    rest = series[int(torch.randint(window, ())) :]
    length = (len(rest) - 1) // batch
    rows = rest.unfold(0, length + 1, length)[:batch]  # (batch, length + 1)
    for number, start in enumerate(range(0, length - window + 1, window)):
        yield rows[:, start : start + window + 1], number > 0


class Way(NamedTuple):
    """How minibatches are cut, and whether a batch that continues another one starts from its state."""

    cut: Callable[[Tensor, int, int], Batches]
    carries: bool


WAYS = {
    "random": Way(random_sampling, carries=False),
    "sequential, state reset": Way(sequential_partitioning, carries=False),
    "sequential, state carried": Way(sequential_partitioning, carries=True),
}


class Net(nn.Module):
    """A plain recurrent net that says the next value after every value."""

    def __init__(self, hidden: int = 16) -> None:
        super().__init__()
        self.recurrent = nn.RNN(1, hidden, batch_first=True)
        self.say = nn.Linear(hidden, 1)

    def forward(self, values: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """values (batch, length) to the values after each of them (batch, length), and the state (1, batch, hidden)."""
        hidden, state = self.recurrent(values[..., None], state)
        return self.say(hidden).squeeze(2), state


def train(way: Way, window: int, seed: int, steps: int = 300, batch: int = 16) -> Net:
    torch.manual_seed(seed)
    series = sine(0, 2000)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    passes = (item for _ in iter(int, 1) for item in way.cut(series, window, batch))
    state = None
    for values, continues in islice(passes, steps):
        # Detached: the state comes along, the gradient stops at the border of the window.
        start = state.detach() if state is not None and continues and way.carries else None
        said, state = net(values[:, :-1], start)
        loss = (said - values[:, 1:]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
    return net


@torch.no_grad()
def foretell(net: Net, past: Tensor, steps: int) -> Tensor:
    """past (batch, length) to the next values (batch, steps); what is said is read as if it had happened."""
    said, state = net(past)
    values = [said[:, -1:]]
    for _ in range(steps - 1):
        said, state = net(values[-1], state)
        values.append(said)
    return torch.cat(values, dim=1)


def errors(net: Net, warmup: int = 100, starts: int = 80) -> Tensor:
    """(len(AHEAD),): root of the mean square against the wave without noise, at steps that training never saw."""
    first, farthest = 5_000, max(AHEAD)
    length = warmup + starts + farthest
    noisy, clean = sine(first, length), sine(first, length, noise=0)
    past = noisy.unfold(0, warmup, 1)[:starts]
    future = clean[warmup:].unfold(0, farthest, 1)[:starts]
    steps = torch.tensor(AHEAD) - 1
    return (foretell(net, past, farthest) - future).square().mean(0).sqrt()[steps]


def exercise() -> Shown:
    """A noisy sine foretold after random sampling and sequential partitioning: error by steps ahead, over seeds."""
    found = {
        (window, name): torch.stack([errors(train(way, window, seed)) for seed in SEEDS]).T.tolist()
        for window in WINDOWS
        for name, way in WAYS.items()
    }
    lines = [(f"{name}, {window}", *(spread(runs) for runs in by_step)) for (window, name), by_step in found.items()]

    def draw(figure: Figure) -> None:
        for axes, window in zip(figure.subplots(1, len(WINDOWS), sharey=True), WINDOWS, strict=True):
            for name in WAYS:
                by_step = found[window, name]
                axes.errorbar(
                    AHEAD, list(map(fmean, by_step)), list(map(stdev, by_step)), marker="o", markersize=3, label=name
                )
            axes.set_xscale("log", base=2)
            axes.set_xticks(AHEAD, map(str, AHEAD))
            axes.set(xlabel="steps ahead", title=f"windows of {window}", ylim=(0, 1.4))
        figure.axes[0].set_ylabel("error")
        figure.axes[0].legend()

    return Shown(("way, window", *(f"{steps} ahead" for steps in AHEAD)), lines, draw)


if __name__ == "__main__":
    show(exercise)
