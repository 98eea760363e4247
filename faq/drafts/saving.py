"""Saving drafts. An article that is online changes only when its author says so (`publish`).

What is internal in an article never becomes a customer's text by a file: only people who look at it may decide that.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.errors import Refused
from faq import training
from faq.articles import Content, live, pictures, put, versions, withheld
from faq.articles.states import APPROVED, DRAFT, LIVE, RETIRED, REVIEW, state
from faq.drafts.files import Row
from faq.drafts.rows import Draft, Problem, check
from faq.models import Article, ArticleStep


@dataclass
class Saved:
    """What became of a file's rows; `articles` are those that were added or changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)


NAMED = 200  # articles that the record names of one file
PORTION = 500  # articles that are asked for at once


def save(session: Session, rows: Iterable[Row], *, publish: bool, by: int | None = None) -> Saved:
    """Save every good row and name what is wrong with the others; repeating it changes nothing.

    `by` is nobody where an operator did it at a terminal; who did it on the page counts as an author.
    """
    saved = Saved()
    good = list(_good(rows, saved.problems))
    known = _known(session, [draft.external_id for draft in good])
    guard = withheld.Guard(session, (draft.content for draft in good))
    meant = training.drafted(session).intents
    touched = []
    for draft in good:
        article = known.get(draft.external_id)
        wrong = guard.refused(draft.content) or _shows_nothing(session, article, draft.content)
        if refused := wrong or _never_said(draft.content, meant):
            saved.problems.append(Problem(draft.row, refused))
        elif article is None:
            touched.append(_add(session, saved, draft, publish))
        elif _update(session, saved, article, draft, publish):
            touched.append(article)
    session.flush()
    withheld.refresh(session, *touched)
    for article in touched if by else ():
        article.authors = sorted({*article.authors, by})
    _tell(session, saved, publish, by)
    return saved


def _shows_nothing(session: Session, article: Article | None, content: Content) -> Refused | None:
    """What it says of a picture that is not here; a file brings none."""
    return next(iter(pictures.missing(session, article, content)), None)


def _never_said(content: Content, meant: Container[str]) -> Refused | None:
    """Why nobody would ever hear it: no message is understood as what it answers."""
    if not content.intent or content.intent in meant:
        return None
    return Refused("沒有「%(intent)s」這個意圖，改成有的，或留空。", intent=content.intent).at("intent")


def _known(session: Session, names: Sequence[str]) -> dict[str, Article]:
    """The articles of these names that there are."""
    asked = (names[at : at + PORTION] for at in range(0, len(names), PORTION))
    found = (session.scalars(select(Article).where(Article.external_id.in_(some))) for some in asked)
    return {article.external_id: article for some in found for article in some}


def _tell(session: Session, saved: Saved, publish: bool, by: int | None) -> None:
    """The record has which articles say something else from now on; the file that said so is the operator's."""
    if saved.articles:
        articles, added, changed = sorted(saved.articles)[:NAMED], saved.added, saved.changed
        journal.write(
            session,
            "faq.imported",
            user_id=by,
            articles=articles,
            added=added,
            changed=changed,
            published=publish,
        )


def _good(rows: Iterable[Row], problems: list[Problem]) -> Iterator[Draft]:
    seen: set[str] = set()
    for row, cells in rows:
        draft = check(row, cells)
        if isinstance(draft, list):
            problems.extend(draft)
        elif draft.external_id in seen:
            twice = Refused("「%(name)s」在這個檔案裡出現兩次，改成不同的編號。", name=draft.external_id)
            problems.append(Problem(row, twice.at("external_id")))
        else:
            seen.add(draft.external_id)
            yield draft


def _add(session: Session, saved: Saved, draft: Draft, publish: bool) -> Article:
    article = Article(external_id=draft.external_id)
    put(article, draft.content)
    _show(article, publish)
    session.add(article)
    saved.added += 1
    saved.articles.append(draft.external_id)
    return article


def _update(session: Session, saved: Saved, article: Article, draft: Draft, publish: bool) -> bool:
    """Whether it says something else, or is online, from now on."""
    draft = replace(draft, content=_placed(live(article), draft))
    changes, goes_online = live(article) != draft.content, publish and not article.live
    if refused := _stays(article, changes, goes_online, publish):
        saved.problems.append(Problem(draft.row, refused.at("external_id")))
        return False
    if changes or goes_online:
        _change(session, article, draft, publish, says_else=changes)
        saved.articles.append(draft.external_id)
    saved.changed += changes or goes_online
    saved.unchanged += not changes and not goes_online
    return changes or goes_online


def _placed(was: Content, draft: Draft) -> Content:
    """A table says neither in which order passages stand nor where one ends: those that read the same stay."""
    said = draft.content
    same = (was.page, "\n\n".join(was.internal)) == (said.page, "\n\n".join(said.internal))
    return replace(said, passages=was.passages) if same and not draft.placed else said


def _stays(article: Article, changes: bool, goes_online: bool, publish: bool) -> Refused | None:
    """Why a file does not change it, if it does not."""
    if changes and article.live and not publish:
        return Refused("這篇已經上線。要更新線上的內容，加上 --publish。")
    if (goes_online or (changes and not publish)) and state(article) in (REVIEW, APPROVED):
        return Refused("這篇正在審核，先在頁面上決定。")
    if goes_online and state(article) == RETIRED:
        return Refused("這篇已經下架，要再上線請在頁面上編輯。")
    return None


def _change(session: Session, article: Article, draft: Draft, publish: bool, *, says_else: bool) -> None:
    """What it said is kept; whoever works on a draft of it keeps that."""
    versions.keep_live(session, article)
    article.revision += 1
    if says_else:
        article.version = versions.following(session, article)
        put(article, draft.content)
    _show(article, publish)
    session.add(ArticleStep(article_id=article.id, kind="imported", version=article.version))


def _show(article: Article, publish: bool) -> None:
    if publish:
        article.published, article.for_staff = bool(article.wordings), not article.wordings
        versions.read_again(article)
    if article.draft is None:
        article.state = LIVE if article.live else DRAFT
