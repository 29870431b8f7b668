"""A recipe measured on what it never saw: trainings that differ in one thing, each with several seeds, in one table.

The config's `[protocol]` names the runs: leave a source out, generated sentences alone, real ones alone, a part of the
recipe switched off. Each is an ordinary training; its figures stand beside its bundle, so that a protocol that was
stopped goes on with the runs that are missing.
"""

import json
import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import regex
from rich.table import Table
from rich.text import Text
from tqdm import tqdm

from data.files import whole_file
from data.processes import die_with_the_parent
from data.rows import Row
from model.parser import Parser
from training.changes import PLACES, STYLES, compare
from training.config import Config, ConfigError, expand
from training.corpus import left_out, source_of
from training.evaluate import Evaluation, evaluate, means, read_files
from training.loop import train
from training.metrics import Negatives, share

RECIPE = "recipe"  # the run that changes nothing
_LEFT_OUT = "left out: "
_CHANGES = PLACES | STYLES

Figures = dict[str, float]  # percent by what was measured


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation over seeds; no deviation of a single one."""

    mean: float
    deviation: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(fmean(values), stdev(values) if len(values) > 1 else None)

    def __str__(self) -> str:
        return f"{self.mean:.1f}" if self.deviation is None else f"{self.mean:.1f} ± {self.deviation:.1f}"


def run_protocol(
    config: Config, config_path: Path, *, jobs: int = 1, resume: bool = False, progress: bool = False
) -> dict[str, dict[str, Spread]]:
    """Figures by run, RECIPE first, and by what was measured: F1 of the groups of test files, the share of negatives
    in which something was found, F1 of the sources that a run left out, and, for RECIPE, the F1 that is lost when the
    same sentences name other places or are said in another style. `jobs` trainings run side by side.
    """
    if config.protocol is None:
        raise ConfigError(f"{config_path}: there is no [protocol] in it")
    runs: dict[str, dict[str, Any]] = {RECIPE: {}} | config.protocol.runs
    trainings = [
        (name, config.changed(changes | {"seed": seed, "output": _output(config, name, seed)}))
        for seed in config.protocol.seeds
        for name, changes in runs.items()
    ]
    if len({changed.output for _, changed in trainings}) < len(trainings):
        raise ConfigError(f"{config_path}: names of runs, and seeds, must differ in their letters and figures")
    for patterns in config.protocol.test.values():
        expand(config_path, patterns)  # a missing file is an error now, not after the first training
    for name, changed in trainings:
        start = changed.training.start
        if start and not (config_path.parent / start).is_file():
            raise ConfigError(f"{config_path}: run {name!r} starts from {start}, which is not there: slotwise pretrain")
    measure = partial(_train_and_measure, config_path=config_path, test=config.protocol.test, resume=resume)
    figures: dict[str, list[Figures]] = {name: [] for name in runs}
    context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    with (
        ProcessPoolExecutor(jobs, context, die_with_the_parent) as pool,
        tqdm(total=len(trainings), unit=" trainings", disable=None if progress else True) as bar,
    ):
        futures = [pool.submit(measure, training) for training in trainings]
        try:
            for (name, _), future in zip(trainings, futures, strict=True):
                figures[name].append(future.result())
                bar.update()
        except BrokenProcessPool:
            raise ChildProcessError("a training was killed; --resume goes on with what it left") from None
        except BaseException:
            # Checkpoints hold what was learned, so nobody has to wait for the trainings that run. The pool notices;
            # what was cancelled beforehand it could not tell so, and its thread would die of that.
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
    return {
        name: {measured: Spread.of([found[measured] for found in each]) for measured in each[0]}
        for name, each in figures.items()
    }


def _output(config: Config, name: str, seed: int) -> str:
    output = Path(config.output)
    slug = regex.sub(r"[^\p{L}\p{N}]+", "-", name).strip("-")
    return str(output.with_name(f"{output.stem}-{slug}-{seed}{output.suffix}"))


def _train_and_measure(
    training: tuple[str, Config], *, config_path: Path, test: Mapping[str, tuple[str, ...]], resume: bool
) -> Figures:
    name, config = training
    path = (config_path.parent / config.output).with_suffix(".json")
    asked = {"config": config.model_dump(mode="json"), "test": {group: list(files) for group, files in test.items()}}
    if resume and path.is_file():
        record = json.loads(path.read_bytes())
        if {key: record[key] for key in asked} == asked:
            figures: Figures = record["figures"]
            return figures
    checkpoint = path.with_suffix(".checkpoint")
    bundle = train(config, config_path, resume=resume and checkpoint.is_file(), quiet=True)
    figures = _measure(Parser.load(bundle, "cpu"), config, config_path, test, everything=name == RECIPE)
    with whole_file(path) as file:
        file.write(json.dumps(asked | {"figures": figures}).encode())
    return figures


def _measure(
    parser: Parser, config: Config, config_path: Path, test: Mapping[str, tuple[str, ...]], *, everything: bool
) -> Figures:
    groups = {group: evaluate(parser, read_files(expand(config_path, files))) for group, files in test.items()}
    figures = _group_figures(groups)
    sources: dict[str, list[Row]] = {}
    for row in left_out(config, config_path):
        name = _LEFT_OUT + source_of(row) + (", negatives" if "kind" in row.extra else "")
        sources.setdefault(name, []).append(row)
    for source, rows in sources.items():
        scores = evaluate(parser, {source: rows}).overall
        figures[source] = 100 * scores.f1 if scores.spans.gold else _found([scores.negatives])
    if everything:
        for group, evaluation in groups.items():
            for change, comparison in compare(parser, evaluation, _CHANGES).overall.items():
                figures[f"{group}, {change}"] = comparison.drop
    return figures


def _group_figures(groups: Mapping[str, Evaluation]) -> Figures:
    figures: Figures = {}
    negatives: dict[str, list[Negatives]] = {}
    for group, evaluation in groups.items():
        if (f1 := means(evaluation.files.values())["f1"]) is not None:
            figures[group] = 100 * f1
        for kind, found in evaluation.overall.kinds.items():
            negatives.setdefault(kind, []).append(found)
    for kind, each in sorted(negatives.items()):
        figures[f"negatives, {kind}"] = _found(each)
    return figures


def _found(negatives: Sequence[Negatives]) -> float:
    return 100 * (share(sum(each.any_slot for each in negatives), sum(each.rows for each in negatives)) or 0.0)


def protocol_tables(figures: Mapping[str, Mapping[str, Spread]]) -> list[Table]:
    """A line for each run; then what each run left out, and what changed sentences cost the recipe."""
    changed = [name for name in figures[RECIPE] if name.rpartition(", ")[2] in _CHANGES]
    columns = [name for name in figures[RECIPE] if name not in changed]
    runs = Table("run", *columns, title="Runs: F1 of each group, share of negatives with a slot; mean ± deviation")
    sources = Table("run", "source", "F1, or share with a slot", title="Sources left out")
    changes = Table("group and change", "points of F1 lost", title="The recipe on the same sentences, changed")
    for run, measured in figures.items():
        runs.add_row(Text(run), *(str(measured[column]) for column in columns))
        for name in measured:
            if name.startswith(_LEFT_OUT):
                sources.add_row(Text(run), Text(name.removeprefix(_LEFT_OUT)), str(measured[name]))
    for name in changed:
        changes.add_row(Text(name), str(figures[RECIPE][name]))
    return [table for table in (runs, sources, changes) if table.row_count]


def protocol_to_json(figures: Mapping[str, Mapping[str, Spread]]) -> dict[str, Any]:
    return {
        name: {key: {"mean": spread.mean, "deviation": spread.deviation} for key, spread in measured.items()}
        for name, measured in figures.items()
    }
