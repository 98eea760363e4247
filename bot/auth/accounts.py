"""Accounts of staff, and the people of the demo."""

from typing import NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal, services
from bot.auth import passwords, sign_ins
from bot.auth.passwords import DEMO_PASSWORD
from bot.auth.permissions import ROLES
from bot.errors import FrontlineError
from bot.models import User

LONGEST_NAME = 40
LONGEST_SHOWN = 80

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


def create_user(session: Session, username: str, name: str, role: str, password: str) -> User:
    """Add a member of staff. The user name must be free, the role known, the password hard to guess."""
    passwords.check(password, username, name)
    return _add(session, username, name, role, password)


def _add(session: Session, username: str, name: str, role: str, password: str) -> User:
    username = username.strip().lower()
    if role not in ROLES:
        raise FrontlineError(f"unknown role {role!r}; one of {', '.join(ROLES)}")
    if not 0 < len(username) <= LONGEST_NAME:
        raise FrontlineError(f"a user name has 1 to {LONGEST_NAME} characters")
    if not 0 < len(name) <= LONGEST_SHOWN:
        raise FrontlineError(f"the name that others read has 1 to {LONGEST_SHOWN} characters")
    if _by_name(session, username):
        raise FrontlineError(f"user name {username!r} is taken")
    user = User(username=username, name=name, role=role, password_hash=passwords.kept(password))
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


def find(session: Session, username: str) -> User:
    """A member of staff; programs have no password."""
    named = User.username == username.strip().lower(), User.password_hash != passwords.NOBODY
    user = session.scalars(select(User).where(*named)).one_or_none()
    if user is None:
        raise FrontlineError(f"nobody is called {username!r}")
    return user


def load_demo_users(session: Session) -> list[User]:
    """The people of the demo: added where they are missing, back where a real shop had retired them."""
    people = [
        _by_name(session, username) or _add(session, username, name, role, DEMO_PASSWORD)
        for username, name, role in DEMO_USERS
    ]
    for user in people:
        user.active = user.active or passwords.matches(user.password_hash, DEMO_PASSWORD)
    return people


def retire_demo_users(session: Session) -> None:
    """Everybody knows the demo's password, so in a real shop nobody signs in with it or stays signed in."""
    for username, _, _ in DEMO_USERS:
        user = _by_name(session, username)
        if user and user.active and passwords.matches(user.password_hash, DEMO_PASSWORD):
            user.active = False
            sign_ins.end_all(session, user.id)
            journal.write(session, "user.deactivated", user_id=user.id)
            log.warning("user.deactivated", user_id=user.id, reason="the demo's password")


def _by_name(session: Session, username: str) -> User | None:
    return session.scalars(select(User).where(User.username == username)).one_or_none()
