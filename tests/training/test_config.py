from pathlib import Path

import pytest

from training.config import ConfigError, expand, read_config


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, 'output = "x.pt"\n[training]\nsteps = 7'))
    assert config.training.steps == 7
    assert config.training.batch_size == 64
    assert config.data.held_out == 0.1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('output = "x"\nsed = 3', "unknown key 'sed': did you mean 'seed'"),
        (
            'output = "x"\n[training]\nlearning_rat = 1',
            "unknown key 'training.learning_rat': did you mean 'learning_rate'",
        ),
        ('output = "x"\n[model]\nzzz = 1', "unknown key 'model.zzz': the keys are attention, bidirectional, cell"),
        ('output = "x"\n[training]\nsteps = 0', "training.steps: Input should be greater than or equal to 1, not 0"),
        (
            'output = "x"\n[model]\ncell = "rnn"',
            "'lstm' or 'gru', not 'rnn'",
        ),
        ("seed = 1", "output: Field required"),
        ("seed = = 1", "config.toml: Invalid value"),
    ],
)
def test_a_wrong_config_says_what_is_wrong_and_what_is_right(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(written(tmp_path, text))
    assert message in str(caught.value)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'sed'.*'nam'"):
        read_config(written(tmp_path, 'output = "x"\nsed = 3\nnam = "y"'))


def test_patterns_are_seen_from_the_config_file(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    for name in ("b.jsonl", "a.jsonl", "c.txt"):
        (tmp_path / "rows" / name).touch()
    config = tmp_path / "deep" / "config.toml"
    assert [path.name for path in expand(config.parent / "c.toml", ())] == []
    (tmp_path / "deep").mkdir()
    assert [path.name for path in expand(config, ("../rows/*.jsonl",))] == ["a.jsonl", "b.jsonl"]
    with pytest.raises(ConfigError, match=r"no file matches '\.\./rows/\*\.csv'"):
        expand(config, ("../rows/*.csv",))
