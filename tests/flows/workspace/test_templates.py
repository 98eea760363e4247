"""Templates of replies: kept by who keeps the content, offered while an agent types, never sent unfilled."""

import re

import pytest

from bot import journal
from faq import demo, replies
from handoff import tickets
from tests import console, desk
from tests.console import words
from tests.programs import hired

TEXT = "{name}您好，訂單 {order_number} 退款 {amount} 元，{到貨日:date} 前入帳。"


@pytest.fixture
def editor(app, current):
    return console.signed_in(app, current, "editor", "editor")


@pytest.fixture
def case(current, wang):
    """A refund of 陳怡君's that 王 has; her order number is known."""
    with current.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "我要退款")
        ref = current.wiring.desk.open(session, desk.wish_for_a_person(conversation, category="return_refund"))
        tickets.claim(session, ref.ticket_id, console.user_id_in(session, "wang"))
    return ref


def keeps(editor, title="退款：已送出", text=TEXT, category="return_refund", **more):
    return editor.post("/content/templates", data={"title": title, "text": text, "category": category, **more})


def offered(member, case, query=""):
    return member.get(f"/console/cases/{case.number}/templates", query_string={"q": query})


def titles(page):
    return re.findall(r'<b class="t">(.*?)</b>', page.get_data(as_text=True))


def test_an_editor_writes_a_template_and_the_agent_is_offered_it_with_what_the_case_knows(editor, wang, case):
    keeps(editor)
    page = offered(wang, case, "退款").get_data(as_text=True)
    assert 'data-text="陳怡君您好，訂單 GB1118 退款 {amount} 元，{到貨日:date} 前入帳。"' in page
    assert re.findall(r'type="(\w+)"[^>]*data-field="([^"]+)"', page) == [("number", "amount"), ("date", "到貨日")]


def test_typing_filters_by_title_and_text_and_what_fits_the_case_comes_first(editor, wang, case):
    keeps(editor, title="打招呼", text="您好", category="want_human")
    keeps(editor, title="發票", text="退款後會開折讓單", category="invoice_receipt")
    keeps(editor)
    assert titles(offered(wang, case))[0] == "退款：已送出"
    assert titles(offered(wang, case, "退款")) == ["退款：已送出", "發票"]
    assert titles(offered(wang, case, "退款 折讓")) == ["發票"]
    assert titles(offered(wang, case, "发票")) == ["發票"]
    assert "沒有符合「運費」的範本" in words(offered(wang, case, "運費"))


def test_a_text_with_an_unfilled_field_is_not_sent(app, current, wang, case):
    form = {"text": "退款 {amount} 元", "key": "click-1", "seen": 10**9}
    refused = wang.post(f"/console/cases/{case.number}/reply", data=form, headers=console.PANE)
    assert refused.status_code == 409
    assert "「amount」還沒填" in words(refused)
    assert "退款 {amount} 元" in words(refused)
    sent = wang.post(f"/console/cases/{case.number}/reply", data=form | {"text": "退款 300 元"}, headers=console.PANE)
    assert sent.status_code == 200
    boss = hired(app, "supervisor")
    answer = boss.post(f"/tickets/{case.number}/reply", text="{到貨日:date} 到", key="k", seen_message_id=10**9)
    assert answer.status_code in (409, 422)


def test_a_template_is_changed_and_let_go(editor, wang, case):
    keeps(editor)
    page = editor.get("/content/templates").get_data(as_text=True)
    number = re.search(r"edit=(\d+)", page)[1]
    assert TEXT in editor.get(f"/content/templates?edit={number}").get_data(as_text=True)
    keeps(editor, title="退款：入帳了", text="已入帳", id=number, revision=1)
    assert titles(offered(wang, case)) == ["退款：入帳了"]
    editor.post(f"/content/templates/{number}/delete", data={"revision": 2})
    assert titles(offered(wang, case)) == []
    assert "還沒有範本" in words(offered(wang, case))


