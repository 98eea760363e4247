"""Conversations: found or made once, worked on under a lease, spoken in through the outbox."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot import journal, people, services
from bot.clock import after, now
from bot.errors import LeaseLost
from bot.messages import Outbound, Speaker
from bot.models import Conversation, Message, OutboxRow


@dataclass(frozen=True)
class Lease:
    """The right to work on a conversation for a while; `fence` proves that nobody took it over since."""

    conversation_id: int
    fence: int


@dataclass(frozen=True)
class ReplyToken:
    """A free reply that the platform gave us, and until when it is safe to use."""

    token: str
    until: datetime


def conversation_id(session: Session, account: int, source_kind: str, source_id: str, contact: int | None) -> int:
    """The conversation with a source; made on first sight."""
    find = select(Conversation.id).where(
        Conversation.account_id == account,
        Conversation.source_kind == source_kind,
        Conversation.source_id == source_id,
    )
    known = session.scalar(find)
    if known is None:
        row = {"account_id": account, "source_kind": source_kind, "source_id": source_id, "contact_id": contact}
        people.insert_missing(session, Conversation, {**row, "state": {}})
        known = session.scalars(find).one()
    return known


def lease(session: Session, conversation: int, seconds: float) -> Lease | None:
    """Take the conversation unless somebody works on it; the caller commits."""
    free = or_(Conversation.lease_until.is_(None), Conversation.lease_until < now())
    fence = session.scalar(
        update(Conversation)
        .where(Conversation.id == conversation, free)
        .values(lease_until=after(seconds), fence=Conversation.fence + 1)
        .returning(Conversation.fence)
    )
    return Lease(conversation, fence) if fence is not None else None


def renew(session: Session, held: Lease, seconds: float) -> None:
    """Prolong a lease; LeaseLost if somebody took over. Called first in a turn's transaction, it is the fence."""
    changed = session.execute(
        update(Conversation)
        .where(Conversation.id == held.conversation_id, Conversation.fence == held.fence)
        .values(lease_until=after(seconds))
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost(f"conversation {held.conversation_id}")


def release(session: Session, held: Lease) -> None:
    """Give the conversation back; harmless if it was taken over meanwhile."""
    session.execute(
        update(Conversation)
        .where(Conversation.id == held.conversation_id, Conversation.fence == held.fence)
        .values(lease_until=None)
    )


def locked(session: Session, conversation: int) -> Conversation:
    """The conversation's row as it is now, locked until the transaction ends."""
    row = select(Conversation).where(Conversation.id == conversation).with_for_update()
    return session.scalars(row.execution_options(populate_existing=True)).one()


def say(
    session: Session,
    conversation: Conversation,
    *messages: Outbound,
    speaker: Speaker,
    user_id: int | None = None,
    sender_name: str = "",
) -> list[Message]:
    """Write messages to the customer into the outbox; `deliver_soon`, or the turn itself, sends them after commit.

    A fresh reply token of the customer's last message is used for them (it is free), and used up.
    """
    token, batch = _take_token(conversation), str(uuid.uuid4())
    written = [
        _queue(session, conversation, outbound, speaker, user_id, sender_name, batch, token) for outbound in messages
    ]
    return written


def deliver_soon(session: Session, conversation: int) -> None:
    """Have a worker send the outbox of a conversation as soon as this transaction is committed."""
    services.current().broker.after_commit(session, "bot.outbox.deliver", conversation)


def _take_token(conversation: Conversation) -> ReplyToken | None:
    """The conversation's free reply, if it is still good; it serves one call."""
    token, until = conversation.reply_token, conversation.reply_until
    conversation.reply_token = conversation.reply_until = None
    return ReplyToken(token, until) if token and until and until > now() else None


def _queue(
    session: Session,
    conversation: Conversation,
    outbound: Outbound,
    speaker: Speaker,
    user_id: int | None,
    sender_name: str,
    batch: str,
    token: ReplyToken | None,
) -> Message:
    message = Message(
        conversation_id=conversation.id,
        episode=conversation.episode,
        author=speaker,
        user_id=user_id,
        text=outbound.text,
        payload=outbound.as_json(),
    )
    session.add(message)
    session.flush()
    session.add(
        OutboxRow(
            conversation_id=conversation.id,
            message_id=message.id,
            speaker=speaker,
            sender_name=sender_name[:20],
            body=outbound.as_json(),
            reply_token=token.token if token else None,
            reply_until=token.until if token else None,
            batch=batch,
            wake_at=after(2),
        )
    )
    journal.write(session, "message.queued", conversation_id=conversation.id, message_id=message.id, user_id=user_id)
    return message
