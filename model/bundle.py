"""The one artefact: a scripted tagger and, in the same TorchScript file, all that is needed to use and judge it.

Every torch.jit call of the project stands here; torch 2.13 deprecates torch.jit and Python 3.14 has none.
"""

import io
import json
import warnings
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.catalogue import Catalogue
from data.files import whole_file
from data.tags import tag_names
from model.features import Featurizer
from model.pieces import read_subwords
from model.tagger import Architecture, Tagger
from model.vocabulary import Vocabulary


class BundleError(ValueError):
    """A file that is no usable bundle: which, and why."""


class DeviceError(BundleError):
    """A device that this machine has not."""

    is_bad_usage = True


class Calibration(BaseModel):
    """Confidence = sigmoid(slope * logit(probability) + offset), fitted on held-out rows (Platt, 1999).

    A span is said only where its words hold a slot, of whatever kind and edges, with at least `min_presence`, or
    `min_presence_asked` in an answer to a question: the best tagging as a whole may hold spans that, each taken alone,
    had better not be said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    slope: float = 1.0
    offset: float = 0.0
    min_presence: float = 0.0
    min_presence_asked: float = 0.0


class SmokeSentence(BaseModel):
    """A sentence with the slots (name, start, end) that a bundle found in it when it was made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    lang: str
    requested_slot: str | None = None
    slots: tuple[tuple[str, int, int], ...]


class Manifest(BaseModel):
    """What a bundle says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str
    languages: tuple[str, ...]
    architecture: Architecture
    torch: str = torch.__version__
    created: date
    trained_on: dict[str, Any] = Field(default_factory=dict, description="rows by source, their hash, config, history")
    scores: dict[str, Any] = Field(default_factory=dict, description="on the held-out rows that chose the model")
    calibration: Calibration = Calibration()
    smoke: tuple[SmokeSentence, ...] = Field((), description="what a bundle must still find before it serves")
    credits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """A tagger (scripted when loaded, eager while training) and what goes with it."""

    tagger: torch.nn.Module
    featurizer: Featurizer
    catalogue: Catalogue
    manifest: Manifest


_EXTRA = ("pieces.model", "vocabulary.json", "catalogue.json", "manifest.json")


def save_bundle(path: Path, bundle: Bundle) -> None:
    """Script the tagger, if it is not, and write one file that appears whole or not at all."""
    vocabulary = bundle.featurizer.vocabulary
    extra = {
        "pieces.model": bundle.featurizer.pieces.model,
        "vocabulary.json": json.dumps(asdict(vocabulary), ensure_ascii=False).encode(),
        "catalogue.json": bundle.catalogue.model_dump_json().encode(),
        "manifest.json": bundle.manifest.model_dump_json().encode(),
    }
    archive = io.BytesIO()
    scripted = _scripted(bundle.tagger.cpu())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*torch.jit")
        torch.jit.save(scripted, archive, _extra_files=extra)
    archive.seek(0)
    with whole_file(path) as file:
        _copy_without_paths(archive, file)


_OF_THE_WRITER = ("version", "byteorder", ".data/serialization_id")  # it writes its own


def _copy_without_paths(archive: BinaryIO, file: BinaryIO) -> None:
    """All but the records for debugging, which name the source files on the machine that made the bundle."""
    reader = torch._C.PyTorchFileReader(archive)
    writer = torch._C.PyTorchFileWriter(file)
    for name in reader.get_all_records():
        if not name.endswith(".debug_pkl") and name not in _OF_THE_WRITER:
            record = reader.get_record(name)
            writer.write_record(name, record, len(record))
    writer.write_end_of_file()


def load_bundle(path: Path, device: str = "auto") -> Bundle:
    """Read a bundle; nothing but this file is read. BundleError says why a file is none."""
    if not path.is_file():
        raise BundleError(f"no bundle at {path}")
    extra: dict[str, Any] = dict.fromkeys(_EXTRA, "")
    place = pick_device(device)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*torch.jit")
            tagger: torch.nn.Module = torch.jit.load(  # type: ignore[no-untyped-call]
                str(path), map_location=place, _extra_files=extra
            )
        if not hasattr(tagger, "asked"):
            raise ValueError("its tagger is of an earlier version and must be trained again")
        bundle = Bundle(
            tagger=tagger.eval(),
            featurizer=Featurizer(
                Vocabulary.from_dict(json.loads(extra["vocabulary.json"])), read_subwords(extra["pieces.model"])
            ),
            catalogue=Catalogue.model_validate_json(extra["catalogue.json"]),
            manifest=Manifest.model_validate_json(extra["manifest.json"]),
        )
        # cuDNN wants the weights of a recurrence in one piece, and those of a file are not.
        return bundle if hasattr(tagger, "tag") and place.type == "cpu" else _of_this_version(bundle)
    except (RuntimeError, ValidationError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path} is no slotwise bundle: {str(error).splitlines()[0]}") from error


def _of_this_version(bundle: Bundle) -> Bundle:
    """The same weights in a new tagger of this version; saved again, an old bundle loads faster."""
    weights, words = bundle.tagger.state_dict(), len(bundle.featurizer.vocabulary)
    tags, intents = len(tag_names(bundle.catalogue.slot_names)), len(bundle.catalogue.intents)
    given = len(bundle.featurizer.vocabulary.given)
    tagger = Tagger(bundle.manifest.architecture, words, bundle.featurizer.piece_ids, tags, intents, given)
    if missing := tagger.load_state_dict(weights, strict=False).missing_keys:
        raise ValueError(f"its tagger is of an earlier version, without {missing[0]}, and must be trained again")
    return replace(bundle, tagger=_scripted(tagger.to(next(bundle.tagger.parameters()).device)))


def _scripted(tagger: torch.nn.Module) -> torch.nn.Module:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*torch.jit")
        scripted: torch.nn.Module = torch.jit.script(tagger.eval())
    return scripted


def frozen(tagger: torch.nn.Module) -> Any:
    """A tagger to run and no more: if it is scripted, its weights and what follows from them alone are constants."""
    if not isinstance(tagger, torch.jit.ScriptModule):
        return tagger
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*torch.jit")
        return torch.jit.freeze(tagger, preserved_attrs=["read", "tag"])


def pick_device(name: str) -> torch.device:
    """`auto` is the GPU where there is one; DeviceError for one that is not there."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda"):
        if not torch.cuda.is_available():
            raise DeviceError(f"device {name!r} is not available on this machine; use cpu or auto")
        torch.backends.cudnn.rnn.fp32_precision = "ieee"  # type: ignore[attr-defined]  # TF32 moves confidences
    return torch.device(name)
