"""What LINE may throw at the webhook: nothing crashes it, nothing is lost, nothing comes in unsigned."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bot.models import Account, Contact, Event, JournalEntry, RefusedRequest
from bot.services import Services
from tests.builders import Customer, event, signed, text_event


def count(current: Services, table: Any) -> int:
    with current.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def post(client: FlaskClient, events: list[Any] | bytes) -> int:
    body, headers = signed(events)
    return client.post("/webhooks/line", data=body, headers=headers).status_code


@pytest.mark.parametrize(
    "headers", [{}, {"X-Line-Signature": ""}, {"X-Line-Signature": "Zm9yZ2Vk"}, {"X-Line-Signature": "é"}]
)
def test_a_call_without_the_right_signature_is_refused_and_nothing_stored(
    client: FlaskClient, current: Services, headers: dict[str, str]
) -> None:
    body, _ = signed([text_event("Uchen", "你好")])
    assert client.post("/webhooks/line", data=body, headers=headers).status_code == 401
    assert count(current, Event) == count(current, RefusedRequest) == 0


def test_the_consoles_verify_button_is_answered(client: FlaskClient, current: Services) -> None:
    assert post(client, []) == 200
    assert count(current, Event) == 0


def test_a_redelivered_event_is_stored_once(client: FlaskClient, current: Services) -> None:
    made = text_event("Uchen", "運費怎麼算?")
    assert post(client, [made, made]) == 200
    assert post(client, [made | {"deliveryContext": {"isRedelivery": True}}]) == 200
    assert count(current, Event) == 1


def test_each_person_of_a_batch_has_a_conversation_of_their_own(client: FlaskClient, current: Services) -> None:
    assert post(client, [text_event("Uchen", "一"), text_event("Uhuang", "二"), text_event("Uchen", "三")]) == 200
    assert count(current, Contact) == 2
    with current.sessions() as session:
        stored = session.scalars(select(Event)).all()
    owner_of = {json.loads(event.raw)["message"]["text"]: event.conversation_id for event in stored}
    assert owner_of["一"] == owner_of["三"] != owner_of["二"]


def test_the_same_event_id_on_two_accounts_is_two_events(client: FlaskClient, current: Services) -> None:
    made = text_event("Uchen", "你好")
    for destination in ("Ufirst", "Usecond"):
        assert post(client, json.dumps({"destination": destination, "events": [made]}).encode()) == 200
    assert count(current, Event) == count(current, Account) == count(current, Contact) == 2


HOSTILE: list[Any] = [
    None,
    7,
    "x",
    [],
    {},
    {"type": None},
    {"type": "hologram", "webhookEventId": "1"},
    event("Uchen", source=None),
    event("Uchen", source={"type": "user", "userId": None}),
    event("Uchen", source={"type": "planet", "planetId": "P"}),
    event("Uchen", timestamp="soon"),
    event("Uchen", timestamp=10**30),
    event("Uchen", message=None),
    event("Uchen", message={"type": "text", "text": None}),
    event("Uchen", mode="future"),
    event("Uchen", webhookEventId=None),
    event("U" * 300, webhookEventId="x" * 300),
    text_event("Uchen", "\ud800 half an emoji"),
    text_event("Uchen", "nul\x00"),
    text_event("Uchen", "長" * 20_000),
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_a_strange_event_is_kept_and_its_neighbours_go_on(client: FlaskClient, current: Services, hostile: Any) -> None:
    assert (
        post(client, json.dumps({"destination": "U1", "events": [hostile, text_event("Uhuang", "我在")]}).encode())
        == 200
    )
    assert count(current, Event) == 2


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"events": null}', b'{"events": 1}', b"[" * 100_000])
def test_a_signed_body_that_is_no_webhook_is_refused_and_kept_for_staff(
    client: FlaskClient, current: Services, body: bytes
) -> None:
    assert post(client, body) == 400
    assert count(current, RefusedRequest) == 1


def test_a_body_over_ten_megabytes_is_refused_and_staff_are_told_once_a_minute(
    client: FlaskClient, current: Services
) -> None:
    for _ in range(2):
        assert post(client, b"x" * 10_000_001) == 413
    assert count(current, RefusedRequest) == 1
    with current.sessions() as session:
        told = select(JournalEntry).where(JournalEntry.kind == "webhook.refused")
        assert session.scalars(told).one().data["size"] == 10_000_001


def test_an_account_event_without_a_person_is_kept(client: FlaskClient, current: Services) -> None:
    assert post(client, [{"type": "botSuspended", "timestamp": 1, "mode": "active", "webhookEventId": "s"}]) == 200
    assert count(current, Event) == 1


def test_a_database_that_is_down_makes_line_deliver_again(chen: Customer, current: Services) -> None:
    with current.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE events RENAME TO events_gone")
    body, headers = signed([text_event("Uchen", "你好")])
    assert chen.client.post("/webhooks/line", data=body, headers=headers).status_code == 503
    with current.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE events_gone RENAME TO events")
    assert chen.client.post("/webhooks/line", data=body, headers=headers).status_code == 200
