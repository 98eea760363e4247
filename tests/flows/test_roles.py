"""Every route and every persona: who is let in, and who is refused, on page, fragment and stream alike."""

import pytest

import webhook_app
from bot import auth
from bot.auth.access import ANONYMOUS, MACHINE, PUBLIC
from handoff.stream import process
from tests import desk, teaching

PASSWORD = "correct horse"
DESK = {"agent", "specialist", "supervisor", "admin"}
LEADS = {"supervisor", "admin"}
EVERYBODY = {*auth.ROLES}
HELPS = DESK | {"helper"}
INVITED = HELPS | {"department"}
TOLD = INVITED | {"editor", "reviewer"}
CASE = "/console/cases/<number>"
WHO = {
    "/console": INVITED,
    "/console/list": INVITED,
    CASE: INVITED,
    f"{CASE}/claim": HELPS,
    f"{CASE}/propose": HELPS,
    f"{CASE}/pass-on": HELPS,
    "/console/presence": HELPS,
    f"{CASE}/grade": DESK,
    f"{CASE}/attachments": INVITED,
    f"{CASE}/note": INVITED,
    f"{CASE}/history": INVITED,
    f"{CASE}/whisper": DESK - {"agent"},
    f"{CASE}/company": INVITED,
    f"{CASE}/earlier": INVITED,
    f"{CASE}/reply": INVITED,
    f"{CASE}/templates": INVITED,
    f"{CASE}/colleagues": INVITED,
    f"{CASE}/knowledge": INVITED,
    f"{CASE}/walk": INVITED,
    f"{CASE}/orders": INVITED,
    f"{CASE}/department/accept": INVITED,
    f"{CASE}/department/done": INVITED,
    "/api/v1/stream": INVITED,
    "/content/releases/<int:release_id>/activate": {"reviewer", "supervisor", "admin"},
    "/console/people/keys/provider": {"admin"},
    "/content/menus/<state>/publish": {"reviewer", "supervisor", "admin"},
    "/content/menus/<state>/withdraw": {"reviewer", "supervisor", "admin"},
    "/content/matrix/publish": {"reviewer", "supervisor", "admin"},
    "/content/matrix/restore": {"reviewer", "supervisor", "admin"},
    "/content/intents/take-all-back": {"reviewer", "supervisor", "admin"},
    "/content/articles/<int:article_id>/decide": {"reviewer", "supervisor", "admin"},
}
PARTS = {
    "/account": EVERYBODY,
    "/content/templates/files/": TOLD,
    "/content": {"editor", "reviewer", "supervisor", "admin"},
    "/console/people/users": {"admin"},
    "/console/people": LEADS,
    "/console/sla": LEADS,
    "/console/audit": LEADS,
    "/console/trouble": LEADS,
    "/console/settings/channels": {"admin"},
    "/console/settings/programs": {"admin"},
    "/console/settings": LEADS,
    "/board": LEADS,
    "/marketing": {"marketing", "supervisor", "admin"},
    "/console/notices": TOLD,
    "/console/": DESK,
}
"""Who may: by the very route, else by the first beginning that fits. A new part of the house is added here by hand."""


@pytest.fixture
def shop(tmp_path, postgres):
    with teaching.little_to_learn(tmp_path), desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            for role in auth.ROLES:
                auth.create_user(session, role, role, role, PASSWORD)
        yield shop


@pytest.fixture
def apps(shop):
    made = webhook_app.create_app(shop), process.create_app(shop)
    for app in made:
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return made


def routes(app):
    """Every route of the app that asks who comes: its rule, a method it takes, and an address of it."""
    declared = auth.declared(app)
    for rule in app.url_map.iter_rules():
        if declared[rule.endpoint] not in (PUBLIC, MACHINE, ANONYMOUS):
            adapter, values = app.url_map.bind("localhost"), dict.fromkeys(rule.arguments, 1)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.rule, method, adapter.build(rule.endpoint, values, method=method)


def expected(rule):
    return WHO.get(rule) or next((roles for start, roles in PARTS.items() if rule.startswith(start)), None)


def let_in(app, role, method, address, **headers):
    """Whether somebody of this role gets past the gate; what lies behind it may still find nothing there."""
    visitor = app.test_client()
    if role:
        visitor.set_cookie("frontline", app.extensions["cookies"][role])
    with visitor.open(address, method=method, headers=headers) as answer:
        assert answer.status_code < 500, (method, address)
        return answer.status_code not in (401, 403) and "/sign-in" not in answer.headers.get("Location", "")


@pytest.fixture
def cookies(apps):
    """A signed-in browser of every role; both processes know its cookie."""
    found = {}
    for role in auth.ROLES:
        visitor = apps[0].test_client()
        visitor.post("/sign-in", data={"username": role, "password": PASSWORD})
        found[role] = visitor.get_cookie("frontline").value
    for app in apps:
        app.extensions["cookies"] = found
    return found


def test_every_guarded_route_is_in_the_table(apps):
    assert [rule for app in apps for rule, *_ in routes(app) if expected(rule) is None] == []


@pytest.mark.parametrize("role", auth.ROLES)
def test_a_persona_gets_in_where_the_table_says_and_nowhere_else(apps, cookies, role):
    for app in apps:
        for rule, method, address in routes(app):
            if rule.startswith("/account/") and method == "POST":
                continue  # signs the persona out, or asks for the password: told in the stories of signing in
            for headers in ({}, {"HX-Request": "true"}) if method == "GET" else ({},):
                assert let_in(app, role, method, address, **headers) is (role in expected(rule)), (method, rule)


def test_a_stranger_gets_in_nowhere(apps, cookies):
    for app in apps:
        for _, method, address in routes(app):
            for headers in ({}, {"HX-Request": "true"}):
                assert let_in(app, None, method, address, **headers) is False, (method, address)


def test_who_left_gets_in_nowhere(apps, cookies, shop):
    with shop.sessions.begin() as session:
        for user in session.query(auth.accounts.User):
            user.active = False
    for app in apps:
        for _, method, address in routes(app):
            assert let_in(app, "admin", method, address) is False, (method, address)


def test_what_a_route_declares_is_a_row_of_the_one_table(apps):
    rows = {frozenset(roles) for roles in auth.permissions.TABLE.values()} | {PUBLIC, MACHINE, ANONYMOUS}
    assert [e for app in apps for e, access in auth.declared(app).items() if access not in rows] == []


@pytest.mark.parametrize("permission", auth.permissions.TABLE)
def test_every_permission_but_that_of_the_own_account_is_refused_to_somebody(permission):
    assert (auth.roles(permission) < EVERYBODY) is (permission != "self")
