"""An emptied shop for the next story, while the processes run on."""

from sqlalchemy import Connection, Engine

from bot import db


def refill(source: Engine, target: Engine) -> None:
    """Exchange all rows for those of a trained folder, in one transaction.

    Sequences go on, so no id comes twice: what the web processes remember of the last story's conversations is
    refused by foreign keys and looked up again, as the inbox does whenever its memory is wrong.
    """
    with source.connect() as old, target.begin() as new:
        for table in reversed(db.Base.metadata.sorted_tables):
            new.execute(table.delete())
        _copy(old, new)


def _copy(old: Connection, new: Connection) -> None:
    for table in db.Base.metadata.sorted_tables:
        if rows := [dict(row) for row in old.execute(table.select()).mappings()]:
            new.execute(table.insert(), rows)
