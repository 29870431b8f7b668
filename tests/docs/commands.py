"""The commands that stand in the documents' code blocks."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import regex

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

# What a line of a code block begins with that is a command; everything behind a prompt is one too.
_BEGINS = regex.compile(
    r"(?:\$ |(?:[A-Z][A-Z0-9_]*=(?:\$\([^)]*\)|\S)* )*"
    r"(?:(?:\S*/)?(?:slotwise|make|python[0-9.]*|pip|curl|docker|kubectl|kustomize|torchrun|nginx|promtool|hadolint"
    r"|pg_dump|pg_restore|psql|sqlite3|ssh|systemctl|nvidia-smi|openapi-python-client)"
    r"|cp|mv|rm|cat|zcat|for(?=.*; do$)|export|cd|tar|git|apt|sudo|ln|mkdir|openssl|npm|npx|helm|\S+\.sh)\s(?!=)"
    r"|\w+=\$\()"
)
_COMMENT = regex.compile(r"\s{2,}#.*$")


def name_of(document: Path) -> str:
    """Its path in the repository."""
    return document.relative_to(ROOT).as_posix()


class Command(NamedTuple):
    document: str
    line: int
    text: str  # as it is typed, on one or several lines

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: {self.text}"


def commands_of(document: Path) -> list[Command]:
    """In order of place."""
    found: list[Command] = []
    is_open = False  # whether the last command goes on
    for number, line in _code_lines(document.read_text(encoding="utf-8")):
        line = _COMMENT.sub("", line)
        if is_open:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
        elif _BEGINS.match(line := line.lstrip()):
            found.append(Command(name_of(document), number, line.removeprefix("$ ")))
        else:
            continue
        is_open = _goes_on(found[-1].text)
    return found


def _goes_on(text: str) -> bool:
    quotes = text.count("'") % 2 == 1
    loop = text.startswith("for ") and not text.endswith("done")
    return text.endswith("\\") or quotes or loop


def _code_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of fenced blocks without a language or with a shell's, and of indented ones, with their numbers."""
    fence: str | None = None
    is_code = False  # whether the line before was indented code
    before = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("```"):
            fence = line[3:].strip() if fence is None else None
        elif fence is not None:
            if fence in ("", "sh", "bash", "console"):
                yield number, line
        else:
            is_code = line.startswith("    ") and (is_code or not before.strip())
            if is_code:
                yield number, line[4:]
        before = line
