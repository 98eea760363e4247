"""What other people's programs may list: the pages of /help in both languages, and nothing else of the house."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from sqlalchemy.orm import Session

from bot.auth import anonymous
from faq.models import Article
from faq.public.topics import shown, stocked
from faq.visit import reading, services

LISTS = {"zh-Hant-TW": "help", "en": "help_en"}
MOST = 25_000  # of 50,000 addresses that a sitemap may have

blueprint = Blueprint("crawlers", __name__, template_folder="../templates")


@blueprint.get("/robots.txt")
@anonymous
def robots() -> Response:
    told = f"User-agent: *\nAllow: /help\nAllow: /static/\nDisallow: /\nSitemap: {_site()}{url_for('.sitemap')}\n"
    return _kept(told, "text/plain")


@blueprint.get("/sitemap.xml")
@anonymous
def sitemap() -> Response:
    with reading() as session:
        drawn = render_template("help/sitemap.xml", site=_site(), addresses=list(_addresses(session)))
    return _kept(drawn, "application/xml")


def _addresses(session: Session) -> Iterator[tuple[dict[str, str], str]]:
    """Each page's address by language, and the day of its last change where there is one."""
    yield _in_each("home"), ""
    for topic in stocked(session, "zh-TW"):
        yield _in_each("topic", key=topic.key), ""
    listed = shown().with_only_columns(Article.external_id, Article.updated_at).order_by(Article.id).limit(MOST)
    for external_id, updated_at in session.execute(listed):
        yield _in_each("article", external_id=external_id), updated_at.date().isoformat()


def _in_each(view: str, **of: Any) -> dict[str, str]:
    return {language: url_for(f"{name}.{view}", **of) for language, name in LISTS.items()}


def _kept(text: str, kind: str) -> Response:
    return Response(text, mimetype=kind, headers={"Cache-Control": "public, max-age=3600"})


def _site() -> str:
    return services().settings.pages
