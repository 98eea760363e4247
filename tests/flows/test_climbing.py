"""What the rungs of the ladder do when a case is late, beside telling: as the rules say, each journaled with why."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import services
from bot.models import JournalEntry
from handoff import presence, ticker, tickets
from handoff.assignment import draining, leaves, teams
from handoff.clocks import versions
from handoff.models import Team, Ticket
from handoff.sla import SHIPPED
from tests import desk
from tests.desk import AFTERNOON

LATE = timedelta(minutes=31)  # an L2 case is to be answered within thirty
BREACH = "{at: 100, to: lead, do: urgent}"


@pytest.fixture
def rules(session):
    """Rules whose rung at the breach does so."""

    def rules(do):
        text = SHIPPED.read_text("utf-8").replace(BREACH, f"{{at: 100, to: lead, do: {do}}}")
        versions.publish(session, text, None)
        session.commit()

    return rules


@pytest.fixture
def lead(session):
    """The team's lead, who is there."""
    lead = desk.staff(session, "陳組長", "supervisor")
    desk.is_there(session, lead.id, capacity=0)
    teams.join(session, "service", lead.username, 0, (), lead=True, standby=False)
    session.commit()
    return lead.id


def opened(session, **wish):
    conversation = desk.customer(session)
    desk.writes(session, conversation, "我要找真人")
    ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation, **wish))
    session.commit()
    return ref.ticket_id


def late(shop, session, ticket_id, after=LATE):
    with time_machine.travel(AFTERNOON + after, tick=False):
        ticker.tick(shop)
    session.rollback()
    return session.get_one(Ticket, ticket_id, populate_existing=True)


def told(session, kind):
    return [entry.data for entry in session.scalars(select(JournalEntry).where(JournalEntry.kind == kind))]


def test_what_is_late_becomes_urgent_and_the_journal_knows_what_it_was_and_why(shop, session):
    case = opened(session)
    assert late(shop, session, case).priority == "urgent"
    [graded] = told(session, "ticket.graded")
    assert (graded["before"], graded["after"], graded["why"]) == (
        {"priority": "high"},
        {"priority": "urgent"},
        "first",
    )
    late(shop, session, case, timedelta(hours=3))
    assert len(told(session, "ticket.graded")) == 1, "twice late is no more urgent"


def test_a_rung_that_only_tells_changes_nothing(shop, session, rules):
    rules("[]")
    assert late(shop, session, opened(session)).priority == "high"
    assert told(session, "ticket.escalated")
    assert told(session, "ticket.graded") == []


def test_whoever_lets_a_customer_wait_gives_the_case_back_to_the_queue(shop, session, rules, case):
    rules("[urgent, queue]")
    desk.is_there(session, case.agent)
    ticket = session.get_one(Ticket, case.ticket)
    opened_by_these = opened(session)
    tickets.claim(session, opened_by_these, case.agent)
    session.commit()
    after = late(shop, session, opened_by_these)
    assert (after.assignee_id, after.state, after.priority) == (None, "new", "urgent")
    assert [(entry["why"], entry["from_user"]) for entry in told(session, "ticket.requeued")] == [("first", case.agent)]
    assert ticket.assignee_id == case.agent, "older rules say nothing of it"
    session.commit()
    with time_machine.travel(AFTERNOON + LATE, tick=False):
        presence.seen(shop.sessions, case.agent)
        draining.look(shop)
    assert session.get_one(Ticket, opened_by_these, populate_existing=True).assignee_id is None


def test_the_lead_gets_it_whoever_had_it(shop, session, rules, lead):
    rules("lead")
    case = opened(session)
    agent = desk.staff(session, "王志豪")
    tickets.claim(session, case, agent.id)
    session.commit()
    after = late(shop, session, case)
    assert (after.assignee_id, after.state, after.priority) == (lead, "open", "high")
    [given] = [entry for entry in told(session, "ticket.assigned") if entry["to_user"] == lead]
    assert given["why"] == "first"


def test_a_lead_on_leave_gets_nothing(shop, session, rules, lead):
    rules("lead")
    leaves.enter(session, lead, AFTERNOON, AFTERNOON + timedelta(days=1))
    session.commit()
    assert late(shop, session, opened(session)).assignee_id is None


def test_stand_by_is_called_and_given_what_waits(shop, session, rules):
    rules("standby")
    stands_by = desk.staff(session, "王大明")
    desk.is_there(session, stands_by.id)
    teams.join(session, "service", stands_by.username, 3, (), lead=False, standby=True)
    session.commit()
    case = opened(session)
    draining.look(shop)
    assert session.get_one(Ticket, case, populate_existing=True).assignee_id is None
    session.commit()
    late(shop, session, case)
    assert session.scalars(select(Team.surge_since).where(Team.key == "service")).one() == AFTERNOON + LATE
    assert told(session, "surge.began")[0]["standby"] == [stands_by.id]
    session.commit()
    with time_machine.travel(AFTERNOON + LATE, tick=False):
        presence.seen(shop.sessions, stands_by.id)
        draining.look(shop)
    assert session.get_one(Ticket, case, populate_existing=True).assignee_id == stands_by.id
