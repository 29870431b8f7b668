"""A text to the part of a split it belongs to, by its hash alone: it never moves, whatever else is in the file."""

import unicodedata
from collections.abc import Mapping
from hashlib import blake2b


def hash_fraction(text: str) -> float:
    """A number in [0, 1), evenly spread over texts and the same on every machine; NFC forms of a text agree."""
    digest = blake2b(unicodedata.normalize("NFC", text).encode(), digest_size=8).digest()
    # 53 bits are what a float holds: with all 64 the largest would round up to 1.
    return (int.from_bytes(digest) >> 11) / 2**53


def part_of(text: str, parts: Mapping[str, float]) -> str:
    """The part that holds the text; `parts` are names and shares that sum to 1, in a fixed order."""
    fraction = hash_fraction(text)
    edge = 0.0
    for name, share in parts.items():
        edge += share
        if fraction < edge:
            return name
    return name  # the shares summed to a little less than 1


def parse_parts(text: str) -> dict[str, float]:
    """ "train=0.8,dev=0.1,test=0.1" to names and shares, or ValueError that names what is wrong."""
    parts: dict[str, float] = {}
    for item in text.split(","):
        name, _, share = (piece.strip() for piece in item.partition("="))
        if not name.isidentifier() or name in parts:
            raise ValueError(f"{item!r}: a part is NAME=SHARE, each name once")
        try:
            parts[name] = float(share)
        except ValueError:
            raise ValueError(f"{item!r}: {share!r} is no number") from None
        if not 0.0 < parts[name] <= 1.0:
            raise ValueError(f"{item!r}: a share is above 0 and at most 1")
    if abs(sum(parts.values()) - 1.0) > 1e-6:
        raise ValueError(f"the shares sum to {sum(parts.values()):g}; they must sum to 1")
    return parts
