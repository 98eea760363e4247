"""Programs elsewhere that are told by signed webhooks: begun, looked at, told again, ended."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.api import PageQuery, allow, answers, spec
from handoff.api.doing import CREATED, arrange, fresh
from handoff.api.routes import blueprint, found, listed, reading
from handoff.api.shapes.base import MOST
from handoff.api.shapes.hooks import Hook, HookCall, HookCalls, Hooks, MadeHook, NewHook
from handoff.models import Delivery, Notice, WebhookEndpoint
from handoff.notify import programs

ONE = "/webhooks/<int:hook_id>"  # with a `max` werkzeug calls the wrong number a wrong method


@blueprint.get("/webhooks")
@allow("house.run", "webhooks:read")
@spec.validate(resp=answers(HTTP_200=Hooks), tags=("webhooks",))
def list_hooks(query: PageQuery) -> Hooks:
    """The programs that are or were told, without their secrets."""
    with reading() as session:
        return listed(session, Hooks, query, select(WebhookEndpoint), WebhookEndpoint.id, Hook.of)


@blueprint.post("/webhooks")
@allow("house.run", "webhooks:write")
@spec.validate(resp=answers(HTTP_201=MadeHook), tags=("webhooks",))
def create_hook(json: NewHook) -> Response:
    """Tell a program; the answer shows the secret this once. A URL that is known begins anew, with a new secret."""

    def deed(session: Session, me: int) -> WebhookEndpoint:
        return fresh(session, programs.begin(session, json.url, json.kinds, by=me))

    return arrange(deed, lambda _, made: MadeHook(hook=Hook.of(made), secret=made.secret), CREATED)


@blueprint.get(ONE)
@allow("house.run", "webhooks:read")
@spec.validate(resp=answers(HTTP_200=Hook), tags=("webhooks",))
def show_hook(hook_id: int) -> Hook:
    """One of them."""
    with reading() as session:
        return Hook.of(_hook(session, hook_id))


@blueprint.delete(ONE)
@allow("house.run", "webhooks:write")
@spec.validate(resp=answers(HTTP_200=Hook), tags=("webhooks",))
def remove_hook(hook_id: int) -> Response:
    """Switch it off: it is told nothing any more."""

    def deed(session: Session, me: int) -> WebhookEndpoint:
        endpoint = _hook(session, hook_id)
        programs.end(session, endpoint, by=me)
        return endpoint

    return arrange(deed, lambda _, ended: Hook.of(ended))


@blueprint.get(f"{ONE}/deliveries")
@allow("house.run", "webhooks:read")
@spec.validate(resp=answers(HTTP_200=HookCalls), tags=("webhooks",))
def list_deliveries(hook_id: int, query: PageQuery) -> HookCalls:
    """What it was told, and what became of it, newest first."""
    with reading() as session:
        named = joinedload(Delivery.notice).joinedload(Notice.ticket)
        wanted = programs.deliveries(_hook(session, hook_id)).options(named)
        return listed(session, HookCalls, query, wanted, Delivery.id, HookCall.of)


@blueprint.post(f"{ONE}/deliveries/<int(max=2147483647):delivery_id>/resend")
@allow("house.run", "webhooks:write")
@spec.validate(resp=answers(HTTP_200=HookCall), tags=("webhooks",))
def resend_delivery(hook_id: int, delivery_id: int) -> Response:
    """Tell it once more, under the same webhook-id."""

    def deed(session: Session, me: int) -> Delivery:
        return found(programs.resend(session, _hook(session, hook_id), delivery_id, by=me))

    return arrange(deed, lambda _, delivery: HookCall.of(delivery))


def _hook(session: Session, hook_id: int) -> WebhookEndpoint:
    return found(session.get(WebhookEndpoint, hook_id) if hook_id <= MOST else None)
