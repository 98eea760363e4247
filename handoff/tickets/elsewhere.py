"""A colleague answers in the platform's own inbox, past the console: that is an answer, and the bot falls silent.

Where there is no case yet one is opened, so that somebody sees to it, and gives the conversation back to the bot.
"""

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.models import Conversation
from handoff.models import Ticket
from handoff.tickets import opening, records, replies, taking_over

REASON = "同事在 Meta 收件匣回覆了顧客"


def answered(session: Session, conversation: Conversation, message_id: int, zone: ZoneInfo) -> Ticket:
    """Take down an answer that was given there; its case."""
    conversation.owner = "human"
    ticket = records.open_ticket(session, conversation.id) or _new(session, conversation, zone)
    replies.answered(session, ticket, "answer_elsewhere")
    records.move(session, ticket, "answer_elsewhere", "ticket.answered_elsewhere", message_id=message_id)
    return ticket


def _new(session: Session, conversation: Conversation, zone: ZoneInfo) -> Ticket:
    handoff = taking_over.known(session, conversation, REASON, "elsewhere")
    return session.get_one(Ticket, opening.new(session, conversation, handoff, zone).ticket_id)
