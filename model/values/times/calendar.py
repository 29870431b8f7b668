"""Dates and wall times, by arithmetic alone: weeks, months, weekdays counted within a span, zones and their changes."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(day.weekday())


def weekday_from(day: date, weekday: int) -> date:
    """The first such weekday on or after the day."""
    return day + timedelta((weekday - day.weekday()) % 7)


def nearest_weekday(day: date, weekday: int) -> date:
    """At most three days away."""
    return day + timedelta((weekday - day.weekday() + 3) % 7 - 3)


def nearest_saturday(day: date) -> date:
    """The Saturday of the weekend that the day lies in or is nearest to; from a Wednesday the coming one."""
    return day + timedelta((-2, -3, 3, 2, 1, 0, -1)[day.weekday()])


def nth_weekday(start: date, end: date, n: int, weekday: int) -> date | None:
    """The nth such weekday in [start, end), counted from its end where n is negative; None if there are not so many."""
    first = weekday_from(start, weekday) if n > 0 else weekday_from(end, weekday)
    day = first + (n - (n > 0)) * WEEK
    return day if start <= day < end else None


def nth_week(start: date, end: date, n: int) -> date | None:
    """The Monday of the nth week that has its Thursday in [start, end): the first holds the 4th, as in ISO 8601."""
    thursday = nth_weekday(start, end, n, 3)
    return thursday and thursday - timedelta(3)


def month_start(year: int, month: int) -> date:
    """The first of the month; month 13 is the next year's January, 0 the last year's December."""
    years, index = divmod(month - 1, 12)
    return date(year + years, index + 1, 1)


def add_months(day: date, months: int) -> date:
    """The same day of a month before or after, or that month's last day if it is shorter."""
    first = month_start(day.year, day.month + months)
    return min(first + timedelta(day.day - 1), month_start(first.year, first.month + 1) - DAY)


def shifted(day: date, years: int, months: int, days: int) -> tuple[date, bool]:
    """The date so many calendar years, months and days away, and whether a shorter month clipped it."""
    moved = add_months(day, 12 * years + months)
    return moved + days * DAY, moved.day != day.day


def valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def zone(name: str) -> tzinfo:
    """An IANA zone or a fixed offset ("+01:00"). ValueError that names it if there is none such."""
    try:
        if name[:1] in ("+", "-"):
            offset = timedelta(hours=int(name[1:3]), minutes=int(name[4:6]))
            return timezone(offset if name[0] == "+" else -offset, name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone") from None


def zone_name(moment: datetime) -> str:
    """What `zone` was asked for."""
    place = moment.tzinfo
    return place.key if isinstance(place, ZoneInfo) else str(moment.tzname())


def at(day: date, minutes: int, place: tzinfo) -> datetime:
    """The wall time so many minutes after the day's midnight: 24 * 60 is the next midnight."""
    days, minutes = divmod(minutes, 1440)
    return datetime.combine(day + timedelta(days) if days else day, time(minutes // 60, minutes % 60), place)


def elapsed(moment: datetime, amount: timedelta) -> datetime:
    """After so much time as a stopwatch measures, on the clock of the same zone."""
    return (moment.astimezone(UTC) + amount).astimezone(moment.tzinfo)


def placed(moment: datetime) -> tuple[datetime, datetime | None]:
    """A wall time that exists, and the second one where clocks show it twice.

    A time that clocks skip moves forward by what they skip.
    """
    second = moment.replace(fold=1)
    change = second.utcoffset() - moment.utcoffset()  # type: ignore[operator]
    if not change:
        return moment, None
    if change > timedelta(0):
        return moment.astimezone(UTC).astimezone(moment.tzinfo), None
    return moment, second
