import random
import time
from datetime import datetime

import pytest

from model.values.times.english import read
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
from model.values.times.resolve import Reference, resolve_time

REFERENCE = Reference(datetime.fromisoformat("2026-11-20T10:00:00+08:00"), "Asia/Shanghai")  # a Friday
FRIDAY, SATURDAY = 4, 5
NEXT_DAY = Amount(days=1)

BAGS = {
    Bag(day_shift=1): "tomorrow | Tommorow | tmrw | tomorrow, please | anytime tomorrow",
    Bag(day_shift=2): "day after tomorrow | the day after tomorrow",
    Bag(weekday=FRIDAY, which="next"): "next friday | nxt fri. | on next Friday",
    Bag(weekday=FRIDAY, which="coming"): "this coming friday | upcoming friday",
    Bag(weekday=FRIDAY, week_shift=1): "friday next week | next week's friday | Friday of next week",
    Bag(weekday=FRIDAY, week_shift=2): "friday after next | friday of the week after next",
    Bag(weekend=True, which="next"): "next weekend | next week-end",
    Bag(day=27): "the 27th | twenty-seventh | the twenty seventh | on the 27 | 27 th",
    Bag(month=12, day=5): "dec 5 | December the fifth | 5th of Dec. | 5dec | the 5 december | Dec-5",
    Bag(month=12, day=5, year=2026): "december 5, 2026 | 5 dec 2026 | 2026-12-05 | 5.12.2026 | 20261205 | 05/Dec/2026",
    Bag(month=1, day=15, year=2027, two_digit_year=True): "15JAN27 | 1/15/27 | jan 15 27",
    Bag(month=1, day=5, year=2027, other_order=True): "1/5/2027 | 01/05/2027 | 1-5-2027",
    Bag(month=12, day=24): "24.12. | 24/12 | 12/24 | 12/24 (please)",
    Bag(month_shift=1, day=3): "the 3rd of next month | 3 of next month | next month on the third",
    Bag(month=12, year=2026): "december 2026 | 12/2026 | dec of 2026",
    Bag(month=12, segment="late"): "end of december | late december | late in december | at the end of december",
    Bag(week_shift=1, segment="early"): "early next week | the beginning of next week | early in next week",
    Bag(year=2027, season="summer"): "summer 2027 | in the summer of 2027",
    Bag(month=3, nth=-1, nth_unit="weekday", weekday=6): "last sunday of march | the last sunday in march",
    Bag(month_shift=0, nth=-2, nth_unit="day"): "2nd last day of the month | second to last day of this month",
    Bag(holiday="christmas", part=PARTS["morning"]): "christmas morning | the morning of xmas",
    Bag(holiday="thanksgiving", holiday_span="weekend"): "Thanksgiving weekend | thanksgiving week-end",
    Bag(holiday="easter", month_shift=5): "easter in 5 months | easter five months from now",
    Bag(holiday="easter", year_shift=-2): "easter 2 years ago",
    Bag(year=79): "in 79 A.D.",
    Bag(month=5, day=5, year=2030): "may 5 2030 AD",
    Bag(weekday=FRIDAY, part=PARTS["late_night"]): "late friday night | friday late at night",
    Bag(day_shift=1, part=PARTS["early_morning"]): "first thing tomorrow | early tomorrow | tomorrow early morning",
    Bag(part=PARTS["afternoon"], literal=True): "this afternoon | later this afternoon",
    Bag(clock=Clock(17, half="24")): "1700 | 1700 hours | 17h | seventeen hundred | at 17",
    Bag(clock=Clock(8, 30, half="24")): "08:30 | 0830 | 08.30 | 8h30",
    Bag(clock=Clock(15, 15, half="24")): "quarter past 15h | 15h15 | fifteen minutes past 15",
    Bag(clock=Clock(8, 30)): "8:30 | 830 | eight thirty | half past eight | half eight",
    Bag(clock=Clock(8, 45)): "quarter to nine | a quarter of 9 | fifteen minutes to nine",
    Bag(clock=Clock(8, 50)): "ten to nine | 10 minutes before 9",
    Bag(clock=Clock(7, 5, half="pm")): "seven oh five pm | 7:05 p.m. | 705 PM | five past seven p m",
    Bag(clock=Clock(9)): "at 9 | @9 | 9 o'clock | nine oclock sharp",
    Bag(clock=Clock(9), approximate=True): "around 9 | 9ish | at about nine",
    Bag(clock=Clock(9), part=PARTS["night"]): "9 at night | night 9 | nine in the night",
    Bag(clock=NOON, day_shift=1): "noon tomorrow | tomorrow at 12 noon | midday tomorrow",
    Bag(clock=MIDNIGHT, weekday=FRIDAY): "midnight on friday | friday at midnight",
    Bag(clock=NOW, day_shift=1): "this time tomorrow | same time tomorrow",
    Bag(clock=Clock(6, half="pm"), weekday=0, zone="America/New_York"): "6 pm ET monday | monday 6pm eastern time",
    Bag(clock=Clock(9), zone="place:London"): "9 o'clock london time",
    Bag(clock=Clock(9, half="am"), zone="+08:00"): "9 am utc+8 | 9 am GMT+08:00",
}  # fmt: skip
STRUCTURES: dict[Expression, str] = {
    Bound("after", Bag(clock=Clock(6))): "after 6 | later than 6 | any time after six | past 6",
    Bound("by", Bag(day_shift=1, clock=Clock(6))): "by 6 tomorrow | tomorrow no later than 6 | tomorrow at 6 at latest",
    Bound("from", Bag(day=5)): "from the 5th on | on or after the 5th | the 5th or later | no earlier than the 5th",
    Bound("by", Bag(month=12, segment="late")): "by the end of december | before the end of december",
    Both((Bag(month=12), Bound("after", Bag(month=12, day=5)))): "december after the 5th | in december, after the 5th",
    Both((Bound("after", Bag(weekday=3, clock=Clock(9))), Bound("before", Bag(weekday=3, clock=Clock(11))))):
        "after 9 but before 11 on thursday | thursday after 9 and before 11 on thursday",
    Range(Bag(month=7, day=13), Bag(month=7, day=15)): "july 13-15 | july 13 to july 15 | between july 13 and 15",
    Range(Bag(clock=Clock(9)), Bag(clock=Clock(11), weekday=5)): "from 9 to 11 on saturday | 9-11 saturday",
    Range(Bag(clock=Clock(10)), Bag(clock=Clock(1, half="pm"))): "10 to 1 pm | 10 - 1pm | between 10 and one pm",
    Either((Bag(weekday=FRIDAY, part=PARTS["morning"]), Bag(weekday=SATURDAY, part=PARTS["morning"]))):
        "friday or saturday morning",
    Either((Bag(month=12, day=5), Bag(month=12, day=6))): "the 5th or 6th of december | dec 5 or 6",
    Either((Bag(day_shift=1), Shifted(NEXT_DAY, Bag(day_shift=1)))): "tomorrow or the day after",
    Shifted(Amount(weeks=2)): "in two weeks | in a fortnight | two weeks from now | in 2 weeks' time",
    Shifted(Amount(minutes=30)): "in half an hour | in 1/2 hour | in 30 mins",
    Shifted(Amount(hours=1, minutes=30)): "in an hour and a half | in 1.5 hours | in one and a half hours",
    Shifted(Amount(minutes=20)): "in 20 | in 20 min",
    Shifted(Amount(hours=1, minutes=40)): "in 1h40",
    Shifted(Amount(days=2), Bag(clock=NOW)): "two days from right now",
    Shifted(Amount(days=3), sign=-1): "3 days ago | three days back",
    Shifted(Amount(days=3), later=True): "3 days later | three days after that",
    Shifted(NEXT_DAY, Bag(holiday="christmas")): "the day after christmas | a day after Christmas",
    Shifted(Amount(weeks=1), Bag(weekday=FRIDAY, which="coming")): "a week from friday | friday week",
    Both((Shifted(NEXT_DAY, Bag(holiday="christmas"), -1), Bag(part=PARTS["night"]))): "the night before christmas",
    Both((Shifted(Amount(days=3)), Bag(clock=NOON))): "in 3 days at noon | at noon in three days",
    Range(Shifted(Amount(days=1)), Shifted(Amount(days=2))): "in a day or two | in 1 or 2 days | in 1-2 days",
    Nth(1, "weekday", FRIDAY, Bag(holiday="thanksgiving")): "the friday after thanksgiving",
    Nth(-1, "weekend", None, Bag(holiday="easter")): "the weekend before easter",
    Nth(2, "weekday", FRIDAY): "two fridays from now",
    Nth(1, "weekday", 6, later=True): "the following sunday | the sunday after",
    Containing("week", Bag(month=12, day=6)): "week of december 6th | the week of dec 6 | week commencing 6 december",
    Containing("weekend", Bag(day=10)): "the weekend of the 10th",
    Both((Nth(1, "weekday", FRIDAY, Bag(holiday="thanksgiving")), Bag(clock=NOON))):
        "friday after thanksgiving at noon",
    Bound("after", Bag(weekday=FRIDAY, clock=Clock(20, half="24"))): "friday after 2000",
    Occurrence(2, Bag(month=5)): "may after next",
    Occurrence(1, Bag(weekday=FRIDAY), Bag(day=10), closest=True): "the closest friday to the 10th",
    Occurrence(2, Bag(holiday="easter"), Bag(year=2030)): "the second easter after 2030",
    Within(Amount(days=3)): "within 3 days | in the next three days | over the next 3 days | in the upcoming 3 days",
    Units(3, "day"): "next 3 days | next three days",
    Units(2, "week", last_alone=True): "upcoming 2 weeks | two upcoming weeks",
    Units(-2, "week"): "the last two weeks | past 2 weeks",
    Units(-2, "day"): "the last 2 nights",
    Rest("day"): "later today | the rest of the day",
    Stay(Amount(nights=3)): "for 3 nights | three nights",
    Stay(Amount(days=5)): "5 days 4 nights | five days",
}  # fmt: skip
UNKNOWN = {
    "underspecified": "9 | seventeen | anytime | asap | as early as possible | soon | every friday | tuesdays"
                      " | a few days | weekdays | in the coming weeks | spring break | late friday",
    "not_a_time": "window seat | two tickets | 7 people | the cheapest one | Half Moon Bay | ",
    "partly_understood": "friday after the wedding | tomorrow by helicopter | 5 pm train",
}  # fmt: skip


