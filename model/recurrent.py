"""Embeddings to states: what a word's state knows of the words around it.

Every recurrence is called with inputs (batch, length, width), mask (batch, length) and lengths (batch,) on the CPU, and
returns states (batch, length, self.width). Padding changes no state of a word.

Words repeat, so what is worked out of one word alone need not be worked out again. `read` does that for inputs (words,
width), and `run` does the rest: it takes the rows of a table of what was read, as `forms` (batch, length), sentences by
falling length, and gives what a call with the inputs gives.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Recurrence(nn.Module):
    """Reads nothing beforehand, where a class of it says no more."""

    def read(self, inputs: Tensor) -> Tensor:
        return inputs

    def run(self, table: Tensor, forms: Tensor, mask: Tensor, lengths: Tensor, asked: Tensor) -> Tensor:
        """`asked` (batch, width) is added to the inputs of every word."""
        states: Tensor = self.forward(table[forms] + asked.unsqueeze(1), mask, lengths)
        return states


class FeedForward(Recurrence):
    """Each word for itself: no memory, so "Taipei" is the same after "arrive" and after "leave"."""

    def __init__(self, inputs: int, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.width = hidden
        widths = [inputs, *[hidden] * layers]
        parts: list[nn.Module] = []
        for before, after in pairwise(widths):
            parts += [nn.Linear(before, after), nn.Tanh(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*parts[:-1])

    def forward(self, inputs: Tensor, mask: Tensor, lengths: Tensor) -> Tensor:
        states: Tensor = self.layers(inputs)
        return states


class Elman(nn.Module):
    """One direction of an Elman network: h(t) = tanh(W x(t) + b + U h(t-1)).

    Elman, "Finding structure in time" (Cognitive Science 14, 1990). `linear` leaves the tanh out.
    """

    def __init__(self, inputs: int, hidden: int, bias: bool = True, linear: bool = False) -> None:
        super().__init__()
        self.width = hidden
        self.linear = linear
        self.reads = nn.Linear(inputs, hidden, bias=bias)
        self.remembers = nn.Linear(hidden, hidden, bias=False)

    def weights(self, kind: int) -> list[Tensor]:
        """As those of Stepped."""
        return [[self.reads.weight, self.remembers.weight, self.reads.bias, self.reads.bias][kind]]

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        read = self.reads(inputs)  # for all words at once; only the memory has to wait
        here = mask.unsqueeze(2).to(read.dtype)
        state = torch.zeros_like(read[:, 0])
        states: list[Tensor] = []
        for t in range(read.size(1)):
            state = read[:, t] + self.remembers(state)
            if not self.linear:
                state = state.tanh()
            state = state * here[:, t]  # read backwards, padding comes first and leaves nothing behind
            states.append(state)
        return torch.stack(states, dim=1)


class Jordan(nn.Module):
    """One direction of a Jordan network: h(t) = tanh(W x(t) + b + U softmax(y(t-1))), y(t) = V h(t) + c.

    Only the output is fed back, a guess at the word's tag. States are the scores y. Jordan, "Serial order" (UC San
    Diego, 1986); for slots: Mesnil et al., "Investigation of recurrent-neural-network architectures ... for spoken
    language understanding" (Interspeech 2013).
    """

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.width = outputs
        self.reads = nn.Linear(inputs, hidden)
        self.recalls = nn.Linear(outputs, hidden, bias=False)
        self.says = nn.Linear(hidden, outputs)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        read = self.reads(inputs)
        here = mask.unsqueeze(2).to(read.dtype)
        guess = torch.zeros(read.size(0), self.width, dtype=read.dtype, device=read.device)
        outputs: list[Tensor] = []
        for t in range(read.size(1)):
            hidden = (read[:, t] + self.recalls(guess)).tanh()
            outputs.append(self.says(hidden))
            guess = outputs[-1].softmax(dim=1) * here[:, t]
        return torch.stack(outputs, dim=1)


class Layer(nn.Module):
    """One layer of cells of our own, in one direction or in both, side by side."""

    def __init__(self, forwards: nn.Module, backwards: nn.Module | None) -> None:
        super().__init__()
        self.forwards = forwards
        self.backwards = backwards

    def weights(self, kind: int) -> list[Tensor]:
        """Those of each direction, as Stepped wants them, where the cells are Elman's."""
        found: list[Tensor] = self.forwards.weights(kind)  # type: ignore[operator]
        if self.backwards is not None:
            found += self.backwards.weights(kind)  # type: ignore[operator]
        return found

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        states: Tensor = self.forwards(inputs, mask)
        if self.backwards is not None:
            behind: Tensor = self.backwards(inputs.flip(1), mask.flip(1))
            states = torch.cat([states, behind.flip(1)], dim=2)
        return states


