"""The blueprint of the desk's API, and how its routes find what they speak of."""

from flask import Blueprint, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.api import NotFound
from bot.services import Services
from handoff.models import Ticket

blueprint = Blueprint("desk_api", __name__, url_prefix="/api/v1")


def services() -> Services:
    found: Services = current_app.extensions["frontline"]
    return found


def case(session: Session, number: str) -> Ticket:
    """A case by its number."""
    found = session.scalar(select(Ticket).where(Ticket.number == number)) if number.isprintable() else None
    if found is None:
        raise NotFound(number)
    return found
