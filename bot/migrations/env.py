"""Alembic's entry: runs the revisions on the settings' database, all or none, one process at a time.

Upgrading needs no models. Whoever generates a revision imports `webhook_app` first, so that all tables are known.
"""

import structlog
from alembic import context
from sqlalchemy import Connection, text

from bot import db

LOCK = 4_670_831  # any number that nobody else locks in this database
PATIENCE = 600.0  # another `prepare` may be at work

log = structlog.get_logger()


def one_at_a_time(connection: Connection) -> None:
    """Wait for who migrates already. On SQLite the transaction itself has waited; whoever writes is served first."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        # A revision that waits for a table makes everybody wait behind it, so it must not wait long.
        connection.execute(text(f"SET LOCAL lock_timeout = '{db.PATIENCE}s'"))


def of_this_version() -> bool:
    """Whether we know the database's revision. A newer one only adds, so who goes back a version leaves it alone."""
    known = {script.revision for script in context.script.walk_revisions()}
    newer = set(context.get_context().get_current_heads()) - known
    if newer:
        log.warning("schema.newer", revisions=sorted(newer))
    return not newer


engine = db.connect(context.config.attributes["settings"])
with engine.connect().execution_options(patience=PATIENCE) as connection:
    context.configure(
        connection=connection, target_metadata=db.Base.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        one_at_a_time(connection)
        if of_this_version():
            context.run_migrations()
engine.dispose()
