"""What was said about a case last, and what of it nobody has answered, in every conversation that belongs to it."""

from collections.abc import Sequence

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session, joinedload

from bot.models import Conversation, Message
from handoff.models import CaseThread, Ticket


def last(session: Session, cases: Sequence[int]) -> dict[int, Message]:
    """The newest message of each case that the customer can see."""
    places = _places(cases)
    newest = select(places.c.case_id, func.max(Message.id)).join(
        places, places.c.conversation_id == Message.conversation_id
    )
    found = session.execute(newest.where(Message.kind != "note").group_by(places.c.case_id)).all()
    wanted = select(Message).where(Message.id.in_([message for _, message in found]))
    messages = {message.id: message for message in session.scalars(wanted.options(joinedload(Message.user)))}
    return {case: messages[message] for case, message in found}


def counts(session: Session, cases: Sequence[int]) -> dict[int, int]:
    """The customer's messages that neither the bot nor an agent has answered yet, in this episode."""
    places = _places(cases)
    here = places, places.c.conversation_id == Message.conversation_id
    answered = select(places.c.case_id, func.max(Message.id).label("id")).join(*here)
    spoken = Message.author.in_(("agent", "bot")), Message.kind != "note"
    last_answer = answered.where(*spoken).group_by(places.c.case_id).subquery()
    unanswered = (
        select(places.c.case_id, func.count())
        .select_from(Message)
        .join(*here)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(last_answer, last_answer.c.case_id == places.c.case_id)
        .where(
            Message.author == "customer",
            Message.kind != "follow",
            Message.episode == Conversation.episode,
            Message.id > func.coalesce(last_answer.c.id, 0),
        )
        .group_by(places.c.case_id)
    )
    return {case: count for case, count in session.execute(unanswered)}


def _places(cases: Sequence[int]) -> Subquery:
    """Each case with its own conversation and those of the same customer that joined it."""
    own = select(Ticket.id.label("case_id"), Ticket.conversation_id.label("conversation_id"))
    joined = select(CaseThread.ticket_id, CaseThread.conversation_id).join(CaseThread.ticket)
    his = joined.join(CaseThread.conversation).where(Conversation.contact_id == Ticket.contact_id)
    return own.where(Ticket.id.in_(cases)).union_all(his.where(CaseThread.ticket_id.in_(cases))).subquery()
