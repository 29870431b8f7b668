"""Corrections in a database: SQLite in a file, or PostgreSQL. What was said to be stored is on disk."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Select,
    create_engine,
    delete,
    event,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from data.rows import Row
from data.tags import Span
from service.corrections.correction import Correction, Status, StoreError, StoreFullError, moment_of
from service.corrections.schema import corrections, migrate

_LOCK_SECONDS = 5  # longest wait for another process that writes, and for an answer of PostgreSQL
_WRITES = "slotwise_writes"
# How a transaction begins. Who writes has the database for itself, so that what it reads first stays true.
_BEGIN = {
    ("sqlite", True): "BEGIN IMMEDIATE",
    ("sqlite", False): "BEGIN",
    ("postgresql", True): f"SET LOCAL statement_timeout = '{_LOCK_SECONDS}s'; SELECT pg_advisory_xact_lock(8105)",
    ("postgresql", False): f"SET LOCAL statement_timeout = '{_LOCK_SECONDS}s'",
}
_CONNECT: dict[str, dict[str, Any]] = {
    "sqlite": {"timeout": _LOCK_SECONDS},
    "postgresql": {"connect_timeout": _LOCK_SECONDS, "tcp_user_timeout": 1000 * _LOCK_SECONDS},
}


class Store:
    """The corrections at `url` (`sqlite:///FILE`, `postgresql://...`), with its tables made if they are not there.

    Every method is one transaction, and raises StoreError. To be used by one thread at a time.
    """

    def __init__(self, url: str) -> None:
        self._url = _with_driver(make_url(url))
        with self._told():
            if self._url.database and self._kind == "sqlite":
                _make_private(Path(self._url.database))
            self._engine = self._connected()
            try:
                with self._writing() as connection:
                    migrate(connection)
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        self._engine.dispose()

    def add(self, new: Sequence[Correction], most_pending: int) -> list[Correction]:
        """Those of `new` that are stored now, as they are. One that is there already counts once more, and a note is
        added if it had none.

        Raises StoreFullError where none is: more than `most_pending` of its sort wait for review.
        """
        with self._writing() as connection:
            stored = [one for one in new if self._add(connection, one, most_pending)]
            if new and not stored:
                raise StoreFullError(f"{most_pending} wait for review, the limit")
            there = select(corrections).where(corrections.c.id.in_([one.id for one in stored]))
            by_id = {one.id: one for one in _read(connection, there)}
            return [by_id[one.id] for one in stored]

    @staticmethod
    def _add(connection: Connection, new: Correction, most_pending: int) -> bool:
        again = update(corrections).where(corrections.c.id == new.id)
        note = func.coalesce(corrections.c.note, new.note)
        if connection.execute(again.values(count=corrections.c.count + new.count, note=note)).rowcount:
            return True
        waiting = select(func.count()).where(corrections.c.status == "pending", corrections.c.sampled == new.sampled)
        if connection.execute(waiting).scalar_one() >= most_pending:
            return False
        columns = {column.name: getattr(new, column.name) for column in corrections.c}
        connection.execute(insert(corrections).values(columns | {"slots": [span._asdict() for span in new.slots]}))
        return True

    def find(
        self, sampled: bool | None = None, status: Status | None = None, after: str = "", limit: int | None = None
    ) -> list[Correction]:
        """By time, those behind the `place` of another one."""
        wanted = select(corrections).where(corrections.c.created + corrections.c.id > after)
        if sampled is not None:
            wanted = wanted.where(corrections.c.sampled == sampled)
        if status is not None:
            wanted = wanted.where(corrections.c.status == status)
        with self._reading() as connection:
            return list(_read(connection, wanted.order_by(corrections.c.created, corrections.c.id).limit(limit)))

    def decide(self, ids: Sequence[str], status: Status, by: str) -> None:
        """Accept or reject all of them or, where one is not there or is against another one accepted, none."""
        with self._writing() as connection:
            _refuse_unknown(connection, ids)
            if status == "accepted":
                _refuse_contradictions(connection, ids)
            decision = {"status": status, "decided": moment_of(datetime.now(UTC)), "decided_by": by}
            connection.execute(update(corrections).where(corrections.c.id.in_(ids)).values(decision))

    def delete(self, ids: Sequence[str]) -> None:
        """All of them or, where one is not there, none."""
        with self._writing() as connection:
            _refuse_unknown(connection, ids)
            connection.execute(delete(corrections).where(corrections.c.id.in_(ids)))

    def expire(self, days: float) -> int:
        """Delete what was sampled more than so many days ago and not accepted; returns how many."""
        before = moment_of(datetime.now(UTC) - timedelta(days=days))
        old = (corrections.c.sampled, corrections.c.status != "accepted", corrections.c.created < before)
        with self._writing() as connection:
            return connection.execute(delete(corrections).where(*old)).rowcount

    def accepted_rows(self) -> list[Row]:
        """To train on, by id: the same corrections give the same rows in the same order."""
        accepted = select(corrections).where(corrections.c.status == "accepted").order_by(corrections.c.id)
        with self._reading() as connection:
            return [correction.to_row() for correction in _read(connection, accepted)]

    # --- the database ------------------------------------------------------------------------------------------------

    @property
    def _kind(self) -> str:
        return self._url.get_backend_name()

    def _connected(self) -> Engine:
        engine = create_engine(
            self._url, connect_args=_CONNECT[self._kind], hide_parameters=True, pool_pre_ping=self._kind != "sqlite"
        )
        if self._kind == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            writes = bool(connection.get_execution_options().get(_WRITES))
            connection.exec_driver_sql(_BEGIN[self._kind, writes])

        return engine

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._told(), self._engine.execution_options(**{_WRITES: True}).begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._told(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What goes wrong as a StoreError that names the store, and nothing that users wrote."""
        try:
            yield
        except StoreFullError:
            raise
        except (OSError, SQLAlchemyError) as error:
            reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
            shown = self._url.render_as_string(hide_password=True)
            raise StoreError(f"corrections at {shown}: {reason.splitlines()[0] if reason else 'no reason'}") from None


