"""Who is not of the desk sees some cases: those into which she was asked, or whose team she helps now.

A helper may do with them what `permissions.HELPING` names, and no more.
"""

from sqlalchemy import ColumnElement, SQLColumnExpression, or_, select
from sqlalchemy.orm import Session

from bot.auth import permissions
from bot.errors import Refused
from bot.language import veil
from bot.models import User
from handoff.assignment import helping
from handoff.models import CaseMember, Ticket

HELPERS = permissions.roles("case.helped") - permissions.roles("desk.work")
PRIVATE = frozenset({"phone", "email", "national_id", "tax_id", "card"})
"""Facts by which a person is known or paid: no business of somebody who only helps."""


def visible(user_id: int | SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Of all cases those that a guest may see."""
    here = CaseMember.user_id == user_id, CaseMember.left_at.is_(None)
    return or_(Ticket.id.in_(select(CaseMember.ticket_id).where(*here)), helping.open_to(user_id))


def sees(session: Session, ticket: Ticket, user_id: int) -> bool:
    return session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, visible(user_id))) is not None


def hidden_from(role: str) -> frozenset[str]:
    """The facts that somebody of this role is not shown."""
    return PRIVATE if role in HELPERS else frozenset()


def told(text: str, role: str) -> str:
    """What somebody of this role is shown of a text: such facts stand in messages and notes as well."""
    return veil(text, hidden_from(role))


def permit(session: Session, ticket: Ticket, user: User, action: str) -> None:
    """Refused where the help does not cover it, or is over."""
    if action not in permissions.HELPING:
        raise Refused("支援的同事可以接手、回覆、寫備註、請顧客確認和退回；其他請退回原團隊處理。")
    if not sees(session, ticket, user.id):
        raise Refused("這個團隊現在不需要支援，案件已回到原團隊。")
