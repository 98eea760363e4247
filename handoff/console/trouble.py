"""What went wrong before a person could see it: calls refused at the door, and events set aside after too many tries.

Only what a table row shows is read: a refused call or an event may be megabytes long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import Account, Contact, Conversation, Event, RefusedRequest

RECENT = timedelta(hours=24)
LIMIT = 100


@dataclass(frozen=True)
class RefusedCall:
    """A webhook call that we did not take."""

    received_at: datetime
    channel: str
    reason: str
    size: int


@dataclass(frozen=True)
class SetAside:
    """An event that nobody works on until it is replayed; `conversation_id` is None where it belongs to nobody."""

    id: int
    received_at: datetime
    channel: str
    kind: str
    error: str
    conversation_id: int | None
    name: str | None


@dataclass(frozen=True)
class Trouble:
    """The newest of both, newest first."""

    set_aside: Sequence[SetAside]
    refused: Sequence[RefusedCall]


def load(session: Session) -> Trouble:
    return Trouble(_set_aside(session), _refused(session))


def recent(session: Session) -> int:
    """How much went wrong in the last 24 hours, for the sidebar."""
    since = now() - RECENT
    refused = select(func.count()).select_from(RefusedRequest).where(RefusedRequest.received_at > since)
    events = select(func.count()).select_from(Event).where(Event.state == "set_aside", Event.received_at > since)
    return (session.scalar(refused) or 0) + (session.scalar(events) or 0)


def _set_aside(session: Session) -> list[SetAside]:
    found = (
        select(
            Event.id,
            Event.received_at,
            Account.channel,
            Event.kind,
            Event.error,
            Event.conversation_id,
            Contact.name,
        )
        .join(Account, Account.id == Event.account_id)
        .outerjoin(Conversation, Conversation.id == Event.conversation_id)
        .outerjoin(Contact, Contact.id == Conversation.contact_id)
        .where(Event.state == "set_aside")
        .order_by(Event.id.desc())
    )
    return [SetAside(*row) for row in session.execute(found.limit(LIMIT))]


def _refused(session: Session) -> list[RefusedCall]:
    found = select(
        RefusedRequest.received_at, RefusedRequest.channel, RefusedRequest.reason, RefusedRequest.size
    ).order_by(RefusedRequest.id.desc())
    return [RefusedCall(*row) for row in session.execute(found.limit(LIMIT))]
