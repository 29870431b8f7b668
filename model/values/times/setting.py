"""Where and when an expression is placed, and the function that finds what it means there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import singledispatch
from typing import Literal, NamedTuple, Self

from model.values.times.calendar import zone
from model.values.times.days import Calendar
from model.values.times.expression import Expression, Part
from model.values.times.windows import Found, Window
from model.values.value import Value


@dataclass(frozen=True, slots=True)
class Reference:
    """When and where it was said: an aware datetime and an IANA zone, or an offset as "+08:00". Else a ValueError."""

    now: datetime
    zone: str

    @classmethod
    def of(cls, now: datetime | None = None, zone: str | None = None, default_zone: str = "UTC") -> Self:
        """Without a zone, a time's own offset is the zone; without both, it is this moment in the default zone."""
        if now is None:
            return cls(datetime.now(UTC), zone or default_zone)
        return cls(now, zone or now.isoformat(timespec="minutes")[16:])

    def __post_init__(self) -> None:
        if self.now.utcoffset() is None:
            raise ValueError(f"the reference time {self.now.isoformat()} has no offset")
        if not 2 <= self.now.year <= 9998:  # so that its date exists in every zone
            raise ValueError(f"the reference time {self.now.isoformat()} is not in the years 2 to 9998")
        zone(self.zone)


@dataclass(frozen=True, slots=True)
class Context:
    """What the rest of the utterance says of the slot."""

    place_zone: str | None = None  # IANA zone of the slot's place (T1)
    part: Part | None = None  # a part of the day said elsewhere (T4 rule 2)
    departure: Value | None = None  # of an arrival or return (T6, T10)
    role: Literal["departure", "arrival", "return"] | None = None
    zone_of_place: Callable[[str], str | None] | None = None  # "London" to "Europe/London"


class Departure(NamedTuple):
    first: date
    last: date
    start: datetime
    timed: bool  # a clock or window of the day, not whole days


class Setting(NamedTuple):
    """Where and when an expression is placed. Nothing that recurs may be over at `since`: now, or the departure."""

    now: datetime  # to the minute, on the clocks of the place
    here: tzinfo  # of the request
    place: tzinfo  # that wall times are in
    today: date  # on the user's calendar
    since: datetime
    since_day: date
    context: Context
    departure: Departure | None

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.today, self.since_day)


def setting_of(reference: Reference, context: Context) -> Setting:
    here = zone(reference.zone)
    place = zone(context.place_zone) if context.place_zone else here
    now = reference.now.astimezone(place).replace(second=0, microsecond=0)
    today = now.date() if place is here else reference.now.astimezone(here).date()
    departure = None
    if context.departure is not None and context.role in ("arrival", "return"):
        departure = _departure(context.departure)
    since = max(now, departure.start) if departure else now
    first = max(today, departure.first) if departure else today
    return Setting(now, here, place, today, since, first, context, departure)


def _departure(value: Value) -> Departure | None:
    start, end = (side and datetime.fromisoformat(side) for side in (value["start"], value["end"]))
    if start is None and end is None:
        return None
    first, last = Window(start, end, "minute").days
    if start is None:
        start = datetime.combine(first, datetime.min.time(), end.tzinfo)
    return Departure(first, last, start, timed=value["grain"] in ("minute", "hour"))


@singledispatch
def find(expression: Expression, setting: Setting) -> Found:
    """The readings of an expression, best first; each kind of expression registers its own. Raises Unresolvable."""
    raise TypeError(f"{expression!r} is no expression")
