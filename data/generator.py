"""Grammars to as many different labelled sentences as are asked for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import cycle, islice
from pathlib import Path
from random import Random

from data.grammar import Grammar
from data.names import name_leaves
from data.noise import RATES, augment
from data.rows import Row, span_problems
from data.tags import Span, SpanError, spans_to_tags
from data.text import TextError, check_text
from data.tokens import tokenize

GRAMMARS = Path(__file__).parent / "grammars"
LANGUAGES = tuple(RATES)
JOINERS = {"en": " ", "zh": ""}

# A grammar that gives nothing new so many times in a row has run dry.
PATIENCE = 1_000


class GrammarDryError(ValueError):
    """A grammar that cannot give as many different sentences as were asked for."""


def generate(
    count: int, seed: int, languages: Sequence[str] = LANGUAGES, dropped: Counter[str] | None = None
) -> Iterator[Row]:
    """`count` rows in turn from the languages, no sentence twice; the same ones for the same seed everywhere.

    A language gives the same rows, whichever others are asked for beside it. `dropped` counts by language what
    grammar_to_rows leaves out. Raises ValueError for an unknown language, GrammarDryError where a grammar runs dry.
    """
    for lang in languages:
        if lang not in LANGUAGES:
            raise ValueError(f"no grammar speaks {lang!r}; there are {', '.join(LANGUAGES)}")
    counter = Counter[str]() if dropped is None else dropped
    streams = [grammar_to_rows(grammar_of(lang), lang, seed, counter) for lang in dict.fromkeys(languages)]
    return (next(stream) for stream in islice(cycle(streams), count))


@cache
def grammar_of(lang: str) -> Grammar:
    """The grammar of a language of LANGUAGES, its names bound."""
    return Grammar.load(GRAMMARS / lang, name_leaves(lang), JOINERS[lang])


def grammar_to_rows(grammar: Grammar, lang: str, seed: int, dropped: Counter[str]) -> Iterator[Row]:
    """Different rows until the grammar runs dry: GrammarDryError, after PATIENCE samples with nothing new.

    Samples whose spans no sequence of tags can say are left out and counted in `dropped`.
    """
    rng = Random(f"{lang} {seed}")
    seen: set[bytes] = set()
    in_vain = 0
    while in_vain < PATIENCE:
        in_vain += 1
        text, spans = augment(rng, *grammar.sample(rng), RATES[lang])
        # 8 bytes: a million sentences take little memory, and two of them meet by chance once in 30 million runs.
        digest = blake2b(text.encode(), digest_size=8).digest()
        if digest in seen:
            continue
        if not _can_be_tagged(text, spans):
            dropped[lang] += 1
            continue
        seen.add(digest)
        in_vain = 0
        yield Row(f"gen-{lang}-{seed}-{len(seen):06}", text, lang, tuple(spans), extra={"source": "generated"})
    raise GrammarDryError(f"the {lang} grammar gave only {len(seen)} different sentences; ask for fewer")


def _can_be_tagged(text: str, spans: Sequence[Span]) -> bool:
    try:
        spans_to_tags(tokenize(check_text(text)), spans)
    except (SpanError, TextError):
        return False
    return next(span_problems(text, spans), None) is None
