from collections import Counter
from random import Random

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from data.noise import (
    RATES,
    Edit,
    Noise,
    NoiseRates,
    apply_edits,
    augment,
    filler,
    lower,
    number_words,
    spoken,
    squeeze,
    strip_punctuation,
    title,
    traditional,
    typo,
    upper,
    width,
)
from data.rows import span_problems
from data.tags import Span, spans_to_tags
from data.tokens import tokenize

LETTERS_KEPT = [lower, upper, title, strip_punctuation, spoken, filler, squeeze, width]
ALL = [*LETTERS_KEPT, typo, traditional, number_words]
RATES_OF_ALL = NoiseRates(
    spoken=0.4, upper=0.3, title=0.3, filler=1, number_words=1, typo=1, squeeze=1, width=1, traditional=1
)


@st.composite
def labelled_texts(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """Words and marks joined as people do, some of the words labelled."""
    words = st.sampled_from(
        [
            "Leeds",
            "St. Louis",
            "10:30 a.m.",
            "5 pm",
            "King's Cross",
            "one-way",
            "$1,200",
            "北京",
            "明天下午3点",
            "虹桥(二号)",
            "March 5th",
            "21 May 2027",
            "7:00",
            "UA328",
            "25 people",
            "13:45",
            "2张",
        ]
    ) | st.text(st.characters(categories=["L", "N", "P", "S", "M"]), min_size=1, max_size=6)
    text, spans = "", []
    for word in draw(st.lists(words, min_size=1, max_size=6)):
        text += draw(st.sampled_from(["", " ", ", ", "，", " - ", ". "])) if text else ""
        if draw(st.booleans()):
            spans.append(Span(draw(st.sampled_from(["origin", "time"])), len(text), len(text) + len(word)))
        text += word
    return text, spans


def letters_and_digits(text: str) -> str:
    """What is left when case, width, marks and spaces are set aside."""
    text = text.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    return regex.sub(r"[^\p{L}\p{M}\p{N}]", "", text).upper().casefold()


def said(text: str, spans: list[Span]) -> list[tuple[str, str]]:
    return [(span.slot, letters_and_digits(text[span.start : span.end])) for span in spans]


@pytest.mark.parametrize("noise", LETTERS_KEPT)
@settings(max_examples=50)
@given(labelled=labelled_texts(), seed=st.integers(0, 1000))
def test_labelled_words_stay_the_labelled_words(noise: Noise, labelled: tuple[str, list[Span]], seed: int) -> None:
    text, spans = noise(Random(seed), *labelled)
    # A span of marks alone may go with its marks.
    assert [item for item in said(text, spans) if item[1]] == [item for item in said(*labelled) if item[1]]
    assert noise is filler or letters_and_digits(text) == letters_and_digits(labelled[0])
    assert list(span_problems(text, spans)) == []


@given(labelled_texts(), st.integers(0, 1000))
def test_all_noises_together_leave_sound_spans(labelled: tuple[str, list[Span]], seed: int) -> None:
    text, spans = augment(Random(seed), *labelled, RATES_OF_ALL)
    assert list(span_problems(text, spans)) == []
    assert text.strip()


@pytest.mark.parametrize("noise", ALL)
def test_the_spans_that_come_in_are_left_as_they_are(noise: Noise) -> None:
    spans = [Span("origin", 5, 10), Span("departure_time", 15, 19)]
    noise(Random(1), "from Leeds, at 5 pm.", spans)
    assert spans == [Span("origin", 5, 10), Span("departure_time", 15, 19)]


def changed(noise: Noise, text: str, *seeds: int) -> set[str]:
    return {noise(Random(seed), text, [])[0] for seed in seeds or range(300)}


def test_speech_has_no_marks_but_those_inside_numbers() -> None:
    text = "Hi! Leave St. Louis (Missouri) at 10:30 a.m. on 3/5, one-way - to King's Cross; U.S. $1,200.50?"
    assert changed(spoken, text) == {
        "hi leave st louis missouri at 10:30 am on 3/5 one way to king's cross us $1,200.50"
    }


def test_chinese_speech_has_no_marks_and_now_and_then_a_space() -> None:
    text = "你好，订3月5日、从北京（南站）出发的票。"
    assert changed(strip_punctuation, text) == {"你好订3月5日从北京南站出发的票", "你好 订3月5日 从北京 南站 出发的票"}


def test_marks_alone_stay() -> None:
    assert changed(spoken, "?!") == {"?!"}


def test_title_case_begins_words_only() -> None:
    assert changed(title, "don't leave o'hare at 10pm, élan") == {"Don't Leave O'hare At 10pm, Élan"}


def test_letters_whose_other_case_is_longer_stay() -> None:
    assert changed(upper, "straße nach Köln") == {"STRAßE NACH KÖLN"}
    assert changed(lower, "İzmir ROME") == {"İzmir rome"}


def test_the_space_before_am_and_pm_goes() -> None:
    assert changed(squeeze, "5 pm or 6:30 A.M. 7 amp") == {"5pm or 6:30A.M. 7 amp"}


@given(st.integers())
def test_a_typo_is_one_or_two_slips_in_words_of_four_letters(seed: int) -> None:
    text = "please go to Leeds by bus"
    typed, _ = typo(Random(seed), text, [])
    before, after = text.split(" "), typed.split(" ")
    slips = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(slips) <= 2
    for old, new in slips:
        assert old in {"please", "Leeds"}
        assert abs(len(old) - len(new)) <= 1
        assert new[0] == old[0]


def test_typos_are_of_all_kinds() -> None:
    words = changed(typo, "York")
    assert {"Yrok", "Yok", "Yoork", "Yprk"} <= words


def test_a_typo_in_a_label_is_labelled() -> None:
    text, [span] = typo(Random(4), "to Leeds", [Span("destination", 3, 8)])
    assert text != "to Leeds"
    assert text[span.start : span.end] == text.removeprefix("to ")


def test_chinese_loses_a_particle_outside_the_labels() -> None:
    text, spans = "去的哥镇的票了", [Span("destination", 1, 4)]
    results = {typo(Random(seed), text, spans)[0] for seed in range(50)}
    assert results == {"去的哥镇票了", "去的哥镇的票"}


def test_a_filler_stands_between_words_and_never_in_a_label() -> None:
    text, spans = "fly to New York by 5 pm", [Span("destination", 7, 15), Span("arrival_time", 19, 23)]
    for seed in range(300):
        said_text, said_spans = filler(Random(seed), text, spans)
        assert [said_text[span.start : span.end] for span in said_spans] == ["New York", "5 pm"]
        assert regex.fullmatch(r"(\S+,? )+\S+", said_text)
        assert len(tokenize(said_text)) > len(tokenize(text))


def test_chinese_fillers_stand_before_what_is_sought_or_at_the_start() -> None:
    results = {filler(Random(seed), "我要从北京去", [Span("origin", 3, 5)])[0] for seed in range(300)}
    plain = {result.replace("，", "") for result in results}
    assert plain == {
        *(f"{word}我要从北京去" for word in ("嗯", "呃", "那个", "额", "就是")),
        *(f"我要从{word}北京去" for word in ("嗯", "呃", "那个", "额", "就是")),
    }


NUMBER_WORDS = regex.compile(
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(thir|four|fif|six|seven|eigh|nine)teen(th)?"
    "|(twen|thir|for|fif|six|seven|eigh|nine)t(y|ieth)|hundred|oh|o|clock|first|second|third|fourth|fifth|sixth|seventh"
    "|eighth|ninth|tenth|eleventh|twelfth|st|nd|rd|th|['’:-]|[零一二三四五六七八九十百两兩点點半分]",
    regex.IGNORECASE,
)


def without_numbers(text: str) -> list[str]:
    tokens = (token.text for token in tokenize(text))
    return [word for word in tokens if not word.isdecimal() and not NUMBER_WORDS.fullmatch(word)]


@given(labelled_texts(), st.integers(0, 1000))
def test_numbers_as_words_leave_all_other_words_where_they_are(labelled: tuple[str, list[Span]], seed: int) -> None:
    text, spans = number_words(Random(seed), *labelled)
    assert without_numbers(text) == without_numbers(labelled[0])
    assert [(before.slot, without_numbers(labelled[0][before.start : before.end])) for before in labelled[1]] == [
        (after.slot, without_numbers(text[after.start : after.end])) for after in spans
    ]
    assert list(span_problems(text, spans)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at 5 pm, 5pm or 7 A.M.", {"at five pm, five pm or seven A.M."}),
        ("10:30am, 06:05, 7:00", {"ten thirty am, six oh five, seven o'clock"}),
        ("7:00 am, 7:00pm, 7:00 o'clock, 15:00", {"seven am, seven pm, seven o'clock, fifteen hundred"}),
        ("after 11:45", {"after eleven forty five", "after eleven forty-five"}),
        ("the 21st", {"the twenty first", "the twenty-first"}),
        ("March 5th", {"March fifth"}),
        ("march 5, 2027 for 3", {"march fifth, 2027 for three", "march five, 2027 for three"}),
        ("5 march", {"fifth march", "five march"}),
        ("2 tickets under 200 dollars", {"two tickets under two hundred dollars"}),
        ("SEATS: 2, PLEASE", {"SEATS: TWO, PLEASE"}),
        ("3月2号13:45", {"三月二号十三点四十五", "三月二号十三点四十五分"}),
        ("8:05到9:00", {"八点零五到九点", "八点零五分到九点"}),
        ("8点30或9:30", {"八点三十或九点三十", "八点三十或九点半", "八点三十或九点三十分"}),
        ("2张", {"两张", "二张"}),
        ("2到3個人，不要東站", {"兩到三個人，不要東站", "二到三個人，不要東站"}),
        ("2大1小，200元", {"两大一小，二百元", "二大一小，二百元"}),
    ],
)
def test_numbers_are_said_as_words(text: str, said: set[str]) -> None:
    assert changed(number_words, text) == said


