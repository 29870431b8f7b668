"""Unlabelled text to a forward and a backward language model, made of the tagger's first layer."""

import itertools
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from model.features import PAIR_BEGUN, PAIR_ENDED
from model.recurrent import TORCH_CELLS
from model.tagger import Architecture, Embedder, SentenceDropout
from model.vocabulary import HAN, PADDING
from training.config import PretrainingConfig
from training.stream import Text

State: TypeAlias = Tensor | tuple[Tensor, Tensor] | None  # of a GRU, of an LSTM, of one that has read nothing
DIRECTIONS = {"forwards": 1, "backwards": -1}  # the step through the text
AHEAD = {"forwards": PAIR_BEGUN, "backwards": PAIR_ENDED}  # which of a Han character's pairs lies ahead


class Direction(nn.Module):
    """A recurrence and what it says of the next word."""

    def __init__(self, architecture: Architecture, width: int, classes: int) -> None:
        super().__init__()
        self.recurrent = TORCH_CELLS[architecture.cell](width, architecture.hidden, batch_first=True)
        # An exact softmax in three parts: ids go by frequency, so most words are found among the first twelfth.
        cutoffs = [max(1, classes // 12), max(2, classes // 3)]
        self.output = nn.AdaptiveLogSoftmaxWithLoss(architecture.hidden, classes, cutoffs, div_value=2.0)


class LanguageModel(nn.Module):
    """Both directions over one embedder (Peters et al., "Deep contextualized word representations", NAACL 2018)."""

    def __init__(self, architecture: Architecture, words: int, pieces: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.embed = Embedder(architecture, words, pieces)
        self.directions = nn.ModuleDict({name: Direction(architecture, self.embed.width, words) for name in DIRECTIONS})
        self.drop = SentenceDropout(dropout)

    def direction(self, name: str) -> Direction:
        direction = self.directions[name]
        assert isinstance(direction, Direction)
        return direction

    def read(self, name: str, text: Text, places: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Log probabilities (batch, length) of the token behind each one that is read, and the state after them.

        `places` (batch, length + 1) are places in text.forms, in the order of this direction; the last is not read.
        """
        words, pieces, shapes = (torch.from_numpy(array)[places[:, :-1]] for array in text.forms)
        pieces[..., AHEAD[name]].masked_fill_(shapes == HAN, PADDING)  # that pair would tell the token to be foretold
        direction = self.direction(name)
        hidden, state = direction.recurrent(self.drop(self.embed(words, pieces, shapes)), state)
        targets = torch.from_numpy(text.forms.words)[places[:, 1:]].long()
        said = direction.output(self.drop(hidden).flatten(0, 1), targets.flatten()).output
        return said.view_as(targets), state

    def log_probabilities(self, name: str, text: Text, batch_size: int = 32, window: int = 64) -> Tensor:
        """Natural logarithms for each token of the stream but the first that this direction reads: (length - 1,)."""
        self.eval()
        stream = text.stream()[:: DIRECTIONS[name]].copy()
        state: State = None
        said = []
        with torch.inference_mode():
            for places in _windows(_rows(stream, batch_size), window):
                log_probabilities, state = self.read(name, text, places, state)
                said.append(log_probabilities)
        return torch.cat(said, dim=1).flatten()[: len(stream) - 1]

    def tagger_weights(self) -> dict[str, Tensor]:
        """Embedder and first layer, by their names in the tagger."""
        weights = {f"embed.{name}": value for name, value in self.embed.state_dict().items()}
        for direction, ending in (("forwards", ""), ("backwards", "_reverse")):
            layer = self.direction(direction).recurrent.state_dict()
            weights |= {f"recurrent.stack.{name}{ending}": value for name, value in layer.items()}
        return weights

    def bytes(self, name: str) -> int:
        """Size of all weights that one direction reads."""
        modules = (self.embed, self.direction(name))
        return sum(value.nbytes for module in modules for value in module.parameters())


def perplexity(log_probabilities: Tensor | NDArray[np.float64]) -> float:
    return float(torch.as_tensor(log_probabilities).mean().neg().exp())


def fit(model: LanguageModel, text: Text, settings: PretrainingConfig, seed: int, quiet: bool = False) -> None:
    """Truncated back-propagation through time: a step reads one window of every row in both directions.

    The state goes from window to window, the gradient does not (Mikolov et al., "Extensions of recurrent neural network
    language model", ICASSP 2011).
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.steps)
    model.train()
    states: dict[str, State] = {}
    batches = itertools.islice(_passes(text, settings.batch_size, settings.window, seed), settings.steps)
    with tqdm(batches, total=settings.steps, unit="step", disable=quiet or None) as bar:
        for places, is_first in bar:
            if is_first:
                states = dict.fromkeys(DIRECTIONS)
            losses = []
            for name in DIRECTIONS:
                said, state = model.read(name, text, places[name], states[name])
                states[name] = detached(state)
                losses.append(-said.mean())
            loss = torch.stack(losses).sum()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
            optimizer.step()
            schedule.step()
            bar.set_postfix({name: f"{loss.detach().exp():.1f}" for name, loss in zip(DIRECTIONS, losses, strict=True)})


def detached(state: State) -> State:
    """The state as a start that no gradient goes back from."""
    return state.detach() if isinstance(state, Tensor) else state and (state[0].detach(), state[1].detach())


def _passes(text: Text, batch_size: int, window: int, seed: int) -> Iterator[tuple[dict[str, Tensor], bool]]:
    """Endless passes over the sentences, each in a new order: windows for both directions, and if a pass begins."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        stream = text.stream(torch.randperm(len(text.sentences), generator=generator).tolist())
        rows = [_rows(stream[::step].copy(), batch_size) for step in DIRECTIONS.values()]
        for number, windows in enumerate(zip(*(_windows(row, window) for row in rows), strict=True)):
            yield dict(zip(DIRECTIONS, windows, strict=True)), number == 0


def _rows(stream: NDArray[np.int32], count: int) -> Tensor:
    """A stream to `count` rows of the same length, each beginning with the last token of the one before it.

    So each token but the first is foretold once; what is missing at the end is filled up with sentence ends.
    """
    length = -(-(len(stream) - 1) // count)
    padded = torch.from_numpy(np.pad(stream, (0, count * length + 1 - len(stream))))
    return padded.unfold(0, length + 1, length)  # (count, length + 1)


def _windows(rows: Tensor, window: int) -> Iterator[Tensor]:
    """Rows to pieces of at most `window` tokens and the one behind them: (batch, window + 1)."""
    for start in range(0, rows.size(1) - 1, window):
        yield rows[:, start : start + window + 1]
