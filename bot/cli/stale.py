"""What a restored copy may not do by itself: answer and say things that the shop may have done after the backup."""

from dataclasses import dataclass

from sqlalchemy import select

from bot import db, inbox, journal, outbox
from bot.models import Event, OutboxRow

WHY = "restored from the backup of {}"


@dataclass(frozen=True)
class LaidAside:
    """How much waits for a person: resend or settle the messages, replay the events."""

    messages: int
    events: int


def lay_aside(sessions: db.Sessions, made_at: str) -> LaidAside:
    """Unsent messages become `unknown`, unanswered events are set aside: repeating is a person's decision."""
    with sessions.begin() as session:
        rows = list(session.scalars(select(OutboxRow).where(OutboxRow.state.in_(outbox.OPEN)).order_by(OutboxRow.id)))
        for row in rows:
            row.state, row.unsure, row.error = "unknown", True, WHY.format(made_at)
            kept = {"conversation_id": row.conversation_id, "message_id": row.message_id}
            journal.write(session, "message.unknown", **kept, reason=row.error)
        events = list(session.scalars(select(Event.id).where(Event.state == "waiting").order_by(Event.id)))
        for event_id in events:
            inbox.set_aside(session, event_id, WHY.format(made_at))
        journal.write(session, "shop.restored", made_at=made_at)  # the desk drops the notices that were on their way
    return LaidAside(len(rows), len(events))
