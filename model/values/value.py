"""The answers: one object a value, as it stands in JSON."""

from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["time", "place", "count"]
Value: TypeAlias = dict[str, Any]  # keys in the order of `resolved` and `unresolved`

Reason: TypeAlias = Literal[
    "not_a_time", "not_a_place", "not_a_count", "underspecified", "partly_understood", "impossible_date",
    "unknown_place", "out_of_range", "conflict",
]  # fmt: skip

_OWN: dict[Kind, tuple[str, ...]] = {
    "time": ("value", "start", "end", "grain", "timezone"),
    "place": (
        "name", "value", "country", "admin1", "iata", "latitude", "longitude", "timezone", "match", "score",
    ),
    "count": ("value", "minimum", "maximum", "breakdown"),
}  # fmt: skip


def reading(kind: Kind, form: str | None, **fields: Any) -> Value:
    """The fields of one reading: what stands in `alternatives` and in `partial`. Missing fields are null."""
    return {"kind": form, **{name: fields.pop(name, None) for name in _OWN[kind]}, **fields}


def resolved(
    kind: Kind, text: str, readings: list[Value], *, ambiguous: bool, assumptions: list[str], **more: Any
) -> Value:
    """The first reading with the others as alternatives (at most 4); `more` may hold a reason (conflict)."""
    return {
        "type": kind,
        "text": text,
        "status": "ambiguous" if ambiguous else "resolved",
        **readings[0],
        "alternatives": readings[1:5],
        "assumptions": assumptions,
        "reason": None,
        **more,
    }


def unresolved(kind: Kind, text: str, reason: Reason, partial: Value | None = None) -> Value:
    """An answer too: nothing is guessed, `partial` is the reading of the part that was understood."""
    return {
        "type": kind,
        "text": text,
        "status": "unresolved",
        **reading(kind, None),
        "alternatives": [],
        "assumptions": [],
        "reason": reason,
        "partial": partial,
    }
