"""An LSTM and a GRU cell by their formulas, equal to torch's, and what their gates learn."""

from typing import ClassVar, NamedTuple

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from lectures.show import Shown, show

LENGTH, MARKED_AT = 8, 3
SEEDS = range(4)


class Affine(nn.Module):
    """W x + b + U h + b': what every gate and candidate is made of. Two biases, as torch has them."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.of_input = nn.Linear(inputs, hidden)
        self.of_state = nn.Linear(hidden, hidden)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        return self.of_input(x) + self.of_state(h)  # type: ignore[no-any-return]  # (batch, hidden)


class Cell(nn.Module):
    """One step of a recurrence. PARTS are its affine maps, in the order in which torch stacks their rows."""

    PARTS: ClassVar[tuple[str, ...]]

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        for part in self.PARTS:
            self.add_module(part, Affine(inputs, hidden))

    def load_torch(self, cell: nn.RNNCellBase) -> None:
        """Take the weights of torch's cell of the same kind and size."""
        stacks = {
            "of_input.weight": cell.weight_ih,
            "of_input.bias": cell.bias_ih,
            "of_state.weight": cell.weight_hh,
            "of_state.bias": cell.bias_hh,
        }
        rows = {name: stack.chunk(len(self.PARTS)) for name, stack in stacks.items()}
        for number, part in enumerate(self.PARTS):
            self.get_submodule(part).load_state_dict({name: stack[number] for name, stack in rows.items()})


class Gates(NamedTuple):
    """How far the gates of an LSTM are open, each from 0 to 1: (batch, hidden)."""

    input: Tensor
    forget: Tensor
    output: Tensor


class LSTMCell(Cell):
    """Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000)."""

    PARTS = ("input", "forget", "candidate", "output")
    input: Affine
    forget: Affine
    candidate: Affine
    output: Affine

    def gates(self, x: Tensor, h: Tensor) -> Gates:
        return Gates(
            input=torch.sigmoid(self.input(x, h)),  # how much of the candidate is written
            forget=torch.sigmoid(self.forget(x, h)),  # how much of the memory is kept
            output=torch.sigmoid(self.output(x, h)),  # how much of the memory is shown
        )

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """x (batch, inputs) and the state, h and c (batch, hidden) each, to the next state."""
        h, c = state
        i, f, o = self.gates(x, h)
        g = torch.tanh(self.candidate(x, h))
        c = f * c + i * g
        h = o * torch.tanh(c)
        return h, c


class GRUCell(Cell):
    """Cho et al. (2014), with the reset gate behind the product with the state, as in cuDNN and torch."""

    PARTS = ("reset", "update", "candidate")
    reset: Affine
    update: Affine
    candidate: Affine

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """x (batch, inputs) and the state h (batch, hidden) to the next state."""
        r = torch.sigmoid(self.reset(x, h))  # how much of the state the candidate sees
        z = torch.sigmoid(self.update(x, h))  # how much of the state is kept
        n = torch.tanh(self.candidate.of_input(x) + r * self.candidate.of_state(h))
        return (1 - z) * n + z * h


class Recall(nn.Module):
    """Reads numbers of which one is marked, and says that one at the end. One unit: its gates can be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = LSTMCell(inputs=2, hidden=1)
        self.say = nn.Linear(1, 1)

    def states(self, inputs: Tensor) -> list[tuple[Tensor, Tensor]]:
        """inputs (length, batch, 2) to the states before, between and after them."""
        zeros = inputs.new_zeros(inputs.size(1), 1)
        states = [(zeros, zeros)]
        for x in inputs:
            states.append(self.cell(x, states[-1]))
        return states

    def forward(self, inputs: Tensor) -> Tensor:
        """inputs (length, batch, 2) to the number said (batch,)."""
        h, _ = self.states(inputs)[-1]
        return self.say(h).squeeze(1)  # type: ignore[no-any-return]


def marked_numbers(marked_at: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs (LENGTH, batch, 2), a number from -1 to 1 and a mark, and the number that is marked (batch,)."""
    numbers = torch.rand(LENGTH, len(marked_at)) * 2 - 1
    marks = (torch.arange(LENGTH)[:, None] == marked_at).float()
    return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(0)


def train(seed: int, steps: int = 600, batch: int = 32) -> Recall:
    torch.manual_seed(seed)
    model = Recall()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(steps):
        inputs, wanted = marked_numbers(torch.randint(LENGTH, (batch,)))
        loss = (model(inputs) - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


class Look(NamedTuple):
    """What a trained net does with numbers of which the one at MARKED_AT is marked."""

    error: float  # root of the mean square
    gates: Tensor  # (length, 3): mean opening of each gate at each step


@torch.no_grad()
def look(model: Recall) -> Look:
    inputs, wanted = marked_numbers(torch.full((500,), MARKED_AT))
    gates = [
        torch.stack([gate.mean() for gate in model.cell.gates(x, h)])
        for x, (h, _) in zip(inputs, model.states(inputs), strict=False)
    ]
    return Look((model(inputs) - wanted).square().mean().sqrt().item(), torch.stack(gates))


def exercise() -> Shown:
    """An LSTM of one unit learns to keep a marked number; its gates at the mark, and their mean elsewhere."""
    looks = [look(train(seed)) for seed in SEEDS]
    best = min(looks)
    lines = []
    for seed, (error, gates) in zip(SEEDS, looks, strict=True):
        at_mark, elsewhere = gates[MARKED_AT], gates[torch.arange(LENGTH) != MARKED_AT].mean(0)
        pairs = (f"{there:.2f} / {here:.2f}" for there, here in zip(at_mark, elsewhere, strict=True))
        lines.append((f"seed {seed}", f"{error:.3f}", *pairs))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for name, openings in zip(Gates._fields, best.gates.T, strict=True):
            axes.plot(range(LENGTH), openings.numpy(), marker="o", markersize=4, label=f"{name} gate")
        axes.axvline(MARKED_AT, color="grey", linewidth=0.8, linestyle=":")
        axes.set(xlabel=f"step; the number at step {MARKED_AT} is marked", ylabel="opening", ylim=(-0.03, 1.03))
        axes.set_xticks(range(LENGTH))
        axes.legend(loc="center right")

    return Shown(("at the mark / elsewhere", "error", *Gates._fields), lines, draw)


if __name__ == "__main__":
    show(exercise)
