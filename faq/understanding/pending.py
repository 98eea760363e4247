"""What is changed and not live yet, whatever it is of: articles go live by themselves, sentences with a release, the
matrix when it was tried.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.nlu import release
from bot.nlu.pointer import active
from faq import policies
from faq.models import Article

SHOWN = 12  # articles that are named


class Pending(NamedTuple):
    """The articles that were drafted last, how many there are in all, and in how many fields the matrix differs."""

    articles: Sequence[Article]
    drafted: int
    fields: int


def pending(session: Session) -> Pending:
    """As it is now."""
    drafted = Article.draft.is_not(None)
    newest = select(Article).where(drafted).order_by(Article.drafted_at.desc(), Article.id.desc()).limit(SHOWN)
    live = release.changes(session, active(session))
    return Pending(
        session.scalars(newest).all(),
        session.scalar(select(func.count()).select_from(Article).where(drafted)) or 0,
        len(policies.differences(live, policies.working(session))),
    )
