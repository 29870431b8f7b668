"""The worked examples of the policy (docs/values.md) and its rules, on expressions built by hand."""

from datetime import datetime
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.values.times.expression import (
    MIDNIGHT,
    NOON,
    NOW,
    PARTS,
    Amount,
    Bag,
    Both,
    Bound,
    Clock,
    Containing,
    Either,
    Expression,
    Nth,
    Occurrence,
    Range,
    Rest,
    Shifted,
    Stay,
    Units,
    Unknown,
    Within,
)
from model.values.times.resolve import Context, Reference, resolve_time, resolve_times
from model.values.value import Value

FRIDAY = "2026-11-20T10:00:00+08:00"  # the reference of the policy's examples
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def resolve(expression: Expression, now: str = FRIDAY, zone: str = "Asia/Shanghai", **context: Any) -> Value:
    return resolve_time(expression, "", Reference(datetime.fromisoformat(now), zone), Context(**context))


def combined(*spans: Expression, **context: Any) -> Value:
    return resolve_times(spans, "", Reference(datetime.fromisoformat(FRIDAY), "Asia/Shanghai"), Context(**context))


def short(value: Value) -> str | None:
    """Its value without what all the examples share: seconds, offset and, of November 2026, year and month."""
    if value["value"] is None:
        return None
    return str(value["value"].replace(":00+08:00", "").replace("2026-11-", ""))


def alternatives(value: Value) -> list[str | None]:
    return [short(other) for other in value["alternatives"]]


def at(hour: int, minute: int | None = None, half: Literal["am", "pm", "24"] | None = None, **constraints: Any) -> Bag:
    return Bag(clock=Clock(hour, minute, half=half), **constraints)


def part(name: str, **constraints: Any) -> Bag:
    return Bag(part=PARTS[name], **constraints)


CHRISTMAS = Bag(holiday="christmas")
THANKSGIVING = Bag(holiday="thanksgiving")


@pytest.mark.parametrize(
    ("expression", "value", "others"),
    [
        (Bag(day_shift=0), "20", []),
        (Bag(day_shift=3), "23", []),
        (Bag(weekday=FRI), "20", ["27"]),
        (Bag(weekday=THU), "26", []),
        (at(9, half="am", weekday=FRI), "27T09:00", []),
        (Bag(weekday=MON, which="this"), "23", []),
        (Bag(weekday=SUN, which="this"), "22", []),
        (Bag(weekday=FRI, which="this"), "20", []),
        (Bag(weekday=FRI, which="coming"), "27", []),
        (Bag(weekday=SAT, which="next"), "28", ["21"]),
        (Bag(weekday=FRI, which="next"), "27", []),
        (Bag(weekday=MON, which="next"), "23", []),
        (Bag(weekday=FRI, which="last"), "13", []),
        (Bag(weekday=WED, week_shift=0), "18", ["25"]),
        (Bag(weekday=SAT, week_shift=1), "28", []),
        (Bag(weekday=MON, week_shift=2), "30", []),
        (Shifted(Amount(weeks=1), Bag(weekday=MON)), "30", []),
        (Shifted(Amount(weeks=1), Bag(weekday=FRI)), "2026-12-04", []),
        (Nth(2, "weekday", FRI), "2026-12-04", []),
        (Bag(weekend=True), "21/23", []),
        (Bag(weekend=True, which="next"), "28/30", ["21/23"]),
        (Bag(weekend=True, week_shift=1), "28/30", []),
        (Bag(weekend=True, week_shift=2), "2026-12-05/2026-12-07", []),
        (Containing("weekend", Bag(day=10)), "2026-12-12/2026-12-14", []),
        (Containing("week", Bag(day=10)), "2026-12-07/2026-12-14", []),
        (Bag(week_shift=1), "23/30", []),
        (Bag(week_shift=1, segment="late"), "26/30", []),
        (Bag(week_shift=1, segment="early"), "23/26", []),
        (Bag(week_shift=1, segment="mid"), "24/27", []),
        (Bag(week_shift=0, segment="early"), "23/26", []),
        (Bag(week_shift=0, segment="early", literal=True), "16/19", []),
        (Either((Bag(day_shift=1), Bag(day_shift=2))), "21", ["22"]),
        (Range(Bag(weekday=MON), Bag(weekday=WED, week_shift=1)), "23/26", []),
        (Range(Bag(weekday=FRI, which="next"), Bag(weekday=MON)), "27/2026-12-01", []),
        (Range(Bag(weekday=FRI, which="next"), Bag(weekday=FRI)), "27/2026-12-05", []),
    ],
)
def test_days_and_weeks(expression: Expression, value: str, others: list[str]) -> None:
    answer = resolve(expression)
    assert (short(answer), alternatives(answer)) == (value, others)


def test_a_weekend_that_has_begun_is_meant() -> None:
    saturday = "2026-11-21T15:00:00+08:00"
    assert short(resolve(Bag(weekend=True), saturday)) == "21/23"
    assert short(resolve(Bag(weekend=True, which="coming"), saturday)) == "28/30"
    assert alternatives(resolve(Bag(weekend=True, which="next"), saturday)) == []


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (part("evening", day_shift=1), "21T18:00/22T00:00"),
        (part("dusk", weekday=SUN), "22T17:00/22T19:00"),
        (part("late_night", day_shift=1), "21T21:00/22T00:00"),
        (part("small_hours", weekday=SAT), "21T00:00/21T06:00"),
        (part("morning", weekday=FRI, which="next"), "27T06:00/27T12:00"),
        (part("late_afternoon"), "20T15:00/20T18:00"),
        (part("morning", day=24), "24T06:00/24T12:00"),
        (part("lunchtime", day_shift=1), "21T11:00/21T13:00"),
        (part("early_morning", day_shift=1), "21T06:00/21T09:00"),
        (part("am", weekday=TUE), "24T00:00/24T12:00"),
        (Bag(clock=MIDNIGHT), "21T00:00"),
        (Bag(clock=MIDNIGHT, part=PARTS["night"], day_shift=0), "21T00:00"),
        (at(0, half="24", day_shift=1), "21T00:00"),
        (Bag(clock=Clock(15, 23, 24)), "20T15:23:24+08:00"),
        (Rest("day"), "20T10:00/21T00:00"),
        (Bag(clock=NOW, day_shift=1), "21T10:00"),
        (Bag(clock=NOW, week_shift=1), "27T10:00"),
        (part("morning", weekend=True), "21T06:00/21T12:00"),
    ],
)
def test_parts_of_the_day(expression: Expression, value: str) -> None:
    assert short(resolve(expression)) == value


