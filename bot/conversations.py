"""Conversations: found or made once, worked on under a lease, spoken in through the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import structlog
from sqlalchemy import ColumnElement, Select, bindparam, or_, select, update
from sqlalchemy.orm import Session, SessionTransaction, joinedload
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.dml import ReturningUpdate

from bot import journal, people, services
from bot.broker import SENDS
from bot.clock import after, now
from bot.messages import Outbound, Speaker
from bot.models import Conversation, Message, OutboxRow
from bot.ports import Recipient

# Statements of every turn are built once (`cache`): building one takes as long as running it.
CORE = {"dml_strategy": "core_only"}
CLOCKS_DIFFER = 5.0  # seconds that the clocks of two machines may be apart
LAST_WORDS = 5  # messages
WORDS_KEPT = 500  # characters
DAY = 86_400.0  # seconds

log = structlog.get_logger()


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
    known = find(session, account, source_kind, source_id)
    if known is None:
        row = {"account_id": account, "source_kind": source_kind, "source_id": source_id, "contact_id": contact}
        people.insert_missing(session, Conversation, {**row, "state": {}})
        known = find(session, account, source_kind, source_id)
        assert known is not None
    return known


def find(session: Session, account: int, source_kind: str, source_id: str) -> int | None:
    """The conversation with a source, if there is one."""
    return session.scalar(_from_source(), {"account": account, "kind": source_kind, "source": source_id})


@cache
def _from_source() -> Select[int]:
    return select(Conversation.id).where(
        Conversation.account_id == bindparam("account"),
        Conversation.source_kind == bindparam("kind"),
        Conversation.source_id == bindparam("source"),
    )


def lease(session: Session, those: Sequence[int], seconds: float) -> list[Lease]:
    """Take those of the conversations that nobody works on; the caller commits."""
    times = {"until": after(seconds), **freedom(seconds)}
    found = session.execute(_leasing(), {"those": those, **times}, execution_options=CORE)
    return [Lease(row.id, row.fence) for row in found]


def free() -> ColumnElement[bool]:
    """Nobody works on the conversation; its parameters are `freedom`."""
    until = Conversation.lease_until
    return or_(until.is_(None), until < bindparam("at"), until > bindparam("strayed"))


def freedom(seconds: float) -> dict[str, datetime]:
    """When leases of so many seconds end. One that runs longer is of a clock that was set back: it holds nobody up."""
    return {"at": now(), "strayed": after(seconds + CLOCKS_DIFFER)}


@cache
def _leasing() -> ReturningUpdate[int, int]:
    """Rows are locked in order: two workers that want several of the same do not wait for each other in a ring."""
    wanted = select(Conversation.id).where(Conversation.id.in_(bindparam("those", expanding=True)), free())
    return (
        update(Conversation)
        .where(Conversation.id.in_(wanted.order_by(Conversation.id).with_for_update()), free())
        .values(lease_until=bindparam("until"), fence=Conversation.fence + 1)
        .returning(Conversation.id, Conversation.fence)
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


def give_back(session: Session, held: Sequence[Lease]) -> dict[int, Conversation]:
    """These conversations by id, locked until the transaction ends and free after it, without those taken over.

    Called first in the transaction that writes a turn, it is the fence. What was given back already was written
    already: whoever does not know that its commit succeeded writes nothing twice.
    """
    fences = {one.conversation_id: one.fence for one in held}
    rows = _lock(session, list(fences))
    mine = {row.id: row for row in rows if row.fence == fences[row.id] and row.lease_until is not None}
    for row in mine.values():
        row.lease_until = None
    for lost in fences.keys() - mine.keys():
        log.warning("conversation.lease_lost", conversation_id=lost)
    return mine


def set_free(session: Session, those: Sequence[int]) -> None:
    """Give back what was leased in this very transaction, for others to take."""
    session.execute(update(Conversation).where(Conversation.id.in_(those)).values(lease_until=None))


def locked(session: Session, conversation: int) -> Conversation:
    """The conversation's row as it is now, with whom it is held, locked until the transaction ends.

    Asking for the lock again within the transaction costs nothing.
    """
    transaction, row = _held(session).get(conversation, (None, None))
    if row is not None and transaction is session.get_transaction():
        return row
    return _lock(session, [conversation])[0]


def _held(session: Session) -> dict[int, tuple[SessionTransaction | None, Conversation]]:
    held: dict[int, tuple[SessionTransaction | None, Conversation]] = session.info.setdefault("locked", {})
    return held


def hold(session: Session, those: Sequence[int]) -> None:
    """Lock conversations' rows until the transaction ends, for who need not read them."""
    session.execute(_holding(), {"those": those})


@cache
def _holding() -> Select[int]:
    these = Conversation.id.in_(bindparam("those", expanding=True))
    return select(Conversation.id).where(these).order_by(Conversation.id).with_for_update()


def _lock(session: Session, those: Sequence[int]) -> Sequence[Conversation]:
    fresh = {"populate_existing": True}
    rows = session.scalars(_locking(), {"those": those}, execution_options=fresh).all()
    _held(session).update({row.id: (session.get_transaction(), row) for row in rows})
    return rows


@cache
def _locking() -> Select[Conversation]:
    """Whoever stores an event waits for this lock (its foreign key), so a turn never overlooks what came before."""
    return (
        select(Conversation)
        .where(Conversation.id.in_(bindparam("those", expanding=True)))
        .order_by(Conversation.id)
        .options(*with_whom())
        .with_for_update(of=Conversation)
    )


def with_whom() -> list[ExecutableOption]:
    """Have a conversation read together with its account, its contact and their identity."""
    return [joinedload(Conversation.account), joinedload(Conversation.contact), joinedload(Conversation.identity)]


def words_of(session: Session, conversation: Conversation) -> str:
    """What the customer wrote last in this episode and day, the oldest first, a message a line.

    Nothing he took back, and no message in part, unless it is too long by itself.
    """
    these = {"conversation": conversation.id, "episode": conversation.episode, "since": after(-DAY)}
    latest, *earlier = session.scalars(_last_words(), these).all() or [""]
    words = latest[:WORDS_KEPT]
    for text in earlier:
        if len(text) + 1 + len(words) > WORDS_KEPT:
            break
        words = f"{text}\n{words}"
    return words


@cache
def _last_words() -> Select[str]:
    his = select(Message.text).where(
        Message.conversation_id == bindparam("conversation"),
        Message.episode == bindparam("episode"),
        Message.author == "customer",
        Message.kind == "text",
        Message.unsent_at.is_(None),
        Message.occurred_at > bindparam("since"),
    )
    return his.order_by(Message.id.desc()).limit(LAST_WORDS)


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

    A fresh reply token of the customer's last message is used for them (it is free), and used up. They have their
    ids after the next flush.
    """
    token = _take_token(conversation)
    written = [_queued(conversation, outbound, speaker, user_id, sender_name, token) for outbound in messages]
    session.add_all(written)
    for message in written:
        journal.write(session, "message.queued", conversation_id=conversation.id, message_id=message, user_id=user_id)
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
        kind=outbound.kind,
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
