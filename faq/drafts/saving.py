"""Saving drafts. An article that is online changes only when its author says so (`publish`)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from faq.drafts.files import Row
from faq.drafts.rows import Draft, Problem, check
from faq.models import Article


@dataclass
class Saved:
    """What became of a file's rows; `articles` are those that were added or changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)


NAMED = 200  # articles that the record names of one file


def save(session: Session, rows: Iterable[Row], *, publish: bool) -> Saved:
    """Save every good row and name what is wrong with the others; repeating it changes nothing."""
    saved = Saved()
    known = {article.external_id: article for article in session.scalars(select(Article))}
    for draft in _good(rows, saved.problems):
        article = known.get(draft.external_id)
        if article is not None:
            _update(saved, article, draft, publish)
            continue
        session.add(Article(external_id=draft.external_id, published=publish, **_content(draft)))
        saved.added += 1
        saved.articles.append(draft.external_id)
    session.flush()
    _tell(session, saved, publish)
    return saved


def _tell(session: Session, saved: Saved, publish: bool) -> None:
    """The record has which articles say something else from now on; the file that said so is the operator's."""
    if saved.articles:
        articles, added, changed = sorted(saved.articles)[:NAMED], saved.added, saved.changed
        journal.write(session, "faq.imported", articles=articles, added=added, changed=changed, published=publish)


def _good(rows: Iterable[Row], problems: list[Problem]) -> Iterator[Draft]:
    seen: set[str] = set()
    for row, cells in rows:
        draft = check(row, cells)
        if isinstance(draft, list):
            problems.extend(draft)
        elif draft.external_id in seen:
            twice = f"「{draft.external_id}」在這個檔案裡出現兩次，改成不同的編號。"
            problems.append(Problem(row, "external_id", twice))
        else:
            seen.add(draft.external_id)
            yield draft


def _update(saved: Saved, article: Article, draft: Draft, publish: bool) -> None:
    changes = {name: value for name, value in _content(draft).items() if getattr(article, name) != value}
    if changes and article.published and not publish:
        online = "這篇已經上線。要更新線上的內容，加上 --publish。"
        saved.problems.append(Problem(draft.row, "external_id", online))
        return
    goes_online = publish and not article.published
    for name, value in changes.items():
        setattr(article, name, value)
    article.published = article.published or publish
    article.version += bool(changes)
    if changes or goes_online:
        saved.articles.append(draft.external_id)
    saved.changed += bool(changes) or goes_online
    saved.unchanged += not changes and not goes_online


def _content(draft: Draft) -> dict[str, Any]:
    return {
        "question": draft.question,
        "wordings": list(draft.wordings),
        "category": draft.category,
        "intent": draft.intent,
        "language": draft.language,
        "buttons": list(draft.buttons),
    }
