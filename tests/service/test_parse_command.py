import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import pytest

from model.parser import Parser

TEXT = "I want to go to Oslo tomorrow."


def run(slotwise: Path, environment: dict[str, str], *arguments: str | bytes) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([slotwise, "parse", *arguments], env=environment, capture_output=True, check=False)


def test_json_is_the_http_answer_and_nothing_else(slotwise: Path, environment: dict[str, str], parser: Parser) -> None:
    done = run(slotwise, environment, TEXT, "--json", "--reference-time", "2026-11-20T10:00:00Z", "--timezone", "UTC")
    assert (done.returncode, done.stderr) == (0, b"")
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer == json.loads(json.dumps(parser.parse(TEXT).to_dict()))


def test_a_pipe_gets_a_line_a_slot_in_utf_8(slotwise: Path, environment: dict[str, str], parser: Parser) -> None:
    text = "我要去上海"
    done = run(slotwise, environment | {"PYTHONIOENCODING": "ascii"}, text)
    assert done.stderr == b""
    lines = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert [(slot, said) for slot, said, _ in lines] == [(slot.slot, slot.text) for slot in parser.parse(text).slots]


def test_a_terminal_gets_colours(slotwise: Path, environment: dict[str, str]) -> None:
    master, slave = pty.openpty()
    terminal = environment | {"TERM": "xterm-256color", "COLUMNS": "100"}
    subprocess.run([slotwise, "parse", TEXT], env=terminal, stdout=slave, check=True)
    os.close(slave)
    shown = os.read(master, 10_000).decode()
    os.close(master)
    assert "\x1b[" in shown
    assert "Oslo" in shown
    assert "confidence" in shown


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([""], 2, "empty"),
        (["x" * 2001], 2, "2001 characters; the limit is 2000"),
        ([b"to \xff"], 2, "lone surrogate"),
        ([TEXT, "--lang", "fr"], 2, "'fr'"),
        ([TEXT, "--timezone", "Mars"], 2, "'Mars'"),
        ([TEXT, "--reference-time", "2026-11-20"], 2, "offset"),
        ([TEXT, "--bundle", "nothing.pt"], 1, "no bundle at nothing.pt"),
        ([], 2, "TEXT"),
    ],
)
def test_what_cannot_be_parsed_is_one_line(
    slotwise: Path, environment: dict[str, str], arguments: list[str | bytes], status: int, words: str
) -> None:
    done = run(slotwise, environment, *arguments)
    assert (done.returncode, done.stdout) == (status, b"")
    assert done.stderr.startswith(b"slotwise: ")
    assert words in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
