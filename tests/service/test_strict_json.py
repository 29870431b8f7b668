import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.strict_json import MAX_DEPTH, JsonError, json_from_bytes, strings_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(value=JSON)
def test_what_json_writes_is_read_back(value: object) -> None:
    assert json_from_bytes(json.dumps(value, ensure_ascii=False).encode()) == value
    assert json_from_bytes(json.dumps(value).encode()) == value


@given(data=st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_named_error(data: bytes) -> None:
    try:
        value = json_from_bytes(data)
    except JsonError:
        return
    assert value == json.loads(data.decode("utf-8-sig"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "at character 1"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "1e999 is too large"),
        (b'{"a": 1, "a": 2}', "'a' stands twice"),
        (b'"\xff"', "byte 1 is not valid UTF-8"),
        (b'"\xed\xa0\x80"', "not valid UTF-8"),
        ('"a"'.encode("utf-16"), "not valid UTF-8"),
        (b"9" * 5000, "4300"),
        (b"[" * 100_000, "nested"),
        (b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), "nested"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested"),
        (b"{} {}", "Extra data"),
    ],
)
def test_what_is_not_strict_json_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(JsonError, match=reason):
        json_from_bytes(data)


def test_a_byte_order_mark_is_skipped() -> None:
    assert json_from_bytes(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_nesting_up_to_the_limit_is_read() -> None:
    assert json_from_bytes(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_strings_are_found_at_every_depth_and_in_names() -> None:
    assert set(strings_of({"a": ["b", {"c": "d"}], "e": 1})) == {"a", "b", "c", "d", "e"}
