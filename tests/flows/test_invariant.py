"""What must not be is found within a minute, mended, and told: a case without an owner or queue, a customer unheard."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import services
from bot.clock import now
from bot.models import Conversation, JournalEntry, User
from handoff import tickets
from handoff.assignment import draining, invariant, presence, teams
from handoff.models import Clock, Ticket
from tests import desk


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            teams.prepare(session, {"orders": "出貨與物流", "frontline": "一線客服"})
        yield shop


@pytest.fixture
def case(shop):
    """A case that 劉思妤 has."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "我要找真人")
        handoff = desk.wish_for_a_person(conversation, team="orders")
        case = services.current().wiring.desk.open(session, handoff).ticket_id
        agent = desk.staff(session, "劉思妤")
        teams.join(session, "orders", agent.username, 5, (), lead=False, standby=False)
        tickets.claim(session, case, agent.id)
    return case


def broken(shop, change):
    with shop.sessions.begin() as session:
        change(session, session.scalars(select(Ticket)).one())


def found(shop):
    """What the round found, by the journal."""
    invariant.look(shop)
    with shop.sessions() as session:
        return [
            e.data["what"]
            for e in session.scalars(select(JournalEntry).where(JournalEntry.kind == "invariant.violated"))
        ]


def mended(shop):
    """The case now; and a second round finds nothing more."""
    before = len(found(shop))
    assert len(found(shop)) == before
    with shop.sessions() as session:
        ticket = session.scalars(select(Ticket)).one()
        return ticket, ticket.conversation.owner


def test_where_all_is_well_nothing_is_touched(shop, case):
    assert found(shop) == []


def test_a_case_of_somebody_who_left_goes_back_to_the_queue(shop, case):
    broken(shop, lambda session, ticket: setattr(session.get_one(User, ticket.assignee_id), "active", False))
    assert found(shop) == ["owner_gone"]
    ticket, _ = mended(shop)
    assert (ticket.assignee_id, ticket.state) == (None, "new")


def test_a_case_of_somebody_who_is_not_of_the_desk_any_more_too(shop, case):
    broken(shop, lambda session, ticket: setattr(session.get_one(User, ticket.assignee_id), "role", "editor"))
    assert found(shop) == ["owner_gone"]


def test_a_case_that_nobody_has_and_no_queue_shows(shop, case):
    def lose(session, ticket):
        ticket.assignee_id, ticket.state = None, "waiting"

    broken(shop, lose)
    assert found(shop) == ["not_in_queue"]
    assert mended(shop)[0].state == "new"


def test_a_case_of_a_team_that_is_gone(shop, case):
    def lose(session, ticket):
        ticket.assignee_id, ticket.state, ticket.team = None, "new", "dissolved"

    broken(shop, lose)
    assert found(shop) == ["team_gone"]
    assert mended(shop)[0].team == "frontline"


def test_a_case_while_the_bot_answers(shop, case):
    broken(shop, lambda session, ticket: setattr(ticket.conversation, "owner", "bot"))
    assert found(shop) == ["bot_answers"]
    assert mended(shop)[1] == "human"


def test_a_case_that_was_given_to_somebody_and_whose_clock_was_lost(shop):
    with shop.sessions.begin() as session:
        handoff = desk.wish_for_a_person(desk.customer(session), team="orders")
        services.current().wiring.desk.open(session, handoff)
        agent = desk.staff(session, "劉思妤")
        teams.join(session, "orders", agent.username, 5, (), lead=False, standby=False)
    presence.seen(shop.sessions, agent.id)
    draining.look(shop)
    assert found(shop) == []
    broken(shop, lambda session, _: session.delete(session.scalars(select(Clock).where(Clock.kind == "accept")).one()))
    assert found(shop) == ["never_accepted"]
    with shop.sessions() as session:
        assert session.scalars(select(Clock).where(Clock.kind == "accept")).one().state == "running"


def test_a_customer_whom_the_bot_leaves_to_nobody_gets_a_case(shop):
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        conversation.owner, conversation.last_customer_at = "human", now()
    assert found(shop) == []  # just now: it may be in the middle of it
    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        assert found(shop) == ["nobody_listens"]
        ticket, owner = mended(shop)
    assert (ticket.team, ticket.state, owner) == ("frontline", "new", "human")
    with shop.sessions() as session:
        assert session.scalars(select(Conversation)).one().owner == "human"
