"""A workforce tool plans the desk through the API: people, teams, shifts, leave, and who is there."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot.models import JournalEntry, User
from handoff.assignment import drain, teams
from tests import desk
from tests.desk import AFTERNOON
from tests.programs import hired, opened


@pytest.fixture
def current(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            teams.prepare(session, {"service": "客服", "returns": "退換貨"})
        yield shop


@pytest.fixture
def planner(app):
    """The workforce tool, with a supervisor's token."""
    return hired(app, "supervisor", "排班系統")


@pytest.fixture
def admin(app):
    return hired(app, "admin", "人資系統")


@pytest.fixture
def liu(current):
    with current.sessions.begin() as session:
        return desk.staff(session, "劉思妤").username


def test_a_week_is_planned_day_by_day(planner, liu):
    path = f"/users/{liu}/shifts"
    assert planner.get(path).json == {"shifts": []}
    planner.put(path, weekdays=["mon", "tue"], hours="09:00-12:30, 13:30-18:00")
    week = planner.put(path, weekdays=["tue"], hours="22:00-06:00").json["shifts"]
    assert [(shift["weekday"], shift["opens"]) for shift in week] == [
        ("mon", "09:00"),
        ("mon", "13:30"),
        ("tue", "22:00"),
    ]
    wrong = planner.put(path, weekdays=["mon"], hours="nine to five")
    assert (wrong.status_code, wrong.json["detail"][:18]) == (409, "「nine to five」不是時段")
    assert planner.put(path, weekdays=["monday"], hours="").status_code == 422
    assert planner.put("/users/nobody/shifts", weekdays=["mon"], hours="").status_code == 404


def test_who_is_on_leave_is_listed(planner, liu):
    path = f"/users/{liu}/leave"
    days = {"starts_at": "2026-12-01T09:00:00+08:00", "ends_at": "2026-12-02T18:00:00+08:00"}
    made = planner.post(path, key="leave-1", **days, reason="特休")
    assert (made.status_code, made.json["starts_at"]) == (201, "2026-12-01T01:00:00Z")
    assert planner.post(path, key="leave-1", **days, reason="特休").json == made.json
    assert planner.get(path).json["items"] == [made.json]
    backwards = {"starts_at": days["ends_at"], "ends_at": days["starts_at"]}
    assert planner.post(path, **backwards).status_code == 409


def test_leave_ends_earlier_and_is_taken_back(planner, liu, current):
    path = f"/users/{liu}/leave"
    made = planner.post(path, starts_at="2027-12-01T09:00:00+08:00", ends_at="2027-12-05T18:00:00+08:00").json
    one = f"{path}/{made['id']}"
    earlier = planner.put(one, ends_at="2027-12-03T18:00:00+08:00").json
    assert earlier == made | {"ends_at": "2027-12-03T10:00:00Z"}
    longer = planner.put(one, ends_at="2027-12-09T18:00:00+08:00")
    assert (longer.status_code, longer.json["detail"][:10]) == (409, "休假只能改成提早結束")
    assert planner.put(f"/users/nobody/leave/{made['id']}", ends_at="2027-12-02T18:00:00+08:00").status_code == 404
    assert planner.delete(one).json == earlier
    assert planner.get(path).json["items"] == []
    assert planner.delete(one).status_code == 404
    with current.sessions() as session:
        told = select(JournalEntry).where(JournalEntry.kind.like("user.leave_%")).order_by(JournalEntry.id)
        kinds = {entry.kind: entry.data for entry in session.scalars(told)}
    assert kinds["user.leave_shortened"]["before"] == {"ends_at": "2027-12-05T10:00:00+00:00"}
    assert kinds["user.leave_taken_back"]["before"]["ends_at"] == "2027-12-03T10:00:00+00:00"


def test_a_member_takes_a_teams_cases_on_terms_and_leaves_it(planner, liu):
    seat = planner.put(f"/teams/service/members/{liu}", capacity=3, skills=["want_human"], lead=True).json
    assert (seat["capacity"], seat["skills"], seat["lead"], seat["there"]) == (3, ["want_human"], True, False)
    assert [one["username"] for one in planner.get("/teams/service/members").json["items"]] == [liu]
    assert planner.delete(f"/teams/service/members/{liu}").status_code == 200
    assert planner.delete(f"/teams/service/members/{liu}").status_code == 409
    assert planner.get("/teams/service/members").json["items"] == []
    assert planner.put(f"/teams/nothing/members/{liu}").status_code == 404


