"""Ids to emissions to tags: embeddings, a recurrence, and a CRF or softmax; beside them the intent."""

from typing import Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from model.crf import CRF, Softmax, Taught
from model.features import Batch
from model.recurrent import FeedForward, Gated, Loops, Packed, SelfAttention, Simple
from model.vocabulary import PADDING, SHAPES, UNKNOWN


class Architecture(BaseModel):
    """Kinds and sizes of a tagger's parts; with the vocabulary sizes they rebuild it exactly."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cell: Literal["feed_forward", "elman", "jordan", "lstm", "gru"] = Field("lstm", description="model.recurrent")
    bidirectional: bool = True
    layers: int = Field(2, ge=1, le=4)
    hidden: int = Field(160, ge=1, description="width of each direction")
    attention: int = Field(0, ge=0, description="heads of self-attention over the states; 0 is none")
    output: Literal["crf", "softmax"] = "crf"
    word_size: int = Field(96, ge=0)
    one_hot: bool = Field(False, description="words as one dimension each in place of embeddings, to compare")
    vector_size: int = Field(0, ge=0, description="width of word vectors that stay as the file has them; 0 is none")
    piece_size: int = Field(64, ge=0)
    shape_size: int = Field(16, ge=0)
    sentence_context: bool = Field(True, description="every word's scores also see the mean of the sentence")
    dropout: float = Field(0.3, ge=0, lt=1)
    word_dropout: float = Field(0.1, ge=0, lt=1, description="share of words read as unknown while training")

    @model_validator(mode="after")
    def _check_sizes(self) -> Self:
        if not (self.one_hot or self.word_size or self.piece_size or self.shape_size):
            raise ValueError("one of word_size, piece_size and shape_size must be above 0: there is nothing to read")
        if self.attention and self.cell == "jordan":
            raise ValueError("attention needs states, and a jordan cell shows its outputs alone")
        if self.attention and self.hidden % self.attention:
            raise ValueError(f"hidden must be a multiple of attention: {self.hidden} and {self.attention}")
        return self


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


class OneHot(nn.Module):
    """Ids as vectors with a single one: what an embedding is when nothing is learned of words beforehand."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.embedding_dim = words

    def forward(self, words: Tensor) -> Tensor:
        return functional.one_hot(words.long(), self.embedding_dim).float()


class FixedVectors(nn.Module):
    """Word vectors that came from a file and are never trained; 0 for a word that it does not have."""

    weight: Tensor  # (words, size)

    def __init__(self, words: int, size: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(words, size))

    def forward(self, words: Tensor) -> Tensor:
        return functional.embedding(words, self.weight)


class Embedder(nn.Module):
    """What a recurrence reads of a token: word, mean of the pieces, shape, vector. Shared with training.language_model.

    The last `given` words have a vector alone; as words they are the unknown one.
    """

    def __init__(self, architecture: Architecture, words: int, pieces: int, given: int = 0) -> None:
        super().__init__()
        vector_size = architecture.vector_size
        self.vectors = FixedVectors(words, vector_size) if vector_size else None
        self.learned = words = words - given
        self.word_dropout = architecture.word_dropout
        self.unknown = UNKNOWN
        self.words = (
            OneHot(words) if architecture.one_hot else nn.Embedding(words, architecture.word_size, padding_idx=PADDING)
        )
        self.pieces = nn.Embedding(pieces, architecture.piece_size, padding_idx=PADDING)
        self.shapes = nn.Embedding(len(SHAPES), architecture.shape_size, padding_idx=PADDING)
        self.width = self.words.embedding_dim + architecture.piece_size + architecture.shape_size + vector_size

    def forward(self, words: Tensor, pieces: Tensor, shapes: Tensor) -> Tensor:
        """(batch, length, width). Inputs as in model.features.Batch."""
        every = words
        if self.vectors is not None:
            words = words.masked_fill(words >= self.learned, self.unknown)
        if self.training and self.word_dropout > 0:
            dropped = (torch.rand(words.shape, device=words.device) < self.word_dropout) & (words != 0)
            words = torch.where(dropped, torch.full_like(words, self.unknown), words)
        piece_counts = (pieces != 0).sum(dim=2, keepdim=True).clamp(min=1)
        read = [self.words(words), self.pieces(pieces).sum(dim=2) / piece_counts, self.shapes(shapes)]
        if self.vectors is not None:
            read.append(self.vectors(every))  # word dropout leaves it
        return torch.cat(read, dim=2)


def _recurrence(architecture: Architecture, inputs: int, tags: int) -> FeedForward | Loops | Packed:
    cell, hidden, layers = architecture.cell, architecture.hidden, architecture.layers
    if cell == "feed_forward":
        return FeedForward(inputs, hidden, layers, architecture.dropout)
    both, dropout = architecture.bidirectional, architecture.dropout
    if cell in ("lstm", "gru"):
        packed = Gated if cell == "gru" else Packed
        return packed(cell, inputs, hidden, layers=layers, bidirectional=both, dropout=dropout)
    loops = Simple if cell == "elman" else Loops
    return loops(cell, inputs, hidden, tags, layers=layers, bidirectional=both, dropout=dropout)


