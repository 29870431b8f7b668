"""Files of rows to findings: what makes them unusable (errors) and what deserves a look (warnings)."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Literal, NamedTuple

import regex

from data.catalogue import Catalogue
from data.rows import Row, RowError, read_lines, span_problems
from data.tags import SpanError, spans_to_tags
from data.tokens import tokenize

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with which rows; rows of another file than `file` are named FILE:ID."""

    kind: str
    severity: Severity
    file: str
    ids: tuple[str, ...]
    detail: str


class _Place(NamedTuple):
    """A row and the file it stands in."""

    file: str
    row: Row


def read_for_validation(path: Path) -> tuple[list[Row], list[Finding]]:
    """The readable rows of a file, and a finding for each of the others."""
    rows: list[Row] = []
    findings = []
    for row in read_lines(path):
        if isinstance(row, RowError):
            ids = () if row.row_id is None else (str(row.row_id),)
            detail = f"line {row.line}: {row.reason}"
            findings.append(Finding("unreadable row", "error", str(path), ids, detail))
        else:
            rows.append(row)
    return rows, findings


def validate(files: Mapping[str, Sequence[Row]], catalogue: Catalogue) -> list[Finding]:
    """All findings, errors first. Files are compared with each other: what stands in two of them is found too."""
    places = [_Place(file, row) for file, rows in files.items() for row in rows]
    findings = [
        *(finding for place in places for finding in _row_findings(place, set(catalogue.slot_names))),
        *_duplicate_ids(places),
        *_duplicates(places),
        *_near_duplicates(places),
        *_label_conflicts(places),
    ]
    return sorted(findings, key=lambda finding: finding.severity)  # "error" sorts before "warning"


def _row_findings(place: _Place, slots: set[str]) -> Iterator[Finding]:
    file, row = place
    for slot in sorted({span.slot for span in row.slots} - slots):
        yield Finding("unknown slot", "error", file, (row.id,), f"{slot!r} is not in the catalogue")
    for slot in sorted(set(row.labelled or ()) - slots):
        yield Finding("unknown slot", "error", file, (row.id,), f"{slot!r} in 'labelled' is not in the catalogue")
    for span in row.slots:
        if not row.looks_for(span.slot):
            detail = f"{span.slot} is labelled, but not among 'labelled'"
            yield Finding("slot not looked for", "warning", file, (row.id,), detail)
    broken = list(span_problems(row.text, row.slots))
    for problem in broken:
        yield Finding("broken span", "error", file, (row.id,), problem)
    tokens = tokenize(row.text)
    for span in () if broken else row.slots:
        try:
            spans_to_tags(tokens, [span])
        except SpanError as error:
            yield Finding("misaligned span", "error", file, (row.id,), f"{error}: {row.text[span.start : span.end]!r}")


def _duplicate_ids(places: Iterable[_Place]) -> Iterator[Finding]:
    by_id: dict[str, list[_Place]] = defaultdict(list)
    for place in places:
        by_id[place.row.id].append(place)
    for row_id, group in by_id.items():
        for file, count in Counter(place.file for place in group).items():
            if count > 1:
                yield Finding("duplicate id", "error", file, (row_id,), f"stands {count} times in this file")
        if len({place.file for place in group}) > 1:
            yield _shared("id in two files", group, f"{row_id!r}")


def _duplicates(places: Iterable[_Place]) -> Iterator[Finding]:
    by_text: dict[str, list[_Place]] = defaultdict(list)
    for place in places:
        by_text[place.row.text].append(place)
    for text, group in by_text.items():
        for file in dict.fromkeys(place.file for place in group):
            ids = tuple(place.row.id for place in group if place.file == file)
            if len(ids) > 1:
                yield Finding("duplicate", "warning", file, ids, repr(text))
        if len({place.file for place in group}) > 1:
            yield _shared("duplicate across files", group, repr(text))


def _shared(kind: str, group: Sequence[_Place], detail: str) -> Finding:
    """A finding about rows of several files, told from the last of them."""
    file = group[-1].file
    ids = tuple(place.row.id if place.file == file else f"{place.file}:{place.row.id}" for place in group)
    return Finding(kind, "warning", file, ids, detail)


# --- near duplicates ---------------------------------------------------------------------------------------------

ALIKE = 0.9  # Jaccard similarity of the sets of words

