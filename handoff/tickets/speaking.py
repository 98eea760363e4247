"""Where a case speaks to its customer: in the conversation from which he wrote last."""

from sqlalchemy.orm import Session

from bot import conversations, manners
from bot.errors import Refused
from bot.models import Conversation
from handoff.models import Ticket
from handoff.tickets import records

SILENT = ("phone", "email")  # on which one does not chat: nothing can be written, or letters go one way


def writable(session: Session, ticket: Ticket) -> list[Conversation]:
    """The conversations of a case in which we can write to the customer."""
    return [one for one in records.threads(session, ticket) if one.account.channel not in SILENT]


def blocked(session: Session, ticket: Ticket) -> bool:
    """Whether we could write to him, had he not blocked us wherever we can."""
    return latest(session, ticket) is None and bool(writable(session, ticket))


def latest(session: Session, ticket: Ticket) -> Conversation | None:
    """The conversation from which he wrote last; None where there is none that we can write to and he reads."""
    able = [one for one in writable(session, ticket) if one.identity is None or one.identity.blocked_at is None]
    return max(able, key=lambda c: (c.last_customer_at or c.created_at, c.id), default=None)


def able(session: Session, ticket: Ticket) -> Conversation | None:
    """The same, locked."""
    found = latest(session, ticket)
    return conversations.locked(session, found.id) if found else None


def place(session: Session, ticket: Ticket) -> Conversation:
    """The conversation, locked; Refused where there is none."""
    where = able(session, ticket)
    if where is None and writable(session, ticket):
        raise Refused("顧客封鎖了我們的帳號，訊息送不到；請改用電話或信箱，或等顧客解除封鎖。")
    if where is None:
        raise Refused("這件案件是電話進來的，不能傳訊息；請回電，再記錄通話。")
    if where.standby:
        raise Refused("這個對話現在由別的收件匣或程式接手，訊息送不出去；在那裡回覆，或等它交還。")
    if manners.of(where.account.channel).late("agent", where.last_customer_at):
        raise Refused("顧客超過 7 天沒有寫來，Meta 不再讓我們傳訊息；請改用電話或信箱，或等顧客寫來。")
    return where
