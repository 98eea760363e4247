"""Sending a code: made here, handed to who carries it, and forgotten but for its digest.

Whoever dies in between is followed by another, who makes a new code. What cannot be sent ends with a person.
"""

from dataclasses import dataclass, field
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, services
from bot.broker import SENDS, Job
from bot.clock import after, now
from bot.errors import SendError, TemporarySendError, UnknownOutcome
from bot.messages import Outbound
from bot.models import IdentityCheck
from bot.nlu import forms
from bot.ports import Parcel, Recipient, Spoken
from bot.proving import codes, sms
from bot.proving.checks import LIFE
from bot.services import Services
from bot.transactions import transact

SENDS_MOST = 3
PAUSE, DEAD_AFTER = 15.0, 40.0  # seconds
WAITING = ("queued", "sending")
BATCH = 50

log = structlog.get_logger()


@dataclass(frozen=True)
class Claim:
    """A code that this process sends now; `sends` proves that nobody took it over since."""

    id: int
    way: str
    address: str
    language: str
    key: str
    sends: int
    code: str = field(repr=False)


def deliver(check_id: int) -> None:
    """Send a check's code, unless somebody does, or it is not wanted any more."""
    current = services.current()
    claim = transact(current.sessions, partial(_claim, number=check_id))
    if claim is not None:
        state = _sent(current, claim)
        transact(current.sessions, partial(_settle, claim=claim, state=state))


def look(current: Services) -> None:
    """Have codes sent that are due: the net under the job."""
    due = select(IdentityCheck.id).where(IdentityCheck.state.in_(WAITING), IdentityCheck.due_at <= after(-2))
    with db.reading(current.sessions) as session:
        waiting = session.scalars(due.limit(BATCH)).all()
    if waiting and current.broker.backlog(SENDS) < BATCH:
        current.broker.enqueue_all([Job("bot.proving.deliver", (one,), SENDS) for one in waiting])


def _claim(session: Session, number: int) -> Claim | None:
    row = session.get(IdentityCheck, number, with_for_update=True)
    if row is None or row.state not in WAITING or row.due_at > now():
        return None
    if row.sends >= SENDS_MOST:
        _give_up(row)
        return None
    code = codes.make()
    row.digest, row.expires_at = codes.digest(code, row.key), now() + LIFE
    row.state, row.sends, row.due_at = "sending", row.sends + 1, after(DEAD_AFTER)
    return Claim(row.id, row.way, row.address, row.intake.language, row.key, row.sends, code)


def _sent(current: Services, claim: Claim) -> str:
    """What became of it: what may have arrived counts as sent, since he can ask for another."""
    try:
        _hand_over(current, claim)
    except UnknownOutcome:
        return "sent"
    except TemporarySendError as error:
        log.warning("identity.not_sent", check_id=claim.id, status=error.status)
        return "queued"
    except SendError as error:
        log.error("identity.refused", check_id=claim.id, status=error.status)
        return "failed"
    return "sent"


def _hand_over(current: Services, claim: Claim) -> None:
    says = forms.words_in(claim.language).says
    text = says.prove_letter.format(code=claim.code, minutes=LIFE.seconds // 60, shop=current.settings.shop_name)
    key = f"{claim.key[:-2]}{claim.sends:02d}"  # each try carries a code of its own, so it is another message
    if claim.way == "phone":
        sms.send(current.settings, claim.address, text, key)
        return
    said = Spoken(Outbound(text, subject=says.prove_title), "system", "")
    current.wiring.channels["email"].send(Parcel(Recipient("", "user", claim.address), (said,), key))


def _settle(session: Session, claim: Claim, state: str) -> None:
    row = session.get_one(IdentityCheck, claim.id, with_for_update=True)
    if row.state != "sending" or row.sends != claim.sends:
        return
    if state == "failed" or (state == "queued" and row.sends >= SENDS_MOST):
        _give_up(row)
    else:
        row.state, row.due_at = state, after(PAUSE * row.sends)


def _give_up(row: IdentityCheck) -> None:
    """It cannot be sent: his form is due at once, and a person gets it."""
    row.state = "failed"
    if row.intake.state == "asking":
        row.intake.due_at = now()