def test_a_part_that_has_begun_may_be_tomorrows() -> None:
    begun = resolve(part("morning"))
    assert (begun["status"], short(begun), alternatives(begun)) == (
        "ambiguous",
        "20T06:00/20T12:00",
        ["21T06:00/21T12:00"],
    )
    to_come = resolve(part("afternoon"))
    assert (to_come["status"], short(to_come)) == ("resolved", "20T12:00/20T18:00")
    over = resolve(part("morning"), "2026-11-20T13:00:00+08:00")
    assert (over["status"], short(over)) == ("resolved", "21T06:00/21T12:00")
    literal = resolve(part("morning", literal=True), "2026-11-20T13:00:00+08:00")
    assert (short(literal), literal["assumptions"][-1]) == ("20T06:00/20T12:00", "in_the_past")


def test_the_middle_of_the_night_is_after_the_day_and_perhaps_of_it() -> None:
    answer = resolve(part("middle_of_the_night", weekday=SAT))
    assert (short(answer), alternatives(answer)) == ("22T00:00/22T06:00", ["21T00:00/21T06:00"])
    assert "day_part:middle_of_the_night=00-06" in answer["assumptions"]
    assert short(resolve(part("middle_of_the_night"), "2026-11-20T02:00:00+08:00")) == "20T00:00/20T06:00"


def test_midnight_of_a_day_is_its_end_and_perhaps_its_start() -> None:
    answer = resolve(Bag(clock=MIDNIGHT, weekday=SAT))
    assert (answer["status"], short(answer), alternatives(answer)) == ("ambiguous", "22T00:00", ["21T00:00"])
    assert resolve(Bag(clock=MIDNIGHT, day_shift=0))["status"] == "resolved"


@pytest.mark.parametrize(
    ("expression", "now", "value", "others"),
    [
        (at(9), "10:00", "20T21:00", ["21T09:00"]),
        (at(8), "07:30", "20T08:00", ["20T20:00"]),
        (at(4), "16:45", "21T16:00", ["21T04:00"]),
        (at(12), "10:00", "20T12:00", []),
        (at(12), "13:00", "21T12:00", []),
        (at(5, day_shift=0), "10:00", "20T17:00", []),
        (at(5, day_shift=0), "02:00", "20T17:00", ["20T05:00"]),
        (at(8, day_shift=0), "21:00", "20T20:00", []),
        (at(7, day_shift=1), "10:00", "21T07:00", ["21T19:00"]),
        (at(5, day_shift=1), "10:00", "21T17:00", ["21T05:00"]),
        (at(6, 30, weekday=MON), "10:00", "23T18:30", ["23T06:30"]),
        (at(9, weekday=FRI), "10:00", "20T21:00", ["27T09:00"]),
        (at(6, weekday=FRI), "20:00", "27T18:00", ["27T06:00"]),
        (at(5, day_shift=-1), "10:00", "19T17:00", ["19T05:00"]),
        (at(8, half="am"), "10:00", "21T08:00", []),
        (at(8, half="am", day_shift=0), "09:00", "20T08:00", []),
        (at(24, 30, half="24", day_shift=0), "10:00", "21T00:30", []),
        (at(7, 45), "10:00", "20T19:45", ["21T07:45"]),
    ],
)
def test_bare_hours(expression: Expression, now: str, value: str, others: list[str]) -> None:
    answer = resolve(expression, f"2026-11-20T{now}:00+08:00")
    assert (short(answer), alternatives(answer)) == (value, others)
    assert answer["status"] == ("ambiguous" if others else "resolved")


@pytest.mark.parametrize(
    ("name", "hour", "value", "others"),
    [
        ("morning", 8, "21T08:00", []),
        ("morning", 12, "21T12:00", []),
        ("lunchtime", 1, "21T13:00", []),
        ("lunchtime", 11, "21T11:00", []),
        ("afternoon", 4, "21T16:00", []),
        ("evening", 4, "21T16:00", []),
        ("night", 9, "21T21:00", []),
        ("night", 12, "22T00:00", ["21T00:00"]),
        ("night", 2, "22T02:00", ["21T02:00"]),
        ("small_hours", 2, "21T02:00", []),
        ("small_hours", 12, "21T00:00", []),
        ("middle_of_the_night", 2, "22T02:00", ["21T02:00"]),
    ],
)
def test_a_part_decides_a_bare_hour(name: str, hour: int, value: str, others: list[str]) -> None:
    answer = resolve(at(hour, part=PARTS[name], day_shift=1))
    assert (short(answer), alternatives(answer)) == (value, others)
    elsewhere = resolve(at(hour, day_shift=1), part=PARTS[name])
    assert (short(elsewhere), alternatives(elsewhere)) == (value, others)


def test_without_a_day_a_part_gives_the_next_such_clock() -> None:
    assert short(resolve(at(2, part=PARTS["small_hours"]))) == "21T02:00"
    assert short(resolve(at(2, part=PARTS["middle_of_the_night"]), "2026-11-20T00:30:00+08:00")) == "20T02:00"
    assert short(resolve(at(9, 30, part=PARTS["night"]))) == "20T21:30"


