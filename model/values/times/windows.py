"""What resolving found, in wall times of a zone, to the value that stands for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from model.values.times.calendar import DAY, at, placed, zone_name
from model.values.times.expression import Amount, Unit
from model.values.value import Reason, Value, reading, resolved, unresolved

_COARSE = frozenset(("day", "weekend", "week", "month", "quarter", "year"))
_GRAINS: dict[Unit, Unit] = {"second": "minute", "weekend": "day", "quarter": "month"}  # to those of the contract
FINENESS: tuple[Unit, ...] = ("second", "minute", "hour", "day", "weekend", "week", "month", "quarter", "year")


class Window(NamedTuple):
    """[start, end) in wall times; a point where both are equal, open where one is None.

    A wall time may be one that clocks skip or show twice, unless it is `exact`: counted in elapsed time.
    """

    start: datetime | None
    end: datetime | None
    grain: Unit
    exact: bool = False

    @property
    def is_point(self) -> bool:
        return self.start is not None and self.start == self.end

    @property
    def days(self) -> tuple[date, date]:
        """The first day and the last that it touches; the one known side's where it is open."""
        start, end = self.start or self.end, self.end or self.start
        if start is None or end is None:
            raise Unresolvable("underspecified")
        last = (end if start >= end else end - timedelta(microseconds=1)).date()
        return (last if self.start is None else start.date()), last

    @property
    def day(self) -> date | None:
        """The day that it lies in, if it is one."""
        first, last = self.days
        return first if first == last and self.start and self.end else None

    def is_over(self, moment: datetime) -> bool:
        """A point is over after it, a window at its end."""
        if self.end is None:
            return False
        return self.end < moment if self.is_point else self.end <= moment

    def intersection(self, other: "Window") -> "Window | None":
        """What lies in both, if anything does."""
        start = max(filter(None, (self.start, other.start)), default=None)
        end = min(filter(None, (self.end, other.end)), default=None)
        both = Window(start, end, min(self.grain, other.grain, key=FINENESS.index), self.exact or other.exact)
        if start is None or end is None or start < end or (start == end and (self.is_point or other.is_point)):
            return both
        return None

    @property
    def is_empty(self) -> bool:
        return self.start is not None and self.end is not None and self.start >= self.end


class Unresolvable(Exception):  # noqa: N818 - an answer, no error
    """No value, why, and what was understood."""

    def __init__(self, reason: Reason, partial: "Window | Amount | None" = None) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.partial = partial


@dataclass(slots=True)
class Found:
    """The readings, best first. `named`: a day was named, so a clock as a bound is bounded by that day (T5)."""

    readings: list[Window | Amount]
    ambiguous: bool = False
    assumptions: list[str] = field(default_factory=list)
    reason: Reason | None = None
    named: bool = False

    @property
    def windows(self) -> list[Window]:
        """The readings that lie on the calendar. Raises Unresolvable if the main one is but a length of time."""
        if isinstance(self.readings[0], Amount):
            raise Unresolvable("underspecified", self.readings[0])
        return [window for window in self.readings if isinstance(window, Window)]

    def mapped(self, change: Callable[[Window], Window]) -> "Found":
        self.readings = [change(window) for window in self.windows]
        return self

    def add(self, others: "Iterable[Window | Amount]", ambiguous: bool = True) -> "Found":
        self.readings.extend(others)
        self.ambiguous = self.ambiguous or ambiguous
        return self

    def conflicting(self, other: "Found") -> "Found":
        """This one, where the other was said too and excludes it."""
        self.reason = "conflict"
        return self.add(other.readings)


def day_window(start: date, end: date, grain: Unit, place: object) -> Window:
    return Window(at(start, 0, place), at(end, 0, place), grain)  # type: ignore[arg-type]


