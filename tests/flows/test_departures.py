"""Somebody leaves the house, a team or a kind of case: what she had waits for the next, and its time goes on."""

from typing import ClassVar

import pytest
import time_machine
from sqlalchemy import select

from bot import auth, services
from bot.auth import accounts
from bot.errors import FrontlineError
from bot.models import JournalEntry, User
from bot.transactions import transact
from handoff import invariant, presence, tickets
from handoff.assignment import draining, staffing, teams
from handoff.assignment.claims import assign
from handoff.assignment.picking import Choice
from handoff.models import CasePromise, Clock, Notice, Team, Ticket
from handoff.notify import reading
from tests import desk
from tests.desk import AFTERNOON
from tests.trouble import in_the_same_moment


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop, time_machine.travel(AFTERNOON, tick=False):
        with shop.sessions.begin() as session:
            teams.prepare(session, {"orders": "出貨與物流", "service": "一線客服"})
            for username, name, role in (("liu", "劉思妤", "agent"), ("lin", "林佩蓉", "supervisor")):
                auth.create_user(session, username, name, role, "a long password")
            for team in ("orders", "service"):
                joins(session, "liu", team=team)
                joins(session, "lin", capacity=0, lead=True, team=team)
            reading.hold(session)
        yield shop


def joins(session, username, *, capacity=5, skills=(), lead=False, team="orders"):
    teams.join(session, team, username, capacity, skills, lead=lead, standby=False)


def user_id(session, username):
    return session.scalars(select(User.id).where(User.username == username)).one()


@pytest.fixture
def has(shop):
    """Cases that 劉思妤 has: one by category and team."""

    def make(category="return_refund", team="orders"):
        with shop.sessions.begin() as session:
            conversation = desk.customer(session)
            desk.writes(session, conversation, "我要找真人")
            handoff = desk.wish_for_a_person(conversation, team=team, category=category)
            case = services.current().wiring.desk.open(session, handoff).ticket_id
            tickets.claim(session, case, user_id(session, "liu"))
        return case

    return make


def does(shop, deed):
    with shop.sessions.begin() as session:
        deed(session, user_id(session, "lin"))


def leaves(session, by):
    accounts.change_user(session, "liu", "agent", active=False, by=by)


def now_of(shop, case):
    with shop.sessions() as session:
        ticket = session.get_one(Ticket, case)
        return ticket.state, ticket.assignee_id


def reasons(shop):
    with shop.sessions() as session:
        entries = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.requeued")).all()
        return [(entry.data["ticket_id"], entry.data["why"], entry.user_id) for entry in entries]


def clocks_of(shop, case):
    with shop.sessions() as session:
        return {
            c.kind: (c.started_at, c.due_at, c.state)
            for c in session.scalars(select(Clock).where(Clock.ticket_id == case))
        }


def test_who_is_deactivated_leaves_no_case_behind_and_nothing_is_left_to_mend(shop, has):
    first, second = has(), has(team="service")
    with shop.sessions.begin() as session:
        tickets.reply(session, second, user_id(session, "liu"), "請問訂單編號？", "click", 1000)
    assert now_of(shop, second)[0] == "waiting"
    does(shop, leaves)
    assert [now_of(shop, case) for case in (first, second)] == [("new", None)] * 2
    with shop.sessions() as session:
        lin = user_id(session, "lin")
    assert reasons(shop) == [(first, "owner_left", lin), (second, "owner_left", lin)]
    invariant.look(shop)
    with shop.sessions() as session:
        assert not session.scalars(select(JournalEntry).where(JournalEntry.kind == "invariant.violated")).all()


def test_the_clocks_and_promises_of_the_case_go_on_as_they_were(shop, has):
    case = has()
    with shop.sessions.begin() as session:
        due = AFTERNOON.replace(hour=9)
        tickets.promise(session, case, user_id(session, "liu"), "回電", "顧客", due)
    before = clocks_of(shop, case)
    does(shop, leaves)
    after = clocks_of(shop, case)
    assert {kind: after[kind] for kind in before} == before
    with shop.sessions() as session:
        assert session.scalars(select(CasePromise)).one().state == "open"


def test_the_lead_is_told_and_the_next_who_is_there_gets_it(shop, has):
    case = has()
    with shop.sessions.begin() as session:
        mei = auth.create_user(session, "mei", "陳美", "agent", "a long password").id
        joins(session, "mei")
        admin = auth.create_user(session, "root", "管理", "admin", "a long password").id
        accounts.change_user(session, "liu", "agent", active=False, by=admin)
    presence.seen(shop.sessions, mei)
    draining.look(shop)
    assert now_of(shop, case) == ("new", mei)
    reading.look(shop)
    with shop.sessions() as session:
        lead = user_id(session, "lin")
        told = session.scalars(select(Notice.user_id).where(Notice.kind == "ticket.requeued")).all()
    assert told == [lead]


