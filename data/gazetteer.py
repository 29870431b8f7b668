"""Places of the world: cities, airports, countries, regions, and the divisions of China, from data/gazetteer.tsv.gz.

The file is built by data/build_gazetteer.py, which says what its lines hold. Everything is read once, on first use.
"""

import gzip
import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from sys import intern
from typing import NamedTuple

from data.han import to_simplified

GAZETTEER = Path(__file__).parent / "gazetteer.tsv.gz"
RARE_BELOW = 200_000  # inhabitants; only places smaller than this are held out


class Place(NamedTuple):
    """A city or town of at least 15,000 people. Degrees north and east; `iata` main airport first."""

    name: str
    name_zh: str | None
    country: str
    admin1: str
    latitude: float
    longitude: float
    timezone: str
    population: int
    iata: tuple[str, ...]
    aliases: tuple[str, ...]  # other names, Latin and Han


class Airport(NamedTuple):
    """An airport that serves a place. `short` and `short_zh` are what people call it (Heathrow, 希思罗), or empty."""

    iata: str
    name: str
    short: str
    short_zh: str
    city: str
    country: str
    latitude: float
    longitude: float


class Country(NamedTuple):
    code: str
    name: str
    name_zh: str
    aliases: tuple[str, ...]


class Region(NamedTuple):
    """A state, province or land; `admin1` as in Place."""

    country: str
    admin1: str
    name: str
    name_zh: str
    abbreviation: str


class Division(NamedTuple):
    """A Chinese city, prefecture, county or district: 青岛 + 市. `level` is prefecture, county or district."""

    country: str
    admin1: str
    level: str
    name: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Gazetteer:
    places: tuple[Place, ...]
    airports: tuple[Airport, ...]
    countries: tuple[Country, ...]
    regions: tuple[Region, ...]
    divisions: tuple[Division, ...]


@cache
def load_gazetteer() -> Gazetteer:
    """The whole gazetteer."""
    places, airports, countries, regions, divisions = [], [], [], [], []
    for line in gzip.decompress(GAZETTEER.read_bytes()).decode().splitlines():
        kind, *f = line.split("\t")
        if kind == "place":
            name, name_zh, country, admin1, latitude, longitude, timezone, population, iata, aliases = f
            place = Place(
                name,
                name_zh or None,
                intern(country),
                intern(admin1),
                float(latitude),
                float(longitude),
                intern(timezone),
                int(population),
                tuple(iata.split()),
                _listed(aliases),
            )
            places.append(place)
        elif kind == "airport":
            airports.append(Airport(f[0], f[1], f[2], f[3], f[4], f[5], float(f[6]), float(f[7])))
        elif kind == "country":
            countries.append(Country(f[0], f[1], f[2], _listed(f[3])))
        elif kind == "region":
            regions.append(Region(*f))
        else:
            divisions.append(Division(*f))
    return Gazetteer(tuple(places), tuple(airports), tuple(countries), tuple(regions), tuple(divisions))


def held_out(name: str) -> bool:
    """Whether the sentence generator never says this name, so that a check can use it as a place nobody trained on.

    True for about a tenth of the names that only small places bear, whichever way case, accents, a traditional
    character or a final 市 are written. Well-known names are always said: leaving them out would cost the user and
    prove nothing.
    """
    return name_key(name) in _held_out_keys()


def rare_places(lang: str) -> list[str]:
    """The held-out place names of a language, in a fixed order."""
    return sorted({name for place in load_gazetteer().places for name in _names(place, lang) if held_out(name)})


def ascii_folded(name: str) -> str:
    """A Latin name without its diacritics: São Paulo, Łódź -> Sao Paulo, Lodz."""
    if name.isascii():
        return name
    bare = (character for character in unicodedata.normalize("NFKD", name) if not unicodedata.combining(character))
    return "".join(bare).translate(_FOLDED)


def name_key(name: str) -> str:
    """What two spellings of one name share."""
    if name.isascii():
        return name.casefold()
    key = to_simplified(ascii_folded(name)).casefold()
    return key[:-1] if key.endswith("市") and len(key) > 2 else key


_FOLDED = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ı": "i"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ə": "e", "Ə": "E"}
    | dict.fromkeys("ʻʼ‘’ʿʾ`´", "'") | dict.fromkeys("–‑", "-")
)  # fmt: skip


def _listed(field: str) -> tuple[str, ...]:
    return tuple(field.split("|")) if field else ()


def _names(place: Place, lang: str) -> Iterator[str]:
    """All names of a place in a language."""
    for name in (place.name, place.name_zh, *place.aliases):
        if name and is_han(name) == (lang == "zh"):
            yield name


def is_han(name: str) -> bool:
    """Whether a name of the gazetteer is written in Han characters (they are never mixed)."""
    return "\u3400" <= name[0] <= "\u9fff"


@cache
def _held_out_keys() -> frozenset[str]:
    gazetteer = load_gazetteer()
    known = {name_key(name) for country in gazetteer.countries for name in (country.name, country.name_zh)}
    known |= {name_key(name) for region in gazetteer.regions for name in (region.name, region.name_zh)}
    rare: set[str] = set()
    for place in gazetteer.places:
        names = filter(None, (place.name, place.name_zh, *place.aliases))
        (known if place.population >= RARE_BELOW else rare).update(map(name_key, names))
    return frozenset(key for key in rare - known if hashlib.blake2b(key.encode(), digest_size=1).digest()[0] < 26)
