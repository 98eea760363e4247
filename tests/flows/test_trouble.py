"""What those who lead the desk learn of messages that no agent will ever see."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import inbox
from bot.clock import now
from bot.models import Event, JournalEntry, RefusedRequest
from bot.services import Services
from tests.builders import Customer, signed
from tests.console import HTMX, signed_in, trouble_count, user_id, words
from tests.fakes import FakeLine


@pytest.fixture
def agent(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "mei", "agent")


@pytest.fixture
def supervisor(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "fang", "supervisor")


@pytest.fixture
def knock(client: FlaskClient) -> Callable[[], None]:
    """LINE calls with a body that is no webhook."""

    def call() -> None:
        body, headers = signed(b'{"events":')
        assert client.post("/webhooks/line", data=body, headers=headers).status_code == 400

    return call


@pytest.fixture
def poisoned(chen: Customer, current: Services) -> Event:
    """An event of 陳怡君 that was given up."""
    chen.writes("運費怎麼算?")
    with current.sessions.begin() as session:
        event = session.scalars(select(Event)).one()
        inbox.set_aside(session, event.id, "ZeroDivisionError in judging")
    return event


def test_agents_neither_see_nor_open_the_page(agent: FlaskClient, knock: Callable[[], None]) -> None:
    knock()
    assert agent.get("/console/trouble").status_code == 403
    assert "/console/trouble" not in agent.get("/console").get_data(as_text=True)


def test_without_trouble_a_supervisor_learns_what_would_be_shown_here(supervisor: FlaskClient) -> None:
    page = supervisor.get("/console/trouble")
    assert "沒有異常" in words(page)
    assert "不會自動重送，免得顧客收到兩次" in words(page)
    assert trouble_count(page) == ""


def test_a_supervisor_sees_what_was_refused_at_the_door(supervisor: FlaskClient, knock: Callable[[], None]) -> None:
    knock()
    page = words(supervisor.get("/console/trouble"))
    assert "收不下的請求" in page
    assert "內容不是有效的 webhook" in page
    assert "10 Bytes" in page


def test_a_supervisor_sees_what_was_set_aside_why_and_whose_it_is(supervisor: FlaskClient, poisoned: Event) -> None:
    page = supervisor.get("/console/trouble")
    assert "ZeroDivisionError in judging" in words(page)
    link = f"/console/conversations/{poisoned.conversation_id}"
    assert f'href="{link}"' in page.get_data(as_text=True)
    assert supervisor.get(link).status_code == 200


def test_what_belongs_to_nobody_is_listed_too(supervisor: FlaskClient, poisoned: Event, current: Services) -> None:
    with current.sessions.begin() as session:
        session.get_one(Event, poisoned.id).conversation_id = None
    assert "不屬於任何對話" in words(supervisor.get("/console/trouble"))


def test_the_sidebar_counts_the_last_day_only(
    supervisor: FlaskClient, knock: Callable[[], None], poisoned: Event, current: Services
) -> None:
    knock()
    assert trouble_count(supervisor.get("/console")) == "2"
    assert trouble_count(supervisor.get("/console/list")) == "2"
    with current.sessions.begin() as session:
        session.scalars(select(RefusedRequest)).one().received_at = now() - timedelta(hours=25)
    assert trouble_count(supervisor.get("/console")) == "1"


@pytest.mark.parametrize("chosen", ["one", "id", "all"])
def test_a_supervisor_runs_it_again_and_the_customer_is_answered_once(
    supervisor: FlaskClient,
    poisoned: Event,
    current: Services,
    line: FakeLine,
    work: Callable[[], None],
    chosen: str,
) -> None:
    form = {"all": "set_aside", "newest": poisoned.id} if chosen == "all" else {chosen: poisoned.id}
    for expected in (200, 409):
        assert supervisor.post("/console/trouble/replay", data=form, headers=HTMX).status_code == expected
    work()
    assert len(line.said) == 1
    assert "沒有異常" in words(supervisor.get("/console/trouble"))
    with current.sessions() as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "event.replayed")).one()
    assert (entry.user_id, entry.data) == (user_id(current, "fang"), {"event_id": poisoned.id})


def test_an_agent_cannot_run_it_again(agent: FlaskClient, poisoned: Event) -> None:
    assert agent.post("/console/trouble/replay", data={"one": poisoned.id}).status_code == 403
