"""What the bot prepared, on the console: approved as it is or edited, or refused."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from handoff import tickets
from handoff.console.actions import act
from handoff.console.routes import blueprint, seen
from handoff.console.visit import member, staff
from handoff.models import ChangeOfOrder


@blueprint.app_template_filter("why_not")
def why_not(change: ChangeOfOrder) -> str:
    """Why a change was not made. A page's own _() would escape the facts, and fill in what older rows hold finished."""
    told: str = gettext(change.reason, **change.facts)
    return told


@blueprint.post("/cases/<number>/approve")
@staff
def approve(number: str) -> ResponseReturnValue:
    proposal_id, text, key, to = _proposal(), *(request.form.get(name, "") for name in ("text", "key", "to"))

    def let_out(session: Session, _: int) -> object:
        return tickets.approve(session, proposal_id, member().id, text, key, seen(), to)

    return act(number, let_out, gettext("已核准。要兩個人核准的等第二位；變更要先改好，才會傳給顧客。"))


@blueprint.post("/cases/<number>/change-done")
@staff
def change_done(number: str) -> ResponseReturnValue:
    """She made the change herself, or saw that it was made."""
    proposal_id, key = _proposal(), request.form.get("key", "")

    def settle(session: Session, _: int) -> object:
        return tickets.change_done(session, proposal_id, member().id, key, seen())

    return act(number, settle, gettext("記下了，並告訴了顧客。"))


@blueprint.post("/cases/<number>/change-again")
@staff
def change_again(number: str) -> ResponseReturnValue:
    """She saw that it was not made."""
    proposal_id = _proposal()
    done = gettext("請訂單系統再改一次；改好了會告訴顧客。")
    return act(number, lambda session, _: tickets.change_again(session, proposal_id, member().id), done)


@blueprint.post("/cases/<number>/refuse")
@staff
def refuse(number: str) -> ResponseReturnValue:
    proposal_id, why = _proposal(), request.form.get("why", "")
    done = gettext("沒有核准，顧客沒有收到。請你自己回覆顧客。")
    return act(number, lambda session, _: tickets.refuse(session, proposal_id, member().id, why), done)


@blueprint.post("/cases/<number>/revise")
@staff
def revise(number: str) -> ResponseReturnValue:
    """What was not approved is put forward again, edited."""
    proposal_id, text, to = _proposal(), *(request.form.get(name, "") for name in ("text", "to"))

    def put(session: Session, _: int) -> object:
        return tickets.revise_refused(session, proposal_id, member().id, text, seen(), to)

    return act(number, put, gettext("再提了一次，等人核准。"))


def _proposal() -> int:
    return request.form.get("proposal", 0, type=int)
