"""The pages of /help: found, read, judged by those who read them. An address says everything, language and all."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy.orm import Session

from bot import attachments
from bot.auth import anonymous, may, me, public
from bot.tongues import LANGUAGES
from faq import pages, votes
from faq.articles import pictures
from faq.models import Article
from faq.public import asked, found, schema, talk, topics
from faq.visit import do, reading, services

ENGLISH = "help_en"
MOST_ASKED, RELATED, A_PAGE, LONGEST = 8, 5, 50, 200

READERS = ("content.edit", "case.joined")
PICTURE_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

blueprint = Blueprint("help", __name__, url_prefix="/help", template_folder="../templates")


@blueprint.get("")
@anonymous
def home() -> ResponseReturnValue:
    """What is asked most, and where the rest stands."""
    with reading() as session:
        articles = asked.most(session, _spoken(), MOST_ASKED)
        return _page(session, "home", topics=_topics(session), articles=articles)


@blueprint.get("/topics/<path:key>")
@anonymous
def topic(key: str) -> ResponseReturnValue:
    """The articles of a topic, a page at a time."""
    shelf, page = topics.topic(key), max(1, request.args.get("page", 1, type=int))
    with reading() as session:
        standing = topics.spoken(session, _spoken(), Article.category.in_(shelf.categories)).order_by(Article.id)
        articles = session.scalars(standing.offset((page - 1) * A_PAGE).limit(A_PAGE + 1)).all()
        if not articles:
            return _gone(session)
        return _page(session, "topic", topic=shelf, articles=articles[:A_PAGE], page=page, more=len(articles) > A_PAGE)


@blueprint.get("/articles/<path:external_id>")
@anonymous
def article(external_id: str) -> ResponseReturnValue:
    """One article; afterwards it asks whether that helped."""
    with reading() as session:
        read = _article(session, external_id)
        if read is None:
            return _gone(session)
        topic, said = topics.of(read.category), request.args.get("said", "")
        beside = topics.spoken(session, read.language, Article.category == read.category, Article.id != read.id)
        related = session.scalars(beside.order_by(Article.id).limit(RELATED)).all()
        about: dict[str, Any] = {"topic": topic, "related": related, "schema": schema.question(read, _spoken())}
        return _page(session, "article", article=read, heading=pages.heading(read), said=said, **about)


@blueprint.get("/search")
@anonymous
def search() -> ResponseReturnValue:
    """What fits the words, with the words marked; where nothing does, another way on."""
    query = request.args.get("q", "").strip()[:LONGEST]
    with reading() as session:
        hits = found.found(session, query, _spoken()) if query else []
        return _page(session, "search", query=query, hits=hits, topics=[] if hits else _topics(session))


@blueprint.get("/pictures/<key>")
@public
def picture(key: str) -> ResponseReturnValue:
    """A picture of an article, as we drew it; small where a chat asks for that. 404 for what was taken away.

    What no customer is shown (of a draft, or internal) only colleagues see.
    """
    with reading() as session:
        known = pictures.shown(session, key)
        online = known is not None and pictures.for_customers(session, known)
    answer = _drawn(key) if known and (online or _is_colleague()) else Response(status=404)
    answer.headers["Cache-Control"] = "public, max-age=300" if online else "no-store"
    answer.headers.update(PICTURE_HEADERS)
    return answer


@blueprint.post("/votes/<path:external_id>")
@anonymous
def vote(external_id: str) -> ResponseReturnValue:
    """Whether it helped. Nothing is kept that tells who said so."""
    helped, address, browser = request.form.get("helped") == "yes", request.remote_addr or "", request.user_agent.string

    def count(session: Session) -> bool:
        read = _article(session, external_id)
        if read is not None:
            votes.vote(session, read, helped, votes.visitor(services().settings, read, address, browser))
        return read is not None

    if not do(count):
        with reading() as session:
            return _gone(session)
    said = "yes" if helped else "no"
    return redirect(url_for(".article", external_id=external_id, said=said, _anchor="helped"), 303)


def _is_colleague() -> bool:
    """Somebody signed in who writes articles, or reads them beside a case."""
    visitor = me()
    return visitor is not None and not visitor.owes and any(may(visitor.role, part) for part in READERS)


def _drawn(key: str) -> Response:
    name = attachments.small_copy(key) if request.args.get("small") else key
    try:
        file = attachments.store(services().settings).open(name)
    except FileNotFoundError:
        return Response(status=404)
    answer = send_file(file, "image/jpeg", etag=False)
    answer.set_etag(name)
    answer.make_conditional(request)
    return answer


def _article(session: Session, external_id: str) -> Article | None:
    return session.scalar(topics.shown().where(Article.external_id == external_id))


def _topics(session: Session) -> list[topics.Topic]:
    return topics.stocked(session, _spoken())


def _gone(session: Session) -> Response:
    """What was here is not any more, or never was."""
    return _page(session, "gone", topics=_topics(session), code=404)


def _page(session: Session, template: str, code: int = 200, **known: Any) -> Response:
    """A page as everybody gets it who asks for this address; whoever has it already is told so."""
    with force_locale(LANGUAGES[_spoken()]):
        chat = talk.chat(services().settings, _words(known.get("heading", ""), known.get("query", "")))
        there = services().wiring.desk.presence(session, _spoken())
        around = {"pages": pages, "chat": chat, "there": there, "other": _other()}
        drawn = render_template(f"help/{template}.html", **around, **known)
    answer = make_response(drawn, code)
    answer.headers["Cache-Control"] = "public, no-cache"  # kept, and asked for: what was taken down is down
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _words(heading: str, query: str) -> str:
    return talk.after_reading(heading) if heading else talk.after_looking(query)


def _spoken() -> str:
    """The language that the address says."""
    return "en" if request.blueprint == ENGLISH else "zh-TW"


def _other() -> str:
    """The address of this page in the other language."""
    into = "help" if request.blueprint == ENGLISH else ENGLISH
    view = str(request.endpoint).rpartition(".")[2]
    view = "article" if view == "vote" else view
    kept = {name: value for name, value in request.args.items() if name in ("q", "page")}
    return url_for(f"{into}.{view}", **{**(request.view_args or {}), **kept})
