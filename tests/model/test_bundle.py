import zipfile
from pathlib import Path

import pytest
import torch

import model.bundle
from data.tokens import tokenize
from model.bundle import BundleError, load_bundle
from model.features import pad
from model.parser import Parser


def test_a_bundle_says_what_it_is(tiny_bundle: Path) -> None:
    manifest = load_bundle(tiny_bundle).manifest
    assert manifest.name == "tiny"
    assert manifest.torch == torch.__version__
    assert manifest.trained_on["rows"] == {
        "en.generated": 1500,
        "zh.generated": 1500,
        "en.answers": 300,
        "zh.answers": 300,
    }
    assert manifest.credits == ("generated sentences",)
    assert 0 < manifest.scores["dev_f1"] <= 1


def test_a_bundle_needs_nothing_beside_it(tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = tmp_path / "elsewhere.pt"
    moved.write_bytes(tiny_bundle.read_bytes())
    monkeypatch.chdir(tmp_path)
    text = "fly to Oslo tomorrow"
    assert Parser.load(moved).parse(text) == Parser.load(tiny_bundle).parse(text)


def test_a_bundle_has_the_vocabulary_of_its_tagger(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    shapes = {name: tuple(parameter.shape) for name, parameter in bundle.tagger.named_parameters()}
    assert shapes["embed.words.weight"][0] == len(bundle.featurizer.vocabulary)
    assert shapes["embed.pieces.weight"][0] == bundle.featurizer.piece_ids
    batch = pad([bundle.featurizer.features_of(tokenize("到台北"))])
    assert bundle.tagger(*batch)[1].shape == (1, 3, 2 * len(bundle.catalogue.slots) + 1)


def test_a_file_that_is_no_bundle_is_refused_by_name(tmp_path: Path, tiny_bundle: Path) -> None:
    with pytest.raises(BundleError, match="no bundle at"):
        load_bundle(tmp_path / "none.pt")
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"not a zip")
    with pytest.raises(BundleError, match=r"broken\.pt is no slotwise bundle"):
        load_bundle(broken)
    broken.write_bytes(tiny_bundle.read_bytes()[:-5000])
    with pytest.raises(BundleError, match=r"broken\.pt is no slotwise bundle"):
        load_bundle(broken)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_another_torchscript_file_is_no_bundle(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), path)
    with pytest.raises(BundleError, match=r"other\.pt is no slotwise bundle"):
        load_bundle(path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_bundle_of_an_earlier_version_is_refused_in_one_line(tmp_path: Path, tiny_bundle: Path) -> None:
    extra = dict.fromkeys(model.bundle._EXTRA, "")
    torch.jit.load(tiny_bundle, _extra_files=extra)
    path = tmp_path / "old.pt"
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), path, _extra_files=extra)
    with pytest.raises(BundleError, match=r"old\.pt is no slotwise bundle: .* earlier version"):
        load_bundle(path)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_device_that_is_not_there_is_an_error(tiny_bundle: Path) -> None:
    with pytest.raises(BundleError, match="'cuda' is not available"):
        load_bundle(tiny_bundle, "cuda")


def test_a_bundle_names_no_file_of_the_machine_that_made_it(tiny_bundle: Path) -> None:
    with zipfile.ZipFile(tiny_bundle) as archive:
        assert not [
            name
            for name in archive.namelist()
            if str(Path(model.bundle.__file__).parent).encode() in archive.read(name)
        ]
