"""Orders of a SHOPLINE shop, by its Open API (GET /v1/orders/search).

Its search looks through many fields, names and addresses too, so only what fits exactly is taken. It knows no LINE
accounts; phones are the customer's or the recipient's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import ChangeRefused, OrdersAway
from bot.orders import numbers, reading
from bot.orders.calling import Shop
from bot.orders.numbers import key
from bot.orders.owning import newest, owns
from bot.ports import ChangeKind, Order, OrderChange, OrderItem, OrderState, Owner, PaymentState, Shipment

BASE = "https://open.shopline.io"
PATH = "/v1/orders/search"
PAGE, MOST_PAGES = 50, 5
DELIVERY: Mapping[str, OrderState] = {
    "pending": "preparing",
    "shipping": "preparing",
    "shipped": "shipped",
    "arrived": "at_store",
    "collected": "delivered",
    "returned": "returned",
    "returning": "returned",
}
PAYMENT: Mapping[str, PaymentState] = {
    "pending": "unpaid",
    "completed": "paid",
    "failed": "failed",
    "expired": "failed",
    "refunded": "refunded",
}
LANGUAGES = ("zh-hant", "zh-tw", "en")


@dataclass(frozen=True)
class ShoplineOrders:
    """`bot.ports.Orders` over SHOPLINE."""

    shop: Shop
    name: str = "shopline"

    def ready(self) -> bool:
        return True

    def by_number(self, number: str) -> Order | None:
        if not key(number):
            return None
        return next((order for order in self._search(number) if key(order.number) == key(number)), None)

    def of(self, owner: Owner, limit: int) -> list[Order]:
        found = [order for phone in owner.phones for order in self._search(phone)]
        return newest([order for order in found if owns(owner, order)], limit)

    @property
    def changes(self) -> frozenset[ChangeKind]:
        """Its public documentation does not say surely enough what a change of an order's address needs."""
        return frozenset()

    def change(self, wanted: OrderChange) -> None:
        raise ChangeRefused("SHOPLINE 的訂單請在後台修改。")

    def _search(self, words: str) -> Iterator[Order]:
        """All that it finds, page by page, since whoever fits exactly may stand behind many who do not."""
        for page in range(1, MOST_PAGES + 1):
            answer = self.shop.get(PATH, query=words, per_page=str(PAGE), page=str(page))
            items = reading.at(answer, "items")
            if not isinstance(items, list):
                raise OrdersAway("SHOPLINE answered without a list of items")
            yield from map(_order, items)
            if len(items) < PAGE or reading.count(reading.at(answer, "pagination.total_pages")) == page:
                return


def _order(data: Any) -> Order:
    phone = reading.text(reading.at(data, "customer_phone"))
    return Order(
        number=reading.text(reading.at(data, "order_number"))[:40],
        state=_state(data),
        placed_on=reading.day(reading.at(data, "created_at")),
        items=tuple(_items(data)),
        payment=PAYMENT.get(reading.text(reading.at(data, "order_payment.status")), ""),
        total=reading.text(reading.at(data, "total.label")),
        shipments=tuple(_parcels(data)),
        phone=numbers.phone(phone or reading.text(reading.at(data, "delivery_data.recipient_phone"))),
    )


def _state(data: Any) -> OrderState:
    """Where the goods are; before they leave, whether they are paid for."""
    whole = reading.text(reading.at(data, "status"))
    if whole in ("cancelled", "removed"):
        return "cancelled"
    state = DELIVERY.get(reading.text(reading.at(data, "order_delivery.status")), "unclear")
    waits = reading.at(data, "order_payment.status") in ("pending", "failed", "expired")
    return "unpaid" if state == "preparing" and waits else state


def _items(data: Any) -> list[OrderItem]:
    lines = reading.entries(reading.at(data, "subtotal_items"))
    named = [(_translated(reading.at(line, "title_translations")), reading.at(line, "quantity")) for line in lines]
    return [OrderItem(title, reading.count(count)) for title, count in named if title]


def _parcels(data: Any) -> list[Shipment]:
    tracking = reading.text(reading.at(data, "delivery_data.tracking_number"))
    carrier = _translated(reading.at(data, "order_delivery.name_translations"))
    url = reading.text(reading.at(data, "delivery_data.url"))
    return [Shipment(carrier, tracking, url)] if tracking or url else []


def _translated(names: Any) -> str:
    known = [reading.text(reading.at(names, language)) for language in LANGUAGES]
    return next(filter(None, known), "")
