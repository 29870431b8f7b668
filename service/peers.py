"""Other taggers on the same rows: CRFsuite and spaCy, trained here and timed beside the parser.

They come with the extra `peers`; nothing else of ours needs them.
"""

import os
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rich.table import Table

from data.rows import Row
from data.tags import SpanError, spans_to_tags, tags_to_spans
from data.tokens import tokenize
from model.parser import Parser
from model.request import Request

REPEATS = 5
BATCH = 64
PROCESSES = 2  # of spaCy's pipe
SPACY_ROWS = 2_000  # to train on: how well it does is not the question here

Tag = Callable[[Sequence[str]], object]


class PeersError(ValueError):
    """A peer that is not installed, or rows that none can learn from."""


def bench_peers(parser: Parser, learned: Sequence[Row], rows: Sequence[Row]) -> dict[str, Any]:
    """Medians of runs in turns, without values: CPU microseconds a sentence, of batches and alone; sentences a second.

    CPU time is of all processes, and holds where others are at work on the same cores; sentences a second of the wall
    clock do not. What cutting a text into tokens and features costs is part of each.
    """
    if not rows or not any(row.slots for row in learned):
        raise PeersError("peers need rows with slots to learn from, and rows to tag")
    texts = [row.text for row in rows]
    with TemporaryDirectory() as folder:
        crfsuite = _crfsuite(learned, Path(folder) / "peer.crfsuite")
        pipe = _spacy(learned)
        ways: dict[str, Tag] = {
            "slotwise": lambda some: parser.parse_requests([Request(text) for text in some]),
            "CRFsuite": lambda some: [crfsuite(text) for text in some],
            "spaCy": lambda some: list(pipe(some, 1)),
        }
        costs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
        for tag in ways.values():
            tag(texts)  # what is built on first use
        for _ in range(REPEATS):
            for name, tag in ways.items():
                costs[name].append((*_batched(tag, texts), _alone(tag, texts)))
        several = median(
            _batched(lambda some: list(pipe(some, PROCESSES)), texts, len(texts))[1] for _ in range(REPEATS)
        )
    figures: dict[str, Any] = {
        name: dict(zip(("batched", "per_second", "alone"), map(median, zip(*runs, strict=True)), strict=True))
        for name, runs in costs.items()
    }
    figures["spaCy"][f"per_second, {PROCESSES} processes"] = several
    ours = figures["slotwise"]
    ratios = {
        f"{what}, {name}": figures[name][what] / ours[what]
        for name in ("CRFsuite", "spaCy")
        for what in ("batched", "alone")
    }
    return {"sentences": len(texts), "batch": BATCH, "taggers": figures, "ratios": ratios}


def _batched(tag: Tag, texts: Sequence[str], size: int = BATCH) -> tuple[float, float]:
    """CPU microseconds a sentence, and sentences a second."""
    cpu, wall = _cpu(), time.perf_counter()
    for at in range(0, len(texts), size):
        tag(texts[at : at + size])
    return 1e6 * (_cpu() - cpu) / len(texts), len(texts) / (time.perf_counter() - wall)


def _alone(tag: Tag, texts: Sequence[str]) -> float:
    costs = []
    for text in texts:
        started = time.process_time_ns()
        tag([text])
        costs.append(time.process_time_ns() - started)
    return median(costs) / 1e3


def _cpu() -> float:
    """Seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise PeersError(f"{name} is not installed; it comes with the extra: pip install 'slotwise[peers]'") from None


def _crfsuite(rows: Sequence[Row], path: Path) -> Callable[[str], object]:
    """Okazaki, CRFsuite (2007): a linear-chain CRF over features of words."""
    pycrfsuite = _imported("pycrfsuite")
    trainer = pycrfsuite.Trainer("lbfgs", {"c1": 0.1, "c2": 0.05, "max_iterations": 60}, verbose=False)
    for row in rows:
        tokens = tokenize(row.text)
        try:
            trainer.append(_features([token.text for token in tokens]), spans_to_tags(tokens, row.slots))
        except SpanError:
            continue
    trainer.train(str(path))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(path))

    def tag(text: str) -> object:
        tokens = tokenize(text)
        return tags_to_spans(tokens, tagger.tag(_features([token.text for token in tokens])))

    return tag


def _features(words: Sequence[str]) -> list[list[str]]:
    """The usual ones: the word, its ends and its shape; words and shapes of two neighbours on either side."""
    own = [_of_word(word) for word in words]
    outside = ["w=", "shape="]
    every = []
    for place, features in enumerate(own):
        around = [
            f"{move}:{feature}"
            for move in (-2, -1, 1, 2)
            for feature in (own[place + move][:2] if 0 <= place + move < len(own) else outside)
        ]
        every.append(["bias", *features, *around])
    return every


def _of_word(word: str) -> list[str]:
    low = word.lower()
    shape = "0" * len(word) if word.isdigit() else "Aa" if word.istitle() else "A" if word.isupper() else "a"
    ends = [f"from={low[:2]}", f"from={low[:3]}", f"to={low[-2:]}", f"to={low[-3:]}"]
    return [f"w={low}", f"shape={shape}", f"as={word}", *ends]


def _spacy(rows: Sequence[Row]) -> Callable[[Sequence[str], int], Any]:
    spacy, training = _imported("spacy"), _imported("spacy.training")
    pipeline = spacy.blank("xx")
    recognizer = pipeline.add_pipe("ner")
    examples = []
    for row in Random(1).sample(list(rows), min(SPACY_ROWS, len(rows))):
        document = pipeline.make_doc(row.text)
        spans = [document.char_span(span.start, span.end, span.slot) for span in row.slots]
        if None not in spans:
            entities = {"entities": [tuple(span)[1:] + tuple(span)[:1] for span in row.slots]}
            examples.append(training.Example.from_dict(document, entities))
    for slot in sorted({span.slot for row in rows for span in row.slots}):
        recognizer.add_label(slot)
    pipeline.initialize(lambda: examples)
    for at in range(0, len(examples), BATCH):
        pipeline.update(examples[at : at + BATCH])
    return lambda texts, processes: pipeline.pipe(texts, n_process=processes)


def peers_table(figures: dict[str, Any]) -> Table:
    heads = ("tagger", f"CPU µs a sentence, batches of {figures['batch']}", "one alone, median", "sentences/s")
    table = Table(*heads, caption=f"{figures['sentences']} sentences, without values, one core")
    for name, one in figures["taggers"].items():
        table.add_row(name, f"{one['batched']:.0f}", f"{one['alone']:.0f}", f"{one['per_second']:,.0f}")
    several = figures["taggers"]["spaCy"][f"per_second, {PROCESSES} processes"]
    table.add_row(f"spaCy, {PROCESSES} processes", "", "", f"{several:,.0f}")
    return table
