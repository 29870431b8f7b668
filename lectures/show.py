"""What an exercise found to a table in the terminal and a plot in a file."""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

import torch
from matplotlib import rc_context
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table


class Shown(NamedTuple):
    """A table, of whose lines the first cell is the name; `draw` fills an empty figure; `text` follows the table."""

    header: Sequence[str]
    lines: Sequence[Sequence[str]]
    draw: Callable[[Figure], None]
    text: str = ""


def show(exercise: Callable[[], Shown]) -> None:
    """An exercise as a command: its table, and its plot where --plot says."""
    parser = ArgumentParser(description=exercise.__doc__)
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    plot: Path | None = parser.parse_args().plot
    torch.set_num_threads(1)  # nets as small as these gain nothing from more
    shown = exercise()
    table = Table(box=None)
    for number, name in enumerate(shown.header):
        table.add_column(name, justify="right" if number else "left")
    for line in shown.lines:
        table.add_row(*line)
    console = Console(width=130, markup=False, highlight=False)
    console.print(table)
    console.print(shown.text, end="")
    if plot:
        save(shown.draw, plot)


def save(draw: Callable[[Figure], None], path: Path) -> None:
    """The same bytes for the same plot."""
    style = {
        "svg.fonttype": "none",
        "svg.hashsalt": "slotwise",  # the same plot is the same file
        "axes.spines.top": False,
        "axes.spines.right": False,
        "font.size": 9,
        "legend.frameon": False,
        "lines.linewidth": 1.5,
    }
    with rc_context(style):  # type: ignore[arg-type]
        figure = Figure(figsize=(7.2, 3.0), layout="constrained")
        draw(figure)
        figure.savefig(path, format="svg", metadata={"Date": None})


def spread(values: Sequence[float]) -> str:
    """Mean and standard deviation over seeds."""
    return f"{fmean(values):.2f} ± {stdev(values):.2f}"
