"""Changes of a Shopify order: where it goes and to whom (orderUpdate), or its end (orderCancel; scope write_orders).

Shopify overwrites the whole shipping address, so what is there is read first and sent along; and it has been seen to
say yes and to keep the old one, so what it answers is compared. A cancelled order gives no money back by itself.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.errors import ChangeRefused, ChangeUnclear, ChangeUnderWay, OrdersAway
from bot.orders import reading
from bot.orders.calling import LONGEST_REASON, Shop, parsed
from bot.orders.numbers import phone
from bot.ports import ChangeKind, OrderChange

CHANGES: frozenset[ChangeKind] = frozenset({"address", "recipient", "phone", "cancel"})
ADDRESS = ("address1", "address2", "city", "company", "countryCodeV2", "firstName", "lastName", "phone", "zip")
WHERE = f"shippingAddress {{ {' '.join(ADDRESS)} provinceCode }}"
UPDATE = (
    "mutation ($input: OrderInput!) { orderUpdate(input: $input) {"
    f" order {{ {WHERE} }} userErrors {{ message }} }} }}"
)
CANCEL = (
    "mutation ($id: ID!, $note: String) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true,"
    " notifyCustomer: false, refundMethod: { originalPaymentMethodsRefund: false }, staffNote: $note) {"
    " job { id } orderCancelUserErrors { message } } }"
)
IN_TAIWAN = re.compile(r"(?P<zip>\d{3,6})?\s*(?P<city>[一-龥]{2}[縣市])\s*(?P<address1>.+)")
Post = Mapping[str, Any]


def update(shop: Shop, path: str, order: Any, wanted: OrderChange) -> None:
    """Send this order elsewhere, or to somebody else."""
    if wanted.kind == "phone" and not reading.at(order, "phone"):
        raise ChangeRefused("Shopify 這筆訂單只有收件電話，顧客用它核對身分；請到 Shopify 修改。")
    new = {**_present(order), **_changed(wanted)}
    answer = _mutate(shop, path, UPDATE, {"input": {"id": reading.at(order, "id"), "shippingAddress": new}})
    _require_none(reading.at(answer, "orderUpdate.userErrors"))
    kept = _present(reading.at(answer, "orderUpdate.order"))
    if any(_bare(kept.get(name)) != _bare(value) for name, value in _changed(wanted).items()):
        raise ChangeUnclear("Shopify 說改好了，回覆的卻還是原來的內容")


def cancel(shop: Shop, path: str, order: Any, wanted: OrderChange) -> None:
    """Have this order cancelled, which Shopify does by and by."""
    if reading.at(order, "cancelledAt"):
        return
    asked = {"id": reading.at(order, "id"), "note": wanted.value[:200]}
    _require_none(reading.at(_mutate(shop, path, CANCEL, asked), "orderCancel.orderCancelUserErrors"))
    raise ChangeUnderWay("Shopify cancels by and by")


def _mutate(shop: Shop, path: str, asked: str, variables: Post) -> Any:
    sent = shop.change("POST", path, {"query": asked, "variables": variables})
    try:
        answer = parsed("Shopify", sent)
    except OrdersAway as error:
        raise ChangeUnclear("Shopify 的回覆看不懂") from error
    data, code = reading.at(answer, "data"), reading.text(reading.at(answer, "errors.0.extensions.code"))
    if code == "THROTTLED":
        raise OrdersAway("Shopify asks us to wait (THROTTLED)")
    if code == "ACCESS_DENIED" or (code and data is None):
        raise ChangeRefused("Shopify：%(told)s（ORDERS_TOKEN 要有 write_orders 權限）", told=code)
    if not isinstance(data, Mapping) or reading.at(answer, "errors"):
        raise ChangeUnclear("Shopify 的回覆看不懂")
    return data


def _require_none(errors: Any) -> None:
    if errors is None:
        raise ChangeUnclear("Shopify 的回覆看不懂")
    if told := reading.text(reading.at(errors, "0.message")):
        raise ChangeRefused("Shopify：%(told)s", told=told[:LONGEST_REASON])


def _present(order: Any) -> dict[str, str]:
    """The address as it is, by the names that it is written under."""
    where = reading.at(order, "shippingAddress")
    found = {name: reading.text(reading.at(where, name)) for name in (*ADDRESS, "provinceCode")}
    found["countryCode"] = found.pop("countryCodeV2")
    return {name: value for name, value in found.items() if value}


def _changed(wanted: OrderChange) -> dict[str, str]:
    match wanted.kind:
        case "phone":
            return {"phone": "+886" + phone(wanted.value).removeprefix("0")}
        case "recipient":
            return {"firstName": "", "lastName": wanted.value}
        case _address:
            found = IN_TAIWAN.fullmatch(wanted.value.strip())
            if found is None:
                raise ChangeRefused("地址要從縣市寫起，才分得出城市和街道。")
            parts = {"address2": "", **{name: value or "" for name, value in found.groupdict().items()}}
            return {**parts, "provinceCode": ""}


def _bare(value: str | None) -> str:
    return re.sub(r"\s", "", value or "")
