"""lunar_python and holidays to calendars.tsv: python -m model.values.times.build_calendars

Needs the extra `calendars`; the built file is part of the repository, so nobody needs to run this but to renew it.

calendars.tsv holds one calendar a line: name, first year, a cell for each year from that on, separated by spaces.

    chinese               a lunar year: the MMDD of its first day, its leap month (0: none) and 0 or 1 for each of its
                          months, leap month included, that has 29 or 30 days: 0210/0/...
    清明                  a solar term: MMDD
    EID_AL_FITR_DATES     a table of `holidays`: MMDD, of two days in one year both (0108,1227), of none a "-"

The Islamic tables of `holidays` follow the calendar of Umm al-Qura, the Hindu ones what was or is proclaimed in India.
"""

from collections.abc import Iterator

from holidays.calendars.hindu import _HinduLunisolar
from holidays.calendars.islamic import _IslamicLunar
from lunar_python import Lunar, LunarYear

from model.values.times.holidays import CALENDARS, rules

_CHINESE_YEARS = range(1900, 2100)


def main() -> None:
    """Write the file; the same input gives the same bytes."""
    lines = [("chinese", 1900, [_chinese(year) for year in _CHINESE_YEARS])]
    lines += [(name, 1900, [_term(year, name) for year in _CHINESE_YEARS]) for name in _named("term")]
    lines += [_table(name) for name in _named("table")]
    text = "".join(f"{name}\t{first}\t{' '.join(cells)}\n" for name, first, cells in lines)
    CALENDARS.write_text(text, encoding="utf-8")


def _named(base: str) -> Iterator[str]:
    """What the rules take from the file by this base, in their order."""
    return (rule[base] for rule in rules().values() if base in rule)


def _chinese(year: int) -> str:
    months = [month for month in LunarYear.fromYear(year).getMonths() if month.getYear() == year]
    first = Lunar.fromYmd(year, 1, 1).getSolar()
    leap = next((-month.getMonth() for month in months if month.getMonth() < 0), 0)
    lengths = "".join(str(month.getDayCount() - 29) for month in months)
    return f"{first.getMonth():02}{first.getDay():02}/{leap}/{lengths}"


def _term(year: int, name: str) -> str:
    """A table of solar terms runs from one winter solstice to the next."""
    days = (Lunar.fromYmd(lunar, 6, 1).getJieQiTable()[name] for lunar in (year, year + 1))
    return next(f"{day.getMonth():02}{day.getDay():02}" for day in days if day.getYear() == year)


def _table(name: str) -> tuple[str, int, list[str]]:
    table = getattr(_IslamicLunar, name, None) or getattr(_HinduLunisolar, name)
    return name, min(table), [_cell(table.get(year, ())) for year in range(min(table), max(table) + 1)]


def _cell(days: tuple[int, int] | tuple[tuple[int, int], ...]) -> str:
    """One day (month, day) or several of them."""
    several = (days,) if days and isinstance(days[0], int) else days
    return ",".join(f"{month:02}{day:02}" for month, day in several) or "-"


if __name__ == "__main__":
    main()
