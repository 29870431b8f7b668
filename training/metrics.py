"""Rows and predicted spans to figures: strict F1, frames, roles, confusion, false positives, reliability."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from data.catalogue import Catalogue
from data.rows import Row
from data.tags import Span

MISSED = "missed"  # where confusion has no predicted slot
SPURIOUS = "spurious"  # where it has no gold slot


@dataclass(frozen=True, slots=True)
class Counts:
    """Spans predicted, spans in the gold, and how many of them are the same in slot, start and end."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """0 where there is nothing to find, as seqeval has it."""
        return 2 * self.right / (self.predicted + self.gold) if self.right else 0.0


@dataclass(frozen=True, slots=True)
class Negatives:
    """Rows that hold no slot, and in how many of them one was found: any, or a place or a time."""

    rows: int = 0
    any_slot: int = 0
    place_or_time: int = 0


@dataclass(frozen=True, slots=True)
class Scores:
    """What a set of rows says about a model. All of it keeps to `labelled`: see `scored`."""

    rows: int
    frames_right: int  # rows with all spans right and none too many
    spans: Counts
    slots: dict[str, Counts]  # in the order of the catalogue
    places: Counts  # slots of kind place alone
    places_found: int  # gold places whose start and end were found as a place, in whatever role
    negatives: Negatives
    kinds: dict[str, Negatives]  # negatives by the rows' `kind`: ood_easy, ood_hard
    confusion: dict[tuple[str, str], int]  # (gold slot or SPURIOUS, predicted slot or MISSED) -> spans

    @property
    def f1(self) -> float:
        return self.spans.f1

    @property
    def frame_accuracy(self) -> float | None:
        return share(self.frames_right, self.rows)

    @property
    def role_accuracy(self) -> float | None:
        """Of the places found, the share in the right role."""
        return share(self.places.right, self.places_found)


@dataclass(frozen=True, slots=True)
class Bin:
    """Spans said with about the same confidence."""

    count: int
    confidence: float  # mean
    accuracy: float  # share with the right slot, start and end


@dataclass(frozen=True, slots=True)
class Reliability:
    """Expected calibration error, and the bins that hold any span."""

    error: float
    bins: tuple[Bin, ...]


def share(part: int, whole: int) -> float | None:
    """None where there is nothing to have a share of: that is not the same as 0."""
    return part / whole if whole else None


def scored(row: Row, spans: Iterable[Span]) -> set[Span]:
    """The spans that count. What a row's source never labels is unknown: neither right nor wrong."""
    return {span for span in spans if row.looks_for(span.slot)}


def score(rows: Sequence[Row], predictions: Sequence[Iterable[Span]], catalogue: Catalogue) -> Scores:
    """Figures of predictions, one a row in the same order. Strict: a span is right when slot, start and end are."""
    places, timed = set(catalogue.of_kind("place")), set(catalogue.of_kind("place", "time"))
    right: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    gold: Counter[str] = Counter()
    confusion: Counter[tuple[str, str]] = Counter()
    negatives: list[tuple[str | None, bool, bool]] = []  # kind, any slot, place or time
    frames_right = places_found = 0
    for row, spans in zip(rows, predictions, strict=True):
        truth, answer = scored(row, row.slots), scored(row, spans)
        gold.update(span.slot for span in truth)
        predicted.update(span.slot for span in answer)
        right.update(span.slot for span in truth & answer)
        frames_right += truth == answer
        places_found += len(_edges(truth, places) & _edges(answer, places))
        confusion.update(_confused(truth, answer))
        if not row.slots:
            found = {span.slot for span in answer}
            negatives.append((row.extra.get("kind"), bool(found), bool(found & timed)))
    known = dict.fromkeys([*catalogue.slot_names, *sorted(gold), *sorted(predicted)])
    slots = {slot: Counts(right[slot], predicted[slot], gold[slot]) for slot in known if gold[slot] or predicted[slot]}
    kinds = sorted({kind for kind, _, _ in negatives if isinstance(kind, str)})
    return Scores(
        rows=len(rows),
        frames_right=frames_right,
        spans=_total(slots.values()),
        slots=slots,
        places=_total(counts for slot, counts in slots.items() if slot in places),
        places_found=places_found,
        negatives=_negatives(negatives),
        kinds={kind: _negatives(item for item in negatives if item[0] == kind) for kind in kinds},
        confusion=dict(sorted(confusion.items())),
    )


