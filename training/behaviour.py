"""Behavioural tests (TOML) and a parser to where it fails them: capabilities one by one, no averages.

Three kinds, after Ribeiro et al. 2020 (CheckList): sentences that hold just these slots; changes that move no slot;
changes that turn slots into others. A text may have holes: `{city}` is filled from the list `city`, `{city2}` with
another of its items, so that one line tests many sentences. The lists `rare` and `made_up` are always there: towns that
no generated sentence names, and names that nobody bears.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal, NamedTuple, Self

import regex
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from rich.table import Table
from rich.text import Text

from data.catalogue import Catalogue
from data.gazetteer import rare_places
from data.names import name_leaves
from data.rows import Row, renamed
from data.tags import Span
from model.parser import Parser
from training.changes import STYLES
from training.evaluate import predict, span_of

_FOLDER = Path(__file__).parent / "behaviours"
_HOLE = regex.compile(r"\{(?P<name>(?P<list>[a-z_]+)[0-9]*)\}")
_SENTENCE = "{}"  # of a change that puts words before or behind a sentence
_SHOWN = 10  # failures of a test in JSON

Reading = dict[str, list[str]]  # the words of each slot, in order


class BehaviourError(ValueError):
    """Tests that cannot be used, or not with these slots: where and why."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Behaviour(_Section):
    name: str
    lang: str
    fill: dict[str, tuple[str, ...]] = Field({}, description="lists of this test alone")
    variants: int = Field(20, ge=1, description="at most so many fillings of a text")
    requested_slot: str | None = Field(None, description="what the traveller was just asked for")
    max_failures: int = Field(0, ge=0)
    max_failure_rate: float = Field(0.0, ge=0, le=1)

    def slot_names(self) -> Iterable[str]:
        return filter(None, [self.requested_slot])


class MustParse(_Behaviour):
    """Texts that hold these slots and no others; of a slot that is said several times, a list."""

    kind: Literal["must_parse"]
    texts: tuple[str, ...] = Field(min_length=1)
    slots: dict[str, str | tuple[str, ...]]

    def slot_names(self) -> Iterable[str]:
        return [*super().slot_names(), *self.slots]


class Invariance(_Behaviour):
    """Changes that move no slot: styles (training.changes), or words around `{}`. Without changes, other fillings."""

    kind: Literal["invariance"]
    texts: tuple[str, ...] = Field(min_length=1)
    changes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check_changes(self) -> Self:
        for change in self.changes:
            if change not in STYLES and change.count(_SENTENCE) != 1:
                raise ValueError(f"the change {change!r} has no {{}} and is none of {', '.join(STYLES)}")
        return self


class Directional(_Behaviour):
    """Pairs of texts: the second holds what the first does, but that the slots of `becomes` have become others."""

    kind: Literal["directional"]
    pairs: tuple[tuple[str, str], ...] = Field(min_length=1)
    becomes: dict[str, str] = Field(min_length=1)

    def slot_names(self) -> Iterable[str]:
        return [*super().slot_names(), *self.becomes, *self.becomes.values()]


Behaviour = MustParse | Invariance | Directional


class _File(_Section):
    fill: dict[str, dict[str, tuple[str, ...]]] = Field({}, description="lists of words by language and name")
    test: tuple[Annotated[Behaviour, Field(discriminator="kind")], ...] = Field(min_length=1)


class Failure(NamedTuple):
    text: str
    expected: Reading
    found: Reading


@dataclass(frozen=True, slots=True)
class Result:
    """How a test went: failures among its cases, and how many it allows."""

    name: str
    kind: str
    lang: str
    cases: int
    failures: tuple[Failure, ...]
    limit: int

    @property
    def failure_rate(self) -> float:
        return len(self.failures) / self.cases

    @property
    def passed(self) -> bool:
        return len(self.failures) <= self.limit


class _Case(NamedTuple):
    """A sentence, whose `slots` are its filled holes, and what has to be read in it."""

    sentence: Row
    expected: Reading


def tests_of(catalogue: Catalogue) -> Path:
    """Where the tests stand that come along for a catalogue, if there are any."""
    return _FOLDER / f"{catalogue.name}.toml"


