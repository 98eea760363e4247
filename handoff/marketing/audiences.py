"""The audience at LINE of those to whom marketing must not write, kept up to date for each account.

A row says what shall be done before it is done, and what came of it after; a call that failed or broke off is made
again. LINE takes nobody out of an audience: so that who may be written to again is, a new one replaces it now and then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from bot import db, services
from bot.broker import SENDS
from bot.clock import after, now
from bot.errors import PermanentSendError, SendError
from bot.models import Account, Identity
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from handoff.marketing import suppression
from handoff.models import AudienceCall

MOST = 10_000  # users in one call
ROUND = 20
RENEWED = timedelta(minutes=15)  # so long an audience may hold somebody who was let go
DEAD_AFTER = 30.0  # seconds, within which a call has ended
PAUSE, LONGEST_PAUSE = 30.0, 3600.0
LINE = "line"
NAME = "Frontline 暫停行銷"

log = structlog.get_logger()


@dataclass(frozen=True)
class Claim:
    """A call that this process makes now; `attempts` proves that nobody took it over since."""

    id: int
    attempts: int
    deed: str
    account: str
    users: tuple[str, ...]
    audience: int | None
    name: str


@every(20)
def look(current: Services) -> None:
    """Plan what differs, and have done what is due."""
    if not current.settings.line_suppression_audience:
        return
    with db.reading(current.sessions) as session:
        accounts = session.scalars(select(Account.id).where(Account.channel == LINE)).all()
    for account in accounts:
        transact(current.sessions, partial(_plan, account=account))
    with db.reading(current.sessions) as session:
        due = session.scalars(select(AudienceCall.id).where(_due()).order_by(AudienceCall.id).limit(ROUND)).all()
    for one in due:
        if not current.broker.enqueue("handoff.marketing.audiences.do", one, queue=SENDS):
            do(one)


def do(call_id: int) -> None:
    """Make a call, unless somebody does: a job."""
    current = services.current()
    claim = transact(current.sessions, partial(_claim, call_id=call_id))
    if claim is None:
        return
    try:
        came_of: int | SendError = _made(current, claim)
    except SendError as failure:
        came_of = failure
        log.warning("audience.not_kept", call_id=claim.id, deed=claim.deed, status=failure.status)
    transact(current.sessions, partial(_settle, claim=claim, came_of=came_of))


def standing(session: Session) -> Sequence[AudienceCall]:
    """Each account's last call, for the page."""
    newest: dict[int, AudienceCall] = {}
    calls = select(AudienceCall).where(AudienceCall.deed != "delete").order_by(AudienceCall.id.desc()).limit(200)
    for call in session.scalars(calls):
        newest.setdefault(call.account_id, call)
    return list(newest.values())


def left_over(session: Session) -> Sequence[AudienceCall]:
    """Audiences that LINE does not let us delete: somebody does it in LINE's manager."""
    refused = select(AudienceCall).where(AudienceCall.deed == "delete", AudienceCall.state == "failed")
    return session.scalars(refused.order_by(AudienceCall.id.desc()).limit(20)).all()


def _plan(session: Session, account: int) -> None:
    """One row of what shall be done next, where none waits. The account's lock keeps two tickers from both doing so."""
    session.execute(select(Account.id).where(Account.id == account).with_for_update(key_share=True))
    open_ones = AudienceCall.state == "queued", AudienceCall.deed != "delete"
    waits = select(AudienceCall.id).where(AudienceCall.account_id == account, *open_ones)
    if session.scalar(waits.limit(1)) is not None:
        return
    base, known = _kept(session, account)
    wanted = _wanted(session, account)
    new, gone = sorted(wanted - known), known - wanted
    if base is None and not wanted:
        return
    if base is None or (gone and base.made_at <= now() - RENEWED):
        session.add(AudienceCall(account_id=account, deed="create", users=sorted(wanted)[:MOST]))
    elif new:
        session.add(AudienceCall(account_id=account, deed="add", users=new[:MOST], audience=base.audience))


def _kept(session: Session, account: int) -> tuple[AudienceCall | None, set[str]]:
    """The audience in force, by the call that made it, and who is in it."""
    done = AudienceCall.account_id == account, AudienceCall.state == "done"
    made = select(AudienceCall).where(*done, AudienceCall.deed == "create").order_by(AudienceCall.id.desc()).limit(1)
    base = session.scalar(made)
    if base is None:
        return None, set()
    added = select(AudienceCall).where(*done, AudienceCall.deed == "add", AudienceCall.id > base.id)
    return base, set(base.users).union(*(call.users for call in session.scalars(added)))


def _wanted(session: Session, account: int) -> set[str]:
    held = suppression.identities().where(Identity.account_id == account)
    return {one.external_id for one in session.scalars(held)}


def _due() -> ColumnElement[bool]:
    return and_(AudienceCall.state == "queued", AudienceCall.due_at <= now())


def _claim(session: Session, call_id: int) -> Claim | None:
    call = session.get(AudienceCall, call_id, with_for_update=True)
    if call is None or call.state != "queued" or call.due_at > now():
        return None
    call.attempts, call.due_at = call.attempts + 1, after(DEAD_AFTER)
    name = f"{NAME} {call.key}"
    users = tuple(call.users)
    return Claim(call.id, call.attempts, call.deed, call.account.external_id, users, call.audience, name)


def _made(current: Services, claim: Claim) -> int:
    """Make the call; one that was tried before and may have gone out is looked for first."""
    audiences = current.wiring.audiences
    if claim.deed == "create":
        before = audiences.find(claim.account, claim.name) if claim.attempts > 1 else None
        return before or audiences.create(claim.account, claim.name, claim.users)
    assert claim.audience is not None
    if claim.deed == "add":
        audiences.add(claim.account, claim.audience, claim.users)
    else:
        audiences.delete(claim.account, claim.audience)
    return claim.audience


def _settle(session: Session, claim: Claim, came_of: int | SendError) -> None:
    call = session.get_one(AudienceCall, claim.id, with_for_update=True)
    if call.state != "queued" or call.attempts != claim.attempts:
        return
    if isinstance(came_of, SendError):
        _failed(session, call, came_of)
        return
    before, _ = _kept(session, call.account_id)
    call.state, call.audience, call.error, call.done_at = "done", came_of, "", now()
    if call.deed == "create" and before is not None:
        _replace(session, before)


def _failed(session: Session, call: AudienceCall, failure: SendError) -> None:
    """Later again; but what LINE will never take ends here. Who was to be added gets a new audience with the others,
    since somebody deleted the old one in LINE's manager.
    """
    call.error, call.due_at = str(failure)[:200], after(min(PAUSE * 2 ** min(call.attempts, 10), LONGEST_PAUSE))
    if call.deed == "create" or not isinstance(failure, PermanentSendError):
        return
    call.state = "failed"
    base, _ = _kept(session, call.account_id)
    if call.deed == "add" and base is not None:
        _replace(session, base, RENEWED)


def _replace(session: Session, before: AudienceCall, later: timedelta = timedelta()) -> None:
    """The older audience is not needed any more, once a newer one is there; nor are the names in its rows. It never
    comes into force again, and does not stay at LINE."""
    due = now() + later
    session.add(AudienceCall(account_id=before.account_id, deed="delete", audience=before.audience, due_at=due))
    old = AudienceCall.account_id == before.account_id, AudienceCall.audience == before.audience
    for call in session.scalars(select(AudienceCall).where(*old)):
        call.users = []
    before.state = "gone"
