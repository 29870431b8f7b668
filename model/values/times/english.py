"""English phrase to time expression: what was said, before any clock or calendar is looked at.

`english_words` brings the phrase to plain words first. `_STRUCTURES` then look for what holds it together (ranges,
bounds, offsets) and read the parts in turn. What is left is a bag of constraints in any order, a pattern each in
`_CONSTRAINTS`. All words are used up, or the answer is Unknown.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import regex
from regex import Match, Pattern

from model.values.times.english_words import (
    MONTHS,
    RELATIVE_DAYS,
    WEEKDAYS,
    amount_of,
    counted_units,
    plain_words,
)
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
    merged,
    said,
)

Side: TypeAlias = Literal["after", "from", "before", "by"]
Fields: TypeAlias = dict[str, Any]  # of a Bag

MOST_WORDS = 16  # plain words; more than that is no phrase for one time,
MOST_LINKS = 5  # and so are more words than that that hold others together
_LINKS = frozenset((
    "to", "-", "from", "after", "before", "by", "until", "through", "and", "or", "between", "since", "onward", "latest",
    "earliest",
))  # fmt: skip

_SEASONS = ("spring", "summer", "autumn", "winter")
_WHICH = {"last": -1, "this": 0, "next": 1, "coming": 1}  # and how many weeks, months or years it moves by
_SHIFTS = {"week": "week_shift", "month": "month_shift", "year": "year_shift"}
_HALVED = ("morning", "afternoon", "evening", "night")  # parts that have an early and a late half
_ZONES = {
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "gmt": "UTC", "bst": "Europe/London", "cet": "Europe/Paris", "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul", "hkt": "Asia/Hong_Kong", "sgt": "Asia/Singapore", "aest": "Australia/Sydney",
    "cst": "CST", "ist": "IST", "local": "local",
}  # fmt: skip

# Fields of a bag that go together
_TIME_OF_DAY = {"part", "literal", "clock", "zone", "approximate"}
_DAYS = {"weekday", "day_shift", "day", "holiday", "weekend"}
_PERIODS = {"week_shift", "month", "month_shift", "year", "year_shift", "season", "quarter"}
_NO_TIME = {"zone", "approximate", "which", "segment", "two_digit_year"}  # say none by themselves


@lru_cache(maxsize=8192)
def read(text: str, day_first: bool = False) -> Expression:
    """What an English phrase says of a time. `day_first`: 5/12 is 5 December (en-GB)."""
    plain = plain_words(text, day_first)
    words = plain.split(" ")
    if len(words) <= MOST_WORDS and sum(word in _LINKS for word in words) <= MOST_LINKS:
        expression = _expression(plain)
        if expression is not None:
            return expression
    return _unread(text, plain)


# Why there is no value

_UNDERSPECIFIED = regex.compile(
    r"\b(?:any(?:time|day)?|some(?:time|day)?|asap|as \w+ as|soon(?:er|est)?|later|earl(?:y|ier|iest)|late(?:st)?|"
    r"flexible|whenever|every|each|daily|weekly|monthly|few|several|couple|week(?:day|end)s|immediate(?:ly)?|"
    r"(?:right|straight) away|at once|eventually|shortly|recently|future|the other day|(?:first|next) available|"
    r"(?:next|coming|upcoming) (?:days|weeks|months)|(?:mon|tues|wednes|thurs|fri|satur|sun)days|(?:morn|even)ings|"
    r"afternoons|nights|(?:spring|summer|winter|fall|autumn|christmas|easter|school|mid) ?(?:break|term|holidays?)|"
    r"(?:rainy|dry|wet|high|low|peak|off|ski|holiday|festive) season|off-?peak|holidays?|vacation|breakfast|brunch|"
    r"dinner|supper|dawn|dusk|sun(?:rise|set)|twilight|rush hour|overnight|work|school|preference|matter|care|"
    r"whatever|open)\b"
)
_SAYS_TIME = regex.compile(
    rf"{'|'.join((*WEEKDAYS, *MONTHS, *_SEASONS, *RELATIVE_DAYS))}|morning|afternoon|evening|night|lunchtime|am|pm|"
    r"noon|midnight|oclock|now|weekend|week|month|@\w+|\d+(?:st|nd|rd|th)|\d\d?:\d\d|P\w+"
)


def _unread(text: str, plain: str) -> Unknown:
    """Why there is no value, and what was understood of the longest end that says a time."""
    if _UNDERSPECIFIED.search(text.lower()) or plain.isdecimal():
        return Unknown("underspecified")
    words = plain.split(" ")[:MOST_WORDS]
    if not any(map(_SAYS_TIME.fullmatch, words)):
        return Unknown("not_a_time")
    for length in range(len(words) - 1, 0, -1):
        for part in (words[:length], words[-length:]):
            if any(map(_SAYS_TIME.fullmatch, part)) and (found := _bag(" ".join(part))):
                return Unknown("partly_understood", found)
    return Unknown("underspecified")


def _fields(bag: Bag) -> Fields:
    return said(bag)


# The constraints of a bag. In a pattern, a word in braces is a group of that name: _GROUPS holds what it matches, _SAID
# what it says. What else there is to say the constraint's own function reads, given what the bag holds so far.

_GROUPS = {
    "weekday": "|".join(WEEKDAYS),
    "month": "|".join(MONTHS),
    "season": "|".join(_SEASONS),
    "relative": "|".join(RELATIVE_DAYS),
    "which": "|".join(_WHICH),
    "period": "|".join(_SHIFTS),
    "segment": "early|mid|late|endof",
    "part": "morning|afternoon|evening|night|lunchtime|small hours|middle of the night",
    "year": r"(?:19|20)\d\d(?![\d:])",
    "short_year": r"\d\d(?=$)",
    "day": r"\d\d?(?![\d:/.-])",
    "hour": r"\d\d?(?![\d/.-])",
    "minute": r"\d\d(?!\d)",
    "second": r"\d\d",
    "half": "am|pm",
    "holiday": r"(?<=@)\w+",
    "quarter": "[1-4]",
    "nth": r"\d+(?:st|nd|rd|th)(?: to)?(?: last)?|last",
    "numeric": r"\d+/\d+|\d{4}-\d+|\d+(?P<separator>[/.-])\d+(?P=separator)\d+|\d+\.\d+\.?|\d{8}",
    "digits": r"\d{3,4}(?![\d:])",
    "around": " around",
    "place": r"(?!(?:the|at|on|in|a|this|that|any|same|no|of|for|what)\b)[a-z]+(?: [a-z]+){0,2}?",
    "zone": "|".join(_ZONES),
    # in structures
    "length": r"P\w+",
    "anchor": ".+",
    "of": ".+?",
    "named": "|".join((*WEEKDAYS, *RELATIVE_DAYS)),
}
_GROUP = regex.compile(r"\{([a-z_]+)\}")


def _grouped(pattern: str) -> str:
    return _GROUP.sub(lambda match: f"(?P<{match[1]}>{_GROUPS[match[1]]})", pattern)


_SAID: dict[str, Callable[[str], Fields]] = {
    "weekday": lambda word: {"weekday": WEEKDAYS.index(word)},
    "month": lambda word: {"month": MONTHS.index(word) + 1},
    "season": lambda word: {"season": word},
    "which": lambda word: {"which": word},
    "weekend": lambda word: {"weekend": True},
    "segment": lambda word: {"segment": "late" if word == "endof" else word},
    "part": lambda word: {"part": PARTS[word.replace(" ", "_")]},
    "year": lambda word: {"year": int(word)},
    "short_year": lambda word: {"year": 2000 + int(word), "two_digit_year": True},
    "day": lambda word: {"day": int(word)},
    "holiday": lambda word: {"holiday": word},
    "holiday_span": lambda word: {"holiday_span": word},
    "quarter": lambda word: {"quarter": int(word)},
    "zone": lambda word: {"zone": _ZONES[word]},
}


def _said_by(match: Match[str], *groups: str) -> Fields:
    found: Fields = {}
    for group in groups:
        if (word := match[group]) is not None:
            found |= _SAID[group](word)
    return found


def _relative(match: Match[str], so_far: Fields, hours: bool) -> Fields:
    word = match["relative"]
    return {"day_shift": RELATIVE_DAYS[word]} | ({"part": PARTS["night"]} if word == "tonight" else {})


def _shift(match: Match[str], so_far: Fields, hours: bool) -> Fields:
    return {_SHIFTS[match["period"]]: _WHICH[match["which"]]}


def _whole(match: Match[str], so_far: Fields, hours: bool) -> Fields | None:
    """End of the week, first day of the following month, all week; "the 1st of the month" is any month's."""
    if "day" in so_far and match["period"] == "month" and not match["following"]:
        return {}
    shift = {_SHIFTS[match["period"]]: 1 if match["following"] else 0}
    return shift if match["all"] or so_far.keys() & {"segment", "nth", "day"} else None


