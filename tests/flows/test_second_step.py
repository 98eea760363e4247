"""The second step: set up with an app, asked for at each sign-in, good once, and taken off by who may."""

import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select

import webhook_app
from bot import auth, cli
from bot.cli.root import Root
from bot.cli.users import user
from bot.clock import now
from bot.errors import SettingsError
from bot.models import JournalEntry, RecoveryCode, SecondStep
from tests import desk
from tests.console import PASSWORD, user_id, words


@pytest.fixture
def clock():
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def shop(tmp_path, postgres, clock, request):
    with desk.shop(tmp_path, postgres, second_step_roles=getattr(request, "param", "")) as shop:
        with shop.sessions.begin() as session:
            auth.create_user(session, "liu", "劉思妤", "agent", PASSWORD)
            auth.create_user(session, "boss", "林佩蓉", "supervisor", PASSWORD)
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


class Phone:
    """An authenticator app that was shown the secret of the page."""

    def __init__(self, page):
        key = re.search(r'<code class="one-time mono">([^<]+)<', page.get_data(as_text=True))[1]
        self._app = pyotp.TOTP(key.replace(" ", ""))

    @property
    def code(self):
        return self._app.at(now())


def comes(app, username="liu", **form):
    """A browser in which the password was given."""
    visitor = app.test_client()
    return visitor, visitor.post("/sign-in", data={"username": username, "password": PASSWORD, **form})


def enters(visitor, code, **form):
    return visitor.post("/sign-in/code", data={"code": code, **form})


def sets_up(app, clock, username="liu"):
    """Phone and recovery codes of somebody who has set it up a minute ago."""
    visitor, _ = comes(app, username)
    phone = Phone(visitor.get("/account/second-step"))
    done = visitor.post("/account/second-step", data={"code": phone.code})
    codes = re.findall(r"<li>([^<]+)</li>", done.get_data(as_text=True))
    clock.shift(timedelta(minutes=1))
    return phone, codes


def told(shop, kind):
    with shop.sessions() as session:
        return session.scalars(select(JournalEntry).where(JournalEntry.kind == kind)).all()


def test_the_sign_in_asks_for_a_code_once_it_is_set_up(app, shop, clock):
    phone, codes = sets_up(app, clock)
    assert len(set(codes)) == 10
    visitor, answer = comes(app, next="/console?view=mine")
    assert answer.headers["Location"] == "/sign-in/code?next=/console?view%3Dmine"
    assert visitor.get("/console").headers["Location"].startswith("/sign-in")
    assert "六位數" in words(visitor.get("/sign-in/code"))
    assert enters(visitor, phone.code, next="/console?view=mine").headers["Location"] == "/console?view=mine"
    assert visitor.get("/console").status_code == 200
    assert [entry.user_id for entry in told(shop, "user.second_step_set_up")] == [user_id(shop, "liu")]


def test_the_picture_shows_what_the_text_says_and_needs_no_style_of_its_own(app):
    visitor, _ = comes(app)
    page = visitor.get("/account/second-step").get_data(as_text=True)
    picture = re.search(r"<svg.*?</svg>", page[page.index("qr-frame") :], re.DOTALL)[0]
    assert "style" not in picture
    assert "otpauth://totp/" in page
    assert page == visitor.get("/account/second-step").get_data(as_text=True)


def test_nothing_is_set_up_without_a_code_of_the_app(app, clock):
    visitor, _ = comes(app)
    visitor.get("/account/second-step")
    refused = visitor.post("/account/second-step", data={"code": "000000"})
    assert (refused.status_code, "驗證碼不對" in words(refused)) == (400, True)
    assert comes(app)[1].headers["Location"] == "/console"


def test_a_code_that_was_overheard_is_worth_nothing(app, clock):
    phone, _ = sets_up(app, clock)
    overheard = phone.code
    assert enters(comes(app)[0], overheard).status_code == 302
    thief, _ = comes(app)
    assert enters(thief, overheard).status_code == 401
    clock.shift(timedelta(seconds=30))
    assert enters(thief, overheard).status_code == 401
    assert enters(thief, phone.code).status_code == 302


def test_the_code_of_the_set_up_is_used_up_too(app):
    visitor, _ = comes(app)
    phone = Phone(visitor.get("/account/second-step"))
    visitor.post("/account/second-step", data={"code": phone.code})
    assert enters(comes(app)[0], phone.code).status_code == 401


def test_a_phone_may_be_half_a_minute_late_but_not_more(app, clock):
    phone, _ = sets_up(app, clock)
    late = phone.code
    clock.shift(timedelta(seconds=30))
    assert enters(comes(app)[0], late).status_code == 302
    later = phone.code
    clock.shift(timedelta(seconds=90))
    assert enters(comes(app)[0], later).status_code == 401


def test_codes_are_not_guessed_from_wherever_one_tries(app, clock):
    phone, _ = sets_up(app, clock)
    for last in range(5):
        visitor, _ = comes(app)
        refused = visitor.post(
            "/sign-in/code", data={"code": "000000"}, environ_base={"REMOTE_ADDR": f"192.0.2.{last}"}
        )
    assert "後再試" in words(refused)
    assert enters(comes(app)[0], phone.code).status_code == 401
    clock.shift(timedelta(minutes=15, seconds=1))
    assert enters(comes(app)[0], phone.code).status_code == 302


def test_a_code_that_comes_beside_wrong_ones_waits_too_and_is_not_used_up(app, shop, clock, monkeypatch):
    _, codes = sets_up(app, clock)
    key, unseal = auth.throttle.key(f"second step {user_id(shop, 'liu')}", ""), auth.keys.unseal

    def beside_others(*sealed):
        with shop.sessions.begin() as session:
            for _ in range(auth.throttle.TRIES):
                auth.throttle.count(session, key)
        return unseal(*sealed)

    with monkeypatch.context() as slow:
        slow.setattr(auth.keys, "unseal", beside_others)
        assert "後再試" in words(enters(comes(app)[0], codes[0]))
    clock.shift(timedelta(minutes=15, seconds=1))
    assert enters(comes(app)[0], codes[0]).status_code == 302


