"""The leaves of the sentence grammars that name things: places, people, numbers.

A leaf is called as leaf(rng, *words) and yields text; all chance comes from `rng`. No leaf says a name that
data/gazetteer.py holds out.
"""

# ruff: noqa: SIM905 - a table of words is easier to read and to mend as a text

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from random import Random
from typing import Any, Generic, TypeVar

import regex

from data.gazetteer import Place, ascii_folded, held_out, is_han, load_gazetteer, name_key
from data.grammar import Leaf

_T = TypeVar("_T")
_BIG = 800_000


class _Weighted(Generic[_T]):
    """Items drawn by weight."""

    def __init__(self, weighted: Iterable[tuple[_T, float]]) -> None:
        self.items: list[_T] = []
        self._cumulated: list[float] = []
        total = 0.0
        for item, weight in weighted:
            total += weight
            self.items.append(item)
            self._cumulated.append(total)
        if not self.items:
            raise ValueError("there is nothing to draw from")
        self._total = total

    def draw(self, rng: Random) -> _T:
        return self.items[bisect(self._cumulated, rng.random() * self._total, 0, len(self.items) - 1)]


def _any(items: Sequence[_T], rng: Random) -> _T:
    return items[int(rng.random() * len(items))]


def _leaf_of(items: Iterable[str]) -> Leaf:
    """A leaf that says one of the items, each as often."""
    kept = _shown(items)
    return lambda rng: kept[int(rng.random() * len(kept))]


def _shown(names: Iterable[str]) -> list[str]:
    """The names that may be said, once each."""
    return [name for name in dict.fromkeys(names) if not held_out(name)]


@cache
def name_leaves(lang: str) -> dict[str, Leaf]:
    """The leaves of a language, en or zh, by the name that grammars call them."""
    return _NUMBERS | {"en": _english, "zh": _chinese}[lang]()


def _integer(rng: Random, low: str, high: str) -> str:
    return str(int(low) + int(rng.random() * (int(high) - int(low) + 1)))


def _padded(rng: Random, low: str, high: str) -> str:
    return _integer(rng, low, high).zfill(2)


_NUMBERS: dict[str, Leaf] = {"int": _integer, "pad": _padded}


# --- both languages ---------------------------------------------------------------------------------------------------

# Parts of cities and bookkeeping names, which nobody travels to by that name.
_NOT_SAID = regex.compile(r"[\d(/,–]|\b(District|County|Arrondissement|Borough)\b|街道")
# Where the speakers of a language mostly travel: these places are drawn three times as often as their size says.
_HOME = {"en": ("US", "GB", "CA", "AU", "IE", "NZ"), "zh": ("CN",)}
_HOME_FACTOR = 3


@cache
def _said(lang: str) -> list[tuple[Place, list[str]]]:
    """The places that have a name in a language, with the names one may say, the usual one first."""
    said = []
    for place in load_gazetteer().places:
        names = [
            name for name in (place.name, place.name_zh, *place.aliases) if name and is_han(name) == (lang == "zh")
        ]
        if place.country == "CN" and lang == "zh":  # the district leaf says these
            names = [name for name in names if not regex.search(r"..(区|镇|乡|村)$", name)]
        if names := [name for name in names if not _NOT_SAID.search(name) and not held_out(name)]:
            said.append((place, names))
    return said


@cache
def _cities(lang: str) -> _Weighted[str]:
    """City names: by population^0.6, the usual name of a place more often than its others."""
    return _by_size(lang, _said(lang))


@cache
def _big_cities(lang: str) -> _Weighted[str]:
    """Cities of more than 800,000 people, and those with a well-known airport, which count as much bigger."""
    hubs = {airport.iata for airport in load_gazetteer().airports if airport.short or airport.short_zh}
    big = [
        (place, names[:1] if lang == "zh" else names)  # the other Han names are other spellings, and old names
        for place, names in _said(lang)
        if place.population > _BIG or hubs.intersection(place.iata)
    ]
    return _by_size(lang, big + 5 * [(place, names) for place, names in big if hubs.intersection(place.iata)])


def _by_size(lang: str, said: Iterable[tuple[Place, list[str]]]) -> _Weighted[str]:
    weighted: defaultdict[str, float] = defaultdict(float)
    for place, names in said:
        weight = float(place.population**0.6) * (_HOME_FACTOR if place.country in _HOME[lang] else 1)
        for position, name in enumerate(names):
            weighted[name] += weight / (position + 1)
    return _Weighted(sorted(weighted.items()))


