"""A customer's file that we could not keep: he hears so once for all he sent together."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations, journal
from bot.attachments import PICTURES
from bot.models import Conversation, JournalEntry, Message
from bot.nlu import forms
from handoff.models import Ticket
from handoff.tickets import phrases, records

TOLD = "attachment.refusal_told"


def refused(session: Session, message: Message) -> None:
    """It was on its way, and was thanked for; what came of it is known only now. In groups nobody is told."""
    where = conversations.locked(session, message.conversation_id)
    if message.author != "customer" or message.unsent_at is not None:
        return
    ticket = records.open_ticket(session, where.id)
    if ticket is not None and message.kind in PICTURES and message.created_at <= ticket.opened_at:
        _count_less(session, ticket, message)
    if where.source_kind == "user" and not where.standby and not _told_since(session, where, message):
        said = phrases.say(session, where, "file_refused")
        journal.write(session, TOLD, conversation_id=where.id, message_id=said)
        conversations.deliver_soon(session, where.id)


def _count_less(session: Session, ticket: Ticket, message: Message) -> None:
    """The form that was handed over counted it as told."""
    media = {slot.name for form in forms.forms().forms.values() for slot in form.slots if slot.kind == "media"}
    counted = {name: int(fact) for name, fact in ticket.facts.items() if name in media and str(fact).isdigit()}
    if counted and message.episode == ticket.episode:
        left = {name: str(count - 1) for name, count in counted.items() if count > 1}
        ticket.facts = {name: fact for name, fact in ticket.facts.items() if name not in counted} | left
        records.record(session, ticket, "ticket.file_refused", message_id=message.id)


def _told_since(session: Session, where: Conversation, message: Message) -> bool:
    """Whether he was told after he sent it: one sentence for all that came together."""
    told = select(JournalEntry.id).where(
        JournalEntry.conversation_id == where.id, JournalEntry.kind == TOLD, JournalEntry.at >= message.created_at
    )
    return session.scalar(told.limit(1)) is not None