def test_am_and_pm_beat_the_part_in_conflict_and_24_hours_beat_it_alone() -> None:
    answer = resolve(at(3, half="pm", part=PARTS["morning"], day_shift=1))
    assert (answer["status"], answer["reason"], short(answer)) == ("ambiguous", "conflict", "21T15:00")
    assert alternatives(answer) == ["21T03:00"]
    answer = resolve(at(17, 30, half="24", part=PARTS["night"], day_shift=1))
    assert (answer["status"], short(answer)) == ("resolved", "21T17:30")


@pytest.mark.parametrize(
    ("start", "end", "value"),
    [
        (at(10), at(1, half="pm", day_shift=1), "21T10:00/21T13:00"),
        (at(2), at(4, half="pm", day_shift=1), "21T14:00/21T16:00"),
        (at(9), at(11, weekday=SAT), "21T09:00/21T11:00"),
        (at(11), at(12, half="am", day_shift=1), "21T23:00/22T00:00"),
        (at(11, half="pm", day_shift=1), at(1, half="am"), "21T23:00/22T01:00"),
        (at(8), at(10), "20T20:00/20T22:00"),
        (at(9, half="am"), at(5, half="pm"), "20T09:00/20T17:00"),
        (at(9, part=PARTS["morning"], day_shift=1), at(11), "21T09:00/21T11:00"),
        (at(10, part=PARTS["night"], day_shift=1), at(1), "21T22:00/22T01:00"),
        (at(8), Bag(clock=MIDNIGHT, day_shift=1), "21T20:00/22T00:00"),
        (at(9), Bag(clock=NOON, day_shift=1), "21T09:00/21T12:00"),
        (part("morning", day_shift=1), part("evening"), "21T06:00/22T00:00"),
        (at(5, half="pm", weekday=SAT), Bag(weekday=SUN), "21T17:00/23T00:00"),
        (at(9, half="am", weekday=SAT), at(5, half="pm", weekday=SUN), "21T09:00/22T17:00"),
        (Bag(clock=NOW), Bag(weekday=SUN), "20T10:00/23T00:00"),
    ],
)
def test_ranges_of_clocks(start: Expression, end: Expression, value: str) -> None:
    assert short(resolve(Range(start, end))) == value


@pytest.mark.parametrize(
    ("start", "end", "value"),
    [
        (Bag(month=7, day=13), Bag(day=15), "2027-07-13/2027-07-16"),
        (Bag(day=13), Bag(month=7, day=15), "2027-07-13/2027-07-16"),
        (Bag(month=12, day=28), Bag(month=1, day=3), "2026-12-28/2027-01-04"),
        (Bag(month=12, day=28), Bag(day=3), "2026-12-28/2027-01-04"),
        (Bag(day=28), Bag(month=1, day=3), "2026-12-28/2027-01-04"),
        (Bag(month=12, day=28), Bag(year=2027, month=1, day=3), "2026-12-28/2027-01-04"),
        (Bag(month=11, day=10), Bag(month=11, day=25), "10/26"),
        (Bag(year=2025, month=12, day=24), Bag(day=28), "2025-12-24/2025-12-29"),
        (Bag(month_shift=1, day=3), Bag(day=5), "2026-12-03/2026-12-06"),
        (Bag(month=6), Bag(month=8), "2027-06-01/2027-09-01"),
        (Bag(segment="early"), Bag(month=12, segment="mid"), "2026-12-01/2026-12-21"),
        (CHRISTMAS, Bag(holiday="new_year"), "2026-12-25/2027-01-02"),
        (Shifted(Amount(days=1)), Shifted(Amount(days=2)), "21/23"),
    ],
)
def test_ranges_of_dates_include_both_ends(start: Expression, end: Expression, value: str) -> None:
    assert short(resolve(Range(start, end))) == value


@pytest.mark.parametrize(
    ("expression", "value", "others"),
    [
        (Bound("after", at(6)), "20T18:00/..", ["21T06:00/.."]),
        (Bound("before", Bag(clock=NOON)), "../20T12:00", []),
        (Bound("after", at(17, 0, half="24")), "20T17:00/..", []),
        (Bound("after", at(5, half="pm", weekday=SAT)), "21T17:00/22T00:00", ["21T17:00/.."]),
        (Bound("before", at(3, half="pm", weekday=MON)), "23T00:00/23T15:00", ["../23T15:00"]),
        (Bound("after", at(6, day_shift=1)), "21T18:00/22T00:00", ["21T06:00/22T00:00", "21T18:00/.."]),
        (Bound("by", at(9, half="pm", weekday=SUN)), "../22T21:00", []),
        (Bound("by", at(2, half="pm", weekday=MON, which="next")), "../23T14:00", []),
        (Bound("after", Bag(month=12, day=5)), "2026-12-06/..", []),
        (Bound("from", Bag(month=12, day=5)), "2026-12-05/..", []),
        (Bound("before", Bag(month=12, day=5)), "../2026-12-05", []),
        (Bound("by", Bag(month=12, day=5)), "../2026-12-06", []),
        (Bound("before", Bag(month_shift=0, segment="late")), "../2026-12-01", []),
        (Bound("by", Bag(month_shift=0, segment="late")), "../2026-12-01", []),
        (Bound("before", Bag(week_shift=1)), "../23", []),
        (Bound("before", Bag(weekday=FRI)), "../27", ["../20"]),
        (Bound("after", Bag(week_shift=1)), "30/..", []),
        (Bound("by", part("evening", day_shift=1)), "../22T00:00", []),
        (Bound("before", part("lunchtime", weekday=SAT)), "21T00:00/21T12:00", ["../21T12:00"]),
        (Bound("before", Bag(clock=MIDNIGHT, part=PARTS["night"], day_shift=0)), "20T00:00/21T00:00", ["../21T00:00"]),
    ],
)
def test_bounds(expression: Expression, value: str, others: list[str]) -> None:
    answer = resolve(expression)
    assert (short(answer), alternatives(answer)) == (value, others)


