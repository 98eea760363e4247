"""How urgent a case is and what it is about: whoever sees danger raises it; lowering it takes a reason and a senior."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.matrix import Policy
from bot.models import User
from bot.nlu.policy import load
from handoff import assignment, clocks
from handoff.models import Ticket
from handoff.tickets import complaints, records, speaking, transitions

LEVELS = ("L1", "L2", "L3")
PRIORITIES = ("urgent", "high", "normal", "low")
BY_LEVEL = {"L1": "urgent", "L2": "high", "L3": "normal"}


class Grade(NamedTuple):
    """What a case weighs, and its kind."""

    level: str
    priority: str
    category: str


def grade(
    session: Session,
    ticket_id: int,
    user_id: int,
    *,
    level: str = "",
    priority: str = "",
    category: str = "",
    why: str = "",
) -> Ticket:
    """Set what is given; the rest stays, but that a priority follows its level. Any colleague may raise any case."""
    ticket, user = records.take(session, "grade", ticket_id, user_id)
    transitions.permit("grade", ticket)
    before, after = of(ticket), _wanted(ticket, level, priority, category)
    _permit(ticket, user, before, after, why)
    if ticket.assignee_id == user.id:
        assignment.accepted(session, ticket)
    if after != before:
        _set(session, ticket, after, user_id=user.id, why=why.strip()[:200])
    return ticket


def raise_to(session: Session, ticket: Ticket, level: str, *, user_id: int | None = None, why: str) -> None:
    """The case is as urgent as this at least; what is less urgent changes nothing."""
    if level < ticket.level:
        after = Grade(level, _no_less(ticket, level), ticket.category)
        _set(session, ticket, after, user_id=user_id, why=why)


def urge(session: Session, ticket: Ticket, why: str) -> None:
    """Nothing is more urgent; what it was before and why it is now are in the journal."""
    after = of(ticket)._replace(priority=PRIORITIES[0])
    if after != of(ticket):
        _set(session, ticket, after, user_id=None, why=why)


def of(ticket: Ticket) -> Grade:
    return Grade(ticket.level, ticket.priority, ticket.category)


def demanded(policy: Policy, category: str) -> str:
    """The level that every case of this category has at least, as the matrix overrides it."""
    always = (override for override in policy.overrides if override.category == category and not override.intent)
    return min((override.level for override in always), default="L3")


def require_category(policy: Policy, category: str) -> None:
    if category not in policy.categories:
        raise Refused("沒有這種案件類別。")


def _wanted(ticket: Ticket, level: str, priority: str, category: str) -> Grade:
    if level not in ("", *LEVELS) or priority not in ("", *PRIORITIES):
        raise Refused("等級是 L1 到 L3，優先順序是緊急、高、一般或低。")
    policy = load()[0]
    if category and category != ticket.category:
        require_category(policy, category)
        level = level or min(ticket.level, demanded(policy, category))
    level = level or ticket.level
    return Grade(level, priority or _follows(ticket, level), category or ticket.category)


def _follows(ticket: Ticket, level: str) -> str:
    """The priority of this level; a case that is raised is no less urgent than it was, as after a breach."""
    if level > ticket.level:
        return BY_LEVEL[level]
    return ticket.priority if level == ticket.level else _no_less(ticket, level)


def _no_less(ticket: Ticket, level: str) -> str:
    return min(ticket.priority, BY_LEVEL[level], key=PRIORITIES.index)


def _permit(ticket: Ticket, user: User, before: Grade, after: Grade, why: str) -> None:
    if _lowers(before, after):
        if user.role not in transitions.SENIORS:
            raise Refused("一線客服只能提高等級和優先順序；要降低，請轉給二線或主管。")
        if not why.strip():
            raise Refused("要降低等級或優先順序，請寫原因。")
    if after.level >= before.level:  # a raise is everybody's to make
        transitions.permit_owner(ticket, user)


def _lowers(before: Grade, after: Grade) -> bool:
    return after.level > before.level or PRIORITIES.index(after.priority) > PRIORITIES.index(before.priority)


def _set(session: Session, ticket: Ticket, after: Grade, *, user_id: int | None, why: str) -> None:
    before, kind = of(ticket), ticket.type
    ticket.level, ticket.priority, ticket.category = after
    if after.category != before.category and after.category in complaints.CATEGORIES:
        complaints.begin(session, ticket)
    _tell(session, ticket, before, kind, user_id, why)
    if after.level > before.level:
        clocks.lowered(session, ticket)
    elif (after.level, after.category) != (before.level, before.category):
        clocks.raised(session, ticket)
        clocks.sooner(session, ticket, speaking.able(session, ticket))
    if after.level < before.level:
        assignment.raised(session, ticket)
    elif ticket.assignee_id is None:
        assignment.drain_after_commit(session)  # others may take it now


def _tell(session: Session, ticket: Ticket, before: Grade, kind: str, user_id: int | None, why: str) -> None:
    was = {**before._asdict(), "type": kind}
    changed = {name: value for name, value in was.items() if value != getattr(ticket, name)}
    name = "raised" if ticket.level < before.level else "lowered" if ticket.level > before.level else "graded"
    after = {name: getattr(ticket, name) for name in changed}
    records.record(session, ticket, f"ticket.{name}", user_id=user_id, why=why, before=changed, after=after)
