"""Checks of an identity: begun, tried a few times, over after ten minutes."""

from datetime import timedelta
from enum import Enum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot import journal, services
from bot.broker import SENDS
from bot.clock import after, now
from bot.language import VEIL, came_from
from bot.models import Conversation, IdentityCheck, Intake
from bot.proving import codes
from bot.proving.ways import masked

LIFE = timedelta(minutes=10)
TRIES = 5
ORDER = "order"
WAITING = ("queued", "sending")
OPEN = (*WAITING, "sent")


class Outcome(Enum):
    """What became of a code that somebody typed."""

    PROVED = "proved"
    WRONG = "wrong"
    LATE = "late"
    SPENT = "spent"


def begin(session: Session, intake: Intake, way: str, address: str, *, known: bool) -> IdentityCheck:
    """Have a code sent, as soon as this transaction is committed; one that was sent before is worth nothing now."""
    older = update(IdentityCheck).where(IdentityCheck.intake_id == intake.id, IdentityCheck.state.in_(OPEN))
    session.execute(older.values(state="spent"))
    row = IdentityCheck(intake_id=intake.id, way=way, address=address[:254], known=known)
    session.add(row)
    session.flush()
    services.current().broker.after_commit(session, "bot.proving.deliver", row.id, queue=SENDS)
    _tell(session, intake, "identity.asked", row)
    return row


def newest(session: Session, intake: Intake) -> IdentityCheck | None:
    """The check that counts."""
    of_intake = select(IdentityCheck).where(IdentityCheck.intake_id == intake.id)
    return session.scalar(of_intake.order_by(IdentityCheck.id.desc()).limit(1))


def recent(session: Session, conversation: Conversation) -> int:
    """How many codes this customer had sent within a day."""
    his = select(func.count()).select_from(IdentityCheck).join(Intake)
    codes_of = (Intake.conversation_id == conversation.id, IdentityCheck.way != ORDER)
    lately = his.where(*codes_of, IdentityCheck.created_at > after(-86_400))
    return session.scalar(lately) or 0


def sent_to(session: Session, address: str) -> int:
    """How many codes went to an address within a day, whoever named it: nobody is pestered in the shop's name."""
    lately = (IdentityCheck.address == address, IdentityCheck.created_at > after(-86_400))
    return session.scalar(select(func.count()).select_from(IdentityCheck).where(*lately)) or 0


def tried(session: Session, row: IdentityCheck, code: str) -> Outcome:
    """Whether it is the code. Each try is counted, and after a few no code is right any more."""
    if row.state not in OPEN:
        return Outcome.SPENT
    if row.expires_at is not None and row.expires_at < now():
        return Outcome.LATE
    row.tries += 1
    if codes.fits(code, row.key, row.digest):
        row.state = "proved"
    elif row.tries >= TRIES:
        row.state = "spent"
    _tell(session, row.intake, "identity.tried", row)
    return {"proved": Outcome.PROVED, "spent": Outcome.SPENT}.get(row.state, Outcome.WRONG)


def by_order(session: Session, intake: Intake, number: str) -> None:
    """He knew an order's number and the last digits of its phone; how often that may be tried counts `bot.orders`."""
    row = IdentityCheck(intake_id=intake.id, way=ORDER, address=number[:254], known=True, state="proved")
    session.add(row)
    session.flush()
    _tell(session, intake, "identity.tried", row)


def forget(session: Session, conversation: Conversation, text: str) -> None:
    """The customer took back the words in which an address or an order stood: nobody keeps it, and no code goes there.

    A code that is there already still proves who he is.
    """
    of_his = select(IdentityCheck).join(Intake).where(Intake.conversation_id == conversation.id)
    for row in session.scalars(of_his.where(IdentityCheck.address != "")):
        if (row.way == ORDER or not row.known) and came_from(row.address, text):
            row.address = ""
            row.state = "spent" if row.state in WAITING else row.state


def is_open(row: IdentityCheck) -> bool:
    """Whether its code may still be typed."""
    return row.state in OPEN and (row.expires_at is None or row.expires_at >= now())


def left(row: IdentityCheck) -> int:
    return TRIES - row.tries


def proof(row: IdentityCheck | None) -> str:
    """How he proved who he is, as staff read it; empty where he did not."""
    if row is None or row.state != "proved":
        return ""
    if row.way == ORDER:
        return f"訂單 {row.address or VEIL} 和訂購電話末三碼相符"
    whose = "我們登記的聯絡方式" if row.known else "顧客自己提供的，請和登記資料核對"
    where = masked(row.way, row.address) if row.address else VEIL
    return f"一次性驗證碼 {where}（{whose}）"


def _tell(session: Session, intake: Intake, kind: str, row: IdentityCheck) -> None:
    journal.write(
        session,
        kind,
        conversation_id=intake.conversation_id,
        intake_id=intake.id,
        check_id=row.id,
        way=row.way,
        known=row.known,
        state=row.state,
        tries=row.tries,
    )
