"""What a parser is asked. Apart from the parser, so that a request can be checked without torch."""

from typing import NamedTuple

from model.values.times.resolve import Reference


class Request(NamedTuple):
    """A text to parse. Without a reference it gets no values; each slot lists so many other readings."""

    text: str
    lang: str | None = None
    reference: Reference | None = None
    alternatives: int = 0