def _away(match: Match[str], so_far: Fields, hours: bool) -> Fields | None:
    """Thanksgiving in 9 months, march 3 years ago."""
    number, unit = int(match["number"]), match["unit"]
    named = so_far.keys() & ({"holiday"} if unit == "month" else {"holiday", "month"})
    return {_SHIFTS[unit]: -number if match["ago"] else number} if named else None


def _after_next(match: Match[str], so_far: Fields, hours: bool) -> Fields:
    if match["period"]:
        return {_SHIFTS[match["period"]]: 2}
    return {"week_shift": 2} | (_said_by(match, "weekday") if match["weekday"] else {"weekend": True})


def _nth(match: Match[str], so_far: Fields, hours: bool) -> Fields:
    """The first monday, the 2nd last day."""
    number = match["nth"].split(" ")[0]
    nth = 1 if number == "last" else int(number[:-2])
    sign = -1 if match["nth"].endswith("last") else 1
    return {"nth": sign * nth, "nth_unit": match["unit"] or "weekday"} | _said_by(match, "weekday")


def _literal(match: Match[str], so_far: Fields, hours: bool) -> Fields:
    return {"literal": True} | _said_by(match, "segment", "part")


def _noon(match: Match[str], so_far: Fields, hours: bool) -> Fields:
    return {"clock": NOON if match["noon"] else MIDNIGHT if match["midnight"] else NOW}


def _clock(match: Match[str], so_far: Fields, hours: bool) -> Fields | None:
    """A number alone is an hour only beside what makes it one."""
    hour, minute, second, half = match["hour"], match["minute"], match["second"], match["half"]
    sure = minute or half or match["oclock"] or match["around"] or match["at"] or hours
    if not (sure or so_far.keys() & _BESIDE_HOURS or _OF_HOURS.match(match.string, match.end())):
        return None
    return _at_clock(hour, minute, second, half) | ({"approximate": True} if match["around"] else {})


