"""The API keeps to its own document: thousands of calls, right and wrong ones, made up from it."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

import webhook_app
from bot.api import tokens
from tests import desk


@pytest.fixture(scope="module")
def app(tmp_path_factory, postgres):
    with desk.shop(tmp_path_factory.mktemp("api"), postgres) as shop:
        app = webhook_app.create_app(shop)
        app.config.update(TESTING=True)
        with shop.sessions.begin() as session:
            app.config["A_TOKEN"] = tokens.create(session, "schemathesis", "supervisor")
            conversation = desk.customer(session)
            desk.writes(session, conversation, "我要找真人")
            shop.wiring.desk.open(session, desk.wish_for_a_person(conversation))
        yield app


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_documented(app, mode: GenerationMode) -> None:
    described = app.test_client().get("/api/v1/openapi.json").json
    del described["security"], described["components"]["securitySchemes"]  # every call here carries the token
    document = schemathesis.openapi.from_dict(described)
    document.app = app
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:
        _try(operation, mode, f"Bearer {app.config['A_TOKEN']}")


def _try(operation: APIOperation, mode: GenerationMode, bearer: str) -> None:
    """Calls of one operation that fit its description, or that do not; none may be answered in a way it lacks."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def call(case: Case) -> None:
        case.call_and_validate(headers={"Authorization": bearer})

    try:
        call()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, operation.label  # nothing can be wrong about it
