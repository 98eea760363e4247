"""Where calls to given addresses end: outside, at the address itself, and inside only where the shop allows it."""

import contextlib
import json

import pytest
import requests

from bot.errors import PermanentSendError, TemporarySendError
from bot.outgoing import Outgoing, OwnNetwork, may_reach
from bot.outgoing import outside as held_outside
from bot.settings import Settings
from handoff.notifiers import Letter
from handoff.notifiers.chat import Chat
from handoff.notifiers.webhook import Webhooks
from handoff.notifiers.webpush import WebPush, is_push_service
from tests.notices import Browser, Endpoint

LETTER = Letter("key", "title", "body", "https://desk.example/", "CS-1", False, {"type": "ticket.opened"})
HOME = Settings(own_networks="127.0.0.0/8").reachable_inside


@pytest.fixture
def inside():
    """A service that only our own network should reach."""
    endpoint = Endpoint(status=200).start()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def outside(inside):
    """A receiver that leads on to the inside."""
    endpoint = Endpoint(status=302, location=f"{inside.url}/admin").start()
    yield endpoint
    endpoint.stop()


def hooked(url):
    return json.dumps({"url": url, "secrets": ["whsec_c2VjcmV0"]})


def subscribed(url):
    return json.dumps({"endpoint": url, "keys": Browser(url).keys})


def test_neither_webhook_nor_push_nor_room_reaches_our_own_network(tmp_path, inside):
    for notifier, address in (
        (Webhooks(()), hooked(inside.url)),
        (Webhooks(()), hooked(f"http://localhost:{inside.port}/")),
        (WebPush(tmp_path, "mailto:desk@shop.example", ()), subscribed(inside.url)),
        (Chat({"room": f"json://127.0.0.1:{inside.port}/"}, ()), "room"),
        (Chat({"room": f"mmost://127.0.0.1:{inside.port}/{'3ccdd113474722377935511fc85d3dd4'}"}, ()), "room"),
    ):
        with pytest.raises(OwnNetwork, match="OWN_NETWORKS"):
            notifier.send(LETTER, address)
    assert inside.taken == []


def test_what_the_shop_allows_inside_is_reached(tmp_path, inside):
    Webhooks(HOME).send(LETTER, hooked(inside.url))
    WebPush(tmp_path, "mailto:desk@shop.example", HOME).send(LETTER, subscribed(inside.url))
    Chat({"room": f"json://127.0.0.1:{inside.port}/"}, HOME).send(LETTER, "room")
    assert len(inside.taken) == 3


def test_other_calls_of_the_house_go_where_they_like(inside):
    """Only who calls a given address is held: our own services, such as Rasa, lie inside."""
    with pytest.raises(OwnNetwork), held_outside(()):
        requests.post(inside.url, b"{}")
    assert requests.post(inside.url, b"{}").ok


def test_a_refusal_that_a_library_swallows_is_one_all_the_same(inside):
    with pytest.raises(OwnNetwork), held_outside(()), contextlib.suppress(OwnNetwork):
        requests.post(inside.url, b"{}")


def test_nobody_is_led_on_by_a_redirect(tmp_path, inside, outside):
    with pytest.raises(TemporarySendError, match="302"):
        Webhooks(HOME).send(LETTER, hooked(outside.url))
    with pytest.raises(PermanentSendError, match="302"):
        WebPush(tmp_path, "mailto:desk@shop.example", HOME).send(LETTER, subscribed(outside.url))
    with pytest.raises(TemporarySendError):
        Chat({"room": f"json://127.0.0.1:{outside.port}/"}, HOME).send(LETTER, "room")
    assert inside.taken == []


def test_encrypted_calls_are_looked_at_before_they_speak(inside):
    with pytest.raises(OwnNetwork), Outgoing(()) as calls:
        calls.post(f"https://127.0.0.1:{inside.port}/")
    with pytest.raises(requests.exceptions.SSLError), Outgoing(HOME) as calls:
        calls.post(f"https://127.0.0.1:{inside.port}/")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "::"),
    ],
)
def test_what_is_not_the_internet_is_inside(address):
    assert not may_reach(address, ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_the_internet_is_reached(address):
    assert may_reach(address, ())


def test_only_the_named_part_of_our_network_is_open():
    allowed = Settings(own_networks="10.20.0.0/16, fd00::/8").reachable_inside
    assert may_reach("10.20.7.7", allowed)
    assert may_reach("fd00::7", allowed)
    assert not may_reach("10.21.0.1", allowed)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc",
    ],
)
def test_browsers_push_services_are_known(endpoint):
    assert is_push_service(endpoint, ())


def test_a_shop_adds_a_push_service():
    assert not is_push_service("https://push.example/1", ())
    assert is_push_service("https://push.example/1", Settings(push_services="push.example").push_hosts)
