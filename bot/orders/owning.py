"""Whose an order is. Nobody hears a word of somebody else's: what is not proved is as if it were not there."""

from datetime import date

from bot.orders.numbers import last_digits
from bot.ports import Order, Owner


def owns(owner: Owner, order: Order) -> bool:
    """Whether the order is linked with him, by his LINE account or a phone that he proved."""
    by_line = order.line_user != "" and order.line_user in owner.line_users
    return by_line or (order.phone != "" and order.phone in owner.phones)


def proves(digits: str, order: Order) -> bool:
    """Whether these are the last digits of the order's phone."""
    return bool(digits) and digits == last_digits(order.phone)


def newest(orders: list[Order], limit: int) -> list[Order]:
    """Each order once, the newest first; those without a day last."""
    once = {order.number: order for order in orders}.values()
    return sorted(once, key=lambda order: (order.placed_on or date.min, order.number), reverse=True)[:limit]
