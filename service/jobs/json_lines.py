"""Values to JSON, whatever JSON or Parquet gave them; rows to JSONL."""

import base64
import json
from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import orjson

_TEXT_OF: dict[type, Any] = {
    date: date.isoformat,
    time: time.isoformat,
    timedelta: timedelta.total_seconds,
    Decimal: str,
    bytes: lambda value: base64.b64encode(value).decode(),
}


def to_json(value: Any) -> bytes:
    """One line. NaN and infinities, which JSON has not, are null; lone surrogates stay escaped."""
    try:
        return orjson.dumps(value, default=_plain)
    except TypeError:  # lone surrogates, and integers beyond 64 bits
        return json.dumps(value, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    for kind, text_of in _TEXT_OF.items():
        if isinstance(value, kind):
            return text_of(value)
    raise TypeError(f"{type(value).__name__} has no JSON")


def rows_to_lines(rows: Iterable[Any]) -> bytes:
    return b"".join([to_json(row) + b"\n" for row in rows])
