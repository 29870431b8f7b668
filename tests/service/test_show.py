from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from model.parser import ModelName, Parse, Slot
from model.values.phrase import resolve_phrase
from model.values.times.resolve import Reference
from model.values.value import Kind
from service.show import parse_to_lines, print_parse, value_to_line

TEXT = "to New\nYork [bold]tomorrow"


def a_parse(*slots: Slot) -> Parse:
    return Parse(TEXT, "en", slots, {}, ModelName("tiny", "1"))


VALUE = {"type": "time", "status": "ambiguous", "value": "2026-11-21"}
SLOTS = (Slot("destination", "New\nYork", 3, 11, 0.987), Slot("departure_time", "tomorrow", 18, 26, 0.5, VALUE))


def shown(parse: Parse, terminal: bool) -> str:
    file = StringIO()
    colours = "standard" if terminal else None
    print_parse(parse, Console(file=file, force_terminal=terminal, width=80, highlight=False, color_system=colours))
    return file.getvalue()


def test_a_line_a_slot_whatever_the_text_holds() -> None:
    assert parse_to_lines(a_parse(*SLOTS)) == [
        "destination\tNew York\t0.99\t",
        "departure_time\ttomorrow\t0.50\t2026-11-21 ?",
    ]
    assert parse_to_lines(a_parse()) == []


def test_a_terminal_shows_the_text_as_it_is_and_a_table() -> None:
    plain = shown(a_parse(*SLOTS), terminal=False)
    assert plain.startswith(TEXT)
    assert plain.count("New York") == 1
    assert "0.99" in plain
    assert "2026-11-21 ?" in plain


@pytest.mark.parametrize(
    ("kind", "phrase", "line"),
    [
        ("time", "tomorrow at 5 pm", "2026-11-21T17:00:00+08:00"),
        ("time", "friday", "2026-11-20 ?"),
        ("place", "Taipei", "Taipei, TW, TPE, TSA"),
        ("count", "two or three", "2-3 ?"),
        ("count", "at least 4", "4- ?"),
        ("count", "window seat", "? not_a_count"),
    ],
)
def test_a_value_in_one_line(kind: Kind, phrase: str, line: str) -> None:
    reference = Reference(datetime(2026, 11, 20, 2, tzinfo=UTC), "Asia/Shanghai")
    assert value_to_line(resolve_phrase(kind, phrase, "en", reference)) == line


def test_slots_are_coloured_and_nothing_else_is() -> None:
    coloured = shown(a_parse(*SLOTS), terminal=True)
    assert coloured.startswith("to \x1b[")
    assert "\x1b[0m [bold]\x1b[" in coloured


def test_a_text_without_slots_says_so() -> None:
    assert "no slots" in shown(a_parse(), terminal=False)
