"""A program is let into less than its role may: by the scopes of its token, which every operation names."""

import json
import re
from pathlib import Path

import pytest

from bot.api.scopes import EACH, RESOURCES
from tests.programs import Program, hired, opened

DOCS = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.fixture
def document(app):
    return app.test_client().get("/api/v1/openapi.json").json


@pytest.fixture
def case(current):
    number, seen, _ = opened(current)
    return f"/tickets/{number}", seen


def refused(answer):
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.json["type"]


def test_a_token_that_reads_changes_nothing(app, case):
    path, seen = case
    watcher = hired(app, "supervisor", "報表", ["read"])
    for address in (path, "/contacts", "/sla", "/teams", "/me"):
        assert watcher.get(address).status_code == 200
    assert refused(watcher.post(f"{path}/claim")) == (403, "urn:frontline:scope")
    assert refused(watcher.put("/me/presence", status="away")) == (403, "urn:frontline:scope")
    assert "tickets:write" in watcher.post(f"{path}/reply", text="您好", seen_message_id=seen).json["detail"]


def test_a_token_of_named_resources_gets_into_them_and_nowhere_else(app, case):
    path, seen = case
    answers = hired(app, "supervisor", "客服系統", ["tickets:write", "contacts:read"])
    assert answers.post(f"{path}/claim").status_code == 200
    assert answers.post(f"{path}/reply", text="您好", seen_message_id=seen).status_code == 201
    assert answers.get(f"{path}/messages").status_code == 200  # who may change it may read it
    assert answers.get("/contacts").status_code == 200
    for address in ("/sla", "/users", "/conversations", f"{path}/promises"):
        assert refused(answers.get(address)) == (403, "urn:frontline:scope")


def test_a_scope_gives_nothing_that_the_role_may_not(app):
    front = hired(app, "agent", "一線系統", ["sla:write", "webhooks:read"])
    assert refused(front.get("/sla")) == (403, "about:blank")
    assert refused(front.get("/webhooks")) == (403, "about:blank")


def test_the_operator_makes_such_tokens_and_sees_what_they_may(app, command):
    words = ("create", "--role", "supervisor", "--name", "報表", "--scope", "notices:read", "--scope", "sla:read")
    program = Program(app, command(*words).stdout.strip())
    assert program.get("/notices").status_code == 200
    assert program.get("/tickets").status_code == 403
    assert "notices:read sla:read" in command("list").stdout
    (known,) = json.loads(command("list", "--json").stdout)
    assert known["scopes"] == ["notices:read", "sla:read"]
    assert command("create", "--role", "agent", "--scope", "everything").exit_code == 2


def operations(document):
    return [(method, path, operation) for path, of in document["paths"].items() for method, operation in of.items()]


def test_every_operation_names_its_scope_by_what_it_is_about(document):
    """Reading asks for no right to write, and the name is the group's under which the document shows it."""
    named = set()
    for method, path, operation in operations(document):
        ((scope,),) = [need["bearer"] for need in operation["security"]]
        resource, access = scope.split(":")
        assert [resource] == operation["tags"], path
        assert (access == "read") is (method == "get" or path.endswith("/sla/preview")), path
        named.add(scope)
    assert named <= set(EACH)
    assert {scope.split(":")[0] for scope in named} == set(RESOURCES)


def test_the_document_and_the_documentation_tell_every_scope(document):
    told = document["components"]["securitySchemes"]["bearer"]["description"]
    assert set(re.findall(r"\w+:(?:read|write)\b", told)) == set(EACH)
    written = DOCS.read_text("utf-8").partition("**Scopes.**")[2].partition("\n\n")[0]
    assert set(RESOURCES) <= set(re.findall(r"`(\w+)`", written))


def test_a_token_of_one_scope_gets_into_the_operations_that_name_it_and_no_other(app, document):
    for held in ("tickets:read", "staff:write"):
        program = hired(app, "admin", scopes=[held])
        for method, path, operation in operations(document):
            address = re.sub(r"\{\w+\}", "1", path.removeprefix("/api/v1"))
            needed = operation["security"][0]["bearer"][0]
            inside = needed == held or needed == held.replace("write", "read")
            answer = program.call(method.upper(), address)
            kept_out = (answer.status_code, (answer.json or {}).get("type")) == (403, "urn:frontline:scope")
            assert kept_out is not inside, (held, method, path)
