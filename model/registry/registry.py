"""What every registry does: versions are added, promoted, rolled back, pruned, mirrored. Where they lie, others say.

Reading needs no torch. Services follow a folder (model.registry.folder), into which another registry may be mirrored.
"""

import difflib
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import regex
from pydantic import BaseModel, ConfigDict

BUNDLE = "bundle.pt"
REPORT = "report.html"
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


class Registry(ABC):
    """The versions at a place, which need not exist before the first one is added; str() says where."""

    @property
    @abstractmethod
    def current(self) -> str | None:
        """The version that services serve."""

    @abstractmethod
    def promotions(self) -> list[Promotion]:
        """What became current, the oldest first."""

    @abstractmethod
    def file(self, version: str, name: str = BUNDLE) -> Path:
        """Where a file of a version is on this machine, or would be if it had one (REPORT)."""

    @abstractmethod
    def _names(self) -> Iterable[str]:
        """All versions."""

    @abstractmethod
    def _read(self, version: str) -> Record:
        """Of one that is there."""

    @abstractmethod
    def _store(self, record: Record, files: Mapping[str, Path]) -> None:
        """Keep copies of the files, by their names, with the record: whole or not at all."""

    @abstractmethod
    def _put(self, promotion: Promotion) -> None:
        """Note the promotion and make its version current. One killed between has promoted nothing."""

    @abstractmethod
    def _delete(self, versions: Iterable[str]) -> None: ...

    @abstractmethod
    def _writing(self) -> AbstractContextManager[None]:
        """Held by whoever writes."""

    def records(self) -> list[Record]:
        """All versions, the newest first."""
        return sorted(map(self._read, self._names()), key=lambda record: (record.added, record.version), reverse=True)

    def record(self, version: str) -> Record:
        """Raises RegistryError for a version that there is not."""
        if _checked(version) not in (known := sorted(self._names())):
            near = difflib.get_close_matches(version, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
            raise RegistryError(f"{self} has no version {version!r}; {hint}")
        return self._read(version)

    def add(
        self, bundle: Path, manifest: Mapping[str, Any], *, report: Path | None = None, refused: str | None = None
    ) -> Record:
        """Keep a copy of a bundle, by the version in its manifest, and of its report; `refused` says why it must not
        serve.

        The same bundle again is no new version. Raises RegistryError where the version has another content.
        """
        record = Record(
            version=_checked(manifest["version"]),
            added=datetime.now(UTC),
            sha256=sha256_of(bundle),
            bytes=bundle.stat().st_size,
            refused=refused,
            manifest=dict(manifest),
        )
        with self._writing():
            if record.version in self._names():
                there = self._read(record.version)
                if there.sha256 != record.sha256:
                    raise RegistryError(f"{self} has another {record.version} already; versions never change")
                return there
            self._store(record, {BUNDLE: bundle} | ({REPORT: report} if report is not None else {}))
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
                raise RegistryError(f"{self}: no version was current before {current or 'any was'}")
            return self._set_current(self.record(took[-1].before), is_rollback=True)

    def prune(self, keep: int, *, dry_run: bool = False) -> list[Record]:
        """Delete all but the `keep` newest versions, the current one and the one that a rollback would make current.

        Returns what was deleted, or would be.
        """
        with self._writing():
            kept = {self.current, *(one.before for one in self.promotions() if one.version == self.current)}
            gone = [record for record in self.records()[keep:] if record.version not in kept]
            if not dry_run:
                self._delete(record.version for record in gone)
        return gone

    def mirror(self, source: "Registry") -> Promotion | None:
        """Make current here what is current in another registry; None where it is already, or nothing is there."""
        version = source.current
        if version is None or version == self.current:
            return None
        record, report = source.record(version), source.file(version, REPORT)
        self.add(
            source.file(version), record.manifest, report=report if report.is_file() else None, refused=record.refused
        )
        return self.promote(version, force=True)

    def _set_current(self, record: Record, *, is_rollback: bool) -> Promotion:
        if sha256_of(self.file(record.version)) != record.sha256:
            raise RegistryError(f"the bundle of {record.version} is not the one that was added: its SHA-256 differs")
        promotion = Promotion(
            version=record.version, before=self.current, at=datetime.now(UTC), is_rollback=is_rollback
        )
        if promotion.before == record.version:
            raise RegistryError(f"{record.version} is current already")
        self._put(promotion)
        return promotion


def open_registry(where: str, base: Path = Path()) -> Registry:
    """The registry in a folder, seen from `base`, or at models:/NAME, as MLflow calls a registered model."""
    # Either knows this module, and MLflow is asked for by few.
    if where.startswith("models:/"):
        from model.registry.mlflow import MlflowRegistry

        return MlflowRegistry(where.removeprefix("models:/"))
    from model.registry.folder import FolderRegistry

    return FolderRegistry(base / where)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The fields that differ between two manifests, in order."""
    old, new = dict(flat(before)), dict(flat(after))
    return [Difference(name, old.get(name), new.get(name)) for name in old | new if old.get(name) != new.get(name)]


def flat(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Names with dots and what they stand for: text, numbers, None, anything else as JSON."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value if isinstance(value, str | int | float | None) else json.dumps(value)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(version: str) -> str:
    if not _VERSION.fullmatch(version):
        raise RegistryError(f"{version!r} is no version: letters, digits and ._+- only, 100 at most")
    return version
