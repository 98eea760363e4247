"""Who asks, and of which services: what every address of these pages begins with."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, abort, current_app
from sqlalchemy.orm import Session

from bot.auth import allow, me
from bot.services import Services
from bot.transactions import transact
from faq.articles import Doer
from faq.models import Article

Result = TypeVar("Result")

blueprint = Blueprint("articles", "faq", url_prefix="/content/articles", template_folder="templates")
keepers = allow("content.edit")
approvers = allow("content.approve")


def services() -> Services:
    found: Services = current_app.extensions["frontline"]
    return found


def doer() -> Doer:
    """The member of staff who asks."""
    found = me()
    assert found is not None, "the gate lets only members in"
    return Doer(found.id, found.role)


def do(deed: Callable[[Session], Result]) -> Result:
    """Do it in a transaction of its own."""
    return transact(services().sessions, deed)


def article_of(session: Session, article_id: int) -> Article:
    """The article that an address names; 404 where there is none."""
    return session.get(Article, article_id) or abort(404)
