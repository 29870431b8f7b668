"""A place as it was said to a city, airport, metro, station, region or country (policy P1 to P9, both languages)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import regex

from model.values.place_choice import Countries, Found, Missing, Reading, called, codes_of, likeliest, ranked
from model.values.place_hubs import (
    read_airport,
    read_bare_airport,
    read_han_airport,
    read_han_direction,
    read_known_station,
    read_station,
)
from model.values.place_index import (
    LARGE,
    NOTABLE,
    UNSCHEDULED,
    Entry,
    airport_of_code,
    kilometres,
    named,
    state_name,
    tables,
)
from model.values.place_misses import why_not
from model.values.place_names import is_han, place_key
from model.values.place_qualified import read_han_qualified, read_han_rank, read_qualified
from model.values.value import Value, reading, resolved, unresolved


@dataclass(frozen=True, slots=True)
class Hint:
    """What else the request says: its country (ISO 3166 alpha-2) and the values of the utterance's other places."""

    country: str | None = None
    others: tuple[Value, ...] = ()


NO_HINT = Hint()


def resolve_place(text: str, hint: Hint = NO_HINT) -> Value:
    """The place that a text names in English or Chinese; never raises."""
    countries = (hint.country or "").upper(), tuple(place.get("country") or "" for place in hint.others)
    found = _read(text, Countries(*countries))
    if isinstance(found, Missing):
        return unresolved("place", text, found.reason, found.partial and _value(found.partial, "exact", 1.0))
    first, *others = found.entries
    readings = [_value(first, found.match, found.score, found.kind)]
    readings += [_value(entry, found.match, found.score) for entry in others[:4]]
    return resolved("place", text, readings, ambiguous=found.ambiguous, assumptions=list(found.assumptions))


def zone_of(text: str) -> str | None:
    """The IANA zone of a place that is named without a slip: London, 北京, Japan."""
    found = _read(text, Countries())
    if isinstance(found, Missing) or found.match == "fuzzy":
        return None
    return found.entries[0].timezone


def _value(entry: Entry, match: str, score: float, kind: str | None = None) -> Value:
    value = dict(_shared_value(entry, match, score, kind))
    value["iata"] = list(value["iata"])  # the caller's own
    return value


@lru_cache(maxsize=8192)
def _shared_value(entry: Entry, match: str, score: float, kind: str | None) -> Value:
    return reading(
        "place",
        kind or entry.kind,
        name=entry.name,
        value=entry.name,
        country=entry.country,
        admin1=entry.name if entry.kind == "region" else state_name(entry.country, entry.admin1),
        iata=() if kind == "station" else codes_of(entry),
        latitude=entry.latitude,
        longitude=entry.longitude,
        timezone=entry.timezone,
        match=match,
        score=round(score, 3),
    )


_OR = regex.compile(r"\s+or\s+|\s*(?:或者|或是|还是|或)\s*", regex.I)
_BESIDE = regex.compile(r"\s*[/–-]\s*|\s+(?:and|&)\s+", regex.I)
_EDGES = " \t\n\r,.;:!?\"'，。；：！？、“”‘’「」()（）[]"


@lru_cache(maxsize=8192)
def _read(text: str, hint: Countries) -> Reading:
    said = text.strip(_EDGES)
    key = place_key(said[:200])
    if not key or len(said) > 200:
        return Missing("not_a_place")
    if found := _code(said, key, hint):
        return found
    if key in tables().underspecified:
        return Missing("underspecified")
    ways = _HAN_WAYS if is_han(said) else _LATIN_WAYS
    for way in ways:
        if found := way(said, key, hint):
            return found
    return likeliest(key, hint) or why_not(said, key, hint)


def _code(said: str, key: str, hint: Countries) -> Reading | None:
    """LAX, lon."""
    if len(said) != 3 or len(key) != 3 or not key.isalpha():
        return None
    airport, metro = airport_of_code(key), tables().metros.get(key)
    flown = airport is not None and airport.population > UNSCHEDULED
    if not airport and not metro:
        return None
    if key in tables().common and not (said.isupper() and (flown or metro)):
        return None
    cities = [one.entry for one in named(key) if one.own and (one.entry.kind != "region" or one.entry.iata)]
    if cities and not metro:
        people = cities[0].population
        island = cities[0].kind == "region" and cities[0].iata
        small = airport is not None and airport.population < LARGE
        if not flown or island or people >= NOTABLE * 10 or (people >= NOTABLE and small):
            return None
    if not flown and not metro and named(key):
        return None
    if airport and (flown or not metro):
        return Found((airport, *([metro] if metro else []), *cities[:3]), "code")
    return Found((metro,), "code", kind="metro") if metro else None


