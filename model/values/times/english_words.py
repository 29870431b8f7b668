"""An English phrase to plain words: one way of writing for the many ways of saying it.

Plain words are in lower case with one space between them: one spelling a word ("tmrw", "tommorow": tomorrow), one word
for those that mean the same ("no later than": by; "about": around), none for those that say nothing ("please"), numbers
in digits ("twenty seventh": 27th, "half past nine": 9:30), a holiday as @its_id, a length of time as one word ("3 days
and a half hour": P3day30minute), " - " between the ends of a range.
"""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import regex
from regex import Match

from model.values.times.expression import Amount
from model.values.times.holidays import NAMES

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
RELATIVE_DAYS = {"ereyesterday": -2, "yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1, "overmorrow": 2}

# Plain words, and what else is said for them, with "/" between.
_SAYINGS = {
    "monday": "mon", "tuesday": "tue/tues", "wednesday": "wed/weds", "thursday": "thu/thur/thurs", "friday": "fri",
    "saturday": "sat", "sunday": "sun", "january": "jan", "february": "feb", "march": "mar", "april": "apr",
    "june": "jun", "july": "jul", "august": "aug", "september": "sep/sept", "october": "oct", "november": "nov",
    "december": "dec", "autumn": "fall",
    # days and weeks
    "today": "tdy/todays", "tonight": "tonite/2nite", "yesterday": "yday",
    "tomorrow": "tmrw/tmr/tmw/tom/tomo/tomoro/2moro/2morrow/2mrw/morrow/tomorrows",
    "overmorrow": "day after tomorrow/day after tmrw", "ereyesterday": "day before yesterday",
    "yesterday night": "last night", "yesterday evening": "last evening", "weekend": "wkend/wknd/week end",
    "this": "current", "next": "nxt/this next/very next", "coming": "this coming/this upcoming/next coming",
    "last": "previous/this past/the past", "last week": "past week", "last weekend": "past weekend/last week end",
    "last month": "past month", "last year": "past year", "mid this week": "midweek/mid week",
    "same day": "that day/that same day/very same day", "same morning": "that morning",
    "same afternoon": "that afternoon", "same evening": "that evening", "same night": "that night",
    "same time": "this time/this same time", "rest": "remainder", "later": "later on",
    # bounds
    "by": "no later than/not later than/no later then/not any later than/not after/not past/up to/up until/nlt"
          "/on or before/at or before/on or by",
    "before": "prior to/earlier than/ahead of/in advance of/sooner than/b4",
    "after": "later than/subsequent to/post/aftr",
    "since": "no earlier than/not earlier than/no earlier then/no sooner than/not before/not until/not till/on or after"
             "/at or after/starting/starting from/starting on/starting at/beginning/beginning on/beginning from"
             "/commencing/commencing on/as of/as from/from and including",
    "earliest": "at the earliest/at earliest/the earliest",
    "latest": "at the latest/at latest/at the very latest/the latest/or earlier/and earlier/or sooner",
    "onward": "onwards/or later/and later/and onward/and onwards/or onwards/or beyond/and beyond/on out",
    "until": "till/til/untill", "through": "thru",
    # parts of a day
    "morning": "morn/mornin/am hours/morning time/morning hours", "afternoon": "arvo/afternoon hours",
    "evening": "eve/evng/evening time/evening hours", "night": "nite/nighttime/night time",
    "early morning": "first thing/first thing in the morning/bright and early/early in the am/early am",
    "lunchtime": "lunch/lunch time/lunch hour", "noon": "midday/mid day/noontime/high noon", "midnight": "mid night",
    "noon around": "noonish/middayish", "morning around": "morningish", "afternoon around": "afternoonish",
    "evening around": "eveningish",
    "small hours": "wee hours/wee small hours/early hours/early hours of the morning/small hours of the morning"
                   "/wee hours of the morning/early morning hours",
    "middle of the night": "dead of night/dead of the night",
    "am": "a m/in the am", "pm": "p m/in the pm", "oclock": "o clock/oclok",
    "now": "just now/at the moment/atm/at this moment/this moment/this minute/at present/this instant",
    # parts of a period
    "early": "beginning of/beginning of around/start of/early part of/early in/early on in/very early",
    "mid": "middle of/mid way through/midway through/halfway through",
    "late": "latter part of/late part of/late in/later in/very late", "early month": "bom", "early year": "boy",
    "endof": "end of/end of around/tail end of/back end of", "endof week": "eow", "endof month": "eom",
    "endof year": "eoy", "endof day": "eod/close of business/cob/end of business",
    # about
    "around": "about/approximately/approx/roughly/circa/ca/ish/or so/or thereabouts/thereabouts/give or take"
              "/more or less/close to/near/somewhere around/sometime around/at around/at about/or around",
    "closest": "nearest",
    # said for politeness, or saying nothing
    "": "please/pls/plz/thanks/thank you/sharp/exactly/precisely/prompt/promptly/on the dot/on the nose/only/just"
        "/either/anytime/any time/any time of/any day/any day of/or anytime/at any time/at any point/sometime/sometimes"
        "/some time/some day/at some point/hopefully/preferably/ideally/maybe/perhaps/probably/possibly/if possible"
        "/instead/departing/departure/leaving/arriving/returning/towards/toward"
        "/dated/all day/all day long/then/whole/entire/month of/t",
    "ad": "a d",
    # lengths of time
    "second": "seconds/sec/secs", "minute": "minutes/min/mins", "hour": "hours/hr/hrs/h", "day": "days",
    "week": "weeks/wk/wks", "month": "months/mth/mths", "year": "years/yr/yrs",
    "quarter": "quarters/qtr/qtrs/a quarter", "half": "a half/an half",
    "2": "a couple of/a couple/couple of/couple/a pair of", "2 week": "a fortnight/fortnight/one fortnight",
    "15 minute": "quarter of an hour/a quarter of an hour/a quarter hour", "45 minute": "three quarters of an hour",
    "30 minute": "half an hour/half hour/a half hour/half of an hour", "6 month": "half a year/half year",
    # zones
    "eastern": "et/est/edt/eastern time/eastern standard time",
    "central": "ct/cdt/central time/central standard time",
    "mountain": "mt/mst/mdt/mountain time/mountain standard time",
    "pacific": "pt/pst/pdt/pacific time/pacific standard time", "gmt": "utc/z/zulu/greenwich mean time",
    "cet": "cest/central european time", "aest": "aedt", "local": "local time/their local time",
}  # fmt: skip

_MISSPELT = {
    "monday": "munday", "tuesday": "tusday teusday", "wednesday": "wednsday wensday wendsday wedensday wednessday",
    "thursday": "thirsday", "friday": "firday fryday", "saturday": "saterday satarday", "january": "janurary januray",
    "february": "febuary feburary", "september": "septmber setember", "november": "novemeber", "december": "decemeber",
    "tomorrow": "tommorow tommorrow tomarrow tommarow tommorw tomorro", "tonight": "tonigt", "afternoon": "afternon",
    "weekend": "weeknd wekend", "before": "befor", "between": "beetween", "coming": "comming",
}  # fmt: skip

_OFTEN_MISTYPED = (
    *WEEKDAYS, *(month for month in MONTHS if len(month) > 5), "tomorrow", "tonight", "afternoon", "evening",
)  # fmt: skip


def _typos(word: str) -> Iterator[str]:
    """One letter left out or doubled, or two changed about. The first letter is right, or August would be a gust."""
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[: at + 1] + word[at:]
        yield word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]


