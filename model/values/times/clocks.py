"""What is said of the time of day, as windows in minutes from a day's midnight (T3, T4)."""

from typing import NamedTuple

from model.values.times.expression import Bag, Clock, Part, Unit
from model.values.times.windows import Unresolvable

_NOON = 12 * 60
_MIDNIGHT = 24 * 60
_SIX = 6 * 60

# The halves of the day that a clock of 12 hours may take in a part; the others take either, as their own rules say.
_HALVES = {
    "morning": "am",
    "small_hours": "am",
    "am": "am",
    "afternoon": "pm",
    "evening": "pm",
    "pm": "pm",
}


class Times(NamedTuple):
    """Windows of a day, a point where start and end are equal; best first, for a day that is not today.

    `bare`: a clock of 12 hours whose half nothing decides, so alone or today it is the next such time (T4 rule 3).
    """

    spans: tuple[tuple[int, int], ...]
    grain: Unit = "hour"
    bare: bool = False
    ambiguous: bool = False
    conflict: bool = False
    assumptions: tuple[str, ...] = ()


def is_bare(clock: Clock) -> bool:
    """Neither am nor pm, nor evidence of 24 hours."""
    return clock.half is None and 1 <= clock.hour <= 12


def clock_grain(clock: Clock) -> Unit:
    return "hour" if clock.minute is None else "minute"


def _minutes(clock: Clock, half: str | None = None) -> int:
    """Minutes from midnight. Raises Unresolvable if no day has such a time."""
    hour, minute, half = clock.hour, clock.minute or 0, half or clock.half
    if half in ("am", "pm") and 1 <= hour <= 12:
        hour = hour % 12 + 12 * (half == "pm")
    elif half == "am" and hour:  # 17:30 pm says one thing twice, 17 am does not
        raise Unresolvable("impossible_date")
    if not (0 <= hour <= 24 and 0 <= minute < 60 and 0 <= (clock.second or 0) < 60):
        raise Unresolvable("impossible_date")
    return hour * 60 + minute


def clock_times(clock: Clock, part: Part | None) -> Times:
    """The points that a clock may mean on a day, in a part of it if one is said (T4 rules 1, 2, 4)."""
    grain = clock_grain(clock)
    if clock.half == "midnight":
        if part is not None and part.kind in ("night", "evening", "midnight"):
            return _points(grain, _MIDNIGHT)
        return _points(grain, _MIDNIGHT, 0, ambiguous=True)
    kind = part.kind if part else None
    if not is_bare(clock):
        minutes = _minutes(clock)
        if kind in ("night", "midnight", "evening") and minutes < _SIX and clock.half != "pm":
            return _points(grain, minutes + _MIDNIGHT, minutes)
        against = {"am": minutes >= _NOON + 60, "pm": minutes < _NOON}.get(_HALVES.get(kind or "", ""), False)
        if against and clock.half in ("am", "pm") and clock.hour <= 12:
            other = _minutes(clock, "am" if clock.half == "pm" else "pm")
            return _points(grain, minutes, other, ambiguous=True, conflict=True)
        return _points(grain, minutes)
    early, late = _minutes(clock, "am"), _minutes(clock, "pm")
    if kind is None:
        if clock.hour == 12:
            return _points(grain, late)
        first, second = (early, late) if clock.hour >= 7 else (late, early)
        return _points(grain, first, second, bare=True, ambiguous=True)
    if kind == "noon":
        return _points(grain, early if clock.hour in (10, 11) else late)
    if kind in ("night", "midnight") and clock.hour in (12, 1, 2, 3, 4, 5):
        return _points(grain, early + _MIDNIGHT, early)
    if clock.hour == 12 and kind in ("morning", "evening"):  # 上午12点 is noon, 12 in the evening the midnight after it
        return _points(grain, late if kind == "morning" else early + _MIDNIGHT)
    return _points(grain, early if _HALVES.get(kind) == "am" else late)


def _points(grain: Unit, *minutes: int, **more: bool) -> Times:
    return Times(tuple((minute, minute) for minute in minutes), grain, **more)  # type: ignore[arg-type]


