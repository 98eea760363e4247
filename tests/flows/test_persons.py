"""Two customers who were taken for one, and parted again: nothing of the one reaches the other; nor by an address."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

import webhook_app
from bot import conversations, people, services
from bot.errors import Refused
from bot.models import Conversation, Identity, OutboxRow
from bot.ports import Learned
from handoff import tickets
from handoff.models import CasePromise, CaseThread, Clock, Complaint, ContactMerge, Ticket
from handoff.tickets import records, speaking
from tests import console, desk
from tests.console import words

AFTERNOON = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres, open_hours="00:00-24:00") as shop, time_machine.travel(AFTERNOON, tick=False):
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def stranger(session):
    """B, who writes on Messenger, where he also spoke in a group."""
    account = people.account_id(session, "messenger", "page")
    contact = people.contact_id(session, account, "P1")
    session.add(Identity(account_id=account, contact_id=contact, external_id="P1-in-a-group"))
    return session.get_one(Conversation, conversations.conversation_id(session, account, "user", "P1", contact))


@pytest.fixture
def merge(session, case, stranger):
    """By mistake, B was found to be A: both had given the phone of their office."""
    mine = session.get_one(Conversation, case.conversation).contact_id
    theirs = stranger.contact_id
    desk.writes(session, stranger, "我要找真人")
    ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(stranger))
    for ticket in (case.ticket, ref.ticket_id):
        tickets.verify(session, ticket, case.agent, "phone", "0223456789", "called_back")
    lead = desk.staff(session, "陳主管", "supervisor").id
    tickets.claim(session, ref.ticket_id, lead)
    tickets.resolve(session, ref.ticket_id, lead, 10**9)
    made = tickets.merge_contacts(session, mine, theirs, lead)
    session.commit()
    return made


def parted(session, case, merge):
    tickets.unmerge_contacts(session, case.ticket, merge.merged_by, merge.id)
    session.commit()


def heard(session, conversation):
    rows = select(OutboxRow).where(OutboxRow.conversation_id == conversation.id).order_by(OutboxRow.id)
    return [row.body["text"] for row in session.scalars(rows)]


def opens(session, conversation):
    ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation))
    session.commit()
    return session.get_one(Ticket, ref.ticket_id)


class TestTakenForOne:
    def test_who_quoted_the_others_case_is_with_the_bot_again_and_reads_nothing_of_it(
        self, session, case, stranger, merge
    ):
        desk.tells(session, stranger, "CS-261121-0001 我的包裹呢")
        assert stranger.owner == "human"
        parted(session, case, merge)
        assert (desk.count(session, CaseThread), stranger.owner) == (0, "bot")
        last = desk.writes(session, stranger, "所以呢")
        services.current().wiring.desk.customer_wrote(session, stranger.id, last.id)
        tickets.reply(session, case.ticket, case.agent, "您的退款是 1,280 元", "click-1", case.seen)
        assert "您的退款是 1,280 元" not in heard(session, stranger)
        assert "您的退款是 1,280 元" in heard(session, session.get_one(Conversation, case.conversation))

    def test_a_case_that_was_opened_meanwhile_goes_with_its_conversation_which_stays_with_a_person(
        self, session, case, stranger, merge
    ):
        own = opens(session, stranger)
        desk.tells(session, stranger, "CS-261121-0001 我的包裹呢")
        parted(session, case, merge)
        session.refresh(own)
        assert own.contact_id == stranger.contact_id == merge.merged_id
        assert (desk.count(session, CaseThread), stranger.owner) == (0, "human")
        desk.tells(session, session.get_one(Conversation, case.conversation), f"{own.number} 有進度嗎")
        assert desk.count(session, CaseThread) == 0

    def test_who_stayed_leaves_the_case_of_who_went_and_keeps_his_own(self, session, case, stranger, merge):
        mine = session.get_one(Conversation, case.conversation)
        own = opens(session, stranger)
        desk.tells(session, mine, f"{own.number} 有進度嗎")
        assert desk.count(session, CaseThread) == 1
        parted(session, case, merge)
        assert (desk.count(session, CaseThread), mine.owner) == (0, "human")
        assert records.threads(session, own) == [stranger]

    def test_a_conversation_that_began_meanwhile_goes_with_who_writes_in_it(self, session, case, stranger, merge):
        account = stranger.account_id
        known = people.contact_id(session, account, "P1-in-a-group")
        found = session.get_one(
            Conversation, conversations.conversation_id(session, account, "user", "P1-in-a-group", known)
        )
        assert found.contact_id == merge.kept_id
        own = opens(session, found)
        parted(session, case, merge)
        session.refresh(own)
        assert own.contact_id == found.contact_id == merge.merged_id

    def test_a_thread_between_strangers_is_never_followed(self, session, case, stranger):
        session.add(CaseThread(ticket_id=case.ticket, conversation_id=stranger.id))
        stranger.last_customer_at = AFTERNOON + timedelta(hours=1)
        session.flush()
        ticket = session.get_one(Ticket, case.ticket)
        assert records.joined_ticket(session, stranger.id) is None
        assert records.threads(session, ticket) == [ticket.conversation]
        assert speaking.place(session, ticket).id == case.conversation


class TestCasesOfBoth:
    """While they were one, a case of B was merged into A's; parted, each has his own again."""

    @pytest.fixture
    def his(self, session, case, stranger, merge):
        """B's case with its promise and facts, which goes on in A's."""
        desk.writes(session, stranger, "訂單 GB9999 的退款，電話 0987654321")
        facts = {"order_number": "GB9999", "phone": "0987654321"}
        ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(stranger, facts=facts))
        lead = merge.merged_by
        tickets.claim(session, ref.ticket_id, lead)
        tickets.promise(session, ref.ticket_id, lead, "回電", "顧客", AFTERNOON + timedelta(hours=2))
        tickets.file(session, ref.ticket_id, lead, type="question", tags=[], custom={"門市": "台北"}, outcome="")
        session.get_one(Ticket, case.ticket).facts = {"invoice": "AB12345678"}
        tickets.merge(session, ref.ticket_id, lead, "CS-261121-0001")
        session.commit()
        return session.get_one(Ticket, ref.ticket_id)

    def mine(self, session, case):
        return session.get_one(Ticket, case.ticket, populate_existing=True)

    def test_each_has_his_own_case_and_nothing_of_the_others(self, session, case, stranger, merge, his):
        assert self.mine(session, case).facts["phone"] == "0987654321"
        parted(session, case, merge)
        session.refresh(his)
        assert (his.state, his.merged_into_id, his.contact_id) == ("new", None, merge.merged_id)
        assert stranger.owner == "human"
        assert (self.mine(session, case).facts, self.mine(session, case).custom) == ({"invoice": "AB12345678"}, {})
        assert records.threads(session, self.mine(session, case)) == [session.get_one(Conversation, case.conversation)]

    def test_what_both_tapped_stays_with_her_as_often_as_she_did(self, session, case, stranger, merge):
        ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(stranger))
        tickets.claim(session, ref.ticket_id, merge.merged_by)
        session.get_one(Ticket, ref.ticket_id).taps = ["運費", "退貨"]
        self.mine(session, case).taps = ["運費"]
        session.flush()
        tickets.merge(session, ref.ticket_id, merge.merged_by, "CS-261121-0001")
        session.commit()
        parted(session, case, merge)
        assert self.mine(session, case).taps == ["運費"]

    def test_what_was_found_out_about_his_complaint_is_not_known_of_hers(self, session, case, stranger, merge):
        handoff = desk.wish_for_a_person(stranger, category="complaint")
        complaint, lead = services.current().wiring.desk.open(session, handoff).ticket_id, merge.merged_by
        tickets.claim(session, complaint, lead)
        tickets.investigate(session, complaint, lead, responsible="倉儲", cause="漏放緩衝材", remedy="")
        tickets.merge(session, complaint, lead, "CS-261121-0001")
        assert session.get_one(Complaint, case.ticket).cause == "漏放緩衝材"
        session.commit()
        parted(session, case, merge)
        assert session.get_one(Complaint, case.ticket).cause == ""

    def test_his_promise_goes_with_him_and_is_watched_there(self, session, case, merge, his):
        parted(session, case, merge)
        promise = session.scalars(select(CasePromise)).one()
        running = select(Clock.ticket_id).where(Clock.kind == "promise", Clock.state == "running")
        assert (promise.ticket_id, session.scalars(running).all()) == (his.id, [his.id])

    def test_his_number_leads_to_his_case_again(self, session, case, stranger, merge, his):
        parted(session, case, merge)
        assert desk.tells(session, stranger, f"{his.number} 有進度嗎")
        assert session.get_one(Ticket, his.id).waiting_since is not None
        assert records.by_number(session, his.number).id == his.id

    def test_where_the_case_is_over_his_is_over_as_well(self, session, case, merge, his):
        tickets.resolve(session, case.ticket, merge.merged_by, 10**9)
        parted(session, case, merge)
        session.refresh(his)
        assert (his.state, his.merged_into_id) == ("closed", None)

    def test_what_he_told_while_they_were_one_is_not_known_of_the_other(self, session, case, stranger, merge):
        message = desk.writes(session, stranger, "CS-261121-0001 我的電話是 0911222333")
        learned = Learned("L2", facts={"phone": "0911222333"})
        assert services.current().wiring.desk.join(session, stranger.id, message.id, learned)
        assert self.mine(session, case).facts["phone"] == "0911222333"
        parted(session, case, merge)
        assert "phone" not in self.mine(session, case).facts

    def test_what_both_said_both_keep(self, session, case, merge, his):
        mine = session.get_one(Conversation, case.conversation)
        desk.writes(session, mine, "我也打 0987654321 找過你們")
        parted(session, case, merge)
        assert self.mine(session, case).facts["phone"] == "0987654321"


