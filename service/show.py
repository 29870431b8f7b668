"""A Parse to what a person reads: coloured on a terminal, plain lines in a pipe."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from model.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.parser import Effect, Parse, Slot

    Explanation = Sequence[tuple[Slot, Sequence[Effect]]]

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")


def parse_to_lines(parse: "Parse") -> list[str]:
    """`slot<TAB>text<TAB>confidence<TAB>value`, a line a slot; white space in a text is one space."""
    return [
        f"{slot.slot}\t{_on_one_line(slot.text)}\t{slot.confidence:.2f}\t{value_to_line(slot.value)}"
        for slot in parse.slots
    ]


def value_to_line(value: Value | None) -> str:
    """What a value comes to in one line; a question mark behind what is ambiguous, in front of why there is none."""
    if value is None:
        return ""
    if value.get("status") == "unresolved":
        return f"? {value['reason']}"
    said = value["value"]
    if value["type"] == "place":
        said = ", ".join([said, value["country"], *value["iata"]])
    elif value["type"] == "count" and said is None:
        said = "{}-{}".format(*("" if limit is None else limit for limit in (value["minimum"], value["maximum"])))
    return f"{said} ?" if value.get("status") == "ambiguous" else str(said)


def print_parse(parse: "Parse", console: Console) -> None:
    """The text with its slots coloured, and a table of them."""
    names = list(dict.fromkeys(slot.slot for slot in parse.slots))

    def colour(slot: "Slot") -> str:
        return f"bold {_COLOURS[names.index(slot.slot) % len(_COLOURS)]}"

    text = Text(parse.text)
    table = Table("slot", "text", "confidence", "value", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for slot in parse.slots:
        text.stylize(colour(slot), slot.start, slot.end)
        table.add_row(
            Text(slot.slot, colour(slot)),
            Text(_on_one_line(slot.text)),
            f"{slot.confidence:.2f}",
            value_to_line(slot.value),
        )
    console.print(text)
    console.print(table if parse.slots else "no slots", style="" if parse.slots else "dim")


def explanation_to_dict(explained: "Explanation") -> dict[str, Any]:
    """Each slot with its words' effects, the strongest first."""
    return {
        "slots": [
            slot.to_dict() | {"explanation": [effect._asdict() for effect in _strongest(effects)]}
            for slot, effects in explained
        ]
    }


def explanation_table(explained: "Explanation") -> Table:
    table = Table("slot", "text", "confidence", "words that spoke for it (+) or against it (-)", box=None)
    for slot, effects in explained:
        words = ", ".join(
            f"{word.text} {word.effect:+.2f}" for word in _strongest(effects)[:6] if abs(word.effect) > 0.005
        )
        said = Text(_on_one_line(slot.text))
        table.add_row(Text(slot.slot), said, f"{slot.confidence:.2f}", Text(words or "none alone"))
    return table


def _strongest(effects: "Sequence[Effect]") -> "list[Effect]":
    return sorted(effects, key=lambda word: -abs(word.effect))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
