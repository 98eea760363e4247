"""Whoever runs the house has programs told of the desk: begun, tried, paused, with another secret, told again."""

import json
import re
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from handoff.notify import post, reading
from tests.console import PASSWORD, words
from tests.notices import Endpoint
from tests.programs import opened

PAGE = "/console/settings/programs"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture
def elsewhere():
    endpoint = Endpoint(status=204).start()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def told(current):
    """The ticker looks at the journal, and makes the calls to programs."""

    def tell():
        reading.look(current)
        for claimed in post.claim(current, "webhook", 50):
            post.send(current, claimed)

    tell()
    return tell


def adds(admin, url, **form):
    answer = admin.post(PAGE, data={"url": url} | form)
    found = SECRET.search(answer.get_data(as_text=True))
    return answer, found[0] if found else ""


def test_a_program_is_added_with_a_first_test_and_its_secret_shown_once(admin, elsewhere, told, journal):
    _, secret = adds(admin, f"{elsewhere.url}/hook", kind=["ticket.opened", "made.up"])
    told()
    ((path, headers, body),) = elsewhere.taken
    assert (path, Webhook(secret).verify(body, headers)["type"]) == ("/hook", "test")
    page = admin.get(f"{PAGE}/1")
    assert secret not in page.get_data(as_text=True)
    assert "測試 送到了 204" in words(page)
    assert [kind for kind, _ in journal("hook.")] == ["hook.created", "hook.tested"]
    assert "1 種事" in words(admin.get(PAGE))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://crm.example", "網址要像"),
        ("https://crm.example:99999/x", "網址要像"),
        ("http://10.0.0.5/hook", "通往自己的內部網路"),
        ("http://169.254.169.254/latest", "通往自己的內部網路"),
        ("http://[::1]/", "通往自己的內部網路"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused_at_its_field(admin, url, why, journal):
    answer, secret = adds(admin, url)
    assert (answer.status_code, secret) == (422, "")
    page = answer.get_data(as_text=True)
    assert why in page.partition('id="url-mistake"')[2][:400]
    assert f'value="{url}"' in page
    assert journal("hook.") == []


def test_what_does_not_arrive_shows_its_answer_and_is_sent_again(admin, current, elsewhere, told):
    adds(admin, elsewhere.url)
    told()
    elsewhere.answers.append(503)
    number, _, _ = opened(current)
    told()
    page = admin.get(f"{PAGE}/1")
    assert f"{number} 等著送 503 試了 1 次：對方回覆 503" in words(page)
    again = re.search(rf"{PAGE}/1/deliveries/\d+/resend", page.get_data(as_text=True))[0]
    assert "會再送一次" in words(admin.post(again, follow_redirects=True))
    told()
    assert json.loads(elsewhere.taken[-1][2])["data"]["number"] == number
    assert f"{number} 送到了 204" in words(admin.get(f"{PAGE}/1"))


def test_while_it_is_paused_what_it_would_be_told_waits(admin, current, elsewhere, told, clock):
    adds(admin, elsewhere.url)
    told()
    assert "已暫停" in words(admin.post(f"{PAGE}/1/pause", data={"paused": "1"}, follow_redirects=True))
    opened(current)
    told()
    clock.shift(timedelta(minutes=5))
    told()
    assert len(elsewhere.taken) == 1
    assert post.waiting(current) == set(), "and nobody looks in vain"
    admin.post(f"{PAGE}/1/pause")
    told()
    assert len(elsewhere.taken) == 2


def test_another_secret_leaves_no_gap(admin, elsewhere, told, clock):
    _, old = adds(admin, elsewhere.url)
    new = SECRET.search(admin.post(f"{PAGE}/1/secret").get_data(as_text=True))[0]
    told()
    _, headers, body = elsewhere.taken[-1]
    for secret in (old, new):
        Webhook(secret).verify(body, headers)
    clock.shift(timedelta(hours=25))
    admin.post("/sign-in", data={"username": "root", "password": PASSWORD})
    admin.post(f"{PAGE}/1/test")
    told()
    assert len(elsewhere.taken[-1][1]["webhook-signature"].split()) == 1, "a day later only the new one signs"


def test_it_moves_is_told_of_less_and_ends(admin, elsewhere, told, journal):
    adds(admin, "https://crm.example/hook")
    adds(admin, f"{elsewhere.url}/other")
    taken = admin.post(f"{PAGE}/1", data={"url": f"{elsewhere.url}/other"})
    assert "已經在清單裡" in words(taken)
    admin.post(f"{PAGE}/1", data={"url": f"{elsewhere.url}/hook", "kind": "ticket.closed"})
    sides = {"before": {"kinds": [], "moved": False}, "after": {"kinds": ["ticket.closed"], "moved": True}}
    assert ("hook.changed", {"endpoint_id": 1, **sides}) in journal("hook.")
    admin.post(f"{PAGE}/1/remove")
    assert "不再接收通知" in words(admin.post(f"{PAGE}/1/test", follow_redirects=True))
    assert adds(admin, f"{elsewhere.url}/hook")[1], "and may begin anew"
    assert admin.get(f"{PAGE}/99").status_code == 404
