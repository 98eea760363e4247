"""Rich menus of the simulated LINE: made, drawn, shown to everybody or to one, and what a phone shows of them."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.simulator import events
from bot.simulator.rules import LineError
from bot.simulator.store import Customer, OwnMenu, RichMenu

PICTURE_BYTES = 1_000_000
KINDS = ("image/jpeg", "image/png")
CHAT_BAR = 14
AREAS = 20


def create(session: Session, body: dict[str, Any]) -> str:
    size = body.get("size") or {}
    fits = 800 <= size.get("width", 0) <= 2500 and size.get("height", 0) >= 250
    if not fits or not 1 <= len(str(body.get("chatBarText", ""))) <= CHAT_BAR or len(body.get("areas", [])) > AREAS:
        raise LineError(400, "The request body has 1 error(s)")
    menu = RichMenu(id=f"richmenu-{events.token()}"[:40], body=body)
    session.add(menu)
    return menu.id


def every(session: Session) -> list[dict[str, Any]]:
    return [{"richMenuId": menu.id, **menu.body} for menu in session.scalars(select(RichMenu))]


def draw(session: Session, menu_id: str, picture: bytes, mime: str) -> None:
    menu = _known(session, menu_id)
    if menu.picture is not None:
        raise LineError(400, "An image has already been uploaded to the richmenu")
    if mime not in KINDS or not 0 < len(picture) <= PICTURE_BYTES:
        raise LineError(400, "The image is not valid")
    menu.picture, menu.mime = picture, mime


def show(session: Session, menu_id: str) -> None:
    chosen = _drawn(session, menu_id)
    for menu in session.scalars(select(RichMenu).where(RichMenu.for_all)):
        menu.for_all = False
    chosen.for_all = True


def link(session: Session, customer_id: str, menu_id: str) -> None:
    menu = _drawn(session, menu_id)
    unlink(session, customer_id)
    session.add(OwnMenu(customer_id=customer_id, menu_id=menu.id))


def unlink(session: Session, customer_id: str) -> None:
    if session.get(Customer, customer_id) is None:
        raise LineError(404, "Not found")
    session.execute(delete(OwnMenu).where(OwnMenu.customer_id == customer_id))


def remove(session: Session, menu_id: str) -> None:
    session.execute(delete(OwnMenu).where(OwnMenu.menu_id == menu_id))
    session.delete(_known(session, menu_id))


def seen(session: Session, customer_id: str) -> RichMenu | None:
    """What this customer's phone shows: his own, else everybody's."""
    own = session.get(OwnMenu, customer_id)
    if own is not None:
        return session.get(RichMenu, own.menu_id)
    return session.scalars(select(RichMenu).where(RichMenu.for_all).limit(1)).one_or_none()


def _known(session: Session, menu_id: str) -> RichMenu:
    menu = session.get(RichMenu, menu_id)
    if menu is None:
        raise LineError(404, "Not found")
    return menu


def _drawn(session: Session, menu_id: str) -> RichMenu:
    menu = _known(session, menu_id)
    if menu.picture is None:
        raise LineError(400, "must upload richmenu image before applying it to user")
    return menu
