"""The store by itself. With POSTGRESQL_URL set to an empty database, all is done there too."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from data.rows import row_to_json, write_rows
from data.tags import Span
from service.corrections import schema
from service.corrections.correction import Correction, Status, StoreError, StoreFullError, moment_of
from service.corrections.store import Store

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OSLO = Correction(
    sampled=False,
    text="to Oslo",
    lang="en",
    requested_slot=None,
    slots=(Span("origin", 3, 7),),
    before=[{"slot": "destination", "start": 3, "end": 7, "confidence": 0.9}],
    model_name="travel",
    model_version="1",
    created=moment_of(NOON),
)
OTHER = replace(OSLO, slots=(Span("destination", 3, 7),))


def numbered(number: int, **changes: Any) -> Correction:
    """One that came so many minutes after noon."""
    created = moment_of(NOON + timedelta(minutes=number))
    return replace(OSLO, **{"text": f"to Oslo {number}", "created": created} | changes)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/corrections.sqlite"
    if not (there := os.environ.get("POSTGRESQL_URL")):
        pytest.skip("POSTGRESQL_URL is not set")
    import psycopg

    with psycopg.connect(there, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS slotwise_corrections, slotwise_schema")
    return there


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def test_what_was_added_is_read_by_others_as_it_was(store: Store, url: str) -> None:
    full = replace(
        OSLO, text="去奥斯陆 👍", slots=(), requested_slot="origin", who="sha256:012345", note="'; DROP TABLE--"
    )
    assert store.add([full], 10) == [full]
    other = Store(url)
    assert other.find() == [full]
    other.close()


def test_the_same_again_counts_and_its_first_note_stays(store: Store) -> None:
    later = replace(OSLO, created=moment_of(datetime.now(UTC)), who="sha256:012345")
    for again in (OSLO, replace(later, note="first"), replace(later, note="second")):
        store.add([again], 10)
    assert store.find() == [replace(OSLO, count=3, note="first")]
    for changed in (
        OTHER,
        replace(OSLO, sampled=True),
        replace(OSLO, requested_slot="origin"),
        replace(OSLO, lang="zh"),
    ):
        assert store.add([changed], 10) == [changed]
    assert len({one.id for one in store.find()}) == 5


def test_no_more_wait_than_may_but_what_is_there_may_come_again(store: Store) -> None:
    store.add([numbered(1), numbered(2)], 2)
    with pytest.raises(StoreFullError, match="2 wait for review"):
        store.add([numbered(3)], 2)
    assert store.add([numbered(3, sampled=True)], 2)  # another queue
    assert store.add([numbered(1), numbered(4)], 2) == [numbered(1, count=2)]
    store.decide([numbered(2).id], "rejected", "ann")
    assert store.add([numbered(3)], 2) == [numbered(3)]


def test_a_list_goes_on_where_it_ended(store: Store) -> None:
    everything = [numbered(number, sampled=number % 2 == 1) for number in (5, 1, 4, 2, 3, 0)]
    everything += [numbered(3, slots=()), numbered(3, slots=(Span("stopover", 3, 7),))]  # of one moment
    for one in everything:
        store.add([one], 10)
    store.decide([numbered(4).id], "accepted", "ann")
    in_order = sorted(everything, key=lambda one: (one.created, one.id))
    pages: list[Correction] = []
    while page := store.find(after=pages[-1].place if pages else "", limit=3):
        assert len(page) <= 3
        pages += page
    assert [one.id for one in pages] == [one.id for one in in_order]
    assert [one.id for one in store.find(sampled=False, status="pending")] == [
        one.id for one in in_order if not one.sampled and one != numbered(4)
    ]


def test_a_decision_says_who_and_when_and_may_be_changed(store: Store) -> None:
    store.add([OSLO], 10)
    before = moment_of(datetime.now(UTC))
    store.decide([OSLO.id], "accepted", "ann")
    store.decide([OSLO.id], "rejected", "bob")
    [one] = store.find()
    assert (one.status, one.decided_by) == ("rejected", "bob")
    assert one.decided is not None
    assert before <= one.decided <= moment_of(datetime.now(UTC))


def test_of_one_sentence_one_correction_is_accepted(store: Store) -> None:
    sampled, asked = replace(OTHER, sampled=True), replace(OTHER, requested_slot="destination")
    for one in (OSLO, OTHER, sampled, asked):
        store.add([one], 10)
    with pytest.raises(StoreError, match="of one sentence"):
        store.decide([OSLO.id, OTHER.id], "accepted", "ann")
    store.decide([OSLO.id, asked.id], "accepted", "ann")
    for rival in (OTHER, sampled):
        with pytest.raises(StoreError, match=f"(?=.*{rival.id})(?=.*{OSLO.id}).*of one sentence"):
            store.decide([rival.id], "accepted", "ann")
    store.decide([OSLO.id], "rejected", "ann")
    store.decide([sampled.id], "accepted", "ann")
    assert {one.id for one in store.find(status="accepted")} == {sampled.id, asked.id}


@pytest.mark.parametrize("status", ["accepted", "rejected", None])
def test_an_unknown_id_changes_nothing(store: Store, status: Status | None) -> None:
    store.add([OSLO], 10)
    change = Store.delete if status is None else partial(Store.decide, status=status, by="ann")
    with pytest.raises(StoreError, match="there is no correction 0123456789abcdef"):
        change(store, [OSLO.id, "0123456789abcdef"])
    assert store.find() == [OSLO]


def test_what_is_deleted_is_gone(store: Store) -> None:
    store.add([OSLO, OTHER], 10)
    store.delete([OSLO.id])
    assert store.find() == [OTHER]


def test_what_was_sampled_goes_after_some_days_unless_it_was_accepted(store: Store) -> None:
    def old(text: str, days: float, sampled: bool = True) -> Correction:
        return replace(OSLO, text=text, sampled=sampled, created=moment_of(datetime.now(UTC) - timedelta(days=days)))

    kinds = [
        old("sent", 90, sampled=False),
        old("accepted", 90),
        old("rejected", 31),
        old("old", 30.01),
        old("new", 29.9),
    ]
    store.add(kinds, 10)
    store.decide([kinds[1].id], "accepted", "ann")
    store.decide([kinds[2].id], "rejected", "ann")
    assert store.expire(30) == 2
    assert {one.text for one in store.find()} == {"sent", "accepted", "new"}


def test_accepted_ones_are_rows_by_id_whatever_order_they_came_in(store: Store, tmp_path: Path) -> None:
    ones = [numbered(number) for number in range(20)] + [numbered(20, requested_slot="origin")]
    for one in ones:
        store.add([one], 100)
    store.decide([one.id for one in ones if one != numbered(7)], "accepted", "ann")
    rows = store.accepted_rows()
    assert [row.id for row in rows] == sorted(f"corrections-{one.id}" for one in ones if one != numbered(7))
    [asked] = [row_to_json(row) for row in rows if row.text == "to Oslo 20"]
    assert asked == {
        "id": f"corrections-{ones[-1].id}",
        "text": "to Oslo 20",
        "lang": "en",
        "slots": [{"slot": "origin", "start": 3, "end": 7}],
        "source": "corrections",
        "context": {"requested_slot": "origin"},
    }
    other = Store(f"sqlite:///{tmp_path}/other.sqlite")
    for one in reversed(ones):
        other.add([replace(one, created=moment_of(NOON), count=3)], 100)
    other.decide([one.id for one in ones if one != numbered(7)], "accepted", "bob")
    for name, each in (("one", store), ("other", other)):
        write_rows(tmp_path / name, each.accepted_rows())
    other.close()
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


WRITER = """
import sys
from dataclasses import replace
from service.corrections.correction import Correction
from service.corrections.store import Store
sys.stdin.readline()
store = Store(sys.argv[1])
one = Correction(False, "to Oslo", "en", None, (), [], "travel", "1", "2026-11-22T12:00:00.000000Z")
for number in range(25):
    store.add([replace(one, text=f"all {number}"), replace(one, text=f"{sys.argv[2]} {number}")], 1000)