def test_who_saves_what_a_colleague_has_changed_since_sees_both_and_decides(app, current, editor, wang, case):
    mei = console.signed_in(app, current, "mei", "editor")
    keeps(editor)
    assert 'name="revision" value="1"' in editor.get("/content/templates?edit=1").get_data(as_text=True)
    keeps(mei, text="已退款，三天內入帳。", id=1, revision=1)
    refused = keeps(editor, text="退款在路上。", category="exchange", id=1, revision=1)
    told = words(refused)
    assert (refused.status_code, "mei 剛剛改過" in told) == (409, True)
    assert [part in told for part in ("已退款，三天內入帳。", "退款在路上。", "再按一次儲存就用你寫的")] == [True] * 3
    assert "return_refund" not in told  # a category stands by its name
    assert 'name="revision" value="2"' in refused.get_data(as_text=True)
    assert "三天內入帳" in offered(wang, case).get_data(as_text=True)
    assert keeps(editor, text="退款在路上。", id=1, revision=2).status_code == 302
    became = words(editor.get("/content/templates?edit=1")).partition("改過什麼")[2]
    assert [name in became for name in ("mei", "editor", "三天內入帳", "退款在路上")] == [True] * 4
    assert "退款在路上。" in offered(wang, case).get_data(as_text=True)


@pytest.mark.parametrize("category", ["complaint", ""])
def test_words_of_high_risk_are_written_changed_and_deleted_by_who_lets_content_go_live(
    app, current, editor, wang, case, category
):
    """Of no category is said in every one."""
    reviewer = console.signed_in(app, current, "ho", "reviewer")
    assert keeps(editor, category=category).status_code == 409
    assert titles(offered(wang, case)) == []
    assert keeps(reviewer, category=category).status_code == 302
    for refused in (
        keeps(editor, text="改過的。", category="exchange", id=1, revision=1),
        keeps(editor, title="換貨", category=category),
        editor.post("/content/templates/1/delete"),
        editor.post("/content/templates/1/file/remove"),
    ):
        assert (refused.status_code, "要由審核或主管來改" in words(refused)) == (409, True)
    assert TEXT.removeprefix("{name}您好，訂單 {order_number}") in offered(wang, case).get_data(as_text=True)
    page = editor.get("/content/templates")
    assert ("由審核或主管來改" in words(page), "edit=1" in page.get_data(as_text=True)) == (True, False)
    assert f'<option value="{category or "complaint"}"' not in page.get_data(as_text=True)
    assert "edit=1" in reviewer.get("/content/templates").get_data(as_text=True)
    assert keeps(reviewer, text="改過的。", category=category, id=1, revision=1).status_code == 302


def test_words_of_low_risk_do_not_become_words_of_high(editor, wang, case):
    keeps(editor)
    assert keeps(editor, category="complaint", id=1, revision=1).status_code == 409
    assert keeps(editor, text="退款在路上。", id=1, revision=1).status_code == 302


def test_what_was_deleted_meanwhile_is_saved_as_a_new_one(editor, wang, case):
    refused = keeps(editor, id=9, revision=1)
    page = refused.get_data(as_text=True)
    assert (refused.status_code, "這一筆已經刪除了。再按一次儲存，就存成新的一筆。" in words(refused)) == (409, True)
    assert ("新增範本" in page, 'name="id"' in page, "退款：已送出" in page) == (True, False, True)
    assert 'template:9" data-refused' in page  # what the browser kept of it goes when it is saved
    assert keeps(editor).status_code == 302
    assert titles(offered(wang, case)) == ["退款：已送出"]


def test_what_was_changed_long_ago_stands_in_its_history(current, editor):
    keeps(editor)
    with current.sessions.begin() as session:
        before, after = {"text": "退款在路上。"}, {"text": TEXT}
        journal.changed(session, "template.changed", before, after, by=None, template_id=1, title="退款")
    assert "系統或指令" in words(editor.get("/content/templates?edit=1")).partition("改過什麼")[2]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"title": " "}, "範本要有標題"),
        ({"text": " "}, "範本要有內容"),
        ({"text": "{到貨日:day}"}, "不認得欄位 {到貨日:day}"),
        ({}, "已經有「退款：已送出」了"),
    ],
)
def test_what_could_not_be_used_is_refused_with_the_reason_and_kept_in_the_form(editor, given, why):
    keeps(editor)
    refused = keeps(editor, **given)
    assert refused.status_code == 409
    assert why in words(refused)
    assert given.get("text", TEXT).strip() in refused.get_data(as_text=True)


def test_the_demo_brings_templates_once_and_all_can_be_used(current, wang, case):
    for _ in range(2):
        with current.sessions.begin() as session:
            demo.load_demo(session)
    with current.sessions() as session:
        assert len(replies.every(session)) == 14
    assert "陳怡君您好，訂單 GB1118" in offered(wang, case, "出貨").get_data(as_text=True)


def test_agents_do_not_keep_templates_and_nobody_is_offered_any_for_a_case_that_is_not_theirs(app, current, wang, case):
    assert wang.get("/content/templates").status_code == 403
    guest = console.signed_in(app, current, "warehouse", "department")
    assert offered(guest, case).status_code == 404
