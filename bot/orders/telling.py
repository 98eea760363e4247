"""An order in words for its owner: a text, and the same as a card. The wordings lie with the bot's other replies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.messages import Button, Card, Link, Outbound
from bot.orders import carriers
from bot.ports import Order, Shipment

Say = Callable[..., str]
SHOWN_ITEMS = 5
OPEN = ("unpaid", "gathering", "preparing", "shipped", "at_store", "unclear")
NEXT_WHILE_OPEN = ("order_not_arrived_late",)
NEXT_WHEN_DONE = ("damaged_item", "wrong_or_missing_item")
LABEL = 20


@dataclass(frozen=True)
class Words:
    """A language: what the bot says under a key, filled with facts, and what stands on the button of each intent."""

    say: Say
    titles: Mapping[str, str]


def told(order: Order, words: Words) -> Outbound:
    """The order as its owner reads it. A text alone says all that the card says."""
    say = words.say
    headline = state(order, say)
    facts = _facts(order, say)
    links = _links(order, say)
    lines = [say("order_is", number=order.number, state=headline)]
    lines += [f"{name}：{value}" for name, value in facts]
    lines += [f"{link.label}：{link.url}" for link in links]
    heading = say("order_heading", number=order.number)
    return Outbound("\n".join(lines), _buttons(order, words), card=Card(heading, headline, tuple(facts), tuple(links)))


def choice(orders: Sequence[Order], say: Say) -> Outbound:
    """Several orders: which one is meant? Each is a button."""
    lines = [say("order_which"), *(f"・{order.number}　{state(order, say)}" for order in orders)]
    buttons = [Button(order.number[:LABEL], say("order_ask", number=order.number)) for order in orders]
    return Outbound("\n".join(lines), tuple(buttons))


def state(order: Order, say: Say) -> str:
    return say(f"order_{order.state}")


def facts_of(order: Order, say: Say) -> dict[str, str]:
    """What a colleague should know of the order who takes the case over."""
    shipments = "、".join(_parcel(shipment) for shipment in order.shipments)
    known = {"order_number": order.number, "order_status": state(order, say), "shipment": shipments}
    return {name: value for name, value in known.items() if value}


def _facts(order: Order, say: Say) -> list[tuple[str, str]]:
    due = order.due_on if order.state in OPEN else None
    known = (
        ("items", "、".join(_items(order, say))),
        ("due", _day(due) if due else ""),
        ("parcel", "、".join(_parcel(shipment) for shipment in order.shipments)),
        ("payment", say(f"payment_{order.payment}") if order.payment else ""),
        ("total", order.total),
        ("placed", _day(order.placed_on) if order.placed_on else ""),
    )
    return [(say(f"order_fact_{name}"), value) for name, value in known if value]


def _items(order: Order, say: Say) -> list[str]:
    shown = [item.title + (f" ×{item.count}" if item.count != 1 else "") for item in order.items[:SHOWN_ITEMS]]
    more = len(order.items) - SHOWN_ITEMS
    return [*shown, say("order_more", n=str(more))] if more > 0 else shown


def _parcel(shipment: Shipment) -> str:
    return " ".join(filter(None, (carriers.name(shipment), shipment.tracking)))


def _links(order: Order, say: Say) -> list[Link]:
    found = dict.fromkeys(link for shipment in order.shipments if (link := carriers.link(shipment)))
    return [Link(say("order_track"), url) for url in list(found)[:2]]


def _buttons(order: Order, words: Words) -> tuple[Button, ...]:
    """What its owner may want next, and a person."""
    following = NEXT_WHILE_OPEN if order.state in OPEN else NEXT_WHEN_DONE
    texts = [*(words.titles[intent] for intent in following), words.say("person")]
    return tuple(Button(text[:LABEL], text) for text in texts)


def _day(day: date) -> str:
    return f"{day.month}/{day.day}"
