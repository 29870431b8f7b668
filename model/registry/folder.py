"""A registry in a folder, which any number of services may share and follow.

    FOLDER/versions/VERSION/   bundle.pt, record.json and, where there is one, report.html
    FOLDER/current             a link to one of them; exchanged by renaming, so whoever reads finds one or the other
    FOLDER/promotions.jsonl    which one took whose place when

Reading needs no lock; who writes holds FOLDER/.lock.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from data.files import locked, sync_folder, whole_file
from model.registry.registry import BUNDLE, Promotion, Record, Registry, RegistryError

_RECORD = "record.json"


class FolderRegistry(Registry):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._versions = folder / "versions"
        self._current = folder / "current"
        self._promotions = folder / "promotions.jsonl"

    def __str__(self) -> str:
        return str(self.folder)

    @property
    def current(self) -> str | None:
        try:
            return self._current.readlink().name
        except FileNotFoundError:
            return None

    def promotions(self) -> list[Promotion]:
        try:
            lines = self._promotions.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        return [Promotion.model_validate_json(line) for line in lines if line.endswith(b"}")]

    def file(self, version: str, name: str = BUNDLE) -> Path:
        return self._versions / self.record(version).version / name

    def _names(self) -> Iterable[str]:
        return [path.name for path in self._versions.glob("*") if not path.name.startswith(".")]

    def _read(self, version: str) -> Record:
        path = self._versions / version / _RECORD
        try:
            return Record.model_validate_json(path.read_bytes())
        except FileNotFoundError:  # it was pruned meanwhile
            raise RegistryError(f"{self} has no version {version!r} any more") from None
        except (NotADirectoryError, ValidationError) as error:
            raise RegistryError(f"{path} is damaged: {error}") from None

    def _store(self, record: Record, files: Mapping[str, Path]) -> None:
        place = self._versions / record.version
        unfinished = self._unfinished(record.version)
        shutil.rmtree(unfinished, ignore_errors=True)  # of one that was killed
        unfinished.mkdir(parents=True)
        for name, source in files.items():
            with whole_file(unfinished / name) as file, source.open("rb") as content:
                shutil.copyfileobj(content, file)
        with whole_file(unfinished / _RECORD) as file:
            file.write(record.model_dump_json(indent=1).encode())
        unfinished.rename(place)
        sync_folder(self._versions)

    def _put(self, promotion: Promotion) -> None:
        # First the journal: its line says nothing about what is current.
        with self._promotions.open("ab") as file:
            file.write(promotion.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        link = self.folder / ".current.part"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("versions") / promotion.version)
        link.rename(self._current)
        sync_folder(self.folder)

    def _delete(self, versions: Iterable[str]) -> None:
        for version in versions:
            (self._versions / version).rename(self._unfinished(version))  # at once, for whoever reads
        for doomed in self._versions.glob(".*.part"):  # and what others left when they were killed
            shutil.rmtree(doomed)

    def _unfinished(self, version: str) -> Path:
        return self._versions / f".{version}.part"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._versions.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / ".lock"):
            yield


def bundle_of(path: Path) -> Path:
    """A bundle's file: `path` itself, or the current one of the registry in the folder that it is."""
    if path.parts[:1] == ("models:",):
        raise RegistryError(f"{path} is in MLflow: `slotwise models mirror` keeps its current version in a folder")
    return path / "current" / BUNDLE if path.is_dir() else path
