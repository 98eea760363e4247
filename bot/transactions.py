"""Whole transactions, done again where the database asks for no more than that.

PostgreSQL gives up one of two that wait for each other, SQLite one that found the file locked, and a server that
was started again has broken every connection of the pool. Nothing of such a transaction is stored, so it is simply
run again: `work` must be fit for that, which it is when it does nothing but use its session.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot import deadlines
from bot.db import Sessions, patient
from bot.deadlines import GRACE, PATIENCE

TRIES = 6
FIRST_PAUSE = 0.02
ONCE_MORE = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock not to be had in time

Result = TypeVar("Result")
log = structlog.get_logger()


class CommitLost(SQLAlchemyError):
    """The connection broke during the commit: it may have been done, so doing it again may do it twice."""


def transact(sessions: Sessions, work: Callable[[Session], Result], patience: float = PATIENCE) -> Result:
    """What `work` returns, done in a transaction of its own and committed.

    `patience` is for everything together, in seconds: the waits for locks and for a server that does not answer,
    and the pauses between the tries.
    """
    with deadlines.within(patience + GRACE):
        return _repeated(sessions, work, patience)


def _repeated(sessions: Sessions, work: Callable[[Session], Result], patience: float) -> Result:
    ends, left, tries = time.monotonic() + patience, patience, 0
    while True:
        try:
            return _once(sessions, work, left)
        except DBAPIError as error:
            tries += 1
            pause = FIRST_PAUSE * 2**tries * random.random()  # two that collided must part
            left = ends - time.monotonic() - pause
            if tries == TRIES or left <= 0 or not passes(error):
                raise
            log.warning("transaction.tried_again", error=fault(error), tries=tries)
            time.sleep(pause)


def passes(error: DBAPIError) -> bool:
    """Whether the same transaction may well succeed in a moment."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        code: int = getattr(error.orig, "sqlite_errorcode", 0)
        return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(error.orig, "sqlstate", None) in ONCE_MORE


def fault(error: SQLAlchemyError) -> str:
    """A failure's name for logs: the engine's own code where it has one. Never its text, which may quote a row."""
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return code or type(error).__name__


def _once(sessions: Sessions, work: Callable[[Session], Result], patience: float) -> Result:
    with patient(sessions, patience) as session:
        result = work(session)
        try:
            session.commit()
        except DBAPIError as error:
            if error.connection_invalidated and error.statement is None:  # not a last INSERT, the commit itself
                raise CommitLost("the connection broke during the commit") from error
            raise
        return result
