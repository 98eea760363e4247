"""An emptied shop for the next story, while the processes run on."""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from bot import db
from bot.transactions import passes

TRIES = 20


def refill(source: Engine, target: Engine) -> None:
    """Exchange all rows for those of a trained folder, in one transaction.

    Sequences go on, so no id comes twice: what the web processes remember of the last story's conversations is
    refused by foreign keys and looked up again, as the inbox does whenever its memory is wrong.
    """
    for tries in range(TRIES):
        try:
            _exchange(source, target)
            return
        except DBAPIError as error:  # the processes were at work, and it was we who had to give way
            if tries == TRIES - 1 or not passes(error):
                raise


def _exchange(source: Engine, target: Engine) -> None:
    """All tables at once: what the processes write meanwhile comes before, or after."""
    every = ", ".join(table.name for table in db.Base.metadata.sorted_tables)
    with source.connect() as old, target.begin() as new:
        new.execute(text(f"TRUNCATE {every}"))
        _copy(old, new)


def _copy(old: Connection, new: Connection) -> None:
    for table in db.Base.metadata.sorted_tables:
        if rows := [dict(row) for row in old.execute(table.select()).mappings()]:
            new.execute(table.insert(), rows)
