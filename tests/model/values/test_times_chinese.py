"""Chinese phrases to expressions, and some of them to values (reference Friday 2026-11-20 10:00 in Shanghai)."""

from datetime import date, datetime, timedelta
from time import process_time
from typing import Any

import pytest

from data.han import to_traditional
from data.numerals import han_numeral
from model.values.times.chinese import read
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
    Range,
    Rest,
    Shifted,
    Stay,
    Units,
    Unknown,
    Within,
)
from model.values.times.resolve import Reference, resolve_time

REFERENCE = Reference(datetime.fromisoformat("2026-11-20T10:00:00+08:00"), "Asia/Shanghai")
CHRISTMAS = Bag(holiday="christmas")


def at(hour: int, minute: int | None = None, **more: Any) -> Bag:
    return Bag(clock=Clock(hour, minute), **more)


def part(name: str, **more: Any) -> Bag:
    return Bag(part=PARTS[name], **more)


EXPRESSIONS: list[tuple[str, Expression]] = [
    # days, weeks, months
    ("大后天", Bag(day_shift=3)),
    ("大大后天", Bag(day_shift=4)),
    ("下下礼拜三", Bag(week_shift=2, weekday=2)),
    ("这个周日", Bag(week_shift=0, weekday=6)),
    ("下一个周二", Bag(which="coming", weekday=1)),
    ("下周末", Bag(week_shift=1, weekend=True)),
    ("下周初", Bag(week_shift=1, segment="early")),
    ("廿六号", Bag(day=26)),
    ("下个月的六号", Bag(month_shift=1, day=6)),
    ("5月9", Bag(month=5, day=9)),
    ("二〇二八年三月", Bag(year=2028, month=3)),
    ("28年3月", Bag(year=2028, two_digit_year=True, month=3)),
    ("后年夏天", Bag(year_shift=2, season="summer")),
    ("三月下旬", Bag(month=3, segment="late")),
    ("明年年底", Bag(year_shift=1, segment="late")),
    ("2027/3/8", Bag(year=2027, month=3, day=8)),
    ("3/8", Bag(month=3, day=8)),
    ("3.18", Bag(month=3, day=18)),
    ("周六(12月5日)", Bag(weekday=5, month=12, day=5)),
    # parts and clocks
    ("明早", part("morning", day_shift=1)),
    ("今晚深夜", part("late_night", day_shift=0)),
    ("后天一大早", part("early_morning", day_shift=2)),
    ("周四晚9点", Bag(weekday=3, part=PARTS["night"], clock=Clock(9))),
    ("正午", Bag(clock=NOON)),
    ("午夜", Bag(clock=MIDNIGHT)),
    ("明天这个时候", Bag(day_shift=1, clock=NOW)),
    ("零点", Bag(clock=Clock(0, half="24"))),
    ("08:05", Bag(clock=Clock(8, 5, half="24"))),
    ("7点零五", at(7, 5)),
    ("七点三刻", at(7, 45)),
    ("差十分七点", at(6, 50)),
    ("一点差一刻", at(12, 45)),
    ("1420", Bag(clock=Clock(14, 20, half="24"))),
    ("7:20pm", Bag(clock=Clock(7, 20, half="pm"))),
    ("七点左右", at(7, approximate=True)),
    ("下午晚些时候", part("late_afternoon")),
    ("今天晚些时候", Rest("day")),
    ("巴黎时间七点", at(7, zone="place:巴黎")),
    ("东九区七点", at(7, zone="+09:00")),
    # counted days
    ("三月最后一个周日", Bag(month=3, nth=-1, nth_unit="weekday", weekday=6)),
    ("下个月第二周", Bag(month_shift=1, nth=2, nth_unit="week")),
    ("圣诞节前三天", Shifted(Amount(days=3), CHRISTMAS, -1)),
    ("圣诞节第二天", Shifted(Amount(days=1), CHRISTMAS)),
    ("圣诞节后的周一", Nth(1, "weekday", 0, CHRISTMAS)),
    ("圣诞节前最后一个周末", Nth(-1, "weekend", None, CHRISTMAS)),
    ("圣诞节那周", Containing("week", CHRISTMAS)),
    ("国庆期间", Bag(holiday="national_day", holiday_span="period")),
    ("大年初六", Bag(lunar=(1, 6))),
    ("农历七月初七", Bag(lunar=(7, 7))),
    ("八月十五", Either((Bag(month=8, day=15), Bag(holiday="mid_autumn")))),
    # offsets and lengths
    ("四天后", Shifted(Amount(days=4), later=True)),
    ("过四天", Shifted(Amount(days=4), later=True)),
    ("四天前", Shifted(Amount(days=4), sign=-1)),
    ("两个半小时后", Shifted(Amount(hours=2, minutes=30), later=True)),
    ("次日上午", Both((Shifted(Amount(days=1), later=True), part("morning")))),
    ("两周后的周四", Bag(week_shift=2, weekday=3)),
    ("四天之内", Within(Amount(days=4))),
    ("未来两周", Within(Amount(weeks=2))),
    ("下两周", Units(2, "week")),
    ("住四晚", Stay(Amount(nights=4))),
    ("半个月", Stay(Amount(days=15))),
    # bounds, ranges, choices
    ("周日晚上七点之前", Bound("before", Bag(weekday=6, part=PARTS["night"], clock=Clock(7)))),
    ("七点以前，周日", Bound("before", at(7, weekday=6))),
    ("周日最晚七点", Bound("by", at(7, weekday=6))),
    ("从3月5号起", Bound("from", Bag(month=3, day=5))),
    ("七点以后九点以前", Both((Bound("after", at(7)), Bound("before", at(9))))),
    ("7到9点", Range(at(7), at(9))),
    ("3月5日至9日", Range(Bag(month=3, day=5), Bag(day=9))),
    ("周二至四", Range(Bag(weekday=1), Bag(weekday=3))),
    ("明后天", Range(Bag(day_shift=1), Bag(day_shift=2))),
    ("周二周三", Range(Bag(weekday=1), Bag(weekday=2))),
    ("三四天后", Range(Shifted(Amount(days=3), later=True), Shifted(Amount(days=4), later=True))),
    ("下周一或周三", Either((Bag(week_shift=1, weekday=0), Bag(week_shift=1, weekday=2)))),
    ("周一还是周三下午", Either((part("afternoon", weekday=0), part("afternoon", weekday=2)))),
    ("周六都行", Bag(weekday=5)),
]


