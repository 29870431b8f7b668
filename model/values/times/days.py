"""The days that a bag names: its occurrences on the calendar, before any time of day is looked at (T2, T7-T9)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import chain, count, islice
from operator import attrgetter
from typing import NamedTuple

from model.values.times import holidays
from model.values.times.calendar import (
    DAY,
    WEEK,
    monday,
    month_start,
    nearest_saturday,
    nearest_weekday,
    nth_week,
    nth_weekday,
    valid_date,
    weekday_from,
)
from model.values.times.expression import Bag, Segment, Unit
from model.values.times.windows import Unresolvable

_WEEKEND = 5  # Saturday
_YEARS_AHEAD = 12  # the rarest, Feb 29, may be eight years away
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}  # northern; the first month of three


class Days(NamedTuple):
    """[start, end), and other days that may be meant instead."""

    start: date
    end: date
    grain: Unit = "day"
    others: tuple["Days", ...] = ()
    ambiguous: bool = False
    conflict: bool = False

    @property
    def is_one(self) -> bool:
        return self.end - self.start == DAY


class Scope(NamedTuple):
    """Occurrences in order: the first that is not over is meant, unless the wording is `fixed`."""

    occurrences: Iterator[Days]
    fixed: bool = False
    repeats: bool = False  # an occurrence that is today leaves the next one in doubt
    word: bool = False  # a day word, counted on the user's calendar
    assumptions: tuple[str, ...] = ()


class Calendar(NamedTuple):
    """Where days are counted from: today, and the day before which nothing may be over."""

    today: date
    since: date


def one(day: date, **more: object) -> Days:
    return Days(day, day + DAY, **more)  # type: ignore[arg-type]


def _fixed(days: Days, **more: object) -> Scope:
    return Scope(iter((days,)), fixed=True, **more)  # type: ignore[arg-type]


def _impossible() -> Unresolvable:
    return Unresolvable("impossible_date")


# The coarse spans: weeks, months, quarters, seasons, years


def _months(start: date, length: int, grain: Unit = "month") -> Days:
    return Days(start, month_start(start.year, start.month + length), grain)


def _week(day: date) -> Days:
    first = monday(day)
    return Days(first, first + WEEK, "week")


def _said_year(bag: Bag, calendar: Calendar) -> int | None:
    if bag.year_shift is not None:
        return calendar.today.year + bag.year_shift
    if bag.month_shift is not None:  # thanksgiving in nine months
        return month_start(calendar.today.year, calendar.today.month + bag.month_shift).year
    if bag.year is not None and not 1 <= bag.year <= 9998:
        raise _impossible()
    return bag.year


def _yearly(of: Callable[[int], Iterable[Days]], bag: Bag, calendar: Calendar, **more: object) -> Scope:
    """What comes once a year, in the year said or the next that is not over ("next march" begins after today)."""
    if (year := _said_year(bag, calendar)) is not None:
        found = next(iter(of(year)), None)
        if found is None:
            raise _impossible()
        return _fixed(found, **more)
    today, since = calendar
    if bag.which == "last":
        past = chain.from_iterable(of(year) for year in range(today.year, today.year - _YEARS_AHEAD, -1))
        return Scope((days for days in past if days.end <= today), fixed=True, **more)  # type: ignore[arg-type]
    years = range(max(since.year - 1, 1), since.year + _YEARS_AHEAD)
    coming = chain.from_iterable(map(of, years))
    strictly = bag.which in ("next", "coming")
    found_days = (days for days in coming if (days.start > today if strictly else True) and days.end > since)
    return Scope(found_days, **more)  # type: ignore[arg-type]


def _span(bag: Bag, calendar: Calendar) -> Scope:
    """The week, month, season, quarter or year that the bag names; the current month on if it names none."""
    today, since = calendar
    if bag.week_shift is not None:
        return _fixed(_week(today + bag.week_shift * WEEK))
    if bag.month_shift is not None:
        return _fixed(_months(month_start(today.year, today.month + bag.month_shift), 1))
    if bag.month is not None:
        if not 1 <= bag.month <= 12:
            raise _impossible()
        month = bag.month
        return _yearly(lambda year: (_months(date(year, month, 1), 1),), bag, calendar)
    if bag.season is not None:
        first = _SEASONS[bag.season]
        return _yearly(
            lambda year: (_months(date(year, first, 1), 3),), bag, calendar, assumptions=("season:northern",)
        )
    if bag.quarter is not None:
        quarter = bag.quarter
        return _yearly(lambda year: (_months(date(year, 3 * quarter - 2, 1), 3, "quarter"),), bag, calendar)
    if (year := _said_year(bag, calendar)) is not None:
        return _fixed(_months(date(year, 1, 1), 12, "year"))
    return Scope(_months(month_start(since.year, since.month + ahead), 1) for ahead in range(12 * _YEARS_AHEAD))


def _within(scope: Scope, part: Callable[[Days], Days | None]) -> Scope:
    """That part of each occurrence that has one."""
    if scope.fixed:
        found = next((part(days) for days in scope.occurrences), None)
        if found is None:
            raise _impossible()
        return scope._replace(occurrences=iter((found,)))
    return scope._replace(occurrences=(found for days in scope.occurrences if (found := part(days))))


_THIRDS: dict[Segment, int] = {"early": 0, "mid": 1, "late": 2}
# Early, mid and late of a week (days from Monday) and of a year (months).
_WEEK_SEGMENTS = {"early": (0, 3), "mid": (1, 4), "late": (3, 7)}
_YEAR_SEGMENTS = {"early": (1, 3), "mid": (6, 2), "late": (12, 1)}


def _segment(days: Days, segment: Segment) -> Days:
    start, end, grain, *_ = days
    if grain == "week":
        first, last = _WEEK_SEGMENTS[segment]
        return Days(start + timedelta(first), start + timedelta(last))
    if grain == "year":
        month, length = _YEAR_SEGMENTS[segment]
        return _months(date(start.year, month, 1), length)
    third = _THIRDS[segment]
    if end - start > timedelta(31):  # a season or quarter
        return _months(month_start(start.year, start.month + third), 1)
    return Days(start + timedelta(10 * third), end if segment == "late" else start + timedelta(10 * third + 10))


def _segments(bag: Bag, calendar: Calendar) -> Scope:
    segment = bag.segment
    assert segment is not None, "the family of the segments"
    scope = _span(bag, calendar)
    # 月初 is said of this month, and of the next once it is over; 本月初 is literal.
    if scope.fixed and not bag.literal and 0 in (bag.week_shift, bag.month_shift, bag.year_shift):
        ahead: Iterator[Days]
        today = calendar.today
        if bag.week_shift is not None:
            ahead = (_week(today + n * WEEK) for n in count())
        elif bag.month_shift is not None:
            ahead = (_months(month_start(today.year, today.month + n), 1) for n in count())
        else:
            ahead = chain.from_iterable(_span(replace(bag, year_shift=n), calendar).occurrences for n in count())
        scope = scope._replace(occurrences=ahead, fixed=False)
    return _within(scope, lambda days: _segment(days, segment))


def _counted(bag: Bag, calendar: Calendar) -> Scope:
    """First monday of, last day of, third week of, 2nd weekend of."""
    n, unit, weekday = bag.nth, bag.nth_unit, bag.weekday
    if not n or unit is None or (unit == "weekday" and weekday is None):
        raise Unresolvable("underspecified")

    def part(days: Days) -> Days | None:
        start, end, grain, *_ = days
        if unit == "day":
            day = start + (n - 1) * DAY if n > 0 else end + n * DAY
            return one(day) if start <= day < end else None
        if unit == "week":
            first = nth_week(start, end, n)
            if first is None:
                return None
            if grain != "month":
                return _week(first)
            sevens = start + (n - 1) * WEEK if n > 0 else end + n * WEEK
            return _week(first)._replace(others=(Days(sevens, min(sevens + WEEK, end)),), ambiguous=True)
        found = nth_weekday(start, end, n, _WEEKEND if unit == "weekend" else weekday or 0)
        return Days(found, found + DAY * (2 if unit == "weekend" else 1)) if found else None

    scope = _within(_span(bag, calendar), part)
    return scope._replace(assumptions=("weekend:sat-sun",)) if unit == "weekend" else scope


# Days


def _day_word(bag: Bag, calendar: Calendar) -> Scope:
    return _fixed(one(calendar.today + (bag.day_shift or 0) * DAY), word=True)


def _weekday(bag: Bag, calendar: Calendar) -> Scope:
    today, since = calendar
    weekday = bag.weekday or 0
    if bag.week_shift is not None:
        literal = monday(today) + weekday * DAY + bag.week_shift * WEEK
        past = literal < today and bag.week_shift == 0
        return _fixed(one(literal, others=(one(literal + WEEK),) if past else ()))
    if bag.which == "last":
        return _fixed(one(weekday_from(today, weekday) - WEEK))
    if bag.which == "next":
        first = monday(today) + weekday * DAY + WEEK
        if today < first - WEEK:
            near = one(first, others=(one(first - WEEK),), ambiguous=True)
            return Scope(chain((near,), _weekly(first + WEEK, since)))
    elif bag.which == "coming":
        first = weekday_from(today + DAY, weekday)
    else:
        first = weekday_from(since, weekday)
    return Scope(_weekly(first, since), repeats=bag.which is None)


def _weekly(first: date, since: date, length: timedelta = DAY) -> Iterator[Days]:
    """From the first that is not over."""
    first = max(first, weekday_from(since - length + DAY, first.weekday()))
    return (Days(day, day + length) for n in range(54) for day in (first + n * WEEK,))


def _weekend(bag: Bag, calendar: Calendar) -> Scope:
    today, since = calendar
    current = monday(today) + _WEEKEND * DAY
    first, fixed = current, False
    others: tuple[Days, ...] = ()
    if bag.week_shift is not None:
        first, fixed = current + bag.week_shift * WEEK, True
    elif bag.which == "last":
        first, fixed = current - WEEK, True
    elif bag.which == "next":
        first = current + WEEK
        others = (_two(current),) if today < current else ()
    elif bag.which == "coming":
        first = weekday_from(today + DAY, _WEEKEND)
    near = _two(first)._replace(others=others, ambiguous=bool(others))
    ahead = () if fixed else _weekly(first + WEEK, since, 2 * DAY)
    return Scope(chain((near,), ahead), fixed=fixed, assumptions=("weekend:sat-sun",))


def _two(saturday: date) -> Days:
    return Days(saturday, saturday + 2 * DAY)


def _date(bag: Bag, calendar: Calendar) -> Scope:
    """Of a month that is said, or an ordinal of the next month that has it."""
    day, month = bag.day, bag.month
    assert day is not None, "the family of the dates"
    today = calendar.today
    if bag.month_shift is not None:
        first = month_start(today.year, today.month + bag.month_shift)
        found = valid_date(first.year, first.month, day)
        if found is None:
            raise _impossible()
        scope = _fixed(one(found))
    elif month is not None:
        if not valid_date(2000, month, day):
            raise _impossible()
        scope = _yearly(lambda year: map(one, filter(None, (valid_date(year, month, day),))), bag, calendar)
        if bag.other_order:
            other = _date(replace(bag, month=day, day=month, other_order=False, weekday=None), calendar)
            others = tuple(islice(other.occurrences, 1))
            with_other = (days._replace(others=others, ambiguous=True) for days in scope.occurrences)
            scope = scope._replace(occurrences=with_other, assumptions=("month_first",))
    elif bag.year is not None or bag.year_shift is not None:
        raise Unresolvable("underspecified")
    else:
        return _ordinal(day, bag, calendar)
    weekday = bag.weekday
    return scope if weekday is None else _within(scope, lambda days: _on_weekday(days, weekday))


def _on_weekday(days: Days, weekday: int) -> Days:
    """The date is kept where the weekday disagrees, unless the other order of day and month agrees."""
    if days.start.weekday() == weekday:
        return days._replace(others=(), ambiguous=False)
    for other in days.others:
        if other.start.weekday() == weekday:
            return other
    return days._replace(others=(one(nearest_weekday(days.start, weekday)),), ambiguous=True, conflict=True)


def _ordinal(day: int, bag: Bag, calendar: Calendar) -> Scope:
    if not 1 <= day <= 31:
        raise _impossible()
    today, since = calendar
    if bag.which == "last":
        before = (month_start(today.year, today.month - back) for back in range(4))
        past = (found for first in before if (found := valid_date(first.year, first.month, day)))
        return Scope((one(found) for found in past if found < today), fixed=True)
    firsts = (month_start(since.year, since.month + ahead) for ahead in range(12 * _YEARS_AHEAD))
    found_days = (one(found) for first in firsts if (found := valid_date(first.year, first.month, day)))
    ahead = (days for days in found_days if days.end > since)
    if bag.weekday is None:
        return Scope(ahead, repeats=True)
    return Scope(_agreeing(ahead, bag.weekday))


def _agreeing(ahead: Iterator[Days], weekday: int) -> Iterator[Days]:
    """The ordinal among the next three that falls on the weekday; from each of them on, should the first be over."""
    coming = list(islice(ahead, 6))
    for n in range(3):
        first, *_ = three = coming[n : n + 3]
        found = next((days for days in three if days.start.weekday() == weekday), None)
        if found is None:
            yield _on_weekday(first, weekday)
        elif found is first:
            yield first
        else:
            yield found._replace(others=(first,), ambiguous=True)


def _holiday(bag: Bag, calendar: Calendar) -> Scope:
    name, span = bag.holiday, bag.holiday_span
    assert name is not None, "the family of the holidays"

    def of(year: int) -> Iterator[Days]:
        for start, end in holidays.occurrences(name, year):
            if span == "weekend":
                saturday = nearest_saturday(start)
                yield Days(min(start, saturday), max(end, saturday + 2 * DAY))
                continue
            period = holidays.period(name, start.year)
            if span == "period":
                if period is not None:
                    yield Days(*period)
                continue
            yield Days(start, end, others=() if period is None else (Days(*period),))

    return _yearly(of, bag, calendar, assumptions=("weekend:sat-sun",) if span == "weekend" else ())


def _lunar(bag: Bag, calendar: Calendar) -> Scope:
    assert bag.lunar is not None, "the family of the lunar dates"
    month, day = bag.lunar
    return _yearly(lambda year: map(one, filter(None, (holidays.lunar_date(year, month, day),))), bag, calendar)


def _literal_today(bag: Bag, calendar: Calendar) -> Scope:
    return _fixed(one(calendar.today), word=True)


_SPAN = frozenset(("year", "year_shift", "quarter", "season", "month", "month_shift", "week_shift", "which"))
_CHECKED = frozenset(("weekday", "day", "month", "year", "year_shift", "month_shift", "week_shift"))
# What names days: by the first of these that is said, with the fields that it takes and those that must agree with it.
_FAMILIES: tuple[tuple[str, Callable[[Bag, Calendar], Scope], frozenset[str], frozenset[str]], ...] = (
    ("day_shift", _day_word, frozenset(("day_shift",)), _CHECKED),
    ("lunar", _lunar, frozenset(("lunar", "year", "year_shift", "which")), _CHECKED),
    ("holiday", _holiday, frozenset(("holiday", "holiday_span", "year", "year_shift", "which")), _CHECKED),
    ("nth", _counted, _SPAN | {"nth", "nth_unit", "weekday"}, frozenset()),
    ("day", _date, frozenset(("day", "month", "month_shift", "year", "year_shift", "weekday", "which")), _CHECKED),
    ("weekend", _weekend, frozenset(("weekend", "week_shift", "which")), frozenset()),
    ("weekday", _weekday, frozenset(("weekday", "week_shift", "which")), frozenset()),
    ("segment", _segments, _SPAN | {"segment"}, frozenset()),
    *((name, _span, _SPAN, frozenset()) for name in ("week_shift", "month", "month_shift", "season", "quarter")),
    *((name, _span, _SPAN, frozenset()) for name in ("year", "year_shift")),
)
_NAMING = tuple(sorted(frozenset[str]().union(*(taken for _, _, taken, _ in _FAMILIES))))


_naming_values = attrgetter(*_NAMING)


def naming(bag: Bag) -> frozenset[str]:
    """The fields said that name days."""
    values = zip(_NAMING, _naming_values(bag), strict=True)
    return frozenset([name for name, value in values if value is not None and value is not False])


def scope_of(bag: Bag, calendar: Calendar) -> Scope | None:
    """The days named, or None. Raises Unresolvable where the fields are not of one day or span."""
    said = naming(bag)
    if not said:
        return _literal_today(bag, calendar) if bag.literal else None
    for name, family, taken, checked in _FAMILIES:
        if name in said:
            scope = family(bag, calendar)
            if not said - taken <= checked:
                raise Unresolvable("underspecified")
            if said - taken:
                scope = _within(scope, partial(_checked, bag, said - taken, calendar))
            if bag.two_digit_year:
                scope = scope._replace(assumptions=(*scope.assumptions, "two_digit_year"))
            return scope
    raise Unresolvable("underspecified")


def _checked(bag: Bag, names: frozenset[str], calendar: Calendar, days: Days) -> Days:
    """The days, in conflict where another thing said of them does not hold."""
    today, start = calendar.today, days.start
    holds = {
        "weekday": start.weekday() == bag.weekday,
        "day": start.day == bag.day,
        "month": start.month == bag.month,
        "year": start.year == bag.year,
        "year_shift": start.year == today.year + (bag.year_shift or 0),
        "month_shift": start.replace(day=1) == month_start(today.year, today.month + (bag.month_shift or 0)),
        "week_shift": monday(start) == monday(today) + (bag.week_shift or 0) * WEEK,
    }
    if all(holds[name] for name in names):
        return days
    others = (one(nearest_weekday(start, bag.weekday)),) if bag.weekday is not None else ()
    return days._replace(others=others, ambiguous=True, conflict=True)
