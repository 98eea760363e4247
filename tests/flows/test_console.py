"""What agents see and do on the console."""

import re
import uuid
from datetime import timedelta

import pytest

from bot import auth
from bot.clock import now
from bot.models import Message, OutboxRow
from handoff import tickets
from handoff.models import Ticket
from tests import desk

HTMX = {"HX-Request": "true", "HX-Target": "pane"}


@pytest.fixture
def current(request, house, tmp_path, postgres):
    """In the test's process the desk alone will do."""
    if house:
        yield request.getfixturevalue("current")
        return
    with desk.shop(tmp_path, postgres, open_hours="00:00-24:00") as shop:
        with shop.sessions.begin() as session:
            auth.load_demo_users(session)
        yield shop


@pytest.fixture
def shop(current):
    return current


def as_member(app, username):
    member = app.test_client()
    member.post("/sign-in", data={"username": username, "password": auth.DEMO_PASSWORD})
    return member


@pytest.fixture
def wang(app):
    return as_member(app, "wang")


@pytest.fixture
def lin(app):
    return as_member(app, "lin")


@pytest.fixture
def case(shop):
    """陳怡君 asked for a person; nobody has her case."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "我要找真人")
        ref = shop.wiring.desk.open(session, desk.wish_for_a_person(conversation))
    return ref


def words(answer):
    """The text of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def newest(shop, case):
    with shop.sessions() as session:
        conversation = session.get(Ticket, case.ticket_id).conversation_id
        return max(m.id for m in session.query(Message).filter_by(conversation_id=conversation))


def reply(member, shop, case, text="您好，我是志豪", **more):
    form = {"text": text, "key": str(uuid.uuid4()), "seen": newest(shop, case), **more}
    return member.post(f"/console/cases/{case.number}/reply", data=form, headers=HTMX)


def end(member, shop, case, how):
    return member.post(f"/console/cases/{case.number}/{how}", data={"seen": newest(shop, case)}, headers=HTMX)


def claim(member, case):
    return member.post(f"/console/cases/{case.number}/claim", headers=HTMX)


def test_a_new_case_shows_who_waits_for_what_and_until_when(wang, case):
    page = wang.get("/console?view=new")
    assert "陳怡君" in words(page)
    assert "我要找真人" in words(page)
    assert "L2" in words(page)
    assert "data-due=" in page.get_data(as_text=True)


def test_an_agent_claims_answers_and_asks_whether_it_is_solved(wang, shop, case):
    assert "接手這件案件" in words(wang.get(f"/console/cases/{case.number}"))
    assert "寫給陳怡君" in claim(wang, case).get_data(as_text=True)
    assert "您好，我是志豪" in words(reply(wang, shop, case))
    asked = end(wang, shop, case, "propose")
    assert "請問您的問題" in words(asked)
    assert "已問顧客是否解決" in words(asked)
    assert "toast" in asked.headers["HX-Trigger"]


def test_an_agent_does_not_close_a_case_alone(wang, shop, case):
    claim(wang, case)
    assert "/resolve" not in reply(wang, shop, case).get_data(as_text=True)
    refused = end(wang, shop, case, "resolve")
    assert refused.status_code == 409
    assert "一線客服不能直接結案" in words(refused)


def test_a_supervisor_resolves_and_closes(lin, shop, case):
    claim(lin, case)
    assert "已結案" in words(end(lin, shop, case, "resolve"))
    assert "已關閉" in words(end(lin, shop, case, "close"))


def test_every_action_also_works_without_javascript(wang, case):
    answer = wang.post(f"/console/cases/{case.number}/claim", data={"view": "new"})
    assert answer.headers["Location"] == f"/console/cases/{case.number}?view=new"
    assert "已接手" in words(wang.get(answer.headers["Location"]))


def test_of_two_agents_the_second_is_told_who_was_first(wang, lin, case):
    claim(wang, case)
    second = claim(lin, case)
    assert second.status_code == 409
    assert "王志豪已經接手這件案件。" in words(second)


def test_a_reply_on_a_stale_screen_is_refused_shows_what_was_missed_and_keeps_the_words(wang, shop, case):
    claim(wang, case)
    seen = newest(shop, case)
    with shop.sessions.begin() as session:
        desk.writes(session, session.get(Ticket, case.ticket_id).conversation, "等等，我找到了")
    refused = reply(wang, shop, case, "這是草稿", seen=seen)
    assert refused.status_code == 409
    assert "陳怡君剛剛又傳了 1 則，看完再送出你的回覆。" in words(refused)
    assert "等等，我找到了" in words(refused)
    assert "這是草稿" in words(refused)


def test_a_double_click_sends_once(wang, shop, case):
    claim(wang, case)
    key = str(uuid.uuid4())
    for _ in range(2):
        assert reply(wang, shop, case, key=key).status_code == 200
    with shop.sessions() as session:
        assert session.query(OutboxRow).count() == 1


def test_a_note_is_for_colleagues_only(wang, shop, case):
    noted = wang.post(f"/console/cases/{case.number}/note", data={"text": "先別提賠償"}, headers=HTMX)
    assert "顧客看不到" in words(noted)
    assert "先別提賠償" in words(noted)
    with shop.sessions() as session:
        assert session.query(OutboxRow).count() == 0
    assert "先別提賠償" not in words(wang.get("/console?view=all"))


def test_an_agent_cannot_answer_in_a_colleagues_case_but_sees_who_has_it(wang, lin, case):
    claim(lin, case)
    page = wang.get(f"/console/cases/{case.number}")
    assert "林佩蓉正在處理這件案件" in words(page)
    assert 'data-composer="reply"' not in page.get_data(as_text=True)


