"""What is said of how many travel, to a count: "two adults and a child", 我和我妈, "2 or 3".

One grammar reads both languages: the vocabulary turns words into tokens, `_Parser` tokens into the groups that were
named, `_total` adds them up by the policy (docs/values.md, C1-C6). Nothing is skipped: a word that the vocabulary lacks
makes the whole text no count.
"""

import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias

import regex

from data.han import to_simplified
from data.numerals import CARDINAL_WORDS, HAN_NUMERALS, read_chinese, read_english
from model.values.value import Reason, Value, reading, resolved, unresolved

_MAXIMUM = 999

# Categories are adult, child and infant. Grown (wife, friends) and young (son, girls) count as adults and children once
# a category is said. Tickets are not brought: "with 2 seats" does not include the speaker.
Who: TypeAlias = Literal["adult", "child", "infant", "grown", "young", "anyone", "ticket"]
_CATEGORIES: frozenset[Who | None] = frozenset(("adult", "child", "infant"))
_UNNAMED: frozenset[Who | None] = frozenset((None, "anyone", "ticket"))
# A noun behind a noun that says no more than the first: adult passengers, child seats, baby boys.
_SAYS_NO_MORE: dict[Who | None, frozenset[Who | None]] = {
    "adult": _UNNAMED | {"adult", "grown"},
    "child": _UNNAMED | {"child", "young"},
    "infant": _UNNAMED | {"infant", "young"},
    "grown": _UNNAMED | {"grown"},
    "young": _UNNAMED | {"young"},
}

Kind: TypeAlias = Literal[
    "number", "unit", "article", "no", "more", "bound", "about", "between", "to", "or",
    "noun", "classifier", "times", "colon", "age", "aged",
    "self", "alone", "us", "of us", "party", "vague",
    "and", "with", "comma", "for", "including", "excluding", "included", "total",
    "filler", "unknown", "out of range",
]  # fmt: skip


class Token(NamedTuple):
    """A phrase of the vocabulary. What the numbers are hangs on the kind:

    number: lowest and highest value (三五 is 3, 5). unit: `low` people each, and `high` where a number must be
    said. more: `low` of them where no number is said (another). bound: what its closed side adds (at least 0/None,
    fewer than None/-1). age: `low` to a year. noun, party: `low` people where no number is said (wife 1, friends None).
    """

    kind: Kind
    low: int | None = None
    high: int | None = None
    who: Who | None = None


