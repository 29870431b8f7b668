"""An evaluation for the eye: tables in the terminal, and one self-contained page for the browser."""

from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import regex
from rich.console import Console
from rich.table import Table
from rich.text import Text

from data.tags import Span
from training.changes import Comparisons
from training.evaluate import Answer, Evaluation, means, most_wrong, span_of, surest_wrong
from training.gate import Rule
from training.metrics import MISSED, SPURIOUS, Counts, Negatives, Scores, share
from training.versus import Pair, Versus, false_positives, slot_f1

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEMPLATE = Path(__file__).with_name("report.html.jinja")
_EXAMPLES = 12  # right ones, and as many wrong ones
_WORDS = {
    "file",
    "slot",
    "kind",
    "gold",
    "predicted",
    "places",
    "style",
    "rows of",
    "rule",
    "measured",
    "limit",
    "verdict",
}
_TURNED = 50  # rows that another bundle gets wrong or right, each
# By the keys of training.changes.GROUPS: title, note and first column of the table, and the changes in words.
_COMPARED = {
    "place_swap": (
        "Other places in the same rows",
        "A model that reads the words around a place loses nothing when its name changes. Strict F1 and role accuracy "
        "of places alone, before and after, on exactly the same rows; the drop is in points of F1.",
        "places",
        {
            "exchanged": "origin and destination exchanged",
            "rare": "rare places instead",
            "made_up": "made-up names instead",
        },
    ),
    "style": (
        "Other styles of the same rows",
        "Strict F1 of all slots and role accuracy of places, before and after, on exactly the same rows: those that "
        "read differently in the other style. The drop is in points of F1.",
        "style",
        {
            "lower": "lower case",
            "upper": "ALL CAPS",
            "title": "Title Case",
            "no_punctuation": "no punctuation",
            "spoken": "spoken: lower case, no punctuation",
            "typo": "one or two typos",
            "filler": "with a filler",
            "number_words": "numbers as words",
            "other_script": "the other Chinese script",
        },
    ),
}


class Sheet(NamedTuple):
    """A table: the first cell of a line names it, the others are figures."""

    title: str
    note: str
    header: tuple[str, ...]
    lines: list[tuple[str, ...]]


class Segment(NamedTuple):
    """A piece of a sentence; `slot` is empty between spans."""

    text: str
    slot: str = ""
    wrong: bool = False
    confidence: float | None = None


def sheets(
    evaluation: Evaluation,
    compared: Mapping[str, Comparisons] | None = None,
    versus: Versus | None = None,
    rules: Sequence[Rule] = (),
) -> list[Sheet]:
    """The tables of an evaluation, those without any line left out; `compared` as by training.changes.GROUPS, `versus`
    another bundle on the same rows, `rules` what the gate asked."""
    files, overall = evaluation.files, evaluation.overall
    mean = means(files.values())
    result = [
        Sheet(
            "Files",
            "Strict: a span is right when slot, start and end are. Frame: rows with every span right. Role: of the "
            "places found, those in the right role. False +: rows without slots in which one was found.",
            ("file", "rows", "spans", "P", "R", "F1", "frame", "place F1", "role", "false +"),
            [
                *(_file_line(name, scores) for name, scores in files.items()),
                *([_file_line("all rows", overall)] if len(files) > 1 else []),
                *([("mean of files", "", "", *_percents(list(mean.values())[:7]))] if len(files) > 1 else []),
            ],
        ),
        Sheet(
            "Negatives",
            "Rows without slots: the share in which any slot was found, and a place or a time.",
            ("file", "kind", "rows", "any slot", "place or time"),
            [
                (name, kind, str(negatives.rows), *_percents(_shares(negatives)))
                for name, scores in files.items()
                for kind, negatives in (scores.kinds or {"": scores.negatives}).items()
                if negatives.rows
            ],
        ),
        Sheet(
            "Slots",
            "Over all rows.",
            ("slot", "spans", "found", "P", "R", "F1"),
            [
                (slot, str(counts.gold), str(counts.predicted), *_counts_percents(counts))
                for slot, counts in overall.slots.items()
            ],
        ),
        Sheet(
            "Confusions",
            "What stands in the rows, and what was found in its place: the most frequent.",
            ("gold", "predicted", "spans"),
            _confusions(overall),
        ),
    ]
    result[1:1] = [_comparison_sheet(key, comparisons) for key, comparisons in (compared or {}).items()]
    result[:0] = [_rules_sheet(rules), *(_versus_sheets(versus) if versus else [])]
    return [sheet for sheet in result if sheet.lines]


