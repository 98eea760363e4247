"""A database that is locked or away: LINE hears it in time and brings the message again; nothing is half stored."""

import contextlib
import threading
import time
from collections.abc import Callable

import pytest
import time_machine
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bot import clock
from bot.broker import TURNS
from bot.models import Account, Contact, Conversation, Event, Identity, Message
from bot.services import Services
from tests.builders import Customer, text_event
from tests.fakes import FakeLine
from tests.integration.test_run import eventually
from tests.trouble import away, locked, ticking

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]
LINE_WAITS = 2.0  # seconds, then it hangs up
TABLES = (Account, Contact, Identity, Conversation, Event)


def stored(current: Services) -> list[int]:
    """How many rows webhook calls have left behind, table by table."""
    with current.sessions() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def answered_once(current: Services, line: FakeLine) -> bool:
    with current.sessions() as session:
        written = session.scalars(select(Message.id).where(Message.author == "customer")).all()
        states = session.scalars(select(Event.state)).all()
    return (len(written), states, len(line.said)) == (1, ["done"], 1)


def seconds_until_refused(chen: Customer, *events: object) -> float:
    began = time.monotonic()
    assert chen.post(*events) == 503
    return time.monotonic() - began


def test_line_hears_of_a_locked_database_before_it_hangs_up_and_brings_the_message_again(
    chen: Customer, current: Services, line: FakeLine, work: Work
) -> None:
    sent = text_event("Uchen", "運費怎麼算?")
    with locked(current):
        assert seconds_until_refused(chen, sent) < LINE_WAITS
    assert stored(current) == [0, 0, 0, 0, 0]
    assert [chen.post(sent), chen.post(sent)] == [200, 200]
    assert stored(current) == [1, 1, 1, 1, 1]
    work()
    assert answered_once(current, line)


def test_a_lock_that_is_soon_given_back_costs_nobody_a_redelivery(chen: Customer, current: Services) -> None:
    with locked(current) as let_go:
        soon = threading.Timer(0.3, let_go)
        soon.start()
        assert chen.post(text_event("Uchen", "運費怎麼算?")) == 200
        soon.join()


def test_a_worker_waits_for_a_lock_longer_than_line_does(
    chen: Customer, current: Services, line: FakeLine, work: Work
) -> None:
    chen.writes("運費怎麼算?")
    with locked(current) as let_go:
        late = threading.Timer(LINE_WAITS + 0.2, let_go)
        late.start()
        work()
        late.join()
    assert answered_once(current, line)


def test_a_database_that_is_away_is_named_and_the_message_is_stored_when_it_comes_again(
    chen: Customer, current: Services, line: FakeLine, work: Work
) -> None:
    sent = text_event("Uchen", "運費怎麼算?")
    with away(current):
        assert seconds_until_refused(chen, sent) < LINE_WAITS
        assert "not reachable" in chen.client.get("/readyz").get_json()["checks"]["database"]
    assert chen.post(sent) == 200
    work()
    assert answered_once(current, line)


def test_a_ticker_outlives_its_database_and_goes_on_with_what_waits(
    chen: Customer, current: Services, line: FakeLine, work: Work
) -> None:
    chen.writes("運費怎麼算?")
    current.broker.queue(TURNS).empty()  # only the ticker knows of it now
    with time_machine.travel(clock.after(5)), capture_logs() as told, contextlib.ExitStack() as running:
        with away(current):
            running.enter_context(ticking())
            eventually("it has noticed", lambda: "ticker.database" in {line["event"] for line in told})
        eventually("somebody has it", lambda: current.broker.backlog() > 0 or bool(line.said))
    work()
    assert answered_once(current, line)
