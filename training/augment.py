"""A real row to changed copies: other places, other times, another style; the wording around them stays.

Real sources name few places and write in one style; a tagger that sees only them learns the names and the style
(docs/experiments.md has the figures with and without).
"""

from random import Random

import regex

from data.catalogue import Catalogue
from data.generator import grammar_of
from data.names import name_leaves
from data.noise import NoiseRates, augment
from data.rows import Row, renamed
from data.tags import Span

# A copy is meant to differ: more of each style than the generator's sentences have.
_RATES = {
    "en": NoiseRates(spoken=0.45, upper=0.03, title=0.03, filler=0.06, number_words=0.08, typo=0.14, squeeze=0.10),
    "zh": NoiseRates(spoken=0.45, filler=0.06, number_words=0.08, typo=0.05, width=0.10, traditional=0.12),
}
_CLOCK = regex.compile(r"\d[:：]\d|\d ?[ap]\.?m|[点點时]|o'clock", regex.IGNORECASE)


def changed_copies(rng: Random, row: Row, catalogue: Catalogue, count: int) -> list[Row]:
    """`count` copies of a row in a language that the generator speaks; none of one in another."""
    return [_changed(rng, row, catalogue) for _ in range(count if row.lang in _RATES else 0)]


def _changed(rng: Random, row: Row, catalogue: Catalogue) -> Row:
    names = {span: name for span in row.slots if (name := _another(rng, row, catalogue, span)) is not None}
    other = renamed(row, names)
    text, spans = augment(rng, other.text, other.slots, _RATES[row.lang])
    return Row(row.id, text, row.lang, tuple(spans), row.labelled, row.extra)


def _another(rng: Random, row: Row, catalogue: Catalogue, span: Span) -> str | None:
    """Something else of the same kind to say, or None where what was said stays."""
    kind = catalogue.slots[span.slot].kind if span.slot in catalogue.slots else None
    draw = rng.random()
    if kind == "place" and draw < 0.85:
        if draw < 0.2:
            return name_leaves(row.lang)["made_up"](rng)
        return grammar_of(row.lang).sample(rng, "town" if draw < 0.6 else "spot")[0]
    if kind == "time" and draw < 0.5:
        said = row.text[span.start : span.end]
        return grammar_of(row.lang).sample(rng, "clock" if _CLOCK.search(said) else "day")[0]
    return None