def _words_to_plain() -> dict[str, str]:
    """What may be said, to the plain words for it."""
    plain = {typo: word for word in _OFTEN_MISTYPED for typo in _typos(word)}
    plain |= {way: word for word, ways in _MISSPELT.items() for way in ways.split()}
    plain |= {words: words for words in (*_OFTEN_MISTYPED, *(words for words in _SAYINGS if " " in words))}
    plain |= {way: word for word, ways in _SAYINGS.items() for way in ways.split("/")}
    names = NAMES["en"]
    for name, holiday in names.items():
        day, night, _ = name.rpartition(" night")
        if not (night and names.get(day) == holiday):  # halloween night is a part of it
            plain[name] = f"@{holiday}"
    return plain


_PLAIN = _words_to_plain()
_LONGEST: dict[str, int] = {}  # by first word, how many words the longest saying has
for _saying in _PLAIN:
    _first, *_others = _saying.split(" ")
    _LONGEST[_first] = max(_LONGEST.get(_first, 0), 1 + len(_others))

# Writing: marks, abbreviations and hyphens

_DIGITS = "0123456789"
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NAMED_DAY = rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|today|tomorrow|{_MONTH})"
_HOUR_WORD = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight)"

# The characters of which one must be there for it to be worth a try (none: always), a pattern, its replacement.
_REWRITES: tuple[tuple[str, str, str | Callable[[Match[str]], str]], ...] = (
    ("‐‑‒–—―−", r"[‐-―−]", "-"),
    ("‘’ʼ`´", r"[‘’ʼ`´]", "'"),
    (".", r"\b([ap])\. ?m\b\.?", r"\1m"),
    (_DIGITS, r"(\d)([ap])\b\.?", r"\1 \2m"),  # 7p
    (_DIGITS, r"(\d) (?=(?:st|nd|rd|th)\b)", r"\1"),
    ("/", r"\b([13])/([24]) ?h(?:(?:ou)?rs?)?\b", lambda match: f"{60 * int(match[1]) // int(match[2])} minutes"),
    (_DIGITS, r"(?<=\b(?:in|for|within|an?) )(\d\d?)h(\d\d)\b", r"\1 hours \2 minutes"),
    (_DIGITS, r"\b(\d\d?)h(\d\d)\b", lambda match: f"{match[1]:0>2}:{match[2]}"),  # 15h30, of 24 hours
    (_DIGITS, r"(?<=\b(?:minutes?|quarter|half) (?:past|to) )(\d\d?)h\b", r"\1"),
    (_DIGITS, r"(?<!\b(?:in|for|within|a) )\b(\d\d?)h\b(?! (?:ago|later|layover|from|before|after))", r"\1 hundred"),
    (_DIGITS, r"\b(\d\d?) (\d\d?) ((?:19|20)\d\d)\b", r"\1/\2/\3"),  # 10 31 2026
    (":", r"(?<=\d)t(\d\d):?(\d\d)(?::\d\d)?(?:\.\d+)?(?:(z)|([+-]\d\d:?\d\d))?\b", r" \1\2 hours \3 gmt\4 "),
    (":", r" gmt (?!\S)", " "),
    ("/", r"/(?=\d{4}-\d)", " to "),
    ("/", r"/(?=[a-z])|(?<=[a-z])/", " "),  # 31/oct/2026
    ("'", r"(\d)'(?!\S)", r"\1 minutes"),
    ('"', r'(\d)"(?!\S)', r"\1 seconds"),
    ("'", r"(day|tomorrow|week|month|year|night|morning|weekend)'s?\b(?! eve| day)", r"\1"),
    ("'\"", r"['\"]", ""),
    (",", r"^(\w+), (\w+),? or (\w+)$", r"\1 or \2 or \3"),
    ("@", "@", " at "),
    ("~", "~", " around "),
    ("&", "&", " and "),
    ("-", r"\bweek-end", "weekend"),
    ("", r"(?<=^|\bthe |\bin )(?:next|coming|upcoming) (?=(?:days|weeks|months)\b)", "few "),
    ("", r" (?:and|or) after$", " onward"),
    ("", r" (?:and|or) before$", " latest"),
    # ten to nine is a clock, 10 to 9 a range
    ("", rf"(?<!(?:from|between|-) ?)\b(five|ten|twenty(?:[ -]five)?) (?=(?:to|before|of|till?) {_HOUR_WORD}\b"
         r"(?! (?:minute|hour|day|night|week)))", r"\1 minutes "),
    # a hyphen between two times is a range, within a word or a date a space
    ("-", rf"(?<=\b{_MONTH} \d\d?(?:st|nd|rd|th)?)-(?={_MONTH})|(?<=\b{_NAMED_DAY})-(?={_NAMED_DAY})|"
          r"(?<=[ap]m|noon|midnight|morning)-(?=\d)|(?<=\w)-(?=noon|midnight)", " - "),
    ("-", r"(?<=[a-z])(?<!\d(?:st|nd|rd|th))-(?=\w)|(?<=\d(?:st|nd|rd|th)?)-(?=[a-z])", " "),
)  # fmt: skip
_REWRITERS = tuple((frozenset(needed), regex.compile(pattern), meant) for needed, pattern, meant in _REWRITES)

