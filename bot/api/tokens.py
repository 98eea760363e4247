"""Tokens of programs: each acts as a member of staff of its own, whose role says what it may do.

Only a digest is kept, so a token is shown once. 256 random bits need no slow hash.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from bot import journal
from bot.api.scopes import SCOPES
from bot.auth import Member
from bot.auth.passwords import NOBODY
from bot.auth.permissions import ROLES, covers
from bot.clock import now
from bot.errors import FrontlineError, Refused
from bot.models import ApiToken, User

PREFIX = "fl_"
NOTED = timedelta(hours=1)


def create(
    session: Session,
    name: str,
    role: str,
    allowed: Iterable[str] = (),
    *,
    expires_at: datetime | None = None,
    by: Member | None = None,
) -> str:
    """A new token for a program called `name`, which people see beside what it does; with scopes it may do less."""
    kept = _known(role, allowed)
    if by is not None and not covers(by.role, role):
        raise Refused("這個角色的權限比你大，要請管理員建立。").at("role")
    token = PREFIX + secrets.token_urlsafe(32)
    user = User(username=f"api-{secrets.token_hex(6)}", name=name, role=role, password_hash=NOBODY)
    session.add(user)
    session.flush()
    maker = by.id if by else None
    session.add(ApiToken(digest=_digest(token), user_id=user.id, scopes=kept, made_by=maker, expires_at=expires_at))
    ends = expires_at.isoformat() if expires_at else None
    made = {"name": name, "role": role, "scopes": kept, "expires_at": ends}
    journal.changed(session, "token.created", {}, made, by=maker, member=user.id)
    return token


def _known(role: str, allowed: Iterable[str]) -> list[str]:
    """The scopes as they are kept; refused where role or scope is none of ours."""
    if role not in ROLES:
        raise FrontlineError(f"unknown role {role!r}; one of {', '.join(ROLES)}")
    kept = sorted(set(allowed))
    if unknown := [scope for scope in kept if scope not in SCOPES]:
        raise FrontlineError(f"unknown scope {unknown[0]!r}; one of {', '.join(SCOPES)}")
    return kept


def find(session: Session, token: str) -> ApiToken | None:
    """The token, with its user, unless it was revoked or its time is over."""
    lasts = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now())
    known = select(ApiToken).where(ApiToken.digest == _digest(token), ApiToken.revoked_at.is_(None), lasts)
    found = session.scalars(known.options(joinedload(ApiToken.user))).one_or_none()
    return found if found and found.user.active else None


def note_use(session: Session, token_id: int) -> None:
    """When it was used last, to the hour."""
    session.get_one(ApiToken, token_id).used_at = now()


def stale(token: ApiToken) -> bool:
    """Whether its last use is to be noted again."""
    return token.used_at is None or now() - token.used_at > NOTED


def revoke(session: Session, token_id: int, by: Member | None = None) -> None:
    """It opens nothing from now on."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise FrontlineError(f"there is no token {token_id}")
    if by is not None and not covers(by.role, token.user.role):
        raise Refused("這個金鑰的權限比你大，要請管理員撤銷。")
    token.revoked_at = token.revoked_at or now()
    token.user.active = False
    journal.write(session, "token.revoked", user_id=by.id if by else None, member=token.user_id)


def everything(session: Session) -> Sequence[ApiToken]:
    return session.scalars(select(ApiToken).options(joinedload(ApiToken.user)).order_by(ApiToken.id)).all()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
