"""A Chinese phrase to an expression: its tokens, folded together from left to right.

First it is split at 或 and at 到, then words for a deadline are taken out from wherever they stand, and what is left is
folded: `left` is what was read so far, `rest` what follows the token. The whole phrase is read or it is `Unknown`.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Literal

from model.values.times.chinese_tokens import (
    MOST,
    Mark,
    Number,
    Ordinal,
    Side,
    Token,
    Tokens,
    amount_of,
    clock_of,
    phrase_to_tokens,
    summed,
)
from model.values.times.expression import (
    MIDNIGHT,
    NOON,
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
    Part,
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
from model.values.times.holidays import rules

_UNDERSPECIFIED = Unknown("underspecified")


@lru_cache(maxsize=16384)
def read(text: str) -> Expression:
    """Any text; what is not a time, or not wholly understood, is `Unknown`."""
    tokens = phrase_to_tokens(text)
    if len(tokens) > MOST:
        return Unknown("not_a_time")
    if Mark.UNKNOWN not in tokens:
        return (_whole(tokens) or _UNDERSPECIFIED) if tokens else Unknown("not_a_time")
    if not any("\u4e00" <= character <= "\u9fff" for character in text):
        return Unknown("not_a_time")  # English, perhaps
    if Mark.VAGUE in tokens:
        return _UNDERSPECIFIED
    return _partly(tokens)


def _partly(tokens: Tokens) -> Unknown:
    """Of what stands between unknown words, the first that says a time."""
    runs = _split(tokens, Mark.UNKNOWN)
    for n, run in enumerate(runs):
        counted = n > 0 and run and isinstance(run[0], Side)  # from what is unknown: 婚礼|后的周五, 婚礼|后三天
        first = next((i for i, token in enumerate(run) if isinstance(token, Bag)), len(run))
        understood = None if counted else _whole(run)
        understood = understood or _whole(run[first:])
        if understood and not isinstance(understood, Unknown):
            return Unknown("partly_understood", understood)
    since = tokens[tokens.index(Mark.UNKNOWN) :]
    told = any(isinstance(token, Side) or token is Mark.THAT_DAY for token in since)  # 考完试以后
    return Unknown("partly_understood" if told else "not_a_time")


def _split(tokens: Tokens, mark: Mark) -> list[Tokens]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token is mark:
            parts.append([])
        else:
            parts[-1].append(token)
    return list(parts)


def _whole(tokens: Tokens) -> Expression | None:
    if Mark.VAGUE in tokens:
        return _UNDERSPECIFIED
    clauses = [clause for clause in _split([token for token in tokens if token is not Mark.ANY], Mark.OR) if clause]
    if len(clauses) > 1:
        clauses = [_counted(clause, clauses[-1]) for clause in clauses]
    options = [_clause(clause) for clause in clauses]
    if not options or None in options:
        return None
    if len(options) == 1:
        return options[0]
    if len(options) == 2 and isinstance(options[0], Stay) and isinstance(options[1], Shifted | Within):
        return _range(options[0], options[1])  # 一天或两天后
    return Either(tuple(_shared([option for option in options if option])))


def _counted(clause: Tokens, other: Tokens) -> Tokens:
    """A bare number at the clause's end becomes what the other clause counts: 8到10点, 24号到28, 周一到三."""
    if not clause or not isinstance(number := clause[-1], Number):
        return clause
    n = number.value
    for token in other:
        like: Token | None = None
        if isinstance(token, Amount):
            like = Amount(*(n if getattr(token, name) else 0 for name in Amount.__slots__))
        elif isinstance(token, Bag):
            if token.clock:
                like = Bag(clock=clock_of(str(n)))
            elif token.day is not None:
                like = Bag(day=n)
            elif token.month is not None:
                like = Bag(month=n)
            elif token.weekday is not None and 1 <= n <= 7:
                like = Bag(weekday=n - 1)
        if like:
            return [*clause[:-1], like]
    return clause


def _clause(tokens: Tokens) -> Expression | None:
    """One time, or a range."""
    if Mark.ABOUT in tokens:
        read = _clause([token for token in tokens if token is not Mark.ABOUT])
        return read and _approximate(read)
    if Mark.BETWEEN in tokens or any(isinstance(token, Number) for token in tokens):  # X和Y之间, 8、9点
        tokens = [Mark.RANGE if token is Mark.AND else token for token in tokens if token is not Mark.BETWEEN]
    ends = _split([token for token in tokens if token is not Mark.AND], Mark.RANGE)
    if len(ends) == 1:
        return _bounded(ends[0])
    if len(ends) > 2:
        return None
    first, last = _counted(ends[0], ends[1]), _counted(ends[1], ends[0][::-1])
    if not first or first == [Mark.STAY]:
        end = _bounded(last)  # 到周五, 住到周五
        return Bound("by", end.anchor if isinstance(end, Bound) else end) if end else None
    if not last:
        return _bounded(first)  # 周五到: the verb
    start = _fold([token for token in first if token is not Mark.FROM])
    end = _fold([token for token in last if token is not Mark.DURING])
    return _range(start, end) if start and end else None