def _at_clock(hour: str, minute: str | None, second: str | None, half: Any) -> Fields:
    number = int(hour)
    if number > 12 or number == 0 or (half is None and hour[0] == "0"):
        half = "24"
    return {"clock": Clock(number, int(minute) if minute else None, int(second) if second else None, half)}


def _digits(match: Match[str], so_far: Fields, hours: bool) -> Fields | None:
    """A year beside a month or a holiday, or where it can be no clock; else a clock: 530, 1830."""
    digits, half = match["digits"], match["half"]
    hour, minute = digits[:-2], digits[-2:]
    clock = int(hour) <= 24 and int(minute) < 60
    beside = so_far.keys() & (_BESIDE_YEARS if digits[:2] == "19" else _BESIDE_YEARS | {"month", "day"})
    yearly = len(digits) == 4 and digits[:2] in ("19", "20") and not (half or match["hours"])
    if yearly and (match["in"] or beside or not clock):
        return {"year": int(digits)}
    if not clock:
        return None
    padded = match["hours"] or (len(digits) == 4 and hour < "10")
    return _at_clock(hour, minute if minute != "00" else None, None, half or ("24" if padded else None))


def _numeric(match: Match[str], so_far: Fields, hours: bool) -> Fields | None:
    """2026-12-01, 12/25, 1/5/2027, 24.12., 12/2026; 9.30 and 20270115."""
    text = match["numeric"]
    if text.isdigit():
        return {"year": int(text[:4]), "month": int(text[4:6]), "day": int(text[6:])}
    separator = next(character for character in text if not character.isdigit())
    numbers = text.rstrip(".").split(separator)
    if len(numbers[0]) == 4:
        return dict(zip(("year", "month", "day"), map(int, numbers), strict=False))
    if len(numbers[-1]) == 4 and len(numbers) == 2:
        return {"month": int(numbers[0]), "year": int(numbers[1])}
    first, second = int(numbers[0]), int(numbers[1])
    may_be_clock = separator == "." and len(numbers) == 2 and text[-1] != "." and len(numbers[1]) == 2 and second < 60
    if may_be_clock and (second > 12 or second == 0 or match["at"] or match["half"]):
        return _at_clock(numbers[0], numbers[1], None, match["half"])
    day_first = first > 12 or (separator == "." and second <= 12)
    found: Fields = {"month": second, "day": first} if day_first else {"month": first, "day": second}
    if separator != "." and 0 < first <= 12 and second <= 12 and first != second:
        found["other_order"] = True
    if len(numbers) == 3:
        year = int(numbers[2])
        found |= {"year": year} if year > 99 else {"year": 2000 + year, "two_digit_year": True}
    return found


def _zone_offset(match: Match[str], so_far: Fields, hours: bool) -> Fields:
    return {"zone": f"{match['sign']}{match['east']:0>2}:{match['east_minutes'] or '00'}"}


def _place_time(match: Match[str], so_far: Fields, hours: bool) -> Fields:
    return {"zone": f"place:{match['place'].title()}"}


def _era(match: Match[str], so_far: Fields, hours: bool) -> Fields | None:
    """In 79 AD; 2027 AD."""
    if match["years"]:
        return {"year": int(match["years"])}
    return {} if "year" in so_far else None


def _around(match: Match[str], so_far: Fields, hours: bool) -> Fields:
    return {"approximate": True}


_BESIDE_HOURS = {"part", "day_shift", "approximate"}
_OF_HOURS = regex.compile(
    r" (?:(?:in|at|on) )?(?:the |this |late |early )*"
    r"(?:morning|afternoon|evening|night|tonight|tomorrow|today|lunchtime)\b"
)
_BESIDE_YEARS = {"holiday", "season", "quarter", "segment", "nth"}

Reader: TypeAlias = Callable[[Match[str], Fields, bool], Fields | None]

_AWAY = r"P(?P<number>\d+)(?P<unit>year|month)"
_YEARS = r"(?:(?: of| in)? {year}| {short_year})?"

