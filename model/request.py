"""What a parser is asked. Apart from the parser, so that a request can be checked without torch."""

from typing import NamedTuple

from data.rows import Row
from model.values.times.resolve import Reference


class Request(NamedTuple):
    """A text to parse. Without a reference it gets no values; each slot lists so many other readings.

    `requested_slot` is what the traveller was just asked for.
    """

    text: str
    lang: str | None = None
    reference: Reference | None = None
    alternatives: int = 0
    requested_slot: str | None = None


def request_of(row: Row) -> Request:
    """The slots of a labelled row, to be compared with its labels."""
    return Request(row.text, row.lang, requested_slot=row.requested_slot)
