"""What a phrase says of a time, before any clock or calendar is looked at: the form that both languages are read into.

A `Bag` holds the constraints that one time is named by ("next friday", "5 pm", "tomorrow morning"), in whatever order
they were said; the other classes build on expressions. Nothing here depends on a reference time, so what a phrase was
read into can be kept. `resolve` holds every policy that turns an expression into a value.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias

Unit: TypeAlias = Literal["second", "minute", "hour", "day", "weekend", "week", "month", "quarter", "year"]
Segment: TypeAlias = Literal["early", "mid", "late"]


class Clock(NamedTuple):
    """A clock time as it was said. `half` None is a bare hour of 1 to 12 that am/pm, a part or the policy decides.

    "24" is evidence of 24 hours: hour 0 or 13-24, zero-padded ("08:30", "0830"), 零点. Without a minute only the hour
    was said. Hour 24 is the next day's 0.
    """

    hour: int
    minute: int | None = None
    second: int | None = None
    half: Literal["am", "pm", "24", "now", "midnight"] | None = None


NOW = Clock(0, 0, half="now")
NOON = Clock(12, half="pm")
MIDNIGHT = Clock(0, half="midnight")


class Part(NamedTuple):
    """A window of the day, in hours from its midnight; `kind` decides what a bare hour in it means (T4 rule 2).

    A window that begins at 24 lies in the small hours of the next day (middle of the night).
    """

    name: str  # as in the assumption day_part:<name>=<hh-hh>
    kind: Literal["morning", "noon", "afternoon", "evening", "night", "small_hours", "midnight", "am", "pm"]
    start: int
    end: int


# All parts that either language knows: (kind, start, end). Early and late halves have names of their own.
_PARTS: dict[str, tuple[str, int, int]] = {
    "morning": ("morning", 6, 12),
    "early_morning": ("morning", 6, 9),
    "late_morning": ("morning", 9, 12),
    "lunchtime": ("noon", 11, 13),  # lunchtime, 中午
    "afternoon": ("afternoon", 12, 18),
    "early_afternoon": ("afternoon", 12, 15),
    "late_afternoon": ("afternoon", 15, 18),
    "dusk": ("evening", 17, 19),  # 傍晚
    "evening": ("evening", 18, 24),
    "early_evening": ("evening", 18, 21),
    "late_evening": ("evening", 21, 24),
    "night": ("night", 18, 24),  # night, tonight, 晚上 夜里
    "early_night": ("night", 18, 21),
    "late_night": ("night", 21, 24),  # late tonight, 深夜
    "small_hours": ("small_hours", 0, 6),  # 凌晨: of the day itself
    "middle_of_the_night": ("midnight", 24, 30),  # 半夜: of the day after
    "am": ("am", 0, 12),  # "friday am"
    "pm": ("pm", 12, 24),
}
PARTS: dict[str, Part] = {name: Part(name, *window) for name, window in _PARTS.items()}  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Bag:
    """Constraints on one time. None (or False) is "not said". What they leave open, the policy decides."""

    # years, quarters, months
    year: int | None = None  # all four digits; two digits are 20YY with `two_digit_year`
    year_shift: int | None = None  # 0 this year 今年, 1 next year 明年, -1 去年
    two_digit_year: bool = False
    quarter: int | None = None  # 1-4
    season: Literal["spring", "summer", "autumn", "winter"] | None = None
    month: int | None = None  # 1-12
    month_shift: int | None = None  # 0 this month 本月, 1 next month 下个月
    # weeks, days
    week_shift: int | None = None  # 0 this week 本周, 1 next week 下周, 2 week after next; Monday to Sunday
    weekend: bool = False  # "weekend" with `which`, 周末 with `week_shift`
    weekday: int | None = None  # Monday is 0. With week_shift it is meant literally (下周五, "friday next week")
    which: Literal["this", "coming", "next", "last"] | None = None  # of weekday, weekend, month, holiday: "next friday"
    day_shift: int | None = None  # 0 today, 1 tomorrow, -1 yesterday; always literal
    day: int | None = None  # of the month: "the 3rd", 三号. May be impossible (31 April): resolve says so
    other_order: bool = False  # a/b where both may be the month: month and day hold the month-first reading
    # counted within the month, year or week that the bag names: first monday, last day, third week, 2nd last week
    nth: int | None = None  # 1 first, -1 last, -2 second to last
    nth_unit: Literal["day", "weekday", "week", "weekend"] | None = None  # weekday: the one in `weekday`
    # named days
    holiday: str | None = None  # an id of holidays
    holiday_span: Literal["period", "weekend"] | None = None  # 春节假期, "thanksgiving weekend"
    lunar: tuple[int, int] | None = None  # month and day of the Chinese calendar; day -1 is the month's last
    # parts
    segment: Segment | None = None  # early/mid/late (begin/end of) the week, month, season or year that the bag names
    part: Part | None = None
    literal: bool = False  # "this morning", 今早: today even if it is over; 本月初: this month's
    clock: Clock | None = None
    # the rest
    zone: str | None = None  # IANA name, "+01:00", "place:London" (X time), "CST", "IST" (two meanings), "local"
    approximate: bool = False  # around, -ish, 左右


@dataclass(frozen=True, slots=True)
class Amount:
    """So many of each unit. Halves are broken down: half an hour is 30 minutes, 半个月 15 days, 半年 6 months."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0
    nights: int = 0  # "for 3 nights", 住三晚: days of a stay


