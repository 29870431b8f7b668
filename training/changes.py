"""How a bundle holds when the same rows are said otherwise: with other places, or in another style.

A model that reads the words around a place loses nothing when the name changes; one that learned names by heart does.
The same goes for capitals, marks and figures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

from data.catalogue import Catalogue
from data.gazetteer import rare_places
from data.han import is_traditional, to_simplified, to_traditional
from data.names import name_leaves
from data.noise import Noise, filler, lower, number_words, spoken, strip_punctuation, title, typo, upper
from data.rows import Row, renamed
from data.tags import Span
from data.text import MAX_CHARACTERS
from model.parser import Parser, Slot
from training.evaluate import Answer, Evaluation, predict, score_answers, span_of
from training.metrics import Counts, Scores, counts_to_json, score

Rewrite = Callable[[Row, Catalogue, Random], Row | None]  # None: the row has nothing to change


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a row, and the spans whose F1 tells how a bundle holds."""

    rewrite: Rewrite
    counts: Callable[[Scores], Counts]


@dataclass(frozen=True, slots=True)
class Figures:
    counts: Counts
    role_accuracy: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of the same rows before and after a change."""

    rows: int
    before: Figures
    after: Figures

    @property
    def drop(self) -> float:
        """Points of F1 lost; 0 where there is nothing to find."""
        return 100 * (self.before.counts.f1 - self.after.counts.f1)


@dataclass(frozen=True, slots=True)
class Comparisons:
    """By the name of the change, for those that changed any row; `files` by file before that."""

    files: dict[str, dict[str, Comparison]]
    overall: dict[str, Comparison]


def compare(
    parser: Parser,
    evaluation: Evaluation,
    changes: Mapping[str, Change],
    *,
    seed: int = 0,
    progress: bool = False,
) -> Comparisons:
    """Each change over all rows of an evaluation that it can change; the answers before are those of the evaluation."""
    files: dict[str, dict[str, Comparison]] = {name: {} for name in evaluation.files}
    overall: dict[str, Comparison] = {}
    for name, change in changes.items():
        before: list[Answer] = []
        rows: list[Row] = []
        for answer in evaluation.answers:
            # Seeded by the row, so that a file gives the same figures alone and among others.
            rng = Random(f"{seed} {name} {answer.row.id} {answer.row.text}")
            row = change.rewrite(answer.row, parser.catalogue, rng)
            if row is not None and len(row.text) <= MAX_CHARACTERS:  # a change may make a text longer
                before.append(answer)
                rows.append(row)
        after = predict(parser, rows, name, progress=progress)
        changed = list(zip(before, rows, after, strict=True))
        if changed:
            overall[name] = _compared(changed, parser.catalogue, change)
        for file, comparisons in files.items():
            if of_file := [item for item in changed if item[0].file == file]:
                comparisons[name] = _compared(of_file, parser.catalogue, change)
    return Comparisons(files, overall)


def comparisons_to_json(comparisons: Comparisons) -> dict[str, Any]:
    return {
        "files": {
            file: {name: _comparison_to_json(comparison) for name, comparison in by_change.items()}
            for file, by_change in comparisons.files.items()
        },
        "overall": {name: _comparison_to_json(comparison) for name, comparison in comparisons.overall.items()},
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


def styled(noise: Noise) -> Rewrite:
    """The row as a noise writes it."""

    def rewrite(row: Row, _catalogue: Catalogue, rng: Random) -> Row | None:
        text, spans = noise(rng, row.text, row.slots)
        return None if text == row.text else replace(row, text=text, slots=tuple(spans))

    return rewrite


def in_the_other_script(row: Row, _catalogue: Catalogue, _rng: Random) -> Row | None:
    """A Chinese row in traditional characters, or in simplified ones where it was written in traditional ones."""
    text = to_simplified(row.text) if is_traditional(row.text) else to_traditional(row.text)
    return None if row.lang != "zh" or text == row.text else replace(row, text=text)


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


def _compared(
    changed: Sequence[tuple[Answer, Row, tuple[Slot, ...]]], catalogue: Catalogue, change: Change
) -> Comparison:
    """From (answer before, changed row, slots found in it)."""
    before = score_answers([answer for answer, _, _ in changed], catalogue)
    after = score([row for _, row, _ in changed], [map(span_of, slots) for _, _, slots in changed], catalogue)
    return Comparison(
        len(changed),
        Figures(change.counts(before), before.role_accuracy),
        Figures(change.counts(after), after.role_accuracy),
    )


def _comparison_to_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "rows": comparison.rows,
        "before": _figures_to_json(comparison.before),
        "after": _figures_to_json(comparison.after),
        "drop": comparison.drop if comparison.before.counts.gold else None,
    }


def _figures_to_json(figures: Figures) -> dict[str, Any]:
    return counts_to_json(figures.counts) | {"role_accuracy": figures.role_accuracy}


PLACES = {
    name: Change(rewrite, lambda scores: scores.places)
    for name, rewrite in (("exchanged", exchanged), ("rare", made_rare), ("made_up", made_up))
}
STYLES = {
    name: Change(rewrite, lambda scores: scores.spans)
    for name, rewrite in (
        ("lower", styled(lower)),
        ("upper", styled(upper)),
        ("title", styled(title)),
        ("no_punctuation", styled(strip_punctuation)),
        ("spoken", styled(spoken)),
        ("typo", styled(typo)),
        ("filler", styled(filler)),
        ("number_words", styled(number_words)),
        ("other_script", in_the_other_script),
    )
}
# By the key that an evaluation's JSON has for them.
GROUPS = {"place_swap": PLACES, "style": STYLES}