# The vocabulary: phrases set off by commas, the longest match wins. Chinese in simplified characters.
_VOCABULARY: list[tuple[Token, str]] = [
    (Token("number", 1, 1), "oen, 单人"),
    (Token("number", 2, 2), "both, both of, tow, twoo, 双人"),
    (Token("number", 3, 3), "thre, theree"),
    (Token("number", 2, 3), "三两"),
    (Token("number", 4, 4), "fuor, foru"),
    (Token("number", 5, 5), "fiev, fvie"),
    (Token("number", 6, 6), "half a dozen, half dozen, half - a - dozen, half - dozen, 半打"),
    (Token("number", 7, 7), "sevn"),
    (Token("number", 8, 8), "eigth, eihgt"),
    (Token("number", 9, 9), "nien"),
    (Token("unit", 2), "couple, couples, couple of, pair, pairs, pair of"),
    (Token("unit", 12), "dozen"),
    (Token("unit", 2, 2), "对, 双"),  # only behind a number: 对 alone is "yes"
    (Token("unit", 12, 12), "打"),
    (Token("article"), "a, an"),
    (Token("no"), "no, without, without any, 没有, 没, 无, 不带, 没带"),
    (Token("more"), """more, other, others, extra, additional, further, 另, 另外, 其他, 其它, 别的, 再, 再来, 还要,
        再要, 再订, 再买, 额外"""),
    (Token("more", 1), "another, one more, one other, 另一个"),
    (Token("more", 0), "多"),  # before a number one more, behind it (十多个) more than that
    (Token("bound", low=0), """at least, at the least, minimum, minimum of, min, no fewer than, no less than,
        not less than, not fewer than, or more, or above, and up, and above, upwards of, ≥, 至少, 最少, 起码, 不少于,
        不低于, 以上, 及以上, 或以上, 或更多, 或者更多"""),
    (Token("bound", low=1), "more than, over, above, greater than, >, 多于, 超过, 大于, 不止"),
    (Token("bound", high=0), """at most, at the most, maximum, maximum of, max, no more than, not more than, not over,
        up to, or fewer, or less, or under, or below, tops, ≤, 最多, 顶多, 至多, 不超过, 不要超过, 别超过, 不多于,
        不大于, 以内, 之内, 以下, 及以下, 或以下, 或更少"""),
    (Token("bound", high=-1), "fewer than, less than, under, below, <, 少于, 小于, 不到, 不足, 不满"),
    (Token("about"), """about, around, roughly, approximately, approx, circa, nearly, almost, maybe, perhaps,
        probably, possibly, more or less, give or take, 大约, 大概, 约, 约莫, 差不多, 大致, 将近, 近, 可能, 估计,
        也许"""),
    (Token("about", 0), "or so, - ish, ish, 来, 左右, 上下"),  # only behind a number
    (Token("between"), "between, from, anywhere from, anywhere between, 介于, 在"),
    (Token("to"), "to, through, 到, 至"),
    (Token("to", 0), "~"),  # before a number "about"
    (Token("or"), "or, or maybe, or perhaps, or possibly, 或, 或者, 或是, 还是"),
    # people by category
    (Token("noun", 1, who="adult"), "adult, senior, elder, pensioner, grown - up, grownup, grown up, adt"),
    (Token("noun", who="adult"), """adults, adluts, seniors, elders, pensioners, grown - ups, grownups, grown ups,
        adts, senior citizen, senior citizens, elderly, 大人, 成人, 成年人, 老人, 老人家, 老年人, 长者, 大, 老,
        成人票, 老人票, 老年票"""),
    (Token("noun", 1, who="child"), "child, kid, kiddo, teen, teenager, minor, grandchild, grandkid, chd"),
    (Token("noun", who="child"), """children, kids, kiddos, childs, childern, childrens, chidren, teens, teenagers,
        teenage, minors, grandchildren, grandkids, little ones, chds, 小孩, 小孩子, 小孩儿, 小朋友, 孩子, 孩子们,
        儿童, 娃, 小娃, 小, 童, 少年, 青少年, 未成年人, 儿童票"""),
    (Token("noun", 1, who="infant"), "infant, lap infant, baby, toddler, newborn, inf"),
    (Token("noun", who="infant"), """infants, lap infants, babies, babys, toddlers, newborns, infs, 婴儿, 婴幼儿,
        幼儿, 宝宝, 小宝宝, 宝贝, 新生儿, 婴, 婴儿票"""),
    # people by what they are to each other
    (Token("noun", 1, who="grown"), """wife, husband, hubby, spouse, partner, better half, girlfriend, boyfriend, gf,
        bf, fiance, fiancee, fiancé, fiancée, mother, mom, mum, mama, mommy, mummy, father, dad, daddy, papa, parent,
        grandma, grandpa, grandmother, grandfather, granny, granddad, grandparent, sister, brother, sibling,
        stepmother, stepfather, stepmom, stepdad, aunt, auntie, uncle, cousin, mother - in - law, father - in - law,
        sister - in - law, brother - in - law, mother in law, father in law, sister in law, brother in law, relative,
        friend, best friend, buddy, mate, pal, colleague, coworker, co - worker, boss, manager, assistant, roommate,
        flatmate, housemate, neighbor, neighbour, classmate, teammate, client, customer, companion, teacher, student,
        nanny, driver, carer, caregiver, man, woman, guy, gentleman, lady, someone, somebody, someone else,
        somebody else"""),
    (Token("noun", 1, who="grown"), """妈, 爸, 妈妈, 爸爸, 老妈, 老爸, 母亲, 父亲, 爹, 娘, 老婆, 老公, 妻子, 丈夫,
        太太, 先生, 媳妇, 爱人, 对象, 女朋友, 男朋友, 女友, 男友, 未婚妻, 未婚夫, 另一半, 奶奶, 爷爷, 外婆, 外公,
        姥姥, 姥爷, 婆婆, 公公, 岳母, 岳父, 丈母娘, 姐, 姐姐, 哥, 哥哥, 妹, 妹妹, 弟, 弟弟, 表哥, 表姐, 表弟, 表妹,
        堂哥, 堂姐, 堂弟, 堂妹, 嫂子, 姐夫, 妹夫, 阿姨, 姨妈, 姑姑, 姑妈, 舅舅, 舅妈, 叔叔, 婶婶, 伯伯, 伯母, 闺蜜,
        室友, 舍友, 老板, 领导, 经理, 秘书, 助理, 保姆, 老师, 导师, 孩子他爸, 孩子他妈, 孩子爸, 孩子妈"""),
    (Token("noun", 2, who="grown"), """parents, grandparents, mom and dad, mum and dad, 父母, 父母亲, 爸妈, 爹妈,
        公婆, 岳父母, 二老, 老两口, 小两口, 两口子"""),
    (Token("noun", who="grown"), """wives, husbands, partners, mothers, moms, mums, fathers, dads, grandmothers,
        grandfathers, sisters, brothers, siblings, aunts, uncles, cousins, in laws, in - laws, relatives, friends,
        best friends, buddies, mates, pals, colleagues, coworkers, co - workers, roommates, flatmates, housemates,
        neighbors, neighbours, classmates, teammates, clients, customers, companions, teachers, students, men, women,
        guys, gentlemen, ladies, 朋友, 朋友们, 好友, 好朋友, 同事, 同事们, 同学, 同学们, 同伴, 伙伴, 小伙伴, 哥们,
        队友, 邻居, 亲戚, 客户, 员工, 老乡, 学生, 学生票, 兄弟姐妹, 男, 女, 男士, 女士, 男的, 女的, 男人, 女人, 男生,
        女生"""),
    (Token("noun", 1, who="young"), """son, daughter, grandson, granddaughter, nephew, niece, stepson, stepdaughter,
        boy, girl, 儿子, 女儿, 闺女, 孙子, 孙女, 外孙, 外孙女, 侄子, 侄女, 外甥, 外甥女"""),
    (Token("noun", 2, who="young"), "twins, 双胞胎, 儿女"),
    (Token("noun", 3, who="young"), "triplets, 三胞胎"),
    (Token("noun", who="young"), "sons, daughters, grandsons, granddaughters, nephews, nieces, boys, girls"),
    (Token("noun", who="anyone"), """person, persons, people, peoples, poeple, peple, ppl, passenger, passengers,
        passanger, passangers, pax, traveler, travelers, traveller, travellers, rider, riders, guest, guests, tourist,
        tourists, head, heads, individual, individuals, folks, member, members, participant, participants, 人, 个人,
        乘客, 旅客, 客人, 游客, 成员"""),
    (Token("noun", who="ticket"), """ticket, tickets, tikets, tickes, tix, seat, seats, place, places, spot, spots,
        space, spaces, berth, berths, fare, fares, 票, 座, 座位, 位子, 席位, 席, 名额, 铺位, 车票, 火车票, 高铁票,
        动车票, 汽车票, 大巴票, 机票, 飞机票, 船票, 门票"""),
    *((Token("noun", who="ticket"), f"{what} ticket, {what} tickets, {what} seat, {what} seats")
      for what in ("train", "bus", "plane", "flight", "air", "airline", "coach", "ferry", "rail")),
    (Token("classifier"), "个, 位, 名, 张, 口, 份, 员, of, of my, of our"),
    (Token("times"), "x, ×, *"),
    (Token("colon"), ":, ="),
    (Token("age", 1), """year old, years old, year olds, - year old, - year - old, - year - olds, - years - old,
        years of age, yr old, yo, 岁, 周岁"""),
    (Token("age", 12), "month old, months old, month olds, - month old, - month - old, - month - olds, 个月大"),
    (Token("aged"), "aged, age, ages"),
    # the speaker, and groups without a number
    (Token("self"), "me, i, myself, i'm, i am, 本人, 自己, 自个儿, 我自个儿, 我自己, 我一人"),
    (Token("self", 1), "我, 俺, 咱"),  # who may own what follows: 我妈
    (Token("self", 1, who="grown"), "he, him, she, 他, 她"),  # others, who may own as well
    (Token("alone"), """alone, solo, solo traveler, solo traveller, by myself, all by myself, on my own, 独自,
        独自一人, 单独, 独行"""),
    (Token("alone", 0), "no one else, no - one else, noone else, nobody else, 没有别人, 没别人, 没有其他人"),
    (Token("us", who="grown"), "they, they are, they're, 他们, 她们"),
    (Token("us"), "us, we, we're, we are, we'll be, 我们, 俺们, 咱们, 你们"),
    (Token("of us"), """of us, of them, of you, in my group, in my party, in our group, in our party, in the group,
        in the party"""),
    (Token("party"), """family of, group of, party of, team of, class of, crew of, bunch of, 一家, 全家, 一家子,
        一大家子, 一家人, 全家人, 我家, 我们家, 咱家, 俺家, 家庭, 一行, 一行人, 兄弟, 姐妹, 兄妹, 姐弟, 祖孙"""),
    (Token("party", 2), "夫妻, 夫妇, 母女, 母子, 父女, 父子, 情侣, 爷俩, 娘俩, 爷儿俩, 娘儿俩, 小夫妻"),
    (Token("party", 3), "三口之家"),
    (Token("party", 4), "四口之家"),
    (Token("vague", 1), "family, group, party, team, crew, household, 两家, gang, bunch"),  # a number may stand beside
    (Token("vague"), """some, few, a few, quite a few, several, many, multiple, various, lots, lots of, a lot,
        a lot of, plenty of, a number of, any number, any number of, loads of, booking, reservation, table, room, cab,
        taxi, number of, same number of, same amount of, handful, handful of, bunch of, dozens, dozens of,
        hundreds of, families, groups, everyone, everybody, everyone else, whole, entire, any, enough, most of,
        rest of, 几, 好几, 一些, 些, 若干, 许多, 很多, 不少, 多少, 数, 一群, 一帮, 一伙, 一堆, 所有, 大家, 大伙,
        大伙儿, 家人, 家属, 家里人, 亲人, 老小, 老婆孩子, 们"""),
    # what joins the groups
    (Token("and"), "and, as well as, plus, &, 加, 加上, 外加, 再加, 再加上, 还有, 以及"),
    (Token("and", 0), "+"),  # behind a number "or more"
    (Token("with"), """with, w /, along with, together with, accompanied by, bringing, bring, taking, 带, 带着, 带上,
        带了, 陪, 陪着, 携"""),
    (Token("with", 0), "和, 跟, 与, 同"),  # also mere ands
    (Token("for"), "for, 为, 给"),
    (Token("including"), """including, include, includes, incl, counting, of which, of whom, 包括, 包含, 含, 算, 算上,
        连, 连同, 其中, 其中有"""),
    (Token("included"), "included, 在内"),
    (Token("excluding"), """excluding, not including, not counting, besides, apart from, aside from, in addition to,
        on top of, other than, 不包括, 不含, 不算, 除, 除了"""),
    (Token("total"), """total, in total, total of, a total of, altogether, all together, in all, all in all, all told,
        so, 共, 一共, 总共, 共计, 合计, 总计, 共有, 一共有, 总共有"""),
    (Token("filler"), """just, only, exactly, please, pls, thanks, thank you, the, these, all, my, our, his, her,
        their, there are, there is, there's, there will be, there'll be, it's, it is, that's, make it, will be, is,
        are, be, who, travelling, traveling, flying, going, coming, young, little, small, single, yes, either,
        how about, what about, on lap, on my lap, in arms, i need, we need, i want, we want, i have, we have, 就, 只,
        只有, 就是, 仅, 仅有, 是, 有, 要, 想, 打算, 准备, 也, 还, 都, 一起, 同行, 出行, 旅行, 去, 走, 坐, 请, 谢谢,
        吧, 了, 的, 预约, 附近, 最近, 我的, 我们的, 之间, 之外, 以外, 人数, 票数, 外"""),
    (Token("out of range"), "half, minus, negative, million, millions, billion, thousands, 半, 负, 亿"),
]  # fmt: skip

