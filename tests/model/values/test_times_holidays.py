"""Named days, judged by dates that calendars of the world print."""

from calendar import FRIDAY, MONDAY, SUNDAY, THURSDAY, WEDNESDAY, monthcalendar
from datetime import date, timedelta

import pytest

from data.han import to_simplified
from model.values.times.holidays import (
    CALENDARS,
    NAMES,
    dates,
    lunar_date,
    normalized,
    occurrences,
    period,
    rules,
    spellings,
)

DAY = timedelta(1)


@pytest.mark.parametrize(
    ("holiday", "days"),
    [
        ("spring_festival", "2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03"),
        ("new_years_eve_lunar", "2024-02-09 2025-01-28 2026-02-16 2027-02-05"),
        ("lantern_festival", "2025-02-12 2026-03-03"),
        ("qingming", "2024-04-04 2025-04-04 2026-04-05 2027-04-05 2028-04-04"),
        ("dragon_boat", "2024-06-10 2025-05-31 2026-06-19 2027-06-09 2028-05-28"),
        ("mid_autumn", "2024-09-17 2025-10-06 2026-09-25 2027-09-15 2028-10-03"),
        ("winter_solstice", "2021-12-21 2023-12-22 2026-12-22"),
        ("easter", "2024-03-31 2025-04-20 2026-04-05 2027-03-28 2028-04-16 2038-04-25"),
        ("good_friday", "2025-04-18 2026-04-03"),
        ("ash_wednesday", "2026-02-18 2027-02-10"),
        ("orthodox_easter", "2024-05-05 2025-04-20 2026-04-12 2027-05-02"),
        ("thanksgiving", "2024-11-28 2025-11-27 2026-11-26 2027-11-25"),
        ("labor_day", "2024-09-02 2025-09-01 2026-09-07"),
        ("memorial_day", "2025-05-26 2026-05-25"),
        ("mothers_day", "2025-05-11 2026-05-10"),
        ("tax_day", "2022-04-18 2023-04-18 2026-04-15"),
        ("boss_day", "2021-10-15 2022-10-17 2026-10-16"),
        ("kings_day", "2025-04-26 2026-04-27"),
        ("advent", "2022-11-27 2024-12-01 2026-11-29"),
        # the evenings on which they begin
        ("rosh_hashanah", "2024-10-02 2025-09-22 2026-09-11"),
        ("hanukkah", "2024-12-25 2025-12-14 2026-12-04"),
        ("purim", "2024-03-23 2025-03-13 2026-03-02"),
        ("passover", "2024-04-22 2025-04-12 2026-04-01"),
        ("yom_haatzmaut", "2024-05-13 2025-04-30 2026-04-21"),
        ("eid_al_fitr", "2024-04-10 2025-03-30 2026-03-20"),
        ("eid_al_adha", "2024-06-16 2025-06-06 2026-05-27"),
        ("diwali", "2022-10-24 2023-11-12 2026-11-08"),
        ("holi", "2024-03-25 2025-03-14 2026-03-04"),
    ],
)
def test_a_day_is_where_the_calendars_have_it(holiday: str, days: str) -> None:
    for day in map(date.fromisoformat, days.split()):
        assert dates(holiday, day.year) == (day, day + DAY * rules()[holiday].get("days", 1))


@pytest.mark.parametrize(
    ("holiday", "month", "weekday", "nth"),
    [
        ("martin_luther_king_day", 1, MONDAY, 3),
        ("presidents_day", 2, MONDAY, 3),
        ("daylight_saving_start", 3, SUNDAY, 2),
        ("mothers_day", 5, SUNDAY, 2),
        ("memorial_day", 5, MONDAY, -1),
        ("fathers_day", 6, SUNDAY, 3),
        ("summer_bank_holiday", 8, MONDAY, -1),
        ("labor_day", 9, MONDAY, 1),
        ("columbus_day", 10, MONDAY, 2),
        ("canadian_thanksgiving", 10, MONDAY, 2),
        ("thanksgiving", 11, THURSDAY, 4),
    ],
)
def test_a_weekday_of_a_month_is_counted_right_in_every_year(holiday: str, month: int, weekday: int, nth: int) -> None:
    for year in range(1900, 2101):
        column = [week[weekday] for week in monthcalendar(year, month) if week[weekday]]
        found = dates(holiday, year)
        assert found is not None
        assert found[0] == date(year, month, column[nth - 1 if nth > 0 else nth])


