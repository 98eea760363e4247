"""Where a case speaks to its customer: in the conversation from which he wrote last."""

from sqlalchemy.orm import Session

from bot import conversations
from bot.errors import Refused
from bot.models import Conversation
from handoff.models import Ticket
from handoff.tickets import records

SILENT = ("phone",)  # channels on which nothing can be written to the customer


def writable(session: Session, ticket: Ticket) -> list[Conversation]:
    """The conversations of a case in which we can write to the customer."""
    return [one for one in records.threads(session, ticket) if one.account.channel not in SILENT]


def able(session: Session, ticket: Ticket) -> Conversation | None:
    """The conversation, locked; None where there is none that we can write to."""
    able = writable(session, ticket)
    if not able:
        return None
    latest = max(able, key=lambda c: (c.last_customer_at or c.created_at, c.id))
    return conversations.locked(session, latest.id)


def place(session: Session, ticket: Ticket) -> Conversation:
    """The conversation, locked; Refused where there is none."""
    where = able(session, ticket)
    if where is None:
        raise Refused("這件案件是電話進來的，不能傳訊息；請回電，再記錄通話。")
    return where
