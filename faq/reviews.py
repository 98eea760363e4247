"""Articles that somebody should read again: whose they are is told once for each date, from nine in the morning on.
Where nobody has done it a fortnight later, those who approve are told as well. What is live without a date, as imports
left it once, is given one.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot import db, journal
from bot.auth import may
from bot.clock import now
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from faq.articles.versions import QUARTER
from faq.models import Article

FROM = 9  # o'clock
AGAIN = timedelta(days=14)
LIMIT = 1000  # articles a look
SHOWN = 30  # characters of a question
LIVE = or_(Article.published, Article.for_staff)
UNDATED = and_(LIVE, Article.review_at.is_(None))


@every(60)
def remind(current: Services) -> None:
    """Tell of what is due, each once."""
    here = now().astimezone(current.settings.zone)
    if here.hour < FROM:
        return
    untold = or_(_due(here.date()), _overdue(here.date()), UNDATED)
    with db.reading(current.sessions) as session:
        waits = session.scalar(select(Article.id).where(untold).limit(1))
    if waits is not None:
        transact(current.sessions, lambda session: _remind(session, here.date()))


def _due(today: date) -> ColumnElement[bool]:
    return and_(LIVE, Article.review_at <= today, _not(Article.review_told))


def _overdue(today: date) -> ColumnElement[bool]:
    return and_(LIVE, Article.review_at <= today - AGAIN, _not(Article.review_urged))


def _not(told: InstrumentedAttribute[date | None]) -> ColumnElement[bool]:
    """Of this date of review nobody was told so."""
    return Article.review_at.is_distinct_from(told)


def _remind(session: Session, today: date) -> None:
    _date(session, today)
    late = _taken(session, _overdue(today), "review_told", "review_urged")
    fresh = _taken(session, _due(today), "review_told")
    _tell(session, "articles.overdue", late)
    _tell(session, "articles.due", fresh)


def _date(session: Session, today: date) -> None:
    """They come due over the coming quarter, some each day; nobody has changed them by that."""
    undated = select(Article.id).where(UNDATED).limit(LIMIT).with_for_update(of=Article, skip_locked=True)
    dates = [{"of": id_, "on": today + timedelta(days=1 + id_ % QUARTER.days)} for id_ in session.scalars(undated)]
    kept = {"updated_at": Article.updated_at, "review_at": bindparam("on")}
    if dates:
        session.connection().execute(update(Article).where(Article.id == bindparam("of")).values(kept), dates)


def _taken(session: Session, which: ColumnElement[bool], *told: str) -> Sequence[Article]:
    """Of their date somebody is told now; nobody has changed them by that."""
    waiting = select(Article).where(which).order_by(Article.review_at, Article.id).limit(LIMIT)
    ours = session.scalars(waiting.with_for_update(of=Article, skip_locked=True)).all()
    kept = {"updated_at": Article.updated_at, **dict.fromkeys(told, Article.review_at)}
    session.execute(update(Article).where(Article.id.in_([article.id for article in ours])).values(kept))
    return ours


def _tell(session: Session, kind: str, articles: Iterable[Article]) -> None:
    """One word for each keeper; to all of them of what is nobody's."""
    theirs: dict[int | None, list[Article]] = {}
    for article in articles:
        theirs.setdefault(_keeper(article), []).append(article)
    for keeper, those in theirs.items():
        journal.write(session, kind, to_user=keeper, text=f"「{those[0].question[:SHOWN]}」", articles=len(those))


def _keeper(article: Article) -> int | None:
    """Whose it is, if she still keeps content."""
    owner = article.owner
    return owner.id if owner is not None and owner.active and may(owner.role, "content.edit") else None
