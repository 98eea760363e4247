"""The list of articles: looked for by words, category, state and owner, and those that somebody should read again."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from bot import searching
from bot.auth import may
from bot.auth.permissions import roles
from bot.models import User
from bot.nlu.policy import load as load_policy
from faq.articles import STATES, drafting, state
from faq.articles.states import DRAFT, LIVE
from faq.models import Article
from faq.visit import do, keepers, reading, today
from faq.writing.visit import blueprint, doer

SHOWN = 60
LONGEST = 100


class Asked(NamedTuple):
    """What the list is asked for; empty fields ask for nothing."""

    words: str
    category: str
    state: str
    owner: int
    due: bool
    skip: int


@blueprint.get("")
@keepers
def page() -> ResponseReturnValue:
    with reading() as session:
        return render_template("content/articles/page.html", article=None, **listed(session))


@blueprint.post("")
@keepers
def begin() -> ResponseReturnValue:
    """An article that says nothing yet; what is written into it is kept from the first word on."""
    by = doer()
    made = do(lambda session: drafting.begin(session, by).id)
    return redirect(url_for("articles.edit", article_id=made))


def listed(session: Session) -> dict[str, Any]:
    """What the list's pane shows."""
    asked = _asked()
    found = _found(session, asked)
    return {
        "asked": asked,
        "articles": found[:SHOWN],
        "more": len(found) > SHOWN,
        "portion": SHOWN,
        "total": session.scalar(select(func.count()).select_from(Article)),
        "due": session.scalar(select(func.count()).select_from(Article).where(*_due())),
        "states": STATES,
        "state": state,
        "categories": tuple(load_policy()[0].categories),
        "keepers": keepers_of(session),
        "approves": may(doer().role, "content.approve"),
    }


def keepers_of(session: Session) -> Sequence[User]:
    """Whose an article may be."""
    able = User.role.in_(roles("content.edit"))
    return session.scalars(select(User).where(able, User.active).order_by(User.name, User.id)).all()


def _asked() -> Asked:
    given = request.args
    words = given.get("q", "").strip()[:LONGEST]
    owner, skip = (max(given.get(name, 0, type=int), 0) for name in ("owner", "skip"))
    return Asked(words, given.get("category", ""), given.get("state", ""), owner, bool(given.get("due")), skip)


def _found(session: Session, asked: Asked) -> Sequence[Article]:
    """One more than is shown, where there are more."""
    wanted = select(Article).options(selectinload(Article.owner)).where(*conditions(session, asked))
    newest_first = wanted.order_by(Article.updated_at.desc(), Article.id.desc())
    return session.scalars(newest_first.offset(asked.skip).limit(SHOWN + 1)).all()


def conditions(session: Session, asked: Asked) -> list[ColumnElement[bool]]:
    """What holds of an article that is listed."""
    found: list[ColumnElement[bool]] = []
    for word in asked.words.split():
        named = Article.question.icontains(word, autoescape=True), Article.external_id == word
        inside = select(Article.id).where(searching.matches(session, Article, word))  # apart, else no index is used
        found.append(or_(*named, Article.id.in_(inside)))
    if asked.category:
        found.append(Article.category == asked.category)
    if asked.state in STATES:
        found.append(_in_state(asked.state))
    if asked.owner:
        found.append(Article.owner_id == asked.owner)
    return [*found, *_due()] if asked.due else found


def _in_state(wanted: str) -> ColumnElement[bool]:
    """Rows of before there were states tell it by whether they are online."""
    untold = and_(Article.state == "", Article.published == (wanted == LIVE))
    return or_(Article.state == wanted, untold) if wanted in (LIVE, DRAFT) else Article.state == wanted


def _due() -> list[ColumnElement[bool]]:
    return [Article.review_at <= today(), or_(Article.published, Article.for_staff)]
