"""The file that says where in the answers of a shop's own API our facts lie; `docs/orders.example.yml` is one.

What is wrong with it is said when it is read; a path that leads nowhere, when the shop has answered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_args
from urllib.parse import quote

import yaml

from bot.errors import OrdersAway, SettingsError
from bot.orders import numbers, reading
from bot.ports import ChangeKind, Order, OrderChange, OrderItem, OrderState, PaymentState, Shipment

Meaning = TypeVar("Meaning")
STATES: tuple[OrderState, ...] = get_args(OrderState)
PAYMENTS: tuple[PaymentState, ...] = get_args(PaymentState)
KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
METHODS = ("POST", "PUT", "PATCH", "DELETE")
NUMBER, VALUE = "{number}", "{value}"


@dataclass(frozen=True)
class Where:
    """The paths of an order's facts, each within the order; goods and parcels are lists with paths of their own."""

    number: str
    state: str
    phone: str = ""
    recipient: str = ""
    address: str = ""
    line_user: str = ""
    placed_on: str = ""
    due_on: str = ""
    payment: str = ""
    total: str = ""
    items: str = ""
    item_title: str = ""
    item_count: str = ""
    shipments: str = ""
    carrier: str = ""
    tracking: str = ""
    tracking_url: str = ""


@dataclass(frozen=True)
class Ask:
    """What is called, and where in the answer the order lies, or the list of them."""

    path: str
    found: str = ""


@dataclass(frozen=True)
class Deed:
    """How an order is changed: {number} and {value} stand in the path and in the texts of the body."""

    method: str
    path: str
    body: Mapping[str, Any]

    def at(self, wanted: OrderChange) -> str:
        number, value = quote(wanted.number, safe=""), quote(wanted.value, safe="")
        return self.path.replace(NUMBER, number).replace(VALUE, value)

    def sent(self, wanted: OrderChange) -> Any:
        return _filled(self.body, wanted)


def _filled(part: Any, wanted: OrderChange) -> Any:
    if isinstance(part, str):
        return {NUMBER: wanted.number, VALUE: wanted.value}.get(part, part)
    if isinstance(part, Mapping):
        return {name: _filled(one, wanted) for name, one in part.items()}
    return [_filled(one, wanted) for one in part] if isinstance(part, list) else part


@dataclass(frozen=True)
class Mapped:
    """The file as read. `states` and `payments`: the shop's words for ours; `refusal`: where it says why not."""

    file: str
    header: str
    prefix: str
    by_number: Ask
    by_line_user: Ask | None
    by_phone: Ask | None
    order: Where
    states: Mapping[str, OrderState]
    payments: Mapping[str, PaymentState]
    changes: Mapping[ChangeKind, Deed]
    refusal: str

    def read(self, data: Any) -> Order:
        """An order of the shop's. OrdersAway names the path where there is nothing though there must be."""
        return Order(
            number=self._needed(data, "number"),
            state=self.states.get(self._needed(data, "state"), "unclear"),
            placed_on=reading.day(self._at(data, "placed_on")),
            due_on=reading.day(self._at(data, "due_on")),
            items=tuple(self._items(data)),
            payment=self.payments.get(reading.text(self._at(data, "payment")), ""),
            total=reading.text(self._at(data, "total"))[:40],
            shipments=tuple(self._shipments(data)),
            line_user=reading.text(self._at(data, "line_user")),
            phone=numbers.phone(reading.text(self.told("order.phone", self.order.phone, data))),
            recipient=reading.text(self._at(data, "recipient")),
            address=reading.text(self._at(data, "address")),
        )

    def told(self, name: str, path: str, data: Any) -> Any:
        """What the shop says there, also that there is nothing (null). OrdersAway names a path that is not there."""
        try:
            return reading.told(data, path)
        except LookupError as error:
            raise OrdersAway(f"{self.file}: {name}: nothing at '{path}' in the answer; there is {error}") from error

    def nothing_at(self, data: Any) -> list[str]:
        """Paths that lead nowhere in this order: wrong, or the shop leaves out what it does not know."""
        paths = {one.name: getattr(self.order, one.name) for one in fields(Where)}
        within = ("item_title", "item_count", "carrier", "tracking", "tracking_url")
        return [
            f"order.{name}: {path}"
            for name, path in paths.items()
            if path and name not in within and reading.at(data, path) is None
        ]

    def _at(self, data: Any, name: str) -> Any:
        path = getattr(self.order, name)
        return reading.at(data, path) if path else None

    def _needed(self, data: Any, name: str) -> str:
        found = reading.text(self._at(data, name))
        if not found:
            has = ", ".join(sorted(data)[:12]) if isinstance(data, Mapping) else type(data).__name__
            raise OrdersAway(
                f"{self.file}: order.{name}: nothing at '{getattr(self.order, name)}' in the answer; there is {has}"
            )
        return found

    def _items(self, data: Any) -> Iterator[OrderItem]:
        for one in reading.entries(self._at(data, "items")):
            if title := reading.text(self._at(one, "item_title")):
                yield OrderItem(title, reading.count(self._at(one, "item_count")))

    def _shipments(self, data: Any) -> Iterator[Shipment]:
        for one in reading.entries(self._at(data, "shipments")):
            parcel = (reading.text(self._at(one, name)) for name in ("carrier", "tracking", "tracking_url"))
            yield Shipment(*parcel)