def test_another_role_outside_the_desk_is_leaving_and_one_within_is_not(shop, has):
    case = has()
    does(shop, lambda session, by: accounts.change_user(session, "liu", "specialist", active=True, by=by))
    assert now_of(shop, case)[0] == "open"
    does(shop, lambda session, by: accounts.change_user(session, "liu", "editor", active=True, by=by))
    assert now_of(shop, case) == ("new", None)


def test_who_leaves_a_team_keeps_the_cases_of_the_other(shop, has):
    orders, service = has(), has(team="service")
    does(shop, lambda session, by: teams.leave(session, "orders", "liu", by=by))
    assert [now_of(shop, case)[0] for case in (orders, service)] == ["new", "open"]
    assert [why for _, why, _ in reasons(shop)] == ["left_team"]


def test_a_skill_that_is_taken_takes_its_cases_and_no_others(shop, has):
    refund, exchange = has("return_refund"), has("exchange")
    does(shop, lambda session, _: joins(session, "liu", skills=("exchange", "invoice_receipt")))
    assert [now_of(shop, case)[0] for case in (refund, exchange)] == ["new", "open"]
    assert [why for _, why, _ in reasons(shop)] == ["skill_taken"]


def test_what_was_given_to_her_by_hand_outside_her_skills_stays_when_only_her_capacity_changes(shop, has):
    does(shop, lambda session, _: joins(session, "liu", skills=("exchange",)))
    refund = has("return_refund")
    does(shop, lambda session, _: joins(session, "liu", capacity=3, skills=("exchange",)))
    assert (now_of(shop, refund)[0], reasons(shop)) == ("open", [])


def test_a_case_that_is_over_stays_hers(shop, has):
    case = has()
    with shop.sessions.begin() as session:
        tickets.resolve(session, case, user_id(session, "lin"), 1000)
    does(shop, leaves)
    assert now_of(shop, case)[0] == "resolved"


def heads(shop):
    with shop.sessions() as session:
        return {team.key: team.head_id for team in session.scalars(select(Team))}


def test_whoever_may_have_no_cases_any_more_is_the_head_of_no_team(shop):
    with shop.sessions.begin() as session:
        teams.put(session, "orders", "", "lin")
        admin = auth.create_user(session, "root", "管理", "admin", "a long password").id
        lin = user_id(session, "lin")
    assert heads(shop) == {"orders": lin, "service": None}
    with shop.sessions.begin() as session:
        accounts.change_user(session, "lin", "editor", active=True, by=admin)
    assert heads(shop) == {"orders": None, "service": None}
    with shop.sessions() as session, pytest.raises(FrontlineError, match="editor, who may take no cases"):
        teams.put(session, "orders", "", "lin")


class TestInTheSameMoment:
    """The queue gives her a case while she leaves: whoever is first, she does not have it in the end."""

    WAYS: ClassVar = {
        "the team": lambda session, by: teams.leave(session, "orders", "liu", by=by),
        "the house": leaves,
        "a kind of case": lambda session, _: joins(session, "liu", skills=("exchange",)),
    }

    @pytest.fixture
    def waits(self, shop):
        with shop.sessions.begin() as session:
            wish = desk.wish_for_a_person(desk.customer(session), team="orders", category="return_refund")
            return services.current().wiring.desk.open(session, wish).ticket_id

    @pytest.fixture
    def draw(self, shop, waits):
        """As the queue saw her when she was there."""
        with shop.sessions() as session:
            liu = user_id(session, "liu")
        presence.seen(shop.sessions, liu)
        with shop.sessions() as session:
            agents = staffing.agents(session, AFTERNOON, shop.settings.zone)
        (agent,) = (agent for agent in agents if (agent.id, agent.team) == (liu, "orders"))
        return lambda: transact(shop.sessions, lambda session: assign(session, waits, Choice(agent, "most_room")))

    @pytest.fixture(params=WAYS)
    def leave(self, shop, request):
        with shop.sessions() as session:
            lin = user_id(session, "lin")
        return lambda: transact(shop.sessions, lambda session: self.WAYS[request.param](session, lin))

    def test_who_has_left_since_the_queue_looked_gets_nothing(self, shop, waits, draw, leave):
        leave()
        assert not draw()
        assert now_of(shop, waits) == ("new", None)

    def test_who_leaves_while_a_case_is_given_to_her_gives_it_back(self, shop, waits, draw, leave, postgres):
        if not postgres:
            pytest.skip("SQLite has one writer at a time")
        in_the_same_moment(shop, draw, leave)
        assert now_of(shop, waits) == ("new", None)
        assert [case for case, *_ in reasons(shop)] == [waits]

    def test_a_case_is_not_given_while_she_leaves(self, shop, waits, draw, leave, postgres):
        if not postgres:
            pytest.skip("SQLite has one writer at a time")
        in_the_same_moment(shop, leave, draw)
        assert now_of(shop, waits) == ("new", None)
        assert reasons(shop) == []
