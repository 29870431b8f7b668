"""The texts of a config to language models, measured against n-grams, and to the weights that a tagger starts from."""

import hashlib
import io
import pickle
import warnings
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.table import Table
from torch import Tensor

from data.files import whole_file
from data.rows import Row, read_rows
from data.splits import hash_fraction
from model.bundle import Bundle, BundleError, load_bundle
from model.features import Featurizer
from model.pieces import read_subwords
from model.recurrent import TORCH_CELLS
from model.tagger import Architecture, Tagger
from model.vocabulary import SHAPES, UNKNOWN, Vocabulary
from training.config import Config, ConfigError, PretrainingConfig, catalogue_of, expand
from training.corpus import gather, source_of
from training.featurizer import texts_to_featurizer
from training.language_model import DIRECTIONS, LanguageModel, fit, perplexity
from training.ngram import NgramModel
from training.stream import Text, texts_to_text

ORDERS = range(1, 6)


@dataclass(frozen=True)
class Measured:
    """A model on the held-out text; bytes of its weights or tables, and the n-grams in them."""

    model: str
    perplexity: float
    bytes: int
    grams: int | None = None


@dataclass(frozen=True)
class Pretraining:
    """What came of it. Tokens count the sentence ends; `unknown` is the share of held-out tokens without an id."""

    output: str
    sentences: dict[str, int]
    tokens: int
    held_out_sentences: int
    held_out_tokens: int
    vocabulary: int
    unknown: float
    models: tuple[Measured, ...]


def pretrain(config: Config, config_path: Path, quiet: bool = False) -> Pretraining:
    """Train both directions, measure them and n-grams on the same held-out text, and write the file for `Start`.

    All foretell the same tokens over the same closed vocabulary, where any other word is the one unknown id; the
    recurrent ones see its pieces and shape once they have passed it.
    """
    settings = config.pretraining
    if settings is None:
        raise ConfigError(f"{config_path}: there is no [pretraining] in it")
    if config.model.cell not in TORCH_CELLS or not config.model.bidirectional:
        raise ConfigError(f"{config_path}: language models are for a bidirectional {' or '.join(TORCH_CELLS)}")
    torch.set_num_threads(config.training.threads)
    torch.manual_seed(config.seed)
    learned, held_out = _rows(config, config_path, settings)
    if not learned or not held_out:
        raise ConfigError(f"{config_path}: {len(learned)} texts to learn from and {len(held_out)} held out; name more")
    featurizer = texts_to_featurizer((row.text for row in learned), config.vocabulary)
    text, unseen = (texts_to_text(dict.fromkeys(row.text for row in rows), featurizer) for rows in (learned, held_out))
    classes = len(featurizer.vocabulary)
    model = LanguageModel(config.model, classes, featurizer.piece_ids, settings.dropout)
    fit(model, text, settings, config.seed, quiet)
    result = Pretraining(
        output=str(config_path.parent / settings.output),
        sentences=dict(Counter(source_of(row) for row in {row.text: row for row in learned}.values())),
        tokens=len(text.stream()) - 1,
        held_out_sentences=len(unseen.sentences),
        held_out_tokens=len(unseen.stream()) - 1,
        vocabulary=classes,
        unknown=float(np.mean(unseen.ids()[1:] == UNKNOWN)),
        models=(
            *(
                Measured(f"recurrent, {name}", perplexity(model.log_probabilities(name, unseen)), model.bytes(name))
                for name in DIRECTIONS
            ),
            *(_ngram(text, unseen, classes, order) for order in ORDERS),
        ),
    )
    _write(Path(result.output), model, config.model, featurizer, asdict(result))
    return result


def _rows(config: Config, config_path: Path, settings: PretrainingConfig) -> tuple[list[Row], list[Row]]:
    """Rows to learn from and held-out ones. No text is in both, and none that the training of the tagger holds out."""
    corpus = gather(config, config_path, catalogue_of(config, config_path))
    learned, held_out = list(corpus.train), [row for rows in corpus.dev.values() for row in rows]
    for row in read_rows(*expand(config_path, settings.texts)):
        if row.extra.get("source") not in config.data.without:
            (held_out if hash_fraction(row.text) < config.data.held_out else learned).append(row)
    held_out_texts = {row.text for row in held_out}
    return [row for row in learned if row.text not in held_out_texts], held_out


