import pytest

from data.numerals import cardinal, han_numeral, ordinal

ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
VALUES = {word: value for value, word in enumerate(["zero", *ONES.split(), "eighteen", "nineteen"])} | {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}


def read(words: list[str]) -> int:
    total = 0
    for word in words:
        total = total * 100 if word == "hundred" else total + VALUES[word]
    return total


def read_han(said: str) -> int:
    total, digit = 0, 1  # 十 alone is one ten
    for character in said:
        if character in "十百":
            total, digit = total + digit * {"十": 10, "百": 100}[character], 0
        else:
            digit = "零一二三四五六七八九".index(character)
    return total + (digit if said[-1] not in "十百" else 0)


@pytest.mark.parametrize("joiner", ["-", " "])
def test_every_number_is_read_back_from_its_words(joiner: str) -> None:
    for number in range(1000):
        assert read(cardinal(number, joiner).replace("-", " ").split()) == number
        assert read_han(han_numeral(number)) == number


def test_numbers_are_said_as_people_do() -> None:
    assert [cardinal(number) for number in (0, 12, 20, 21, 100, 305, 342)] == [
        "zero",
        "twelve",
        "twenty",
        "twenty-one",
        "one hundred",
        "three hundred five",
        "three hundred forty-two",
    ]
    han = " ".join(han_numeral(number) for number in (0, 2, 10, 12, 20, 45, 100, 105, 110, 215))
    assert han == "零 二 十 十二 二十 四十五 一百 一百零五 一百一十 二百一十五"


def test_ordinals_of_a_month() -> None:
    assert " ".join(ordinal(day) for day in range(1, 32)) == (
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
        "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
    )
    assert [ordinal(42, " "), ordinal(100)] == ["forty second", "one hundredth"]
