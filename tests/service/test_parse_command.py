import json
import os
import pty
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from model.parser import Parser

TEXT = "I want to go to Oslo tomorrow."


def test_json_is_the_http_answer_and_nothing_else(command: Any, parser: Parser) -> None:
    done = command("parse", TEXT, "--json", "--reference-time", "2026-11-20T10:00:00Z", "--timezone", "UTC")
    assert (done.status, done.error) == (0, "")
    moment = datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert json.loads(done.out) == parser.parse(TEXT, reference_time=moment, timezone="UTC").to_dict()


def test_a_pipe_gets_a_line_a_slot(command: Any, parser: Parser) -> None:
    text = "我要去上海"
    done = command("parse", text, "--lang", "zh", "--no-resolve")
    assert (done.status, done.error) == (0, "")
    lines = [line.split("\t") for line in done.out.splitlines()]
    assert [(slot, said) for slot, said, _, _ in lines] == [(slot.slot, slot.text) for slot in parser.parse(text).slots]
    assert ["destination", "上海"] in [line[:2] for line in lines]


def test_an_explanation_names_words_outside_of_each_span(command: Any) -> None:
    done = command("parse", TEXT, "--explain", "--json")
    assert (done.status, done.error) == (0, "")
    for slot in json.loads(done.out)["slots"]:
        words = slot["explanation"]
        assert all(word["end"] <= slot["start"] or slot["end"] <= word["start"] for word in words)
        assert [abs(word["effect"]) for word in words] == sorted((abs(word["effect"]) for word in words), reverse=True)
    assert "spoke for it" in command("parse", TEXT, "--explain").out


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
        (["to \udcff"], 2, "lone surrogate"),
        ([TEXT, "--lang", "fr"], 2, "'fr'"),
        ([TEXT, "--timezone", "Mars"], 2, "'Mars'"),
        ([TEXT, "--reference-time", "2026-11-20"], 2, "offset"),
        ([TEXT, "--bundle", "nothing.pt"], 1, "no bundle at nothing.pt"),
        ([], 2, "TEXT"),
    ],
)
def test_what_cannot_be_parsed_is_one_line(command: Any, arguments: list[str], status: int, words: str) -> None:
    done = command("parse", *arguments)
    assert (done.status, done.out) == (status, "")
    assert done.error.startswith("slotwise: ")
    assert words in done.error
    assert done.error.count("\n") == 1
