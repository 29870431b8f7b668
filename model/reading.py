"""Tokens to rows of a table: what the recurrence reads of each form, worked out the first time that it is met."""

from collections.abc import Sequence
from itertools import chain
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor

from data.tokens import Token
from model.features import Featurizer, Form, to_device

_BYTES = 64 * 2**20  # a flood of new words costs time, never memory


def bucketed(batch: int, length: int) -> tuple[int, int]:
    """What a GPU is given for that many sentences and words: few shapes are to be compiled and kept memory for."""
    return 1 << (batch - 1).bit_length(), -(-length // 8) * 8


def _exact(batch: int, length: int) -> tuple[int, int]:
    return batch, length


class Reader:
    """The table of one tagger; several threads may use it."""

    def __init__(self, featurizer: Featurizer, tagger: Any, device: torch.device) -> None:
        self._featurizer = featurizer
        self._tagger = tagger  # model.tagger.Tagger, or its scripted form
        self._device = device
        self._shape_of = bucketed if device.type == "cuda" else _exact
        self._lock = Lock()
        self._width = self._read(["?"]).size(1)
        self._limit = _BYTES // (4 * self._width)
        self._clear()

    def _clear(self) -> None:
        self._places: dict[Form, int] = {}
        self._filled = 0  # rows of the table
        self._table = torch.empty(1024, self._width, device=self._device)

    def _read(self, forms: Sequence[Form]) -> Tensor:
        looks = self._featurizer.looks_of(forms)
        read: Tensor = self._tagger.read(*(to_device(torch.from_numpy(look), self._device) for look in looks))
        return read

    def read(self, sentences: Sequence[Sequence[Token]]) -> tuple[Tensor, Tensor]:
        """The table, and for each token its row there: (batch, length), on a GPU `bucketed`, padded with any row."""
        each = [self._featurizer.forms_of(tokens) for tokens in sentences]
        forms = list(chain.from_iterable(each))
        while True:
            with self._lock:
                new = [form for form in dict.fromkeys(forms) if form not in self._places]
                if not new:
                    table, places = self._table, [self._places[form] for form in forms]
                    break
            rows_of_new = self._read(new)  # without the lock: a thread that the model keeps must not keep the others
            with self._lock:
                self._add(new, rows_of_new)
        lengths = np.array([len(one) for one in each])
        rows = np.zeros(self._shape_of(len(each), lengths.max().item()), dtype=np.int64)
        rows[: len(each)][np.arange(rows.shape[1]) < lengths[:, None]] = places
        return table, to_device(torch.from_numpy(rows), self._device)

    def _add(self, forms: Sequence[Form], read: Tensor) -> None:
        """What another thread has added meanwhile stands there twice, which does no harm."""
        if self._filled > self._limit:
            self._clear()
        known = self._filled
        end = known + len(forms)
        if end > len(self._table):  # who still reads the table before keeps it
            larger = torch.empty(2 * end, self._width, device=self._device)
            larger[:known] = self._table[:known]
            self._table = larger
        self._table[known:end] = read
        self._places |= zip(forms, range(known, end), strict=True)
        self._filled = end
