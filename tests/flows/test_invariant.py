"""What must not be is found within a minute, mended, and told: a case without an owner or queue, a customer unheard,
a case that nobody counts because code of an older release opened it.
"""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import delete, select, update

from bot import services
from bot.clock import now
from bot.models import Conversation, JournalEntry, User
from handoff import invariant, presence, ticker, tickets
from handoff.assignment import draining, teams
from handoff.models import Clock, Complaint, Ticket
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


class TestBesideAnOlderRelease:
    """It opens, answers and ends cases, and knows neither clocks nor types."""

    MORNING = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # 10:00 in Taipei

    @pytest.fixture
    def travel(self):
        with time_machine.travel(self.MORNING, tick=False) as machine:
            yield machine

    @pytest.fixture
    def old_case(self, shop, travel):
        """A complaint of ten o'clock, as the older release leaves it."""
        with shop.sessions.begin() as session:
            conversation = desk.customer(session)
            handoff = desk.wish_for_a_person(conversation, category="complaint", team="orders")
            case = services.current().wiring.desk.open(session, handoff).ticket_id
            session.execute(delete(Clock))
            session.execute(delete(Complaint))
            session.execute(update(Ticket).values(type="question", source=""))
        return case

    def clocks(self, shop):
        with shop.sessions() as session:
            return {clock.kind: clock for clock in session.scalars(select(Clock))}

    def now_so(self, shop, **values):
        with shop.sessions.begin() as session:
            session.execute(update(Ticket).values(**values))

    def test_its_open_case_is_counted_from_when_it_was_opened_and_is_a_complaint(self, shop, travel, old_case):
        travel.shift(timedelta(minutes=20))
        assert found(shop) == ["no_type", "no_clocks"]
        ticket, _ = mended(shop)
        running = self.clocks(shop)
        assert (ticket.type, ticket.source) == ("complaint", "line")
        assert running["first"].started_at == self.MORNING
        assert running["first"].due_at == self.MORNING + timedelta(minutes=30)
        assert running["resolution"].due_at == self.MORNING + timedelta(days=2), "24 hours, open from 9 to 21"
        with shop.sessions() as session:
            assert session.get_one(Complaint, ticket.id).satisfaction == ""

    def test_one_that_is_late_is_found_to_be_late(self, shop, travel, old_case):
        travel.shift(timedelta(minutes=40))
        found(shop)
        ticker.tick(shop)
        late = self.clocks(shop)
        assert late["first"].breached_at == self.MORNING + timedelta(minutes=40)
        assert "told" not in late, "nobody hears that he has waited too long only because we were upgraded"

    def test_one_that_waits_for_the_customer_rests(self, shop, travel, old_case):
        answered = self.MORNING + timedelta(minutes=10)
        self.now_so(shop, state="waiting", assignee_id=None, first_response_at=answered, waiting_since=None)
        with shop.sessions.begin() as session:
            session.execute(update(Ticket).values(assignee_id=desk.staff(session, "劉思妤").id))
        travel.shift(timedelta(hours=5))
        found(shop)
        running = self.clocks(shop)
        assert (running["first"].stopped_at, running["resolution"].state) == (answered, "paused")
        assert running["resolution"].spent == 600

    def test_what_it_answered_and_ended_is_no_breach(self, shop, travel, case):
        self.now_so(shop, state="resolved", resolved_at=self.MORNING, waiting_since=None)
        travel.shift(timedelta(days=9))
        ticker.tick(shop)
        with shop.sessions() as session:
            kinds = set(session.scalars(select(JournalEntry.kind)))
            assert not any(session.scalars(select(Clock.next_at)))
        assert not kinds & {"clock.warned", "clock.breached"}

    def test_what_it_opened_again_goes_on_with_what_was_left(self, shop, travel, case):
        with shop.sessions.begin() as session:
            lead = desk.staff(session, "陳主管", "supervisor")
            tickets.resolve(session, case, lead.id, 1000)
        travel.shift(timedelta(hours=1))
        self.now_so(shop, state="open", resolved_at=None, resolution="")
        assert found(shop) == ["bot_answers", "no_clocks"]
        assert self.clocks(shop)["resolution"].due_at == self.MORNING + timedelta(days=2, hours=1)

    def test_an_answer_that_nobody_counts_is_counted_again(self, shop, travel, case):
        with shop.sessions.begin() as session:
            session.execute(update(Clock).where(Clock.kind == "first").values(stopped_at=self.MORNING, state="stopped"))
            session.execute(update(Clock).where(Clock.kind == "resolution").values(state="paused"))
        assert found(shop) == ["nobody_counts"]
        mended(shop)
        running = self.clocks(shop)
        assert (running["next"].stopped_at, running["resolution"].state) == (None, "running")

    def test_however_many_are_over_the_look_reads_only_what_lives(self, shop, case):
        with shop.sessions() as session:
            if session.get_bind().dialect.name != "sqlite":
                pytest.skip("PostgreSQL chooses its plan by how much there is")
            for what in invariant.LAWS:
                query = str(invariant.broken(what).compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
                plan = [row.detail for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
                assert any("tickets USING" in step and "state" in step for step in plan), plan
                assert not any(step.startswith("SCAN tickets") or step.startswith("SCAN clocks") for step in plan), plan