def _with_driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


def _make_private(file: Path) -> None:
    """What users wrote is for the user of the service alone; SQLite gives its other files the same rights."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # transactions begin as _BEGIN says, and not where Python's module thinks
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")  # readers and a writer do not wait for each other
            break
        except Exception as error:  # SQLite does not wait by itself here for another one that does the same
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous = FULL")  # with WAL, the usual NORMAL may lose what was stored last


def _read(connection: Connection, wanted: Select[Any]) -> Iterator[Correction]:
    return map(_correction_of, connection.execute(wanted).mappings())


def _correction_of(row: RowMapping) -> Correction:
    fields = {name: value for name, value in row.items() if name not in ("id", "sentence")}
    return Correction(**fields | {"slots": tuple(Span(**slot) for slot in row["slots"])})


def _refuse_unknown(connection: Connection, ids: Sequence[str]) -> None:
    there = set(connection.execute(select(corrections.c.id).where(corrections.c.id.in_(ids))).scalars())
    if missing := [one for one in ids if one not in there]:
        raise StoreError(f"there is no correction {', '.join(missing)}")


def _refuse_contradictions(connection: Connection, ids: Sequence[str]) -> None:
    own = select(corrections.c.sentence).where(corrections.c.id.in_(ids))
    rivals = select(corrections.c.sentence, corrections.c.id).where(
        corrections.c.sentence.in_(own), or_(corrections.c.id.in_(ids), corrections.c.status == "accepted")
    )
    by_sentence: dict[str, list[str]] = {}
    for sentence, one in connection.execute(rivals):
        by_sentence.setdefault(sentence, []).append(one)
    for same in by_sentence.values():
        if len(same) > 1:
            raise StoreError(f"{' and '.join(sorted(same))} are of one sentence, so only one can be accepted")
