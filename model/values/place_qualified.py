"""Names with the state, country or city that they lie in (P6), and Chinese names with their rank (P5)."""

from dataclasses import replace

import regex

from model.values.place_choice import Countries, Found, Missing, Reading, distinct, lies_in, likeliest, ranked, rivalled
from model.values.place_index import UNSCHEDULED, Area, airport_called, airport_of_code, areas, kilometres, named
from model.values.place_names import airport_key, place_key

_COMMA = regex.compile(r"[,，/()（）;]+| - ")


def read_qualified(said: str, key: str, hint: Countries) -> Reading | None:
    """Paris, Texas; portland me; London Heathrow; JFK, New York; USA."""
    commas = [place_key(part) for part in _COMMA.split(said)]
    commas = [part for part in commas if part]
    words = key.split()
    # Where a comma stands is where the qualifier begins; without one, every place is tried.
    cuts = [(" ".join(commas[:1]), " ".join(commas[1:]))] if len(commas) > 1 else []
    cuts += [(" ".join(words[:at]), " ".join(words[at:])) for at in range(len(words) - 1, max(0, len(words) - 5), -1)]
    conflict = False
    for at, (head, tail) in enumerate(cuts):
        head = head.removesuffix(" in") if len(head) > 3 else head
        if found := _airport_in(head, tail):
            return found
        places = named(head)
        where = _chain(tail)
        if not where:
            continue
        held = [one for one in places if lies_in(one.entry, where)]
        held = [one for one in held if one.entry.kind != "country" and (one.entry.population > 0 or one.entry.iata)]
        if held:
            entries = distinct(one.entry for one in held)
            return Found(tuple(entries[:5]), "exact" if held[0].own else "alias", ambiguous=rivalled(entries))
        wide = all(any(area.near is None for area in one_of) for one_of in where)
        clear = (len(commas) > 1 and at == 0) or (wide and len(tail) > 3)
        conflict = conflict or (bool(places) and clear and places[0].entry.population >= 5000)
        if len(commas) > 1 and at == 0 and not places and (guess := likeliest(head, hint, where)):
            return guess
    return Missing("conflict") if conflict else None


def _chain(tail: str) -> list[tuple[Area, ...]]:
    """What the qualifiers of "Ontario Canada" mean, one by one; empty if a word of the tail is none."""
    if meant := areas(tail):
        return [meant]
    words = tail.split()
    for at in range(1, len(words)):
        first, rest = areas(" ".join(words[:at])), areas(" ".join(words[at:]))
        if first and rest:
            return [first, rest]
    return []


def _airport_in(head: str, tail: str) -> Found | None:
    """London Heathrow, New York JFK, JFK New York: an airport with its city."""
    for city, airport in ((head, tail), (tail, head)):
        name = airport_key(airport)[1:]
        entry = airport_called(name) or (airport_of_code(name) if len(name) == 3 else None)
        if not entry or entry.population == UNSCHEDULED:
            continue
        for place in named(city)[:6]:
            if place.entry.country == entry.country and kilometres(place.entry, entry) < 120:
                return Found((entry,), "code" if len(name) == 3 else "exact")
    return None


_HAN_COMMA = regex.compile(r"[，,、\s（）()·/]+|的")
_RANKS = regex.compile(r"(?:特别行政区|自治区|自治州|自治县|地区|新区|[市县區区省州盟府都旗镇])$")


def read_han_rank(said: str, key: str, hint: Countries) -> Reading | None:
    """歙县, 顺德区, 德州市, 京都府; a quarter may be another city's, so it is never sure."""
    base = _RANKS.sub("", key)
    if base == key or len(base) < 2:
        return None
    found = ranked(named(base), base, hint)
    if found and key.endswith(("省", "自治区")):  # 吉林省 was found as it stands; 费城省 is nothing
        return found if found.entries[0].kind == "region" else None
    return replace(found, ambiguous=True) if found and key.endswith("区") else found


def read_han_qualified(said: str, key: str, hint: Countries) -> Reading | None:
    """山东省青岛市, 美国波士顿, 波士顿，美国, 安徽省黄山市歙县."""
    parts = [place_key(part) for part in _HAN_COMMA.split(said)]
    parts = [part for part in parts if part]
    if len(parts) == 2:
        for head, tail in (parts, parts[::-1]):
            if found := _held(head, [areas(tail)], hint):
                return found
    for at in range(min(len(key) - 2, 9), 1, -1):
        # A first part may end with the 市 that keys do without.
        where = areas(key[:at]) or (areas(key[: at - 1]) if key[at - 1] == "市" and at > 2 else ())
        if not where:
            continue
        rest = place_key(key[at:])
        found = _held(rest, [where], hint)
        if not found and (inner := read_han_qualified(rest, rest, hint)) and isinstance(inner, Found):
            found = inner if any(area.holds(inner.entries[0]) for area in where) else None
        if found:
            return found
        if ranked(named(rest), rest, hint) and all(not area.near for area in where):
            return Missing("conflict")
    return None


def _held(key: str, where: list[tuple[Area, ...]], hint: Countries) -> Found | None:
    """The places of a name, or of a name with a rank, that lie where the qualifiers say."""
    for name in dict.fromkeys((key, _RANKS.sub("", key))):
        held = [one for one in named(name) if one.entry.kind in ("city", "region") and lies_in(one.entry, where)]
        held = [one for one in held if one.entry.kind == "city" or one.entry.iata] or held
        if held and len(name) > 1:
            entries = distinct(one.entry for one in held)
            return Found(tuple(entries[:5]), "exact" if held[0].own else "alias", ambiguous=rivalled(entries))
    return None
