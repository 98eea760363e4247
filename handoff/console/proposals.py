"""What the bot prepared, on the console: approved as it is or edited, or refused."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from handoff import tickets
from handoff.console.actions import act
from handoff.console.routes import blueprint, seen
from handoff.console.visit import member, staff


@blueprint.post("/cases/<number>/approve")
@staff
def approve(number: str) -> ResponseReturnValue:
    given = _proposal(), request.form.get("text", ""), request.form.get("key", "")
    proposal_id, text, key = given

    def let_out(session: Session, _: int) -> object:
        return tickets.approve(session, proposal_id, member().id, text, key, seen())

    return act(number, let_out, gettext("已核准。要兩個人核准的，等第二位核准才會傳給顧客。"))


@blueprint.post("/cases/<number>/refuse")
@staff
def refuse(number: str) -> ResponseReturnValue:
    proposal_id, why = _proposal(), request.form.get("why", "")
    done = gettext("沒有核准，顧客沒有收到。請你自己回覆顧客。")
    return act(number, lambda session, _: tickets.refuse(session, proposal_id, member().id, why), done)


def _proposal() -> int:
    return request.form.get("proposal", 0, type=int)
