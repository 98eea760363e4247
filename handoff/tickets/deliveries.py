"""A person decides about messages that did not surely arrive: once more, it did arrive, or not at all.

Whoever has the case may, and those who lead the desk. A second click finds nothing left to decide.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations, outbox, services
from bot.errors import Refused
from bot.models import OutboxRow, User
from handoff.tickets import records, transitions

Deed = Callable[[Session, list[int], int], object]


def resend(session: Session, row_ids: Sequence[int], user_id: int) -> int:
    """Send them once more; how many there were left to send."""
    return _decide(session, row_ids, user_id, ("failed", "unknown"), outbox.resend)


def settle(session: Session, row_ids: Sequence[int], user_id: int) -> int:
    """They did arrive, as somebody saw; how many there were left to settle."""
    return _decide(session, row_ids, user_id, ("unknown",), _settle)


def let_go(session: Session, row_ids: Sequence[int], user_id: int) -> int:
    """They shall not be sent any more; how many there were left."""
    return _decide(session, row_ids, user_id, ("failed",), outbox.let_go)


def _settle(session: Session, row_ids: list[int], user_id: int) -> None:
    for row_id in row_ids:
        outbox.settle(session, row_id, user_id)


def _decide(session: Session, row_ids: Sequence[int], user_id: int, states: Sequence[str], deed: Deed) -> int:
    """Do it to those rows that still wait for this decision; Refused when none does."""
    user = transitions.permit_staff(session.get(User, user_id))
    for conversation_id in _conversations(session, row_ids):
        conversations.locked(session, conversation_id)
        _permit(session, conversation_id, user)
    undecided = select(OutboxRow.id).where(OutboxRow.id.in_(row_ids), OutboxRow.state.in_(states))
    left = list(session.scalars(undecided.order_by(OutboxRow.id)))
    if not left:
        raise Refused("已經有人處理過了，沒有再做一次。")
    deed(session, left, user.id)
    services.current().broker.wake_after_commit(session)
    return len(left)


def _conversations(session: Session, row_ids: Sequence[int]) -> Sequence[int]:
    """Whose messages these are, in the one order in which everybody locks."""
    found = select(OutboxRow.conversation_id).where(OutboxRow.id.in_(row_ids)).distinct()
    return session.scalars(found.order_by(OutboxRow.conversation_id)).all()


def _permit(session: Session, conversation_id: int, user: User) -> None:
    """Refused when a colleague has the case, or when there is none and the user does not lead the desk."""
    if user.role in transitions.LEADS:
        return
    ticket = records.open_ticket(session, conversation_id) or records.last_ticket(session, conversation_id)
    if ticket is None:
        raise Refused("這個對話沒有案件，請主管處理。")
    transitions.permit_owner(ticket, user)
