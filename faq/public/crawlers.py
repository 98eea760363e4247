"""What other people's programs may list: the pages of /help in both languages, and nothing else of the house.

A sitemap may have 50,000 addresses, so there are several: one of what is no article, and one for each so many numbers
of articles, which an article never leaves. /sitemap.xml names them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, render_template, stream_template, url_for
from sqlalchemy import Select, func
from sqlalchemy.orm import Session

from bot.auth import anonymous
from faq.models import Article
from faq.public.topics import shown, stocked
from faq.visit import reading, services

LISTS = {"zh-Hant-TW": "help", "en": "help_en"}
PART = 10_000  # numbers of articles, each with an address in each language
MOST_PARTS = 10**6  # beyond the numbers that a database gives
AT_ONCE = 500  # articles read: who fetches slowly keeps no transaction open

blueprint = Blueprint("crawlers", __name__, template_folder="../templates")
Page = tuple[dict[str, str], str]
"""Its address by language, and the day of its last change where there is one."""


@blueprint.get("/robots.txt")
@anonymous
def robots() -> Response:
    allowed = "".join(f"Allow: {path}\n" for path in ("/help", "/sitemap", "/static/"))
    return _kept(f"User-agent: *\n{allowed}Disallow: /\nSitemap: {_site()}{url_for('.sitemap')}\n", "text/plain")


@blueprint.get("/sitemap.xml")
@anonymous
def sitemap() -> Response:
    """Which parts there are, and when an article of each was changed last."""
    held = (Article.id - 1) // PART + 1
    with reading() as session:
        asked = shown().with_only_columns(held, func.max(Article.updated_at)).group_by(held).order_by(held)
        parts = [(0, ""), *((part, changed.date().isoformat()) for part, changed in session.execute(asked))]
    return _kept(render_template("help/sitemaps.xml", site=_site(), parts=parts), "application/xml")


@blueprint.get("/sitemap-<int:part>.xml")
@anonymous
def sitemap_part(part: int) -> Response:
    """The pages of a part: the first is of what is no article."""
    with reading() as session:
        if part > MOST_PARTS or (part and not session.scalar(_of(part).with_only_columns(Article.id).limit(1))):
            abort(404)
        pages = _articles(part) if part else iter(list(_shelves(session)))
    return _kept(stream_template("help/sitemap.xml", site=_site(), pages=pages), "application/xml")


def _shelves(session: Session) -> Iterator[Page]:
    yield _in_each("home"), ""
    for topic in stocked(session, "zh-TW"):
        yield _in_each("topic", key=topic.key), ""


def _articles(part: int) -> Iterator[Page]:
    listed = _of(part).with_only_columns(Article.id, Article.external_id, Article.updated_at)
    last = 0
    while rows := _batch(listed.where(Article.id > last)):
        for _, external_id, updated_at in rows:
            yield _in_each("article", external_id=external_id), updated_at.date().isoformat()
        last = rows[-1][0]


def _of(part: int) -> Select[Article]:
    return shown().where(Article.id > (part - 1) * PART, Article.id <= part * PART)


def _batch(listed: Select[int, str, datetime]) -> Sequence[tuple[int, str, datetime]]:
    with reading() as session:
        return session.execute(listed.order_by(Article.id).limit(AT_ONCE)).all()


def _in_each(view: str, **of: Any) -> dict[str, str]:
    return {language: url_for(f"{name}.{view}", **of) for language, name in LISTS.items()}


def _kept(text: str | Iterator[str], kind: str) -> Response:
    return Response(text, mimetype=kind, headers={"Cache-Control": "public, max-age=3600"})


def _site() -> str:
    return services().settings.pages
