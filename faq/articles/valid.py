"""Which articles count today: live, and within the days for which they are valid, by the shop's calendar."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_

from bot import services
from bot.clock import now
from faq.models import Article


def _within(day: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """On this day it is valid."""
    begun = or_(Article.valid_from.is_(None), Article.valid_from <= day)
    return begun, or_(Article.valid_until.is_(None), Article.valid_until >= day)


COUNTS = (Article.published, *_within(bindparam("today")))
"""For customers: the conditions of a statement, which is given `today()`."""


def counting() -> ColumnElement[bool]:
    """The same as one condition, of today."""
    return and_(Article.published, *_within(_day()))


def for_colleagues() -> ColumnElement[bool]:
    """What colleagues may read today: that, and what is for them alone."""
    return and_(or_(Article.published, Article.for_staff), *_within(_day()))


def today() -> dict[str, date]:
    """What `COUNTS` asks for."""
    return {"today": _day()}


def _day() -> date:
    return now().astimezone(services.current().settings.zone).date()
