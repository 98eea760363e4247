"""Which articles count today: live, and within the days for which they are valid, by the shop's calendar."""

from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, or_

from bot import services
from bot.clock import now
from faq.models import Article

IN_TIME = (
    or_(Article.valid_from.is_(None), Article.valid_from <= bindparam("today")),
    or_(Article.valid_until.is_(None), Article.valid_until >= bindparam("today")),
)
COUNTS = (Article.published, *IN_TIME)
"""For customers: the conditions of a statement, which is given `today()`."""


def counting() -> ColumnElement[bool]:
    """The same as one condition, of today."""
    return and_(*COUNTS).params(today())


def for_colleagues() -> ColumnElement[bool]:
    """What colleagues may read today: that, and what is for them alone."""
    return and_(or_(Article.published, Article.for_staff), *IN_TIME).params(today())


def today() -> dict[str, date]:
    return {"today": now().astimezone(services.current().settings.zone).date()}
