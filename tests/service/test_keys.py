import hashlib
from collections.abc import Callable

import pytest
import regex

from service.keys import Access, ForbiddenError, Headers, Keys, UnauthorizedError, new_key

PARSE, ADMIN, OTHER = "parse key", "admin key", "other key"


def hash_of(key: str) -> str:
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def bearer(key: str) -> Headers:
    return [(b"host", b"slotwise"), (b"authorization", f"Bearer {key}".encode())]


def x_api_key(key: str) -> Headers:
    return [(b"host", b"slotwise"), (b"x-api-key", key.encode())]


BOTH = Keys([hash_of("earlier key"), hash_of(PARSE)], [hash_of(ADMIN)])
OPEN = Keys([], [])
OPEN_WITH_ADMIN = Keys([], [hash_of(ADMIN)])


def answer(keys: Keys, access: Access, headers: Headers) -> str:
    """The code of the problem, or that it is allowed."""
    try:
        keys.check(access, headers)
    except (UnauthorizedError, ForbiddenError) as error:
        return error.code
    return "allowed"


@pytest.mark.parametrize("send", [bearer, x_api_key])
@pytest.mark.parametrize(
    ("keys", "key", "parse", "admin"),
    [
        (BOTH, PARSE, "allowed", "forbidden"),
        (BOTH, "earlier key", "allowed", "forbidden"),
        (BOTH, ADMIN, "allowed", "allowed"),
        (BOTH, OTHER, "unauthorized", "unauthorized"),
        (BOTH, "", "unauthorized", "unauthorized"),
        (BOTH, hash_of(PARSE), "unauthorized", "unauthorized"),
        (OPEN, OTHER, "allowed", "forbidden"),
        (OPEN, "", "allowed", "forbidden"),
        (OPEN_WITH_ADMIN, OTHER, "allowed", "unauthorized"),
        (OPEN_WITH_ADMIN, ADMIN, "allowed", "allowed"),
    ],
)
def test_who_may_do_what(keys: Keys, key: str, parse: str, admin: str, send: Callable[[str], Headers]) -> None:
    assert (answer(keys, "parse", send(key)), answer(keys, "admin", send(key))) == (parse, admin)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], "unauthorized"),
        ([(b"authorization", b"Basic " + PARSE.encode())], "unauthorized"),
        ([(b"authorization", b"Basic eDp5"), (b"x-api-key", PARSE.encode())], "allowed"),  # a proxy's own password
        ([(b"authorization", b"bearer  " + PARSE.encode() + b" ")], "allowed"),  # RFC 9110: any case, spaces
        ([(b"authorization", b"Bearer \xff\x00")], "unauthorized"),
    ],
)
def test_where_the_key_stands(headers: Headers, expected: str) -> None:
    assert answer(BOTH, "parse", headers) == expected


def test_a_missing_key_is_told_how_to_come() -> None:
    with pytest.raises(UnauthorizedError) as refused:
        BOTH.check("parse", [])
    assert (refused.value.status, refused.value.headers) == (401, {"www-authenticate": "Bearer"})
    with pytest.raises(ForbiddenError, match="SLOTWISE_ADMIN_KEYS"):
        OPEN.check("admin", [])


def test_no_problem_shows_the_key() -> None:
    refusals: list[tuple[Access, str]] = [("parse", OTHER), ("admin", OTHER), ("admin", PARSE)]
    for access, key in refusals:
        with pytest.raises((UnauthorizedError, ForbiddenError)) as refused:
            BOTH.check(access, bearer(key))
        assert key not in refused.value.detail


def test_a_new_key_is_random_and_its_hash_lets_it_in() -> None:
    (key, key_hash), (other, _) = new_key(), new_key()
    assert key != other
    assert regex.fullmatch(r"slotwise_[\w-]{43}", key)  # 256 bits in base64
    assert key_hash == hash_of(key)
    Keys([key_hash], []).check("parse", bearer(key))
