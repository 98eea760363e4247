"""The outbox when LINE is troublesome: nothing said twice, nothing forgotten, order kept."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from bot import clock, conversations, outbox
from bot.messages import Outbound
from bot.models import Conversation, OutboxRow
from bot.services import Services
from handoff.models import Ticket
from tests.builders import Customer
from tests.fakes import HANG_UP, FakeLine
from tests.speaking import Work, states


def test_an_expired_reply_token_becomes_a_push_with_a_retry_key(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.troubles.append((400, {"message": "Invalid reply token"}))
    chen.writes("運費怎麼算?")
    work()
    _, push = line.sends()
    assert push.path.endswith("/push")
    assert push.retry_key
    assert states(current) == ["sent"]


def test_a_reply_with_an_unknown_outcome_is_never_pushed(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.lost_answers = 1
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        work()
        time.shift(timedelta(minutes=2))
        work()
    assert [call.path.rsplit("/", 1)[1] for call in line.sends()] == ["reply", "reply"]
    assert len(line.said) == 1
    assert states(current) == ["unknown"]


def test_a_push_with_an_unknown_outcome_is_repeated_under_the_same_key(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.troubles.append((400, {"message": "Invalid reply token"}))
    line.lost_answers = 1
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        work()
        time.shift(timedelta(minutes=2))
        work()
    keys = {call.retry_key for call in line.sends() if call.path.endswith("/push")}
    assert len(keys) == 1
    assert len(line.said) == 1
    assert states(current) == ["sent"]


def test_while_line_is_down_answers_wait_and_then_arrive_once_and_in_order(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.troubles.extend([(500, {}), HANG_UP, (429, {"message": "slow down"})])
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        work()
        chen.writes("可以用什麼付款方式?")
        for _ in range(6):
            work()
            time.shift(timedelta(minutes=11))
    assert len(line.said) == 2
    assert "80" in line.said[0]
    assert states(current) == ["sent", "sent"]


def test_a_message_that_line_refuses_for_good_reaches_a_person(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.troubles.append((400, {"message": "The property, 'text', is invalid"}))
    chen.writes("運費怎麼算?")
    work()
    assert states(current) == ["failed"]
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).one()


def test_the_owner_is_checked_just_before_each_send(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.troubles.append((429, {"message": "slow down"}))
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        work()
        with current.sessions.begin() as session:
            session.scalars(select(Conversation)).one().owner = "human"
        time.shift(timedelta(minutes=2))
        work()
    assert line.said == []
    assert states(current) == ["cancelled"]


def test_an_unknown_outcome_does_not_silence_the_bot(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.lost_answers = 1
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        work()
        time.shift(timedelta(minutes=2))
        work()
        chen.writes("可以用什麼付款方式?")
        work()
    assert states(current) == ["unknown", "sent"]


def test_while_line_does_not_accept_our_token_answers_wait(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.troubles.append((401, {"message": "Authentication failed"}))
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        work()
        assert states(current) == ["queued"]
        time.shift(timedelta(minutes=2))
        work()
    assert len(line.said) == 1


def test_an_answer_that_line_took_is_sent_whatever_it_says_about_it(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.troubles.append((200, {}))
    chen.writes("運費怎麼算?")
    work()
    assert states(current) == ["sent"]


def test_a_message_that_cannot_be_built_holds_up_nobody(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("運費怎麼算?")
    work()
    with current.sessions.begin() as session:
        row = session.scalars(select(OutboxRow)).one()
        row.state, row.body = "queued", {"text": "x", "buttons": [{"label": "a", "text": "a"}] * 14}
        row.due_at = row.wake_at = clock.after(-1)
    work()
    assert states(current) == ["failed"]
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).one()


def test_a_failure_that_comes_too_late_changes_nothing(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("運費怎麼算?")
    work()
    with current.sessions.begin() as session:
        row = session.scalars(select(OutboxRow)).one()
        row.state = "queued"
        row.due_at = row.wake_at = clock.after(-1)
    with current.sessions.begin() as session:
        claim = outbox.claim(session, current, conversations.locked(session, 1))
    assert claim is not None
    with current.sessions.begin() as session:  # another process took it over and has told its outcome
        session.scalars(select(OutboxRow)).one().state = "sent"
    line.troubles.append((400, {"message": "The property, 'text', is invalid"}))
    outbox.send(current, claim)
    assert states(current) == ["sent"]


def test_what_does_not_fit_into_a_free_reply_goes_by_push(chen: Customer, line: FakeLine, current: Services) -> None:
    chen.writes("我要找真人")
    with current.sessions.begin() as session:
        conversation = session.scalars(select(Conversation)).one()
        conversation.reply_token, conversation.reply_until = "a token", clock.after(30)
        parts = [Outbound(f"第 {number} 段") for number in range(7)]
        conversations.say(session, conversation, *parts, speaker="agent", sender_name="王志豪")
    outbox.deliver(1)
    assert [(call.path.rsplit("/", 1)[1], len(call.texts)) for call in line.sends()] == [("reply", 5), ("push", 2)]
