"""Corrections to a bundle that serves: validate, train, judge, register, promote.

Each step leaves its result in the folder of the run and is not done again where that stands, so a run that was killed
goes on when it is started again. Whatever fails, the current bundle is still the current one.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from data.files import locked, whole_file
from data.rows import Row, read_rows, row_to_json, write_rows
from data.validation import Finding, validate
from model.bundle import load_bundle
from model.parser import Parser
from model.registry.registry import REPORT, open_registry
from model.request import request_of
from training.behaviour import check_behaviours, failed_behaviours, read_behaviours, tests_of
from training.config import Config, ConfigError, RetrainConfig, catalogue_of, expand
from training.evaluate import evaluate, read_files
from training.gate import Cost, judge, reason
from training.loop import train
from training.report import write_report
from training.versus import versus, versus_to_json

_TIMED_ROWS = 512
_TIMED_BATCH = 64
_TIMINGS = 3
_SHOWN = 10  # findings in an error; the file has all


class RetrainError(ValueError):
    """Why a retraining cannot go on; the current bundle serves on."""


@dataclass(frozen=True)
class Outcome:
    """What became of a candidate: promoted in the place of `before`, or refused for a reason.

    `is_new` unless an earlier run of the same has told so already.
    """

    version: str
    before: str | None
    refused: str | None
    report: str
    is_new: bool = True


def retrain(
    config: Config,
    config_path: Path,
    corrections: Sequence[Row],
    tell: Callable[[str], object] = lambda step: None,
    *,
    quiet: bool = False,
) -> Outcome:
    """One run, from the accepted `corrections` to the registry; `tell` hears of each step.

    The same config, rows and corrections are the same run: it goes on where it was ended, and once it has come to its
    end there is nothing to be done again. Raises RetrainError where another one is under way or the rows contradict
    each other, ConfigError, OSError.
    """
    if config.retrain is None:
        raise ConfigError(f"{config_path}: there is no [retrain] in it")
    work = config_path.parent / config.retrain.work
    work.mkdir(parents=True, exist_ok=True)
    with locked(work / ".lock", RetrainError(f"another retraining is under way in {work}")):
        return _Run(config, config.retrain, config_path, corrections, work).finish(tell, quiet)


class _Run:
    def __init__(
        self, config: Config, settings: RetrainConfig, config_path: Path, corrections: Sequence[Row], work: Path
    ) -> None:
        self.config, self.settings, self.config_path = config, settings, config_path
        self.corrections = corrections
        self.catalogue = catalogue_of(config, config_path)
        self.registry = open_registry(settings.registry, config_path.parent)
        self.current = self.registry.current  # what the candidate is judged beside
        self.files = expand(config_path, config.data.rows + config.data.dev)
        self.judging = expand(config_path, settings.evaluate)
        tests = config_path.parent / settings.tests if settings.tests else tests_of(self.catalogue)
        # A domain of one's own may have none; whoever names a file means it.
        has_tests = settings.tests or tests.is_file()
        self.behaviours = read_behaviours(tests, self.catalogue) if has_tests else ()
        self.folder = work / self._key()
        self.candidate = self.folder / "candidate.pt"

    def _key(self) -> str:
        """Of all that there is to learn from, and how."""
        digest = hashlib.blake2b(f"{self.config.model_dump_json()} {self.behaviours}".encode(), digest_size=8)
        for row in self.corrections:
            digest.update(orjson.dumps(row_to_json(row)))
        for path in (*self.files, *self.judging):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def finish(self, tell: Callable[[str], object], quiet: bool) -> Outcome:
        self.folder.mkdir(exist_ok=True)
        ended = self.folder / "outcome.json"
        if ended.is_file():
            tell("nothing new to learn from")
            return Outcome(**json.loads(ended.read_bytes()) | {"is_new": False})
        if not self.candidate.is_file():
            tell(f"validate: {len(self.corrections)} corrections")
            self._validate()
            tell("train")
            self._train(quiet)
        manifest = load_bundle(self.candidate, "cpu").manifest
        verdict = self._verdict()
        if verdict is None or self.current not in (verdict["before"], manifest.version):
            tell("judge")
            verdict = self._judge(quiet)
        before, refused = verdict["before"], verdict["refused"]
        tell(f"register {manifest.version}")
        fields = manifest.model_dump(mode="json")
        self.registry.add(self.candidate, fields, report=self.folder / "index.html", refused=refused)
        if refused is None and self.current != manifest.version:
            tell(f"promote {manifest.version}")
            self.registry.promote(manifest.version)
        report = self.registry.file(manifest.version, REPORT)
        outcome = Outcome(manifest.version, before, refused, str(report))
        with whole_file(ended) as file:
            file.write(orjson.dumps(outcome))
        return outcome

    def _validate(self) -> None:
        """Rows that cannot be trained on, and corrections that contradict other rows, end the run."""
        name = "corrections"
        rows = {name: self.corrections} | {str(path): read_rows(path) for path in self.files}
        findings = [finding for finding in validate(rows, self.catalogue) if _is_grave(finding, name)]
        if findings:
            shown = "\n".join(f"  {one.kind}: {one.detail} ({', '.join(one.ids)})" for one in findings[:_SHOWN])
            path = self.folder / "conflicts.json"
            with whole_file(path) as file:
                file.write(orjson.dumps(findings, option=orjson.OPT_INDENT_2))
            raise RetrainError(f"{len(findings)} findings among the rows, all of them in {path}:\n{shown}")

    def _train(self, quiet: bool) -> None:
        base = self.config_path.parent
        path = self.folder / "corrections.jsonl"
        write_rows(path, self.corrections)
        rows = self.config.data.rows
        changes: dict[str, Any] = {"output": os.path.relpath(self.candidate, base)}
        if self.corrections:
            changes["data"] = {"rows": (*rows, *[os.path.relpath(path, base)] * self.settings.weight)}
        if self.settings.warm and self.current is not None:
            changes["training"] = {"start": os.path.relpath(self.registry.file(self.current), base)}
        is_begun = self.candidate.with_suffix(".checkpoint").is_file()
        train(self.config.changed(changes), self.config_path, resume=is_begun, quiet=quiet)

    def _verdict(self) -> dict[str, Any] | None:
        """Of an earlier start of this run."""
        path = self.folder / "verdict.json"
        return dict(json.loads(path.read_bytes())) if path.is_file() else None

    def _judge(self, quiet: bool) -> dict[str, Any]:
        """Beside the current bundle; leaves the verdict and the report."""
        rows = read_files(self.judging)
        paths = [self.candidate, *([self.registry.file(self.current)] if self.current is not None else [])]
        parsers = [Parser.load(path, "cpu") for path in paths]
        evaluation, *of_current = [evaluate(parser, rows, progress=not quiet) for parser in parsers]
        compared = versus(of_current[0], evaluation) if of_current else None
        failed = failed_behaviours(check_behaviours(parsers[0], self.behaviours))
        costs = _costs(parsers, paths, [row for group in rows.values() for row in group])
        rules = judge(self.settings.gate, evaluation, failed, compared, *costs)
        write_report(self.folder, evaluation, versus=compared, rules=rules)
        verdict = {
            "before": self.current,
            "refused": reason(rules),
            "rules": [rule._asdict() for rule in rules],
            "versus": versus_to_json(compared) if compared is not None else None,
        }
        with whole_file(self.folder / "verdict.json") as file:
            file.write(orjson.dumps(verdict, option=orjson.OPT_INDENT_2))
        return verdict


def _is_grave(finding: Finding, corrections: str) -> bool:
    of_corrections = finding.file == corrections or any(one.startswith(f"{corrections}:") for one in finding.ids)
    return finding.severity == "error" or (finding.kind == "label conflict" and of_corrections)


def _costs(parsers: Sequence[Parser], paths: Sequence[Path], rows: Sequence[Row]) -> list[Cost]:
    """Of each parser in turn, so that what else the machine does counts for all alike."""
    requests = [request_of(row) for row in rows[:_TIMED_ROWS]]
    times: list[list[float]] = [[] for _ in parsers]
    for _ in range(_TIMINGS):
        for parser, of_parser in zip(parsers, times, strict=True):
            started = time.process_time()
            for at in range(0, len(requests), _TIMED_BATCH):
                parser.parse_requests(requests[at : at + _TIMED_BATCH])
            of_parser.append(1000 * (time.process_time() - started) / len(requests))
    return [Cost(path.stat().st_size / 1e6, median(of)) for path, of in zip(paths, times, strict=True)]
