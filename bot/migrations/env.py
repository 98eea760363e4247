"""Alembic's entry: runs the revisions on the settings' database.

Upgrading needs no models. Whoever generates a revision imports `webhook_app` first, so that all tables are known.
"""

from alembic import context

from bot import db

engine = db.connect(context.config.attributes["settings"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=db.Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
