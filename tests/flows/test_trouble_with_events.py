"""Findings of a review, as stories: late, strange and taken-back events."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import clock
from bot.errors import Refused
from bot.models import Conversation, Event, Identity, JournalEntry, Message, User
from bot.services import Services
from handoff import tickets
from handoff.models import Ticket
from tests.builders import Customer, event, millis, signed, text_event
from tests.fakes import FakeLine

Work = Callable[[], None]


def post(chen: Customer, body: bytes) -> int:
    signed_body, headers = signed(body)
    return chen.client.post("/webhooks/line", data=signed_body, headers=headers).status_code


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize(
    "strange",
    [
        json.dumps(event("Uhuang", type="\ud800")),
        json.dumps(event("Uhuang", type="nul\x00")),
        '{"type": "message", "webhookEventId": "deep", "message": ' + nested(930) + "}",
        '{"type": "message", "webhookEventId": "big", "timestamp": ' + "9" * 5000 + "}",
    ],
    ids=["surrogate", "nul", "deep", "big"],
)
def test_one_strange_event_never_costs_its_neighbour(chen: Customer, current: Services, strange: str) -> None:
    good = json.dumps(text_event("Uchen", "運費怎麼算?"))
    assert post(chen, f'{{"destination": "U1", "events": [{strange}, {good}]}}'.encode()) == 200
    with current.sessions() as session:
        assert len(session.scalars(select(Event)).all()) == 2


def test_a_place_with_broken_text_is_kept_and_answered(chen: Customer, work: Work, current: Services) -> None:
    place = {"id": "p", "type": "location", "title": "家\ud800", "latitude": float("nan"), "longitude": 121.5}
    assert post(chen, json.dumps({"destination": "U1", "events": [event("Uchen", message=place)]}).encode()) == 200
    work()
    with current.sessions() as session:
        assert session.scalars(select(Message).where(Message.author == "customer")).one().payload["longitude"] == 121.5


def everything(current: Services) -> str:
    """All that is written anywhere about customers."""
    with current.sessions() as session:
        rows = [*session.scalars(select(Event.raw)), *session.scalars(select(Message.text))]
        rows += [json.dumps(data, ensure_ascii=False) for data in session.scalars(select(JournalEntry.data))]
        rows += [t.summary + json.dumps(t.facts, ensure_ascii=False) for t in session.scalars(select(Ticket))]
    return "".join(rows)


def test_words_that_are_taken_back_after_a_handoff_stay_nowhere(chen: Customer, work: Work, current: Services) -> None:
    [sent] = chen.writes("我要找真人 我的電話是 0912345678")
    work()
    assert "0912345678" in everything(current)
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    assert "0912345678" not in everything(current)


def test_words_that_are_taken_back_before_they_arrive_are_never_read(
    chen: Customer, work: Work, current: Services
) -> None:
    late = text_event("Uchen", "我的電話是 0912345678")
    chen.does("unsend", unsend={"messageId": late["message"]["id"]})
    work()
    chen.post(late, text_event("Uchen", "我要找真人"))
    work()
    assert "0912345678" not in everything(current)


def test_who_writes_has_not_blocked_us(chen: Customer, line: FakeLine, work: Work) -> None:
    chen.does("unfollow", timestamp=millis() - 5000)
    chen.writes("運費怎麼算?")
    work()
    assert len(line.said) == 1


def test_an_old_unfollow_that_arrives_late_changes_nothing(chen: Customer, work: Work, current: Services) -> None:
    chen.does("follow", follow={"isUnblocked": True})
    work()
    chen.does("unfollow", timestamp=millis() - 60_000)
    work()
    with current.sessions() as session:
        assert session.scalars(select(Identity)).one().blocked_at is None


def test_an_agent_sees_a_bare_greeting_at_once(chen: Customer, work: Work, current: Services) -> None:
    chen.writes("我要找真人")
    work()
    chen.writes("你好")
    work()
    with current.sessions() as session:
        assert "你好" in session.scalars(select(Message.text)).all()


def test_a_later_question_waits_for_the_one_before_it(
    chen: Customer, line: FakeLine, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        with monkeypatch.context() as broken:
            broken.setattr("bot.turn.judge", lambda *_: 1 / 0)
            work()
        time.shift(timedelta(milliseconds=100))
        chen.writes("可以用什麼付款方式?")
        work()
        assert line.said == []
        for _ in range(3):
            time.shift(timedelta(seconds=6))
            work()
    assert "80" in line.said[0]
    assert len(line.said) == 2


def test_a_picture_after_the_case_was_solved_takes_it_up_again(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("我要找真人")
    work()
    with current.sessions.begin() as session:
        ticket = session.scalars(select(Ticket)).one()
        ticket.state, ticket.resolution, ticket.resolved_at = "resolved", "solved", clock.now()
        session.scalars(select(Conversation)).one().owner = "bot"
    chen.does("message", message={"id": "m1", "type": "image", "contentProvider": {"type": "line"}})
    work()
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).one().reopened == 1
    assert "繼續" in line.said[-1]


def test_a_large_account_event_is_set_aside_for_staff(chen: Customer, current: Services) -> None:
    from bot import inbox

    assert chen.post({"type": "botSuspended", "webhookEventId": "s", "note": "x" * 1_000_001}) == 200
    with current.sessions.begin() as session:
        session.scalars(select(Event)).one().wake_at = clock.after(-1)
        inbox.file_accountless(session)
    with current.sessions() as session:
        assert session.scalars(select(Event.state)).one() == "set_aside"


def test_what_a_customer_tells_in_human_hands_reaches_the_case(chen: Customer, work: Work, current: Services) -> None:
    chen.writes("我要找真人")
    work()
    chen.writes("訂單 GB1118-20731", "小孩被燙到了")
    work()
    with current.sessions() as session:
        ticket = session.scalars(select(Ticket)).one()
    assert ticket.facts["order_number"] == "GB1118-20731"
    assert ticket.level == "L1"
    assert ticket.first_response_due_at - ticket.opened_at < timedelta(minutes=16)


def test_a_reply_over_a_message_that_is_still_in_the_inbox_is_refused(
    chen: Customer, work: Work, current: Services
) -> None:
    chen.writes("我要找真人")
    work()
    with current.sessions.begin() as session:
        ticket, agent = session.scalars(select(Ticket)).one(), session.scalars(select(User)).first()
        assert agent is not None
        tickets.claim(session, ticket.id, agent.id)
    chen.writes("等一下，先不要取消訂單")
    with current.sessions() as session, pytest.raises(Refused, match="看完再送出"):
        tickets.reply(session, ticket.id, agent.id, "好的，已幫您取消", "a key", 10**6)