def _range(start: Expression, end: Expression) -> Expression:
    """What both ends share is said of the first; what is said of the last alone (下周一, 下月3号) is not shared."""
    match start, end:
        case Bag(weekday=int(), week_shift=None, which=None, day=None), Bag(week_shift=int()):
            return Range(replace(start, which="this"), end)
        case Bag(day=int(), month=None, month_shift=None), Bag(month_shift=int(shift)):
            return Range(replace(start, month_shift=shift - 1), end)
        case Bag(month=int(first), year=None, year_shift=None), Bag(month=int(last), year_shift=int(shift)):
            return Range(replace(start, year_shift=shift - (first > last)), end)
        case Stay(), Stay():
            return Either((start, end))
        case Stay(amount), Shifted():
            return Range(replace(end, amount=amount), end)
        case Stay(), Within():
            return end
    return Range(start, end)


def _approximate(read: Expression) -> Expression:
    match read:
        case Bag():
            return replace(read, approximate=True)
        case Range(start, end):
            return Range(_approximate(start), end)
        case Bound(side, anchor):
            return Bound(side, _approximate(anchor))
        case Stay() | Either():
            return read
    return Both((read, Bag(approximate=True)))


def _bounded(tokens: Tokens) -> Expression | None:
    """With 最晚, 最早 and 从 wherever they stand."""
    marks = {Mark.BY, Mark.SINCE, Mark.FROM}.intersection(token for token in tokens if isinstance(token, Mark))
    read = _fold([token for token in tokens if token not in marks])
    if not marks or not read:
        return read
    if isinstance(read, Bound):
        return Bound("by", read.anchor) if Mark.BY in marks else read
    if isinstance(read, Shifted | Range | Both) and marks == {Mark.FROM}:
        return read  # 从今天起三天后
    return Bound("by" if Mark.BY in marks else "from", read)


def _fold(tokens: Tokens) -> Expression | None:
    left: Expression | None = None
    rest = deque(tokens)
    lunar = False
    while rest:
        token = rest.popleft()
        if token is Mark.LUNAR:
            lunar = True
            continue
        match token:
            case Bag() | Either():
                left = _joined(left, _in_lunar(token) if lunar else token)
            case Amount():
                left = _after_amount(left, token, rest)
            case Side():
                left = _after_side(left, token, rest)
            case Ordinal():
                left = _after_ordinal(left, token)
            case Mark():
                left = _after_mark(left, token, rest)
            case _:
                left = None
        if left is None:
            return None
    return left


def _in_lunar(token: Bag | Either) -> Bag | Either:
    bag = token.options[0] if isinstance(token, Either) else token
    if isinstance(bag, Bag) and bag.month and bag.day:
        return replace(bag, month=None, day=None, lunar=(bag.month, bag.day))
    return token


_NOT_DATE = frozenset(("part", "literal", "clock", "zone", "approximate"))
_DATE = tuple(field.name for field in fields(Bag) if field.name not in _NOT_DATE)


def _only(token: object, *names: str) -> bool:
    """A bag that says these things and nothing else."""
    return isinstance(token, Bag) and said(token).keys() == set(names)


def _joined(left: Expression | None, bag: Bag | Either) -> Expression:
    """One more constraint on what was said; two different days or clocks stay side by side (T10)."""
    if left is None:
        return bag
    if isinstance(bag, Either):
        return Either(tuple(_joined(left, option) for option in bag.options if isinstance(option, Bag)))
    match left:
        case Bag():
            return _joined_bags(left, bag)
        case Either(options):
            return Either(tuple(_joined(option, bag) for option in options))
        case Bound(side, Bag(clock=Clock()) as anchor) if not bag.clock and (both := merged(anchor, bag)):
            return Bound(side, both)  # 十点以前，周六
        case Both(parts) if isinstance(parts[-1], Bag):
            return Both((*parts[:-1], last)) if (last := merged(parts[-1], bag)) else Both((*parts, bag))
    return Both((left, bag))


