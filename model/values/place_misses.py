"""Why a text is no place (P9)."""

import regex

from model.values.place_choice import Countries, Missing, ranked
from model.values.place_index import NOTABLE, Entry, named, tables
from model.values.place_names import is_han

_NOT_A_PLACE = regex.compile(
    r"\b(?:today|tomorrow|tonight|yesterday|morning|afternoon|evening|night|noon|midnight|weekend|week|month|year|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october|november|"
    r"december|o'?clock|am|pm|\d{1,2}:\d\d|\d{1,2}(?:th|st|nd|rd)$|"
    r"tickets?|people|persons?|"
    r"adults?|child(?:ren)?|kids?|infants?|passengers?|seats?|window|aisle|class|economy|"
    r"business|round ?trip|one ?way|nonstop|direct|flights?|trains?|bus)\b"
    r"|^[\d\s.,:/-]+$|^[\d一二三四五六七八九十]+[号日]"
    r"|今天|明天|后天|昨天|早上|上午|中午|下午|晚上|凌晨|周[一二三四五六日末]|星期|礼拜|[\d一二三四五六七八九十]+(?:[月点张位]|个人)|"
    r"机票|车票|票|靠窗|过道|经济舱|商务舱|头等舱|往返|单程|直飞|大人|小孩|成人|儿童",
    regex.I,
)
_UNDERSPECIFIED = regex.compile(
    r"^(?:my|our|your|his|her|their|some|any|another|wherever|somewhere|anywhere|someplace|anyplace|nearest|closest|near)\b"
    r"|\b(?:hometown|office|home|house|here|there|somewhere|anywhere|nearby)$"
    r"|^(?:我|你|他|她|咱)(?:们|家|爸|妈|的|老家|公司)|^(?:某|任何|随便|哪|附近|最近的)|(?:附近|家里|哪里|哪儿|地方|这儿|那儿)$",
    regex.I,
)
_STREET = regex.compile(
    r"\b(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|drive|square|gardens?|park|bridge)$|^[路街道塔桥巷]"
)


def why_not(said: str, key: str, hint: Countries) -> Missing:
    part = _understood(said, key, hint)
    if part:
        return Missing("partly_understood", part)
    if _UNDERSPECIFIED.search(said):
        return Missing("underspecified")
    return Missing("not_a_place" if _NOT_A_PLACE.search(said) else "unknown_place")


def _understood(said: str, key: str, hint: Countries) -> Entry | None:
    """A city that a text begins or ends with, beside words not understood (Eiffel Tower Paris, 北京天安门)."""
    if is_han(key):
        spans = [key[:at] for at in range(min(len(key) - 1, 8), 1, -1)]
        spans += [key[-at:] for at in range(min(len(key) - 1, 8), 1, -1)]
    else:
        words = key.split()
        spans = [" ".join(words[-at:]) for at in range(min(len(words) - 1, 4), 0, -1)]
        spans += [" ".join(words[:at]) for at in range(min(len(words) - 1, 4), 0, -1)]
    for span in spans:
        if span in tables().common or (key.startswith(span) and _STREET.search(key[len(span) :])):
            continue
        found = ranked(named(span), span, hint)
        short = is_han(span) and len(span) == 2
        if found and found.entries[0].kind == "city" and found.entries[0].population >= NOTABLE * (10 if short else 1):
            return found.entries[0]
    return None
