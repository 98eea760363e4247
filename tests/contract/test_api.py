"""The API keeps to its own document: many hundred calls, right and wrong ones, made up from it."""

import uuid

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.schemas import APIOperation

import webhook_app
from bot.api import tokens
from bot.api.idempotency import HEADER
from handoff.assignment import teams
from tests import desk
from tests.programs import hired

EXAMPLES = 5  # of each operation and mode: together twenty seconds of a processor
LEAVES = ("/users/{username}/leave", "/users/{username}/leave/{leave_id}")
FILES = ("/tickets/{number}/attachments", "/tickets/{number}/reply")
JUDGED = ("/sla", "/sla/preview", "/tickets/{number}/promises", *LEAVES, *FILES, "/marketing/suppression")
"""Where a description cannot tell the wrong from the right: rules that are none, years of no calendar, no such file,
a customer by no name or by two."""


@pytest.fixture(scope="module")
def app(tmp_path_factory, postgres):
    with desk.shop(tmp_path_factory.mktemp("api"), postgres, api_calls_per_minute=100_000) as shop:
        app = webhook_app.create_app(shop)
        app.config.update(TESTING=True)
        yield app


@pytest.fixture(scope="module")
def bearer(app):
    """An admin's program, which gets in everywhere."""
    with app.extensions["frontline"].sessions.begin() as session:
        return f"Bearer {tokens.create(session, 'schemathesis', 'admin')}"


@pytest.fixture(scope="module")
def there(app):
    """What the paths may speak of, so that calls come further than to what is not there."""
    admin, current = hired(app, "admin"), app.extensions["frontline"]
    with current.sessions.begin() as session:
        teams.prepare(session, {"service": "客服"})
        case = desk.claimed_case(session)
        username = desk.staff(session, "林佩蓉").username
    (known,) = admin.get("/tickets").json["items"]
    path = f"/tickets/{known['number']}"
    promise = admin.post(f"{path}/promises", what="回電", due_at="2100-01-01T00:00:00Z").json["id"]
    month = {"starts_at": "2100-01-01T00:00:00Z", "ends_at": "2100-02-01T00:00:00Z"}
    leave = admin.post(f"/users/{username}/leave", **month).json["id"]
    hook = admin.post("/webhooks", url="https://crm.example").json["hook"]["id"]
    admin.put(f"{path}/cover", type="complaint")
    return {
        "number": known["number"],
        "username": username,
        "key": "service",
        "conversation_id": case.conversation,
        "contact_id": known["contact_id"],
        "message_id": case.seen,
        "promise_id": promise,
        "hook_id": hook,
        "leave_id": leave,
    }


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_documented(app, bearer, there, mode: GenerationMode) -> None:
    described = app.test_client().get("/api/v1/openapi.json").json
    del described["security"], described["components"]["securitySchemes"]  # every call here carries the token
    for operations in described["paths"].values():
        for operation in operations.values():
            del operation["security"]
    document = schemathesis.openapi.from_dict(described)
    document.app = app
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 60
    for operation in operations:
        _try(operation, mode, bearer, there if mode is GenerationMode.POSITIVE else {})


def _try(operation: APIOperation, mode: GenerationMode, bearer: str, there: dict[str, object]) -> None:
    """Calls of one operation that fit its description, or that do not; none may be answered in a way it lacks."""
    judged = CHECKS.get_by_names(["positive_data_acceptance"]) if operation.path[len("/api/v1") :] in JUDGED else []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def call(case: Case) -> None:
        case.path_parameters.update({name: there.get(name, given) for name, given in case.path_parameters.items()})
        if there and HEADER in case.headers:
            case.headers[HEADER] = uuid.uuid4().hex  # a key may not be another call's
        case.call_and_validate(headers={"Authorization": bearer}, excluded_checks=judged)

    try:
        call()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, operation.label  # nothing can be wrong about it
