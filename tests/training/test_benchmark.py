import json
import random
from pathlib import Path

import pytest
from seqeval.metrics import f1_score

from data.catalogue import load_catalogue
from data.tags import spans_to_tags, tags_to_spans
from data.tokens import tokenize
from model.bundle import load_bundle
from training import benchmark
from training.benchmark import PARTS, benchmark_table, benchmark_to_json, run_benchmark, spreads, write_benchmark
from training.config import DataConfig, read_config
from training.metrics import score
from training.protocol import Spread

CONFIG = """
output = "small.pt"

[data]
catalogue = "catalogue.toml"
rows = ["train.jsonl"]
dev = ["dev.jsonl"]
held_out = 0

[vocabulary]
min_count = 1
pieces = 100

[model]
layers = 1
hidden = 24
word_size = 24
piece_size = 8
shape_size = 4
dropout = 0.1

[training]
steps = 120
batch_size = 16
learning_rate = 0.02
warmup = 5
averaging = 0.9
evaluate_every = 60
threads = 1
"""
WORDS = ["show", "flights", "to", "o'clock", "8am", "st.", "d9s", "new-york", "1100", "u.s.", "dc10"]
TAGS = ["O", "O", "O", *(f"{prefix}-{label}" for prefix in "BI" for label in ("toloc.city_name", "timeRange", "mod"))]


def write_part(folder: Path, words: list[list[str]], tags: list[list[str]], intents: list[str]) -> None:
    folder.mkdir(parents=True)
    for name, lines in (("seq.in", words), ("seq.out", tags)):
        (folder / name).write_text("".join(" ".join(line) + "\n" for line in lines))
    (folder / "label").write_text("".join(f"{intent}\n" for intent in intents))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A benchmark in which the word in front of a city says its role, and a config for it."""
    rng = random.Random(3)
    cities = ["boston", "denver", "dallas", "oakland"]
    for part, count in zip(PARTS, (80, 20, 30), strict=True):
        words, tags, intents = [], [], []
        for _ in range(count):
            first, second = rng.sample(cities, 2)
            intent = rng.choice(["flight", "airfare"])
            words.append([intent, "to", first, "from", second])
            tags.append(["O", "O", "B-toloc.city_name", "O", "B-fromloc.city_name"])
            if part != "train":  # a word and a label that training must not know of
                words[-1].insert(0, "nonstop")
                tags[-1].insert(0, "B-flight_stop")
            intents.append(intent)
        write_part(tmp_path / "folder" / part, words, tags, intents)
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "small.toml").write_text(CONFIG)
    monkeypatch.setattr(benchmark, "CONFIGS", tmp_path / "configs")
    return tmp_path / "folder"


@pytest.mark.parametrize("seed", range(20))
def test_f1_is_that_of_seqeval_over_the_words_whatever_the_tokenizer_makes_of_them(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    words = [[rng.choice(WORDS) for _ in range(rng.randint(1, 9))] for _ in range(30)]
    # Any tags at all: an I- that continues nothing, or another slot, is in no benchmark file but has one reading.
    gold, said = ([[rng.choice(TAGS) for _ in line] for line in words] for _ in range(2))
    said = [[rng.choice(pair) for pair in zip(*lines, strict=True)] for lines in zip(gold, said, strict=True)]
    names = {"gold": gold, "said": said}
    for name, lines in names.items():
        for part in PARTS:
            write_part(tmp_path / name / part, words, lines, ["x"] * len(words))
    rows, others = (write_benchmark("b", tmp_path / name, tmp_path / f"{name}.rows")["test"] for name in names)
    tokens = [tokenize(row.text) for row in others]
    # By way of the tokenizer's tags, as a tagger would say them.
    tags = [spans_to_tags(sentence, row.slots) for sentence, row in zip(tokens, others, strict=True)]
    predicted = [tags_to_spans(sentence, found) for sentence, found in zip(tokens, tags, strict=True)]
    catalogue = load_catalogue(tmp_path / "gold.rows" / "catalogue.toml")
    assert score(rows, predicted, catalogue).f1 == pytest.approx(f1_score(gold, said), abs=1e-12)


def test_every_seed_is_trained_on_train_alone_and_judged_on_test(small: Path, tmp_path: Path) -> None:
    result = run_benchmark("small", small, tmp_path / "out", seeds=2, quiet=True)
    assert result.rows == {"train": 80, "dev": 20, "test": 30}
    [(run, trainings)] = result.runs.items()
    assert [trained.seed for trained in trainings] == [1, 2]
    for trained in trainings:
        bundle = load_bundle(tmp_path / "out" / f"{run}-{trained.seed}.pt")
        words = set(bundle.featurizer.vocabulary.words)
        assert {"boston", "flight"} <= words
        assert "nonstop" not in words
        assert bundle.catalogue.slot_names == ["fromloc_city_name", "toloc_city_name"]
        # Two of three spans can be found: the third has a label that training never saw.
        assert (trained.precision, trained.recall) == (100.0, pytest.approx(100 * 2 / 3))
        assert trained.f1 == trained.dev_f1 == pytest.approx(80.0)
        assert trained.role_accuracy == trained.intent_accuracy == 100.0
        assert trained.parameters == sum(weights.numel() for weights in bundle.tagger.parameters())
    assert spreads(trainings)["f1"] == Spread(pytest.approx(80.0), 0.0)


def test_the_runs_of_a_protocol_are_trained_in_its_place(small: Path, tmp_path: Path) -> None:
    config = benchmark.CONFIGS / "small.toml"
    config.write_text(
        CONFIG.replace("steps = 120", "steps = 2")
        + """
[protocol]
test = { test = ["test.jsonl"] }

[protocol.runs]
"LSTM" = { model.cell = "lstm" }
"GRU" = { model.cell = "gru" }
"""
    )
    result = run_benchmark("small", small, tmp_path / "out", seeds=1, quiet=True)
    lstm, gru = (trainings[0].parameters for trainings in result.runs.values())
    assert list(result.runs) == ["LSTM", "GRU"]
    assert gru < lstm
    record = json.loads(json.dumps(benchmark_to_json(result)))
    assert record["runs"]["GRU"]["mean"]["f1"] == result.runs["GRU"][0].f1
    assert record["runs"]["GRU"]["deviation"]["f1"] is None
    assert [column.header for column in benchmark_table(result).columns][:3] == ["run", "seeds", "span F1"]


def test_two_labels_of_one_name_are_refused(tmp_path: Path) -> None:
    for part in PARTS:
        write_part(tmp_path / "b" / part, [["a", "b"]], [["B-x.y", "B-x_y"]], ["i"])
    with pytest.raises(ValueError, match="x_y"):
        write_benchmark("b", tmp_path / "b", tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "vectors"),
    [
        ("atis", None),
        ("snips", None),
        ("architectures", None),
        ("atis_vectors", "vectors.txt"),
        ("snips_vectors", "vectors.txt"),
    ],
)
def test_the_configs_that_come_along_learn_from_the_training_part_alone(name: str, vectors: str | None) -> None:
    config = read_config(benchmark.CONFIGS / f"{name}.toml")
    data = DataConfig(catalogue="catalogue.toml", rows=("train.jsonl",), dev=("dev.jsonl",), held_out=0)
    assert config.data == data
    assert (config.vocabulary.vectors, config.training.start) == (vectors, None)