@pytest.mark.parametrize(
    "text",
    [
        "UA328 UA 328 G7 A1 g 7 I-95 B-2",
        "flight 417, delta 296, bus 5, no. 7",
        "$20, $ 20, £5.50, 1,200, 3.5%, 20%",
        "555 1234, 555-1234, 0455512345, 12 34 56",
        "24/7, 3/5, 2027-03-05, 5-6, 8:00-9:00, 10:30:15, 24:30",
        "in 2027, 007, 1300 Main Street",
        "G7次，坐615路到798艺术区的101大厦，5-6点，8:00-9:00，4.5分，2027年",
    ],
)
def test_codes_prices_and_long_numbers_keep_their_digits(text: str) -> None:
    assert changed(number_words, text) == {text}


def test_a_number_in_a_label_is_labelled_as_words() -> None:
    text, spans = "2 tickets at 5pm on March 5th", [Span("passengers", 0, 1), Span("departure_time", 13, 16)]
    said_text, said_spans = number_words(Random(1), text, [*spans, Span("departure_time", 20, 29)])
    assert [said_text[span.start : span.end] for span in said_spans] == ["two", "five pm", "March fifth"]


def test_a_number_that_a_label_cuts_stays() -> None:
    assert number_words(Random(1), "10:30", [Span("time", 0, 2)]) == ("10:30", [Span("time", 0, 2)])
    assert number_words(Random(1), "5pm", [Span("time", 0, 1)]) == ("five pm", [Span("time", 0, 4)])


