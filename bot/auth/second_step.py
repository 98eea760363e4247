"""The second step of a sign-in: the code of an app on one's own phone (TOTP), or a recovery code where that is lost."""

import hashlib

import pyotp
import structlog
from pyotp.utils import strings_equal
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from bot import db, journal
from bot.auth import keys, passwords, sign_ins, throttle
from bot.auth.attempts import Attempt, settle
from bot.auth.permissions import ROLES
from bot.clock import now
from bot.errors import SettingsError
from bot.models import RecoveryCode, SecondStep
from bot.settings import Settings
from bot.transactions import transact

RECOVERY_CODES = 10
DRIFT = (0, -1, 1)  # a phone's clock may be half a minute off

log = structlog.get_logger()


def required(settings: Settings) -> frozenset[str]:
    """The roles that must have one."""
    named = frozenset(settings.second_step_for)
    if unknown := named - frozenset(ROLES):
        raise SettingsError(f"SECOND_STEP_ROLES: nobody is {', '.join(sorted(unknown))}; roles: {', '.join(ROLES)}")
    return named


def draft() -> str:
    """A new secret, which counts once a code of it has been given."""
    return pyotp.random_base32()


def address(secret: str, username: str, shop: str) -> str:
    """What an authenticator app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=shop)


def of(session: Session, user_id: int) -> SecondStep | None:
    return session.get(SecondStep, user_id)


def those_who_have_one(session: Session) -> set[int]:
    return set(session.scalars(select(SecondStep.user_id)))


def set_up(session: Session, settings: Settings, user_id: int, secret: str, code: str, here: str) -> list[str]:
    """From now on each sign-in asks for a code, and every browser but this one is signed out.

    Returns the recovery codes, this once; none where the code is wrong.
    """
    step = _step(secret, code)
    if step is None or of(session, user_id):
        return []
    session.add(SecondStep(user_id=user_id, secret=keys.seal(settings, secret), last_step=step))
    codes = [passwords.one_time() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, digest=_digest(user_id, code)) for code in codes)
    sign_ins.end_others(session, user_id, here)
    journal.write(session, "user.second_step_set_up", user_id=user_id)
    return codes


def take_off(session: Session, user_id: int, by: int | None) -> None:
    """The password is enough again; where somebody else takes it off (a lost phone), all sign-ins end."""
    session.execute(delete(SecondStep).where(SecondStep.user_id == user_id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    if by != user_id:
        sign_ins.end_all(session, user_id, by)
    journal.write(session, "user.second_step_removed", user_id=by, member=user_id)


def codes_left(session: Session, user_id: int) -> int:
    unused = RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def attempt(sessions: db.Sessions, settings: Settings, user_id: int, code: str) -> Attempt:
    """Check a code of the app, or a recovery code: each is good once.

    Wrong ones are counted for the person, from wherever they come: who gets here knows the password.
    """
    key = throttle.key(f"second step {user_id}", "")
    with db.reading(sessions) as session:
        until, own = throttle.blocked_until(session, key), of(session, user_id)
    if until is not None:
        return Attempt(blocked_until=until)
    step = _step(_secret(settings, own), code) if own else None

    def proven(session: Session) -> int | None:
        return user_id if _spent(session, user_id, step) or _recovered(session, user_id, code) else None

    return transact(sessions, lambda session: settle(session, key, user_id, proven))


def _secret(settings: Settings, own: SecondStep) -> str:
    secret = keys.unseal(settings, own.secret)
    if secret is None:
        log.error("second_step.sealed_with_another_key", user_id=own.user_id)
    return secret or ""


def _step(secret: str, code: str) -> int | None:
    """Which half minute a code belongs to; None: it is none of these."""
    if not secret:
        return None
    app, given = pyotp.TOTP(secret), code.replace(" ", "")
    steps = [app.timecode(now()) + drift for drift in DRIFT]
    return next((step for step in steps if strings_equal(app.generate_otp(step), given)), None)


def _spent(session: Session, user_id: int, step: int | None) -> bool:
    """Whether this code is newer than the last one that was taken; whoever overheard one comes too late with it."""
    if step is None:
        return False
    newer = or_(SecondStep.last_step.is_(None), SecondStep.last_step < step)
    spend = update(SecondStep).where(SecondStep.user_id == user_id, newer).values(last_step=step)
    return bool(session.scalars(spend.returning(SecondStep.user_id)).all())


def _recovered(session: Session, user_id: int, code: str) -> bool:
    unused = RecoveryCode.digest == _digest(user_id, code), RecoveryCode.used_at.is_(None)
    use = update(RecoveryCode).where(*unused).values(used_at=now()).returning(RecoveryCode.id)
    right = bool(session.scalars(use).all())
    if right:
        journal.write(session, "user.recovery_code_used", user_id=user_id, left=codes_left(session, user_id))
    return right


def _digest(user_id: int, code: str) -> str:
    """79 random bits need no slow hash."""
    plain = code.strip().lower()
    return hashlib.sha256(f"{user_id}\0{plain}".encode("utf-8", "surrogatepass")).hexdigest()