def _city_leaf(lang: str) -> Leaf:
    """Half by population, half any; English names with their diacritics in half of the cases."""
    cities = _cities(lang)
    pairs = {name: (name, ascii_folded(name)) for name in cities.items}
    every = cities.items

    def city(rng: Random) -> str:
        name = cities.draw(rng) if rng.random() < 0.5 else _any(every, rng)
        return pairs[name][rng.random() < 0.5]

    return city


def _big_city_leaf(lang: str) -> Leaf:
    cities = _big_cities(lang)
    return (lambda rng: ascii_folded(cities.draw(rng))) if lang == "en" else cities.draw


def _airport_code() -> Leaf:
    """Half the codes of airports with a name that people know, half any."""
    airports = load_gazetteer().airports
    known = _shown(airport.iata for airport in airports if airport.short or airport.short_zh)
    every = _shown(airport.iata for airport in airports)
    return lambda rng: _any(known if rng.random() < 0.5 else every, rng)


def _is_new(name: str) -> bool:
    return name_key(name) not in _all_keys()


@cache
def _all_keys() -> frozenset[str]:
    """Keys of all the names there are."""
    return frozenset(
        name_key(name)
        for place in load_gazetteer().places
        for name in (place.name, place.name_zh, *place.aliases)
        if name
    )


def _made_new(make: Callable[[Random], str]) -> Leaf:
    """A leaf that draws until the name is one that no place bears."""

    def leaf(rng: Random) -> str:
        while not _is_new(name := make(rng)):
            pass
        return name

    return leaf


# --- English ----------------------------------------------------------------------------------------------------------


def _english() -> dict[str, Leaf]:
    gazetteer = load_gazetteer()
    foreign = _big_cities("zh")
    return {
        "city": _city_leaf("en"),
        "big_city": _big_city_leaf("en"),
        "city_region": _english_city_region(),
        "country": _leaf_of(name for country in gazetteer.countries for name in (country.name, *country.aliases)
                            if not is_han(name) and "," not in name and len(name) < 30),
        "region": _leaf_of(region.name for region in gazetteer.regions),
        "airport_code": _airport_code(),
        "airport": _english_airport(),
        "nickname": _leaf_of(regex.split(r",\s+", _NICKNAMES_EN)),
        "made_up": _made_new(_english_nonsense()),
        "surname": _leaf_of(_SURNAMES_EN),
        "given": _leaf_of(_GIVEN_EN),
        "foreign_city": foreign.draw,
    }  # fmt: skip


def _english_city_region() -> Leaf:
    """ "Seattle, WA", "Portland Oregon", "London, UK": the city and its state, province or country."""
    gazetteer = load_gazetteer()
    regions = {(region.country, region.admin1): region for region in gazetteer.regions}
    countries = {country.code: country for country in gazetteer.countries}
    weighted = []
    for place, names in _said("en"):
        country, region = countries[place.country], regions.get((place.country, place.admin1))
        wholes = [country.name, *(alias for alias in country.aliases if alias.isascii() and len(alias) <= 3)]
        parts = wholes
        if region and region.abbreviation.isascii():  # not 皖: Chinese provinces are the business of the Chinese leaf
            parts = [region.name, region.abbreviation] if region.abbreviation else [region.name, *wholes]
        weight = float(place.population**0.5) * (_HOME_FACTOR if place.country in _HOME["en"] else 1)
        weighted.append(((ascii_folded(names[0]), parts, wholes), weight))
    table = _Weighted(weighted)

    def city_region(rng: Random) -> str:
        name, parts, wholes = table.draw(rng)
        text = name + (", " if rng.random() < 0.7 else " ") + _any(parts, rng)
        if parts is not wholes and rng.random() < 0.05:
            text += ", " + _any(wholes, rng)
        return text

    return city_region


def _starts(name: str) -> list[str]:
    """The first word of a name, the first two, and so on."""
    words = name.split()
    return [" ".join(words[:count]) for count in range(1, len(words))]