_PIECE = regex.compile(
    r"(?:19|20)\d\d([-/.])\d\d?(?:\1\d\d?)?(?![\d/-])|\d{8}(?!\d)"  # 2026-12-01, 2026-12, 20261201
    r"|\d\d?([-/.])\d\d?\2(?:\d{4}|\d\d)(?!\d)|\d\d? ?/ ?\d{4}|\d\d? ?/ ?\d\d?(?!\d)"  # 12/1/2026, 12/2026, 12/1
    r"|\d\d?\.\d\d?\.?(?!\d)|\d\d?:\d\d(?::\d\d)?|\d+(?:st|nd|rd|th)\b"  # 24.12., 9.30, 17:30:00, 21st
    r"|2(?:mor|mrw|nite)[a-z]*|\d+|[a-z]+|[^\s.,;!?()/\"]"
)
_DAY_FIRST = regex.compile(r"\b(\d\d?)/(\d\d?)\b(?:/(?=\d))?(\d{4}|\d\d)?(?!/)")


def plain_words(text: str, day_first: bool = False) -> str:
    """The phrase in plain words. With `day_first` 5/12 is written 5.12., which is 5 December everywhere."""
    text = unicodedata.normalize("NFKC", text).lower()
    if day_first:
        text = _DAY_FIRST.sub(r"\1.\2.\3", text)
    characters = frozenset(text)
    for needed, pattern, meant in _REWRITERS:
        if not needed or needed & characters:
            text = pattern.sub(meant, text)
    words = [piece[0].replace(" ", "") for piece in _PIECE.finditer(text)]
    plain: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST.get(words[at], 0), len(words) - at), 0, -1):
            meant_by = _PLAIN.get(words[at] if length == 1 else " ".join(words[at : at + length]))
            if meant_by is not None:
                if meant_by:
                    plain.append(meant_by)
                break
        else:
            length = _add_number(words, at, plain)
        at += length
    joined = _JOINED.sub("", _LENGTH.sub(_length, _TOLD.sub(_told, " ".join(plain))))
    return _UPCOMING.sub("coming", joined)


