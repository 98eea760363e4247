"""What colleagues say of the bot's judgement: content staff find it in their report and among what is to be mended."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.models import JournalEntry, Message
from handoff.tickets import records


def doubt(session: Session, ticket_id: int, user_id: int, message_id: int) -> None:
    """The bot took this message of the customer's for something else, or answered it wrongly. Once is enough."""
    ticket, user = records.take(session, "doubt", ticket_id, user_id)
    message = session.get(Message, message_id)
    threads = {conversation.id for conversation in records.threads(session, ticket)}
    if message is None or message.conversation_id not in threads or message.author != "customer":
        raise Refused("找不到這則訊息。")
    known = (JournalEntry.conversation_id == ticket.conversation_id, JournalEntry.message_id == message_id)
    if session.scalar(select(JournalEntry.id).where(*known, JournalEntry.kind == "answer.doubted")) is None:
        records.tell(session, ticket, "answer.doubted", user_id=user.id, message_id=message_id)
