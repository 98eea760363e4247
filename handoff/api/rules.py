"""What customers are promised: the rules that count, their versions, other rules tried and published; calendars."""

from flask import Response
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.api import PageQuery, allow, answers, caller, once, problem, spec
from bot.clock import now
from handoff.api.doing import CREATED, fresh
from handoff.api.routes import blueprint, found, listed, reading
from handoff.api.shapes.calendars import Calendar, Calendars
from handoff.api.shapes.rules import Foreseen, Proposed, Published, RulesText, Version, Versions
from handoff.clocks import previews, versions
from handoff.models import RuleVersion
from handoff.sla import InvalidRules

INVALID = 422


@blueprint.get("/sla")
@allow("desk.lead", "sla:read")
@spec.validate(resp=answers(HTTP_200=RulesText), tags=("sla",))
def show_rules() -> RulesText:
    """The rules that count now."""
    with reading() as session:
        newest = versions.newest(session)
        return RulesText(version=newest.id if newest else 0, document=versions.document(session))


@blueprint.get("/sla/versions")
@allow("desk.lead", "sla:read")
@spec.validate(resp=answers(HTTP_200=Versions), tags=("sla",))
def list_versions(query: PageQuery) -> Versions:
    """Who changed the rules, and when, newest first."""
    wanted = select(RuleVersion).options(joinedload(RuleVersion.user))
    with reading() as session:
        return listed(session, Versions, query, wanted, RuleVersion.id, Version.of)


@blueprint.get("/sla/versions/<int(max=2147483647):version>")
@allow("desk.lead", "sla:read")
@spec.validate(resp=answers(HTTP_200=RulesText), tags=("sla",))
def show_version(version: int) -> RulesText:
    """The rules as they were in a version."""
    with reading() as session:
        row = found(session.get(RuleVersion, version))
        return RulesText(version=row.id, document=row.document)


@blueprint.post("/sla/preview")
@allow("desk.lead", "sla:read")
@spec.validate(resp=answers(HTTP_200=Foreseen), tags=("sla",))
def preview(json: Proposed) -> Foreseen:
    """What these rules would change for cases like the last ones; nothing is set."""
    with reading() as session:
        return Foreseen.of(previews.preview(session, json.document))


@blueprint.post("/sla")
@allow("desk.lead", "sla:write")
@spec.validate(resp=answers(HTTP_201=Version), tags=("sla",))
def publish(json: Published) -> Response:
    """Have these rules count for every case that is opened from now on."""
    me = caller().user_id

    def work(session: Session) -> Version:
        version = versions.publish(session, json.document, me, json.note, json.based_on)
        return Version.of(fresh(session, session.get_one(RuleVersion, version)))

    return once(work, CREATED)


@blueprint.get("/calendars")
@allow("desk.lead", "sla:read")
@spec.validate(resp=answers(HTTP_200=Calendars), tags=("sla",))
def list_calendars() -> Calendars:
    """When which team's time runs, by the rules that count now. All of them, as there are few."""
    at = now()
    with reading() as session:
        rules = versions.current(session)
    teams = {name: [team for team, own in rules.teams.items() if own == name] for name in rules.calendars}
    return Calendars(items=[Calendar.of(name, hours, teams[name], at) for name, hours in rules.calendars.items()])


@blueprint.errorhandler(InvalidRules)
def explain(invalid: InvalidRules) -> Response:
    """Each field that is wrong, and what to write instead."""
    wrong = [
        {"loc": ["document", mistake.field], "msg": gettext(mistake.why.reason, **mistake.why.facts)}
        for mistake in invalid.mistakes
    ]
    return problem(INVALID, "these are no rules", "urn:frontline:invalid", wrong)