def _name(said: str, key: str, hint: Countries) -> Reading | None:
    """Boston, the Big Apple, 臺北市."""
    found = named(key)
    if key in tables().common and not (found and found[0].own and _famous(found[0].entry, said)):
        return None
    if (city := tables().stations.get(key)) and found and kilometres(city, found[0].entry) < 30:
        return None  # a quarter that is known for its station
    if said[-1] in "市" and len(key) > 1:  # 吉林市 is not the province
        found = tuple(one for one in found if one.entry.kind == "city") or found
    return called(found, key, hint)


def _famous(entry: Entry, said: str) -> bool:
    """Whether a common word is the place all the same: Reading, nice, Orange."""
    if entry.kind != "city":
        return True
    return entry.population >= (NOTABLE if entry.iata or said.istitle() else NOTABLE * 2.5)


def _either(said: str, key: str, hint: Countries) -> Reading | None:
    """London or Paris, 北京或者上海: the first, the others as alternatives."""
    parts = _OR.split(said)
    if not 2 <= len(parts) <= 5 or not all(parts):
        return None
    found = [_read(part, hint) for part in parts]
    places = [one for one in found if isinstance(one, Found)]
    if len(places) < len(found):
        return None
    return replace(places[0], entries=tuple(one.entries[0] for one in places), ambiguous=True)


def _twins(said: str, key: str, hint: Countries) -> Reading | None:
    """Seattle/Tacoma, Raleigh-Durham: two cities side by side that share an airport are the first one."""
    parts = [place_key(part) for part in _BESIDE.split(said)]
    if len(parts) != 2:
        return None
    first, second = (ranked(named(part), part, hint) if part else None for part in parts)
    if first and second and 0 < kilometres(first.entries[0], second.entries[0]) < 100:
        return first
    return None


_BEFORE = regex.compile(
    r"^(?:(?:flying|going|travel(?:l?ing)?|leaving|departing|heading|headed|back|over|down|up|out)\s+)*"
    r"(?:to|from|in|into|at|via|through|toward|towards|for|of|the city of|city of|greater|metro|metropolitan|state of|"
    r"province of|island of|the island of|isle of|country of)\s+",
    regex.I,
)
_AFTER = regex.compile(
    r"\s+(?:city|town|area|metro|metro area|metropolitan area|region|county|proper|city area|itself|please)$", regex.I
)
_HAN_BEFORE = regex.compile(
    r"^(?:出发地|目的地|飞往|飞到|前往|开往|途经|经过|抵达|到达|回到|从|由|自|到|去|往|飞|回|在|经|至|坐)(?:是)?"
)
_HAN_AFTER = regex.compile(r"(?:那边|那儿|那里|这边|这里|方向|出发|起飞|转机|中转|经停|地区|城区|市区|全境|吧|的)$")


def _dressed(said: str, key: str, hint: Countries) -> Reading | None:
    """to Boston, Boston area, 从上海出发: the words around a name that say nothing of where it is."""
    before, after = (_HAN_BEFORE, _HAN_AFTER) if is_han(said) else (_BEFORE, _AFTER)
    bare = said
    for _ in range(3):
        bare = after.sub("", before.sub("", bare)).strip(_EDGES)
    return _read(bare, hint) if bare and bare != said else None


_Way = Callable[[str, str, Countries], Reading | None]


_LATIN_WAYS: tuple[_Way, ...] = (
    _name,
    read_airport,
    read_station,
    read_known_station,
    read_bare_airport,
    read_qualified,
    _either,
    _twins,
    _dressed,
)
_HAN_WAYS: tuple[_Way, ...] = (
    _name,
    read_han_airport,
    read_station,
    read_known_station,
    read_han_rank,
    read_bare_airport,
    read_han_qualified,
    _either,
    read_han_direction,
    _dressed,
)