_NO_WORD = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _near_duplicates(places: Sequence[_Place]) -> Iterator[Finding]:
    """Rows that say the same as one of an earlier file: equal but for case, width and marks, or nearly equal words.

    Two sets that are ALIKE share one of their rarest words: of n words, one of the first n - ceil(ALIKE n) + 1
    (prefix filtering, Chaudhuri et al. 2006). Only rows under such a word are compared.
    """
    if len({place.file for place in places}) < 2:
        return
    words = [frozenset(token.text for token in tokenize(_NO_WORD.sub(" ", _normalised(p.row.text)))) for p in places]
    frequency = Counter(word for of_row in words for word in of_row)
    by_letters: dict[str, int] = {}
    by_rare_word: dict[str, list[int]] = defaultdict(list)
    for index, (place, of_row) in enumerate(zip(places, words, strict=True)):
        if not of_row:
            continue
        letters = _NO_WORD.sub("", _normalised(place.row.text))
        rarest = sorted(of_row, key=lambda word: (frequency[word], word))
        rarest = rarest[: len(rarest) - ceil(ALIKE * len(rarest) - 1e-9) + 1]
        candidates = [by_letters[letters]] if letters in by_letters else []
        candidates += (other for word in rarest for other in by_rare_word[word])
        for other in candidates:
            earlier = places[other]
            if earlier.file == place.file or earlier.row.text == place.row.text:
                continue
            if other == by_letters.get(letters) or _jaccard(words[other], of_row) >= ALIKE:
                detail = f"{place.row.text!r} is nearly {earlier.row.text!r}"
                yield _shared("near duplicate across files", [earlier, place], detail)
                break
        by_letters.setdefault(letters, index)
        for word in rarest:
            by_rare_word[word].append(index)


def _jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared)


# --- label conflicts ---------------------------------------------------------------------------------------------

_AROUND = 2  # words of context on either side
_EDGE = ("",) * _AROUND
_NOTHING = "nothing"


def _label_conflicts(places: Sequence[_Place]) -> Iterator[Finding]:
    """The same words between the same words (case aside), labelled as two slots, or labelled here and left out there.

    What was just asked counts as context: after "Which city are you leaving from?" a name alone is no conflict.
    """
    tokens = [tokenize(place.row.text) for place in places]
    words = [(*_EDGE, *(token.text.casefold() for token in of_row), *_EDGE) for of_row in tokens]
    # (requested slot, words before, phrase, words after) -> slot -> the rows that say so
    readings: dict[tuple[str, ...], dict[str, list[_Place]]] = defaultdict(lambda: defaultdict(list))
    # Lengths of the phrases that begin with (words before, first word): few windows have to be looked up.
    lengths: dict[tuple[str, ...], set[int]] = defaultdict(set)
    labelled: list[set[int]] = []
    for place, of_row, padded in zip(places, tokens, words, strict=True):
        first = {token.start: at for at, token in enumerate(of_row)}
        last = {token.end: at for at, token in enumerate(of_row)}
        labelled.append(set())
        for span in place.row.slots:
            if span.start in first and span.end in last:
                start, end = first[span.start], last[span.end] + 1
                labelled[-1].update(range(start, end))
                lengths[padded[start : start + _AROUND + 1]].add(end - start)
                key = (place.row.requested_slot or "", *padded[start : end + 2 * _AROUND])
                readings[key][span.slot].append(place)
    for place, of_row, padded, taken in zip(places, tokens, words, labelled, strict=True):
        for start in range(len(of_row)):
            for length in lengths.get(padded[start : start + _AROUND + 1], ()):
                key = (place.row.requested_slot or "", *padded[start : start + length + 2 * _AROUND])
                slots = readings.get(key, {})
                looked_for = any(place.row.looks_for(slot) for slot in slots if slot != _NOTHING)
                if looked_for and taken.isdisjoint(range(start, start + length)):
                    slots[_NOTHING].append(place)
    for (_, *phrase), slots in readings.items():
        if len(slots) > 1:
            before, inner, after = phrase[:_AROUND], phrase[_AROUND:-_AROUND], phrase[-_AROUND:]
            said = " ".join([*before, "[", *inner, "]", *after]).strip()
            counts = ", ".join(f"{slot} in {len(rows)}" for slot, rows in slots.items())
            yield _shared("label conflict", [rows[0] for rows in slots.values()], f"{said}: {counts}")
