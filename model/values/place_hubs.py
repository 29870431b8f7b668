"""Airports (P2) and stations (P4), by their own names and by their city's."""

from dataclasses import replace

import regex

from model.values.place_choice import Countries, Found, Missing, Reading, codes_of, likeliest, ranked
from model.values.place_index import (
    NOTABLE,
    UNSCHEDULED,
    Entry,
    airport_called,
    airport_of_code,
    airports_named,
    kilometres,
    named,
    tables,
)
from model.values.place_names import airport_key, is_han, place_key
from model.values.place_qualified import read_han_qualified, read_qualified

_TERMINAL = regex.compile(r"[\s,]*\b(?:terminal|t)\s?\d\w?$|\s*(?:t\d|\d号|[一二三]号)?航站楼$|\s*t\d$", regex.I)
_AIRPORT = regex.compile(r"\b(?:airport|int'?l|international|airfield|aerodrome)\b", regex.I)
_HAN_AIRPORT = regex.compile(r"(?:国际|國際)?(?:机场|機場|飞机场|飛機場|空港)$")


def read_airport(said: str, key: str, hint: Countries) -> Reading | None:
    """Heathrow airport, JFK terminal 4, Denver international, Portland airport Oregon."""
    bare = _TERMINAL.sub("", said)
    if not _AIRPORT.search(bare):
        if bare == said:
            return None
        name = place_key(bare)
        entry = airport_called(name) or (airport_of_code(name) if len(name) == 3 else None)
        return Found((entry,), "alias") if entry else None
    return _airport_base(_AIRPORT.sub(" ", bare), airport_key(bare)[1:], hint)


def _airport_base(said: str, key: str, hint: Countries) -> Reading | None:
    """What is left of an airport's name without the words for airport: its name, its code or its city."""
    entry = airport_called(key)
    if entry and not _another_city(key, entry):
        return Found((entry,), "alias")
    if not key or key in tables().underspecified:
        return Missing("underspecified")
    if len(key) == 3 and (entry := airport_of_code(key)) and entry.population > UNSCHEDULED:
        return Found((entry,), "code")
    full = airports_named(key)
    place = ranked(named(key), key, hint) or read_qualified(said, place_key(said), hint)
    if isinstance(place, Found) and (found := _airport_of_city(place, full)):
        return found
    if full:
        return Found(tuple(full[:5]), ambiguous=len(full) > 1 and full[1].population == full[0].population)
    if isinstance(place, Found):
        return Missing("unknown_place", place.entries[0])
    if not place and (guess := likeliest(key, hint)):
        return guess if guess.entries[0].kind == "airport" else _airport_of_city(guess, [])
    return place


def _another_city(key: str, airport: Entry) -> bool:
    """Whether a city far away with an airport as large is meant: Phoenix airport is not the Phoenix of Sanya."""
    city = next((one.entry for one in named(key)[:1]), None)
    if not city or not codes_of(city) or city.population < NOTABLE or kilometres(city, airport) < 120:
        return False
    own = airport_of_code(codes_of(city)[0].lower())
    return own is not None and own.population >= airport.population


def _airport_of_city(place: Found, full: list[Entry]) -> Found | None:
    """The airport of a city, or the city where it has several (P2); `full` are airports that bear the very name."""
    if place.entries[0].kind == "airport":
        return place
    cities = tuple(entry for entry in place.entries if codes_of(entry))
    if not cities or (full and cities[0] is not place.entries[0] and cities[0].population < NOTABLE):
        return None
    codes = codes_of(cities[0])
    if len(codes) > 1:
        return replace(place, entries=cities, ambiguous=True)
    airport = airport_of_code(codes[0].lower())
    return replace(place, entries=(airport,)) if airport else None


def read_bare_airport(said: str, key: str, hint: Countries) -> Reading | None:
    """o'hare, charles de gaulle, 希思罗, 东京成田."""
    entry = airport_called(key)
    if entry and (not is_han(key) or (entry.country not in ("CN", "TW") or len(key) > 2)):
        return None if key in tables().common else Found((entry,), "alias")
    full = airports_named(key) if " " in key else []
    return Found(tuple(full[:5]), "exact") if full else None


def read_han_airport(said: str, key: str, hint: Countries) -> Reading | None:
    """首都机场, 上海浦东国际机场, 青岛机场, 英国伦敦希思罗机场."""
    bare = _TERMINAL.sub("", said)
    base = _HAN_AIRPORT.sub("", bare)
    if base == said:
        return None
    name = place_key(base)
    for start in range(min(len(name), 8)):  # a city, province or country before the airport's own name
        entry = airport_called(name[start:])
        if entry and (not start or _near(entry, name[:start])):
            return Found((entry,), "alias")
    return _airport_base(base, name, hint)


def _near(airport: Entry, name: str) -> bool:
    """Whether a name is of the airport's city, province or country (or of two of them)."""
    for at in range(1, len(name) + 1):
        first = any(
            one.entry.country == airport.country
            and (one.entry.kind != "city" or kilometres(one.entry, airport) < 120)
            and (one.entry.kind != "region" or one.entry.admin1 == airport.admin1)
            for one in named(place_key(name[:at]))
        )
        if first and (at == len(name) or _near(airport, name[at:])):
            return True
    return False


_STATION = regex.compile(
    r"\s+(?:central |main |union )?(?:(?:train|railway|rail|bus|coach|metro|subway|high[- ]speed)\s+)?"
    r"(?:station|terminal|stn|depot)$|\s+(?:hbf|hauptbahnhof|centraal|centrale|central)$|^gare de\s+",
    regex.I,
)
_DIRECTION = regex.compile(r"\s+(?:north|south|east|west|central|city)$", regex.I)
_HAN_STATION = regex.compile(
    r"(?:火车|高铁|动车|汽车|客运|长途|地铁|火車|高鐵|汽車|客運|捷運|总)*(?:站|车站|車站|客运中心)$"
)


def read_station(said: str, key: str, hint: Countries) -> Reading | None:
    """Boston south station, king's cross station, 北京南站, 上海虹桥站."""
    han = is_han(said)
    base = (_HAN_STATION if han else _STATION).sub("", said)
    if base == said:
        return None
    for name in (said, base):
        if city := tables().stations.get(place_key(name)):
            return _as_station(Found((city,), "alias"))
    plain = base.rstrip("东西南北東") if han else _DIRECTION.sub("", base)
    for name in dict.fromkeys((base, plain)):
        name_key = place_key(name)
        if not name_key or name_key in tables().common:
            continue
        qualified = read_han_qualified if han else read_qualified
        found = ranked(named(name_key), name_key, hint) or qualified(name, name_key, hint)
        if isinstance(found, Found) and found.entries[0].kind == "city":
            return _as_station(found)
    return Missing("unknown_place") if place_key(base) else Missing("underspecified")


def read_known_station(said: str, key: str, hint: Countries) -> Reading | None:
    """King's Cross; 上海虹桥 may be the airport too."""
    city, airport = tables().stations.get(key), airport_called(key)
    if not city or key in tables().common:
        return None
    return _as_station(Found((city, airport) if airport else (city,), "alias", ambiguous=airport is not None))


def _as_station(found: Found) -> Found:
    return replace(found, kind="station", assumptions=("station_to_city",))


def read_han_direction(said: str, key: str, hint: Countries) -> Reading | None:
    """北京南, as tickets have it."""
    if len(key) < 3 or key[-1] not in "东西南北":
        return None
    found = ranked(named(key[:-1]), key[:-1], hint)
    return (
        _as_station(found) if found and found.entries[0].kind == "city" and found.entries[0].country == "CN" else None
    )
