"""A rush calls those who stand by and the team that helps; once it has been calm for a while they are left alone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import services
from bot.models import JournalEntry
from handoff import presence
from handoff.assignment import draining, surge, teams
from handoff.models import Team, Ticket
from tests import desk

AFTERNOON = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(AFTERNOON, tick=False) as clock:
        yield clock


@pytest.fixture
def shop(tmp_path, postgres, clock):
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            teams.prepare(session, {"orders": "出貨與物流", "outside": "外包客服"})
            teams.put(session, "orders", "", overflow="outside")
            for name, team, standby in (("王大明", "orders", True), ("外包一", "outside", False)):
                user = desk.staff(session, name)
                teams.join(session, team, user.username, 1, (), lead=False, standby=standby)
                session.flush()
                people[name] = user.id
        yield shop


people: dict[str, int] = {}


def arrive(shop, count):
    with shop.sessions.begin() as session:
        for _ in range(count):
            conversation = desk.customer(session)
            services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation, team="orders"))


def told(shop):
    with shop.sessions() as session:
        found = select(JournalEntry).where(JournalEntry.kind.startswith("surge."))
        return [(entry.kind, entry.data) for entry in session.scalars(found.order_by(JournalEntry.id))]


def owners(shop):
    for user in people.values():
        presence.seen(shop.sessions, user)
    draining.look(shop)
    with shop.sessions() as session:
        return {ticket.assignee.name for ticket in session.scalars(select(Ticket)) if ticket.assignee}


def surging(shop):
    surge.look(shop)
    with shop.sessions() as session:
        return session.scalars(select(Team.key).where(Team.surge_since.is_not(None))).all()


def test_a_usual_day_calls_nobody(shop):
    arrive(shop, 9)
    assert surging(shop) == []
    assert owners(shop) == set()


def test_a_rush_calls_who_stands_by_and_the_team_that_helps(shop):
    arrive(shop, 10)
    assert surging(shop) == ["orders"]
    ((kind, facts),) = told(shop)
    assert (kind, facts["arrivals"], facts["standby"], facts["overflow"]) == (
        "surge.began",
        10,
        [people["王大明"]],
        "outside",
    )
    assert owners(shop) == {"王大明", "外包一"}


def test_what_came_at_this_time_on_other_days_is_usual(shop, clock):
    for day in range(7, 0, -1):
        clock.move_to(AFTERNOON - timedelta(days=day, minutes=1))
        arrive(shop, 8)
    with shop.sessions.begin() as session:
        for ticket in session.scalars(select(Ticket)):
            ticket.state = "closed"
    clock.move_to(AFTERNOON)
    arrive(shop, 20)
    assert surging(shop) == []
    arrive(shop, 4)
    assert surging(shop) == ["orders"]


def test_a_customer_who_waits_too_long_is_a_rush(shop, clock):
    arrive(shop, 1)
    assert surging(shop) == []
    clock.shift(timedelta(hours=12))
    assert surging(shop) == ["orders"]


def test_it_ends_only_after_it_has_been_calm_for_a_while(shop, clock):
    arrive(shop, 10)
    assert surging(shop) == ["orders"]
    with shop.sessions.begin() as session:
        for ticket in session.scalars(select(Ticket)):
            ticket.state = "closed"
    clock.shift(timedelta(minutes=11))
    assert surging(shop) == ["orders"]
    clock.shift(timedelta(minutes=5))
    arrive(shop, 6)  # not a rush, not calm either: the wait begins anew
    assert surging(shop) == ["orders"]
    clock.shift(timedelta(minutes=11))
    assert surging(shop) == ["orders"]
    clock.shift(timedelta(minutes=9))
    assert surging(shop) == ["orders"]
    clock.shift(timedelta(minutes=1))
    assert surging(shop) == []
    assert [kind for kind, _ in told(shop)] == ["surge.began", "surge.ended"]
