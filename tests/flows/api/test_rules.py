"""A supervisor's tool reads the rules, tries others, and publishes them through the API."""

import pytest
import time_machine

from tests.desk import AFTERNOON
from tests.programs import hired, opened


@pytest.fixture
def tool(app):
    return hired(app, "supervisor", "規則管理")


@pytest.fixture
def stricter(tool):
    """The shipped rules, with an answer to second line's cases within ten minutes."""
    text = tool.get("/sla").json["document"]
    return text.replace("{level: L2, first: 30 min", "{level: L2, first: 10 min")


def test_rules_are_tried_published_and_count_for_the_next_case(tool, stricter, current):
    with time_machine.travel(AFTERNOON, tick=False):
        opened(current)
        foreseen = tool.post("/sla/preview", document=stricter).json
        (change,) = foreseen["changes"]
        assert (foreseen["affected"], change["case"]["level"]) == (1, "L2")
        assert (change["before"]["targets"]["first"], change["after"]["targets"]["first"]) == ("30 min", "10 min")
        published = tool.post("/sla", key="rules-1", document=stricter, note="週年慶", based_on=0)
        assert (published.status_code, published.json["note"]) == (201, "週年慶")
        assert tool.post("/sla", key="rules-1", document=stricter, note="週年慶", based_on=0).json == published.json
        number, _, _ = opened(current, "林先生")
        assert tool.get(f"/tickets/{number}").json["first_response_due_at"] == "2026-11-21T06:10:00Z"


def test_every_version_can_be_read_again(tool, stricter):
    version = tool.post("/sla", document=stricter, based_on=0).json["version"]
    assert tool.get("/sla").json == {"version": version, "document": stricter}
    assert tool.get(f"/sla/versions/{version}").json["document"] == stricter
    assert [(one["version"], one["by"][:4]) for one in tool.get("/sla/versions").json["items"]] == [(version, "api-")]
    assert tool.get("/sla/versions/99").status_code == 404


def test_a_change_that_somebody_else_made_meanwhile_is_not_run_over(tool, stricter):
    tool.post("/sla", document=stricter, based_on=0)
    assert tool.post("/sla", document=stricter, based_on=0).status_code == 409
    assert len(tool.get("/sla/versions").json["items"]) == 1


@pytest.mark.parametrize("path", ["/sla", "/sla/preview"])
def test_rules_that_are_none_are_a_problem_that_names_the_field(tool, stricter, path):
    wrong = stricter.replace("first: 10 min", "first: soon", 1)
    answer = tool.post(path, document=wrong, **({"based_on": 0} if path == "/sla" else {}))
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    (mistake,) = answer.json["errors"]
    assert mistake["loc"][1].startswith("targets[")
    assert "soon" in mistake["msg"]


def test_calendars_tell_when_which_teams_time_runs(tool):
    with time_machine.travel(AFTERNOON, tick=False):
        calendars = {one["name"]: one for one in tool.get("/calendars").json["items"]}
    assert (calendars["shop"]["open"], calendars["shop"]["next_open"]) == (True, "2026-11-21T06:00:00Z")
    assert calendars["shop"]["week"]["sat"] == ["09:00-21:00"]
