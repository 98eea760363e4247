"""What the bot prepared waits for people: approved it is said, edited or as it is; refused it is not. Nothing before.

A change is made before it is said (`carrying`). Where two must approve, the second is another person, and decides
cases. Whoever edits the words, or what is changed, approves her own.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from bot import ports
from bot.clock import now
from bot.errors import Refused
from bot.language import VEIL, came_from, without
from bot.models import User
from bot.orders import numbers
from handoff.models import ChangeOfOrder, Proposal, Ticket
from handoff.tickets import actions, carrying, prepared, records, transitions
from handoff.tickets.prepared import TAKEN_BACK
from handoff.tickets.undecided import CARRYING, PENDING

LONGEST, LONGEST_NAME = 200, 60
REFUSED, REVISED = "refused", "revised"
WANTED = PENDING, CARRYING, "approved"
REPLACED = "顧客後來改了內容"  # kept in `why`; what was taken back for another reason has none


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
    if made.order is not None:
        _replace(session, ticket, made.order)
        row.order = ChangeOfOrder(number=made.order.number[:40], kind=made.order.kind, value=made.order.value[:200])
    session.add(row)
    session.flush()
    records.record(session, ticket, "proposal.made", proposal_id=row.id, about=made.kind, approvals=made.approvals)
    return row


def approve(
    session: Session, proposal_id: int, user_id: int, text: str, key: str, seen_message_id: int, value: str = ""
) -> Proposal:
    """Let it go out, with these words; a case that nobody has is taken with the same click.

    `value` is what an order's address, recipient or phone becomes, where it is not what the bot prepared. Where another
    has to approve as well, nothing goes out yet; a change is made first, and said then.
    """
    row, ticket, user = prepared.take(session, "approve", proposal_id, user_id)
    if row.decided_by == user.id and (row.state == CARRYING or row.message_id is not None):
        return row  # a second click
    _require_pending(row)
    _edit(row, user, text, value)
    if row.approvals > 1 and row.first_by is None:
        prepared.permit(session, ticket, user)
        records.require_seen(session, ticket, seen_message_id)
        row.first_by = user.id
        prepared.tell(session, row, ticket, "proposal.first_approved", user.id)
        return row
    _permit_last(session, row, ticket, user)
    _let_out(session, row, ticket, user, key, seen_message_id)
    return row


def refuse(session: Session, proposal_id: int, user_id: int, why: str) -> Proposal:
    """It does not go out; a change that was approved could not be made. Whoever has the case tells the customer."""
    row, ticket, user = prepared.take(session, "approve", proposal_id, user_id)
    if not carrying.is_by_hand(row):
        _require_pending(row)
    if row.first_by is None or user.role not in transitions.SENIORS:
        prepared.permit(session, ticket, user)
    reason = actions.written(why)[:200]
    row.state, row.why, row.decided_by, row.decided_at = REFUSED, reason, user.id, now()
    _drop(row)
    prepared.tell(session, row, ticket, "proposal.refused", user.id, why=reason)
    return row


def revise(
    session: Session, proposal_id: int, user_id: int, text: str, seen_message_id: int, value: str = ""
) -> Proposal:
    """What was not approved waits for people anew, as she has edited it; where two must approve, she is the first."""
    row, ticket, user = prepared.take(session, "approve", proposal_id, user_id)
    if not is_revisable(row):
        raise Refused("這份內容不能再提一次，請看現在的情形。")
    prepared.permit(session, ticket, user)
    records.require_seen(session, ticket, seen_message_id)
    if any(_is_instead(one, row) for one in of(session, ticket)):
        raise Refused("顧客後來改了內容，請處理後面那一份。")
    again = _copied(row)
    session.add(again)
    session.flush()
    _edit(again, user, text, value)
    row.state, again.edited_by = REVISED, user.id
    prepared.tell(session, again, ticket, "proposal.revised", user.id, of=row.id)
    if again.approvals > 1:
        again.first_by = user.id
        prepared.tell(session, again, ticket, "proposal.first_approved", user.id)
    return again


def is_revisable(row: Proposal) -> bool:
    """Whether it was not approved, and the shop's system surely made nothing of it."""
    return row.state == REFUSED and (row.order is None or row.order.state == "dropped")


def of(session: Session, ticket: Ticket) -> Sequence[Proposal]:
    """What was prepared on a case, oldest first."""
    known = select(Proposal).where(Proposal.ticket_id == ticket.id)
    known = known.options(joinedload(Proposal.first), joinedload(Proposal.decider), joinedload(Proposal.order))
    return session.scalars(known.order_by(Proposal.id)).all()


def may(row: Proposal, ticket: Ticket, user_id: int, role: str) -> bool:
    """Whether somebody can decide about it, as the case is now."""
    if role not in transitions.DESK or ticket.state not in transitions.TABLE["approve"]:
        return False
    if row.state == CARRYING or is_revisable(row):
        return ticket.assignee_id in (None, user_id) or role in transitions.LEADS
    if row.state != PENDING:
        return False
    if row.first_by is not None:
        return user_id != row.first_by and role in transitions.SENIORS
    return ticket.assignee_id in (None, user_id) or role in transitions.LEADS


