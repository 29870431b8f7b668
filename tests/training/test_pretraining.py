import json
from pathlib import Path

import pytest
import torch

from data.rows import Row, write_rows
from data.splits import hash_fraction
from data.tags import tag_names
from model.bundle import load_bundle
from model.tagger import Architecture, Tagger
from model.vocabulary import SHAPES
from training import loop, pretraining
from training.config import ConfigError, read_config
from training.language_model import LanguageModel
from training.pretraining import Pretraining, Start, pretrain, pretraining_table

CONFIG = """
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
start = "lm.pt"
[pretraining]
output = "lm.pt"
texts = ["more.jsonl"]
steps = 5
batch_size = 8
window = 10
"""
MORE = [Row(f"r{n}", f"the answer is {n} and a half", "en", extra={"source": "answers"}) for n in range(50)]


def config_at(folder: Path, text: str = CONFIG) -> Path:
    write_rows(folder / "more.jsonl", MORE)
    path = folder / "config.toml"
    path.write_text(text)
    return path


def pretrained(folder: Path) -> tuple[Path, Pretraining]:
    path = config_at(folder)
    return path, pretrain(read_config(path), path, quiet=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Pretraining]:
    """A config and what pretraining it gave; lm.pt stands beside the config."""
    return pretrained(tmp_path_factory.mktemp("lm"))


def tagger_of(start: Start, architecture: Architecture, tags: int = 5, intents: int = 0) -> Tagger:
    return Tagger(architecture, len(start.featurizer.vocabulary), start.featurizer.piece_ids, tags, intents)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_weights_arrive_in_the_tagger(cell: str, layers: int, made: tuple[Path, Pretraining]) -> None:
    start = Start.read(made[0].parent / "lm.pt", read_config(made[0]).model)
    sizes = read_config(made[0]).model.model_dump() | {"cell": cell, "layers": layers}
    architecture = Architecture.model_validate(sizes)
    words, pieces = len(start.featurizer.vocabulary), start.featurizer.piece_ids
    model = LanguageModel(architecture, words, pieces)
    tagger = tagger_of(start, architecture)
    own = {name: value.clone() for name, value in tagger.state_dict().items()}
    Start("", start.featurizer, model.tagger_weights(), {}).load_into(tagger)

    assert torch.equal(tagger.embed.words.weight, model.embed.words.weight)
    assert torch.equal(tagger.embed.pieces.weight, model.embed.pieces.weight)
    assert torch.equal(tagger.embed.shapes.weight, model.embed.shapes.weight)
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        layer = tagger.recurrent.stack
        assert torch.equal(getattr(layer, name), getattr(model.direction("forwards").recurrent, name))
        assert torch.equal(getattr(layer, f"{name}_reverse"), getattr(model.direction("backwards").recurrent, name))
    untouched = [name for name in own if name.startswith(("emissions", "crf")) or "_l1" in name]
    assert len(untouched) >= (13 if layers == 2 else 5)
    assert all(torch.equal(own[name], tagger.state_dict()[name]) for name in untouched)


def test_the_first_layer_of_the_tagger_says_what_the_language_models_say(made: tuple[Path, Pretraining]) -> None:
    architecture = Architecture.model_validate(read_config(made[0]).model.model_dump() | {"layers": 1})
    start = Start.read(made[0].parent / "lm.pt", architecture)
    model = LanguageModel(architecture, len(start.featurizer.vocabulary), start.featurizer.piece_ids).eval()
    tagger = tagger_of(start, architecture).eval()
    Start("", start.featurizer, model.tagger_weights(), {}).load_into(tagger)
    embedded = torch.randn(1, 6, tagger.embed.width)
    with torch.inference_mode():
        both = tagger.recurrent.stack(embedded)[0]
        ahead = model.direction("forwards").recurrent(embedded)[0]
        back = model.direction("backwards").recurrent(embedded.flip(1))[0].flip(1)
    assert torch.allclose(both, torch.cat([ahead, back], dim=2), atol=1e-6)


