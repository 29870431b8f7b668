from pathlib import Path

import numpy as np
import pytest

from model.bundle import load_bundle
from training.config import ConfigError, read_config
from training.loop import train
from training.vectors import Vectors


@pytest.mark.parametrize("header", ["", "3 2\n"])
def test_both_kinds_of_files_are_read_and_the_first_of_like_words_counts(header: str, tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(f"{header}To 0.5 -1e-1\nto 9 9\n臺北 1 2\n")
    vectors = Vectors.read(path, 2)
    assert vectors.words == ["to", "台北"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("to 1 2 3\n", r"vectors\.txt:1: 3 numbers, where the config's model takes 2"),
        ("to 1 2\nat 1 x\n", r"txt:2: .*'x'"),
    ],
)
def test_a_line_that_is_no_vector_of_the_right_size_is_named(content: str, error: str, tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(content)
    with pytest.raises(ConfigError, match=error):
        Vectors.read(path, 2)


def test_fixed_vectors_are_kept_beside_what_is_learned(tiny_config: Path, tmp_path: Path) -> None:
    (tmp_path / "vectors.txt").write_text("to 0.25 0.5\nzyzzyva -1 2\n")
    changes = {
        "output": "fixed.pt",
        "data": {"generated": 200},
        "vocabulary": {"vectors": "vectors.txt", "words": 5000},
        "model": {"vector_size": 2},
        "training": {"steps": 3, "learning_rate": 0.1},
    }
    bundle = load_bundle(train(read_config(tiny_config).changed(changes), tmp_path / "config.toml", quiet=True), "cpu")
    vocabulary, vectors = bundle.featurizer.vocabulary, dict(bundle.tagger.named_buffers())["embed.vectors.weight"]
    assert vocabulary.given == ("zyzzyva",)
    assert vectors[vocabulary.id_of("to")].tolist() == [0.25, 0.5]
    assert vectors[vocabulary.id_of("zyzzyva")].tolist() == [-1, 2]
    assert vectors.count_nonzero() == 4
    assert len(dict(bundle.tagger.named_parameters())["embed.words.weight"]) == len(vocabulary) - 1
    with pytest.raises(ValueError, match="vectors names"):
        read_config(tiny_config).changed({"model": {"vector_size": 2}})


def test_a_tagger_starts_from_its_vectors_and_knows_their_words(tiny_config: Path, tmp_path: Path) -> None:
    numbers = " ".join(["0.25"] * 32)
    (tmp_path / "vectors.txt").write_text(f"to {numbers}\nzyzzyva {numbers}\n")
    changes = {
        "output": "with.pt",
        "data": {"generated": 200},
        "vocabulary": {"vectors": "vectors.txt", "words": 5000},
        "training": {"steps": 1, "learning_rate": 1e-9, "averaging": 0},
    }
    config_path = tmp_path / "config.toml"
    bundle = load_bundle(train(read_config(tiny_config).changed(changes), config_path, quiet=True), "cpu")
    weights = dict(bundle.tagger.named_parameters())["embed.words.weight"].detach().numpy()
    for word in ("to", "zyzzyva"):
        place = bundle.featurizer.vocabulary.id_of(word)
        assert place > 1
        assert np.allclose(weights[place], 0.25, atol=1e-3)
    with pytest.raises(ValueError, match="excludes training"):
        read_config(tiny_config).changed(changes | {"training": {"start": "lm.pt"}})