def test_a_day_as_a_deadline_is_included() -> None:
    answer = resolve(Bound("by", Bag(weekday=FRI)), "2027-05-31T09:00:00+08:00")
    assert (answer["kind"], answer["value"], answer["start"]) == ("before", "../2027-06-05", None)
    assert answer["end"] == "2027-06-05T00:00:00+08:00"


@pytest.mark.parametrize(
    ("expression", "value", "grain"),
    [
        (Shifted(Amount(weeks=2)), "2026-12-04", "day"),
        (Shifted(Amount(days=3)), "23", "day"),
        (Shifted(Amount(hours=2)), "20T12:00", "minute"),
        (Shifted(Amount(minutes=30)), "20T10:30", "minute"),
        (Shifted(Amount(weeks=2), Bag(day_shift=1)), "2026-12-05", "day"),
        (Shifted(Amount(months=6)), "2027-05-20", "day"),
        (Shifted(Amount(days=1), CHRISTMAS, sign=-1), "2026-12-24", "day"),
        (Shifted(Amount(days=1), CHRISTMAS), "2026-12-26", "day"),
        (Shifted(Amount(hours=2), at(9, half="am", day_shift=1), sign=-1), "21T07:00", "minute"),
        (Shifted(Amount(days=2), Bag(weekend=True)), "24", "day"),
        (Nth(1, "weekday", FRI, THANKSGIVING), "27", "day"),
        (Nth(1, "weekend", anchor=THANKSGIVING), "28/30", "day"),
        (Nth(-1, "weekend", anchor=THANKSGIVING), "21/23", "day"),
        (Nth(1, "week", anchor=THANKSGIVING), "30/2026-12-07", "week"),
        (Within(Amount(days=3)), "20T10:00/24T00:00", "day"),
        (Within(Amount(weeks=1)), "20T10:00/28T00:00", "day"),
        (Within(Amount(hours=2)), "20T10:00/20T12:00", "minute"),
        (Occurrence(2, Bag(month=3)), "2028-03-01/2028-04-01", "month"),
        (Occurrence(2, Bag(month=11)), "2028-11-01/2028-12-01", "month"),  # the current one is not the next
        (Occurrence(1, Bag(weekday=FRI), CHRISTMAS, closest=True), "2026-12-25", "day"),
        (Occurrence(2, Bag(weekday=FRI), CHRISTMAS, closest=True), "2026-12-18", "day"),
        (Occurrence(1, Bag(weekday=0), Bag(month=12, day=17), closest=True), "2026-12-14", "day"),
        (Occurrence(1, Bag(weekday=0), Bag(month=12, day=18), closest=True), "2026-12-21", "day"),
        (Occurrence(2, CHRISTMAS, Bag(year=2030)), "2032-12-25", "day"),
        (Occurrence(1, Bag(month=2, day=29), Bag(year=2026, month=3, day=1), closest=True), "2028-02-29", "day"),
        (Both((Occurrence(1, CHRISTMAS, CHRISTMAS), at(5, half="pm"))), "2027-12-25T17:00", "hour"),
        (Units(2, "week"), "23/2026-12-07", "week"),
        (Units(2, "week", last_alone=True), "30/2026-12-07", "week"),
        (Units(2, "quarter", last_alone=True), "2027-04-01/2027-07-01", "month"),
        (Units(-2, "week"), "02/16", "week"),
        (Units(3, "month"), "2026-12-01/2027-03-01", "month"),
        (Units(0, "quarter"), "2026-10-01/2027-01-01", "month"),
        (Units(2, "weekend"), "28/2026-12-07", "day"),
        (Both((Bag(month=12, day=18), Stay(Amount(days=10)))), "2026-12-18/2026-12-28", "day"),
        (Both((at(4, half="pm"), Stay(Amount(minutes=30)))), "20T16:00/20T16:30", "minute"),
        (Both((Shifted(Amount(days=3)), at(5, half="pm"))), "23T17:00", "hour"),
        (Both((Nth(1, "weekday", FRI, THANKSGIVING), part("morning"))), "27T06:00/27T12:00", "hour"),
    ],
)
def test_offsets_and_units(expression: Expression, value: str, grain: str) -> None:
    answer = resolve(expression)
    assert (short(answer), answer["grain"]) == (value, grain)


def test_a_month_later_is_clipped_to_the_months_end() -> None:
    answer = resolve(Shifted(Amount(months=1)), "2027-01-31T10:00:00+08:00")
    assert (answer["value"], answer["assumptions"]) == ("2027-02-28", ["clipped_day"])


@pytest.mark.parametrize(
    ("amount", "value", "grain"),
    [
        (Amount(nights=3), "P3D", "day"),
        (Amount(weeks=1), "P1W", "week"),
        (Amount(hours=3), "PT3H", "hour"),
        (Amount(weeks=1, days=2), "P9D", "day"),
        (Amount(days=1, hours=12), "P1DT12H", "hour"),
        (Amount(months=1), "P1M", "month"),
    ],
)
def test_a_stay_is_a_duration(amount: Amount, value: str, grain: str) -> None:
    answer = resolve(Stay(amount))
    assert (answer["kind"], answer["value"], answer["grain"]) == ("duration", value, grain)
    assert (answer["start"], answer["end"], answer["timezone"]) == (None, None, None)