def print_report(console: Console, evaluation: Evaluation, compared: Mapping[str, Comparisons] | None = None) -> None:
    """Tables, the calibration error and the worst mistakes."""
    manifest = evaluation.manifest
    console.print(Text(f"{manifest.name} {manifest.version}", style="bold"))
    for sheet in sheets(evaluation, compared):
        table = Table(title=sheet.title, title_justify="left", title_style="bold")
        for index, name in enumerate(sheet.header):
            table.add_column(name, justify="left" if _is_words(sheet, index) else "right", overflow="fold")
        for line in sheet.lines:
            table.add_row(*(Text(cell) for cell in line))
        console.print(table)
    console.print(f"Expected calibration error of the confidences: {_percent(evaluation.reliability.error)} %\n")
    for title, answers in (
        ("Most spans wrong", most_wrong(evaluation.answers, 5)),
        ("Surest mistakes", surest_wrong(evaluation.answers, 5)),
    ):
        if answers:
            console.print(Text(title, style="bold"))
        for answer in answers:
            console.print(Text(f"  {answer.row.text}"), Text(f"({answer.file} {answer.row.id})", style="dim"))
            for span in answer.missed:
                console.print(
                    Text(f"    missed  {span.slot} = {answer.row.text[span.start : span.end]}", style="yellow")
                )
            for slot in answer.wrong:
                console.print(Text(f"    wrong   {slot.slot} = {slot.text}  {slot.confidence:.2f}", style="red"))


def write_report(
    folder: Path,
    evaluation: Evaluation,
    compared: Mapping[str, Comparisons] | None = None,
    *,
    versus: Versus | None = None,
    rules: Sequence[Rule] = (),
) -> Path:
    """Write `folder`/index.html, which needs nothing else, and return its path; arguments as those of `sheets`."""
    from jinja2 import Environment, StrictUndefined
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": "slotwise", "svg.fonttype": "none", "text.parse_math": False}):
        charts = _charts(evaluation)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        manifest=evaluation.manifest,
        figures=_headline(evaluation),
        sheets=sheets(evaluation, compared, versus, rules),
        is_words=_is_words,
        charts=charts,
        hues={slot: (210 + round(index * 137.5)) % 360 for index, slot in enumerate(evaluation.catalogue.slot_names)},
        examples=[(title, _shown(pairs)) for title, pairs in _pairs(evaluation, versus) if pairs],
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _shown(pairs: Sequence[Pair | Answer]) -> list[tuple[Answer, list[tuple[str, list[Segment]]]]]:
    """Each row, and its sentence as it stands there, as another bundle found it where there is one, and as found."""
    shown = []
    for one in pairs:
        answer = one.after if isinstance(one, Pair) else one
        before = [("before", predicted_segments(one.before))] if isinstance(one, Pair) else []
        shown.append((answer, [("gold", gold_segments(answer)), *before, ("found", predicted_segments(answer))]))
    return shown


def _pairs(evaluation: Evaluation, versus: Versus | None) -> list[tuple[str, Sequence[Pair | Answer]]]:
    turned: list[tuple[str, Sequence[Pair | Answer]]] = []
    if versus is not None:
        name = versus.before.manifest.version
        turned = [(f"Right, and wrong in {name}", versus.fixed), (f"Wrong, and right in {name}", versus.broken)]
    return [*((f"{title}: {len(pairs)}", pairs[:_TURNED]) for title, pairs in turned), *_examples(evaluation)]


def gold_segments(answer: Answer) -> list[Segment]:
    """The sentence in pieces by what stands in the row; what was not found is `wrong`."""
    missed = answer.missed
    return _segments(answer.row.text, [(span, span in missed, None) for span in answer.gold])


def predicted_segments(answer: Answer) -> list[Segment]:
    """The sentence in pieces by what was found in it."""
    wrong = answer.wrong
    return _segments(answer.row.text, [(span_of(slot), slot in wrong, slot.confidence) for slot in answer.slots])


def _segments(text: str, spans: Iterable[tuple[Span, bool, float | None]]) -> list[Segment]:
    pieces, at = [], 0
    for span, wrong, confidence in spans:
        pieces += [Segment(text[at : span.start]), Segment(text[span.start : span.end], span.slot, wrong, confidence)]
        at = span.end
    return [piece for piece in [*pieces, Segment(text[at:])] if piece.text]


def _examples(evaluation: Evaluation) -> list[tuple[str, Sequence[Pair | Answer]]]:
    """Samples of rows with spans, the same ones every time, and the worst."""
    answers = evaluation.answers
    right = [answer for answer in answers if answer.gold and not answer.missed and not answer.wrong]
    wrong = [answer for answer in answers if answer.missed or answer.wrong]
    rng = Random(0)
    return [
        ("Most spans wrong", most_wrong(answers)),
        ("Surest mistakes", surest_wrong(answers)),
        ("Some that are wrong", rng.sample(wrong, min(_EXAMPLES, len(wrong)))),
        ("Some that are right", rng.sample(right, min(_EXAMPLES, len(right)))),
    ]


