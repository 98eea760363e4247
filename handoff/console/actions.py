"""What members do on the console: the actions on a case, and on messages of it that did not surely arrive."""

import json
from collections.abc import Callable, Sequence

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.errors import Refused
from bot.models import Conversation
from bot.transactions import transact
from handoff import tickets
from handoff.console import pane
from handoff.console.pane import Pane
from handoff.console.routes import blueprint, chosen_view, seen, show, span
from handoff.console.visit import decides, helps, invited, member, services, staff
from handoff.models import Ticket

Action = Callable[[Session, int], object]
Decision = Callable[[Session, Sequence[int], int], object]


@blueprint.post("/cases/<number>/claim")
@helps
def claim(number: str) -> ResponseReturnValue:
    done = gettext("已接手。你的回覆會直接傳給顧客，機器人不會插話。")
    return act(number, lambda session, case_id: tickets.claim(session, case_id, member().id), done)


@blueprint.post("/conversations/<int:conversation_id>/take-over")
@staff
def take_over(conversation_id: int) -> ResponseReturnValue:
    """From the bot; the case that comes of it is opened."""

    def take(session: Session) -> str:
        if session.get(Conversation, conversation_id) is None:
            abort(404)
        return tickets.take_over(session, conversation_id, member().id, services().settings.zone).number

    try:
        number = transact(services().sessions, take)
    except Refused as refused:
        with db.reading(services().sessions) as session:
            shown = pane.of_conversation(session, conversation_id, member(), services().settings.zone)
            return _after(show(session, shown, refused), "", refused)
    flash(gettext("已接手。你的回覆會直接傳給顧客，機器人不會插話。"))
    return redirect(url_for("console.case", number=number, view="mine"))


@blueprint.post("/cases/<number>/reply")
@invited
def reply(number: str) -> ResponseReturnValue:
    text, key = request.form.get("text", ""), request.form.get("key", "")
    files = request.form.getlist("attachment", type=int)

    def send(session: Session, case_id: int) -> object:
        return tickets.reply(session, case_id, member().id, text, key, seen(), files)

    return act(number, send)


@blueprint.post("/cases/<number>/mail")
@staff
def mail(number: str) -> ResponseReturnValue:
    """A letter to the address that was chosen of those that the customer proved to be his."""
    to, text, key = (request.form.get(name, "") for name in ("address", "text", "key"))
    done = gettext("信已排入寄送；寄出後這裡會顯示。")

    def write(session: Session, case_id: int) -> object:
        return tickets.mail(session, case_id, member().id, to, text, key, seen())

    return act(number, write, done)


@blueprint.post("/cases/<number>/note")
@invited
def note(number: str) -> ResponseReturnValue:
    text = request.form.get("text", "")
    return act(number, lambda session, case_id: tickets.note(session, case_id, member().id, text))


@blueprint.post("/cases/<number>/whisper")
@decides
def whisper(number: str) -> ResponseReturnValue:
    text = request.form.get("text", "")
    return act(number, lambda session, case_id: tickets.whisper(session, case_id, member().id, text))


@blueprint.post("/cases/<number>/propose")
@helps
def propose(number: str) -> ResponseReturnValue:
    done = gettext("已請顧客確認。按「解決了」就結案；72 小時沒有回覆也會結案。")
    return act(number, lambda session, case_id: tickets.propose(session, case_id, member().id, seen()), done)


@blueprint.post("/cases/<number>/close")
@staff
def close(number: str) -> ResponseReturnValue:
    done = gettext("已關閉。顧客引用案件編號，才會再打開。")
    return act(number, lambda session, case_id: tickets.close(session, case_id, member().id, _why()), done)


@blueprint.post("/cases/<number>/resolve")
@staff
def resolve(number: str) -> ResponseReturnValue:
    done = gettext("已結案。顧客 24 小時內再寫來，會回到同一件案件。")
    return act(number, lambda session, case_id: tickets.resolve(session, case_id, member().id, seen(), _why()), done)


@blueprint.post("/cases/<number>/hand-back")
@staff
def hand_back(number: str) -> ResponseReturnValue:
    done = gettext("已交還給機器人。顧客要找真人時，會開一件新案件。")
    return act(number, lambda session, case_id: tickets.hand_back(session, case_id, member().id, seen()), done)


@blueprint.post("/cases/<number>/reopen")
@staff
def reopen(number: str) -> ResponseReturnValue:
    done = gettext("已重新開啟。現在由你回覆，機器人不會插話。")
    return act(number, lambda session, case_id: tickets.reopen(session, case_id, member().id, _why()), done)


@blueprint.post("/conversations/<int:conversation_id>/resend")
@staff
def resend(conversation_id: int) -> ResponseReturnValue:
    return _decide(conversation_id, tickets.resend, gettext("已排入，馬上再送一次。"))


@blueprint.post("/conversations/<int:conversation_id>/settle")
@staff
def settle(conversation_id: int) -> ResponseReturnValue:
    return _decide(conversation_id, tickets.settle, gettext("記下了：顧客已經收到。"))


def act(number: str, action: Action, done: str = "") -> ResponseReturnValue:
    """Do one action on a case, and show the case."""

    def look(session: Session) -> Pane | None:
        return pane.of_case(session, number, member(), services().settings.zone, span())

    here = url_for("console.case", number=number, view=chosen_view())
    return _do(lambda session: action(session, case_id(session, number)), look, here, done)


def _decide(conversation_id: int, decision: Decision, done: str) -> ResponseReturnValue:
    """Decide about messages of a conversation, and show the case in which they stood, if it was one."""
    if number := request.form.get("case"):
        return act(number, lambda session, _: decision(session, _rows(), member().id), done)

    def look(session: Session) -> Pane | None:
        return pane.of_conversation(session, conversation_id, member(), services().settings.zone, span())

    here = url_for("console.conversation", conversation_id=conversation_id, view=chosen_view())
    return _do(lambda session: decision(session, _rows(), member().id), look, here, done)


def _do(
    deed: Callable[[Session], object], look: Callable[[Session], Pane | None], here: str, done: str
) -> ResponseReturnValue:
    """Do it, and show the pane as it is then; a refusal says why, beside what was typed."""
    refused = None
    try:
        transact(services().sessions, deed)
    except Refused as refusal:
        refused = refusal
    if "HX-Request" not in request.headers and refused is None:
        if done:
            flash(done)
        return redirect(here)
    with db.reading(services().sessions) as session:
        shown = look(session)
        if shown is None and refused is None:
            return _away(done)
        return _after(show(session, shown, refused), done, refused)


def _away(done: str) -> Response:
    """To the list: what she was done with is hers no longer."""
    flash(done)
    return Response(headers={"HX-Redirect": url_for("console.start")})


def _after(page: ResponseReturnValue, done: str, refused: Refused | None) -> Response:
    response: Response = make_response(page)
    if refused is not None:
        response.status_code = 409
    elif done:
        response.headers["HX-Trigger"] = json.dumps({"toast": done})
    return response


def _why() -> str:
    return request.form.get("why", "").strip()[:200]


def _rows() -> list[int]:
    """The messages that a button stands for: those of one burst."""
    return request.form.getlist("id", type=int)


def case_id(session: Session, number: str) -> int:
    found = session.scalar(select(Ticket.id).where(Ticket.number == number))
    if found is None:
        abort(404)
    return found
