"""Who is there gets the case: at once, in order, and once; whoever lets it lie loses it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import services
from bot.errors import Refused
from bot.models import JournalEntry
from bot.ports import Learned
from handoff import assignment, presence, tickets
from handoff.assignment import leaves, staffing, teams, weeks
from handoff.assignment.claims import assign
from handoff.assignment.draining import look
from handoff.assignment.picking import Choice
from handoff.models import Absence, Ticket
from tests import desk

AFTERNOON = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)  # a Wednesday, 14:00 in Taipei


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop, time_machine.travel(AFTERNOON, tick=False):
        with shop.sessions.begin() as session:
            teams.prepare(session, {"orders": "出貨與物流", "care": "客訴與安全"})
        yield shop


def hired(shop, name, role="agent", team="orders", **terms):
    """Somebody who takes a team's cases."""
    with shop.sessions.begin() as session:
        user = desk.staff(session, name, role)
        terms = {"capacity": 5, "skills": (), "lead": False, "standby": False} | terms
        teams.join(session, team, user.username, terms.pop("capacity"), terms.pop("skills"), **terms)
        return user


def comes(shop, user):
    presence.seen(shop.sessions, user.id)


def asks(shop, **facts):
    """A customer wants a person; the case's id."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        handoff = desk.wish_for_a_person(conversation, team="orders", **facts)
        return services.current().wiring.desk.open(session, handoff).ticket_id


def owner(shop, case):
    with shop.sessions() as session:
        ticket = session.get_one(Ticket, case)
        return ticket.assignee.name if ticket.assignee else None


def told(shop, kind):
    with shop.sessions() as session:
        return [entry.data for entry in session.scalars(select(JournalEntry).where(JournalEntry.kind == kind))]


def claims(shop, case, user):
    with shop.sessions.begin() as session:
        tickets.claim(session, case, user.id)


def test_whoever_is_there_gets_the_case(shop):
    liu = hired(shop, "劉思妤")
    comes(shop, liu)
    case = asks(shop)
    look(shop)
    assert owner(shop, case) == "劉思妤"
    assert told(shop, "ticket.assigned")[0]["to_user"] == liu.id
    claims(shop, case, liu)
    with shop.sessions() as session:
        assert session.get_one(Ticket, case).state == "open"


def test_with_nobody_there_it_waits_and_can_be_claimed_by_hand(shop):
    liu = hired(shop, "劉思妤")
    case = asks(shop)
    look(shop)
    assert owner(shop, case) is None
    claims(shop, case, liu)
    assert owner(shop, case) == "劉思妤"


def test_the_queue_drains_in_order_when_somebody_comes(shop):
    later, urgent, sooner = asks(shop, level="L3"), asks(shop, level="L1"), asks(shop, level="L2")
    liu = hired(shop, "劉思妤", capacity=2)
    comes(shop, liu)
    look(shop)
    assert [owner(shop, case) for case in (urgent, sooner, later)] == ["劉思妤", "劉思妤", None]


def test_somebody_who_closed_the_console_gets_nothing_more(shop):
    comes(shop, hired(shop, "劉思妤"))
    with time_machine.travel(AFTERNOON + presence.LASTS + timedelta(seconds=1), tick=False):
        case = asks(shop)
        look(shop)
        assert owner(shop, case) is None


def test_who_is_away_by_choice_gets_nothing_until_back(shop):
    liu = hired(shop, "劉思妤")
    comes(shop, liu)
    with shop.sessions.begin() as session:
        presence.choose(session, liu.id, "away")
    case = asks(shop)
    look(shop)
    assert owner(shop, case) is None
    with shop.sessions.begin() as session:
        presence.choose(session, liu.id, "online")
    look(shop)
    assert owner(shop, case) == "劉思妤"


def test_nobody_on_leave_and_nobody_off_shift_is_chosen(shop):
    liu, wang, lin = hired(shop, "劉思妤"), hired(shop, "王大明"), hired(shop, "林小美", capacity=1)
    with shop.sessions.begin() as session:
        leaves.enter(session, liu.id, AFTERNOON - timedelta(days=1), AFTERNOON + timedelta(days=1))
        weeks.set_shifts(session, wang.username, ["wed"], "18:00-24:00")
        weeks.set_shifts(session, lin.username, ["tue", "wed"], "22:00-06:00, 13:00-15:00")
    for user in (liu, wang, lin):
        comes(shop, user)
    cases = [asks(shop), asks(shop)]
    look(shop)
    assert [owner(shop, case) for case in cases] == ["林小美", None]


def test_who_goes_on_leave_leaves_nobody_waiting(shop):
    liu, wang = hired(shop, "劉思妤"), hired(shop, "王大明")
    comes(shop, liu)
    unanswered, answered = asks(shop), asks(shop)
    look(shop)
    comes(shop, wang)
    with shop.sessions.begin() as session:
        tickets.reply(session, answered, liu.id, "下週一寄出", "click-1", 0)
        leaves.enter(session, liu.id, AFTERNOON - timedelta(hours=1), AFTERNOON + timedelta(days=1))
        presence.choose(session, liu.id, "away")
    look(shop)
    assert (owner(shop, unanswered), owner(shop, answered)) == ("王大明", "劉思妤"), "one waits for her, one for his"
    with shop.sessions.begin() as session:
        conversation = session.get_one(Ticket, answered).conversation
        message = desk.writes(session, conversation, "改週二可以嗎")
        services.current().wiring.desk.customer_wrote(session, conversation.id, message.id, Learned("L3"))
    look(shop)
    assert owner(shop, answered) == "王大明"
    assert [entry["why"] for entry in told(shop, "ticket.requeued")] == ["on_leave", "on_leave"]


def test_who_is_on_leave_and_works_all_the_same_keeps_her_cases(shop):
    liu, wang = hired(shop, "劉思妤"), hired(shop, "王大明")
    comes(shop, liu)
    case = asks(shop)
    look(shop)
    comes(shop, wang)
    with shop.sessions.begin() as session:
        leaves.enter(session, liu.id, AFTERNOON - timedelta(hours=1), AFTERNOON + timedelta(days=1))
    look(shop)
    assert (owner(shop, case), told(shop, "ticket.requeued")) == ("劉思妤", [])


def test_who_comes_back_early_gets_cases_again_and_the_leave_stays_in_the_books(shop):
    liu = hired(shop, "劉思妤")
    comes(shop, liu)
    began = AFTERNOON - timedelta(hours=5)
    with shop.sessions.begin() as session:
        leave = leaves.enter(session, liu.id, began, AFTERNOON + timedelta(days=1))
        session.flush()
        absence = leave.id
    case = asks(shop)
    look(shop)
    assert owner(shop, case) is None
    with shop.sessions.begin() as session:
        leaves.take_back(session, absence)
        assert (session.get_one(Absence, absence).starts_at, session.get_one(Absence, absence).ends_at) == (
            began,
            AFTERNOON,
        )
    look(shop)
    assert owner(shop, case) == "劉思妤"
    with shop.sessions() as session, pytest.raises(Refused, match="已經結束"):
        leaves.take_back(session, absence)


@pytest.mark.parametrize(("role", "level", "gets"), [("agent", "L2", False), ("supervisor", "L1", True)])
def test_who_has_left_the_team_since_the_queue_looked_gets_none_of_its_cases(shop, role, level, gets):
    liu = hired(shop, "劉思妤", role)
    comes(shop, liu)
    case = asks(shop, level=level)
    with shop.sessions.begin() as session:
        (agent,) = staffing.agents(session, AFTERNOON, shop.settings.zone)
        teams.leave(session, "orders", liu.username)
    with shop.sessions.begin() as session:
        assert assign(session, case, Choice(agent, "most_room")) is gets
    assert owner(shop, case) == ("劉思妤" if gets else None)


def test_a_case_that_turns_out_to_be_an_injury_moves_on_to_the_senior_at_once(shop):
    young, senior = hired(shop, "劉思妤"), hired(shop, "周志強", "specialist", capacity=0)
    for user in (young, senior):
        comes(shop, user)
    case = asks(shop, level="L3")
    look(shop)
    assert owner(shop, case) == "劉思妤"
    with shop.sessions.begin() as session:
        conversation = session.get_one(Ticket, case).conversation
        message = desk.writes(session, conversation, "吃完一直吐，現在在急診")
        services.current().wiring.desk.customer_wrote(session, conversation.id, message.id, Learned("L1"))
    look(shop)
    assert owner(shop, case) == "周志強"
    assert [entry["to"] for entry in told(shop, "ticket.escalated")] == ["lead"]


def test_who_knows_the_customer_is_asked_again_if_free(shop):
    liu, wang = hired(shop, "劉思妤", "specialist"), hired(shop, "王大明")
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        desk_of = services.current().wiring.desk
        first = desk_of.open(session, desk.wish_for_a_person(conversation, team="orders", level="L3")).ticket_id
        tickets.claim(session, first, liu.id)
        tickets.hand_back(session, first, liu.id, 0)
    for user in (wang, liu):
        comes(shop, user)
    asks(shop)  # liu has more in hand than wang, or the same
    with shop.sessions.begin() as session:
        again = desk_of.open(session, desk.wish_for_a_person(conversation, team="orders")).ticket_id
    look(shop)
    assert owner(shop, again) == "劉思妤"


def test_nobody_is_given_more_than_they_can_take(shop):
    comes(shop, hired(shop, "劉思妤", capacity=2))
    comes(shop, hired(shop, "王大明", capacity=3))
    cases = [asks(shop) for _ in range(8)]
    look(shop)
    owners = [owner(shop, case) for case in cases]
    assert (owners.count("劉思妤"), owners.count("王大明"), owners.count(None)) == (2, 3, 3)


def test_a_skill_that_nobody_has_does_not_hold_up_the_others(shop):
    comes(shop, hired(shop, "劉思妤", skills=("exchange",)))
    waiting = [asks(shop, category="return_refund", level="L1" if n == 0 else "L2") for n in range(3)]
    case = asks(shop, category="exchange", level="L3")
    look(shop)
    assert owner(shop, case) == "劉思妤"
    assert owner(shop, waiting[1]) is None


def test_a_case_that_nobody_took_goes_to_the_head(shop):
    boss = hired(shop, "林佩蓉", "supervisor")
    with shop.sessions.begin() as session:
        teams.put(session, "orders", "", head=boss.username)
    case = asks(shop)
    with shop.sessions.begin() as session:
        assert assignment.to_head(session, session.get_one(Ticket, case), "department_missed")
    assert owner(shop, case) == "林佩蓉"
    assert told(shop, "ticket.escalated")[-1]["to"] == "head"


def test_a_head_on_leave_gets_nothing_and_the_other_teams_head_does(shop):
    boss, other = hired(shop, "林佩蓉", "supervisor"), hired(shop, "陳主管", "supervisor", team="care")
    with shop.sessions.begin() as session:
        teams.put(session, "orders", "", head=boss.username)
        teams.put(session, "care", "", head=other.username)
        leaves.enter(session, boss.id, AFTERNOON - timedelta(days=1), AFTERNOON + timedelta(days=1))
    case = asks(shop)
    with shop.sessions.begin() as session:
        assert not assignment.to_head(session, session.get_one(Ticket, case), "department_missed")
        assert assignment.to_head(session, session.get_one(Ticket, case), "department_missed", "care")
    assert owner(shop, case) == "陳主管"