def part_times(part: Part) -> Times:
    hours = [f"{hour % 24 if part.start >= 24 else hour:02}" for hour in (part.start, part.end)]
    spans = [(part.start * 60, part.end * 60)]
    if part.kind == "midnight":  # of the day itself, if not of the day after
        spans.append((part.start * 60 - _MIDNIGHT, part.end * 60 - _MIDNIGHT))
    return Times(tuple(spans), assumptions=(f"day_part:{part.name}={hours[0]}-{hours[1]}",))


def bag_times(bag: Bag, said_elsewhere: Part | None) -> Times | None:
    """The bag's own clock or part. A part said elsewhere decides a bare hour."""
    if bag.clock is None:
        return None if bag.part is None else part_times(bag.part)
    part = bag.part
    if part is None and said_elsewhere is not None and is_bare(bag.clock):
        part = said_elsewhere
    return clock_times(bag.clock, part)


def _after(minute: int, clock: Clock, part: Part | None) -> int:
    """The next time after `minute` that the clock may mean, on the same day or the next."""
    if clock.half is None and part is None and is_bare(clock):
        choices = {_minutes(clock, "am"), _minutes(clock, "pm")}
    else:
        choices = {end for end, _ in clock_times(clock, part).spans}
    later = [
        choice + days * _MIDNIGHT for choice in choices for days in (0, 1, 2) if choice + days * _MIDNIGHT > minute
    ]
    return min(later)


def _half_of_end(start: Clock, end: Bag) -> Clock:
    """A bare start takes the half that the end says, if it then precedes the end, else the other half (T4 rule 5)."""
    assert end.clock is not None, "a range of clocks"
    last = clock_times(end.clock, end.part).spans[0][0]
    if end.part is not None and is_bare(end.clock):
        same = clock_times(start, end.part).spans[0][0]
    else:
        same = _minutes(start, "am" if last < _NOON else "pm")
    before_noon = same % _MIDNIGHT < _NOON
    return start._replace(half="am" if before_noon == (same < last) else "pm")


def range_times(start: Bag, end: Bag, said_elsewhere: Part | None) -> Times:
    """From one time of day to another, each a clock or a part; the end may lie in the next day (T4 rule 5)."""
    if start.clock is None or end.clock is None:
        first, last = bag_times(start, said_elsewhere), bag_times(end, said_elsewhere)
        if first is None or last is None:
            raise Unresolvable("underspecified")
        begin, finish = first.spans[0][0], last.spans[0][1]
        return Times(((begin, finish if finish > begin else finish + _MIDNIGHT),), _finer(first.grain, last.grain))
    grain = _finer(clock_grain(start.clock), clock_grain(end.clock))
    if start.part is None and said_elsewhere is not None and is_bare(start.clock) and end.part is None:
        part: Part | None = said_elsewhere
    else:
        part = start.part
    clock = start.clock
    if part is None and is_bare(clock) and (end.part is not None or not is_bare(end.clock)):
        clock = _half_of_end(clock, end)
    first = clock_times(clock, part)
    end_part = end.part if end.part != start.part else None  # a part of the whole range is decided by the start
    spans = tuple((begin, _after(begin, end.clock, end_part)) for begin, _ in first.spans)
    return first._replace(spans=spans, grain=grain)


def _finer(one: Unit, other: Unit) -> Unit:
    return "minute" if "minute" in (one, other) else "hour"


def intersection(times: Times, bounds: Times, after: bool) -> Times:
    """A part of the day and a bound in it: morning, after 8. Raises Unresolvable if nothing is left."""
    start, end = times.spans[0]
    bound = bounds.spans[0][0]
    span = (max(start, bound), end) if after else (start, min(end, bound))
    if span[0] >= span[1]:
        raise Unresolvable("conflict")
    return Times((span,), bounds.grain, conflict=bounds.conflict)


def same_clock(one: Clock, other: Clock) -> Clock | None:
    """The one that says more of two that may mean the same time: 5 and 5 pm, 5 pm and 17:00."""
    if one == other:
        return one
    shared = set(clock_times(one, None).spans) & set(clock_times(other, None).spans)
    if not shared or "now" in (one.half, other.half):
        return None
    return other if is_bare(one) else one
