"""What is asked most these days: by how many conversations, which may walk a tree of many steps or ask again.

Counted over the latest part of the journal, so that it costs the same every year.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.models import JournalEntry
from faq.models import Article
from faq.public.topics import spoken

LATEST = 20_000  # entries of the journal
CANDIDATES = 40  # some of what was answered is not shown, or in another language


def most(session: Session, language: str, limit: int) -> list[Article]:
    """What was answered most; as long as too little was, articles that stand first."""
    ranks = {source: rank for rank, source in enumerate(_answered(session))}
    answered = session.scalars(spoken(session, language, Article.external_id.in_(ranks))).all()
    first = session.scalars(spoken(session, language).order_by(Article.id).limit(limit)).all()
    ranked = sorted(answered, key=lambda article: ranks[article.external_id])
    return list(dict.fromkeys((*ranked, *first)))[:limit]


def _answered(session: Session) -> list[str]:
    source = JournalEntry.data["source"].as_string()
    newest = session.scalar(select(func.max(JournalEntry.id))) or 0
    said = select(source).where(JournalEntry.id > newest - LATEST, JournalEntry.kind == "turn.answered")
    asked = func.count(JournalEntry.conversation_id.distinct())
    return list(session.scalars(said.group_by(source).order_by(asked.desc(), source).limit(CANDIDATES)))