class TestWhoMayPart:
    def test_the_front_line_does_not_merge(self, session, case, merge):
        with pytest.raises(Refused, match="請二線或主管"):
            tickets.merge_contacts(session, merge.kept_id, merge.merged_id, case.agent)

    def test_the_front_line_does_not_part(self, session, case, merge):
        with pytest.raises(Refused, match="請二線或主管"):
            tickets.unmerge_contacts(session, case.ticket, case.agent, merge.id)

    def test_customers_are_parted_at_a_case_of_theirs_only(self, session, case, merge):
        other = opens(session, desk.customer(session, "黃柏翰"))
        with pytest.raises(Refused, match="找不到這位顧客"):
            tickets.unmerge_contacts(session, other.id, merge.merged_by, merge.id)
        session.rollback()
        assert session.get_one(ContactMerge, merge.id).undone_at is None


class TestTheAddress:
    """What is done at the address of a case is done to that case, by whoever has it."""

    @pytest.fixture
    def wang(self, app, shop):
        return console.signed_in(app, shop, "wang", "agent")

    @pytest.fixture
    def his(self, wang, session):
        """A case of another customer, which 王 has."""
        ticket = opens(session, desk.customer(session, "黃柏翰"))
        tickets.claim(session, ticket.id, console.user_id_in(session, "wang"))
        session.commit()
        return ticket

    @pytest.fixture
    def promise(self, session, case):
        made = tickets.promise(session, case.ticket, case.agent, "回電", "顧客", AFTERNOON + timedelta(hours=1))
        session.commit()
        return made

    def test_a_promise_of_another_case_is_not_found(self, wang, session, his, promise):
        refused = self.does(wang, his.number, "promise/kept", promise=promise.id)
        assert (refused.status_code, "找不到這個承諾" in words(refused)) == (409, True)
        assert self.now(session, CasePromise, promise).state == "open"

    def test_a_promise_of_a_colleagues_case_is_hers_to_keep(self, wang, session, promise):
        refused = self.does(wang, "CS-261121-0001", "promise/kept", promise=promise.id)
        assert (refused.status_code, "劉思妤已經接手" in words(refused)) == (409, True)
        assert self.now(session, CasePromise, promise).state == "open"

    def test_a_promise_is_kept_also_when_the_case_is_solved(self, session, case, promise):
        lead = desk.staff(session, "陳主管", "supervisor").id
        tickets.resolve(session, case.ticket, lead, 10**9)
        assert tickets.keep_promise(session, case.ticket, lead, promise.id).state == "kept"

    def does(self, member, number, deed, **form):
        return member.post(f"/console/cases/{number}/{deed}", data={"seen": 10**9, **form}, headers=console.PANE)

    def now(self, session, table, row):
        session.expire_all()
        found = session.get_one(table, row.id)
        session.commit()  # the console writes next
        return found
