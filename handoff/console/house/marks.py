"""The pages of tags and fields: what the house keeps for its cases, made, changed, retired and brought back."""

from collections.abc import Callable
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import db
from bot.errors import Refused
from handoff.console.house.pages import back, blueprint, do, done_or_told, draw, found, given, told
from handoff.console.visit import leads, member, services
from handoff.models import CaseField, CaseTag
from handoff.tickets import marks
from handoff.tickets.filing import TYPES

ONE = "<int(max=2147483647):mark_id>"


@blueprint.get("/tags")
@leads
def tags() -> ResponseReturnValue:
    return _tags()


@blueprint.post("/tags")
@leads
def put_tag() -> ResponseReturnValue:
    """A new tag, or another English name for one."""
    known, name, english, by = _known(), given("name"), given("name_en", marks.ENGLISH), member().id

    def put(session: Session) -> None:
        if known:
            marks.change_tag(session, found(session.get(CaseTag, known)), english, by=by)
        else:
            marks.add_tag(session, name, english, by=by)

    return _put(put, "tags", _tags)


@blueprint.post(f"/tags/{ONE}/retire")
@leads
def retire_tag(mark_id: int) -> ResponseReturnValue:
    return _retire(CaseTag, mark_id, "tags")


@blueprint.get("/fields")
@leads
def fields() -> ResponseReturnValue:
    return _fields()


@blueprint.post("/fields")
@leads
def put_field() -> ResponseReturnValue:
    """A new field, or what is asked of one from now on."""
    known, name, english, by = _known(), given("name"), given("name_en", marks.ENGLISH), member().id
    kind, choices = given("kind"), given("choices", 4000).splitlines()
    required = [type for type in request.form.getlist("required") if type in TYPES]

    def put(session: Session) -> None:
        if known:
            field = found(session.get(CaseField, known))
            marks.change_field(session, field, english, choices, required, by=by)
        else:
            marks.add_field(session, name, english, kind, choices, required, by=by)

    return _put(put, "fields", _fields)


@blueprint.post(f"/fields/{ONE}/retire")
@leads
def retire_field(mark_id: int) -> ResponseReturnValue:
    return _retire(CaseField, mark_id, "fields")


def _put(put: Callable[[Session], None], endpoint: str, page: Callable[[dict[str, str]], str]) -> ResponseReturnValue:
    try:
        do(put)
    except Refused as refused:
        return page(told(refused)), 422
    return back(endpoint, gettext("已儲存。"))


def _retire(kind: type[marks.Mark], mark_id: int, endpoint: str) -> ResponseReturnValue:
    retired, by = "retired" in request.form, member().id

    def deed(session: Session) -> None:
        marks.retire(session, found(session.get(kind, mark_id)), retired=retired, by=by)

    return done_or_told(deed, endpoint, gettext("已停用；有它的案件不變。") if retired else gettext("已恢復。"))


def _tags(mistakes: dict[str, str] | None = None) -> str:
    with db.reading(services().sessions) as session:
        edited = session.get(CaseTag, _known())
        return draw("tags", session, tags=marks.tags(session), edited=edited, **_refused(mistakes))


def _fields(mistakes: dict[str, str] | None = None) -> str:
    with db.reading(services().sessions) as session:
        edited = session.get(CaseField, _known())
        shown = {"fields": marks.fields(session), "edited": edited, "kinds": marks.KINDS, "types": TYPES}
        required = request.form.getlist("required") if mistakes else edited.required if edited else []
        return draw("fields_of_cases", session, required=required, **shown, **_refused(mistakes))


def _refused(mistakes: dict[str, str] | None) -> dict[str, Any]:
    """What a form shows that was refused: as it was sent."""
    return {"mistakes": mistakes, "given": request.form} if mistakes else {}


def _known() -> int:
    """Which one is being changed; 0 for a new one."""
    return max(0, min(request.values.get("id", 0, type=int), 2**31 - 1))