def _english_airport() -> Leaf:
    """ "Heathrow", "JFK", "Denver International Airport", "Turin airport"."""
    airports = load_gazetteer().airports
    short = _shown(airport.short for airport in airports if airport.short)
    full = _shown(
        ascii_folded(airport.name)
        for airport in airports
        if ("International" in airport.name or airport.short)
        and not regex.search(r"[/(\d]", airport.name)
        and not any(map(held_out, (airport.city, *_starts(airport.name))))
    )
    big = _big_cities("en")
    cities = _cities("en")

    def airport(rng: Random) -> str:
        dice = rng.random()
        if dice < 0.4:
            name = _any(short, rng)
            return name if rng.random() < 0.6 else name + (" Airport" if rng.random() < 0.5 else " airport")
        if dice < 0.7:
            return _any(full, rng)
        name = ascii_folded(big.draw(rng) if dice < 0.85 else cities.draw(rng))
        return name + _any(_AIRPORT_ENDS, rng)

    return airport


_AIRPORT_ENDS = [" airport", " airport", " Airport", " Airport", " International", " International Airport", " Intl"]


def _english_nonsense() -> Callable[[Random], str]:
    """Names that sound like places: letters that follow each other in real names, or syllables with a usual end."""
    steps: defaultdict[str, list[tuple[str, Any]]] = defaultdict(list)  # three letters -> (next letter, its steps)
    for city in _cities("en").items:
        for part in ascii_folded(city).split():
            if 4 <= len(part) <= 12 and part.isalpha():
                padded = "^^^" + part.lower() + "$"
                for at in range(3, len(padded)):
                    steps[padded[at - 3 : at]].append((padded[at], steps[padded[at - 2 : at + 1]]))
    start = steps["^^^"]

    def word(rng: Random) -> str:
        random = rng.random
        while True:
            letters, step = "", start
            while len(letters) < 13:
                letter, step = step[int(random() * len(step))]
                if letter == "$":
                    break
                letters += letter
            if 4 <= len(letters) < 13:
                return letters.capitalize()

    def syllables(rng: Random) -> str:
        text = _any(_ONSETS, rng) + _any(_NUCLEI, rng)
        if rng.random() < 0.6:
            text += _any(_MIDDLES, rng) + _any(_NUCLEI, rng)
        return (text + _any(_CODAS, rng)).capitalize()

    def name(rng: Random) -> str:
        dice = rng.random()
        if dice < 0.5:
            text = word(rng)
        elif dice < 0.65:
            text = syllables(rng)
        elif dice < 0.85:
            text = (word(rng) if rng.random() < 0.4 else syllables(rng)) + _any(_ENDS, rng)
        else:
            text = word(rng) + " " + (word(rng) if rng.random() < 0.5 else _any(_LAST_WORDS, rng))
        return _any(_FIRST_WORDS, rng) + " " + text if rng.random() < 0.15 else text

    return name


_ONSETS = """
b c d f g h j k l m n p q r s t v w x y z bl br ch cl cr dr fl fr gl gr kl kr pl pr qu sh sk sl sm sn sp st str sw th tr
tw vl wh xy zh zw
""".split()
_NUCLEI = "a e i o u a e i o u a e i o y ai au ea ee ei ia ie io oa oo ou".split()
_MIDDLES = "b d f g k l m n p r s t v z ld ll lm mb mm nd ng nn nt rd rl rm rn rt ss st th tt zz x".split()
_CODAS = ["", "", "", *"ck d g k l m n p r s t x z ld ll nd ng nk nt rd rk rn rt sh sk ss st th".split()]
_ENDS = """
ville ville burg ton ton ford ham wick stead field mouth port dale worth bury by polis stadt heim dorf grad abad pur
minster haven shire land bridge wood mere chester
""".split()
_FIRST_WORDS = """
New New Port San Santa St. Saint Fort Mount Lake North South East West Upper Lower Great Little El La Los Las Le Al Old
Royal Villa Bad Sankt
""".split()
_LAST_WORDS = """
City Beach Falls Springs Heights Valley Creek Hills Park Bay Harbor Harbour Point Island Rock Junction Grove Ridge Cove
Landing Crossing Mills Pass
""".split()

