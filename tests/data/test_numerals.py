import pytest

from data.numerals import cardinal, han_numeral, ordinal, read_chinese, read_english

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


@pytest.mark.parametrize("joiner", ["-", " "])
def test_what_is_said_is_read(joiner: str) -> None:
    for number in range(1000):
        assert read_english(cardinal(number, joiner)) == number
        assert read_english(ordinal(number, joiner)) == number
        assert read_chinese(han_numeral(number)) == number


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("Twenty-Five", 25),
        ("a hundred", 100),
        ("hundred and two", 102),
        ("nine hundred and ninety-nine", 999),
        ("a thousand", 1_000),
        ("two thousand and ten", 2_010),
        ("two thousand twenty seventh", 2_027),
        ("3rd", 3),
        ("007", 7),
        ("1,200", 1_200),
        ("", None),
        ("a", None),
        ("two and three", None),
        ("two three", None),
        ("twenty eleven", None),
        ("nineteen ninety", None),
        ("-2", None),
        ("2.5", None),
        ("12 people", None),
    ],
)
def test_english_numbers(words: str, number: int | None) -> None:
    assert read_english(words) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("两", 2),
        ("俩", 2),
        ("仨", 3),
        ("廿五", 25),
        ("两百五", 250),
        ("两百零五", 205),
        ("一百十五", 115),
        ("一千二", 1_200),
        ("两千零二十七", 2_027),
        ("二〇二七", 2_027),
        ("零五", 5),
        ("3百", 300),
        ("２０", 20),
        ("20万", 200_000),
        ("两万五", 25_000),
        ("兩萬", 20_000),
        ("貳拾壹", 21),
        ("", None),
        ("百", None),
        ("十百", None),
        ("几十", None),
        ("两个", None),
        ("一万" * 2_000, None),
        ("9" * 5_000, None),
    ],
)
def test_chinese_numbers(text: str, number: int | None) -> None:
    assert read_chinese(text) == number
