"""What the documents name is there: files, pictures, headings, commands, options, make targets.

make test-docs
"""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import regex

from slotwise import cli
from tests.docs.commands import DOCUMENTS, ROOT, name_of

_LINK = regex.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_CODE = regex.compile(r"^ {4}.*$|`[^`]+`", regex.MULTILINE)
_SLOTWISE = regex.compile(r"slotwise((?: [a-z][a-z|-]*)+)([^\n`;|]*)")
_OF_OTHERS = regex.compile(r"\b(?:docker|kubectl)\b")  # to which slotwise is a name
_NO_COMMAND = regex.compile(r"slotwise (?:listens|needs|in|and|or|is|does|stands|of)\b")
_QUOTED = regex.compile(r"\"[^\"]*\"|'[^']*'")
_OPTION = regex.compile(r"(?<![\w-])--?[a-z][a-z-]*")
_MAKE = regex.compile(r"\bmake ([a-z-]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in _LINK.findall(_CODE.sub("", document.read_text(encoding="utf-8"))):
        if ":" in target:
            continue  # of the web, which is not asked
        path, _, heading = target.partition("#")
        file = document.parent / path if path else document
        assert file.exists(), f"{name_of(document)} links to {target}"
        if heading:
            assert heading in set(_headings(file)), f"{name_of(document)} links to {target}"


def _headings(document: Path) -> Iterator[str]:
    """As GitHub makes them: small, without marks, hyphens for spaces."""
    for title in regex.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), regex.MULTILINE):
        yield regex.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_and_option_exists(document: Path) -> None:
    for code in _CODE.findall(document.read_text(encoding="utf-8")):
        if _OF_OTHERS.search(code):
            continue
        for words, rest in _SLOTWISE.findall(_QUOTED.sub("TEXT", code)):
            if _NO_COMMAND.match(f"slotwise{words}"):
                continue
            for command in _alternatives(words.split()):
                named = set(_OPTION.findall(f"{words} {rest}".split(" #")[0]))
                assert named <= {"--help", "-h", *_options(command)}, f"{name_of(document)}: {code.strip()}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_option_that_is_named_alone_is_one_of_some_command(document: Path) -> None:
    named = set(regex.findall(r"`(--[a-z][a-z-]*)", document.read_text(encoding="utf-8")))
    assert named <= {"--plot", *_options(cli)}  # --plot is of lectures/


def _options(command: click.Command) -> Iterator[str]:
    """Its own, and those of its sub-commands."""
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)
    if isinstance(command, click.Group):
        for child in command.commands.values():
            yield from _options(child)


def _alternatives(words: list[str]) -> list[click.Command]:
    """The commands that "data validate|stats" names; KeyError for one that there is not."""
    commands: list[click.Command] = [cli]
    for word in words:
        if not isinstance(commands[0], click.Group):
            break  # the rest are arguments
        commands = [group.commands[name] for group in commands for name in word.split("|")]  # type: ignore[attr-defined]
    return commands


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_make_target_exists(document: Path) -> None:
    targets = set(regex.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), regex.MULTILINE))
    for code in _CODE.findall(document.read_text(encoding="utf-8")):
        assert set(_MAKE.findall(code)) <= targets, f"{name_of(document)}: {code.strip()}"
