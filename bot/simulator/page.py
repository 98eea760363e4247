"""The phone page and its small API. In the demo and for this machine only; else everything is 404."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from bot import db
from bot.auth import at_home, public
from bot.clock import now
from bot.errors import Refused
from bot.services import Services
from bot.settings import Settings
from bot.simulator import phone, richmenus, store, words
from bot.simulator.store import Bubble, Content, Customer, Delivery, RichMenu
from bot.simulator.suggestions import places, stickers, suggestions
from bot.simulator.trace import follow

SCREENFUL = 200

blueprint = Blueprint("simulator", __name__, url_prefix="/simulator")


@blueprint.before_request
def only_at_home() -> None:
    """404 outside the demo and for anybody but this machine."""
    if not (_settings().demo and at_home()):
        abort(404)


@blueprint.errorhandler(Refused)
def refused(error: Refused) -> ResponseReturnValue:
    return jsonify(message=_(error.reason)), 409


@blueprint.get("")
@public
def page() -> str:
    shown = {"suggestions": suggestions(), "stickers": stickers(), "places": places()}
    with db.reading(_phones()) as session:
        everybody = session.scalars(select(Customer).order_by(Customer.position)).all()
        people = [{"id": c.id, "name": c.name, "tier": c.tier, "position": c.position} for c in everybody]
    return render_template("simulator/page.html", shop=_settings().shop_name, customers=people, **shown)


@blueprint.get("/api/customers/<customer_id>/messages")
@public
def messages(customer_id: str) -> Response:
    """What changed on a customer's phone after the cursor `after`."""
    after = request.args.get("after", 0, type=int)
    with db.reading(_phones()) as session:
        customer = session.get(Customer, customer_id) or abort(404)
        newest = select(Bubble).where(Bubble.customer_id == customer.id, Bubble.changed > after)
        changed = session.scalars(newest.order_by(Bubble.id.desc()).limit(SCREENFUL)).all()
        return jsonify(
            messages=[_bubble(bubble) for bubble in reversed(changed)],
            cursor=customer.changes,
            loading=customer.loading_until is not None and customer.loading_until > now(),
            blocked=customer.blocked_at is not None,
            menu=_menu(richmenus.seen(session, customer.id)),
        )


@blueprint.post("/api/customers/<customer_id>/messages")
@public
def send(customer_id: str) -> ResponseReturnValue:
    """The customer sends text, a sticker or a place."""
    body = _json()
    with _phones().begin() as session:
        match body.get("type"):
            case "text":
                sent = phone.send_text(session, customer_id, str(body.get("text", "")))
            case "sticker":
                sent = phone.send_sticker(session, customer_id, *_sticker(str(body.get("stickerId"))))
            case "location":
                sent = phone.send_location(session, customer_id, body)
            case _other:
                abort(400)
        return jsonify(_bubble(sent)), 201


@blueprint.post("/api/customers/<customer_id>/files")
@public
def send_file(customer_id: str) -> ResponseReturnValue:
    """The customer sends a picture, a film or another file; the request's body is the file."""
    phone.limit_file(request.content_length or 0)
    with _phones().begin() as session:
        sent = phone.send_file(session, customer_id, request.get_data(), request.args.get("name", "")[:200])
        return jsonify(_bubble(sent)), 201


@blueprint.post("/api/customers/<customer_id>/postbacks")
@public
def tap(customer_id: str) -> ResponseReturnValue:
    """The customer taps a button that carries data instead of a message."""
    body = _json()
    with _phones().begin() as session:
        phone.postback(session, customer_id, str(body.get("data", "")), str(body.get("displayText") or ""))
    return "", 204


@blueprint.post("/api/messages/<message_id>/unsend")
@public
def unsend(message_id: str) -> ResponseReturnValue:
    with _phones().begin() as session:
        phone.unsend(session, message_id)
    return "", 204


@blueprint.post("/api/customers/<customer_id>/<any(block, unblock, clear):deed>")
@public
def change(customer_id: str, deed: str) -> ResponseReturnValue:
    """Block or unblock the account, or empty the phone's screen."""
    act = {"block": phone.block, "unblock": phone.unblock, "clear": phone.clear}[deed]
    with _phones().begin() as session:
        act(session, customer_id)
    return "", 204


@blueprint.get("/api/messages/<message_id>/content")
@public
def content(message_id: str) -> Response:
    with db.reading(_phones()) as session:
        found = session.get(Content, message_id) or abort(404)
        return Response(found.data, mimetype=found.mime, headers={"X-Content-Type-Options": "nosniff"})


@blueprint.get("/api/menus/<menu_id>/picture")
@public
def menu_picture(menu_id: str) -> Response:
    with db.reading(_phones()) as session:
        found = session.get(RichMenu, menu_id) or abort(404)
        return Response(found.picture, mimetype=found.mime, headers={"X-Content-Type-Options": "nosniff"})


@blueprint.get("/api/messages/<message_id>/trace")
@public
def trace(message_id: str) -> Response:
    """What happened behind a message so far."""
    with db.reading(_phones()) as session:
        newest = select(Delivery).where(Delivery.message_id == message_id).order_by(Delivery.id).limit(1)
        delivery = session.scalar(newest) or abort(404)
        with db.reading(_services().sessions) as engine:
            found = follow(engine, delivery)
    return jsonify(steps=[words.described(step) for step in found.steps], finished=found.finished)


def _bubble(bubble: Bubble) -> dict[str, Any]:
    return {
        "id": bubble.message_id,
        "order": bubble.id,
        "mine": bubble.mine,
        "body": bubble.body,
        "sender": bubble.sender,
        "at": bubble.at.isoformat(),
        "read": bubble.read_at is not None,
        "unsent": bubble.unsent_at is not None,
    }


def _menu(menu: RichMenu | None) -> dict[str, Any] | None:
    """What stands under the chat, while anything does."""
    if menu is None:
        return None
    body = menu.body
    shown = {"size": body["size"], "areas": body["areas"], "bar": body["chatBarText"], "opened": body["selected"]}
    return {"id": menu.id, "picture": url_for("simulator.menu_picture", menu_id=menu.id), **shown}


def _sticker(sticker_id: str) -> tuple[str, str, str]:
    """(package, sticker, words) of one of our drawings."""
    drawn = {sticker["id"]: sticker for sticker in stickers()}
    if sticker_id not in drawn:
        abort(400)
    return "frontline", sticker_id, drawn[sticker_id]["words"]


def _json() -> dict[str, Any]:
    body = request.get_json()
    return body if isinstance(body, dict) else abort(400)


def _services() -> Services:
    services: Services = current_app.extensions["frontline"]
    return services


def _settings() -> Settings:
    return _services().settings


def _phones() -> db.Sessions:
    return store.opened(_settings())
