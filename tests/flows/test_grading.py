"""How urgent a case is: a missed emergency is raised by whoever sees it, a false one lowered with a reason."""

from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select

import webhook_app
from bot import services
from bot.cli.root import Root
from bot.errors import Refused
from bot.models import JournalEntry, User
from handoff import clocks, tickets
from handoff.commands import tickets as tickets_commands
from handoff.models import Clock, Complaint, Ticket
from tests import console, desk
from tests.console import words
from tests.desk import AFTERNOON
from tests.programs import hired, opened

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def waiting(session, **wish):
    """A case that nobody has, as a missed emergency lies in the queue."""
    conversation = desk.customer(session)
    desk.writes(session, conversation, "我女兒吃了之後一直吐")
    ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation, **wish))
    return session.get_one(Ticket, ref.ticket_id)


def due(session, ticket, kind):
    session.flush()
    return session.scalars(select(Clock).where(Clock.ticket_id == ticket.id, Clock.kind == kind)).one().due_at


def told(session, kind):
    session.commit()
    return session.scalars(select(JournalEntry).where(JournalEntry.kind == kind).order_by(JournalEntry.id)).all()


def later(**span):
    return time_machine.travel(AFTERNOON + timedelta(**span), tick=False)


class TestRaising:
    def test_an_agent_raises_a_missed_emergency_that_nobody_has(self, session):
        ticket, agent = waiting(session, level="L3", priority="normal"), desk.staff(session, "王大明")
        with later(minutes=20):
            tickets.grade(session, ticket.id, agent.id, level="L1", why="孩子在吐")
            assert due(session, ticket, "first") == AFTERNOON + 35 * MINUTE
        assert (ticket.level, ticket.priority, ticket.assignee_id) == ("L1", "urgent", None)
        [entry] = told(session, "ticket.raised")
        assert (entry.user_id, entry.data["why"]) == (agent.id, "孩子在吐")
        assert entry.data["before"] == {"level": "L3", "priority": "normal"}
        assert entry.data["after"] == {"level": "L1", "priority": "urgent"}
        assert [one.data["why"] for one in told(session, "ticket.escalated")] == ["urgent"]

    def test_what_was_given_to_somebody_who_has_not_taken_it_goes_to_whoever_does(self, session):
        ticket, away, sees = waiting(session, level="L2"), desk.staff(session, "小陳"), desk.staff(session, "王大明")
        ticket.assignee_id = away.id
        tickets.grade(session, ticket.id, sees.id, level="L1")
        assert (ticket.assignee_id, ticket.state) == (None, "new")

    def test_who_has_it_keeps_it_and_the_lead_hears(self, session, case):
        tickets.grade(session, case.ticket, case.agent, level="L1")
        assert session.get_one(Ticket, case.ticket).assignee_id == case.agent
        assert [one.data["to"] for one in told(session, "ticket.escalated")] == ["lead"]

    def test_danger_to_people_is_l1_and_a_complaint_without_another_word(self, session, case):
        tickets.grade(session, case.ticket, case.agent, category="safety_incident")
        ticket = session.get_one(Ticket, case.ticket)
        assert (ticket.level, ticket.priority, ticket.type) == ("L1", "urgent", "complaint")
        assert session.get(Complaint, ticket.id) is not None
        [entry] = told(session, "ticket.raised")
        assert entry.data["after"]["type"] == "complaint"

    def test_a_case_that_a_breach_made_urgent_stays_so_when_an_agent_raises_its_level(self, session):
        ticket, agent = waiting(session, level="L3", priority="urgent"), desk.staff(session, "王大明")
        tickets.grade(session, ticket.id, agent.id, level="L2")
        assert (ticket.level, ticket.priority) == ("L2", "urgent")

    def test_saying_what_it_is_already_changes_nothing(self, session, case):
        version = session.get_one(Ticket, case.ticket).version
        tickets.grade(session, case.ticket, case.agent, level="L2", priority="high")
        assert session.get_one(Ticket, case.ticket).version == version

    def test_a_case_that_is_over_is_not_graded_and_nonsense_never(self, session, case):
        with pytest.raises(Refused, match="L1 到 L3"):
            tickets.grade(session, case.ticket, case.agent, level="L0")
        with pytest.raises(Refused, match="沒有這種案件類別"):
            tickets.grade(session, case.ticket, case.agent, category="nonsense")
        tickets.resolve(session, case.ticket, desk.staff(session, "陳主管", "supervisor").id, case.seen)
        with pytest.raises(Refused, match="已經結案"):
            tickets.grade(session, case.ticket, case.agent, level="L1")


