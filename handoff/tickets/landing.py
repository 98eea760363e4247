"""A customer's message lands on a case: whose turn it is, what is learned from it, and how urgent it makes the case."""

import re

from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import Message
from bot.ports import Learned
from handoff import clocks
from handoff.models import Ticket
from handoff.tickets import grading, proposals, records, tapping

AGAIN = re.compile(
    r"(剛剛?|剛才|已經|之前|上次|前面|早就).{0,6}[說講提給答傳寫]過|[說講]過了|要我再?[說講]幾次"
    r"|already (told|said|sent)",
    re.IGNORECASE,
)


def land(session: Session, ticket: Ticket, message_id: int, learned: Learned | None) -> None:
    """Put a message on a live case."""
    proposals.withdraw(session, ticket)
    clocks.customer_wrote(session, ticket)
    ticket.waiting_since = ticket.waiting_since or now()
    if learned is not None:
        _learn(session, ticket, learned)
    message = session.get_one(Message, message_id)
    tapping.keep(session, ticket, message)
    repeats = explains_again(message.text)
    ticket.repeats += repeats
    records.move(session, ticket, "customer_wrote", "ticket.customer_wrote", message_id=message_id, repeats=repeats)


def explains_again(text: str) -> bool:
    """Whether the customer complains that he has said it before."""
    return AGAIN.search(text) is not None


def _learn(session: Session, ticket: Ticket, learned: Learned) -> None:
    """Keep the facts; a more urgent message (an injury, a threat) makes the case and its clocks more urgent."""
    ticket.facts = {**ticket.facts, **learned.facts}
    grading.raise_to(session, ticket, learned.level, why="customer_wrote")