def load(path: Path) -> Mapped:
    """The mapping file; SettingsError names what is wrong with it."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(
            f"ORDERS_MAPPING: {path} cannot be read ({type(error).__name__}); see docs/orders.example.yml"
        ) from error
    return _Reader(path.name).mapped(data)


@dataclass(frozen=True)
class _Reader:
    file: str

    def mapped(self, data: Any) -> Mapped:
        known = {"header", "prefix", "by_number", "by_line_user", "by_phone", "order", "states", "payments"}
        known |= {"changes", "refusal"}
        data = self._table(data, "the file", known)
        return Mapped(
            file=self.file,
            header=self._text(data.get("header", "Authorization"), "header"),
            prefix=self._text(data.get("prefix", "Bearer "), "prefix"),
            by_number=self._ask(data, "by_number", "{number}"),
            by_line_user=self._ask(data, "by_line_user", "{line_user}") if "by_line_user" in data else None,
            by_phone=self._ask(data, "by_phone", "{phone}") if "by_phone" in data else None,
            order=self._where(data.get("order")),
            states=self._meanings(data, "states", STATES),
            payments=self._meanings(data, "payments", PAYMENTS),
            changes=self._changes(data.get("changes", {})),
            refusal=self._text(data.get("refusal", ""), "refusal"),
        )

    def _table(self, value: Any, key: str, known: set[str] | None = None) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(key, "must be a table of keys and values")
        if known is not None and (unknown := {str(name) for name in value} - known):
            raise self._wrong(key, f"does not know {', '.join(sorted(unknown))}; use {', '.join(sorted(known))}")
        return value

    def _text(self, value: Any, key: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(key, f"is {value!r}; write a text")
        return value

    def _ask(self, data: Mapping[str, Any], key: str, field: str) -> Ask:
        table = self._table(data.get(key), key, {"path", "found"})
        path = self._text(table.get("path"), f"{key}.path")
        if not path.startswith("/") or field not in path or set("{}") & set(path.replace(field, "")):
            raise self._wrong(
                f"{key}.path", f"is {path!r}; it begins with / and holds {field}, and nothing else in braces"
            )
        return Ask(path, self._text(table.get("found", ""), f"{key}.found"))

    def _changes(self, value: Any) -> dict[ChangeKind, Deed]:
        table = self._table(value, "changes", set(KINDS))
        return {kind: self._deed(table[kind], kind) for kind in KINDS if kind in table}

    def _deed(self, value: Any, kind: ChangeKind) -> Deed:
        key = f"changes.{kind}"
        table = self._table(value, key, {"method", "path", "body"})
        method, path = table.get("method"), self._text(table.get("path"), f"{key}.path")
        body = self._table(table.get("body", {}), f"{key}.body")
        if method not in METHODS:
            raise self._wrong(f"{key}.method", f"is {method!r}; use {', '.join(METHODS)}")
        if not path.startswith("/") or set("{}") & set(path.replace(NUMBER, "").replace(VALUE, "")):
            raise self._wrong(f"{key}.path", f"is {path!r}; it begins with /; in braces stand {NUMBER} or {VALUE}")
        deed = Deed(method, path, body)
        for field in (NUMBER,) if kind == "cancel" else (NUMBER, VALUE):
            if field not in path and not _holds(body, field):
                raise self._wrong(key, f"does not say {field}: it must stand in the path, or be a value of the body")
        return deed

    def _where(self, value: Any) -> Where:
        table = self._table(value, "order", {one.name for one in fields(Where)})
        if missing := [name for name in ("number", "state", "phone") if not table.get(name)]:
            raise self._wrong("order", f"does not say where {', '.join(missing)} lies")
        return Where(**{name: self._text(path, f"order.{name}") for name, path in table.items()})

    def _meanings(self, data: Mapping[str, Any], key: str, ours: tuple[Meaning, ...]) -> dict[str, Meaning]:
        table = self._table(data.get(key, {}), key)
        for word, meaning in table.items():
            if meaning not in ours:
                raise self._wrong(f"{key}.{word}", f"is {meaning!r}; use {', '.join(filter(None, map(str, ours)))}")
        return {str(word): meaning for word, meaning in table.items()}

    def _wrong(self, key: str, what: str) -> SettingsError:
        return SettingsError(f"ORDERS_MAPPING: {self.file}: {key} {what}")


def _holds(part: Any, field: str) -> bool:
    within = part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ()
    return part == field or any(_holds(one, field) for one in within)
