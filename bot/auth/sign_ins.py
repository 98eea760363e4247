"""Where somebody is signed in, browser by browser, and how each of them is signed out."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from bot import db, disk, journal
from bot.clock import now
from bot.models import SecondStep, SignIn, User
from bot.transactions import transact

LASTS = timedelta(hours=8)
SEEN_EVERY = timedelta(minutes=5)
KEPT = timedelta(days=30)
PASSWORD, PROVIDER, DEMO = "password", "provider", "demo"  # the ways in


class Found(NamedTuple):
    """Who is signed in, by which way, and whether a second step was asked for."""

    user: User
    way: str
    second_step: bool


def begin(session: Session, user_id: int, address: str, browser: str, way: str) -> SignIn:
    """Somebody signed in here."""
    session.execute(delete(SignIn).where(SignIn.created_at < now() - KEPT))
    made = SignIn(user_id=user_id, address=address[:45], browser=browser[:200], way=way)
    session.add(made)
    session.flush()
    journal.write(session, "user.signed_in", user_id=user_id, way=way)
    return made


def find(sessions: db.Sessions, key: str) -> Found | None:
    """Who is signed in where the cookie has this key, unless that is over or they have left."""
    with db.reading(sessions) as session:
        found = select(SignIn, User, SecondStep.user_id).join(User, User.id == SignIn.user_id)
        found = found.outerjoin(SecondStep, SecondStep.user_id == User.id)
        row = session.execute(found.where(SignIn.key == key, *_good(now()))).one_or_none()
    if row is None:
        return None
    made, user, stepped = row
    if made.seen_at < now() - SEEN_EVERY:
        transact(sessions, lambda session: _seen(session, key))
    return Found(user, made.way, stepped is not None)


def of(session: Session, user_id: int) -> Sequence[SignIn]:
    """Where somebody is signed in now, the latest first."""
    own = select(SignIn).join(User, User.id == SignIn.user_id).where(SignIn.user_id == user_id, *_good(now()))
    return session.scalars(own.order_by(SignIn.created_at.desc())).all()


def standing(session: Session, roles: Collection[str]) -> frozenset[str]:
    """The keys with which people of these roles are signed in now."""
    keys = select(SignIn.key).join(User, User.id == SignIn.user_id).where(User.role.in_(roles), *_good(now()))
    return frozenset(session.scalars(keys))


def end(session: Session, user_id: int, key: str) -> None:
    """Sign one browser out; of nobody but its owner."""
    _end(session, user_id, user_id, SignIn.key == key)


def end_others(session: Session, user_id: int, here: str) -> None:
    """Sign somebody out everywhere but here."""
    session.get_one(User, user_id).session_key = str(uuid.uuid4())
    _end(session, user_id, user_id, SignIn.key != here)


def end_all(session: Session, user_id: int, by: int | None) -> None:
    """Sign somebody out everywhere; what old versions of this program take for a session is over as well."""
    session.get_one(User, user_id).session_key = str(uuid.uuid4())
    _end(session, user_id, by)


def _end(session: Session, user_id: int, by: int | None, *which: ColumnElement[bool]) -> None:
    open_ = SignIn.user_id == user_id, SignIn.ended_at.is_(None), *which
    ended = session.scalars(update(SignIn).where(*open_).values(ended_at=now()).returning(SignIn.key)).all()
    journal.write(session, "user.signed_out", user_id=by, member=user_id, browsers=len(ended))


def _good(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return SignIn.ended_at.is_(None), SignIn.created_at > at - LASTS, User.active.is_(True)


def _seen(session: Session, key: str) -> None:
    disk.fleeting(session)
    session.execute(update(SignIn).where(SignIn.key == key).values(seen_at=now()))
