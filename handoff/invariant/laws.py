"""What is always true of a live case, and what mends one of which it is not.

Each is looked for among the live cases alone, by an index: however many are over, a look costs the same.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from bot.auth import permissions
from bot.models import Conversation, User
from bot.nlu.policy import load as load_policy
from handoff import assignment, clocks
from handoff.assignment.claims import ACCEPT
from handoff.assignment.queue import QUEUED
from handoff.models import LIVE, Clock, Team, Ticket
from handoff.tickets import complaints, records


class Law(NamedTuple):
    """How a live case is when it breaks it, and what mends it."""

    broken: ColumnElement[bool]
    mend: Callable[[Session, Ticket], None]


def broken(what: str) -> Select[int]:
    """The cases that break a law."""
    return select(Ticket.id).where(Ticket.state.in_(LIVE), LAWS[what].broken)


def _release(session: Session, ticket: Ticket) -> None:
    assignment.requeue(session, ticket, "owner_gone")


def _queue(session: Session, ticket: Ticket) -> None:
    assignment.requeue(session, ticket, "not_in_queue")


def _move(session: Session, ticket: Ticket) -> None:
    ticket.team = load_policy()[0].front_line
    assignment.requeue(session, ticket, "team_gone")


def _take_from_bot(session: Session, ticket: Ticket) -> None:
    ticket.conversation.owner = "human"


def _ask_again(session: Session, ticket: Ticket) -> None:
    clocks.begin(session, ticket, "accept", ACCEPT)


def _start_clocks(session: Session, ticket: Ticket) -> None:
    clocks.adopted(session, ticket)


def _take_as_complaint(session: Session, ticket: Ticket) -> None:
    ticket.source = ticket.conversation.account.channel
    complaints.begin(session, ticket)


def _count(session: Session, ticket: Ticket) -> None:
    if ticket.waiting_since is not None and ticket.state == "waiting":
        records.move(session, ticket, "customer_wrote", "ticket.our_turn")
    clocks.our_turn(session, ticket)
    if ticket.waiting_since is not None:
        clocks.customer_wrote(session, ticket)


_at_work = exists().where(User.id == Ticket.assignee_id, User.active, User.role.in_(permissions.roles("case.helped")))
_asked = exists().where(Clock.ticket_id == Ticket.id, Clock.kind == "accept", Clock.state == "running")
_bot_held = exists().where(Conversation.id == Ticket.conversation_id, Conversation.owner == "bot")

_unfiled_complaint = and_(
    Ticket.source == "", Ticket.type != complaints.TYPE, Ticket.category.in_(complaints.CATEGORIES)
)
_counted = exists().where(
    Clock.ticket_id == Ticket.id, Clock.kind == "resolution", Clock.state.in_(("running", "paused"))
)
_answer_counted = exists().where(
    Clock.ticket_id == Ticket.id, Clock.kind.in_(("first", "next")), Clock.stopped_at.is_(None)
)
_paused = exists().where(Clock.ticket_id == Ticket.id, Clock.kind == "resolution", Clock.state == "paused")
_uncounted = or_(
    and_(Ticket.waiting_since.is_not(None), or_(~_answer_counted, Ticket.state == "waiting")),
    and_(Ticket.state != "waiting", _paused),
)

LAWS = {
    "owner_gone": Law(and_(Ticket.assignee_id.is_not(None), ~_at_work), _release),
    "not_in_queue": Law(and_(Ticket.assignee_id.is_(None), Ticket.state.not_in(QUEUED)), _queue),
    "team_gone": Law(
        and_(Ticket.assignee_id.is_(None), Ticket.team.not_in(select(Team.key)), exists(select(Team.id))), _move
    ),
    "bot_answers": Law(and_(~Ticket.side, _bot_held), _take_from_bot),
    "never_accepted": Law(and_(Ticket.assignee_id.is_not(None), Ticket.state == "new", ~_asked), _ask_again),
    "no_type": Law(_unfiled_complaint, _take_as_complaint),
    "no_clocks": Law(~_counted, _start_clocks),
    "nobody_counts": Law(and_(_counted, _uncounted), _count),
}
"""The last three are how code of an older release leaves its cases beside ours; the type first, by which targets go."""
