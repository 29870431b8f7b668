import hashlib
from pathlib import Path

import pytest

from data.rows import Row, write_rows
from data.tags import Span
from model.bundle import load_bundle
from model.parser import Parser
from training import loop
from training.config import Config, read_config

SMALL = """
output = "out.pt"
[data]
generated = 300
dev_rows = 20
[vocabulary]
words = 300
pieces = 150
[model]
layers = 2
hidden = 8
word_size = 8
piece_size = 8
shape_size = 4
[training]
steps = 12
batch_size = 16
warmup = 2
evaluate_every = 3
threads = 1
"""


def config_at(folder: Path, text: str = SMALL) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "config.toml"
    path.write_text(text)
    return path


def weights(bundle: Path) -> str:
    digest = hashlib.sha256()
    for name, parameter in sorted(load_bundle(bundle).tagger.named_parameters()):
        digest.update(name.encode() + parameter.detach().numpy().tobytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = config_at(tmp_path_factory.mktemp("whole"))
    return loop.train(read_config(path), path, quiet=True)


def test_the_same_seed_gives_the_same_weights(uninterrupted: Path, tmp_path: Path) -> None:
    path = config_at(tmp_path)
    assert weights(loop.train(read_config(path), path, quiet=True)) == weights(uninterrupted)


def test_a_resumed_run_ends_with_the_same_weights(
    uninterrupted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = config_at(tmp_path)
    learn = loop._Run._learn

    def stopped(run: loop._Run, examples: list[object]) -> float:
        if run.step == 7:
            raise KeyboardInterrupt
        return learn(run, examples)  # type: ignore[arg-type]

    monkeypatch.setattr(loop._Run, "_learn", stopped)
    with pytest.raises(KeyboardInterrupt):
        loop.train(read_config(path), path, quiet=True)
    assert not (tmp_path / "out.pt").exists()
    assert (tmp_path / "out.checkpoint").exists()
    monkeypatch.setattr(loop._Run, "_learn", learn)
    assert weights(loop.train(read_config(path), path, resume=True, quiet=True)) == weights(uninterrupted)
    assert not (tmp_path / "out.checkpoint").exists()


def test_resuming_with_another_config_is_refused(tmp_path: Path) -> None:
    path = config_at(tmp_path)
    with pytest.raises(ValueError, match="nothing to resume"):
        loop.train(read_config(path), path, resume=True, quiet=True)


def test_a_pass_sees_no_example_twice_and_skipping_changes_no_order() -> None:
    config = Config(output="x")
    examples = [loop.Example(None, [0] * (n % 7), None) for n in range(100)]  # type: ignore[arg-type]
    whole = loop._batches(examples, 8, config.seed, 0)
    first = [next(whole) for _ in range(30)]
    seen = [id(example) for batch in first[: 100 // 8] for example in batch]
    assert len(seen) == len(set(seen)) >= 92
    rest = loop._batches(examples, 8, config.seed, 17)
    assert [next(rest) for _ in range(13)] == first[17:]


def test_nothing_to_choose_the_weights_by_is_an_error(tmp_path: Path) -> None:
    path = config_at(tmp_path, SMALL.replace("dev_rows = 20", "held_out = 0.0"))
    with pytest.raises(ValueError, match=r"no dev row.*data\.held_out"):
        loop.train(read_config(path), path, quiet=True)


def test_the_rate_rises_then_falls_to_zero() -> None:
    settings = read_rate()
    rates = [loop._rate(step, settings) for step in range(settings.steps + 1)]
    assert rates.index(max(rates)) == settings.warmup - 1 or rates.index(max(rates)) == settings.warmup
    assert rates[-1] == pytest.approx(0.0, abs=1e-6)
    assert all(a >= b for a, b in zip(rates[settings.warmup :], rates[settings.warmup + 1 :], strict=False))


def read_rate() -> loop.LoopConfig:
    return loop.LoopConfig(steps=50, warmup=5)


def test_another_domain_needs_a_catalogue_and_rows_but_no_python(tmp_path: Path) -> None:
    (tmp_path / "hotel.toml").write_text('name = "hotel"\nlanguages = ["de"]\n[slots.nights]\nkind = "count"\n')
    rows = [Row(f"r{n}", f"{n} Nächte bitte", "de", (Span("nights", 0, len(str(n))),)) for n in range(60)]
    write_rows(tmp_path / "rows.jsonl", rows)
    text = SMALL.replace("generated = 300", 'catalogue = "hotel.toml"\nrows = ["rows.jsonl"]')
    path = config_at(tmp_path, 'languages = ["de"]\n' + text.replace("pieces = 150", "pieces = 100"))
    parser = Parser.load(loop.train(read_config(path), path, quiet=True))
    assert parser.catalogue.slot_names == ["nights"]
    assert parser.parse("3 Nächte bitte").lang == "de"
