"""A colleague who is named in a note, as in 「@劉思妤 請看」 or "@liu", is told. Other words are just text."""

import re
from collections.abc import Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.models import User
from handoff.models import Ticket
from handoff.tickets import guests, records, transitions


def called(session: Session, ticket: Ticket, text: str) -> Sequence[User]:
    """Whom a note names; Refused where one of them may not see the case, so would be called to nothing."""
    text = text.replace("＠", "@")  # as input methods write it
    if "@" not in text:
        return []
    staff = session.scalars(select(User).where(User.active).order_by(User.id)).all()
    named = [user for user in staff if _names(user, text)]
    for user in named:
        if user.role not in transitions.DESK and not guests.sees(session, ticket, user.id):
            raise Refused("%(name)s看不到這件案件。先請他的部門協助，再在備註裡提到他。", name=user.name)
    return named


def callable_by(session: Session, ticket: Ticket, user_id: int, typed: str, most: int) -> list[User]:
    """The colleagues who may be named in a note on this case and whose name, or user name, has what was typed."""
    sees = exists().where(Ticket.id == ticket.id, guests.visible(User.id))
    known = select(User).where(User.active, User.id != user_id, or_(User.role.in_(transitions.DESK), sees))
    sought = typed.casefold()
    staff = session.scalars(known.order_by(User.name, User.id))
    return [user for user in staff if sought in user.name.casefold() or sought in user.username.casefold()][:most]


def tell(session: Session, ticket: Ticket, users: Sequence[User], by: int, message_id: int) -> None:
    for user in users:
        records.tell(session, ticket, "ticket.mentioned", user_id=by, to_user=user.id, message_id=message_id)


def _names(user: User, text: str) -> bool:
    """By name, after which Chinese goes on without a space, or by user name, which ends where another letter would."""
    name = rf"@{re.escape(user.name)}(?![a-z])" if user.name else "(?!)"
    return re.search(rf"{name}|@{re.escape(user.username)}(?![a-z0-9_.-])", text, re.IGNORECASE) is not None
