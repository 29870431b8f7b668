"""Findings and statistics to tables for people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from data.statistics import RowStatistics
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
    """A line for each file, and a line for each of its slots."""
    overview = Table("file", "rows", "languages", "without slots", "tokens a row", "rows with 0, 1, 2, ... slots")
    slots = Table("file", "slot", "spans", "different strings")
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
    return [overview, slots]
