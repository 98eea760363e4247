"""What is put on a case of the house's tags and fields: known, of its kind, and there where it is needed.

A house that keeps no list takes anything. What a case has already stays as it is, also what was retired since.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from bot.errors import Refused
from handoff.models import CaseField, Ticket
from handoff.tickets import marks

TAGS, FIELDS, LONGEST = 20, 20, 200
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


def tags(session: Session, ticket: Ticket, given: Sequence[str]) -> list[str]:
    """The tags as they are kept."""
    kept = list(dict.fromkeys(tag.strip()[:40] for tag in given if tag.strip()))[:TAGS]
    listed = marks.tags(session)
    known = marks.in_use(listed)
    for tag in kept:
        if listed and tag not in known and tag not in ticket.tags:
            raise Refused("標籤「%(name)s」不在清單裡，請主管在設定裡加上或恢復。", name=tag)
    return kept


def custom(session: Session, ticket: Ticket, given: Mapping[str, str]) -> dict[str, str]:
    """The values of the fields as they are kept, by the type that the case has now."""
    values = {name.strip()[:40]: value.strip()[:LONGEST] for name, value in given.items() if name.strip()}
    listed = marks.fields(session)
    if not listed:
        return dict(list(values.items())[:FIELDS])
    known, values = marks.in_use(listed), {name: value for name, value in values.items() if value}
    kept = {name: _fit(known.get(name), name, value, ticket) for name, value in values.items()}
    _require(known, ticket.type, kept)
    return kept


def require_filled(session: Session, ticket: Ticket) -> None:
    """Refused while a field is empty that a case of this type needs."""
    _require(marks.in_use(marks.fields(session)), ticket.type, ticket.custom)


def _require(known: Mapping[str, CaseField], type: str, values: Mapping[str, str]) -> None:
    for name, field in known.items():
        if type in field.required and not values.get(name):
            raise Refused("「%(name)s」還沒填：這類案件一定要有。", name=name)


def _fit(field: CaseField | None, name: str, value: str, ticket: Ticket) -> str:
    """The value as it is kept; Refused where it is none of this field's."""
    if ticket.custom.get(name) == value:
        return value
    if field is None:
        raise Refused("欄位「%(name)s」不在清單裡，請主管在設定裡加上或恢復。", name=name)
    match field.kind:
        case "choice" if value not in field.choices:
            raise Refused("「%(name)s」要選這些之一：%(choices)s。", name=name, choices="、".join(field.choices))
        case "number":
            return _number(name, value)
        case "date" if not _is_day(value):
            raise Refused("「%(name)s」要是日期，像 2027-02-28。", name=name)
    return value


def _number(name: str, value: str) -> str:
    plain = value.replace(",", "").replace("，", "")
    if not NUMBER.fullmatch(plain):
        raise Refused("「%(name)s」要是數字，像 1200 或 12.5。", name=name)
    return plain


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