class TestLowering:
    @pytest.fixture
    def alarm(self, session):
        """A false emergency: opened at two, due at a quarter past."""
        return waiting(session, level="L1", priority="urgent")

    @pytest.fixture
    def senior(self, session):
        return desk.staff(session, "周二線", "specialist").id

    def test_second_line_lowers_a_false_one_and_its_clocks_count_from_its_own_times(self, session, alarm, senior):
        tickets.claim(session, alarm.id, senior)
        with later(minutes=10):
            tickets.grade(session, alarm.id, senior, level="L3", why="只是問成分")
        assert (alarm.level, alarm.priority) == ("L3", "normal")
        assert due(session, alarm, "first") == alarm.first_response_due_at == AFTERNOON + HOUR
        [entry] = told(session, "ticket.lowered")
        assert (entry.user_id, entry.data["why"]) == (senior, "只是問成分")
        assert entry.data["before"] == {"level": "L1", "priority": "urgent"}

    def test_the_time_in_which_the_customer_thought_is_not_ours(self, session, alarm, senior):
        tickets.claim(session, alarm.id, senior)
        with later(minutes=10):
            tickets.reply(session, alarm.id, senior, "有過敏嗎？", "click-1", 10**9)
            session.commit()
        with later(hours=3):
            desk.tells(session, alarm.conversation, "沒有，只是問成分")
            session.commit()
        with later(hours=3, minutes=5):
            tickets.grade(session, alarm.id, senior, level="L2", why="只是問成分")
        # ten minutes of 24 hours are spent; from 17:00 it runs until 21:00, then on two days from 9 to 21 and on
        left = 24 * HOUR - 10 * MINUTE - 4 * HOUR - 12 * HOUR
        assert due(session, alarm, "resolution") == AFTERNOON + timedelta(days=1, hours=19) + left
        assert alarm.resolution_due_at == due(session, alarm, "resolution")

    def test_a_case_that_waits_for_the_customer_rests_on(self, session, alarm, senior):
        tickets.claim(session, alarm.id, senior)
        tickets.reply(session, alarm.id, senior, "有過敏嗎？", "click-1", 10**9)
        session.commit()
        tickets.grade(session, alarm.id, senior, level="L3", why="只是問成分")
        clock = session.scalars(select(Clock).where(Clock.kind == "resolution")).one()
        assert (clock.state, clock.next_at, clock.target) == ("paused", None, (48 * HOUR).total_seconds())

    def test_what_was_late_as_an_emergency_is_not_late_any_more(self, session, alarm, senior):
        tickets.claim(session, alarm.id, senior)
        with later(minutes=20):
            first = session.scalars(select(Clock).where(Clock.kind == "first")).one()
            clocks.climb(session, first)
            assert first.breached_at
            tickets.grade(session, alarm.id, senior, level="L2", why="只是問成分")
            assert (first.breached_at, clocks.climb(session, first)) == (None, [])

    def test_not_without_a_reason_and_not_by_front_line(self, session, alarm, senior):
        agent = desk.staff(session, "王大明").id
        tickets.claim(session, alarm.id, agent)
        with pytest.raises(Refused, match="一線客服只能提高"):
            tickets.grade(session, alarm.id, agent, level="L3", why="沒事")
        with pytest.raises(Refused, match="一線客服只能提高"):
            tickets.grade(session, alarm.id, agent, priority="low", why="沒事")
        with pytest.raises(Refused, match="王大明已經接手"):
            tickets.grade(session, alarm.id, senior, level="L3", why="沒事")
        lead = desk.staff(session, "陳主管", "supervisor").id
        with pytest.raises(Refused, match="請寫原因"):
            tickets.grade(session, alarm.id, lead, level="L3", why=" ")
        tickets.grade(session, alarm.id, lead, level="L3", why="沒事")
        assert alarm.level == "L3"

    def test_a_colleague_says_what_it_is_about_only_of_her_own_case(self, session, case):
        other = desk.staff(session, "王大明").id
        with pytest.raises(Refused, match="劉思妤已經接手"):
            tickets.grade(session, case.ticket, other, category="invoice_receipt")
        tickets.grade(session, case.ticket, case.agent, category="invoice_receipt")
        ticket = session.get_one(Ticket, case.ticket)
        assert (ticket.category, ticket.level, ticket.type) == ("invoice_receipt", "L2", "question")


