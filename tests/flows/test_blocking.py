"""A customer who blocks the account: nothing is sent to him, his case is parked, and goes on once he is back."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from bot import outbox, turn
from bot.errors import Refused
from bot.models import Conversation, JournalEntry, Message, OutboxRow, User
from bot.services import Services
from handoff import ticker, tickets
from handoff.models import Clock, Member, Ticket
from handoff.tickets import escalating
from tests import desk
from tests.builders import Customer
from tests.console import signed_in, words
from tests.desk import AFTERNOON

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AFTERNOON, tick=False) as time:
        yield time


@pytest.fixture
def agent(current: Services, chen: Customer, work: Work, time: time_machine.Traveller) -> int:
    """Somebody has the case of 陳怡君, who asked for a person."""
    chen.writes("我要找真人")
    work()
    time.shift(timedelta(minutes=2))
    with current.sessions.begin() as session:
        found = desk.staff(session, "王敏").id
        tickets.claim(session, the_case(session).id, found)
    return found


def the_case(session) -> Ticket:
    return session.scalars(select(Ticket)).one()


def leaves(chen: Customer, work: Work, time: time_machine.Traveller) -> None:
    time.shift(timedelta(seconds=1))
    chen.does("unfollow", replyToken=None)
    work()


def comes_back(chen: Customer, work: Work, time: time_machine.Traveller) -> None:
    time.shift(timedelta(seconds=1))
    chen.does("follow", follow={"isUnblocked": True})
    work()


def clocks(session) -> dict[str, str]:
    return {clock.kind: clock.state for clock in session.scalars(select(Clock)) if clock.stopped_at is None}


def test_the_case_of_who_blocks_us_is_parked_and_its_clocks_rest(current, chen, line, work, time, agent) -> None:
    leaves(chen, work, time)
    with current.sessions() as session:
        assert the_case(session).state == "waiting"
        assert set(clocks(session).values()) == {"paused"}
    said = len(line.said)
    for _ in range(8):
        time.shift(timedelta(hours=9))
        ticker.tick(current)
        work()
    with current.sessions() as session:
        kinds = session.scalars(select(JournalEntry.kind)).all()
        assert the_case(session).state == "waiting"
    assert not {"clock.breached", "ticket.told_later"} & set(kinds)
    assert len(line.said) == said


def test_the_agent_sees_why_the_case_rests(app: Flask, current, chen, work, time, agent) -> None:
    leaves(chen, work, time)
    with current.sessions() as session:
        number = the_case(session).number
    page = signed_in(app, current, "lead", "supervisor").get(f"/console/cases/{number}")
    assert "顧客封鎖了帳號，案件先擱著、時間不計" in words(page)
    assert 'data-write="reply"' not in page.get_data(as_text=True)


def test_who_is_back_is_told_that_the_case_goes_on(current, chen, line, work, time, agent) -> None:
    leaves(chen, work, time)
    time.shift(timedelta(hours=5))
    comes_back(chen, work, time)
    with current.sessions() as session:
        case = the_case(session)
        assert (case.state, case.assignee_id) == ("open", agent)
        assert case.waiting_since == AFTERNOON
        assert clocks(session)["first"] == clocks(session)["resolution"] == "running"
        first = session.scalars(select(Clock).where(Clock.kind == "first")).one()
        assert first.due_at > AFTERNOON + timedelta(hours=5), "the time that he was away is not ours"
        number = case.number
    assert "繼續" in line.said[-1]
    assert number in line.said[-1]


def test_an_answer_that_met_the_block_goes_out_when_he_is_back(current, chen, line, work, time, agent) -> None:
    time.shift(timedelta(seconds=1))
    chen.does("unfollow", replyToken=None)
    with current.sessions.begin() as session:
        case = the_case(session)
        tickets.reply(session, case.id, agent, "已經幫您退款", "click", 10**9)
        conversation = case.conversation_id
    turn.drain(conversation)
    work()
    assert "已經幫您退款" not in "".join(line.said)
    with current.sessions() as session:
        assert {"failed"} == set(session.scalars(select(OutboxRow.state).where(OutboxRow.speaker == "agent")))
    for _ in range(2):
        comes_back(chen, work, time)
    assert "".join(line.said).count("已經幫您退款") == 1


def test_an_answer_of_days_ago_goes_out_only_when_somebody_says_so(current, chen, line, work, time, agent) -> None:
    time.shift(timedelta(seconds=1))
    chen.does("unfollow", replyToken=None)
    with current.sessions.begin() as session:
        case = the_case(session)
        tickets.reply(session, case.id, agent, "明天十點前到貨", "click", 10**9)
        conversation = case.conversation_id
    turn.drain(conversation)
    work()
    time.shift(timedelta(days=2))
    comes_back(chen, work, time)
    assert "明天十點前到貨" not in "".join(line.said)
    with current.sessions() as session:
        assert the_case(session).state == "open", "somebody sees that he has no answer yet"


@pytest.mark.parametrize("deed", [tickets.propose, lambda *of: tickets.reply(*of[:3], "您好", "click", of[3])])
def test_nothing_new_is_written_to_who_blocked_us(current, chen, work, time, agent, deed) -> None:
    leaves(chen, work, time)
    with current.sessions() as session, pytest.raises(Refused, match="封鎖"):
        deed(session, the_case(session).id, agent, 10**9)


def test_what_ends_meanwhile_tells_nobody_and_opens_no_case(current, chen, line, work, time, agent) -> None:
    """The question how satisfied he is meets the block: no case begins for its sake."""
    leaves(chen, work, time)
    said = len(line.said)
    with current.sessions.begin() as session:
        session.get_one(User, agent).role = "supervisor"
        tickets.resolve(session, the_case(session).id, agent, 10**9)
    work()
    time.shift(timedelta(hours=30))
    ticker.tick(current)
    work()
    with current.sessions() as session:
        assert the_case(session).state in ("resolved", "closed")
        assert not session.scalars(select(OutboxRow).where(OutboxRow.state.in_(outbox.OPEN))).all()
    assert len(line.said) == said


def test_a_case_that_nobody_has_stays_in_its_queue_and_rests_once_somebody_took_it(current, chen, work, time) -> None:
    chen.writes("我要找真人")
    work()
    leaves(chen, work, time)
    with current.sessions.begin() as session:
        assert the_case(session).state == "new"
        tickets.claim(session, the_case(session).id, desk.staff(session, "王敏").id)
    with current.sessions() as session:
        assert the_case(session).state == "waiting"


def test_who_writes_again_has_his_case_at_once(current, chen, line, work, time, agent) -> None:
    leaves(chen, work, time)
    time.shift(timedelta(seconds=1))
    chen.writes("我回來了，退款呢")
    work()
    with current.sessions() as session:
        assert the_case(session).state == "open"
        assert clocks(session)["first"] == "running"


def test_who_follows_without_having_left_changes_no_case(current, chen, line, work, time, agent) -> None:
    with current.sessions.begin() as session:
        tickets.reply(session, the_case(session).id, agent, "請問是哪一筆？", "click", 10**9)
    work()
    said = len(line.said)
    comes_back(chen, work, time)
    with current.sessions() as session:
        assert the_case(session).state == "waiting"
        assert session.scalars(select(Conversation.owner)).one() == "human"
        assert [one.kind for one in session.scalars(select(Message)) if one.author == "customer"] == ["text", "follow"]
    assert len(line.said) == said


def test_who_was_asked_something_is_still_asked_it_when_he_is_back(current, chen, line, work, time, agent) -> None:
    with current.sessions.begin() as session:
        tickets.reply(session, the_case(session).id, agent, "請問是哪一筆？", "click", 10**9)
    work()
    said = len(line.said)
    for _ in range(2):
        leaves(chen, work, time)
        time.shift(timedelta(hours=1))
        comes_back(chen, work, time)
    with current.sessions() as session:
        assert the_case(session).state == "waiting"
    assert len(line.said) == said, "nobody says that we go on"


def test_his_silence_says_nothing_while_he_cannot_read_us(current, chen, line, work, time, agent) -> None:
    with current.sessions.begin() as session:
        tickets.propose(session, the_case(session).id, agent, 10**9)
    work()
    time.shift(timedelta(hours=70))
    leaves(chen, work, time)
    with current.sessions() as session:
        assert clocks(session)["proposal"] == "paused"

    def state_after(hours: int) -> str:
        time.shift(timedelta(hours=hours))
        ticker.tick(current)
        work()
        with current.sessions() as session:
            return the_case(session).state

    assert state_after(100) == "waiting"
    comes_back(chen, work, time)
    with current.sessions() as session:
        assert clocks(session)["proposal"] == "running"
    assert state_after(1) == "waiting", "he has what was left of his time"
    assert state_after(1) == "resolved"


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("first", ["asked", "left"])
def test_a_case_that_waits_for_a_department_rests_at_once(current, chen, work, time, agent, first, answered) -> None:
    if first == "left":
        leaves(chen, work, time)
    with current.sessions.begin() as session:
        contact = desk.staff(session, "倉儲", "department").id
        tickets.ask_department(session, the_case(session).id, agent, "倉儲", contact, "少一件")
    if first == "asked":
        leaves(chen, work, time)
    with current.sessions.begin() as session:
        running = clocks(session)
        assert (running["first"], running["resolution"], running["department"]) == ("paused", "paused", "running")
        if answered:
            tickets.department_done(session, the_case(session).id, contact)
    time.shift(timedelta(hours=30))
    comes_back(chen, work, time)
    with current.sessions() as session:
        assert the_case(session).state == ("open" if answered else "department")
        assert clocks(session)["first"] == clocks(session)["resolution"] == "running"


def test_a_parked_case_that_is_raised_rests_on(current, chen, line, work, time, agent) -> None:
    """Its clocks would find nobody waiting, and stop for good."""
    leaves(chen, work, time)
    with current.sessions.begin() as session:
        tickets.grade(
            session, the_case(session).id, desk.staff(session, "主管", "supervisor").id, level="L1", why="客人很急"
        )
    with current.sessions() as session:
        assert clocks(session)["first"] == clocks(session)["resolution"] == "paused"
    time.shift(timedelta(hours=5))
    ticker.tick(current)
    comes_back(chen, work, time)
    with current.sessions() as session:
        assert the_case(session).state == "open"
        assert clocks(session)["first"] == "running"


@pytest.mark.parametrize("deed", ["given", "reopened", "department", "to the lead"])
def test_whatever_colleagues_do_with_a_parked_case_it_rests(current, chen, work, time, agent, deed) -> None:
    if deed != "department":
        leaves(chen, work, time)
    with current.sessions.begin() as session:
        case, lead = the_case(session).id, desk.staff(session, "主管", "supervisor").id
        if deed == "given":
            session.get_one(Ticket, case).state = "new"
            tickets.to_person(session, case, lead, lead, "請她看")
        elif deed == "reopened":
            tickets.resolve(session, case, lead, 10**9)
            tickets.reopen(session, case, lead)
        elif deed == "department":
            contact = desk.staff(session, "倉儲", "department").id
            tickets.ask_department(session, case, agent, "倉儲", contact, "少一件")
        else:
            desk.is_there(session, lead, team=the_case(session).team)
            session.scalars(select(Member).where(Member.user_id == lead)).one().lead = True
            session.flush()
            escalating._to_lead(session, session.get_one(Ticket, case), "first")
    if deed == "department":
        leaves(chen, work, time)
        with current.sessions.begin() as session:
            tickets.department_done(session, case, contact)
    with current.sessions() as session:
        assert the_case(session).state == "waiting"
        assert (the_case(session).assignee_id == lead) == (deed in ("given", "to the lead"))
        assert "running" not in {clocks(session).get(kind) for kind in ("first", "next", "resolution", "told")}
