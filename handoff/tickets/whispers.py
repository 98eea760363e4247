"""A senior's word into the ear of whoever has a case: seen by her, by those who lead, and by who said it.

It belongs to the case, so whoever gets the case hears it. It is no message (see `models.Whisper`), and what the
journal and the notices tell of it is for the same few.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, or_, select, true, update
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.models import JournalEntry
from handoff.models import Notice, Ticket, Whisper
from handoff.models.whispers import TOLD
from handoff.tickets import records
from handoff.tickets.actions import written
from handoff.tickets.transitions import DESK, LEADS, SENIORS, TABLE, permit


def whisper(session: Session, ticket_id: int, user_id: int, text: str) -> Whisper:
    """Say something to whoever has the case; she is told at once. Nothing of the case changes."""
    ticket, user = records.take(session, "whisper", ticket_id, user_id)
    permit("whisper", ticket)
    if user.role not in SENIORS:
        raise Refused("耳語由二線或主管來寫；你可以寫內部備註。")
    if not _has_an_ear(ticket, user.id):
        raise Refused("這件案件現在沒有聽得到耳語的承辦人；可以寫內部備註。")
    said = Whisper(ticket_id=ticket.id, user_id=user.id, text=written(text))
    session.add(said)
    records.tell(session, ticket, TOLD, user_id=user.id, to_user=ticket.assignee_id)
    return said


def may(ticket: Ticket, user_id: int, role: str) -> bool:
    """Whether somebody can whisper here, as the case is now."""
    return role in SENIORS and ticket.state in TABLE["whisper"] and _has_an_ear(ticket, user_id)


def heard(session: Session, ticket: Ticket, user_id: int, role: str) -> Sequence[Whisper]:
    """What of a case's whispers is for somebody's eyes, oldest first."""
    of_case = select(Whisper).where(Whisper.ticket_id == ticket.id, for_eyes(ticket, user_id, role))
    return session.scalars(of_case.order_by(Whisper.id)).all()


def for_eyes(ticket: Ticket, user_id: int, role: str) -> ColumnElement[bool]:
    """All for who has the case or leads the desk; else what one said oneself; nothing for who is not of the desk."""
    if role not in DESK:
        return false()
    return true() if hears(ticket, user_id, role) else Whisper.user_id == user_id


def hears(ticket: Ticket, user_id: int, role: str) -> bool:
    """Whether what is whispered about a case is for somebody, whoever says it."""
    return role in LEADS or (role in DESK and ticket.assignee_id == user_id)


def traces(ticket: Ticket, user_id: int, role: str) -> ColumnElement[bool]:
    """Of the journal of a case, the entries that tell somebody of no whisper which is not for her."""
    if hears(ticket, user_id, role):
        return true()
    about = JournalEntry.data["about"].as_string()
    return (JournalEntry.kind != TOLD) & or_(about.is_(None), about != TOLD)


def rings(ticket: Ticket, user_id: int, role: str) -> ColumnElement[bool]:
    """The same of the notices of a case."""
    return true() if hears(ticket, user_id, role) else Notice.kind != TOLD


def go_along(session: Session, ticket: Ticket, into: Ticket) -> None:
    """The case goes on in another: who has that one hears them from now on."""
    session.execute(update(Whisper).where(Whisper.ticket_id == ticket.id).values(ticket_id=into.id))


def _has_an_ear(ticket: Ticket, user_id: int) -> bool:
    """Whether another of the desk has the case: who only helps hears nothing."""
    owner = ticket.assignee
    return owner is not None and owner.id != user_id and owner.role in DESK
