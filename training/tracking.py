"""The figures of a training while it runs, for TensorBoard and MLflow."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from model.registry.mlflow import mlflow_client, mlflow_errors
from model.registry.registry import flat
from training.config import Config, ConfigError, TrackingConfig

Track = Callable[[int, Mapping[str, float]], None]  # the step, and figures by name
_RUN = "slotwise.run"
_LONGEST = 6_000  # characters of a parameter that MLflow takes


@contextmanager
def tracked(settings: TrackingConfig, config: Config, config_path: Path, run: str, step: int) -> Iterator[Track]:
    """Where the settings say, from `step` on; a run that was killed goes on under the same name, `run`."""
    with ExitStack() as stack:
        tracks: list[Track] = []
        if settings.tensorboard:
            tracks.append(stack.enter_context(_tensorboard(config_path.parent / settings.tensorboard / run, step)))
        if settings.mlflow:
            tracks.append(stack.enter_context(_mlflow(settings.mlflow, run, config, step)))

        def track(step: int, figures: Mapping[str, float]) -> None:
            for one in tracks:
                one(step, figures)

        yield track


@contextmanager
def _tensorboard(folder: Path, step: int) -> Iterator[Track]:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise ConfigError("tracking.tensorboard: it is not installed: pip install 'slotwise[tensorboard]'") from None
    # What a killed run said behind the checkpoint that this one goes on from is hidden.
    writer = SummaryWriter(folder, purge_step=step + 1 if step else None)

    def track(step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            writer.add_scalar(name, value, step)
        writer.flush()

    with writer:
        yield track


@contextmanager
def _mlflow(experiment: str, run: str, config: Config, step: int) -> Iterator[Track]:
    with mlflow_errors():
        client = mlflow_client()
        found = client.get_experiment_by_name(experiment)
        experiment_id = found.experiment_id if found else client.create_experiment(experiment)
        killed = client.search_runs([experiment_id], f"tags.`{_RUN}` = '{run}'", max_results=1) if step else []
        if killed:
            run_id = killed[0].info.run_id
            client.update_run(run_id, "RUNNING")
        else:
            run_id = client.create_run(experiment_id, run_name=run, tags={_RUN: run}).info.run_id
            for name, value in flat(config.model_dump(mode="json")):
                client.log_param(run_id, name, str(value)[:_LONGEST])

        def track(step: int, figures: Mapping[str, float]) -> None:
            for name, value in figures.items():
                client.log_metric(run_id, name, value, step=step)

        try:
            yield track
        except BaseException:
            client.set_terminated(run_id, "FAILED")
            raise
        client.set_terminated(run_id)
