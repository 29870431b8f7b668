"""Bags: which occurrence of the days named is meant, and which time on it (T1-T4, T11)."""

from dataclasses import replace
from datetime import date, timedelta, tzinfo
from functools import partial
from typing import Any

from model.values.times.calendar import DAY, WEEK, add_months, at, zone
from model.values.times.clocks import Times, bag_times
from model.values.times.days import Days, Scope, naming, scope_of
from model.values.times.expression import Bag, said
from model.values.times.setting import Setting, find
from model.values.times.windows import Found, Unresolvable, Window, day_window


@find.register
def find_bag(bag: Bag, setting: Setting) -> Found:
    if bag.zone is None:
        return _bag_in_zone(bag, setting)
    (name, *others), assumptions = zones_of(bag, setting)
    found = _bag_in_zone(bag, in_zone(setting, name))
    for other in others:
        found.add(_bag_in_zone(bag, in_zone(setting, other)).readings[:1], ambiguous=False)
    found.assumptions += assumptions
    return found


def in_zone(setting: Setting, place: tzinfo) -> Setting:
    return setting._replace(place=place, now=setting.now.astimezone(place))


_CHINA = frozenset(
    f"Asia/{city}" for city in ("Shanghai", "Urumqi", "Chongqing", "Chungking", "Harbin", "Kashgar", "Taipei")
)
_CHINA |= {"PRC", "ROC"}
# Names of two zones: the zones that the request must be in for the first, and both.
_TWO_MEANINGS = {
    "CST": (_CHINA, "Asia/Shanghai", "America/Chicago"),
    "IST": (frozenset(("Asia/Jerusalem", "Asia/Tel_Aviv", "Israel")), "Asia/Jerusalem", "Asia/Kolkata"),
}


def zones_of(bag: Bag, setting: Setting) -> tuple[list[tzinfo], list[str]]:
    """The zones that the bag's zone word may mean, best first, and what that assumes."""
    name = bag.zone or "local"
    if name == "local":
        return [setting.place], []
    if two := _TWO_MEANINGS.get(name):
        names = list(two[1:]) if str(setting.here) in two[0] else list(two[:0:-1])
        return [zone(name) for name in names], [f"timezone:{names[0]}"]
    if name.startswith("place:"):
        lookup = setting.context.zone_of_place
        found = lookup(name.removeprefix("place:")) if lookup else None
        if found is None:
            partial = _bag_in_zone(replace(bag, zone=None), setting)
            raise Unresolvable("partly_understood", partial.readings[0])
        name = found
    return [zone(name)], []


def _bag_in_zone(bag: Bag, setting: Setting) -> Found:
    scope = scope_of(bag, setting.calendar)
    if bag.clock is not None and bag.clock.half == "now":
        found = _this_time(bag, scope, setting)
    else:
        found = on_days(scope, bag_times(bag, setting.context.part), setting)
    if bag.clock is not None and bag.clock.second:
        found.mapped(partial(_seconds_later, timedelta(seconds=bag.clock.second)))
    if scope:
        assume_future(found, bag, scope)
    if bag.approximate:
        found.assumptions.append("approximate")
    return found


def _seconds_later(seconds: timedelta, window: Window) -> Window:
    return window._replace(start=window.start and window.start + seconds, end=window.end and window.end + seconds)


def assume_future(found: Found, bag: Bag, scope: Scope) -> None:
    """Where neither year nor month nor week was said, the next occurrence was assumed."""
    if not scope.fixed and bag.which is None and not naming(bag) & {"week_shift", "month_shift", "year_shift"}:
        found.assumptions.append("future")


def _this_time(bag: Bag, scope: Scope | None, setting: Setting) -> Found:
    """Now, or the reference's clock on another day: this time tomorrow, this time next week."""
    now = setting.now
    if scope is None:
        return Found([Window(now, now, "minute", exact=True)])
    shifts = bag.week_shift or 0, bag.month_shift or 0, bag.year_shift or 0
    if naming(bag) <= {"week_shift", "month_shift", "year_shift"}:
        day = add_months(now.date(), 12 * shifts[2] + shifts[1]) + shifts[0] * WEEK
        scope = scope._replace(occurrences=iter((Days(day, day + DAY),)))
    minutes = now.hour * 60 + now.minute
    return on_days(scope, Times(((minutes, minutes),), "minute"), setting)


def on_days(scope: Scope | None, times: Times | None, setting: Setting) -> Found:
    """The times of day on the days named: of their occurrences the first that is not over, or the one that was said."""
    if scope is None:
        if times is None:
            raise Unresolvable("underspecified")
        return _next(times, setting)
    readings: list[Window] = []
    for days in scope.occurrences:
        readings = _windows(days, times, setting)
        if scope.fixed or not readings[0].is_over(setting.since):
            break
    if not readings:
        raise Unresolvable("impossible_date")
    if scope.word and setting.place is not setting.here and readings[0].is_over(setting.now):
        readings, moved = _moved_on(days, times, readings, setting)
    else:
        moved = False
    found = Found(list(readings), named=True, assumptions=list(scope.assumptions))
    found.ambiguous = moved or days.ambiguous or (times is not None and times.ambiguous and len(readings) > 1)
    if days.end - days.start > DAY and times is not None:
        found.ambiguous = True  # which of its days
    for other in days.others:
        if times is None or other.is_one:
            found.readings += _windows(other, times, setting)[:1]
    if scope.repeats and days.start == setting.today and (following := next(scope.occurrences, None)):
        found.add(_windows(following, times, setting)[:1])
    _assume(found, times, days.conflict)
    return found


