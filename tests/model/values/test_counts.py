import random
import time
from collections.abc import Mapping
from typing import Any

import pytest

from model.values.counts import resolve_count

Ends = tuple[int | None, int | None]

NUMBERS = {
    0: "0 | zero | no children",
    1: """1 | one ticket | a seat | just me | on my own | me alone | nobody else | 一张 | 我自己一个人 | 就我一个
        | 独自一人""",
    2: """both of us | a pair of seats | tow tickets | we two | two. | 两位 | 2名乘客 | 俩人 | 兩張票 | 一对情侣 | 咱俩
        | 老两口""",
    3: "3 pax | ３ people | three of us | thre people | 三个人 | 仨 | ３位 | 他们三个 | 三张高铁票",
    6: "half a dozen tickets | half-dozen | six persons | 半打 | 六名旅客",
    12: "twelve | a dozen people | 12 ppl | 十二个人 | 一打",
    24: "two dozen | twenty-four passengers | 二十四人 | 廿四位",
    105: "a hundred and five guests | one hundred five | 一百零五人",
    999: "999 | nine hundred ninety-nine people | 九百九十九个人",
}
COMPANIES = {
    2: """me and my wife | my mother-in-law and I | me plus one | my parents | me, him | 我和我妈 | 跟老公
        | 我和老婆两个人 | 我跟一个同事 | 夫妻俩 | 母女二人""",
    3: """me and two others | bringing two friends | both my parents and me | my son, my wife and I | 我和爸妈
        | 和两个同学 | 我、老婆和女儿 | 爸爸妈妈和我 | 我和朋友三个人""",
    4: """the four of us | a party of four | family of 4 | 4 in total | a four-person family | four including me
        | four, me included | with three others | 3 besides me | me and my friends, four of us | my family, 4 people
        | 一家四口 | 我们四个 | 全家四口人 | 一行4人 | 加上我一共四个 | 除了我还有三个人 | 四个人包括我 | 跟三个朋友""",
    5: "the four of us and my sister | family of four plus grandma | 一家四口加一个朋友 | 连我五个",
}
BREAKDOWNS = {  # adults, children, infants
    (2, 1, 0): """two adults and a child | 2 adults 1 kid | adults: 2, child: 1 | one adult, one senior plus a teenager
        | 2 x adult + 1 x child | me and my husband with a 6-year-old | two adult tickets and one child ticket
        | 3 people (2 adults and 1 child) | 两大一小 | 二大1小 | 兩個大人一個小孩 | 成人2名，儿童1名
        | 两个老人带一个孩子 | 大人两个小孩一个 | 三个人，两大一小 | 我和老婆带一个五岁的孩子
        | 两张成人票一张儿童票 | 2 adults加一个kid""",
    (1, 2, 0): "my wife and two kids | me with 2 children | 带俩娃 | 我和两个小朋友 | 一个大人、两个儿童",
    (1, 0, 1): "one adult with an infant | me and a baby | 一个成人一个婴儿 | 1 adult and a child under 2",
    (4, 2, 0): "six of us including two kids | 6 people, two of them kids | 六个人，其中两个小孩 | 一共六人，四大两小",
    (2, 0, 0): "two seniors | a couple of adults | 2 grown-ups | 两位老人 | 2 adults and no kids",
    (3, 1, 1): "my parents, me, one child and a toddler | 我和爸妈、一个小孩、一个婴儿",
}
RANGES = {
    (2, 3): """2 or 3 | two to three people | 2–3 | 2, maybe 3 | between 2 and 3 seats | 两三个人 | 两个或者三个 | 2~3位
        | 两到三张""",
    (3, 5): "three to five | 三五个人",
    (15, 16): "fifteen or sixteen people | 十五六个",
    (3, 4): "me and two or three friends | with 2 or 3 kids",
    (4, None): """at least four | 4 or more | 4+ people | more than 3 | no fewer than 4 | 至少四个 | 四人以上
        | 超过三个人""",
    (None, 6): """up to six | six at most | no more than 6 people | fewer than 7 | 最多六位 | 不超过6人 | 六个以内
        | 不到七个人""",
}
ABOUT = "about ten | 10 or so | 10-ish people | ~10 | around 10 seats | 10左右 | 十个左右 | 大概十个人 | 十来个"
UNRESOLVED = {
    "underspecified": """some | a few friends | several people | my family | me and my friends | my kids | with friends
        | us and two kids | three more | another person | two extra tickets | everyone | 几个人 | 好几位 | 一家人
        | 我和朋友们 | 十几个人 | 十多个人 | 再加两个人 | 全家 | 老婆孩子 | 带孩子""",
    "not_a_count": """ | ? | window seat | tomorrow | 2 pm | flight 12 | seat 12 | seat 12A | two bags | 3 nights | 3rd
        | 7:30 | 2nd class | class 2 | 12/5 | $200 | one adult or one child | me and | 靠窗 | 下午两点 | 三号 | 二等座
        | 无座 | 两件行李 | 对 | 第三 | 一二三 | 我两个孩子""",
    "out_of_range": """-2 | minus two people | 2.5 | two and a half | 1000 | 1,200 people | a million
        | 600 adults and 600 kids | 一千人 | 负两个 | 半个人 | 1.5张""",
    "conflict": "5-3 | two tickets for three friends | 我和老婆三个人 | 3 people including 4 kids",
}
BEFORE = [  # the words before, the span, the count
    ("I'm travelling with", "3 friends", 4),
    ("with", "my parents", 3),
    ("bringing", "two kids", 3),
    ("tickets for me and", "two colleagues", 3),
    ("my wife with", "two kids", 2),
    ("a bus with", "2 seats", 2),
    ("with", "a family of four", 4),
    ("with", "me and my wife", 2),
    ("a train for", "4", 4),
    ("我想带", "两个孩子", 3),
    ("我和", "我妈", 2),
    ("跟", "三个同事", 4),
    ("老婆带", "两个孩子", 2),
    ("座位和", "两张票", 2),
    ("我需要预约", "7", 7),
]


