"""Versions and figures in MLflow and TensorBoard, read back by their own clients.

make test-retraining
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from data.tags import Span
from model.bundle import load_bundle
from service.service_bench import serving, slotwise_command
from tests.retraining.conftest import Place
from tests.retraining.test_story import ask, wait_for
from tests.training.test_loop import SMALL
from training import loop
from training.config import read_config

mlflow = pytest.importorskip("mlflow", reason="no MLflow: make test-retraining")
accumulator = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator", reason="no TensorBoard: make test-retraining"
)
pytestmark = pytest.mark.filterwarnings("ignore")  # of these two, about what they are built on

TRACKING = """
[tracking]
mlflow = "trainings"
tensorboard = "runs"
"""


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "mlflow.MlflowClient":
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.sqlite")
    client = mlflow.MlflowClient()
    for experiment in ("tiny", "trainings"):
        client.create_experiment(experiment, artifact_location=str(tmp_path / experiment))
    return client


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield
        finally:
            process.terminate()


def test_a_service_follows_the_champion_through_a_folder(
    place: Place, client: "mlflow.MlflowClient", tiny_bundle: Path, tmp_path: Path
) -> None:
    config = place.config.read_text().replace('"registry"', '"models:/tiny"')
    place.config.write_text(config.replace("false_positives = 0.03", "false_positives = 0.5") + TRACKING)
    moved = {
        "SLOTWISE_REGISTRY": "models:/tiny",
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.sqlite",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    place = replace(place, environment=place.environment | moved)
    place.run("models", "add", tiny_bundle)
    first = place.told("models", "list")["versions"][0]["version"]
    place.run("models", "promote", first)
    folder = tmp_path / "mirror"
    place.run("models", "mirror", folder)
    place.accept("leg Ghent >> Nice thanks", Span("origin", 4, 9), Span("destination", 13, 17))
    mirror = place.arguments("models", "mirror", folder, "--every", 0.2)
    with (
        running(mirror, place.environment),
        serving(*slotwise_command(), bundle=folder, follow_seconds=0.2) as server,
    ):
        assert ask(server.url, "/v1/model")["version"] == first
        outcome = place.told("retrain", place.config, "-q")
        second = outcome["version"]
        assert (outcome["before"], outcome["refused"]) == (first, None)
        wait_for(lambda: bool(ask(server.url, "/v1/model")["version"] == second))
        place.run("models", "rollback")
        wait_for(lambda: bool(ask(server.url, "/v1/model")["version"] == first))
    champion = client.get_model_version_by_alias("tiny", "champion")
    assert champion.tags["slotwise.version"] == first
    manifest = json.loads(place.run("models", "show", second))["manifest"]
    (run,) = client.search_runs([client.get_experiment_by_name("trainings").experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.metrics["dev_f1"] == manifest["trained_on"]["history"][-1]["f1"]
    assert run.data.params["training.steps"] == "300"


def test_a_training_that_was_killed_goes_on_in_the_same_run(
    tmp_path: Path, client: "mlflow.MlflowClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SMALL + TRACKING)
    learn, steps = loop._Run._learn, iter(range(7))
    monkeypatch.setattr(loop._Run, "_learn", lambda run, examples: next(steps) + 1 and learn(run, examples))
    with pytest.raises(StopIteration):  # after an evaluation, and steps that will be made again
        loop.train(read_config(path), path, quiet=True)
    monkeypatch.setattr(loop._Run, "_learn", learn)
    history = load_bundle(loop.train(read_config(path), path, resume=True, quiet=True)).manifest.trained_on["history"]
    (run,) = client.search_runs([client.get_experiment_by_name("trainings").experiment_id])
    assert run.info.status == "FINISHED"
    of_mlflow = [(one.step, one.value) for one in client.get_metric_history(run.info.run_id, "dev_f1")]
    assert sorted(of_mlflow) == [(one["step"], one["f1"]) for one in history]
    events = accumulator.EventAccumulator(str(tmp_path / "runs" / run.info.run_name))
    events.Reload()
    assert [one.step for one in events.Scalars("loss")] == [one["step"] for one in history]
    assert [one.value for one in events.Scalars("loss")] == pytest.approx([one["loss"] for one in history])
