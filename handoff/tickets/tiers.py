"""How the shop values a customer (金卡, VIP …): the rules may promise such a one more, and the bot is more careful."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations, journal
from bot.errors import Refused
from bot.messages import printable
from bot.models import Contact, User
from handoff import clocks
from handoff.models import LIVE, Ticket
from handoff.tickets import records, speaking, transitions

LONGEST = 20


def set_tier(session: Session, contact_id: int, user_id: int, tier: str) -> Contact:
    """From now on; his running cases keep their promises where the new ones ask for less, and no case is forgotten."""
    user = transitions.permit_staff(session.get(User, user_id))
    if user.role not in transitions.SENIORS:
        raise Refused("會員等級要請二線或主管來改。")
    tier = printable(tier).strip()
    if len(tier) > LONGEST:
        raise Refused("會員等級最多 %(most)s 個字。", most=LONGEST)
    live = _live(session, contact_id)
    contact = session.get_one(Contact, contact_id, with_for_update=True, populate_existing=True)
    if contact.tier != tier:
        change: dict[str, Any] = {"contact_id": contact.id, "before": contact.tier, "after": tier}
        contact.tier = tier
        _tell(session, live, user, change)
    return contact


def _live(session: Session, contact_id: int) -> list[Ticket]:
    """His cases that live, under their conversations' locks."""
    his = select(Ticket).where(Ticket.contact_id == contact_id, Ticket.state.in_(LIVE))
    conversations.hold(session, sorted(set(session.scalars(his.with_only_columns(Ticket.conversation_id)))))
    return list(session.scalars(his.order_by(Ticket.id), execution_options={"populate_existing": True}))


def _tell(session: Session, live: list[Ticket], user: User, change: dict[str, Any]) -> None:
    """On each case that is promised more now; of who has none the journal knows it all the same."""
    for ticket in live:
        clocks.raised(session, ticket)
        clocks.sooner(session, ticket, speaking.able(session, ticket))
        records.record(session, ticket, "contact.tiered", user_id=user.id, **change)
    if not live:
        journal.write(session, "contact.tiered", user_id=user.id, **change)
