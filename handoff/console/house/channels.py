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
from handoff.console.house.platforms import PLATFORMS, Platform
from handoff.console.visit import member, services

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
    on, (name, secret, token), by = _chosen(), _keys(), member().id
    try:
        known = _identified(on, secret, token)
        if _is_the_first(on, known):
            raise Refused("「%(name)s」由環境變數設定，在這裡不能改。", name=known.name).at("token")
        kept = services().settings
        account_id = do(lambda s: channel_keys.put(s, kept, on.channel, known, name, secret, token, by=by))
    except Refused as refused:
        return _list(told(refused)), 422
    done = gettext("已儲存。把下面的網址貼到 %(portal)s，再測試連線。", portal=on.portal)
    return back("channel", done, account_id=account_id)


@blueprint.get(ONE)
@runs_the_house
def channel(account_id: int) -> ResponseReturnValue:
    return _one(account_id)


@blueprint.post(ONE)
@runs_the_house
def replace_keys(account_id: int) -> ResponseReturnValue:
    """Other keys of the same account; for its webhooks the secret before is good as well."""
    on, (name, secret, token), by = _of(account_id), _keys(), member().id
    try:
        known = _identified(on, secret, token)

        def put(session: Session) -> None:
            channel_keys.replaceable(found(session.get(AccountKeys, account_id)), known)
            channel_keys.put(session, services().settings, on.channel, known, name, secret, token, by=by)

        do(put)
    except Refused as refused:
        return _one(account_id, told(refused)), 422
    return back("channel", gettext("已換成新的。"), account_id=account_id)


@blueprint.post(f"{ONE}/check")
@runs_the_house
def check_channel(account_id: int) -> ResponseReturnValue:
    """Have the platform say who the account is, and call our webhook."""
    on = _of(account_id)
    with db.reading(services().sessions) as session:
        account = found(session.get(Account, account_id))
    try:
        return _one(account_id, checked=_platform(on).check_up(account.external_id))
    except SendError as error:
        return _one(account_id, told(_refused(on, error)))


def _list(mistakes: dict[str, str] | None = None) -> str:
    on = _chosen()
    with db.reading(services().sessions) as session:
        accounts = session.scalars(select(Account).where(Account.channel.in_(PLATFORMS)).order_by(Account.id)).all()
        standing = [_standing(session, account) for account in accounts]
        known = {"channels": standing, "on": on, "platforms": PLATFORMS.values(), "webhook": _webhook(on), "at": now()}
        return draw("channels", session, mistakes=mistakes or {}, given=_typed(), **known)


def _one(account_id: int, mistakes: dict[str, str] | None = None, checked: Checkup | None = None) -> str:
    with db.reading(services().sessions) as session:
        standing = _standing(session, found(session.get(Account, account_id)))
        on = found(PLATFORMS.get(standing.account.channel))
        known = {"channel": standing, "on": on, "checked": checked, "webhook": _webhook(on), "at": now()}
        return draw("channel", session, mistakes=mistakes or {}, given=_typed(), **known)


def _typed() -> dict[str, str]:
    """What of a refused form is shown again: never keys."""
    return {"name": given("name", 80)} if "name" in request.form else {}


def _standing(session: Session, account: Account) -> Standing:
    keys = session.get(AccountKeys, account.id)
    heard = select(Event.received_at).where(Event.account_id == account.id).order_by(Event.id.desc()).limit(1)
    by = session.get(User, keys.set_by) if keys else None
    return Standing(account, keys, by.name if by else "", session.scalar(heard))


def _chosen() -> Platform:
    """The platform to which somebody adds an account."""
    return found(PLATFORMS.get(request.values.get("on", "line")))


def _of(account_id: int) -> Platform:
    with db.reading(services().sessions) as session:
        return found(PLATFORMS.get(found(session.get(Account, account_id)).channel))


def _keys() -> tuple[str, str, str]:
    """Name, secret and token, as they were typed."""
    return given("name", 80), given("secret", LONGEST_SECRET), given("token", LONGEST_TOKEN)


def _identified(on: Platform, secret: str, token: str) -> Checkup:
    """Whose keys these are, as the platform says; Refused at the field that is wrong."""
    for field, value in (("secret", secret), ("token", token)):
        if not value or not value.isascii() or not value.isprintable() or "," in value or " " in value:
            raise Refused("從 %(portal)s 整段複製貼上，中間沒有空白。", portal=on.portal).at(field)
    try:
        return _platform(on).identify(token, secret)
    except SendError as error:
        raise _refused(on, error).at("token") from error


def _is_the_first(on: Platform, known: Checkup) -> bool:
    """Whether it is the account of the environment; while the platform does not tell, it may be."""
    if not on.first(services().settings):
        return False
    try:
        return _platform(on).identify("", "").external_id == known.external_id
    except SendError as error:
        raise _refused(on, error) from error


def _refused(on: Platform, error: SendError) -> Refused:
    if error.status in (401, 403):
        return Refused(
            "%(platform)s 不接受這個 token。在 %(portal)s 重新發行，再整段貼上。", platform=on.title, portal=on.portal
        )
    why = error.reason
    return Refused("現在問不到 %(platform)s（%(why)s），什麼都沒有改，過一會再試。", platform=on.title, why=why)


def _platform(on: Platform) -> Channel:
    return services().wiring.channels[on.channel]


def _webhook(on: Platform) -> str:
    """Where the platform is to send what customers write."""
    return f"{services().settings.pages}/webhooks/{on.hook}"
