"""Teams, and who takes their cases on what terms."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.api import PageQuery, allow, answers, spec
from bot.clock import now
from handoff.api.doing import arrange, fresh
from handoff.api.routes import blueprint, by_name, listed, person, reading, services
from handoff.api.shapes.teams import Crew, CrewChange, Crews, Seat, SeatChange, Seats
from handoff.assignment import staffing, surge, teams
from handoff.assignment.picking import Agent
from handoff.models import Member, Team


@blueprint.get("/teams")
@allow("desk.work", "teams:read")
@spec.validate(resp=answers(HTTP_200=Crews), tags=("teams",))
def list_teams(query: PageQuery) -> Crews:
    """The teams into whose queues cases go."""
    with reading() as session:
        return listed(session, Crews, query, select(Team).options(joinedload(Team.head)), Team.id, Crew.of)


@blueprint.put("/teams/<key>")
@allow("house.run", "teams:write")
@spec.validate(resp=answers(HTTP_200=Crew), tags=("teams",))
def put_team(key: str, json: CrewChange) -> Response:
    """Make a team, as the policy's matrix names it, or change its name, its head, who helps in a surge."""

    def deed(session: Session, me: int) -> Team:
        return fresh(session, teams.put(session, key, json.name, json.head, json.overflow, by=me))

    return arrange(deed, lambda _, team: Crew.of(team))


@blueprint.post("/teams/<key>/help")
@allow("desk.lead", "teams:write")
@spec.validate(resp=answers(HTTP_200=Crew), tags=("teams",))
def call_help(key: str) -> Response:
    """Call who stands by and the team that helps, before there is a rush by the numbers."""

    def deed(session: Session, me: int) -> Team:
        team = _team(session, key)
        surge.call(session, key, me)
        return fresh(session, team)

    return arrange(deed, lambda _, team: Crew.of(team))


@blueprint.delete("/teams/<key>/help")
@allow("desk.lead", "teams:write")
@spec.validate(resp=answers(HTTP_200=Crew), tags=("teams",))
def send_help_home(key: str) -> Response:
    """No more help is needed; what helpers have goes back to the queue."""

    def deed(session: Session, me: int) -> Team:
        team = _team(session, key)
        surge.send_home(session, key, me)
        return fresh(session, team)

    return arrange(deed, lambda _, team: Crew.of(team))


@blueprint.get("/teams/<key>/members")
@allow("desk.lead", "teams:read")
@spec.validate(resp=answers(HTTP_200=Seats), tags=("teams",))
def list_members(key: str, query: PageQuery) -> Seats:
    """Who takes a team's cases, who of them is there, and how many cases each has."""
    with reading() as session:
        wanted = select(Member).where(Member.team_id == _team(session, key).id).options(joinedload(Member.user))
        there = _agents(session)
        return listed(session, Seats, query, wanted, Member.id, lambda one: Seat.of(one, there.get(one.user_id)))


@blueprint.put("/teams/<key>/members/<username>")
@allow("desk.lead", "teams:write")
@spec.validate(resp=answers(HTTP_200=Seat), tags=("teams",))
def put_member(key: str, username: str, json: SeatChange) -> Response:
    """Have somebody take a team's cases on these terms, whatever they were before."""

    def deed(session: Session, me: int) -> Member:
        _team(session, key), person(session, username)
        return teams.join(session, key, username, **json.model_dump(), by=me)

    return arrange(deed, lambda session, one: Seat.of(one, _agents(session).get(one.user_id)))


@blueprint.delete("/teams/<key>/members/<username>")
@allow("desk.lead", "teams:write")
@spec.validate(resp=answers(HTTP_200=Crew), tags=("teams",))
def remove_member(key: str, username: str) -> Response:
    """Somebody gets no cases of this team any more; what they have of it goes back to its queue."""

    def deed(session: Session, me: int) -> Team:
        team, leaver = _team(session, key), person(session, username)
        teams.leave(session, key, leaver.username, by=me)
        return team

    return arrange(deed, lambda _, team: Crew.of(team))


def _team(session: Session, key: str) -> Team:
    return by_name(session, Team, Team.key, key)


def _agents(session: Session) -> dict[int, Agent]:
    return {agent.id: agent for agent in staffing.agents(session, now(), services().settings.zone)}