@pytest.mark.parametrize(
    ("expression", "value", "others"),
    [
        (Bag(month=11, day=2), "2027-11-02", []),
        (Bag(month=11, day=19), "2027-11-19", []),
        (Bag(month=11, day=20), "20", []),
        (Bag(month=12, day=27), "2026-12-27", []),
        (Bag(day=25), "25", []),
        (Bag(day=5), "2026-12-05", []),
        (Bag(day=20), "20", ["2026-12-20"]),
        (Bag(day=31), "2026-12-31", []),
        (Bag(month_shift=0, day=2), "02", []),
        (Bag(month_shift=1, day=15), "2026-12-15", []),
        (Bag(month=2, day=29), "2028-02-29", []),
        (Bag(year=2027, month=1, day=5, other_order=True), "2027-01-05", ["2027-05-01"]),
        (Bag(month=11, day=25, weekday=WED), "25", []),
        (Bag(month=11, day=25, weekday=FRI), "25", ["27"]),
        (Bag(day=25, weekday=WED), "25", []),
        (Bag(day=25, weekday=FRI), "2026-12-25", ["25"]),
        (Bag(day=25, weekday=TUE), "25", ["24"]),
        (Bag(month=12, nth=1, nth_unit="weekday", weekday=MON), "2026-12-07", []),
        (Bag(month_shift=0, nth=-1, nth_unit="day"), "30", []),
        (Bag(month_shift=1, nth=1, nth_unit="weekend"), "2026-12-05/2026-12-07", []),
        (Bag(month=1, nth=1, nth_unit="week"), "2027-01-04/2027-01-11", ["2027-01-01/2027-01-08"]),
        (Bag(month=12, nth=-1, nth_unit="week"), "2026-12-28/2027-01-04", ["2026-12-25/2027-01-01"]),
        (Bag(month=12, nth=2, nth_unit="week"), "2026-12-07/2026-12-14", ["2026-12-08/2026-12-15"]),
    ],
)
def test_dates(expression: Expression, value: str, others: list[str]) -> None:
    answer = resolve(expression)
    assert (short(answer), alternatives(answer)) == (value, others)


@pytest.mark.parametrize(
    "expression",
    [
        Bag(month=2, day=30),
        Bag(month=4, day=31),
        Bag(year=2027, month=2, day=29),
        Bag(month_shift=0, day=31),
        Bag(day=32),
        Bag(month=13, day=1),
        at(25, 0, half="24"),
        at(10, 60),
        at(17, half="am"),
        Bag(month_shift=0, nth=6, nth_unit="weekday", weekday=MON),
        Shifted(Amount(years=20_000)),
        Within(Amount(days=10**12)),
        Bag(year=0),
    ],
)
def test_impossible_dates_and_clocks(expression: Expression) -> None:
    answer = resolve(expression)
    assert (answer["status"], answer["value"], answer["reason"]) == ("unresolved", None, "impossible_date")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (Bag(month=11), "01/2026-12-01"),
        (Bag(month=10), "2027-10-01/2027-11-01"),
        (Bag(month_shift=1), "2026-12-01/2027-01-01"),
        (Bag(month=12, segment="late"), "2026-12-21/2027-01-01"),
        (Bag(month=2, segment="mid"), "2027-02-11/2027-02-21"),
        (Bag(month_shift=0, segment="late"), "21/2026-12-01"),
        (Bag(month_shift=0, segment="early"), "2026-12-01/2026-12-11"),
        (Bag(month_shift=0, segment="early", literal=True), "01/11"),
        (Bag(segment="early"), "2026-12-01/2026-12-11"),
        (Bag(season="summer", year_shift=1), "2027-06-01/2027-09-01"),
        (Bag(season="winter"), "2026-12-01/2027-03-01"),
        (Bag(season="autumn"), "2026-09-01/2026-12-01"),
        (Bag(quarter=1), "2027-01-01/2027-04-01"),
        (Bag(year_shift=0, segment="late"), "2026-12-01/2027-01-01"),
        (Bag(year_shift=1), "2027-01-01/2028-01-01"),
        (Bag(holiday="thanksgiving", month_shift=24), "2028-11-23"),
        (Bag(holiday="thanksgiving", month_shift=-12), "2025-11-27"),
        (CHRISTMAS, "2026-12-25"),
        (Bag(holiday="easter", year=2027), "2027-03-28"),
        (Bag(holiday="new_years_eve_lunar"), "2027-02-05"),
        (Bag(lunar=(12, 28)), "2027-02-04"),
        (Bag(lunar=(1, 1), year_shift=1), "2027-02-06"),
        (Bag(holiday="thanksgiving", holiday_span="weekend"), "26/30"),
        (Bag(holiday="labor_day", holiday_span="weekend"), "2027-09-04/2027-09-07"),
        (Bag(holiday="easter", holiday_span="weekend"), "2027-03-27/2027-03-29"),
        (Bag(holiday="national_day", holiday_span="period"), "2027-10-01/2027-10-08"),
        (part("morning", holiday="christmas"), "2026-12-25T06:00/2026-12-25T12:00"),
    ],
)
def test_months_seasons_and_holidays(expression: Expression, value: str) -> None:
    assert short(resolve(expression)) == value


def test_a_holiday_with_a_period_lists_it() -> None:
    answer = resolve(Bag(holiday="spring_festival"))
    assert (answer["status"], short(answer)) == ("resolved", "2027-02-06")
    assert alternatives(answer) == ["2027-02-05/2027-02-13"]