_PUNCTUATION: dict[str, Token | None] = dict.fromkeys(",、/;.!?。([", Token("comma")) | dict.fromkeys(")]\"'“”‘’「」")
_PREFIXES = frozenset(("article", "about", "bound", "between", "more"))
_TILDE = Token("to", 0)
_DASHES = frozenset("-–—−")
_NUMERALS = CARDINAL_WORDS | HAN_NUMERALS
_HAN_DIGITS = HAN_NUMERALS - frozenset("十百千万廿卅")
_IN_NUMBERS = _NUMERALS | {"-", "and"}
_OF_AGES = frozenset(("age", "aged", "bound"))
_JOINTS = frozenset(("and", "with", "comma", "colon", "for", "including", "excluding", "total"))
_UNKNOWN = Token("unknown")
_END = Token("unknown")


def resolve_count(text: str, before: str = "") -> Value:
    """The count that a whole span says, as a value; of the words `before` it only the last three are read."""
    try:
        tokens = _tokens(text)
        kinds = {token.kind for token in tokens}
        if "unknown" in kinds:
            raise _UnresolvedError("not_a_count")
        if "out of range" in kinds:
            raise _UnresolvedError("out_of_range")
        if not kinds.isdisjoint(_OF_AGES):
            tokens = _without_ages(tokens)
        count = _total(_Parser([*_leading(before), *tokens] if before else tokens).groups())
        low, high = count.low, count.high
        if not (0 <= (low or 0) <= _MAXIMUM and 0 <= (high or 0) <= _MAXIMUM):
            raise _UnresolvedError("out_of_range")
    except _UnresolvedError as unread:
        return unresolved("count", text, unread.reason)
    readings = [_reading(count), *map(_reading, count.others)]
    assumptions = ["approximate"] * count.about + ["speaker_included"] * count.implied
    ambiguous = low != high or bool(count.others)
    return resolved("count", text, readings, ambiguous=ambiguous, assumptions=assumptions)


