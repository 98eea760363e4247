"""Our messages that a customer has not surely received: given up, of unknown outcome, or waiting for long.

Oldest first: who has waited longest comes first, and what is new comes in below what is being read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from bot import outbox
from bot.clock import now
from bot.models import Account, Conversation, Message, OutboxRow
from handoff.console import delivery
from handoff.console.delivery import Delivery
from handoff.models import CampaignSend, Ticket

LIMIT = 100
PATIENCE = timedelta(minutes=1)
DECISIONS = ("failed", "unknown")


@dataclass(frozen=True)
class Undelivered:
    """One message, whose it is, and what keeps it. `ticket` is the newest case; `waited` counts minutes.

    `repeatable`: the platform would tell a repeat, so that sending it again by itself cannot make it arrive twice.
    `company`: of a batch of marketing's one line stands for so many, and what is decided of it counts for all.
    """

    row: OutboxRow
    conversation: Conversation
    ticket: Ticket | None
    delivery: Delivery
    waited: int
    repeatable: bool
    company: int = 1

    @property
    def name(self) -> str:
        contact = self.conversation.contact
        return contact.name if contact else ""


@dataclass(frozen=True)
class Heap:
    """The oldest rows of one kind; `total` counts all of them, `newest` is the last of them."""

    rows: Sequence[Undelivered]
    total: int
    newest: int

    @property
    def shown(self) -> int:
        return sum(item.company for item in self.rows)


def given_up(session: Session) -> Heap:
    """The dead letters: nothing sends them but a person."""
    return _heap(session, OutboxRow.state == "failed", _firsts(session))


def unsure(session: Session) -> Heap:
    """They may have arrived, so nothing sends them again by itself."""
    return _heap(session, OutboxRow.state == "unknown")


def waiting(session: Session) -> Heap:
    """Late, but on their way by themselves: after a failed try, or for want of quota."""
    at = now()
    late = or_(OutboxRow.attempts >= 2, OutboxRow.created_at < at - PATIENCE, Account.push_paused_until > at)
    return _heap(session, and_(OutboxRow.state.in_(("queued", "sending")), late))


def undecided(session: Session) -> int:
    """How many messages wait for a person's decision."""
    return session.scalar(select(func.count()).where(OutboxRow.state.in_(DECISIONS))) or 0


def ids(session: Session, state: str, newest: int) -> list[int]:
    """All rows of a state up to the newest one that was on the screen."""
    found = select(OutboxRow.id).where(OutboxRow.state == state, OutboxRow.state.in_(DECISIONS), OutboxRow.id <= newest)
    return list(session.scalars(found.order_by(OutboxRow.id)))


def with_company(session: Session, those: Sequence[int]) -> list[int]:
    """These rows, and for one that stands for its batch, all of them."""
    batches = select(CampaignSend.batch_id).join(OutboxRow, OutboxRow.message_id == CampaignSend.message_id)
    firsts = _firsts(session)
    meant = session.scalars(batches.where(OutboxRow.id.in_([one for one in those if one in firsts]))).all()
    theirs = session.scalars(_refused_sends().with_only_columns(OutboxRow.id).where(CampaignSend.batch_id.in_(meant)))
    return sorted({*those, *theirs})


def _firsts(session: Session) -> dict[int, int]:
    """The oldest refused message of each batch, and how many there are of it."""
    of_batch = _refused_sends().with_only_columns(func.min(OutboxRow.id), func.count()).group_by(CampaignSend.batch_id)
    return {first: count for first, count in session.execute(of_batch)}


def _refused_sends() -> Select[CampaignSend]:
    refused = (OutboxRow.message_id == CampaignSend.message_id) & (OutboxRow.state == "failed")
    return select(CampaignSend).join(OutboxRow, refused)


def _heap(session: Session, which: ColumnElement[bool], firsts: Mapping[int, int] = MappingProxyType({})) -> Heap:
    found = (
        select(OutboxRow, Conversation)
        .join(Conversation, Conversation.id == OutboxRow.conversation_id)
        .join(Account, Account.id == Conversation.account_id)
        .where(which)
    )
    total, newest = session.execute(found.with_only_columns(func.count(), func.max(OutboxRow.id))).one()
    options = (
        joinedload(OutboxRow.message).joinedload(Message.user),
        joinedload(Conversation.contact),
        joinedload(Conversation.account),
    )
    if firsts:
        alone = ~exists().where(CampaignSend.message_id == OutboxRow.message_id)
        found = found.where(or_(alone, OutboxRow.id.in_(firsts)))
    pairs = session.execute(found.options(*options).order_by(OutboxRow.id).limit(LIMIT)).all() if total else []
    told = _told(session, [(row, conversation) for row, conversation in pairs])
    return Heap([replace(item, company=firsts.get(item.row.id, 1)) for item in told], total, newest or 0)


def _told(session: Session, pairs: Sequence[tuple[OutboxRow, Conversation]]) -> list[Undelivered]:
    tickets, at = _newest_tickets(session, {conversation.id for _, conversation in pairs}), now()
    repeatable = outbox.repeatable(session, [row for row, _ in pairs])
    return [
        Undelivered(
            row,
            conversation,
            tickets.get(conversation.id),
            delivery.of(row, conversation.account.push_paused_until, at),
            _minutes(row, at),
            row.id in repeatable,
        )
        for row, conversation in pairs
    ]


def _minutes(row: OutboxRow, at: datetime) -> int:
    return max(0, int((at - (row.resent_at or row.created_at)).total_seconds() // 60))


def _newest_tickets(session: Session, conversations: set[int]) -> dict[int, Ticket]:
    newest = select(func.max(Ticket.id)).where(Ticket.conversation_id.in_(conversations))
    found = session.scalars(select(Ticket).where(Ticket.id.in_(newest.group_by(Ticket.conversation_id))))
    return {ticket.conversation_id: ticket for ticket in found}
