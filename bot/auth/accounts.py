"""Accounts of staff: passwords, the lock after five wrong ones, and the people of the demo."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, journal
from bot.auth.access import STAFF
from bot.clock import now
from bot.errors import FrontlineError
from bot.models import User
from bot.transactions import transact

TRIES = 5
LOCK = timedelta(minutes=15)
DEMO_PASSWORD = "frontline"

# What a password of an unknown name is compared with, so that the answer takes as long as for a known one.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's floor for argon2id
log = structlog.get_logger()


class DemoUser(NamedTuple):
    """One of the demo's people."""

    username: str
    name: str
    role: str


DEMO_USERS = (
    DemoUser("wang", "王志豪", "agent"),
    DemoUser("lin", "林佩蓉", "supervisor"),
    DemoUser("hsu", "許庭瑋", "editor"),
    DemoUser("ho", "何律師", "reviewer"),
    DemoUser("admin", "系統管理", "admin"),
)


@dataclass(frozen=True)
class Attempt:
    """The outcome of a sign-in: the user, or how many tries are left, or until when the account is locked."""

    user: User | None = None
    tries_left: int = TRIES - 1
    locked_until: datetime | None = None


def create_user(session: Session, username: str, name: str, role: str, password: str) -> User:
    """Add a member of staff. The user name must be free, the role known, the password long and not the demo's."""
    if password == DEMO_PASSWORD:
        raise FrontlineError("this password is published with the demo; choose another")
    return _add(session, username, name, role, password)


def _add(session: Session, username: str, name: str, role: str, password: str) -> User:
    username = username.strip().lower()
    if role not in STAFF:
        raise FrontlineError(f"unknown role {role!r}; one of {', '.join(STAFF)}")
    if len(password) < 8:
        raise FrontlineError("a password needs at least 8 characters")
    if _by_name(session, username):
        raise FrontlineError(f"user name {username!r} is taken")
    user = User(username=username, name=name, role=role, password_hash=hasher.hash(password))
    session.add(user)
    session.flush()
    journal.write(session, "user.created", user_id=user.id, role=role)
    return user


def load_demo_users(session: Session) -> list[User]:
    """The people of the demo: added where they are missing, back where a real shop had retired them."""
    people = [
        _by_name(session, username) or _add(session, username, name, role, DEMO_PASSWORD)
        for username, name, role in DEMO_USERS
    ]
    for user in people:
        user.active = user.active or _matches(user.password_hash, DEMO_PASSWORD)
    return people


def retire_demo_users(session: Session) -> None:
    """Everybody knows the demo's password, so in a real shop nobody signs in with it or stays signed in."""
    for username, _, _ in DEMO_USERS:
        user = _by_name(session, username)
        if user and user.active and _matches(user.password_hash, DEMO_PASSWORD):
            user.active, user.session_key = False, str(uuid.uuid4())
            journal.write(session, "user.deactivated", user_id=user.id)
            log.warning("user.deactivated", user_id=user.id, reason="the demo's password")


def attempt(sessions: db.Sessions, username: str, password: str) -> Attempt:
    """Check a password. The fifth wrong one in a row locks the account; an unknown name looks just the same.

    The slow comparison runs outside any transaction; what came of it is recorded under the row's lock.
    """
    with db.reading(sessions) as session:
        known = _by_name(session, username.strip().lower())
    user_id = known.id if known and known.active else None
    right = _matches(known.password_hash if known and user_id else NOBODY, password)
    if user_id is None:
        return Attempt()
    return transact(
        sessions, lambda session: _record(session, session.get_one(User, user_id, with_for_update=True), right)
    )


def _record(session: Session, user: User, right: bool) -> Attempt:
    if user.locked_until and user.locked_until > now():
        return Attempt(locked_until=user.locked_until)
    return _accept(session, user) if right else _refuse(session, user)


def _accept(session: Session, user: User) -> Attempt:
    user.failures, user.locked_until = 0, None
    journal.write(session, "user.signed_in", user_id=user.id)
    return Attempt(user=user)


def _refuse(session: Session, user: User) -> Attempt:
    user.failures += 1
    if user.failures < TRIES:
        return Attempt(tries_left=TRIES - user.failures)
    user.failures, user.locked_until = 0, now() + LOCK
    journal.write(session, "user.locked", user_id=user.id)
    log.warning("user.locked", user_id=user.id)
    return Attempt(locked_until=user.locked_until)


def _by_name(session: Session, username: str) -> User | None:
    return session.scalars(select(User).where(User.username == username)).one_or_none()


def _matches(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except VerificationError:
        return False