# Numbers

_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_CARDINALS = {word: number for number, word in enumerate(_ONES + _TEENS)}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ORDINALS = {f"{word}th": number for word, number in _CARDINALS.items()} | {
    "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12, "twentieth": 20,
    "thirtieth": 30,
}  # fmt: skip


def _add_number(words: list[str], at: int, plain: list[str]) -> int:
    """Adds the number that begins there in digits, or else the word as it is; how many words that was."""
    word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
    last = plain[-1] if plain else ""
    if word in _TENS and 0 < _ORDINALS.get(after, 0) < 10:
        plain.append(_ordinal(_TENS[word] + _ORDINALS[after]))
        return 2
    if (number := _TENS.get(word) or _CARDINALS.get(word, 0)) >= 10:
        with_ones = word in _TENS and 0 < _CARDINALS.get(after, 0) < 10
        digits = str(number + _CARDINALS[after] if with_ones else number)
        if last in ("19", "20"):  # nineteen ninety one, twenty ten
            plain[-1] += digits
        else:
            plain.append(digits)
        return 2 if with_ones else 1
    if word in ("oh", "o", "ou", "zero") and 0 < _CARDINALS.get(after, 0) < 10:  # eight oh five, oh six hundred
        plain.append(f"0{_CARDINALS[after]}")
        return 2
    if word == "hundred" and last.isdecimal():  # eighteen hundred hours
        plain[-1] = f"{last:0>2}00"
    elif word == "thousand" and last == "2":  # two thousand (and) twenty six
        plain[-1] = "20"
        return 2 if after == "and" else 1
    elif word == "second" and (last == "a" or last.isdecimal()):
        plain.append(word)
    elif word in _ORDINALS:
        plain.append(_ordinal(_ORDINALS[word]))
    else:
        plain.append(str(_CARDINALS.get(word, word)))
    return 1


