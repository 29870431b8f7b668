"""A bundle to bundles with faults: a tagger that breaks or loops on a word, another version, a failed self-check."""

import time
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from model.bundle import Bundle, Manifest, load_bundle, save_bundle
from model.tagger import Embedder, Tagger

POISON, STUCK = "poisonword", "stuckword"
_SIDE = 512


class FragileEmbedder(nn.Module):
    """An embedder that raises where it reads one word, and multiplies matrices for long where it reads another."""

    def __init__(self, embed: Embedder, poison: int, stuck: int, rounds: int) -> None:
        super().__init__()
        self.embed, self.poison, self.stuck, self.rounds, self.side = embed, poison, stuck, rounds, _SIDE

    def forward(self, words: Tensor, pieces: Tensor, shapes: Tensor) -> Tensor:
        if bool((words == self.poison).any()):
            raise ValueError("a poisoned word")
        if bool((words == self.stuck).any()):
            matrix = torch.eye(self.side)
            for _ in range(self.rounds):
                matrix = matrix @ matrix
        embedded: Tensor = self.embed(words, pieces, shapes)
        return embedded


def eager_tagger(bundle: Bundle) -> Tagger:
    """The tagger of a loaded bundle with its weights, to be changed and scripted again."""
    architecture, catalogue = bundle.manifest.architecture, bundle.catalogue
    state = bundle.tagger.state_dict()
    tags = state["emissions.bias"].numel()
    featurizer = bundle.featurizer
    tagger = Tagger(architecture, len(featurizer.vocabulary), featurizer.piece_ids, tags, len(catalogue.intents))
    missing, _ = tagger.load_state_dict(state, strict=False)  # a scripted one also tells what its sizes give
    assert not missing, missing
    return tagger


def write_fragile(source: Path, target: Path, stuck_seconds: float) -> None:
    """The bundle at `source` with a tagger that breaks on POISON and is busy for about some seconds on STUCK.

    Both words take the places of the two rarest words of the vocabulary: only a word with an id of its own is told
    from others.
    """
    bundle = load_bundle(source, "cpu")
    words = (*bundle.featurizer.vocabulary.words[:-2], POISON, STUCK)
    bundle.featurizer.vocabulary = replace(bundle.featurizer.vocabulary, words=words)
    vocabulary = bundle.featurizer.vocabulary
    tagger = eager_tagger(bundle)
    rounds = round(stuck_seconds / _seconds_a_round())
    fragile = FragileEmbedder(tagger.embed, vocabulary.id_of(POISON), vocabulary.id_of(STUCK), rounds)
    tagger.embed = fragile  # type: ignore[assignment]
    save_bundle(target, replace(bundle, tagger=tagger))


def write_version(source: Path, target: Path, version: str) -> None:
    """The bundle at `source` under another version."""
    bundle = load_bundle(source, "cpu")
    save_bundle(target, replace(bundle, manifest=_called(bundle, version)))


def write_deaf(source: Path, target: Path, version: str) -> None:
    """The bundle at `source` with a tagger that finds nothing, so that it fails the sentences it is checked with."""
    bundle = load_bundle(source, "cpu")
    tagger = eager_tagger(bundle)
    with torch.no_grad():
        tagger.emissions.weight.zero_()
        tagger.emissions.bias.zero_()
        tagger.emissions.bias[0] = 100.0  # tag 0 is O
    save_bundle(target, replace(bundle, tagger=tagger, manifest=_called(bundle, version)))


def _called(bundle: Bundle, version: str) -> Manifest:
    return bundle.manifest.model_copy(update={"version": version})


def _seconds_a_round() -> float:
    matrix = torch.eye(_SIDE)
    started = time.perf_counter()
    for _ in range(20):
        matrix = matrix @ matrix
    return (time.perf_counter() - started) / 20
