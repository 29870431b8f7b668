"""What a key may name: the entries of places.tsv.gz and the tables of places.toml, read on first use.

The lines of the index stay lines; only those that are looked at are taken apart (18 MB, where parsed ones took 60).
"""

import gzip
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from math import cos, hypot, radians
from pathlib import Path
from typing import NamedTuple

from model.values.place_names import is_han, place_key

INDEX = Path(__file__).parent / "places.tsv.gz"
TABLES = Path(__file__).parent / "places.toml"
NOTABLE = 100_000  # inhabitants; a nickname stands before smaller towns of its name
UNSCHEDULED, LARGE = 0, 3  # what an airport has for a population


class Entry(NamedTuple):
    """A place. Degrees north and east, None for a country or region; `iata` main airport first."""

    kind: str  # city, airport, region, country
    name: str
    country: str
    admin1: str
    latitude: float | None
    longitude: float | None
    timezone: str | None
    population: int  # of an airport UNSCHEDULED, 1 small, 2 medium, LARGE
    iata: tuple[str, ...]


class Named(NamedTuple):
    """One place that bears a name. `own`: the name is its own one and not just another one."""

    entry: Entry
    own: bool


class Area(NamedTuple):
    """Where a qualifier says that a place lies: a country, a state of it, or near a point."""

    country: str
    admin1: str = ""
    near: Entry | None = None

    def holds(self, entry: Entry) -> bool:
        if self.country != entry.country:
            return False
        if self.near:
            return kilometres(self.near, entry) < 80
        return not self.admin1 or self.admin1 == entry.admin1


@dataclass(frozen=True, slots=True)
class Tables:
    """places.toml by key."""

    names: dict[str, tuple[Entry, ...]]  # nicknames and other names of cities, regions and countries
    islands: dict[str, Entry]
    airports: dict[str, Entry]  # without the words for airport
    stations: dict[str, Entry]  # the city that each is in
    metros: dict[str, Entry]
    first: dict[str, tuple[str, ...]]  # kind, country, admin1
    airports_of: dict[tuple[str, str, str], tuple[str, ...]]  # (name, country, admin1) of a city
    common: frozenset[str]
    landmarks: frozenset[str]
    underspecified: frozenset[str]


def kilometres(one: Entry, other: Entry) -> float:
    """The distance of two places on a flat map, good for small ones; far where one has no point."""
    if one.latitude is None or other.latitude is None or one.longitude is None or other.longitude is None:
        return float("inf")
    east = (one.longitude - other.longitude) * cos(radians(one.latitude))
    return 111.2 * hypot(one.latitude - other.latitude, east)


@cache
def _lines() -> tuple[list[str], list[str]]:
    """(entries, names)"""
    entries, _, names = gzip.decompress(INDEX.read_bytes()).decode().partition("\n\n")
    return entries.split("\n"), names.split("\n")


@lru_cache(maxsize=4096)
def _entry(number: int) -> Entry:
    kind, name, country, admin1, latitude, longitude, timezone, population, iata = _lines()[0][number].split("\t")
    return Entry(
        kind,
        name,
        country,
        admin1,
        float(latitude) if latitude else None,
        float(longitude) if longitude else None,
        timezone or None,
        int(population),
        tuple(iata.split()),
    )


def _filed(key: str) -> list[Named]:
    """What the index has under a key."""
    names = _lines()[1]
    start = key + "\t"
    at = bisect_left(names, start)
    if at == len(names) or not names[at].startswith(start):
        return []
    return [
        Named(_entry(int(number.rstrip("~"))), number[-1] != "~")
        for number in names[at][len(start) :].lstrip("*").split()
    ]


@lru_cache(maxsize=4096)
def named(key: str) -> tuple[Named, ...]:
    """All places that bear a name, those it is the own name of first, larger ones first."""
    if key in tables().landmarks:
        return ()
    found = _filed(key)
    nicknames = [Named(entry, False) for entry in tables().names.get(key, ())]
    if island := tables().islands.get(key):
        return (Named(island, True), *found)
    if not nicknames:
        return tuple(found)
    if found and found[0].own and found[0].entry.population >= NOTABLE:
        own = [one for one in found if one.own]
        return (*own, *[one for one in nicknames if one.entry not in {each.entry for each in own}])
    return (*nicknames, *[one for one in found if one.entry != nicknames[0].entry])


def airport_of_code(code: str) -> Entry | None:
    """The airport of an IATA code, in lower case."""
    found = _filed(f"@@{code}")
    return found[0].entry if found else None


def airport_called(key: str) -> Entry | None:
    """The airport that people call so (heathrow, 首都), without the words for airport."""
    return tables().airports.get(key) or next((one.entry for one in _filed(f"!{key}")), None)


