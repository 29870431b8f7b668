"""Words to SentencePiece pieces, so that a word nobody has seen still looks like something."""

import io
from collections.abc import Mapping

import sentencepiece


class Pieces:
    """A SentencePiece model applied word by word. Ids are shifted by one: 0 is padding."""

    def __init__(self, model: bytes) -> None:
        self.model = model
        self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)

    def __len__(self) -> int:
        """Number of ids, padding included."""
        return int(self._processor.get_piece_size()) + 1

    def ids_of(self, normalized: str) -> list[int]:
        return [piece + 1 for piece in self._processor.encode(normalized)]


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