"""


def test_several_processes_make_the_tables_at_once_and_write(url: str) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, name], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for name in ("one", "two")
    ]
    with ThreadPoolExecutor(len(writers)) as threads:
        ended = [*threads.map(lambda writer: (writer.communicate(b"go\n")[1], writer.returncode), writers)]
    assert ended == [(b"", 0)] * len(writers)
    store = Store(url)
    counts = {one.text: one.count for one in store.find()}
    store.close()
    assert counts == {f"{name} {number}": 1 + (name == "all") for name in ("all", "one", "two") for number in range(25)}


def test_tables_are_brought_up_to_date_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def version() -> list[int]:
        store = Store(url)
        with store._reading() as connection:
            found = connection.exec_driver_sql("SELECT version FROM slotwise_schema ORDER BY version").scalars().all()
        store.close()
        return [*found]

    assert version() == version() == [1]
    with monkeypatch.context() as later:
        later.setattr(schema, "STEPS", (*schema.STEPS, ("ALTER TABLE slotwise_corrections ADD COLUMN more TEXT",)))
        assert version() == version() == [1, 2]
    with pytest.raises(StoreError, match="version 2; this slotwise knows 1"):
        Store(url)


def test_a_step_that_fails_leaves_the_tables_as_they_were(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(url)
    store.add([OSLO], 10)
    store.close()
    broken = ("ALTER TABLE slotwise_corrections ADD COLUMN more TEXT", "no SQL")
    with monkeypatch.context() as later:
        later.setattr(schema, "STEPS", (*schema.STEPS, broken))
        with pytest.raises(StoreError, match="syntax"):
            Store(url)
    store = Store(url)
    assert store.find() == [OSLO]
    store.close()


def test_a_file_of_corrections_is_for_its_owner_alone_and_safe_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "data" / "corrections.sqlite"
    store = Store(f"sqlite:///{path}")
    store.add([OSLO], 10)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    with store._writing() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    store.close()
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT text, status, count FROM slotwise_corrections").fetchall() == [
            ("to Oslo", "pending", 1)
        ]
    plain.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///{}/file/corrections.sqlite", "[Nn]ot a directory|File exists"),
        ("sqlite:///{}/file", "not a database"),
        ("postgresql://ann:hunter2@127.0.0.1:1/slotwise", "refused"),
    ],
)
def test_a_store_that_cannot_be_had_is_told_without_its_password(tmp_path: Path, url: str, told: str) -> None:
    if url.startswith("postgresql"):
        pytest.importorskip("psycopg")
    (tmp_path / "file").write_text("this is a file of text, and longer than the head of a database " * 20)
    with pytest.raises(StoreError, match=told) as refused:
        Store(url.format(tmp_path))
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)
