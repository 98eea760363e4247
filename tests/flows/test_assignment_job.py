"""The whole way: a customer writes, a worker gives the case to whoever has the console open."""

import pytest
from sqlalchemy import select

from bot.nlu.policy import load as load_policy
from handoff.assignment import teams
from handoff.models import Ticket
from tests.console import signed_in


@pytest.fixture
def liu(app, current):
    with current.sessions.begin() as session:
        teams.prepare(session, {key: team.name for key, team in load_policy()[0].teams.items()})
    liu = signed_in(app, current, "liu", "agent")
    with current.sessions.begin() as session:
        for team in session.scalars(select(teams.Team.key)).all():
            teams.join(session, team, "liu", 5, (), lead=False, standby=False)
    return liu


def owner(current):
    with current.sessions() as session:
        assignee = session.scalars(select(Ticket)).one().assignee
        return assignee.username if assignee else None


def test_who_wants_a_person_is_given_to_the_one_who_is_there(current, chen, liu, work):
    liu.get("/console")
    chen.writes("我要找真人")
    work()
    assert owner(current) == "liu"


def test_opening_the_console_brings_what_waited(current, chen, liu, work):
    chen.writes("我要找真人")
    work()
    assert owner(current) is None
    liu.get("/console")
    work()
    assert owner(current) == "liu"
