"""Who works on a conversation: one worker at a time, for as long as it is at it, and not a moment longer."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from rq.serializers import JSONSerializer
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot import clock, conversations, inbox, sweeper, turn
from bot.broker import TURNS
from bot.cli.worker import TurnWorker, job_failed
from bot.messages import Outbound
from bot.models import Conversation, Event, Message, OutboxRow
from bot.services import Services
from tests.builders import Customer, text_event
from tests.fakes import FakeLine

Work = Callable[[], None]


def conversation_of(current: Services) -> int:
    with current.sessions() as session:
        return session.scalars(select(Conversation.id)).one()


def leased_until(current: Services) -> datetime | None:
    with current.sessions() as session:
        return session.scalars(select(Conversation.lease_until)).one()


def test_a_turn_that_takes_longer_than_its_lease_keeps_it(
    chen: Customer, line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed, judge, renew = threading.Semaphore(0), turn.judge, conversations.renew

    def noticed(*arguments: object) -> None:
        renew(*arguments)  # type: ignore[arg-type]
        renewed.release()

    def slow_judge(*arguments: object) -> object:
        first = leased_until(current)
        assert first is not None
        while leased_until(current) == first:
            assert renewed.acquire(timeout=20)
        return judge(*arguments)  # type: ignore[arg-type]

    chen.writes("運費怎麼算?")
    monkeypatch.setattr("bot.turn.attending.PATIENCE", 0.01)
    monkeypatch.setattr("bot.turn.attending.BEATS", 200)
    monkeypatch.setattr(conversations, "renew", noticed)
    monkeypatch.setattr(turn, "judge", slow_judge)
    turn.take(conversation_of(current))
    assert len(line.said) == 1
    assert leased_until(current) is None


def test_a_lease_that_was_given_back_is_not_renewed(chen: Customer, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?")
    with current.sessions.begin() as session:
        [held] = conversations.lease(session, [1], 10)
        conversations.give_back(session, [held])
    with current.sessions.begin() as session:
        conversations.renew(session, held, 10)
    assert leased_until(current) is None


def test_what_comes_in_during_a_turn_is_answered_although_its_own_wake_found_the_conversation_taken(
    chen: Customer, line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, later = turn.judge, iter(["可以用什麼付款方式?"])

    def interrupted(*arguments: object) -> object:
        for question in later:
            chen.writes(question)
            turn.take(conversation_of(current))
        return judge(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(turn, "judge", interrupted)
    monkeypatch.setattr(turn, "SHIFT", 60.0)  # a first turn loads the model, however long that takes
    chen.writes("運費怎麼算?")
    turn.take(conversation_of(current))
    assert len(line.said) == 2
    assert "80" in line.said[0]


def test_two_workers_on_one_conversation_answer_it_once(chen: Customer, line: FakeLine, current: Services) -> None:
    questions = ["運費怎麼算?", "可以用什麼付款方式?", "怎麼退貨?"]
    for question in questions:
        chen.writes(question)
    workers = [threading.Thread(target=turn.take, args=(conversation_of(current),)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    with current.sessions() as session:
        assert session.scalars(select(Event.state).distinct()).all() == ["done"]
        said = session.scalars(select(OutboxRow.state)).all()
    assert set(said) == {"sent"}
    assert len(line.said) == len(said)
    assert len(line.said) == len(set(line.said))


def test_a_message_that_the_platform_tells_twice_under_other_event_ids_is_answered_once(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    told = text_event("Uchen", "運費怎麼算?")
    chen.post(told)
    work()
    chen.post(told | {"webhookEventId": "01HANOTHER0000000000000000", "replyToken": "f" * 32})
    work()
    assert len(line.said) == 1
    with current.sessions() as session:
        assert len(session.scalars(select(Message).where(Message.author == "customer")).all()) == 1


def test_a_lease_of_a_clock_that_was_set_back_holds_nobody_up(
    chen: Customer, line: FakeLine, current: Services
) -> None:
    chen.writes("運費怎麼算?")
    with current.sessions.begin() as session:
        session.scalars(select(Conversation)).one().lease_until = clock.after(3600)
    turn.take(conversation_of(current))
    assert len(line.said) == 1


def test_a_conversation_whose_worker_died_is_taken_over_within_fifteen_seconds(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        with current.sessions.begin() as session:
            assert conversations.lease(session, [conversation_of(current)], current.settings.lease_seconds)
        for _ in range(9):
            work()
            assert line.said == []
            time.shift(timedelta(seconds=1))
        for _ in range(6):
            time.shift(timedelta(seconds=1))
            work()
    assert len(line.said) == 1


def test_after_a_restart_whatever_waits_is_looked_at_at_once(
    chen: Customer, line: FakeLine, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen.writes("運費怎麼算?")
    with monkeypatch.context() as broken:
        broken.setattr("bot.turn.judge", lambda *_: 1 / 0)
        work()
    with current.sessions.begin() as session:  # as the next try stands under a clock that was an hour ahead
        event = session.scalars(select(Event)).one()
        event.due_at = event.wake_at = clock.after(3600)
    sweeper.pull_in(current)
    work()
    assert len(line.said) == 1


def test_a_worker_that_is_done_looks_after_others_who_wait(
    chen: Customer, huang: Customer, line: FakeLine, current: Services
) -> None:
    for customer in (chen, huang):
        customer.writes("運費怎麼算?")
    turn.take(1)
    assert len(line.said) == 2


def test_in_a_crowd_no_more_jobs_are_made_than_workers_can_use(
    client: FlaskClient, line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "SHIFT", 60)
    for number in range(12):
        Customer(client, f"U{number}").writes("運費怎麼算?")
    assert current.broker.backlog() == inbox.ENOUGH
    turn.take(1)
    assert len(line.said) == 12


def test_a_worker_whose_shift_is_over_leaves_the_rest_to_the_next(
    client: FlaskClient, line: FakeLine, current: Services, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        Customer(client, f"U{number}").writes("運費怎麼算?")
    current.broker.redis.flushdb()  # no other job tells of them
    monkeypatch.setattr(turn, "SHIFT", 0)
    turn.take(1)
    assert (line.said, current.broker.backlog()) == ([], 1)
    monkeypatch.setattr(turn, "SHIFT", 60)
    work()
    assert len(line.said) == 12


def test_a_greeting_is_answered_although_the_clock_was_set_back(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("你好")
        time.shift(timedelta(hours=-1))
        sweeper.pull_in(current)
        work()
    assert len(line.said) == 1


def test_a_worker_whose_clock_is_behind_works_at_once(chen: Customer, line: FakeLine, current: Services) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        time.shift(timedelta(seconds=-3))
        turn.take(1)
    assert len(line.said) == 1


def test_a_message_whose_channel_is_gone_is_set_aside_in_the_end(
    chen: Customer, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("運費怎麼算?")
        monkeypatch.delitem(current.wiring.channels, "line")
        for _ in range(current.settings.turn_attempts + 1):
            work()
            time.shift(timedelta(minutes=1))
    with current.sessions() as session:
        assert session.scalars(select(Event.state)).one() == "set_aside"


def test_an_agents_reply_does_not_wait_behind_a_crowd_of_questions(
    client: FlaskClient, chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("我要找真人")
    work()
    for number in range(5):
        Customer(client, f"U{number}").writes("運費怎麼算?")
    with current.sessions.begin() as session:
        conversation = conversations.locked(session, 1)
        conversations.say(session, conversation, Outbound("我是志豪"), speaker="agent", sender_name="王志豪")
        conversations.deliver_soon(session, conversation.id)
    before = len(line.said)
    work()
    assert line.said[before] == "我是志豪"


def test_without_redis_agents_and_customers_are_served_in_turn(
    client: FlaskClient, chen: Customer, line: FakeLine, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen.writes("我要找真人")
    work()
    monkeypatch.setattr(current.broker, "enqueue_all", lambda _: False)
    monkeypatch.setattr(current.broker, "away", lambda: True)
    with time_machine.travel(clock.now(), tick=False) as time:
        for number in range(30):
            Customer(client, f"U{number}").writes("運費怎麼算?")
        with current.sessions.begin() as session:
            conversation = conversations.locked(session, 1)
            conversations.say(session, conversation, Outbound("我是志豪"), speaker="agent", sender_name="王志豪")
        time.shift(timedelta(seconds=3))
        before = len(line.said)
        sweeper.wake_events(current)
        sweeper.wake_outbox(current)
    assert "我是志豪" in line.said[before : before + sweeper.FEW + 1]


def test_without_redis_a_turn_that_never_ends_costs_the_others_nothing(
    chen: Customer, huang: Customer, line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen.writes("運費怎麼算?")
    huang.writes("運費怎麼算?")
    monkeypatch.setattr(current.broker, "enqueue_all", lambda _: False)
    monkeypatch.setattr(current.broker, "away", lambda: True)
    monkeypatch.setattr(sweeper, "PATIENCE", 1)
    drain, hanging = turn.drain, iter([threading.Event().wait])
    monkeypatch.setattr(turn, "drain", lambda one: next(hanging, lambda: drain(one))())
    with time_machine.travel(clock.after(3), tick=False):
        sweeper.wake_events(current)
    assert len(line.said) == 1


def test_a_pull_in_that_failed_is_still_owed(current: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, tries = threading.Event(), iter([OperationalError("", {}, Exception()), None])

    def pull_in(_: Services) -> None:
        if error := next(tries, None):
            raise error
        stop.set()

    monkeypatch.setattr(sweeper, "pull_in", pull_in)
    monkeypatch.setattr(sweeper, "_jobs", [])
    sweeper.run(stop)
    assert next(tries, "both were made") == "both were made"


def test_whoever_looks_around_finds_the_conversation_of_a_dead_worker_but_none_whose_head_waits(
    chen: Customer, huang: Customer, current: Services
) -> None:
    for customer in (chen, huang):
        customer.writes("運費怎麼算?", "可以用什麼付款方式?")
    with current.sessions.begin() as session:
        dead, waits, *_ = session.scalars(select(Event).order_by(Event.id).where(Event.id.in_((1, 3))))
        dead.attempts = 1
        waits.attempts, waits.due_at = 1, clock.after(4)
        assert inbox.untended(session, current.settings.lease_seconds) == [dead.conversation_id]


def test_a_turn_whose_time_is_over_is_a_failed_try_and_its_job_ends(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    """The alarm comes while it thinks; nobody takes it for a failure of the engine or of the message."""
    chen.writes("運費怎麼算?")
    queues = [current.broker.queue(TURNS)]
    worker = TurnWorker(
        queues, connection=current.broker.redis, serializer=JSONSerializer, exception_handlers=[job_failed]
    )
    with pytest.MonkeyPatch.context() as patch, capture_logs() as told:
        patch.setattr(type(current.wiring.nlu), "parse", lambda *_: signal.raise_signal(signal.SIGALRM))
        worker.work(burst=True, logging_level="CRITICAL")
    over = [(entry["event"], entry.get("error")) for entry in told if entry["log_level"] == "error"]
    assert over == [("turn.timed_out", None), ("job.failed", "JobTimedOut")]
    with current.sessions() as session:
        event = session.scalars(select(Event)).one()
        assert (event.state, event.attempts, event.error) == ("waiting", 1, "")
    with time_machine.travel(clock.after(12), tick=False):
        work()
    assert len(line.said) == 1
