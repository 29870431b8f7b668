"""MLflow's model registry as ours: the version with the alias `champion` is the current one.

A version of a registered model is one of ours if it has the tag slotwise.version. Its run holds the files of a folder's
version as artifacts, and the scores of its manifest as metrics. MLFLOW_TRACKING_URI says where the server or the
database is. What was read is kept in the user's cache: versions never change.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from model.registry.registry import BUNDLE, REPORT, Promotion, Record, Registry, RegistryError, flat, sha256_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

ALIAS = "champion"
_VERSION, _PROMOTIONS = "slotwise.version", "slotwise.promotions"
_RECORD = "record.json"
_KEPT = 20  # promotions of a version: a tag holds 5,000 characters
_JOURNAL = TypeAdapter(list[Promotion])
_ENVIRONMENT = {  # MLflow's own variables, unless somebody set them
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",  # of 7, which are minutes
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


def mlflow_client() -> "MlflowClient":
    """A client of the server or the database that MLFLOW_TRACKING_URI names."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        raise RegistryError("MLflow: set MLFLOW_TRACKING_URI to the server's URL, or to sqlite:///FILE")
    try:
        from mlflow import MlflowClient
    except ImportError:
        raise RegistryError("MLflow is not installed: pip install 'slotwise[mlflow]'") from None
    return MlflowClient()


class MlflowRegistry(Registry):
    def __init__(self, name: str) -> None:
        if not name or set("/@'\"") & set(name):
            raise RegistryError(f"models:/{name} names no registered model: say models:/NAME")
        self.name = name
        self._client = mlflow_client()
        self._cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "slotwise/models" / name

    def __str__(self) -> str:
        return f"models:/{self.name}"

    @property
    def current(self) -> str | None:
        with mlflow_errors():
            models = self._client.search_registered_models(f"name = '{self.name}'")
        number = str(models[0].aliases.get(ALIAS)) if models else None
        return next((name for name, one in self._versions().items() if str(one.version) == number), None)

    def promotions(self) -> list[Promotion]:
        tags = (one.tags.get(_PROMOTIONS, "[]") for one in self._versions().values())
        return sorted((one for tag in tags for one in _JOURNAL.validate_json(tag)), key=lambda promotion: promotion.at)

    def file(self, version: str, name: str = BUNDLE) -> Path:
        place = self._cached(version, name)
        if name == BUNDLE and sha256_of(place) != self.record(version).sha256:
            place.unlink()
            raise RegistryError(f"the bundle of {version} is not the one that was added: its SHA-256 differs")
        return place

    def _names(self) -> Iterable[str]:
        return self._versions()

    def _read(self, version: str) -> Record:
        return Record.model_validate_json(self._cached(version, _RECORD).read_bytes())

    def _store(self, record: Record, files: Mapping[str, Path]) -> None:
        with mlflow_errors(), tempfile.TemporaryDirectory() as folder:
            for name, source in files.items():
                shutil.copyfile(source, Path(folder, name))
            Path(folder, _RECORD).write_text(record.model_dump_json(indent=1), "utf-8")
            if not self._client.search_registered_models(f"name = '{self.name}'"):
                self._client.create_registered_model(self.name)
            experiment = self._client.get_experiment_by_name(self.name)
            experiment_id = experiment.experiment_id if experiment else self._client.create_experiment(self.name)
            run_id = self._client.create_run(experiment_id, run_name=record.version).info.run_id
            self._client.log_artifacts(run_id, folder)
            for name, value in flat(record.manifest.get("scores", {})):
                if isinstance(value, int | float):
                    self._client.log_metric(run_id, name, value)
            self._client.set_terminated(run_id)
            tags = {_VERSION: record.version} | ({"slotwise.refused": record.refused} if record.refused else {})
            self._client.create_model_version(self.name, f"runs:/{run_id}", run_id, tags=tags)

    def _put(self, promotion: Promotion) -> None:
        there = self._versions()[promotion.version]
        journal = [*_JOURNAL.validate_json(there.tags.get(_PROMOTIONS, "[]")), promotion][-_KEPT:]
        with mlflow_errors():
            # First the journal, which says nothing about what is current.
            self._client.set_model_version_tag(
                self.name, there.version, _PROMOTIONS, _JOURNAL.dump_json(journal).decode()
            )
            self._client.set_registered_model_alias(self.name, ALIAS, there.version)

    def _delete(self, versions: Iterable[str]) -> None:
        there = self._versions()
        with mlflow_errors():
            for version in versions:
                self._client.delete_model_version(self.name, there[version].version)
                self._client.delete_run(str(there[version].run_id))
                shutil.rmtree(self._cache / version, ignore_errors=True)

    def _writing(self) -> "nullcontext[None]":
        return nullcontext()  # MLflow locks nothing; its writes are one by one whole

    def _versions(self) -> "dict[str, ModelVersion]":
        with mlflow_errors():
            found = self._client.search_model_versions(f"name = '{self.name}'")
        return {one.tags[_VERSION]: one for one in found if _VERSION in one.tags}

    def _cached(self, version: str, name: str) -> Path:
        """The file in the cache, fetched if need be; where it would be, if the version has no such file."""
        place = self._cache / version / name
        if place.is_file():
            return place
        run_id = str(self._versions()[version].run_id)
        place.parent.mkdir(parents=True, exist_ok=True)
        with mlflow_errors(), tempfile.TemporaryDirectory(dir=place.parent) as folder:
            if name != REPORT or any(one.path == REPORT for one in self._client.list_artifacts(run_id)):
                Path(self._client.download_artifacts(run_id, name, folder)).rename(place)
        return place


@contextmanager
def mlflow_errors() -> Iterator[None]:
    """What MLflow raises, as RegistryError, in a line."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise RegistryError(f"MLflow: {str(error).splitlines()[0]}") from error
