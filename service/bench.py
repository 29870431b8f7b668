"""How fast this machine is, side by side in one run: tagging, its parts, and giving values to what was tagged."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import torch
from rich.table import Table

from data.catalogue import load_catalogue
from data.generator import generate
from data.rows import Row
from data.tokens import tokenize
from model.features import pad
from model.parser import Parser
from model.reading import Reader
from model.request import Request
from model.spans import Reading, path_sums, tagged_readings
from model.values.frame import Resolution, resolve_spans
from model.values.times.resolve import Reference

SENTENCES = 2_000
REPEATS = 5
BATCH = 32
RECURRENT = "recurrent layers"
CATALOGUE = load_catalogue()  # of the generated sentences, whatever the parser's is
REFERENCE = Reference(datetime(2026, 11, 20, 2, tzinfo=UTC), "Asia/Shanghai")


def bench(parser: Parser) -> dict[str, Any]:
    """Microseconds a sentence, medians; `values` are of the true slots of generated sentences.

    `first` is the first time that a phrase is read, `again` when what it was read into is remembered; `fuzzy` are
    sentences with a place that had to be guessed or is none. Ratios of values are to the tagging of a sentence in a
    batch, those of decoding to the recurrent layers.
    """
    rows = [row for row in generate(SENTENCES, 1) if row.slots]
    _tag(rows[:BATCH], parser)  # what is built on first use
    resolve_spans("to Osloo", "en", rows[0].slots[:0], CATALOGUE, REFERENCE)
    tagging = {
        f"batches of {size}": median(_per_sentence(rows, size, parser) for _ in range(REPEATS)) for size in (1, BATCH)
    }
    first = _values(rows)
    again = _values(rows)
    values = {
        "first": _spread([cost for cost, fuzzy in first if not fuzzy]),
        "first, fuzzy": _spread([cost for cost, fuzzy in first if fuzzy]),
        "again": _spread([cost for cost, _ in again]),
    }
    batched = tagging[f"batches of {BATCH}"]
    ratios = {f"values, {name}": spread["median"] / batched for name, spread in values.items()}
    decoding = _decoding(rows, parser)
    ratios |= {name: cost / decoding[RECURRENT] for name, cost in decoding.items() if name != RECURRENT}
    return {"sentences": len(rows), "tagging": tagging, "decoding": decoding, "values": values, "ratios": ratios}


def _per_sentence(rows: Sequence[Row], size: int, parser: Parser) -> float:
    rows = rows[: 10 * BATCH]

    def tag_all() -> None:
        for at in range(0, len(rows), size):
            _tag(rows[at : at + size], parser)

    return _microseconds(tag_all)[0] / len(rows)


def _decoding(rows: Sequence[Row], parser: Parser) -> dict[str, float]:
    """Of batches of mixed lengths, as they come: the recurrent layers, and what follows on them."""
    costs = [
        cost
        for at in range(0, min(len(rows), 10 * BATCH) - BATCH + 1, BATCH)
        for cost in _batch_costs(rows[at : at + BATCH], parser)
    ]
    recurrent, decoding, probabilities = (median(part) / BATCH for part in zip(*costs, strict=True))
    return {RECURRENT: recurrent, "decoding": decoding, "decoding and span probabilities": decoding + probabilities}


@torch.inference_mode()
def _batch_costs(rows: Sequence[Row], parser: Parser) -> list[tuple[float, float, float]]:
    """Recurrent layers, best tags with all sums, and the spans of one batch, several times side by side.

    Microseconds of the processor: what is short against what is long, so another process must not count.
    """
    bundle, min_presence = parser.bundle, parser.manifest.calibration.min_presence
    tagger: Any = bundle.tagger  # scripted: mypy does not know its parts
    steps = tagger.crf.scores()[1].cpu().numpy()
    sentences = sorted((tokenize(row.text) for row in rows), key=len, reverse=True)
    lengths = [len(tokens) for tokens in sentences]
    batch = pad([bundle.featurizer.features_of(tokens) for tokens in sentences]).to(tagger.crf.allowed.device)
    read = Reader(bundle.featurizer, tagger, tagger.crf.allowed.device).read(sentences)
    asked = tagger.asked(batch.asked)
    emissions, mask, _ = tagger.emit(*batch)
    best, alpha, beta, log_partition = (tensor.cpu().numpy() for tensor in tagger.crf.decode(emissions, mask))
    tags = best.tolist()

    def span_probabilities() -> list[list[Reading]]:
        each = path_sums(emissions.cpu().numpy(), alpha, beta, log_partition, lengths)
        return [
            list(tagged_readings(sentence[:length], sums, steps, min_presence))
            for sentence, length, sums in zip(tags, lengths, each, strict=True)
        ]

    return [
        (
            _microseconds(lambda: tagger.recurrent.run(*read, mask, batch.lengths, asked).cpu(), time.process_time)[0],
            _microseconds(lambda: tagger.crf.decode(emissions, mask)[0].tolist(), time.process_time)[0],
            _microseconds(span_probabilities, time.process_time)[0],
        )
        for _ in range(REPEATS)
    ]


def _tag(rows: Sequence[Row], parser: Parser) -> None:
    parser.parse_requests([Request(row.text) for row in rows])


def _values(rows: Sequence[Row]) -> list[tuple[float, bool]]:
    """The cost of each sentence, and whether a place of it was looked for among all names."""
    costs = []
    for row in rows:
        cost, found = _microseconds(lambda row=row: _resolve(row))  # type: ignore[misc]
        places = [value for value in found.values if value["type"] == "place"]
        costs.append((cost, any(place["match"] in ("fuzzy", None) for place in places)))
    return costs


def _resolve(row: Row) -> Resolution:
    return resolve_spans(row.text, row.lang, row.slots, CATALOGUE, REFERENCE)


def _microseconds(run: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> tuple[float, Any]:
    started = clock()
    result = run()
    return 1e6 * (clock() - started), result


def _spread(costs: Sequence[float]) -> dict[str, float]:
    return {"median": median(costs), "p95": quantiles(costs, n=20)[-1]}


def bench_table(figures: dict[str, Any]) -> Table:
    heads = ("", "µs a sentence", "p95", "of tagging in batches", f"of the {RECURRENT}")
    table = Table(*heads, caption=f"{figures['sentences']} sentences")
    ratios = figures["ratios"]
    for name, cost in figures["tagging"].items():
        table.add_row(f"tagging, {name}", f"{cost:.0f}")
    for name, cost in figures["decoding"].items():
        ratio = f"{ratios[name]:.3f}" if name in ratios else ""
        table.add_row(f"{name}, batches of {BATCH}", f"{cost:.0f}", "", "", ratio)
    for name, spread in figures["values"].items():
        ratio = f"{ratios[f'values, {name}']:.2f}"
        table.add_row(f"values, {name}", f"{spread['median']:.0f}", f"{spread['p95']:.0f}", ratio)
    return table
