"""A console that is open is somebody who is there: cases come to it, until it is closed or switched to away."""

import json
from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select

import webhook_app
from bot import auth, cli, services
from bot.cli.root import Root
from bot.clock import now
from bot.nlu.policy import load as load_policy
from handoff import assignment, ticker
from handoff.assignment import teams
from handoff.models import Presence, Ticket
from handoff.stream import process
from tests import desk
from tests.console import HTMX, signed_in, words


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            auth.load_demo_users(session)
        prepared_teams(shop)
        yield shop


def prepared_teams(shop):
    """The teams of the shipped policy, as every start makes them."""
    with shop.sessions.begin() as session:
        teams.prepare(session, {key: team.name for key, team in load_policy()[0].teams.items()})


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def liu(app, shop):
    """劉思妤 of the front line, whose console is closed yet."""
    liu = signed_in(app, shop, "liu", "agent")
    hired(shop, "liu")
    return liu


@pytest.fixture
def frontline(shop):
    """What an operator types."""
    root = Root(lambda _: None, lambda _: None, lambda _: shop)
    return lambda *typed: CliRunner().invoke(cli.main_group(root, *webhook_app.COMMANDS), typed)


def hired(shop, username):
    with shop.sessions.begin() as session:
        teams.join(session, "frontline", username, 5, (), lead=False, standby=False)


def asks(shop):
    """A customer wants a person, and the job that this wakes is done."""
    with shop.sessions.begin() as session:
        handoff = desk.wish_for_a_person(desk.customer(session), team="frontline")
        number = services.current().wiring.desk.open(session, handoff).number
    assignment.drain()
    return number


def case(shop):
    with shop.sessions() as session:
        ticket = session.scalars(select(Ticket)).one()
        return ticket.assignee.username if ticket.assignee else None, ticket.state


def owner(shop):
    return case(shop)[0]


def looks(visitor):
    """Somebody opens the console, and the job that this wakes is done."""
    page = words(visitor.get("/console"))
    assignment.drain()
    return page


def test_a_customer_who_wants_a_person_is_given_to_the_one_who_is_there(shop, liu):
    looks(liu)
    number = asks(shop)
    assert case(shop) == ("liu", "new")
    assert "陳怡君" in words(liu.get("/console?view=mine"))
    assert "接手這件案件" in words(liu.get(f"/console/cases/{number}"))
    liu.post(f"/console/cases/{number}/claim")
    assert case(shop) == ("liu", "open")


def test_what_waited_comes_when_the_console_is_opened(shop, liu):
    asks(shop)
    assert owner(shop) is None
    looks(liu)
    assert owner(shop) == "liu"


def test_the_switch_says_what_it_is_and_away_gets_nothing(shop, liu):
    assert "線上・接新案件" in looks(liu)
    switched = liu.post("/console/presence", data={"status": "away"}, headers=HTMX)
    assert "離開・不接新案件" in words(switched)
    asks(shop)
    assert owner(shop) is None
    assert liu.post("/console/presence", data={"status": "online"}).headers["Location"].startswith("/console")
    assignment.drain()
    assert owner(shop) == "liu"


def test_who_was_away_yesterday_is_online_when_she_comes_today(shop, liu):
    looks(liu)
    liu.post("/console/presence", data={"status": "away"})
    with time_machine.travel(now() + timedelta(hours=5), tick=False):
        assert "線上・接新案件" in looks(liu)


def test_a_status_that_does_not_exist_is_refused(liu):
    assert liu.post("/console/presence", data={"status": "asleep"}).status_code == 400


def test_an_open_stream_is_somebody_who_is_there(shop, liu, monkeypatch):
    monkeypatch.setattr("handoff.stream.HEARTBEAT", 0.2)
    reader = process.create_app(shop).test_client()
    reader.set_cookie("frontline", liu.get_cookie("frontline").value)
    asks(shop)
    with reader.get("/api/v1/stream?after=0", headers={"Accept": "text/event-stream"}) as response:
        parts = iter(response.response)
        next(parts)
        with shop.sessions.begin() as session:
            desk.customer(session)
        next(parts)
        with shop.sessions() as session:
            assert session.scalars(select(Presence)).one().status == "online"
    assignment.drain()
    assert owner(shop) == "liu"


def test_a_case_that_lies_is_taken_from_whoever_does_not_see_it(shop, app, liu):
    chang = signed_in(app, shop, "chang", "agent")
    hired(shop, "chang")
    looks(liu)
    asks(shop)
    assert owner(shop) == "liu"
    with time_machine.travel(now() + timedelta(minutes=3, seconds=1), tick=False):
        looks(chang)
        ticker.tick(shop)
        assignment.drain()
        assert owner(shop) == "chang"
        assert "離開・不接新案件" in words(liu.get("/console"))


def test_a_case_that_was_taken_up_in_time_stays(shop, liu):
    looks(liu)
    number = asks(shop)
    liu.post(f"/console/cases/{number}/claim")
    with time_machine.travel(now() + timedelta(minutes=4), tick=False):
        ticker.tick(shop)
        assignment.drain()
    assert case(shop) == ("liu", "open")


def test_the_demo_gives_its_agent_the_case(shop, app):
    for _ in range(2):  # every start of the demo does it again
        with shop.sessions.begin() as session:
            teams.load_demo(session)
    wang = app.test_client()
    wang.post("/sign-in", data={"username": "wang", "password": auth.DEMO_PASSWORD})
    looks(wang)
    asks(shop)
    assert owner(shop) == "wang"


def test_teams_are_arranged_by_command(frontline, liu):
    def listed(key):
        rows = json.loads(frontline("team", "list", "--json").output)
        return next(row for row in rows if row["key"] == key)

    assert frontline("team", "add", "vip", "--name", "貴賓", "--overflow", "frontline").exit_code == 0
    assert frontline("team", "member", "vip", "liu", "--capacity", "2", "--skill", "exchange", "--lead").exit_code == 0
    assert frontline("team", "shift", "liu", "mon", "tue", "--hours", "09:00-12:30, 13:30-18:00").exit_code == 0
    assert frontline("team", "leave", "liu", "2036-01-01", "2036-01-05", "--reason", "年假").exit_code == 0
    vip = listed("vip")
    (member,) = vip["members"]
    assert (vip["name"], vip["overflow"]) == ("貴賓", "frontline")
    assert (member["username"], member["capacity"], member["skills"], member["lead"]) == ("liu", 2, ["exchange"], True)
    assert len(member["shifts"]) == 4
    assert member["shifts"][0] == "mon 09:00-12:30"
    assert member["leave"] == ["2035-12-31T16:00:00+00:00/2036-01-04T16:00:00+00:00"]
    assert "liu" in frontline("team", "list").output
    assert frontline("team", "shift", "liu", "mon").exit_code == 0
    assert len(listed("vip")["members"][0]["shifts"]) == 2
    assert frontline("team", "member", "vip", "liu", "--remove").exit_code == 0
    assert listed("vip")["members"] == []


@pytest.mark.parametrize(
    ("words_typed", "said"),
    [
        (("team", "member", "nowhere", "liu"), "there is no team 'nowhere'"),
        (("team", "member", "care", "nobody"), "there is no user 'nobody'"),
        (("team", "member", "care", "hsu"), "who may take no cases"),
        (("team", "shift", "liu", "mon", "--hours", "nine to five"), "「nine to five」不是時段"),
        (("team", "leave", "liu", "2036-01-05", "2036-01-01"), "休假的最後一天要在第一天之後"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(frontline, liu, words_typed, said):
    refused = frontline(*words_typed)
    assert refused.exit_code == 1
    assert said in refused.output
