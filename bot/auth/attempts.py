"""Trying a password: slowly for who guesses, and the same for names that exist and names that do not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.auth import passwords, throttle
from bot.clock import now
from bot.models import User
from bot.transactions import transact


@dataclass(frozen=True)
class Attempt:
    """The outcome: the user, or how many tries are left, or until when none is taken from here."""

    user: User | None = None
    tries_left: int = 0
    blocked_until: datetime | None = None


def attempt(sessions: db.Sessions, username: str, password: str, address: str) -> Attempt:
    """Check a password. A name that does not exist looks and takes as long as one that does.

    After five wrong ones in a row this name is refused from this address for a while, and from no other: so nobody
    keeps its owner out. The slow comparison runs outside any transaction.
    """
    username = username.strip().lower()
    key = throttle.key(username, address)
    with db.reading(sessions) as session:
        known, until = _known(session, username), throttle.blocked_until(session, key)
    if until is not None:
        return Attempt(blocked_until=until)
    right = passwords.matches(known.password_hash if known else passwords.NOBODY, password)
    whose = known.id if known else None
    return transact(sessions, lambda session: settle(session, key, whose, lambda _: whose if right else None))


def settle(session: Session, key: str, whose: int | None, proven: Callable[[Session], int | None]) -> Attempt:
    """Count a wrong try; a right one (by a user) forgets those before it.

    Asked again whether anything is taken: tries beside this one may have been the last. Then nothing is proven.
    """
    if until := throttle.blocked_until(session, key):
        return Attempt(blocked_until=until)
    user_id = proven(session)
    if user_id is None:
        failed = throttle.count(session, key, whose)
        return Attempt(tries_left=throttle.TRIES - failed.failures, blocked_until=failed.blocked_until)
    throttle.forget(session, key)
    return Attempt(user=session.get_one(User, user_id))


def _known(session: Session, username: str) -> User | None:
    """Who may come in by this name now; a one-time password is good for a day."""
    user = session.scalars(select(User).where(User.username == username, User.active)).one_or_none()
    return None if user and user.one_time_until and user.one_time_until < now() else user
