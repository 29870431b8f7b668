"""Embeddings to states: what a word's state knows of the words around it.

Every class here is called with inputs (batch, length, width), mask (batch, length) and lengths (batch,) on the CPU, and
returns states (batch, length, self.width). Padding changes no state of a word.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class FeedForward(nn.Module):
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

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        states: Tensor = self.forwards(inputs, mask)
        if self.backwards is not None:
            behind: Tensor = self.backwards(inputs.flip(1), mask.flip(1))
            states = torch.cat([states, behind.flip(1)], dim=2)
        return states


class Loops(nn.Module):
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


class Packed(nn.Module):
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
        states: Tensor = pad_packed_sequence(self.stack(packed)[0], batch_first=True)[0]
        return states


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
