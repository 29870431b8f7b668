"""Bounds and ranges (T5, T4 rule 5)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from model.values.times.bags import assume_future, in_zone, on_days, same_days, with_days, zones_of
from model.values.times.calendar import DAY, at
from model.values.times.clocks import range_times
from model.values.times.days import naming, scope_of
from model.values.times.expression import NOON, Bag, Bound, Expression, Range
from model.values.times.setting import Setting, find
from model.values.times.windows import FINENESS, Found, Unresolvable, Window


@find.register
def _bound(bound: Bound, setting: Setting) -> Found:
    """Open; a clock on a named day is bounded by that day, the open form an alternative, unless it is a deadline."""
    found = find(bound_anchor(bound), setting)
    windows = found.windows
    opened = [_open(window, bound) for window in windows]
    if found.named and windows[0].is_point and bound.side != "by":
        found.readings = [*(_in_day(window, bound.side) for window in windows), opened[0]]
    else:  # "before friday" on a friday is before the next one
        found.readings = [*sorted(opened, key=lambda window: window.is_over(setting.since))]
    return found


def open_bound(bound: Bound, setting: Setting) -> Found:
    return find(bound_anchor(bound), setting).mapped(lambda window: _open(window, bound))


def bound_anchor(bound: Bound) -> Expression:
    """What it is a bound of; lunchtime as a bound is noon."""
    anchor = bound.anchor
    if isinstance(anchor, Bag) and anchor.part and anchor.part.name == "lunchtime" and anchor.clock is None:
        return replace(anchor, part=None, clock=NOON)
    return anchor


def _open(window: Window, bound: Bound) -> Window:
    start, end, grain, exact = window
    if bound.side in ("after", "from"):
        edge = end if bound.side == "after" else start
        if edge is None:
            raise Unresolvable("underspecified")
        return Window(edge, None, grain, exact)
    # 月底前, before the end of the month: the end of the month
    ending = isinstance(bound.anchor, Bag) and bound.anchor.segment == "late"
    edge = end if bound.side == "by" or ending else start
    if edge is None:
        raise Unresolvable("underspecified")
    return Window(None, edge, grain, exact)


def _in_day(window: Window, side: str) -> Window:
    point = window.start
    if point is None or point.tzinfo is None:
        return window
    if side == "before":
        day = (point - timedelta(microseconds=1)).date()
        return Window(at(day, 0, point.tzinfo), point, window.grain)
    return Window(point, at(point.date() + DAY, 0, point.tzinfo), window.grain)


@find.register
def find_range(expression: Range, setting: Setting) -> Found:
    start, end = expression.start, expression.end
    if isinstance(start, Bag) and isinstance(end, Bag):
        start, end = _shared(start, end)
        if _is_timed(start) and _is_timed(end):
            days, other = naming(start) or start.literal, naming(end) or end.literal
            if other and not days:
                start = with_days(start, end)
            if not other or not days or same_days(start, end):
                return day_range(start, end, setting)
    return spanning(start, end, setting)


def _is_timed(bag: Bag) -> bool:
    return bag.part is not None or (bag.clock is not None and bag.clock.half != "now")


def day_range(start: Bag, end: Bag, setting: Setting) -> Found:
    """From a time of the day to a later one, or to one of the next day."""
    times = range_times(start, end, setting.context.part)
    (place, *_), assumptions = zones_of(start, setting)
    setting = in_zone(setting, place)
    scope = scope_of(start, setting.calendar)
    found = on_days(scope, times, setting)
    found.assumptions += assumptions
    if scope:
        assume_future(found, start, scope)
    if start.approximate or end.approximate:
        found.assumptions.append("approximate")
    return found


def spanning(start: Expression, end: Expression, setting: Setting) -> Found:
    """Both ends on their own, the end not before the start."""
    found = find(start, setting)
    main, *others = found.windows
    last = find(end, since_start(main, end, setting))
    windows = [_joined(main, finish) for finish in last.windows]
    windows += [_joined(begin, find(end, since_start(begin, end, setting)).windows[0]) for begin in others[:3]]
    if (running := _running(start, end, main, setting)) is not None:
        windows.insert(0, running)
    found.readings = [window for window in windows if not window.is_empty]
    if not found.readings:
        raise Unresolvable("conflict")
    found.ambiguous = found.ambiguous or last.ambiguous
    found.assumptions += last.assumptions
    found.reason = found.reason or last.reason
    return found


def _joined(begin: Window, end: Window) -> Window:
    grain = min(begin.grain, end.grain, key=FINENESS.index)
    return Window(begin.start, end.end, grain, begin.exact or end.exact)


def since_start(begin: Window, end: Expression, setting: Setting) -> Setting:
    """For the end of a range: counted from its start; a weekday strictly after it."""
    start, day = begin.start, begin.days[0]
    if start is None:
        raise Unresolvable("underspecified")
    if isinstance(end, Bag) and end.weekday is not None and end.day is None:
        day += DAY
        start = max(start, at(day, 0, start.tzinfo))  # type: ignore[arg-type]
    return setting._replace(since=start, since_day=day, departure=None)


_RUNNING = frozenset(("day", "month", "year", "holiday", "lunar", "nth", "segment", "season", "quarter"))


def _running(start: Expression, end: Expression, begin: Window, setting: Setting) -> Window | None:
    """A range of dates that has begun and is not over, where the start alone would be the next one."""
    if not (isinstance(start, Bag) and isinstance(end, Bag)) or start.which or setting.departure:
        return None
    if not naming(start) & _RUNNING or naming(start) & {"year", "year_shift", "month_shift"}:
        return None
    last = find(end, setting).windows[0]
    if begin.start is None or last.end is None or last.end > begin.start:
        return None
    try:
        window = _joined(find(replace(start, which="last"), setting).windows[0], last)
    except Unresolvable:
        return None
    return None if window.is_empty else window


# What an end of a range takes from the other: "13-15 july", "mon-wed next week", "early to mid december".
_MONTHS = ("month", "month_shift", "year", "year_shift", "two_digit_year")
_BORROWED: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (  # what is said, what it lacks, what it takes
    ("day", ("month", "month_shift"), _MONTHS),
    ("nth", ("month", "month_shift", "season", "quarter"), (*_MONTHS, "season", "quarter")),
    ("segment", ("month", "month_shift", "week_shift", "season"), (*_MONTHS, "season", "quarter", "week_shift")),
    ("month", ("year", "year_shift"), ("year", "year_shift", "two_digit_year")),
    ("weekday", ("week_shift", "which", "day"), ("week_shift",)),
)


def borrowed(bag: Bag, other: Bag) -> dict[str, Any]:
    for name, lacking, taken in _BORROWED:
        if getattr(bag, name) is not None and all(getattr(bag, field) is None for field in lacking):
            found = {field: getattr(other, field) for field in taken}
            return {field: value for field, value in found.items() if value is not None and value is not False}
    return {}


def _step_back(taken: dict[str, Any]) -> None:
    """The month before."""
    if "month_shift" in taken:
        taken["month_shift"] -= 1
        return
    if taken["month"] == 1:
        taken |= {name: taken[name] - 1 for name in ("year", "year_shift") if name in taken}
    taken["month"] = (taken["month"] - 2) % 12 + 1


def _shared(start: Bag, end: Bag) -> tuple[Bag, Bag]:
    taken = borrowed(start, end)
    days = start.day or 0, end.day or 0
    if taken.keys() & {"month", "month_shift"} and days[0] > days[1] > 0:  # 28 to 3 january
        _step_back(taken)
    elif taken and start.month and end.month and (start.month, days[0]) > (end.month, days[1]):
        taken |= {name: taken[name] - 1 for name in ("year", "year_shift") if name in taken}  # dec 28 to jan 3 2027
    if start.zone is None and end.zone is not None:
        taken["zone"] = end.zone
    if taken:
        start = replace(start, **taken)
    given = borrowed(end, start) if end.weekday is None and end.month is None else {}
    if end.day is not None:  # dec 28 to 3: of the next month
        month = given.get("month")
        given = {"month": month % 12 + 1 if start.day and start.day > end.day else month} if month else {}
    if end.zone is None and start.zone is not None:
        given["zone"] = start.zone
    return start, replace(end, **given) if given else end
