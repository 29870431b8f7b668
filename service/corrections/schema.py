"""The tables of the store, and the steps that made them: each is done once, in order, whoever comes first."""

from sqlalchemy import JSON, Boolean, Column, Connection, Integer, MetaData, String, Table, Text

from service.corrections.correction import StoreError

# What is published is never changed: a change is one more step, and `corrections` below is what all of them give.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE slotwise_corrections (
            id VARCHAR(16) PRIMARY KEY,
            sentence VARCHAR(64) NOT NULL,
            sampled BOOLEAN NOT NULL,
            status VARCHAR(8) NOT NULL,
            count INTEGER NOT NULL,
            text TEXT NOT NULL,
            lang TEXT NOT NULL,
            requested_slot TEXT,
            slots JSON NOT NULL,
            before JSON NOT NULL,
            model_name TEXT NOT NULL,
            model_version TEXT NOT NULL,
            note TEXT,
            who TEXT,
            created VARCHAR(27) NOT NULL,
            decided VARCHAR(27),
            decided_by TEXT
        )
        """,
        "CREATE INDEX slotwise_review ON slotwise_corrections (status, sampled, created)",
        "CREATE UNIQUE INDEX slotwise_accepted ON slotwise_corrections (sentence) WHERE status = 'accepted'",
    ),
)

corrections = Table(
    "slotwise_corrections",
    MetaData(),
    Column("id", String, primary_key=True),
    Column("sentence", String),
    Column("sampled", Boolean),
    Column("status", String),
    Column("count", Integer),
    Column("text", Text),
    Column("lang", Text),
    Column("requested_slot", Text),
    Column("slots", JSON),
    Column("before", JSON),
    Column("model_name", Text),
    Column("model_version", Text),
    Column("note", Text),
    Column("who", Text),
    Column("created", String),
    Column("decided", String),
    Column("decided_by", Text),
)


def migrate(connection: Connection) -> None:
    """Do the steps that are still to be done, in a transaction that keeps others from doing so meanwhile."""
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS slotwise_schema (version INTEGER NOT NULL)")
    done: int = connection.exec_driver_sql("SELECT COALESCE(MAX(version), 0) FROM slotwise_schema").scalar_one()
    if done > len(STEPS):
        raise StoreError(f"its tables are of version {done}; this slotwise knows {len(STEPS)} and may be too old")
    for version, step in enumerate(STEPS[done:], start=done + 1):
        for statement in step:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"INSERT INTO slotwise_schema (version) VALUES ({version})")
