"""Conversations: found or made once, worked on under a lease, spoken in through the outbox."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.orm import Session, SessionTransaction, joinedload
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.dml import ReturningUpdate

from bot import journal, people, services
from bot.broker import SENDS
from bot.clock import after, now
from bot.errors import LeaseLost
from bot.messages import Outbound, Speaker
from bot.models import Conversation, Message, OutboxRow
from bot.ports import Recipient

# Statements of every turn are built once (`cache`): building one takes as long as running it.
CORE = {"dml_strategy": "core_only"}
CLOCKS_DIFFER = 5.0  # seconds that the clocks of two machines may be apart


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
    """Take the conversation unless somebody works on it; the caller commits.

    A lease that runs longer than any may is of a clock that was set back since: it holds nobody up.
    """
    times = {"at": now(), "until": after(seconds), "strayed": after(seconds + CLOCKS_DIFFER)}
    fence = session.scalar(_leasing(), {"conversation": conversation, **times}, execution_options=CORE)
    return Lease(conversation, fence) if fence is not None else None


@cache
def _leasing() -> ReturningUpdate[int]:
    until = Conversation.lease_until
    free = or_(until.is_(None), until < bindparam("at"), until > bindparam("strayed"))
    return (
        update(Conversation)
        .where(Conversation.id == bindparam("conversation"), free)
        .values(lease_until=bindparam("until"), fence=Conversation.fence + 1)
        .returning(Conversation.fence)
    )


def renew(session: Session, held: Lease, seconds: float) -> None:
    """Prolong a lease that is still held; one that was given back or taken over stays as it is."""
    session.execute(
        update(Conversation)
        .where(
            Conversation.id == held.conversation_id,
            Conversation.fence == held.fence,
            Conversation.lease_until.is_not(None),
        )
        .values(lease_until=after(seconds))
    )


def give_back(session: Session, held: Lease) -> Conversation:
    """The conversation, locked until the transaction ends and free after it. LeaseLost if somebody took over.

    Called first in the transaction that writes a turn, it is the fence.
    """
    mine = {"conversation": held.conversation_id, "mine": held.fence}
    if session.scalar(_giving_back(), mine, execution_options=CORE) is None:
        raise LeaseLost(f"conversation {held.conversation_id}")
    return locked(session, held.conversation_id)


@cache
def _giving_back() -> ReturningUpdate[int]:
    return (
        update(Conversation)
        .where(Conversation.id == bindparam("conversation"), Conversation.fence == bindparam("mine"))
        .values(lease_until=None)
        .returning(Conversation.id)
    )


def locked(session: Session, conversation: int) -> Conversation:
    """The conversation's row as it is now, with whom it is held, locked until the transaction ends.

    Asking for the lock again within the transaction costs nothing.
    """
    held: dict[int, tuple[SessionTransaction | None, Conversation]] = session.info.setdefault("locked", {})
    transaction, row = held.get(conversation, (None, None))
    if row is None or transaction is not session.get_transaction():
        row = _lock(session, conversation)
        held[conversation] = session.get_transaction(), row
    return row


def hold(session: Session, conversation: int) -> None:
    """Lock a conversation's row until the transaction ends, for who need not read it."""
    session.execute(_holding(), {"conversation": conversation})


@cache
def _holding() -> Select[int]:
    return select(Conversation.id).where(Conversation.id == bindparam("conversation")).with_for_update()


def _lock(session: Session, conversation: int) -> Conversation:
    fresh = {"populate_existing": True}
    return session.scalars(_locking(), {"conversation": conversation}, execution_options=fresh).one()


@cache
def _locking() -> Select[Conversation]:
    return (
        select(Conversation)
        .where(Conversation.id == bindparam("conversation"))
        .options(*with_whom())
        .with_for_update(of=Conversation)
    )


def with_whom() -> list[ExecutableOption]:
    """Have a conversation read together with its account, its contact and their identity."""
    return [joinedload(Conversation.account), joinedload(Conversation.contact), joinedload(Conversation.identity)]


def recipient(conversation: Conversation) -> Recipient:
    """A conversation as its channel addresses it."""
    return Recipient(conversation.account.external_id, conversation.source_kind, conversation.source_id)


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
    token = _take_token(conversation)
    written = [_queued(conversation, outbound, speaker, user_id, sender_name, token) for outbound in messages]
    session.add_all(written)
    session.flush()
    for message in written:
        journal.write(
            session, "message.queued", conversation_id=conversation.id, message_id=message.id, user_id=user_id
        )
    return written


def deliver_soon(session: Session, conversation: int) -> None:
    """Have a worker send the outbox of a conversation as soon as this transaction is committed."""
    services.current().broker.after_commit(session, "bot.outbox.deliver", conversation, queue=SENDS)


def _take_token(conversation: Conversation) -> ReplyToken | None:
    """The conversation's free reply, if it is still good; it serves one call."""
    token, until = conversation.reply_token, conversation.reply_until
    conversation.reply_token = conversation.reply_until = None
    return ReplyToken(token, until) if token and until and until > now() else None


def _queued(
    conversation: Conversation,
    outbound: Outbound,
    speaker: Speaker,
    user_id: int | None,
    sender_name: str,
    token: ReplyToken | None,
) -> Message:
    """A message of ours with its place in the outbox."""
    return Message(
        conversation_id=conversation.id,
        episode=conversation.episode,
        author=speaker,
        user_id=user_id,
        text=outbound.text,
        payload=outbound.as_json(),
        outbox=OutboxRow(
            conversation_id=conversation.id,
            speaker=speaker,
            sender_name=sender_name[:20],
            body=outbound.as_json(),
            reply_token=token.token if token else None,
            reply_until=token.until if token else None,
            due_at=after(-CLOCKS_DIFFER),
            wake_at=after(2),
        ),
    )
