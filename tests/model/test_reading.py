import threading
from typing import Any

import numpy as np
import pytest
import torch

import model.reading
from data.tokens import Token, tokenize
from model.bundle import frozen
from model.features import Featurizer, pad
from model.pieces import train_pieces
from model.reading import Reader, bucketed
from model.tagger import Architecture, Tagger
from model.vocabulary import Vocabulary

CPU = torch.device("cpu")
TEXTS = ["from Oslo to 北京, 北 京 to Oslo", "飞北京市", "leave from 台北 on May 3", "to", "?"]
ARCHITECTURES: list[dict[str, Any]] = [
    *({"cell": "gru", "layers": layers, "bidirectional": both} for layers in (1, 2, 3) for both in (True, False)),
    *({"cell": "elman", "layers": layers, "bidirectional": both} for layers in (1, 2) for both in (True, False)),
    *({"cell": cell} for cell in ("feed_forward", "jordan", "lstm")),
    {"cell": "gru", "attention": 3},
]


@pytest.fixture
def featurizer() -> Featurizer:
    vocabulary = Vocabulary(("to", "oslo", "北", "京"), {"臺": "台"}, ("北京", "京市"))
    return Featurizer(vocabulary, train_pieces({"to": 3, "oslo": 3, "leave": 2}, 40))


def tagger(featurizer: Featurizer, **architecture: object) -> Tagger:
    torch.manual_seed(4)
    small = {"hidden": 12, "word_size": 10, "piece_size": 6, "shape_size": 4} | architecture
    made = Tagger(Architecture.model_validate(small), len(featurizer.vocabulary), featurizer.piece_ids, 7, 2).eval()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    torch.nn.init.zeros_(made.asked.weight[0])  # of "nothing was asked"
    return made


def tagged(made: Any, reader: Reader, sentences: list[list[Token]], asked: list[int]) -> tuple[torch.Tensor, ...]:
    lengths = torch.tensor([len(tokens) for tokens in sentences])
    found: tuple[torch.Tensor, ...] = made.tag(*reader.read(sentences), lengths, torch.tensor(asked))
    return found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@torch.inference_mode()
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
@pytest.mark.parametrize("asked", [[0] * 5, [2, 0, 1, 0, 3]], ids=["nothing asked", "asked"])
def test_a_table_of_what_was_read_gives_what_the_words_give(
    featurizer: Featurizer, architecture: dict[str, object], asked: list[int]
) -> None:
    """GRU and Elman layers read it in a loop of both directions; the words go through torch's GRU, or one direction
    after the other."""
    made = tagger(featurizer, **architecture)
    sentences = sorted(map(tokenize, TEXTS), key=len, reverse=True)
    batch = pad([featurizer.features_of(tokens) for tokens in sentences], asked)
    expected = made(*batch)
    here = batch.words != 0
    for served in (made, frozen(torch.jit.script(made))):
        reader = Reader(featurizer, served, CPU)
        for _ in range(2):  # new words, and known ones
            for ours, theirs in zip(tagged(served, reader, sentences, asked), expected, strict=True):
                inside = here if ours.dim() > 1 and ours.shape[1] == here.shape[1] else ...
                assert torch.allclose(ours[inside], theirs[inside], atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [((1, 1), (1, 8)), ((2, 8), (2, 8)), ((3, 9), (4, 16)), ((64, 33), (64, 40)), ((65, 1), (128, 8))],
)
def test_a_gpu_gets_few_shapes(shape: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert bucketed(*shape) == wanted


@torch.inference_mode()
def test_a_flood_of_new_words_costs_no_memory_and_no_answer(
    featurizer: Featurizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tagger(featurizer)
    [expected] = tagged(made, Reader(featurizer, made, CPU), [tokenize("to Oslo")], [0])[1]
    monkeypatch.setattr(model.reading, "_BYTES", 100 * 4 * 72)  # a hundred rows
    reader = Reader(featurizer, made, CPU)
    rows = []
    for number in range(40):
        words = " ".join(f"w{number}x{chr(97 + place)}" for place in range(26))
        table, _ = reader.read([tokenize(f"{words} to Oslo")])
        rows.append(len(table))
        assert torch.allclose(tagged(made, reader, [tokenize("to Oslo")], [0])[1][0], expected, atol=1e-5)
    assert max(rows) == 1024


@torch.inference_mode()
def test_threads_share_a_table(featurizer: Featurizer, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tagger(featurizer)
    monkeypatch.setattr(model.reading, "_BYTES", 50 * 4 * 72)
    reader = Reader(featurizer, made, CPU)
    rng = np.random.default_rng(0)
    sentences = [tokenize(" ".join(f"{chr(97 + one)}" * 3 for one in rng.integers(0, 26, 8))) for _ in range(300)]
    alone = Reader(featurizer, made, CPU)
    expected = [made.read(*map(torch.from_numpy, featurizer.features_of(tokens))) for tokens in sentences]
    wrong = []

    @torch.inference_mode()
    def read(which: range) -> None:
        for index in which:
            table, rows = reader.read([sentences[index]])
            if not torch.allclose(table[rows[0]], expected[index], atol=1e-6):
                wrong.append(index)

    threads = [threading.Thread(target=read, args=(range(start, 300, 4),)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert alone.read([sentences[0]])[1].shape == (1, len(sentences[0]))


class Held:
    """A tagger that, asked for one word that is new, does not come back until it is let go."""

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger
        self.begun, self.let_go = threading.Event(), threading.Event()

    def read(self, words: torch.Tensor, pieces: torch.Tensor, shapes: torch.Tensor) -> torch.Tensor:
        if threading.current_thread() is not threading.main_thread():
            self.begun.set()
            assert self.let_go.wait(30)
        return self.tagger.read(words, pieces, shapes)


@torch.inference_mode()
def test_a_thread_that_the_model_keeps_does_not_keep_the_others(featurizer: Featurizer) -> None:
    made = tagger(featurizer)
    held = Held(made)
    reader = Reader(featurizer, held, CPU)
    found: list[torch.Tensor] = []

    def stuck() -> None:
        with torch.inference_mode():
            table, rows = reader.read([tokenize("leave Oslo")])
            found.append(table[rows])

    thread = threading.Thread(target=stuck)
    thread.start()
    assert held.begun.wait(30)
    table, rows = reader.read([tokenize("to Oslo")])  # Oslo is new to both of them
    held.let_go.set()
    thread.join(30)
    alone = Reader(featurizer, made, CPU)
    for text, mine in (("to Oslo", table[rows]), ("leave Oslo", found[0])):
        theirs, places = alone.read([tokenize(text)])
        assert torch.equal(mine, theirs[places])
