"""Versions of a model in a folder, one of them current: added, promoted, rolled back, pruned.

    FOLDER/versions/VERSION/   bundle.pt, record.json and, where there is one, report.html
    FOLDER/current             a link to one of them; exchanged by renaming, so whoever reads finds one or the other
    FOLDER/promotions.jsonl    which one took whose place when

Reading needs no lock and no torch; who writes holds FOLDER/.lock. Services follow `current` (bundle_of).
"""

import difflib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import regex
from pydantic import BaseModel, ConfigDict, ValidationError

from data.files import locked, sync_folder, whole_file

if TYPE_CHECKING:
    from model.bundle import Manifest

_VERSION = regex.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")  # names a folder


class RegistryError(ValueError):
    """What cannot be done with a registry, and why."""


class Record(BaseModel):
    """A version: its manifest, the bundle's size and SHA-256, when it was added, and why it must not serve, if so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    added: datetime
    sha256: str
    bytes: int
    refused: str | None = None
    manifest: dict[str, Any]


class Promotion(BaseModel):
    """`version` took the place of `before` at some time; `is_rollback` if it had been current earlier."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    before: str | None
    at: datetime
    is_rollback: bool = False


class Difference(NamedTuple):
    """A field of two manifests, dots between its names; None where one has no such field."""

    field: str
    before: Any
    after: Any


class Registry:
    """The versions under a folder, which need not exist before the first one is added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._versions = folder / "versions"
        self._current = folder / "current"
        self._promotions = folder / "promotions.jsonl"

    def records(self) -> list[Record]:
        """All versions, the newest first."""
        found = [self.record(path.name) for path in self._versions.glob("*") if not path.name.startswith(".")]
        return sorted(found, key=lambda record: (record.added, record.version), reverse=True)

    def record(self, version: str) -> Record:
        """Raises RegistryError for a version that there is not."""
        try:
            return Record.model_validate_json((self._versions / _checked(version) / "record.json").read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            known = sorted(path.name for path in self._versions.glob("*") if not path.name.startswith("."))
            near = difflib.get_close_matches(version, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
            raise RegistryError(f"{self.folder} has no version {version!r}; {hint}") from None
        except ValidationError as error:
            raise RegistryError(f"{self._versions / version / 'record.json'} is damaged: {error}") from None

    @property
    def current(self) -> str | None:
        """The version that services serve."""
        try:
            return self._current.readlink().name
        except FileNotFoundError:
            return None

    def file(self, version: str, name: str = "bundle.pt") -> Path:
        """Where a file of a version is, or would be (record.json, report.html)."""
        return self._versions / self.record(version).version / name

    def add(
        self, bundle: Path, manifest: "Manifest", *, report: Path | None = None, refused: str | None = None
    ) -> Record:
        """Copy a bundle and its report into the folder; `refused` says why it must not serve.

        The same bundle again is no new version. Raises RegistryError where the version has another content.
        """
        record = Record(
            version=_checked(manifest.version),
            added=datetime.now(UTC),
            sha256=_sha256(bundle),
            bytes=bundle.stat().st_size,
            refused=refused,
            manifest=manifest.model_dump(mode="json"),
        )
        with self._writing():
            place = self._versions / record.version
            if place.exists():
                there = self.record(record.version)
                if there.sha256 != record.sha256:
                    raise RegistryError(f"{self.folder} has another {record.version} already; versions never change")
                return there
            unfinished = place.with_name(f".{record.version}.part")
            shutil.rmtree(unfinished, ignore_errors=True)  # of one that was killed
            unfinished.mkdir(parents=True)
            for source, name in ((bundle, "bundle.pt"), (report, "report.html")):
                if source is not None:
                    with whole_file(unfinished / name) as file, source.open("rb") as content:
                        shutil.copyfileobj(content, file)
            with whole_file(unfinished / "record.json") as file:
                file.write(record.model_dump_json(indent=1).encode())
            unfinished.rename(place)
            sync_folder(self._versions)
        return record

    def promote(self, version: str, *, force: bool = False) -> Promotion:
        """Make a version the current one. Raises RegistryError for a refused one, unless by `force`, and for a
        bundle that is not what was added."""
        record = self.record(version)
        if record.refused is not None and not force:
            raise RegistryError(f"{version} was refused: {record.refused}")
        with self._writing():
            return self._set_current(record, is_rollback=False)

    def rollback(self) -> Promotion:
        """Back to the version whose place the current one took. Again: one further back."""
        with self._writing():
            current = self.current
            took = [one for one in self.promotions() if one.version == current and not one.is_rollback]
            if not took or took[-1].before is None:
                raise RegistryError(f"{self.folder}: no version was current before {current or 'any was'}")
            return self._set_current(self.record(took[-1].before), is_rollback=True)

    def promotions(self) -> list[Promotion]:
        """What became current, the oldest first."""
        try:
            lines = self._promotions.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        return [Promotion.model_validate_json(line) for line in lines if line.endswith(b"}")]

    def prune(self, keep: int, *, dry_run: bool = False) -> list[Record]:
        """Delete all but the `keep` newest versions, the current one and the one that a rollback would make current.

        Returns what was deleted, or would be.
        """
        with self._writing():
            kept = {self.current, *(one.before for one in self.promotions() if one.version == self.current)}
            gone = [record for record in self.records()[keep:] if record.version not in kept]
            if not dry_run:
                for record in gone:
                    place = self._versions / record.version
                    place.rename(place.with_name(f".{record.version}.part"))  # at once, for whoever reads
                for doomed in self._versions.glob(".*.part"):  # and what others left when they were killed
                    shutil.rmtree(doomed)
        return gone

    def _set_current(self, record: Record, *, is_rollback: bool) -> Promotion:
        if _sha256(self.file(record.version)) != record.sha256:
            raise RegistryError(f"the bundle of {record.version} is not the one that was added: its SHA-256 differs")
        promotion = Promotion(
            version=record.version, before=self.current, at=datetime.now(UTC), is_rollback=is_rollback
        )
        if promotion.before == record.version:
            raise RegistryError(f"{record.version} is current already")
        # First the journal: one killed here has promoted nothing, and its line says nothing about what is current.
        with self._promotions.open("ab") as file:
            file.write(promotion.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        link = self.folder / ".current.part"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("versions") / record.version)
        link.rename(self._current)
        sync_folder(self.folder)
        return promotion

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._versions.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / ".lock"):
            yield


def bundle_of(path: Path) -> Path:
    """A bundle's file: `path` itself, or the current one of the registry that it is."""
    return path / "current" / "bundle.pt" if path.is_dir() else path


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The fields that differ between two manifests, in order."""
    old, new = dict(_flat(before)), dict(_flat(after))
    return [Difference(name, old.get(name), new.get(name)) for name in old | new if old.get(name) != new.get(name)]


def _flat(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value if isinstance(value, str | int | float | None) else json.dumps(value)


def _checked(version: str) -> str:
    if not _VERSION.fullmatch(version):
        raise RegistryError(f"{version!r} is no version: letters, digits and ._+- only, 100 at most")
    return version


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