# In the order they are tried.
_CONSTRAINTS: tuple[tuple[str, Reader | None], ...] = (
    (r"(?:{period}|{weekday}|weekend) after next", _after_next),
    (r"{weekday}(?: (?P<which>next)(?= |$)(?! (?:week|month)))?", None),
    (r"{relative}", _relative),
    (r"{nth} (?:{weekday}|(?P<unit>day|weekend|week))(?= (?:of|in|{month}|(?:this|next|last) month)\b)", _nth),
    (r"{month}(?: the)? {day}(?:st|nd|rd|th)?" + _YEARS, None),
    (r"{month}(?:(?: of| in)? {year})?", None),
    (r"(?:the )?{day}(?:st|nd|rd|th)?(?: day)?(?: of)?(?: the)? {month}" + _YEARS, None),
    (r"(?<!\b(?:in|over|within|during) the ){which} {period}", _shift),
    (r"{which} (?:{weekday}|{month}|{season}|(?P<weekend>weekend)|@{holiday})", None),
    (r"(?P<weekend>weekend)", None),
    (r"@{holiday}(?: (?P<holiday_span>weekend|period))?", None),
    (r"this (?:{segment} )?{part}", _literal),
    (r"{part}", None),
    (r"(?:(?:at )?12(?::00)? (?:oclock )?)?(?:(?P<noon>noon)|(?P<midnight>midnight)|(?:right )?now)", _noon),
    (r"(?:q ?{quarter}|{quarter}(?:st|nd|rd|th) quarter)(?:(?: of)? {year})?", None),
    (r"(?:{year}|(?P<short_year>\d\d)) ?q ?{quarter}", None),
    (rf"in {_AWAY}(?: from now)?|{_AWAY} (?:from now|hence|(?P<ago>ago))", _away),
    (r"(?P<at>at )?{numeric}(?!\S)(?: {half}\b)?", _numeric),
    (r"(?:at |(?P<in>in |year |of |(?:in )?the year ))?{digits}(?P<hours> hour)?(?: {half}\b)?", _digits),
    (r"{day}(?:st|nd|rd|th)(?: day)?|the {day}(?= (?:of|at|in)\b|$)", None),
    (r"{day}(?: day)? of(?= (?:the )?(?:this|next|last|coming) month)", None),
    (r"(?P<at>at )?{hour}(?:[: ]{minute}(?::{second})?)?(?P<oclock> oclock)?{around}?(?: {half}\b)?", _clock),
    (r"(?:(?P<all>all )(?:the )?|(?P<following>following ))?{period}", _whole),
    (r"{segment}(?: part)?", None),
    (r"{season}(?: (?:of )?{year})?", None),
    (r"(?P<part>am|pm)", None),
    (r"gmt ?(?P<sign>[+-]) ?(?P<east>\d\d?):?(?P<east_minutes>\d\d)?", _zone_offset),
    (r"{zone}", None),
    (r"around", _around),
    (r"(?:in (?P<years>\d{1,3}) )?ad", _era),
    (r"{place} time", _place_time),
)

_FILLER = regex.compile(
    r"(?:on|for|during|over|(?:in|of)(?! (?:\d{4}\b|P|\d+ ad\b))|the(?! \d\d?(?: |$))|at(?! \d)|"
    r"all(?= (?:of|next|this) )|from(?= (?:this|next|last) week)|"
    r"later(?= (?:tonight|this (?:morning|afternoon|evening)))) "
)


class _Constraint(NamedTuple):
    pattern: Pattern[str]  # ends where a word does
    groups: tuple[str, ...]  # that say what they say by themselves
    read: Reader | None


def _constraint(pattern: str, read: Reader | None) -> _Constraint:
    compiled = regex.compile(rf"(?:{_grouped(pattern)})(?![\w:])")
    return _Constraint(compiled, () if read else tuple(compiled.groupindex.keys() & _SAID.keys()), read)


_COMPILED = tuple(_constraint(pattern, read) for pattern, read in _CONSTRAINTS)


@lru_cache(maxsize=4096)
def _beginning_with(word: str) -> tuple[_Constraint, ...]:
    return tuple(constraint for constraint in _COMPILED if constraint.pattern.match(word, partial=True))


def _bag(text: str, hours: bool = False) -> Bag | None:
    """The constraints said in a phrase, in any order. With `hours` a number alone is an hour."""
    found: Fields = {}
    at, end = 0, len(text)
    while at < end:
        if filler := _FILLER.match(text, at):
            at = filler.end()
            continue
        word_end = text.find(" ", at)
        for pattern, groups, read in _beginning_with(text[at : word_end if word_end > 0 else end]):
            if match := pattern.match(text, at):
                fields = read(match, found, hours) if read else _said_by(match, *groups)
                if fields is not None:
                    break
        else:
            return None
        if any(found.get(name, value) != value for name, value in fields.items()):
            return None
        found |= fields
        at = match.end() + 1
    return _finished(found)


def _finished(found: Fields) -> Bag | None:
    """The bag, if it says a time. Early and late are of a part of the day or a period; early tomorrow: first thing."""
    segment, part = found.get("segment"), found.get("part")
    if segment and part and part.name in _HALVED and segment != "mid":
        found["part"] = PARTS[f"{found.pop('segment')}_{part.name}"]
    elif segment == "early" and found.keys() & _DAYS and not (part or "clock" in found):
        found["part"] = PARTS[f"{found.pop('segment')}_morning"]
    elif segment and (found.keys() & _DAYS or not found.keys() & _PERIODS):
        return None
    if found.keys() <= _NO_TIME or ("weekend" in found and found.keys() & {"day", "holiday", "weekday"}):
        return None
    return Bag(**found)


# What holds a phrase together. Each structure reads the phrases it is made of in turn.


@lru_cache(maxsize=8192)
def _expression(text: str, hours: bool = False) -> Expression | None:
    """What plain words say; None if any of them is not understood. With `hours` a number alone is an hour."""
    if (bag := _bag(text, hours)) is not None:
        return bag
    words = {"P" if word.startswith("P") else word for word in text.split(" ")}
    for needed, pattern, read in _STRUCTURES:
        if not needed.isdisjoint(words) and (match := pattern.fullmatch(text)) and (found := read(match)) is not None:
            return found
    return None


