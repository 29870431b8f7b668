"""A phrase to an expression, in whichever of the two languages, or in ISO 8601, it is said."""

from datetime import date, datetime

import regex

from model.values.times import chinese, english
from model.values.times.expression import Amount, Expression, Iso, Stay, Unknown

_HAN = regex.compile(r"\p{Han}")
_DATE = r"\d{4}-\d\d-\d\d"
_MOMENT = rf"{_DATE}(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?"
_ISO = regex.compile(rf"\s*+(?:({_MOMENT})|(\.\.|{_MOMENT})/(\.\.|{_MOMENT}))\s*+")
_DURATION = regex.compile(
    r"\s*+P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?)?\s*+"
)


def read_time(phrase: str, lang: str) -> Expression:
    """`lang` as in BCP 47 ("en", "en-GB", "zh") decides what both languages write (12/5), else the phrase's letters."""
    if match := _ISO.fullmatch(phrase):
        return _iso(*match.groups())
    if match := _DURATION.fullmatch(phrase):
        years, months, weeks, days, hours, minutes = (int(number or 0) for number in match.groups())
        return Stay(Amount(years, months, weeks, days, hours, minutes))
    if _HAN.search(phrase):
        return chinese.read(phrase)
    if lang.startswith("zh"):
        read = chinese.read(phrase)
        if not isinstance(read, Unknown) or read.reason != "not_a_time":
            return read
    return english.read(phrase, day_first=lang.startswith("en-") and lang != "en-US")


def _iso(moment: str | None, start: str | None, end: str | None) -> Expression:
    try:
        first, last = (_side(side) for side in ((moment, moment) if moment else (start, end)))
    except ValueError:
        return Unknown("impossible_date")
    if moment and not isinstance(first, datetime):
        return english.read(moment)  # a day, which is not over before the next one
    return Iso(first, last) if first or last else Unknown("not_a_time")


def _side(side: str | None) -> date | datetime | None:
    if side is None or side == "..":
        return None
    return date.fromisoformat(side) if len(side) == 10 else datetime.fromisoformat(side)
