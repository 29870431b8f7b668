"""Offsets from a time, units of the calendar, lengths of time (T6)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice

from model.values.times.calendar import (
    DAY,
    WEEK,
    add_months,
    at,
    elapsed,
    monday,
    month_start,
    nearest_saturday,
    shifted,
    weekday_from,
)
from model.values.times.days import Days, naming, one, scope_of
from model.values.times.expression import (
    Amount,
    Bag,
    Containing,
    Iso,
    Nth,
    Occurrence,
    Rest,
    Shifted,
    Stay,
    Unit,
    Units,
    Within,
)
from model.values.times.setting import Setting, find
from model.values.times.windows import Found, Unresolvable, Window, day_window

_SATURDAY = 5


def _base(expression: Shifted | Nth | Occurrence | Containing, setting: Setting) -> Found:
    """What is counted from: the anchor, the departure or today."""
    if (anchor := expression.anchor) is not None:
        weeks = isinstance(expression, Shifted) and expression.amount.weeks
        if weeks and isinstance(anchor, Bag) and naming(anchor) == {"weekday"}:
            anchor = replace(anchor, which="coming")  # a week from friday is the coming one's, also on a friday
        return find(anchor, setting)
    departure = setting.departure
    if departure and isinstance(expression, Shifted | Nth) and expression.later:
        return Found([day_window(departure.first, departure.last + DAY, "day", setting.place)])
    return Found([day_window(setting.today, setting.today + DAY, "day", setting.place)])


@find.register
def _shifted(expression: Shifted, setting: Setting) -> Found:
    amount, sign = expression.amount, expression.sign
    found = _base(expression, setting)
    time = timedelta(hours=amount.hours, minutes=amount.minutes, seconds=amount.seconds) * sign
    years, months = amount.years * sign, amount.months * sign
    days = (7 * amount.weeks + amount.days + amount.nights) * sign
    calendar = bool(years or months or days or not time)
    if expression.anchor is None and time:
        found = Found([Window(setting.now, setting.now, "minute", exact=True)])
        if expression.later and setting.departure and setting.departure.timed:
            start = setting.departure.start.astimezone(setting.place)
            found = Found([Window(start, start, "minute", exact=True)])

    def moved(day: date) -> date:
        result, clipped = shifted(day, years, months, days)
        if clipped:
            found.assumptions.append("clipped_day")
        return result

    def move(window: Window) -> Window:
        start, end, grain, _ = window
        if start is None or end is None:
            raise Unresolvable("underspecified")
        if time:
            origin = end if sign > 0 else start
            if calendar:
                origin = datetime.combine(moved(origin.date()), origin.timetz())
            after = elapsed(origin, time)
            return Window(after, after, "minute", exact=True)
        if window.grain in ("minute", "hour"):
            length = end - start
            start = datetime.combine(moved(start.date()), start.timetz())
            return Window(start, start + length, grain)
        day = moved(window.days[1 if sign > 0 else 0])
        return day_window(day, day + DAY, "day", setting.place)

    result = found.mapped(move)
    result.named = result.named and not time
    return result


@find.register
def _nth(expression: Nth, setting: Setting) -> Found:
    n, unit = expression.n, expression.unit

    def move(window: Window) -> Window:
        first, last = window.days
        if unit == "week":
            start = monday(last if n > 0 else first) + n * WEEK
            return day_window(start, start + WEEK, "week", setting.place)
        weekday, length = (_SATURDAY, 2) if unit == "weekend" else (expression.weekday or 0, 1)
        if n > 0:
            start = weekday_from(last + DAY, weekday) + (n - 1) * WEEK
        else:
            start = weekday_from(first - (length - 1) * DAY, weekday) + n * WEEK
        return day_window(start, start + length * DAY, "day", setting.place)

    return _of_days(_base(expression, setting).mapped(move), unit == "weekend")


_APART = 8  # years, at most, between what comes once a year if at all: February 29 around 2100


def _occurrences(expression: Occurrence, first: date, last: date, setting: Setting) -> Iterator[Days]:
    """Those of around [first, last] that may be the nth, in order."""
    n, bag = expression.n, expression.of
    if naming(bag) == {"weekday"}:
        day = weekday_from(first, bag.weekday or 0) - n * WEEK
        while day <= last + n * WEEK:
            yield one(day)
            day += WEEK
        return
    for year in range(max(first.year - _APART * n, 1), last.year + _APART * n + 1):
        try:
            yield from islice(scope_of(replace(bag, year=year), setting.calendar).occurrences, 1)  # type: ignore[union-attr]
        except Unresolvable:  # not in that year
            continue


@find.register
def _occurrence(expression: Occurrence, setting: Setting) -> Found:
    def move(window: Window) -> Window:
        first, last = window.days
        found = list(_occurrences(expression, first, last, setting))
        if expression.closest:
            found.sort(key=lambda days: max(days.start - last, first - days.start, timedelta(0)))
        else:
            found = [days for days in found if days.start > last]
        if len(found) < expression.n:
            raise Unresolvable("impossible_date")
        start, end, grain, *_ = found[expression.n - 1]
        return day_window(start, end, grain, setting.place)

    return _of_days(_base(expression, setting).mapped(move), weekend=False)


@find.register
def _containing(expression: Containing, setting: Setting) -> Found:
    def around(window: Window) -> Window:
        first = window.days[0]
        if expression.unit == "week":
            return day_window(monday(first), monday(first) + WEEK, "week", setting.place)
        saturday = nearest_saturday(first)
        return day_window(saturday, saturday + 2 * DAY, "day", setting.place)

    return _of_days(_base(expression, setting).mapped(around), expression.unit == "weekend")


def _of_days(found: Found, weekend: bool) -> Found:
    found.named = True
    if weekend:
        found.assumptions.append("weekend:sat-sun")
    return found


def _current_day(setting: Setting) -> date:
    """Today, or the place's date where it is a day ahead: what begins now ends after it."""
    return max(setting.today, setting.now.date())


