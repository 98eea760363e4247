"""The record: whoever runs the desk reads who changed how the house is arranged, and how it was before."""

import re

import pytest

import webhook_app
from bot import auth, journal
from bot.api import tokens
from faq import drafts
from handoff.assignment import teams
from tests import desk
from tests.console import signed_in, words
from tests.programs import hired


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            teams.prepare(session, {"orders": "出貨與物流", "night": "夜班"})
            auth.create_user(session, "liu", "劉思妤", "agent", "a long password")
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def root(app, shop):
    return signed_in(app, shop, "root", "admin")


def arranges(visitor, address, **form):
    assert "已儲存。" in words(visitor.post(f"/console/people/{address}", data=form, follow_redirects=True))


def record(visitor, **query):
    """The lines of the page, newest first, without their times."""
    page = visitor.get("/console/audit", query_string=query).get_data(as_text=True)
    lines = re.findall(r"<article.*?</article>", page, re.DOTALL)
    return [" ".join(re.sub(r"<time.*?</time>|<[^>]+>", " ", line, flags=re.DOTALL).split()) for line in lines]


def test_a_new_role_says_who_gave_it_and_what_it_was(root):
    arranges(root, "users/change", username="liu", role="supervisor", active="on")
    assert record(root)[0] == "root 改了帳號 劉思妤 liu 角色 一線客服 → 主管"
    arranges(root, "users", username="mei", name="陳美", role="specialist", password="a long password")
    assert record(root)[0] == "root 新增了帳號 陳美 mei 帳號 mei 名稱 陳美 角色 二線專員"


def test_a_team_and_the_terms_of_its_people_say_what_they_were(root):
    arranges(root, "teams", key="orders", head="root", overflow="night")
    assert record(root)[0] == "root 改了團隊 出貨與物流 主管 沒有 → root 爆量時來幫忙 沒有 → 夜班"
    seat = {"team": "orders", "username": "liu"}
    arranges(root, "members", **seat, capacity="3", skills=["exchange"])
    arranges(root, "members", **seat, capacity="5", skills=["exchange"], lead="on")
    assert record(root)[0] == "root 改了成員的條件 劉思妤 liu 出貨與物流 同時最多 3 → 5 組長 否 → 是"
    arranges(root, "members", **seat, capacity="5", skills=["exchange"], lead="on")
    assert len(record(root, about="teams")) == 3, "what changes nothing is no change"
    arranges(root, "members", **seat, remove="1")
    assert record(root)[0].startswith("root 移出了成員 劉思妤 liu 出貨與物流 同時最多 5 → 沒有 專長 換貨 → 沒有")


def test_a_week_and_a_leave_say_what_they_were(root):
    arranges(root, "shifts", username="liu", weekday=["mon"], hours="09:00-12:00")
    arranges(root, "shifts", username="liu", weekday=["mon"], hours="22:00-06:00")
    assert record(root)[0] == "root 改了班表 劉思妤 liu 週一 09:00-12:00 → 22:00-06:00"
    arranges(root, "leave", username="liu", first="2099-01-05", last="2099-01-06", reason="年假")
    assert record(root)[0] == "root 排了休假 劉思妤 liu 開始 2099/1/5 00:00 結束 2099/1/7 00:00"


def test_a_template_says_how_it_read_before(root):
    root.post("/content/templates", data={"title": "打招呼", "text": "您好", "category": ""})
    root.post(
        "/content/templates", data={"id": 1, "revision": 1, "title": "打招呼", "text": "您好，{name}", "category": ""}
    )
    assert record(root)[0] == "root 改了回覆範本 打招呼 範本的內容 您好 → 您好，{name}"
    root.post("/content/templates/1/delete", data={"revision": 2})
    assert record(root)[0].startswith("root 刪除了回覆範本 打招呼")


def test_a_file_of_answers_says_which_articles_it_changed(shop, root):
    row = {"external_id": "A1", "question": "運費多少？", "answer": "六十元", "category": "shipping_fee_time"}
    with shop.sessions.begin() as session:
        assert drafts.save(session, [(1, row)], publish=True).problems == []
    assert record(root, about="content") == ["系統或指令 匯入了常見問答 新增 1 篇、更新 0 篇"]


def test_a_token_and_what_a_provider_calls_somebody_are_on_record_and_no_secret_is(shop, root):
    with shop.sessions.begin() as session:
        secret = tokens.create(session, "CRM", "agent", ["tickets:read"])
        auth.provided.call(session, shop.settings, "liu", "liu@shop.example", by=None)
    assert record(root)[0] == "系統或指令 改了公司帳號 劉思妤 liu 公司帳號 沒有 → liu@shop.example"
    assert record(root, about="programs")[0].endswith("名稱 CRM 角色 一線客服 權限範圍 tickets:read")
    assert secret not in root.get("/console/audit").get_data(as_text=True)


def test_whoever_is_guessed_at_or_signed_out_by_another_is_on_record(app, root):
    for guess in range(5):
        app.test_client().post("/sign-in", data={"username": "liu", "password": f"guess {guess}"})
    assert record(root, about="sign_ins")[0] == "系統或指令 密碼連錯五次，暫停登入 劉思妤 liu"
    arranges(root, "users/change", username="liu", role="agent")
    assert record(root, about="sign_ins")[0] == "root 登出 劉思妤 liu 0 台裝置"
    assert "登出" not in " ".join(record(root)), "coming and going is shown where it is asked for"


def test_the_record_of_one_person_has_what_she_did_and_what_was_done_to_her(app, shop, root):
    boss = signed_in(app, shop, "boss", "supervisor")
    arranges(boss, "shifts", username="liu", weekday=["mon"], hours="09:00-12:00")
    arranges(root, "users/change", username="boss", role="admin", active="on")
    assert [line.split()[1] for line in record(root, person="boss")] == ["改了帳號", "改了班表", "新增了帳號"]
    assert [line.split()[1] for line in record(root, person="liu")] == ["改了班表", "新增了帳號"]


def test_older_entries_are_a_click_away(shop, root):
    with shop.sessions.begin() as session:
        for n in range(51):
            journal.changed(session, "team.changed", {"name": f"{n}"}, {"name": f"{n + 1}"}, by=None, team="night")
    page = root.get("/console/audit").get_data(as_text=True)
    (older,) = re.findall(r'href="(/console/audit\?before=\d+)"', page)
    assert "新增了帳號" not in words(root.get("/console/audit"))
    assert "新增了帳號" in words(root.get(older))


def test_a_program_reads_the_same(app, root):
    arranges(root, "users/change", username="liu", role="specialist", active="on")
    program = hired(app, "supervisor")
    newest = program.get("/audit?about=accounts&person=liu").json["items"][0]
    assert (newest["kind"], newest["by"], newest["member"]) == ("user.changed", "root", "liu")
    assert newest["data"] == {"before": {"role": "agent"}, "after": {"role": "specialist"}}
    assert program.get("/audit?person=nobody").status_code == 404


def test_a_greeting_and_its_buttons_are_told_in_words(shop, root):
    with shop.sessions.begin() as session:
        before, after = {"serves": "", "buttons": []}, {"serves": "follow", "buttons": ["運費", "找真人"]}
        journal.changed(session, "template.changed", before, after, by=None, template_id=1, title="歡迎")
    told = record(root)[0]
    assert "什麼時候用 沒有 → 顧客加好友時，機器人說" in told
    assert "歡迎詞下面的按鈕 沒有 → 運費、找真人" in told
