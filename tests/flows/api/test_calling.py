"""A program works on the desk through `/api/v1`: by token and role, once each call, with refusals it can read."""

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy import select

from bot.api import Page, PageQuery
from bot.models import ApiRequest, ApiToken, Message, User
from handoff.api.shapes.base import Strict
from handoff.api.shapes.cases import Search
from handoff.api.shapes.files import Upload
from handoff.models import Ticket
from tests import desk
from tests.programs import Program, opened

DOCS = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.fixture
def token(command):
    """Makes a token by the command that operators use."""
    return lambda role="specialist": command("create", "--role", role, "--name", "客服系統").stdout.strip()


@pytest.fixture
def crm(app, token):
    return Program(app, token())


@pytest.fixture
def case(current):
    """A case that nobody has, by its number, and the customer's message."""
    return opened(current)


def test_a_program_takes_a_case_answers_it_and_closes_it(crm, case, current):
    number, seen, conversation = case
    assert crm.get("/tickets?state=new").json["items"][0]["number"] == number
    assert crm.post(f"/tickets/{number}/claim").json["assignee"].startswith("api-")
    assert crm.get(f"/conversations/{conversation}/messages").json["items"][0]["id"] == seen
    said = crm.post(f"/tickets/{number}/reply", text="您好，我來幫您看。", seen_message_id=seen)
    assert (said.status_code, said.json["author"], said.json["delivery"]) == (201, "agent", "queued")
    assert crm.post(f"/tickets/{number}/note", text="已查到訂單").json["kind"] == "note"
    assert crm.post(f"/tickets/{number}/resolve", seen_message_id=seen).json["state"] == "resolved"
    assert crm.post(f"/tickets/{number}/reopen", why="顧客來電").json["state"] == "open"
    with current.sessions() as session:
        assert session.scalars(select(Message.text).where(Message.author == "agent", Message.kind == "text")).all()


def test_a_repeat_under_the_same_key_is_done_once_and_answered_the_same(crm, case, current):
    number, seen, _ = case
    crm.post(f"/tickets/{number}/claim")
    words = {"text": "您好", "seen_message_id": seen}
    first = crm.post(f"/tickets/{number}/reply", key="k1", **words)
    again = crm.post(f"/tickets/{number}/reply", key="k1", **words)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replay"] == "true"
    other = crm.post(f"/tickets/{number}/reply", key="k1", text="別的", seen_message_id=seen)
    assert (other.status_code, other.json["type"]) == (422, "urn:frontline:key-reused")
    with current.sessions() as session:
        assert desk.count(session, ApiRequest) == 1


def test_of_many_at_once_under_one_key_one_is_done(crm, app, case, current):
    number, _, _ = case
    call = lambda _: Program(app, crm.token).post(f"/tickets/{number}/note", key="k2", text="同一則")  # noqa: E731
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, range(8)))
    assert len({answer.json["id"] for answer in answers}) == 1
    with current.sessions() as session:
        assert len(session.scalars(select(Message.id).where(Message.kind == "note")).all()) == 1


def test_what_was_refused_under_a_key_may_be_tried_again(crm, case):
    number, seen, _ = case
    refused = crm.post(f"/tickets/{number}/reply", key="k3", text="您好", seen_message_id=seen)
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert refused.json["detail"] == "先接手這件案件。"
    crm.post(f"/tickets/{number}/claim")
    assert crm.post(f"/tickets/{number}/reply", key="k3", text="您好", seen_message_id=seen).status_code == 201


def test_a_reply_over_a_message_that_was_not_read_is_refused(crm, case, current):
    number, seen, _ = case
    crm.post(f"/tickets/{number}/claim")
    with current.sessions.begin() as session:
        desk.writes(session, session.scalars(select(Ticket)).one().conversation, "等等，還有")
    stale = crm.post(f"/tickets/{number}/reply", text="您好", seen_message_id=seen)
    assert (stale.status_code, stale.json["type"]) == (409, "urn:frontline:stale")


def test_a_case_is_transferred_to_a_colleague_who_is_on_the_desk(crm, case, current):
    number, _, _ = case
    with current.sessions.begin() as session:
        colleague = desk.staff(session, "劉思妤").username
    crm.post(f"/tickets/{number}/claim")
    assert crm.post(f"/tickets/{number}/transfer", to=colleague, why="她比較熟").json["assignee"] == colleague
    assert crm.post(f"/tickets/{number}/transfer", to="nobody", why="?").status_code == 409


def test_pages_leave_nothing_out_while_the_list_grows(crm, current):
    numbers = [opened(current)[0] for _ in range(5)]
    first = crm.get("/tickets?limit=2").json
    opened(current)
    second = crm.get(f"/tickets?limit=2&cursor={first['next']}").json
    third = crm.get(f"/tickets?limit=2&cursor={second['next']}").json
    shown = [item["number"] for page in (first, second, third) for item in page["items"]]
    assert shown == numbers[::-1]
    assert third["next"] is None