def _joined_bags(left: Bag, bag: Bag) -> Expression:
    if left.holiday and _only(bag, "weekend"):
        return replace(left, holiday_span="weekend")
    if bag.clock and left.clock in (MIDNIGHT, NOON):  # 午夜十二点, 正午十二点
        name = "middle_of_the_night" if left.clock == MIDNIGHT else "lunchtime"
        left = replace(left, clock=None, part=PARTS[name])
    if _only(bag, "year_shift", "segment") and said(left).keys() <= {"year", "year_shift", "two_digit_year"}:
        return replace(left, segment=bag.segment)  # 明年年底
    if bag.day_shift == 0:  # 下周今天
        for unit in ("week", "month", "year"):
            if _only(left, f"{unit}_shift"):
                return Shifted(amount_of(unit, getattr(left, f"{unit}_shift")), anchor=bag)
    if left.part and bag.part and (part := _narrower(left.part, bag.part)):  # 今晚深夜
        left, bag = replace(left, part=part), replace(bag, part=None)
    if left.segment and (_only(bag, "day") or (left.month and bag.month and bag.segment)):
        return Both((left, bag)) if bag.day else Range(left, bag)  # 十二月上旬5号, 11月底12月初
    if both := merged(left, bag):
        return both
    for name in ("weekday", "day_shift", "day"):  # 周六周日, 明天和后天
        if _only(bag, name) and getattr(left, name) == getattr(bag, name) - 1:
            return Range(left, bag)
    return Both((left, bag))


def _narrower(one: Part, two: Part) -> Part | None:
    if (one.kind, two.kind) == ("night", "midnight"):
        return two  # 今晚半夜
    start, end = max(one.start, two.start), min(one.end, two.end)
    return next((part for part in (one, two) if (part.start, part.end) == (start, end)), None)


def _after_amount(left: Expression | None, amount: Amount, rest: deque[Token]) -> Expression | None:
    while rest and isinstance(more := rest[0], Amount):
        rest.popleft()
        if more.nights and amount.days and not rest and left is None:
            return Either((Stay(amount), Stay(more)))  # 三天两晚
        amount = summed(amount, more)
    match rest.popleft() if rest else None:
        case Side(sign, start=False):
            return _counted_from(left, amount, sign, rest)
        case Mark.WITHIN if left is None:
            return Within(amount)
        case Mark.STAY | None if left is None:
            return Stay(amount)
        case None if isinstance(left, Range) or (isinstance(left, Bag) and left.weekend):
            return left  # 周末两天
    return None


def _counted_from(left: Expression | None, amount: Amount, sign: Literal[1, -1], rest: deque[Token]) -> Expression:
    """三天后, 圣诞节三天后; 两周后的周五 is the Friday of that week."""
    if left is None and rest and isinstance(following := rest[0], Bag):
        named: Bag | None = None
        if amount == Amount(weeks=amount.weeks) and (_only(following, "weekday") or _only(following, "weekend")):
            named = replace(following, week_shift=sign * amount.weeks)
        elif amount == Amount(months=amount.months) and _only(following, "day"):
            named = replace(following, month_shift=sign * amount.months)
        if named or following == Bag(day_shift=0):  # 三周后的今天
            rest.popleft()
        if named:
            return named
    return Shifted(amount, left, sign, later=left is None and sign == 1)


def _after_side(left: Expression | None, side: Side, rest: deque[Token]) -> Expression | None:
    following = rest[0] if rest else None
    if left is None:
        return _units(following, side.sign, rest) if isinstance(following, Amount) else None
    if isinstance(left, Both) and isinstance(left.parts[0], Bound | Bag):  # 八点以后十点以前
        last = _after_side(left.parts[-1], side, rest)
        return last and Both((*left.parts[:-1], last))
    if side.start:
        return Bound("from", left)
    if beside := _beside(left, side.sign, following):
        rest.popleft()
        return beside
    return Bound("after" if side.sign == 1 else "before", left)


def _beside(anchor: Expression, sign: Literal[1, -1], token: Token | None) -> Expression | None:
    """圣诞节后三天, 元旦后第一个周一, 春节前的周五, 国庆后那周."""
    match token:
        case Amount():
            return Shifted(token, anchor, sign)
        case Ordinal(n, "day"):
            return Shifted(Amount(days=abs(n)), anchor, sign)
        case Ordinal(n, "weekday" | "week" | "weekend" as unit, weekday):
            return Nth(sign * abs(n), unit, weekday, anchor)
        case Mark.THE_WEEK:
            return Nth(sign, "week", None, anchor)
        case Mark.THE_WEEKEND:
            return Nth(sign, "weekend", None, anchor)
    if isinstance(anchor, Bag) and anchor.clock:
        return None  # 十点以前，周六
    match token:
        case Bag(weekend=True) if _only(token, "weekend"):
            return Nth(sign, "weekend", None, anchor)
        case Bag(weekday=int(weekday)) if _only(token, "weekday"):
            return Nth(sign, "weekday", weekday, anchor)
    return None