def listed(table: dict[Expression, str]) -> list[tuple[str, Expression]]:
    return [(phrase, expression) for expression, phrases in table.items() for phrase in phrases.split(" | ")]


@pytest.mark.parametrize(("phrase", "expression"), listed({**BAGS, **STRUCTURES}))
def test_phrases_say(phrase: str, expression: Expression) -> None:
    assert read(phrase) == expression


@pytest.mark.parametrize(
    ("phrase", "reason"), [(phrase, reason) for reason, phrases in UNKNOWN.items() for phrase in phrases.split(" | ")]
)
def test_what_has_no_value_says_why(phrase: str, reason: str) -> None:
    found = read(phrase)
    assert isinstance(found, Unknown)
    assert found.reason == reason
    assert (found.understood is not None) == (reason == "partly_understood")


@pytest.mark.parametrize("word", ["wednesday", "september", "tomorrow", "saturday"])
def test_a_slip_of_the_hand_is_seen_through(word: str) -> None:
    for at in range(1, len(word) - 1):
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        for slip in (word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], swapped):
            assert read(slip) == read(word), slip


def test_a_name_is_no_misspelt_month() -> None:
    assert isinstance(read("Augusta"), Unknown)
    assert isinstance(read("Marsh"), Unknown)


def test_where_the_day_comes_first_it_is_no_question() -> None:
    assert read("5/12", day_first=True) == Bag(month=12, day=5)
    assert read("5/12/2027 - 7/12/2027", day_first=True) == Range(
        Bag(month=12, day=5, year=2027), Bag(month=12, day=7, year=2027)
    )
    assert read("12/25", day_first=True) == Bag(month=12, day=25)


