"""What the hint of a case tells of it while it waits for its first answer: enough for a page to draw its row at once.

It goes to whoever may see every case of the desk, and is never more than the list shows; who that is is asked anew
each time, since a stream outlives a sign-in for some minutes. The list that the page fetches next is the truth.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.orm import Session

from bot.auth import sign_ins
from bot.auth.permissions import roles
from bot.models import Account, Contact, Conversation, User
from bot.web.avatars import initial, tint
from handoff.models import Ticket

KINDS = ("ticket.opened", "ticket.assigned", "ticket.claimed", "ticket.requeued")
ASKING = ("new", "open")
DESK = roles("desk.work")

Glimpse = dict[str, Any]


def glimpses(session: Session, cases: Collection[int]) -> dict[int, Glimpse]:
    """Of those of these cases that wait for their first answer."""
    found = session.execute(_waiting(), {"cases": list(cases)})
    return {row.ticket_id: _glimpse(dict(row._mapping)) for row in found}


def eyes(session: Session) -> frozenset[str]:
    """The sign-ins to which it may be shown now."""
    return sign_ins.standing(session, DESK)


def _glimpse(row: dict[str, Any]) -> Glimpse:
    name, key = row["name"] or "", row.pop("contact_id") or 0
    times = {"at": row["at"].isoformat(), "due": row["due"].isoformat()}
    return row | times | {"name": name, "initial": initial(name), "tint": tint(key)}


@cache
def _waiting() -> Executable:
    found = select(
        Ticket.id.label("ticket_id"),
        Ticket.conversation_id,
        Ticket.number,
        Ticket.level,
        Ticket.category,
        Ticket.team,
        Ticket.opened_at.label("at"),
        Ticket.first_response_due_at.label("due"),
        Ticket.assignee_id,
        User.name.label("assignee"),
        Conversation.contact_id,
        Account.channel,
        Contact.name,
        Contact.tier,
    )
    found = found.join(Ticket.conversation).join(Conversation.account)
    found = found.outerjoin(Conversation.contact).outerjoin(Ticket.assignee)
    waits = Ticket.state.in_(ASKING), Ticket.first_response_at.is_(None)
    return found.where(Ticket.id.in_(bindparam("cases", expanding=True)), *waits)
