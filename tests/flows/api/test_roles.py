"""Every route of the API and every role of a token: who is let in, and who is refused."""

import pytest

import webhook_app
from bot import auth
from tests import desk
from tests.programs import Program, hired

DESK = {"agent", "specialist", "supervisor", "admin"}
LEADS = {"supervisor", "admin"}
HOUSE = {"admin"}
HELPS = DESK | {"helper"}
INVITED = HELPS | {"department"}
EVERYBODY = {*auth.ROLES}
CASE = "/tickets/<number>"
REPEATABLE = {
    "POST /sla/preview",  # changes nothing
    f"POST {CASE}/attachments",  # a file that no reply names is removed within a day
}
WHO = {
    "GET /me": EVERYBODY,
    "GET /tickets": INVITED,
    f"GET {CASE}": INVITED,
    f"GET {CASE}/messages": INVITED,
    f"GET {CASE}/promises": INVITED,
    f"GET {CASE}/complaint": INVITED,
    f"GET {CASE}/notices": INVITED,
    f"GET {CASE}/department": INVITED,
    f"GET {CASE}/history": INVITED,
    f"POST {CASE}/claim": HELPS,
    f"POST {CASE}/propose": HELPS,
    f"POST {CASE}/transfer": HELPS,
    f"POST {CASE}/grade": DESK,
    f"POST {CASE}/whispers": DESK - {"agent"},
    f"POST {CASE}/note": INVITED,
    f"POST {CASE}/reply": INVITED,
    f"POST {CASE}/attachments": INVITED,
    f"POST {CASE}/department/accept": INVITED,
    f"POST {CASE}/department/done": INVITED,
    "GET /search/cases": INVITED,
    "GET /search/messages": INVITED,
    "GET /users": DESK,
    "GET /teams": DESK,
}
PARTS = {
    "GET /users/": LEADS,
    "PUT /users/<username>/shifts": LEADS,
    "POST /users/<username>/leave": LEADS,
    "PUT /users/<username>/leave": LEADS,
    "DELETE /users/<username>/leave": LEADS,
    "PUT /users": HOUSE,
    "POST /users": HOUSE,
    "PUT /teams/<key>/members": LEADS,
    "PUT /teams": HOUSE,
    "POST /teams/<key>/help": LEADS,
    "GET /teams/": LEADS,
    "DELETE /teams/": LEADS,
    "PATCH /contacts": {"specialist", "supervisor", "admin"},
    "PUT /me/presence": HELPS,
    "GET /search": DESK,
    "POST /calls": DESK,
    "GET /promises": DESK,
    "GET /proposals": DESK,
    **{f"{method} {part}": DESK for method in ("GET", "POST", "PUT") for part in ("/tickets", "/co", "/messages")},
    **{f"{method} /sla": LEADS for method in ("GET", "POST")},
    "GET /calendars": LEADS,
    "GET /board": LEADS,
    "GET /audit": LEADS,
    "GET /notices": LEADS,
    "GET /undelivered": LEADS,
    **{f"{method} /marketing": {"marketing", "supervisor", "admin"} for method in ("GET", "POST")},
    **{f"{method} /webhooks": HOUSE for method in ("GET", "POST", "DELETE")},
}
"""Who may: by the very route, else by the first beginning that fits. A new route is added here by hand."""


@pytest.fixture(scope="module")
def app(tmp_path_factory, postgres):
    with desk.shop(tmp_path_factory.mktemp("roles"), postgres) as shop:
        app = webhook_app.create_app(shop)
        app.config.update(TESTING=True)
        yield app


def routes(app):
    """Every route of the API: what the table calls it, its method, and an address of it."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("desk_api."):
            method = next(iter(rule.methods - {"HEAD", "OPTIONS"}))
            address = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 1)).removeprefix("/api/v1")
            yield f"{method} {rule.rule.removeprefix('/api/v1')}", method, address


def expected(route):
    return WHO.get(route) or next((roles for start, roles in PARTS.items() if route.startswith(start)), None)


def test_every_route_is_in_the_table(app):
    assert [route for route, *_ in routes(app) if expected(route) is None] == []


@pytest.mark.parametrize("role", auth.ROLES)
def test_a_token_gets_in_where_the_table_says_and_nowhere_else(app, role):
    program = hired(app, role)
    for route, method, address in routes(app):
        answer = program.call(method, address)
        assert answer.status_code < 500, route
        assert (answer.status_code != 403) is (role in expected(route)), route


def test_a_stranger_gets_in_nowhere_and_is_told_how_to_in_a_problem(app):
    for route, method, address in routes(app):
        answer = Program(app, "fl_wrong").call(method, address)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), route


def test_every_call_that_does_something_minds_its_key(app):
    """A key that is too long is refused before anything is looked at, so it shows who looks at keys."""
    schemas = app.test_client().get("/api/v1/openapi.json").json["components"]["schemas"]
    admin = hired(app, "admin")
    posts = [(route, address) for route, method, address in routes(app) if method == "POST" and route not in REPEATABLE]
    assert len(posts) > 30
    for route, address in posts:
        view = app.view_functions[app.url_map.bind("localhost").match(f"/api/v1{address}", "POST")[0]]
        shape = view.__wrapped__.__annotations__.get("json")
        body = schemas[shape.__name__]["examples"][0] if shape else {}
        assert admin.post(address, key="k" * 81, **body).status_code == 400, route