def phrases(*tables: Mapping[Any, str]) -> list[tuple[Any, str]]:
    rows = [row for table in tables for row in table.items()]
    return [(wanted, phrase.strip()) for wanted, row in rows for phrase in row.split("|")]


@pytest.mark.parametrize(("count", "phrase"), phrases(NUMBERS, COMPANIES))
def test_one_number(count: int, phrase: str) -> None:
    value = resolve_count(phrase)
    assert (value["status"], value["value"]) == ("resolved", count)
    assert (value["minimum"], value["maximum"]) == (count, count)
    assert (value["type"], value["kind"], value["text"]) == ("count", None, phrase)


@pytest.mark.parametrize(("people", "phrase"), phrases(BREAKDOWNS))
def test_categories_are_kept_apart(people: tuple[int, int, int], phrase: str) -> None:
    value = resolve_count(phrase)
    assert value["breakdown"] == dict(zip(("adults", "children", "infants"), people, strict=True))
    assert value["value"] == sum(people)


@pytest.mark.parametrize("phrase", ["me and my wife", "3 people", "two boys", "我和儿子", "family of five"])
def test_without_a_category_there_is_no_breakdown(phrase: str) -> None:
    assert resolve_count(phrase)["breakdown"] is None


@pytest.mark.parametrize(("ends", "phrase"), phrases(RANGES))
def test_a_range_has_no_value(ends: Ends, phrase: str) -> None:
    value = resolve_count(phrase)
    assert (value["status"], value["value"], value["breakdown"]) == ("ambiguous", None, None)
    assert (value["minimum"], value["maximum"]) == ends


@pytest.mark.parametrize(("count", "phrase"), phrases({10: ABOUT}))
def test_about_a_number_is_that_number(count: int, phrase: str) -> None:
    value = resolve_count(phrase)
    assert (value["status"], value["value"], value["assumptions"]) == ("resolved", count, ["approximate"])


@pytest.mark.parametrize(("reason", "phrase"), phrases(UNRESOLVED))
def test_unresolved_says_why(reason: str, phrase: str) -> None:
    value = resolve_count(phrase)
    assert (value["status"], value["reason"]) == ("unresolved", reason)
    assert [value[name] for name in ("value", "minimum", "maximum", "breakdown")] == [None] * 4


@pytest.mark.parametrize(("before", "phrase", "count"), BEFORE)
def test_the_words_before_are_read(before: str, phrase: str, count: int) -> None:
    assert resolve_count(phrase, before)["value"] == count


def test_a_bound_before_is_read() -> None:
    assert resolve_count("4 people", "it must be at least")["minimum"] == 4
    assert resolve_count("六个人", "最多")["maximum"] == 6
    assert resolve_count("2 tickets", "what about")["assumptions"] == []


def test_a_speaker_who_is_not_named_is_an_assumption() -> None:
    assert resolve_count("3 friends", "with")["assumptions"] == ["speaker_included"]
    assert resolve_count("me and 3 friends")["assumptions"] == []


def test_with_people_may_be_the_whole_party() -> None:
    value = resolve_count("4 people", "travelling with")
    assert (value["status"], value["value"], value["alternatives"][0]["value"]) == ("ambiguous", 5, 4)


WORDS = """\ud800|two|2| - |-|,|+|and|or|to|with|no|more|than|at least|family|of|couple|a|dozen|kids|aged|under|year old
    |me|我|和|带|三|五|十|百|万|两|个|大|小|人|一共|包括|左右|😀|½|²|٣"""


def test_any_text_has_an_answer_that_agrees_with_itself() -> None:
    rng, known = random.Random(7), WORDS.split("|")
    for _ in range(5_000):
        words = rng.choices(known, k=rng.randint(0, 9))
        value = resolve_count(rng.choice(["", " "]).join(words), " ".join(rng.choices(known, k=3)))
        ends = [end for end in (value["minimum"], value["maximum"]) if end is not None]
        assert (value["status"] == "unresolved") == (not ends)
        assert ends == sorted(ends)
        assert all(0 <= end <= 999 for end in ends)
        assert value["value"] == (ends[0] if len(ends) == 2 and ends[0] == ends[1] else None)
        if people := value["breakdown"]:
            assert sum(people.values()) == value["value"]
            assert min(people.values()) >= 0


@pytest.mark.parametrize(
    "piece", ["one ", "two-", "一", "十百", "9", "kids under ", "no more than ", "和", "hundred and "]
)
def test_no_text_is_slow(piece: str) -> None:
    text = (piece * 200)[:200]
    start = time.process_time()
    for _ in range(10):
        resolve_count(text, text)
    assert time.process_time() - start < 0.5  # 50 ms each; 2 are usual
