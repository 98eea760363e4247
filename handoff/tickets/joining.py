"""A message that means a case by itself: it quotes the number, or answers what the desk asked.

Whose case it is, is checked first. To who quotes another's, or none that exists, the same is said: nothing of it.
"""

from sqlalchemy.orm import Session

from bot import conversations
from bot.models import Conversation, Message
from bot.ports import Learned
from handoff.models import Ticket
from handoff.tickets import closing, landing, phrases, proposals, records, satisfaction, tapping


def answer(session: Session, conversation: Conversation, message: Message, tap: str, number: str) -> bool:
    """Take a tap on one of our buttons, if we asked."""
    if tap in phrases.SATISFACTION:
        return _rated(session, conversation, message, tap, number)
    ticket = records.open_ticket(session, conversation.id)
    if ticket is None or ticket.proposed_at is None:
        return False
    asked = satisfaction.asked(session, ticket)
    solved = proposals.answered(session, ticket, tap, message.id)
    tapping.keep(session, ticket, message)
    if asked or not solved:  # else he was just asked how satisfied he is
        said = "solved_thanks" if solved else "solved_sorry"
        phrases.say(session, conversation, said, phrases.NUMBER, number=ticket.number)
    return True


def theirs(session: Session, conversation: Conversation, number: str) -> Ticket | None:
    """The case of this number, if it is of the person who writes here; contacts that are one person share cases."""
    ticket = records.by_number(session, number)
    if ticket is None or ticket.contact_id is None or ticket.contact_id != conversation.contact_id:
        return None
    return ticket


def quote(
    session: Session, conversation: Conversation, ticket: Ticket, message: Message, learned: Learned | None
) -> None:
    """The message joins the case, which wakes up if it was over; from another channel, this conversation joins too."""
    if ticket.conversation_id != conversation.id:
        conversations.locked(session, ticket.conversation_id)
        session.flush()
        session.refresh(ticket)
    if not ticket.live:
        closing.reopened(session, ticket, "quoted", message_id=message.id)
    if ticket.conversation_id != conversation.id:
        records.join(session, ticket, conversation.id)
    conversation.owner = "human"
    landing.land(session, ticket, message.id, learned)
    records.tell(session, ticket, "ticket.joined", message_id=message.id, from_conversation=conversation.id)


def _rated(session: Session, conversation: Conversation, message: Message, tap: str, number: str) -> bool:
    """How satisfied he is with the case that the tap names, or of which he was asked last."""
    named = theirs(session, conversation, number) if number else satisfaction.meant(session, conversation)
    if named is None:
        return False
    ticket = records.held(session, named.id)
    if not satisfaction.answered(session, ticket, tap, message.id):
        return False
    if tap == "dissatisfied":
        _look_again(session, ticket, message)
    else:
        tapping.keep(session, ticket, message)
    said = "satisfaction_sorry" if tap == "dissatisfied" else "satisfaction_thanks"
    phrases.say(session, conversation, said, number=ticket.number)
    return True


def _look_again(session: Session, ticket: Ticket, message: Message) -> None:
    """Who is not satisfied is heard by a lead, also where somebody is at the case again."""
    if not ticket.live:
        closing.reopened(session, ticket, "dissatisfied", message_id=message.id)
    records.tell(session, ticket, "ticket.escalated", to="lead", why="dissatisfied")
    landing.land(session, ticket, message.id, None)
