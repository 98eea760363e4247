"""The clarifying question: few choices in plain words and a person; what is tapped teaches content staff."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.models import Conversation, JournalEntry, Message
from bot.services import Services
from bot.turn.labelling import labels
from handoff.models import Ticket
from tests.builders import Customer
from tests.engines import Knows
from tests.fakes import FakeLine

pytestmark = [pytest.mark.by_hand, pytest.mark.both_engines]  # the stories decide what the understanding knows
Work = Callable[[], None]

DOUBTS = (("shipping_fee", 0.3), ("payment_methods", 0.25), ("cancel_order", 0.2), ("size_spec", 0.15))


@pytest.fixture(autouse=True)
def understanding(knows: Knows) -> None:
    knows({"謝謝": "thanks_bye"}, DOUBTS)


def buttons(line: FakeLine) -> list[dict[str, Any]]:
    """What can be tapped under the last message: its label, and what it sends."""
    items = line.sends()[-1].body["messages"][-1]["quickReply"]["items"]
    return [item["action"] for item in items]


def told(current: Services, kind: str) -> list[JournalEntry]:
    with current.sessions() as session:
        return list(session.scalars(select(JournalEntry).where(JournalEntry.kind == kind)))


def test_three_choices_in_plain_words_and_a_person(chen: Customer, line: FakeLine, work: Work) -> None:
    chen.writes("那個可以嗎")
    work()
    assert [button["text"] for button in buttons(line)] == ["運費怎麼算", "有哪些付款方式", "取消訂單", "找真人"]
    assert all(len(button["label"]) <= 20 for button in buttons(line))


def test_choices_speak_the_customers_language(chen: Customer, line: FakeLine, work: Work) -> None:
    chen.writes("what about that one")
    work()
    shown = [button["text"] for button in buttons(line)]
    assert shown == ["Shipping fee", "Payment methods", "Cancel my order", "Talk to a person"]
    chen.writes("Shipping fee")
    work()
    assert "80" in line.said[-1]


def test_a_tap_is_answered_and_labels_the_message_that_was_unclear(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("那個可以嗎")
    work()
    chen.writes("運費怎麼算")
    work()
    assert "80" in line.said[-1]
    with current.sessions() as session:
        [label] = labels(session)
        unclear = session.scalars(select(Message).where(Message.text == "那個可以嗎")).one()
        assert labels(session, after=label.id) == []
    assert (label.message_id, label.text, label.intent) == (unclear.id, "那個可以嗎", "shipping_fee")
    assert label.offered == ("shipping_fee", "payment_methods", "cancel_order", "want_human")


def test_the_label_holds_no_words_of_the_customer(chen: Customer, work: Work, current: Services) -> None:
    for words in ("那個可以嗎", "運費怎麼算"):
        chen.writes(words)
        work()
    [entry] = told(current, "turn.labelled")
    assert "那個可以嗎" not in str(entry.data)


def test_who_taps_a_person_gets_one_and_says_that_no_choice_fits(chen: Customer, work: Work, current: Services) -> None:
    for words in ("那個可以嗎", "找真人"):
        chen.writes(words)
        work()
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).one().category == "want_human"
        assert [label.intent for label in labels(session)] == ["want_human"]


def test_other_words_after_the_question_are_no_label(chen: Customer, work: Work, current: Services) -> None:
    for words in ("那個可以嗎", "謝謝", "運費怎麼算"):
        chen.writes(words)
        work()
    assert told(current, "turn.labelled") == []


def test_a_message_that_was_taken_back_is_no_example(chen: Customer, work: Work, current: Services) -> None:
    [unclear] = chen.writes("那個可以嗎")
    work()
    chen.writes("運費怎麼算")
    work()
    chen.does("unsend", unsend={"messageId": unclear["message"]["id"]})
    work()
    with current.sessions() as session:
        assert labels(session) == []


def test_a_second_miss_goes_to_a_person(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    for words in ("那個可以嗎", "就那個啊"):
        chen.writes(words)
        work()
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).one().number in line.said[-1]
        assert session.scalars(select(Conversation)).one().owner == "human"


def test_an_answer_between_makes_the_next_miss_a_first_one(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    for words in ("那個可以嗎", "運費怎麼算", "就那個啊"):
        chen.writes(words)
        work()
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).all() == []
    assert buttons(line)[-1]["text"] == "找真人"
