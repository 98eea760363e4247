"""Orders in our own tables, as a shop imports them: what is used where no order system is named."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from bot.errors import ChangeRefused, OrdersAway
from bot.orders.numbers import key
from bot.orders.rows import ShopOrder
from bot.ports import CHANGEABLE, ChangeKind, Order, OrderChange, OrderItem, Owner, Shipment
from bot.transactions import fault, transact

PLAIN = ("number", "state", "payment", "total", "placed_on", "due_on", "line_user", "phone")
RECEIVED = ("recipient", "address")  # a list that does not tell them leaves them as they are
CHANGES: frozenset[ChangeKind] = frozenset({"address", "recipient", "cancel"})  # our phone proves whose an order is
AT_ONCE = 500
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class SqlOrders:
    """`bot.ports.Orders` over the table of imported orders: a copy, in which nothing is changed, since the shop would
    not know. `own`: the table is all that there is of them, as in the demo."""

    sessions: db.Sessions
    own: bool = False
    name: str = "sql"

    def ready(self) -> bool:
        """A shop that imports no orders has its customers asked for no number."""
        return bool(self._read(lambda session: session.scalar(select(ShopOrder.id).limit(1))))

    def by_number(self, number: str) -> Order | None:
        found = select(ShopOrder).where(ShopOrder.key == key(number))
        row = self._read(lambda session: session.scalar(found))
        return _order(row) if row is not None else None

    def of(self, owner: Owner, limit: int) -> list[Order]:
        mine = []
        if owner.line_users:
            mine.append(ShopOrder.line_user.in_(owner.line_users))
        if owner.phones:
            mine.append(ShopOrder.phone.in_(owner.phones))
        if not mine:
            return []
        newest = (
            select(ShopOrder).where(or_(*mine)).order_by(ShopOrder.placed_on.desc().nulls_last(), ShopOrder.id.desc())
        )
        return [_order(row) for row in self._read(lambda session: session.scalars(newest.limit(limit)).all())]

    @property
    def changes(self) -> frozenset[ChangeKind]:
        return CHANGES if self.own else frozenset()

    def change(self, wanted: OrderChange) -> None:
        """At once. To set the same once more does no harm."""
        if wanted.kind not in self.changes:
            raise ChangeRefused("這裡的訂單是匯入的，要到商店的系統修改。")
        try:
            transact(self.sessions, lambda session: _change_one(session, wanted))
        except SQLAlchemyError as error:
            raise OrdersAway(f"the table of orders cannot be written ({fault(error)})") from error

    def _read(self, look: Callable[[Session], Seen]) -> Seen:
        try:
            with db.reading(self.sessions) as session:
                return look(session)
        except SQLAlchemyError as error:
            raise OrdersAway(f"the table of orders cannot be read ({fault(error)})") from error


def _change_one(session: Session, wanted: OrderChange) -> None:
    row = session.scalar(select(ShopOrder).where(ShopOrder.key == key(wanted.number)).with_for_update())
    if row is None:
        raise ChangeRefused("沒有訂單 %(number)s。", number=wanted.number)
    if wanted.kind == "cancel" and row.state == "cancelled":
        return
    if row.state not in CHANGEABLE:
        raise ChangeRefused("訂單 %(number)s 已經出貨或結束，不能再改。", number=row.number)
    if wanted.kind == "cancel":
        row.state = "cancelled"
    else:
        setattr(row, wanted.kind, wanted.value)
    row.changed_at = now()


def save(session: Session, orders: Sequence[Order]) -> tuple[int, int]:
    """Keep these orders; how many are new, and how many changed."""
    parts = [_save(session, orders[at : at + AT_ONCE]) for at in range(0, len(orders), AT_ONCE)]
    return sum(added for added, _ in parts), sum(changed for _, changed in parts)


def _save(session: Session, orders: Sequence[Order]) -> tuple[int, int]:
    wanted = {key(order.number): order for order in orders}
    found = session.scalars(select(ShopOrder).where(ShopOrder.key.in_(wanted)))
    known = {row.key: row for row in found}
    changed = sum(_change(known[one], _columns(order)) for one, order in wanted.items() if one in known)
    session.add_all(ShopOrder(key=one, **_columns(order)) for one, order in wanted.items() if one not in known)
    return len(wanted) - len(known), changed


def _change(row: ShopOrder, columns: dict[str, Any]) -> bool:
    changes = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.changed_at = now()
    return bool(changes)


def _columns(order: Order) -> dict[str, Any]:
    goods = {"items": [asdict(one) for one in order.items], "shipments": [asdict(one) for one in order.shipments]}
    received = {name: value for name in RECEIVED if (value := getattr(order, name))}
    return {name: getattr(order, name) for name in PLAIN} | received | {"details": goods}


def _order(row: ShopOrder) -> Order:
    plain = {name: getattr(row, name) for name in (*PLAIN, *RECEIVED)}
    items = tuple(OrderItem(**one) for one in row.details["items"])
    shipments = tuple(Shipment(**one) for one in row.details["shipments"])
    return Order(**plain, items=items, shipments=shipments)
