"""New passwords: one's own, and the one-time password for a colleague who lost hers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.auth import accounts, passwords, permissions, sign_ins
from bot.clock import now
from bot.models import User


def change(session: Session, user_id: int, password_hash: str, here: str) -> None:
    """Somebody has chosen a password; every browser but this one is signed out."""
    user = session.get_one(User, user_id)
    user.password_hash, user.one_time_until = password_hash, None
    sign_ins.end_others(session, user_id, here)
    journal.write(session, "user.password_changed", user_id=user_id)


def reset(session: Session, username: str, password_hash: str, by: int | None) -> User:
    """The next sign-in takes this password, within a day, and asks for a new one; all others end."""
    user = accounts.find(session, username)
    user.password_hash, user.one_time_until = password_hash, now() + passwords.ONE_TIME_LASTS
    sign_ins.end_all(session, user.id, by)
    journal.write(session, "user.password_reset", user_id=by, member=user.id)
    return user


def helped_by(session: Session, helper_role: str, helper_id: int) -> list[User]:
    """Whom somebody may let in again: whoever may do nothing that the helper may not, but not oneself."""
    people = select(User).where(User.active, User.password_hash != passwords.NOBODY, User.id != helper_id)
    everybody = session.scalars(people.order_by(User.name))
    return [user for user in everybody if permissions.covers(helper_role, user.role)]
