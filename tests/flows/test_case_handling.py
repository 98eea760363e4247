"""What people do with a case: file it, pass it on, ask a department, promise, merge, split, phone; and complaints."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import NoneType

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select

from bot import conversations, people, services
from bot.cli.root import Root
from bot.errors import Refused
from bot.messages import Button, Card, Outbound
from bot.models import Conversation, JournalEntry, Message, OutboxRow
from bot.transactions import transact
from handoff import clocks, ticker, tickets
from handoff.commands import tickets as tickets_commands
from handoff.models import Clock, Complaint, Team, Ticket
from handoff.tickets import journeys, members, persons, tapping
from tests import desk
from tests.desk import AFTERNOON


def ticket_of(session, case):
    return session.get_one(Ticket, case.ticket)


def home(session, case):
    return session.get_one(Conversation, case.conversation)


def lead(session):
    return desk.staff(session, "陳主管", "supervisor").id


def texts(session, conversation):
    rows = select(OutboxRow).where(OutboxRow.conversation_id == conversation.id).order_by(OutboxRow.id)
    return [row.body["text"] for row in session.scalars(rows)]


def tapped(session):
    """What the last button that we showed says."""
    shown = [row.body["buttons"] for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]
    return [buttons for buttons in shown if buttons][-1][-1]["text"]


def later(**span):
    return time_machine.travel(AFTERNOON + timedelta(**span), tick=False)


def told(session, kind):
    session.commit()
    return session.scalars(select(JournalEntry).where(JournalEntry.kind == kind).order_by(JournalEntry.id)).all()


def filed(session, case, by=None, **changes):
    cover = {"type": "question", "tags": [], "custom": {}, "outcome": ""} | changes
    return tickets.file(session, case.ticket, by or case.agent, **cover)


class TestTheCover:
    def test_a_case_knows_where_it_came_from_and_what_was_tapped(self, session):
        conversation = desk.customer(session)
        for words in ("運費怎麼算", "那離島呢", "我要找真人"):
            desk.writes(session, conversation, words)
        ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation, risk="high"))
        ticket = session.get_one(Ticket, ref.ticket_id)
        assert (ticket.source, ticket.type, ticket.risk) == ("line", "question", "high")
        assert ticket.taps == ["運費怎麼算"]

    def test_what_is_tapped_on_buttons_and_cards_stands_on_it_before_and_after(self, session):
        conversation = desk.customer(session)
        card = Card("訂單", "兩筆", choices=(Button("GB1118", "訂單 GB1118 到哪了"),))
        shown = Outbound("哪一筆？", (Button("都不是", "都不是這些"),), card=card)
        conversations.say(session, conversation, shown, speaker="bot")
        for words in ("訂單 GB1118 到哪了", "等很久了"):
            desk.writes(session, conversation, words)
        house = services.current().wiring.desk
        ref = house.open(session, desk.wish_for_a_person(conversation))
        for words in ("都不是這些", "在嗎"):
            house.customer_wrote(session, conversation.id, desk.writes(session, conversation, words).id)
        assert session.get_one(Ticket, ref.ticket_id).taps == ["訂單 GB1118 到哪了", "都不是這些"]

    def test_type_tags_fields_and_outcome_are_kept(self, session, case):
        filed(
            session, case, type="request", tags=["退款", " 退款 ", "急"], custom={"門市": "台北"}, outcome="成交 GB1118"
        )
        ticket = ticket_of(session, case)
        assert (ticket.type, ticket.tags, ticket.custom) == ("request", ["退款", "急"], {"門市": "台北"})
        assert ticket.outcome == "成交 GB1118"

    def test_a_type_that_does_not_exist_is_refused(self, session, case):
        with pytest.raises(Refused, match="沒有這種案件類型"):
            filed(session, case, type="nonsense")

    def test_only_a_lead_says_that_a_complaint_was_none(self, session, case):
        filed(session, case, type="complaint")
        with pytest.raises(Refused, match="主管"):
            filed(session, case, type="question")
        filed(session, case, by=lead(session), type="question")
        assert ticket_of(session, case).type == "question"

    def test_an_agent_marks_that_the_customer_explained_it_again(self, session, case):
        tickets.repeated(session, case.ticket, case.agent)
        assert ticket_of(session, case).repeats == 1


class TestPassingOn:
    def test_to_a_colleague_with_a_reason_and_counted(self, session, case):
        to = desk.staff(session, "王大明")
        tickets.to_person(session, case.ticket, case.agent, to.id, "他熟物流")
        ticket = ticket_of(session, case)
        assert (ticket.assignee_id, ticket.state, ticket.handoffs) == (to.id, "open", 1)
        [entry] = told(session, "ticket.assigned")
        assert (entry.user_id, entry.data["to_user"], entry.data["why"]) == (case.agent, to.id, "他熟物流")

    def test_to_a_teams_queue(self, session, case):
        session.add(Team(key="billing", name="付款與發票"))
        session.flush()
        tickets.to_team(session, case.ticket, case.agent, "billing", "要查帳")
        ticket = ticket_of(session, case)
        assert (ticket.assignee_id, ticket.state, ticket.team, ticket.handoffs) == (None, "new", "billing", 0)

    @pytest.mark.parametrize("why", ["", "  "])
    def test_not_without_a_reason(self, session, case, why):
        to = desk.staff(session, "王大明")
        with pytest.raises(Refused):
            tickets.to_person(session, case.ticket, case.agent, to.id, why)

    def test_not_to_somebody_who_is_not_of_the_desk(self, session, case):
        editor = desk.staff(session, "許編輯", "editor")
        with pytest.raises(Refused):
            tickets.to_person(session, case.ticket, case.agent, editor.id, "幫忙")


class TestDepartments:
    @pytest.fixture
    def contact(self, session):
        return desk.staff(session, "倉儲窗口", "editor").id

    def ask(self, session, case, contact):
        tickets.ask_department(session, case.ticket, case.agent, "倉儲", contact, "查包裹")

    def test_the_case_waits_for_the_department_which_has_two_hours_to_accept(self, session, case, contact):
        self.ask(session, case, contact)
        assert ticket_of(session, case).state == "department"
        [entry] = told(session, "ticket.department_asked")
        assert (entry.data["department"], entry.data["to_user"]) == ("倉儲", contact)
        clock = session.scalars(select(Clock).where(Clock.kind == "department")).one()
        assert clock.due_at == AFTERNOON + timedelta(hours=2)

    def test_the_contact_sees_it_writes_notes_and_accepts(self, session, case, contact):
        self.ask(session, case, contact)
        assert members.sees(session, ticket_of(session, case), contact)
        tickets.accept_for_department(session, case.ticket, contact)
        assert tickets.note(session, case.ticket, contact, "包裹在台中").kind == "note"
        assert session.scalars(select(Clock).where(Clock.kind == "department")).one().stopped_at == AFTERNOON
        tickets.department_done(session, case.ticket, contact)
        assert ticket_of(session, case).state == "open"

    def test_the_contact_speaks_to_the_customer_only_with_the_floor(self, session, case, contact):
        self.ask(session, case, contact)
        with pytest.raises(Refused, match="備註"):
            tickets.reply(session, case.ticket, contact, "您好，我是倉儲", "click-1", case.seen)
        tickets.give_floor(session, case.ticket, case.agent, contact, floor=True)
        assert tickets.reply(session, case.ticket, contact, "您好，我是倉儲", "click-1", case.seen).user_id == contact
        assert ticket_of(session, case).state == "department"

    def test_an_answer_meanwhile_stops_no_clock_of_ours(self, session, case, contact):
        self.ask(session, case, contact)
        tickets.reply(session, case.ticket, case.agent, "倉儲正在查", "click-1", case.seen)
        tickets.accept_for_department(session, case.ticket, contact)
        tickets.department_done(session, case.ticket, contact)
        resolution = session.scalars(select(Clock).where(Clock.kind == "resolution")).one()
        assert (ticket_of(session, case).state, resolution.state) == ("open", "running")

    def test_who_was_not_asked_sees_and_does_nothing(self, session, case, contact):
        for deed in (tickets.accept_for_department, tickets.department_done):
            with pytest.raises(Refused, match="沒有處理案件的權限"):
                deed(session, case.ticket, contact)
        with pytest.raises(Refused, match="沒有處理案件的權限"):
            tickets.note(session, case.ticket, contact, "路過")

    def test_nobody_accepts_in_time_and_it_goes_to_the_head(self, session, case, contact):
        head = lead(session)
        session.add(Team(key="service", name="一線客服", head_id=head))
        self.ask(session, case, contact)
        with later(hours=2):
            tickets.department_missed(session, ticket_of(session, case))
        assert ticket_of(session, case).assignee_id == head
        assert told(session, "ticket.escalated")[0].data["to"] == "head"

    def test_what_is_said_of_the_deadline_is_the_clocks_own_in_working_time(self, session, case, contact):
        with later(hours=6):  # 20:00, an hour before we close
            self.ask(session, case, contact)
        [entry] = told(session, "ticket.department_asked")
        clock = session.scalars(select(Clock).where(Clock.kind == "department")).one()
        assert entry.data["due_at"] == clock.due_at.isoformat() == (AFTERNOON + timedelta(hours=20)).isoformat()

    def test_a_contact_finishes_in_any_state_of_an_open_case_and_only_for_herself(self, session, case, contact):
        other = desk.staff(session, "財務窗口", "department").id
        self.ask(session, case, contact)
        tickets.ask_department(session, case.ticket, case.agent, "財務", other, "查退款")
        desk.tells(session, home(session, case), "有消息嗎")
        tickets.department_done(session, case.ticket, contact)
        assert [member.user_id for member in members.of(session, ticket_of(session, case))] == [other]
        states = dict(session.execute(select(Clock.subject, Clock.state).where(Clock.kind == "department")).all())
        assert sorted(states.values()) == ["running", "stopped"]

    def test_a_colleague_who_does_not_have_the_case_ends_nobodys_work_on_it(self, session, case, contact):
        self.ask(session, case, contact)
        with pytest.raises(Refused, match="劉思妤已經接手"):
            tickets.department_done(session, case.ticket, desk.staff(session, "王志豪").id)
        tickets.department_done(session, case.ticket, lead(session))
        assert members.of(session, ticket_of(session, case)) == []

    def test_a_customer_who_writes_meanwhile_is_seen(self, session, case, contact):
        self.ask(session, case, contact)
        desk.tells(session, home(session, case), "有消息嗎")
        assert ticket_of(session, case).state == "open"


class TestPromises:
    def make(self, session, case, hours=2):
        return tickets.promise(
            session, case.ticket, case.agent, "回電說明退款", "顧客", AFTERNOON + timedelta(hours=hours)
        )

    def test_kept_in_time(self, session, case):
        promise = self.make(session, case)
        with later(hours=1):
            tickets.keep_promise(session, case.ticket, case.agent, promise.id)
        assert promise.state == "kept"
        clock = session.scalars(select(Clock).where(Clock.kind == "promise")).one()
        assert (clock.subject, clock.due_at) == (promise.id, AFTERNOON + timedelta(hours=2))
        assert clock.stopped_at is not None

    def test_broken_when_its_time_has_passed_and_told_once(self, session, case):
        early, late = self.make(session, case, 2), self.make(session, case, 9)
        with later(hours=3):
            for _ in range(2):
                tickets.promise_due(session, ticket_of(session, case))
            tickets.keep_promise(session, case.ticket, case.agent, early.id)
        assert (early.state, late.state) == ("broken", "open")
        assert len(told(session, "promise.broken")) == 1
        assert told(session, "promise.kept")[0].data["late"] is True

    def test_the_ticker_finds_what_was_not_kept(self, shop, session, case):
        promise = self.make(session, case)
        session.commit()
        with later(hours=3):
            ticker.tick(shop)
        session.expire_all()
        assert promise.state == "broken"

    def test_not_for_the_past(self, session, case):
        with pytest.raises(Refused, match="未來"):
            self.make(session, case, -1)


class TestComplaints:
    @pytest.fixture
    def angry(self, session):
        """A complaint that a specialist has."""
        conversation = desk.customer(session)
        seen = desk.writes(session, conversation, "太誇張了，我要客訴")
        handoff = desk.wish_for_a_person(conversation, category="complaint", intent="complaint_service")
        ref = services.current().wiring.desk.open(session, handoff)
        specialist = desk.staff(session, "周二線", "specialist")
        tickets.claim(session, ref.ticket_id, specialist.id)
        session.commit()
        return desk.Case(ref.ticket_id, conversation.id, specialist.id, seen.id)

    def investigate(self, session, case):
        tickets.investigate(session, case.ticket, case.agent, responsible="倉儲", cause="漏放緩衝材", remedy="重新寄送")

    def answer(self, session, case):
        tickets.closing_reply(session, case.ticket, case.agent, "已重寄，非常抱歉。", "click-1", case.seen)

    def resolved(self, session, case):
        self.investigate(session, case)
        self.answer(session, case)
        tickets.resolve(session, case.ticket, case.agent, case.seen)

    def test_it_is_not_resolved_before_it_is_known_who_why_and_what(self, session, angry):
        with pytest.raises(Refused, match="先填責任單位"):
            tickets.resolve(session, angry.ticket, angry.agent, angry.seen)
        self.investigate(session, angry)
        with pytest.raises(Refused, match="結案回覆"):
            tickets.resolve(session, angry.ticket, angry.agent, angry.seen)

    @pytest.mark.parametrize("state", ["failed", "unknown", "cancelled"])
    def test_a_closing_reply_that_did_not_surely_arrive_tells_nobody_anything(self, session, angry, state):
        self.investigate(session, angry)
        self.answer(session, angry)
        row = session.get_one(Complaint, angry.ticket).reply.outbox
        row.state = state
        with pytest.raises(Refused, match="結案回覆"):
            tickets.resolve(session, angry.ticket, angry.agent, angry.seen)
        row.state = "sent"
        assert tickets.resolve(session, angry.ticket, angry.agent, angry.seen).state == "resolved"

    def test_it_is_not_handed_back_to_the_bot(self, session, angry):
        self.investigate(session, angry)
        self.answer(session, angry)
        with pytest.raises(Refused, match="客訴不能交還"):
            tickets.hand_back(session, angry.ticket, angry.agent, angry.seen)

    def test_the_customer_is_asked_by_buttons_how_satisfied_he_is(self, session, angry):
        self.resolved(session, angry)
        question = session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc())).first().body
        assert [button["label"] for button in question["buttons"]] == ["滿意", "普通", "不滿意"]

    def test_it_is_closed_when_he_has_answered(self, session, angry):
        self.resolved(session, angry)
        with pytest.raises(Refused, match="滿意度"):
            tickets.close(session, angry.ticket, angry.agent)
        assert desk.tells(session, home(session, angry), "滿意")
        tickets.close(session, angry.ticket, angry.agent)
        assert session.get_one(Complaint, angry.ticket).satisfaction == "satisfied"
        assert ticket_of(session, angry).state == "closed"

    def test_who_does_not_answer_for_three_days_has_said_enough(self, session, angry):
        self.resolved(session, angry)
        with later(hours=72):
            tickets.close(session, angry.ticket, angry.agent)
        assert session.get_one(Complaint, angry.ticket).satisfaction == "none"

    def test_who_is_not_satisfied_is_looked_after_again_and_a_lead_is_told(self, session, angry):
        self.resolved(session, angry)
        desk.is_there(session, angry.agent)
        assert desk.tells(session, home(session, angry), "不滿意")
        ticket = ticket_of(session, angry)
        assert (ticket.state, ticket.conversation.owner) == ("open", "human")
        assert told(session, "ticket.escalated")[0].data == told(session, "ticket.escalated")[0].data | {
            "to": "lead",
            "why": "dissatisfied",
        }
        assert "請主管再看一次" in texts(session, home(session, angry))[-1]

    def test_who_agrees_that_it_is_solved_is_asked_next(self, session, angry):
        self.investigate(session, angry)
        self.answer(session, angry)
        tickets.propose(session, angry.ticket, angry.agent, angry.seen)
        assert desk.tells(session, home(session, angry), "解決了")
        assert "您覺得如何" in texts(session, home(session, angry))[-1]

    @pytest.mark.parametrize("ends", ["solved", "silence"])
    def test_what_was_struck_out_meanwhile_keeps_it_open_for_a_person(self, session, angry, ends):
        self.investigate(session, angry)
        self.answer(session, angry)
        tickets.propose(session, angry.ticket, angry.agent, angry.seen)
        tickets.investigate(session, angry.ticket, angry.agent, responsible="", cause="", remedy="")
        if ends == "solved":
            assert desk.tells(session, home(session, angry), "解決了")
            assert "繼續處理" in texts(session, home(session, angry))[-1]
        with later(hours=73):
            tickets.proposal_silent(session, ticket_of(session, angry))
        assert ticket_of(session, angry).state == "open"
        assert told(session, "ticket.proposal_lapsed")

    def test_a_rating_counts_once(self, session, angry):
        self.resolved(session, angry)
        assert desk.tells(session, home(session, angry), "滿意")
        assert not desk.tells(session, home(session, angry), "不滿意")
        assert session.get_one(Complaint, angry.ticket).satisfaction == "satisfied"

    def test_a_plain_case_asks_for_none_of_this(self, session, case):
        tickets.resolve(session, case.ticket, lead(session), case.seen)
        tickets.close(session, case.ticket, lead(session))
        assert ticket_of(session, case).state == "closed"


class TestMergingAndSplitting:
    def test_a_second_matter_gets_a_number_of_its_own_beside_the_first(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "另外問發票", shop.settings.zone)
        assert (second.number, second.split_from_id, second.assignee_id) == ("CS-261121-0002", case.ticket, case.agent)
        assert "CS-261121-0002" in texts(session, home(session, case))[-1]
        assert tapped(session) == "CS-261121-0002"
        assert desk.tells(session, home(session, case), tapped(session))
        assert told(session, "ticket.joined")[0].data["ticket_id"] == second.id
        tickets.resolve(session, case.ticket, lead(session), 10**9)
        assert home(session, case).owner == "human"
        tickets.resolve(session, second.id, lead(session), 10**9)
        assert home(session, case).owner == "bot"

    def test_merged_both_numbers_lead_to_one_case(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "同一件事", shop.settings.zone)
        tickets.promise(session, second.id, case.agent, "回電", "顧客", AFTERNOON + timedelta(hours=1))
        tickets.merge(session, second.id, lead(session), "CS-261121-0001")
        assert (second.state, second.resolution) == ("closed", "merged")
        assert home(session, case).owner == "human"
        desk.tells(session, home(session, case), "CS-261121-0002 有進度嗎")
        assert told(session, "ticket.joined")[0].data["ticket_id"] == case.ticket
        with later(hours=2):
            tickets.promise_due(session, ticket_of(session, case))
        assert told(session, "promise.broken")[0].data["ticket_id"] == case.ticket

    def test_the_first_merged_into_the_second_leaves_one_main_case(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "其實是這件", shop.settings.zone)
        tickets.merge(session, case.ticket, lead(session), second.number)
        session.commit()
        assert (second.side, second.state) == (False, "open")
        assert services.current().wiring.desk.open(session, desk.wish_for_a_person(home(session, case))).ticket_id == (
            second.id
        )

    def test_who_waited_in_the_case_that_ended_waits_in_the_other_one(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "發票要改抬頭", shop.settings.zone)
        tickets.reply(session, second.id, case.agent, "好的，幫您改", "click-1", case.seen)
        assert second.state == "waiting"
        tickets.merge(session, case.ticket, lead(session), second.number)
        session.flush()
        running = {
            clock.kind: clock.state for clock in session.scalars(select(Clock).where(Clock.ticket_id == second.id))
        }
        assert (second.state, second.waiting_since) == ("open", AFTERNOON)
        assert (running["next"], running["resolution"]) == ("running", "running")

    def test_who_was_promised_an_answer_by_half_past_has_it_by_half_past(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "發票要改抬頭", shop.settings.zone)
        tickets.reply(session, second.id, case.agent, "好的，幫您改", "click-1", case.seen)
        with later(minutes=25):
            tickets.merge(session, case.ticket, lead(session), second.number)
            assert "最晚今天 14 點 30 分前" in clocks.reminder(session, second)
        owed = select(Clock.due_at).where(Clock.ticket_id == second.id, Clock.kind == "next")
        assert session.scalars(owed).one() == AFTERNOON + timedelta(minutes=30)

    def test_what_was_filed_and_found_out_goes_along(self, session, case, shop):
        second, boss = tickets.split(session, case.ticket, case.agent, "破了", shop.settings.zone), lead(session)
        tickets.file(session, second.id, boss, type="complaint", tags=[], custom={"門市": "台北"}, outcome="")
        tickets.investigate(session, second.id, boss, responsible="倉儲", cause="漏放緩衝材", remedy="重新寄送")
        tickets.merge(session, second.id, boss, "CS-261121-0001")
        known = session.get_one(Complaint, case.ticket)
        assert (known.responsible, known.cause, known.remedy) == ("倉儲", "漏放緩衝材", "重新寄送")
        assert ticket_of(session, case).custom == {"門市": "台北"}

    def test_what_was_tapped_goes_along_as_often_as_it_was_tapped(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "同一件事", shop.settings.zone)
        second.taps, ticket_of(session, case).taps = ["運費", "運費"], ["運費", "退貨"]
        tickets.merge(session, second.id, lead(session), "CS-261121-0001")
        assert ticket_of(session, case).taps == ["運費", "運費", "運費", "退貨"]

    def test_of_the_taps_of_two_cases_the_newest_stay(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "同一件事", shop.settings.zone)
        second.taps, ticket_of(session, case).taps = ["較早"] * tapping.MOST, ["最後"]
        tickets.merge(session, second.id, lead(session), "CS-261121-0001")
        assert ticket_of(session, case).taps == ["較早"] * (tapping.MOST - 1) + ["最後"]

    def test_an_injury_that_is_merged_waits_for_nobody_to_take_it_up(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "發票要改抬頭", shop.settings.zone)
        second.level, second.state = "L3", "new"
        ticket_of(session, case).level = "L1"
        tickets.merge(session, case.ticket, lead(session), second.number)
        assert (second.level, second.assignee_id) == ("L1", None)
        assert [entry.data["to"] for entry in told(session, "ticket.escalated")] == ["lead"]

    def test_a_merged_case_is_not_reopened_by_itself(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "同一件事", shop.settings.zone)
        boss = lead(session)
        tickets.merge(session, second.id, boss, "CS-261121-0001")
        with pytest.raises(Refused, match="已併入 CS-261121-0001"):
            tickets.reopen(session, second.id, boss)

    def test_two_peoples_cases_are_never_merged(self, session, case):
        other = desk.claimed_case(session)
        with pytest.raises(Refused, match="同一位顧客"):
            tickets.merge(session, other.ticket, lead(session), "CS-261121-0001")

    def test_front_line_does_not_merge(self, session, case, shop):
        second = tickets.split(session, case.ticket, case.agent, "同一件事", shop.settings.zone)
        with pytest.raises(Refused, match="一線"):
            tickets.merge(session, second.id, case.agent, "CS-261121-0001")


class TestOnePerson:
    @pytest.fixture
    def messenger(self, session):
        """The same woman on Messenger, as far as we do not know it yet."""
        account = people.account_id(session, "messenger", "page")
        contact = people.contact_id(session, account, "P1")
        return session.get_one(Conversation, conversations.conversation_id(session, account, "user", "P1", contact))

    def lead(self, session):
        return desk.staff(session, "陳主管", "supervisor").id

    def prove(self, session, case, conversation, phone="0912-345-678"):
        """On both sides the phone was called back."""
        desk.writes(session, conversation, "我要找真人")
        ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation))
        tickets.verify(session, case.ticket, case.agent, "phone", "0912345678", "called_back")
        tickets.verify(session, ref.ticket_id, case.agent, "phone", phone, "called_back")

    def test_a_proved_number_on_both_sides_makes_them_one_and_the_number_of_the_case_is_honoured(
        self, session, case, messenger
    ):
        self.prove(session, case, messenger, "+886912345678")
        kept, merged = home(session, case).contact_id, messenger.contact_id
        assert [contact.id for contact in persons.alike(session, kept)] == [merged]
        tickets.merge_contacts(session, kept, merged, self.lead(session))
        session.refresh(messenger)
        desk.tells(session, messenger, "CS-261121-0001")
        assert told(session, "ticket.joined")[0].data["ticket_id"] == case.ticket

    def test_a_mistake_is_taken_back_whole(self, session, case, messenger):
        self.prove(session, case, messenger)
        kept, merged = home(session, case).contact_id, messenger.contact_id
        lead = self.lead(session)
        done = tickets.merge_contacts(session, kept, merged, lead)
        tickets.unmerge_contacts(session, case.ticket, lead, done.id)
        session.commit()
        session.refresh(messenger)
        session.refresh(home(session, case))
        assert (messenger.contact_id, home(session, case).contact_id) == (merged, kept)
        assert done.undone_by == lead
        with pytest.raises(Refused, match="已經分開"):
            tickets.unmerge_contacts(session, case.ticket, lead, done.id)

    def test_without_proof_nobody_is_merged(self, session, case, messenger):
        self.prove(session, case, messenger, "0987654321")
        with pytest.raises(Refused, match="要先在兩邊都確認"):
            tickets.merge_contacts(session, home(session, case).contact_id, messenger.contact_id, self.lead(session))

    @pytest.mark.parametrize(("kind", "value"), [("phone", "123"), ("email", "nobody"), ("fax", "02-12345678")])
    def test_what_is_no_number_and_no_address_proves_nothing(self, session, case, kind, value):
        with pytest.raises(Refused, match="格式"):
            tickets.verify(session, case.ticket, case.agent, kind, value, "code")


class TestPhone:
    @pytest.mark.parametrize("query", ["cs 261121 0001", "GB1118", "0912 345 678"])
    def test_the_case_is_found_by_number_fact_or_proved_phone(self, session, case, query):
        tickets.verify(session, case.ticket, case.agent, "phone", "0912345678", "called_back")
        assert [ticket.id for ticket in tickets.search(session, query)] == [case.ticket]

    @pytest.mark.parametrize("query", ["", "09", "0987654321", "%%%"])
    def test_nothing_is_found_for_nothing(self, session, case, query):
        assert list(tickets.search(session, query)) == []

    def test_a_call_is_written_down_on_the_case_and_never_leaves_the_house(self, session, case):
        message = tickets.log_call(session, case.ticket, case.agent, "out", tickets.heard("說明了退款，顧客同意"))
        assert (message.kind, message.payload["call"]) == ("note", "out")
        assert ticket_of(session, case).first_response_at == AFTERNOON
        assert texts(session, home(session, case)) == []

    def test_a_caller_without_a_case_gets_one(self, session, shop):
        agent = desk.staff(session, "王大明")
        call = tickets.heard("沒收到貨")
        ticket = tickets.open_by_phone(session, agent.id, "0912-345-678", "林太太", call, shop.settings.zone)
        assert (ticket.source, ticket.assignee_id, ticket.state) == ("phone", agent.id, "open")
        assert ticket.contact.name == "林太太"
        with pytest.raises(Refused, match=ticket.number):
            tickets.open_by_phone(session, agent.id, "0912345678", "", tickets.heard("又打來"), shop.settings.zone)
        with pytest.raises(Refused, match="回電"):
            tickets.reply(session, ticket.id, agent.id, "您好", "click-1", 0)


class TestCommands:
    @pytest.fixture
    def typed(self, shop):
        """What an operator types after `frontline tickets`."""
        root = Root(lambda _: None, lambda _: None, lambda _: shop)
        return lambda *words: CliRunner().invoke(tickets_commands, words, obj=root)

    def test_show_tells_the_whole_case(self, typed, session, case):
        tickets.promise(session, case.ticket, case.agent, "回電", "顧客", AFTERNOON + timedelta(hours=1))
        filed(session, case, tags=["急"])
        session.commit()
        told = json.loads(typed("show", "cs-261121-0001", "--json").stdout)
        assert (told["state"], told["tags"], told["assignee"]) == ("open", ["急"], "劉思妤")
        assert [promise["what"] for promise in told["promises"]] == ["回電"]
        assert [(step["kind"], step["by"]) for step in told["history"]][:2] == [
            ("ticket.opened", ""),
            ("ticket.claimed", "劉思妤"),
        ]

    def test_show_of_a_case_that_is_not_there_says_so(self, typed):
        assert "there is no case CS-1" in typed("show", "CS-1").output

    def test_journey_tells_each_station(self, typed, case):
        stops = json.loads(typed("journey", str(case.seen), "--json").stdout)
        assert [stop["station"] for stop in stops] == list(journeys.STATIONS)
        assert "ticketed" in typed("journey", str(case.seen)).stdout
        assert "there is no message 999" in typed("journey", "999").output


class TestAtOnce:
    def test_a_quote_from_another_channel_and_a_reply_cross_and_nothing_is_lost(self, shop, session, case):
        account = people.account_id(session, "messenger", "page")
        found = conversations.conversation_id(session, account, "user", "P1", home(session, case).contact_id)
        session.get_one(Conversation, found).last_customer_at = AFTERNOON
        session.commit()

        def quotes(session):
            desk.tells(session, session.get_one(Conversation, found), "CS-261121-0001 收到了嗎")

        def replies(session):
            tickets.reply(session, case.ticket, case.agent, "您好", "click-1", case.seen)

        with ThreadPoolExecutor(2) as hands:
            quoted = hands.submit(transact, shop.sessions, quotes)
            replied = hands.submit(transact, shop.sessions, replies)
        assert quoted.exception() is None
        assert isinstance(replied.exception(), tickets.Stale | NoneType)
        session.expire_all()
        assert [e.data["ticket_id"] for e in told(session, "ticket.joined")] == [case.ticket]
        assert ticket_of(session, case).state == "open" or replied.exception() is None


class TestJourney:
    def test_every_station_of_a_message_has_its_time(self, session, case):
        conversation = home(session, case)
        with later(minutes=1):
            message = desk.writes(session, conversation, "請問進度")
            services.current().wiring.desk.customer_wrote(session, conversation.id, message.id)
            session.commit()
        with later(minutes=2):
            tickets.saw(session, case.ticket, case.agent, message.id)
            tickets.saw(session, case.ticket, case.agent, message.id)
            session.commit()
        with later(minutes=3):
            tickets.reply(session, case.ticket, case.agent, "馬上查", "click-1", message.id)
            session.commit()
        stops = {stop.station: stop for stop in journeys.of(session, message.id)}
        minutes = {name: (stop.at - AFTERNOON).seconds // 60 for name, stop in stops.items() if stop.at}
        assert list(stops) == list(journeys.STATIONS)
        assert minutes == {"received": 1, "stored": 1, "ticketed": 1, "assigned": 1, "seen": 2, "answered": 3}
        assert [stops[name].who for name in ("assigned", "seen", "answered")] == ["劉思妤"] * 3
        assert len(told(session, "ticket.seen")) == 1

    def test_the_message_that_opened_the_case_was_ticketed_and_assigned(self, session, case):
        first = session.get_one(Message, case.seen)
        stops = {stop.station: stop.at for stop in journeys.of(session, first.id)}
        assert stops["ticketed"] == stops["assigned"] == AFTERNOON
        assert stops["answered"] is None

    def test_a_message_that_joined_from_another_channel_goes_its_way_with_the_case(self, session, case):
        account = people.account_id(session, "messenger", "page")
        contact = home(session, case).contact_id
        there = session.get_one(Conversation, conversations.conversation_id(session, account, "user", "P1", contact))
        there.last_customer_at = AFTERNOON
        with later(minutes=1):
            assert desk.tells(session, there, "CS-261121-0001 收到了嗎")
            session.commit()
        message = session.scalars(select(Message).where(Message.conversation_id == there.id)).first()
        with later(minutes=2):
            tickets.saw(session, case.ticket, case.agent, message.id)
            session.commit()
        for minute, key in ((3, "click-1"), (9, "click-2")):
            with later(minutes=minute):
                tickets.reply(session, case.ticket, case.agent, "馬上查", key, message.id)
                session.commit()
        stops = {stop.station: stop for stop in journeys.of(session, message.id)}
        minutes = {name: (stop.at - AFTERNOON).seconds // 60 for name, stop in stops.items() if stop.at}
        assert minutes == {"received": 1, "stored": 1, "ticketed": 1, "assigned": 1, "seen": 2, "answered": 3}

    def test_who_had_the_case_is_told_not_who_was_given_it_later_nor_what_was_said_of_another(
        self, session, case, shop
    ):
        conversation = home(session, case)
        side = tickets.split(session, case.ticket, case.agent, "另外問發票", shop.settings.zone)
        with later(minutes=1):
            desk.tells(session, conversation, "請問進度")
            session.commit()
        message = session.scalars(select(Message).where(Message.text == "請問進度")).one()
        with later(minutes=2):
            said = tickets.reply(session, side.id, case.agent, "發票寄了", "click-1", message.id)
            to = desk.staff(session, "王大明").id
            tickets.to_person(session, case.ticket, case.agent, to, "他熟物流")
            session.commit()
        with later(minutes=5):
            tickets.reply(session, case.ticket, to, "明天到", "click-2", said.id)
            session.commit()
        stops = {stop.station: stop for stop in journeys.of(session, message.id)}
        assert (stops["assigned"].who, stops["answered"].who) == ("劉思妤", "王大明")
        assert stops["answered"].at == AFTERNOON + timedelta(minutes=5)
