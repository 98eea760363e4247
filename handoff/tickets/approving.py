"""What the bot prepared waits for people: approved it is said, edited or as it is; refused it is not. Nothing before.

Where two must approve, the second is another person, and decides cases. Whoever edits the words approves her own.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from bot import ports
from bot.clock import now
from bot.errors import Refused
from bot.language import VEIL, came_from
from bot.messages import Outbound
from bot.models import Message, User
from handoff.models import Proposal, Ticket
from handoff.tickets import actions, records, replies, speaking, transitions

PENDING, TAKEN_BACK = "pending", "taken_back"


def prepare(session: Session, ticket: Ticket, made: ports.Proposal) -> Proposal:
    """Put what the bot prepared on a case."""
    row = Proposal(
        ticket_id=ticket.id,
        kind=made.kind,
        text=actions.written(made.text),
        changes=dict(made.changes),
        proof=made.proof[:200],
        approvals=made.approvals,
    )
    session.add(row)
    session.flush()
    records.record(session, ticket, "proposal.made", proposal_id=row.id, about=made.kind, approvals=made.approvals)
    return row


def approve(session: Session, proposal_id: int, user_id: int, text: str, key: str, seen_message_id: int) -> Proposal:
    """Let it go out, with these words; a case that nobody has is taken with the same click.

    Where another has to approve as well, nothing goes out yet.
    """
    row, ticket, user = _take(session, "approve", proposal_id, user_id)
    if row.message_id is not None and row.decided_by == user.id:
        return row  # a second click
    _require_pending(row)
    words = actions.filled_in(text)
    if words != row.text:
        row.text, row.edited_by, row.first_by = words, user.id, None
    if row.approvals > 1 and row.first_by is None:
        _permit(session, ticket, user)
        records.require_seen(session, ticket, seen_message_id)
        row.first_by = user.id
        _tell(session, row, ticket, user, "proposal.first_approved")
        return row
    _permit_last(session, row, ticket, user)
    _say(session, row, ticket, user, key, seen_message_id)
    return row


def refuse(session: Session, proposal_id: int, user_id: int, why: str) -> Proposal:
    """It does not go out. Whoever has the case tells the customer herself."""
    row, ticket, user = _take(session, "approve", proposal_id, user_id)
    _require_pending(row)
    if row.first_by is None or user.role not in transitions.SENIORS:
        _permit(session, ticket, user)
    reason = actions.written(why)[:200]
    row.state, row.why, row.decided_by, row.decided_at = "refused", reason, user.id, now()
    _tell(session, row, ticket, user, "proposal.refused", why=reason)
    return row


def of(session: Session, ticket: Ticket) -> Sequence[Proposal]:
    """What was prepared on a case, oldest first."""
    known = select(Proposal).where(Proposal.ticket_id == ticket.id)
    known = known.options(joinedload(Proposal.first), joinedload(Proposal.decider))
    return session.scalars(known.order_by(Proposal.id)).all()


def may(row: Proposal, ticket: Ticket, user_id: int, role: str) -> bool:
    """Whether somebody can decide about it, as the case is now."""
    if row.state != PENDING or role not in transitions.DESK or ticket.state not in transitions.TABLE["approve"]:
        return False
    if row.first_by is not None:
        return user_id != row.first_by and role in transitions.SENIORS
    return ticket.assignee_id in (None, user_id) or role in transitions.LEADS


def forget(session: Session, ticket: Ticket, text: str, facts: Mapping[str, object]) -> None:
    """The customer took words back: what was prepared of them cannot be approved any more, and nobody reads it."""
    for row in of(session, ticket):
        lost = {name: what for name, what in row.changes.items() if facts.get(name) == what or came_from(what, text)}
        if not lost:
            continue
        row.changes = {name: what for name, what in row.changes.items() if name not in lost}
        for what in lost.values():
            row.text = row.text.replace(str(what), VEIL)
        if row.state == PENDING:
            row.state, row.decided_at = TAKEN_BACK, now()
        records.record(session, ticket, "proposal.taken_back", proposal_id=row.id)


def go_along(session: Session, ticket: Ticket, into: Ticket) -> None:
    """The case goes on in another."""
    session.execute(update(Proposal).where(Proposal.ticket_id == ticket.id).values(ticket_id=into.id))


def _take(session: Session, action: str, proposal_id: int, user_id: int) -> tuple[Proposal, Ticket, User]:
    row = session.get(Proposal, proposal_id)
    if row is None:
        raise Refused("找不到這份準備好的回覆。")
    user = transitions.permit_staff(session.get(User, user_id))
    ticket = records.held(session, row.ticket_id)
    session.refresh(row)
    transitions.permit(action, ticket)
    return row, ticket, user


def _require_pending(row: Proposal) -> None:
    if row.state == TAKEN_BACK:
        raise Refused("顧客收回了這份內容，不能再核准。")
    if row.state != PENDING:
        who = row.decider.name if row.decider else ""
        raise Refused("%(name)s已經決定過了。", name=who)


def _permit(session: Session, ticket: Ticket, user: User) -> None:
    """Whoever has the case, or takes it now, or leads the desk."""
    if ticket.assignee_id is None or (ticket.state == "new" and ticket.assignee_id == user.id):
        actions.claim(session, ticket.id, user.id)
    transitions.permit_owner(ticket, user)


def _permit_last(session: Session, row: Proposal, ticket: Ticket, user: User) -> None:
    if row.first_by is None:
        _permit(session, ticket, user)
    elif row.first_by == user.id:
        raise Refused("這份要兩個人核准，你已經核准過，請另一位二線或主管核准。")
    elif user.role not in transitions.SENIORS:
        raise Refused("第二位核准的人要是二線或主管。")


def _say(session: Session, row: Proposal, ticket: Ticket, user: User, key: str, seen_message_id: int) -> None:
    """In the name of whoever has the case; a senior who only approved it does not speak in it."""
    speaker = ticket.assignee_id if row.first_by is not None and ticket.assignee_id is not None else user.id

    def speech(ticket: Ticket, speaker: User) -> Message:
        where = speaking.place(session, ticket)
        return replies.say(session, where, speaker, [Outbound(row.text)])[-1]

    message = replies.answer(session, ticket.id, speaker, key, seen_message_id, speech, proposal_id=row.id)
    row.state, row.decided_by, row.decided_at, row.message_id = "approved", user.id, now(), message.id
    _tell(session, row, ticket, user, "proposal.approved", message_id=message.id, edited=row.edited_by is not None)


def _tell(
    session: Session,
    row: Proposal,
    ticket: Ticket,
    user: User,
    kind: str,
    message_id: int | None = None,
    **data: object,
) -> None:
    facts = {"proposal_id": row.id, "number": ticket.number, "first_by": row.first_by, **data}
    records.record(session, ticket, kind, user_id=user.id, message_id=message_id, **facts)