@pytest.mark.parametrize(
    ("spans", "value"),
    [
        ([Bag(month=12, day=5), at(6, 30, half="am")], "2026-12-05T06:30"),
        ([at(5, half="pm"), Bag(day_shift=1)], "21T17:00"),
        ([at(8), part("night", weekday=SAT)], "21T20:00"),
        ([Bag(weekday=FRI, week_shift=1), at(7, part=PARTS["night"])], "27T19:00"),
        ([Bag(week_shift=1), Bag(weekday=SAT)], "28"),
        ([Bag(day_shift=1), Bag(weekday=SAT)], "21"),
        ([at(5), at(5, half="pm", day_shift=1)], "21T17:00"),
        ([Bag(day_shift=1), Unknown("underspecified", at(8))], "21T08:00"),
        ([Bag(weekday=SAT), Bound("after", at(8, half="pm"))], "21T20:00/22T00:00"),
        ([Bag(weekday=SAT), Bound("by", at(8, half="pm"))], "../21T20:00"),
        ([part("morning", day_shift=1), Bound("after", at(8))], "21T08:00/21T12:00"),
        ([Bag(month=12, segment="early"), Bound("after", Bag(day=5))], "2026-12-06/2026-12-11"),
        ([Bag(month=12), Bound("after", Bag(day=5))], "2026-12-06/2027-01-01"),
        ([Bound("after", at(5, half="pm")), Bound("before", at(8, half="pm", day_shift=1))], "21T17:00/21T20:00"),
        ([Bound("after", at(5)), Bound("before", at(8)), Bag(day_shift=1)], "21T17:00/21T20:00"),
        ([Bound("after", at(9, half="pm")), Bound("before", at(6, half="am"))], "20T21:00/21T06:00"),
        ([Bound("after", CHRISTMAS), Bound("before", Bag(holiday="new_year"))], "2026-12-26/2027-01-01"),
        ([Bag(weekday=SAT), Bound("after", part("lunchtime"))], "21T12:00/22T00:00"),
        ([Bag(weekday=SAT), Range(at(9), at(11))], "21T09:00/21T11:00"),
        ([part("evening"), Range(at(8), at(10))], "20T20:00/20T22:00"),
        ([Bag(week_shift=1), Range(Bag(weekday=MON), Bag(weekday=WED))], "23/26"),
        ([Either((Bag(weekday=SAT), Bag(weekday=SUN))), at(8, half="pm")], "21T20:00"),
        ([Within(Amount(days=3)), Bag(weekday=SUN)], "22"),
    ],
)
def test_the_spans_of_a_slot_merge_in_any_order(spans: list[Expression], value: str) -> None:
    assert short(combined(*spans)) == value
    if not any(isinstance(span, Bound) for span in spans[1:]):
        assert short(combined(*reversed(spans))) == value


@pytest.mark.parametrize(
    ("spans", "value", "other"),
    [
        ([Bag(weekday=MON), Bag(weekday=TUE)], "24", "23"),
        ([Bag(day_shift=1), Bag(weekday=SUN)], "22", "21"),
        ([at(5, half="pm", day_shift=1), at(7, half="pm")], "21T19:00", "21T17:00"),
        ([at(5, half="pm", day_shift=1), Bag(day_shift=2)], "22T17:00", "21T17:00"),
    ],
)
def test_of_two_that_exclude_each_other_the_last_wins(spans: list[Expression], value: str, other: str) -> None:
    answer = combined(*spans)
    assert (answer["status"], answer["reason"]) == ("ambiguous", "conflict")
    assert (short(answer), alternatives(answer)) == (value, [other])


def test_bounds_that_exclude_each_other_on_a_day_are_no_value() -> None:
    answer = combined(Bound("after", at(9, half="pm")), Bound("before", at(6, half="pm", day_shift=0)))
    assert (answer["status"], answer["reason"]) == ("unresolved", "conflict")


NEXT_FRIDAY = resolve(Bag(weekday=FRI, which="next"))
FRIDAY_AT_FIVE = resolve(at(5, half="pm", weekday=FRI, which="next"))


@pytest.mark.parametrize(
    ("role", "departure", "expression", "value"),
    [
        ("return", NEXT_FRIDAY, Bag(weekday=MON), "30"),
        ("return", NEXT_FRIDAY, Bag(weekday=FRI), "27"),
        ("return", NEXT_FRIDAY, Bag(day=28), "28"),
        ("return", NEXT_FRIDAY, Bag(day=25), "2026-12-25"),
        ("return", NEXT_FRIDAY, Bag(weekday=MON, which="next"), "30"),
        ("return", NEXT_FRIDAY, Shifted(Amount(days=3), later=True), "30"),
        ("return", NEXT_FRIDAY, Stay(Amount(nights=3)), "30"),
        ("return", NEXT_FRIDAY, Nth(1, "weekday", SUN, later=True), "29"),
        ("return", FRIDAY_AT_FIVE, at(9, half="am", weekday=FRI), "2026-12-04T09:00"),
        ("arrival", FRIDAY_AT_FIVE, at(9, half="pm"), "27T21:00"),
        ("arrival", FRIDAY_AT_FIVE, at(6, half="am"), "28T06:00"),
        ("arrival", FRIDAY_AT_FIVE, at(8), "27T20:00"),
        ("arrival", NEXT_FRIDAY, Bound("before", at(9, half="pm")), "../27T21:00"),
        ("arrival", NEXT_FRIDAY, Shifted(Amount(days=1), later=True), "28"),
        ("departure", NEXT_FRIDAY, Bag(weekday=MON), "23"),
    ],
)
def test_returns_and_arrivals_count_from_the_departure(
    role: str, departure: Value, expression: Expression, value: str
) -> None:
    assert short(resolve(expression, role=role, departure=departure)) == value


def test_an_arrival_is_compared_with_the_departure_as_an_instant() -> None:
    tokyo = resolve(at(5, half="pm", weekday=SAT), place_zone="Asia/Tokyo")
    arrival = resolve(at(10, half="am"), place_zone="America/Los_Angeles", role="arrival", departure=tokyo)
    assert tokyo["value"] == "2026-11-21T17:00:00+09:00"
    assert arrival["value"] == "2026-11-21T10:00:00-08:00"


def test_what_was_said_before_the_departure_is_a_conflict() -> None:
    answer = resolve(Bag(day_shift=1), role="return", departure=NEXT_FRIDAY)
    assert (answer["status"], answer["reason"], short(answer)) == ("ambiguous", "conflict", "21")