def _bound(moment: datetime, window: Window, dated: bool, assumptions: list[str]) -> tuple[str, str]:
    """As it stands in `value`, and as in `start` or `end`."""
    wall, second = moment, None
    if not window.exact:
        moment, second = placed(wall)
        if window.grain not in _COARSE:
            if second:
                assumptions.append("dst_fold")
            elif moment is not wall:
                assumptions.append("dst_gap")
    text = moment.isoformat()
    return (wall.date().isoformat() if dated else text), text


def _is_midnight(moment: datetime | None) -> bool:
    return moment is None or not (moment.hour or moment.minute)


def window_to_value(window: Window, assumptions: list[str]) -> Value:
    """The reading; what the change of clocks does to it goes to `assumptions`."""
    grain = _GRAINS.get(window.grain, window.grain)
    dated = window.grain in _COARSE and _is_midnight(window.start) and _is_midnight(window.end)
    value = start = end = None
    if window.start is not None:
        value, start = _bound(window.start, window, dated, assumptions)
    if window.is_point:
        return reading("time", "datetime", value=value, start=start, end=start, grain=grain, timezone=_name(window))
    kind = "interval"
    if window.end is None:
        kind, value = "after", f"{value}/.."
    else:
        last, end = _bound(window.end, window, dated, assumptions)
        if window.start is None:
            kind, value = "before", f"../{last}"
        elif dated and grain == "day" and window.start.date() + DAY == window.end.date():
            kind = "date"
        else:
            value = f"{value}/{last}"
    return reading("time", kind, value=value, start=start, end=end, grain=grain, timezone=_name(window))


def _name(window: Window) -> str:
    moment = window.start or window.end
    assert moment is not None, "a window has a side"
    return zone_name(moment)


def amount_to_value(amount: Amount) -> Value:
    """ISO 8601 duration; nights are days, and weeks stand alone or as days."""
    days, weeks = amount.days + amount.nights, amount.weeks
    clock = [(amount.hours, "H"), (amount.minutes, "M"), (amount.seconds, "S")]
    if weeks and (days or amount.years or amount.months or any(count for count, _ in clock)):
        days, weeks = days + 7 * weeks, 0
    dates = [(amount.years, "Y"), (amount.months, "M"), (weeks, "W"), (days, "D")]
    date_part, clock_part = ("".join(f"{count}{letter}" for count, letter in side if count) for side in (dates, clock))
    units = zip(("year", "month", "week", "day", "hour", "minute", "minute"), dates + clock, strict=True)
    grain = [unit for unit, (count, _) in units if count] or ["day"]
    value = f"P{date_part}{'T' * bool(clock_part)}{clock_part}"
    return reading("time", "duration", value=value if len(value) > 1 else "P0D", grain=grain[-1])


def _to_value(found: Window | Amount, assumptions: list[str]) -> Value:
    return window_to_value(found, assumptions) if isinstance(found, Window) else amount_to_value(found)


def _second_occurrences(window: Window) -> Window | None:
    """The same wall times where clocks show them a second time."""
    if window.exact or window.grain in _COARSE:
        return None
    start, end = (moment and (placed(moment)[1] or moment) for moment in (window.start, window.end))
    return Window(start, end, window.grain, exact=True)


def found_to_value(found: Found, text: str, now: datetime) -> Value:
    """The answer: the first reading, at most four others that differ, and what was assumed."""
    assumptions = list(found.assumptions)
    main, *others = found.readings
    if isinstance(main, Window) and main.is_over(now):
        assumptions.append("in_the_past")
    readings = [_to_value(main, assumptions)]
    if "dst_fold" in assumptions and isinstance(main, Window) and (second := _second_occurrences(main)):
        others.insert(0, second)
    for other in others:
        value = _to_value(other, [])
        if value not in readings:
            readings.append(value)
    ambiguous = (found.ambiguous and len(readings) > 1) or found.reason is not None
    unique = list(dict.fromkeys(assumptions))
    return resolved("time", text, readings, ambiguous=ambiguous, assumptions=unique, reason=found.reason)


def unresolvable_to_value(why: Unresolvable, text: str) -> Value:
    partial = None if why.partial is None else _to_value(why.partial, [])
    return unresolved("time", text, why.reason, partial)