@pytest.mark.parametrize(("phrase", "expression"), EXPRESSIONS, ids=[phrase for phrase, _ in EXPRESSIONS])
def test_a_phrase_is_read(phrase: str, expression: Expression) -> None:
    assert read(phrase) == expression


@pytest.mark.parametrize("phrase", [phrase for phrase, _ in EXPRESSIONS])
def test_traditional_characters_say_the_same(phrase: str) -> None:
    assert read(to_traditional(phrase)) == read(phrase)


@pytest.mark.parametrize(
    ("same", "phrase"),
    [
        ("週六晚上八點", "周六晚上8点"),
        ("星期天", "周日"),
        ("礼拜 六", "周六"),
        ("聽日晏晝三點踏半", "明天下午三点半"),
        ("三點兩個字", "3点10分"),
        ("１２月５日（週六）", "12月5日周六"),
        ("下午的 3 点", "下午3点"),
        ("周五八点", "八点，周五"),
    ],
)
def test_wordings_that_mean_the_same(same: str, phrase: str) -> None:
    assert read(same) == read(phrase)
    assert not isinstance(read(phrase), Unknown)


@pytest.mark.parametrize(
    ("reason", "phrases"),
    [
        ("underspecified", "随便 尽快 过几天 好几天后 每周二 每天早上 暑假 近期 改天 9 下班后 都可以 前一天 半天 晚点"),
        ("not_a_time", "靠窗 两张票 四个人 最便宜的 三号线 前门 后海 长春 十堰 九寨沟 五台山 中 晚 friday 　"),
        ("partly_understood", "婚礼后的周五 考完试以后 周五出发 开完会的第二天早上 至少三天"),
    ],
)
def test_what_has_no_value_says_why(reason: str, phrases: str) -> None:
    assert {phrase: getattr(read(phrase), "reason", None) for phrase in phrases.split(" ")} == dict.fromkeys(
        phrases.split(" "), reason
    )


def test_the_part_that_was_understood_is_kept() -> None:
    assert read("婚礼后的周五") == Unknown("partly_understood", Bag(weekday=4))


def value(phrase: str) -> Any:
    return resolve_time(read(phrase), phrase, REFERENCE)["value"]


@pytest.mark.parametrize("days", range(1, 1000, 7))
def test_numerals_count_days(days: int) -> None:
    coming = (date(2026, 11, 20) + timedelta(days)).isoformat()
    assert value(f"{han_numeral(days)}天后") == value(f"{days}天后") == coming


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("周五到下周一", "2026-11-20/2026-11-24"),
        ("25号到下月3号", "2026-11-25/2026-12-04"),
        ("最晚12月1号", "../2026-12-02"),
        ("年底前", "../2027-01-01"),
        ("晚上一点", "2026-11-21T01:00:00+08:00"),
        ("周五晚一点", "2026-11-21T01:00:00+08:00"),
        ("大年三十晚上", "2027-02-05T18:00:00+08:00/2027-02-06T00:00:00+08:00"),
        ("明年国庆", "2027-10-01"),
        ("4月31日", None),
        ("三天两晚", "P3D"),
    ],
)
def test_values(phrase: str, expected: str | None) -> None:
    assert value(phrase) == expected


@pytest.mark.parametrize(
    "piece", ["七", "下", "周一", "周五或", "8点到", "三天", "1/", "伦", "伦敦时", "十一", "八月十五或", "ﷺ", "后"]
)
def test_long_garbage_is_read_at_once(piece: str) -> None:
    start = process_time()
    read((piece * 200)[:200])
    assert process_time() - start < 0.1
