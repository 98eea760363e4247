"""The event stream: a console that is away for a moment misses nothing, and only staff may listen."""

import contextlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event as engine_event
from sqlalchemy import select

from bot import auth, clock, journal
from bot.auth import public, sign_in, sign_ins
from bot.models import JournalEntry, User
from bot.web import avatars
from handoff import tickets
from handoff.models import Presence, Ticket
from handoff.stream import blueprint, feed, process
from handoff.stream.porch import FEW, Porch
from tests import desk

LONG_AGO = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path, postgres):
    choices = {"port": 8000, "stream_url": "http://localhost:8001", "secret_key": "for tests only"}
    with desk.shop(tmp_path, postgres, **choices) as shop:
        yield shop


@pytest.fixture
def app(shop):
    """A stream process whose reader reads when the test says so."""
    app = Flask("stream-for-tests")
    app.extensions["frontline"] = shop
    auth.init_app(app, shop)
    app.add_url_rule("/in/<int:user_id>", view_func=public(_sign_in(shop)))
    app.register_blueprint(blueprint)
    app.extensions["stream"] = feed.Feed(shop.sessions, lambda: iter(()))
    return app


def _sign_in(shop):
    def come_in(user_id):
        with shop.sessions() as session:
            user = session.get_one(User, user_id)
        sign_in(user)
        return "welcome"

    return come_in


def member(shop, app, role):
    with shop.sessions.begin() as session:
        user = desk.staff(session, "劉思妤", role)
    return came_in(app, user.id)


def came_in(app, user_id):
    client = app.test_client()
    client.get(f"/in/{user_id}")
    return client


@pytest.fixture
def agent(shop, app):
    return member(shop, app, "agent")


def happened(shop, kind="ticket.opened", at=None):
    with shop.sessions.begin() as session:
        entry = JournalEntry(kind=kind, at=at or clock.now())
        session.add(entry)
        session.flush()
        return entry.id


def listen(client, cursor=None, query=""):
    headers = {"Last-Event-ID": str(cursor)} if cursor is not None else {}
    response = client.get(f"/api/v1/stream{query}", headers={"Accept": "text/event-stream", **headers})
    assert response.status_code == 200
    return response


def events(chunk):
    """The events of a piece of stream: (id, event, data)."""
    fields = [dict(line.split(": ", 1) for line in block.splitlines()) for block in chunk.decode().split("\n\n")]
    return [(int(f["id"]), f["event"], json.loads(f["data"])) for f in fields if "id" in f]


def ids(chunk):
    return [id_ for id_, _, _ in events(chunk)]


def test_an_agent_learns_what_happens_while_she_watches(shop, app, agent):
    stream = iter(listen(agent).response)
    assert events(next(stream)) == []
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        message = desk.writes(session, conversation, "在嗎")
        journal.write(session, "message.received", conversation_id=conversation.id, message_id=message.id)
    app.extensions["stream"].read()
    [(_, event, told)] = events(next(stream))
    expected = {"kind": "message.received", "conversation_id": conversation.id, "message_id": message.id}
    assert (event, told) == ("change", expected | {"pause": feed.EACH})


def test_a_whisper_is_told_to_whom_it_is_for_to_who_said_it_and_to_who_leads(shop, app):
    with shop.sessions.begin() as session:
        case, senior = desk.claimed_case(session), desk.staff(session, "陳美", "specialist")
    ears = [came_in(app, case.agent), came_in(app, senior.id), member(shop, app, "supervisor")]
    others = [member(shop, app, role) for role in ("agent", "specialist", "department")]
    streams = [iter(listen(client).response) for client in (*ears, *others)]
    for stream in streams:
        next(stream)
    with shop.sessions.begin() as session:
        tickets.whisper(session, case.ticket, senior.id, "先道歉")
    happened(shop)
    app.extensions["stream"].read()
    whispered = [told["kind"] == "ticket.whispered" for stream in streams for _, _, told in events(next(stream))]
    assert whispered == [True] * 3 + [False] * 3
    backlogs = [next(iter(listen(client, 0).response)) for client in (*ears, *others)]
    assert [b"whispered" in backlog for backlog in backlogs] == whispered


