"""An approved change is made before the customer hears of it: by the shop's system, or by a colleague's hand.

A colleague has to look wherever the system cannot, does not want to, or may have: she says that it is done, has it
tried again, or gives it up. Nobody makes a change twice without having looked.
"""

from sqlalchemy.orm import Session

from bot import services
from bot.broker import SENDS
from bot.clock import now
from bot.errors import Reasoned, Refused
from bot.models import User
from handoff.models import ChangeOfOrder, Proposal, Ticket
from handoff.tickets import prepared, records
from handoff.tickets.undecided import CARRYING

UNABLE, UNTOLD = "unable", "untold"


def begin(session: Session, row: Proposal, user: User) -> None:
    """The last approval was given."""
    row.state, row.decided_by, row.decided_at = CARRYING, user.id, now()
    if row.order is None:
        return
    if row.order.kind in services.current().wiring.orders.changes:
        _queue(session, row.order)
    else:
        row.order.state, row.order.why = "by_hand", UNABLE


def again(session: Session, proposal_id: int, user_id: int) -> Proposal:
    """A colleague saw that it was not made: the shop's system is to try once more."""
    row, ticket, user = prepared.take(session, "approve", proposal_id, user_id)
    _require_by_hand(row)
    if row.order is None or row.order.kind not in services.current().wiring.orders.changes:
        raise Refused("訂單系統不能從這裡改，請到訂單系統修改。")
    prepared.permit(session, ticket, user)
    _queue(session, row.order)
    prepared.tell(session, row, ticket, "proposal.tried_again", user_id=user.id)
    return row


def done(session: Session, proposal_id: int, user_id: int, key: str, seen_message_id: int) -> Proposal:
    """A colleague says that it is made; the customer hears of it now."""
    row, ticket, user = prepared.take(session, "approve", proposal_id, user_id)
    if row.message_id is not None:
        return row  # a second click
    if row.order is None or row.order.state != "done":
        _require_by_hand(row)
    prepared.permit(session, ticket, user)
    prepared.say(session, row, ticket, user.id, key, seen_message_id)
    if row.order is not None and row.order.state != "done":
        row.order.state, row.order.done_at = "done", now()
    prepared.tell(session, row, ticket, "proposal.done", user_id=user.id, message_id=row.message_id)
    return row


def made(session: Session, change: ChangeOfOrder) -> None:
    """The shop's system made it: the customer hears of it in the name of whoever has the case."""
    change.state, change.done_at, change.why = "done", now(), ""
    explain(change, None)
    row, ticket = _held(session, change)
    prepared.tell(session, row, ticket, "proposal.carried", order=change.number)
    if row.state != CARRYING:  # taken back, or given up, while it was under way: somebody must see that it was made
        prepared.tell(session, row, ticket, "proposal.by_hand", why="late")
        return
    speaker = ticket.assignee_id or row.decided_by or 0
    try:
        prepared.say(session, row, ticket, speaker, f"carried-{row.id}", None)
    except Refused as refused:
        look(session, change, UNTOLD, refused)


def look(session: Session, change: ChangeOfOrder, why: str, reason: Reasoned | None) -> None:
    """A colleague has to see to it."""
    row, ticket = _held(session, change)
    change.why = why
    explain(change, reason)
    if why != UNTOLD:
        change.state = "by_hand"
    prepared.tell(session, row, ticket, "proposal.by_hand", why=why)


def explain(change: ChangeOfOrder, reason: Reasoned | None) -> None:
    """Keep why it was not made, to be read in the reader's language; or forget it."""
    change.reason, change.facts = (reason.reason[:200], dict(reason.facts)) if reason else ("", {})


def is_by_hand(row: Proposal) -> bool:
    """Whether somebody has to make the change herself, or to see whether it was made."""
    return row.state == CARRYING and (row.order is None or row.order.state == "by_hand")


def _require_by_hand(row: Proposal) -> None:
    if row.state != CARRYING:
        raise Refused("這項變更已經處理過了。")
    if not is_by_hand(row):
        raise Refused("訂單系統正在改，或已經改好了。")


def _queue(session: Session, change: ChangeOfOrder) -> None:
    change.state, change.why, change.due_at = "queued", "", now()
    explain(change, None)
    session.flush()  # its id is needed
    services.current().broker.after_commit(session, "handoff.changing.make", change.id, queue=SENDS)


def _held(session: Session, change: ChangeOfOrder) -> tuple[Proposal, Ticket]:
    return change.proposal, records.held(session, change.proposal.ticket_id)
