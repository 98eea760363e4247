"""Taking a conversation's next call: its rows are marked `sending` and committed before the platform is asked.

One call at a time, in order: a later message never overtakes one that waits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from bot import conversations
from bot.clock import now
from bot.messages import Outbound
from bot.models import Conversation, OutboxRow
from bot.outbox import ending, packing, patience, quota
from bot.ports import Channel, Parcel, Recipient, Spoken
from bot.services import Services

LOOK_AHEAD = 50
OPEN = ("queued", "sending")


@dataclass(frozen=True)
class Claim:
    """Rows that this process is about to send in one call."""

    account_id: int
    conversation_id: int
    channel: Channel
    recipient: Recipient
    rows: tuple[OutboxRow, ...]
    attempts: dict[int, int]
    key: str
    reply_token: str | None
    begin_by: datetime
    heard_at: datetime | None

    @property
    def ids(self) -> list[int]:
        return list(self.attempts)

    @property
    def via(self) -> str:
        return packing.way(self.channel, self.reply_token)

    def parcel(self) -> Parcel:
        """The call as the channel makes it."""
        return Parcel(self.recipient, tuple(map(_spoken, self.rows)), self.key, self.reply_token, self.heard_at)


def _spoken(row: OutboxRow) -> Spoken:
    return Spoken(Outbound.from_json(row.body), row.speaker, row.sender_name)  # type: ignore[arg-type]


def claim(session: Session, current: Services, conversation: Conversation) -> Claim | None:
    """Take the next call's rows in the caller's transaction, which holds the conversation's lock."""
    return next(iter(claim_all(session, current, [conversation])), None)


def claim_all(session: Session, current: Services, conversations: Sequence[Conversation]) -> list[Claim]:
    """Take the next call's rows of each of these conversations, likewise."""
    rows = open_rows(session, [conversation.id for conversation in conversations])
    calls = (next_call(session, current, conversation, rows[conversation.id]) for conversation in conversations)
    return [call for call in calls if call is not None]


def open_rows(session: Session, conversations: Sequence[int]) -> dict[int, list[OutboxRow]]:
    """Each conversation's oldest rows without an outcome, in order, and whatever is on its way."""
    found: dict[int, list[OutboxRow]] = {conversation: [] for conversation in conversations}
    for row in session.scalars(_open_rows(), {"those": conversations}):
        found[row.conversation_id].append(row)
    return found


@cache
def _open_rows() -> Select[OutboxRow]:
    """Made once, since every call asks for it. What is on its way comes first: it must never be overlooked."""
    open_ones = (OutboxRow.conversation_id.in_(bindparam("those", expanding=True)), OutboxRow.state.in_(OPEN))
    place = func.row_number().over(
        partition_by=OutboxRow.conversation_id, order_by=(OutboxRow.state == "queued", OutboxRow.id)
    )
    placed = select(OutboxRow.id, place.label("place")).where(*open_ones).subquery()
    near = select(placed.c.id).where(placed.c.place <= LOOK_AHEAD)
    return select(OutboxRow).where(OutboxRow.id.in_(near)).order_by(OutboxRow.id)


def next_call(
    session: Session, current: Services, conversation: Conversation, rows: Sequence[OutboxRow]
) -> Claim | None:
    """The call that may be made now with the first of these open rows, if one may."""
    if any(row.state == "sending" and row.due_at > now() for row in rows):
        return None  # another process is in the middle of a call
    wanted = _sift(session, current, conversation, rows)
    head = next(wanted, None)
    if head is None or _put_off(current, conversation, head, rows):
        return None
    token = packing.token(conversation, head, rows)
    if token is None and _put_off_for_quota(conversation, rows):
        return None
    channel = current.wiring.channels[conversation.account.channel]
    call = packing.together(head, wanted, channel.pack)
    if head.unsure:
        _part_from_others(session, call)
    if token is not None:
        packing.use_up(token, conversation, rows)
    packing.mark(call, token, packing.way(channel, token.token if token else None))
    return _claimed(conversation, channel, call)


def _claimed(conversation: Conversation, channel: Channel, call: Sequence[OutboxRow]) -> Claim:
    head = call[0]
    return Claim(
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        channel=channel,
        recipient=conversations.recipient(conversation),
        rows=tuple(call),
        attempts={row.id: row.attempts for row in call},
        key=head.batch or head.key,
        reply_token=head.reply_token,
        begin_by=head.due_at - packing.LONGEST_CALL,
        heard_at=conversation.last_customer_at,
    )


def _part_from_others(session: Session, call: Sequence[OutboxRow]) -> None:
    """Who went out with these before and is given up stays behind: from now on this key may be taken without them."""
    head = call[0]
    company = (OutboxRow.conversation_id == head.conversation_id, OutboxRow.batch == head.batch)
    behind = (*company, OutboxRow.state == "unknown", OutboxRow.id.not_in([row.id for row in call]))
    session.execute(update(OutboxRow).where(*behind).values(batch=None))


def _sift(
    session: Session, current: Services, conversation: Conversation, rows: Sequence[OutboxRow]
) -> Iterator[OutboxRow]:
    """Yield the rows that the customer should still hear, and bring the others to rest."""
    for row in rows:
        if row.state == "sending":  # its sender died between the call and the outcome
            row.state, row.unsure = "queued", True
        if end := ending.reason(conversation, row) or ending.kept_back(session, current, row):
            ending.give_up(session, current, row, *end)
        else:
            yield row


def _put_off(current: Services, conversation: Conversation, head: OutboxRow, rows: Sequence[OutboxRow]) -> bool:
    """Leave for later what is too early: before the head's next try, or while the account rests. Whether it was."""
    rest = current.breaker.rests_until(conversation.account_id)
    if rest is not None and rest > head.due_at:
        head.due_at = rest + patience.spread()  # so that not all who waited come back at once
    if head.due_at > now():
        _wake_later(rows, head.due_at)
    return head.due_at > now()


def _put_off_for_quota(conversation: Conversation, rows: Sequence[OutboxRow]) -> bool:
    """Leave for later what would find the month's pushes used up. Whether it would."""
    until = quota.held_until(conversation.account)
    if until is not None:
        _wake_later(rows, until)
    return until is not None


def _wake_later(rows: Sequence[OutboxRow], until: datetime) -> None:
    """Nobody need look at this conversation before that."""
    for row in rows:
        row.wake_at = max(row.wake_at, until)
