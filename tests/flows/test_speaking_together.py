"""What waits together goes together: in order, on a free reply where there is one, whoever said it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event

from bot import clock, conversations, outbox
from bot.channels import email
from bot.channels.line import speaking
from bot.channels.messenger import graph
from bot.outbox import packing, sending
from bot.services import Services
from tests.fakes import FakeLine
from tests.speaking import a_call_begins, calls, has_a_free_reply, meets, says, states, under_way

SLOW_DOWN = (429, {"message": "The API rate limit has been exceeded. Try again later."})
REFUSED = (400, {"message": "The property, 'text', is invalid"})


def test_what_the_bot_and_an_agent_say_goes_in_one_free_reply_each_under_its_name(
    current: Services, line: FakeLine
) -> None:
    meets(current)
    says(current, "我先幫您查。", speaker="bot", name="小幫手")
    says(current, "您好，我是志豪。")
    has_a_free_reply(current)
    outbox.deliver(1)
    assert calls(line) == [("reply", 2)]
    assert line.arrived == [("小幫手", "我先幫您查。"), ("王志豪", "您好，我是志豪。")]
    assert states(current) == ["sent", "sent"]


def test_what_waits_goes_first_when_the_customer_writes_again(current: Services, line: FakeLine) -> None:
    meets(current)
    says(current, "一", "二", "三", "四")
    has_a_free_reply(current)
    says(current, "五", "六")
    outbox.deliver(1)
    assert calls(line) == [("reply", 5), ("push", 1)]
    assert line.said == list("一二三四五六")


def test_a_later_message_never_overtakes_one_that_waits(current: Services, line: FakeLine) -> None:
    meets(current)
    line.troubles.append(SLOW_DOWN)
    with time_machine.travel(clock.now(), tick=False) as time:
        says(current, "一")
        outbox.deliver(1)
        has_a_free_reply(current)
        says(current, "二")
        outbox.deliver(1)
        assert line.said == []
        time.shift(timedelta(seconds=2))
        outbox.deliver(1)
    assert line.said == ["一", "二"]
    assert calls(line) == [("push", 1), ("reply", 2)]


def test_the_messages_of_one_customer_do_not_wait_for_anothers(current: Services, line: FakeLine) -> None:
    chen, huang = meets(current, "Uchen"), meets(current, "Uhuang")
    line.troubles.append(SLOW_DOWN)
    says(current, "一", to=chen)
    says(current, "二", to=huang)
    outbox.deliver(chen)
    outbox.deliver(huang)
    assert line.said == ["二"]


def test_a_push_that_may_have_arrived_is_repeated_as_it_was(current: Services, line: FakeLine) -> None:
    meets(current)
    line.lost_answers = 1
    with time_machine.travel(clock.now(), tick=False) as time:
        says(current, "一", "二")
        outbox.deliver(1)
        says(current, "三")
        has_a_free_reply(current)
        time.shift(timedelta(seconds=2))
        outbox.deliver(1)
    first, second, third = line.sends()
    assert (first.texts, first.retry_key) == (second.texts, second.retry_key)
    assert third.texts == ["三"]
    assert line.said == ["一", "二", "三"]
    assert states(current) == ["sent"] * 3


def test_a_message_that_line_refuses_does_not_take_its_company_with_it(current: Services, line: FakeLine) -> None:
    meets(current)
    line.troubles.extend([REFUSED, REFUSED])
    says(current, "壞的", "好的", "也好")
    outbox.deliver(1)
    assert states(current) == ["failed", "sent", "sent"]
    assert line.said == ["好的", "也好"]


def test_a_sender_that_was_killed_in_the_middle_of_a_call_is_replaced(current: Services, line: FakeLine) -> None:
    meets(current)
    says(current, "一")
    with time_machine.travel(clock.now(), tick=False) as time:
        with current.sessions.begin() as session:
            claim = outbox.claim(session, current, conversations.locked(session, 1))
        assert claim is not None
        claim.channel.send(claim.parcel())  # and then its process dies
        outbox.deliver(1)
        assert states(current) == ["sending"], "somebody seems to be at it"
        time.shift(timedelta(seconds=12))
        with current.sessions.begin() as session:
            assert outbox.take_due(session, 10) == [1]
        outbox.deliver(1)
    assert line.said == ["一"]
    assert states(current) == ["sent"]


def test_news_that_a_message_arrived_is_never_too_late(current: Services, line: FakeLine) -> None:
    meets(current)
    has_a_free_reply(current)
    says(current, "一")
    with time_machine.travel(clock.now(), tick=False) as time:
        slow = a_call_begins(current)
        line.used_tokens.add("a token")  # the slow sender's call is at LINE, its answer on the way
        time.shift(timedelta(seconds=12))
        outbox.deliver(1)
        assert states(current) == ["unknown"]
        line.used_tokens.clear()
        outbox.send(current, under_way(slow))
    assert states(current) == ["sent"]


def test_a_claim_costs_no_transaction_of_its_own_between_calls(current: Services, line: FakeLine) -> None:
    meets(current)
    says(current, *"一二三四五六七")
    commits: list[object] = []
    event.listen(current.engine, "commit", commits.append)
    outbox.deliver(1)
    assert calls(line) == [("push", 5), ("push", 2)]
    assert len(commits) == 3


def test_a_conversation_with_much_to_say_makes_room_for_others(
    current: Services, line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SHIFT", -1.0)
    meets(current)
    says(current, *"一二三四五六七")
    outbox.deliver(1)
    assert line.said == list("一二三四五")
    with time_machine.travel(clock.after(3)), current.sessions.begin() as session:
        assert outbox.take_due(session, 10) == [1]
    outbox.deliver(1)
    assert line.said == list("一二三四五六七")


def test_no_call_takes_longer_than_its_rows_are_left_to_it() -> None:
    metas = graph.TIMEOUT.connect_timeout + graph.TIMEOUT.read_timeout
    for longest in (sum(speaking.TIMEOUT), metas, email.SECONDS):
        assert timedelta(seconds=longest) <= packing.LONGEST_CALL
    assert timedelta(seconds=packing.CALL_SECONDS) > packing.LONGEST_CALL


def test_who_was_held_up_before_a_call_does_not_make_it_late(current: Services, line: FakeLine) -> None:
    meets(current)
    says(current, "一")
    with time_machine.travel(clock.now(), tick=False) as time:
        held_up = a_call_begins(current)
        says(current, "二")
        time.shift(timedelta(seconds=packing.CALL_SECONDS + 1))
        outbox.deliver(1)
        outbox.send(current, held_up)
    assert line.said == ["一", "二"]
    assert states(current) == ["sent", "sent"]


def test_who_was_held_up_for_a_moment_makes_room_for_its_call_anew(current: Services, line: FakeLine) -> None:
    meets(current)
    says(current, "一")
    with time_machine.travel(clock.now(), tick=False) as time:
        held_up = a_call_begins(current)
        time.shift(timedelta(seconds=packing.CALL_SECONDS - 1))
        outbox.send(current, held_up)
    assert calls(line) == [("push", 1)]
    assert states(current) == ["sent"]
