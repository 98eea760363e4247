"""Signing in with the provider of the house, through real HTTP: who comes in, and who does not."""

from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from click.testing import CliRunner
from joserfc.jwk import RSAKey
from pydantic import ValidationError
from sqlalchemy import select
from structlog.testing import capture_logs

import webhook_app
from bot import auth, cli
from bot.cli.root import Root
from bot.cli.users import user
from bot.errors import FrontlineError, SettingsError
from bot.models import JournalEntry, SignIn, User
from bot.settings import Settings
from bot.transactions import transact
from tests import desk
from tests.console import PASSWORD, words
from tests.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.trouble import in_the_same_moment

LIU = {"sub": "1001", "email": "Liu@shop.example", "email_verified": True, "name": "劉思妤"}


@pytest.fixture
def provider():
    provider = Provider(person=dict(LIU)).start()
    yield provider
    provider.stop()


def set_up(provider, **more):
    return {
        "oidc_issuer": provider.url,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "public_url": "https://desk.shop.example",
        **more,
    }


@pytest.fixture
def shop(tmp_path, postgres, provider, request):
    with desk.shop(tmp_path, postgres, **set_up(provider, **getattr(request, "param", {}))) as shop:
        with shop.sessions.begin() as session:
            for username, role in (("liu", "agent"), ("root", "admin")):
                auth.create_user(session, username, username, role, PASSWORD)
            auth.provided.call(session, shop.settings, "liu", "liu@shop.example", by=None)
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def visitor(app):
    return app.test_client()


def leaves(visitor, **query):
    """To the provider's page, and the address that it leads back to."""
    there = visitor.get("/sign-in/provider", query_string=query).headers["Location"]
    return requests.get(there, allow_redirects=False, timeout=5).headers["Location"]


def comes(visitor, **query):
    back = leaves(visitor, **query)
    assert back.startswith("https://desk.shop.example/sign-in/provider/done?")
    return visitor.get(urlsplit(back).path, query_string=urlsplit(back).query)


def is_refused(visitor, answer):
    assert answer.headers["Location"] == "/sign-in"
    assert visitor.get("/console").status_code == 302
    return words(visitor.get("/sign-in"))


def rows(shop, table):
    with shop.sessions() as session:
        return session.scalars(select(table)).all()


def test_an_agent_comes_in_with_the_providers_word(shop, visitor):
    assert "用公司帳號登入" in words(visitor.get("/sign-in"))
    assert comes(visitor, next="/console?view=mine").headers["Location"] == "/console?view=mine"
    assert visitor.get("/console").status_code == 200
    (place,) = rows(shop, SignIn)
    assert place.way == "provider"
    assert [entry.data for entry in rows(shop, JournalEntry) if entry.kind == "user.signed_in"] == [{"way": "provider"}]


