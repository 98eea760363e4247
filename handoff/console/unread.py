"""What was said about a case last, and what of it nobody has answered, in every conversation that belongs to it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, Subquery, bindparam, func, select
from sqlalchemy.orm import Session, joinedload, load_only
from sqlalchemy.sql.base import ExecutableOption

from bot.models import VOTE, Conversation, Message, User
from handoff.models import CaseThread, Ticket

CASES: BindParameter[Any] = bindparam("cases", expanding=True)
TOLD = (
    Message.conversation_id,
    Message.author,
    Message.user_id,
    Message.kind,
    Message.text,
    Message.created_at,
    Message.unsent_at,
)


def last(session: Session, cases: Sequence[int]) -> dict[int, Message]:
    """The newest message of each case that the customer can see."""
    found = session.execute(_newest(), {"cases": cases}).all()
    wanted = select(Message).where(Message.id.in_([message for _, message in found])).options(*told())
    messages = {message.id: message for message in session.scalars(wanted)}
    return {case: messages[message] for case, message in found}


@cache
def told() -> tuple[ExecutableOption, ...]:
    """Have messages read with what a row tells of the last one, and without the rest."""
    return load_only(*TOLD, raiseload=True), joinedload(Message.user).load_only(User.name, raiseload=True)


def counts(session: Session, cases: Sequence[int]) -> dict[int, int]:
    """The customer's messages that neither the bot nor an agent has answered yet, in this episode."""
    return {case: count for case, count in session.execute(_unanswered(), {"cases": cases})}


@cache
def _newest() -> Select[Any]:
    """Asked for every list, so it is built once; likewise the other."""
    places = _places()
    newest = select(places.c.case_id, func.max(Message.id)).join(
        places, places.c.conversation_id == Message.conversation_id
    )
    return newest.where(Message.kind != "note").group_by(places.c.case_id)


@cache
def _unanswered() -> Select[Any]:
    places = _places()
    here = places, places.c.conversation_id == Message.conversation_id
    answered = select(places.c.case_id, func.max(Message.id).label("id")).join(*here)
    spoken = Message.author.in_(("agent", "bot")), Message.kind != "note"
    last_answer = answered.where(*spoken).group_by(places.c.case_id).subquery()
    return (
        select(places.c.case_id, func.count())
        .select_from(Message)
        .join(*here)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(last_answer, last_answer.c.case_id == places.c.case_id)
        .where(
            Message.author == "customer",
            Message.kind.not_in(("follow", VOTE)),
            Message.episode == Conversation.episode,
            Message.id > func.coalesce(last_answer.c.id, 0),
        )
        .group_by(places.c.case_id)
    )


def _places() -> Subquery:
    """Each case with its own conversation and those of the same customer that joined it."""
    own = select(Ticket.id.label("case_id"), Ticket.conversation_id.label("conversation_id"))
    joined = select(CaseThread.ticket_id, CaseThread.conversation_id).join(CaseThread.ticket)
    his = joined.join(CaseThread.conversation).where(Conversation.contact_id == Ticket.contact_id)
    return own.where(Ticket.id.in_(CASES)).union_all(his.where(CaseThread.ticket_id.in_(CASES))).subquery()
