"""Signing in with the provider of the house: to its page, and back."""

import structlog
from flask import abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from bot.auth import provided, provider, public, sign_in, sign_ins
from bot.auth.provided import NotOurs
from bot.auth.provider import ProviderFailed
from bot.transactions import transact
from bot.web.pages import blueprint, services, way_to

NEXT = "provider_next"

log = structlog.get_logger()


@blueprint.get("/sign-in/provider")
@public
def to_provider() -> ResponseReturnValue:
    _only_where_set_up()
    session[NEXT] = request.args.get("next", "")
    try:
        return provider.leave_for(services().settings.pages + url_for("web.from_provider"))
    except ProviderFailed as failed:
        log.warning("sign_in.provider_failed", error=str(failed))
        return _refused(gettext("登入服務現在連不上，請稍後再試。"))


@blueprint.get("/sign-in/provider/done")
@public
def from_provider() -> ResponseReturnValue:
    """Only in the browser that left for the provider, once, and with a token that was made out for that."""
    _only_where_set_up()
    settings = services().settings
    try:
        claims = provider.returned(settings)
        user = transact(services().sessions, lambda writer: provided.user_of(writer, settings, claims))
    except ProviderFailed as failed:
        log.warning("sign_in.provider_failed", error=str(failed))
        return _refused(gettext("沒有登入成功，請再試一次。"))
    except NotOurs as refused:
        log.warning("sign_in.not_ours", reason=str(refused))
        return _refused(gettext("這個帳號在這裡沒有權限，請找管理員開通。"))
    wanted = session.get(NEXT, "")
    sign_in(user, sign_ins.PROVIDER)
    return redirect(way_to(wanted))


def _only_where_set_up() -> None:
    if not provider.is_set_up():
        abort(404)


def _refused(why: str) -> ResponseReturnValue:
    flash(why, "bad")
    return redirect(url_for("web.sign_in_form"))
