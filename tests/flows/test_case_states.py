"""A case goes from state to state as the table says, by whoever may; the customer has a word in it."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import ports, services
from bot.errors import Refused
from bot.models import Conversation, JournalEntry, Message, OutboxRow
from handoff import assignment, ticker, tickets
from handoff.assignment import draining
from handoff.invariant import laws
from handoff.models import CaseMember, Team, Ticket
from handoff.tickets import members, transitions
from tests import desk
from tests.desk import AFTERNOON


def ticket_of(session, case):
    return session.get_one(Ticket, case.ticket)


def says(session, case, words):
    """The customer's next message, as the turn gives it to the desk."""
    return desk.tells(session, session.get_one(Conversation, case.conversation), words)


def senior(session, role="specialist"):
    return desk.staff(session, "周二線", role).id


def bodies(session):
    return [row.body for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]


def hours_later(hours):
    return time_machine.travel(AFTERNOON + timedelta(hours=hours), tick=False)


def test_front_line_asks_the_customer_by_buttons_and_waits(session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    [asked] = bodies(session)
    assert "請問您的問題（案件 CS-261121-0001）解決了嗎？" in asked["text"]
    assert [button["label"] for button in asked["buttons"]] == ["解決了", "還沒解決"]
    assert ticket_of(session, case).state == "waiting"


def test_a_customer_who_says_yes_resolves_the_case(session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    assert says(session, case, "解決了")
    ticket = ticket_of(session, case)
    assert (ticket.state, ticket.resolution, ticket.conversation.owner) == ("resolved", "solved", "bot")
    assert bodies(session)[-1]["text"].startswith("案件 CS-261121-0001 已結案")


def test_a_customer_who_says_no_goes_back_to_the_same_agent(session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    assert says(session, case, "還沒解決")
    ticket = ticket_of(session, case)
    assert (ticket.state, ticket.assignee_id, ticket.proposed_at) == ("open", case.agent, None)
    assert ticket.waiting_since == AFTERNOON


def test_who_writes_something_else_has_not_agreed(session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    assert not says(session, case, "等一下，發票呢")
    ticket = ticket_of(session, case)
    assert (ticket.state, ticket.proposed_at) == ("open", None)
    with hours_later(73):
        tickets.proposal_silent(session, ticket)
    assert ticket.state == "open"


def to_a_team(session, case):
    session.add(Team(key="billing", name="帳務"))
    session.flush()
    tickets.to_team(session, case.ticket, case.agent, "billing", "要查帳")


def owner_leaves(session, case):
    assignment.requeue(session, ticket_of(session, case), "owner_gone")


def ask_the_warehouse(session, case):
    contact = desk.staff(session, "倉儲窗口", "editor").id
    tickets.ask_department(session, case.ticket, case.agent, "倉儲", contact, "查包裹")
    return contact


def to_the_head(session, case):
    session.add(Team(key="service", name="一線客服", head_id=senior(session, "supervisor")))
    session.flush()
    assert assignment.to_head(session, ticket_of(session, case), "department_missed")


@pytest.mark.parametrize("passed_on", [to_a_team, owner_leaves, ask_the_warehouse, to_the_head])
def test_a_tap_after_the_case_was_passed_on_reaches_whoever_has_it_now(session, case, passed_on):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    passed_on(session, case)
    assert not says(session, case, "解決了")
    ticket = ticket_of(session, case)
    assert (ticket.live, ticket.proposed_at, ticket.waiting_since) == (True, None, AFTERNOON)
    assert ticket.state != "waiting"


def test_a_tap_that_finds_the_case_in_the_queue_is_read_by_a_person(session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    ticket = ticket_of(session, case)
    ticket.state, ticket.assignee_id = "new", None
    assert says(session, case, "解決了")
    assert (ticket.state, ticket.proposed_at, ticket.waiting_since) == ("new", None, AFTERNOON)


def test_a_customer_is_asked_again_after_a_department_was(shop, session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    ask_the_warehouse(session, case)
    session.commit()
    with hours_later(73):
        ticker.tick(shop)
        session.expire_all()
        tickets.department_done(session, case.ticket, case.agent)
        tickets.propose(session, case.ticket, case.agent, case.seen)
        assert (len(bodies(session)), ticket_of(session, case).state) == (2, "waiting")
        desk.arrives(session)
        session.commit()
    with hours_later(73 + 73):
        ticker.tick(shop)
    session.expire_all()
    assert ticket_of(session, case).state == "resolved"


def answers(session, case, contact):
    tickets.department_done(session, case.ticket, contact)


def case_ends(session, case, contact):
    tickets.resolve(session, case.ticket, senior(session, "supervisor"), case.seen)


@pytest.mark.parametrize("over", [answers, case_ends])
def test_a_departments_contact_sees_a_case_as_long_as_she_has_a_part_in_it(session, case, over):
    contact = ask_the_warehouse(session, case)
    ticket = ticket_of(session, case)
    assert members.sees(session, ticket, contact)
    over(session, case, contact)
    assert members.sees(session, ticket, contact) is None
    assert session.scalars(select(CaseMember.left_at)).one() == AFTERNOON


def test_a_contact_who_answers_leaves_the_others_at_it_and_may_be_asked_again(session, case):
    first, second = ask_the_warehouse(session, case), ask_the_warehouse(session, case)
    answers(session, case, first)
    assert [member.user_id for member in members.of(session, ticket_of(session, case))] == [second]
    tickets.ask_department(session, case.ticket, case.agent, "倉儲", first, "再查一次")
    assert members.sees(session, ticket_of(session, case), first)


def test_silence_for_three_days_resolves(session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    ticket = ticket_of(session, case)
    with hours_later(71):
        tickets.proposal_silent(session, ticket)
        assert ticket.state == "waiting"
    with hours_later(72):
        tickets.proposal_silent(session, ticket)
    assert ticket.state == "resolved"
    session.commit()
    told = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.resolved")).one()
    assert (told.data["why"], told.data["before"], told.user_id) == ("silence", "waiting", None)


def test_the_ticker_hears_the_silence(shop, session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    desk.arrives(session)
    session.commit()
    with hours_later(73):
        ticker.tick(shop)
    session.expire_all()
    assert ticket_of(session, case).state == "resolved"


def test_silence_counts_from_when_the_question_went_out(shop, session, case):
    """It waits for the month's pushes, say."""
    tickets.propose(session, case.ticket, case.agent, case.seen)
    session.commit()
    states = []
    for hours in (73, 80 + 71, 80 + 72):
        with hours_later(hours):
            ticker.tick(shop)
        session.expire_all()
        states.append(ticket_of(session, case).state)
        with hours_later(80):
            desk.arrives(session)
            session.commit()
    assert states == ["waiting", "waiting", "resolved"]


def test_a_question_that_did_not_arrive_resolves_nothing(shop, session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    question = session.scalars(select(OutboxRow)).one()
    question.state = "failed"
    session.commit()
    services.current().wiring.desk.delivery_failed(session, question.id)
    session.commit()
    ticket = ticket_of(session, case)
    assert (ticket.state, ticket.proposed_at) == ("open", None)
    kinds = [entry.kind for entry in session.scalars(select(JournalEntry).order_by(JournalEntry.id))]
    assert kinds[-2:] == ["ticket.undelivered", "ticket.proposal_unheard"]
    with hours_later(73):
        ticker.tick(shop)
    session.expire_all()
    assert ticket_of(session, case).state == "open"


def test_asking_twice_asks_once(session, case):
    for _ in range(2):
        tickets.propose(session, case.ticket, case.agent, case.seen)
    assert len(bodies(session)) == 1


def test_the_words_of_a_button_mean_nothing_where_nobody_asked(session, case):
    assert not says(session, case, "解決了")
    assert ticket_of(session, case).state == "open"


def test_front_line_does_not_end_a_case_by_itself(session, case):
    for end in (tickets.resolve, tickets.hand_back):
        with pytest.raises(Refused):
            end(session, case.ticket, case.agent, case.seen)
    assert ticket_of(session, case).state == "open"


def test_front_line_hands_a_simple_question_back_to_the_bot_once_it_is_answered(session, case):
    ticket_of(session, case).level = "L3"
    with pytest.raises(Refused, match="先回覆"):
        tickets.hand_back(session, case.ticket, case.agent, case.seen)
    tickets.reply(session, case.ticket, case.agent, "九點開門", "click-1", case.seen)
    tickets.hand_back(session, case.ticket, case.agent, case.seen)
    assert ticket_of(session, case).resolution == "handed_back"


def test_second_line_resolves_its_own_case_but_not_a_colleagues(session, case):
    other = senior(session)
    with pytest.raises(Refused, match="劉思妤已經接手"):
        tickets.resolve(session, case.ticket, other, case.seen)
    ticket_of(session, case).assignee_id = other
    tickets.resolve(session, case.ticket, other, case.seen)
    assert ticket_of(session, case).state == "resolved"


def test_a_closed_case_stays_closed_when_the_customer_writes_of_something_else(session, case):
    lead = senior(session, "supervisor")
    tickets.resolve(session, case.ticket, lead, case.seen)
    tickets.close(session, case.ticket, lead)
    says(session, case, "運費怎麼算")
    assert ticket_of(session, case).state == "closed"
    assert ticket_of(session, case).conversation.owner == "bot"


def test_an_open_case_is_not_closed_before_it_is_resolved(session, case):
    with pytest.raises(Refused, match="還沒有結案"):
        tickets.close(session, case.ticket, senior(session, "supervisor"))


def test_every_change_tells_from_where_to_where_and_by_whom(session, case):
    lead = senior(session, "supervisor")
    tickets.propose(session, case.ticket, case.agent, case.seen)
    says(session, case, "還沒解決")
    tickets.resolve(session, case.ticket, lead, 10**9, "已退款")
    tickets.close(session, case.ticket, lead, "三個月沒有消息")
    tickets.reopen(session, case.ticket, lead, "顧客來電")
    session.commit()
    entries = session.scalars(select(JournalEntry).order_by(JournalEntry.id))
    moves = [(e.kind, e.data["before"], e.data["state"], e.user_id, e.data.get("why")) for e in entries if moved(e)]
    assert moves == [
        ("ticket.opened", "", "new", None, None),
        ("ticket.claimed", "new", "open", case.agent, None),
        ("ticket.proposed", "open", "waiting", case.agent, None),
        ("ticket.proposal_refused", "waiting", "open", None, None),
        ("ticket.resolved", "open", "resolved", lead, "已退款"),
        ("ticket.closed", "resolved", "closed", lead, "三個月沒有消息"),
        ("ticket.reopened", "closed", "open", lead, "顧客來電"),
    ]


def moved(entry):
    return entry.data.get("before") != entry.data.get("state") and "state" in entry.data


class Desk:
    """Everything that changes a case, each under the name of its row in the table."""

    def __init__(self, session):
        conversation = desk.customer(session)
        self.session, self.conversation = session, conversation
        desk.writes(session, conversation, "我要找真人")
        wish = desk.wish_for_a_person(conversation)
        self.id = services.current().wiring.desk.open(session, wish).ticket_id
        self.ticket = session.get_one(Ticket, self.id)
        self.agent, self.lead = desk.staff(session, "劉思妤").id, senior(session, "supervisor")
        self.contact = desk.staff(session, "倉儲窗口", "editor").id
        session.add(Team(key="service", name="一線客服", head_id=self.lead))
        session.flush()

    def claim(self):
        tickets.claim(self.session, self.id, self.agent)

    def note(self):
        tickets.note(self.session, self.id, self.agent, "查過了")

    def whisper(self):
        tickets.whisper(self.session, self.id, self.lead, "可以補寄")

    def file(self, type="complaint"):
        tickets.file(self.session, self.id, self.lead, type=type, tags=[], custom={}, outcome="")

    def grade(self):
        tickets.grade(self.session, self.id, self.agent, level="L1")

    def promise(self):
        tickets.promise(self.session, self.id, self.agent, "回電", "顧客", AFTERNOON + timedelta(hours=9))

    def reply(self):
        tickets.reply(self.session, self.id, self.agent, "您好", uuid.uuid4().hex, 10**9)

    def answer_elsewhere(self):
        said = Message(conversation_id=self.conversation.id, author="agent", text="我來處理")
        self.session.add(said)
        self.session.flush()
        services.current().wiring.desk.staff_wrote(self.session, self.conversation.id, said.id, None)

    def called(self):
        tickets.log_call(self.session, self.id, self.agent, "in", tickets.heard("問進度"))

    def customer_wrote(self):
        desk.tells(self.session, self.conversation, "有消息嗎")

    def propose(self):
        tickets.propose(self.session, self.id, self.agent, 10**9)

    def approve(self):
        made = ports.Proposal(self.id, "answer", "已為您查到，帳單日是每月 5 號。", {}, "一次性驗證碼")
        prepared = services.current().wiring.desk.propose(self.session, made)
        tickets.refuse(self.session, prepared, self.agent, "日期不對")

    def lapse(self):
        desk.arrives(self.session)
        with hours_later(73):
            tickets.proposal_silent(self.session, self.ticket)

    def park(self):
        self.conversation.identity.blocked_at = AFTERNOON
        services.current().wiring.desk.blocked(self.session, self.conversation.id)

    def unpark(self):
        self.conversation.identity.blocked_at = None
        services.current().wiring.desk.came_back(self.session, self.conversation.id, unblocked=True)

    def unpark_department(self):
        self.unpark()

    def ask_department(self):
        tickets.ask_department(self.session, self.id, self.agent, "倉儲", self.contact, "查包裹")

    def department_answered(self):
        tickets.department_done(self.session, self.id, self.contact)

    def assign(self):
        tickets.to_person(self.session, self.id, self.lead, desk.staff(self.session, "王大明").id, "他熟")

    def queue(self):
        tickets.to_team(self.session, self.id, self.lead, "service", "誰有空")

    def split(self):
        tickets.split(self.session, self.id, self.lead, "發票", services.current().settings.zone)

    def merge(self):
        second = self.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
        tickets.merge(self.session, second.id, self.lead, self.ticket.number)

    def resolve(self):
        tickets.resolve(self.session, self.id, self.lead, 10**9)

    def hand_back(self):
        tickets.hand_back(self.session, self.id, self.lead, 10**9)

    def close(self):
        tickets.close(self.session, self.id, self.lead)

    def reopen(self):
        tickets.reopen(self.session, self.id, self.lead)

    def queue_again(self):
        self.customer_wrote()

    # what the house itself does

    def given(self):
        desk.is_there(self.session, self.agent)
        self.session.commit()
        draining.look(services.current())
        self.session.refresh(self.ticket)
        assert self.ticket.assignee_id == self.agent

    def not_accepted(self):
        assignment.not_accepted(self.session, self.ticket)

    def to_head(self):
        assert assignment.to_head(self.session, self.ticket, "department_missed")

    def nobody_counts(self):
        """An older release has put a message on the case, and left it waiting for the customer."""
        self.ticket.waiting_since = AFTERNOON
        laws.LAWS["nobody_counts"].mend(self.session, self.ticket)
        assert self.ticket.state == "open"

    def question(self):
        self.file("question")


STORY = (
    *("given", "note", "whisper", "queue", "given", "promise", "queue", "given", "not_accepted", "claim", "grade"),
    *(
        "reply",
        "customer_wrote",
        "answer_elsewhere",
        "reply",
        "to_head",
        "queue",
        "claim",
        "reply",
        "nobody_counts",
        "queue",
        "claim",
    ),
    *("park", "unpark", "reply", "park", "called", "unpark"),
    *("reply", "called", "approve", "propose", "file", "lapse", "question"),
    *("ask_department", "park", "unpark_department", "department_answered", "ask_department", "to_head"),
    *("department_answered", "split", "merge", "assign", "resolve", "reopen", "resolve", "queue_again", "claim"),
    *("resolve", "close", "reopen", "hand_back"),
)


def test_no_state_changes_but_the_journal_tells_from_where_to_where(session):
    house = Desk(session)
    for deed in STORY:
        getattr(house, deed)()
        session.commit()
        for ticket in session.scalars(select(Ticket)):
            assert as_told(session, ticket) == ticket.state, deed


def test_the_story_has_every_change_of_the_table():
    assert set(transitions.TABLE) <= set(STORY)


def as_told(session, ticket):
    """The state of a case by the journal alone, each entry of which begins where the one before it ended."""
    entries = session.scalars(select(JournalEntry).where(JournalEntry.kind.like("ticket.%")).order_by(JournalEntry.id))
    told = [e.data for e in entries if e.data.get("ticket_id") == ticket.id and "state" in e.data]
    assert [data["before"] for data in told] == ["", *(data["state"] for data in told[:-1])], told
    return told[-1]["state"]


@pytest.mark.parametrize("state", [*transitions.STAY])
@pytest.mark.parametrize("action", [*transitions.TABLE])
def test_the_table_allows_a_change_or_says_why_not(action, state):
    ticket = Ticket(state=state)
    if state in transitions.ALLOWED[action]:
        assert transitions.permit(action, ticket) in transitions.STAY
    else:
        with pytest.raises(Refused, match="案件"):
            transitions.permit(action, ticket)


def test_nothing_deletes_a_case():
    assert not [name for name in (*dir(tickets), *transitions.TABLE) if "delete" in name or "remove" in name]


def test_the_bots_words_come_in_the_customers_language(session, case):
    session.get_one(Conversation, case.conversation).contact.language = "en"
    tickets.propose(session, case.ticket, case.agent, case.seen)
    assert bodies(session)[-1]["buttons"][0]["label"] == "It is solved"
    assert says(session, case, "It is solved")
    assert ticket_of(session, case).state == "resolved"