def _headline(evaluation: Evaluation) -> list[tuple[str, str]]:
    overall = evaluation.overall
    return [
        ("F1", _percent(overall.f1 if overall.spans.gold else None)),
        ("whole rows right", _percent(overall.frame_accuracy)),
        ("place F1", _percent(overall.places.f1 if overall.places.gold else None)),
        ("role of places found", _percent(overall.role_accuracy)),
        ("false positives", _percent(false_positives(overall))),
        ("calibration error", _percent(evaluation.reliability.error)),
    ]


def _file_line(name: str, scores: Scores) -> tuple[str, ...]:
    return (
        name,
        str(scores.rows),
        str(scores.spans.gold),
        *_counts_percents(scores.spans),
        *_percents(
            [
                scores.frame_accuracy,
                scores.places.f1 if scores.places.gold else None,
                scores.role_accuracy,
                false_positives(scores),
            ]
        ),
    )


def _confusions(scores: Scores, limit: int = 15) -> list[tuple[str, ...]]:
    """Spans of the right slot count only where their edges are wrong."""
    found = []
    for (gold, predicted), spans in scores.confusion.items():
        mistakes = spans - scores.slots[gold].right if gold == predicted else spans
        if mistakes:
            found.append((gold, f"{predicted}, other edges" if gold == predicted else predicted, mistakes))
    found.sort(key=lambda line: -line[2])
    return [(gold, predicted, str(mistakes)) for gold, predicted, mistakes in found[:limit]]


def _comparison_sheet(key: str, compared: Comparisons) -> Sheet:
    title, note, column, words = _COMPARED[key]
    by_file = {**compared.files, "all rows": compared.overall} if len(compared.files) > 1 else compared.files
    return Sheet(
        title,
        note,
        ("file", column, "rows", "F1 before", "F1 after", "drop", "role before", "role after"),
        [
            (
                file,
                words[name],
                str(comparison.rows),
                *_percents([comparison.before.counts.f1, comparison.after.counts.f1]),
                f"{comparison.drop:.1f}",
                *_percents([comparison.before.role_accuracy, comparison.after.role_accuracy]),
            )
            for file, by_change in by_file.items()
            for name, comparison in by_change.items()
            if comparison.before.counts.gold
        ],
    )


def _rules_sheet(rules: Sequence[Rule]) -> Sheet:
    return Sheet(
        "Gate",
        "What was asked of this bundle before it may serve.",
        ("rule", "measured", "limit", "verdict"),
        [(rule.name, rule.measured, rule.limit, "passed" if rule.passed else "REFUSED") for rule in rules],
    )


def _versus_sheets(versus: Versus) -> list[Sheet]:
    name, f1 = versus.before.manifest.version, versus.f1
    files = [(file, scores, versus.after.files[file]) for file, scores in versus.before.files.items()]
    slots: list[tuple[str, ...]] = [
        (slot, str(spans), *_change(before, after)) for slot, before, after, spans in slot_f1(versus)
    ]
    parts = [("all rows", versus.before.overall, versus.after.overall), *files, *versus.slices()]
    return [
        Sheet(
            f"Beside {name}",
            f"Strict F1 of both on the same rows. Over all rows {100 * f1.difference:+.2f} points, between "
            f"{100 * f1.low:+.2f} and {100 * f1.high:+.2f} in 95 % of resampled sets of rows (paired bootstrap, "
            f"one-sided p = {f1.p_value:.3f}). "
            f"{len(versus.fixed)} rows became wholly right, {len(versus.broken)} no longer are.",
            ("rows of", "rows", "spans", "F1 before", "F1", "change", "false + before", "false +"),
            [
                (
                    part,
                    str(after.rows),
                    str(after.spans.gold),
                    *_change(before.f1, after.f1),
                    *_percents([false_positives(before), false_positives(after)]),
                )
                for part, before, after in parts
            ],
        ),
        Sheet(f"Slots beside {name}", "Over all rows.", ("slot", "spans", "F1 before", "F1", "change"), slots),
    ]


def _change(before: float, after: float) -> tuple[str, str, str]:
    return _percent(before), _percent(after), f"{100 * (after - before):+.1f}"


def _is_words(sheet: Sheet, column: int) -> bool:
    return sheet.header[column] in _WORDS


def _shares(negatives: Negatives) -> list[float | None]:
    return [share(negatives.any_slot, negatives.rows), share(negatives.place_or_time, negatives.rows)]


