"""The views of the list: which cases, or conversations of the bot's, each of them holds."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import Conversation
from handoff.clocks import pressing
from handoff.models import LIVE, Member, Notice, Team, Ticket
from handoff.tickets import guests

VIEWS = ("new", "mine", "due", "mentions", "waiting", "team", "joined", "all", "bot", "closed")
GUESTS = ("joined",)
COUNTED = 1000  # the sidebar counts no further: what it says beyond is "many"

BOT_HELD = and_(Conversation.owner == "bot", Conversation.last_customer_at.is_not(None))


Somebody = int | SQLColumnExpression[int]
Moment = datetime | SQLColumnExpression[datetime]


def holds(view: str, user_id: Somebody, soon: Moment) -> ColumnElement[bool]:
    """Whether a case belongs to this view of somebody's; `soon` is by when something is nearly due."""
    if view == "closed":
        return Ticket.resolved_at.is_not(None)  # what is live has none; so an index has them in their order
    live = Ticket.state.in_(LIVE)  # named, since an index finds what is there but not what is missing
    narrower = _narrower(view, user_id, soon)
    return live if narrower is None else and_(live, narrower)


def _narrower(view: str, user_id: Somebody, soon: Moment) -> ColumnElement[bool] | None:
    match view:
        case "new":
            return Ticket.assignee_id.is_(None)
        case "mine":
            return Ticket.assignee_id == user_id
        case "due":
            return pressing.is_due(soon)
        case "mentions":
            named = Notice.user_id == user_id, Notice.kind == "ticket.mentioned"
            return Ticket.id.in_(select(Notice.ticket_id).where(*named))
        case "waiting":
            return Ticket.state == "waiting"
        case "team":
            return Ticket.team.in_(_teams(user_id))
        case "joined":
            return guests.visible(user_id)
    return None


def _teams(user_id: Somebody) -> Select[str]:
    return select(Team.key).join(Member, Member.team_id == Team.id).where(Member.user_id == user_id)


def teams(session: Session, user_id: int) -> Sequence[str]:
    """The teams whose cases somebody's view of her teams holds."""
    return session.scalars(_teams(user_id)).all()


def counts(session: Session, views: tuple[str, ...], user_id: int) -> dict[str, int]:
    """How much each of these views holds, for the sidebar; at most COUNTED, and nothing of what is over."""
    row = session.execute(_counted(views), {"me": user_id, "soon": now() + pressing.SOON}).one()
    return dict(row._mapping)


@cache
def _counted(views: tuple[str, ...]) -> Executable:
    """Asked for every list, so it is built once for everybody who has these views."""
    me, soon = bindparam("me", type_=Conversation.id.type), bindparam("soon", type_=Conversation.created_at.type)
    found: dict[str, Select[Any]] = {
        view: select(Conversation.id).where(BOT_HELD)
        if view == "bot"
        else select(Ticket.id).where(holds(view, me, soon))
        for view in views
        if view != "closed"
    }
    return select(*(_count(rows).label(view) for view, rows in found.items()))


def _count(rows: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(rows.limit(COUNTED).subquery()).scalar_subquery()
