"""LINE is away, slow or out of patience with us: answers wait without holding anybody up, and arrive once, in order."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import clock, conversations, outbox
from bot.breaker import TOLERATED
from bot.models import Conversation, OutboxRow
from bot.services import Services
from handoff.models import Ticket
from tests.builders import Customer
from tests.fakes import HANG_UP, Answer, FakeLine
from tests.speaking import Work, calls, has_a_free_reply, meets, says, states

SLOW_DOWN = (429, {"message": "The API rate limit has been exceeded. Try again later."})
AWAY = (503, {"message": "Service unavailable"})
REFUSED_TOKEN = (400, {"message": "Invalid reply token"})


def words(current: Services, customer: str) -> list[str]:
    """What we have written to a customer, in order."""
    theirs = select(Conversation.id).where(Conversation.source_id == customer).scalar_subquery()
    with current.sessions() as session:
        rows = select(OutboxRow).where(OutboxRow.conversation_id == theirs).order_by(OutboxRow.id)
        return [row.body["text"] for row in session.scalars(rows)]


def pushed(line: FakeLine, customer: str) -> list[str]:
    return [text for call in line.sends() if call.body.get("to") == customer for text in call.texts]


def test_after_ten_minutes_without_line_every_answer_arrives_once_and_in_order(
    chen: Customer, huang: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        line.stop()
        for asked in ("運費怎麼算?", "可以用什麼付款方式?", "", "多久會到貨?", ""):
            if asked:
                chen.writes(asked)
                huang.writes(asked)
            work()
            time.shift(timedelta(minutes=2))
        assert set(states(current)) == {"queued"}
        line.comes_back()
        for _ in range(3):
            work()
            time.shift(timedelta(minutes=1))
    assert set(states(current)) == {"sent"}
    assert pushed(line, "Uchen") == words(current, "Uchen")
    assert pushed(line, "Uhuang") == words(current, "Uhuang")
    assert len(line.said) >= 6


def test_a_reply_that_may_have_arrived_is_never_pushed_however_long_line_is_away(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.troubles.extend([HANG_UP, AWAY, AWAY, REFUSED_TOKEN])
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        for _ in range(5):
            work()
            time.shift(timedelta(minutes=2))
    assert {how for how, _ in calls(line)} == {"reply"}
    assert states(current) == ["unknown"]


@pytest.mark.parametrize("silence", [AWAY, HANG_UP])
def test_after_ten_minutes_in_which_line_said_nothing_clear_only_the_first_tries_are_in_doubt(
    current: Services, line: FakeLine, work: Work, silence: Answer
) -> None:
    """A free reply that may have arrived is repeated under its token only, so few may come into doubt."""
    customers = [meets(current, f"U{number:02}") for number in range(20)]
    with time_machine.travel(clock.now(), tick=False) as time:
        line.outage = silence
        for minute in range(10):
            for customer in customers[minute * 2 : minute * 2 + 2]:
                has_a_free_reply(current, f"token {customer}", to=customer)
                says(current, f"給 {customer}", speaker="bot", to=customer)
            for _ in range(6):
                work()
                time.shift(timedelta(seconds=10))
        line.outage = None
        line.used_tokens.update(f"token {customer}" for customer in customers)  # they live for a minute
        for _ in range(4):
            work()
            time.shift(timedelta(minutes=1))
    assert states(current).count("unknown") <= TOLERATED
    assert states(current).count("sent") >= 20 - TOLERATED
    assert sorted(line.said) == sorted(set(line.said))


def test_an_account_whose_platform_is_away_rests_instead_of_holding_up_every_worker(
    current: Services, line: FakeLine
) -> None:
    customers = [meets(current, f"U{number}") for number in range(20)]
    line.troubles.extend([AWAY] * 100)
    with time_machine.travel(clock.now(), tick=False) as time:
        for customer in customers:
            says(current, "您好", to=customer)
            outbox.deliver(customer)
        assert len(line.sends()) == TOLERATED + 1
        line.troubles.clear()
        for _ in range(10):
            time.shift(timedelta(seconds=10))
            for customer in customers:
                outbox.deliver(customer)
    assert states(current) == ["sent"] * 20
    assert len(line.said) == 20


def test_a_limit_is_waited_for_in_the_database_and_not_in_a_worker(current: Services, line: FakeLine) -> None:
    meets(current)
    line.retry_after = "120"
    line.troubles.append(SLOW_DOWN)
    says(current, "一")
    with time_machine.travel(clock.now(), tick=False) as time:
        outbox.deliver(1)
        for _ in range(11):
            time.shift(timedelta(seconds=10))
            with current.sessions.begin() as session:
                assert outbox.take_due(session, 10) == []
            outbox.deliver(1)
        assert len(line.sends()) == 1
        time.shift(timedelta(seconds=15))
        with current.sessions.begin() as session:
            assert outbox.take_due(session, 10) == [1]
        outbox.deliver(1)
    assert line.said == ["一"]


def test_nobody_waits_for_hours_because_a_platform_says_so(current: Services, line: FakeLine) -> None:
    meets(current)
    line.retry_after = "86400"
    line.troubles.append(SLOW_DOWN)
    says(current, "一")
    with time_machine.travel(clock.now(), tick=False) as time:
        outbox.deliver(1)
        time.shift(timedelta(minutes=16))
        outbox.deliver(1)
    assert line.said == ["一"]


def test_the_bots_answer_is_given_up_after_an_hour_and_a_person_takes_over(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    line.stop()
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        work()
        time.shift(timedelta(minutes=59))
        work()
        assert states(current) == ["queued"]
        time.shift(timedelta(minutes=2))
        work()
    assert states(current)[0] == "failed"
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).one()
    line.comes_back()


@pytest.mark.parametrize(("hours", "said"), [(22, ["您好"]), (24, [])])
def test_what_an_agent_wrote_is_tried_for_as_long_as_line_remembers_its_key(
    current: Services, line: FakeLine, hours: int, said: list[str]
) -> None:
    meets(current)
    line.lost_answers = 1
    says(current, "您好")
    with time_machine.travel(clock.now(), tick=False) as time:
        outbox.deliver(1)
        line.used_keys.clear()  # it did not arrive after all
        line.arrived.clear()
        time.shift(timedelta(hours=hours))
        outbox.deliver(1)
    assert line.said == said
    assert states(current) == (["sent"] if said else ["unknown"])


def test_after_a_restart_nothing_waits_for_a_time_that_must_be_wrong(current: Services, line: FakeLine) -> None:
    meets(current)
    line.troubles.append(SLOW_DOWN)
    says(current, "一")
    with time_machine.travel(clock.now() + timedelta(hours=5), tick=False):
        outbox.deliver(1)
    assert after_a_restart(current) == [1]
    outbox.deliver(1)
    assert line.said == ["一"]


def test_what_was_never_tried_is_due_after_a_restart(current: Services, line: FakeLine) -> None:
    meets(current)
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        says(current, "一")
    assert after_a_restart(current) == [1]
    outbox.deliver(1)
    assert line.said == ["一"]


def test_after_a_restart_we_still_wait_for_as_long_as_the_platform_asked(current: Services, line: FakeLine) -> None:
    meets(current)
    line.retry_after = "600"
    line.troubles.append(SLOW_DOWN)
    says(current, "一")
    outbox.deliver(1)
    assert after_a_restart(current) == []
    outbox.deliver(1)
    assert len(line.sends()) == 1


def test_a_platform_in_trouble_is_left_alone_for_as_long_as_it_asks(current: Services, line: FakeLine) -> None:
    chen, huang = meets(current, "Uchen"), meets(current, "Uhuang")
    line.retry_after = "120"
    line.troubles.append(AWAY)
    with time_machine.travel(clock.now(), tick=False) as time:
        for customer in (chen, huang):
            says(current, "您好", to=customer)
            outbox.deliver(customer)
        time.shift(timedelta(seconds=110))
        outbox.deliver(chen)
        assert len(line.sends()) == 1
        time.shift(timedelta(seconds=15))
        outbox.deliver(chen)
        outbox.deliver(huang)
    assert line.said == ["您好", "您好"]


def test_a_message_that_cannot_be_built_does_not_make_a_platform_that_is_away_look_well(
    current: Services, line: FakeLine
) -> None:
    line.troubles.extend([AWAY] * 20)
    for number in range(TOLERATED + 2):
        customer = meets(current, f"U{number}")
        says(current, "您好", to=customer)
        unbuilt(current) if number == TOLERATED else None
        outbox.deliver(customer)
    assert current.breaker.rests_until(1) is not None


def unbuilt(current: Services) -> None:
    """The newest message is beyond what LINE can show."""
    with current.sessions.begin() as session:
        row = session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc()).limit(1)).one()
        row.body = {"text": "x", "buttons": [{"label": "a", "text": "a"}] * 14}


def after_a_restart(current: Services) -> list[int]:
    """What the ticker hands out first."""
    current.breaker.well(1)  # the process that knew of a rest is gone
    with current.sessions.begin() as session:
        outbox.pull_in(session)
        return outbox.take_due(session, 10)


def test_what_an_agent_wrote_while_nothing_could_be_sent_is_not_too_old_for_its_first_try(
    current: Services, line: FakeLine
) -> None:
    meets(current)
    says(current, "您好")
    with time_machine.travel(clock.after(30 * 3600), tick=False):
        outbox.deliver(1)
    assert line.said == ["您好"]


def test_a_restart_does_not_disturb_a_call_under_way(current: Services, line: FakeLine) -> None:
    meets(current)
    says(current, "一")
    with time_machine.travel(clock.now(), tick=False) as time:
        claims(current)
        with current.sessions.begin() as session:
            outbox.pull_in(session)
        outbox.deliver(1)
        assert line.said == []
        time.shift(timedelta(seconds=12))
        outbox.deliver(1)
    assert line.said == ["一"]


def test_a_call_of_a_clock_that_was_set_back_does_not_block_the_conversation(current: Services, line: FakeLine) -> None:
    meets(current)
    says(current, "一")
    with time_machine.travel(clock.now() + timedelta(hours=5), tick=False):
        claims(current)  # and its process dies; then the clock is mended
    with time_machine.travel(clock.now(), tick=False) as time:
        with current.sessions.begin() as session:
            outbox.pull_in(session)
        time.shift(timedelta(seconds=12))
        outbox.deliver(1)
    assert line.said == ["一"]


def claims(current: Services) -> None:
    """A process takes the next call's rows."""
    with current.sessions.begin() as session:
        assert outbox.claim(session, current, conversations.locked(session, 1)) is not None
