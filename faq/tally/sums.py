"""The report's figures: one walk over an index of the period, however long the history is."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from faq import votes
from faq.models import Article, ArticleVote, BotTurn
from faq.tally.measures import MEASURES

Counts = Counter[str]


class Sums(NamedTuple):
    """How often each measure holds: in all, by day, by intent, by release."""

    whole: Counts
    days: dict[date, Counts]
    intents: dict[str, Counts]
    releases: dict[int, Counts]


def whole(session: Session, first: date, last: date) -> Sums:
    """Every day of the period stands there, also one on which nothing was asked."""
    sums = Sums(Counter(), {day: Counter() for day in _days(first, last)}, {}, {})
    for day, intent, release, *counted in session.execute(_query(first, last)):
        found = Counter(dict(zip(MEASURES, counted, strict=True)))
        ways = sums.days[day], sums.intents.setdefault(intent, Counter()), sums.releases.setdefault(release, Counter())
        for counts in (sums.whole, *ways):
            counts.update(found)
    return sums


def of_article(session: Session, article: Article, first: date, last: date) -> Counts:
    """How often each measure holds of what was answered with this article."""
    with_it = BotTurn.article == article.external_id, BotTurn.day.between(first, last)
    counted = session.execute(select(*_counted()).where(*with_it)).one()
    return Counter({name: count or 0 for name, count in zip(MEASURES, counted, strict=True)})


def unhelpful(session: Session, first: date, last: date, zone: ZoneInfo, article: Article | None = None) -> int:
    """How often readers of /help said that an article, or this one, did not help."""
    start, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    voted = select(func.count()).where(ArticleVote.voted_at >= start, ArticleVote.voted_at < end)
    of_it = [ArticleVote.article_id == article.id] if article else []
    return session.scalar(voted.where(ArticleVote.helped.is_(False), votes.on_help(), *of_it)) or 0


def _query(first: date, last: date) -> Select[*tuple[Any, ...]]:
    keys = (BotTurn.day, BotTurn.intent, BotTurn.release_id)
    return select(*keys, *_counted()).where(BotTurn.day.between(first, last)).group_by(*keys)


def _counted() -> list[ColumnElement[int]]:
    return [func.sum(case((holds, 1), else_=0)) for holds in MEASURES.values()]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
