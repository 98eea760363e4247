"""What members do with a case besides talking: its cover, passing it on, departments, promises, complaints, merging."""

import re
from datetime import UTC, datetime

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot.errors import Refused
from handoff import tickets
from handoff.console.actions import act
from handoff.console.routes import blueprint, seen
from handoff.console.visit import helps, invited, member, services, staff
from handoff.models import Ticket


@blueprint.post("/cases/<number>/file")
@staff
def file(number: str) -> ResponseReturnValue:
    tags = re.split("[,，、]", ",".join(request.form.getlist("tags")))
    custom = dict(zip(request.form.getlist("field"), request.form.getlist("value"), strict=False))
    kind, outcome = _given("type"), _given("outcome")

    def write(session: Session, case_id: int) -> object:
        return tickets.file(session, case_id, member().id, type=kind, tags=tags, custom=custom, outcome=outcome)

    return act(number, write, gettext("案件資料已更新。"))


@blueprint.post("/cases/<number>/grade")
@staff
def grade(number: str) -> ResponseReturnValue:
    given = {name: _given(name) for name in ("level", "priority", "category", "why")}
    done = gettext("等級、優先順序和類別已更新，時限照新的等級算。")
    return act(number, lambda session, case_id: tickets.grade(session, case_id, member().id, **given), done)


@blueprint.post("/cases/<number>/repeated")
@staff
def repeated(number: str) -> ResponseReturnValue:
    done = gettext("記下了：顧客又重複說明了一次。")
    return act(number, lambda session, case_id: tickets.repeated(session, case_id, member().id), done)


@blueprint.post("/cases/<number>/doubt")
@staff
def doubt(number: str) -> ResponseReturnValue:
    """The bot judged a message wrongly."""
    message, done = _number(_given("message")), gettext("記下了，內容同事會看到這一則。")
    return act(number, lambda session, case_id: tickets.doubt(session, case_id, member().id, message), done)


@blueprint.post("/cases/<number>/pass-on")
@helps
def pass_on(number: str) -> ResponseReturnValue:
    """To a colleague, or to a team's queue, as chosen in one list."""
    kind, _, to = _given("to").partition(":")
    why = _given("why")

    def pass_it(session: Session, case_id: int) -> object:
        if kind == "team":
            return tickets.to_team(session, case_id, member().id, to, why)
        return tickets.to_person(session, case_id, member().id, _number(to), why)

    return act(number, pass_it, gettext("已轉交。"))


@blueprint.post("/cases/<number>/department")
@staff
def department(number: str) -> ResponseReturnValue:
    name, contact, why = _given("department"), _number(_given("contact")), _given("why")
    done = gettext("已請部門協助。期限前沒有接下，會往上呈報。")

    def ask(session: Session, case_id: int) -> object:
        return tickets.ask_department(session, case_id, member().id, name, contact, why)

    return act(number, ask, done)


@blueprint.post("/cases/<number>/department/accept")
@invited
def accept(number: str) -> ResponseReturnValue:
    done = gettext("已接下。你可以寫備註；要直接回覆顧客，請承辦人開放。")
    return act(number, lambda session, case_id: tickets.accept_for_department(session, case_id, member().id), done)


@blueprint.post("/cases/<number>/department/done")
@invited
def department_done(number: str) -> ResponseReturnValue:
    done = gettext("部門處理完了，案件回到承辦人手上。")
    return act(number, lambda session, case_id: tickets.department_done(session, case_id, member().id), done)


@blueprint.post("/cases/<number>/floor")
@staff
def floor(number: str) -> ResponseReturnValue:
    contact, given = _number(_given("contact")), _given("floor") == "1"
    done = gettext("窗口現在可以直接回覆顧客。") if given else gettext("窗口不再直接回覆顧客。")

    def give(session: Session, case_id: int) -> object:
        return tickets.give_floor(session, case_id, member().id, contact, given)

    return act(number, give, done)


@blueprint.post("/cases/<number>/promise")
@staff
def promise(number: str) -> ResponseReturnValue:
    what, to_whom = _given("what"), _given("to_whom")

    def make(session: Session, case_id: int) -> object:
        return tickets.promise(session, case_id, member().id, what, to_whom, _moment())

    return act(number, make, gettext("承諾已記下，到期前會提醒。"))


@blueprint.post("/cases/<number>/promise/kept")
@staff
def kept(number: str) -> ResponseReturnValue:
    promise_id = _number(_given("promise"))
    done = gettext("記下了：承諾做到了。")
    return act(number, lambda session, case_id: tickets.keep_promise(session, case_id, member().id, promise_id), done)


