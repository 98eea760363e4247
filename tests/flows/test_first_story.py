"""The main job: a customer asks, the bot answers; a customer wants a person, a person answers."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.models import Conversation, Event, JournalEntry, Message, OutboxRow
from bot.services import Services
from handoff.models import Ticket
from tests.builders import Customer
from tests.fakes import FakeLine
from tests.teaching import called

pytestmark = pytest.mark.both_engines

Work = Callable[[], None]


def test_a_question_about_shipping_is_answered_for_free(chen: Customer, line: FakeLine, work: Work) -> None:
    chen.writes("運費怎麼算?")
    work()
    [call] = line.sends()
    assert call.path.endswith("/reply")
    assert "80" in call.texts[0]


def test_the_bot_greets_a_known_customer_by_name(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?")
    work()
    with current.sessions() as session:
        assert session.scalars(select(Conversation)).one().contact.name == "陳怡君"


def test_a_customer_who_asks_for_a_person_gets_a_case_number_and_a_promise(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("我要找真人")
    work()
    with current.sessions() as session:
        ticket = session.scalars(select(Ticket)).one()
        assert session.scalars(select(Conversation)).one().owner == "human"
    assert ticket.number in line.said[0]
    assert "內會有人回覆您" in line.said[0]


def test_the_bot_is_silent_while_a_person_owns_the_conversation(chen: Customer, line: FakeLine, work: Work) -> None:
    chen.writes("我要找真人")
    work()
    chen.writes("運費怎麼算?")
    work()
    assert len(line.said) == 1


@pytest.mark.by_hand
def test_messages_that_wait_together_become_one_turn_in_the_customers_order(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    first, second = chen.writes("第二句 運費怎麼算?"), chen.writes("第一句")
    del first, second
    work()
    assert len(line.sends()) == 1
    with current.sessions() as session:
        assert session.scalars(select(Event.state)).all() == ["done", "done"]


def test_every_decision_explains_itself(chen: Customer, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?")
    work()
    with current.sessions() as session:
        kinds = {entry.kind: entry.data for entry in session.scalars(select(JournalEntry))}
    assert kinds["turn.understood"]["intent"] == "shipping_fee"
    assert kinds["turn.decided"]["route"] == "auto"
    assert kinds["turn.decided"]["reasons"]
    assert kinds["turn.understood"]["release"] == called(current, kinds["turn.decided"]["release"])[1]


def test_bot_and_agent_speak_under_different_names(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("運費怎麼算?")
    work()
    assert line.arrived[0][0] == "鮮好團購機器人"
    with current.sessions() as session:
        message = session.scalars(select(Message).where(Message.author == "bot")).one()
        assert session.scalars(select(OutboxRow.state).where(OutboxRow.message_id == message.id)).one() == "sent"