def _assume(found: Found, times: Times | None, conflict: bool = False) -> None:
    if times is not None:
        found.assumptions += times.assumptions
        start = found.windows[0].start
        if times.bare and start:
            found.assumptions.append("am" if start.hour < 12 else "pm")
    if conflict or (times is not None and times.conflict):
        found.reason = "conflict"


def _moved_on(days: Days, times: Times | None, past: list[Window], setting: Setting) -> tuple[list[Window], bool]:
    """A day word that is over only because the place's clocks are ahead is the day after (T1)."""
    if _windows(days, times, setting._replace(place=setting.here))[0].is_over(setting.now):
        return past, False
    return _windows(Days(days.start + DAY, days.end + DAY), times, setting) + past[:1], True


_DAYS_TO_CHOOSE_FROM = 4  # "weekend morning" is of one of its days, "next week in the morning" of too many


def _windows(days: Days, times: Times | None, setting: Setting) -> list[Window]:
    whole = day_window(days.start, days.end, days.grain, setting.place)
    if times is None:
        return [whole]
    if days.is_one:
        return _of_day(days.start, times, setting) or _past(days.start, times, setting)
    length = (days.end - days.start).days
    if length > _DAYS_TO_CHOOSE_FROM:
        raise Unresolvable("underspecified", whole)
    each = [_windows(Days(day, day + DAY), times, setting)[0] for n in range(length) for day in (days.start + n * DAY,)]
    return [window for window in each if not window.is_over(setting.since)] or each[:1]


def _spans(day: date, times: Times, place: tzinfo) -> list[Window]:
    return [Window(at(day, start, place), at(day, end, place), times.grain) for start, end in times.spans]


def _past(day: date, times: Times, setting: Setting) -> list[Window]:
    """Where all are over: of today's the last, of another day's the best first."""
    windows = _spans(day, times, setting.place)
    return windows if day < setting.today else [max(windows)]


def _coming(window: Window, times: Times, setting: Setting) -> bool:
    """Not over; a bare hour (or a range from one) has not begun."""
    if times.bare and window.start:
        return window.start >= setting.since
    return not window.is_over(setting.since)


def _of_day(day: date, times: Times, setting: Setting) -> list[Window]:
    """Those that are to come, best first. Today's bare hour is the next at 06:00 to 23:59 (T4 rule 3)."""
    windows = [window for window in _spans(day, times, setting.place) if _coming(window, times, setting)]
    midnight = at(day, 0, setting.place)
    if times.bare and (midnight <= setting.now or midnight < setting.since):
        windows.sort(key=_waking_first)
    return windows


def _waking_first(window: Window) -> tuple[bool, Any]:
    return window.start is not None and window.start.hour < 6, window.start


def _next(times: Times, setting: Setting) -> Found:
    """No day: the next occurrence; of an arrival or return one on the departure's day, or on the next if too early."""
    if setting.departure:
        for day in (setting.departure.first, setting.departure.first + DAY):
            if readings := _of_day(day, times, setting):
                break
        else:
            raise Unresolvable("conflict")
        found = Found(list(readings), ambiguous=times.ambiguous and len(readings) > 1, assumptions=["same_day"])
        _assume(found, times)
        return found
    since = setting.since.astimezone(setting.place)
    day = since.date()
    days = [day, day + DAY] if times.spans[0][1] <= 1440 else [day - DAY, day, day + DAY]
    near = {window for one in days for window in _spans(one, times, setting.place)}
    windows = sorted(window for window in near if _coming(window, times, setting))
    main = min(windows, key=_waking_first) if times.bare else windows[0]
    found = Found([main])
    if times.ambiguous:
        found.add([window for window in windows if _clock(window) != _clock(main)][:1])
    elif not main.is_point and main.start and main.start < since:
        found.add(windows[1:2])
    if main.days[0] > setting.today:
        found.assumptions.append("future")
    _assume(found, times)
    return found


def _clock(window: Window) -> Any:
    return window.start and window.start.timetz()


_TIME_FIELDS = ("part", "clock", "zone", "approximate")


def day_fields(bag: Bag) -> dict[str, Any]:
    return {name: value for name, value in said(bag).items() if name not in _TIME_FIELDS}


def time_fields(bag: Bag) -> dict[str, Any]:
    return {name: value for name, value in said(bag).items() if name in _TIME_FIELDS}


def with_days(bag: Bag, days: Bag) -> Bag:
    return replace(bag, **day_fields(days))


def same_days(one: Bag, other: Bag) -> bool:
    return day_fields(one) == day_fields(other)
