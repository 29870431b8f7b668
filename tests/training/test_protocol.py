from pathlib import Path

import pytest

from data.rows import Row, RowError, write_rows
from data.tags import Span
from training.config import ConfigError, read_config
from training.protocol import RECIPE, Spread, protocol_tables, protocol_to_json, run_protocol

PROTOCOL = """
name = "small"
output = "out/small.pt"

[data]
rows = ["train.jsonl"]
dev_rows = 20

[vocabulary]
words = 300
pieces = 120

[model]
layers = 1
hidden = 16
word_size = 16
piece_size = 8
shape_size = 4

[training]
steps = 20
batch_size = 16
evaluate_every = 10
threads = 1

[protocol]
seeds = [1, 2]
test = { cities = ["test.jsonl"] }

[protocol.runs]
"without trains" = { data.without = ["trains"] }
"""


def rows(source: str, word: str, count: int) -> list[Row]:
    return [
        Row(f"{source}{n}", f"{word} {n} to York", "en", (Span("destination", 10 + len(str(n)), 14 + len(str(n))),),
            extra={"source": source})
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    write_rows(tmp_path / "train.jsonl", rows("trains", "train", 40) + rows("buses", "coach", 40))
    silent = Row("n", "play some jazz", "en", (), extra={"source": "music", "kind": "ood_easy"})
    write_rows(tmp_path / "test.jsonl", [*rows("trams", "trams", 10), silent])
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL)
    return path


def test_every_run_is_trained_with_every_seed_and_measured_on_the_same_rows(config_path: Path) -> None:
    figures = run_protocol(read_config(config_path), config_path, jobs=2)
    assert list(figures) == [RECIPE, "without trains"]
    bundles = {path.name for path in (config_path.parent / "out").glob("*.pt")}
    assert bundles == {f"small-{run}-{seed}.pt" for run in ("recipe", "without-trains") for seed in (1, 2)}  # fmt: skip
    for measured in figures.values():
        assert {"cities", "negatives, ood_easy"} <= set(measured)
        assert all(0 <= measured[name].mean <= 100 for name in ("cities", "negatives, ood_easy"))
    assert "left out: en.trains" in figures["without trains"]
    assert "left out: en.trains" not in figures[RECIPE]
    assert {"cities, upper", "cities, made_up"} <= set(figures[RECIPE])
    assert len(protocol_tables(figures)) == 3
    assert set(protocol_to_json(figures)) == set(figures)

    # A run that is done is not done again; one whose figures are missing is.
    folder = config_path.parent / "out"
    (folder / "small-recipe-2.json").unlink()
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.pt")}
    assert run_protocol(read_config(config_path), config_path, resume=True) == figures
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.pt")}
    assert {name for name in after if after[name] != before[name]} == {"small-recipe-2.pt"}


def test_a_mistake_in_any_run_is_found_before_the_first_training(config_path: Path) -> None:
    config_path.write_text(PROTOCOL + '"typo" = { data.witout = ["trains"] }\n')
    with pytest.raises(ConfigError, match=r"run 'typo': unknown key 'data\.witout': did you mean 'without'"):
        read_config(config_path)


def test_what_goes_wrong_in_a_training_is_said_as_it_is(config_path: Path) -> None:
    with (config_path.parent / "train.jsonl").open("a") as file:
        file.write('{"id": "bad"}\n')
    with pytest.raises(RowError, match=r"train\.jsonl:81: row 'bad'"):
        run_protocol(read_config(config_path), config_path)


def test_a_start_that_is_missing_is_found_before_the_first_training(config_path: Path) -> None:
    config_path.write_text(PROTOCOL + '"started" = { training.start = "lm.pt" }\n')
    with pytest.raises(ConfigError, match=r"run 'started' starts from lm\.pt, which is not there"):
        run_protocol(read_config(config_path), config_path)


def test_two_runs_that_would_write_the_same_files_are_refused(config_path: Path) -> None:
    config_path.write_text(PROTOCOL + '"without-trains" = { model.hidden = 8 }\n')
    with pytest.raises(ConfigError, match="must differ"):
        run_protocol(read_config(config_path), config_path)


def test_a_config_without_protocol_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.toml"
    path.write_text('output = "x.pt"')
    with pytest.raises(ConfigError, match=r"no \[protocol\]"):
        run_protocol(read_config(path), path)


def test_the_spread_is_the_sample_standard_deviation() -> None:
    assert Spread.of([90.0, 92.0, 94.0]) == Spread(92.0, 2.0)
    assert str(Spread.of([90.0, 92.0, 94.0])) == "92.0 ± 2.0"
    assert str(Spread.of([90.0])) == "90.0"
