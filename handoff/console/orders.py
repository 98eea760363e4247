"""The customer's orders beside a case: the shop's system is asked when the panel opens, with no transaction open."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import db
from bot.dialogue import DEFAULT_LANGUAGE, order_words
from bot.errors import OrdersAway
from bot.orders import carriers
from bot.orders.numbers import key
from bot.orders.telling import state, told
from bot.ports import Order, Orders, Shipment
from handoff.console.routes import blueprint
from handoff.console.templates import case_of
from handoff.console.visit import invited, services
from handoff.models import Ticket
from handoff.tickets import owning
from handoff.tickets.owning import Whose

SHOWN = 5


@dataclass(frozen=True)
class Asked:
    """What a case knows of its customer's orders: which are surely his, and the numbers that he named."""

    whose: Whose
    named: Sequence[str]
    language: str


@dataclass(frozen=True)
class Shown:
    """An order as colleagues see it. Only one that is `his` has a text to be put into the reply."""

    order: Order
    state: str
    his: bool
    text: str

    def parcels(self) -> list[tuple[str, str]]:
        """What each parcel is called, and where one sees how far it is."""
        return [(_called(parcel), carriers.link(parcel)) for parcel in self.order.shipments]


@blueprint.get("/cases/<number>/orders")
@invited
def orders(number: str) -> ResponseReturnValue:
    """The customer's newest orders, and those that he named."""
    with db.reading(services().sessions) as session:
        asked = _asked(session, case_of(session, number))
    system = services().wiring.orders
    try:
        (shown, unknown), ready, away = _found(system, asked), system.ready(), False
    except OrdersAway:
        shown, unknown, ready, away = [], [], True, True
    missed = unknown if ready else []
    return render_template("console/case/orders.html", orders=shown, unknown=missed, ready=ready, away=away)


def _asked(session: Session, ticket: Ticket) -> Asked:
    named = ticket.facts.get("order_number") or ()
    return Asked(
        owning.whose(session, ticket),
        [named] if isinstance(named, str) else list(named)[:SHOWN],
        ticket.contact.language if ticket.contact else DEFAULT_LANGUAGE,
    )


def _found(system: Orders, asked: Asked) -> tuple[list[Shown], list[str]]:
    """Those that he named stand first; and the numbers that he named and the shop does not know."""
    linked = {key(order.number): order for order in system.of(asked.whose.owner, SHOWN)}
    named = {number: linked.get(key(number)) or system.by_number(number) for number in asked.named}
    every = {key(order.number): order for order in (*named.values(), *linked.values()) if order is not None}
    unknown = [number for number, order in named.items() if order is None]
    return [_one(order, asked) for order in every.values()], unknown


def _one(order: Order, asked: Asked) -> Shown:
    words = order_words(asked.language)
    his = asked.whose.has(order)
    return Shown(order, state(order, order_words(DEFAULT_LANGUAGE).say), his, told(order, words).text if his else "")


def _called(parcel: Shipment) -> str:
    return " ".join(filter(None, (carriers.name(parcel), parcel.tracking)))