@dataclass(frozen=True, slots=True)
class Shifted:
    """`amount` after the anchor (before it with sign -1): in 3 days, 2 hours ago, two weeks from tomorrow, X前一天.

    Without an anchor it counts from the reference; `later` ("3 days later", "the next day", 次日, 三天后) from the
    departure where the slot is a return or an arrival and there is one.
    """

    amount: Amount
    anchor: "Expression | None" = None
    sign: Literal[1, -1] = 1
    later: bool = False


@dataclass(frozen=True, slots=True)
class Nth:
    """The nth such weekday, weekend or week strictly after the anchor (before it with a negative n).

    "two fridays from now" (2, no anchor), "the friday after thanksgiving" (1), "the following sunday" (1, and `later`
    as in Shifted).
    """

    n: int
    unit: Literal["weekday", "weekend", "week"]
    weekday: int | None = None
    anchor: "Expression | None" = None
    later: bool = False


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The nth of what recurs strictly after the anchor, or the nth closest to it: march after next, the second easter
    after 2027, the closest monday to october 5th. Without an anchor it counts from the reference.
    """

    n: int
    of: Bag  # a weekday, or what comes once a year: a month, a date, a holiday
    anchor: "Expression | None" = None
    closest: bool = False


@dataclass(frozen=True, slots=True)
class Containing:
    """The week or weekend of a day: week of december 6th, weekend of the 10th."""

    unit: Literal["week", "weekend"]
    anchor: "Expression"


@dataclass(frozen=True, slots=True)
class Bound:
    """One open side. after: strictly after a day; from: that day too; before; by: a deadline, that day too (最晚).

    "no earlier than" and "not before" are `from`: of a clock the same as after.
    """

    side: Literal["after", "from", "before", "by"]
    anchor: "Expression"


@dataclass(frozen=True, slots=True)
class Range:
    """From start to end (9 to 11, july 13-15, mon-wed next week, 八点到十点). What only one end says may serve both."""

    start: "Expression"
    end: "Expression"


@dataclass(frozen=True, slots=True)
class Within:
    """[now, now + amount): within 3 days, in the next 2 hours, 三天内, 未来一周."""

    amount: Amount


@dataclass(frozen=True, slots=True)
class Units:
    """The n whole calendar units before (n < 0) the current one, or after it: last 2 weeks, next 3 days, 下三个月."""

    n: int
    unit: Unit
    last_alone: bool = False  # of these only the last: two upcoming weeks


@dataclass(frozen=True, slots=True)
class Rest:
    """[now, the end of the day or week]: later today, the rest of the week."""

    unit: Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Stay:
    """A length of time and no place on the calendar: for 3 nights, 住三晚, 三个小时."""

    amount: Amount


@dataclass(frozen=True, slots=True)
class Iso:
    """What `value` of a time holds: [start, end) of dates, or of moments with or without an offset; None is open."""

    start: date | datetime | None
    end: date | datetime | None


@dataclass(frozen=True, slots=True)
class Either:
    """X or Y, 周六或周日: the first is the value, the others alternatives. Shared parts are already in each option."""

    options: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Both:
    """Said of one time, together: a window and a bound (early december after the 5th), after A and before B, the spans
    of one slot. Constraints that belong to one bag are merged where it is resolved.
    """

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not a value, and why; `understood` is the part that was (friday after the wedding).

    A lone number ("8") is underspecified, with the clock that it is beside a day or part of the day.
    """

    reason: Literal["not_a_time", "underspecified", "partly_understood", "impossible_date"]
    understood: "Expression | None" = None


Expression: TypeAlias = (
    Bag
    | Shifted
    | Nth
    | Occurrence
    | Containing
    | Bound
    | Range
    | Within
    | Units
    | Rest
    | Stay
    | Iso
    | Either
    | Both
    | Unknown
)


_CONSTRAINTS = tuple(field.name for field in fields(Bag))


def said(bag: Bag) -> dict[str, object]:
    """The constraints that a bag holds, by name."""
    found = ((name, getattr(bag, name)) for name in _CONSTRAINTS)
    return {name: value for name, value in found if value is not None and value is not False}


def merged(first: Bag, second: Bag) -> Bag | None:
    """Both bags' constraints in one, or None where they say different things of the same."""
    one, two = said(first), said(second)
    if any(one[name] != two[name] for name in one.keys() & two.keys()):
        return None
    return Bag(**(one | two))  # type: ignore[arg-type]