def test_width_makes_all_digits_wide_or_all_marks_narrow() -> None:
    assert changed(width, "3月5日，（去）北京。") == {"３月５日，（去）北京。", "3月5日,(去)北京。"}


def test_traditional_is_one_character_for_one() -> None:
    text, spans = traditional(Random(1), "从台北到东京", [Span("origin", 1, 3), Span("destination", 4, 6)])
    assert text[0] == "從"
    assert (text[4], spans[1]) == ("東", Span("destination", 4, 6))


def test_an_insertion_at_an_edge_stays_outside_and_one_inside_is_inside() -> None:
    spans = [Span("a", 0, 2), Span("b", 2, 4)]
    text, moved = apply_edits("aabb", spans, [Edit(0, 0, "x"), Edit(2, 2, "y"), Edit(3, 3, "z"), Edit(4, 4, "x")])
    assert text == "xaaybzbx"
    assert [text[span.start : span.end] for span in moved] == ["aa", "bzb"]


def test_an_edit_across_an_edge_takes_away_from_the_span() -> None:
    text, moved = apply_edits("aa, bb", [Span("a", 0, 3), Span("b", 4, 6)], [Edit(2, 5, " ")])
    assert [(text[span.start : span.end]) for span in moved] == ["aa", "b"]


def test_a_span_of_which_nothing_is_left_goes() -> None:
    assert apply_edits("a b", [Span("x", 2, 3)], [Edit(1, 3, "")]) == ("a", [])


def test_rates_are_met_and_styles_exclude_each_other() -> None:
    rng = Random(7)
    rates = NoiseRates(spoken=0.3, upper=0.1, title=0.1)
    said = Counter(augment(rng, "Go, now", [], rates)[0] for _ in range(4_000))
    assert set(said) == {"Go, now", "go now", "GO, NOW", "Go, Now"}
    assert said["go now"] / 4_000 == pytest.approx(0.3, abs=0.03)
    assert said["GO, NOW"] / 4_000 == pytest.approx(0.1, abs=0.02)


def test_without_rates_nothing_changes() -> None:
    labelled = ("from Leeds, at 5 pm.", [Span("origin", 5, 10)])
    assert augment(Random(1), *labelled, NoiseRates()) == labelled


@pytest.mark.parametrize("rates", [{"typo": 1.1}, {"filler": -0.1}, {"spoken": 0.6, "upper": 0.5}])
def test_rates_that_are_no_shares_are_refused(rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1|at most 1"):
        NoiseRates(**rates)


@pytest.mark.parametrize("lang", RATES)
def test_noise_keeps_most_labels_on_whole_tokens(lang: str) -> None:
    text, spans = {
        "en": ("Leave St. Louis at 5 p.m. for New York", [Span("origin", 6, 15), Span("departure_time", 19, 25)]),
        "zh": ("我要从台北去东京，3月5日走", [Span("origin", 3, 5), Span("departure_time", 9, 13)]),
    }[lang]
    rng = Random(1)
    for _ in range(500):
        changed_text, changed_spans = augment(rng, text, spans, RATES[lang])
        assert len(spans_to_tags(tokenize(changed_text), changed_spans)) >= 9
        assert len(changed_spans) == 2
