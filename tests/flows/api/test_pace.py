"""A program that calls too fast is told so, and when to come again; the others go on."""

import pytest
import time_machine

import webhook_app
from bot.broker import connection
from tests import desk
from tests.desk import AFTERNOON
from tests.programs import Program, hired

PACE = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


@pytest.fixture(params=["redis", "no redis"])
def current(tmp_path, postgres, valkey, request):
    """Where calls are counted for all processes, and where Redis is away."""
    connection(valkey).flushall()
    redis = valkey if request.param == "redis" else f"unix://{tmp_path}/nobody.sock"
    with desk.shop(tmp_path, postgres, redis_url=redis, api_calls_per_minute=2) as shop:
        yield shop


@pytest.fixture
def clock():
    with time_machine.travel(AFTERNOON, tick=False) as clock:
        yield clock


@pytest.fixture
def crm(app):
    return hired(app, "agent", "客服系統")


def told(answer):
    return tuple(int(answer.headers[name]) for name in PACE)


def test_who_calls_too_fast_is_told_when_to_come_again_and_others_are_not(crm, app, clock):
    assert told(crm.get("/me")) == (2, 1, 61)
    clock.shift(10)
    assert told(crm.get("/tickets/CS-1")) == (2, 0, 51)  # an answer that finds nothing counts as well
    refused = crm.get("/me")
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert (refused.json["type"], refused.headers["Retry-After"]) == ("urn:frontline:too-many", "51")
    assert hired(app, "agent").get("/me").status_code == 200


def test_refused_calls_do_not_count_and_places_come_free_one_by_one(crm, clock):
    crm.get("/me")
    clock.shift(30)
    crm.get("/me")
    for _ in range(5):
        assert crm.get("/me").status_code == 429
    clock.shift(31)
    assert crm.get("/me").status_code == 200
    assert crm.get("/me").status_code == 429


def test_what_was_refused_was_not_done(crm, current, clock):
    crm.get("/me")
    crm.get("/me")
    assert crm.put("/me/presence", status="away").status_code == 429
    clock.shift(61)
    assert crm.get("/me").json["status"] == "online"


def test_strangers_are_not_counted(app, clock):
    for _ in range(3):
        answer = Program(app, "fl_wrong").get("/me")
        assert (answer.status_code, answer.headers.get(PACE[0])) == (401, None)


@pytest.mark.parametrize("current", ["redis"], indirect=True)
def test_the_processes_of_a_shop_count_together(crm, current, clock):
    crm.get("/me")
    beside = webhook_app.create_app(current)
    assert told(Program(beside, crm.token).get("/me"))[1] == 0
    assert crm.get("/me").status_code == 429
