import itertools

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from model.features import Batch, Features, pad
from model.pieces import Pieces
from model.tagger import Architecture, Tagger
from model.vocabulary import SHAPES

WORDS, PIECES, TAGS = 50, 30, 7
NO_INTENT = torch.tensor([-1])


def sentence(rng: np.random.Generator, length: int) -> Features:
    return Features(
        rng.integers(1, WORDS, length, dtype=np.int32),
        rng.integers(0, PIECES, (length, Pieces.per_word), dtype=np.int32),
        rng.integers(1, len(SHAPES), length, dtype=np.int32),
    )


def tagger(intents: int = 0, given: int = 0, **architecture: object) -> Tagger:
    torch.manual_seed(3)
    small = {"hidden": 12, "word_size": 10, "piece_size": 6, "shape_size": 4} | architecture
    made = Tagger(Architecture.model_validate(small), WORDS, PIECES, TAGS, intents, given).eval()
    for numbers in (*made.parameters(), *made.embed.buffers()):
        torch.nn.init.normal_(numbers, std=0.5)
    torch.nn.init.zeros_(made.asked.weight[0])  # of "nothing was asked"
    return made


CELLS = ["feed_forward", "elman", "jordan", "lstm", "gru"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "architecture",
    [
        *({"cell": cell, "layers": layers} for cell, layers in itertools.product(CELLS, (1, 2))),
        *({"cell": cell, "bidirectional": False} for cell in CELLS[1:]),
        {"attention": 3},
        {"output": "softmax"},
        {"sentence_context": False},
        {"one_hot": True, "piece_size": 0, "shape_size": 0},
        {"word_size": 0, "shape_size": 0},
        {"vector_size": 5, "given": 20},
    ],
    ids=str,
)
def test_scripted_and_eager_agree(architecture: dict[str, object]) -> None:
    eager = tagger(**architecture)
    scripted = torch.jit.script(eager)
    rng = np.random.default_rng(0)
    for lengths in ([1], [5], [3, 9, 1], [7, 7]):
        batch = pad([sentence(rng, length) for length in lengths])
        with torch.inference_mode():
            for ours, theirs in zip(eager(*batch), scripted(*batch), strict=True):
                assert torch.allclose(ours, theirs, atol=1e-5)


def test_a_given_word_is_an_unknown_one_with_a_vector() -> None:
    embed = tagger(given=20, vector_size=5).embed.train()
    assert embed.vectors is not None
    assert embed.words.weight.shape == (WORDS - 20, 10)
    embed.word_dropout = 0.0
    nothing = torch.zeros(1, 3, 1, dtype=torch.long)
    read = embed(torch.tensor([[1, 30, 49]]), nothing, nothing[..., 0])[0]  # unknown, the first and the last given one
    assert torch.equal(read[:, :-5], read[:1, :-5].expand(3, -1))
    assert torch.equal(read[:, -5:], embed.vectors.weight[[1, 30, 49]])
    embed.word_dropout = 1.0
    dropped = embed(torch.tensor([[7, 30, 49]]), nothing, nothing[..., 0])[0]
    assert torch.equal(dropped[1:], read[1:])
    assert torch.equal(dropped[0], torch.cat([read[0, :-5], embed.vectors.weight[7]]))


@pytest.mark.parametrize("architecture", [*({"cell": cell} for cell in CELLS), {"attention": 4}], ids=str)
def test_batch_mates_and_padding_change_nothing(architecture: dict[str, object]) -> None:
    made = tagger(intents=3, **architecture)
    rng = np.random.default_rng(1)
    sentences = [sentence(rng, length) for length in (4, 11, 1, 6)]
    with torch.inference_mode():
        together = made(*pad(sentences))
        for row, alone_features in enumerate(sentences):
            alone = made(*pad([alone_features]))
            length = len(alone_features.words)
            assert together[0][row, :length].tolist() == alone[0][0].tolist()
            for index in (1, 2, 3):
                assert torch.allclose(together[index][row, :length], alone[index][0], atol=1e-4)
            for index in (4, 5):
                assert torch.allclose(together[index][row], alone[index][0], atol=1e-4)


