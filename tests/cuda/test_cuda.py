"""What the CPU says, said by a GPU: `make test-cuda` where there is one; else all of it is skipped."""

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest
import torch

from data.generator import generate
from model.bundle import load_bundle
from model.parser import Parse, Parser
from model.request import Request
from service.device_bench import bench_devices
from service.settings import READY_BUNDLE
from training.config import read_config
from training.distributed import joined
from training.loop import train

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
SENTENCES = 1_000
SHORT = {"training": {"steps": 300, "evaluate_every": 150}}


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    return [Request(row.text, alternatives=2) for row in generate(SENTENCES, 3)]


@pytest.fixture(scope="module")
def gpu() -> Parser:
    return Parser.load(READY_BUNDLE, "cuda")


def slots(parse: Parse) -> list[tuple[str, int, int]]:
    return [(slot.slot, slot.start, slot.end) for slot in parse.slots]


def test_auto_is_the_gpu() -> None:
    assert Parser.load(READY_BUNDLE).device.type == "cuda"


@pytest.mark.parametrize("size", [1, 3, 32, 1_000])
def test_slots_and_confidences_are_those_of_the_cpu(gpu: Parser, requests: list[Request], size: int) -> None:
    """Where two readings are as good as equal, rounding may choose: in one sentence of a thousand."""
    cpu = Parser.load(READY_BUNDLE, "cpu")
    chosen = requests[: 40 * size]
    ours = [parse for at in range(0, len(chosen), size) for parse in gpu.parse_requests(chosen[at : at + size])]
    other = 0
    for mine, theirs in zip(ours, cpu.parse_requests(chosen), strict=True):
        if slots(mine) != slots(theirs):
            other += 1
            continue
        for slot, same in zip(mine.slots, theirs.slots, strict=True):
            assert slot.confidence == pytest.approx(same.confidence, abs=1e-3)
    assert other <= len(chosen) / 1_000


def test_an_explanation_is_that_of_the_cpu(gpu: Parser) -> None:
    request = Request("leave Taipei on November 2nd")
    for (mine, ours), (theirs, others) in zip(
        gpu.explain(request), Parser.load(READY_BUNDLE, "cpu").explain(request), strict=True
    ):
        assert (mine.slot, mine.text) == (theirs.slot, theirs.text)
        assert [one.effect for one in ours] == pytest.approx([one.effect for one in others], abs=1e-3)


def test_the_service_answers(slotwise: Path) -> None:
    process = subprocess.Popen(
        [slotwise, "serve", "--port", "0", "--device", "cuda"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = next(word for word in process.stdout.readline().split() if word.startswith("http"))
        body = json.dumps({"text": "arrive Taipei on November 2nd"}).encode()
        asked = urllib.request.Request(f"{url}/v1/parse", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            found = json.load(answer)["slots"]
        assert [(slot["slot"], slot["text"]) for slot in found] == [
            ("destination", "Taipei"),
            ("arrival_time", "November 2nd"),
        ]
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_tag_says_the_same_on_both(slotwise: Path, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("\n".join(row.text for row in generate(SENTENCES, 5)))
    said = {}
    for device in ("cpu", "cuda"):
        output = tmp_path / f"{device}.jsonl"
        command = [slotwise, "tag", tmp_path / "in.txt", "-o", output, "--device", device, "--no-resolve", "-q"]
        subprocess.run(command, check=True, timeout=300)
        rows = map(json.loads, output.read_text().splitlines())
        said[device] = [[(slot["slot"], slot["start"], slot["end"]) for slot in row["slots"]] for row in rows]
    assert len(said["cuda"]) == SENTENCES
    assert sum(ours != theirs for ours, theirs in zip(said["cuda"], said["cpu"], strict=True)) <= SENTENCES / 1_000


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_bundle_that_a_gpu_trained_works_on_a_cpu(
    tiny_config: Path, tiny_bundle: Path, tmp_path: Path, precision: str
) -> None:
    config = read_config(tiny_config).changed({"training": {"precision": precision}})
    with joined("cuda") as ranks:
        trained = load_bundle(train(config, tmp_path / "config.toml", quiet=True, ranks=ranks), "cpu")
    assert {weight.device.type for weight in trained.tagger.parameters()} == {"cpu"}
    on_cpu = load_bundle(tiny_bundle, "cpu").manifest.scores["dev_f1"]
    assert trained.manifest.scores["dev_f1"] == pytest.approx(on_cpu, abs=0.02)
    found = Parser(trained, torch.device("cpu")).parse("from Oslo to Paris").slots
    assert [(slot.slot, slot.text) for slot in found] == [("origin", "Oslo"), ("destination", "Paris")]


def test_an_interrupted_training_goes_on(tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To nearly the same: on a GPU sums have no fixed order."""
    from training import loop

    learn, f1 = loop._Run._learn, []
    for stop in (None, 200):

        def stopped(run: loop._Run, examples: list[object], stop: int | None = stop) -> torch.Tensor:
            if run.step == stop:
                raise KeyboardInterrupt
            return learn(run, examples)  # type: ignore[arg-type]

        config = read_config(tiny_config).changed({**SHORT, "output": f"{stop}.pt"})
        with joined("cuda") as ranks:
            monkeypatch.setattr(loop._Run, "_learn", stopped)
            if stop is not None:
                with pytest.raises(KeyboardInterrupt):
                    train(config, tmp_path / "config.toml", quiet=True, ranks=ranks)
                monkeypatch.setattr(loop._Run, "_learn", learn)
            bundle = train(config, tmp_path / "config.toml", resume=stop is not None, quiet=True, ranks=ranks)
        f1.append(load_bundle(bundle, "cpu").manifest.scores["dev_f1"])
    assert f1[0] == pytest.approx(f1[1], abs=0.03)


def test_bench_has_both_devices() -> None:
    figures = bench_devices(READY_BUNDLE)
    assert figures["cpu"].keys() < figures["cuda"].keys()
    assert all(figure > 0 for of_device in figures.values() for figure in of_device.values())