_NICKNAMES_EN = """
Vegas, Philly, NYC, SF, Frisco, San Fran, the Bay Area, the Big Apple, Chi-town, LA, L.A., DC, D.C., the Windy City,
Sin City, Beantown, Motown, the Motor City, Nola, NOLA, the Big Easy, the Mile High City, H-Town, Jax, Indy,
the Twin Cities, Cincy, the Emerald City, Jozi, Joburg, Rio, BA, KL, HK, TO, the 6ix, Vancity, Cowtown, Edmo, Brum,
the Big Smoke, Brizzy, Melbs, Bris, Freo, Saigon, Bombay, Ams, A'dam, the Eternal City, the City of Light,
the City of Angels, ATX, PDX, SLC, STL, ATL, OKC, KC, Tally, Pitt, the Valley, the Cape, SoCal, NorCal, Jersey,
the Jersey Shore, the Keys, the Hamptons, Niagara, the Strip, Times Square, B'more, Nawlins, Music City,
the Space City, Silicon Valley, Manhattan, Brooklyn, Queens, Chi, Metro Detroit, the Magic City
""".strip()
_SURNAMES_EN = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson
Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young
Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter
Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers
Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez
Wood Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez Powell
Jenkins Perry Russell Sullivan Bell Coleman Butler Henderson Barnes Fisher Vasquez Simmons Romero Jordan Patterson
Alexander Hamilton Graham Reynolds Griffin Wallace West Cole Hayes Bryant Herrera Gibson Ellis Tran Stevens Murray
Ford Marshall Owens McDonald Harrison Wells Webb Olsen O'Brien O'Connor MacLeod Schmidt Weber Fischer Schneider Becker
Hoffmann Dubois Lefebvre Moreau Rossi Bianchi Ferrari Kowalski Nowak Novak Ivanov Petrov Andersson Nilsson Hansen
Larsen Jensen Virtanen Silva Santos Oliveira Pereira Singh Sharma Kumar Gupta Khan Ahmed Hassan Ali Cohen Levy Tanaka
Suzuki Sato Yamamoto Park Choi Chen Wang Zhang Liu Wong Chan Lam Okafor Adeyemi Mensah Abbott Pratt Quinn Fletcher
Whitaker Pemberton Ashworth Holloway Prescott Lancaster Winslow Carmichael Delgado Vance Thorne
""".split()
_GIVEN_EN = """
James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
Thomas Sarah Chris Karen Charles Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Ashley Donald Emily Steven Kim
Andrew Donna Paul Michelle Joshua Carol Ken Amanda Kevin Melissa Brian Deborah Tim Stephanie Ron Rebecca George Laura
Jason Sharon Ed Cynthia Jeff Kathy Ryan Amy Jacob Anna Nick Shirley Gary Angela Eric Emma Jonathan Ruth Steve Olivia
Larry Sophia Justin Ava Scott Mia Brandon Zoe Ben Chloe Sam Grace Greg Lily Frank Hannah Alex Nora Ray Ella Jack Priya
Dennis Fatima Jerry Mei Omar Yuki Diego Ingrid Lars Chiara Pierre Sofia Raj Aisha Wei Kofi Amara Ivan Katya Hugo Elena
Mateo Lucia Noah Freya
""".split()


# --- Chinese ----------------------------------------------------------------------------------------------------------


def _chinese() -> dict[str, Leaf]:
    gazetteer = load_gazetteer()
    foreign = _big_cities("en")
    return {
        "city": _city_leaf("zh"),
        "big_city": _big_city_leaf("zh"),
        "city_region": _chinese_city_region(),
        "city_suffix": _chinese_city_suffix(),
        "district": _chinese_district(),
        "country": _leaf_of(name for country in gazetteer.countries for name in (country.name_zh, *country.aliases)
                            if is_han(name)),
        "region": _leaf_of(name for region in gazetteer.regions if region.name_zh
                           for name in ([region.name_zh, _without_rank(region.name_zh)] if region.country == "CN"
                                        else [region.name_zh])),
        "airport_code": _airport_code(),
        "airport": _chinese_airport(),
        "nickname": _leaf_of(_NICKNAMES_ZH),
        "made_up": _made_new(_chinese_nonsense()),
        "surname": _leaf_of(_SURNAMES_ZH),
        "given": _leaf_of(_GIVEN_ZH),
        "foreign_city": lambda rng: ascii_folded(foreign.draw(rng)),
    }  # fmt: skip


def _without_rank(region: str) -> str:
    """山东省 -> 山东, 广西壮族自治区 -> 广西."""
    return str(regex.sub(r"(壮族自治区|回族自治区|维吾尔自治区|自治区|省|市)$", "", region))


@cache
def _chinese_divisions() -> tuple[_Weighted[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """(province, name, suffix) of the cities of mainland China by population, and of districts."""
    gazetteer = load_gazetteer()
    provinces = {(region.country, region.admin1): region.name_zh for region in gazetteer.regions}
    countries = {country.code: country.name_zh for country in gazetteer.countries}
    population: defaultdict[tuple[str, str], int] = defaultdict(int)
    for place in gazetteer.places:
        if place.country == "CN" and place.name_zh:
            key = place.admin1, name_key(place.name_zh)
            population[key] = max(population[key], place.population)
    cities, districts = [], []
    for division in gazetteer.divisions:
        if held_out(division.name) or held_out(division.name + division.suffix):
            continue
        province = provinces.get((division.country, division.admin1)) or countries[division.country]
        item = (province, division.name, division.suffix)
        if division.level == "district":
            districts.append(item)
        else:
            people = population[division.admin1, division.name] or (150_000 if division.level == "county" else 400_000)
            cities.append((item, people**0.6))
    return _Weighted(cities), districts


def _chinese_city_suffix() -> Leaf:
    """青岛市, 恩施州, 肥西县."""
    cities, _ = _chinese_divisions()

    def city_suffix(rng: Random) -> str:
        _, name, suffix = cities.draw(rng) if rng.random() < 0.5 else _any(cities.items, rng)
        return name + suffix

    return city_suffix


def _chinese_city_region() -> Leaf:
    """山东省青岛市, 江苏苏州, 广东省深圳; 法国巴黎."""
    cities, districts = _chinese_divisions()
    countries = {country.code: country.name_zh for country in load_gazetteer().countries}
    abroad = _Weighted(
        ((countries[place.country], names[0]), float(place.population**0.5))
        for place, names in _said("zh")
        if place.country not in ("CN", "HK", "MO", "SG")
    )

    def city_region(rng: Random) -> str:
        dice = rng.random()
        if dice < 0.2:
            return "".join(abroad.draw(rng))
        if dice < 0.3:
            province, name, suffix = _any(districts, rng)
            return (province if rng.random() < 0.5 else _without_rank(province)) + name + suffix
        province, name, suffix = cities.draw(rng) if dice < 0.7 else _any(cities.items, rng)
        if province.endswith("市"):  # 北京市 is its own province
            province = ""
        if rng.random() < 0.5:
            province = _without_rank(province)
        return province + name + (suffix if rng.random() < 0.5 or suffix != "市" else "")

    return city_region


def _chinese_district() -> Leaf:
    """海淀区, 浦东新区, 青岛市南区, 城关镇; a quarter are put together: 柳塘镇."""
    cities, districts = _chinese_divisions()
    plain = [name + suffix for _, name, suffix in districts]
    towns = _shown(
        name
        for place in load_gazetteer().places
        if place.country in ("CN", "TW", "HK")
        for name in (place.name_zh, *place.aliases)
        if name and is_han(name) and regex.fullmatch(r".{2,4}(区|县|镇|乡|街道|旗)", name)
    )
    starts = [name[0] for _, name, _ in cities.items] + list(_TOWN_STARTS)

    def district(rng: Random) -> str:
        dice = rng.random()
        if dice < 0.4:
            return _any(plain, rng)
        if dice < 0.65:
            return _any(towns, rng)
        if dice < 0.8:
            province, name, suffix = _any(districts, rng)
            city = _without_rank(province) if province.endswith("市") else ""
            return city + ("市" if city and rng.random() < 0.5 else "") + name + suffix
        return _any(starts, rng) + _any(_TOWN_ENDS, rng) + _any(_TOWN_RANKS, rng)

    return district


_TOWN_STARTS = "东西南北上下大小新老白黄青红清双三五九龙凤石柳桃梅松竹金银高平安永太和长玉马牛杨李王张陈刘赵周沙水云"
_TOWN_ENDS = "山河湖江塘桥口岭坪洲港湾泉沟林田庄店坝溪原安宁平阳城关门坡集寨岗潭浦渡"
_TOWN_RANKS = ["区", "县", "镇", "镇", "镇", "乡", "街道", "村"]


def _chinese_airport() -> Leaf:
    """首都机场, 浦东国际机场, 成都双流机场, 青岛机场."""
    gazetteer = load_gazetteer()
    city_of = {iata: place.name_zh for place in gazetteer.places if place.name_zh for iata in place.iata}
    short = [(city_of.get(airport.iata) or "", airport.short_zh) for airport in gazetteer.airports if airport.short_zh]
    short = [pair for pair in short if not any(map(held_out, pair))]
    cities = _cities("zh")
    chinese, _ = _chinese_divisions()

    def airport(rng: Random) -> str:
        dice = rng.random()
        if dice < 0.6:
            city, name = _any(short, rng)
            if name not in city and rng.random() < 0.35:
                name = city + name
        elif dice < 0.85:
            name = chinese.draw(rng)[1]
        else:
            name = cities.draw(rng)
        return name + ("机场" if rng.random() < 0.7 else "国际机场")

    return airport


def _chinese_nonsense() -> Callable[[Random], str]:
    """Characters of real names, each where it stands in them: 临川, 克罗拉斯; some with a rank."""
    native_names, foreign_names = [], []
    for place, names in _said("zh"):
        if place.country == "CN":
            native_names += [regex.sub(r"[市县镇乡区州]$", "", name) for name in names]
        elif place.country not in _HAN_COUNTRIES:
            foreign_names += names
    tables = [
        ["".join(name[0] for name in names), "".join(name[1:-1] for name in names), "".join(name[-1] for name in names)]
        for names in (
            [name for name in native_names if 2 <= len(name) <= 3],
            [name for name in foreign_names if 3 <= len(name) <= 6],
        )
    ]

    def made_up(rng: Random) -> str:
        dice = rng.random()
        native = dice < 0.65
        first, middle, last = tables[0 if native else 1]
        between = (1 if dice < 0.1 else 0) if native else 1 + (dice > 0.8)
        text = _any(first, rng) + "".join(_any(middle, rng) for _ in range(between)) + _any(last, rng)
        return text + (_any(_MADE_UP_RANKS, rng) if native and rng.random() < 0.35 else "")

    return made_up


_HAN_COUNTRIES = ("CN", "HK", "MO", "TW", "JP", "KR", "KP", "VN")
_MADE_UP_RANKS = ["市", "市", "县", "镇", "村"]

_NICKNAMES_ZH = """
魔都 帝都 羊城 鹏城 蓉城 山城 雾都 江城 泉城 冰城 春城 花城 榕城 星城 石头城 金陵 姑苏 临安 岛城 鹭岛 津门 天府之国
椰城 鹿城 鸢都 瓷都 龙城 洛城 汴京 北平 燕京 盛京 奉天 庐州 洪城 邕城 筑城 日光城 青城 凤城 申城 沪上 上海滩 穗城 甬城
锡城 禾城 台城 港城 京城 首都 霸都 妖都 大武汉 京津冀 长三角 珠三角 大湾区 川渝 江浙沪 东北 西北 华北 华南 江南 闽南
岭南 北疆 南疆 川西 滇西 湘西 粤北 苏北 苏南 浙南 三藩 湾区 狮城 东洋 南洋 音乐之都 风城 天使之城 赌城 澳洲 欧洲
东南亚
""".split()
_SURNAMES_ZH = [
    *"王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎",
    *"余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文",
    *("欧阳", "上官", "司马", "诸葛"),
]
_GIVEN_ZH = """
伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 玲 辉 鹏 华 红 波 斌 宇 浩 凯 健 俊 帆 雪 琳 晨 阳 欣 怡
佳 婷 慧 莹 倩 颖 秀英 桂英 建国 建华 志强 志明 国强 海燕 小红 小明 晓东 晓燕 文静 雅婷 子涵 梓涵 浩然 宇轩 一诺 欣怡
思远 嘉怡 子轩 雨桐 佳琪 俊杰 天宇 美玲 淑芬 丽华 玉兰 春梅 冬梅 秋菊 家豪 志远 博文 明轩 梦瑶 诗涵 雨欣 若曦 语嫣
泽宇 铭浩 奕辰 沐阳 可欣 静怡 丹丹 莉莉 婷婷 阿强 小芳
""".split()
