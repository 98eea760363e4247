"""A newcomer with the phone page: from a tap on the page through real webhooks and calls, and back to the page."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

import webhook_app
from bot.services import Services
from bot.settings import Settings
from bot.simulator.customers import CUSTOMERS
from bot.simulator.delivery import Courier
from bot.simulator.platform import create_app
from tests import folders

CHEN = CUSTOMERS[0].id


@dataclass
class Phone:
    """The phone page in a browser: its API with its CSRF token."""

    client: FlaskClient

    def __post_init__(self) -> None:
        page = self.client.get("/simulator").get_data(as_text=True)
        island = re.search(r'id="simulator-data">(.*?)</script>', page, re.S)
        assert island is not None
        self.headers = {"X-CSRFToken": json.loads(island[1])["csrf"]}

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.client.post(f"/simulator/api/{path}", json=body or {}, headers=self.headers)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def writes(self, text: str) -> str:
        sent = self.post(f"customers/{CHEN}/messages", {"type": "text", "text": text})
        return str(sent["id"])

    def state(self) -> Any:
        return self.client.get(f"/simulator/api/customers/{CHEN}/messages").get_json()

    def answers(self) -> list[str]:
        return [message["body"]["text"] for message in self.state()["messages"] if not message["mine"]]

    def steps(self, message_id: str) -> dict[str, str]:
        trace = self.client.get(f"/simulator/api/messages/{message_id}/trace").get_json()
        return {step["kind"]: step["detail"] for step in trace["steps"]}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path, trained: Path, valkey: str) -> Settings:
    """The demo: no LINE credentials, the simulator on a port of its own."""
    folders.furnish(tmp_path, trained)
    return Settings(
        frontline_data=tmp_path,
        redis_url=valkey,
        secret_key="for tests only",
        line_channel_secret="",
        line_channel_access_token="",
        database_url="",
        port=free_port(),
        simulator_url=f"http://127.0.0.1:{free_port()}",
        open_hours="00:00-24:00",
    )


def served(app: Flask, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def platform(settings: Settings) -> Iterator[None]:
    yield from served(create_app(settings), int(settings.simulator_url.rsplit(":", 1)[1]))


@pytest.fixture
def web(settings: Settings, app: Flask) -> Iterator[None]:
    yield from served(app, settings.port)


@pytest.fixture
def phone(client: FlaskClient) -> Phone:
    return Phone(client)


@pytest.fixture
def happen(settings: Settings, platform: None, web: None, work: Callable[[], None]) -> Callable[[], None]:
    """Deliver what the phone did, and let the bot do all that is due."""
    courier = Courier(settings, timeout=(30, 30))

    def run() -> None:
        while courier.deliver_due():
            work()

    return run


def test_a_newcomer_asks_and_sees_the_answer_and_what_led_to_it(phone: Phone, happen: Callable[[], None]) -> None:
    message_id = phone.writes("運費怎麼算？")
    happen()

    assert len(phone.answers()) == 1
    steps = phone.steps(message_id)
    assert list(steps) == ["received", "stored", "understood", "decided", "written", "sent"]
    assert "自動回答" in steps["decided"]
    assert "用回覆權杖" in steps["sent"]
    assert phone.state()["messages"][0]["read"]


def test_a_newcomer_who_wants_a_person_reads_a_case_number(phone: Phone, happen: Callable[[], None]) -> None:
    message_id = phone.writes("我要找真人")
    happen()

    number = re.search(r"CS-\d{6}-\d{4}", phone.answers()[0])
    assert number is not None
    assert number[0] in phone.steps(message_id)["opened"]


def test_each_message_of_a_customer_has_a_trace_of_its_own(phone: Phone, happen: Callable[[], None]) -> None:
    first = phone.writes("運費怎麼算？")
    happen()
    second = phone.writes("我要找真人")
    happen()
    third = phone.writes("好的謝謝，我等")
    happen()

    assert "opened" not in phone.steps(first)
    assert "opened" in phone.steps(second)
    assert "with_person" in phone.steps(third)


def test_a_message_that_nobody_took_says_so(phone: Phone, settings: Settings) -> None:
    message_id = phone.writes("有人嗎")
    assert list(phone.steps(message_id)) == ["waiting"]
    Courier(settings).deliver_due()  # nothing listens at the webhook
    assert "could_not_connect" in phone.steps(message_id)["waiting"]


def test_a_customer_takes_a_message_back(phone: Phone, happen: Callable[[], None]) -> None:
    message_id = phone.writes("說錯了")
    phone.post(f"messages/{message_id}/unsend")
    happen()
    mine = phone.state()["messages"][0]
    assert mine["unsent"]
    assert "text" not in mine["body"]


def test_a_customer_who_blocked_the_shop_cannot_write_until_they_unblock(
    phone: Phone, happen: Callable[[], None]
) -> None:
    phone.post(f"customers/{CHEN}/block")
    refused = phone.client.post(
        f"/simulator/api/customers/{CHEN}/messages",
        json={"type": "text", "text": "在嗎"},
        headers=phone.headers,
    )
    assert refused.status_code == 409
    assert "封鎖" in refused.get_json()["message"]
    phone.post(f"customers/{CHEN}/unblock")
    phone.writes("運費怎麼算？")
    happen()
    assert phone.answers()


def test_the_phone_asks_for_a_csrf_token(app: Flask, phone: Phone) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    path = f"/simulator/api/customers/{CHEN}/messages"
    answer = phone.client.post(path, json={"type": "text", "text": "嗨"})
    assert answer.status_code == 400
    assert phone.state()["messages"] == []
    phone.writes("嗨")
    assert len(phone.state()["messages"]) == 1


@pytest.mark.parametrize("path", ["/simulator", f"/simulator/api/customers/{CHEN}/messages"])
def test_nobody_else_reaches_the_simulator(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    assert client.get(path, headers={"Host": "rebound.example"}).status_code == 404


def test_with_line_credentials_there_is_no_simulator(settings: Settings, current: Services) -> None:
    real = settings.model_copy(update={"line_channel_secret": "s", "line_channel_access_token": "t"})
    client = webhook_app.create_app(webhook_app.install(real)).test_client()
    assert client.get("/simulator").status_code == 404
