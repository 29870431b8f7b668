import itertools
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from data.generator import generate
from model.features import Featurizer
from model.pieces import train_pieces
from model.tagger import Architecture
from model.vocabulary import Vocabulary
from training import language_model
from training.config import PretrainingConfig, VocabularyConfig
from training.featurizer import texts_to_featurizer
from training.language_model import DIRECTIONS, LanguageModel, fit, perplexity
from training.ngram import NgramModel
from training.stream import Text, texts_to_text

SIZES = {"hidden": 24, "word_size": 24, "piece_size": 12, "shape_size": 4}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def featurizer() -> Featurizer:
    texts = [row.text for row in generate(1_000, 3)]
    return texts_to_featurizer(texts, VocabularyConfig(words=1_000, pieces=300))


@pytest.fixture(scope="module")
def text(featurizer: Featurizer) -> Text:
    return texts_to_text([row.text for row in generate(1_000, 3)], featurizer)


@pytest.fixture(scope="module")
def unseen(featurizer: Featurizer) -> Text:
    return texts_to_text([row.text for row in generate(100, 4)], featurizer)


def model(featurizer: Featurizer, cell: str = "gru") -> LanguageModel:
    torch.manual_seed(1)
    architecture = Architecture.model_validate(SIZES | {"cell": cell})
    return LanguageModel(architecture, len(featurizer.vocabulary), featurizer.piece_ids)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_training_gets_below_the_perplexity_of_the_unigram(
    cell: str, featurizer: Featurizer, text: Text, unseen: Text
) -> None:
    made = model(featurizer, cell)
    fit(
        made, text, PretrainingConfig(output="", steps=100, batch_size=16, window=16, learning_rate=0.02), 1, quiet=True
    )
    unigram = NgramModel(text.ids(), len(featurizer.vocabulary), 1).log_probabilities(unseen.ids())
    for name in DIRECTIONS:
        assert perplexity(made.log_probabilities(name, unseen)) < 0.8 * perplexity(unigram)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("name", DIRECTIONS)
def test_windows_with_the_state_carried_are_one_long_run(
    cell: str, name: str, featurizer: Featurizer, unseen: Text
) -> None:
    made = model(featurizer, cell)
    whole = made.log_probabilities(name, unseen, batch_size=3, window=100_000)
    assert len(whole) == len(unseen.stream()) - 1
    assert torch.allclose(made.log_probabilities(name, unseen, batch_size=3, window=7), whole, atol=1e-4)

    stream = torch.from_numpy(unseen.stream())[None]
    with torch.inference_mode():
        _, at_once = made.read(name, unseen, stream)
        _, state = made.read(name, unseen, stream[:, :20])
        _, state = made.read(name, unseen, stream[:, 19:], language_model.detached(state))
        _, forgetful = made.read(name, unseen, stream[:, -5:])
    for ours, theirs, without in zip(*map(tensors, (state, at_once, forgetful)), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)
        assert not torch.allclose(without, theirs, atol=1e-5)


def tensors(state: language_model.State) -> tuple[torch.Tensor, ...]:
    assert state is not None
    return (state,) if isinstance(state, torch.Tensor) else state


def test_no_gradient_goes_back_into_the_window_before(featurizer: Featurizer, unseen: Text) -> None:
    made = model(featurizer, "lstm")
    stream = torch.from_numpy(unseen.stream())[None]
    _, state = made.read("forwards", unseen, stream[:, :20])
    assert all(tensor.requires_grad for tensor in tensors(state))
    assert not any(tensor.requires_grad for tensor in tensors(language_model.detached(state)))


def test_training_reads_all_windows_of_a_pass_in_order_and_carries_the_state(
    featurizer: Featurizer, text: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, read = model(featurizer), LanguageModel.read
    given: list[tuple[torch.Tensor, language_model.State]] = []
    left: list[language_model.State] = []

    def watched(self: LanguageModel, name: str, text: Text, places: torch.Tensor, state: language_model.State):  # type: ignore[no-untyped-def]
        said, after = read(self, name, text, places, state)
        if name == "backwards":
            given.append((places, state))
            left.append(after)
        return said, after

    monkeypatch.setattr(LanguageModel, "read", watched)
    short = text._replace(sentences=text.sentences[:40])
    length = -(-(len(short.stream()) - 1) // 4)
    steps = -(-length // 8)
    fit(made, short, PretrainingConfig(output="", steps=steps + 1, batch_size=4, window=8), 1, quiet=True)
    assert given[0][1] is None
    assert given[steps][1] is None  # a new pass
    for (_, state), before in zip(given[1:steps], left, strict=False):
        assert torch.equal(tensors(state)[0], tensors(before)[0])
    rows = torch.cat([given[0][0][:, :1], *(places[:, 1:] for places, _ in given[:steps])], dim=1)
    assert torch.equal(rows[:-1, -1], rows[1:, 0])
    read_backwards = torch.cat([rows[:1, 0], rows[:, 1:].flatten()])[: len(short.stream())].numpy()
    ends = np.flatnonzero(read_backwards == 0)
    sentences = sorted(tuple(read_backwards[a + 1 : b][::-1]) for a, b in itertools.pairwise(ends))
    assert sentences == sorted(tuple(sentence[:-1]) for sentence in short.sentences)


def test_a_direction_knows_only_what_it_has_passed(featurizer: Featurizer) -> None:
    made = model(featurizer)
    texts = [texts_to_text([said], featurizer) for said in ("fly from Oslo to Rome", "go from Oslo to Rome")]
    forwards, backwards = (
        [made.log_probabilities(name, text, batch_size=1) for text in texts] for name in ("forwards", "backwards")
    )
    assert not torch.allclose(forwards[0][1:], forwards[1][1:])  # the first word changes what comes after it,
    assert torch.allclose(backwards[0][:4], backwards[1][:4])  # and nothing for who comes from the end
    assert not torch.allclose(backwards[0][4], backwards[1][4])


@pytest.mark.parametrize("name", DIRECTIONS)
def test_a_pair_does_not_tell_the_character_to_be_foretold(name: str) -> None:
    pieces = train_pieces({"to": 3}, 40)
    featurizer = Featurizer(Vocabulary(("北", "京", "海"), {}, ("北京", "北海", "京北", "海北", "北北")), pieces)
    made = model(featurizer)
    said = ["", "北", "京", "海", "Y"]  # every class: the sentence end, each word, the unknown one
    texts = [texts_to_text([f"北{word}" if name == "forwards" else f"{word}北"], featurizer) for word in said]
    probabilities = [made.log_probabilities(name, text, batch_size=1)[1].exp() for text in texts]
    assert sum(probabilities).item() == pytest.approx(1, abs=1e-5)


def test_what_is_said_of_the_next_token_sums_to_one(featurizer: Featurizer) -> None:
    made = model(featurizer).eval()
    everything = made.direction("forwards").output.log_prob(torch.randn(5, SIZES["hidden"]))
    assert everything.shape == (5, len(featurizer.vocabulary))
    assert torch.allclose(everything.exp().sum(dim=1), torch.ones(5), atol=1e-5)


def test_a_token_is_foretold_the_same_in_any_number_of_rows_once_each(featurizer: Featurizer, unseen: Text) -> None:
    made = model(featurizer)
    one, many = (made.log_probabilities("forwards", unseen, batch_size=size) for size in (1, 9))
    assert one.shape == many.shape
    length = -(-len(one) // 9)
    assert torch.allclose(one[:length], many[:length], atol=1e-4)  # the first row begins alike; others begin anew
