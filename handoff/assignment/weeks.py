"""When somebody works each week, as those who run the desk arrange it."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot import journal
from bot.errors import Refused
from handoff.assignment import teams
from handoff.hours import WEEKDAYS, slots
from handoff.models import Shift
from handoff.waking import drain_after_commit


def set_shifts(
    session: Session, username: str, weekdays: Collection[str], hours: str, *, by: int | None = None
) -> None:
    """When somebody works on these weekdays: "09:00-12:30, 13:30-18:00"; nothing means a day off.

    Who has no shift on any day works whenever they are online.
    """
    if not weekdays:
        raise Refused("先勾選星期幾。")
    person, spans = teams.user(session, username), _spans(hours)
    before = _week(session, person.id)
    for weekday in map(WEEKDAYS.index, weekdays):
        session.execute(delete(Shift).where(Shift.user_id == person.id, Shift.weekday == weekday))
        for opens, closes in (span.split("-") for span in spans):
            session.add(Shift(user_id=person.id, weekday=weekday, opens=opens, closes=closes))
    session.flush()
    journal.changed(session, "user.shifts_set", before, _week(session, person.id), by=by, member=person.id)
    drain_after_commit(session)


def _spans(hours: str) -> list[str]:
    spans = [part.strip() for part in hours.split(",")] if hours else []
    for span in spans:
        try:
            slots(span)
        except ValueError:
            raise Refused("「%(value)s」不是時段，要像 09:00-12:30, 13:30-18:00。", value=span) from None
    if len(spans) != len(set(spans)):
        raise Refused("同一個時段寫了兩次。")
    return spans


def _week(session: Session, user_id: int) -> dict[str, str]:
    """The hours of each weekday on which somebody works."""
    days: dict[str, list[str]] = defaultdict(list)
    for shift in session.scalars(select(Shift).where(Shift.user_id == user_id).order_by(Shift.weekday, Shift.opens)):
        days[WEEKDAYS[shift.weekday]].append(f"{shift.opens}-{shift.closes}")
    return {day: ", ".join(spans) for day, spans in days.items()}
