"""The cases behind a number of the overview."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select

from bot.models import JournalEntry, User
from handoff.assignment.staffing import HELD
from handoff.clocks import pressing
from handoff.models import Ticket
from handoff.overview import alarms, arrivals, queues

LISTED = 100
Which = Callable[[datetime, str], ColumnElement[bool]]
LIVE: dict[str, Which] = {
    "first": lambda at, _: pressing.comes_first(at),
    "late": lambda at, _: pressing.is_late(at),
    "near": lambda at, _: pressing.is_near(at, pressing.SOON),
    "team": lambda _, key: queues.WAITS[0] & queues.WAITS[1] & (Ticket.team == key),
    "waiting": lambda _, __: queues.WAITS[0] & queues.WAITS[1],
    "agent": lambda _, name: Ticket.assignee.has(User.username == name) & Ticket.state.in_(HELD),
}
EVER: dict[str, Which] = {
    "arrived": lambda at, _: (Ticket.opened_at > at - arrivals.HOUR) & (Ticket.opened_at <= at),
    "violated": lambda at, _: Ticket.id.in_(_violated(at)),
}
NUMBERS = (*LIVE, *EVER)


def cases(number: str, of: str, at: datetime) -> Select[Ticket]:
    """The first hundred cases that a number counts; `of`: whose (a team's key, a user name)."""
    if number in LIVE:
        return pressing.cases(LIVE[number](at, of), pressing.WORST_FIRST, LISTED)
    found = select(Ticket).where(EVER[number](at, of)).options(*pressing.SHOWN)
    return found.order_by(Ticket.id.desc()).limit(LISTED)


def _violated(at: datetime) -> Select[int]:
    recent = alarms.VIOLATED, JournalEntry.at > at - alarms.DAY
    return select(JournalEntry.data["ticket_id"].as_integer()).where(*recent)