def test_pretraining_reads_the_corpus_and_more_texts_and_measures_what_it_held_out(
    made: tuple[Path, Pretraining],
) -> None:
    _, result = made
    held_out = sum(hash_fraction(row.text) < 0.1 for row in MORE)
    assert held_out > 0
    assert result.sentences["en.answers"] == len(MORE) - held_out
    assert result.sentences["en.generated"] > 100
    assert result.held_out_sentences > held_out
    models = {measured.model: measured for measured in result.models}
    assert list(models) == ["recurrent, forwards", "recurrent, backwards", *(f"{n}-gram" for n in range(1, 6))]
    assert all(1 < measured.perplexity < result.vocabulary * 3 for measured in result.models)
    grams = [models[f"{n}-gram"].grams or 0 for n in range(1, 6)]
    assert grams == sorted(set(grams))
    assert models["2-gram"].perplexity < models["1-gram"].perplexity
    assert pretraining_table(result).row_count == 7


def test_no_text_that_the_tagger_holds_out_is_learned_from(made: tuple[Path, Pretraining], tmp_path: Path) -> None:
    config = read_config(config_at(tmp_path))
    dev = [row for row in MORE if hash_fraction(row.text) >= 0.1][:7]
    write_rows(tmp_path / "dev.jsonl", dev)
    config = config.changed({"data": {"dev": ["dev.jsonl"]}})
    assert config.pretraining is not None
    learned, held_out = pretraining._rows(config, tmp_path / "config.toml", config.pretraining)
    assert not {row.text for row in learned} & {row.text for row in held_out}
    assert {row.text for row in dev} <= {row.text for row in held_out}


def test_the_same_seed_gives_the_same_weights(made: tuple[Path, Pretraining], tmp_path: Path) -> None:
    path, result = pretrained(tmp_path)
    assert result.models == made[1].models
    ours, theirs = (Start.read(file.parent / "lm.pt", read_config(path).model) for file in (path, made[0]))
    assert all(torch.equal(ours.weights[name], theirs.weights[name]) for name in theirs.weights)
    assert ours.featurizer.vocabulary == theirs.featurizer.vocabulary


def test_a_tagger_starts_from_the_language_models_and_its_bundle_says_so(made: tuple[Path, Pretraining]) -> None:
    path, result = made
    config = read_config(path)
    start = Start.read(path.parent / "lm.pt", config.model)
    bundle = load_bundle(loop.train(config.changed({"output": "started.pt"}), path, quiet=True))
    assert bundle.featurizer.vocabulary == start.featurizer.vocabulary
    assert bundle.featurizer.pieces.model == start.featurizer.pieces.model
    told = bundle.manifest.trained_on["start"]
    assert told["digest"] == start.digest
    assert told["models"][0]["perplexity"] == result.models[0].perplexity
    fresh = config.changed({"output": "fresh.pt", "training": {"start": None}})
    alone = load_bundle(loop.train(fresh, path, quiet=True))
    assert alone.manifest.trained_on["start"] is None
    assert alone.manifest.version != bundle.manifest.version


def test_a_tagger_of_almost_no_steps_still_holds_the_weights_it_started_from(made: tuple[Path, Pretraining]) -> None:
    path = made[0]
    config = read_config(path).changed({"output": "still.pt", "training": {"steps": 1, "learning_rate": 1e-9}})
    start = Start.read(path.parent / "lm.pt", config.model)
    weights = dict(load_bundle(loop.train(config, path, quiet=True)).tagger.named_parameters())
    assert len(start.weights) == 11
    for name, value in start.weights.items():
        assert torch.allclose(weights[name], value, atol=1e-6)


