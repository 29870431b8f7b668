"""Bytes from outside to a JSON value, strictly: what two readers could understand differently is refused."""

import json
import math
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 64
_BOM = b"\xef\xbb\xbf"


class JsonError(ValueError):
    """Bytes that are no JSON; the message says where and why."""


def json_from_bytes(data: bytes) -> Any:
    """One JSON value. Not accepted: other encodings than UTF-8, NaN, infinities, a name twice, deep nesting.

    Escaped lone surrogates pass (the caller says which field holds one); a byte order mark is skipped.
    """
    if not data.strip():
        raise JsonError("it is empty")
    try:
        value = _decoder.decode(data.removeprefix(_BOM).decode())
    except UnicodeDecodeError as error:
        raise JsonError(f"byte {error.start} is not valid UTF-8") from None
    except json.JSONDecodeError as error:
        raise JsonError(f"{error.msg} at character {error.pos}") from None
    except RecursionError:
        raise JsonError(f"it is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:  # ours, and integers of more digits than Python reads
        raise JsonError(str(error).partition(";")[0]) from None
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _limit_depth(value)
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"number {digits[:40]} is too large")
    return number


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"the name {twice[:40]!r} stands twice in one object")
    return names


_decoder = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_unique_names)


def _children(values: list[Any]) -> list[Any]:
    return [
        child
        for value in values
        if isinstance(value, dict | list)
        for child in (value.values() if isinstance(value, dict) else value)
    ]


def _limit_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if not (level := _children(level)):
            return
    raise JsonError(f"it is nested deeper than {MAX_DEPTH} levels")


def strings_of(value: Any) -> Iterator[str]:
    """Every string in a JSON value, names of objects too."""
    level = [value]
    while level:
        for item in level:
            if isinstance(item, str):
                yield item
            elif isinstance(item, dict):
                yield from item
        level = _children(level)
