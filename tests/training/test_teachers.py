from pathlib import Path

import pytest
import torch

from data.catalogue import TRAVEL
from model.bundle import load_bundle
from model.crf import CRF, Softmax, Taught
from training.config import ConfigError, read_config
from training.loop import train

TAGS = 5


def marginals(emissions: torch.Tensor, crf: CRF | Softmax, mask: torch.Tensor) -> torch.Tensor:
    alpha, beta, log_partition = crf.sums(emissions, mask)
    return ((alpha + beta - log_partition[:, None, None]).exp().float() * mask.unsqueeze(2)).detach()


def test_the_loss_of_a_pupil_falls_towards_its_teachers_probabilities() -> None:
    """Its slope is the difference of the two, as of any exponential family."""
    generator = torch.Generator().manual_seed(1)
    crf = CRF(TAGS)
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter, generator=generator)
    teachers, pupils = torch.randn(2, 3, 6, TAGS, generator=generator)
    mask = torch.arange(6) < torch.tensor([[6], [2], [4]])
    possible = torch.rand(3, 6, TAGS, generator=generator) < 0.5
    possible[:, :, 0] = True
    taught = marginals(teachers, crf, mask)
    pupils.requires_grad_()
    crf.loss(pupils, mask, possible, Taught(taught, 1.0)).backward()  # type: ignore[no-untyped-call]
    assert pupils.grad is not None
    assert torch.allclose(pupils.grad * 3, marginals(pupils, crf, mask) - taught, atol=1e-5)
    labels = crf.loss(pupils, mask, possible)
    assert torch.allclose(crf.loss(pupils, mask, possible, Taught(taught, 0.0)), labels)
    both = crf.loss(pupils, mask, possible, Taught(taught, 0.25))
    assert torch.allclose(both, 0.75 * labels + 0.25 * crf.loss(pupils, mask, possible, Taught(taught, 1.0)))


def test_without_transitions_it_is_the_cross_entropy_of_each_token() -> None:
    teachers, pupils = torch.randn(2, 1, 4, TAGS, generator=torch.Generator().manual_seed(2))
    mask, possible = torch.ones(1, 4, dtype=torch.bool), torch.ones(1, 4, TAGS, dtype=torch.bool)
    loss = Softmax(TAGS).loss(pupils, mask, possible, Taught(teachers.softmax(dim=2), 1.0))
    expected = torch.nn.functional.cross_entropy(pupils[0], teachers[0].softmax(dim=1), reduction="sum")
    assert torch.allclose(loss, expected)


SMALLER = """
name = "pupil"
output = "pupil.pt"
[data]
generated = 400
dev_rows = 30
[model]
cell = "elman"
layers = 1
hidden = 24
word_size = 32
piece_size = 24
shape_size = 8
dropout = 0.1
[training]
steps = 60
batch_size = 32
learning_rate = 0.01
warmup = 5
averaging = 0.9
evaluate_every = 30
threads = 1
teachers = [{teachers}]
"""


def test_a_pupil_has_its_teachers_words_and_transitions_and_names_them(tiny_bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "pupil.toml"
    path.write_text(SMALLER.format(teachers=f"'{tiny_bundle}', '{tiny_bundle}'"))
    teacher, pupil = load_bundle(tiny_bundle), load_bundle(train(read_config(path), path, quiet=True))
    assert pupil.featurizer.vocabulary == teacher.featurizer.vocabulary
    theirs, ours = teacher.tagger.state_dict(), pupil.tagger.state_dict()
    assert torch.equal(ours["crf.transitions"], theirs["crf.transitions"])
    assert not torch.equal(ours["embed.words.weight"], theirs["embed.words.weight"])  # learned further
    assert pupil.manifest.trained_on["teachers"] == [teacher.manifest.version] * 2
    assert pupil.manifest.scores["dev_f1"] > 0.4  # after sixty steps


def test_teachers_of_other_slots_and_other_starts_beside_them_are_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "other.toml"
    catalogue.write_text(f'{TRAVEL.read_text("utf-8")}\n[slots.film]\nkind = "text"\n')
    path = tmp_path / "pupil.toml"
    text = SMALLER.format(teachers=f"'{tiny_bundle}'")
    path.write_text(text.replace("[data]", f"[data]\ncatalogue = '{catalogue}'"))
    with pytest.raises(ConfigError, match="other slots or intents"):
        train(read_config(path), path, quiet=True)
    path.write_text(text + 'start = "lm.pt"\n')
    with pytest.raises(ConfigError, match=r"training\.teachers excludes training\.start"):
        read_config(path)
