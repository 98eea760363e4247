"""When a commit is on the disk: before anybody outside hears of it, and with nobody kept waiting meanwhile.

SQLite syncs inside the commit, while all other writers wait for its lock. Here it commits unsynced, and the log is
synced afterwards, with no lock held: those who commit at the same time share one sync. PostgreSQL does the like.
"""

import os
from pathlib import Path

from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

FLEETING = "fleeting"

_to_disk = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class NotOnDisk(SQLAlchemyError):
    """A commit was made, and the disk refuses to keep it: promise nothing upon it."""


def attend(factory: sessionmaker[Session], database: Path) -> None:
    """Have every commit of `factory`'s sessions on the disk of SQLite's `database` before it returns."""

    def committed(session: Session) -> None:
        if session.info.get(FLEETING) is session.get_transaction():
            return
        try:
            sync(log_of(database))
        except OSError as error:
            raise NotOnDisk(f"{type(error).__name__} {error.errno}") from error

    event.listen(factory, "after_commit", committed)


def fleeting(session: Session) -> None:
    """What this transaction writes may be lost with the machine's power: whoever comes after finds it out again.

    For leases and for what is known of calls: never for what a platform or a person has been told, nor for a claim.
    """
    session.info[FLEETING] = session.get_transaction()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL synchronous_commit = off"))


def log_of(database: Path) -> Path:
    """The log that SQLite appends its commits to."""
    return database.with_name(f"{database.name}-wal")


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on the disk; OSError if they don't get there."""
    opened = os.open(path, os.O_RDONLY)
    try:
        _to_disk(opened)
    finally:
        os.close(opened)