def read_behaviours(path: Path | None, catalogue: Catalogue) -> tuple[Behaviour, ...]:
    """The tests of a file, by default those that come along for the catalogue. BehaviourError names every mistake."""
    path = path or tests_of(catalogue)
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BehaviourError(f"there are no behavioural tests {path}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BehaviourError(f"{path}: {error}") from None
    except ValidationError as error:
        mistakes = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise BehaviourError(f"{path}: {'; '.join(mistakes)}") from None
    names = [behaviour.name for behaviour in file.test]
    for behaviour in file.test:
        if names.count(behaviour.name) > 1:
            raise BehaviourError(f"{path}: several tests are called {behaviour.name!r}")
        if behaviour.lang not in catalogue.languages:
            raise BehaviourError(
                f"{path}: {behaviour.name!r} is in {behaviour.lang!r}, not {' or '.join(catalogue.languages)}"
            )
        if unknown := sorted(set(behaviour.slot_names()) - set(catalogue.slot_names)):
            raise BehaviourError(f"{path}: {behaviour.name!r} names {', '.join(unknown)}, which are no slots")
    return tuple(
        behaviour.model_copy(update={"fill": file.fill.get(behaviour.lang, {}) | behaviour.fill})
        for behaviour in file.test
    )


def check_behaviours(parser: Parser, behaviours: Iterable[Behaviour]) -> list[Result]:
    """Every test in a language of the bundle, the same sentences each time; BehaviourError for a hole without list."""
    spoken = parser.manifest.languages
    return [_check(parser, behaviour) for behaviour in behaviours if behaviour.lang in spoken]


def failed_behaviours(results: Iterable[Result]) -> list[str]:
    """The names of the tests that failed more often than they allow."""
    return [result.name for result in results if not result.passed]


def _check(parser: Parser, behaviour: Behaviour) -> Result:
    cases = list(_cases(parser, behaviour))
    if not cases:
        raise BehaviourError(f"{behaviour.name!r} has nothing to compare")
    found = _readings(parser, [case.sentence for case in cases])
    failures = tuple(
        Failure(case.sentence.text, case.expected, reading)
        for case, reading in zip(cases, found, strict=True)
        if reading != case.expected
    )
    limit = max(behaviour.max_failures, floor(behaviour.max_failure_rate * len(cases) + 1e-9))
    return Result(behaviour.name, behaviour.kind, behaviour.lang, len(cases), failures, limit)


def _cases(parser: Parser, behaviour: Behaviour) -> Iterator[_Case]:
    if isinstance(behaviour, Directional):
        return _turned_cases(parser, behaviour)
    texts = [[row for (row,) in _filled(behaviour, text)] for text in behaviour.texts]
    if isinstance(behaviour, MustParse):
        expected = {slot: [words] if isinstance(words, str) else list(words) for slot, words in behaviour.slots.items()}
        return (_Case(row, expected) for rows in texts for row in rows)
    if behaviour.changes:
        return _changed_cases(parser, behaviour, [row for rows in texts for row in rows])
    firsts = _readings(parser, [rows[0] for rows in texts])
    return (_Case(row, first) for rows, first in zip(texts, firsts, strict=True) for row in rows[1:])


def _turned_cases(parser: Parser, behaviour: Directional) -> Iterator[_Case]:
    pairs = [rows for pair in behaviour.pairs for rows in _filled(behaviour, *pair)]
    for (before, after), reading in zip(pairs, _readings(parser, [before for before, _ in pairs]), strict=True):
        turned: Reading = {}
        for slot, words in reading.items():
            turned.setdefault(behaviour.becomes.get(slot, slot), []).extend(words)
        missing = {slot: ["..."] for slot in behaviour.becomes if slot not in reading}
        yield _Case(before, missing) if missing else _Case(after, turned)  # what is not there cannot turn: a failure


def _changed_cases(parser: Parser, behaviour: Invariance, bases: Sequence[Row]) -> Iterator[_Case]:
    """Each sentence, changed each way, with its own slots to be found again."""
    for base, slots in zip(bases, predict(parser, bases, ""), strict=True):
        row = replace(base, slots=tuple(map(span_of, slots)))
        for change in behaviour.changes:
            if change in STYLES:
                rng = Random(f"{behaviour.name} {change} {base.text}")
                changed = STYLES[change].rewrite(row, parser.catalogue, rng)
            else:
                changed = _surrounded(row, *change.split(_SENTENCE))
            if changed is not None:
                sentence = replace(changed, slots=())
                yield _Case(sentence, _reading(sentence, changed.slots))


def _surrounded(row: Row, before: str, behind: str) -> Row:
    slots = (Span(span.slot, span.start + len(before), span.end + len(before)) for span in row.slots)
    return replace(row, text=before + row.text + behind, slots=tuple(slots))


def _filled(behaviour: Behaviour, *texts: str) -> Iterator[tuple[Row, ...]]:
    """The texts with the same words in the same holes, again and again with others; no sentence twice."""
    templates = [_template(behaviour, text) for text in texts]
    holes = dict.fromkeys(span.slot for template in templates for span in template.slots)
    by_list: dict[str, list[str]] = {}
    for hole in holes:
        by_list.setdefault(hole.rstrip("0123456789"), []).append(hole)
    rng = Random(f"{behaviour.name} {' '.join(texts)}")
    words = {name: _words(behaviour, name, of_list, rng) for name, of_list in by_list.items()}
    seen = set()
    for number in range(behaviour.variants if holes else 1):
        chosen = {
            hole: words[name][(number + place) % len(words[name])]
            for name, of_list in by_list.items()
            for place, hole in enumerate(of_list)
        }
        rows = tuple(renamed(template, {span: chosen[span.slot] for span in template.slots}) for template in templates)
        if rows[0].text not in seen:
            seen.add(rows[0].text)
            yield rows


def _template(behaviour: Behaviour, text: str) -> Row:
    holes = tuple(Span(match["name"], match.start(), match.end()) for match in _HOLE.finditer(text))
    asked = {} if behaviour.requested_slot is None else {"context": {"requested_slot": behaviour.requested_slot}}
    return Row(behaviour.name, text, behaviour.lang, holes, extra=asked)


def _words(behaviour: Behaviour, name: str, holes: Sequence[str], rng: Random) -> list[str]:
    """Items of a list for the holes that it fills, in an order of their own, as many as are needed or there are."""
    number = behaviour.variants + len(holes)
    items: Sequence[str] = behaviour.fill.get(name, ())
    if name == "rare":
        items = rare_places(behaviour.lang)
    elif name == "made_up":
        leaf = name_leaves(behaviour.lang)["made_up"]
        items = list(dict.fromkeys(leaf(rng) for _ in range(number)))
    if len(items) < len(holes):
        raise BehaviourError(f"{behaviour.name!r} fills {', '.join(holes)} from {len(items)} words of a list {name!r}")
    return rng.sample(items, min(number, len(items)))


def _readings(parser: Parser, sentences: Sequence[Row]) -> list[Reading]:
    found = predict(parser, sentences, "")
    return [_reading(row, map(span_of, slots)) for row, slots in zip(sentences, found, strict=True)]


def _reading(sentence: Row, spans: Iterable[Span]) -> Reading:
    """The words of each slot, with the name of a hole for what stands in it."""
    reading: Reading = {}
    for slot, start, end in spans:
        holes = [hole for hole in sentence.slots if start <= hole.start and hole.end <= end]
        moved = {Span(hole.slot, hole.start - start, hole.end - start): f"{{{hole.slot}}}" for hole in holes}
        words = renamed(Row("", sentence.text[start:end], "", tuple(moved)), moved).text
        reading.setdefault(slot, []).append(words)
    return reading


def behaviour_table(results: Iterable[Result]) -> Table:
    """A line a test, with the first sentence that failed."""
    table = Table("test", "kind", "lang", "cases", "failed", "rate", "limit", "for example")
    for result in results:
        style = "red" if not result.passed else "yellow" if result.failures else ""
        numbers = str(result.cases), str(len(result.failures)), f"{result.failure_rate:.1%}", str(result.limit)
        example = Text(_told(result.failures[0])) if result.failures else ""
        table.add_row(Text(result.name), result.kind, result.lang, *numbers, example, style=style)
    return table


def _told(failure: Failure) -> str:
    return f"{failure.text}: {_shown(failure.found)}, not {_shown(failure.expected)}"


def _shown(reading: Reading) -> str:
    return ", ".join(f"{slot} {' + '.join(words)}" for slot, words in reading.items()) or "nothing"


def behaviours_to_json(results: Iterable[Result]) -> list[dict[str, Any]]:
    return [
        {
            "name": result.name,
            "kind": result.kind,
            "lang": result.lang,
            "cases": result.cases,
            "failed": len(result.failures),
            "failure_rate": result.failure_rate,
            "limit": result.limit,
            "passed": result.passed,
            "failures": [failure._asdict() for failure in result.failures[:_SHOWN]],
        }
        for result in results
    ]
