"""The page of the API tokens: who has one, what it may, when it was used; made, shown once, and revoked."""

from datetime import date, datetime, time, timedelta

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import auth, db
from bot.api import tokens as keys
from bot.api.scopes import READ_ALL, RESOURCES, SCOPES
from bot.auth.permissions import covers
from bot.clock import now
from bot.errors import Refused
from bot.models import ApiToken, User
from handoff.console.house.pages import blueprint, do, done_or_told, draw, found, given, told
from handoff.console.visit import leads, member, services

LONGEST_NAME = 80


@blueprint.get("/tokens")
@leads
def tokens() -> ResponseReturnValue:
    return _page()


@blueprint.post("/tokens")
@leads
def make_token() -> ResponseReturnValue:
    """The answer is the only place where the token is ever shown."""
    me = member()
    try:
        name, expires_at = _name(), _expires_at()
        role, scopes = given("role"), [scope for scope in request.form.getlist("scope") if scope in SCOPES]
        if role not in auth.ROLES:
            raise Refused("選一個角色。").at("role")
        made = do(lambda session: keys.create(session, name, role, scopes, expires_at=expires_at, by=me))
    except Refused as refused:
        return _page(told(refused)), 422
    return _page(made=made, name=name)


@blueprint.post("/tokens/<int(max=2147483647):token_id>/revoke")
@leads
def revoke_token(token_id: int) -> ResponseReturnValue:
    me = member()

    def deed(session: Session) -> None:
        found(session.get(ApiToken, token_id))
        keys.revoke(session, token_id, by=me)

    return done_or_told(deed, "tokens", gettext("已撤銷，這個金鑰再也不能用。"))


def _page(mistakes: dict[str, str] | None = None, made: str = "", name: str = "") -> str:
    with db.reading(services().sessions) as session:
        known = [token for token in keys.everything(session) if not token.revoked_at]
        return draw(
            "tokens",
            session,
            tokens=known[::-1],
            makers=_names(session, {token.made_by for token in known}),
            may_end={token.id for token in known if covers(member().role, token.user.role)},
            roles=[role for role in auth.ROLES if covers(member().role, role)],
            resources=RESOURCES,
            read_all=READ_ALL,
            at=now(),
            last_days={token.id: _last_day(token) for token in known},
            mistakes=mistakes or {},
            given=request.form if mistakes else {},
            ticked=request.form.getlist("scope") if mistakes else [],
            made=made,
            made_name=name,
        )


def _last_day(token: ApiToken) -> date | None:
    """The last day on which it opens something, on the shop's clock."""
    if token.expires_at is None:
        return None
    return (token.expires_at.astimezone(services().settings.zone) - timedelta(seconds=1)).date()


def _names(session: Session, users: set[int | None]) -> dict[int, str]:
    return {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(users - {None})))}


def _name() -> str:
    name = given("name")
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused("名稱要有 1 到 %(most)s 個字，同事會在它做的事旁邊看到。", most=LONGEST_NAME).at("name")
    return name


def _expires_at() -> datetime | None:
    """The end of the last day, on the shop's clock; None where it does not end."""
    if not given("last"):
        return None
    try:
        day = datetime.strptime(given("last"), "%Y-%m-%d").date()
    except ValueError:
        raise Refused("日期要像 2027-02-28。").at("last") from None
    ends = datetime.combine(day + timedelta(days=1), time(), services().settings.zone)
    if ends <= now():
        raise Refused("最後一天已經過了，選今天或之後。").at("last")
    return ends
