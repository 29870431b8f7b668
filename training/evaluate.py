"""Rows through the parser of a saved bundle to figures: per file, over all, and the mistakes that teach most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from tqdm import tqdm

from data.catalogue import Catalogue
from data.rows import Row, read_rows
from data.tags import Span
from data.text import TextError, check_text
from model.bundle import Manifest
from model.parser import Parser, Slot
from model.request import request_of
from training.metrics import Reliability, Scores, reliability, score, scored, scores_to_json

BATCH = 256  # rows a call of the parser


class EvaluationError(ValueError):
    """Nothing to evaluate, or a row that no parser takes: which, and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A row, the file it is from, and the slots found in it. What its source never labels is in neither."""

    file: str
    row: Row
    gold: tuple[Span, ...]
    slots: tuple[Slot, ...]

    @property
    def missed(self) -> list[Span]:
        found = {span_of(slot) for slot in self.slots}
        return [span for span in self.gold if span not in found]

    @property
    def wrong(self) -> list[Slot]:
        return [slot for slot in self.slots if span_of(slot) not in self.gold]


@dataclass(frozen=True)
class Evaluation:
    """All that was found out about a bundle; `answers` hold every row in order of the files."""

    manifest: Manifest
    catalogue: Catalogue
    files: dict[str, Scores]
    overall: Scores
    reliability: Reliability
    answers: tuple[Answer, ...]


def read_files(paths: Sequence[Path]) -> dict[str, list[Row]]:
    """Rows by file. A folder stands for its *.jsonl; a file goes by its stem, or by its path where stems repeat."""
    files: dict[Path, None] = {}
    for path in paths:
        found = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not found:
            raise EvaluationError(f"{path} holds no *.jsonl")
        files |= dict.fromkeys(found)
    stems = [file.stem for file in files]
    rows = {file.stem if stems.count(file.stem) == 1 else str(file): read_rows(file) for file in files}
    if not any(rows.values()):
        raise EvaluationError(f"no rows in {', '.join(map(str, files))}")
    return rows


def evaluate(parser: Parser, rows_by_name: Mapping[str, Sequence[Row]], *, progress: bool = False) -> Evaluation:
    """Parse every row as a service would, and score."""
    rows = [row for rows in rows_by_name.values() for row in rows]
    names = [name for name, rows in rows_by_name.items() for _ in rows]
    answers = tuple(
        Answer(
            name,
            row,
            tuple(sorted(scored(row, row.slots), key=lambda span: span.start)),
            tuple(slot for slot in slots if row.looks_for(slot.slot)),
        )
        for name, row, slots in zip(names, rows, predict(parser, rows, "evaluate", progress=progress), strict=True)
    )
    return grade(parser.manifest, parser.catalogue, answers, tuple(rows_by_name))


def grade(manifest: Manifest, catalogue: Catalogue, answers: tuple[Answer, ...], files: Sequence[str]) -> Evaluation:
    """The figures of answers; `files` are the names of all files, also of those without a row."""
    by_name: dict[str, list[Answer]] = {name: [] for name in files}
    for answer in answers:
        by_name[answer.file].append(answer)
    return Evaluation(
        manifest=manifest,
        catalogue=catalogue,
        files={name: score_answers(group, catalogue) for name, group in by_name.items()},
        overall=score_answers(answers, catalogue),
        reliability=reliability(
            (slot.confidence, span_of(slot) in answer.gold) for answer in answers for slot in answer.slots
        ),
        answers=answers,
    )


def predict(parser: Parser, rows: Sequence[Row], title: str, *, progress: bool = False) -> list[tuple[Slot, ...]]:
    """Slots of each row, in order."""
    for row in rows:
        try:
            check_text(row.text)
        except TextError as error:
            raise EvaluationError(f"row {row.id!r}: {error}") from None
    found: list[tuple[Slot, ...]] = []
    # disable=None shows the bar on a terminal only
    with tqdm(total=len(rows), desc=title, unit=" rows", disable=None if progress else True) as bar:
        for at in range(0, len(rows), BATCH):
            batch = rows[at : at + BATCH]
            parses = parser.parse_requests([request_of(row) for row in batch])
            found.extend(parse.slots for parse in parses)
            bar.update(len(batch))
    return found


def span_of(slot: Slot) -> Span:
    return Span(slot.slot, slot.start, slot.end)


def score_answers(answers: Sequence[Answer], catalogue: Catalogue) -> Scores:
    return score(
        [answer.row for answer in answers], [[span_of(slot) for slot in answer.slots] for answer in answers], catalogue
    )


def most_wrong(answers: Iterable[Answer], limit: int = 10) -> list[Answer]:
    """Rows with the most spans missed or wrong."""
    mistaken = [answer for answer in answers if answer.missed or answer.wrong]
    return sorted(mistaken, key=lambda answer: -len(answer.missed) - len(answer.wrong))[:limit]


def surest_wrong(answers: Iterable[Answer], limit: int = 10) -> list[Answer]:
    """Rows with a wrong span that was said with the most confidence."""
    mistaken = [answer for answer in answers if answer.wrong]
    return sorted(mistaken, key=lambda answer: -max(slot.confidence for slot in answer.wrong))[:limit]


def means(files: Iterable[Scores]) -> dict[str, float | None]:
    """Each file counts the same: figures of spans over files that hold spans, the others over those with negatives."""
    records = [scores_to_json(scores) for scores in files]
    spans = [record for record in records if record["spans"]]
    negatives = [record["negatives"] for record in records if record["negatives"]["rows"]]
    return {
        "precision": _mean(record["precision"] for record in spans),
        "recall": _mean(record["recall"] for record in spans),
        "f1": _mean(record["f1"] for record in spans),
        "frame_accuracy": _mean(record["frame_accuracy"] for record in spans),
        "place_f1": _mean(record["places"]["f1"] for record in spans),
        "role_accuracy": _mean(record["role_accuracy"] for record in spans),
        "negatives_any_slot": _mean(record["any_slot"] for record in negatives),
        "negatives_place_or_time": _mean(record["place_or_time"] for record in negatives),
    }


def evaluation_to_json(evaluation: Evaluation) -> dict[str, Any]:
    """All figures and the worst mistakes as plain values."""
    return {
        "bundle": {"name": evaluation.manifest.name, "version": evaluation.manifest.version},
        "files": {name: scores_to_json(scores) for name, scores in evaluation.files.items()},
        "mean": means(evaluation.files.values()),
        "overall": scores_to_json(evaluation.overall),
        "calibration": {
            "expected_error": evaluation.reliability.error,
            "bins": [
                {"spans": item.count, "confidence": item.confidence, "accuracy": item.accuracy}
                for item in evaluation.reliability.bins
            ],
        },
        "most_wrong": [_answer_to_json(answer) for answer in most_wrong(evaluation.answers)],
        "surest_wrong": [_answer_to_json(answer) for answer in surest_wrong(evaluation.answers)],
    }


def _answer_to_json(answer: Answer) -> dict[str, Any]:
    return {
        "file": answer.file,
        "id": answer.row.id,
        "text": answer.row.text,
        "gold": [span._asdict() for span in answer.gold],
        "predicted": [span_of(slot)._asdict() | {"confidence": slot.confidence} for slot in answer.slots],
    }


def _mean(values: Iterable[float | None]) -> float | None:
    """Over what there is: a precision of nothing said, or the places of a file without any, is left out."""
    present = [value for value in values if value is not None]
    return fmean(present) if present else None
