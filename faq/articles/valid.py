"""Which articles count today: published, and within the days for which they are valid, by the shop's calendar."""

from datetime import date

from sqlalchemy import bindparam, or_

from bot import services
from bot.clock import now
from faq.models import Article

COUNTS = (
    Article.published,
    or_(Article.valid_from.is_(None), Article.valid_from <= bindparam("today")),
    or_(Article.valid_until.is_(None), Article.valid_until >= bindparam("today")),
)
"""The conditions of a statement, which is given `today()`."""


def today() -> dict[str, date]:
    return {"today": now().astimezone(services.current().settings.zone).date()}