def _counts_percents(counts: Counts) -> tuple[str, ...]:
    return _percents(
        [
            counts.precision if counts.predicted else None,
            counts.recall if counts.gold else None,
            counts.f1 if counts.gold else None,
        ]
    )


def _percents(values: Iterable[float | None]) -> tuple[str, ...]:
    return tuple(map(_percent, values))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


# Charts. They are drawn in the two marker colours below, which become colours of the page's style,
# so that they follow its light and dark scheme.
_INK, _ACCENT = "#010203", "#040506"


def _charts(evaluation: Evaluation) -> list[tuple[str, str, str]]:
    """(title, note, SVG) of each chart there is something to draw for."""
    charts = []
    slots = {slot: counts for slot, counts in evaluation.overall.slots.items() if counts.gold}
    if slots:
        charts.append(("F1 of each slot", "Number of spans in brackets.", _svg("slots", _slot_bars(slots))))
    if evaluation.overall.confusion:
        note = "Row: what stands in the text. Column: what was found. Spans, shaded by their share of the row."
        charts.append(("Confusion", note, _svg("confusion", _heat_map(evaluation.overall))))
    if evaluation.reliability.bins:
        note = "Confidence against the share that is right; the area of a dot is its number of spans."
        charts.append(("Confidence", note, _svg("confidence", _reliability_diagram(evaluation))))
    history = evaluation.manifest.trained_on.get("history")
    if history:
        charts.append(("Training", "Loss, and F1 on the held-out rows, by step.", _svg("training", _curves(history))))
    return charts


def _figure(width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _slot_bars(slots: dict[str, Counts]) -> "Figure":
    figure = _figure(6.4, 0.6 + 0.28 * len(slots))
    axes = figure.subplots()
    names = [f"{slot} ({counts.gold})" for slot, counts in slots.items()]
    values = [100 * counts.f1 for counts in slots.values()]
    bars = axes.barh(names, values, color=_ACCENT, height=0.7)
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.invert_yaxis()
    axes.set_xlim(0, 110)
    axes.set_xticks([0, 25, 50, 75, 100])
    return figure


def _heat_map(scores: Scores) -> "Figure":
    from matplotlib.patches import Rectangle

    slots = list(scores.slots)
    golds, columns = [*slots, SPURIOUS], [*slots, MISSED]
    figure = _figure(2.2 + 0.46 * len(columns), 1.6 + 0.34 * len(golds))
    axes = figure.subplots()
    for y, gold in enumerate(golds):
        counts = [scores.confusion.get((gold, column), 0) for column in columns]
        for x, count in enumerate(counts):
            if count:
                alpha = 0.06 + 0.64 * count / sum(counts)
                axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=_ACCENT, alpha=alpha, linewidth=0))
                axes.text(x, y, str(count), ha="center", va="center", fontsize=8)
    axes.set_xticks(range(len(columns)), columns, rotation=90)
    axes.set_yticks(range(len(golds)), golds)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(golds) - 0.5, -0.5)
    return figure


def _reliability_diagram(evaluation: Evaluation) -> "Figure":
    bins = evaluation.reliability.bins
    most = max(item.count for item in bins)
    figure = _figure(4.2, 4)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":")
    axes.scatter(
        [item.confidence for item in bins],
        [item.accuracy for item in bins],
        s=[16 + 160 * item.count / most for item in bins],
        color=_ACCENT,
        alpha=0.8,
        linewidths=0,
    )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.04), xlabel="confidence", ylabel="right")
    return figure


def _curves(history: Sequence[dict[str, Any]]) -> "Figure":
    figure = _figure(6.4, 2.6)
    for axes, key in zip(figure.subplots(1, 2), ("loss", "f1"), strict=True):
        points = [(item["step"], item[key]) for item in history if item.get(key) is not None]
        axes.plot([step for step, _ in points], [value for _, value in points], color=_ACCENT, marker=".")
        axes.set_xlabel("step")
        axes.set_title(key, fontsize=10)
    return figure


def _svg(name: str, figure: "Figure") -> str:
    """A figure as markup to stand within a page: the same bytes every time, ids of its own, colours of the page."""
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[:].set_color(_INK)
        axes.patch.set_alpha(0)
        axes.tick_params(colors=_INK, labelsize=9)
        for text in (axes.xaxis.label, axes.yaxis.label, axes.title, *axes.texts):
            text.set_color(_INK)
    figure.patch.set_alpha(0)
    output = StringIO()
    figure.savefig(output, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    svg = output.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = regex.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", svg)
    svg = regex.sub(r"font-family: [^;]*; ", "", svg)
    return svg.replace(_INK, "var(--ink)").replace(_ACCENT, "var(--accent)")
