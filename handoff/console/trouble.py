"""What went wrong and what a person can do about it: our messages that did not arrive, events set aside, refused calls.

Only what a table row shows is read of events and calls: one may be megabytes long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import inbox, services
from bot.clock import now
from bot.errors import Refused
from bot.models import Account, Contact, Conversation, Event, RefusedRequest
from handoff.console import quota, undelivered
from handoff.console.undelivered import Heap

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
    """Everything on the page. `paused`: accounts whose pushes wait for quota."""

    paused: Sequence[Account]
    given_up: Heap
    unsure: Heap
    waiting: Heap
    set_aside: Sequence[SetAside]
    refused: Sequence[RefusedCall]

    @property
    def held(self) -> int:
        """How many of the listed messages wait for quota."""
        return sum(item.delivery.kind == "held" for item in self.waiting.rows)

    @property
    def none(self) -> bool:
        listed = self.given_up.rows, self.unsure.rows, self.waiting.rows, self.set_aside, self.refused, self.paused
        return not any(listed)


def load(session: Session) -> Trouble:
    return Trouble(
        quota.paused(session),
        undelivered.given_up(session),
        undelivered.unsure(session),
        undelivered.waiting(session),
        _set_aside(session),
        _refused(session),
    )


def count(session: Session) -> int:
    """For the sidebar: everything that waits for a decision, and the calls refused in the last 24 hours."""
    refused = select(func.count()).select_from(RefusedRequest).where(RefusedRequest.received_at > now() - RECENT)
    events = select(func.count()).select_from(Event).where(Event.state == "set_aside")
    return undelivered.undecided(session) + (session.scalar(events) or 0) + (session.scalar(refused) or 0)


def everything(session: Session, kind: str, newest: int) -> list[int]:
    """All lines of a kind (failed, unknown, set_aside) up to the newest one that was on the screen."""
    if kind == "set_aside":
        found = select(Event.id).where(Event.state == kind, Event.id <= newest)
        return list(session.scalars(found.order_by(Event.id)))
    return undelivered.ids(session, kind, newest)


def replay(session: Session, event_ids: Sequence[int], user_id: int) -> int:
    """Run events again that were set aside; how many there were left."""
    left = select(Event).where(Event.id.in_(event_ids), Event.state == "set_aside").order_by(Event.id)
    events = session.scalars(left.with_for_update()).all()
    if not events:
        raise Refused("已經有人處理過了，沒有再做一次。")
    broker = services.current().broker
    broker.wake_after_commit(session)
    return inbox.replay(session, broker, events, user_id)


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