class Loops(Recurrence):
    """Layers of Elman or Jordan cells: a loop over words in place of torch's kernels, to be read rather than fast."""

    def __init__(
        self, cell: str, inputs: int, hidden: int, tags: int, *, layers: int, bidirectional: bool, dropout: float
    ) -> None:
        super().__init__()
        parts = []
        for _ in range(layers):
            both = [
                Elman(inputs, hidden) if cell == "elman" else Jordan(inputs, hidden, tags)
                for _ in range(1 + bidirectional)
            ]
            parts.append(Layer(both[0], both[1] if bidirectional else None))
            inputs = sum(direction.width for direction in both)
        self.width = inputs
        self.layers = nn.ModuleList(parts)
        self.drop = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, mask: Tensor, lengths: Tensor) -> Tensor:
        states = inputs
        for index, layer in enumerate(self.layers):
            states = layer(states if index == 0 else self.drop(states), mask)
        return states


class Packed(Recurrence):
    """torch's LSTM or GRU. Packing keeps padding out of the recurrence: a word's state depends on no batch mate."""

    def __init__(
        self, cell: str, inputs: int, hidden: int, *, layers: int, bidirectional: bool, dropout: float
    ) -> None:
        super().__init__()
        self.width = hidden * (1 + bidirectional)
        self.stack = TORCH_CELLS[cell](
            inputs,
            hidden,
            num_layers=layers,
            bidirectional=bidirectional,
            batch_first=True,
            dropout=dropout if layers > 1 else 0.0,
        )

    def forward(self, inputs: Tensor, mask: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
        states: Tensor = pad_packed_sequence(self.stack(packed)[0], batch_first=True, total_length=inputs.size(1))[0]
        return states


class Stepped(Recurrence):
    """A loop over words for running on a CPU, where both directions are one matrix product a step.

    The product of the first layer's weights with a word is what is read beforehand, and sentences that have ended take
    no part in a step: for a GRU nearly twice as fast as torch's (docs/experiments.md).
    """

    hidden: int
    depth: int  # layers
    directions: int
    gates: int

    def weights(self, layer: int, kind: int) -> Tensor:
        """(directions, ...). `kind` 0: of inputs, 1: of states, 2 and 3: their biases."""
        raise NotImplementedError

    def step(self, gates: Tensor, state: Tensor, weights: Tensor, biases: Tensor) -> Tensor:
        """The next state of each direction and sentence: (directions, sentences, hidden)."""
        raise NotImplementedError

    def read(self, inputs: Tensor) -> Tensor:
        """(words, directions * gates * hidden)."""
        if not inputs.is_cpu:  # torch's own is faster there
            return inputs
        return functional.linear(inputs, self.weights(0, 0).flatten(0, 1), self.weights(0, 2).flatten())

    def run(self, table: Tensor, forms: Tensor, mask: Tensor, lengths: Tensor, asked: Tensor) -> Tensor:
        if not table.is_cpu:
            states: Tensor = self.forward(table[forms] + asked.unsqueeze(1), mask, lengths)
            return states
        # As packed sequences: all sentences' first words, then all second ones ... of those that are as long.
        batch, length = forms.shape
        steps = torch.arange(length).unsqueeze(1)
        here = steps < lengths  # (length, batch)
        taking_part: list[int] = here.sum(dim=1).tolist()
        words = here.flatten().nonzero().squeeze(1)
        numbers = here.flatten().cumsum(0) - 1  # of each word among all; of padding, that of some word
        back = (lengths - 1 - steps).clamp(min=0) * batch + torch.arange(batch)  # what the other direction reads
        turned = numbers.index_select(0, back.flatten().index_select(0, words))
        rows = forms.t().flatten().index_select(0, words) * self.directions
        if self.directions == 2:
            rows = torch.cat([rows, rows.index_select(0, turned) + 1])
        width = self.gates * self.hidden
        gates = table.view(-1, width).index_select(0, rows).view(self.directions, -1, width)
        if bool(asked.any()):
            sentences = torch.arange(batch).repeat(length).index_select(0, words)
            gates += torch.matmul(asked, self.weights(0, 0).transpose(1, 2)).index_select(1, sentences)
        states = self.loop(gates, self.weights(0, 1), self.weights(0, 3), taking_part, turned)
        for layer in range(1, self.depth):
            inputs = states.unsqueeze(0)
            if self.directions == 2:
                inputs = torch.stack([states, states.index_select(0, turned)])
            gates = torch.baddbmm(self.weights(layer, 2).unsqueeze(1), inputs, self.weights(layer, 0).transpose(1, 2))
            states = self.loop(gates, self.weights(layer, 1), self.weights(layer, 3), taking_part, turned)
        return states.index_select(0, numbers).view(length, batch, -1).transpose(0, 1)

    def loop(self, gates: Tensor, weights: Tensor, biases: Tensor, taking_part: list[int], turned: Tensor) -> Tensor:
        """gates (directions, words, gates * hidden) -> states (words, width), both directions at the word's place."""
        remembers, biases = weights.transpose(1, 2).contiguous(), biases.unsqueeze(1)
        state = torch.zeros(self.directions, taking_part[0], self.hidden, dtype=gates.dtype)
        states: list[Tensor] = []
        for of_step, sentences in zip(torch.split(gates, taking_part, dim=1), taking_part, strict=False):
            state = self.step(of_step, state.narrow(1, 0, sentences), remembers, biases)
            states.append(state)
        every = torch.cat(states, dim=1)
        if self.directions == 1:
            return every[0]
        return torch.cat([every[0], every[1].index_select(0, turned)], dim=1)


class Gated(Stepped, Packed):
    """torch's GRU, with a loop of our own where it only runs."""

    def __init__(
        self, cell: str, inputs: int, hidden: int, *, layers: int, bidirectional: bool, dropout: float
    ) -> None:
        super().__init__(cell, inputs, hidden, layers=layers, bidirectional=bidirectional, dropout=dropout)
        self.hidden, self.depth, self.directions, self.gates = hidden, layers, 1 + bidirectional, 3

    def weights(self, layer: int, kind: int) -> Tensor:
        first = 4 * self.directions * layer + kind
        every = self.stack._flat_weights
        return torch.stack([every[first], every[first + 4 * (self.directions - 1)]])[: self.directions]

    def step(self, gates: Tensor, state: Tensor, weights: Tensor, biases: Tensor) -> Tensor:
        """Reset, update and new, in this order."""
        both = [2 * self.hidden, self.hidden]
        opening, coming = torch.split(gates, both, dim=2)
        remembered, candidate = torch.split(torch.baddbmm(biases, state, weights), both, dim=2)
        reset, update = (opening + remembered).sigmoid_().chunk(2, dim=2)
        return torch.lerp(torch.addcmul(coming, reset, candidate).tanh_(), state, update)


class Simple(Stepped, Loops):
    """Elman layers, one product a step where they only run."""

    def __init__(
        self, cell: str, inputs: int, hidden: int, tags: int, *, layers: int, bidirectional: bool, dropout: float
    ) -> None:
        super().__init__(cell, inputs, hidden, tags, layers=layers, bidirectional=bidirectional, dropout=dropout)
        self.hidden, self.depth, self.directions, self.gates = hidden, layers, 1 + bidirectional, 1

    def weights(self, layer: int, kind: int) -> Tensor:
        found: list[Tensor] = []
        for index, one in enumerate(self.layers):
            if index == layer:
                found += one.weights(kind)  # type: ignore[operator]
        return torch.stack(found)

    def step(self, gates: Tensor, state: Tensor, weights: Tensor, biases: Tensor) -> Tensor:
        return torch.baddbmm(gates, state, weights).tanh_()


TORCH_CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}


class SelfAttention(nn.Module):
    """States that also see all states of their sentence: multi-head scaled dot products, added to what was there.

    Vaswani et al., "Attention is all you need" (NeurIPS 2017).
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.asks = nn.Linear(width, 3 * width)  # queries, keys and values
        self.answers = nn.Linear(width, width)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(batch, length, width) to the same."""
        batch, length, width = states.shape
        query, key, value = self.asks(states).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        heard: Tensor = self.answers(seen.transpose(1, 2).reshape(batch, length, width))
        return states + heard
