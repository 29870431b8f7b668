import itertools

import numpy as np
import pytest
import torch

from model.features import PIECES_PER_WORD, Batch, Features, pad
from model.tagger import Architecture, Tagger
from model.vocabulary import SHAPES

WORDS, PIECES, TAGS = 50, 30, 7


def sentence(rng: np.random.Generator, length: int) -> Features:
    return Features(
        rng.integers(1, WORDS, length, dtype=np.int32),
        rng.integers(0, PIECES, (length, PIECES_PER_WORD), dtype=np.int32),
        rng.integers(1, len(SHAPES), length, dtype=np.int32),
    )


def tagger(**architecture: object) -> Tagger:
    torch.manual_seed(3)
    small = {"hidden": 12, "word_size": 10, "piece_size": 6, "shape_size": 4} | architecture
    made = Tagger(Architecture.model_validate(small), WORDS, PIECES, TAGS).eval()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return made


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("cell", "layers", "context"), list(itertools.product(["lstm", "gru"], [1, 2], [True, False])))
def test_scripted_and_eager_agree(cell: str, layers: int, context: bool) -> None:
    eager = tagger(cell=cell, layers=layers, sentence_context=context)
    scripted = torch.jit.script(eager)
    rng = np.random.default_rng(0)
    for lengths in ([1], [5], [3, 9, 1], [7, 7]):
        batch = pad([sentence(rng, length) for length in lengths])
        with torch.inference_mode():
            for ours, theirs in zip(eager(*batch), scripted(*batch), strict=True):
                assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_batch_mates_and_padding_change_nothing(cell: str) -> None:
    made = tagger(cell=cell)
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
            assert torch.allclose(together[4][row], alone[4][0], atol=1e-4)


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


def test_learning_the_same_batch_lowers_its_loss() -> None:
    made = tagger(dropout=0.0, word_dropout=0.0).train()
    batch: Batch = pad([sentence(np.random.default_rng(4), 6)])
    possible = torch.zeros(1, 6, TAGS, dtype=torch.bool)
    possible[0, torch.arange(6), torch.tensor([0, 1, 2, 0, 3, 0])] = True
    optimizer = torch.optim.Adam(made.parameters(), lr=0.05)
    losses = []
    for _ in range(30):
        loss = made.loss(batch, possible)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    assert made.eval()(*batch)[0][0].tolist() == [0, 1, 2, 0, 3, 0]
