"""Grammars to as many different labelled sentences, or answers to questions, as are asked for."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from data.catalogue import load_catalogue
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

GENERATED, ANSWERS = "generated", "answers"  # the `source` of rows

# How often a slot is asked for; None where nothing is.
QUESTIONS: dict[str | None, float] = {
    None: 24,
    "destination": 16,
    "origin": 14,
    "departure_time": 15,
    "return_time": 10,
    "arrival_time": 6,
    "stopover": 6,
    "passengers": 8,
    "travel_class": 2,
    "carrier": 2,
    "transport_mode": 2,
    "trip_type": 2,
    "vehicle_number": 2,
    "price": 2,
}

# A grammar that gives nothing new so many times in a row has run dry.
PATIENCE = 1_000


class GrammarDryError(ValueError):
    """A grammar that cannot give as many different sentences as were asked for."""


def is_generated(row: Row) -> bool:
    return row.extra.get("source") in (GENERATED, ANSWERS)


def generate(
    count: int,
    seed: int,
    languages: Sequence[str] = LANGUAGES,
    dropped: Counter[str] | None = None,
    grammars: Path | None = None,
) -> Iterator[Row]:
    """`count` rows in turn from the languages, no sentence twice; the same ones for the same seed everywhere.

    A language gives the same rows, whichever others are asked for beside it. `dropped` counts by language what
    grammar_to_rows leaves out. `grammars` is a folder of another domain's, for grammar_of. Raises ValueError for an
    unknown language, GrammarError for a grammar that cannot be read, GrammarDryError where one runs dry.
    """
    return _in_turn(grammar_to_rows, count, seed, languages, dropped, grammars)


def generate_answers(
    count: int, seed: int, languages: Sequence[str] = LANGUAGES, dropped: Counter[str] | None = None
) -> Iterator[Row]:
    """`count` turns after a question as generate's sentences, none twice after the same one: grammar_to_answers."""
    return _in_turn(grammar_to_answers, count, seed, languages, dropped)


_Stream = Callable[[Grammar, str, int, Counter[str]], Iterator[Row]]


def _in_turn(
    stream_of: _Stream,
    count: int,
    seed: int,
    languages: Sequence[str],
    dropped: Counter[str] | None,
    grammars: Path | None = None,
) -> Iterator[Row]:
    for lang in languages:
        if lang not in LANGUAGES:
            raise ValueError(f"no grammar speaks {lang!r}; there are {', '.join(LANGUAGES)}")
    counter = Counter[str]() if dropped is None else dropped
    streams = [stream_of(grammar_of(lang, grammars), lang, seed, counter) for lang in dict.fromkeys(languages)]
    return (next(stream) for stream in islice(cycle(streams), count))


def languages_of(grammars: Path | None) -> tuple[str, ...]:
    """The languages in which a folder has grammars (ValueError: none), or those of the grammars that come along."""
    if found := tuple(lang for lang in LANGUAGES if not grammars or (grammars / lang).is_dir()):
        return found
    raise ValueError(f"{grammars} has none of the folders {', '.join(LANGUAGES)}")


@cache
def grammar_of(lang: str, grammars: Path | None = None) -> Grammar:
    """The grammar of a language of LANGUAGES, its names bound; that of `grammars`/LANG may use its symbols."""
    base = grammar_of(lang) if grammars else None
    return Grammar.load((grammars or GRAMMARS) / lang, name_leaves(lang), JOINERS[lang], base)


def grammar_to_rows(grammar: Grammar, lang: str, seed: int, dropped: Counter[str]) -> Iterator[Row]:
    """Different rows until the grammar runs dry: GrammarDryError, after PATIENCE samples with nothing new.

    Samples whose spans no sequence of tags can say are left out and counted in `dropped`.
    """

    def draw(rng: Random) -> _Draw:
        return *augment(rng, *grammar.sample(rng), RATES[lang]), {"source": GENERATED}

    return _draws_to_rows(draw, "gen", lang, seed, dropped)


def grammar_to_answers(grammar: Grammar, lang: str, seed: int, dropped: Counter[str]) -> Iterator[Row]:
    """Turns after the questions of QUESTIONS, from the symbols `answer_SLOT` and `unasked`; else as grammar_to_rows.

    A span that the grammar labels with a kind of the catalogue (place, time, count) takes the slot that was asked
    for where that is of this kind, and no label otherwise.
    """
    slots = load_catalogue().slots
    questions, weights = list(QUESTIONS), list(QUESTIONS.values())
    kinds = {slot.kind for slot in slots.values()}

    def draw(rng: Random) -> _Draw:
        asked = rng.choices(questions, weights)[0]
        sampled = grammar.sample(rng, f"answer_{asked}" if asked else "unasked")
        text, spans = augment(rng, *sampled, RATES[lang])  # before labels go, so that what has none sounds the same
        context = {"context": {"requested_slot": asked}} if asked else {}
        kind = slots[asked].kind if asked else None
        named = [span._replace(slot=asked) if asked and span.slot == kind else span for span in spans]
        return text, [span for span in named if span.slot not in kinds], {"source": ANSWERS} | context

    return _draws_to_rows(draw, "answer", lang, seed, dropped)


_Draw = tuple[str, list[Span], dict[str, Any]]  # text, spans, what else a row says


def _draws_to_rows(
    draw: Callable[[Random], _Draw], name: str, lang: str, seed: int, dropped: Counter[str]
) -> Iterator[Row]:
    rng = Random(f"{lang} {seed}")
    seen: set[bytes] = set()
    in_vain = 0
    while in_vain < PATIENCE:
        in_vain += 1
        text, spans, extra = draw(rng)
        # 8 bytes: a million sentences take little memory, and two of them meet by chance once in 30 million runs.
        digest = blake2b(f"{text}{extra.get('context', '')}".encode(), digest_size=8).digest()
        if digest in seen:
            continue
        if not _can_be_tagged(text, spans):
            dropped[lang] += 1
            continue
        seen.add(digest)
        in_vain = 0
        yield Row(f"{name}-{lang}-{seed}-{len(seen):06}", text, lang, tuple(spans), extra=extra)
    raise GrammarDryError(f"the {lang} grammar gave only {len(seen)} different sentences; ask for fewer")


def _can_be_tagged(text: str, spans: Sequence[Span]) -> bool:
    try:
        spans_to_tags(tokenize(check_text(text)), spans)
    except (SpanError, TextError):
        return False
    return next(span_problems(text, spans), None) is None
