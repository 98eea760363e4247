"""Tries to prove an order by the last digits of its phone. Three digits can be guessed, so tries are few."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.clock import after
from bot.orders.rows import OrderProof

MOST = 3  # wrong tries of a conversation in a day
MOST_OF_ORDER = 10  # of all who try at one number: a thousand guesses are not many for several accounts
DAY = 86_400.0


def left(session: Session, conversation_id: int, key: str) -> int:
    """How many more wrong tries this conversation has at this number."""
    lately = OrderProof.good.is_(False) & (OrderProof.at > after(-DAY))
    mine, all_of_it = OrderProof.conversation_id == conversation_id, OrderProof.key == key
    counts = select(func.count().filter(mine), func.count().filter(all_of_it)).where(lately, or_(mine, all_of_it))
    his, everybodys = session.execute(counts).one()
    return int(min(MOST - his, MOST_OF_ORDER - everybodys))


def proved(session: Session, conversations: Sequence[int], seconds: float = DAY) -> frozenset[str]:
    """The keys of orders that were proved in these conversations lately."""
    good = select(OrderProof.key).where(OrderProof.conversation_id.in_(conversations), OrderProof.good)
    return frozenset(session.scalars(good.where(OrderProof.at > after(-seconds))))


def keep(session: Session, conversation_id: int, key: str, *, good: bool) -> None:
    session.add(OrderProof(conversation_id=conversation_id, key=key[:40], good=good))
