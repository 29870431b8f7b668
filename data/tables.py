"""Findings and statistics to tables for people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from data.coverage import KINDS, Coverage
from data.statistics import PERCENTILES, STYLES, RowStatistics
from data.validation import Finding

_EXAMPLES = 3


def findings_table(findings: Sequence[Finding]) -> Table:
    """A line for each kind of finding: how often, and a few examples."""
    table = Table(show_lines=True)
    for header in ("", "finding", "count"):
        table.add_column(header, no_wrap=True)
    for header in ("file", "rows", "for example"):
        table.add_column(header, overflow="fold")
    kinds: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        kinds[finding.severity, finding.kind].append(finding)
    for (severity, kind), group in kinds.items():
        for number, finding in enumerate(group[:_EXAMPLES]):
            about = (severity, kind, str(len(group))) if number == 0 else ("", "", "")
            # Text, because a string would be read as markup: "to [leeds]" would lose its brackets.
            table.add_row(*about, *map(Text, (finding.file, ", ".join(finding.ids[:_EXAMPLES]), finding.detail)))
    return table


def statistics_tables(files: Mapping[str, RowStatistics]) -> list[Table]:
    """A line for each file: counts, then lengths and styles; a line for each of its slots, and of its slot orders."""
    overview = Table("file", "rows", "languages", "without slots", "tokens a row", "rows with 0, 1, 2, ... slots")
    styles = Table(
        "file", f"tokens at {', '.join(map(str, PERCENTILES))} %", *(style.replace("_", " ") for style in STYLES)
    )
    slots = Table("file", "slot", "spans", "different strings")
    orders = Table("file", "slots in this order", "of the rows with slots")
    for name, statistics in files.items():
        overview.add_row(
            Text(name),
            f"{statistics.rows:,}",
            ", ".join(f"{lang} {count:,}" for lang, count in statistics.languages.items()),
            f"{statistics.without_slots:.1%}",
            f"{statistics.mean_tokens:.1f}",
            ", ".join(
                f"{statistics.slots_per_row.get(n, 0):,}" for n in range(max(statistics.slots_per_row or [0]) + 1)
            ),
        )
        for slot, counts in statistics.slots.items():
            slots.add_row(Text(name), Text(slot), f"{counts.spans:,}", f"{counts.distinct:,}")
        slots.add_section()
        styles.add_row(
            Text(name),
            ", ".join(map(str, statistics.token_percentiles.values())),
            *(f"{share:.1%}" for share in statistics.styles.values()),
        )
        for order, share in statistics.slot_orders.items():
            orders.add_row(Text(name), Text(order), f"{share:.1%}")
        orders.add_section()
    return [overview, styles, slots, orders]


def coverage_table(files: Mapping[str, Mapping[str, Coverage]], beside: str) -> Table:
    """A line for each file: the share of its parts of each kind that occur in `beside`."""
    table = Table(
        "file", *(kind.replace("_", " ") for kind in KINDS), title=Text(f"Found in {beside}: different, running")
    )
    for name, kinds in files.items():
        table.add_row(
            Text(name), *(f"{_per_cent(share.different)}, {_per_cent(share.running)}" for share in kinds.values())
        )
    return table


def _per_cent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
