"""The console's pages, and the fragments that replace a pane of them.

A click swaps a pane (htmx asks for the fragment); without JavaScript the same addresses give whole pages.
"""

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import db
from bot.auth import may
from bot.errors import Refused
from bot.nlu.policy import load as load_policy
from bot.transactions import transact
from bot.web import wording
from handoff.clocks import pressing
from handoff.console import audit, decisions, filters, found, house, inbox, keys, notices, pane, people, rules
from handoff.console.filters import Filter
from handoff.console.found import Found
from handoff.console.inbox import Inbox, Looking
from handoff.console.pane import Pane
from handoff.console.parts import MOST, PAGE
from handoff.console.said import Span
from handoff.console.views import teams as own_teams
from handoff.console.visit import invited, member, services, sidebar, staff, views
from handoff.models import SavedFilter
from handoff.notify import bell
from handoff.tickets import Stale, guests, seeing

VIEW = "all"
LONGEST_QUERY = 80
MOST_ID = 2**31 - 1
WRITTEN = ("reply", "note", "whisper", "mail")

blueprint = Blueprint("console", "handoff", url_prefix="/console", template_folder="templates")
blueprint.register_blueprint(audit.blueprint)
blueprint.register_blueprint(decisions.blueprint)
blueprint.register_blueprint(house.blueprint)
blueprint.register_blueprint(keys.blueprint)
blueprint.register_blueprint(notices.blueprint)
blueprint.register_blueprint(people.blueprint)
blueprint.register_blueprint(rules.blueprint)


@blueprint.record_once
def prepare(state: BlueprintSetupState) -> None:
    wording.draw_once(state.app, "console/words.html")


@blueprint.app_template_filter("told")
def told(text: str) -> str:
    """A text as the member may read it."""
    return guests.told(text, member().role)


@blueprint.get("")
@invited
def start() -> ResponseReturnValue:
    """The list with nothing open."""
    with db.reading(services().sessions) as session:
        return render_template("console/page.html", pane=None, **in_page(session))


@blueprint.get("/list")
@invited
def list_pane() -> ResponseReturnValue:
    """The sidebar and the list alone, to be put in place of the ones on the screen."""
    with db.reading(services().sessions) as session:
        return render_template("console/list.html", pane=None, **in_list(session))


@blueprint.get("/cases/<number>")
@invited
def case(number: str) -> ResponseReturnValue:
    with db.reading(services().sessions) as session:
        shown = pane.of_case(session, number, member(), services().settings.zone, span())
        page = show(session, shown)
    _saw(shown)
    return page


@blueprint.get("/conversations/<int:conversation_id>")
@staff
def conversation(conversation_id: int) -> ResponseReturnValue:
    with db.reading(services().sessions) as session:
        zone = services().settings.zone
        return show(session, pane.of_conversation(session, conversation_id, member(), zone, span()))


def show(session: Session, shown: Pane | None, refused: Refused | None = None) -> ResponseReturnValue:
    """The pane alone where a click asked for it, else the whole page."""
    if shown is None:
        abort(404)
    refused_by = (request.endpoint or "").rpartition(".")[2] if refused else ""
    known: dict[str, Any] = {
        "pane": shown,
        "titles": {name: intent.title for name, intent in load_policy()[0].intents.items()},
        "news": shown.ticket is not None and bell.unseen(session, member().id, shown.ticket.id),
        "problem": gettext(refused.reason, **refused.facts) if refused else "",
        "refused_by": refused_by,
        "stale": isinstance(refused, Stale),
        "draft": request.form.get("text", "") if refused and _sent() == _writing(shown) else "",
        "given": request.form,
        "seen": seen() if isinstance(refused, Stale) else shown.seen,
        "writing": _writing(shown),
    }
    if request.headers.get("HX-Target") == "pane":
        return render_template("console/pane.html", view=chosen_view(), **known)
    return render_template("console/page.html", **known, **in_page(session))


def _writing(shown: Pane) -> str:
    """The kind that is being written: the one just sent, where it still may be; else a reply, where that may be."""
    return next((kind for kind in (_sent(), "reply") if kind in shown.may), "")


def _sent() -> str:
    """The kind of words that this request sends, if any. Refused words go back to their own kind and to no other."""
    kind = request.path.rpartition("/")[2]
    return kind if kind in WRITTEN else ""


def _saw(shown: Pane | None) -> None:
    """Keep that the one who has the case has now seen its newest message."""
    if shown is None or shown.ticket is None or not seeing.is_news(shown.ticket, member().id, shown.seen):
        return
    ticket_id, user_id, message_id = shown.ticket.id, member().id, shown.seen
    transact(services().sessions, lambda session: seeing.saw(session, ticket_id, user_id, message_id))


def in_page(session: Session) -> dict[str, Any]:
    """What a whole page needs beside its pane. The form that narrows the list stays as it came with the page."""
    return {"choices": filters.choices(session), **_glimpse(session), **in_list(session)}


def _glimpse(session: Session) -> dict[str, Any]:
    """What a page needs in order to show a case at once where the stream tells of it, if that is its place."""
    return {
        "blank": inbox.blank(chosen_view()),
        "teams": list(own_teams(session, member().id)),
        "soon": pressing.SOON,
    }


def in_list(session: Session) -> dict[str, Any]:
    """What the sidebar and the list need to be drawn."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    asked = request.args.get("kept", 0, type=int)
    kept = filters.own(session, member().id, asked) if asked else None
    narrowed = Filter.of(kept.criteria if kept and "narrow" not in request.args else request.args)
    shown: dict[str, Any] = {"found": _found(session, query)} if query else {"inbox": _inbox(session, narrowed)}
    return {
        "query": query,
        "view": chosen_view(),
        "narrowed": narrowed,
        "kept": kept,
        "narrow": {"narrow": 1, **narrowed.given, **({"kept": kept.id} if kept else {})}
        if narrowed.given or kept
        else {},
        **shown,
        **sidebar(session),
    }


def _address(narrowed: Filter, kept: SavedFilter | None) -> dict[str, Any]:
    """What an address carries so that the list stays as narrow as it is."""
    if kept is None:
        return dict(narrowed.given)
    return {"narrow": 1, "kept": kept.id, **narrowed.given}


def _inbox(session: Session, narrowed: Filter) -> Inbox:
    """A page of one group, or the first of each; a list that grew is drawn again as long as it is on the screen."""
    given = request.args
    long = {name: max(PAGE, min(given.get(name, PAGE, type=int), MOST)) for name in ("asking", "resting")}
    looking = Looking(given.get("group", ""), given.get("after", ""), **long)
    return inbox.load(session, chosen_view(), member().id, narrowed, looking)


def _found(session: Session, query: str) -> Found:
    """A search looks everywhere that its member may look, whatever view is open."""
    guest = None if may(member().role, "desk.work") else member().id
    given = request.args
    hidden = guests.hidden_from(member().role)
    return found.load(session, query, guest, hidden, given.get("group", ""), given.get("after", ""))


def chosen_view() -> str:
    """The view that the member was looking at, of those that he may look at."""
    view = request.values.get("view", VIEW)
    return view if view in views() else views()[0] if VIEW not in views() else VIEW


def span() -> Span:
    """The part of the thread that is on the screen: it is drawn again from its first message on."""
    return Span(since=min(max(request.values.get("since", 0, type=int), 0), MOST_ID))


def seen() -> int:
    """The last message that was on the screen when the click came."""
    return request.form.get("seen", 0, type=int)
