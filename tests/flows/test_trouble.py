"""What those who lead the desk learn of messages that no agent will ever see."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from bot import inbox
from bot.auth import create_user
from bot.clock import now
from bot.models import Event, RefusedRequest
from bot.services import Services
from tests.builders import Customer, signed

PASSWORD = "a long password"


def words(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def signed_in(app: Flask, current: Services, username: str, role: str) -> FlaskClient:
    with current.sessions.begin() as session:
        create_user(session, username, username, role, PASSWORD)
    member = app.test_client()
    member.post("/sign-in", data={"username": username, "password": PASSWORD})
    return member


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
        inbox.set_aside(session, event, "ZeroDivisionError in judging")
    return event


def count_beside_trouble(page: TestResponse) -> str:
    found = re.search(r'class="n bad">(\d+)<', page.get_data(as_text=True))
    return found[1] if found else ""


def test_agents_neither_see_nor_open_the_page(agent: FlaskClient, knock: Callable[[], None]) -> None:
    knock()
    assert agent.get("/console/trouble").status_code == 403
    assert "/console/trouble" not in agent.get("/console").get_data(as_text=True)


def test_without_trouble_a_supervisor_learns_what_would_be_shown_here(supervisor: FlaskClient) -> None:
    page = supervisor.get("/console/trouble")
    assert "沒有異常。收不下或處理失敗的訊息會列在這裡。" in words(page)
    assert "frontline replay ID" in words(page)
    assert count_beside_trouble(page) == ""


def test_a_supervisor_sees_what_was_refused_at_the_door(supervisor: FlaskClient, knock: Callable[[], None]) -> None:
    knock()
    page = words(supervisor.get("/console/trouble"))
    assert "收不下的請求" in page
    assert "內容不是有效的 webhook" in page
    assert "10 Bytes" in page


def test_a_supervisor_sees_what_was_set_aside_why_whose_it_is_and_how_to_run_it_again(
    supervisor: FlaskClient, poisoned: Event
) -> None:
    page = supervisor.get("/console/trouble")
    assert "ZeroDivisionError in judging" in words(page)
    assert f"frontline replay {poisoned.id}" in words(page)
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
    assert count_beside_trouble(supervisor.get("/console")) == "2"
    assert count_beside_trouble(supervisor.get("/console/list")) == "2"
    with current.sessions.begin() as session:
        session.scalars(select(RefusedRequest)).one().received_at = now() - timedelta(hours=25)
    assert count_beside_trouble(supervisor.get("/console")) == "1"


def test_an_event_that_runs_again_leaves_the_list(
    supervisor: FlaskClient, poisoned: Event, current: Services, work: Callable[[], None]
) -> None:
    with current.sessions.begin() as session:
        inbox.replay(session, current.broker, [session.get_one(Event, poisoned.id)])
    work()
    assert "沒有異常" in words(supervisor.get("/console/trouble"))
