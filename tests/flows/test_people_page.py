"""Teams, shifts, leave and accounts, arranged on a page: by those who lead, and accounts by admins alone."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

import webhook_app
from bot import auth
from bot.clock import now
from bot.models import JournalEntry, User
from handoff.assignment import teams
from handoff.models import Absence, Member, Shift, Team
from tests import desk
from tests.console import signed_in, words


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            teams.prepare(session, {"orders": "出貨與物流"})
            auth.create_user(session, "liu", "劉思妤", "agent", "a long password")
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def lead(app, shop):
    return signed_in(app, shop, "boss", "supervisor")


@pytest.fixture
def admin(app, shop):
    return signed_in(app, shop, "root", "admin")


def rows(shop, table):
    with shop.sessions() as session:
        return session.scalars(select(table)).all()


def sends(visitor, address, **form):
    return words(visitor.post(f"/console/people/{address}", data=form, follow_redirects=True))


def test_a_supervisor_puts_somebody_into_a_team_and_takes_her_out(shop, lead):
    assert "還沒有人，這組的案件會等人手動接手。" in words(lead.get("/console/people"))
    page = sends(
        lead, "members", team="orders", username="liu", capacity="3", skills=["exchange", "return_refund"], lead="on"
    )
    assert "已儲存。" in page
    (member,) = rows(shop, Member)
    assert (member.capacity, member.skills, member.lead, member.standby) == (
        3,
        ["exchange", "return_refund"],
        True,
        False,
    )
    sends(lead, "members", team="orders", username="liu", remove="1")
    assert rows(shop, Member) == []
    told = {entry.kind: entry for entry in rows(shop, JournalEntry)}
    boss = next(user.id for user in rows(shop, User) if user.username == "boss")
    assert told["team.member_set"].user_id == told["team.member_left"].user_id == boss


def test_a_team_gets_a_head_a_helper_and_company(shop, lead):
    sends(lead, "teams", key="warehouse", name="倉儲", head="liu")
    page = sends(lead, "teams", key="orders", head="boss", overflow="warehouse")
    assert "倉儲" in page
    orders, warehouse = (next(team for team in rows(shop, Team) if team.key == key) for key in ("orders", "warehouse"))
    heads = {user.id: user.username for user in rows(shop, User)}
    assert (heads[orders.head_id], orders.overflow, orders.name) == ("boss", "warehouse", "出貨與物流")
    assert (heads[warehouse.head_id], warehouse.name) == ("liu", "倉儲")
    assert "沒有儲存" in sends(lead, "teams", key="Not a key", name="x")
    assert "沒有儲存" in sends(lead, "teams", key="orders", head="nobody")


def test_a_head_and_a_helping_team_can_be_taken_away_and_a_team_renamed(shop, lead):
    sends(lead, "teams", key="warehouse", name="倉儲")
    sends(lead, "teams", key="orders", name="出貨與物流", head="liu", overflow="warehouse")
    page = sends(lead, "teams", key="orders", name="出貨組", head="", overflow="")
    assert ("出貨組" in page, "主管 劉思妤" in page) == (True, False)
    orders = next(team for team in rows(shop, Team) if team.key == "orders")
    assert (orders.name, orders.head_id, orders.overflow) == ("出貨組", None, "")
    assert "團隊不能支援自己" in sends(lead, "teams", key="orders", name="出貨組", overflow="orders")


def test_a_kind_of_case_that_there_is_not_is_no_skill(shop, lead):
    page = sends(lead, "members", team="orders", username="liu", capacity="3", skills=["retrun_refund"])
    assert "沒有「retrun_refund」這種案件。" in page
    assert rows(shop, Member) == []


def test_a_team_or_a_person_that_does_not_fit_is_not_saved_and_says_why(shop, admin):
    assert "已儲存。" in sends(admin, "teams", key="night-shift_2", name="夜" * 60)
    before = len(rows(shop, Team)), len(rows(shop, User))
    assert "最多 20 個字" in sends(admin, "teams", key="n" * 21, name="夜班")
    assert "最多 60 個字" in sends(admin, "teams", key="night-shift_2", name="夜" * 61)
    assert "最多 60 個字" in sends(admin, "teams", key="day", name="日" * 61)
    given = {"username": "mei", "role": "agent", "password": "a long password"}
    assert "姓名要有 1 到 80 個字" in sends(admin, "users", name="陳" * 81, **given)
    assert (len(rows(shop, Team)), len(rows(shop, User))) == before


def test_shifts_and_leave_are_set(shop, lead):
    page = sends(lead, "shifts", username="liu", weekday=["mon", "sat"], hours="22:00-06:00")
    assert "劉思妤 週一 22:00–06:00" in page
    assert len(rows(shop, Shift)) == 2
    day = f"{now() + timedelta(days=3):%Y-%m-%d}"
    assert "年假" in sends(lead, "leave", username="liu", first=day, last=day, reason="年假")
    (absence,) = rows(shop, Absence)
    assert absence.ends_at - absence.starts_at == timedelta(days=1)


def test_leave_that_does_not_last_ends_earlier_or_is_taken_back(shop, lead):
    first, third, fifth = (f"{now() + timedelta(days=days):%Y-%m-%d}" for days in (3, 5, 7))
    sends(lead, "leave", username="liu", first=first, last=fifth)
    (absence,) = rows(shop, Absence)
    assert "請填最後一天" in sends(lead, f"leave/{absence.id}")
    assert "休假只能改成提早結束" in sends(lead, f"leave/{absence.id}", last=fifth)
    assert "已儲存。" in sends(lead, f"leave/{absence.id}", last=third)
    assert rows(shop, Absence)[0].ends_at == absence.ends_at - timedelta(days=2)
    assert "已儲存。" in sends(lead, f"leave/{absence.id}", take_back="1")
    assert rows(shop, Absence) == []
    assert "可能已經取消了" in sends(lead, f"leave/{absence.id}", take_back="1"), "a colleague was faster"
    told = {entry.kind: entry.user_id for entry in rows(shop, JournalEntry)}
    boss = next(user.id for user in rows(shop, User) if user.username == "boss")
    assert told["user.leave_shortened"] == told["user.leave_taken_back"] == boss


def test_what_makes_no_sense_is_not_saved_and_says_why(shop, lead):
    assert "沒有儲存" in sends(lead, "shifts", username="liu", weekday="mon", hours="nine to five")
    assert "先勾選星期幾。" in sends(lead, "shifts", username="liu", hours="09:00-18:00")
    twice = "09:00-18:00, 09:00-18:00"
    assert "同一個時段寫了兩次。" in sends(lead, "shifts", username="liu", weekday="mon", hours=twice)
    assert rows(shop, Shift) == []
    day, before = f"{now() + timedelta(days=3):%Y-%m-%d}", f"{now() + timedelta(days=1):%Y-%m-%d}"
    assert "休假的最後一天要在第一天之後" in sends(lead, "leave", username="liu", first=day, last=before)
    assert lead.post("/console/people/leave", data={"username": "liu", "first": "soon", "last": ""}).status_code == 400


def test_accounts_are_for_admins(shop, lead, admin):
    assert "可以登入" not in words(lead.get("/console/people"))
    assert lead.post("/console/people/users", data={}).status_code == 403
    sends(admin, "users", username="mei", name="陳美", role="specialist", password="a long password")
    assert "陳美" in words(admin.get("/console/people"))


def test_who_gets_another_role_or_leaves_is_signed_out_and_it_is_told_who_did_it(shop, app, admin):
    liu = app.test_client()
    liu.post("/sign-in", data={"username": "liu", "password": "a long password"})
    assert liu.get("/console").status_code == 200
    sends(admin, "users/change", username="liu", role="editor", active="on")
    assert liu.get("/console").status_code == 302
    sends(admin, "users/change", username="liu", role="editor")
    assert liu.post("/sign-in", data={"username": "liu", "password": "a long password"}).status_code == 401
    changes = [entry for entry in rows(shop, JournalEntry) if entry.kind == "user.changed"]
    assert [(entry.data["before"], entry.data["after"]) for entry in changes] == [
        ({"role": "agent"}, {"role": "editor"}),
        ({"active": True}, {"active": False}),
    ]


def test_a_name_is_mended_without_signing_anybody_out(shop, app, admin):
    liu = app.test_client()
    liu.post("/sign-in", data={"username": "liu", "password": "a long password"})
    assert "劉思妤儀" in sends(admin, "users/change", username="liu", role="agent", active="on", name="劉思妤儀")
    assert liu.get("/console").status_code == 200
    long = {"username": "liu", "role": "agent", "active": "on", "name": "劉" * 81}
    assert "姓名要有 1 到 80 個字" in sends(admin, "users/change", **long)


def test_the_last_admin_does_not_lock_herself_out(shop, admin):
    page = sends(admin, "users/change", username="root", role="agent")
    assert "自己的角色請另一位管理員改。" in page
    assert {user.username: user.role for user in rows(shop, User)}["root"] == "admin"


def typed(page, name):
    """What stands in the fields of this name."""
    return re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)


def test_a_refused_form_stays_open_with_the_reason_and_what_was_typed(admin):
    """A password is never sent back."""
    given = {"username": "mei", "name": "陳美", "role": "specialist", "password": "7xq9kz"}
    refused = admin.post("/console/people/users", data=given)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    fold = re.search(r"<details open.*?</details>", page, re.DOTALL)[0]
    assert "沒有儲存：" in fold
    assert ("mei" in typed(fold, "username"), "陳美" in typed(fold, "name"), "7xq9kz" in page) == (True, True, False)
    assert '<option value="specialist" selected>' in fold
    week = {"username": "liu", "weekday": ["mon", "fri"], "hours": "nine to five"}
    fold = re.search(r"<details open.*?</details>", admin.post("/console/people/shifts", data=week).text, re.DOTALL)[0]
    assert typed(fold, "hours") == ["nine to five"]
    assert re.findall(r'value="(\w+)" checked', fold) == ["mon", "fri"]
