"""Coming in: who may, who may not, and what they are told."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

import webhook_app
from bot import auth, web
from bot.auth import allow
from bot.clock import now
from bot.errors import Refused
from bot.models import SignIn, User, WrongPassword
from bot.settings import Settings
from tests import desk

PASSWORD = "correct horse"


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            auth.load_demo_users(session)
            auth.create_user(session, "liu", "劉思妤", "agent", PASSWORD)
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config["TESTING"] = True
    return app


@pytest.fixture
def visitor(app):
    return app.test_client()


def token(visitor):
    page = visitor.get("/sign-in").get_data(as_text=True)
    return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)


def sign_in(visitor, username="liu", password=PASSWORD, **more):
    form = {"csrf_token": token(visitor), "username": username, "password": password, **more}
    return visitor.post("/sign-in", data=form)


def test_an_agent_signs_in_and_lands_on_the_console(visitor):
    answer = sign_in(visitor)
    assert answer.headers["Location"] == "/console"
    assert visitor.get("/console").status_code == 200


def test_an_agent_gets_to_the_page_that_was_asked_for(visitor):
    asked = visitor.get("/console/cases/CS-261121-0001?view=mine")
    assert asked.headers["Location"].startswith("/sign-in?next=/console/cases/CS-261121-0001")
    assert sign_in(visitor, next="/console?view=new").headers["Location"] == "/console?view=new"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_to_another_site_by_signing_in(visitor, elsewhere):
    assert sign_in(visitor, next=elsewhere).headers["Location"] == "/console"


def test_a_wrong_password_says_how_many_tries_are_left(visitor):
    answer = sign_in(visitor, password="wrong")
    assert answer.status_code == 401
    assert "帳號或密碼不對。再錯 4 次，要等 15 分鐘才能再試。" in answer.get_data(as_text=True)


def test_an_unknown_name_looks_like_a_wrong_password(visitor):
    assert "帳號或密碼不對。再錯 4 次，要等 15 分鐘才能再試。" in sign_in(visitor, "nobody").get_data(as_text=True)


@pytest.mark.parametrize("username", ["liu", "nobody"])
def test_after_five_wrong_passwords_a_name_is_refused_from_here_whether_it_exists_or_not(visitor, username):
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            refused = sign_in(visitor, username, "wrong")
        assert "前不能從這裡登入這個帳號" in refused.get_data(as_text=True)
        assert "前不能從這裡登入這個帳號" in sign_in(visitor, username).get_data(as_text=True)
        clock.shift(timedelta(minutes=15, seconds=1))
        assert "再錯 4 次" in sign_in(visitor, username, "wrong").get_data(as_text=True)


def test_who_guesses_elsewhere_does_not_keep_the_agent_out(visitor, app):
    stranger = app.test_client()
    form = {"username": "liu", "password": "wrong"}
    for _ in range(9):
        stranger.post(
            "/sign-in", data={"csrf_token": token(stranger), **form}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
        )
    assert sign_in(visitor).status_code == 302


def test_a_name_is_refused_also_with_the_right_password_and_then_let_in(visitor):
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            sign_in(visitor, password="wrong")
        assert sign_in(visitor).status_code == 401
        clock.shift(timedelta(minutes=15, seconds=1))
        assert sign_in(visitor).status_code == 302


def five_wrong_ones(shop, key):
    with shop.sessions.begin() as session:
        for _ in range(auth.throttle.TRIES):
            auth.throttle.count(session, key)


@pytest.mark.parametrize("password", ["a guess", PASSWORD])
def test_a_guess_that_was_under_way_does_not_undo_the_rest(visitor, shop, monkeypatch, password):
    key, matches = auth.throttle.key("liu", "127.0.0.1"), auth.passwords.matches

    def beside_others(known, given):
        five_wrong_ones(shop, key)
        return matches(known, given)

    with monkeypatch.context() as slow:
        slow.setattr(auth.passwords, "matches", beside_others)
        assert sign_in(visitor, password=password).status_code == 401
    assert sign_in(visitor).status_code == 401
    with shop.sessions() as session:
        kept = session.get_one(WrongPassword, key)
    assert (kept.failures, kept.blocked_until > now()) == (auth.throttle.TRIES, True)


def test_a_wrong_name_is_not_stored_since_it_may_be_a_password(visitor, shop):
    sign_in(visitor, "correct horse battery", "wrong")
    with shop.sessions() as session:
        (failed,) = session.query(WrongPassword).all()
        assert "horse" not in failed.key


def test_a_lost_phone_is_signed_out_from_the_desk(visitor, app):
    phone = app.test_client()
    sign_in(phone)
    sign_in(visitor)
    page = visitor.get("/account").get_data(as_text=True)
    assert page.count("werkzeug") + page.count("Werkzeug") == 2
    key = re.search(r'name="key" value="([^"]+)"', page).group(1)
    visitor.post("/account/sign-out", data={"csrf_token": token_of_home(visitor), "key": key})
    assert phone.get("/console").status_code == 302
    assert visitor.get("/console").status_code == 200


def test_nobody_signs_somebody_else_out(visitor, app, shop):
    phone = app.test_client()
    sign_in(phone, "lin", auth.DEMO_PASSWORD)
    sign_in(visitor)
    with shop.sessions() as session:
        key = session.query(SignIn).join(User, User.id == SignIn.user_id).filter(User.username == "lin").one().key
    visitor.post("/account/sign-out", data={"csrf_token": token_of_home(visitor), "key": key})
    assert phone.get("/console").status_code == 200


def test_signing_out_everywhere_leaves_nobody_in(visitor, app):
    others = [app.test_client() for _ in range(2)]
    for browser in (visitor, *others):
        sign_in(browser)
    visitor.post("/account/sign-out-everywhere", data={"csrf_token": token_of_home(visitor)})
    assert [browser.get("/console").status_code for browser in (visitor, *others)] == [302, 302, 302]


def test_a_copied_cookie_is_worth_nothing_after_signing_out(visitor, app):
    sign_in(visitor)
    cookie = visitor.get_cookie("frontline").value
    visitor.post("/sign-out", data={"csrf_token": token_of_home(visitor)})
    thief = app.test_client()
    thief.set_cookie("frontline", cookie)
    assert thief.get("/console").status_code == 302


def test_a_right_password_forgets_the_wrong_ones(visitor):
    for _ in range(4):
        sign_in(visitor, password="wrong")
    sign_in(visitor)
    visitor.post("/sign-out", data={"csrf_token": token_of_home(visitor)})
    assert "再錯 4 次" in sign_in(visitor, password="wrong").get_data(as_text=True)


def token_of_home(visitor):
    page = visitor.get("/console").get_data(as_text=True)
    return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)


def test_a_session_ends_after_eight_hours(visitor):
    with time_machine.travel(now(), tick=False) as clock:
        sign_in(visitor)
        clock.shift(timedelta(hours=7, minutes=59))
        assert visitor.get("/console").status_code == 200
        clock.shift(timedelta(minutes=2))
        assert visitor.get("/console").headers["Location"].startswith("/sign-in")


def test_a_page_that_was_open_before_the_sign_in_can_still_post(visitor):
    beside = token(visitor)
    sign_in(visitor)
    answer = visitor.post("/theme", data={"csrf_token": beside, "theme": "dark"})
    assert answer.status_code == 302


def test_signing_out_ends_the_session(visitor):
    sign_in(visitor)
    visitor.post("/sign-out", data={"csrf_token": token_of_home(visitor)})
    assert visitor.get("/console").status_code == 302


def test_somebody_who_left_is_out_at_once(visitor, shop):
    sign_in(visitor)
    with shop.sessions.begin() as session:
        session.query(User).filter_by(username="liu").one().active = False
    assert visitor.get("/console").status_code == 302


def test_a_form_from_another_site_is_refused(visitor):
    answer = visitor.post("/sign-in", data={"username": "liu", "password": PASSWORD})
    assert answer.status_code == 400
    assert "這個頁面放太久了" in answer.get_data(as_text=True)


@pytest.mark.parametrize("username", ["hsu", "ho"])
def test_editors_and_reviewers_are_told_whom_to_ask_for_the_console(visitor, username):
    sign_in(visitor, username, auth.DEMO_PASSWORD)
    refused = visitor.get("/console")
    assert refused.status_code == 403
    assert "請管理員幫你加上角色" in refused.get_data(as_text=True)


def test_the_demo_needs_one_click(visitor):
    answer = visitor.post("/sign-in/demo", data={"csrf_token": token(visitor), "username": "wang"})
    assert answer.headers["Location"] == "/console"


def test_there_is_no_demo_sign_in_where_the_shop_is_real(tmp_path, postgres):
    real = {"line_channel_secret": "s", "line_channel_access_token": "t", "secret_key": "k"}
    with desk.shop(tmp_path, postgres, **real) as shop:
        with shop.sessions.begin() as session:
            auth.load_demo_users(session)
        visitor = webhook_app.create_app(shop).test_client()
        assert "示範帳號" not in visitor.get("/sign-in").get_data(as_text=True)
        answer = visitor.post("/sign-in/demo", data={"csrf_token": token(visitor), "username": "wang"})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "elsewhere", [{"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}, {"headers": {"Host": "rebound.example"}}]
)
def test_the_demo_opens_itself_to_this_machine_only(visitor, elsewhere):
    assert "王志豪" in visitor.get("/sign-in").get_data(as_text=True)
    page = visitor.get("/sign-in", **elsewhere).get_data(as_text=True)
    assert "王志豪" not in page
    form = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page).group(1), "username": "wang"}
    assert visitor.post("/sign-in/demo", data=form, **elsewhere).status_code == 404


def test_nobody_stays_or_comes_with_the_published_password_once_the_shop_is_real(settings, current):
    visitor = webhook_app.create_app(current).test_client()
    with current.sessions.begin() as session:
        auth.create_user(session, "liu", "劉思妤", "agent", PASSWORD)
    sign_in(visitor, "admin", auth.DEMO_PASSWORD)
    assert visitor.get("/console").status_code == 200
    webhook_app.prepare(settings)
    assert visitor.get("/console").status_code == 302
    for person in auth.DEMO_USERS:
        assert sign_in(visitor, person.username, auth.DEMO_PASSWORD).status_code == 401
    assert sign_in(visitor).status_code == 302


def test_a_demo_person_with_a_password_of_their_own_stays(shop):
    with shop.sessions.begin() as session:
        lin = session.query(User).filter_by(username="lin").one()
        lin.password_hash = auth.passwords.kept(PASSWORD)
        auth.retire_demo_users(session)
        assert [user.username for user in session.query(User).filter_by(active=True).order_by(User.username)] == [
            "lin",
            "liu",
        ]


def test_a_folder_that_becomes_a_demo_again_has_its_people_back(shop, visitor):
    with shop.sessions.begin() as session:
        auth.retire_demo_users(session)
    form = {"csrf_token": token(visitor), "username": "wang"}
    assert visitor.post("/sign-in/demo", data=form).status_code == 404
    with shop.sessions.begin() as session:
        auth.load_demo_users(session)
    assert visitor.post("/sign-in/demo", data=form).headers["Location"] == "/console"


def test_the_published_password_is_refused_for_a_new_member(shop):
    with shop.sessions.begin() as session, pytest.raises(Refused, match="示範用的"):
        auth.create_user(session, "mei", "陳美", "agent", auth.DEMO_PASSWORD)


def test_a_real_shop_must_name_its_secret_key(tmp_path):
    real = Settings(frontline_data=tmp_path, line_channel_secret="s", line_channel_access_token="t", secret_key="")
    with pytest.raises(Exception, match="SECRET_KEY"):
        auth.keys.secret_key(real)


def test_the_processes_of_a_demo_share_one_key(tmp_path):
    settings = Settings(frontline_data=tmp_path, secret_key="")
    assert auth.keys.secret_key(settings) == auth.keys.secret_key(settings)
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_route_that_declares_nothing_is_open_to_nobody(shop):
    app = webhook_app.create_app(shop)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    visitor = app.test_client()
    assert visitor.get("/forgotten").status_code == 403
    sign_in(visitor, "admin", auth.DEMO_PASSWORD)
    assert visitor.get("/forgotten").status_code == 403


def test_every_route_declares_who_may_use_it(app):
    silent = [endpoint for endpoint, access in auth.declared(app).items() if not access]
    assert silent == []


def test_a_role_that_does_not_exist_cannot_be_declared():
    with pytest.raises(ValueError, match="boss"):
        allow("boss")


def test_pages_run_no_script_but_their_own_and_fit_in_no_frame(visitor):
    headers = visitor.get("/sign-in").headers
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_the_stream_on_a_port_of_its_own_may_be_read(app, tmp_path):
    settings = Settings(frontline_data=tmp_path, stream_url="http://127.0.0.1:8001")
    with app.test_request_context(base_url="http://127.0.0.1:8000"):
        assert "connect-src 'self' http://127.0.0.1:8001;" in web.security.content_policy(settings)


def test_an_english_reader_switches_the_language(visitor):
    visitor.post("/language", data={"csrf_token": token(visitor), "language": "en", "next": "/sign-in"})
    page = visitor.get("/sign-in").get_data(as_text=True)
    assert '<html lang="en"' in page
    assert "Sign in" in page


def test_who_switches_the_language_while_signed_in_is_written_to_in_it(visitor, shop):
    sign_in(visitor)
    page = visitor.get("/account").get_data(as_text=True)
    assert '<option value="zh-TW" lang="zh-TW" selected>' in page
    given = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page).group(1), "next": "/account"}
    assert visitor.post("/language", data={**given, "language": "en"}).location == "/account"
    page = visitor.get("/account").get_data(as_text=True)
    assert '<option value="en" lang="en" selected>' in page
    assert "letters and pushes to you, are in this language" in page
    assert visitor.post("/language", data={**given, "language": "tlh"}).status_code == 400
    with shop.sessions() as session:
        assert session.scalars(select(User.language).where(User.username == "liu")).one() == "en"


def test_a_browser_that_prefers_taiwan_gets_traditional_chinese(visitor):
    page = visitor.get("/sign-in", headers={"Accept-Language": "zh-TW,en;q=0.8"}).get_data(as_text=True)
    assert '<html lang="zh-Hant-TW"' in page


def test_the_theme_chosen_by_hand_is_drawn_by_the_server(visitor):
    visitor.post("/theme", data={"csrf_token": token(visitor), "theme": "dark", "next": "/sign-in"})
    assert 'data-bs-theme="dark"' in visitor.get("/sign-in").get_data(as_text=True)


def test_a_page_that_does_not_exist_says_so_in_the_house_look(visitor):
    answer = visitor.get("/nothing-here")
    assert answer.status_code == 404
    assert "找不到這一頁" in answer.get_data(as_text=True)