def reliability(said: Iterable[tuple[float, bool]], bins: int = 15) -> Reliability:
    """(confidence, was it right) of each predicted span to the expected calibration error over equal bins."""
    filled: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in said:
        filled.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    result = []
    for _, items in sorted(filled.items()):
        confidences, rights = zip(*items, strict=True)
        result.append(Bin(len(items), sum(confidences) / len(items), sum(rights) / len(items)))
    total = sum(item.count for item in result)
    error = sum(item.count * abs(item.accuracy - item.confidence) for item in result) / total if total else 0.0
    return Reliability(error, tuple(result))


def scores_to_json(scores: Scores) -> dict[str, Any]:
    """Figures as plain values. Shares of nothing, and the F1 of rows without spans, are null."""
    return {
        "rows": scores.rows,
        **counts_to_json(scores.spans),
        "frame_accuracy": scores.frame_accuracy,
        "places": counts_to_json(scores.places),
        "role_accuracy": scores.role_accuracy,
        "negatives": negatives_to_json(scores.negatives),
        "kinds": {kind: negatives_to_json(negatives) for kind, negatives in scores.kinds.items()},
        "slots": {slot: counts_to_json(counts) for slot, counts in scores.slots.items()},
        "confusion": [
            {"gold": gold, "predicted": predicted, "spans": spans}
            for (gold, predicted), spans in scores.confusion.items()
        ],
    }


def counts_to_json(counts: Counts) -> dict[str, Any]:
    return {
        "spans": counts.gold,
        "predicted": counts.predicted,
        "right": counts.right,
        "precision": counts.precision if counts.predicted else None,
        "recall": counts.recall if counts.gold else None,
        "f1": counts.f1 if counts.gold else None,
    }


def negatives_to_json(negatives: Negatives) -> dict[str, Any]:
    return {
        "rows": negatives.rows,
        "any_slot": share(negatives.any_slot, negatives.rows),
        "place_or_time": share(negatives.place_or_time, negatives.rows),
    }


def _total(parts: Iterable[Counts]) -> Counts:
    parts = list(parts)
    return Counts(
        sum(counts.right for counts in parts),
        sum(counts.predicted for counts in parts),
        sum(counts.gold for counts in parts),
    )


def _negatives(items: Iterable[tuple[str | None, bool, bool]]) -> Negatives:
    items = list(items)
    return Negatives(len(items), sum(any_slot for _, any_slot, _ in items), sum(timed for _, _, timed in items))


def _edges(spans: set[Span], slots: set[str]) -> set[tuple[int, int]]:
    return {(span.start, span.end) for span in spans if span.slot in slots}


def _confused(truth: set[Span], answer: set[Span]) -> Iterable[tuple[str, str]]:
    """Gold slots beside predicted ones: spans are paired by how much they overlap, each at most once."""
    overlaps = [
        (min(one.end, other.end) - max(one.start, other.start), one, other)
        for one in truth
        for other in answer
        if one.start < other.end and other.start < one.end
    ]
    pairs: dict[Span, Span] = {}
    taken: set[Span] = set()
    for _, one, other in sorted(overlaps, key=lambda item: (-item[0], item[1].start, item[2].start)):
        if one not in pairs and other not in taken:
            pairs[one] = other
            taken.add(other)
    return chain(
        ((one.slot, pairs[one].slot if one in pairs else MISSED) for one in truth),
        ((SPURIOUS, other.slot) for other in answer - taken),
    )