def _either(match: Match[str]) -> Expression | None:
    """Friday or saturday morning, 5 or 6 pm."""
    text = _OR_NEXT.sub(r"\1 \2 or next \2", _THIS_OR.sub(r"\1 \3 or \2 \3", match[0]))
    options = _alike(text.split(" or "))
    if options is None:
        return None
    if isinstance(first := options[0], Bound):  # after 5 today or tomorrow
        options = [first, *(Bound(first.side, option) if isinstance(option, Bag) else option for option in options[1:])]
    if options[1:] == [_NEXT_DAY]:  # tomorrow or the day after
        options[1] = replace(_NEXT_DAY, anchor=first, later=False)
    return Either(tuple(_shared(options)))


_OR_NEXT = regex.compile(r"\b(this|coming) (\w+) or (?:the )?next$")  # this friday or next
_THIS_OR = regex.compile(r"^(this|coming|next) or (next|coming|this) (\w+)")  # this or next friday
_NEXT_DAY = Shifted(Amount(days=1), later=True)


def _apart(match: Match[str]) -> Expression:
    """In a day or two, in 2 to 3 weeks: all of them."""
    number, unit = counted_units(match["length"])[0]
    first, last = (number, match["last"]) if match["last"] else (match["first"], number)
    return Range(Shifted(amount_of(f"P{first}{unit}")), Shifted(amount_of(f"P{last}{unit}")))


def _range(match: Match[str]) -> Expression | None:
    """From 9 to 11 on saturday, july 13 - 15, thursday between 2 and 4."""
    if date := _DASHED.fullmatch(match[0]):
        return Bag(month=int(date[1]), day=int(date[2]))
    ends = _alike([match["start"], match["end"]], hours=True)
    if ends is None or any(isinstance(end, Bound) for end in ends):
        return None
    start, end = ends
    if not isinstance(start, Bag) or not isinstance(end, Bag):
        return None if match["left"] else Range(start, end)
    if match["until"] and end.clock and not start.clock:  # tomorrow until 5
        return _bounded("by", start, end)
    if match["left"]:
        context = _bag(match["left"])
        within = [context and merged(context, bag) for bag in (start, end)]
        return Range(within[0], within[1]) if within[0] and within[1] else None
    if _fields(end).keys() == {"day"} and start.day and start.day < (end.day or 0):
        months = ("month", "month_shift", "year", "year_shift")
        end = Bag(day=end.day, **{name: value for name, value in _fields(start).items() if name in months})
    return Range(start, end)


_DASHED = regex.compile(r"(\d|1[012]) - (1[3-9]|2\d|3[01])")  # 2-15


def _two_bounds(match: Match[str]) -> Expression | None:
    """After 9 but before 11 on thursday."""
    first, second = _expression(match["first"]), _expression(match["second"])
    if not isinstance(first, Bound) or not isinstance(second, Bound):
        return None
    anchors = _shared([first.anchor, second.anchor])
    return Both((Bound(first.side, anchors[0]), Bound(second.side, anchors[1])))


def _bound(match: Match[str]) -> Expression | None:
    """After 6, tomorrow before noon, december after the 5th, by friday."""
    side = _SIDES.get(match["side"], "after")  # past 5
    if side == "before" and match["right"].removeprefix("the ").startswith("endof "):
        side = "by"  # before the end of a month is up to its end
    right = _END_OF_DAY.sub(r"\1", match["right"]) if side == "by" else match["right"]
    anchor = _expression("today" if right == "day" else right, hours=True)
    left = _expression(match["left"]) if match["left"] else Bag()
    return _bounded(side, left, anchor) if left and anchor else None


def _edge(match: Match[str]) -> Expression | None:
    """5 pm at the latest, friday or later, from monday on."""
    rest = f"{match['left'] or ''} {match['right'] or ''}".strip()
    anchor = _expression(rest, hours=True)
    if isinstance(anchor, Bound):  # by 5 at the latest
        return anchor
    return Bound("by" if match["edge"] == "latest" else "from", anchor) if anchor else None


def _bounded(side: Side, left: Expression, anchor: Expression) -> Expression | None:
    """What was said before a bound, and the bound: a day it is in, or a window that it cuts."""
    if isinstance(anchor, Bound):  # from after 5
        return _bounded(anchor.side, left, anchor.anchor)
    if not isinstance(left, Bag) or not isinstance(anchor, Bag):
        return Bound(side, anchor) if left == Bag() else Both((left, Bound(side, anchor)))
    whole, limit = _fields(left), _fields(anchor)
    if anchor.clock or whole.keys() <= _TIME_OF_DAY or limit.keys() <= _TIME_OF_DAY:  # tomorrow after 6
        both = merged(left, anchor)
        return both and (Both((left, Bound(side, both))) if left.part else Bound(side, both))
    if whole.keys() & _DAYS:
        return None
    period = {name: value for name, value in whole.items() if name in _PERIODS}
    return Both((left, Bound(side, Bag(**(period | limit)))))  # december after the 5th


def _within(match: Match[str]) -> Expression:
    return Within(amount_of(match["length"]))


def _within_one(match: Match[str]) -> Expression:
    return Within(amount_of(f"P1{match['unit']}"))


def _following(match: Match[str]) -> Expression | None:
    """Next 3 days, two upcoming weeks (the second of them)."""
    (number, unit), *more = counted_units(match["length"])
    return None if more or unit == "night" else Units(number, unit, last_alone=bool(match["upcoming"]))


def _past(match: Match[str]) -> Expression:
    number, unit = counted_units(match["length"])[0]
    return Units(-number, "day" if unit == "night" else unit)


def _quarter(match: Match[str]) -> Expression:
    return Units(_WHICH[match["which"]], "quarter")