@pytest.mark.parametrize(
    ("expression", "value", "zone"),
    [
        (at(9, half="am", day_shift=1, zone="Asia/Tokyo"), "2026-11-21T09:00:00+09:00", "Asia/Tokyo"),
        (at(6, half="pm", weekday=MON, zone="America/New_York"), "2026-11-23T18:00:00-05:00", "America/New_York"),
        (at(8, day_shift=2, zone="Asia/Shanghai"), "2026-11-22T08:00:00+08:00", "Asia/Shanghai"),
        (at(2, half="pm", weekday=TUE, zone="place:London"), "2026-11-24T14:00:00+00:00", "Europe/London"),
        (at(8, half="am", day_shift=1, zone="+01:00"), "2026-11-21T08:00:00+01:00", "+01:00"),
        (at(8, half="am", day_shift=1, zone="local"), "2026-11-21T08:00:00+08:00", "Asia/Shanghai"),
        (at(10, half="pm", zone="America/New_York"), "2026-11-19T22:00:00-05:00", "America/New_York"),
        (at(8, half="pm", zone="America/New_York"), "2026-11-20T20:00:00-05:00", "America/New_York"),
    ],
)
def test_zones_that_are_said(expression: Expression, value: str, zone: str) -> None:
    answer = resolve(expression, zone_of_place={"London": "Europe/London"}.get)
    assert (answer["value"], answer["timezone"]) == (value, zone)


@pytest.mark.parametrize(
    ("name", "request_zone", "first", "second"),
    [
        ("CST", "Asia/Shanghai", "Asia/Shanghai", "America/Chicago"),
        ("CST", "America/New_York", "America/Chicago", "Asia/Shanghai"),
        ("IST", "Asia/Kolkata", "Asia/Kolkata", "Asia/Jerusalem"),
    ],
)
def test_names_of_two_zones(name: str, request_zone: str, first: str, second: str) -> None:
    answer = resolve(at(9, half="am", day_shift=1, zone=name), zone=request_zone)
    assert (answer["timezone"], answer["alternatives"][0]["timezone"]) == (first, second)
    assert f"timezone:{first}" in answer["assumptions"]


def test_the_place_of_the_slot_places_what_the_users_calendar_counts() -> None:
    answer = resolve(at(9, half="am", day_shift=1), place_zone="America/New_York")
    assert (answer["value"], answer["timezone"]) == ("2026-11-21T09:00:00-05:00", "America/New_York")


def test_a_day_word_that_is_over_only_at_the_place_moves_on() -> None:
    evening_before = "2026-11-19T18:00:00-08:00"
    answer = resolve(Bag(day_shift=0), evening_before, "America/Los_Angeles", place_zone="Asia/Shanghai")
    assert (answer["status"], answer["value"]) == ("ambiguous", "2026-11-20")
    assert alternatives(answer) == ["19"]


def test_a_clock_in_a_gap_moves_forward_and_in_a_fold_is_the_first() -> None:
    gap = resolve(at(2, 30, half="am", month=3, day=14), zone="America/New_York")
    assert (gap["value"], gap["assumptions"][-1]) == ("2027-03-14T03:30:00-04:00", "dst_gap")
    fold = resolve(at(1, 30, half="am", month=11, day=7), zone="America/New_York")
    assert (fold["value"], fold["assumptions"][-1]) == ("2027-11-07T01:30:00-04:00", "dst_fold")
    assert fold["alternatives"][0]["value"] == "2027-11-07T01:30:00-05:00"


def test_hours_elapse_and_days_are_of_the_calendar_when_clocks_change() -> None:
    before = "2027-03-13T22:00:00-05:00"
    assert resolve(Shifted(Amount(hours=5)), before, "America/New_York")["value"] == "2027-03-14T04:00:00-04:00"
    tomorrow = resolve(Bag(clock=NOW, day_shift=1), before, "America/New_York")
    assert tomorrow["value"] == "2027-03-14T22:00:00-04:00"
    assert resolve(Bag(day_shift=1), before, "America/New_York")["end"] == "2027-03-15T00:00:00-04:00"


@pytest.mark.parametrize(
    ("expression", "assumptions"),
    [
        (Bag(month=11, day=2), ["future"]),
        (at(5, day_shift=1), ["pm"]),
        (at(7, day_shift=1, approximate=True), ["am", "approximate"]),
        (Bag(month=1, day=5, year=2027, other_order=True), ["month_first"]),
        (Bag(year=2026, month=12, day=1, two_digit_year=True), ["two_digit_year"]),
        (Bag(season="summer", year=2027), ["season:northern"]),
        (Bag(weekend=True, week_shift=1), ["weekend:sat-sun"]),
        (part("morning", day_shift=1), ["day_part:morning=06-12"]),
        (Bag(month_shift=0, day=5), ["in_the_past"]),
        (Bag(day_shift=-1), ["in_the_past"]),
    ],
)
def test_what_was_assumed_is_said(expression: Expression, assumptions: list[str]) -> None:
    assert resolve(expression)["assumptions"] == assumptions


@pytest.mark.parametrize(
    ("expression", "reason", "partial"),
    [
        (Unknown("not_a_time"), "not_a_time", None),
        (Unknown("partly_understood", Bag(weekday=SAT)), "partly_understood", "21"),
        (Both((Unknown("underspecified"), Bag(day_shift=1))), "partly_understood", "21"),
        (Bag(zone="Asia/Tokyo"), "underspecified", None),
        (Bag(weekday=FRI, month=12), "underspecified", None),
        (part("morning", week_shift=1), "underspecified", "23/30"),
        (at(9, half="am", day_shift=1, zone="place:Atlantis"), "partly_understood", "21T09:00"),
        (Bound("after", Stay(Amount(days=3))), "underspecified", "P3D"),
    ],
)
def test_what_has_no_value_says_why(expression: Expression, reason: str, partial: str | None) -> None:
    answer = resolve(expression)
    assert (answer["status"], answer["value"], answer["reason"]) == ("unresolved", None, reason)
    assert (answer["partial"] and short(answer["partial"])) == partial


def test_the_form_of_an_answer() -> None:
    assert resolve(part("morning", weekday=FRI, which="next")) == {
        "type": "time",
        "text": "",
        "status": "resolved",
        "kind": "interval",
        "value": "2026-11-27T06:00:00+08:00/2026-11-27T12:00:00+08:00",
        "start": "2026-11-27T06:00:00+08:00",
        "end": "2026-11-27T12:00:00+08:00",
        "grain": "hour",
        "timezone": "Asia/Shanghai",
        "alternatives": [],
        "assumptions": ["day_part:morning=06-12"],
        "reason": None,
    }