@pytest.mark.parametrize("path", ["?cursor=nonsense", "?limit=0", "?limit=201", "?contact_id=x", "?unknown=1"])
def test_a_question_that_does_not_fit_is_a_problem_that_says_where(crm, path):
    answer = crm.get(f"/tickets{path}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["errors"][0]["loc"]


def test_nobody_comes_in_without_a_token(app, case):
    for token in ("", "fl_wrong"):
        answer = Program(app, token).get("/tickets")
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_front_line_token_may_not_close_what_its_people_may_not(app, token, case):
    number, seen, _ = case
    program = Program(app, token("agent"))
    program.post(f"/tickets/{number}/claim")
    assert program.post(f"/tickets/{number}/resolve", seen_message_id=seen).status_code == 409


def test_a_revoked_token_opens_nothing(app, crm, command, current):
    assert crm.get("/tickets").status_code == 200
    assert "客服系統" in command("list").stdout
    with current.sessions() as session:
        number = session.scalars(select(ApiToken.id)).one()
    command("revoke", str(number))
    assert crm.get("/tickets").status_code == 401
    assert "revoked" in command("list").stdout
    assert command("revoke", "77").exit_code == 1


def test_a_token_is_kept_as_a_digest_and_signs_nobody_in(app, crm, current):
    with current.sessions() as session:
        user = session.scalars(select(User)).one()
        assert crm.token not in str(session.scalars(select(ApiToken.digest)).one())
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post("/sign-in", data={"username": user.username, "password": ""})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/tickets/CS-1", "/conversations/9", "/contacts/9", "/nothing", "/tickets/%00"])
def test_what_is_not_there_is_a_problem_too(crm, path):
    answer = crm.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_only_json_is_read(crm, app, case):
    headers = {"Authorization": f"Bearer {crm.token}"}
    answer = app.test_client().post(f"/api/v1/tickets/{case[0]}/note", data={"text": "x"}, headers=headers)
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")


def test_the_document_names_every_route_and_its_refusals(app):
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    ours = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk_api.")}
    assert len(document["paths"]) == len(ours)
    reply = document["paths"]["/api/v1/tickets/{number}/reply"]["post"]
    assert set(reply["responses"]["409"]["content"]) == {"application/problem+json"}
    assert [p["name"] for p in reply["parameters"] if p["in"] == "header"] == ["Idempotency-Key"]


def shapes(of=BaseModel):
    """Everything that the API takes and gives, but for lists and what stands in an address."""
    for shape in of.__subclasses__():
        yield from shapes(shape)
        if shape.__module__.startswith("handoff.api.shapes.") and not issubclass(shape, Page | PageQuery | Search):
            yield shape


def test_every_shape_has_an_example_in_the_document_that_fits_it(app):
    document = app.test_client().get("/api/v1/openapi.json").json
    found = {shape for shape in shapes() if shape not in (Strict, Upload)}  # a file is no JSON
    assert len(found) > 50
    for shape in found:
        (example,) = document["components"]["schemas"][shape.__name__]["examples"]
        assert set(example) == set(shape.model_fields), shape
        shape.model_validate(example)


def test_a_body_that_nobody_can_read_is_no_empty_one(crm, app, case):
    for body in (b"{", b"[]", b"null", b"\x00"):
        headers = {"Authorization": f"Bearer {crm.token}", "Content-Type": "application/json"}
        answer = app.test_client().put(f"/api/v1/tickets/{case[0]}/cover", data=body, headers=headers)
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_a_password_in_a_repeatable_call_cannot_be_guessed_from_what_is_kept(app, token, current):
    body = json.dumps({"username": "chou", "name": "周雅婷", "role": "agent", "password": "correct horse"}).encode()
    headers = {"Authorization": f"Bearer {token('admin')}", "Idempotency-Key": "k", "Content-Type": "application/json"}
    assert app.test_client().post("/api/v1/users", data=body, headers=headers).status_code == 201
    with current.sessions() as session:
        kept = session.scalars(select(ApiRequest)).one()
    assert kept.request != hashlib.sha256(b"\0".join((b"POST", b"/api/v1/users", body))).hexdigest()
    assert "correct horse" not in kept.body


def test_the_documentation_names_every_call_and_none_that_is_not_there(app):
    document = app.test_client().get("/api/v1/openapi.json").json
    there = {
        f"{method.upper()} {path.removeprefix('/api/v1')}" for path, of in document["paths"].items() for method in of
    }
    told = re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^` ]+)`", DOCS.read_text("utf-8").partition("## How")[0])
    assert sorted(told) == sorted({"GET /api/v1/openapi.json", *there})