def _offset(match: Match[str]) -> Expression:
    """In 3 days, 2 hours ago, a week later."""
    return Shifted(amount_of(match["length"]), sign=-1 if match["back"] else 1, later=bool(match["later"]))


def _offset_from(match: Match[str]) -> Expression | None:
    """Two weeks from tomorrow, 3 days before christmas, a week on monday."""
    return _moved(amount_of(match["length"]), match["anchor"], -1 if match["side"] == "before" else 1)


def _week_from(match: Match[str]) -> Expression | None:
    """Monday week."""
    return _moved(Amount(weeks=1), match["anchor"], 1)


def _day_from(match: Match[str]) -> Expression | None:
    """The day after christmas, the evening before thanksgiving."""
    moved = _moved(Amount(days=1), match["anchor"], -1 if match["side"] == "before" else 1)
    return moved and _with_part(moved, match["part"])


def _moved(amount: Amount, anchor_text: str, sign: Literal[1, -1]) -> Expression | None:
    """So long after or before an anchor. A time of the day said with it is that of the day one comes to."""
    anchor = _expression(anchor_text)
    if not isinstance(anchor, Bag):
        return anchor and Shifted(amount, anchor, sign)
    parts = _fields(anchor)
    time = {name: parts.pop(name) for name in parts.keys() & _TIME_OF_DAY}
    if parts.keys() == {"weekday"} and amount.weeks:
        parts["which"] = "coming"
    if not parts or not time or amount.hours or amount.minutes:
        return Shifted(amount, Bag(**(parts | time)), sign) if parts or amount.hours or amount.minutes else None
    return Both((Shifted(amount, Bag(**parts), sign), Bag(**time)))


def _next_day(match: Match[str]) -> Expression:
    """The next day, the following morning, the same evening."""
    return _with_part(Shifted(Amount(days=0 if match["same"] else 1), later=True), match["part"])


def _with_part(expression: Expression, part: str | None) -> Expression:
    return Both((expression, Bag(part=PARTS[part]))) if part else expression


def _occurrence(match: Match[str]) -> Expression | None:
    """The closest monday to october 5th, the second easter after 2027."""
    of, (anchor, time) = _bag(match["of"]), _anchor(_YEAR.sub(r"in \1", match["anchor"]))
    if anchor is None or of is None or _fields(of).keys() not in _RECURRING:
        return None
    return _at(Occurrence(int(match["number"] or 1), of, anchor, closest=bool(match["closest"])), time)


def _one_after_next(match: Match[str]) -> Expression | None:
    """March after next."""
    of = _bag(match["of"])
    return of and Occurrence(2, of)


def _in_minutes(match: Match[str]) -> Expression:
    """In 15."""
    return Shifted(Amount(minutes=int(match["minutes"])))


def _from_this_moment(match: Match[str]) -> Expression:
    """A day from right now: at this time of that day."""
    return Shifted(amount_of(match["length"]), Bag(clock=NOW))


def _nth_from(match: Match[str]) -> Expression | None:
    """The friday after thanksgiving, the second weekend after easter."""
    anchor, time = _anchor(match["anchor"])
    if anchor is None:
        return None
    number = int(match["number"] or 1)
    return _at(Nth(-number if match["side"] == "before" else number, *_counted(match), anchor), time)


def _anchor(text: str) -> tuple[Expression | None, Bag | None]:
    """What is counted from, which is no time of day, and the time said after it: christmas at noon."""
    time = None
    if (ending := _AT_TIME.fullmatch(text)) and (bag := _bag(ending[2])) and _fields(bag).keys() <= _TIME_OF_DAY:
        text, time = ending[1], bag
    anchor = _expression(text)
    timed = isinstance(anchor, Bag) and (anchor.clock or anchor.part)
    return None if timed else anchor, time


def _at(expression: Expression, time: Bag | None) -> Expression:
    return Both((expression, time)) if time else expression


_RECURRING = ({"weekday"}, {"holiday"}, {"month"}, {"month", "day"})
_YEAR = regex.compile(r"^((?:19|20)\d\d)$")
_AT_TIME = regex.compile(r"(.+) ((?:at|in the) .+)")


def _nth_from_now(match: Match[str]) -> Expression:
    """Two fridays from now."""
    return Nth(int(match["number"]) * (-1 if match["back"] else 1), *_counted(match))


def _next_one(match: Match[str]) -> Expression:
    """The following sunday, the week after."""
    return Nth(1, *_counted(match), later=True)


def _counted(match: Match[str]) -> tuple[Any, int | None]:
    """The unit that is counted, and which weekday if that is one."""
    return match["unit"] or "weekday", WEEKDAYS.index(match["weekday"]) if match["weekday"] else None


def _containing(match: Match[str]) -> Expression | None:
    """The week of december 6th, the weekend of the 10th, christmas week."""
    anchor, unit = _bag(match["anchor"]), match["unit"]
    named = anchor and _fields(anchor).keys() & {"day", "holiday", "weekday"}
    return Containing("week" if unit == "week" else "weekend", anchor) if anchor and named else None


def _rest(match: Match[str]) -> Expression:
    """Later today, the rest of the week."""
    period: Any = match["period"] or "day"
    return Rest(period)


def _later_today(match: Match[str]) -> Expression | None:
    bag = _bag(match["anchor"])
    return bag and merged(bag, Bag(day_shift=0))


