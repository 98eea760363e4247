"""Alembic's entry: runs the revisions on the settings' database, one process at a time.

Upgrading needs no models. Whoever generates a revision imports `webhook_app` first, so that all tables are known.
"""

import time

import structlog
from alembic import context
from sqlalchemy import Connection, text

from bot import db

LOCK = 4_670_831  # any number that nobody else locks in this database
PATIENCE = 600.0  # another `prepare` may be at work
PAUSE = 0.1

log = structlog.get_logger()


def one_at_a_time(connection: Connection) -> None:
    """Wait for who migrates already. On SQLite the transaction itself waits; whoever writes is served first.

    The lock is the connection's, since a revision may be many transactions. It is asked for again and again:
    who waited in a statement would be waited for by an index that is built beside him.
    """
    ends = time.monotonic() + PATIENCE
    while connection.dialect.name == "postgresql" and not _mine(connection):
        if time.monotonic() > ends:
            raise TimeoutError("another `frontline prepare` is at work")
        time.sleep(PAUSE)


def _mine(connection: Connection) -> bool:
    with connection.begin():
        return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}))


def of_this_version() -> bool:
    """Whether we know the database's revision. A newer one only adds, so who goes back a version leaves it alone."""
    known = {script.revision for script in context.script.walk_revisions()}
    newer = set(context.get_context().get_current_heads()) - known
    if newer:
        log.warning("schema.newer", revisions=sorted(newer))
    return not newer


def of_the_models(_: object, name: str | None, *__: object) -> bool:
    """What finds rows by their words (`live.add_search`) is not in the models, since the engines differ in it."""
    return not (name or "").startswith(("find_", "ix_find_"))


engine = db.connect(context.config.attributes["settings"])
with engine.connect().execution_options(patience=PATIENCE) as connection:
    one_at_a_time(connection)
    context.configure(
        connection=connection,
        target_metadata=db.Base.metadata,
        include_object=of_the_models,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if of_this_version():
            context.run_migrations()
engine.dispose()
