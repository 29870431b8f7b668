"""Real torchrun processes, two of them, on the CPU."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from data.rows import Row, write_rows
from data.tags import Span
from model.bundle import load_bundle
from training.config import read_config
from training.distributed import Ranks, joined
from training.loop import train

CATALOGUE = 'name = "hotel"\nlanguages = ["de"]\n[slots.nights]\nkind = "count"\n'
CONFIG = """
languages = ["de"]
output = "out.pt"
[data]
catalogue = "hotel.toml"
rows = ["rows.jsonl"]
[vocabulary]
pieces = 100
[model]
layers = 1
hidden = 8
word_size = 8
piece_size = 8
shape_size = 4
dropout = 0.0
word_dropout = 0.0
[training]
steps = 36
batch_size = 17
warmup = 2
evaluate_every = 6
threads = 1
"""
ROOT = Path(__file__).parents[2]
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "slotwise")
CPU = torch.device("cpu")


def config_in(folder: Path) -> Path:
    texts = ((f"{'bitte ' * (n % 7)}{n}", " Nächte") for n in range(100))
    rows = [
        Row(f"r{n}", begin + end, "de", (Span("nights", len(begin) - len(str(n)), len(begin)),))
        for n, (begin, end) in enumerate(texts)
    ]
    write_rows(folder / "rows.jsonl", rows)
    (folder / "hotel.toml").write_text(CATALOGUE)
    (folder / "config.toml").write_text(CONFIG)
    return folder / "config.toml"


def begin(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*TORCHRUN, "train", config_in(folder), "--device", "cpu", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return dict(load_bundle(folder / "out.pt", "cpu").tagger.named_parameters())


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two processes have trained."""
    folder = tmp_path_factory.mktemp("two")
    assert finish(begin(folder)) == f"{folder / 'out.pt'}\n"  # said once
    return folder


def test_two_processes_learn_what_one_learns(two: Path, tmp_path: Path) -> None:
    """Batches of 17, and smaller ones: the halves are not of one size."""
    path = config_in(tmp_path)
    alone = load_bundle(train(read_config(path), path, quiet=True), "cpu")
    together = load_bundle(two / "out.pt", "cpu")
    for name, weight in weights(tmp_path).items():
        assert torch.allclose(weights(two)[name], weight, atol=1e-4), name
    losses = [[one["loss"] for one in bundle.manifest.trained_on["history"]] for bundle in (alone, together)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-3)
    assert alone.manifest.scores == together.manifest.scores


def test_killed_and_resumed_they_end_with_the_same_weights(two: Path, tmp_path: Path) -> None:
    process = begin(tmp_path)
    until = time.monotonic() + 120
    while not (tmp_path / "out.checkpoint").exists() and time.monotonic() < until:
        time.sleep(0.01)
    for children in Path(f"/proc/{process.pid}/task").glob("*/children"):
        for child in children.read_text().split():
            os.kill(int(child), signal.SIGKILL)
    process.communicate(timeout=60)
    assert (tmp_path / "out.checkpoint").exists()
    assert not (tmp_path / "out.pt").exists()
    finish(begin(tmp_path, "--resume"))
    for name, weight in weights(tmp_path).items():
        assert torch.equal(weights(two)[name], weight), name


@pytest.mark.parametrize("sentences", [1, 2, 3, 7])
@pytest.mark.parametrize("world", [1, 2, 4])
def test_the_mean_over_weighed_parts_is_the_mean_of_the_batch(sentences: int, world: int) -> None:
    losses = [float(n**2) for n in range(sentences)]
    means = []
    for rank in range(world):
        part, weight = Ranks(CPU, rank, world).part(losses)
        means.append(weight * sum(part) / len(part))
    assert sum(means) / world == pytest.approx(sum(losses) / sentences)


def test_without_torchrun_there_is_one() -> None:
    with joined("cpu") as ranks:
        assert (ranks.is_first, ranks.world, ranks.device) == (True, 1, CPU)
        assert ranks.tell("a") == "a"
        assert ranks.mean([torch.tensor(1.0), torch.tensor(2.0)]) == 1.5
