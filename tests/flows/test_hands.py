"""A hand-over is what a customer can notice, a new person: counted alike, whoever or whatever gave her the case."""

from datetime import timedelta

import pytest
import time_machine

from handoff import tickets
from handoff.assignment import draining, teams
from handoff.assignment.claims import not_accepted, requeue, to_head
from handoff.models import Team, Ticket
from tests import desk
from tests.desk import AFTERNOON


@pytest.fixture
def mei(session):
    return desk.staff(session, "陳美").id


@pytest.fixture
def ticket(session, case):
    return session.get_one(Ticket, case.ticket)


def drained(shop, session, case):
    """The queue gives it out; who has it, and how often it changed hands."""
    session.commit()
    draining.look(shop)
    ticket = session.get_one(Ticket, case.ticket, populate_existing=True)
    return ticket.assignee_id, ticket.handoffs


def test_the_first_who_has_it_took_it_from_nobody(ticket):
    assert ticket.handoffs == 0


def test_a_colleague_is_a_new_person(session, case, ticket, mei):
    tickets.to_person(session, case.ticket, case.agent, mei, "她懂這個")
    assert ticket.handoffs == 1


def test_another_whom_the_queue_finds_is_one_and_lying_there_was_none(shop, session, case, ticket, mei):
    requeue(session, ticket, "owner_left")
    assert ticket.handoffs == 0
    desk.is_there(session, mei)
    assert drained(shop, session, case) == (mei, 1)


def test_the_same_who_gets_it_again_is_none(shop, session, case, ticket):
    requeue(session, ticket, "urgent")
    desk.is_there(session, case.agent)
    assert drained(shop, session, case) == (case.agent, 0)


def test_who_let_it_lie_and_who_gets_it_instead_are_two(shop, session, case, ticket, mei):
    desk.is_there(session, case.agent)
    not_accepted(session, ticket)
    desk.is_there(session, mei)
    assert drained(shop, session, case) == (mei, 1)


def test_another_who_takes_it_from_the_queue_by_hand_is_one(session, case, ticket, mei):
    requeue(session, ticket, "owner_left")
    session.commit()
    tickets.claim(session, case.ticket, mei)
    assert ticket.handoffs == 1


def test_a_head_to_whom_it_goes_is_one(session, case, ticket):
    head = desk.staff(session, "陳主管", "supervisor").id
    session.add(Team(key="service", name="一線客服", head_id=head))
    session.flush()
    assert to_head(session, ticket, "department_missed")
    assert (ticket.assignee_id, ticket.handoffs) == (head, 1)


def test_help_in_a_rush_is_one(shop, session, case, ticket, mei):
    desk.is_there(session, mei, team="helpers")
    teams.put(session, "service", "一線客服", overflow="helpers").surge_since = AFTERNOON
    requeue(session, ticket, "not_accepted")
    assert drained(shop, session, case) == (mei, 1)


def test_a_customer_who_comes_back_to_another_person_notices(shop, session, case, mei):
    lead = desk.staff(session, "林主管", "supervisor").id
    tickets.resolve(session, case.ticket, lead, case.seen)
    session.commit()
    with time_machine.travel(AFTERNOON + timedelta(hours=1), tick=False):
        message = desk.writes(session, session.get_one(Ticket, case.ticket).conversation, "又壞了")
        shop.wiring.desk.customer_wrote(session, case.conversation, message.id)
        desk.is_there(session, mei)
        assert drained(shop, session, case) == (mei, 1)
