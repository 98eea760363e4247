"""Where a case speaks to its customer: in the conversation from which he wrote last."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot import conversations, manners
from bot.errors import Refused
from bot.models import Conversation
from handoff.models import Ticket
from handoff.tickets import records

SILENT = ("phone", "email")  # on which one does not chat: nothing can be written, or letters go one way


@dataclass(frozen=True)
class Reach:
    """Where we can write to a case's customer at all, and from where he wrote last, of those in which he reads us."""

    writable: Sequence[Conversation]
    latest: Conversation | None

    @property
    def blocked(self) -> bool:
        """Whether we could write to him, had he not blocked us wherever we can."""
        return self.latest is None and bool(self.writable)


def reach(session: Session, ticket: Ticket) -> Reach:
    """How we get at its customer."""
    writable = [one for one in records.threads(session, ticket) if one.account.channel not in SILENT]
    reads = [one for one in writable if one.identity is None or one.identity.blocked_at is None]
    return Reach(writable, max(reads, key=lambda c: (c.last_customer_at or c.created_at, c.id), default=None))


def able(session: Session, ticket: Ticket) -> Conversation | None:
    """The conversation from which he wrote last, locked; None where there is none that we can write to and he reads."""
    found = reach(session, ticket).latest
    return conversations.locked(session, found.id) if found else None


def place(session: Session, ticket: Ticket) -> Conversation:
    """The same; Refused where there is none."""
    found = reach(session, ticket)
    if found.blocked:
        raise Refused("顧客封鎖了我們的帳號，訊息送不到；請改用電話或信箱，或等顧客解除封鎖。")
    if found.latest is None:
        raise Refused("這件案件是電話進來的，不能傳訊息；請回電，再記錄通話。")
    where = conversations.locked(session, found.latest.id)
    if where.standby:
        raise Refused("這個對話現在由別的收件匣或程式接手，訊息送不出去；在那裡回覆，或等它交還。")
    if manners.of(where.account.channel).late("agent", where.last_customer_at):
        raise Refused("顧客超過 7 天沒有寫來，Meta 不再讓我們傳訊息；請改用電話或信箱，或等顧客寫來。")
    return where
