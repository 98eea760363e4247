"""The life of a webhook endpoint through the API, and who was told what."""

from collections.abc import Iterator

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select
from standardwebhooks import Webhook

from bot import cli, services
from bot.cli.root import Root
from bot.models import ApiRequest, JournalEntry
from handoff.commands import hook as hook_commands
from handoff.notify import post, reading
from tests import desk
from tests.desk import AFTERNOON
from tests.notices import Endpoint
from tests.programs import hired, opened


@pytest.fixture
def clock():
    with time_machine.travel(AFTERNOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def current(tmp_path, postgres, clock):
    with desk.shop(tmp_path, postgres, own_networks="127.0.0.0/8") as shop:
        reading.look(shop)  # what happens from now on is told
        yield shop


@pytest.fixture
def admin(app):
    return hired(app, "admin", "整合平台")


@pytest.fixture
def elsewhere() -> Iterator[Endpoint]:
    endpoint = Endpoint(status=204).start()
    yield endpoint
    endpoint.stop()


def told(current):
    """The ticker looks at the journal, and makes the calls to programs."""
    reading.look(current)
    for claimed in post.claim(current, "webhook", 50):
        post.send(current, claimed)


def journal(current):
    with current.sessions() as session:
        kept = select(JournalEntry).where(JournalEntry.kind.startswith("hook.")).order_by(JournalEntry.id)
        return [(entry.kind, entry.user_id is not None) for entry in session.scalars(kept)]


def test_an_endpoint_is_made_told_told_again_and_switched_off(admin, elsewhere, current):
    made = admin.post("/webhooks", key="hook-1", url=f"{elsewhere.url}/hook", kinds=["ticket.opened"])
    assert made.status_code == 201
    path, secret = f"/webhooks/{made.json['hook']['id']}", made.json["secret"]
    assert secret not in admin.get(path).text + admin.get("/webhooks").text

    elsewhere.answers.append(500)
    number, _, _ = opened(current)
    told(current)
    (call,) = admin.get(f"{path}/deliveries").json["items"]
    assert (call["about"], call["ticket"], call["error"]) == ("ticket.opened", number, "the program said 500")
    for _ in ("before its next try", "although it arrived"):
        assert admin.post(f"{path}/deliveries/{call['id']}/resend").json["state"] == "queued"
        told(current)
    first, again = elsewhere.taken
    assert first[1]["webhook-id"] == again[1]["webhook-id"]
    assert Webhook(secret).verify(again[2], again[1])["data"]["number"] == number

    assert admin.delete(path).json["gone_at"]
    assert admin.post(f"{path}/deliveries/{call['id']}/resend").status_code == 409
    opened(current, "林先生")
    told(current)
    assert len(elsewhere.taken) == 2
    assert journal(current) == [("hook.created", True), *[("hook.resent", True)] * 2, ("hook.removed", True)]


def test_what_is_being_sent_is_not_sent_beside_it(admin, elsewhere, current):
    path = f"/webhooks/{admin.post('/webhooks', url=elsewhere.url).json['hook']['id']}"
    opened(current)
    reading.look(current)
    (claimed,) = post.claim(current, "webhook", 50)
    assert admin.post(f"{path}/deliveries/{claimed.delivery_id}/resend").json["detail"] == "這則通知正在送。"


def test_what_lay_for_days_has_half_a_day_again(admin, elsewhere, current, clock):
    path = f"/webhooks/{admin.post('/webhooks', url=elsewhere.url).json['hook']['id']}"
    elsewhere.answers.append(500)
    opened(current)
    told(current)
    clock.shift(2 * 86_400)
    told(current)
    (call,) = admin.get(f"{path}/deliveries").json["items"]
    assert (call["state"], call["error"]) == ("failed", "too old")
    admin.post(f"{path}/deliveries/{call['id']}/resend")
    told(current)
    assert admin.get(f"{path}/deliveries").json["items"][0]["state"] == "sent"


def test_a_known_address_begins_anew_with_another_secret(admin, elsewhere):
    first, second = (admin.post("/webhooks", url=elsewhere.url).json for _ in range(2))
    assert first["hook"]["id"] == second["hook"]["id"]
    assert first["secret"] != second["secret"]
    assert len(admin.get("/webhooks").json["items"]) == 1


def test_the_secret_is_shown_once_and_lies_in_no_stored_answer(admin, elsewhere, current):
    made = admin.post("/webhooks", key="hook-1", url=elsewhere.url)
    with current.sessions() as session:
        assert made.json["secret"] not in session.scalars(select(ApiRequest.body)).one()
    again = admin.post("/webhooks", key="hook-1", url=elsewhere.url)
    assert (again.status_code, again.headers["Idempotent-Replay"]) == (201, "true")
    assert again.json == made.json | {"secret": None}


@pytest.mark.parametrize("body", [{"url": "ftp://x"}, {"url": "https://x", "kinds": ["ticket.sold"]}, {}])
def test_an_endpoint_that_does_not_fit_is_refused(admin, body):
    assert admin.post("/webhooks", **body).status_code == 422


@pytest.mark.parametrize("path", ["/webhooks/7", "/webhooks/7/deliveries"])
def test_what_is_not_there_is_not_found(admin, path):
    assert admin.get(path).status_code == 404
    assert admin.post("/webhooks/7/deliveries/1/resend").status_code == 404


def test_the_command_keeps_the_journal_too(current):
    root = Root(lambda _: None, lambda _: None, lambda _: services.current())
    for words in (("create", "https://crm.example"), ("remove", "1"), ("remove", "1")):
        assert CliRunner().invoke(cli.main_group(root, hook_commands), ["hook", *words]).exit_code == 0
    assert journal(current) == [("hook.created", False), ("hook.removed", False)]


def test_a_lead_reads_who_was_told_and_whether_they_looked(app, current):
    lead = hired(app, "supervisor")
    with current.sessions.begin() as session:
        boss = desk.staff(session, "林佩蓉", "supervisor").username
    number, _, _ = opened(current)
    reading.look(current)
    (notice,) = lead.get(f"/notices?user={boss}").json["items"]
    assert (notice["about"], notice["ticket"], notice["to"], notice["seen_at"]) == ("ticket.opened", number, boss, None)
    assert [way["medium"] for way in notice["ways"]] == ["inapp"]
    assert lead.get(f"/tickets/{number}/notices").json["items"] == [notice]
    assert lead.get("/notices?about=clock.breached").json["items"] == []
