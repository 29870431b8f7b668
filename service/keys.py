"""API keys: how one is made, and which of them may do what. Only their hashes are kept."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from typing import Literal

from service.problems import ServiceError

Access = Literal["parse", "admin"]
Headers = Iterable[tuple[bytes, bytes]]  # as ASGI has them, names in lower case

_BEARER = b"bearer "


class UnauthorizedError(ServiceError):
    """No key, or one that is not known."""

    status, code = 401, "unauthorized"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.headers = {"www-authenticate": "Bearer"}


class ForbiddenError(ServiceError):
    """A known key that may not do this, or something that nobody may do."""

    status, code = 403, "forbidden"


def new_key() -> tuple[str, str]:
    """A key of 256 random bits for the client, and its hash for the service's settings."""
    key = "slotwise_" + secrets.token_urlsafe(32)
    # No salt and no slow hash: those protect what people choose, and nobody guesses 256 random bits.
    return key, f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


class Keys:
    """The hashes (`sha256:HEX`) of the keys that may parse, and of those that may administer, which may parse too."""

    def __init__(self, parse_hashes: Sequence[str], admin_hashes: Sequence[str]) -> None:
        self._parse = [_digest(known) for known in parse_hashes]
        self._admin = [_digest(known) for known in admin_hashes]

    def check(self, access: Access, headers: Headers) -> None:
        """Return where the key of a request, `Authorization: Bearer KEY` or `X-API-Key: KEY`, gives that access.

        Without parse hashes all may parse, without admin hashes nobody may administer.
        Raises UnauthorizedError, ForbiddenError.
        """
        if access == "parse" and not self._parse:
            return
        if access == "admin" and not self._admin:
            raise ForbiddenError("there is no key for this: set SLOTWISE_ADMIN_KEYS")
        key = _key_of(headers)
        if not key:
            raise UnauthorizedError("there is no API key; send Authorization: Bearer KEY")
        digest = hashlib.sha256(key).digest()
        may_parse, may_administer = _holds(self._parse, digest), _holds(self._admin, digest)
        if not (may_parse or may_administer):
            raise UnauthorizedError("the API key is not known")
        if access == "admin" and not may_administer:
            raise ForbiddenError("the API key may parse, but not administer")

    def name(self, headers: Headers) -> str | None:
        """What tells a known key of a request from others, as `slotwise settings` shows its hash; None without one."""
        digest = hashlib.sha256(_key_of(headers)).digest()
        return f"sha256:{digest.hex()[:6]}" if _holds([*self._parse, *self._admin], digest) else None


def _digest(known: str) -> bytes:
    return bytes.fromhex(known.removeprefix("sha256:"))


def _key_of(headers: Headers) -> bytes:
    key = b""
    for name, value in headers:
        if name == b"authorization" and value[: len(_BEARER)].lower() == _BEARER:
            return value[len(_BEARER) :].strip()
        if name == b"x-api-key":
            key = value.strip()
    return key


def _holds(known: Sequence[bytes], digest: bytes) -> bool:
    """Takes the same time whichever it is: every comparison is made, each in constant time."""
    return sum([hmac.compare_digest(one, digest) for one in known]) > 0
