"""Ids to emissions to tags: embeddings, a bidirectional LSTM or GRU, and a CRF."""

from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from model.crf import CRF
from model.features import Batch
from model.vocabulary import PADDING, SHAPES, UNKNOWN


class Architecture(BaseModel):
    """Sizes of a tagger; with the vocabulary sizes they rebuild it exactly."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cell: Literal["lstm", "gru"] = "lstm"
    layers: int = Field(2, ge=1, le=4)
    hidden: int = Field(160, ge=1, description="width of each direction")
    word_size: int = Field(96, ge=1)
    piece_size: int = Field(64, ge=1)
    shape_size: int = Field(16, ge=1)
    sentence_context: bool = Field(True, description="every word's scores also see the mean of the sentence")
    dropout: float = Field(0.3, ge=0, lt=1)
    word_dropout: float = Field(0.1, ge=0, lt=1, description="share of words read as unknown while training")


CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}


class SentenceDropout(nn.Module):
    """Dropout of (batch, length, width) with one mask for all positions of a sentence.

    Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in RNNs" (NeurIPS 2016); drawing one mask a
    sentence also costs less than one a token.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, states: Tensor) -> Tensor:
        if not self.training or self.share == 0.0:
            return states
        mask = torch.rand(states.size(0), 1, states.size(2), device=states.device) >= self.share
        return states * mask / (1.0 - self.share)


class Embedder(nn.Module):
    """What a recurrence reads of a token: word, mean of the pieces, shape. Shared with training.language_model."""

    def __init__(self, architecture: Architecture, words: int, pieces: int) -> None:
        super().__init__()
        self.word_dropout = architecture.word_dropout
        self.unknown = UNKNOWN
        self.words = nn.Embedding(words, architecture.word_size, padding_idx=PADDING)
        self.pieces = nn.Embedding(pieces, architecture.piece_size, padding_idx=PADDING)
        self.shapes = nn.Embedding(len(SHAPES), architecture.shape_size, padding_idx=PADDING)
        self.width = architecture.word_size + architecture.piece_size + architecture.shape_size

    def forward(self, words: Tensor, pieces: Tensor, shapes: Tensor) -> Tensor:
        """(batch, length, width). Inputs as in model.features.Batch."""
        if self.training and self.word_dropout > 0:
            dropped = (torch.rand(words.shape, device=words.device) < self.word_dropout) & (words != 0)
            words = torch.where(dropped, torch.full_like(words, self.unknown), words)
        piece_counts = (pieces != 0).sum(dim=2, keepdim=True).clamp(min=1)
        return torch.cat([self.words(words), self.pieces(pieces).sum(dim=2) / piece_counts, self.shapes(shapes)], dim=2)


class Tagger(nn.Module):
    """Scripts to TorchScript as it is."""

    def __init__(self, architecture: Architecture, words: int, pieces: int, tags: int) -> None:
        super().__init__()
        self.embed = Embedder(architecture, words, pieces)
        self.recurrent = CELLS[architecture.cell](
            self.embed.width,
            architecture.hidden,
            num_layers=architecture.layers,
            bidirectional=True,
            batch_first=True,
            dropout=architecture.dropout if architecture.layers > 1 else 0.0,
        )
        self.drop = SentenceDropout(architecture.dropout)
        self.emissions = nn.Linear(2 * architecture.hidden, tags)
        self.context = nn.Linear(2 * architecture.hidden, tags, bias=False) if architecture.sentence_context else None
        self.crf = CRF(tags)

    def emit(self, words: Tensor, pieces: Tensor, shapes: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Emissions (batch, length, tags) and mask (batch, length). Inputs as in model.features.Batch.

        Packing keeps padding out of the recurrence, so that a sentence's tags do not depend on its batch mates.
        """
        mask = words != 0
        embedded = self.drop(self.embed(words, pieces, shapes))  # (batch, length, width)
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(self.recurrent(packed)[0], batch_first=True)  # (batch, length, 2 * hidden)
        emissions = self.emissions(self.drop(hidden))
        if self.context is not None:
            # Whether a sentence is about travel at all is for all of its words to say (docs/experiments.md).
            mean = hidden.sum(dim=1, keepdim=True) / lengths.to(hidden.device).view(-1, 1, 1)
            emissions = emissions + self.context(self.drop(mean))
        return emissions, mask

    def forward(
        self, words: Tensor, pieces: Tensor, shapes: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Tags (batch, length), then what span probabilities need: emissions, alpha, beta, log partition."""
        emissions, mask = self.emit(words, pieces, shapes, lengths)
        alpha, beta, log_partition = self.crf.sums(emissions, mask)
        return self.crf(emissions, mask), emissions, alpha, beta, log_partition

    def loss(self, batch: Batch, possible: Tensor) -> Tensor:
        """Mean negative log likelihood; `possible` (batch, length, tags) as in model.crf.CRF.loss."""
        emissions, mask = self.emit(batch.words, batch.pieces, batch.shapes, batch.lengths)
        return self.crf.loss(emissions, mask, possible)