def test_a_supervisor_may_answer_in_everybodys_case(wang, lin, shop, case):
    claim(wang, case)
    assert reply(lin, shop, case).status_code == 200


@pytest.mark.by_hand
@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("queued", "排隊中"),
        ("sending", "傳送中"),
        ("sent", "LINE 已接收"),
        ("unknown", "LINE 沒有回應，可能已送達；不會自動重送"),
        ("failed", "沒有送出：LINE 拒絕"),
        ("cancelled", "沒有送出"),
    ],
)
def test_every_message_tells_what_became_of_it(wang, shop, case, state, shown):
    claim(wang, case)
    reply(wang, shop, case)
    with shop.sessions.begin() as session:
        row = session.query(OutboxRow).one()
        row.state, row.error = state, "LINE 拒絕" if state == "failed" else ""
    assert shown in words(wang.get(f"/console/cases/{case.number}"))


@pytest.mark.parametrize(
    ("kind", "payload", "shown"),
    [
        ("sticker", {"keywords": ["謝謝"]}, "貼圖 謝謝"),
        ("location", {"title": "信義區公所", "address": "信義路五段"}, "信義區公所 信義路五段"),
        ("file", {"fileName": "出貨單.pdf"}, "出貨單.pdf"),
        ("image", {}, "圖片"),
    ],
)
def test_whatever_a_customer_sends_has_a_bubble(wang, shop, case, kind, payload, shown):
    with shop.sessions.begin() as session:
        message = desk.writes(session, session.get(Ticket, case.ticket_id).conversation, "")
        message.kind, message.payload = kind, payload
    assert shown in words(wang.get(f"/console/cases/{case.number}"))


def test_what_a_customer_took_back_is_not_shown(wang, shop, case):
    with shop.sessions.begin() as session:
        message = desk.writes(session, session.get(Ticket, case.ticket_id).conversation, "")
        message.unsent_at = now()
    assert "顧客收回了這則訊息" in words(wang.get(f"/console/cases/{case.number}"))


def test_what_a_customer_types_is_text_and_never_markup(wang, shop, case):
    with shop.sessions.begin() as session:
        desk.writes(session, session.get(Ticket, case.ticket_id).conversation, "<script>alert(1)</script>")
    assert "<script>alert" not in wang.get(f"/console/cases/{case.number}").get_data(as_text=True)


def test_the_list_puts_the_most_overdue_case_first(wang, shop, case):
    with shop.sessions.begin() as session:
        late = desk.customer(session, "黃柏翰")
        desk.writes(session, late, "再沒人處理我就去消保官了")
        ref = shop.wiring.desk.open(session, desk.wish_for_a_person(late))
        session.get(Ticket, ref.ticket_id).first_response_due_at = now() - timedelta(minutes=2)
    page = words(wang.get("/console?view=all"))
    assert page.index("黃柏翰") < page.index("陳怡君")
    assert "逾時 2 分" in page


def test_the_views_tell_new_mine_and_closed_apart(wang, lin, case):
    claim(wang, case)
    assert "陳怡君" not in words(wang.get("/console?view=new"))
    assert "陳怡君" in words(wang.get("/console?view=mine"))
    assert "陳怡君" not in words(lin.get("/console?view=mine"))
    assert "陳怡君" not in words(wang.get("/console?view=closed"))


@pytest.mark.parametrize("query", ["怡君", "GB1118"])
def test_a_case_is_found_by_name_and_by_a_collected_order_number(wang, case, query):
    assert "陳怡君" in words(wang.get("/console/list", query_string={"view": "all", "q": query}))
    assert "找不到「王小明」" in words(wang.get("/console/list", query_string={"view": "all", "q": "王小明"}))


def test_conversations_of_the_bot_can_be_read_but_not_answered(wang, shop):
    with shop.sessions.begin() as session:
        conversation = desk.customer(session, "許佳穎")
        desk.writes(session, conversation, "運費怎麼算?")
        conversation.last_customer_at = now()
        number = conversation.id
    assert "許佳穎" in words(wang.get("/console?view=bot"))
    page = wang.get(f"/console/conversations/{number}")
    assert "運費怎麼算?" in words(page)
    assert "<textarea" not in page.get_data(as_text=True)


def test_a_resolved_case_can_be_opened_again(lin, shop, case):
    claim(lin, case)
    end(lin, shop, case, "resolve")
    again = lin.post(f"/console/cases/{case.number}/reopen", headers=HTMX)
    assert "重新開啟" in words(again)
    assert 'data-composer="reply"' in again.get_data(as_text=True)


def test_handing_back_says_that_the_bot_answers_now(lin, shop, case):
    claim(lin, case)
    back = end(lin, shop, case, "hand-back")
    assert "已交還給機器人" in words(back)


def test_the_panel_tells_what_the_bot_collected_and_earlier_cases(wang, shop, case):
    with shop.sessions.begin() as session:
        ticket = session.get(Ticket, case.ticket_id)
        agent = desk.staff(session, "劉思妤", "specialist")
        tickets.claim(session, ticket.id, agent.id)
        tickets.resolve(session, ticket.id, agent.id, seen_message_id=10**9)
        newer = shop.wiring.desk.open(session, desk.wish_for_a_person(ticket.conversation))
    page = words(wang.get(f"/console/cases/{newer.number}"))
    assert "GB1118" in page
    assert "過去案件" in page


def test_a_case_that_does_not_exist_is_not_found(wang):
    assert wang.get("/console/cases/CS-000000-0001").status_code == 404
    assert wang.post("/console/cases/CS-000000-0001/claim").status_code == 404


def test_a_click_after_the_session_has_ended_leads_to_the_sign_in(app, case):
    answer = claim(app.test_client(), case)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"
