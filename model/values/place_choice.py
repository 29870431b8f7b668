"""Which of the places that bear a name is meant (P7), and the likeliest one for a misspelt name (P8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from model.values.place_index import (
    LARGE,
    NOTABLE,
    Area,
    Entry,
    Named,
    airport_called,
    kilometres,
    named,
    tables,
    well_known,
)
from model.values.place_names import is_han
from model.values.value import Reason

SAME_NAME = 0.2  # share of the first one's population at which another place of its name makes it ambiguous (P7)
HINTED = 0.02  # share at which a place in the hinted country is the first one: Paris, Texas is not, London, Ontario is
SIMILAR = 0.8  # P8
SIMILAR_WORD = 0.7  # of each word, where there are several


@dataclass(frozen=True, slots=True)
class Found:
    """Places that a text may mean, best first."""

    entries: tuple[Entry, ...]
    match: Literal["code", "exact", "alias", "fuzzy"] = "exact"
    score: float = 1.0
    ambiguous: bool = False
    kind: Literal["metro", "station"] | None = None  # of the first, where it is not the kind of the entry
    assumptions: tuple[str, ...] = ()


class Missing(NamedTuple):
    """Why a text is no place."""

    reason: Reason
    partial: Entry | None = None


class Countries(NamedTuple):
    """What a hint comes down to; can be a key."""

    said: str = ""
    others: tuple[str, ...] = ()


Reading = Found | Missing


def codes_of(entry: Entry) -> tuple[str, ...]:
    """The airports of a place, main one first (P3)."""
    return tables().airports_of.get((entry.name, entry.country, entry.admin1), entry.iata)


def called(found: Sequence[Named], key: str, hint: Countries) -> Found | None:
    """Places of one name; a large airport that people call so stands before a small town (Heathrow, Orly, 羽田)."""
    if found and found[0].entry.kind == "city" and found[0].entry.population < NOTABLE * 0.6:
        airport = airport_called(key)
        if airport and airport.population == LARGE and not (is_han(key) and airport.country in ("CN", "TW")):
            return Found((airport, found[0].entry), "alias")
    return ranked(found, key, hint)


def ranked(found: Iterable[Named], key: str, hint: Countries) -> Found | None:
    """Places of one name in the order of P7: hint, fixed choice, population."""
    found = list(found)
    if not found:
        return None
    own = [one.entry for one in found if one.own] if found[0].own else [found[0].entry]
    own = [entry for entry in own if entry is own[0] or not _within(entry, own[0])]
    own = distinct(own)
    if fixed := tables().first.get(key):
        own.sort(key=lambda entry: (entry.kind, entry.country, entry.admin1)[: len(fixed)] != fixed)
    first = own[0]
    largest = max((entry.population for entry in own if entry.kind == "city"), default=0)
    hinted = _hinted(own, largest, hint)
    if hinted:
        own.sort(key=lambda entry: entry is not hinted)
        first = hinted
    ambiguous = any(_rivals(first, other, key, hint) for other in own[1:])
    others = [] if own[1:] or not found[0].own else [one.entry for one in found if not one.own]
    return Found((*own, *distinct(others))[:5], "exact" if found[0].own else "alias", ambiguous=ambiguous)


def distinct(entries: Iterable[Entry]) -> list[Entry]:
    """Without a second entry for the same place, as a quarter or a municipality of its name is."""
    kept: list[Entry] = []
    for entry in entries:
        if not any(entry.kind == other.kind == "city" and kilometres(entry, other) < 30 for other in kept):
            kept.append(entry)
    return kept


def _within(entry: Entry, first: Entry) -> bool:
    """A province that says nothing new beside a city, an island or a country of its name; a state or province does."""
    if entry.kind != "region" or entry.iata or entry.country != first.country:
        return False
    return first.kind != "city" or entry.country not in ("AU", "CA", "CN", "US")


def _hinted(entries: list[Entry], largest: int, hint: Countries) -> Entry | None:
    """The place of a name that the hint speaks for; where only another slot does, not one without an airport that the
    first one has (Seattle and Vancouver)."""
    cities = [entry for entry in entries if entry.kind == "city" and entry.population >= largest * HINTED]
    said = (entry for entry in cities if entry.country == hint.said)
    near = (entry for other in hint.others for entry in cities if entry.country == other)
    return next(said, None) or next((entry for entry in near if entry.iata or not entries[0].iata), None)


def _rivals(first: Entry, other: Entry, key: str, hint: Countries) -> bool:
    """Whether a second place of the name makes the first one doubtful."""
    hinted = (hint.said, *hint.others)
    if other.country in hinted and first.country not in hinted:
        return True
    if first.kind == "city" and other.kind == "region":
        return is_han(key)  # 吉林: the city and its province
    if first.kind == "region" and not first.population:  # an island
        return False
    return other.population >= first.population * SAME_NAME and other.kind != "country"


def rivalled(entries: list[Entry]) -> bool:
    """Whether what a qualifier left is still more than one place."""
    first, *others = entries
    return any(other.population >= first.population * SAME_NAME for other in others if other.kind == first.kind)


def lies_in(entry: Entry, where: Sequence[tuple[Area, ...]]) -> bool:
    """Whether a place lies where every qualifier says, in one of the areas that it may mean."""
    return all(any(area.holds(entry) for area in one_of) for one_of in where)


def likeliest(key: str, hint: Countries, where: Sequence[tuple[Area, ...]] = ()) -> Found | None:
    """The well-known place whose name is likest, if it is at least SIMILAR; more people decide among equals."""
    if len(key) < (3 if is_han(key) else 4) or key in tables().common or key in tables().landmarks:
        return None
    best: list[tuple[float, int, Entry]] = []
    for name, score, _ in process.extract(
        key, _choices(is_han(key)), scorer=OSA.normalized_similarity, score_cutoff=SIMILAR - 0.005, limit=12
    ):
        if not _word_by_word(key, name):
            continue
        found = called(named(name), name, hint)
        airport = airport_called(name)
        meant = found.entries if found else (airport,) if airport else ()
        best += [(score, entry.population, entry) for entry in meant if lies_in(entry, where)][:1]
    if not best:
        return None
    best.sort(key=lambda one: (round(one[0], 2), one[1]), reverse=True)
    entries = distinct(entry for _, _, entry in best)
    return Found(tuple(entries[:5]), "fuzzy", min(best[0][0], 0.99), ambiguous=True)


def _word_by_word(said: str, name: str) -> bool:
    """No word of several is another one: Great Wall is not Great Falls."""
    words, others = said.split(), name.split()
    if len(words) == 1 or len(words) != len(others):
        return True
    return all(
        OSA.distance(one, other) <= 1 or OSA.normalized_similarity(one, other) >= SIMILAR_WORD
        for one, other in zip(words, others, strict=True)
    )


@cache
def _choices(han: bool) -> list[str]:
    return sorted({key for key in well_known() if is_han(key) == han and len(key) >= (3 if han else 4)})
