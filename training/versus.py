"""Two bundles on the same rows: what one gained and lost against the other, and how sure that is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from data.tokens import tokenize
from model.spans import Array
from training.evaluate import Answer, Evaluation, score_answers, span_of
from training.metrics import Scores, share

RESAMPLES = 2_000
_LENGTHS = ((5, "1 to 5 tokens"), (10, "6 to 10"), (20, "11 to 20"))
_LONGER = "21 and more"


class Bootstrap(NamedTuple):
    """A difference of F1 (1 is all), the middle 95 % of it over resampled rows, and a one-sided p-value: the share of
    resamples in which the difference is none, or has the other sign. Koehn, "Statistical significance tests for
    machine translation evaluation" (EMNLP 2004).
    """

    difference: float
    low: float
    high: float
    p_value: float


class Pair(NamedTuple):
    """What the two made of one row."""

    before: Answer
    after: Answer


@dataclass(frozen=True)
class Versus:
    """`after` against `before`; `fixed` are rows that became wholly right, `broken` those that no longer are."""

    before: Evaluation
    after: Evaluation
    f1: Bootstrap
    fixed: tuple[Pair, ...]
    broken: tuple[Pair, ...]

    def slices(self) -> Iterator[tuple[str, Scores, Scores]]:
        """Scores of both in each language, and in texts of like length: those there are."""
        kinds: tuple[Callable[[Answer], str], ...] = (lambda answer: answer.row.lang, _length)
        for kind in kinds:
            pairs: dict[str, list[Pair]] = {}
            for pair in map(Pair, self.before.answers, self.after.answers):
                pairs.setdefault(kind(pair.after), []).append(pair)
            for name, group in sorted(pairs.items(), key=lambda item: _place(item[0])):
                befores, afters = zip(*group, strict=True)
                catalogue = self.after.catalogue
                yield name, score_answers(befores, catalogue), score_answers(afters, catalogue)


def versus(before: Evaluation, after: Evaluation) -> Versus:
    """Both evaluations must be of the same rows, in the same order; ValueError otherwise."""
    if [answer.row for answer in before.answers] != [answer.row for answer in after.answers]:
        raise ValueError("the two evaluations are not of the same rows")
    pairs = list(map(Pair, before.answers, after.answers))
    return Versus(
        before,
        after,
        bootstrap(before.answers, after.answers),
        fixed=tuple(pair for pair in pairs if _is_right(pair.after) and not _is_right(pair.before)),
        broken=tuple(pair for pair in pairs if _is_right(pair.before) and not _is_right(pair.after)),
    )


def bootstrap(before: Sequence[Answer], after: Sequence[Answer], resamples: int = RESAMPLES) -> Bootstrap:
    """Of strict span F1 over all rows; the same answers give the same figures."""
    counts = np.array([[_counts(answer) for answer in answers] for answers in (before, after)])  # (2, rows, 3)
    observed = _f1(counts.sum(axis=1))
    random = np.random.default_rng(0)
    rows = counts.shape[1]
    differences = np.empty(resamples)
    for number in range(resamples):
        old, new = _f1(counts[:, random.integers(0, rows, rows)].sum(axis=1))
        differences[number] = new - old
    difference = float(observed[1] - observed[0])
    low, high = (float(edge) for edge in np.quantile(differences, (0.025, 0.975)))
    other_side = differences <= 0 if difference > 0 else differences >= 0
    return Bootstrap(difference, low, high, float(other_side.mean()))


def versus_to_json(compared: Versus) -> dict[str, Any]:
    """F1 of both, overall and by slot, file and slice, and the ids of rows that changed sides."""
    before, after = compared.before, compared.after
    return {
        "before": before.manifest.version,
        "after": after.manifest.version,
        "f1": {"before": before.overall.f1, "after": after.overall.f1} | compared.f1._asdict(),
        "slots": {slot: {"before": old, "after": new} for slot, old, new, _ in slot_f1(compared)},
        "files": _f1_of_both(before.files, after.files),
        "slices": {name: {"before": old.f1, "after": new.f1} for name, old, new in compared.slices()},
        "fixed": [pair.after.row.id for pair in compared.fixed],
        "broken": [pair.after.row.id for pair in compared.broken],
    }


def slot_f1(compared: Versus) -> Iterator[tuple[str, float, float, int]]:
    """(slot, F1 before, F1 after, spans in the rows) of the slots that the rows hold."""
    before, after = compared.before.overall.slots, compared.after.overall.slots
    for slot, counts in after.items():
        if counts.gold:
            yield slot, before[slot].f1, counts.f1, counts.gold


def false_positives(scores: Scores) -> float | None:
    """Of the rows without a slot, the share in which one was found."""
    return share(scores.negatives.any_slot, scores.negatives.rows)


def _f1_of_both(before: Mapping[str, Scores], after: Mapping[str, Scores]) -> dict[str, dict[str, float]]:
    return {name: {"before": before[name].f1, "after": scores.f1} for name, scores in after.items()}


def _f1(counts: Array) -> Array:
    """(..., right, predicted, gold) to F1; 0 where there is nothing."""
    f1: Array = 2 * counts[..., 0] / np.maximum(1, counts[..., 1] + counts[..., 2])
    return f1


def _counts(answer: Answer) -> tuple[int, int, int]:
    return len(answer.gold) - len(answer.missed), len({span_of(slot) for slot in answer.slots}), len(answer.gold)


def _is_right(answer: Answer) -> bool:
    return not answer.missed and not answer.wrong


def _length(answer: Answer) -> str:
    tokens = len(tokenize(answer.row.text))
    return next((name for most, name in _LENGTHS if tokens <= most), _LONGER)


def _place(name: str) -> tuple[int, str]:
    names = [*(name for _, name in _LENGTHS), _LONGER]
    return (names.index(name) if name in names else -1), name
