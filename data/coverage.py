"""Rows to how much of their wording occurs in other rows.

Words are compared in small letters, with a labelled span as one word, {slot}. What a source never labels (`labelled`)
stays words in the rows it is compared with as well: "one-way" beside SGD, which knows no trip_type.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.rows import Row
from data.tokens import tokenize

LONGEST_NGRAM = 4
KINDS = (*(f"{n}-grams" for n in range(1, LONGEST_NGRAM + 1)), "slot_orders", "sentences")

Reading = tuple[str, frozenset[str] | None]  # what rows are compared as: their language, the slots looked for
Part = tuple[str, ...]  # the words of an n-gram or a sentence, or the slots of a row
PartCounts = dict[Reading, dict[str, Counter[Part]]]  # by kind
PartSets = dict[Reading, dict[str, set[Part]]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of the parts of one kind that occur in other rows; None where there are no such parts."""

    different: float | None
    running: float | None


def rows_to_coverage(files: Mapping[str, Iterable[Row]], beside: Iterable[Row]) -> dict[str, dict[str, Coverage]]:
    """How much of each file occurs in the rows `beside` of the same language, by kind of part."""
    counts = {file: rows_to_parts(rows) for file, rows in files.items()}
    found = parts_in(beside, counts.values())
    return {file: _coverage(parts, found) for file, parts in counts.items()}


def rows_to_parts(rows: Iterable[Row]) -> PartCounts:
    """How often each part occurs."""
    counts: PartCounts = {}
    for row in rows:
        reading = row.lang, None if row.labelled is None else frozenset(row.labelled)
        kinds = counts.setdefault(reading, {kind: Counter() for kind in KINDS})
        for kind, parts in _parts(row, reading):
            kinds[kind].update(parts)
    return counts


def parts_in(rows: Iterable[Row], wanted: Iterable[PartCounts]) -> PartSets:
    """The wanted parts that occur in rows of their language, read alike. Keeps no others: rows may be any number."""
    sought: PartSets = {}
    for counts in wanted:
        for reading, kinds in counts.items():
            for kind, parts in kinds.items():
                sought.setdefault(reading, {kind: set() for kind in KINDS})[kind].update(parts)
    found: PartSets = {reading: {kind: set() for kind in KINDS} for reading in sought}
    for row in rows:
        for reading, kinds_sought in sought.items():
            if reading[0] == row.lang:
                for kind, said in _parts(row, reading):
                    found[reading][kind].update(kinds_sought[kind].intersection(said))
    return found


def _coverage(counts: PartCounts, found: PartSets) -> dict[str, Coverage]:
    coverage = {}
    for kind in KINDS:
        different = {part for kinds in counts.values() for part in kinds[kind]}
        covered = {part for reading, kinds in counts.items() for part in kinds[kind].keys() & found[reading][kind]}
        running = sum(kinds[kind].total() for kinds in counts.values())
        met = sum(kinds[kind][part] for reading, kinds in counts.items() for part in found[reading][kind])
        coverage[kind] = Coverage(_share(len(covered), len(different)), _share(met, running))
    return coverage


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _parts(row: Row, reading: Reading) -> Iterable[tuple[str, Iterable[Part]]]:
    """All parts of a row by kind. A row without slots has no slot order."""
    _, slots = reading
    spans = [span for span in row.slots if slots is None or span.slot in slots]
    words: list[str] = []
    at = 0
    for span in spans:
        words += _words(row.text[at : span.start])
        words.append(f"{{{span.slot}}}")  # no token is like this, so the word "origin" is no origin
        at = span.end
    words += _words(row.text[at:])
    ngrams = (zip(*(words[start:] for start in range(n)), strict=False) for n in range(1, LONGEST_NGRAM + 1))
    order = tuple(span.slot for span in spans)
    return zip(KINDS, [*ngrams, [order] if spans else [], [tuple(words)]], strict=True)


def _words(text: str) -> list[str]:
    return [token.text.casefold() for token in tokenize(text)]
