import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.tokens import tokenize
from service.corrections.redaction import passes_luhn, redacted

MASKED = [
    ("mail ann.lee+x@mail.example.com, please", "mail xxx.xxx+x@xxxx.xxxxxxx.xxx, please"),
    ("请发到ann@x.com谢谢", "请发到xxx@x.xxx谢谢"),
    ("找张三@例子.中国", "某某某@某某.某某"),
    ("ｊｏｈｎ＠ｘ．ｃｏｍ", "xxxx＠x．xxx"),
    ("jürgen@müller.de", "xxxxxx@xxxxxx.xx"),
    ("call +1 415-555-0132 or (415) 555-0132", "call +0 000-000-0000 or (000) 000-0000"),
    ("1-800-555-0199, 415.555.0132, 555-0132", "0-000-000-0000, 000.000.0000, 000-0000"),
    ("+44 20 7946 0958, 020 7946 0958, 01 23 45 67 89", "+00 00 0000 0000, 000 0000 0000, 00 00 00 00 00"),
    ("我的电话13800138000，或者138 0013 8000", "我的电话00000000000，或者000 0000 0000"),
    ("电话010-62781234", "电话000-00000000"),
    ("１３８００１３８０００", "0" * 11),
    ("打一三八零零一三八零零零吧", "打" + "某" * 11 + "吧"),
    ("it is four one five, five five five, oh one three two", "it is xxxx xxx xxxx, xxxx xxxx xxxx, xx xxx xxxxx xxx"),
    # The test numbers of the card networks.
    ("4111 1111 1111 1111", "0000 0000 0000 0000"),
    ("to\0 Oslo", "to\x1a Oslo"),
    ("pay with 5555-5555-5555-4444.", "pay with 0000-0000-0000-0000."),
    ("3782 822463 10005", "0000 000000 00000"),
]
# What travellers say.
KEPT = [
    "leave on 2026-11-22 at 10:30, back 11/25/2026 or 22.11.2026 or 20261122",
    "05-12-2026 10:30 to 05.12.2026 10.30",
    "2026-11-22T10:30:00+08:00",
    "2026年11月22日10点30分，二〇二六年十一月二十二日",
    "UA 328 from gate 12 between 1030-1145, 2 adults, 3 children",
    "under 1,000,000 or 500-1000 dollars, 3000-5000元",
    "one two three go",
    "meet me @ the airport. com",
    "4111 1111 1111 1112",  # no card: the last digit is wrong
    "G7 to 北京南站",
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_what_tells_who_somebody_is_is_masked(text: str, masked: str) -> None:
    assert redacted(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_what_travellers_say_is_kept(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize("number", ["4111111111111111", "378282246310005", "6011111111111117", "3530111333300000"])
def test_the_last_digit_of_a_card_checks_the_others(number: str) -> None:
    digits = [*map(int, number)]
    assert [last for last in range(10) if passes_luhn([*digits[:-1], last])] == digits[-1:]


PIECES = [
    "ann@x.com",
    "张三@例子.中国",
    "+1 415 555 0132",
    "13800138000",
    "４１１１ １１１１",
    "4111111111111111",
    "一三八零零一三八",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6)).map("".join))
@settings(max_examples=300, deadline=None)
def test_a_mask_moves_no_token(text: str) -> None:
    places = [(token.start, token.end) for token in tokenize(text)]
    assert [(token.start, token.end) for token in tokenize(redacted(text))] == places
