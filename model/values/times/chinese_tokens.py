"""A Chinese phrase to tokens: what it says piece by piece.

A token is a set of constraints (`Bag`), an amount of time, a bare number, an ordinal or a mark (to, or, at the latest,
...). Fixed words stand in `_WORDS`, what is built from numerals in `_PATTERNS`; the longer match counts. Traditional
characters and full-width forms are read too, and Cantonese words where they cannot be mistaken.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum, auto
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import regex
from regex import Match

from data.han import to_simplified
from data.numerals import read_chinese
from model.values.times.expression import MIDNIGHT, NOON, NOW, PARTS, Amount, Bag, Clock, Either, Segment, Unit
from model.values.times.holidays import NAMES


class Mark(Enum):
    """What ties constraints together, or says that there is no value."""

    RANGE = auto()  # 到 至
    OR = auto()
    AND = auto()
    BETWEEN = auto()  # X和Y之间
    FROM = auto()  # 从
    BY = auto()  # 最晚 不晚于
    SINCE = auto()  # 最早 不早于
    WITHIN = auto()  # 内
    NEXT = auto()  # 未来 接下来
    PASSED = auto()  # 过 再过
    STAY = auto()  # 住 玩
    THE_DAY = auto()  # 当天
    THAT_DAY = auto()  # 那天
    THE_WEEK = auto()  # 那周
    THE_WEEKEND = auto()  # 那个周末
    REST = auto()  # 剩下的时间
    EARLIER = auto()  # 早些时候
    LATER = auto()  # 晚些时候
    ABOUT = auto()  # 左右
    LUNAR = auto()  # 农历
    DURING = auto()  # 期间
    PERIOD = auto()  # 假期
    ANY = auto()  # 随便 都行: nothing beside a time, else a time without a value
    VAGUE = auto()  # 每 过几天 暑假: no value, whatever stands beside it
    UNKNOWN = auto()


class Number(NamedTuple):
    """A bare number; the other end of the range says what of (8到10点)."""

    value: int


class Side(NamedTuple):
    """前 (-1) or 后 (1) of what was said, or of now; `start` is 起, that day too."""

    sign: Literal[1, -1]
    start: bool = False


class Ordinal(NamedTuple):
    """第二个周五, 最后一天 (-1)."""

    n: int
    unit: Literal["day", "weekday", "week", "weekend"]
    weekday: int | None = None


Token: TypeAlias = Bag | Either | Amount | Number | Side | Ordinal | Mark
Tokens: TypeAlias = Sequence[Token]

# --- numerals ---------------------------------------------------------------------------------------------------------

_D = "[一二三四五六七八九]"
_HAN = f"(?:[一二两三四五六七八九]百(?:零{_D}|{_D}十{_D}?)?|(?:{_D}?十|廿|卅){_D}?|[零〇]?[一二两俩三四五六七八九])"
_N = rf"(?:\d{{1,3}}+(?!\d)|{_HAN})"  # up to 999
_DAY = rf"(?:\d{{1,2}}+(?!\d)|{_HAN})"
_NUMERAL = "[0-9零〇一二两三四五六七八九十廿卅]"
_WEEKDAYS = "一二三四五六日"


@lru_cache(maxsize=1024)
def _number(numeral: str) -> int:
    """25, 二十五, 廿五, 零五, 一百二十, 二零二六."""
    return read_chinese(numeral) or 0


def _weekday(character: str) -> int:
    return int(character) - 1 if character.isdecimal() else _WEEKDAYS.index(character.replace("天", "日"))


# --- words ------------------------------------------------------------------------------------------------------------

_PARTS = {
    "早上 早晨 上午 早间 朝早 大早上": "morning",
    "清晨 清早 大清早 一清早 一早 一大早": "early_morning",
    "中午 午间 晌午": "lunchtime",
    "下午 午后 晏昼 下昼": "afternoon",
    "傍晚 黄昏": "dusk",
    "晚上 夜里 夜晚 晚间 夜间": "night",
    "深夜": "late_night",
    "半夜 半夜里 大半夜 三更半夜 深更半夜 后半夜 下半夜": "middle_of_the_night",
    "凌晨": "small_hours",
}
_SEASONS: dict[str, Literal["spring", "summer", "autumn", "winter"]] = {
    "春": "spring",
    "夏": "summer",
    "秋": "autumn",
    "冬": "winter",
}
_SHORT_PARTS = {"早": "morning", "晨": "morning", "朝": "morning", "晚": "night", "夜": "night"}
_SEGMENTS: dict[str, Segment] = {"初": "early", "中": "mid", "底": "late", "末": "late"}

_Row: TypeAlias = tuple[str, *tuple[Token, ...]]  # words and what each of them is


def _words(*rows: _Row) -> dict[str, tuple[Token, ...]]:
    return {word: tuple(tokens) for words, *tokens in rows for word in words.split()}


_WORDS = _words(
    *((words, Bag(part=PARTS[name])) for words, name in _PARTS.items()),
    ("正午", Bag(clock=NOON)),
    ("午夜 子夜", Bag(clock=MIDNIGHT)),
    ("现在 此时 此刻 当前 目前 而家 依家 宜家 这个时候 这个时间 这时候 同一时间", Bag(clock=NOW)),
    ("今天 今日 今儿 今儿个", Bag(day_shift=0)),
    ("明天 明日 明儿 明儿个 听日", Bag(day_shift=1)),
    ("后天 后日 后儿 后儿个", Bag(day_shift=2)),
    ("大后天 大后日 大后儿", Bag(day_shift=3)),
    ("大大后天", Bag(day_shift=4)),
    ("昨天 昨日 昨儿 昨儿个 寻日 琴日", Bag(day_shift=-1)),
    ("前天 前日 前儿", Bag(day_shift=-2)),
    ("大前天", Bag(day_shift=-3)),
    ("明后天 明后 明后两天", Bag(day_shift=1), Mark.RANGE, Bag(day_shift=2)),
    ("今明 今明两天 今明天", Bag(day_shift=0), Mark.RANGE, Bag(day_shift=1)),
    ("今明后三天", Bag(day_shift=0), Mark.RANGE, Bag(day_shift=2)),
    ("双休日", Bag(weekend=True)),
    ("周初", Bag(week_shift=0, segment="early")),
    ("周中", Bag(week_shift=0, segment="mid")),
    ("次周", Bag(week_shift=1)),
    ("月初 上旬", Bag(segment="early")),
    ("月中 中旬", Bag(segment="mid")),
    ("月底 月末 下旬", Bag(segment="late")),
    ("年初 年头", Bag(year_shift=0, segment="early")),
    ("年中", Bag(year_shift=0, segment="mid")),
    ("年底 年末 年尾 岁末", Bag(year_shift=0, segment="late")),
    *((f"{name}天 {name}季", Bag(season=season)) for name, season in _SEASONS.items()),
    *((f"初{name} 早{name} {name}初", Bag(season=season, segment="early")) for name, season in _SEASONS.items()),
    *((f"仲{name} 盛{name}", Bag(season=season, segment="mid")) for name, season in _SEASONS.items()),
    *((f"深{name} 晚{name} {name}末", Bag(season=season, segment="late")) for name, season in _SEASONS.items()),
    ("大年三十 年三十 大年夜 大年卅", Bag(lunar=(12, -1))),
    ("次日 翌日 隔天 隔日 转天", Ordinal(2, "day")),
    ("前 之前 以前", Side(-1)),
    ("后 之后 以后 过后", Side(1)),
    ("起 开始 以来", Side(1, start=True)),
    ("到 至 - ~ — – 直到 一直到", Mark.RANGE),
    ("或 或者 或是 还是 要么 / |", Mark.OR),
    ("和 与 跟 、 &", Mark.AND),
    ("之间 间", Mark.BETWEEN),
    ("从 自 由 打", Mark.FROM),
    ("最晚 最迟 至迟 不晚于 不迟于 截止 截至 截止到 截至到 最晚到 最迟到 为止", Mark.BY),
    ("最早 最快 不早于", Mark.SINCE),
    ("内 之内 以内 里", Mark.WITHIN),
    ("未来 接下来 今后 往后 最近的 最近一个 下一个 即将到来", Mark.NEXT),
    ("过 过了 再过", Mark.PASSED),
    ("住 玩 待 呆 停留 逗留 转机 中转 经停 游玩 游 旅游 一共 总共 为期", Mark.STAY),
    ("当天 当日 同一天 同日", Mark.THE_DAY),
    ("那天 那一天 这一天 时 的时候", Mark.THAT_DAY),
    ("当晚", Mark.THE_DAY, Bag(part=PARTS["night"])),
    ("前夕 前夜", Side(-1), Amount(days=1)),
    ("大年三十晚上 年三十晚上", Bag(holiday="new_years_eve_lunar"), Bag(part=PARTS["night"])),
    ("上半年", Bag(month=1), Mark.RANGE, Bag(month=6)),
    ("下半年", Bag(month=7), Mark.RANGE, Bag(month=12)),
    ("那周 那一周 当周 那个星期 那个礼拜 所在周 所在的周 所在的那周 所在的一周", Mark.THE_WEEK),
    ("那个周末 那周末 那周的周末", Mark.THE_WEEKEND),
    ("剩下的时间 余下的时间 剩余时间 剩下的日子", Mark.REST),
    ("前半段 前半", Mark.EARLIER),
    ("后半段 后半", Mark.LATER),
    ("左右 大概 大约 约 差不多 上下 前后", Mark.ABOUT),
    ("农历 阴历 旧历", Mark.LUNAR),
    ("期间", Mark.DURING),
    ("假期 黄金周 长假 小长假 放假 假", Mark.PERIOD),
    (
        "随便 随时 随意 任何时间 任意时间 任何时候 任意 任何一天 什么时候 什么时间 哪天 哪一天 时间 灵活 不限 "
        "无所谓 方便 看你方便 看情况 不确定 待定 未定 还没定 再说 以后再说 回头再说 都行 都可以 都好 都成 "
        "也行 也可以 可以 尽快 尽早 赶紧 越快越好 越早越好",
        Mark.ANY,
    ),
    (
        "每 每周 每个 每逢 天天 暑假 寒假 暑期 寒暑假 雨季 旺季 淡季 春运 假日 近期 近日 最近 这几天 这两天 "
        "改天 改日 有空 平时 平日 工作日 过段时间 过一段时间 过阵子 过一阵子 过些天 过些日子 将来 不久 一会儿 "
        "一会 待会 待会儿 等会 等会儿 稍后 马上 立刻 立即 半天 下班 上班 放学 饭后 午饭后 晚饭后 节前 节后 "
        "年前 年后 到时候 年内 月内",
        Mark.VAGUE,
    ),
    ("北京时间 中国时间 国内时间", Bag(zone="Asia/Shanghai")),
    ("日本时间", Bag(zone="Asia/Tokyo")),
    ("当地时间 本地时间 当地", Bag(zone="local")),
    ("美东时间 美国东部时间 东部时间", Bag(zone="America/New_York")),
    ("美中时间 美国中部时间 中部时间", Bag(zone="America/Chicago")),
    ("美西时间 美国西部时间 太平洋时间", Bag(zone="America/Los_Angeles")),
    ("格林尼治时间 格林威治时间 世界时", Bag(zone="UTC")),
    (  # said beside a time and adding nothing to it
        "的 , . 。 ! ? ; ( ) · \" ' “ ” 「 」 在 于 就 那 那就 那个 这个 是 吧 呢 啊 呀 哦 哈 嘛 的话 最好 "
        "最好是 尽量 准时 整 全天 整天 一整天 日期 公历 阳历",
    ),
    (  # that begin like one of these and are none
        "至少 不超过 到达 到底 前往 前面 后面 后来 从来 自己 自由 由于 打车 打折 周边 周围 间隔 里程 游客 "
        "起飞 起码 过敏 过境",
        Mark.UNKNOWN,
    ),
)
_WORDS |= {name: (Bag(holiday=holiday),) for name, holiday in NAMES["zh"].items()}
_LATIN: dict[str, Token] = {
    **dict.fromkeys(("et", "est", "edt"), Bag(zone="America/New_York")),
    **dict.fromkeys(("ct", "cdt"), Bag(zone="America/Chicago")),
    **dict.fromkeys(("mt", "mst", "mdt"), Bag(zone="America/Denver")),
    **dict.fromkeys(("pt", "pst", "pdt"), Bag(zone="America/Los_Angeles")),
    **dict.fromkeys(("gmt", "utc", "z"), Bag(zone="UTC")),
    **dict.fromkeys(("cet", "cest"), Bag(zone="Europe/Paris")),
    "bst": Bag(zone="Europe/London"),
    "jst": Bag(zone="Asia/Tokyo"),
    "cst": Bag(zone="CST"),
    "ist": Bag(zone="IST"),
}

_LENGTHS: dict[str, list[int]] = {}  # of the words that begin with a character, the longest first
for _word in sorted(_WORDS, key=len, reverse=True):
    if len(_word) not in (_lengths := _LENGTHS.setdefault(_word[0], [])):
        _lengths.append(len(_word))


# --- what is built from numerals --------------------------------------------------------------------------------------

_UNITS: dict[str, tuple[Unit | Literal["night"], int]] = {
    "秒": ("second", 1),
    "秒钟": ("second", 1),
    "分": ("minute", 1),
    "分钟": ("minute", 1),
    "刻钟": ("minute", 15),
    "小时": ("hour", 1),
    "钟头": ("hour", 1),
    "钟": ("hour", 1),
    "天": ("day", 1),
    "日": ("day", 1),
    "晚": ("night", 1),
    "晚上": ("night", 1),
    "夜": ("night", 1),
    "周": ("week", 1),
    "星期": ("week", 1),
    "礼拜": ("week", 1),
    "月": ("month", 1),
    "年": ("year", 1),
}
_HALVES = {"hour": Amount(minutes=30), "month": Amount(days=15), "year": Amount(months=6)}


def amount_of(unit: str, n: int) -> Amount:
    return Amount(**{f"{unit}s": n})


def summed(one: Amount, two: Amount) -> Amount:
    return Amount(*(getattr(one, name) + getattr(two, name) for name in Amount.__slots__))


def _amount(match: Match[str]) -> tuple[Token, ...]:
    """三天, 两个半小时, 一年半, 半个月, 1.5小时."""
    unit, times = _UNITS[match["unit"]]
    n, _, fraction = match["n"].partition(".")
    amount = Amount() if n == "半" else amount_of(unit, _number(n) * times)
    if n == "半" or fraction or match["half"] or match["tail"]:
        if unit not in _HALVES:
            return (Mark.VAGUE,)
        amount = summed(amount, _HALVES[unit])
    return (amount,)


def clock_of(hour: str, minute: int | None = None, second: int | None = None, half: str | None = None) -> Clock:
    value = _number(hour)
    if half:
        return Clock(value, minute, second, "am" if half[0] == "a" else "pm")
    evidence = not 1 <= value <= 12 or (hour[0] in "0零〇" and len(hour) > 1)
    return Clock(value, minute, second, "24" if evidence else None)


def _less(clock: Clock, minutes: int) -> Clock:
    """差一刻八点."""
    hour = clock.hour - 1 if clock.hour not in (0, 1) else clock.hour + (23 if clock.hour == 0 else 11)
    return clock._replace(hour=hour, minute=60 - minutes)


def _clock(match: Match[str]) -> tuple[Token, ...]:
    """八点, 八点半, 8点05, 三点一刻, 八点差五分, 差五分八点, 三点三个字."""
    clock = clock_of(match["hour"])
    if match["less"]:
        return (Bag(clock=_less(clock, 15 if match["less"] == "一刻" else _number(match["less"]))),)
    if match["halfpast"]:
        minute = 30
    elif match["quarters"]:
        minute = 15 * _number(match["quarters"])
    elif match["fives"]:
        minute = 5 * _number(match["fives"])
    elif match["minute"]:
        minute = _number(match["minute"])
    else:
        return (Bag(clock=clock, approximate=bool(match["about"])),)
    second = _number(match["second"]) if match["second"] else None
    return (Bag(clock=clock._replace(minute=minute, second=second)),)


def _digital(match: Match[str]) -> tuple[Token, ...]:
    """17:30, 8:30pm, 3pm."""
    minute, second = (int(match[name]) if match[name] else None for name in ("minute", "second"))
    return (Bag(clock=clock_of(match["hour"], minute, second, match["before"] or match["after"])),)


def _digits(match: Match[str]) -> tuple[Token, ...]:
    """1830 is a clock, 9 a number."""
    text = match[0]
    if text.isdecimal() and len(text) in (3, 4) and int(text[-2:]) < 60 and int(text[:-2]) <= 24:
        return (Bag(clock=clock_of(text[:-2], int(text[-2:]))),)
    return (Number(_number(text)),)


def _year(text: str) -> Bag:
    year = _number(text)
    return Bag(year=year) if len(text) == 4 else Bag(year=2000 + year, two_digit_year=True)


def _numeric_date(match: Match[str]) -> tuple[Token, ...]:
    """12/24, 12.24, 3/3/2015: month first unless only the other way is a date; 2026-12-05."""
    month, day = int(match["month"]), int(match["day"])
    year = match["year"]
    if month > 12 >= day and year and len(year) < 4:  # 26/12/05
        year, month, day = match["month"], day, int(year)
    elif month > 12 >= day:
        month, day = day, month
    return (replace(_year(year) if year else Bag(), month=month, day=day),)


def _segment(match: Match[str]) -> Segment | None:
    return _SEGMENTS.get(match["segment"])


def _month(match: Match[str]) -> tuple[Token, ...]:
    """十二月, 8月15, 12月底."""
    month = 1 if match["month"] == "元" else _number(match["month"])
    if match[0] == "八月十五":  # T9: without a marker the other reading
        return (Either((Bag(month=8, day=15), Bag(holiday="mid_autumn"))),)
    day = _number(match["day"]) if match["day"] else None
    return (Bag(month=month, day=day, segment=_segment(match)),)


def _lunar(match: Match[str]) -> tuple[Token, ...]:
    """正月初五, 大年初一, 腊月二十八, 初三: of the new year where no month is said."""
    name = match["month"] or "正"
    month = {"正": 1, "冬": 11, "腊": 12}.get(name) or _number(name)
    if not match["day"]:
        return (Bag(lunar=(month, 1)), Mark.RANGE, Bag(lunar=(month, -1)))
    return (Bag(lunar=(month, _number(match["day"]))),)


def _shift(match: Match[str]) -> int | None:
    """下下 2, 上 -1, 这 0."""
    if not (shift := match["shift"]):
        return None
    return len(shift) * {"下": 1, "上": -1}.get(shift[0], 0)


def _week(match: Match[str]) -> tuple[Token, ...]:
    """下周五, 周末, 这个星期, 下周初, 周六日."""
    coming = match[0].startswith("下一个") and not match[0].endswith(("周", "星期", "礼拜"))
    bag = Bag(which="coming") if coming else Bag(week_shift=_shift(match))
    if match["weekend"]:
        return (replace(bag, weekend=True),)
    if match["weekdays"]:
        first, last = (replace(bag, weekday=_weekday(character)) for character in match["weekdays"])
        return (first, Mark.RANGE, last)
    if match["weekday"]:
        return (replace(bag, weekday=_weekday(match["weekday"])),)
    return (replace(bag, segment=_segment(match)),)


def _shifted_month(match: Match[str]) -> tuple[Token, ...]:
    return (Bag(month_shift=_shift(match), segment=_segment(match)),)


def _ordinal(match: Match[str]) -> tuple[Token, ...]:
    n = -1 if match["last"] else _number(match["n"] or "1") * (-1 if match["back"] else 1)
    if match["weekday"]:
        return (Ordinal(n, "weekday", _weekday(match["weekday"])),)
    return (Ordinal(n, "weekend" if match["unit"] == "周末" else "day" if match["unit"] in "天日" else "week"),)


def _offset(match: Match[str]) -> tuple[Token, ...]:
    """UTC+8, 东八区."""
    sign = "-" if match["sign"] in ("-", "西") else "+"
    return (Bag(zone=f"{sign}{_number(match['hours']):02}:{int(match['minutes'] or 0):02}"),)


_COUNTED = "(?:个?(?:半?个?小时|钟头|星期|礼拜|周|天|晚|夜|年|月)|分钟|秒|[点号日])"  # what a number is of
_OR_SO = dict(
    zip("一二两三四五六七八", ("两二", "三", "三", "四五", "五", "六", "七", "八", "九"), strict=True)
)  # 七八点
_NOT_COUNTED = rf"(?!{_NUMERAL}|[点时:天个周分月年号日小位人张])"
_SHIFT = "(?P<shift>下{1,3}+|上{1,3}+|[这本今])"
_SEGMENT = "(?P<segment>[初底末]|中(?![午秋旬]))"
_YEAR_SHIFTS = {
    "今": 0,
    "本": 0,
    "这": 0,
    "明": 1,
    "来": 1,
    "次": 1,
    "下": 1,
    "后": 2,
    "大后": 3,
    "去": -1,
    "上": -1,
    "前": -2,
}
_WEEK = "(?:周|星期|礼拜)"

Patterns: TypeAlias = tuple[tuple[regex.Pattern[str], Callable[[Match[str]], tuple[Token, ...]]], ...]

_PATTERNS: Patterns = tuple(
    (regex.compile(pattern), build)
    for pattern, build in (
        (
            r"(?:utc|gmt)\s*(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?"
            rf"|(?P<sign>[东西])(?P<hours>{_DAY})(?:时)?区(?:时间)?",
            _offset,
        ),
        (
            r"(?P<year>\d{4})(?P<dash>[-/.])(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})(?!\d)(?:[日号]|t(?=\d))?"
            r"|(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)"
            r"|(?P<month>\d{1,2})(?P<dash>[/.])(?P<day>\d{1,2})(?:(?P=dash)(?P<year>\d{4}|\d\d?))?(?!\d|个?半?小时|天|个?月|年|周)[日号]?"
            r"|(?:(?P<month>0\d)-(?P<day>\d\d)|(?P<month>1[0-2])-(?P<day>0\d|1[3-9]|[23]\d))(?!\d|[点号日月天时:])",
            _numeric_date,
        ),
        (
            r"(?:(?P<before>[ap]\.?m\.?)\s*)?(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?!\d)"
            r"(?:\s*(?P<after>[ap](?:\.?m\.?)?)(?![a-z])|[分时])?"
            r"|(?P<hour>\d{1,2})\s*(?P<after>[ap](?:\.?m\.?)?)(?![a-z])|(?P<before>[ap]m)\s*(?P<hour>\d{1,2})(?!\d)",
            _digital,
        ),
        (
            rf"(?P<year>\d{{4}}|[零〇一二三四五六七八九]{{4}}|0\d|[2-9]\d(?!年之?[后前内]|年以)|1\d(?=年{_DAY}月)|[二零〇][零〇一二三四五六七八九])年{_SEGMENT}?"
            rf"|(?P<year>20\d\d)(?=\s*(?:{_DAY}月|[春夏秋冬元国圣清端中除五十劳感情万]))",
            lambda match: (replace(_year(match["year"]), segment=_segment(match)),),
        ),
        (
            rf"(?:(?P<month>[正腊冬]|{_HAN})月|大?年)?初(?P<day>{_D}|十)(?!{_D})|(?P<month>[正腊冬])月(?:(?P<day>{_DAY})[日号]?)?",
            _lunar,
        ),
        (
            rf"(?!两)(?P<month>{_DAY}|元)月份?的?"
            rf"(?:{_SEGMENT}|(?P<day>{_DAY})(?:[日号]|{_NOT_COUNTED}))?",
            _month,
        ),
        (rf"差(?P<less>一刻|{_N}(?=分))(?:分?钟?)(?:到|就到)?(?P<hour>{_DAY})点[钟整]?", _clock),
        (
            rf"(?P<hour>{_DAY}|[零〇])(?:点|时(?!间))(?:[搭踏]?(?P<halfpast>半)|过?(?P<quarters>[一二两三1-3])刻钟?"
            rf"|差(?P<less>一刻|{_N}(?=分))分?钟?|过?(?P<minute>{_DAY})分钟?(?:(?P<second>{_DAY})秒)?"
            rf"|过?(?P<minute>[0-5]\d|[零〇]{_D}|{_D}?十{_D}?){_NOT_COUNTED}"
            rf"|[搭踏]?(?P<fives>{_HAN})个字|[搭踏](?P<fives>{_HAN})|(?P<fives>{_D}){_NOT_COUNTED}"
            r"|(?P<about>[多来]钟?)|钟|整|正)?",
            _clock,
        ),
        (  # 8到10点, 七八点: a number whose unit comes later
            rf"{_N}(?=\s*(?:到|至|-|~|—|、|或|或者|还是|和)\s*{_N}{_COUNTED})",
            lambda match: (Number(_number(match[0])),),
        ),
        (
            "|".join(f"{low}(?=[{high}]{_COUNTED})" for low, high in _OR_SO.items()),
            lambda match: (Number(_number(match[0])), Mark.RANGE),
        ),
        (
            rf"(?P<n>\d{{1,3}}+(?:\.5)?|半(?=个?(?:小时|钟|月)|年)|{_HAN})"
            r"(?:个?(?P<half>半)?(?P<unit>小时|钟头|星期|礼拜|周(?!末)|年|天|分钟|秒钟?|刻钟|晚(?!上)|夜)"
            r"|个(?P<half>半)?(?P<unit>月|钟|晚上)|(?P<unit>分)(?=之?[后内前]|以)"
            r"|(?<=[两半])(?P<unit>月)|(?<=[两俩])(?P<unit>日)|(?<=[一二三四五六七八九十])(?P<unit>日)(?=之?[后内]|以内)|(?P<unit>日)(?=游|之内|内))"
            r"(?P<tail>半)?",
            _amount,
        ),
        (
            rf"(?:过|再过)?(?:好|十|{_D}十)?[几数]个?(?:{_HAN}?小时|星期|礼拜|周|天|晚|夜|年|月|分钟|[点号日])|{_N}[多来]个?(?:天|小时|月|年|周|星期)",
            lambda _: (Mark.VAGUE,),
        ),
        (
            rf"(?P<day>{_DAY})(?:日|号(?![线楼门口厅车馆院店桌座柜台窗机站航登]))",
            lambda match: (Bag(day=_number(match["day"])),),
        ),
        (
            rf"(?:{_SHIFT}一?个?)?{_WEEK}(?:(?P<weekend>末)|(?P<weekdays>一二|二三|三四|四五|五六|六日|六天){_NOT_COUNTED}"
            r"|(?P<weekday>[一二三四五六日天]|[1-7](?!\d)))"
            rf"|{_SHIFT}一?个?{_WEEK}{_SEGMENT}?|\((?P<weekday>[一二三四五六日])\)",
            _week,
        ),
        (rf"(?:{_SHIFT}|(?P<shift>当))一?个?月份?{_SEGMENT}?", _shifted_month),
        (
            rf"(?P<shift>今|本|明|来|次|大?后|去|前|[上下这]一?)年{_SEGMENT}?",
            lambda match: (Bag(year_shift=_YEAR_SHIFTS[match["shift"][:2].rstrip("一")], segment=_segment(match)),),
        ),
        (rf"[上下](?=(?:{_N}|半)个?{_COUNTED})", lambda match: (Side(1 if match[0] == "下" else -1),)),
        (
            "[今明昨听寻琴](?=[早晚夜朝晨上下中傍凌清])",
            lambda match: (Bag(day_shift={"今": 0, "明": 1, "听": 1}.get(match[0], -1)),),
        ),
        (
            "(?<![今明昨听寻琴]|[周期拜][一二三四五六日天])[稍再]?(?:(?P<early>早)|晚)一?[点些](?:的?时候)?(?![钟整半过一二三四五六七八九十零差0-9])",
            lambda match: (Mark.EARLIER if match["early"] else Mark.LATER,),
        ),
        (  # nothing by themselves
            f"(?<=.)[早晚夜晨朝]|[早晚夜晨朝](?={_NUMERAL})",
            lambda match: (Bag(part=PARTS[_SHORT_PARTS[match[0]]]),),
        ),
        (
            rf"(?:(?P<back>倒数)?第(?P<n>{_N})|(?P<last>最后一?)|头一|首)的?个?"
            rf"(?:{_WEEK}(?P<weekday>[一二三四五六日天1-7])|(?P<unit>周末|天|日|{_WEEK}))",
            _ordinal,
        ),
        (
            "第(?P<quarter>[一二三四1-4])季度?|(?P<quarter>[一二三四1-4])季度|q(?P<quarter>[1-4])",
            lambda match: (Bag(quarter=_number(match["quarter"])),),
        ),
    )
)
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
# Where no word stands: a number without a unit, Latin words.
_PLAIN: Patterns = (
    (regex.compile(rf"\d+|{_HAN}"), _digits),
    (regex.compile("[a-z]+"), lambda match: (_LATIN.get(match[0], Mark.UNKNOWN),)),
)
_SPACES = regex.compile(r"(?<![0-9a-z])\s++|\s++(?![0-9a-z])")  # all but those that part numbers and Latin words
_PLACE_TIME = regex.compile(r"(\p{Han}{2,7}?)(?:当地)?时间")


@lru_cache(maxsize=4096)
def _beginning_with(character: str) -> tuple[Patterns, Patterns]:
    """Those of `_PATTERNS` and of `_PLAIN` that can match where such a character stands: few, mostly none."""
    built, plain = (
        tuple((pattern, build) for pattern, build in patterns if pattern.match(f".{character}", 1, partial=True))
        for patterns in (_PATTERNS, _PLAIN)
    )
    return built, plain


MOST = 32  # no one names a time by more tokens, and reading them would take milliseconds


def phrase_to_tokens(phrase: str) -> list[Token]:
    """At most a few more than `MOST`: a longer text is read no further."""
    text = _SPACES.sub("", to_simplified(phrase).translate(_HALF_WIDTH).lower())
    tokens: list[Token] = []
    position = 0
    while position < len(text) and len(tokens) <= MOST:
        found, length = _token_at(text, position)
        if found != (Mark.UNKNOWN,) or tokens[-1:] != [Mark.UNKNOWN]:
            tokens += found
        position += length
    return tokens


def _token_at(text: str, position: int) -> tuple[tuple[Token, ...], int]:
    """The tokens that begin there, and how many characters they take."""
    if text[position].isspace():
        return (), 1
    built, plain = _beginning_with(text[position])
    length = next((n for n in _LENGTHS.get(text[position], ()) if text[position : position + n] in _WORDS), 0)
    for pattern, build in built:
        if (match := pattern.match(text, position)) and len(match[0]) >= length:
            return build(match), len(match[0])
    if length:
        return _WORDS[text[position : position + length]], length
    for pattern, build in plain:
        if match := pattern.match(text, position):
            return build(match), len(match[0])
    if "时间" in text[position : position + 11] and (match := _PLACE_TIME.match(text, position)):
        return (Bag(zone=f"place:{match[1]}"),), len(match[0])
    return (Mark.UNKNOWN,), 1
