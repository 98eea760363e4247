"""Accounts of staff: passwords, and the people of the demo."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, journal, services
from bot.auth import sign_ins, throttle
from bot.auth.permissions import ROLES
from bot.errors import FrontlineError
from bot.models import User
from bot.transactions import transact

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
    """The outcome of a sign-in: the user, or how many tries are left, or until when none is taken from here."""

    user: User | None = None
    tries_left: int = 0
    blocked_until: datetime | None = None


def create_user(session: Session, username: str, name: str, role: str, password: str) -> User:
    """Add a member of staff. The user name must be free, the role known, the password long and not the demo's."""
    if password == DEMO_PASSWORD:
        raise FrontlineError("this password is published with the demo; choose another")
    return _add(session, username, name, role, password)


def _add(session: Session, username: str, name: str, role: str, password: str) -> User:
    username = username.strip().lower()
    if role not in ROLES:
        raise FrontlineError(f"unknown role {role!r}; one of {', '.join(ROLES)}")
    if len(password) < 8:
        raise FrontlineError("a password needs at least 8 characters")
    if _by_name(session, username):
        raise FrontlineError(f"user name {username!r} is taken")
    user = User(username=username, name=name, role=role, password_hash=hasher.hash(password))
    session.add(user)
    session.flush()
    journal.write(session, "user.created", user_id=user.id, role=role)
    return user


def change_user(session: Session, username: str, role: str, *, active: bool, by: int) -> User:
    """Another role, or no longer (or again) a member of staff; who may less, or nothing, is signed out everywhere."""
    user = _by_name(session, username)
    if user is None or role not in ROLES:
        raise FrontlineError(f"there is no user {username!r}, or no role {role!r}")
    if (user.role, user.active) != (role, active):
        user.role, user.active = role, active
        sign_ins.end_all(session, user.id)
        services.current().wiring.desk.staff_changed(session, user.id, by)
        journal.write(session, "user.changed", user_id=by, member=user.id, role=role, active=active)
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
            user.active = False
            sign_ins.end_all(session, user.id)
            journal.write(session, "user.deactivated", user_id=user.id)
            log.warning("user.deactivated", user_id=user.id, reason="the demo's password")


def attempt(sessions: db.Sessions, username: str, password: str, address: str) -> Attempt:
    """Check a password. A name that does not exist looks and takes as long as one that does.

    After five wrong ones in a row this name is refused from this address for a while, and from no other: so nobody
    keeps its owner out. The slow comparison runs outside any transaction.
    """
    username = username.strip().lower()
    key = throttle.key(username, address)
    with db.reading(sessions) as session:
        known, until = _by_name(session, username), throttle.blocked_until(session, key)
    if until is not None:
        return Attempt(blocked_until=until)
    active = known is not None and known.active
    right = _matches(known.password_hash if known and active else NOBODY, password)
    return transact(sessions, lambda session: _record(session, key, known.id if known and active and right else None))


def _record(session: Session, key: str, user_id: int | None) -> Attempt:
    if user_id is None:
        failed = throttle.count(session, key)
        return Attempt(tries_left=throttle.TRIES - failed.failures, blocked_until=failed.blocked_until)
    throttle.forget(session, key)
    journal.write(session, "user.signed_in", user_id=user_id)
    return Attempt(user=session.get_one(User, user_id))


def _by_name(session: Session, username: str) -> User | None:
    return session.scalars(select(User).where(User.username == username)).one_or_none()


def _matches(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except VerificationError:
        return False
