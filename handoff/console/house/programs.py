"""The pages of the webhooks: which programs are told of what, whether it arrived; begun, tried, paused, told again."""

from collections.abc import Callable
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from bot import db
from bot.clock import now
from bot.errors import Refused
from handoff.console.house.pages import back, blueprint, do, done_or_told, draw, found, given, runs_the_house, told
from handoff.console.visit import member, services
from handoff.models import Delivery, Notice, WebhookEndpoint
from handoff.notify import programs as hooks
from handoff.notify.reading import FOR_PROGRAMS

RECENT = 20
KINDS = tuple(sorted(FOR_PROGRAMS))
ONE = "/programs/<int(max=2147483647):hook_id>"


@blueprint.get("/programs")
@runs_the_house
def programs() -> ResponseReturnValue:
    return _list()


@blueprint.post("/programs")
@runs_the_house
def add_program() -> ResponseReturnValue:
    """The answer shows the secret, and nothing else ever does; a first test is on its way."""
    url, kinds, by = given("url", 1000), _kinds(), member().id

    def begun(session: Session) -> tuple[int, str]:
        endpoint = hooks.add(session, url, kinds, by=by)
        hooks.ping(session, endpoint, by=by)
        return endpoint.id, endpoint.secret

    try:
        hook_id, secret = do(begun)
    except Refused as refused:
        return _list(told(refused)), 422
    return _one(hook_id, secret=secret)


@blueprint.get(ONE)
@runs_the_house
def program(hook_id: int) -> ResponseReturnValue:
    return _one(hook_id)


@blueprint.post(ONE)
@runs_the_house
def change_program(hook_id: int) -> ResponseReturnValue:
    url, kinds, by = given("url", 1000), _kinds(), member().id
    try:
        do(lambda session: hooks.change(session, _known(session, hook_id), url, kinds, by=by))
    except Refused as refused:
        return _one(hook_id, told(refused)), 422
    return back("program", gettext("已儲存。"), hook_id=hook_id)


@blueprint.post(f"{ONE}/secret")
@runs_the_house
def rotate_secret(hook_id: int) -> ResponseReturnValue:
    by = member().id
    return _one(hook_id, secret=do(lambda session: hooks.rotate(session, _known(session, hook_id), by=by)))


@blueprint.post(f"{ONE}/pause")
@runs_the_house
def pause_program(hook_id: int) -> ResponseReturnValue:
    paused, by = "paused" in request.form, member().id
    words = gettext("已暫停，新的通知會等著。") if paused else gettext("已恢復，等著的通知會補送。")
    return _does(hook_id, lambda session, hook: hooks.pause(session, hook, paused=paused, by=by), words)


@blueprint.post(f"{ONE}/test")
@runs_the_house
def test_program(hook_id: int) -> ResponseReturnValue:
    by = member().id
    words = gettext("測試通知已排入，結果會出現在下面。")
    return _does(hook_id, lambda session, hook: hooks.ping(session, hook, by=by), words)


@blueprint.post(f"{ONE}/remove")
@runs_the_house
def remove_program(hook_id: int) -> ResponseReturnValue:
    by = member().id
    return _does(hook_id, lambda session, hook: hooks.end(session, hook, by=by), gettext("這個程式不會再收到通知。"))


@blueprint.post(f"{ONE}/deliveries/<int(max=2147483647):delivery_id>/resend")
@runs_the_house
def resend_to_program(hook_id: int, delivery_id: int) -> ResponseReturnValue:
    by = member().id

    def again(session: Session, hook: WebhookEndpoint) -> None:
        found(hooks.resend(session, hook, delivery_id, by=by))

    return _does(hook_id, again, gettext("會再送一次，用同一個編號，對方認得出是重複的。"))


def _does(hook_id: int, deed: Callable[[Session, WebhookEndpoint], None], words: str) -> ResponseReturnValue:
    return done_or_told(lambda session: deed(session, _known(session, hook_id)), "program", words, hook_id=hook_id)


def _list(mistakes: dict[str, str] | None = None) -> str:
    with db.reading(services().sessions) as session:
        listed = session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id.desc())).all()
        last = {endpoint.id: session.scalar(_deliveries(endpoint).limit(1)) for endpoint in listed}
        return draw("programs", session, programs=listed, last=last, **_form(mistakes, []))


def _one(hook_id: int, mistakes: dict[str, str] | None = None, secret: str = "") -> str:
    with db.reading(services().sessions) as session:
        endpoint = _known(session, hook_id)
        recent = session.scalars(_deliveries(endpoint).limit(RECENT)).all()
        known = {"program": endpoint, "deliveries": recent, "secret": secret, "at": now()}
        return draw("program", session, **known, **_form(mistakes, endpoint.kinds))


def _form(mistakes: dict[str, str] | None, kinds: list[str]) -> dict[str, Any]:
    """What the form shows: as it was sent where that was refused."""
    sent = {"given": request.form, "chosen": _kinds(), "mistakes": mistakes} if mistakes else {"chosen": kinds}
    return {"kinds": KINDS, "pages": url_for("console.house.programs"), **sent}


def _deliveries(endpoint: WebhookEndpoint) -> Select[Any]:
    named = joinedload(Delivery.notice).joinedload(Notice.ticket)
    return hooks.deliveries(endpoint).options(named).order_by(Delivery.id.desc())


def _known(session: Session, hook_id: int) -> WebhookEndpoint:
    return found(session.get(WebhookEndpoint, hook_id))


def _kinds() -> list[str]:
    return [kind for kind in request.form.getlist("kind") if kind in FOR_PROGRAMS]
