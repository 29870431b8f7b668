from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.contract import MAX_ERRORS, Accepts, batch_items_from_json, parse_request_from_json
from service.problems import InvalidRequestError

ACCEPTS = Accepts(languages=("en", "zh"), slots=("destination", "origin"), max_characters=20)


def problems_of(value: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequestError) as caught:
        parse_request_from_json(value, ACCEPTS)
    assert caught.value.errors is not None
    return [(error.field, error.code) for error in caught.value.errors]


def detail_of(value: Any) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        parse_request_from_json(value, ACCEPTS)
    return caught.value.detail


def test_a_text_alone_is_a_request() -> None:
    request = parse_request_from_json({"text": "to Oslo"}, ACCEPTS)
    assert (request.text, request.lang, request.resolve, request.alternatives) == ("to Oslo", None, True, 0)


def test_every_field_is_read() -> None:
    request = parse_request_from_json(
        {
            "text": "to Oslo",
            "lang": "zh",
            "reference_time": "2026-11-20T10:00:00+08:00",
            "timezone": "Asia/Shanghai",
            "resolve": False,
            "alternatives": 10,
            "requested_slot": "origin",
        },
        ACCEPTS,
    )
    assert request.reference_time is not None
    assert request.reference_time.utcoffset() == timedelta(hours=8)
    assert (request.timezone, request.resolve, request.alternatives) == ("Asia/Shanghai", False, 10)


def test_null_is_as_good_as_absent_where_a_field_may_be_absent() -> None:
    value = {"text": "to Oslo", "lang": None, "reference_time": None, "timezone": None, "requested_slot": None}
    assert parse_request_from_json(value, ACCEPTS) == parse_request_from_json({"text": "to Oslo"}, ACCEPTS)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("text", 3, "invalid_type"),
        ("text", None, "invalid_type"),
        ("text", ["to Oslo"], "invalid_type"),
        ("text", "", "empty_text"),
        ("text", " \u3000\n", "empty_text"),
        ("text", "x" * 21, "text_too_long"),
        ("text", "to \ud800", "invalid_unicode"),
        ("lang", "fr", "invalid_value"),
        ("lang", 1, "invalid_type"),
        ("lang", "\udfff", "invalid_unicode"),
        ("reference_time", "2026-11-20", "invalid_value"),
        ("reference_time", "2026-11-20T10:00:00", "invalid_value"),
        ("reference_time", "tomorrow", "invalid_value"),
        ("reference_time", "", "invalid_value"),
        ("reference_time", 1700000000, "invalid_type"),
        ("timezone", "Mars/Olympus", "invalid_value"),
        ("timezone", "../etc/passwd", "invalid_value"),
        ("timezone", "", "invalid_value"),
        ("timezone", 8, "invalid_type"),
        ("resolve", "yes", "invalid_type"),
        ("resolve", 1, "invalid_type"),
        ("alternatives", -1, "invalid_value"),
        ("alternatives", 11, "invalid_value"),
        ("alternatives", 10**400, "invalid_value"),
        ("alternatives", 1.0, "invalid_type"),
        ("alternatives", True, "invalid_type"),
        ("alternatives", "3", "invalid_type"),
        ("requested_slot", "hotel", "invalid_value"),
        ("requested_slot", {}, "invalid_type"),
    ],
)
def test_a_wrong_value_is_refused_with_its_field_and_code(field: str, value: object, code: str) -> None:
    assert problems_of({"text": "to Oslo"} | {field: value}) == [(field, code)]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("lang", "fr", ["'fr'", "en, zh"]),
        ("alternatives", 11, ["11", "10"]),
        ("text", "x" * 21, ["21", "20"]),
        ("requested_slot", "hotel", ["'hotel'", "destination, origin"]),
        ("reference_time", "tomorrow", ["'tomorrow'", "offset"]),
        ("timezone", "Mars/Olympus", ["Mars/Olympus", "IANA"]),
    ],
)
def test_a_message_holds_the_wrong_value_and_what_is_allowed(field: str, value: object, words: list[str]) -> None:
    detail = detail_of({"text": "to Oslo"} | {field: value})
    assert all(word in detail for word in words), detail


def test_a_misspelt_field_comes_before_the_one_that_is_missing_and_names_the_right_one() -> None:
    assert problems_of({"txt": "to Oslo"}) == [("txt", "unknown_field"), ("text", "missing_field")]
    assert "did you mean 'text'" in detail_of({"txt": "to Oslo"})
    assert "did you mean 'timezone'" in detail_of({"text": "to Oslo", "timeZone": "UTC"})
    assert "the fields are text, lang" in detail_of({"text": "to Oslo", "zzzzzz": 1})


@pytest.mark.parametrize("value", [None, [], "to Oslo", 3, True, [{"text": "to Oslo"}]])
def test_what_is_no_object_is_refused(value: object) -> None:
    assert problems_of(value) == [("", "invalid_type")]


def test_a_lone_surrogate_is_found_in_any_place() -> None:
    for value in ({"\ud800": 1}, {"text": "a", "x": [{"y": "\ud800"}]}, {"text": "a", "x": [{"\ud800": 1}]}):
        [(field, code)] = problems_of(value)
        assert code == "invalid_unicode"
        assert field.isascii()
    assert "U+D800" in detail_of({"text": "a\ud800"})


def test_a_thousand_wrong_fields_get_a_short_answer() -> None:
    value = {f"x{number}" * 1000: "y" * 1000 for number in range(1000)}
    assert len(problems_of(value)) == MAX_ERRORS
    assert len(detail_of(value)) < 300


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner),
    max_leaves=6,
)


@settings(max_examples=200)
@given(value=ANY_JSON | st.dictionaries(st.sampled_from(["text", "lang", "timezone", "alternatives", "txt"]), ANY_JSON))
def test_any_json_is_a_request_or_a_problem_that_can_be_sent(value: Any) -> None:
    try:
        parse_request_from_json(value, ACCEPTS)
    except InvalidRequestError as error:
        str(error.to_dict()).encode()


def test_the_items_of_a_batch_are_taken_unchecked() -> None:
    assert batch_items_from_json({"items": [1, {"text": "\ud800"}]}, 2) == [1, {"text": "\ud800"}]
    assert batch_items_from_json({"items": []}, 2) == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"items": [1, 2, 3]}, "too_many_items"),
        ({"items": {"text": "a"}}, "invalid_type"),
        ({"items": None}, "invalid_type"),
        ({}, "missing_field"),
        ({"item": []}, "unknown_field"),
        ({"items": [], "\ud800": 1}, "invalid_unicode"),
        ([{"text": "a"}], "invalid_type"),
    ],
)
def test_a_batch_that_is_wrong_as_a_whole_is_refused(value: Any, code: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        batch_items_from_json(value, 2)
    assert caught.value.code == code