def _ordinal(number: int) -> str:
    suffix = "th" if 4 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


# Clocks told from the last or the next hour

_ANY_MONTH = "|".join(MONTHS)
_TOLD = regex.compile(
    r"\b(?:(?P<half>half) (?:past |after )?|(?:(?P<quarter>quarter)|(?P<minutes>\d\d?) minute|"
    rf"(?<![\d:.-] ?|\b(?:from|between|{_ANY_MONTH}) )(?P<bare>\d\d?)) (?:past|after|(?P<to>to|before|of|until)) )"
    r"(?:(?P<hour>\d\d?)(?![\d:/.-]|th|st|nd|rd)|(?P<noon>noon)|midnight)"
    rf"(?! (?:minute|hour|day|week|month|night|person|people|(?:of )?(?:{_ANY_MONTH})))"
    r"(?: oclock)?(?: (?P<ampm>am|pm))?"
)


def _told(match: Match[str]) -> str:
    """8:15 for quarter past 8, 8:40 for 20 to 9. As it was said where it need not be a clock: 10 to 9 is a range."""
    minutes = 30 if match["half"] else 15 if match["quarter"] else int(match["minutes"] or match["bare"])
    hour = int(match["hour"]) if match["hour"] else 12
    clear = not match["bare"] or (minutes in (15, 20, 25) and hour <= 12 if match["to"] else minutes >= 5)
    if not clear or not 0 < minutes < 60 or hour > 24:
        return match[0]
    half = match["ampm"] or ("pm" if match["noon"] else None if match["hour"] else "am")
    if match["to"]:
        minutes = 60 - minutes
        if half and hour == 12:
            half = "am" if half == "pm" else "pm"
        hour = (hour - 2) % 12 + 1 if hour <= 12 else hour - 1
    return f"{hour}:{minutes:02}" + (f" {half}" if half else "")


# Lengths of time

_LENGTH = regex.compile(
    r"\b(?P<number>\d{1,2}(?:\.5)?|\d{3}(?! hour)|an?|another)(?: more| full| (?P<which>upcoming|coming|next))?"
    rf"(?P<half> and (?:an? )?half)? (?P<unit>{'|'.join(UNITS)}|quarter|nights?)\b(?P<half> and (?:an? )?half)?"
)
_JOINED = regex.compile(r"(?<=P\w+)(?: and)? P(?=\d)|(?<=P\w+) around\b|\baround (?=P\d)")
_UPCOMING = regex.compile(r"\bupcoming\b(?! P)")  # the same as coming, if not of a number
_HALF = {"hour": "30minute", "day": "12hour", "month": "15day", "year": "6month", "minute": "30second"}
_COUNTED_UNIT = regex.compile(r"(\d+)([a-z]+)")


def _length(match: Match[str]) -> str:
    """P3day for 3 day, P1hour30minute for 1 and half hour; as said where halves are no whole units."""
    number, unit = match["number"], match["unit"].removesuffix("s")
    whole, _, half = ("1", "", "") if number[0] == "a" else number.partition(".")
    length = f"P{whole}{unit}"
    if half or match["half"]:
        return length + _HALF[unit] if unit in _HALF else match[0]
    return f"{match['which']} {length}" if match["which"] else length


def counted_units(length: str) -> list[tuple[int, Any]]:
    """P2day12hour: 2 of day, 12 of hour."""
    return [(int(number), unit) for number, unit in _COUNTED_UNIT.findall(length)]


def amount_of(length: str) -> Amount:
    """The length of time that stands as one word among plain words."""
    found: dict[str, int] = {}
    for number, unit in counted_units(length):
        found[f"{unit}s"] = found.get(f"{unit}s", 0) + number
    if quarters := found.pop("quarters", 0):
        found["months"] = found.get("months", 0) + 3 * quarters
    if "days" in found:  # 5 days 4 nights
        found.pop("nights", None)
    return Amount(**found)
