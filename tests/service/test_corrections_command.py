"""`slotwise corrections`: review and export."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from getpass import getuser
from pathlib import Path
from typing import Any

import pytest

from data.tags import Span
from service.corrections.correction import Correction, moment_of
from service.corrections.store import Store

NOW = datetime.now(UTC)
OSLO = Correction(
    sampled=False,
    text="to Oslo [bold]\x1b[31m",
    lang="en",
    requested_slot="origin",
    slots=(Span("origin", 3, 7),),
    before=[{"slot": "destination", "start": 3, "end": 7, "confidence": 0.9}],
    model_name="travel",
    model_version="1",
    created=moment_of(NOW - timedelta(days=40)),
    note="\u202eright to left",
)
ROME = replace(OSLO, text="to Rome", created=moment_of(NOW), note=None)
SAMPLED = replace(OSLO, text="to Bern", sampled=True, requested_slot=None)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/corrections.sqlite"
    monkeypatch.setenv("SLOTWISE_CORRECTIONS", url)
    store = Store(url)
    for one in (OSLO, ROME, SAMPLED):
        store.add([one], 10)
    yield store
    store.close()


def texts(command: Any, *options: str) -> list[str]:
    done = command("corrections", "list", "--json", *options)
    assert (done.status, done.error) == (0, "")
    return [one["text"] for one in json.loads(done.out)["corrections"]]


def test_what_waits_is_listed_by_time(command: Any, store: Store) -> None:
    assert texts(command) == [SAMPLED.text, OSLO.text, ROME.text] or texts(command) == [
        OSLO.text,
        SAMPLED.text,
        ROME.text,
    ]
    assert texts(command, "--sampled") == [SAMPLED.text]
    assert texts(command, "--sent", "-n", "1") == [OSLO.text]
    assert texts(command, "--status", "accepted") == []


def test_a_terminal_is_shown_what_strangers_wrote_and_does_not_obey_it(command: Any, store: Store) -> None:
    shown = command("corrections", "list").out
    assert r"to [Oslo](origin) [bold]\u001b[31m" in shown
    assert r"to [Oslo](destination) [bold]\u001b[31m" in shown
    assert r"\u202eright to left" in shown
    assert not {"\x1b", "\u202e"} & set(shown)
    assert OSLO.id in shown


def test_review_and_export(command: Any, store: Store, tmp_path: Path) -> None:
    assert command("corrections", "accept", OSLO.id, ROME.id).out == "accepted: 2\n"
    assert command("corrections", "reject", OSLO.id, "--by", "ann").out == "rejected: 1\n"
    assert [(one.text, one.status, one.decided_by) for one in store.find(sampled=False)] == [
        (OSLO.text, "rejected", "ann"),
        (ROME.text, "accepted", getuser()),
    ]
    assert command("corrections", "accept", SAMPLED.id).status == 0
    out = tmp_path / "rows.jsonl"
    assert command("corrections", "export", "-o", out).out == f"{out}: 2 rows\n"
    written = out.read_bytes()
    assert {json.loads(line)["id"] for line in written.splitlines()} == {
        f"corrections-{ROME.id}",
        f"corrections-{SAMPLED.id}",
    }
    validated = command("data", "validate", out)
    assert (validated.status, validated.out) == (0, "rows: 2, errors: 0, warnings: 0\n")
    command("corrections", "export", "-o", out)
    assert out.read_bytes() == written


def test_what_is_old_or_unwanted_goes(command: Any, store: Store) -> None:
    assert command("corrections", "expire", "--days", "50").out == "deleted: 0\n"
    assert command("corrections", "expire").out == "deleted: 1\n"
    assert command("corrections", "delete", ROME.id).out == "deleted: 1\n"
    assert [one.text for one in store.find()] == [OSLO.text]


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["accept", "0123"], 1, "there is no correction 0123"),
        (["accept"], 2, "Missing argument 'ID...'"),
        (["list", "--status", "new"], 2, "'new' is not one of"),
        (["list", "--store", "off"], 1, "corrections are off: set SLOTWISE_CORRECTIONS or give --store"),
        (
            ["list", "--store", "sqlite:////proc/version/corrections.sqlite"],
            1,
            "orrections at sqlite:////proc/version/",
        ),
        (["list", "--store", "oracle://x"], 1, "it must be off, sqlite:///FILE or postgresql://"),
    ],
)
def test_what_is_wrong_is_one_line(command: Any, store: Store, arguments: list[str], status: int, told: str) -> None:
    done = command("corrections", *arguments)
    assert (done.status, done.out) == (status, "")
    assert told in done.error
    assert done.error.count("\n") == 1