def _same_time(match: Match[str]) -> Expression | None:
    """This time tomorrow: the clock of now."""
    if match["period"]:
        amount = Amount(**{f"{match['period']}s": 1})
        return Shifted(amount, Bag(day_shift=0, clock=NOW), sign=-1 if match["which"] == "last" else 1)
    bag = _bag(match["anchor"])
    return bag and merged(bag, Bag(clock=NOW))


def _stay(match: Match[str]) -> Expression:
    return Stay(amount_of(match["length"]))


def _at_time(match: Match[str]) -> Expression | None:
    """A structure and a time of its day: in 3 days at noon, the morning of the day after christmas."""
    words = match[0].split(" ")
    for at in range(1, min(len(words), _LONGEST_TIME)):
        for time, rest in ((words[-at:], words[:-at]), (words[:at], words[at:])):
            bag = _bag(_TRAILING.sub("", " ".join(time))) if rest[-1] not in _LINKS else None
            if bag and (bag == _TODAY or _fields(bag).keys() <= _TIME_OF_DAY):
                found = _expression(" ".join(rest))
                if found is not None and not isinstance(found, Bag):
                    return found if bag == _TODAY else Both((found, bag))
    return None


def _lasting(match: Match[str]) -> Expression | None:
    """From december 18th for 10 days."""
    start = _expression(match["anchor"])
    return start and Both((start.anchor if isinstance(start, Bound) else start, Stay(amount_of(match["length"]))))


_TODAY = Bag(day_shift=0)  # today in 2 hours
_TRAILING = regex.compile("(?: (?:on|of|in|the|at))+$")
_LONGEST_TIME = 6  # words: at half past 8 in the morning


def _alike(texts: list[str], hours: bool = False) -> list[Expression] | None:
    """The readings of phrases that stand in a row. A number alone is a day or an hour as the others are."""
    found = [_expression(text) for text in texts]
    if None in found:
        bags = [bag for bag in found if isinstance(bag, Bag)]
        numbers = [int(number[1]) for text in texts if (number := _NUMBER.fullmatch(text))]
        days = (any(bag.day for bag in bags) or max(numbers, default=0) > 24) and not any(bag.clock for bag in bags)
        hours = hours or any(bag.clock for bag in bags)
        for at, text in enumerate(texts):
            if found[at] is None and days and (number := _NUMBER.fullmatch(text)):
                found[at] = Bag(day=int(number[1]))
            elif text in ("early", "mid", "late"):
                found[at] = Bag(**_SAID["segment"](text))
            elif found[at] is None and hours:
                found[at] = _expression(text, hours=True)
    known = [expression for expression in found if expression is not None]
    return known if len(known) == len(found) else None


def _shared(options: list[Expression]) -> list[Expression]:
    """What one of them says for its neighbours too: saturday or sunday morning, tomorrow at 5 or 6, 5 or 6 pm."""
    bags = [_fields(option) if isinstance(option, Bag) else None for option in options]
    for at, own in enumerate(bags):
        if own is not None:
            for later, others in ((True, bags[at + 1 :]), (False, bags[:at][::-1])):
                for other in filter(None, others):
                    own |= _taken(own, other, later)
    return [Bag(**own) if own is not None else option for own, option in zip(bags, options, strict=True)]


def _taken(own: Fields, other: Fields, later: bool) -> Fields:
    """What one option takes from another: the day, or else the month or week of its day; from a later one the hour."""
    days = own.keys() - _TIME_OF_DAY
    names: set[str] = {"zone"}
    if not days:
        names |= other.keys() - _TIME_OF_DAY
    elif days == {"day"} and "day" in other:
        names |= {"month", "month_shift", "year", "year_shift"}
    elif days == {"weekday"} and "weekday" in other:
        names |= {"week_shift", "which"}
    elif "month" in own and "month" in other:
        names |= {"year", "year_shift"}
    if later and not own.keys() & {"part", "clock"}:
        names |= {"part", "clock"}
    taken = {name: other[name] for name in names & other.keys() if name not in own}
    clock, model = own.get("clock"), other.get("clock")
    if later and clock and model and clock.half is None and "part" not in own:
        taken |= {"clock": clock._replace(half=model.half if model.half in ("am", "pm") else None)}
        taken |= {"part": other["part"]} if "part" in other else {}
    return taken


_NUMBER = regex.compile(r"(?:the )?(\d\d?)")
_END_OF_DAY = regex.compile(rf"(?:the )?endof (?:the )?(day|(?:\w+ )?(?:{_GROUPS['named']}|weekend)|@\w+)$")
_SIDES: dict[str, Side] = {
    "after": "after", "since": "from", "from": "from", "before": "before", "by": "by", "until": "by", "through": "by",
}  # fmt: skip

# Parts of the patterns: the groups are the readers'.
_ENDS = r"(?P<start>.+?) (?:to|-|through|(?P<until>until)) (?P<end>.+)"
_FIRST = r"(?P<first>(?:.+? )??{}.+?)"
_AFTER, _BEFORE = "(?:after|since|from) ", "(?:before|by|until) "
_SIDE = "(?P<side>from|after|before)"
_FROM_NOW = "(?:from (?:now|today)|hence)"
_DAY = r"(?:day|(?P<part>morning|afternoon|evening|night))"
_COUNTED = r"(?:{weekday}|(?P<unit>weekend|week))"
_TWO_LENGTHS = r"(?:(?P<first>\d+) (?:or|to|-) {length}|{length} (?:or|to|-) (?P<last>\d+))"
_NTH = "(?:(?P<number>[1-9])(?:st|nd|rd|th) )"
_THIS = r"(?:the|this) (?P<period>day|week|month|year)"

