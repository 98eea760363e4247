"""The shop's system makes the changes of orders that people approved: called once, with no transaction open.

The row says that it is called before it is, and what came of it after. Of a call that broke off nobody knows: it is not
repeated, a colleague looks. What was surely not made is tried a few times. What the system makes by and by is looked
at again, at due times and with no worker waiting, until it is made or took too long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, services
from bot.broker import SENDS
from bot.clock import after, now
from bot.errors import ChangeRefused, ChangeUnclear, ChangeUnderWay, OrdersAway, Reasoned
from bot.ports import CHANGEABLE, ChangeKind, Order, OrderChange
from bot.services import Services
from bot.sweeper import BACKLOG, MANY, every
from bot.transactions import transact
from handoff.models import ChangeOfOrder
from handoff.tickets import carrying, owning, prepared, records, undecided
from handoff.tickets.owning import Whose

ROUND = 20
FULL = BACKLOG + MANY  # jobs: messages alone fill their queue to that many, and must not hold back what is looked at
DEAD_AFTER = 120.0  # seconds, within which a call has ended
BEGINS_WITHIN = 20.0  # seconds: who was held up for longer calls nobody any more
TRIES, PAUSE = 5, 4.0
AWAY, REFUSED, UNCLEAR, UNDER_WAY = "away", "refused", "unclear", "under_way"
BY_AND_BY = 600.0  # seconds, within which what the system took is made
FIRST_LOOK, LONGEST_PAUSE = 2.0, 60.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Claim:
    """A call that this process makes now; `calls` proves that nobody settled it since."""

    id: int
    calls: int
    wanted: OrderChange
    whose: Whose
    begin_by: datetime


@dataclass(frozen=True)
class Outcome:
    """What came of a call: why a colleague has to look, and the reason in words; it was made where there is none."""

    why: str = ""
    reason: Reasoned | None = None


MADE = Outcome()


@every(1)
def look(current: Services) -> None:
    """Have made what is due, have looked at what is under way, and shown to colleagues what broke off."""
    with db.reading(current.sessions) as session:
        lost, due, taken = (_due(session, state) for state in ("calling", "queued", UNDER_WAY))
    for one in lost:
        transact(current.sessions, partial(_broke_off, change_id=one))
    if current.broker.backlog(SENDS) > FULL:
        return  # what is due waits there already, or is early enough a little later
    for one in due:
        if not current.broker.enqueue("handoff.changing.make", one, queue=SENDS):
            make(one)
    for one in taken:
        if not current.broker.enqueue("handoff.changing.follow", one, queue=SENDS):
            follow(one)


def make(change_id: int) -> None:
    """Make a change, unless somebody does: a job."""
    current = services.current()
    claim = transact(current.sessions, partial(_claim, change_id=change_id))
    if claim is not None:
        came_of = _made(current, claim)
        log.info("order.changed", change_id=claim.id, came_of=came_of.why or "made")
        transact(current.sessions, partial(_settle, claim=claim, came_of=came_of))


def follow(change_id: int) -> None:
    """See whether what the system took is made by now: a job."""
    current = services.current()
    number = transact(current.sessions, partial(_looks_at, change_id=change_id))
    if number:
        made = _is_over(current, change_id, number)
        transact(current.sessions, partial(_looked_at, change_id=change_id, made=made))


def _due(session: Session, state: str) -> Sequence[int]:
    due = select(ChangeOfOrder.id).where(ChangeOfOrder.state == state, ChangeOfOrder.due_at <= now())
    return session.scalars(due.order_by(ChangeOfOrder.due_at).limit(ROUND)).all()


def _claim(session: Session, change_id: int) -> Claim | None:
    change = _locked(session, change_id)
    if change.state != "queued" or change.due_at > now():
        return None
    if change.proposal.state != undecided.CARRYING:
        change.state = "dropped"  # taken back while an earlier try was under way
        return None
    change.state, change.calls, change.due_at = "calling", change.calls + 1, after(DEAD_AFTER)
    wanted = OrderChange(change.number, cast(ChangeKind, change.kind), change.value)
    whose = owning.whose(session, change.proposal.ticket)
    return Claim(change.id, change.calls, wanted, whose, after(BEGINS_WITHIN))


def _made(current: Services, claim: Claim) -> Outcome:
    orders = current.wiring.orders
    try:
        order = orders.by_number(claim.wanted.number)
        _require_changeable(claim, order)
        if now() > claim.begin_by:
            return Outcome(AWAY, ChangeRefused("沒有來得及執行"))
        if not _is_cancelled(claim, order):
            orders.change(claim.wanted)
    except OrdersAway as away:
        log.warning("order.change_away", change_id=claim.id, reason=str(away))
        return Outcome(AWAY)
    except ChangeRefused as refused:
        return Outcome(REFUSED, refused)
    except ChangeUnderWay:
        return Outcome(UNDER_WAY)
    except ChangeUnclear as unclear:
        cause = type(unclear.__cause__).__name__
        log.warning("order.change_unclear", change_id=claim.id, reason=str(unclear), cause=cause)
        return Outcome(UNCLEAR, unclear)
    except Exception:  # whatever broke it off, the shop may have made it before
        log.exception("order.change_broken", change_id=claim.id)
        return Outcome(UNCLEAR, _broken_off())
    return MADE


def _require_changeable(claim: Claim, order: Order | None) -> None:
    """Refused where this order is not to be changed, whatever its system says to it."""
    if order is None:
        raise ChangeRefused("訂單系統裡沒有 %(number)s", number=claim.wanted.number)
    if not claim.whose.has(order):
        raise ChangeRefused("還沒有確認這筆訂單是這位顧客的，系統不會改別人的訂單")
    if order.state not in CHANGEABLE and not _is_cancelled(claim, order):
        raise ChangeRefused("訂單已經出貨或結束，或看不出還能不能改")


def _broken_off() -> ChangeUnclear:
    return ChangeUnclear("連線中斷，不知道訂單系統改了沒有")


def _is_cancelled(claim: Claim, order: Order | None) -> bool:
    """Whether there is nothing left to do."""
    return claim.wanted.kind == "cancel" and order is not None and order.state == "cancelled"


def _settle(session: Session, claim: Claim, came_of: Outcome) -> None:
    """Good news is never too late; a failure counts only for who still has the call."""
    change, why = _locked(session, claim.id), came_of.why
    mine = change.state == "calling" and change.calls == claim.calls
    if not why and change.state in ("calling", "by_hand", "dropped") and change.calls == claim.calls:
        carrying.made(session, change)
    elif mine and why == UNDER_WAY:
        change.state, change.due_at, change.until = UNDER_WAY, after(FIRST_LOOK), after(BY_AND_BY)
    elif mine and why != UNCLEAR and change.proposal.state != undecided.CARRYING:
        change.state = "dropped"  # taken back meanwhile, and surely not made
    elif mine and why == AWAY and change.calls % TRIES:
        change.state, change.due_at = "queued", after(PAUSE * 2 ** (change.calls % TRIES))
        carrying.explain(change, came_of.reason)
    elif mine and why:
        carrying.look(session, change, why, came_of.reason)


def _looks_at(session: Session, change_id: int) -> str:
    """The order to look at; the next look is as far away as the first one is by now."""
    change = _locked(session, change_id)
    if change.state != UNDER_WAY or change.due_at > now() or change.until is None:
        return ""
    so_far = BY_AND_BY - (change.until - now()).total_seconds()
    change.due_at = after(min(max(so_far, FIRST_LOOK), LONGEST_PAUSE))
    return change.number


def _is_over(current: Services, change_id: int, number: str) -> bool:
    """It was taken: that nobody can tell now does not mean that it was not made."""
    try:
        order = current.wiring.orders.by_number(number)
    except OrdersAway:
        return False
    except Exception:  # whatever it is, a colleague gets it in the end
        log.exception("order.look_broken", change_id=change_id)
        return False
    return order is not None and order.state == "cancelled"


def _looked_at(session: Session, change_id: int, made: bool) -> None:
    change = _locked(session, change_id)
    if change.state != UNDER_WAY:
        return
    if made:
        carrying.made(session, change)
    elif change.until is None or change.until <= now():
        carrying.look(session, change, UNCLEAR, ChangeUnclear("訂單系統收下了這項變更，還沒有完成"))


def _broke_off(session: Session, change_id: int) -> None:
    change = _locked(session, change_id)
    if change.state == "calling" and change.due_at <= now():
        carrying.look(session, change, UNCLEAR, _broken_off())


def _locked(session: Session, change_id: int) -> ChangeOfOrder:
    """Under its case's lock, which is taken before the row."""
    change = session.get_one(ChangeOfOrder, change_id)
    records.held(session, change.proposal.ticket_id)
    prepared.refresh(session, change.proposal)
    return change