def airports_named(key: str) -> list[Entry]:
    """Airports whose full name is this one, without the words for airport, large ones first."""
    return [one.entry for one in _filed(f"@{key}")]


@lru_cache(maxsize=4096)
def areas(key: str) -> tuple[Area, ...]:
    """What a qualifier may mean: a country, a state, an abbreviation of one, or a large city nearby."""
    found = [one.entry for one in (*named(key), *_filed(f"#{key}"))]
    wide = [
        Area(entry.country, entry.admin1) for entry in found if entry.kind in ("country", "region") and not entry.iata
    ]
    if len(key) > 2 or is_han(key):
        points = [entry for entry in found[:3] if entry.kind != "country" and entry.latitude is not None]
        wide += [Area(entry.country, near=entry) for entry in points if entry.iata or entry.population >= NOTABLE * 5]
    return tuple(dict.fromkeys(wide))


@lru_cache(maxsize=1024)
def state_name(country: str, admin1: str) -> str | None:
    """The name of a first-level division."""
    return _states().get((country, admin1))


@cache
def _states() -> dict[tuple[str, str], str]:
    states = {}
    for line in _lines()[0]:  # countries and regions come first
        kind, name, country, admin1, _ = line.split("\t", 4)
        if kind == "region":
            states[country, admin1] = name
        elif kind == "city":
            break
    return states


def well_known() -> Iterator[str]:
    """Keys that a slip of the pen is worth a guess for."""
    yield from (line.partition("\t")[0].lstrip("!") for line in _lines()[1] if "\t*" in line)
    yield from (key for key in (*tables().names, *tables().islands) if len(key) > 6 or is_han(key))


@cache
def tables() -> Tables:
    """places.toml, its references looked up."""
    toml = tomllib.loads(TABLES.read_text(encoding="utf-8"))
    names: dict[str, list[Entry]] = {}
    for target, said in (toml["names"] | toml["regions"]).items():
        for key in _keys(said):
            names.setdefault(key, []).append(_target(target))
    for code, said in toml["countries"].items():
        for key in _keys(said):
            names.setdefault(key, []).append(_country(code))
    airports = {key: _airport(code) for code, said in toml["airports"].items() for key in _keys(said)}
    of_city = {}
    for target, codes in toml["airports_of"].items():
        city = _target(target)
        of_city[city.name, city.country, city.admin1] = tuple(codes.split())
    return Tables(
        names={key: tuple(entries) for key, entries in names.items()},
        islands=dict(_islands(toml["islands"])),
        airports=airports,
        stations={key: _target(city) for city, said in toml["stations"].items() for key in _keys(said)},
        metros={code.lower(): _target(city) for code, city in toml["metros"].items()},
        first={place_key(name): tuple(words.split()) for name, words in toml["first"].items()},
        airports_of=of_city,
        common=frozenset(toml["words"]["common"].split()),
        landmarks=_words(toml["words"]["landmarks"]),
        underspecified=_words(toml["words"]["underspecified"]),
    )


def _words(table: str) -> frozenset[str]:
    return frozenset(place_key(name) for line in table.strip().splitlines() for name in line.split(" / "))


def _keys(said: str) -> list[str]:
    return [place_key(name) for name in said.split(" / ")]


def _target(target: str) -> Entry:
    """The entry of "Name, country or state"."""
    name, _, qualifier = target.rpartition(", ")
    places = [one.entry for one in _filed(place_key(name)) if one.entry.kind in ("city", "region")]
    key = place_key(qualifier)
    wide = [one.entry for one in (*_filed(f"#{key}"), *_filed(key)) if one.entry.kind in ("country", "region")]
    held = [entry for entry in places for area in wide if Area(area.country, area.admin1).holds(entry)]
    if not held:
        raise LookupError(f"{TABLES.name}: no place {target!r}")
    return held[0]


def _country(code: str) -> Entry:
    return next(one.entry for one in _filed(f"#{code.lower()}") if one.entry.kind == "country")


def _airport(code: str) -> Entry:
    airport = airport_of_code(code.lower())
    if not airport:
        raise LookupError(f"{TABLES.name}: no airport {code!r}")
    return airport


def _islands(table: dict[str, str]) -> Iterator[tuple[str, Entry]]:
    for name, record in table.items():
        country, codes, said = (field.strip() for field in record.split("|"))
        airport = _airport(codes.split()[0]) if codes else None
        entry = Entry(
            "region",
            name,
            country,
            airport.admin1 if airport else "",
            airport.latitude if airport else None,
            airport.longitude if airport else None,
            airport.timezone if airport else None,
            0,
            tuple(codes.split()),
        )
        for key in [place_key(name), *_keys(said)]:
            yield key, entry