def _units(amount: Amount, sign: Literal[1, -1], rest: deque[Token]) -> Expression | None:
    """下三天, 前两个月; 后一天 is the next day, 前一天 the day before something."""
    rest.popleft()
    counts = {name: n for name in Amount.__slots__ if (n := getattr(amount, name))}
    if len(counts) != 1 or "nights" in counts:
        return None
    ((name, n),) = counts.items()
    if n > 1:
        return Units(sign * n, name.removesuffix("s"))  # type: ignore[arg-type]
    return Shifted(amount, later=True) if sign == 1 else None


def _after_ordinal(left: Expression | None, ordinal: Ordinal) -> Expression | None:
    n, unit, weekday = ordinal
    if left is None or (isinstance(left, Bag) and not said(left).keys() & {"day", "weekday", "day_shift", "holiday"}):
        if unit == "day" and left is None:
            return Shifted(Amount(days=n - 1), later=True) if n > 1 else None
        return _joined(left, Bag(nth=n, nth_unit=unit, weekday=weekday))
    if unit == "day" and n > 1:
        return Shifted(Amount(days=n - 1), left)  # 圣诞节第二天
    return None


def _after_mark(left: Expression | None, mark: Mark, rest: deque[Token]) -> Expression | None:
    following = rest[0] if rest else None
    match mark, following:
        case Mark.NEXT, Amount():
            rest.popleft()
            if rest and rest[0] is Mark.WITHIN:
                rest.popleft()
            return Within(following) if left is None else None
        case Mark.NEXT, Bag(weekday=int()) | Bag(weekend=True):
            rest.popleft()
            return replace(following, which="coming") if left is None else None
        case Mark.PASSED, Amount():
            rest.popleft()
            if rest and rest[0] == Side(1):
                rest.popleft()
            return Shifted(following, left, later=left is None)
        case Mark.STAY, Amount() if left is None:
            rest.popleft()
            return _after_amount(left, following, rest)
        case Mark.THE_DAY, _:
            return left or Shifted(Amount(), later=True)
    if left is None:
        return None
    match mark, left:
        case ((Mark.WITHIN | Mark.THAT_DAY), _):
            return left
        case ((Mark.PERIOD | Mark.DURING), Bag(holiday=str(name))):
            return replace(left, holiday_span="period") if "period" in rules()[name] else None
        case ((Mark.PERIOD | Mark.DURING), _):
            return left
        case Mark.THE_WEEK, _:
            return Containing("week", left)
        case Mark.THE_WEEKEND, Bag(holiday=str()):
            return replace(left, holiday_span="weekend")
        case Mark.THE_WEEKEND, _:
            return Containing("weekend", left)
        case Mark.REST, Bag():
            units: tuple[Literal["day", "week", "month", "year"], ...] = ("day", "week", "month", "year")
            return next((Rest(unit) for unit in units if _only(left, f"{unit}_shift")), None)
        case Mark.LATER, Bag(day_shift=0, part=None):
            return Rest("day")
        case ((Mark.EARLIER | Mark.LATER), Bag(part=part)) if part:
            half = PARTS.get(f"{'early' if mark is Mark.EARLIER else 'late'}_{part.name}")
            return replace(left, part=half) if half else None
        case ((Mark.EARLIER | Mark.LATER), Bag()) if _only(left, "week_shift") or _only(left, "month_shift"):
            return replace(left, segment="early" if mark is Mark.EARLIER else "late")
    return None


def _shared(options: list[Expression]) -> list[Expression]:
    """X or Y: what only one of them says of the day serves the next, of the clock the one before (T2)."""
    for i in range(1, len(options)):
        options[i] = _inheriting(options[i], options[i - 1], forward=True)
    for i in range(len(options) - 1, 0, -1):
        options[i - 1] = _inheriting(options[i - 1], options[i], forward=False)
    return options


# What a bag without a date, with a day, a month or a weekday only may take from the option before it.
_WIDER = {
    "day": ("year", "year_shift", "two_digit_year", "month", "month_shift"),
    "month": ("year", "year_shift", "two_digit_year"),
    "weekday": ("week_shift", "which"),
}


def _inheriting(bag: Expression, other: Expression, *, forward: bool) -> Expression:
    if not isinstance(bag, Bag) or not isinstance(other, Bag):
        return bag
    own = said(bag).keys()
    date = own - _NOT_DATE
    if not forward:
        names: Sequence[str] = ("part", "clock") if date and not own & {"part", "clock"} else ()
    elif not date:
        names = [*_DATE, *(() if bag.part else ("part",))]
    else:
        names = next((_WIDER[name] for name in _WIDER if date == {name}), ())
    return replace(bag, **{name: value for name, value in said(other).items() if name in names})  # type: ignore[arg-type]
