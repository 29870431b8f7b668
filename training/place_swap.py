"""How much of the score hangs on the names of places: the same rows with other places, place F1 before and after.

A model that reads the words around a place loses nothing when the name changes; one that learned names by heart does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from data.catalogue import Catalogue
from data.gazetteer import rare_places
from data.names import name_leaves
from data.rows import Row, renamed
from data.tags import Span
from model.parser import Parser, Slot
from training.evaluate import Answer, Evaluation, predict, score_answers, span_of
from training.metrics import Scores, counts_to_json, score

Change = Callable[[Row, Catalogue, Random], Row | None]  # None: the row has nothing to change


@dataclass(frozen=True, slots=True)
class Swap:
    """Figures of the same rows before and after their places were changed."""

    before: Scores
    after: Scores

    @property
    def drop(self) -> float:
        """Points of place F1 lost."""
        return 100 * (self.before.places.f1 - self.after.places.f1)


@dataclass(frozen=True, slots=True)
class PlaceSwaps:
    """By the name of the change, for those that changed any row; `files` by file before that."""

    files: dict[str, dict[str, Swap]]
    overall: dict[str, Swap]


def swap_places(parser: Parser, evaluation: Evaluation, *, seed: int = 0, progress: bool = False) -> PlaceSwaps:
    """Each change over all rows of an evaluation that it can change; the answers before are those of the evaluation."""
    files: dict[str, dict[str, Swap]] = {name: {} for name in evaluation.files}
    overall: dict[str, Swap] = {}
    for name, change in CHANGES.items():
        before: list[Answer] = []
        rows: list[Row] = []
        for answer in evaluation.answers:
            # Seeded by the row, so that a file gives the same figures alone and among others.
            rng = Random(f"{seed} {name} {answer.row.id} {answer.row.text}")
            if (row := change(answer.row, parser.catalogue, rng)) is not None:
                before.append(answer)
                rows.append(row)
        after = predict(parser, rows, f"places {name}", progress=progress)
        changed = list(zip(before, rows, after, strict=True))
        if changed:
            overall[name] = _swap(changed, parser.catalogue)
        for file, swaps in files.items():
            if of_file := [item for item in changed if item[0].file == file]:
                swaps[name] = _swap(of_file, parser.catalogue)
    return PlaceSwaps(files, overall)


def swaps_to_json(swaps: PlaceSwaps) -> dict[str, Any]:
    return {
        "files": {file: {name: _swap_to_json(swap) for name, swap in by.items()} for file, by in swaps.files.items()},
        "overall": {name: _swap_to_json(swap) for name, swap in swaps.overall.items()},
    }


def exchanged(row: Row, _catalogue: Catalogue, _rng: Random) -> Row | None:
    """First origin and first destination trade names, then the second ones, and so on: roles stay where they are."""
    origins = [span for span in row.slots if span.slot == "origin" and row.looks_for(span.slot)]
    destinations = [span for span in row.slots if span.slot == "destination" and row.looks_for(span.slot)]
    names: dict[Span, str] = {}
    for origin, destination in zip(origins, destinations, strict=False):
        names[origin], names[destination] = _said(row, destination), _said(row, origin)
    return renamed(row, names) if names else None


def made_rare(row: Row, catalogue: Catalogue, rng: Random) -> Row | None:
    """Every place becomes one that the sentence generator never says."""
    return _replaced(row, catalogue, lambda: rng.choice(_rare_places(_names_of(row))))


def made_up(row: Row, catalogue: Catalogue, rng: Random) -> Row | None:
    """Every place becomes a name that nobody bears."""
    leaf = name_leaves(_names_of(row))["made_up"]
    return _replaced(row, catalogue, lambda: leaf(rng))


CHANGES: Mapping[str, Change] = {"exchanged": exchanged, "rare": made_rare, "made_up": made_up}


def _replaced(row: Row, catalogue: Catalogue, draw: Callable[[], str]) -> Row | None:
    """Other names for all places of the row: the same for the same, different ones for different ones."""
    kinds = catalogue.of_kind("place")
    places = [span for span in row.slots if span.slot in kinds and row.looks_for(span.slot)]
    drawn: dict[str, str] = {}
    for span in places:
        if (said := _said(row, span).casefold()) not in drawn:
            while (name := draw()) in drawn.values():
                pass
            drawn[said] = name
    names = {span: _in_the_style_of(row, span, drawn[_said(row, span).casefold()]) for span in places}
    return renamed(row, names) if names else None


def _in_the_style_of(row: Row, span: Span, name: str) -> str:
    """Small letters for small letters; capitals only where all of the text is (JFK alone is no shouting)."""
    if _said(row, span).islower():
        return name.lower()
    return name.upper() if row.text.isupper() else name


def _said(row: Row, span: Span) -> str:
    return row.text[span.start : span.end]


def _names_of(row: Row) -> str:
    """The language whose names stand for a row's: those of the world in Latin letters for all but Chinese."""
    return "zh" if row.lang == "zh" else "en"


_rare_places = cache(rare_places)


def _swap(changed: Sequence[tuple[Answer, Row, tuple[Slot, ...]]], catalogue: Catalogue) -> Swap:
    """From (answer before, changed row, slots found in it)."""
    return Swap(
        score_answers([answer for answer, _, _ in changed], catalogue),
        score([row for _, row, _ in changed], [map(span_of, slots) for _, _, slots in changed], catalogue),
    )


def _swap_to_json(swap: Swap) -> dict[str, Any]:
    return {
        "rows": swap.before.rows,
        "before": counts_to_json(swap.before.places) | {"role_accuracy": swap.before.role_accuracy},
        "after": counts_to_json(swap.after.places) | {"role_accuracy": swap.after.role_accuracy},
        "drop": swap.drop,
    }