def test_a_browser_that_came_by_the_password_alone_is_out_once_a_second_step_is_set_up(app, clock):
    thief, _ = comes(app)
    visitor, _ = comes(app)
    phone = Phone(visitor.get("/account/second-step"))
    visitor.post("/account/second-step", data={"code": "000000"})
    assert thief.get("/console").status_code == 200
    visitor.post("/account/second-step", data={"code": phone.code})
    assert thief.get("/console").status_code == 302
    assert visitor.get("/console").status_code == 200


def test_the_password_waits_five_minutes_for_its_code(app, clock):
    phone, _ = sets_up(app, clock)
    visitor, _ = comes(app)
    clock.shift(timedelta(minutes=5, seconds=1))
    assert enters(visitor, phone.code).headers["Location"].startswith("/sign-in")
    assert visitor.get("/sign-in/code").headers["Location"] == "/sign-in?next="
    assert visitor.get("/console").status_code == 302


def test_who_was_signed_out_everywhere_gives_the_password_again(app, shop, clock):
    phone, _ = sets_up(app, clock)
    visitor, _ = comes(app)
    with shop.sessions.begin() as session:
        auth.sign_ins.end_all(session, user_id(shop, "liu"), by=None)
    assert enters(visitor, phone.code).headers["Location"].startswith("/sign-in")


def test_a_recovery_code_stands_in_once(app, shop, clock):
    _, codes = sets_up(app, clock)
    visitor, _ = comes(app)
    assert enters(visitor, f" {codes[3].upper()} ").status_code == 302
    assert "9 組" in words(visitor.get("/account/second-step"))
    assert enters(comes(app)[0], codes[3]).status_code == 401
    assert [entry.data["left"] for entry in told(shop, "user.recovery_code_used")] == [9]


def test_nobody_uses_a_colleagues_recovery_code(app, clock):
    _, codes = sets_up(app, clock)
    sets_up(app, clock, "boss")
    assert enters(comes(app, "boss")[0], codes[0]).status_code == 401


def test_its_owner_takes_it_off_with_the_password(app, clock):
    phone, _ = sets_up(app, clock)
    visitor, _ = comes(app)
    enters(visitor, phone.code)
    assert visitor.post("/account/second-step/off", data={"password": "a guess"}).status_code == 400
    assert visitor.post("/account/second-step/off", data={"password": PASSWORD}).headers["Location"] == "/account"
    assert comes(app)[1].headers["Location"] == "/console"


def test_a_lead_helps_who_lost_the_phone(app, shop, clock):
    phone, _ = sets_up(app, clock)
    liu, _ = comes(app)
    enters(liu, phone.code)
    lead, _ = comes(app, "boss")
    assert "移除兩步驟驗證" in words(lead.get("/console/people/keys"))
    told_so = lead.post("/console/people/keys/second-step", data={"username": "liu"}, follow_redirects=True)
    assert "劉思妤 的兩步驟驗證已移除" in words(told_so)
    assert liu.get("/console").status_code == 302
    assert comes(app)[1].headers["Location"] == "/console"
    (entry,) = told(shop, "user.second_step_removed")
    assert (entry.user_id, entry.data["member"]) == (user_id(shop, "boss"), user_id(shop, "liu"))


def test_an_operator_helps_the_last_admin(app, shop, clock):
    sets_up(app, clock)
    root = Root(lambda _: None, lambda _: None, lambda _: shop)
    helped = CliRunner().invoke(cli.main_group(root, user), ["user", "no-second-step", "liu"])
    assert helped.exit_code == 0, helped.output
    assert comes(app)[1].headers["Location"] == "/console"


@pytest.mark.parametrize("shop", ["supervisor, admin"], indirect=True)
def test_who_must_have_one_is_led_to_it_at_the_sign_in(app, shop):
    lead, _ = comes(app, "boss")
    assert lead.get("/console").headers["Location"].startswith("/account/second-step?next=/console")
    assert lead.post("/console/people/keys/password", data={"username": "liu"}).status_code == 401
    phone = Phone(lead.get("/account/second-step?next=/console"))
    done = lead.post("/account/second-step", data={"code": phone.code, "next": "/console"})
    assert 'href="/console"' in done.get_data(as_text=True)
    assert lead.get("/console").status_code == 200
    agent, _ = comes(app)
    assert agent.get("/console").status_code == 200


@pytest.mark.parametrize("shop", ["supervisors"], indirect=True)
def test_a_role_that_nobody_has_is_refused_at_the_start(shop):
    with pytest.raises(SettingsError, match="supervisors"):
        webhook_app.create_app(shop)


def test_secret_and_codes_lie_in_no_open_drawer(app, shop, clock):
    phone, codes = sets_up(app, clock)
    with shop.sessions() as session:
        sealed = session.scalars(select(SecondStep.secret)).one()
        digests = set(session.scalars(select(RecoveryCode.digest)))
    assert phone._app.secret not in sealed
    assert auth.keys.unseal(shop.settings, sealed) == phone._app.secret
    assert not digests & set(codes)


def test_with_another_secret_key_only_recovery_codes_open(app, shop, clock):
    phone, codes = sets_up(app, clock)
    (shop.settings.data / "secret_key").write_text("another key")
    again = webhook_app.create_app(shop)
    again.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    assert enters(comes(again)[0], phone.code).status_code == 401
    assert enters(comes(again)[0], codes[0]).status_code == 302