def _ngram(text: Text, unseen: Text, classes: int, order: int) -> Measured:
    model = NgramModel(text.ids(), classes, order)
    return Measured(f"{order}-gram", perplexity(model.log_probabilities(unseen.ids())), model.bytes, model.grams)


def pretraining_table(result: Pretraining) -> Table:
    table = Table(
        caption=f"{sum(result.sentences.values()):,} sentences of {result.tokens:,} tokens; held out "
        f"{result.held_out_sentences:,} of {result.held_out_tokens:,}, {result.unknown:.2%} of them unknown to a "
        f"vocabulary of {result.vocabulary:,}"
    )
    for header in ("model", "perplexity", "n-grams", "bytes"):
        table.add_column(header, justify="left" if header == "model" else "right")
    for model in result.models:
        grams = "" if model.grams is None else f"{model.grams:,}"
        table.add_row(model.model, f"{model.perplexity:.2f}", grams, f"{model.bytes:,}")
    return table


def _write(
    path: Path, model: LanguageModel, architecture: Architecture, featurizer: Featurizer, measured: dict[str, Any]
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        torch.save(
            {
                "sizes": _sizes(architecture),
                "weights": model.tagger_weights(),
                "vocabulary": asdict(featurizer.vocabulary),
                "pieces": featurizer.pieces.model,
                "pretraining": {key: value for key, value in measured.items() if key != "output"},
            },
            file,
        )


def _sizes(architecture: Architecture) -> dict[str, Any]:
    """All that a tagger must have in common with the language models to take their weights."""
    shared = {"cell", "bidirectional", "hidden", "word_size", "one_hot", "piece_size", "shape_size"}
    sizes = architecture.model_dump(include=shared)
    return sizes | {"shapes": len(SHAPES)}


@dataclass(frozen=True)
class Start:
    """What a tagger starts from: weights by their names in it, and the vocabulary and pieces they were learned with."""

    digest: str
    featurizer: Featurizer
    weights: dict[str, Tensor]
    pretraining: dict[str, Any]

    @classmethod
    def read(cls, path: Path, architecture: Architecture) -> "Start":
        """From a file of `slotwise pretrain`, or all weights of a bundle; ValueError if it is neither, or made for
        another architecture."""
        content = path.read_bytes()
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        with suppress(BundleError):
            return cls._of_bundle(load_bundle(path, "cpu"), digest, architecture)
        try:
            with warnings.catch_warnings(action="ignore", category=UserWarning):  # a bundle is refused in one line
                record = torch.load(io.BytesIO(content), weights_only=True)
            featurizer = Featurizer(Vocabulary.from_dict(record["vocabulary"]), read_subwords(record["pieces"]))
            start = cls(digest, featurizer, record["weights"], record["pretraining"])
            theirs = record["sizes"]
        except (RuntimeError, pickle.UnpicklingError, EOFError, KeyError, TypeError) as error:
            raise ValueError(f"{path} is no bundle and no file of slotwise pretrain") from error
        ours = _sizes(architecture)
        if other := [name for name in ours if ours[name] != theirs[name]]:
            made, asked = (", ".join(f"{name} {sizes[name]}" for name in other) for sizes in (theirs, ours))
            raise ConfigError(f"{path} was pretrained with {made}; the config's model has {asked}")
        return start

    @classmethod
    def _of_bundle(cls, bundle: Bundle, digest: str, architecture: Architecture) -> "Start":
        manifest = bundle.manifest
        if manifest.architecture != architecture:
            raise ConfigError(f"{manifest.name} {manifest.version} has another architecture than the config's model")
        weights = {name: weight for name, weight in bundle.tagger.state_dict().items() if ".allowed" not in name}
        return cls(digest, bundle.featurizer, weights, {"bundle": manifest.version})

    def load_into(self, tagger: Tagger) -> None:
        """The tagger takes these weights; of a language model, the layers above and the CRF keep their own."""
        try:
            unknown = tagger.load_state_dict(self.weights, strict=False).unexpected_keys
        except RuntimeError as error:  # a bundle of another catalogue has another number of tags
            raise ConfigError(
                f"training.start does not fit this catalogue: {str(error).splitlines()[-1].strip()}"
            ) from None
        assert not unknown, f"weights without a place in the tagger: {unknown}"
