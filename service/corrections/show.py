"""Corrections to a table for whoever reviews them."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from data.tags import Span
from service.corrections.correction import Correction


def corrections_table(corrections: Sequence[Correction]) -> Table:
    """Each with what it should be and, below, what the model said; [words](slot) is a slot."""
    table = Table("id", "sent", "times", "status", "should be / model said", "asked for, note, who", box=None)
    table.padding = (0, 2, 0, 0)
    for one in corrections:
        before = [Span(said["slot"], said["start"], said["end"]) for said in one.before]
        about = "; ".join(filter(None, (one.requested_slot, one.note, one.who)))
        sentence = Text(marked(one.text, one.slots))
        if not one.sampled:
            sentence.append(f"\n{marked(one.text, before)}", "dim")
        # Text, because a string would be read as markup.
        table.add_row(one.id, one.created[:16], str(one.count), one.status, sentence, Text(printable(about)))
    return table


def marked(text: str, spans: Iterable[Span]) -> str:
    """A text with its slots in it: to [Oslo](destination)."""
    shown, at = "", 0
    for span in spans:
        shown += printable(text[at : span.start]) + f"[{printable(text[span.start : span.end])}]({span.slot})"
        at = span.end
    return shown + printable(text[at:])


def printable(text: str) -> str:
    """Strangers wrote it, and a terminal obeys control characters."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
