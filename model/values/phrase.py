"""One phrase of a known kind to its value."""

from model.values.counts import resolve_count
from model.values.places import NO_HINT, Hint, resolve_place, zone_of
from model.values.times.read import read_time
from model.values.times.resolve import Context, Reference, resolve_time
from model.values.value import Kind, Value


def resolve_phrase(
    kind: Kind, phrase: str, lang: str, reference: Reference, hint: Hint = NO_HINT, before: str = ""
) -> Value:
    """`before` is the text in front of the phrase, for counts ("with" + "3 friends"). Pure; unresolved is a value."""
    if kind == "time":
        return resolve_time(read_time(phrase, lang), phrase, reference, Context(zone_of_place=zone_of))
    if kind == "place":
        return resolve_place(phrase, hint)
    return resolve_count(phrase, before)