@pytest.mark.parametrize(
    ("holiday", "first", "end"),
    [
        ("lent", "2018-02-14", "2018-04-01"),
        ("rosh_hashanah", "2026-09-11", "2026-09-14"),
        ("hanukkah", "2026-12-04", "2026-12-12"),
        ("ramadan", "2025-03-01", "2025-03-30"),  # of 29 days
        ("ramadan", "2026-02-18", "2026-03-20"),  # of 30
        ("navaratri", "2025-09-22", "2025-10-02"),
    ],
)
def test_some_last_longer_than_a_day(holiday: str, first: str, end: str) -> None:
    assert dates(holiday, int(first[:4])) == (date.fromisoformat(first), date.fromisoformat(end))


def test_periods_are_those_of_the_policy() -> None:
    assert period("spring_festival", 2027) == (date(2027, 2, 5), date(2027, 2, 13))  # 除夕 to 初七
    assert period("may_day", 2027) == (date(2027, 5, 1), date(2027, 5, 6))
    assert period("national_day", 2026) == (date(2026, 10, 1), date(2026, 10, 8))
    assert period("mid_autumn", 2026) is None
    assert period("spring_festival", 2100) is None


def test_a_civil_year_may_have_a_day_twice_or_not_at_all() -> None:
    assert [first for first, _ in occurrences("ramadan", 2030)] == [date(2030, 1, 5), date(2030, 12, 26)]
    assert dates("ramadan", 2030) == (date(2030, 1, 5), date(2030, 2, 4))
    assert [first for first, _ in occurrences("laba", 2022)] == [date(2022, 1, 10), date(2022, 12, 30)]
    assert dates("laba", 2023) is None


def test_the_chinese_calendar_runs_without_a_gap() -> None:
    for year in range(1900, 2099):
        last, first = lunar_date(year, 12, -1), lunar_date(year + 1, 1, 1)
        assert last is not None
        assert last + DAY == first
        starts = [lunar_date(year, month, 1) for month in range(1, 13)]
        lengths = [(b - a).days for a, b in zip(starts, [*starts[1:], first], strict=True) if a and b]
        assert len(lengths) == 12
        assert sum(length > 30 for length in lengths) <= 1  # the month before a leap month counts both
        assert set(lengths) <= {29, 30, 58, 59, 60}


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (2025, 6, 1, date(2025, 6, 25)),  # 闰六月 follows it
        (2025, 7, 1, date(2025, 8, 23)),
        (2026, 12, 8, date(2027, 1, 15)),
        (2025, 12, -1, date(2026, 2, 16)),
        (2025, 12, 30, None),  # of 29 days
        (2026, 1, 31, None),
        (2026, 13, 1, None),
        (2026, 1, 0, None),
        (1899, 1, 1, None),
        (2100, 1, 1, None),
    ],
)
def test_a_lunar_day(year: int, month: int, day: int, expected: date | None) -> None:
    assert lunar_date(year, month, day) == expected


def test_the_hebrew_year_never_begins_on_a_sunday_wednesday_or_friday() -> None:
    evenings = [found[0].weekday() for year in range(1600, 2600) if (found := dates("rosh_hashanah", year))]
    assert len(evenings) == 1000
    assert set(evenings) == {SUNDAY, MONDAY, WEDNESDAY, FRIDAY}


def test_every_day_has_dates_for_the_next_years() -> None:
    limited = {"super_tuesday", "guru_gobind_singh_jayanti"}  # every fourth year; sometimes twice, sometimes never
    for holiday in rules().keys() - limited:
        assert all(dates(holiday, year) for year in range(2026, 2036)), holiday