def _has_clock(amount: Amount) -> bool:
    return bool(amount.hours or amount.minutes or amount.seconds)


@find.register
def _within(expression: Within, setting: Setting) -> Found:
    amount = expression.amount
    today = _current_day(setting)
    day, _ = shifted(today, amount.years, amount.months, 7 * amount.weeks + amount.days + amount.nights)
    if _has_clock(amount):
        time = timedelta(hours=amount.hours, minutes=amount.minutes, seconds=amount.seconds)
        end = elapsed(setting.now + (day - today), time)
        return Found([Window(setting.now, end, "minute", exact=True)])
    return Found([Window(setting.now, at(day + DAY, 0, setting.place), "day")])


def _unit_start(day: date, unit: Unit) -> date:
    """The first day of the unit that holds the day."""
    match unit:
        case "week":
            return monday(day)
        case "weekend":
            return monday(day) + _SATURDAY * DAY
        case "month":
            return day.replace(day=1)
        case "quarter":
            return month_start(day.year, day.month - (day.month - 1) % 3)
        case "year":
            return date(day.year, 1, 1)
        case _:
            return day


_UNIT_STEPS: dict[Unit, tuple[int, int]] = {  # months and days
    "day": (0, 1),
    "week": (0, 7),
    "weekend": (0, 7),
    "month": (1, 0),
    "quarter": (3, 0),
    "year": (12, 0),
}
_UNIT_TIMES: dict[Unit, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
}


@find.register
def _units(expression: Units, setting: Setting) -> Found:
    """0 is the current one."""
    n, unit = expression.n, expression.unit
    first, last = (1, n) if n > 0 else (n, -1) if n < 0 else (0, 0)
    if expression.last_alone:
        first = last
    if step := _UNIT_TIMES.get(unit):
        current = setting.now.replace(minute=0) if unit == "hour" else setting.now
        return Found([Window(elapsed(current, first * step), elapsed(current, (last + 1) * step), unit, exact=True)])
    months, days = _UNIT_STEPS[unit]
    day = _unit_start(setting.today, unit)

    def start(steps: int) -> date:
        return add_months(day, months * steps) + days * steps * DAY

    end = start(last) + 2 * DAY if unit == "weekend" else start(last + 1)
    return _of_days(Found([day_window(start(first), end, unit, setting.place)]), unit == "weekend")


@find.register
def _rest(expression: Rest, setting: Setting) -> Found:
    unit = expression.unit
    months, days = _UNIT_STEPS[unit]
    end = add_months(_unit_start(_current_day(setting), unit), months) + days * DAY
    return Found([Window(setting.now, at(end, 0, setting.place), "minute" if unit == "day" else "day")])


@find.register
def _stay(expression: Stay, setting: Setting) -> Found:
    if setting.departure and setting.context.role == "return":
        return _shifted(Shifted(expression.amount, later=True), setting)
    return Found([expression.amount])


@find.register
def _iso(expression: Iso, setting: Setting) -> Found:
    dated = all(side is None or not isinstance(side, datetime) for side in (expression.start, expression.end))
    start, end = (_moment(side, setting) for side in (expression.start, expression.end))
    if start and end and start > end:
        raise Unresolvable("impossible_date")
    return Found([Window(start, end, "day" if dated else "minute", exact=not dated)])


def _moment(side: date | datetime | None, setting: Setting) -> datetime | None:
    if side is None:
        return None
    if not isinstance(side, datetime):
        return at(side, 0, setting.place)
    return side.replace(tzinfo=setting.place) if side.tzinfo is None else side.astimezone(setting.place)
