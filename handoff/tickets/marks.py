"""The tags and fields that the house keeps: made, changed, retired and brought back; never renamed or deleted.

Cases hold them by name, so a name means one thing for good.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.clock import now
from bot.errors import Refused
from handoff.models import CaseField, CaseTag

KINDS = ("text", "choice", "number", "date")
NAME, ENGLISH, CHOICE = 20, 40, 30
MOST = 100
PARTING = re.compile(r"[,，、\"=\n]")

Mark = TypeVar("Mark", CaseTag, CaseField)


def tags(session: Session) -> Sequence[CaseTag]:
    """All of them, those in use first."""
    return session.scalars(select(CaseTag).order_by(CaseTag.retired_at.is_not(None), CaseTag.id)).all()


def fields(session: Session) -> Sequence[CaseField]:
    """All of them, those in use first."""
    return session.scalars(select(CaseField).order_by(CaseField.retired_at.is_not(None), CaseField.id)).all()


def in_use(marks: Sequence[Mark]) -> dict[str, Mark]:
    """By name, those that are not retired."""
    return {mark.name: mark for mark in marks if mark.retired_at is None}


def add_tag(session: Session, name: str, name_en: str, *, by: int) -> CaseTag:
    _require_new(name, tags(session))
    tag = CaseTag(name=name, name_en=name_en)
    return _added(session, tag, by)


def add_field(
    session: Session, name: str, name_en: str, kind: str, choices: Sequence[str], required: Sequence[str], *, by: int
) -> CaseField:
    if kind not in KINDS:
        raise Refused("選一種類型。").at("kind")
    _require_new(name, fields(session))
    field = CaseField(name=name, name_en=name_en, kind=kind, choices=_choices(kind, choices), required=list(required))
    return _added(session, field, by)


def change_tag(session: Session, tag: CaseTag, name_en: str, *, by: int) -> None:
    before, tag.name_en = _said(tag), name_en
    _tell(session, tag, "changed", by, before=before, after=_said(tag))


def change_field(
    session: Session, field: CaseField, name_en: str, choices: Sequence[str], required: Sequence[str], *, by: int
) -> None:
    """Its name and kind stay: cases hold what was written as that."""
    before = _said(field)
    field.name_en, field.choices, field.required = name_en, _choices(field.kind, choices), list(required)
    _tell(session, field, "changed", by, before=before, after=_said(field))


def retire(session: Session, mark: CaseTag | CaseField, *, retired: bool, by: int) -> None:
    """It is offered no more, or again; cases keep what they have."""
    if bool(mark.retired_at) != retired:
        mark.retired_at = now() if retired else None
        _tell(session, mark, "retired" if retired else "restored", by)


def _require_new(name: str, known: Sequence[CaseTag] | Sequence[CaseField]) -> None:
    if not name:
        raise Refused("要有名稱。").at("name")
    if len(name) > NAME or PARTING.search(name):
        raise Refused("名稱最多 %(most)s 個字，不能有逗號、頓號、引號或等號。", most=NAME).at("name")
    same = next((mark for mark in known if mark.name == name), None)
    if same is not None and same.retired_at is not None:
        raise Refused("「%(name)s」停用了，恢復它就好。", name=name).at("name")
    if same is not None:
        raise Refused("已經有「%(name)s」了。", name=name).at("name")
    if len(known) >= MOST:
        raise Refused("最多 %(most)s 個。", most=MOST).at("name")


def _choices(kind: str, given: Sequence[str]) -> list[str]:
    """What may be chosen, each once; only a choice has any."""
    if kind != "choice":
        return []
    choices = list(dict.fromkeys(choice.strip() for choice in given if choice.strip()))
    if len(choices) < 2:
        raise Refused("選項至少要有兩個，一行一個。").at("choices")
    if len(choices) > MOST or any(len(choice) > CHOICE for choice in choices):
        raise Refused("選項最多 %(most)s 個，每個最多 %(longest)s 個字。", most=MOST, longest=CHOICE).at("choices")
    return choices


def _added(session: Session, mark: Mark, by: int) -> Mark:
    session.add(mark)
    session.flush()
    _tell(session, mark, "created", by, after=_said(mark))
    return mark


def _said(mark: CaseTag | CaseField) -> Mapping[str, object]:
    plain: dict[str, object] = {"name": mark.name, "name_en": mark.name_en}
    if isinstance(mark, CaseField):
        plain |= {"kind": mark.kind, "choices": mark.choices, "required": mark.required}
    return plain


def _tell(session: Session, mark: CaseTag | CaseField, deed: str, by: int, **change: Any) -> None:
    what = "field" if isinstance(mark, CaseField) else "tag"
    journal.write(session, f"{what}.{deed}", user_id=by, mark_id=mark.id, **change)