def case_for_a_person(shop, **wish):
    """A customer has just been handed over."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session, "王小明")
        conversation.contact.tier = "VIP"
        return shop.wiring.desk.open(session, desk.wish_for_a_person(conversation, **wish))


def rows(shop, app, streams):
    """What each stream has told of cases by now."""
    last = happened(shop, "user.online")
    app.extensions["stream"].read()
    return [[told["row"] for told in until(stream, last) if "row" in told] for stream in streams]


def until(stream, last):
    for id_, _, told in (event for chunk in stream for event in events(chunk)):
        yield told
        if id_ == last:
            return


def watching(*clients):
    streams = [iter(listen(client).response) for client in clients]
    for stream in streams:
        next(stream)
    return streams


def test_a_new_case_comes_with_what_its_row_shows(shop, app, agent):
    streams = watching(agent)
    case = case_for_a_person(shop, level="L1", category="complaint")
    [[row]] = rows(shop, app, streams)
    with shop.sessions() as session:
        ticket = session.get_one(Ticket, case.ticket_id)
        due, opened, where = ticket.first_response_due_at, ticket.opened_at, ticket.conversation_id
    assert row.pop("tint") in avatars.TINTS
    assert row == {
        "ticket_id": case.ticket_id,
        "conversation_id": where,
        "number": case.number,
        "name": "王小明",
        "initial": "小",
        "tier": "VIP",
        "channel": "line",
        "level": "L1",
        "category": "complaint",
        "team": "service",
        "assignee_id": None,
        "assignee": None,
        "at": opened.isoformat(),
        "due": due.isoformat(),
    }


def test_who_is_given_a_case_sees_her_name_on_it_and_an_answered_one_has_no_row(shop, app, agent):
    case = case_for_a_person(shop)
    streams = watching(agent)
    with shop.sessions.begin() as session:
        liu = desk.staff(session, "劉思妤")
        tickets.claim(session, case.ticket_id, liu.id)
    [[row]] = rows(shop, app, streams)
    assert (row["assignee_id"], row["assignee"]) == (liu.id, "劉思妤")
    with shop.sessions.begin() as session:
        tickets.reply(session, case.ticket_id, liu.id, "您好", "click-1", 10**9)
        tickets.to_person(session, case.ticket_id, liu.id, desk.staff(session, "陳美").id, "下班了")
    assert rows(shop, app, streams) == [[]]


def test_who_sees_only_some_cases_is_told_of_none_by_name(shop, app, agent):
    watchers = [agent, *(member(shop, app, role) for role in ("specialist", "supervisor", "helper", "department"))]
    streams = watching(*watchers)
    case_for_a_person(shop)
    assert [len(told) for told in rows(shop, app, streams)] == [1, 1, 1, 0, 0]


def test_who_was_signed_out_or_has_left_hears_no_name_on_a_stream_that_is_still_open(shop, app, agent):
    signed_out, gone = member(shop, app, "agent"), member(shop, app, "agent")
    streams = watching(agent, signed_out, gone)
    with shop.sessions.begin() as session:
        _, first, second = session.scalars(select(User.id).where(User.role == "agent").order_by(User.id)).all()
        sign_ins.end_all(session, first, by=None)
        session.get_one(User, second).active = False
    case_for_a_person(shop)
    assert [len(told) for told in rows(shop, app, streams)] == [1, 0, 0]


def test_the_more_listen_the_longer_their_pages_may_wait(shop, app, agent, monkeypatch):
    [stream] = watching(agent)
    others = [listen(agent) for _ in range(3)]
    happened(shop)
    app.extensions["stream"].read()
    assert events(next(stream))[-1][2]["pause"] == 4 * feed.EACH
    for other in others:
        other.close()
    monkeypatch.setattr(feed, "LONGEST", 7)
    assert b'{"pause": 7}' in next(iter(listen(agent).response))


@pytest.mark.parametrize(("query", "there"), [("", 1), ("?wall=1", 0)])
def test_who_reads_it_is_there_but_a_screen_on_the_wall_is_nobody(shop, app, agent, query, there):
    stream = iter(listen(agent, query=query).response)
    next(stream)
    happened(shop)
    app.extensions["stream"].read()
    assert events(next(stream))
    with shop.sessions() as session:
        assert desk.count(session, Presence) == there


def is_there(shop):
    with shop.sessions() as session:
        return session.scalars(select(Presence)).one().online_until > clock.now()


def test_she_stays_there_until_the_last_of_her_streams_is_closed(shop, app, agent):
    first, last = listen(agent), listen(agent)
    first.close()
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        app.extensions["attendance"].beat()
        assert is_there(shop)
    last.close()
    with time_machine.travel(clock.now() + timedelta(minutes=4)):
        app.extensions["attendance"].beat()
        assert not is_there(shop)


def test_who_could_not_be_let_in_is_not_there_and_takes_no_place(shop, app, agent, monkeypatch):
    monkeypatch.setattr(feed, "CLIENTS", 1)
    with monkeypatch.context() as broken:
        broken.setattr("handoff.stream.since", lambda *_: 1 / 0)
        assert agent.get("/api/v1/stream").status_code == 500
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        app.extensions["attendance"].beat()
        assert not is_there(shop)
    assert listen(agent).status_code == 200


def test_the_thread_of_a_stream_never_asks_the_database(shop, agent, monkeypatch):
    monkeypatch.setattr("handoff.stream.HEARTBEAT", 0.01)
    askers = set()
    engine_event.listen(shop.engine, "checkout", lambda *_: askers.add(threading.current_thread().name))
    real = process.create_app(shop)
    real.extensions["stream"] = feed.Feed(shop.sessions, lambda: iter(()))
    client = real.test_client()
    client.set_cookie("frontline", agent.get_cookie("frontline").value)
    stream = iter(listen(client).response)
    assert [next(stream) for _ in range(3)]
    assert {name.partition("_")[0] for name in askers} == {"porch"}


def test_it_says_that_it_is_alive_while_the_database_keeps_all_who_let_people_in():
    database, kept = threading.Event(), threading.Barrier(FEW + 1)

    def app(environ, _):
        if environ["PATH_INFO"] == "/stream":
            kept.wait(10)
            database.wait(10)
        return [b"ok"]

    porch = Porch(app, "/stream")
    with ThreadPoolExecutor(FEW) as crowd:
        waiting = [crowd.submit(porch, {"PATH_INFO": "/stream"}, None) for _ in range(FEW)]
        kept.wait(10)
        assert porch({"PATH_INFO": "/healthz"}, None) == [b"ok"]
        database.set()
        assert [one.result() for one in waiting] == [[b"ok"]] * FEW


def test_what_happened_during_a_gap_comes_first(shop, agent):
    happened(shop, at=LONG_AGO - timedelta(hours=1))
    seen = happened(shop, at=LONG_AGO)
    missed = [happened(shop, at=LONG_AGO + timedelta(minutes=minute)) for minute in (1, 2)]
    assert ids(next(iter(listen(agent, seen).response)))[-2:] == missed


def test_the_page_can_name_where_it_stands(shop, agent):
    seen = happened(shop, at=LONG_AGO)
    missed = happened(shop, at=LONG_AGO + timedelta(minutes=1))
    assert missed in ids(next(iter(listen(agent, query=f"?after={seen}").response)))


def test_an_entry_that_committed_late_under_a_lower_id_is_still_told(shop, agent):
    """On PostgreSQL id 1 can become visible after id 2 was already streamed."""
    late = happened(shop, at=LONG_AGO)
    seen = happened(shop, at=LONG_AGO + timedelta(seconds=5))
    assert late in ids(next(iter(listen(agent, seen).response)))


def test_the_reader_too_looks_back_for_entries_that_committed_late(shop, app, agent):
    stream = iter(listen(agent).response)
    next(stream)
    with shop.sessions.begin() as session:
        session.add(JournalEntry(id=5, kind="ticket.claimed"))
    app.extensions["stream"].read()
    assert ids(next(stream)) == [5]
    with shop.sessions.begin() as session:
        session.add(JournalEntry(id=4, kind="ticket.opened"))
    app.extensions["stream"].read()
    assert ids(next(stream)) == [4]


def test_an_entry_is_dated_when_it_goes_in_and_not_before_its_transaction_waited(shop, agent):
    """The overlap is as long as a transaction may wait: what was dated before it could lie behind the floor."""
    with time_machine.travel(LONG_AGO, tick=False) as time, shop.sessions.begin() as session:
        journal.write(session, "ticket.opened")
        time.shift(9)
    with shop.sessions() as session:
        dated = session.scalars(select(JournalEntry.at).order_by(JournalEntry.id.desc())).first()
    assert dated == LONG_AGO + timedelta(seconds=9)


@pytest.fixture
def slow(shop, postgres):
    """A transaction that takes its id first and commits last, on a connection of its own."""
    if not postgres:
        pytest.skip("SQLite has one writer at a time: ids commit in order")
    session = shop.sessions()
    yield session
    session.close()


def written(session):
    """An entry that has its id, while its transaction is still open."""
    entry = JournalEntry(kind="ticket.opened")
    session.add(entry)
    session.flush()
    return entry


def test_two_commits_in_the_wrong_order_are_both_told_to_who_watches(shop, app, agent, slow):
    stream = iter(listen(agent).response)
    next(stream)
    first = written(slow)
    second = happened(shop)
    app.extensions["stream"].read()
    assert ids(next(stream)) == [second]
    slow.commit()
    app.extensions["stream"].read()
    assert ids(next(stream)) == [first.id]
    assert first.id < second


def test_two_commits_in_the_wrong_order_are_both_told_to_who_comes_again_between_them(shop, agent, slow):
    first = written(slow)
    second = happened(shop)
    assert ids(next(iter(listen(agent, first.id - 1 or 0).response))) == [second]
    slow.commit()
    assert first.id in ids(next(iter(listen(agent, second).response)))


def test_two_commits_in_the_wrong_order_are_both_told_to_who_comes_while_one_is_open(shop, app, agent, slow):
    first = written(slow)
    happened(shop)
    stream = iter(listen(agent).response)
    next(stream)
    slow.commit()
    app.extensions["stream"].read()
    assert ids(next(stream)) == [first.id]


def test_a_busy_moment_does_not_cut_off_who_has_just_come(shop, app, agent):
    with shop.sessions.begin() as session:
        entries = [JournalEntry(kind="message.received") for _ in range(1001)]
        session.add_all(entries)
    stream = iter(listen(agent).response)
    assert events(next(stream)) == [(entries[-1].id, "reset", {})]
    app.extensions["stream"].read()
    after = happened(shop)
    app.extensions["stream"].read()
    assert ids(next(stream)) == [after]


def test_a_clock_that_was_set_back_brings_no_flood_and_hides_nothing(shop, app, agent):
    with shop.sessions.begin() as session:
        ahead = clock.now() + timedelta(hours=1)
        session.add_all(JournalEntry(kind="message.received", at=ahead) for _ in range(1001))
    stream = iter(listen(agent).response)
    next(stream)
    after = happened(shop)
    app.extensions["stream"].read()
    assert ids(next(stream)) == [after]


def test_nothing_is_told_twice_on_one_stream(shop, app, agent):
    first = happened(shop)
    stream = iter(listen(agent).response)
    assert ids(next(stream)) == [first]
    app.extensions["stream"].read()  # finds it again, looking back
    second = happened(shop)
    app.extensions["stream"].read()
    assert ids(next(stream)) == [second]


def test_who_was_away_too_long_looks_at_everything_again(shop, agent):
    seen = happened(shop, at=LONG_AGO)
    with shop.sessions.begin() as session:
        session.add_all(JournalEntry(kind="message.received") for _ in range(501))
    assert events(next(iter(listen(agent, seen).response))) == [(seen + 501, "reset", {})]


def test_a_cursor_from_another_database_starts_afresh(shop, agent):
    newest = happened(shop)
    assert events(next(iter(listen(agent, 99).response))) == [(newest, "reset", {})]


@pytest.mark.parametrize("cursor", ["-1", "abc", "９", "9" * 40])
def test_a_cursor_that_is_no_number_is_ignored(agent, cursor):
    assert events(next(iter(listen(agent, query=f"?after={cursor}").response))) == []


def test_a_listener_who_does_not_keep_up_is_cut_off_and_resumes(shop, app, agent, monkeypatch):
    monkeypatch.setattr(feed, "QUEUE_LENGTH", 1)
    stream = iter(listen(agent).response)
    next(stream)
    for _ in range(3):
        happened(shop)
    app.extensions["stream"].read()
    assert list(stream) == []


def test_a_full_house_says_when_to_come_again(app, agent, monkeypatch):
    monkeypatch.setattr(feed, "CLIENTS", 1)
    first = listen(agent)
    assert agent.get("/api/v1/stream").status_code == 503
    first.close()
    assert listen(agent).status_code == 200


@pytest.mark.parametrize("role", ["editor", "reviewer", "marketing"])
def test_who_is_not_of_the_desk_hears_nothing(shop, app, role):
    assert member(shop, app, role).get("/api/v1/stream").status_code == 403


def test_a_stranger_hears_nothing(app):
    assert app.test_client().get("/api/v1/stream", headers={"Accept": "text/event-stream"}).status_code == 401


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://localhost:8001", None),
        ("https://localhost:8000", None),
        ("http://localhost.evil.example:8000", None),
        ("null", None),
    ],
)
def test_only_our_own_pages_may_read_it_from_another_port(agent, origin, allowed):
    response = agent.get("/api/v1/stream", headers={"Origin": origin})
    assert response.headers.get("Access-Control-Allow-Origin") == allowed
    assert ("Access-Control-Allow-Credentials" in response.headers) == bool(allowed)


def test_an_idle_stream_holds_no_connection_and_still_breathes(shop, agent, monkeypatch):
    monkeypatch.setattr("handoff.stream.HEARTBEAT", 0.01)
    stream = iter(listen(agent).response)
    next(stream)
    assert next(stream) == b'event: beat\ndata: {"pause": 50}\n\n'
    assert shop.engine.pool.checkedout() == 0


def test_a_stream_ends_so_that_the_session_is_asked_again(agent, monkeypatch):
    monkeypatch.setattr("handoff.stream.LIFETIME", 0)
    assert [events(chunk) for chunk in listen(agent).response] == [[]]


def test_the_reader_wakes_by_itself(shop, app, agent):
    app.extensions["stream"] = feed.Feed(shop.sessions, lambda: shop.broker.wakeups(0.05))
    with contextlib.closing(listen(agent)) as response:
        stream = iter(response.response)
        next(stream)
        entry = happened(shop)
        assert ids(next(stream)) == [entry]
