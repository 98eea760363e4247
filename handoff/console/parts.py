"""Parts of a list: so many rows, and where the next ones go on. Cut by keys, so that nothing is skipped or repeated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

PAGE = 50
MOST = 500  # rows of a list that grew by its further pages, when it is drawn again

Thing = TypeVar("Thing")
Key = ColumnElement[datetime]


@dataclass(frozen=True)
class Part(Generic[Thing]):
    """Some rows, and after which one the next page begins; empty on the last. `whole`: all were looked at."""

    shown: Sequence[Thing] = ()
    following: str = ""
    whole: bool = True


@dataclass(frozen=True)
class Order:
    """By a time and then by id; both ways the same."""

    key: Key | InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    id: InstrumentedAttribute[int]
    newest_first: bool


def cut(session: Session, wanted: Select[Any], order: Order, after: str, size: int) -> Part[Any]:
    """So many of what is wanted, from after a place on."""
    key, tie = order.key, order.id
    if place := _place(after):
        wanted = wanted.where(_beyond(order, *place))
    sorting = (key.desc(), tie.desc()) if order.newest_first else (key, tie)
    rows = session.execute(wanted.add_columns(key.label("place")).order_by(*sorting).limit(size + 1)).unique().all()
    last = rows[size - 1] if len(rows) > size else None
    return Part([row[0] for row in rows[:size]], f"{last.place.isoformat()}_{last[0].id}" if last else "")


def _beyond(order: Order, at: datetime, known: int) -> ColumnElement[bool]:
    """Said so that an index by the key is read from that place on, not from its beginning."""
    key, tie = order.key, order.id
    if order.newest_first:
        return and_(key <= at, or_(key < at, tie < known))
    return and_(key >= at, or_(key > at, tie > known))


def _place(after: str) -> tuple[datetime, int] | None:
    """Where a page begins; what we never wrote is the beginning."""
    at, _, known = after.rpartition("_")
    try:
        return datetime.fromisoformat(at), int(known)
    except ValueError:
        return None
