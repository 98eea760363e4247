"""The article that an address names, and who works on it."""

from flask import Blueprint, abort
from sqlalchemy.orm import Session

from faq.articles import Doer
from faq.models import Article
from faq.visit import member

blueprint = Blueprint("articles", "faq", url_prefix="/content/articles", template_folder="templates")


def doer() -> Doer:
    """The member of staff who asks."""
    found = member()
    return Doer(found.id, found.role)


def article_of(session: Session, article_id: int) -> Article:
    """The article that an address names; 404 where there is none."""
    return session.get(Article, article_id) or abort(404)