@pytest.mark.parametrize("year", [-1, 0, 1, 1582, 9999, 10**9])
def test_a_year_far_away_has_none(year: int) -> None:
    assert not any(dates(holiday, year) or period(holiday, year) for holiday in rules())


def test_all_that_is_given_lies_in_its_year() -> None:
    for holiday in rules():
        for year in (1583, 1899, 1900, 1924, 2000, 2001, 2035, 2036, 2077, 2099, 2100, 2101, 9998):
            assert all(first.year == year and first < end for first, end in occurrences(holiday, year))


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("new year", "元旦"),
        ("new years day", "元旦节"),
        ("valentines day", "情人节"),
        ("national day", "国庆"),
        ("national day", "十一"),
        ("national day", "国庆节"),
        ("may day", "五一"),
        ("may day", "劳动节"),
        ("independence day", "美国独立日"),
        ("halloween", "万圣节"),
        ("christmas eve", "平安夜"),
        ("xmas", "圣诞"),
        ("christmas day", "圣诞节"),
        ("new years eve", "跨年夜"),
        ("new years eve", "跨年"),
        ("easter", "复活节"),
        ("thanksgiving", "感恩节"),
        ("chinese new years eve", "除夕"),
        ("chinese new year", "春节"),
        ("lunar new year", "春节"),
        ("spring festival", "农历新年"),
        ("lantern festival", "元宵节"),
        ("lantern festival", "元宵"),
        ("tomb sweeping day", "清明"),
        ("qingming festival", "清明节"),
        ("dragon boat festival", "端午"),
        ("mid autumn festival", "中秋"),
        ("moon festival", "中秋节"),
        ("good friday", "耶稣受难日"),
        ("hanukkah", "光明节"),
        ("eid al fitr", "开斋节"),
        ("diwali", "排灯节"),
        ("ramadan", "斋月"),
        ("black friday", "黑五"),
    ],
)
def test_both_languages_mean_the_same_day(english: str, chinese: str) -> None:
    assert NAMES["en"][english] == NAMES["zh"][chinese]


def test_labor_day_is_another_day_in_chinese() -> None:
    assert NAMES["en"]["labor day"] != NAMES["zh"]["劳动节"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("New Year's Eve", "new years eve"),
        ("Mid-Autumn  Festival", "mid autumn festival"),
        ("St. Patrick’s Day", "st patricks day"),
    ],
)
def test_names_are_normalized(said: str, name: str) -> None:
    assert normalized(said) == name
    assert name in NAMES["en"]


def test_every_name_stands_in_the_form_that_it_is_looked_up_in() -> None:
    assert all(name == normalized(name) for name in NAMES["en"])
    assert all(name == to_simplified(name) and name == "".join(name.split()) for name in NAMES["zh"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_name_is_one_days(language: str) -> None:
    for holiday, rule in rules().items():
        for pattern in rule.get(language, ()):
            assert {NAMES[language][name] for name in spellings(normalized(pattern))} == {holiday}, pattern


def test_names_that_are_numbers_too_are_known() -> None:
    numerals = {name for name in NAMES["zh"] if set(name) <= set("零一二三四五六七八九十百千万两幺0123456789")}
    assert numerals == {"十一", "五一", "五四", "六一", "七一", "八一", "三一五", "三幺五"}
    assert not any(name.replace(" ", "").isdigit() for name in NAMES["en"])


@pytest.mark.parametrize("word", ["may", "march", "sunday", "fri", "day", "eve", "new", "spring", "fall", "the", "id"])
def test_a_plain_word_names_no_day(word: str) -> None:
    assert word not in NAMES["en"]


def test_the_calendars_are_those_that_the_rules_name() -> None:
    built = {line.split("\t")[0] for line in CALENDARS.read_text(encoding="utf-8").splitlines()}
    assert built == {"chinese"} | {
        rule[base] for rule in rules().values() for base in ("table", "term") if base in rule
    }
