"""The pages of our accounts on the platforms: how each stands, tried at the platform, and further ones with their keys.

Keys are checked with the platform before they are kept, kept sealed, and never shown again.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.auth import channel_keys
from bot.clock import now
from bot.errors import Refused, SendError
from bot.models import Account, AccountKeys, Event, User
from bot.ports import Channel, Checkup
from handoff.console.house.pages import back, blueprint, do, draw, found, given, runs_the_house, told
from handoff.console.visit import member, services

LINE = "line"
ONE = "/channels/<int(max=2147483647):account_id>"
LONGEST_SECRET, LONGEST_TOKEN = 200, 2000


@dataclass(frozen=True)
class Standing:
    """An account, its keys if the shop keeps them, who set those, and when something last came in by it."""

    account: Account
    keys: AccountKeys | None
    set_by: str
    heard_at: datetime | None


@blueprint.get("/channels")
@runs_the_house
def channels() -> ResponseReturnValue:
    return _list()


@blueprint.post("/channels")
@runs_the_house
def add_channel() -> ResponseReturnValue:
    """A further account, whose token tells which one it is."""
    name, secret, token, by = (
        given("name", 80),
        given("secret", LONGEST_SECRET),
        given("token", LONGEST_TOKEN),
        member().id,
    )
    try:
        known = _identified(secret, token)
        if _is_the_first(known):
            raise Refused("「%(name)s」由環境變數設定，在這裡不能改。", name=known.name).at("token")
        account_id = do(lambda s: channel_keys.put(s, services().settings, LINE, known, name, secret, token, by=by))
    except Refused as refused:
        return _list(told(refused)), 422
    return back("channel", gettext("已儲存。把下面的網址貼到 LINE Developers，再測試連線。"), account_id=account_id)


@blueprint.get(ONE)
@runs_the_house
def channel(account_id: int) -> ResponseReturnValue:
    return _one(account_id)


@blueprint.post(ONE)
@runs_the_house
def replace_keys(account_id: int) -> ResponseReturnValue:
    """Other keys of the same account; for its webhooks the secret before is good as well."""
    name, secret, token, by = (
        given("name", 80),
        given("secret", LONGEST_SECRET),
        given("token", LONGEST_TOKEN),
        member().id,
    )
    try:
        known = _identified(secret, token)

        def put(session: Session) -> None:
            channel_keys.replaceable(found(session.get(AccountKeys, account_id)), known)
            channel_keys.put(session, services().settings, LINE, known, name, secret, token, by=by)

        do(put)
    except Refused as refused:
        return _one(account_id, told(refused)), 422
    return back("channel", gettext("已換成新的。"), account_id=account_id)


@blueprint.post(f"{ONE}/check")
@runs_the_house
def check_channel(account_id: int) -> ResponseReturnValue:
    """Have the platform say who the account is, and call our webhook."""
    with db.reading(services().sessions) as session:
        account = found(session.get(Account, account_id))
    try:
        return _one(account_id, checked=_platform(account.channel).check_up(account.external_id))
    except SendError as error:
        return _one(account_id, told(_refused(error)))


def _list(mistakes: dict[str, str] | None = None) -> str:
    with db.reading(services().sessions) as session:
        spoken = select(Account).where(Account.channel.in_(services().wiring.channels)).order_by(Account.id)
        accounts = session.scalars(spoken).all()
        standing = [_standing(session, account) for account in accounts]
        known = {"channels": standing, "webhook": _webhook(), "at": now()}
        return draw("channels", session, mistakes=mistakes or {}, given=_typed(), **known)


def _one(account_id: int, mistakes: dict[str, str] | None = None, checked: Checkup | None = None) -> str:
    with db.reading(services().sessions) as session:
        standing = _standing(session, found(session.get(Account, account_id)))
        known = {"channel": standing, "checked": checked, "webhook": _webhook(), "at": now()}
        return draw("channel", session, mistakes=mistakes or {}, given=_typed(), **known)


def _typed() -> dict[str, str]:
    """What of a refused form is shown again: never keys."""
    return {"name": given("name", 80)} if "name" in request.form else {}


def _standing(session: Session, account: Account) -> Standing:
    keys = session.get(AccountKeys, account.id)
    heard = select(Event.received_at).where(Event.account_id == account.id).order_by(Event.id.desc()).limit(1)
    by = session.get(User, keys.set_by) if keys else None
    return Standing(account, keys, by.name if by else "", session.scalar(heard))


def _identified(secret: str, token: str) -> Checkup:
    """Whose keys these are, as the platform says; Refused at the field that is wrong."""
    for field, value in (("secret", secret), ("token", token)):
        if not value or not value.isascii() or not value.isprintable() or "," in value or " " in value:
            raise Refused("從 LINE Developers 整段複製貼上，中間沒有空白。").at(field)
    try:
        return _platform(LINE).identify(token)
    except SendError as error:
        raise _refused(error).at("token") from error


def _is_the_first(known: Checkup) -> bool:
    """Whether it is the account of the environment; while the platform does not tell, it may be."""
    try:
        return _platform(LINE).identify("").external_id == known.external_id
    except SendError as error:
        raise _refused(error) from error


def _refused(error: SendError) -> Refused:
    if error.status in (401, 403):
        return Refused("LINE 不接受這個 token。在 LINE Developers 重新發行，再整段貼上。")
    return Refused("現在問不到 LINE（%(why)s），什麼都沒有改，過一會再試。", why=error.reason)


def _platform(name: str) -> Channel:
    return found(services().wiring.channels.get(name))


def _webhook() -> str:
    """Where the platform is to send what customers write."""
    return f"{services().settings.pages}/webhooks/{LINE}"