def test_a_program_that_is_online_in_a_team_is_given_its_cases(planner, app, current):
    bot = hired(app, "agent", "語音客服")
    name = bot.get("/me").json["username"]
    planner.put(f"/teams/service/members/{name}", capacity=1)
    with time_machine.travel(AFTERNOON, tick=False):
        assert bot.put("/me/presence", status="online").json["status"] == "online"
        number, _, _ = opened(current)
        drain()
        assert bot.get(f"/tickets/{number}").json["assignee"] == name
        (seat,) = planner.get("/teams/service/members").json["items"]
        assert (seat["there"], seat["load"]) == (True, 1)
        assert bot.put("/me/presence", status="away").json["status"] == "away"
    with time_machine.travel(AFTERNOON + timedelta(minutes=2), tick=False):
        (seat,) = planner.get("/teams/service/members").json["items"]
        assert (seat["there"], seat["load"]) == (False, None)


def test_admins_make_teams_and_name_their_heads(admin, planner, liu):
    made = admin.put("/teams/night", name="夜班", head=liu, overflow="service").json
    assert (made["key"], made["head"], made["overflow"]) == ("night", liu, "service")
    assert admin.put("/teams/night", overflow="returns").json["name"] == "夜班"
    assert [team["key"] for team in planner.get("/teams?limit=1").json["items"]] == ["night"]
    assert admin.put("/teams/night", head="nobody").status_code == 409
    assert admin.put("/teams/Not a key").status_code == 409


def test_a_lead_calls_help_and_sends_it_home(admin, planner):
    assert planner.post("/teams/service/help").json["detail"] == "這組沒有待命的人，也沒有支援的團隊。"
    admin.put("/teams/service", overflow="returns")
    assert planner.post("/teams/service/help", key="help-1").json["surge_since"]
    assert planner.post("/teams/service/help").json["detail"] == "已經呼叫過支援了。"
    assert planner.delete("/teams/service/help").json["surge_since"] is None
    assert planner.delete("/teams/service/help").status_code == 409
    assert planner.post("/teams/nothing/help").status_code == 404
    assert admin.put("/teams/service", overflow="").json["overflow"] == ""


def test_a_team_that_does_not_fit_is_refused_with_the_reason(admin):
    assert admin.put(f"/teams/{'n' * 20}", name="夜" * 60).status_code == 200
    refused = admin.put(f"/teams/{'n' * 21}", name="夜班")
    assert (refused.status_code, "20" in refused.json["detail"]) == (409, True)


def test_who_reads_english_is_added_so(admin):
    given = {"username": "smith", "name": "Ann Smith", "role": "agent", "password": "correct horse"}
    assert admin.post("/users", **given, language="en").json["language"] == "en"
    assert admin.post("/users", **given | {"username": "smyth"}, language="tlh").status_code == 422


def test_admins_add_people_and_let_them_go(admin, planner, current):
    given = {"username": "chou", "name": "周雅婷", "role": "agent", "password": "correct horse"}
    made = admin.post("/users", key="user-1", **given)
    assert (made.status_code, made.json) == (
        201,
        {"username": "chou", "name": "周雅婷", "role": "agent", "active": True, "language": "zh-TW"},
    )
    assert admin.post("/users", key="user-1", **given).json == made.json
    assert admin.post("/users", **given).json["detail"] == "「chou」這個帳號已經有人用了。"
    assert admin.put("/users/chou", role="specialist", active=False).json["active"] is False
    assert "chou" in {user["username"] for user in admin.get("/users").json["items"]}
    assert "chou" not in {user["username"] for user in planner.get("/users").json["items"]}
    with current.sessions() as session:
        assert "user.changed" in session.scalars(select(JournalEntry.kind))


def test_nobody_changes_his_own_role(admin):
    mine = admin.get("/me").json["username"]
    assert admin.put(f"/users/{mine}", role="admin", active=False).status_code == 409


@pytest.mark.parametrize("change", [{"role": "king"}, {"password": "short"}, {"username": "two words"}, {"extra": 1}])
def test_a_person_who_does_not_fit_is_a_problem_that_says_where(admin, current, change):
    given = {"username": "chou", "name": "周雅婷", "role": "agent", "password": "correct horse"}
    answer = admin.post("/users", **(given | change))
    assert (answer.status_code, answer.json["errors"][0]["loc"]) == (422, [next(iter(change))])
    assert "correct horse" not in answer.text
    with current.sessions() as session:
        assert "chou" not in session.scalars(select(User.username)).all()
