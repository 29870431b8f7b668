from hypothesis import given
from hypothesis import strategies as st

from data.han import is_traditional, to_simplified, to_traditional

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF) | st.characters())


def test_traditional_text_becomes_simplified() -> None:
    assert to_simplified("從臺北飛往東京，幫我訂兩張機票") == "从台北飞往东京，帮我订两张机票"


def test_simplified_text_becomes_traditional() -> None:
    assert to_traditional("从广州飞往东京，帮我订两张机票") == "從廣州飛往東京，幫我訂兩張機票"


def test_of_several_traditional_forms_the_usual_one_is_taken() -> None:
    assert to_traditional("为发后里众") == "為發後裡眾"


def test_characters_that_both_scripts_share_stay_in_traditional_text() -> None:
    assert to_traditional("面只著名") == "面只著名"


def test_everyday_simplified_text_stays_as_it_is() -> None:
    assert to_simplified("著名的乾县在陕西，台州在浙江") == "著名的乾县在陕西，台州在浙江"


def test_a_text_is_traditional_by_most_of_its_characters() -> None:
    assert is_traditional("從臺北飛往東京，著名的车站")
    assert not is_traditional("从台北飞往东京，東站")
    assert not is_traditional("上海")  # the same in both
    assert not is_traditional("to York")


@given(HAN)
def test_every_character_keeps_its_place(text: str) -> None:
    assert len(to_simplified(text)) == len(text) == len(to_traditional(text))


@given(HAN)
def test_what_is_simplified_cannot_be_simplified_further(text: str) -> None:
    assert to_simplified(to_simplified(text)) == to_simplified(text)


@given(st.text())
def test_text_without_han_characters_is_left_alone(text: str) -> None:
    plain = "".join(character for character in text if not "\u3400" <= character <= "\u9fff")
    assert to_simplified(plain) == plain == to_traditional(plain)