def test_a_resumed_training_that_started_from_language_models_ends_with_the_same_weights(
    made: tuple[Path, Pretraining], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made[0]
    config = read_config(path)
    whole = load_bundle(loop.train(config.changed({"output": "whole.pt"}), path, quiet=True))
    halved = config.changed({"output": "halved.pt"})
    learn = loop._Run._learn

    def stopped(run: loop._Run, examples: list[object]) -> float:
        if run.step == 7:
            raise KeyboardInterrupt
        return learn(run, examples)  # type: ignore[arg-type]

    monkeypatch.setattr(loop._Run, "_learn", stopped)
    with pytest.raises(KeyboardInterrupt):
        loop.train(halved, path, quiet=True)
    monkeypatch.setattr(loop._Run, "_learn", learn)

    lm = path.parent / "lm.pt"
    content = lm.read_bytes()
    record = torch.load(lm, weights_only=True)
    vocabulary = record["vocabulary"]
    torch.save(record | {"vocabulary": vocabulary | {"words": vocabulary["words"][::-1]}}, lm)
    with pytest.raises(ValueError, match="another start"):
        loop.train(halved, path, resume=True, quiet=True)
    lm.write_bytes(content)

    resumed = load_bundle(loop.train(halved, path, resume=True, quiet=True))
    others = dict(whole.tagger.named_parameters())
    assert all(torch.equal(value, others[name]) for name, value in resumed.tagger.named_parameters())


@pytest.mark.parametrize(("name", "was"), [("hidden", 8), ("word_size", 8), ("piece_size", 8), ("shape_size", 4)])
def test_other_sizes_are_refused_by_name(made: tuple[Path, Pretraining], name: str, was: int) -> None:
    other = read_config(made[0]).model.model_copy(update={name: was + 1})
    with pytest.raises(ConfigError, match=rf"with {name} {was}; the config's model has {name} {was + 1}$"):
        Start.read(made[0].parent / "lm.pt", other)


def test_another_cell_is_refused_before_any_training(made: tuple[Path, Pretraining]) -> None:
    config = read_config(made[0]).changed({"model": {"cell": "gru", "hidden": 9}})
    with pytest.raises(ConfigError, match="with cell lstm, hidden 8; the config's model has cell gru, hidden 9"):
        loop.train(config, made[0], quiet=True)


def test_layers_and_dropout_may_differ(made: tuple[Path, Pretraining]) -> None:
    architecture = read_config(made[0]).model.model_copy(update={"layers": 3, "dropout": 0.5})
    tagger = tagger_of(start := Start.read(made[0].parent / "lm.pt", architecture), architecture)
    start.load_into(tagger)
    assert tagger.embed.shapes.weight.shape == (len(SHAPES), 4)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 no zip"])
def test_a_file_that_is_none_of_ours_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.pt is no bundle and no file of slotwise pretrain"):
        Start.read(tmp_path / "x.pt", Architecture())
    torch.save([1, 2], tmp_path / "x.pt")
    with pytest.raises(ValueError, match=r"x\.pt is no bundle and no file of slotwise pretrain"):
        Start.read(tmp_path / "x.pt", Architecture())


def test_a_bundle_is_a_start_with_all_its_weights(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle, "cpu")
    architecture = bundle.manifest.architecture
    start = Start.read(tiny_bundle, architecture)
    catalogue = bundle.catalogue
    tagger = tagger_of(start, architecture, len(tag_names(catalogue.slot_names)), len(catalogue.intents))
    start.load_into(tagger)
    theirs = dict(bundle.tagger.named_parameters())
    assert theirs.keys() == dict(tagger.named_parameters()).keys()
    assert all(torch.equal(weights, theirs[name]) for name, weights in tagger.named_parameters())
    with pytest.raises(ConfigError, match="another architecture"):
        Start.read(tiny_bundle, Architecture())
    with pytest.raises(ConfigError, match=r"does not fit this catalogue: .*crf"):
        start.load_into(tagger_of(start, architecture))


def test_a_config_without_pretraining_says_so(tmp_path: Path) -> None:
    path = config_at(tmp_path, CONFIG[: CONFIG.index("[pretraining]")])
    with pytest.raises(ConfigError, match=r"there is no \[pretraining\] in it"):
        pretrain(read_config(path), path, quiet=True)


def test_the_command_prints_one_json_object_or_a_table(tmp_path: Path) -> None:
    from click.testing import CliRunner

    import slotwise

    path = str(config_at(tmp_path))
    told = json.loads(CliRunner().invoke(slotwise.cli, ["pretrain", path, "--json", "-q"]).stdout)
    assert Path(told["output"]) == tmp_path / "lm.pt"
    assert [measured["model"] for measured in told["models"]][2:] == [f"{n}-gram" for n in range(1, 6)]
    table = CliRunner().invoke(slotwise.cli, ["pretrain", path, "-q"]).stdout
    assert f"{told['models'][4]['perplexity']:.2f}" in table
    assert f"{told['models'][4]['grams']:,}" in table
