"""When and where a request is made: types that check ISO 8601 moments and IANA time zones."""

import functools
import zoneinfo
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError


def _aware_datetime(value: object) -> datetime:
    if not isinstance(value, str):
        raise PydanticCustomError("invalid_type", "it must be a string, an ISO 8601 date and time with its offset")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PydanticCustomError(
            "invalid_value", "it must be an ISO 8601 date and time with its offset, as 2026-11-20T10:00:00+08:00"
        )
    return moment


@functools.cache
def _timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _known_timezone(value: str) -> str:
    if value not in _timezones():
        raise PydanticCustomError("invalid_value", "it must be an IANA time zone, as Asia/Taipei or UTC")
    return value


AwareDatetime = Annotated[datetime, BeforeValidator(_aware_datetime)]
TimeZone = Annotated[str, AfterValidator(_known_timezone)]
