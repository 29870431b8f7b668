"""No tensor of a tagger is made on another device than its weights': on `meta`, torch refuses what mixes the two.

So what runs on a GPU is checked where there is none; tests/cuda checks the figures where there is one.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.fx.experimental import _config

import model.recurrent
from model.features import Batch
from model.tagger import Architecture, Tagger

META = torch.device("meta")
ARCHITECTURES: list[dict[str, Any]] = [
    *({"cell": cell} for cell in ("gru", "lstm", "elman", "jordan", "feed_forward")),
    {"cell": "gru", "attention": 2, "output": "softmax", "vector_size": 5, "layers": 1},
]


@pytest.fixture
def tagger(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tagger]:
    # Of what torch does itself, what needs the numbers of a tensor: packing, and how many are not zero.
    monkeypatch.setattr(model.recurrent, "pack_padded_sequence", lambda inputs, *_, **__: inputs)
    monkeypatch.setattr(model.recurrent, "pad_packed_sequence", lambda states, **_: (states,))
    small = {"hidden": 12, "word_size": 10, "piece_size": 6, "shape_size": 4} | request.param
    with _config.patch("meta_nonzero_assume_all_nonzero", True):
        yield Tagger(Architecture.model_validate(small), 50, 20, 7, 2).to(META)


def batch() -> Batch:
    """Lengths stay on the CPU."""
    words, asked = torch.ones(3, 5, dtype=torch.int32), torch.zeros(3, dtype=torch.long)
    return Batch(words, words.unsqueeze(2).repeat(1, 1, 4), words, torch.tensor([5, 4, 2]), asked).to(META)


@pytest.mark.parametrize("tagger", ARCHITECTURES, ids=str, indirect=True)
def test_tagging_makes_no_tensor_elsewhere(tagger: Tagger) -> None:
    tagger.eval()
    words, pieces, shapes, lengths, asked = batch()
    table = tagger.read(words[0], pieces[0], shapes[0])
    for found in (
        *tagger(*batch()),
        *tagger.tag(table, words.long(), lengths, asked),
        tagger.crf(*tagger.emit(*batch())[:2]),
    ):
        assert found.device == META


@pytest.mark.parametrize("tagger", ARCHITECTURES, ids=str, indirect=True)
def test_learning_makes_no_tensor_elsewhere(tagger: Tagger) -> None:
    emissions, mask, intents = tagger.train().emit(*batch())  # autocast, which Tagger.loss enters, knows no `meta`
    loss: Tensor = tagger.crf.loss(emissions, mask, torch.ones(3, 5, 7, dtype=torch.bool, device=META)) + intents.sum()
    loss.backward()  # type: ignore[no-untyped-call]
    assert {weight.grad.device for weight in tagger.parameters() if weight.grad is not None} == {META}
