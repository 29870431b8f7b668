"""A benchmark in its usual folders to figures: trained on `train`, chosen on `dev`, judged on `test` by strict span F1.

A span is right when slot, start and end are, so F1 equals that of seqeval and conlleval over the benchmark's own words:
no word shares a token with another one. Nothing but the folder is read.
"""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import regex
import torch
from rich.table import Table
from rich.text import Text

from data.formats.seq_folder import read_seq_folder
from data.rows import Row, write_rows
from data.tags import Span
from model.bundle import load_bundle
from model.parser import Parser
from model.request import request_of
from training.config import Config, read_config
from training.evaluate import span_of
from training.loop import train
from training.metrics import score, share
from training.protocol import RECIPE, Spread

CONFIGS = Path(__file__).parent / "configs"
PARTS = ("train", "dev", "test")

_PLACE = regex.compile(r"\w+loc_(city|airport|state|country)_(name|code)")  # of ATIS: fromloc, toloc, stoploc


@dataclass(frozen=True)
class Trained:
    """What a training cost, and percent: on dev where it says so, else on test."""

    seed: int
    parameters: int
    cpu_minutes: float
    dev_f1: float
    f1: float
    precision: float
    recall: float
    role_accuracy: float | None  # of the places found, those in the right role; None for a benchmark without roles
    intent_accuracy: float | None


_FIGURES = {
    "f1": "span F1",
    "precision": "P",
    "recall": "R",
    "dev_f1": "dev F1",
    "role_accuracy": "role of places found",
    "intent_accuracy": "intent",
    "cpu_minutes": "CPU minutes",
}


@dataclass(frozen=True)
class Benchmark:
    """Trainings, one a seed, by run; rows of the benchmark by part."""

    name: str
    rows: dict[str, int]
    runs: dict[str, tuple[Trained, ...]]


def run_benchmark(name: str, folder: Path, output: Path, *, seeds: int = 3, quiet: bool = False) -> Benchmark:
    """Train as training/configs/NAME.toml says, and each run of its protocol if it has one, with seeds 1, 2, ...

    `folder` holds train, dev and test, each with seq.in, seq.out and label. `output` receives them as rows, the config
    and the bundles, so that all other commands can be used on them.
    """
    config_path = output / f"{name}.toml"
    config = read_config(CONFIGS / config_path.name)
    rows = write_benchmark(name, folder, output)
    shutil.copy(CONFIGS / config_path.name, config_path)
    runs = config.protocol.runs if config.protocol else {RECIPE: {}}
    return Benchmark(
        name,
        {part: len(rows[part]) for part in PARTS},
        {
            run: tuple(
                train_and_judge(
                    config.changed(changes | {"seed": seed, "output": f"{run}-{seed}.pt"}),
                    config_path,
                    rows["test"],
                    quiet=quiet,
                )
                for seed in range(1, seeds + 1)
            )
            for run, changes in runs.items()
        },
    )


def write_benchmark(name: str, folder: Path, output: Path) -> dict[str, list[Row]]:
    """Rows by part, written to `output` as PART.jsonl beside catalogue.toml, which knows only the labels of `train`."""
    read = {part: list(read_seq_folder(folder / part, "en")) for part in PARTS}
    labels: dict[str, set[str]] = {}
    for span in (span for part in PARTS for row in read[part] for span in row.slots):
        labels.setdefault(_slot_name(span.slot), set()).add(span.slot)
    if alike := [found for found in labels.values() if len(found) > 1]:
        raise ValueError(f"{folder}: labels that a catalogue cannot tell apart: {', '.join(sorted(alike[0]))}")
    rows = {part: [_named(row, name) for row in read[part]] for part in PARTS}
    for part in PARTS:
        write_rows(output / f"{part}.jsonl", rows[part])
    slots = sorted({span.slot for row in rows["train"] for span in row.slots})
    intents = sorted({row.intent for row in rows["train"] if row.intent is not None})
    kinds = [f'{slot} = {{ kind = "{"place" if _PLACE.fullmatch(slot) else "text"}" }}' for slot in slots]
    catalogue = [f'name = "{name}"', "bare_edges = false", f"intents = {json.dumps(intents)}", "[slots]", *kinds, ""]
    (output / "catalogue.toml").write_text("\n".join(catalogue), encoding="utf-8")
    return rows


def _slot_name(label: str) -> str:
    """As a catalogue has them: `fromloc.city_name` is fromloc_city_name, `timeRange` timerange."""
    return label.replace(".", "_").lower()


def _named(row: Row, source: str) -> Row:
    slots = tuple(Span(_slot_name(span.slot), span.start, span.end) for span in row.slots)
    return replace(row, slots=slots, extra=row.extra | {"source": source})


def train_and_judge(config: Config, config_path: Path, test: Sequence[Row], *, quiet: bool = False) -> Trained:
    """One training, measured on the bundle that it wrote."""
    started = time.process_time()
    path = train(config, config_path, quiet=quiet)
    minutes = (time.process_time() - started) / 60
    bundle = load_bundle(path, "cpu")
    parses = Parser(bundle, torch.device("cpu")).parse_requests([request_of(row) for row in test])
    scores = score(test, [map(span_of, parse.slots) for parse in parses], bundle.catalogue)
    intents = [parse.intent.name if parse.intent else None for parse in parses]
    known = sum(row.intent == intent for row, intent in zip(test, intents, strict=True))
    return Trained(
        seed=config.seed,
        parameters=sum(weights.numel() for weights in bundle.tagger.parameters()),
        cpu_minutes=minutes,
        dev_f1=100 * bundle.manifest.scores["dev_f1"],
        f1=100 * scores.f1,
        precision=100 * scores.spans.precision,
        recall=100 * scores.spans.recall,
        role_accuracy=_percent(scores.role_accuracy),
        intent_accuracy=_percent(share(known, len(test))) if bundle.catalogue.intents else None,
    )


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def spreads(trainings: Sequence[Trained]) -> dict[str, Spread]:
    """Mean and deviation of each figure that there is."""
    each = {figure: [getattr(trained, figure) for trained in trainings] for figure in _FIGURES}
    return {figure: Spread.of(values) for figure, values in each.items() if None not in values}


def benchmark_table(benchmark: Benchmark) -> Table:
    rows = ", ".join(f"{part} {benchmark.rows[part]:,}" for part in PARTS)
    table = Table("run", "seeds", *_FIGURES.values(), "parameters", title=f"{benchmark.name}: rows of {rows}")
    for run, trainings in benchmark.runs.items():
        found = spreads(trainings)
        figures = [str(found.get(figure, "-")) for figure in _FIGURES]
        table.add_row(Text(run), str(len(trainings)), *figures, f"{trainings[0].parameters:,}")
    return table


def benchmark_to_json(benchmark: Benchmark) -> dict[str, Any]:
    return {
        "benchmark": benchmark.name,
        "rows": benchmark.rows,
        "runs": {
            run: {
                "mean": {figure: spread.mean for figure, spread in found.items()},
                "deviation": {figure: spread.deviation for figure, spread in found.items()},
                "trainings": [asdict(trained) for trained in trainings],
            }
            for run, trainings in benchmark.runs.items()
            for found in (spreads(trainings),)
        },
    }
