"""Orders of a Shopify shop, by its Admin GraphQL API (scopes read_orders, read_customers; write_orders to change them).

Shopify finds orders by name, and customers by phone; it knows no LINE accounts. Its search is wider than what was
asked, so only what fits exactly is taken.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import ChangeRefused, OrdersAway
from bot.orders import numbers, reading, shopify_changing
from bot.orders.calling import Shop
from bot.orders.numbers import key
from bot.orders.owning import newest, owns
from bot.ports import ChangeKind, Order, OrderChange, OrderItem, OrderState, Owner, PaymentState, Shipment

PATH = "/admin/api/2026-01/graphql.json"
TOKEN_HEADER = "X-Shopify-Access-Token"
FIELDS = f"""
  id name createdAt cancelledAt phone displayFinancialStatus displayFulfillmentStatus
  {shopify_changing.WHERE}
  currentTotalPriceSet {{ shopMoney {{ amount currencyCode }} }}
  lineItems(first: 20) {{ nodes {{ title quantity }} }}
  fulfillments(first: 5) {{ displayStatus estimatedDeliveryAt trackingInfo(first: 3) {{ company number url }} }}
"""
BY_NAME = f"query ($query: String!) {{ orders(first: 5, query: $query) {{ nodes {{ {FIELDS} }} }} }}"
BY_PHONE = (
    "query ($query: String!, $limit: Int!) { customers(first: 3, query: $query) { nodes {"
    f" orders(first: $limit, sortKey: CREATED_AT, reverse: true) {{ nodes {{ {FIELDS} }} }} }} }} }}"
)
ARRIVED: Mapping[str, OrderState] = {"DELIVERED": "delivered", "READY_FOR_PICKUP": "at_store"}
FULFILLED: Mapping[str, OrderState] = {
    "FULFILLED": "shipped",
    "PARTIALLY_FULFILLED": "shipped",
    "RESTOCKED": "returned",
    "UNFULFILLED": "preparing",
    "OPEN": "preparing",
    "IN_PROGRESS": "preparing",
    "ON_HOLD": "preparing",
    "SCHEDULED": "preparing",
    "PENDING_FULFILLMENT": "preparing",
}
PAID: Mapping[str, PaymentState] = {
    "PAID": "paid",
    "PENDING": "unpaid",
    "EXPIRED": "failed",
    "REFUNDED": "refunded",
}


@dataclass(frozen=True)
class ShopifyOrders:
    """`bot.ports.Orders` over Shopify."""

    shop: Shop
    name: str = "shopify"

    def ready(self) -> bool:
        return True

    def by_number(self, number: str) -> Order | None:
        node = self._node(number)
        return _order(node) if node is not None else None

    def of(self, owner: Owner, limit: int) -> list[Order]:
        found = [order for phone in owner.phones for order in self._of_phone(phone, limit)]
        return newest([order for order in found if owns(owner, order)], limit)

    @property
    def changes(self) -> frozenset[ChangeKind]:
        return shopify_changing.CHANGES

    def change(self, wanted: OrderChange) -> None:
        node = self._node(wanted.number)
        if node is None:
            raise ChangeRefused("Shopify 沒有訂單 %(number)s。", number=wanted.number)
        made = shopify_changing.cancel if wanted.kind == "cancel" else shopify_changing.update
        made(self.shop, PATH, node, wanted)

    def _node(self, number: str) -> Any:
        """The order as Shopify tells it."""
        if not key(number):
            return None
        data = self._ask(BY_NAME, query=f"name:{_quoted(number)}")
        nodes = reading.entries(reading.at(data, "orders.nodes"))
        return next((node for node in nodes if key(_number(node)) == key(number)), None)

    def _of_phone(self, phone: str, limit: int) -> list[Order]:
        abroad = "+886" + phone.removeprefix("0")
        data = self._ask(BY_PHONE, query=f"phone:{_quoted(abroad)}", limit=limit)
        customers = reading.entries(reading.at(data, "customers.nodes"))
        return [_order(node) for one in customers for node in reading.entries(reading.at(one, "orders.nodes"))]

    def _ask(self, asked: str, **variables: Any) -> Any:
        answer = self.shop.post(PATH, {"query": asked, "variables": variables})
        data = reading.at(answer, "data")
        if reading.at(answer, "errors") or not isinstance(data, Mapping):
            code = reading.text(reading.at(answer, "errors.0.extensions.code")) or "no data"
            raise OrdersAway(f"Shopify did not answer the query ({code})")
        return data


def _quoted(value: str) -> str:
    """A value of Shopify's search syntax, in which nothing can end the quotes."""
    return json.dumps(value.replace('"', "").replace("\\", ""), ensure_ascii=False)


def _order(node: Any) -> Order:
    fulfillments = reading.entries(reading.at(node, "fulfillments"))
    phone = reading.text(reading.at(node, "phone")) or reading.text(reading.at(node, "shippingAddress.phone"))
    due = (reading.day(reading.at(one, "estimatedDeliveryAt")) for one in fulfillments)
    return Order(
        number=_number(node),
        state=_state(node, fulfillments),
        placed_on=reading.day(reading.at(node, "createdAt")),
        due_on=next(filter(None, due), None),
        items=tuple(_items(node)),
        payment=PAID.get(reading.text(reading.at(node, "displayFinancialStatus")), ""),
        total=_total(node),
        shipments=tuple(parcel for one in fulfillments for parcel in _parcels(one)),
        phone=numbers.phone(phone),
        recipient=_joined(node, "lastName", "firstName"),
        address=_joined(node, "zip", "city", "address1", "address2"),
    )


def _number(node: Any) -> str:
    return reading.text(reading.at(node, "name")).removeprefix("#")[:40]


def _joined(node: Any, *names: str) -> str:
    return " ".join(filter(None, (reading.text(reading.at(node, f"shippingAddress.{name}")) for name in names)))


def _state(node: Any, fulfillments: list[Any]) -> OrderState:
    if reading.at(node, "cancelledAt"):
        return "cancelled"
    arrived = [ARRIVED.get(reading.text(reading.at(one, "displayStatus"))) for one in fulfillments]
    if arrived and arrived[0] and len(set(arrived)) == 1:
        return arrived[0]
    state = FULFILLED.get(reading.text(reading.at(node, "displayFulfillmentStatus")), "unclear")
    waits = reading.at(node, "displayFinancialStatus") in ("PENDING", "EXPIRED")
    return "unpaid" if state == "preparing" and waits else state


def _items(node: Any) -> list[OrderItem]:
    lines = reading.entries(reading.at(node, "lineItems.nodes"))
    named = [(reading.text(reading.at(line, "title")), reading.at(line, "quantity")) for line in lines]
    return [OrderItem(title, reading.count(count)) for title, count in named if title]


def _total(node: Any) -> str:
    money = reading.at(node, "currentTotalPriceSet.shopMoney")
    parts = (reading.text(reading.at(money, name)) for name in ("currencyCode", "amount"))
    return " ".join(filter(None, parts))


def _parcels(fulfillment: Any) -> list[Shipment]:
    tracked = reading.entries(reading.at(fulfillment, "trackingInfo"))
    return [
        Shipment(*(reading.text(reading.at(one, name)) for name in ("company", "number", "url"))) for one in tracked
    ]
