"""Cases as customers meet them in the chat: a number that is quoted, a button that is tapped."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.models import Conversation, Message
from bot.services import Services
from bot.transactions import transact
from handoff import tickets
from handoff.models import Ticket
from tests import desk
from tests.builders import Customer
from tests.fakes import FakeLine

Work = Callable[[], None]


@pytest.fixture
def hers(chen: Customer, work: Work, current: Services) -> Ticket:
    """陳怡君 asked for a person."""
    chen.writes("我要找真人")
    work()
    return newest(current)


def newest(current: Services) -> Ticket:
    with current.sessions() as session:
        return session.scalars(select(Ticket).order_by(Ticket.id.desc())).first() or pytest.fail("there is no case")


def count(current: Services, table: type) -> int:
    with current.sessions() as session:
        return desk.count(session, table)


def asks_whether_it_is_solved(current: Services, ticket: Ticket) -> None:
    def ask(session):
        agent = desk.staff(session, "劉思妤")
        tickets.claim(session, ticket.id, agent.id)
        seen = session.scalars(select(Message.id).order_by(Message.id.desc())).first()
        tickets.propose(session, ticket.id, agent.id, seen)

    transact(current.sessions, ask)


def test_who_quotes_her_number_hears_how_it_stands_and_opens_nothing_new(
    chen: Customer, line: FakeLine, work: Work, current: Services, hers: Ticket
) -> None:
    chen.writes(f"{hers.number} 有進度嗎")
    work()
    assert hers.number in line.said[-1]
    assert count(current, Ticket) == 1


def test_the_number_and_what_belongs_to_it_may_come_in_two_messages(
    chen: Customer, work: Work, current: Services, hers: Ticket
) -> None:
    chen.writes(hers.number, "訂單是 GB1118")
    work()
    assert count(current, Ticket) == 1
    assert newest(current).facts["order_number"] == "GB1118"


def test_she_taps_that_it_is_solved_and_the_bot_answers_again(
    chen: Customer, line: FakeLine, work: Work, current: Services, hers: Ticket
) -> None:
    asks_whether_it_is_solved(current, hers)
    work()
    assert "解決了嗎" in line.said[-1]
    chen.writes("解決了")
    work()
    assert line.said[-1].endswith("已結案。這次的處理，您覺得如何？")
    with current.sessions() as session:
        assert session.get_one(Ticket, hers.id).state == "resolved"
        assert session.scalars(select(Conversation)).one().owner == "bot"


def test_she_taps_that_it_is_not(chen: Customer, line: FakeLine, work: Work, current: Services, hers: Ticket) -> None:
    asks_whether_it_is_solved(current, hers)
    work()
    chen.writes("還沒解決")
    work()
    assert "由原本的專員繼續處理" in line.said[-1]
    assert newest(current).state == "open"


def test_what_she_taps_once_the_case_is_open_stands_on_it(
    chen: Customer, line: FakeLine, work: Work, current: Services, hers: Ticket
) -> None:
    asks_whether_it_is_solved(current, hers)
    work()
    chen.writes("解決了")
    work()
    chen.writes(f"滿意 {hers.number}")
    work()
    assert newest(current).taps == ["解決了", f"滿意 {hers.number}"]


def test_a_case_keeps_the_risk_at_which_its_message_was_assessed(chen: Customer, work: Work, current: Services) -> None:
    chen.writes("我女兒吃了你們的餅乾現在在急診")
    work()
    assert (newest(current).level, newest(current).risk) == ("L1", "high")
