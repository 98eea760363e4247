"""Under load, several customers are served together: one transaction for all, and nobody pays for another."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clock, conversations, turn
from bot.disk import NotOnDisk
from bot.models import Conversation, Event, OutboxRow
from bot.outbox import Claim, outcomes
from bot.services import Services
from bot.turn import responding, writing
from bot.turn.writing import Thought, Written
from tests.builders import Customer
from tests.fakes import Answer, Call, FakeLine

QUESTION = "運費怎麼算?"


def states(current: Services) -> list[tuple[str, str]]:
    with current.sessions() as session:
        return [(event.state, event.error) for event in session.scalars(select(Event).order_by(Event.id))]


def answered(line: FakeLine, current: Services) -> set[str]:
    """Whom LINE took an answer for, one each."""
    with current.sessions() as session:
        rows = select(Conversation.source_id).join(OutboxRow, OutboxRow.conversation_id == Conversation.id)
        whom = session.scalars(rows.where(OutboxRow.state == "sent")).all()
    assert len(whom) == len(set(whom)) == len(line.said)
    return set(whom)


@pytest.fixture
def both(chen: Customer, huang: Customer) -> tuple[Customer, Customer]:
    """Two customers who have asked something at the same time."""
    chen.writes(QUESTION)
    huang.writes(QUESTION)
    return chen, huang


def test_they_are_told_at_the_same_time(both: tuple[Customer, Customer], line: FakeLine, current: Services) -> None:
    """Each call waits at LINE until the other is there too."""
    together, take = threading.Barrier(2), line.take

    def take_together(call: Call) -> Answer:
        if call.path.endswith("/reply"):
            together.wait(timeout=20)
        return take(call)

    line.take = take_together  # type: ignore[method-assign]
    turn.take(1)
    assert answered(line, current) == {one.id for one in both}


def test_one_whom_we_cannot_answer_costs_the_others_nothing(
    both: tuple[Customer, Customer], line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen, huang = both
    respond: Callable[..., None] = responding.respond

    def not_to_chen(session: Session, services: Services, conversation: Conversation, *rest: object) -> None:
        if conversation.source_id == chen.id:
            raise ValueError("poison")
        respond(session, services, conversation, *rest)

    monkeypatch.setattr(responding, "respond", not_to_chen)
    turn.take(1)
    assert answered(line, current) == {huang.id}
    assert states(current) == [("waiting", "ValueError"), ("done", "")]


def test_one_who_was_taken_over_meanwhile_costs_the_others_nothing(
    both: tuple[Customer, Customer], line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen, huang = both
    judge: Callable[..., object] = turn.judge

    def taken_over(services: Services, conversation: Conversation, *rest: object) -> object:
        if conversation.source_id == chen.id:
            with current.sessions.begin() as session:
                session.get_one(Conversation, conversation.id).lease_until = clock.after(-1)
                assert conversations.lease(session, [conversation.id], 10)
        return judge(services, conversation, *rest)

    monkeypatch.setattr(turn, "judge", taken_over)
    turn.take(1)
    assert answered(line, current) == {huang.id}
    assert states(current) == [("waiting", ""), ("done", "")]


def test_what_failed_before_is_tried_by_itself(
    both: tuple[Customer, Customer], line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that kills its worker takes nobody else's tries with it."""
    chen, huang = both
    with current.sessions.begin() as session:
        session.scalars(select(Event).order_by(Event.id).limit(1)).one().attempts = 1
    taken: list[list[str]] = []
    judge: Callable[..., object] = turn.judge

    def noted(services: Services, conversation: Conversation, *rest: object) -> object:
        with current.sessions() as session:
            held = select(Conversation.source_id).where(Conversation.lease_until.is_not(None))
            taken.append(list(session.scalars(held)))
        return judge(services, conversation, *rest)

    monkeypatch.setattr(turn, "judge", noted)
    turn.take(1)
    turn.take(2)
    assert taken == [[chen.id], [huang.id]]
    assert answered(line, current) == {chen.id, huang.id}


def test_a_worker_that_does_not_learn_of_its_commit_answers_nobody_twice(
    both: tuple[Customer, Customer], line: FakeLine, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk refuses, or the connection breaks, when all was written: what was written goes out, once."""
    answered_all: Callable[..., list[Written]] = writing.answered
    told: list[int] = []

    def and_then_it_breaks(current: Services, thoughts: Sequence[Thought]) -> list[Written]:
        written = answered_all(current, thoughts)
        told.append(len(thoughts))
        if len(told) == 1:
            raise NotOnDisk("OSError 5")
        return written

    monkeypatch.setattr(writing, "answered", and_then_it_breaks)
    with time_machine.travel(clock.now(), tick=False) as time:
        turn.take(1)
        assert told[0] == 2
        for _ in range(3):
            time.shift(timedelta(seconds=12))  # whoever was about to send is taken for dead
            work()
    assert len(line.said) == 2


def test_an_outcome_that_cannot_be_written_costs_the_others_theirs_nothing(
    both: tuple[Customer, Customer], line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    record: Callable[..., None] = outcomes.record

    def not_chens(session: Session, services: Services, calls: Sequence[tuple[Claim, object]], *rest: object) -> None:
        if any(claim.recipient.id == both[0].id for claim, _ in calls):
            raise ValueError("poison")
        record(session, services, calls, *rest)

    monkeypatch.setattr(outcomes, "record", not_chens)
    turn.take(1)
    with current.sessions() as session:
        states = session.scalars(select(OutboxRow.state).order_by(OutboxRow.conversation_id)).all()
    assert states == ["sending", "sent"]
    assert len(line.said) == 2