# In this order: the words of which one must be said for it to be worth a try (P: a length of time), a pattern for the
# whole phrase, and what reads it.
_STRUCTURES = tuple(
    (frozenset(needed.split()), regex.compile(_grouped(pattern)), read)
    for needed, pattern, read in (
        ("closest", rf"(?:the )?{_NTH}?(?P<closest>closest) {{of}} to (?:the )?{{anchor}}", _occurrence),
        ("after", rf"(?:the )?{_NTH}(?P<of>@\w+) after {{anchor}}(?P<closest>)", _occurrence),
        ("after", r"(?P<of>{month}|@\w+) after next", _one_after_next),
        ("in", r"in (?P<minutes>[5-9]|[1-9]\d)", _in_minutes),
        ("right", r"{length} from right now", _from_this_moment),
        ("P", rf"in {_TWO_LENGTHS}(?: time)?|{_TWO_LENGTHS} {_FROM_NOW}", _apart),
        ("or", ".+ or .+", _either),
        ("to - through until", rf"(?:(?P<left>.+?) )??from {_ENDS}|{_ENDS}", _range),
        ("between", r"(?:(?P<left>.+?) )??(?:in )?between (?P<start>.+?) (?:and|to|-) (?P<end>.+)(?P<until>)", _range),
        ("before by until", rf"{_FIRST.format(_AFTER)}(?: and| but)? (?P<second>{_BEFORE}.+)", _two_bounds),
        ("after since from", rf"{_FIRST.format(_BEFORE)} (?:and|but) (?P<second>{_AFTER}.+)", _two_bounds),
        ("P", r"(?:within|inside|under|in under|in less than|less than)(?: the)?(?: next| coming| upcoming)? {length}",
         _within),
        ("P", r"(?:next|(?P<upcoming>upcoming)) {length}", _following),
        ("P", r"(?:in |over |during |for )?(?:the )?(?:next|coming|upcoming) {length}", _within),
        ("next coming", r"(?:within|in|over|during) the (?:next|coming) (?P<unit>hour|day|week|month)", _within_one),
        ("within", r"within the (?P<unit>hour)", _within_one),
        ("P", r"(?:in |over |during )?(?:the )?(?:last|past) {length}", _past),
        ("quarter", r"{which} quarter", _quarter),
        ("P", rf"(?:in|(?P<later>after)) {{length}}(?: time)?(?: {_FROM_NOW})?(?P<back>)", _offset),
        ("P", rf"{{length}} (?:{_FROM_NOW}|(?P<later>later|after(?: that)?|afterwards)|(?P<back>ago|back))", _offset),
        ("P", rf"{{length}} {_SIDE} {{anchor}}|{{length}}(?P<side>) (?:on )?(?P<anchor>{{named}})", _offset_from),
        ("week", r"(?P<anchor>{named}) week", _week_from),
        ("after before", rf"(?:the )?{_DAY} {_SIDE} {{anchor}}", _day_from),
        ("next following same", rf"(?:the )?(?:next|following|(?P<same>same)) {_DAY}", _next_day),
        ("after", rf"(?:the )?{_DAY} after(?: that)?(?P<same>)", _next_day),
        ("after before", rf"(?:the )?(?:(?P<number>\d+)(?:st|nd|rd|th) )?{_COUNTED} {_SIDE} {{anchor}}", _nth_from),
        ("from hence ago back", rf"(?P<number>\d+) {_COUNTED}s? (?:{_FROM_NOW}|(?P<back>ago|back))", _nth_from_now),
        ("following after", rf"(?:the )?(?:following {_COUNTED}|{_COUNTED} after(?: that)?)", _next_one),
        ("week weekend", r"(?:the )?(?P<unit>week|weekend) (?:of|since|for) (?:the )?{anchor}", _containing),
        ("week", r"(?:(?:in|during|over) )?(?:the )?(?P<anchor>@\w+) (?P<unit>week)", _containing),
        ("later rest", rf"later (?:in )?{_THIS}|(?:later|(?:the )?rest of) today|(?:the )?rest of {_THIS}", _rest),
        ("later", r"later today {anchor}|{anchor} later today", _later_today),
        ("same", r"(?:at )?(?:the )?same time (?:(?:in )?the )?(?:{which} {period}|{anchor})", _same_time),
        ("P", r"(?:for )?{length}", _stay),
        ("P", r"{anchor} for {length}|for {length} (?:since|from) {anchor}", _lasting),
        ("earliest latest onward", r"(?:(?P<left>.+?) )??(?P<edge>earliest|latest|onward)(?: (?P<right>.+))?", _edge),
        ("on", r"from (?P<left>.+) (?P<edge>on)(?P<right>)", _edge),
        (" ".join(_SIDES), rf"(?:(?P<left>.+?) )??(?P<side>{'|'.join(_SIDES)}) (?P<right>.+)", _bound),
        ("past", r"(?P<left>)(?P<side>past) (?P<right>.+)", _bound),
        ("P after before same next following week weekend rest", r".+ .+", _at_time),
    )
)  # fmt: skip
