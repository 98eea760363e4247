"""Who came, where a proxy stands in front: its word counts where it is ours, and nobody's where there is none."""

import pytest

import webhook_app
from bot import auth
from bot.models import SignIn
from tests import desk
from tests.console import PASSWORD

CLAIMED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
RIGHT, WRONG = {"username": "liu", "password": PASSWORD}, {"username": "liu", "password": "wrong"}


@pytest.fixture
def door(tmp_path, postgres, request):
    """The sign-in of a shop with as many proxies as the story says."""
    with desk.shop(tmp_path, postgres, trusted_proxies=request.param) as shop:
        with shop.sessions.begin() as session:
            auth.create_user(session, "liu", "劉思妤", "agent", PASSWORD)
        app = webhook_app.create_app(shop)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        yield shop, app


def knocks(app, form, **claimed):
    return app.test_client().post("/sign-in", data=form, headers=claimed)


def addresses(shop):
    with shop.sessions() as session:
        return [place.address for place in session.query(SignIn)]


@pytest.mark.parametrize("door", [0], indirect=True)
def test_nobody_claims_an_address_or_https_where_no_proxy_is_ours(door):
    shop, app = door
    cookie = knocks(app, RIGHT, **CLAIMED).headers["Set-Cookie"]
    assert addresses(shop) == ["127.0.0.1"]
    assert "Secure" not in cookie


@pytest.mark.parametrize("door", [0], indirect=True)
def test_who_claims_another_address_each_time_is_throttled_all_the_same(door):
    _, app = door
    for last in range(5):
        knocks(app, WRONG, **{"X-Forwarded-For": f"203.0.113.{last}"})
    assert knocks(app, RIGHT, **{"X-Forwarded-For": "203.0.113.9"}).status_code == 401


@pytest.mark.parametrize("door", [1], indirect=True)
def test_our_proxy_tells_the_address_and_keeps_the_cookie_to_https(door):
    shop, app = door
    cookie = knocks(app, RIGHT, **CLAIMED).headers["Set-Cookie"]
    assert addresses(shop) == ["203.0.113.9"]
    assert "Secure" in cookie


@pytest.mark.parametrize("door", [1], indirect=True)
def test_only_what_our_proxy_added_itself_counts(door):
    shop, app = door
    knocks(app, RIGHT, **{"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    assert addresses(shop) == ["203.0.113.9"]


@pytest.mark.parametrize("door", [1], indirect=True)
def test_who_guesses_from_elsewhere_keeps_nobody_out_who_comes_through_the_same_proxy(door):
    _, app = door
    for _ in range(5):
        knocks(app, WRONG, **CLAIMED)
    assert knocks(app, RIGHT, **{"X-Forwarded-For": "203.0.113.10"}).status_code == 302