OUTPUTS: dict[str, type[CRF] | type[Softmax]] = {"crf": CRF, "softmax": Softmax}


class Tagger(nn.Module):
    """Scripts to TorchScript as it is."""

    def __init__(
        self, architecture: Architecture, words: int, pieces: int, tags: int, intents: int = 0, given: int = 0
    ) -> None:
        super().__init__()
        self.embed = Embedder(architecture, words, pieces, given)
        # What was asked, before and behind the recurrence: how an answer is read, and which slot it may be.
        questions = (tags + 1) // 2  # the slots, and 0 for none, which changes nothing
        self.asked = nn.Embedding(questions, self.embed.width, padding_idx=0)
        self.answers = nn.Embedding(questions, tags, padding_idx=0)
        self.recurrent = _recurrence(architecture, self.embed.width, tags)
        width = self.recurrent.width
        self.attention = SelfAttention(width, architecture.attention) if architecture.attention else None
        self.drop = SentenceDropout(architecture.dropout)
        self.emissions = nn.Linear(width, tags)
        self.context = nn.Linear(width, tags, bias=False) if architecture.sentence_context else None
        self.intents = nn.Linear(width, intents) if intents else None
        self.crf = OUTPUTS[architecture.output](tags)

    def emit(
        self, words: Tensor, pieces: Tensor, shapes: Tensor, lengths: Tensor, asked: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Emissions (batch, length, tags), mask (batch, length) and scores of the intents (batch, intents).

        Inputs as in model.features.Batch.
        """
        mask = words != 0
        embedded = self.embed(words, pieces, shapes) + self.asked(asked).unsqueeze(1)  # (batch, length, width)
        hidden = self.recurrent(self.drop(embedded), mask, lengths)  # (batch, length, width)
        emissions, intents = self.judge(hidden, mask, lengths, asked)
        return emissions, mask, intents

    def judge(self, hidden: Tensor, mask: Tensor, lengths: Tensor, asked: Tensor) -> tuple[Tensor, Tensor]:
        """States (batch, length, width) to emissions and scores of the intents."""
        if self.attention is not None:
            hidden = self.attention(hidden, mask)
        emissions = self.emissions(self.drop(hidden))
        mean = (hidden * mask.unsqueeze(2)).sum(dim=1) / lengths.to(hidden.device).unsqueeze(1)  # (batch, width)
        if self.context is not None:
            # Whether a sentence is about travel at all is for all of its words to say (docs/experiments.md).
            emissions = emissions + self.context(self.drop(mean.unsqueeze(1)))
        emissions = emissions + self.answers(asked).unsqueeze(1)
        intents = emissions.new_zeros((mask.size(0), 0))
        if self.intents is not None:
            intents = self.intents(self.drop(mean.unsqueeze(1))).squeeze(1)
        return emissions, intents

    def forward(
        self, words: Tensor, pieces: Tensor, shapes: Tensor, lengths: Tensor, asked: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Tags (batch, length), what span probabilities need - emissions, alpha, beta, log partition -, and the
        probabilities of the intents (batch, intents)."""
        emissions, mask, intents = self.emit(words, pieces, shapes, lengths, asked)
        tags, alpha, beta, log_partition = self.crf.decode(emissions, mask)
        return tags, emissions, alpha, beta, log_partition, intents.softmax(dim=1)

    @torch.jit.export
    def read(self, words: Tensor, pieces: Tensor, shapes: Tensor) -> Tensor:
        """What the recurrence reads of words alone, a row each: words and shapes (words,), pieces (words, ...)."""
        embedded = self.embed(words.unsqueeze(0), pieces.unsqueeze(0), shapes.unsqueeze(0))
        return self.recurrent.read(embedded.squeeze(0))

    @torch.jit.export
    def tag(
        self, table: Tensor, forms: Tensor, lengths: Tensor, asked: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """As `forward`, of rows of a table of what was read: `forms` (batch, length), sentences by falling length."""
        mask = torch.arange(forms.size(1), device=forms.device) < lengths.to(forms.device).unsqueeze(1)
        hidden = self.recurrent.run(table, forms, mask, lengths, self.asked(asked))
        emissions, intents = self.judge(hidden, mask, lengths, asked)
        tags, alpha, beta, log_partition = self.crf.decode(emissions, mask)
        return tags, emissions, alpha, beta, log_partition, intents.softmax(dim=1)

    def loss(self, batch: Batch, possible: Tensor, intents: Tensor, taught: Taught | None = None) -> Tensor:
        """Mean negative log likelihood of tags and intents.

        `possible` (batch, length, tags) and `taught` as in model.crf.CRF.loss; `intents` (batch,), -1 where a row has
        none.
        """
        emissions, mask, scores = self.emit(*batch)
        with torch.autocast(emissions.device.type, enabled=False):  # sums over paths need all digits
            loss: Tensor = self.crf.loss(emissions.float(), mask, possible, taught)
            if self.intents is not None:
                said = functional.cross_entropy(scores.float(), intents, ignore_index=-1, reduction="sum")
                loss = loss + said / len(intents)
        return loss