@pytest.mark.parametrize(
    ("expression", "kind", "start", "end"),
    [
        (Bag(day_shift=1), "date", "2026-11-21T00:00:00+08:00", "2026-11-22T00:00:00+08:00"),
        (at(5, half="pm", day_shift=1), "datetime", "2026-11-21T17:00:00+08:00", "2026-11-21T17:00:00+08:00"),
        (Bound("from", Bag(day_shift=1)), "after", "2026-11-21T00:00:00+08:00", None),
        (Bound("before", Bag(day_shift=1)), "before", None, "2026-11-21T00:00:00+08:00"),
    ],
)
def test_an_end_is_null_only_where_it_is_open(
    expression: Expression, kind: str, start: str | None, end: str | None
) -> None:
    answer = resolve(expression)
    assert (answer["kind"], answer["start"], answer["end"]) == (kind, start, end)


def test_alternatives_are_at_most_four_and_differ_from_the_value() -> None:
    days = tuple(Bag(day_shift=n) for n in (1, 1, 2, 3, 4, 5, 6))
    assert alternatives(resolve(Either(days))) == ["22", "23", "24", "25"]


def test_a_reference_without_an_offset_or_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-11-20T10:00:00 has no offset"):
        Reference(datetime(2026, 11, 20, 10), "Asia/Shanghai")
    with pytest.raises(ValueError, match="not in the years 2 to 9998"):
        Reference(datetime.fromisoformat("9999-12-31T23:00:00+00:00"), "Asia/Shanghai")
    with pytest.raises(ValueError, match="Mars/Olympus"):
        Reference(datetime.fromisoformat(FRIDAY), "Mars/Olympus")


_CLOCKS = st.builds(
    Clock,
    st.integers(0, 25),
    st.none() | st.integers(0, 60),
    st.none(),
    st.sampled_from([None, "am", "pm", "24", "now", "midnight"]),
)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "year": st.sampled_from([1, 2024, 2027, 9998, 9999]),
    "year_shift": st.integers(-1, 1),
    "quarter": st.integers(1, 4),
    "season": st.sampled_from(["spring", "winter"]),
    "month": st.integers(1, 13),
    "month_shift": st.integers(-1, 2),
    "week_shift": st.integers(-1, 2),
    "weekend": st.just(True),
    "weekday": st.integers(0, 6),
    "which": st.sampled_from(["this", "coming", "next", "last"]),
    "day_shift": st.integers(-1, 3),
    "day": st.integers(1, 32),
    "other_order": st.just(True),
    "nth": st.integers(-2, 6),
    "nth_unit": st.sampled_from(["day", "weekday", "week", "weekend"]),
    "holiday": st.sampled_from(["christmas", "easter", "spring_festival"]),
    "holiday_span": st.sampled_from(["period", "weekend"]),
    "lunar": st.sampled_from([(1, 1), (12, 30), (12, -1)]),
    "segment": st.sampled_from(["early", "mid", "late"]),
    "part": st.sampled_from(list(PARTS.values())),
    "literal": st.just(True),
    "clock": _CLOCKS,
    "zone": st.sampled_from(["Asia/Tokyo", "+05:30", "place:London", "CST", "local"]),
    "approximate": st.just(True),
}
_BAGS = (
    st.lists(st.sampled_from(list(_FIELDS)), min_size=1, max_size=4, unique=True)
    .flatmap(lambda names: st.fixed_dictionaries({name: _FIELDS[name] for name in names}))
    .map(lambda constraints: Bag(**constraints))
)
_AMOUNTS = st.builds(Amount, *(st.sampled_from([0, 0, 1, 40]) for _ in range(7)))


def _compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    anchors = st.none() | inner
    return st.one_of(
        st.builds(Shifted, _AMOUNTS, anchors, st.sampled_from([1, -1]), st.booleans()),
        st.builds(
            Nth, st.sampled_from([-1, 1, 2]), st.sampled_from(["weekday", "weekend", "week"]), st.just(2), anchors
        ),
        st.builds(Occurrence, st.integers(1, 3), _BAGS, anchors, st.booleans()),
        st.builds(Containing, st.sampled_from(["week", "weekend"]), inner),
        st.builds(Bound, st.sampled_from(["after", "from", "before", "by"]), inner),
        st.builds(Range, inner, inner),
        st.builds(Either, st.tuples(inner, inner)),
        st.builds(Both, st.tuples(inner, inner)),
        st.builds(Unknown, st.just("partly_understood"), anchors),
        st.builds(Within, _AMOUNTS),
        st.builds(Units, st.integers(-2, 2), st.sampled_from(["hour", "weekend", "quarter"]), st.booleans()),
        st.builds(Rest, st.sampled_from(["day", "week", "month", "year"])),
        st.builds(Stay, _AMOUNTS),
    )


@settings(max_examples=400, deadline=None)
@given(
    expression=st.recursive(_BAGS, _compound, max_leaves=4),
    zone=st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Apia"]),
    role=st.sampled_from([None, "arrival", "return"]),
)
def test_any_expression_has_an_answer_that_ends_after_it_starts(
    expression: Expression, zone: str, role: str | None
) -> None:
    answer = resolve(expression, zone=zone, role=role, departure=FRIDAY_AT_FIVE, place_zone="America/Los_Angeles")
    assert (answer["value"] is None) == (answer["status"] == "unresolved") == (answer["kind"] is None)
    for found in (answer, *answer["alternatives"]):
        start, end = (side and datetime.fromisoformat(side) for side in (found["start"], found["end"]))
        if found["kind"] in ("date", "interval"):
            assert start < end
        if found["kind"] == "datetime":
            assert start == end