@pytest.mark.parametrize(
    ("phrase", "start", "end"),
    [
        ("tuesday morning 7:55", "2026-11-24T07:55", "2026-11-24T07:55"),
        ("friday the 27th at quarter past five", "2026-11-27T17:15", "2026-11-27T17:15"),
        ("december 23 - january 2", "2026-12-23T00:00", "2027-01-03T00:00"),
        ("early to mid december", "2026-12-01T00:00", "2026-12-21T00:00"),
        ("dec 20 to 3 jan", "2026-12-20T00:00", "2027-01-04T00:00"),
        ("5 pm the day after christmas", "2026-12-26T17:00", "2026-12-26T17:00"),
        ("halloween night", "2027-10-31T18:00", "2027-11-01T00:00"),
        ("dec 5 for 3 nights", "2026-12-05T00:00", "2026-12-08T00:00"),
        ("later today at 10:15 am", "2026-11-20T10:15", "2026-11-20T10:15"),
        ("from 8 in the morning until noon tomorrow", "2026-11-21T08:00", "2026-11-21T12:00"),
    ],
)
def test_phrases_come_to(phrase: str, start: str, end: str) -> None:
    value = resolve_time(read(phrase), phrase, REFERENCE)
    assert (value["start"][:16], value["end"][:16]) == (start, end)


@pytest.mark.parametrize("phrase", ["25:00", "9:75 pm", "feb 30", "the 32nd of may", "13/13/2026", "99:99 tomorrow"])
def test_what_no_clock_or_calendar_has_is_impossible(phrase: str) -> None:
    assert resolve_time(read(phrase), phrase, REFERENCE)["reason"] == "impossible_date"


def test_reading_any_words_takes_milliseconds() -> None:
    words = [
        "to",
        "from",
        "and",
        "or",
        "after",
        "before",
        "by",
        "until",
        "on",
        "at",
        "in",
        "of",
        "the",
        "a",
        "next",
        "last",
    ]
    words += [
        "same",
        "monday",
        "morning",
        "week",
        "day",
        "5",
        "1st",
        "9:30",
        "12/25",
        "noon",
        "quarter",
        "half",
        "latest",
    ]
    words += ["onward", "later", "rest", "for", "within", "2 weeks", "around", "-", "through", "between", "december"]
    chosen = random.Random(7)
    texts = [" ".join(chosen.choices(words, k=chosen.randint(2, 40)))[:200] for _ in range(300)]
    texts += [(f"{word} {other} " * 100)[:200] for word in words[:12] for other in words]
    before = time.process_time()
    for text in texts:
        read(text)
    assert (time.process_time() - before) / len(texts) < 0.01
