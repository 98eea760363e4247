"""From what a customer told to what he may hear of his order. Outside of transactions, since the shop is asked.

Without proof, an order that exists and one that does not are answered with the same words.
"""

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Literal

from bot.orders.numbers import key
from bot.orders.owning import owns, proves
from bot.orders.telling import OPEN
from bot.ports import Order, Orders, Owner

Result = Literal["told", "several", "digits", "wrong", "barred", "none", "away"]
"""told, or several to choose from; the digits are to be asked for, or were wrong; barred: too often; none: nothing is
linked with him, so the number is to be asked for; away: the shop's system did not answer."""
SHOWN = 5


@dataclass(frozen=True)
class Question:
    """Who asks, and what he told now; `earlier` is a number that he told before, for want of a better one.

    `proved` are the keys of orders that he proved lately, `tries` how often he may still be wrong about this number.
    """

    owner: Owner
    number: str = ""
    digits: str = ""
    earlier: str = ""
    proved: Set[str] = frozenset()
    tries: int = 1


@dataclass(frozen=True)
class Finding:
    """`orders` are his; `number` is the one that is asked about. `right`: whether digits, if tried, proved it."""

    result: Result
    orders: tuple[Order, ...] = ()
    number: str = ""
    right: bool | None = None


def inquire(orders: Orders, question: Question) -> Finding:
    """What to say to somebody who asks where his order is."""
    if question.number:
        return _by_number(orders, question)
    linked = _linked(orders, question.owner)
    if linked.result == "none" and question.earlier:
        return _by_number(orders, replace(question, number=question.earlier))
    return linked


def only(orders: Orders, question: Question) -> Order | None:
    """The order that a case is surely about, though he named none: the only one of his that is under way."""
    under_way = [order for order in orders.of(question.owner, SHOWN) if order.state in OPEN]
    return under_way[0] if len(under_way) == 1 else None


def prove(orders: Orders, question: Question) -> Finding:
    """Whether number and digits together show who he is; that an order is linked with his account does not.

    One that is linked with another's LINE account proves nothing, whatever he knows of it.
    """
    asked = replace(question, number=question.number or question.earlier, owner=Owner(), proved=frozenset())
    found = _by_number(orders, asked)
    mine = question.owner.line_users
    if mine and any(order.line_user not in ("", *mine) for order in found.orders):
        return Finding("barred" if question.tries == 1 else "wrong", number=found.number, right=False)
    return found


def _by_number(orders: Orders, question: Question) -> Finding:
    """An order that is his, or that the digits prove. Wrong digits count, whether there is such an order or not."""
    order = orders.by_number(question.number)
    if order is not None and _may_hear(question, order):
        return Finding("told", (order,), question.number)
    if question.tries <= 0:
        return Finding("barred", number=question.number)
    if not question.digits:
        return Finding("digits", number=question.number)
    if order is not None and proves(question.digits, order):
        return Finding("told", (order,), question.number, right=True)
    return Finding("barred" if question.tries == 1 else "wrong", number=question.number, right=False)


def _linked(orders: Orders, owner: Owner) -> Finding:
    """Those that are linked with him: what is under way, or else the last one."""
    linked = orders.of(owner, SHOWN)
    meant = [order for order in linked if order.state in OPEN] or linked[:1]
    if not meant:
        return Finding("none")
    return Finding("told" if len(meant) == 1 else "several", tuple(meant))


def _may_hear(question: Question, order: Order) -> bool:
    return owns(question.owner, order) or key(order.number) in question.proved
