"""How fast the same bundle tags on each device, side by side in one run, and what it takes of a GPU's memory."""

from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
from rich.table import Table

from data.generator import generate
from model.parser import Parser
from model.request import Request

SIZES = {1: 300, 32: 3_200, 512: 20_480}  # sentences of a batch, and of a measurement
REPEATS = 5


def bench_devices(bundle: Path, devices: tuple[str, ...] = ("cpu", "cuda")) -> dict[str, dict[str, float]]:
    """By device: sentences a second (without values) by batch size, milliseconds of a lone sentence, megabytes."""
    requests = [Request(row.text) for row in generate(max(SIZES.values()), 1)]
    return {device: _figures(Parser.load(bundle, device), requests) for device in devices}


def _figures(parser: Parser, requests: list[Request]) -> dict[str, float]:
    figures = {}
    for size, count in SIZES.items():
        _seconds(parser, requests[:count], size)  # what is compiled on first use, and words that are new
        seconds = median(_seconds(parser, requests[:count], size) for _ in range(REPEATS))
        figures[f"sentences/s, batches of {size}"] = count / seconds
    figures["ms, one sentence"] = 1e3 / figures["sentences/s, batches of 1"]
    if parser.device.type == "cuda":
        figures["MB on the device, most"] = torch.cuda.max_memory_reserved() / 1e6
    return figures


def _seconds(parser: Parser, requests: list[Request], size: int) -> float:
    rest, started = iter(requests), perf_counter()
    while batch := list(islice(rest, size)):
        parser.parse_requests(batch)
    return perf_counter() - started


def devices_table(figures: dict[str, dict[str, float]]) -> Table:
    table = Table("", *figures)
    for name in dict.fromkeys(name for of_device in figures.values() for name in of_device):
        table.add_row(name, *(f"{of_device[name]:,.1f}" if name in of_device else "" for of_device in figures.values()))
    return table
