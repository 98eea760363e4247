"""The figures of a period, and the messages behind any of them."""

from collections.abc import Collection
from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.nlu.policy import load
from faq import tally
from faq.masking import masked
from faq.models import Article, Build
from faq.report.period import QUICK, Period, given, lately
from faq.tally.listing import Place
from faq.tally.measures import MEASURES
from faq.visit import keepers, reading, services, today

SHOWN = 50
HIGHEST = 2**31 - 1  # a number of a row
DRAWN = 12  # intents in the picture; the table has all

blueprint = Blueprint("report", "faq", url_prefix="/content/report", template_folder="templates")


@blueprint.get("")
@keepers
def page() -> ResponseReturnValue:
    period, understood = _period()
    with reading() as session:
        sums = tally.whole(session, *period)
        unhelpful = tally.unhelpful(session, *period, services().settings.zone)
        notes = _notes(session, sums.releases)
    busiest = sorted(sums.intents.items(), key=lambda item: -item[1]["all"])
    return _draw(
        "page", period, understood=understood, sums=sums, intents=busiest, drawn=DRAWN, unhelpful=unhelpful, notes=notes
    )


@blueprint.get("/messages")
@keepers
def messages() -> ResponseReturnValue:
    """What a number counted, the newest first, without the customers' data."""
    period, _ = _period()
    what, intent, article = (request.args.get(name, "")[:60] for name in ("what", "intent", "article"))
    release = request.args.get("release", type=int)
    if what not in MEASURES or not 0 <= (release or 0) <= HIGHEST:
        abort(404)
    with reading() as session:
        asked: dict[str, Any] = {"intent": intent, "release": release, "article": article, "after": _place()}
        found = tally.messages(session, what, period, **asked, limit=SHOWN + 1)
        question = _question(session, article) if article else ""
    narrowed = {"intent": intent or None, "release": release, "article": article or None}
    last = found[SHOWN - 1].turn if len(found) > SHOWN else None
    lines = [(said, masked(said.text, said.name) if said.text else "") for said in found[:SHOWN]]
    return _draw("messages", period, what=what, narrowed=narrowed, question=question, lines=lines, last=last)


def _draw(template: str, period: Period, **known: Any) -> str:
    """A page whose links keep to its period."""

    def link(what: str, first: date = period.first, last: date = period.last, **narrowed: Any) -> str:
        given: dict[str, Any] = {"from": first, "to": last, **narrowed}
        return url_for("report.messages", what=what, **given)

    policy, day = load()[0], today()
    shown = {"policy": policy, "share": tally.share, "quick": [lately(day, days) for days in QUICK], "link": link}
    return render_template(f"content/report/{template}.html", period=period, today=day, **shown, **known)


def _notes(session: Session, releases: Collection[int]) -> dict[int, str]:
    """What whoever had these releases built said of them."""
    made = select(Build.release_id, Build.note).where(Build.release_id.in_(releases)).order_by(Build.id)
    return {id_: note for id_, note in session.execute(made) if id_}


def _question(session: Session, article: str) -> str:
    """What the article answers; its name, where it is gone."""
    return session.scalar(select(Article.question).where(Article.external_id == article)) or article


def _place() -> Place | None:
    """Where the page before ended; 404 where nobody could have been."""
    day, _, number = request.args.get("after", "").partition(".")
    if not day:
        return None
    try:
        place = Place(date.fromisoformat(day), int(number))
    except ValueError:
        abort(404)
    return place if 0 <= place.message_id <= HIGHEST else abort(404)


def _period() -> tuple[Period, bool]:
    return given(request.args, today())
