"""Named days: a name to an id (NAMES), an id and a year to dates.

holidays.toml says how each is named and dated; calendars.tsv, which build_calendars writes, holds what no short rule
gives: the months of the Chinese calendar, solar terms, Islamic and Hindu days. Easter and the Hebrew calendar are
worked out (Meeus, Astronomical Algorithms, chapter 8; Dershowitz and Reingold, Calendrical Calculations, chapter 8).
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import regex

HOLIDAYS = Path(__file__).parent / "holidays.toml"
CALENDARS = Path(__file__).parent / "calendars.tsv"

_YEARS = range(1583, 9999)  # whole Gregorian years, with a year on either side
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_GROUP = regex.compile(r"\(([^()]*)\)(\??)")

Days = tuple[date, date]  # the first and the end, exclusive


@cache
def rules() -> dict[str, dict[str, Any]]:
    """The entries of holidays.toml by id."""
    return tomllib.loads(HOLIDAYS.read_text(encoding="utf-8"))


def normalized(name: str) -> str:
    """The form of an English name in NAMES: lower case, no apostrophes and dots, spaces for hyphens, single spaces."""
    return " ".join(name.lower().replace("-", " ").translate(dict.fromkeys(map(ord, "'’."))).split())


def spellings(pattern: str) -> Iterator[str]:
    """All that a pattern of holidays.toml stands for."""
    if not (group := _GROUP.search(pattern)):
        yield pattern
        return
    for option in group[1].split("|") + [""] * len(group[2]):
        yield from spellings(pattern[: group.start()] + option + pattern[group.end() :])


def _names(language: str) -> dict[str, str]:
    return {
        name: holiday
        for holiday, rule in rules().items()
        for pattern in rule.get(language, ())
        for name in spellings(normalized(pattern))
    }


NAMES: dict[str, dict[str, str]] = {language: _names(language) for language in ("en", "zh")}


def dates(holiday: str, year: int) -> Days | None:
    """The occurrence that begins in that civil year, the first if there are two; None if there is or is known none."""
    return next(iter(occurrences(holiday, year)), None)


def period(holiday: str, year: int) -> Days | None:
    """The days off around it (春节假期); None where the policy names none."""
    days = dates(holiday, year)
    if days is None or "period" not in rules()[holiday]:
        return None
    start, end = rules()[holiday]["period"]
    return days[0] + timedelta(start), days[0] + timedelta(end)


@lru_cache(maxsize=4096)
def occurrences(holiday: str, year: int) -> tuple[Days, ...]:
    """All that begin in that civil year, in order: none in some years, and Islamic days twice in others."""
    if year not in _YEARS:
        return ()
    rule = rules()[holiday]
    base = next(base for base in _BASES if base in rule)
    firsts = sorted({_shifted(first, rule) for first in _BASES[base](year, rule[base])})
    return tuple((first, _end(first, rule)) for first in firsts if first.year == year)


def _shifted(first: date, rule: dict[str, Any]) -> date:
    first += timedelta(rule.get("plus", 0))
    if "on" in rule:
        first += timedelta((_WEEKDAYS.index(rule["on"]) - first.weekday()) % 7)
    return first + timedelta(rule.get("moved", {}).get(_WEEKDAYS[first.weekday()], 0))


def _end(first: date, rule: dict[str, Any]) -> date:
    if "until" in rule:
        ends = (days[0] for year in (first.year, first.year + 1) for days in occurrences(rule["until"], year))
        return next(end for end in ends if end > first)
    return first + timedelta(rule.get("days", 1))


def lunar_date(year: int, month: int, day: int) -> date | None:
    """A day of the Chinese lunar year that begins in that civil year; day -1 is the month's last.

    None outside 1900 to 2099 and where there is no such day. A leap month has no number of its own.
    """
    if not (cell := _cell("chinese", year)) or not 1 <= month <= 12:
        return None
    first, leap, lengths = cell.split("/")
    index = month - 1 + (0 < int(leap) < month)
    length = 29 + int(lengths[index])
    if day != -1 and not 1 <= day <= length:
        return None
    before = 29 * index + lengths[:index].count("1")
    return _day(year, first) + timedelta(before + (length if day == -1 else day) - 1)


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar."""
    century, rest = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _orthodox(year: int) -> date:
    """Easter Sunday of the Julian calendar, as a Gregorian date."""
    epact = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - epact + 34) % 7
    month, day = divmod(epact + weekday + 114, 31)
    return date(year, month, day + 1) + timedelta(year // 100 - year // 400 - 2)


def _hebrew_year(year: int) -> int:
    """The ordinal of its first day, 1 Tishri."""

    def elapsed(year: int) -> int:
        """Days from the epoch to the mean conjunction, put off where it may not be."""
        months = (235 * year - 234) // 19
        days = 29 * months + (12084 + 13753 * months) // 25920
        return days + (3 * (days + 1) % 7 < 3)

    before, this, after = elapsed(year - 1), elapsed(year), elapsed(year + 1)
    return this - 1373427 + (2 if after - this == 356 else this - before == 382)


def _hebrew_evening(year: int, month: int, day: int) -> date:
    """The civil day on whose evening it begins."""
    first = _hebrew_year(year)
    length = _hebrew_year(year + 1) - first
    lengths = [30, 29 + (length % 10 == 5), 30 - (length % 10 == 3), 29, 30, 29, 30, 29, 30, 29, 30, 29]
    leap = 30 * (length > 380 and month > 5)
    return date.fromordinal(first + sum(lengths[: month - 1]) + leap + day - 2)


def _day(year: int, cell: str) -> date:
    return date(year, int(cell[:2]), int(cell[2:]))


@cache
def _calendars() -> dict[str, tuple[int, list[str]]]:
    """First year and cells, by name."""
    lines = (line.split("\t") for line in CALENDARS.read_text(encoding="utf-8").splitlines())
    return {name: (int(first), cells.split()) for name, first, cells in lines}


def _cell(name: str, year: int) -> str | None:
    first, cells = _calendars()[name]
    return cells[year - first] if 0 <= year - first < len(cells) else None


def _tabled(year: int, name: str) -> list[date]:
    cell = _cell(name, year) or "-"
    return [] if cell == "-" else [_day(year, day) for day in cell.split(",")]


def _chinese(year: int, day: list[int]) -> list[date]:
    return [first for lunar in (year - 1, year) if (first := lunar_date(lunar, *day))]


def _hebrew(year: int, day: list[int]) -> list[date]:
    return [_hebrew_evening(hebrew, *day) for hebrew in (year + 3760, year + 3761)]


def _of(year: int, other: str) -> list[date]:
    return [first for near in (year - 1, year, year + 1) for first, _ in occurrences(other, near)]


# The base of a rule: the days that it may mean in a civil year, or near it.
_BASES: dict[str, Callable[[int, Any], Iterable[date]]] = {
    "date": lambda year, day: [date(year, *map(int, day.split("-")))],
    "easter": lambda year, days: [_easter(year) + timedelta(days)],
    "orthodox": lambda year, days: [_orthodox(year) + timedelta(days)],
    "chinese": _chinese,
    "hebrew": _hebrew,
    "table": _tabled,
    "term": _tabled,
    "years": lambda _, days: days,
    "of": _of,
}
