"""Guessing passwords is slow: after five wrong ones in a row a name is refused from that address for a while.

Counted for names that nobody has just as well, since otherwise the answer would tell who works here.
"""

import hashlib
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot import journal
from bot.clock import now
from bot.models import WrongPassword
from bot.people import insert_missing

TRIES = 5
REST = timedelta(minutes=15)
KEPT = timedelta(days=1)

log = structlog.get_logger()


def key(username: str, address: str) -> str:
    """A digest, so that no name that somebody mistyped (it may be a password) is stored."""
    return hashlib.sha256(f"{username}\0{address}".encode("utf-8", "surrogatepass")).hexdigest()


def blocked_until(session: Session, key: str) -> datetime | None:
    """Until when nothing is taken; None: something is."""
    failed = session.get(WrongPassword, key)
    return failed.blocked_until if failed and failed.blocked_until and failed.blocked_until > now() else None


def count(session: Session, key: str, whose: int | None = None) -> WrongPassword:
    """One more wrong password. Those that were under way when the rest began neither shorten nor lengthen it.

    `whose`: the member of staff who is called so, if there is one; nothing is kept of other names.
    """
    session.execute(delete(WrongPassword).where(WrongPassword.last_at < now() - KEPT))
    insert_missing(session, WrongPassword, {"key": key, "failures": 0, "last_at": now()})
    row = select(WrongPassword).where(WrongPassword.key == key).with_for_update()
    failed = session.scalars(row.execution_options(populate_existing=True)).one()
    if failed.blocked_until and failed.blocked_until > now():
        return failed
    if failed.failures >= TRIES:
        failed.failures, failed.blocked_until = 0, None
    failed.failures, failed.last_at = failed.failures + 1, now()
    if failed.failures >= TRIES:
        failed.blocked_until = now() + REST
        log.warning("sign_in.blocked")
        if whose is not None:
            journal.write(session, "user.locked_out", member=whose)
    return failed


def forget(session: Session, key: str) -> None:
    """The right one was given."""
    session.execute(delete(WrongPassword).where(WrongPassword.key == key))
