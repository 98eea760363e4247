"""PostgreSQL's own troubles: two that wait for each other, and connections that break off at any moment."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Connection, event, select, text, update
from sqlalchemy.orm import Session

from bot import clock, inbox, journal
from bot.models import Account, Event, Message
from bot.services import Services
from bot.transactions import CommitLost, transact
from handoff.models import Ticket
from tests.builders import Customer, text_event
from tests.console import HTMX, signed_in
from tests.fakes import FakeLine
from tests.programs import hired
from tests.trouble import broken_off

pytestmark = [pytest.mark.by_hand, pytest.mark.usefixtures("two_accounts")]
Work = Callable[[], None]
SECONDS = 20


@pytest.fixture
def two_accounts(current: Services, postgres: str | None) -> None:
    if not postgres:
        pytest.skip("SQLite has one writer at a time, and no connection that could break off")
    with current.sessions.begin() as session:
        session.add_all(Account(channel="line", external_id=name, name="0") for name in ("east", "west"))


def names(current: Services) -> list[str]:
    with current.sessions() as session:
        return list(session.scalars(select(Account.name).order_by(Account.external_id)))


def answered_once(current: Services, line: FakeLine) -> bool:
    with current.sessions() as session:
        written = session.scalars(select(Message.id).where(Message.author == "customer")).all()
        states = session.scalars(select(Event.state)).all()
    return (len(written), states, len(line.said)) == (1, ["done"], 1)


def side_by_side(current: Services, *works: Callable[[Session], None]) -> int:
    """Run transactions at the same time; how many tries they took together."""
    tries: list[int] = []

    def run(work: Callable[[Session], None]) -> None:
        def counted(session: Session) -> None:
            tries.append(1)
            work(session)

        transact(current.sessions, counted)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    return len(tries)


def count_up(session: Session, account: str) -> None:
    name = session.scalars(select(Account.name).where(Account.external_id == account)).one()
    session.execute(update(Account).where(Account.external_id == account).values(name=str(int(name) + 1)))


def once(barrier: threading.Barrier) -> Callable[[], None]:
    """Wait for the other one the first time; a second try finds nobody waiting."""
    waited = threading.local()

    def wait() -> None:
        if not hasattr(waited, "done"):
            waited.done = True
            barrier.wait(SECONDS)

    return wait


def test_of_two_that_wait_for_each_other_both_get_done(current: Services) -> None:
    met = once(threading.Barrier(2))

    def both(first: str, second: str) -> Callable[[Session], None]:
        def work(session: Session) -> None:
            count_up(session, first)
            met()
            count_up(session, second)

        return work

    assert side_by_side(current, both("east", "west"), both("west", "east")) == 3
    assert names(current) == ["2", "2"]


def test_of_two_that_read_what_the_other_writes_neither_is_lost(current: Services) -> None:
    met = once(threading.Barrier(2))

    def work(session: Session) -> None:
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        session.scalars(select(Account)).all()
        met()
        count_up(session, "east")

    assert side_by_side(current, work, work) == 3
    assert names(current)[0] == "2"


def test_no_search_waits_until_the_server_has_compiled_it(current: Services) -> None:
    with current.sessions() as session:
        assert session.scalar(text("SHOW jit")) == "off"


def test_a_mistake_of_ours_is_not_tried_again(current: Services) -> None:
    tries = []

    def work(session: Session) -> None:
        tries.append(1)
        session.execute(text("SELECT nonsense"))

    with pytest.raises(Exception, match="nonsense"):
        transact(current.sessions, work)
    assert len(tries) == 1


def test_a_webhook_whose_connection_breaks_off_stores_its_message_all_the_same(
    chen: Customer, current: Services
) -> None:
    with broken_off(current, "INSERT INTO events"):
        assert chen.post(text_event("Uchen", "運費怎麼算?")) == 200
    with current.sessions() as session:
        assert len(session.scalars(select(Event)).all()) == 1


@pytest.mark.parametrize(
    "before", ["UPDATE events", "INSERT INTO messages", "INSERT INTO journal", "INSERT INTO outbox"]
)
def test_a_turn_whose_connection_breaks_off_answers_once(
    chen: Customer, current: Services, line: FakeLine, work: Work, before: str
) -> None:
    chen.writes("運費怎麼算?")
    with broken_off(current, before):
        work()
    assert answered_once(current, line)


def test_what_was_sent_is_known_to_be_sent_although_the_connection_broke_off(
    chen: Customer, current: Services, line: FakeLine, work: Work
) -> None:
    chen.writes("運費怎麼算?")
    with broken_off(current, "UPDATE messages"):
        work()
    assert answered_once(current, line)


def test_a_ticker_whose_connection_breaks_off_still_wakes_a_worker(
    chen: Customer, current: Services, line: FakeLine, work: Work
) -> None:
    chen.writes("運費怎麼算?")
    with broken_off(current, "SELECT events.id, events.conversation_id"):
        work()
    assert answered_once(current, line)


def test_what_broke_off_before_the_commit_was_asked_for_is_done_again(current: Services) -> None:
    """The journal's entries go in just before it, and are no part of it."""

    def work(session: Session) -> None:
        count_up(session, "east")
        journal.write(session, "account.counted")

    with broken_off(current, "INSERT INTO journal"):
        transact(current.sessions, work)
    assert names(current)[0] == "1"


