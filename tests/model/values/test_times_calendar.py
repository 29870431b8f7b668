from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from model.values.times.calendar import (
    add_months,
    at,
    elapsed,
    monday,
    month_start,
    nearest_saturday,
    nearest_weekday,
    nth_week,
    nth_weekday,
    placed,
    valid_date,
    weekday_from,
    zone,
    zone_name,
)

DAYS = [date(2023, 12, 20) + timedelta(n) for n in range(900)]
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize("weekday", range(7))
def test_the_first_weekday_from_a_day_is_that_weekday_and_less_than_a_week_away(weekday: int) -> None:
    for day in DAYS:
        found = weekday_from(day, weekday)
        assert found.weekday() == weekday
        assert 0 <= (found - day).days < 7


@pytest.mark.parametrize("weekday", range(7))
def test_the_nearest_weekday_is_at_most_three_days_away(weekday: int) -> None:
    for day in DAYS:
        found = nearest_weekday(day, weekday)
        assert found.weekday() == weekday
        assert abs((found - day).days) <= 3


def test_the_nearest_weekend_has_no_nearer_one_beside_it() -> None:
    def distance(day: date, saturday: date) -> int:
        return min(abs((day - saturday).days), abs((day - saturday).days - 1))

    for day in DAYS:
        saturday = nearest_saturday(day)
        assert saturday.weekday() == 5
        week = timedelta(7)
        assert distance(day, saturday) <= min(distance(day, saturday - week), distance(day, saturday + week))


def test_weeks_are_those_of_iso_8601() -> None:
    for day in DAYS:
        year, week, _ = day.isocalendar()
        assert monday(day) == date.fromisocalendar(year, week, 1)
        assert nth_week(date(year, 1, 1), date(year + 1, 1, 1), week) == monday(day)


def test_the_first_week_of_a_month_holds_the_fourth_and_the_last_its_last_thursday() -> None:
    for year in (2026, 2027, 2028):
        for month in range(1, 13):
            start, end = month_start(year, month), month_start(year, month + 1)
            days = [start + timedelta(n) for n in range((end - start).days)]
            first, last = nth_week(start, end, 1), nth_week(start, end, -1)
            assert first == monday(date(year, month, 4))
            thursday = max(day for day in days if day.weekday() == 3)
            assert last == monday(thursday)
    assert nth_week(date(2026, 11, 1), date(2026, 12, 1), 5) is None


@pytest.mark.parametrize(
    ("n", "weekday", "day"),
    [(1, 0, 7), (4, 3, 24), (5, 3, 31), (5, 0, None), (-1, 3, 31), (-2, 4, 18), (-5, 0, None)],
)
def test_weekdays_are_counted_from_either_end_of_december_2026(n: int, weekday: int, day: int | None) -> None:
    expected = day and date(2026, 12, day)
    assert nth_weekday(date(2026, 12, 1), date(2027, 1, 1), n, weekday) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 20), 2, date(2027, 1, 20)),
        (date(2026, 11, 20), -11, date(2025, 12, 20)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_months_keep_the_day_or_take_the_months_last(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_a_date_that_is_none_is_none() -> None:
    assert valid_date(2027, 2, 29) is None
    assert valid_date(2028, 2, 29) == date(2028, 2, 29)


@pytest.mark.parametrize("name", ["Asia/Shanghai", "America/New_York", "UTC", "+01:00", "-05:30"])
def test_a_zone_is_called_what_it_was_asked_for(name: str) -> None:
    assert zone_name(datetime(2026, 11, 20, tzinfo=zone(name))) == name


def test_a_fixed_offset_is_that_far_from_utc() -> None:
    assert datetime(2026, 11, 20, tzinfo=zone("-05:30")).utcoffset() == -timedelta(hours=5, minutes=30)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "/etc/passwd", "../UTC", "Asia", "+25:00", "+1", "+ab:cd"])
def test_an_unknown_zone_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone") as error:
        zone(name)
    assert repr(name) in str(error.value)


def test_minutes_beyond_midnight_are_the_next_days() -> None:
    shanghai = zone("Asia/Shanghai")
    assert at(date(2026, 11, 20), 26 * 60 + 30, shanghai).isoformat() == "2026-11-21T02:30:00+08:00"
    assert at(date(2026, 12, 31), 24 * 60, shanghai).isoformat() == "2027-01-01T00:00:00+08:00"


def test_a_wall_time_that_is_skipped_moves_forward_by_the_gap() -> None:
    moment, second = placed(datetime(2027, 3, 14, 2, 30, tzinfo=NEW_YORK))
    assert moment.isoformat() == "2027-03-14T03:30:00-04:00"
    assert second is None


def test_a_wall_time_that_comes_twice_has_both_occurrences_an_hour_apart() -> None:
    moment, second = placed(datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK))
    assert second is not None
    assert moment.isoformat() == "2026-11-01T01:30:00-04:00"
    assert second.isoformat() == "2026-11-01T01:30:00-05:00"


def test_elapsed_time_is_measured_in_utc() -> None:
    before = datetime(2027, 3, 14, 1, 30, tzinfo=NEW_YORK)
    after = elapsed(before, timedelta(hours=2))
    assert after.isoformat() == "2027-03-14T04:30:00-04:00"
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=2)
