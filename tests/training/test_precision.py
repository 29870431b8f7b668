from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from model.bundle import load_bundle
from model.crf import CRF
from model.features import Batch
from model.tagger import Tagger
from training import loop
from training.config import Config, ConfigError, read_config
from training.precision import autocast_of, bfloat16_is_here

MIXED: dict[str, Any] = {"training": {"precision": "bfloat16"}, "model": {"cell": "gru"}}
SMALL = {"training": {"steps": 30, "evaluate_every": 10}, "data": {"generated": 150, "answers": 0, "dev_rows": 10}}


def test_layers_are_in_bfloat16_and_paths_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config.model_validate({"output": "x.pt", **MIXED})
    tagger = Tagger(config.model, 50, 20, 7)
    paths, of_layer, of_paths = CRF.loss, [], []
    tagger.emissions.register_forward_hook(lambda layer, read, found: of_layer.append(found.dtype))

    def seen(crf: CRF, emissions: Tensor, *others: Any) -> Tensor:
        of_paths.extend([emissions.dtype, (crf.steps() @ crf.steps()).dtype])
        return paths(crf, emissions, *others)

    monkeypatch.setattr(CRF, "loss", seen)
    words = torch.ones(2, 3, dtype=torch.int32)
    batch = Batch(words, words.unsqueeze(2), words, torch.tensor([3, 3]), torch.zeros(2, dtype=torch.long))
    with autocast_of(config, torch.device("cpu")):
        loss = tagger.loss(batch, torch.ones(2, 3, 7, dtype=torch.bool), torch.zeros(2))
    loss.backward()  # type: ignore[no-untyped-call]
    assert (of_layer, of_paths, loss.dtype) == ([torch.bfloat16], [torch.float32] * 2, torch.float32)
    assert {weight.grad.dtype for weight in tagger.parameters() if weight.grad is not None} == {torch.float32}


def test_it_learns_and_resumes(tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = read_config(tiny_config).changed(MIXED).changed(SMALL)
    learn = loop._Run._learn

    def stopped(run: loop._Run, examples: Any) -> Tensor:
        if run.step == 25:
            raise KeyboardInterrupt
        return learn(run, examples)

    whole = load_bundle(loop.train(config, tmp_path / "config.toml", quiet=True), "cpu")
    monkeypatch.setattr(loop._Run, "_learn", stopped)
    with pytest.raises(KeyboardInterrupt):
        loop.train(config, tmp_path / "config.toml", quiet=True)
    monkeypatch.setattr(loop._Run, "_learn", learn)
    resumed = load_bundle(loop.train(config, tmp_path / "config.toml", resume=True, quiet=True), "cpu")
    for (name, weight), same in zip(whole.tagger.named_parameters(), resumed.tagger.parameters(), strict=True):
        assert weight.dtype == torch.float32
        assert torch.equal(weight, same), name
    losses = [evaluated["loss"] for evaluated in whole.manifest.trained_on["history"]]
    assert losses[-1] < losses[0]


@pytest.mark.skipif(bfloat16_is_here(), reason="this processor has bfloat16")
def test_an_lstm_needs_a_processor_with_bfloat16() -> None:
    config = Config.model_validate({"output": "x.pt", **MIXED, "model": {"cell": "lstm"}})
    with pytest.raises(ConfigError, match=r"training\.precision.*lstm"):
        autocast_of(config, torch.device("cpu"))