def forget(session: Session, ticket: Ticket, text: str, facts: Mapping[str, object]) -> None:
    """The customer took words back: what was prepared of them cannot be approved any more, and nobody reads it."""
    for row in of(session, ticket):
        lost = {name: what for name, what in row.changes.items() if facts.get(name) == what or came_from(what, text)}
        kept = ((name, what) for name, what in row.changes.items() if name not in lost)
        left = {name: without(what, text) if isinstance(what, str) else what for name, what in kept}
        value = row.order.value if row.order is not None else ""
        if left == row.changes and not came_from(value, text):
            continue
        row.changes = left
        for what in filter(None, (value, *map(str, lost.values()), text.strip())):
            row.text = row.text.replace(what, VEIL)
        if row.state in (PENDING, CARRYING, REFUSED):
            row.state, row.decided_at = TAKEN_BACK, now()
            _drop(row)
        if row.order is not None:
            row.order.value = ""
            carrying.explain(row.order, None)  # a shop's refusal may repeat what it refuses
        records.record(session, ticket, "proposal.taken_back", proposal_id=row.id)


def go_along(session: Session, ticket: Ticket, into: Ticket) -> None:
    """The case goes on in another."""
    session.execute(update(Proposal).where(Proposal.ticket_id == ticket.id).values(ticket_id=into.id))


def _replace(session: Session, ticket: Ticket, newer: ports.OrderChange) -> None:
    """What he said before of the same thing, and nobody has approved, is not what he wants now."""
    for row in of(session, ticket):
        if row.state == PENDING and _is_of_the_same(row, newer):
            row.state, row.why, row.decided_at = TAKEN_BACK, REPLACED, now()
            _drop(row)
            records.record(session, ticket, "proposal.replaced", proposal_id=row.id)


def _is_instead(newer: Proposal, row: Proposal) -> bool:
    """Whether this is what the customer wants of the same thing since, made already or not."""
    return newer.id > row.id and newer.state in WANTED and row.order is not None and _is_of_the_same(newer, row.order)


def _is_of_the_same(row: Proposal, other: ports.OrderChange | ChangeOfOrder) -> bool:
    known = row.order
    return known is not None and known.kind == other.kind and numbers.key(known.number) == numbers.key(other.number)


def _copied(row: Proposal) -> Proposal:
    """The same, as nobody has decided about it."""
    plain = {name: getattr(row, name) for name in ("ticket_id", "kind", "text", "proof", "approvals")}
    order = row.order and ChangeOfOrder(number=row.order.number, kind=row.order.kind, value=row.order.value)
    return Proposal(**plain, changes=dict(row.changes), state=PENDING, order=order)


def _require_pending(row: Proposal) -> None:
    if row.state == TAKEN_BACK and row.why:
        raise Refused("顧客後來改了內容，請處理後面那一份。")
    if row.state == TAKEN_BACK:
        raise Refused("顧客收回了這份內容，不能再核准。")
    if row.state != PENDING:
        who = row.decider.name if row.decider else ""
        raise Refused("%(name)s已經決定過了。", name=who)


def _permit_last(session: Session, row: Proposal, ticket: Ticket, user: User) -> None:
    if row.first_by is None:
        prepared.permit(session, ticket, user)
    elif row.first_by == user.id:
        raise Refused("這份要兩個人核准，你已經核准過，請另一位二線或主管核准。")
    elif user.role not in transitions.SENIORS:
        raise Refused("第二位核准的人要是二線或主管。")


def _edit(row: Proposal, user: User, text: str, value: str) -> None:
    """Her words, and what she has changed; the first approval was of others."""
    words, order = actions.filled_in(text), row.order
    if order is not None and value.strip() and value.strip() != order.value:
        new = _checked(order.kind, value.strip())
        words = words.replace(order.value, new) if order.value else words
        order.value = new
        row.edited_by, row.first_by = user.id, None
    if order is not None and order.kind != "cancel" and order.value not in words:
        raise Refused("訂單會改成「%(value)s」，這段話裡要寫一樣的內容。", value=order.value).at("text")
    if words != row.text:
        row.text, row.edited_by, row.first_by = words, user.id, None


def _checked(kind: str, value: str) -> str:
    if kind == "phone" and not 8 <= len(numbers.phone(value)) <= 15:
        raise Refused("電話要有 8 到 15 個數字。").at("value")
    most = LONGEST_NAME if kind == "recipient" else LONGEST
    if len(value) > most:
        raise Refused("最多 %(most)s 個字。", most=most).at("value")
    return value


def _let_out(session: Session, row: Proposal, ticket: Ticket, user: User, key: str, seen_message_id: int) -> None:
    """In the name of whoever has the case; a senior who only approved it does not speak in it."""
    if row.kind == "change":
        records.require_seen(session, ticket, seen_message_id)
        carrying.begin(session, row, user)
        prepared.tell(session, row, ticket, "proposal.approved", user.id, edited=row.edited_by is not None)
        if carrying.is_by_hand(row) and ticket.assignee_id != user.id:
            prepared.tell(session, row, ticket, "proposal.by_hand", user.id, why=carrying.UNABLE)
        return
    speaker = ticket.assignee_id if row.first_by is not None and ticket.assignee_id is not None else user.id
    prepared.say(session, row, ticket, speaker, key, seen_message_id)
    row.decided_by, row.decided_at = user.id, now()
    prepared.tell(session, row, ticket, "proposal.approved", user.id, row.message_id, edited=row.edited_by is not None)


def _drop(row: Proposal) -> None:
    """The shop's system is not to make it any more; of a call that is under way, it says itself what came of it."""
    if row.order is not None and row.order.state in ("waiting", "queued", "by_hand"):
        row.order.state = "dropped"