def test_the_tag_of_a_word_depends_on_words_before_and_behind_it() -> None:
    made = tagger()
    rng = np.random.default_rng(2)
    base = sentence(rng, 5)

    def emissions_at_2(changed: int) -> torch.Tensor:
        words = base.words.copy()
        words[changed] = words[changed] % (WORDS - 1) + 1
        with torch.inference_mode():
            return made(*pad([base._replace(words=words)]))[1][0, 2]

    with torch.inference_mode():
        before = made(*pad([base]))[1][0, 2]
    assert not torch.allclose(before, emissions_at_2(0))
    assert not torch.allclose(before, emissions_at_2(4))


def test_a_tagger_without_memory_sees_one_word_and_a_forward_one_no_later_word() -> None:
    rng = np.random.default_rng(5)
    base = sentence(rng, 4)
    changed = base._replace(words=np.array([*base.words[:3], base.words[3] % (WORDS - 1) + 1], dtype=np.int32))
    for architecture in ({"cell": "feed_forward"}, *({"cell": cell, "bidirectional": False} for cell in CELLS[1:])):
        made = tagger(sentence_context=False, **architecture)
        with torch.inference_mode():
            before, after = (made(*pad([features]))[1][0] for features in (base, changed))
        assert torch.allclose(before[:3], after[:3], atol=1e-6)
        assert not torch.allclose(before[3], after[3])


def test_what_was_asked_is_an_input_and_not_being_asked_is_none() -> None:
    made = tagger()
    features = sentence(np.random.default_rng(6), 3)
    with torch.inference_mode():
        plain, none, asked = (made(*pad([features], asked))[1] for asked in (None, [0], [2]))
        assert torch.equal(plain, none)
        assert not torch.allclose(plain, asked)


def test_an_intent_is_learned_beside_the_tags_and_only_from_rows_that_have_one() -> None:
    made = tagger(intents=2, dropout=0.0, word_dropout=0.0).train()
    batch = pad([sentence(np.random.default_rng(seed), 4) for seed in (7, 8, 9)])
    possible = torch.zeros(3, 4, TAGS, dtype=torch.bool)
    possible[..., 0] = True
    optimizer = torch.optim.Adam(made.parameters(), lr=0.05)
    for _ in range(30):
        optimizer.zero_grad()
        made.loss(batch, possible, torch.tensor([0, 1, -1])).backward()
        optimizer.step()
    assert made.eval()(*batch)[5][:2].argmax(dim=1).tolist() == [0, 1]
    made.zero_grad()
    made.loss(batch, possible, torch.tensor([-1, -1, -1])).backward()
    assert made.intents is not None
    assert made.intents.weight.grad is not None
    assert not made.intents.weight.grad.any()


@pytest.mark.parametrize(
    ("sizes", "error"),
    [
        ({"word_size": 0, "piece_size": 0, "shape_size": 0}, "nothing to read"),
        ({"attention": 5}, "multiple of attention"),
        ({"attention": 2, "cell": "jordan"}, "jordan"),
    ],
)
def test_sizes_that_make_no_tagger_are_refused(sizes: dict[str, object], error: str) -> None:
    with pytest.raises(ValidationError, match=error):
        tagger(**sizes)


def test_learning_the_same_batch_lowers_its_loss() -> None:
    made = tagger(dropout=0.0, word_dropout=0.0).train()
    batch: Batch = pad([sentence(np.random.default_rng(4), 6)])
    possible = torch.zeros(1, 6, TAGS, dtype=torch.bool)
    possible[0, torch.arange(6), torch.tensor([0, 1, 2, 0, 3, 0])] = True
    optimizer = torch.optim.Adam(made.parameters(), lr=0.05)
    losses = []
    for _ in range(30):
        loss = made.loss(batch, possible, NO_INTENT)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    assert made.eval()(*batch)[0][0].tolist() == [0, 1, 2, 0, 3, 0]
