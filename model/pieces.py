"""Words to parts of words, so that a word nobody has seen still looks like something."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import ClassVar, TypeAlias

import sentencepiece


class Pieces:
    """A SentencePiece model applied word by word. Ids are shifted by one: 0 is padding."""

    per_word: ClassVar = 6  # at most so many are read of a word

    def __init__(self, model: bytes) -> None:
        self.model = model
        self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)

    def __len__(self) -> int:
        """Number of ids, padding included."""
        return int(self._processor.get_piece_size()) + 1

    def ids_of(self, normalized: str) -> list[int]:
        return [piece + 1 for piece in self._processor.encode(normalized)]


class Letters:
    """Word hashing: the letter trigrams of "#word#", those that were seen in training. Ids from 1 on; 0 is padding.

    Huang et al., "Learning deep structured semantic models for web search using clickthrough data" (CIKM 2013).
    """

    per_word: ClassVar = 16
    _MARK: ClassVar = b"letters\n"

    def __init__(self, model: bytes) -> None:
        self.model = model
        trigrams = model.removeprefix(self._MARK).decode().split("\n")
        self._ids = {trigram: index for index, trigram in enumerate(trigrams, start=1)}

    @classmethod
    def wrote(cls, model: bytes) -> bool:
        """Whether these are the bytes of such a model."""
        return model.startswith(cls._MARK)

    @classmethod
    def of(cls, trigrams: list[str]) -> "Letters":
        return cls(cls._MARK + "\n".join(trigrams).encode())

    def __len__(self) -> int:
        """Number of ids, padding included."""
        return len(self._ids) + 1

    def ids_of(self, normalized: str) -> list[int]:
        return [self._ids[trigram] for trigram in _trigrams(normalized) if trigram in self._ids]


Subwords: TypeAlias = Pieces | Letters


def read_subwords(model: bytes) -> Subwords:
    """What `model` of either kind holds."""
    return Letters(model) if Letters.wrote(model) else Pieces(model)


def _trigrams(word: str) -> Iterator[str]:
    closed = f"#{word}#"
    return (closed[at : at + 3] for at in range(len(closed) - 2))


def train_letters(counts: Mapping[str, int], size: int) -> Letters:
    """The `size` most frequent trigrams of normalized words with their counts."""
    trigrams: Counter[str] = Counter()
    for word, count in counts.items():
        for trigram in _trigrams(word):
            trigrams[trigram] += count
    by_frequency = sorted(trigrams, key=lambda trigram: (-trigrams[trigram], trigram))
    return Letters.of(by_frequency[:size])


def train_pieces(counts: Mapping[str, int], size: int) -> Pieces:
    """A unigram model of at most `size` pieces over normalized words with their counts. Deterministic."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        # Tab-separated word and count, as the trainer's "tsv" format wants it; words hold no white space.
        sentence_iterator=iter(f"{word}\t{count}" for word, count in sorted(counts.items())),
        input_format="tsv",
        model_writer=model,
        vocab_size=size,
        hard_vocab_limit=False,
        model_type="unigram",
        normalization_rule_name="identity",  # the vocabulary has normalized already
        character_coverage=0.9999,
        num_threads=1,
        minloglevel=2,
    )
    return Pieces(model.getvalue())
