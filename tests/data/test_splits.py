import subprocess
import sys
from collections import Counter
from hashlib import blake2b

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from data.splits import hash_fraction, parse_parts, part_of

PARTS = {"train": 0.8, "dev": 0.1, "test": 0.1}


@given(st.text(st.characters(codec="utf-8")))
def test_a_fraction_is_at_least_0_and_less_than_1(text: str) -> None:
    assert 0.0 <= hash_fraction(text) < 1.0


def test_a_fraction_is_the_same_in_another_process() -> None:
    code = "from data.splits import hash_fraction; print(hash_fraction('to Leeds'), hash_fraction('去台北'))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert [float(number) for number in output.split()] == [hash_fraction("to Leeds"), hash_fraction("去台北")]
    digest = blake2b(b"to Leeds", digest_size=8).hexdigest()
    assert hash_fraction("to Leeds") == pytest.approx(int(digest, 16) / 16**16)


def test_composed_and_decomposed_letters_are_one_text() -> None:
    assert hash_fraction("Z\u00fcrich") == hash_fraction("Zu\u0308rich")


def test_parts_get_their_shares() -> None:
    counts = Counter(part_of(f"sentence {number}", PARTS) for number in range(20_000))
    assert counts["train"] / 20_000 == pytest.approx(0.8, abs=0.01)
    assert counts["dev"] / 20_000 == pytest.approx(0.1, abs=0.01)
    assert set(counts) == set(PARTS)


def test_a_larger_share_only_takes_texts_in() -> None:
    texts = [f"sentence {number}" for number in range(500)]
    small, large = (
        {text for text in texts if part_of(text, {"a": share, "b": 1 - share}) == "a"} for share in (0.2, 0.3)
    )
    assert small < large


def test_shares_that_sum_to_a_little_less_than_one_leave_nothing_out() -> None:
    assert part_of("x", {"a": 1e-9, "b": 1e-9}) == "b"


def test_parts_are_read_from_a_line() -> None:
    assert parse_parts("train=0.8, dev=0.1,test=.1") == PARTS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("train=0.8,dev=0.1", "the shares sum to 0.9; they must sum to 1"),
        ("train=1,train=0", "'train=0': a part is NAME=SHARE, each name once"),
        ("../x=1", "'../x=1': a part is NAME=SHARE"),
        ("", "'': a part is NAME=SHARE"),
        ("train", "'train': '' is no number"),
        ("train=nan", "'train=nan': a share is above 0 and at most 1"),
        ("train=0,dev=1", "'train=0': a share is above 0 and at most 1"),
        ("train=1.5,dev=-0.5", "'train=1.5': a share is above 0 and at most 1"),
    ],
)
def test_parts_that_make_no_split_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=regex.escape(reason)):
        parse_parts(text)