def test_there_is_no_button_and_no_way_where_no_provider_is_set_up(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        visitor = webhook_app.create_app(shop).test_client()
        assert "/sign-in/provider" not in visitor.get("/sign-in").get_data(as_text=True)
        assert visitor.get("/sign-in/provider").status_code == 404
        assert visitor.get("/sign-in/provider/done?code=1&state=2").status_code == 404


def test_nobody_is_led_to_another_site(visitor):
    assert comes(visitor, next="https://evil.example/").headers["Location"] == "/console"


def test_a_wrong_state_opens_nothing(visitor):
    back = urlsplit(leaves(visitor))
    code = parse_qs(back.query)["code"][0]
    answer = visitor.get(back.path, query_string={"code": code, "state": "made up"})
    assert "沒有登入成功" in is_refused(visitor, answer)


def test_a_link_that_somebody_else_began_opens_nothing(app, visitor):
    """Who is made to follow it would otherwise work in the attacker's account."""
    back = urlsplit(leaves(app.test_client()))
    is_refused(visitor, visitor.get(back.path, query_string=back.query))


def test_a_way_back_is_gone_once(visitor, app):
    back = urlsplit(leaves(visitor))
    assert visitor.get(back.path, query_string=back.query).headers["Location"] == "/console"
    visitor.post("/sign-out")
    is_refused(visitor, visitor.get(back.path, query_string=back.query))


def test_who_turns_back_at_the_provider_ten_times_still_comes_in(visitor):
    for _ in range(10):
        leaves(visitor)
    assert len(visitor.get_cookie("frontline").value) < 2_000
    assert comes(visitor).headers["Location"] == "/console"


@pytest.mark.parametrize(
    "forged",
    [
        {"nonce": "of another sign-in"},
        {"aud": "another program"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
    ],
)
def test_a_token_that_was_made_for_something_else_opens_nothing(visitor, provider, forged):
    provider.forged = forged
    assert "沒有登入成功" in is_refused(visitor, comes(visitor))


def test_a_token_that_the_provider_did_not_sign_opens_nothing(visitor, provider):
    comes(visitor)
    visitor.post("/sign-out")
    provider.key = RSAKey.generate_key(2048, {"kid": "1"})
    is_refused(visitor, comes(visitor))


def test_a_code_without_its_verifier_is_not_redeemed(visitor, provider):
    back = urlsplit(leaves(visitor))
    for asked in provider.codes.values():
        asked["code_challenge"] = "of another browser"
    is_refused(visitor, visitor.get(back.path, query_string=back.query))


@pytest.mark.parametrize("person", [LIU | {"email": "mei@shop.example"}, {"sub": "7"}, LIU | {"email_verified": False}])
def test_who_is_not_known_here_is_told_whom_to_ask(visitor, provider, person):
    provider.person = person
    assert "請找管理員開通" in is_refused(visitor, comes(visitor))


def test_who_left_stays_out_whatever_the_provider_says(shop, visitor):
    with shop.sessions.begin() as session:
        session.scalars(select(User).where(User.username == "liu")).one().active = False
    assert "請找管理員開通" in is_refused(visitor, comes(visitor))


def test_what_the_token_leaves_out_is_asked_for_but_only_of_the_same_person(visitor, provider):
    provider.person, provider.userinfo = {"sub": "1001"}, LIU | {"sub": "666"}
    is_refused(visitor, comes(visitor))
    provider.userinfo = LIU
    assert comes(visitor).headers["Location"] == "/console"


def test_a_provider_that_is_away_leaves_the_password(visitor, provider):
    provider.stop()
    answer = visitor.get("/sign-in/provider")
    assert "現在連不上" in is_refused(visitor, answer)
    assert visitor.post("/sign-in", data={"username": "liu", "password": PASSWORD}).headers["Location"] == "/console"


@pytest.mark.parametrize("shop", [{"oidc_roles": "leads=supervisor, support=agent"}], indirect=True)
def test_groups_bring_people_in_and_give_them_their_role(shop, visitor, provider):
    provider.person = {
        "sub": "7",
        "email": "mei@shop.example",
        "email_verified": True,
        "name": "陳美",
        "groups": ["support"],
    }
    assert comes(visitor).headers["Location"] == "/console"
    assert visitor.get("/console/people").status_code == 403
    provider.person["groups"] = ["support", "leads"]
    comes(visitor)
    assert visitor.get("/console/people").status_code == 200
    mei = next(person for person in rows(shop, User) if person.username == "mei@shop.example")
    assert (mei.name, mei.role) == ("陳美", "supervisor")
    changed = next(entry for entry in rows(shop, JournalEntry) if entry.kind == "user.changed")
    assert (changed.user_id, changed.data["member"]) == (None, mei.id), "nobody gives herself a role"
    visitor.post("/sign-out")
    provider.person["groups"] = ["warehouse"]
    is_refused(visitor, comes(visitor))


@pytest.mark.parametrize("shop", [{"oidc_roles": "support=agent"}], indirect=True)
@pytest.mark.parametrize("groups", ["non-supporters", 7, {"support": "no"}, [{"name": "support"}]])
def test_only_a_group_of_that_very_name_has_its_role(visitor, provider, groups):
    provider.person["groups"] = groups
    assert "請找管理員開通" in is_refused(visitor, comes(visitor))
    provider.person["groups"] = "support"
    assert comes(visitor).headers["Location"] == "/console"


@pytest.mark.parametrize("shop", [{"oidc_roles": "support=agent"}], indirect=True)
@pytest.mark.parametrize("left_out", ["groups", "email_verified"])
def test_groups_and_verified_addresses_may_stand_only_where_one_asks(visitor, provider, left_out):
    provider.userinfo = LIU | {"groups": ["support"]}
    provider.person = {name: value for name, value in provider.userinfo.items() if name != left_out}
    assert comes(visitor).headers["Location"] == "/console"


@pytest.mark.parametrize("shop", [{"password_for": "root"}], indirect=True)
def test_where_passwords_are_switched_off_one_way_is_left_for_an_emergency(app, visitor):
    refused = visitor.post("/sign-in", data={"username": "liu", "password": PASSWORD})
    assert (refused.status_code, "請用公司帳號登入" in words(refused)) == (403, True)
    assert visitor.get("/console").status_code == 302
    emergency = app.test_client().post("/sign-in", data={"username": "root", "password": PASSWORD})
    assert emergency.headers["Location"] == "/console"
    assert comes(visitor).headers["Location"] == "/console"
    assert "更換密碼" not in words(visitor.get("/account"))


@pytest.mark.parametrize("shop", [{"second_step_roles": "agent"}], indirect=True)
def test_the_second_step_of_who_comes_by_the_provider_is_the_providers(app, visitor):
    comes(visitor)
    assert visitor.get("/console").status_code == 200
    by_password = app.test_client()
    by_password.post("/sign-in", data={"username": "liu", "password": PASSWORD})
    assert by_password.get("/console").headers["Location"].startswith("/account/second-step")


def test_the_log_tells_why_without_telling_who(visitor, provider):
    provider.person = LIU | {"email": "mei@shop.example"}
    with capture_logs() as lines:
        comes(visitor)
        provider.forged = {"nonce": "of another sign-in"}
        comes(visitor)
    assert [line["event"] for line in lines] == ["sign_in.not_ours", "sign_in.provider_failed"]
    assert "mei" not in str(lines)


def operator(shop, *words):
    root = Root(lambda _: None, lambda _: None, lambda _: shop)
    return CliRunner().invoke(cli.main_group(root, user), ["user", "provider", *words])


def test_an_operator_says_who_is_who(shop, visitor, provider):
    assert operator(shop, "root", "liu@shop.example").exit_code == 1
    assert operator(shop, "liu", "").exit_code == 0
    is_refused(visitor, comes(visitor))
    assert operator(shop, "root", "Liu@Shop.example").exit_code == 0
    assert comes(visitor).headers["Location"] == "/console"


@pytest.mark.parametrize("shop", [{"oidc_claim": "sub"}], indirect=True)
def test_a_number_at_the_provider_is_another_with_other_letters(shop, visitor, provider):
    """Only addresses are the same in capitals: two people may have the numbers aB1 and Ab1."""
    assert operator(shop, "liu", "aB1").exit_code == operator(shop, "root", "Ab1").exit_code == 0
    provider.person["sub"] = "AB1"
    is_refused(visitor, comes(visitor))
    provider.person["sub"] = "aB1"
    assert comes(visitor).headers["Location"] == "/console"
    assert rows(shop, SignIn)[0].user_id == next(user.id for user in rows(shop, User) if user.username == "liu")


def test_an_admin_says_so_on_the_page_of_sign_in_help(app, visitor):
    admin = app.test_client()
    admin.post("/sign-in", data={"username": "root", "password": PASSWORD})
    assert 'value="liu@shop.example"' in admin.get("/console/people/keys").get_data(as_text=True)
    changed = {"username": "liu", "name": "s.liu@shop.example"}
    assert "已儲存" in words(admin.post("/console/people/keys/provider", data=changed, follow_redirects=True))
    is_refused(visitor, comes(visitor))


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"oidc_client_secret": ""}, "OIDC_CLIENT_SECRET"),
        ({"public_url": ""}, "PUBLIC_URL"),
        ({"oidc_issuer": "", "password_for": "root"}, "PASSWORD_FOR"),
        ({"oidc_issuer": "http://id.example"}, "https"),
        ({"oidc_roles": "support"}, "support=agent"),
    ],
)
def test_half_a_provider_is_refused_at_the_start(choices, named):
    whole = {
        "oidc_issuer": "https://id.example",
        "oidc_client_id": "a",
        "oidc_client_secret": "b",
        "public_url": "https://desk.example",
    }
    with pytest.raises(ValidationError, match=named):
        Settings(**whole | choices)


@pytest.mark.parametrize("shop", [{"oidc_roles": "support=agents"}], indirect=True)
def test_a_group_with_a_role_that_nobody_has_is_refused_at_the_start(shop):
    with pytest.raises(SettingsError, match="agents"):
        webhook_app.create_app(shop)


def test_of_two_who_are_given_one_name_at_the_same_moment_one_gets_it(shop, postgres):
    if not postgres:
        pytest.skip("SQLite has one writer at a time")
    with shop.sessions.begin() as session:
        auth.create_user(session, "wang", "wang", "agent", PASSWORD)

    def call(username):
        name = partial(auth.provided.call, settings=shop.settings, username=username, name="wu@shop.example", by=None)
        transact(shop.sessions, name)

    def too_late():
        with pytest.raises(FrontlineError, match="somebody else's name"):
            call("wang")

    in_the_same_moment(shop, partial(call, "root"), too_late)
    with shop.sessions() as session:
        named = select(User.username).where(User.provider_name == "wu@shop.example")
        assert session.scalars(named).all() == ["root"]
