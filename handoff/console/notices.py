"""The bell: what I was told, that I have seen it, and how I wish to be told. Browsers subscribe to pushes here."""

from email.utils import parseaddr
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from bot.transactions import transact
from bot.web.look import BUILD, manifest
from handoff.console.visit import member, services, sidebar, told
from handoff.models import NoticeChoice, PushSubscription, Ticket
from handoff.notifiers.webpush import is_push_service
from handoff.notify import bell, media
from handoff.notify.planning import Quiet

WORKER = "src/push-worker.js"
LENGTHS = {"endpoint": 1000, "p256dh": 120, "auth": 40}

blueprint = Blueprint("notices", "handoff", url_prefix="/notices")


@blueprint.app_template_global("unseen_notices")
def unseen_notices() -> int:
    """What pages of others show beside the way to the bell."""
    with db.reading(services().sessions) as session:
        return bell.count(session, member().id)


@blueprint.get("")
@told
def page() -> ResponseReturnValue:
    """The page, or what a live page puts in place of itself."""
    with db.reading(services().sessions) as session:
        return render_template(
            "console/notices/live.html" if "HX-Request" in request.headers else "console/notices/page.html",
            rings=bell.rings(session, member().id),
            choice=session.get(NoticeChoice, member().id),
            mail=bool(services().settings.smtp_url),
            push_key=media.push(services()).public_key,
            browsers=session.scalars(_subscribed().with_only_columns(PushSubscription.endpoint)).all(),
            view="notices",
            **sidebar(session),
        )


@blueprint.post("/seen")
@told
def see() -> ResponseReturnValue:
    """I have seen what was told of a case, or everything."""
    number = request.form.get("case", "")

    def work(session: Session) -> None:
        ticket = session.scalar(select(Ticket.id).where(Ticket.number == number)) if number else None
        if not number or ticket is not None:
            bell.see(session, member().id, ticket)

    transact(services().sessions, work)
    return Response(status=204) if number else redirect(url_for("console.notices.page"))


@blueprint.post("/choices")
@told
def choose() -> ResponseReturnValue:
    """Where and when I wish to be told."""
    email, quiet = request.form.get("email", "").strip(), _quiet()
    if quiet is None or not _is_address(email):
        flash(gettext("信箱或時段寫得不對，沒有儲存。"))
    else:
        me = member().id
        transact(services().sessions, lambda s: s.merge(NoticeChoice(user_id=me, email=email, quiet=quiet)))
        flash(gettext("已儲存通知方式。"))
    return redirect(url_for("console.notices.page"))


@blueprint.post("/browsers")
@told
def subscribe() -> ResponseReturnValue:
    """This browser takes pushes for me from now on; whoever used it before me does not."""
    fields = _subscription(request.get_json(silent=True))
    if fields is None:
        abort(400)
    me = member().id

    def work(session: Session) -> None:
        known = session.scalar(select(PushSubscription).where(PushSubscription.endpoint == fields["endpoint"]))
        browser = known or PushSubscription(endpoint=fields["endpoint"])
        browser.user_id, browser.gone_at = me, None
        browser.p256dh, browser.auth = fields["p256dh"], fields["auth"]
        session.add(browser)

    transact(services().sessions, work)
    return Response(status=204)


@blueprint.post("/browsers/off")
@told
def unsubscribe() -> ResponseReturnValue:
    """This browser takes no pushes for me any more."""
    fields = _subscription(request.get_json(silent=True))
    if fields is None:
        abort(400)
    mine = _subscribed().where(PushSubscription.endpoint == fields["endpoint"])

    def work(session: Session) -> None:
        for browser in session.scalars(mine):
            browser.gone_at = now()

    transact(services().sessions, work)
    return Response(status=204)


@blueprint.get("/worker.js")
@told
def worker() -> ResponseReturnValue:
    """The service worker under a name that stays, which browsers ask for; the whole console is its."""
    file = manifest()[WORKER]["file"]
    script = send_from_directory(BUILD, file, mimetype="text/javascript", max_age=0)
    script.headers["Service-Worker-Allowed"] = url_for("console.start")
    return script


def _subscribed() -> Select[PushSubscription]:
    """The browsers that take my pushes."""
    return select(PushSubscription).where(PushSubscription.user_id == member().id, PushSubscription.gone_at.is_(None))


def _quiet() -> str | None:
    """Both ends of the quiet hours, or neither; None where they are wrong."""
    begins, ends = request.form.get("begins", ""), request.form.get("ends", "")
    text = f"{begins}-{ends}" if begins or ends else ""
    try:
        Quiet.parse(text, services().settings.zone)
    except ValueError:
        return None
    return text


def _is_address(email: str) -> bool:
    plain = parseaddr(email)[1] == email and "@" in email.strip("@") and email.isprintable()
    return not email or (plain and len(email) <= 254)


def _subscription(given: Any) -> dict[str, str] | None:
    """A subscription as browsers write it, if its address may be a push service's."""
    if not isinstance(given, dict) or not isinstance(given.get("keys"), dict):
        return None
    fields = {"endpoint": given.get("endpoint"), **given["keys"]}
    whole = all(isinstance(fields.get(name), str) and 0 < len(fields[name]) <= most for name, most in LENGTHS.items())
    return fields if whole and is_push_service(fields["endpoint"], services().settings.push_hosts) else None
