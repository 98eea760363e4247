"""When a medium does not work: another one, and where there is none, the backup receiver at once.

Of a staff's room that does not work the supervisors hear.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, journal
from bot.clock import now
from bot.models import JournalEntry
from bot.services import Services
from handoff.models import Delivery, Notice
from handoff.notify.rules import FALLBACK, LINE_GROUP, ROOM
from handoff.notify.staff import Staff
from handoff.notify.telling import BELL

TRIES = 3  # as many failures, some seconds, may be bad luck
SAID_AGAIN = timedelta(hours=1)


def take(session: Session, current: Services, delivery: Delivery) -> None:
    """Unless the notice has arrived some other way, or still may, send it by what was not tried yet."""
    notice = _alone(session, delivery)
    if delivery.medium in (ROOM, LINE_GROUP) and not _known(session, delivery):
        _tell_supervisors(session, delivery)
    if notice.user_id is None or _on_its_way(notice, delivery):
        return
    addresses = Staff(session, current).addresses(notice.user_id)
    tried = {other.medium for other in notice.deliveries}
    others = [medium for medium in FALLBACK if medium not in tried and addresses.get(medium)]
    if others:
        notice.deliveries += [
            Delivery(medium=others[0], address=address, why="fallback") for address in addresses[others[0]]
        ]
    elif notice.backup_at is not None:
        notice.backup_at = now()


def _alone(session: Session, delivery: Delivery) -> Notice:
    """The notice with its deliveries as they are now. Of two that fail at once the second sees what the first did."""
    if delivery.medium in (ROOM, LINE_GROUP):
        db.alone(session)  # two notices may fail at one room
    notice = session.get_one(Notice, delivery.notice_id, with_for_update=True, populate_existing=True)
    session.refresh(notice, ["deliveries"])
    return notice


def _tell_supervisors(session: Session, delivery: Delivery) -> None:
    """A room that nobody reads any more is mended by a person, and each of them has a bell."""
    ticket = delivery.notice.ticket
    where = ticket.conversation_id if ticket else None
    journal.write(
        session,
        "notice.room_down",
        conversation_id=where,
        ticket_id=delivery.notice.ticket_id,
        medium=delivery.medium,
        delivery_id=delivery.id,
    )


def _known(session: Session, failed: Delivery) -> bool:
    """Whether they heard of this room a short time ago; its address may be a secret, so the journal has none."""
    said = select(JournalEntry.id).join(Delivery, Delivery.id == JournalEntry.data["delivery_id"].as_integer())
    recent = JournalEntry.kind == "notice.room_down", JournalEntry.at > now() - SAID_AGAIN
    same = Delivery.medium == failed.medium, Delivery.address == failed.address
    return session.scalar(said.where(*recent, *same).limit(1)) is not None


def _on_its_way(notice: Notice, failed: Delivery) -> bool:
    """Whether another delivery outside the console has arrived, or has not failed so far."""
    others = (other for other in notice.deliveries if other is not failed and other.medium != BELL)
    return any(other.state == "sent" or (other.state in ("queued", "sending") and not other.error) for other in others)
