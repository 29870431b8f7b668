"""How fast this machine is, side by side in one run: tagging, and giving values to what was tagged."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from rich.table import Table

from data.generator import generate
from data.rows import Row
from model.parser import Parser
from model.request import Request
from model.values.frame import Resolution, resolve_spans
from model.values.times.resolve import Reference

SENTENCES = 2_000
REPEATS = 5
BATCH = 32
REFERENCE = Reference(datetime(2026, 11, 20, 2, tzinfo=UTC), "Asia/Shanghai")


def bench(parser: Parser) -> dict[str, Any]:
    """Microseconds a sentence, medians; `values` are of the true slots of generated sentences.

    `first` is the first time that a phrase is read, `again` when what it was read into is remembered; `fuzzy` are
    sentences with a place that had to be guessed or is none. Ratios are to the tagging of a sentence in a batch.
    """
    rows = [row for row in generate(SENTENCES, 1) if row.slots]
    _tag(rows[:BATCH], parser)  # what is built on first use
    resolve_spans("to Osloo", "en", rows[0].slots[:0], parser.catalogue, REFERENCE)
    tagging = {
        f"batches of {size}": median(_per_sentence(rows, size, parser) for _ in range(REPEATS)) for size in (1, BATCH)
    }
    first = _values(rows, parser)
    again = _values(rows, parser)
    values = {
        "first": _spread([cost for cost, fuzzy in first if not fuzzy]),
        "first, fuzzy": _spread([cost for cost, fuzzy in first if fuzzy]),
        "again": _spread([cost for cost, _ in again]),
    }
    batched = tagging[f"batches of {BATCH}"]
    ratios = {f"values, {name}": spread["median"] / batched for name, spread in values.items()}
    return {"sentences": len(rows), "tagging": tagging, "values": values, "ratios": ratios}


def _per_sentence(rows: Sequence[Row], size: int, parser: Parser) -> float:
    rows = rows[: 10 * BATCH]

    def tag_all() -> None:
        for at in range(0, len(rows), size):
            _tag(rows[at : at + size], parser)

    return _microseconds(tag_all)[0] / len(rows)


def _tag(rows: Sequence[Row], parser: Parser) -> None:
    parser.parse_requests([Request(row.text) for row in rows])


def _values(rows: Sequence[Row], parser: Parser) -> list[tuple[float, bool]]:
    """The cost of each sentence, and whether a place of it was looked for among all names."""
    costs = []
    for row in rows:
        cost, found = _microseconds(lambda row=row: _resolve(row, parser))  # type: ignore[misc]
        places = [value for value in found.values if value["type"] == "place"]
        costs.append((cost, any(place["match"] in ("fuzzy", None) for place in places)))
    return costs


def _resolve(row: Row, parser: Parser) -> Resolution:
    return resolve_spans(row.text, row.lang, row.slots, parser.catalogue, REFERENCE)


def _microseconds(run: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = run()
    return 1e6 * (time.perf_counter() - started), result


def _spread(costs: Sequence[float]) -> dict[str, float]:
    return {"median": median(costs), "p95": quantiles(costs, n=20)[-1]}


def bench_table(figures: dict[str, Any]) -> Table:
    table = Table("", "µs a sentence", "p95", "of tagging in batches", caption=f"{figures['sentences']} sentences")
    for name, cost in figures["tagging"].items():
        table.add_row(f"tagging, {name}", f"{cost:.0f}")
    for name, spread in figures["values"].items():
        ratio = figures["ratios"][f"values, {name}"]
        table.add_row(f"values, {name}", f"{spread['median']:.0f}", f"{spread['p95']:.0f}", f"{ratio:.2f}")
    return table
