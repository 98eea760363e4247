"""Orders from any shop's own API, read by a mapping file."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.errors import ChangeRefused
from bot.orders import reading
from bot.orders.calling import Shop
from bot.orders.mapping import Ask, Mapped
from bot.orders.numbers import key
from bot.orders.owning import newest, owns
from bot.ports import ChangeKind, Order, OrderChange, Owner


@dataclass(frozen=True)
class HttpOrders:
    """`bot.ports.Orders` over HTTP. What the shop sends beside what was asked for is nobody's."""

    shop: Shop
    mapped: Mapped
    name: str = "http"

    def ready(self) -> bool:
        return True

    def by_number(self, number: str) -> Order | None:
        data = self.raw(number)
        order = self.mapped.read(data) if data is not None else None
        return order if order is not None and key(order.number) == key(number) else None

    def of(self, owner: Owner, limit: int) -> list[Order]:
        found: list[Order] = []
        if (ask := self.mapped.by_line_user) is not None:
            found += [order for one in owner.line_users for order in self._list("by_line_user", ask, line_user=one)]
        if (ask := self.mapped.by_phone) is not None:
            found += [order for phone in owner.phones for order in self._list("by_phone", ask, phone=phone)]
        return newest([order for order in found if owns(owner, order)], limit)

    @property
    def changes(self) -> frozenset[ChangeKind]:
        return frozenset(self.mapped.changes)

    def change(self, wanted: OrderChange) -> None:
        deed = self.mapped.changes.get(wanted.kind)
        if deed is None:
            raise ChangeRefused("%(file)s 沒有寫怎麼做這項變更", file=self.mapped.file)
        self.shop.change(deed.method, deed.at(wanted), deed.sent(wanted), self.mapped.refusal)

    def raw(self, number: str) -> Any:
        """The order as the shop sends it; None where there is none."""
        if not key(number):
            return None
        ask = self.mapped.by_number
        return self.mapped.told("by_number.found", ask.found, self._get(ask, number=number))

    def _list(self, name: str, ask: Ask, **asked: str) -> list[Order]:
        listed = self.mapped.told(f"{name}.found", ask.found, self._get(ask, **asked))
        return [self.mapped.read(data) for data in reading.entries(listed)]

    def _get(self, ask: Ask, **asked: str) -> Any:
        return self.shop.get(ask.path.format(**{name: quote(value, safe="") for name, value in asked.items()}))
