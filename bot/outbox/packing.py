"""What goes into one call. What surely was not sent is packed anew for each try: all that waits together, on the
freshest free reply there is. What may have been sent never is: the same rows go under the same key or token.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.clock import after, now
from bot.conversations import ReplyToken
from bot.models import Conversation, OutboxRow
from bot.outbox import patience
from bot.ports import Channel

CALL_SECONDS = 11.0  # no call takes that long: whoever has not told its outcome by then is dead
LONGEST_CALL = timedelta(seconds=8)  # on the slowest channel; who cannot end in time any more must not begin
REPLY, PUSH, ONCE = "reply", "push", "once"  # once: a push by a channel that would not tell a repeat


def token(conversation: Conversation, head: OutboxRow, rows: Sequence[OutboxRow]) -> ReplyToken | None:
    """The free reply that the call uses, if it need not be a push."""
    if head.unsure:
        return _kept(head) if head.via == REPLY else None
    known = [_kept(conversation), *(_kept(row) for row in rows if not row.unsure)]
    fresh = [token for token in known if token is not None and token.until > now()]
    return max(fresh, key=lambda token: token.until, default=None)


def _kept(holder: Conversation | OutboxRow) -> ReplyToken | None:
    token, until = holder.reply_token, holder.reply_until
    return ReplyToken(token, until) if token and until else None


def together(head: OutboxRow, others: Iterator[OutboxRow], limit: int) -> list[OutboxRow]:
    """The head, and what goes in the same call."""
    if head.unsure:
        return [head, *(row for row in others if row.unsure and row.batch == head.batch)]
    call = [head]
    while len(call) < limit and not head.alone:
        row = next(others, None)
        if row is None or row.unsure or row.alone:
            break
        call.append(row)
    return call


def use_up(token: ReplyToken, conversation: Conversation, rows: Sequence[OutboxRow]) -> None:
    """A token serves one call: what does not fit into it goes by push, or on the next token."""
    holders: list[Conversation | OutboxRow] = [conversation, *rows]
    for holder in holders:
        if holder.reply_token == token.token:
            holder.reply_token = holder.reply_until = None


def way(channel: Channel, token: str | None) -> str:
    """By which way a call goes."""
    if token:
        return REPLY
    return PUSH if channel.repeatable else ONCE


def mark(call: Sequence[OutboxRow], token: ReplyToken | None, via: str) -> None:
    """The rows are on their way. A first try freezes what is in the call: its batch, which is its retry key."""
    head, over = call[0], after(CALL_SECONDS)
    key = (head.batch if head.unsure else None) or head.key
    for row in call:
        row.state, row.attempts, row.batch, row.keyed_at = "sending", row.attempts + 1, key, patience.first_tried(row)
        row.via = via
        row.reply_token, row.reply_until = (token.token, token.until) if token else (None, None)
        row.due_at = row.wake_at = over
