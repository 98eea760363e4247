"""The console's addresses: pages, the fragments that replace a pane, and the actions on a case.

A click swaps a pane (htmx asks for the fragment); without JavaScript the same addresses give whole pages.
"""

import json
from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.auth import AGENTS, Member, allow, me
from bot.errors import Refused
from bot.nlu.policy import load as load_policy
from bot.services import Services
from handoff import tickets
from handoff.console import inbox, pane, trouble
from handoff.console.pane import Pane
from handoff.models import Ticket
from handoff.tickets import Stale
from handoff.tickets.transitions import LEADS

VIEW = "all"
Action = Callable[[Session, int], object]

blueprint = Blueprint("console", "handoff", url_prefix="/console", template_folder="templates")
staff = allow(*AGENTS)
leads = allow(*LEADS)


@blueprint.get("")
@staff
def start() -> ResponseReturnValue:
    """The list with nothing open."""
    with db.reading(_services().sessions) as session:
        return render_template("console/page.html", pane=None, **_list(session))


@blueprint.get("/list")
@staff
def list_pane() -> ResponseReturnValue:
    """The sidebar and the list alone, to be put in place of the ones on the screen."""
    with db.reading(_services().sessions) as session:
        return render_template("console/list.html", pane=None, **_list(session))


@blueprint.get("/cases/<number>")
@staff
def case(number: str) -> ResponseReturnValue:
    with db.reading(_services().sessions) as session:
        return _show(session, pane.of_case(session, number, _member(), _services().settings.zone))


@blueprint.get("/conversations/<int:conversation_id>")
@staff
def conversation(conversation_id: int) -> ResponseReturnValue:
    with db.reading(_services().sessions) as session:
        return _show(session, pane.of_conversation(session, conversation_id, _member(), _services().settings.zone))


@blueprint.get("/trouble")
@leads
def trouble_page() -> ResponseReturnValue:
    """What was refused at the door and what was set aside."""
    with db.reading(_services().sessions) as session:
        found = trouble.load(session)
        return render_template("console/trouble.html", trouble=found, counts=_counts(session), view="trouble")


@blueprint.post("/cases/<number>/claim")
@staff
def claim(number: str) -> ResponseReturnValue:
    done = gettext("已接手。你的回覆會直接傳給顧客，機器人不會插話。")
    return _act(number, lambda session, case_id: tickets.claim(session, case_id, _member().id), done)


@blueprint.post("/cases/<number>/reply")
@staff
def reply(number: str) -> ResponseReturnValue:
    text, key = request.form.get("text", ""), request.form.get("key", "")
    return _act(number, lambda session, case_id: tickets.reply(session, case_id, _member().id, text, key, _seen()))


@blueprint.post("/cases/<number>/note")
@staff
def note(number: str) -> ResponseReturnValue:
    text = request.form.get("text", "")
    return _act(number, lambda session, case_id: tickets.note(session, case_id, _member().id, text))


@blueprint.post("/cases/<number>/resolve")
@staff
def resolve(number: str) -> ResponseReturnValue:
    done = gettext("已結案。顧客 24 小時內再寫來，會回到同一件案件。")
    return _act(number, lambda session, case_id: tickets.resolve(session, case_id, _member().id, _seen()), done)


@blueprint.post("/cases/<number>/hand-back")
@staff
def hand_back(number: str) -> ResponseReturnValue:
    done = gettext("已交還給機器人。顧客要找真人時，會開一件新案件。")
    return _act(number, lambda session, case_id: tickets.hand_back(session, case_id, _member().id, _seen()), done)


@blueprint.post("/cases/<number>/reopen")
@staff
def reopen(number: str) -> ResponseReturnValue:
    done = gettext("已重新開啟。現在由你回覆，機器人不會插話。")
    return _act(number, lambda session, case_id: tickets.reopen(session, case_id, _member().id), done)


def _act(number: str, action: Action, done: str = "") -> ResponseReturnValue:
    """Do one action on a case and show the case as it is then; a refusal says why, beside what was typed."""
    services, refused = _services(), None
    try:
        with services.sessions.begin() as session:
            action(session, _case_id(session, number))
    except Refused as refusal:
        refused = refusal
    if "HX-Request" not in request.headers and refused is None:
        if done:
            flash(done)
        return redirect(url_for("console.case", number=number, view=_view()))
    with db.reading(services.sessions) as session:
        shown = pane.of_case(session, number, _member(), services.settings.zone)
        return _after(_show(session, shown, refused), done, refused)


def _after(page: ResponseReturnValue, done: str, refused: Refused | None) -> Response:
    response: Response = make_response(page)
    if refused is not None:
        response.status_code = 409
    elif done:
        response.headers["HX-Trigger"] = json.dumps({"toast": done})
    return response


def _show(session: Session, shown: Pane | None, refused: Refused | None = None) -> ResponseReturnValue:
    """The pane alone where a click asked for it, else the whole page."""
    if shown is None:
        abort(404)
    known: dict[str, Any] = {
        "pane": shown,
        "titles": {name: intent.title for name, intent in load_policy()[0].intents.items()},
        "problem": gettext(refused.reason, **refused.facts) if refused else "",
        "stale": isinstance(refused, Stale),
        "draft": request.form.get("text", "") if refused else "",
        "seen": _seen() if isinstance(refused, Stale) else shown.seen,
        "writing": "note" if request.path.endswith("/note") else "reply" if "reply" in shown.may else "",
    }
    if request.headers.get("HX-Target") == "pane":
        return render_template("console/pane.html", view=_view(), **known)
    return render_template("console/page.html", **known, **_list(session))


def _list(session: Session) -> dict[str, Any]:
    query = request.args.get("q", "").strip()[:80]
    return {
        "inbox": inbox.load(session, _view(), query, _member().id),
        "counts": _counts(session),
        "view": _view(),
    }


def _counts(session: Session) -> dict[str, int]:
    """The sidebar's numbers; who leads the desk also sees how much went wrong lately."""
    counts = inbox.counts(session, _member().id)
    return counts | {"trouble": trouble.recent(session)} if _member().role in LEADS else counts


def _view() -> str:
    view = request.values.get("view", VIEW)
    return view if view in inbox.VIEWS else VIEW


def _seen() -> int:
    return request.form.get("seen", 0, type=int)


def _case_id(session: Session, number: str) -> int:
    found = session.scalar(select(Ticket.id).where(Ticket.number == number))
    if found is None:
        abort(404)
    return found


def _member() -> Member:
    member = me()
    assert member is not None, "the gate lets only members in"
    return member


def _services() -> Services:
    found: Services = current_app.extensions["frontline"]
    return found
