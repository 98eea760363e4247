"""The blueprint of the desk's API, and how its routes find what they speak of."""

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, current_app
from pydantic import BaseModel
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot import db
from bot.api import NotFound, Page, PageQuery, caller, page
from bot.auth import may
from bot.models import User
from bot.services import Services
from handoff.models import Ticket
from handoff.tickets import guests

Thing = TypeVar("Thing")
Pages = TypeVar("Pages", bound=Page[Any])

blueprint = Blueprint("desk_api", __name__, url_prefix="/api/v1")


def services() -> Services:
    found: Services = current_app.extensions["frontline"]
    return found


def reading() -> contextlib.AbstractContextManager[Session]:
    """A session to look things up in."""
    return db.reading(services().sessions)


def case(session: Session, number: str) -> Ticket:
    """A case by its number, for the desk, for those who were asked into it, and for who helps its team."""
    ticket = by_name(session, Ticket, Ticket.number, number)
    if not may(caller().role, "desk.work") and not guests.sees(session, ticket, caller().user_id):
        raise NotFound(number)
    return ticket


def joined(wanted: Select[Any]) -> Select[Any]:
    """Of these cases, those that the caller may see."""
    if may(caller().role, "desk.work"):
        return wanted
    return wanted.where(guests.visible(caller().user_id))


def person(session: Session, username: str) -> User:
    """A member of staff by user name."""
    return by_name(session, User, User.username, username)


def by_name(session: Session, table: type[Thing], column: InstrumentedAttribute[str], name: str) -> Thing:
    """The one row of this name; what no row can be called is not looked for."""
    return found(session.scalar(select(table).where(column == name)) if name.isprintable() else None)


def found(thing: Thing | None) -> Thing:
    if thing is None:
        raise NotFound
    return thing


def listed(
    session: Session,
    pages: type[Pages],
    query: PageQuery,
    wanted: Select[Any],
    key: InstrumentedAttribute[int],
    shape: Callable[[Any], BaseModel],
) -> Pages:
    """One page of a list."""
    items, following = page(session, query, wanted, key, shape)
    return pages(items=items, next=following)