class TestTheWaysToIt:
    @pytest.fixture
    def app(self, shop):
        app = webhook_app.create_app(shop)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        return app

    def test_on_the_panel_with_the_refusal_beside_the_form(self, app, shop):
        wang = console.signed_in(app, shop, "wang", "agent")
        number, _, _ = opened(shop, level="L3", priority="normal")
        path = f"/console/cases/{number}"
        raised = wang.post(f"{path}/grade", data={"level": "L1"}, headers=console.PANE)
        assert "L1・緊急" in words(raised)
        refused = wang.post(f"{path}/grade", data={"level": "L3", "why": "沒事"})
        assert refused.status_code == 409
        page = refused.get_data(as_text=True)
        form = page.split('data-action="grade"')[0].rsplit("<details", 1)[1]
        assert form.partition(">")[0].endswith(" open")
        assert "一線客服只能提高等級" in form

    def test_the_timeline_tells_it_in_english_too(self, app, shop):
        wang = console.signed_in(app, shop, "wang", "agent")
        number, _, _ = opened(shop, level="L3", priority="normal")
        wang.set_cookie("language", "en")
        page = words(wang.post(f"/console/cases/{number}/grade", data={"level": "L1"}, headers=console.PANE))
        assert "raised the level" in page

    def test_a_program_does_it_as_its_role_may(self, app, shop):
        crm, front = hired(app, "specialist", "客服系統"), hired(app, "agent", "一線系統")
        number, _, _ = opened(shop, level="L3", priority="normal")
        path = f"/tickets/{number}"
        assert front.post(f"{path}/grade", level="L1", why="在急診").json["priority"] == "urgent"
        assert front.post(f"{path}/grade", level="L3", why="沒事").status_code == 409
        crm.post(f"{path}/claim")
        lowered = crm.post(f"{path}/grade", level="L3", category="stock_product_info", why="沒事").json
        assert (lowered["level"], lowered["category"]) == ("L3", "stock_product_info")
        entry = crm.get(f"{path}/history").json["items"][0]
        assert (entry["kind"], entry["data"]["before"]["level"]) == ("ticket.lowered", "L1")
        assert crm.post(f"{path}/grade", level="L9").status_code == 422

    def test_from_a_terminal_by_whom_it_says(self, shop, session, case):
        root = Root(lambda _: None, lambda _: None, lambda _: shop)
        number = session.get_one(Ticket, case.ticket).number
        agent = session.get_one(User, case.agent).username
        session.rollback()  # the command is a process of its own

        def types(*typed):
            return CliRunner().invoke(tickets_commands, ["grade", number, *typed], obj=root)

        assert types("--by", agent, "--level", "L1").output.strip().endswith("L1 urgent want_human")
        assert "只能提高等級" in types("--by", agent, "--level", "L3", "--why", "沒事").output
        assert "no user" in types("--by", "nobody", "--level", "L1").output
