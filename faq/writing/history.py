"""What an article said before, who did what with it, and two versions side by side."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from faq.articles import Content, compare, live, read, state, versions, working
from faq.models import Article, ArticleStep
from faq.visit import keepers, reading
from faq.writing.visit import article_of, blueprint

DRAFTED, ONLINE = "draft", "live"


@blueprint.get("/<int:article_id>/history")
@keepers
def history(article_id: int) -> ResponseReturnValue:
    left, right = request.args.get("left", ONLINE), request.args.get("right", DRAFTED)
    with reading() as session:
        article = article_of(session, article_id)
        steps = select(ArticleStep).where(ArticleStep.article_id == article.id).order_by(ArticleStep.id.desc())
        return render_template(
            "content/articles/history.html",
            article=article,
            stage=state(article),
            versions=versions.every(session, article),
            steps=session.scalars(steps).all(),
            left=left,
            right=right,
            rows=compare(_side(session, article, left), _side(session, article, right)),
        )


def _side(session: Session, article: Article, name: str) -> Content:
    """What is drafted, what is live, or the version of this number; an empty one where there is none."""
    if name in (DRAFTED, ONLINE):
        return working(article) if name == DRAFTED else live(article)
    found = {str(version.number): version for version in versions.every(session, article)}.get(name)
    return read(found.content) if found else Content()
