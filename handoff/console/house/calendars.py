"""The page of the calendars: when each team is there, drawn as a week; tried on a moment and on the last cases."""

from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from handoff.clocks import versions
from handoff.console import rulebook
from handoff.console.house import weeks
from handoff.console.house.pages import blueprint
from handoff.console.rulesheet import Sheet
from handoff.console.visit import leads, services
from handoff.sla import ALWAYS, InvalidRules, Rules


@blueprint.get("/calendars")
@leads
def calendars() -> ResponseReturnValue:
    with db.reading(services().sessions) as session:
        return SHEET.show(session, versions.document(session))


@blueprint.post("/calendars/preview")
@leads
def preview_calendars() -> ResponseReturnValue:
    return SHEET.preview()


@blueprint.post("/calendars")
@leads
def publish_calendars() -> ResponseReturnValue:
    return SHEET.publish()


def _beside(session: Session, text: str) -> dict[str, Any]:
    """The drawings of the document, or where it is wrong of the rules that count."""
    try:
        rules = versions.read(text)
    except InvalidRules:
        rules = versions.current(session)
    at = _moment(rules)
    return {
        "moment_asked": at,
        "shown": {name: _shown(rules, name, at) for name in rules.calendars if name != ALWAYS},
    }


def _shown(rules: Rules, name: str, at: datetime) -> dict[str, Any]:
    hours = rules.hours(name)
    language = "en_US" if str(get_locale()).startswith("en") else "zh_TW"
    return {
        "week": weeks.drawn(hours),
        "different": weeks.different(hours, now().astimezone(hours.zone).date(), language),
        "promise": weeks.promise(rules, name, at),
    }


def _moment(rules: Rules) -> datetime:
    """The moment in the form, on the shop's clock; else the next Friday evening."""
    hours = rules.hours(ALWAYS)
    try:
        return datetime.fromisoformat(request.values.get("at", "")).replace(tzinfo=hours.zone)
    except ValueError:
        return weeks.friday_evening(now().astimezone(hours.zone).date(), hours)


SHEET = Sheet("console/house/calendars.html", "house", "console.house.calendars", rulebook.arranged, _beside)
