"""Rows to examples: what one training step reads."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from data.catalogue import Catalogue
from data.rows import Row
from data.tags import SpanError, spans_to_tags, tag_names
from data.tokens import tokenize
from model.features import Batch, Features, Featurizer, pad


class Example(NamedTuple):
    """A sentence with its tags (length,) and, for O, the tags that its source may have left out (tags,) bool.

    `asked` is the number of the slot that was asked for, 0 for none; `intent` that of the intent, -1 for none.
    """

    features: Features
    tags: NDArray[np.int16]
    unknown: NDArray[np.bool_]
    asked: int = 0
    intent: int = -1


class ExampleMaker:
    """Turns rows into examples; counts the rows whose spans no tags can say."""

    def __init__(self, featurizer: Featurizer, catalogue: Catalogue) -> None:
        self._featurizer = featurizer
        self._catalogue = catalogue
        self._tag_ids = {tag: index for index, tag in enumerate(tag_names(catalogue.slot_names))}
        self.misaligned = 0

    def examples_of(self, rows: Sequence[Row]) -> list[Example]:
        """Raises ValueError for a row whose requested slot or intent the catalogue does not know."""
        slots, intents = self._catalogue.slot_names, self._catalogue.intents
        examples = []
        for row in rows:
            tokens = tokenize(row.text)
            try:
                tags = spans_to_tags(tokens, row.slots)
            except SpanError:
                self.misaligned += 1
                continue
            unknown = np.zeros(len(self._tag_ids), dtype=np.bool_)
            for index, slot in enumerate(slots):
                unknown[2 * index + 1 : 2 * index + 3] = not row.looks_for(slot)
            examples.append(
                Example(
                    self._featurizer.features_of(tokens),
                    np.array([self._tag_ids[tag] for tag in tags], dtype=np.int16),
                    unknown,
                    1 + _place(row, "requested slot", row.requested_slot, slots),
                    _place(row, "intent", row.intent, intents) if intents else -1,
                )
            )
        return examples


def _place(row: Row, what: str, name: str | None, names: Sequence[str]) -> int:
    """Where a name stands among those of the catalogue; -1 for none."""
    if name is None:
        return -1
    if name not in names:
        raise ValueError(f"row {row.id!r}: {what} {name!r} is not in the catalogue: {', '.join(names)}")
    return names.index(name)


def collate(examples: Sequence[Example]) -> tuple[Batch, Tensor, Tensor]:
    """A padded batch, the tags its labels leave possible (batch, length, tags) bool, and the intents (batch,)."""
    batch = pad([example.features for example in examples], [example.asked for example in examples])
    possible = np.zeros((*batch.words.shape, len(examples[0].unknown)), dtype=np.bool_)
    for row, example in enumerate(examples):
        length = len(example.tags)
        possible[row, np.arange(length), example.tags] = True
        outside = np.flatnonzero(example.tags == 0)
        possible[row, outside] |= example.unknown
        possible[row, length:, 0] = True
    return batch, torch.from_numpy(possible), torch.tensor([example.intent for example in examples])
