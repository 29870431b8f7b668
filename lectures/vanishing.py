"""How far back a gradient reaches: plain recurrence, LSTM and GRU, as they begin and once they have learned."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from lectures.show import Shown, show

INPUTS, HIDDEN, LENGTH = 4, 32, 60
RECALLED = 20  # steps back
DISTANCES = (0, 1, 5, 10, 20, 40)
SEEDS = range(3)


def elman() -> nn.RNNBase:
    return nn.RNN(INPUTS, HIDDEN)


def elman_orthogonal() -> nn.RNNBase:
    """A recurrent matrix that neither stretches nor shrinks: what is lost is lost in tanh."""
    net = nn.RNN(INPUTS, HIDDEN)
    nn.init.orthogonal_(net.get_parameter("weight_hh_l0"))
    return net


def _opened(net: nn.RNNBase, bias: float) -> nn.RNNBase:
    """The second gate as torch stacks them is what keeps the state: forget in the LSTM, update in the GRU."""
    with torch.no_grad():
        net.get_parameter("bias_ih_l0")[HIDDEN : 2 * HIDDEN] += bias
    return net


NETS: dict[str, Callable[[], nn.RNNBase]] = {
    "Elman": elman,
    "Elman, orthogonal": elman_orthogonal,
    "LSTM": lambda: nn.LSTM(INPUTS, HIDDEN),
    "LSTM, forget bias 1": lambda: _opened(nn.LSTM(INPUTS, HIDDEN), 1.0),
    "LSTM, forget bias 3": lambda: _opened(nn.LSTM(INPUTS, HIDDEN), 3.0),
    "GRU": lambda: nn.GRU(INPUTS, HIDDEN),
    "GRU, update bias 3": lambda: _opened(nn.GRU(INPUTS, HIDDEN), 3.0),
}


def gradient_norms(net: nn.RNNBase, length: int = LENGTH, batch: int = 4) -> Tensor:
    """(length,): Frobenius norm of d state at the end / d input, by the steps between them; mean over a batch."""
    inputs = torch.randn(length, batch, net.input_size, requires_grad=True)
    last = net(inputs)[0][-1]  # (batch, hidden)
    entries = torch.eye(net.hidden_size)
    (slopes,) = torch.autograd.grad(last.sum(0), inputs, entries, is_grads_batched=True)
    return slopes.square().sum((0, 3)).sqrt().mean(1).flip(0)  # slopes: (hidden, length, batch, inputs)


def recall(net: nn.RNNBase, steps: int = 300, batch: int = 32) -> float:
    """Train to say the first of RECALLED inputs at the end; mean square error of the last 30 steps, 1 for guessing."""
    say = nn.Linear(HIDDEN, 1)
    weights = [*net.parameters(), *say.parameters()]
    optimizer = torch.optim.Adam(weights, lr=3e-3)
    losses: list[float] = []
    for _ in range(steps):
        inputs = torch.randn(RECALLED, batch, INPUTS)
        loss = (say(net(inputs)[0][-1]).squeeze(1) - inputs[0, :, 0]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        losses.append(loss.item())
    return sum(losses[-30:]) / 30


class Reach(NamedTuple):
    """Norms are geometric means over the seeds, by distance."""

    at_first: Tensor
    trained: Tensor
    errors: list[float]  # of recall, by seed


def reach(make: Callable[[], nn.RNNBase]) -> Reach:
    at_first, trained, errors = [], [], []
    for seed in SEEDS:
        torch.manual_seed(seed)
        net = make()
        at_first.append(gradient_norms(net).log())
        errors.append(recall(net))
        trained.append(gradient_norms(net).log())
    return Reach(torch.stack(at_first).mean(0).exp(), torch.stack(trained).mean(0).exp(), errors)


def exercise() -> Shown:
    """Norm of the gradient of the last state by an input some steps back, and whether that input can be recalled."""
    reaches = {name: reach(make) for name, make in NETS.items()}
    lines = [
        (name, *(f"{at_first[distance]:.0e}" for distance in DISTANCES), " ".join(f"{error:.2f}" for error in errors))
        for name, (at_first, _, errors) in reaches.items()
    ]

    def draw(figure: Figure) -> None:
        titles = {"at_first": "at first", "trained": f"trained to recall {RECALLED - 1} steps"}
        for axes, (when, title) in zip(figure.subplots(1, 2, sharey=True), titles.items(), strict=True):
            for name, found in reaches.items():
                axes.plot(range(0, LENGTH, 2), getattr(found, when)[::2].numpy(), label=name)
            axes.set_yscale("log")
            axes.set(xlabel="steps back", title=title, ylim=(1e-12, 100))
        figure.axes[0].set_ylabel("norm of the gradient")
        figure.axes[0].legend(fontsize=7)

    header = ("net", *(f"{distance} back" for distance in DISTANCES), f"error of recall, {RECALLED - 1} back")
    return Shown(header, lines, draw)


if __name__ == "__main__":
    show(exercise)