class _UnresolvedError(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


# --- words to tokens ---

# A word, a number, a dash with space around it (it sets off, others join), any other character.
_UNITS = regex.compile(r"[\p{Latin}\p{M}]+(?:'\p{Latin}+)?|\d+(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?|\s[-–—−]+\s|\S")
_Trie: TypeAlias = dict[str | None, Any]  # unit to trie; None to the token of the phrase that ends here


def _units(text: str) -> list[str]:
    if not text.isascii():
        text = to_simplified(unicodedata.normalize("NFKC", text).replace("’", "'"))
    found: list[str] = _UNITS.findall(text.lower())
    return found


def _trie() -> _Trie:
    trie: _Trie = {}
    for token, phrases in _VOCABULARY:
        for phrase in phrases.split(","):
            node = trie
            for unit in regex.findall(r"\p{Han}|[^\s\p{Han}]+", phrase):
                node = node.setdefault(unit, {})
            node[None] = token
    for numeral in _NUMERALS:
        value = read_english(numeral) if numeral in CARDINAL_WORDS else read_chinese(numeral)
        if value is not None:
            trie.setdefault(numeral, {})[None] = Token("number", value, value)
    return trie


_TRIE = _trie()


def _tokens(text: str) -> list[Token]:
    """The whole text as tokens, fillers left out; what the vocabulary lacks is a token "unknown"."""
    units = _units(text)
    count = len(units)
    tokens: list[Token] = []
    at = 0
    while at < count:
        unit = units[at]
        token: Token | None = None
        node: _Trie | None = _TRIE.get(unit)
        end = position = at + 1
        while node:
            if None in node:
                token, end = node[None], position
            node = node.get(units[position]) if position < count else None
            position += 1
        if end == at + 1 and (token is None or unit in _NUMERALS):
            if unit in _NUMERALS or unit[0].isdecimal():
                if token is None or (end < count and units[end] in _IN_NUMBERS):
                    token, end = _number(units, at)
            elif token is None:
                token = _mark(units, at, tokens)
        if token is not None and token.kind != "filler":
            tokens.append(token)
        at = end
    return tokens


def _mark(units: list[str], at: int, tokens: list[Token]) -> Token | None:
    """What a unit that is no word says after the tokens before it."""
    if units[at].strip() not in _DASHES:
        return _PUNCTUATION.get(units[at], _UNKNOWN)
    if at + 1 < len(units) and (units[at + 1] in _NUMERALS or units[at + 1][0].isdecimal()):
        if not tokens:
            return Token("out of range")  # -2
        if tokens[-1].kind == "number":
            return Token("to")
    return Token("comma") if units[at][0].isspace() else None


def _number(units: list[str], at: int) -> tuple[Token, int]:
    """The longest number that begins at a unit, and where it ends."""
    end = at + 1
    if units[at] in CARDINAL_WORDS:
        while end < min(len(units), at + 8) and (units[end] in CARDINAL_WORDS or units[end] in ("-", "and")):
            end += 1
        while (value := read_english(" ".join(units[at:end]))) is None:
            end -= 1
        return Token("number", value, value), end
    while end < len(units) and units[end] in HAN_NUMERALS:
        end += 1
    run = "".join(units[at:end])
    if run.isdecimal() and len(run) < 7:
        return Token("number", int(run), int(run)), end
    if near := _ADJACENT.fullmatch(run):
        low, high = (read_chinese(f"{near[1]}{digit}{near[4]}") for digit in near.group(2, 3))
        nearby = low and high and (high - low in (1, 10, 100) or near[2] + near[3] == "三五")
        return Token("number", low, high) if nearby else _UNKNOWN, end
    if len(run) > 1 and _HAN_DIGITS.issuperset(run):
        return _UNKNOWN, end  # 一二三
    value = read_chinese(run.removesuffix(".0").replace(",", ""))
    return Token("out of range" if value is None else "number", value, value), end


# Two digits in a row mean one or the other: 三五, 十七八, 两三百.
_ADJACENT = regex.compile(r"((?:.*[十百廿卅])?)([一二两三四五六七八])([二两三四五六七八九])([十百]?)")


# The tokens as letters: c a noun for children, n number, o "years old", a "aged", u under, v at most, j a joint.
_AGE_LETTERS = {"number": "n", "age": "o", "aged": "a", "and": "j", "with": "j", "comma": "j", "or": "j", "to": "j"}
_AGE = regex.compile(r"c(?:j?[uv]?no(?:jno)*|a[uv]?n(?:jn)*o?|un(?=j|$))|no[uv]?c?")


def _without_ages(tokens: list[Token]) -> list[Token]:
    """An age becomes part of its noun: "5-year-old kid", "children under 2", 三岁的小孩. Under two is an infant."""
    children = ("child", "infant", "young")
    bounds = {-1: "u", 0: "v"}
    letters = "".join(
        "c"
        if token.who in children
        else bounds.get(token.high or 0, ".")
        if token.kind == "bound"
        else _AGE_LETTERS.get(token.kind, ".")
        for token in tokens
    )
    kept: list[Token] = []
    at = 0
    for match in _AGE.finditer(letters):
        start, end = match.span()
        years = max(
            (token.high or 0) // (unit.low or 1 if unit.kind == "age" else 1)
            for token, unit in zip(tokens[start:end], [*tokens[start + 1 : end], _END], strict=True)
            if token.kind == "number"
        )
        noun = next((token for token in tokens[start:end] if token.who in children), Token("noun"))
        if years < (3 if match[0].strip("cjano") else 2):
            noun = Token("noun", noun.low, who="infant")
        elif not noun.who:
            noun = Token("noun", who="child" if years < 18 else "adult")
        kept += [*tokens[at:start], noun]
        at = end
    return kept + tokens[at:]


# Words before the span that belong to it. Who stands before them counts as well, but 和 joins anything (座位和).
_LEADS = frozenset(("with", "bound", "about", "between"))
_COMPANY = frozenset(("noun", "party", "vague", "number"))


def _leading(before: str) -> list[Token]:
    """What the last words before the span add to it: "with", "me and", "at least", 我带."""
    tokens = [_UNKNOWN, _UNKNOWN, *_tokens(" ".join(_units(before[-40:])[-4:]))]
    company, lead = tokens[-2], tokens[-1]
    if company.kind == "us" and lead.kind == "with":
        return [company, lead]
    if company.kind == "self" and lead.kind in ("and", "with"):
        return [lead] if lead.kind == "with" else [company, lead]
    if lead.kind == "with" and (company.kind in _COMPANY or (lead.low == 0 and len(tokens) > 3)):
        return []
    return [lead] if lead.kind in _LEADS else []


# --- tokens to groups ---


@dataclass(slots=True)
class _Group:
    """The travellers that one phrase names; a number None is an open side."""

    kind: Literal["number", "self", "alone", "vague"]
    low: int | None = None
    high: int | None = None
    who: Who | None = None
    joint: Kind | None = None  # what joins it to the groups before it
    closed: bool = False  # the speaker is in it: the four of us
    more: bool = False  # on top of others: two more
    about: bool = False

    @property
    def is_total(self) -> bool:
        """Others may be its parts: "3 people"."""
        return self.kind == "number" and self.who in _UNNAMED and not self.more

    @property
    def is_bare(self) -> bool:
        return self.kind == "number" and self.who is None and not self.closed


class _Parser:
    """Tokens to groups, from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = [*tokens, _END, _END, _END]
        self.at = 0
        self.joint: Kind | None = None  # of the group to come
        self.found: list[_Group] = []

    def groups(self) -> list[_Group]:
        while self.tokens[self.at] is not _END:
            kind = self.tokens[self.at].kind
            if kind in _JOINTS:
                self.at += 1
                self.joint = kind if kind not in ("comma", "colon") else self.joint or "comma"
            else:
                group = self._group()
                group.joint = group.joint or self.joint
                self.found.append(group)
                self.joint = None
        if self.joint not in (None, "comma") or not self.found:
            raise _UnresolvedError("not_a_count")
        return self.found

    def _group(self) -> _Group:
        token, following = self.tokens[self.at], self.tokens[self.at + 1].kind
        self.at += 1
        match token.kind:
            case "self":
                return self._speaker(token, following)
            case "alone":
                return _Group("alone", token.low)
            case "us" if following == "number":
                return self._quantity(closed=token.who is None)
            case "us" if following in ("party", "noun"):
                return self._group()
            case "party":
                return self._party(token)
            case "vague":
                self._skip("noun", "classifier", "more", "vague", "unit", "of us", "vague" if token.low else "number")
                return _Group("vague")
            case "us" | "of us":
                return _Group("vague")
            case "noun":
                return self._noun(token)
            case "article" if following in ("party", "vague", "more"):
                return self._group()
            case "classifier" if following == "noun":
                return self._tail(_Group("number", 1, 1))  # 带个孩子
            case "no" if following == "noun" and self.tokens[self.at].who != "ticket":
                return self._tail(_Group("number", 0, 0))
        self.at -= 1
        return self._quantity()

    def _skip(self, *kinds: Kind) -> None:
        while self.tokens[self.at].kind in kinds:
            self.at += 1

    def _speaker(self, token: Token, following: Kind) -> _Group:
        if following == "included":
            self.at += 1
            return _Group("self", joint="including")
        if token.low and following in ("noun", "vague", "party"):
            return self._group()  # 我妈
        if token.low and following == "number" and (token.who or self.joint not in ("and", "including")):
            group = self._quantity(closed=token.who is None)  # 我俩, 我一个人
            if group.who not in _UNNAMED:
                raise _UnresolvedError("not_a_count")  # 我两个孩子: mine, or they and I?
            return group
        return _Group("number", 1, 1, token.who) if token.who else _Group("self")

    def _party(self, token: Token) -> _Group:
        self._skip("classifier")
        following = self.tokens[self.at].kind
        if following in ("number", "unit"):
            return self._quantity(closed=True)
        if following == "party":
            return self._group()
        return _Group("number", token.low, token.low, "grown", closed=True) if token.low else _Group("vague")

    def _noun(self, token: Token) -> _Group:
        """A noun without a number before it; behind it there may be one: "adults: 2", 大人两个."""
        marked = self.tokens[self.at].kind in ("colon", "times")
        number = self.tokens[self.at + marked]
        if number.kind == "number" and (marked or token.who in _CATEGORIES):
            self.at += marked + 1
            return self._tail(_Group("number", number.low, number.high, token.who))
        if number.kind == "number" and token.who in _UNNAMED:
            raise _UnresolvedError("not_a_count")  # seat 12
        before = self.at
        if token.who in _CATEGORIES and self.tokens[self.at].who in _UNNAMED:
            self._skip("noun")  # adult tickets
        if token.low is None or token.who in _UNNAMED or self.at > before:
            return _Group("vague")
        return _Group("number", token.low, token.low, token.who)

    def _quantity(self, closed: bool = False) -> _Group:
        """A number with what stands before and behind it."""
        group = _Group("number", closed=closed)
        bound: Token | None = None
        between = one = False
        while (token := self.tokens[self.at]).kind in _PREFIXES or token == _TILDE:
            self.at += 1
            if token.kind == "bound":
                bound = token
            between |= token.kind == "between"
            group.about |= (token.kind == "about" and token.low is None) or token.kind == "to"
            group.more |= token.kind == "more"
            one |= token.kind == "article" or (token.kind == "more" and token.low == 1)
        if token.kind == "number" or (token.kind == "unit" and not token.high):
            group.low, group.high = self._number()
        elif one and (token.kind == "noun" or group.more):
            group.low = group.high = 1
        elif group.more:
            self._skip("noun")
            return _Group("vague")
        else:
            raise _UnresolvedError("not_a_count")
        return self._tail(group, bound, between)

    def _number(self) -> tuple[int, int]:
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "unit":
            return token.low or 0, token.low or 0
        times = 1
        if self.tokens[self.at].kind == "unit":
            times = self.tokens[self.at].low or 1
            self.at += 1
        return (token.low or 0) * times, (token.high or 0) * times

    def _tail(self, group: _Group, bound: Token | None = None, between: bool = False) -> _Group:
        """What belongs to a number and stands behind it: nouns, bounds, the other end of a range."""
        while True:
            token, following = self.tokens[self.at], self.tokens[self.at + 1]
            counts_next = following.kind in ("number", "unit", "article", "bound", "about")
            match token.kind:
                case "noun" if self._names(group, token):
                    if group.who is None or token.who not in _UNNAMED:
                        group.who = token.who
                case "party" if token.low and group.who is None:
                    group.who = "grown"  # 两对夫妻
                case "classifier" | "times":
                    pass
                case "of us":
                    group.closed = True
                    if following.kind == "noun" and self.found:
                        group.joint = "including"  # "..., two of them kids"
                case "more" if token.low == 0:
                    group.kind = "vague"  # 十多个
                case "more" if not counts_next:
                    group.more = True
                case "vague" if token.low:
                    group.closed = True  # a four-person family
                case "vague":
                    group.kind = "vague"  # 十几个
                case "bound" if not counts_next and bound is None:
                    bound = token
                case "and" if (
                    token.low == 0
                    and group.who in _UNNAMED
                    and (following is _END or following.who in _UNNAMED - {None})
                ):
                    bound = Token("bound", low=0)  # 3+ people
                case "about" if not counts_next:
                    group.about = True
                case "total" if not counts_next:
                    group.closed = True
                    group.joint = "total" if self.found else None
                case "or" | "to" | "and" | "comma" if steps := self._to_other_end(group, between):
                    self.at += steps
                    group.high = self._number()[1]
                    between = False
                    noun = self.tokens[self.at]
                    if noun.kind == "noun" and not self._names(group, noun):
                        raise _UnresolvedError("not_a_count")  # one adult or one child
                    continue
                case _:
                    break
            self.at += 1
        if (group.low or 0) > (group.high or 0):
            raise _UnresolvedError("conflict")
        if bound:
            group.low = None if bound.low is None else (group.low or 0) + bound.low
            group.high = None if bound.high is None else (group.high or 0) + bound.high
        return group

    def _to_other_end(self, group: _Group, between: bool) -> int:
        """How many tokens before the number that ends a range; 0 where there is none."""
        kind, following, third = (token.kind for token in self.tokens[self.at : self.at + 3])
        if kind == "comma":  # 2, maybe 3
            return 2 if group.who is None and (following, third) == ("about", "number") else 0
        return int((kind != "and" or between) and following in ("number", "unit"))

    def _names(self, group: _Group, noun: Token) -> bool:
        """Whether a noun belongs to the number and nouns before it."""
        if group.who in _SAYS_NO_MORE:
            return noun.who in _SAYS_NO_MORE[group.who]
        return group.who is None or noun.low is None or noun.who in _UNNAMED | _CATEGORIES


# --- groups to a count ---


@dataclass(slots=True)
class _Count:
    low: int | None
    high: int | None
    tally: dict[Who, int]  # how many of whom; the unnamed are "anyone"
    about: bool = False
    implied: bool = False  # the speaker was counted without being named
    others: "list[_Count]" = field(default_factory=list)

    @property
    def breakdown(self) -> dict[str, int] | None:
        if self.low != self.high or _CATEGORIES.isdisjoint(self.tally):
            return None
        children, infants = self.tally.get("child", 0) + self.tally.get("young", 0), self.tally.get("infant", 0)
        return {"adults": (self.low or 0) - children - infants, "children": children, "infants": infants}


def _reading(count: _Count) -> Value:
    value = count.low if count.low == count.high else None
    return reading("count", None, value=value, minimum=count.low, maximum=count.high, breakdown=count.breakdown)


def _total(groups: list[_Group]) -> _Count:
    """Parts of a total are not added to it: "3 people, 2 adults and a child", "six including me", 我和我妈两个人."""
    first, last = groups[0], groups[-1]
    if first is last and first.joint != "including":
        return _sum(groups)
    at = next((position for position, group in enumerate(groups) if group.joint == "including"), None)
    if at == 0 or (first.kind == "self" and first.joint == "and"):  # 加上我一共四个
        if first is last or not last.is_total or last.joint == "and":
            raise _UnresolvedError("underspecified")
        return _sum([last])
    if at:
        return _including(_total(groups[:at]), groups[at:])
    if first.kind == "vague" and groups[1].joint == "for":
        return _total(groups[1:])  # seats for 3
    if first.is_total and groups[1].joint in (None, "comma", "for"):
        parts = None if _is_vague(groups[1:]) else _sum(groups[1:])
        if parts is None:
            return _sum([first])
        if (parts.low, parts.high) == (first.low, first.high):
            return parts
        if groups[1].joint == "for":
            if first.high == 1:  # a table for four
                return parts
            raise _UnresolvedError("conflict")
        if last.who in _CATEGORIES and (parts.high or 0) < (first.low or 0):
            count = _sum(groups)  # "4 people, 2 kids" may be four
            count.others.append(_including(_sum([first]), groups[1:]))
            return count
    if last.is_total and last.joint in (None, "comma", "total"):
        parts = None if _is_vague(groups[:-1]) else _sum(groups[:-1])
        if parts is None:
            return _sum([last])
        if (parts.low, parts.high) == (last.low, last.high):
            return parts
        if last.joint != "comma":
            raise _UnresolvedError("conflict")
    return _sum(groups)


def _is_vague(groups: list[_Group]) -> bool:
    return any(group.kind == "vague" for group in groups)


def _including(whole: _Count, groups: list[_Group]) -> _Count:
    """A total with what is known of its parts: "5 people including 2 kids"."""
    if _is_vague(groups) or whole.low is None or whole.low != whole.high:
        return whole
    parts = _sum(groups)
    if (parts.low or 0) > whole.low:
        raise _UnresolvedError("conflict")
    if _CATEGORIES.isdisjoint(parts.tally):
        return whole
    if not _CATEGORIES.isdisjoint(whole.tally):
        infants = parts.tally.get("infant", 0)
        if infants <= whole.tally.get("child", 0):  # 3 kids including a baby
            whole.tally["child"] = whole.tally.get("child", 0) - infants
            whole.tally["infant"] = whole.tally.get("infant", 0) + infants
        return whole
    if parts.tally.keys() == {"adult"}:
        parts.tally["child"] = whole.low - parts.tally["adult"]
    whole.tally = parts.tally
    return whole


def _sum(groups: list[_Group]) -> _Count:
    """The groups together, with the speaker who named or implied themselves."""
    first = groups[0]
    if _is_vague(groups) or first.joint == "and":
        raise _UnresolvedError("underspecified")
    low: int | None = 0
    high: int | None = 0
    tally: dict[Who, int] = {}
    closed = speaker = about = False
    alone: _Group | None = None
    more = True
    for group in groups:
        if group.kind == "number":
            low = None if low is None or group.low is None else low + group.low
            high = None if high is None or group.high is None else high + group.high
            who = group.who or "anyone"
            tally[who] = tally.get(who, 0) + (group.low or 0)
            closed |= group.closed
            about |= group.about
            more &= group.more
        elif group.kind == "self":
            speaker = True
        else:
            alone = group
    if alone and (not tally or (alone.low is None and tally.keys().isdisjoint(("anyone", "ticket", "adult")))):
        speaker = True
    implied = first.joint == "with" and first.who != "ticket" and not (speaker or closed or alone)
    if speaker and closed:
        raise _UnresolvedError("conflict")
    if tally and more and not (speaker or implied):
        raise _UnresolvedError("underspecified")
    if (
        len(groups) == 2
        and first.low is not None
        and first.high is None
        and groups[1].high is not None
        and groups[1].low is None
        and first.kind == groups[1].kind == "number"
    ):
        low, high = first.low, groups[1].high  # at least 2, at most 5
    for group, following in pairwise(groups):
        if following.joint in (None, "comma") and (group.is_bare or following.is_bare):
            raise _UnresolvedError("not_a_count")  # 7:30
    if low is None and high is None:
        raise _UnresolvedError("conflict")
    low = None if low is None else low + (speaker or implied)
    high = None if high is None else high + (speaker or implied)
    count = _Count(low, high, tally, about, implied)
    if implied and not first.more and first.who in _UNNAMED | {"adult"}:
        first.joint = None  # "with 3 people" may be the whole party
        count.others.append(_sum(groups))
    return count
