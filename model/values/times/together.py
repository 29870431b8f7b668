"""Several things said of one time: alternatives, spans of one slot, windows with bounds (T10)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from model.values.times.bags import day_fields, find_bag, on_days, same_days, time_fields, with_days
from model.values.times.calendar import elapsed, shifted
from model.values.times.clocks import clock_times, intersection, part_times, same_clock
from model.values.times.days import naming, scope_of
from model.values.times.expression import (
    Bag,
    Both,
    Bound,
    Either,
    Expression,
    Nth,
    Occurrence,
    Range,
    Shifted,
    Stay,
    Unknown,
    merged,
    said,
)
from model.values.times.ranges import borrowed, bound_anchor, day_range, find_range, open_bound, since_start, spanning
from model.values.times.setting import Setting, find
from model.values.times.windows import Found, Unresolvable, Window


@find.register
def _either(either: Either, setting: Setting) -> Found:
    first, *others = (find(option, setting) for option in either.options)
    first.readings[1:1] = [other.readings[0] for other in others]
    first.ambiguous = True
    return first


@find.register
def _unknown(unknown: Unknown, setting: Setting) -> Found:
    if setting.context.part and (clock := _number_as_clock(unknown)):
        return find(clock, setting)
    partial = None
    if unknown.understood is not None:
        try:
            partial = find(unknown.understood, setting).readings[0]
        except Unresolvable as why:
            partial = why.partial
    raise Unresolvable(unknown.reason, partial)


def _number_as_clock(part: Expression) -> Bag | None:
    """A lone number ("8") is a clock where a day or part of the day is said elsewhere (T4 rule 2)."""
    if isinstance(part, Unknown) and part.reason == "underspecified" and isinstance(part.understood, Bag):
        return part.understood if said(part.understood).keys() == {"clock"} else None
    return None


def _flat(parts: Sequence[Expression]) -> list[Expression]:
    return [flat for part in parts for flat in (_flat(part.parts) if isinstance(part, Both) else [part])]


@find.register
def _both(both: Both, setting: Setting) -> Found:
    parts = _flat(both.parts)
    if not all(isinstance(part, Unknown) for part in parts):
        parts = [_number_as_clock(part) or part for part in parts]
    if unknown := [part for part in parts if isinstance(part, Unknown)]:
        known = tuple(part for part in parts if not isinstance(part, Unknown))
        return _unknown(Unknown("partly_understood", Both(known)) if known else unknown[0], setting)
    for index, part in enumerate(parts):
        if isinstance(part, Either):
            others = (*parts[:index], *parts[index + 1 :])
            return _either(Either(tuple(Both((*others, option)) for option in part.options)), setting)
    if len(parts) > 1:
        parts = [_as_date(part, setting) for part in parts]
    bags = [part for part in parts if isinstance(part, Bag)]
    stays = [part for part in parts if isinstance(part, Stay)]
    rest = [part for part in parts if not isinstance(part, Bag | Stay)]
    if not bags and not rest:
        return find(stays[-1], setting)
    dropped: list[Bag] = []
    base = reduce(lambda one, other: _merged(one, other, dropped, setting), bags) if bags else Bag()
    found = _combined(base, rest, setting)
    for bag in reversed(dropped):
        found.conflicting(_combined(bag, rest, setting))
    return reduce(_lengthened, stays, found)


def _as_date(part: Expression, setting: Setting) -> Expression:
    """A day that is counted (in three days, the friday after) as the date that it is, so that a clock may join it."""
    if not isinstance(part, Shifted | Nth | Occurrence):
        return part
    window = find(part, setting).windows[0]
    if (day := window.day) is None or window.grain != "day":
        return part
    return Bag(year=day.year, month=day.month, day=day.day)


# A bag names one day by these; of two such that differ the last said wins, but a weekday goes with a date.
_DAY_NAMES = frozenset(("day_shift", "lunar", "holiday", "day", "weekday", "weekend", "nth"))


def _merged(one: Bag, other: Bag, dropped: list[Bag], setting: Setting) -> Bag:
    """Both bags in one. Where they exclude each other the last wins, and `dropped` gets what the first would make."""
    days, later_days = day_fields(one), day_fields(other)
    times, later_times = time_fields(one), time_fields(other)
    if one.clock and other.clock and (clock := same_clock(one.clock, other.clock)):
        times["clock"] = later_times["clock"] = clock
    together = _merged_days(days, later_days, setting)
    kept = later_days if together is None else together
    if together is None or any(times[name] != later_times[name] for name in times.keys() & later_times.keys()):
        dropped.append(Bag(**(days if together is None else together), **(later_times | times)))
    return Bag(**kept, **(times | later_times))


def _merged_days(one: dict[str, Any], other: dict[str, Any], setting: Setting) -> dict[str, Any] | None:
    if any(one[name] != other[name] for name in one.keys() & other.keys()):
        return None
    names, more = one.keys() & _DAY_NAMES, other.keys() & _DAY_NAMES
    if not names or not more or names & more or names | more == {"weekday", "day"}:
        return one | other
    same = find_bag(Bag(**one), setting).windows[0] == find_bag(Bag(**other), setting).windows[0]
    return one if same else None


def _combined(base: Bag, rest: Sequence[Expression], setting: Setting) -> Found:
    """A bag with what bounds it: windows and bounds give their intersection."""
    bounds = [part for part in rest if isinstance(part, Bound)]
    others = [part for part in rest if not isinstance(part, Bound)]
    if not rest:
        return find_bag(base, setting)
    if bounds and not others:
        return _bounded(base, bounds, setting)
    found = [open_bound(_filled(bound, base), setting) for bound in bounds]
    for part in others:
        if isinstance(part, Range):
            found.append(find_range(Range(_filled_end(part.start, base), _filled_end(part.end, base)), setting))
        else:
            found.append(find(part, setting))
    if said(base) and not any(isinstance(part, Range) for part in others):
        found.insert(0, find_bag(base, setting))
    return reduce(_intersected, found)


def _intersected(one: Found, other: Found) -> Found:
    """What lies in both; the last said, in conflict, where nothing does."""
    bound = other.windows[0]
    first, *readings = (window.intersection(bound) for window in one.windows)
    if first is None:
        return other.conflicting(one)
    one.readings = [first, *filter(None, readings)]
    one.assumptions += other.assumptions
    return one


def _filled_end(end: Expression, base: Bag) -> Expression:
    """An end of a range with what was said of the whole: the day, the month, the part of the day."""
    if not isinstance(end, Bag):
        return end
    shared = replace(base, segment=None) if end.day is not None else base
    return merged(shared, end) or end


def _filled(bound: Bound, base: Bag) -> Bound:
    anchor = bound.anchor
    if not isinstance(anchor, Bag):
        return bound
    if not naming(anchor) and not anchor.literal:
        return replace(bound, anchor=merged(base, anchor) or anchor)
    taken = borrowed(anchor, base)
    if base.clock is not None and anchor.clock is None and not naming(base):
        taken["clock"] = base.clock
    return replace(bound, anchor=replace(anchor, **taken)) if taken else bound


def _bounded(base: Bag, bounds: Sequence[Bound], setting: Setting) -> Found:
    bounds = [replace(bound, anchor=bound_anchor(bound)) for bound in bounds]
    lower = [bound for bound in bounds if bound.side in ("after", "from")]
    upper = [bound for bound in bounds if bound.side in ("before", "by")]
    if lower and upper and _has_clock_time(lower[-1].anchor) and _has_clock_time(upper[-1].anchor):
        return _between_clocks(base, lower[-1], upper[-1], setting)
    if len(bounds) == 1:
        bound, anchor = bounds[0], bounds[0].anchor
        if isinstance(anchor, Bag) and anchor.clock and not naming(anchor) and base.clock is None:
            if base.part is None:
                return find(_filled(bound, base), setting)
            clock = clock_times(anchor.clock, anchor.part or base.part)
            return on_days(
                scope_of(base, setting.calendar), intersection(part_times(base.part), clock, bool(lower)), setting
            )
        if not naming(base):
            return find(_filled(bound, base), setting)
    window = find_bag(base, setting).windows[0] if said(base) else Window(None, None, "year")
    assumptions: list[str] = []
    for bound in lower + upper:
        if window.start is not None and bound in upper:
            setting = since_start(window, Bag(), setting)
        found = open_bound(_filled(bound, base), setting)
        both = window.intersection(found.windows[0])
        if both is None:
            raise Unresolvable("conflict")
        window, assumptions = both, assumptions + found.assumptions
    return Found([window], assumptions=assumptions)


def _has_clock_time(anchor: Expression) -> bool:
    return isinstance(anchor, Bag) and anchor.clock is not None and anchor.clock.half != "now"


def _between_clocks(base: Bag, lower: Bound, upper: Bound, setting: Setting) -> Found:
    """After one clock and before another: a range, that crosses midnight only where no day is named."""
    start, end = _filled(lower, base).anchor, _filled(upper, base).anchor
    if not isinstance(start, Bag) or not isinstance(end, Bag):
        raise Unresolvable("underspecified")
    if naming(end) and not naming(start):
        start = with_days(start, end)
    if naming(end) and not same_days(start, end):
        return spanning(start, end, setting)
    found = day_range(start, end, setting)
    if naming(start) and found.windows[0].day is None:
        raise Unresolvable("conflict")
    return found


def _lengthened(found: Found, stay: Stay) -> Found:
    """From its start, so long."""
    amount = stay.amount
    days = 7 * amount.weeks + amount.days + amount.nights

    def from_start(window: Window) -> Window:
        if (start := window.start) is None:
            raise Unresolvable("underspecified")
        time = timedelta(hours=amount.hours, minutes=amount.minutes, seconds=amount.seconds)
        day, _ = shifted(start.date(), amount.years, amount.months, days)
        end = datetime.combine(day, start.timetz())
        return Window(start, elapsed(end, time) if time else end, "minute" if time else window.grain)

    return found.mapped(from_start)
