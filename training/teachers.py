"""Bundles to a smaller tagger: it learns what they say of a sentence, beside what its labels say."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from data.catalogue import Catalogue
from model.bundle import Bundle, load_bundle
from model.features import Batch, Featurizer
from model.tagger import Tagger
from training.config import ConfigError


@dataclass(frozen=True)
class Teachers:
    """Bundles of one vocabulary and catalogue, which the learner shares.

    Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015). The learner keeps the transitions
    of the first one: then the probabilities of tags say all that its loss can know of the teachers' paths.
    """

    digest: str
    bundles: tuple[Bundle, ...]

    @classmethod
    def read(cls, paths: Sequence[Path], catalogue: Catalogue, device: torch.device) -> "Teachers":
        """Onto `device`. ConfigError where two have other words, or one has other slots or intents than `catalogue`."""
        bundles = tuple(load_bundle(path, str(device)) for path in paths)
        first = bundles[0].featurizer
        for path, bundle in zip(paths, bundles, strict=True):
            theirs = bundle.catalogue
            if (theirs.slot_names, theirs.intents) != (catalogue.slot_names, catalogue.intents):
                raise ConfigError(f"training.teachers: {path} has other slots or intents than the config's catalogue")
            featurizer = bundle.featurizer
            if (featurizer.vocabulary, featurizer.pieces.model) != (first.vocabulary, first.pieces.model):
                raise ConfigError(f"training.teachers: {path} has another vocabulary than {paths[0]}")
        digest = hashlib.blake2b(digest_size=16)
        for path in paths:
            digest.update(path.read_bytes())
        return cls(digest.hexdigest(), bundles)

    @property
    def featurizer(self) -> Featurizer:
        return self.bundles[0].featurizer

    def load_into(self, tagger: Tagger) -> None:
        """Embedder, questions and transitions of the first one, where they are of the learner's size."""
        ours = tagger.state_dict()
        taken = ("embed.", "asked.", "answers.", "crf.")
        weights = {
            name: weight
            for name, weight in self.bundles[0].tagger.state_dict().items()
            if name.startswith(taken) and name in ours and ours[name].shape == weight.shape
        }
        tagger.load_state_dict(weights, strict=False)
        tagger.crf.requires_grad_(False)

    @torch.no_grad()
    def marginals(self, batch: Batch) -> Tensor:
        """Probability of each tag at each word, the mean over the teachers: (batch, length, tags), 0 behind the end."""
        every = []
        for bundle in self.bundles:
            tagger: Any = bundle.tagger  # scripted: mypy does not know its parts
            emissions, mask, _ = tagger.emit(*batch)
            alpha, beta, log_partition = tagger.crf.sums(emissions, mask)
            every.append((alpha + beta - log_partition[:, None, None]).exp().float() * mask.unsqueeze(2))
        return torch.stack(every).mean(dim=0)
