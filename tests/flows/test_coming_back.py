"""A customer comes back with what was solved: the same person has it again if she is free, else the next who is."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from bot import services
from bot.models import Conversation, JournalEntry
from handoff import tickets
from handoff.assignment import draining, leaves, teams, weeks
from handoff.models import Presence, Ticket
from tests import desk
from tests.desk import AFTERNOON


@pytest.fixture
def solved(session, case):
    """Her case, which a lead resolved; an hour later she sits at the console."""
    lead = desk.staff(session, "陳主管", "supervisor")
    tickets.resolve(session, case.ticket, lead.id, case.seen)
    with time_machine.travel(AFTERNOON + timedelta(hours=1), tick=False):
        desk.is_there(session, case.agent)
        session.commit()
        yield case


def comes_back(session, solved):
    conversation = session.get_one(Conversation, solved.conversation)
    message = desk.writes(session, conversation, "又壞了")
    services.current().wiring.desk.customer_wrote(session, conversation.id, message.id)
    session.commit()
    return now_of(session, solved)


def now_of(session, solved):
    ticket = session.get_one(Ticket, solved.ticket, populate_existing=True)
    return ticket.state, ticket.assignee_id


def username(session, solved):
    return session.get_one(Ticket, solved.ticket).assignee.username


def test_who_is_free_has_it_again(session, solved):
    assert comes_back(session, solved) == ("open", solved.agent)


def test_who_is_away(session, solved):
    session.execute(update(Presence).values(status="away"))
    assert comes_back(session, solved) == ("new", None)


def test_whose_console_is_closed(session, solved):
    session.execute(update(Presence).values(online_until=AFTERNOON))
    assert comes_back(session, solved) == ("new", None)


def test_who_has_gone_home(session, solved):
    weeks.set_shifts(session, username(session, solved), ["sat"], "09:00-14:30")
    assert comes_back(session, solved) == ("new", None)


def test_who_is_on_leave(session, solved):
    leaves.enter(session, solved.agent, AFTERNOON, AFTERNOON + timedelta(days=1))
    assert comes_back(session, solved) == ("new", None)


def test_who_has_her_hands_full(session, solved):
    desk.is_there(session, solved.agent, capacity=1)
    other = services.current().wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session, "黃柏翰")))
    tickets.claim(session, other.ticket_id, solved.agent)
    assert comes_back(session, solved) == ("new", None)


def test_who_is_of_another_team_by_now(session, solved):
    teams.leave(session, "service", username(session, solved))
    assert comes_back(session, solved) == ("new", None)


def test_where_she_is_not_free_the_next_gets_it_and_the_journal_knows_whose_it_was(shop, session, solved):
    session.execute(update(Presence).values(status="away"))
    mei = desk.staff(session, "陳美").id
    desk.is_there(session, mei)
    comes_back(session, solved)
    session.rollback()
    draining.look(shop)
    assert now_of(session, solved) == ("new", mei)
    entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.reopened")).one()
    assert entry.data["from_user"] == solved.agent


def test_a_lead_who_takes_it_up_again_decides_herself_whose_it_is(session, solved):
    session.execute(update(Presence).values(status="away"))
    lead = desk.staff(session, "林主管", "supervisor")
    tickets.reopen(session, solved.ticket, lead.id, "顧客來電")
    assert now_of(session, solved) == ("open", solved.agent)
