"""Passwords: changed by their owner, given out once by who leads, and never weaker than they look."""

import re

import pytest
import time_machine
from argon2 import Type, extract_parameters
from click.testing import CliRunner
from sqlalchemy import select

import webhook_app
from bot import auth, cli
from bot.cli.root import Root
from bot.cli.users import user
from bot.clock import now
from bot.models import JournalEntry, User
from handoff.stream import process
from tests import desk
from tests.console import PASSWORD, signed_in, user_id, words

NEW = "rice cooker on the balcony"


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def liu(app, shop):
    return signed_in(app, shop, "liu", "agent")


@pytest.fixture
def lead(app, shop):
    return signed_in(app, shop, "boss", "supervisor")


def sign_in(app, username, password):
    visitor = app.test_client()
    return visitor, visitor.post("/sign-in", data={"username": username, "password": password})


def changes(visitor, current=PASSWORD, new=NEW, **more):
    return visitor.post("/account/password", data={"current": current, "new": new, **more})


def told(shop, kind):
    with shop.sessions() as session:
        return session.scalars(select(JournalEntry).where(JournalEntry.kind == kind)).all()


def one_time(answer):
    return re.search(r'<code class="one-time mono">([^<]+)<', answer.get_data(as_text=True))[1]


def test_an_agent_changes_her_password_and_is_signed_out_elsewhere(app, shop, liu):
    phone, _ = sign_in(app, "liu", PASSWORD)
    assert changes(liu).headers["Location"] == "/account"
    assert liu.get("/console").status_code == 200
    assert phone.get("/console").status_code == 302
    assert sign_in(app, "liu", PASSWORD)[1].status_code == 401
    assert sign_in(app, "liu", NEW)[1].headers["Location"] == "/console"
    assert [entry.user_id for entry in told(shop, "user.password_changed")] == [user_id(shop, "liu")]


def test_who_finds_an_open_screen_does_not_change_its_password(app, liu):
    refused = changes(liu, current="a guess")
    assert (refused.status_code, "再錯 4 次" in words(refused)) == (400, True)
    for _ in range(4):
        refused = changes(liu, current="a guess")
    assert "後再試" in words(refused)
    assert changes(liu).status_code == 400
    assert sign_in(app, "liu", NEW)[1].status_code == 401


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("short", "至少 8 個字"),
        ("password1", "太容易猜到"),
        ("liu12345", "太容易猜到"),
        ("x" * 201, "最多 200 個字"),
        (auth.DEMO_PASSWORD, "大家都知道"),
        (PASSWORD, "跟現在的一樣"),
    ],
)
def test_a_weak_password_is_refused_with_the_mend(app, liu, new, why):
    refused = changes(liu, new=new)
    assert refused.status_code == 400
    assert why in words(refused)
    assert sign_in(app, "liu", PASSWORD)[1].status_code == 302


def test_a_lead_gives_a_one_time_password_and_its_owner_chooses_another(app, shop, liu, lead):
    given = one_time(lead.post("/console/people/keys/password", data={"username": "liu"}))
    assert given not in lead.get("/console/people/keys").get_data(as_text=True)
    assert liu.get("/console").status_code == 302
    assert sign_in(app, "liu", PASSWORD)[1].status_code == 401

    visitor, _ = sign_in(app, "liu", given)
    assert visitor.get("/console?view=mine").headers["Location"] == "/account/password?next=/console?view%3Dmine"
    assert "一次性密碼" in words(visitor.get("/account/password"))
    assert changes(visitor, current=given, next="/console?view=mine").headers["Location"] == "/console?view=mine"
    assert visitor.get("/console").status_code == 200
    (entry,) = told(shop, "user.password_reset")
    assert (entry.user_id, entry.data["member"]) == (user_id(shop, "boss"), user_id(shop, "liu"))


def test_with_a_one_time_password_nothing_else_opens(app, shop, liu, lead):
    given = one_time(lead.post("/console/people/keys/password", data={"username": "liu"}))
    visitor, _ = sign_in(app, "liu", given)
    assert visitor.get("/console/list", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/account/password"
    assert visitor.post("/console/presence", data={"away": "on"}).status_code == 401
    stream = process.create_app(shop).test_client()
    stream.set_cookie("frontline", visitor.get_cookie("frontline").value)
    assert stream.get("/api/v1/stream").status_code == 401


def test_a_one_time_password_is_good_for_a_day(app, liu, lead):
    given = one_time(lead.post("/console/people/keys/password", data={"username": "liu"}))
    with time_machine.travel(now() + auth.passwords.ONE_TIME_LASTS, tick=False) as clock:
        clock.shift(1)
        assert sign_in(app, "liu", given)[1].status_code == 401


@pytest.mark.parametrize("whom", ["root", "boss", "api"])
def test_a_lead_gives_none_to_who_may_more_nor_to_herself_nor_to_programs(app, shop, lead, whom):
    with shop.sessions.begin() as session:
        auth.create_user(session, "root", "系統管理", "admin", PASSWORD)
        auth.create_user(session, "api", "a program", "agent", PASSWORD).password_hash = auth.passwords.NOBODY
    assert lead.post("/console/people/keys/password", data={"username": whom}).status_code == 404
    assert told(shop, "user.password_reset") == []


def operator(shop, *arguments, given=None):
    root = Root(lambda _: None, lambda _: None, lambda _: shop)
    return CliRunner().invoke(cli.main_group(root, user), ["user", "password", *arguments], input=given)


def test_an_operator_lets_somebody_in_again(app, shop, liu):
    printed = operator(shop, "liu")
    assert printed.exit_code == 0, printed.output
    assert liu.get("/console").status_code == 302
    visitor, answer = sign_in(app, "liu", printed.stdout.strip())
    assert answer.status_code == 302
    assert visitor.get("/console").headers["Location"].startswith("/account/password")


def test_an_operator_hands_a_password_in_without_its_being_shown(app, shop, liu, caplog):
    set_ = operator(shop, "liu", "--stdin", given=f"{NEW}\n")
    assert set_.exit_code == 0, set_.output
    assert NEW not in set_.output + caplog.text
    assert sign_in(app, "liu", NEW)[1].status_code == 302


@pytest.mark.parametrize(
    ("username", "given", "said"), [("nobody", NEW, "nobody is called"), ("liu", "12345678", "太容易猜到")]
)
def test_an_operators_mistake_is_one_line(shop, liu, username, given, said):
    refused = operator(shop, username, "--stdin", given=given)
    assert refused.exit_code == 1
    assert said in refused.output
    assert liu.get("/console").status_code == 200


def test_no_password_is_kept_as_it_was_typed(shop, liu):
    changes(liu)
    with shop.sessions() as session:
        kept = session.scalars(select(User.password_hash).where(User.username == "liu")).one()
        journal = [entry.data for entry in session.scalars(select(JournalEntry))]
    assert kept.startswith("$argon2id$")
    assert NEW not in str(journal)


def test_a_guess_costs_what_it_should_and_for_a_name_that_nobody_has_as_much(hashing_in_earnest):
    known, unknown = (extract_parameters(kept) for kept in (hashing_in_earnest.hash(NEW), auth.passwords.NOBODY))
    assert known == unknown
    assert (known.type, known.memory_cost >= 19 * 1024, known.time_cost >= 2) == (Type.ID, True, True)