def test_staff_whose_connection_breaks_off_have_their_reply_sent_all_the_same(
    app: Flask, current: Services, chen: Customer, line: FakeLine, work: Work
) -> None:
    chen.writes("我要找真人")
    work()
    with current.sessions() as session:
        number = session.scalars(select(Ticket.number)).one()
    agent = signed_in(app, current, "mei", "agent")
    for before, action, form in (
        ("UPDATE tickets", "claim", {}),
        ("INSERT INTO outbox", "reply", {"text": "您好，我是客服", "key": "one", "seen": "1000"}),
    ):
        with broken_off(current, before):
            answer = agent.post(f"/console/cases/{number}/{action}", data=form, headers=HTMX)
        assert answer.status_code == 200
    work()
    assert line.said.count("您好，我是客服") == 1


def test_a_supervisor_whose_connection_breaks_off_has_events_run_again_all_the_same(
    app: Flask, current: Services, chen: Customer
) -> None:
    chen.writes("運費怎麼算?")
    with current.sessions.begin() as session:
        inbox.set_aside(session, session.scalars(select(Event.id)).one(), "ZeroDivisionError")
    supervisor = signed_in(app, current, "fang", "supervisor")
    with broken_off(current, "UPDATE events"):
        answer = supervisor.post("/console/trouble/replay", data={"all": "set_aside", "newest": "99"}, headers=HTMX)
    assert answer.status_code == 200
    with current.sessions() as session:
        assert session.scalars(select(Event.state)).all() == ["waiting"]


COMMITTED = ("not done", "done")


@contextlib.contextmanager
def losing_a_commit(current: Services, committed: str) -> Iterator[list[str]]:
    """The connection breaks off in the next commit: before the server did it, or before it could say so."""
    lost: list[str] = []

    def lose(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if not lost:
            lost.append(committed)
            if committed == "done":
                driver.commit()
            driver.close()

    event.listen(current.engine, "commit", lose)
    yield lost
    event.remove(current.engine, "commit", lose)


@pytest.fixture(params=COMMITTED)
def lost_commit(request: pytest.FixtureRequest, current: Services) -> Iterator[list[str]]:
    with losing_a_commit(current, request.param) as lost:
        yield lost


def test_a_message_is_stored_once_whatever_became_of_a_commit(
    chen: Customer, current: Services, line: FakeLine, work: Work, lost_commit: list[str]
) -> None:
    sent = text_event("Uchen", "運費怎麼算?")
    statuses = [chen.post(sent), chen.post(sent)]
    assert lost_commit
    assert statuses[-1] == 200
    with time_machine.travel(clock.after(5)):  # nobody was woken when the commit was lost: the ticker does it
        work()
    assert answered_once(current, line)


def test_what_may_have_been_committed_is_not_done_again(current: Services, lost_commit: list[str]) -> None:
    with pytest.raises(CommitLost):
        transact(current.sessions, lambda session: count_up(session, "east"))
    assert names(current)[0] == ("1" if lost_commit == ["done"] else "0")


class TestACommitOfWhichNobodyKnows:
    """Whoever did something reads that it may be done or not, and looks; a program repeats it under its key."""

    @pytest.fixture
    def number(self, current: Services, chen: Customer, work: Work) -> str:
        chen.writes("我要找真人")
        work()
        with current.sessions() as session:
            return session.scalars(select(Ticket.number)).one()

    @pytest.mark.parametrize("committed", COMMITTED)
    def test_a_colleague_is_told_so(self, app: Flask, current: Services, number: str, committed: str) -> None:
        mei = signed_in(app, current, "mei", "agent")
        for headers in (HTMX, {}):
            with losing_a_commit(current, committed) as lost:
                answer = mei.post(f"/console/cases/{number}/note", data={"text": "查過了"}, headers=headers)
            assert (lost, answer.status_code) == ([committed], 503)
            told = json.loads(answer.headers["HX-Trigger"])["toast"] if headers else answer.text
            assert "不確定有沒有存好" in told

    @pytest.mark.parametrize("committed", COMMITTED)
    def test_a_program_repeats_it_under_its_key_and_it_is_done_once(
        self, app: Flask, current: Services, number: str, committed: str
    ) -> None:
        crm = hired(app, "agent")
        crm.get("/me")  # the use of its token is noted
        with losing_a_commit(current, committed):
            lost = crm.post(f"/tickets/{number}/note", key="k", text="查過了")
        again = crm.post(f"/tickets/{number}/note", key="k", text="查過了")
        assert (lost.status_code, lost.json["type"], again.status_code) == (503, "urn:frontline:unsure", 201)
        with current.sessions() as session:
            assert len(session.scalars(select(Message.id).where(Message.kind == "note")).all()) == 1


@pytest.fixture
def full(current: Services) -> Iterator[Callable[[], None]]:
    """The server's disk has no room for what comes in, as it tells it; gives the way to make room again."""
    refuses = "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END"
    with current.engine.begin() as connection:
        connection.execute(text(f"CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ {refuses} $$"))
        connection.execute(text("CREATE TRIGGER no_room BEFORE INSERT ON events EXECUTE FUNCTION no_room()"))

    def make_room() -> None:
        with current.engine.begin() as connection:
            connection.execute(text("DROP FUNCTION IF EXISTS no_room CASCADE"))

    yield make_room
    make_room()


def test_while_the_servers_disk_is_full_line_is_told_so_and_delivers_again(
    chen: Customer, current: Services, line: FakeLine, work: Work, full: Callable[[], None]
) -> None:
    asked = text_event("Uchen", "運費怎麼算?")
    assert chen.post(asked) == 503
    full()
    assert chen.post(asked) == 200
    work()
    assert answered_once(current, line)