@blueprint.post("/cases/<number>/complaint")
@staff
def complaint(number: str) -> ResponseReturnValue:
    """What was typed; a preset remedy stands for the one that was."""
    found = {name: _given(name) for name in ("responsible", "cause", "remedy")}
    found["remedy"] = _given("preset") or found["remedy"]
    done = gettext("客訴調查已更新。")
    return act(number, lambda session, case_id: tickets.investigate(session, case_id, member().id, **found), done)


@blueprint.post("/cases/<number>/closing-reply")
@staff
def closing_reply(number: str) -> ResponseReturnValue:
    text, key = request.form.get("text", ""), request.form.get("key", "")

    def answer(session: Session, case_id: int) -> object:
        return tickets.closing_reply(session, case_id, member().id, text, key, seen())

    return act(number, answer, gettext("結案回覆已記下；能傳訊息的顧客，已經傳給他。"))


@blueprint.post("/cases/<number>/merge")
@staff
def merge(number: str) -> ResponseReturnValue:
    into = _given("into")
    done = gettext("已併入。兩個編號都通往同一件案件。")
    return act(number, lambda session, case_id: tickets.merge(session, case_id, member().id, into), done)


@blueprint.post("/cases/<number>/split")
@staff
def split(number: str) -> ResponseReturnValue:
    matter, zone = _given("matter"), services().settings.zone
    done = gettext("已另外立案，並把新編號告訴顧客。")
    return act(number, lambda session, case_id: tickets.split(session, case_id, member().id, matter, zone), done)


@blueprint.post("/cases/<number>/verify")
@staff
def verify(number: str) -> ResponseReturnValue:
    kind, value, how = _given("kind"), _given("value"), _given("how")

    def prove(session: Session, case_id: int) -> object:
        return tickets.verify(session, case_id, member().id, kind, value, how)

    return act(number, prove, gettext("已確認這是顧客的聯絡方式。"))


@blueprint.post("/cases/<number>/same-person")
@staff
def same_person(number: str) -> ResponseReturnValue:
    other = _number(_given("contact"))

    def unite(session: Session, case_id: int) -> object:
        contact = session.get_one(Ticket, case_id).contact_id
        if contact is None:
            raise Refused("找不到這位顧客。")
        return tickets.merge_contacts(session, contact, other, member().id)

    return act(number, unite, gettext("已合併為同一位顧客，可以再分開。"))


@blueprint.post("/cases/<number>/two-persons")
@staff
def two_persons(number: str) -> ResponseReturnValue:
    merge_id = _number(_given("merge"))
    done = gettext("已分開成兩位顧客。")
    return act(number, lambda session, case_id: tickets.unmerge_contacts(session, case_id, member().id, merge_id), done)


@blueprint.post("/cases/<number>/customer-note")
@staff
def annotate(number: str) -> ResponseReturnValue:
    text, done = request.form.get("text", ""), gettext("顧客備註已更新。")
    return act(number, lambda session, case_id: tickets.annotate(session, case_id, member().id, text), done)


@blueprint.post("/cases/<number>/tier")
@staff
def tier(number: str) -> ResponseReturnValue:
    chosen = _given("tier")

    def value_more(session: Session, case_id: int) -> object:
        contact = session.get_one(Ticket, case_id).contact_id
        if contact is None:
            raise Refused("找不到這位顧客。")
        return tickets.set_tier(session, contact, member().id, chosen)

    return act(number, value_more, gettext("會員等級已更新；時限規則有寫這個等級的，從現在起照它算。"))


@blueprint.post("/cases/<number>/call")
@staff
def call(number: str) -> ResponseReturnValue:
    direction, done = _given("direction"), gettext("通話已記錄。")
    said = tickets.heard(request.form.get("text", ""), _given("level"))
    return act(number, lambda session, case_id: tickets.log_call(session, case_id, member().id, direction, said), done)


def _given(name: str) -> str:
    return request.form.get(name, "").strip()


def _number(text: str) -> int:
    """An id of a form; one that nobody has where the form was tampered with."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _moment() -> datetime:
    """A date and time as the browser's field gives it, on the shop's clock."""
    try:
        return datetime.fromisoformat(_given("due")).replace(tzinfo=services().settings.zone).astimezone(UTC)
    except ValueError as error:
        raise Refused("承諾要有期限。") from error
