"""Who is there. An open console says so every few seconds; away is what somebody chose to be.

What comes of it may be lost with the machine's power: the next word of the console says it again.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, disk, journal
from bot.clock import now
from bot.errors import Refused
from bot.models import User
from bot.people import insert_missing
from bot.transactions import transact
from handoff.models import Presence
from handoff.waking import drain_after_commit

LASTS = timedelta(seconds=75)
RENEWED = timedelta(seconds=30)
FORGOTTEN = timedelta(hours=4)  # away is not meant for the next day
STATES = ("online", "away")


def seen(sessions: db.Sessions, user_id: int) -> None:
    """Somebody's console is open. Asked often, so it writes only when the word is no longer fresh."""
    with db.reading(sessions) as session:
        presence = session.get(Presence, user_id)
    if presence is None or presence.online_until < now() + LASTS - RENEWED:
        transact(sessions, lambda session: _renew(session, user_id))


def choose(session: Session, user_id: int, status: str) -> None:
    """Be online or away from now on; who is online again is given what waits."""
    presence = _locked(session, user_id)
    if presence.status == status:
        return
    presence.status, presence.since, presence.online_until = status, now(), now() + LASTS
    journal.write(session, f"user.{status}", user_id=user_id)
    if status == "online":
        drain_after_commit(session)


def send_away(session: Session, user_id: int, by: int) -> None:
    """Whoever leads sees that somebody is not there after all: no cases for her until she says that she is back."""
    presence, at = _locked(session, user_id), now()
    if presence.status != "online" or presence.online_until <= at:
        raise Refused("%(name)s已經不在線上了。", name=session.get_one(User, user_id).name)
    presence.status, presence.since = "away", at
    journal.write(session, "user.sent_away", user_id=by, member=user_id)


def of(session: Session, user_id: int) -> str:
    """online or away, as somebody chose; online where nothing was chosen yet."""
    presence = session.get(Presence, user_id)
    return presence.status if presence else "online"


def _renew(session: Session, user_id: int) -> None:
    disk.fleeting(session)
    presence = _locked(session, user_id)
    at = now()
    if presence.online_until < at - FORGOTTEN:
        presence.status = "online"
    came = presence.status == "online" and presence.online_until <= at
    presence.online_until = at + LASTS
    if came:
        presence.since = at
        drain_after_commit(session)


def _locked(session: Session, user_id: int) -> Presence:
    """The row, made where it is missing: of somebody who was never there."""
    long_ago = now() - LASTS
    insert_missing(
        session, Presence, {"user_id": user_id, "online_until": long_ago, "since": now(), "status": "online"}
    )
    row = select(Presence).where(Presence.user_id == user_id).with_for_update()
    return session.scalars(row.execution_options(populate_existing=True)).one()
