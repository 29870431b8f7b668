from io import StringIO

from rich.console import Console

from data.catalogue import load_catalogue
from model.parser import ModelName, Parse, Slot
from service.show import parse_to_lines, print_parse

TEXT = "to New\nYork [bold]tomorrow"


def a_parse(*slots: Slot) -> Parse:
    return Parse(TEXT, "en", slots, ModelName("tiny", "1"), load_catalogue())


SLOTS = (Slot("destination", "New\nYork", 3, 11, 0.987), Slot("departure_time", "tomorrow", 18, 26, 0.5))


def shown(parse: Parse, terminal: bool) -> str:
    file = StringIO()
    colours = "standard" if terminal else None
    print_parse(parse, Console(file=file, force_terminal=terminal, width=80, highlight=False, color_system=colours))
    return file.getvalue()


def test_a_line_a_slot_whatever_the_text_holds() -> None:
    assert parse_to_lines(a_parse(*SLOTS)) == ["destination\tNew York\t0.99", "departure_time\ttomorrow\t0.50"]
    assert parse_to_lines(a_parse()) == []


def test_a_terminal_shows_the_text_as_it_is_and_a_table() -> None:
    plain = shown(a_parse(*SLOTS), terminal=False)
    assert plain.startswith(TEXT)
    assert plain.count("New York") == 1
    assert "0.99" in plain


def test_slots_are_coloured_and_nothing_else_is() -> None:
    coloured = shown(a_parse(*SLOTS), terminal=True)
    assert coloured.startswith("to \x1b[")
    assert "\x1b[0m [bold]\x1b[" in coloured


def test_a_text_without_slots_says_so() -> None:
    assert "no slots" in shown(a_parse(), terminal=False)
