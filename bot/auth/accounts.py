"""Accounts of staff, and the people of the demo."""

from typing import NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal, services
from bot.auth import passwords, sign_ins
from bot.auth.passwords import DEMO_PASSWORD
from bot.auth.permissions import ROLES
from bot.errors import FrontlineError, Refused
from bot.models import User
from bot.tongues import HOUSE

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
    DemoUser("yu", "余思涵", "marketing"),
    DemoUser("admin", "系統管理", "admin"),
)


def create_user(
    session: Session,
    username: str,
    name: str,
    role: str,
    password: str,
    *,
    by: int | None = None,
    language: str = HOUSE,
) -> User:
    """Add a member of staff. The user name must be free, the role known, the password hard to guess."""
    passwords.check(password, username, name)
    user = _add(session, username, name, role, password, by)
    user.language = language
    return user


def speak(session: Session, user_id: int, language: str) -> None:
    """What reaches this member of staff outside of the pages is in one of LANGUAGES from now on."""
    session.get_one(User, user_id).language = language


def _add(session: Session, username: str, name: str, role: str, password: str, by: int | None = None) -> User:
    username = username.strip().lower()
    if role not in ROLES:
        raise FrontlineError(f"unknown role {role!r}; one of {', '.join(ROLES)}")
    if not 0 < len(username) <= LONGEST_NAME:
        raise Refused("帳號要有 1 到 %(most)s 個字。", most=LONGEST_NAME)
    _check_shown(name)
    if _by_name(session, username):
        raise Refused("「%(name)s」這個帳號已經有人用了。", name=username)
    user = User(username=username, name=name, role=role, password_hash=passwords.kept(password))
    session.add(user)
    session.flush()
    made = {"username": username, "name": name, "role": role}
    journal.changed(session, "user.created", {}, made, by=by, member=user.id)
    return user


def change_user(session: Session, username: str, role: str, *, active: bool, by: int | None, name: str = "") -> User:
    """Another role or name, or no longer (or again) a member of staff; who may something else is signed out."""
    user = _by_name(session, username)
    if user is None or role not in ROLES:
        raise FrontlineError(f"there is no user {username!r}, or no role {role!r}")
    _check_shown(name or user.name)
    before, may_else = _known(user), (user.role, user.active) != (role, active)
    user.name, user.role, user.active = name or user.name, role, active
    if may_else:
        sign_ins.end_all(session, user.id, by)
        services.current().wiring.desk.staff_changed(session, user.id, by)
    journal.changed(session, "user.changed", before, _known(user), by=by, member=user.id)
    return user


def _known(user: User) -> dict[str, object]:
    """What the record tells of somebody."""
    return {name: getattr(user, name) for name in ("name", "role", "active")}


def _check_shown(name: str) -> None:
    if not 0 < len(name) <= LONGEST_SHOWN:
        raise Refused("姓名要有 1 到 %(most)s 個字。", most=LONGEST_SHOWN)


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
            sign_ins.end_all(session, user.id, by=None)
            journal.write(session, "user.deactivated", member=user.id)
            log.warning("user.deactivated", user_id=user.id, reason="the demo's password")


def _by_name(session: Session, username: str) -> User | None:
    return session.scalars(select(User).where(User.username == username)).one_or_none()
