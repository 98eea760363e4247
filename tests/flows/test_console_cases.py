"""What members do with a case through the console's forms."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import journal
from bot.clock import now
from bot.models import User
from handoff import assignment, tickets
from handoff.models import CasePromise, Complaint, Team, Ticket
from tests import console, desk
from tests.console import words


@pytest.fixture
def current(request, house, tmp_path, postgres):
    """In the test's process the desk alone will do."""
    if house:
        yield request.getfixturevalue("current")
        return
    with desk.shop(tmp_path, postgres, open_hours="00:00-24:00") as shop:
        yield shop


@pytest.fixture
def shop(current):
    return current


@pytest.fixture
def wang(app, shop):
    return console.signed_in(app, shop, "wang", "agent")


@pytest.fixture
def case(wang, shop):
    """A complaint that 王 has taken."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "我要客訴")
        ref = shop.wiring.desk.open(session, desk.wish_for_a_person(conversation, category="complaint"))
        tickets.claim(session, ref.ticket_id, console.user_id_in(session, "wang"))
    return ref


def does(member, case, deed, **form):
    return member.post(f"/console/cases/{case.number}/{deed}", data={"seen": 10**9, **form}, headers=console.PANE)


def ticket(shop, case):
    with shop.sessions() as session:
        return session.get_one(Ticket, case.ticket_id)


def test_the_cover_is_filled_in_on_the_panel(wang, shop, case):
    filed = does(
        wang, case, "file", type="complaint", tags="退款、急", outcome="", field=["門市", ""], value=["台北", ""]
    )
    assert filed.status_code == 200
    assert "門市" in words(filed)
    assert (ticket(shop, case).tags, ticket(shop, case).custom) == (["退款", "急"], {"門市": "台北"})


def test_a_case_is_passed_on_to_a_team_with_a_reason(wang, shop, case):
    with shop.sessions.begin() as session:
        session.add(Team(key="billing", name="付款與發票"))
    assert "付款與發票" in words(wang.get(f"/console/cases/{case.number}"))
    passed = does(wang, case, "pass-on", to="team:billing", why="要查帳")
    assert passed.status_code == 200
    assert (ticket(shop, case).team, ticket(shop, case).assignee_id) == ("billing", None)


def test_a_promise_is_written_down_and_kept(wang, shop, case):
    due = (now() + timedelta(days=1)).astimezone(shop.settings.zone).strftime("%Y-%m-%dT%H:%M")
    made = does(wang, case, "promise", what="回電", to_whom="陳怡君", due=due)
    assert "回電" in words(made)
    with shop.sessions() as session:
        promise = session.scalars(select(CasePromise)).one()
    assert "做到了" in words(does(wang, case, "promise/kept", promise=promise.id))


def test_whatever_was_promised_in_whichever_case_is_on_one_page_the_next_one_due_first(app, shop, wang, case):
    lead, lin = console.signed_in(app, shop, "lin", "supervisor"), console.user_id(shop, "lin")
    assert "沒有欠著的承諾" in words(lead.get("/console/promises"))
    with shop.sessions.begin() as session:
        other = shop.wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session, "林先生"))).ticket_id
        tickets.claim(session, other, lin)
        tickets.promise(session, other, lin, "寄目錄", "林先生", now() + timedelta(days=2))
        tickets.promise(session, case.ticket_id, lin, "回電", "陳怡君", now() + timedelta(hours=3))
        late = tickets.promise(session, case.ticket_id, lin, "退款", "陳怡君", now() + timedelta(hours=1)).id
    with time_machine.travel(now() + timedelta(hours=2), tick=False):
        with shop.sessions.begin() as session:
            tickets.promise_due(session, session.get_one(Ticket, case.ticket_id))
        page = words(lead.get("/console/promises"))
        assert page.index("退款") < page.index("回電") < page.index("寄目錄")
        assert "已逾期" in page[page.index("退款") : page.index("回電")]
        own = words(wang.get("/console/promises?mine=1"))
        assert ("回電" in own, "寄目錄" in own) == (True, False)
        does(wang, case, "promise/kept", promise=late)
        assert "退款" not in words(lead.get("/console/promises"))
        assert "遲了才做到" in words(lead.get("/console/promises?kept=1"))


def test_a_promise_without_a_time_is_refused(wang, case):
    refused = does(wang, case, "promise", what="回電給陳太太", to_whom="陳怡君", due="soon")
    assert refused.status_code == 409
    assert "承諾要有期限" in words(refused)
    assert 'value="回電給陳太太"' in refused.get_data(as_text=True), "what was typed is still there"


def test_a_closing_reply_over_an_unread_message_is_still_there_to_be_sent(wang, shop, case):
    with shop.sessions.begin() as session:
        desk.tells(session, session.get_one(Ticket, case.ticket_id).conversation, "算了，我要退貨")
    refused = does(wang, case, "closing-reply", text="已重寄新品", key="click-1", seen=1)
    assert refused.status_code == 409
    assert ">已重寄新品</textarea>" in refused.get_data(as_text=True)


def test_a_complaint_is_investigated_and_answered(wang, shop, case):
    does(wang, case, "complaint", responsible="倉儲", cause="漏放", remedy="重新寄送")
    answered = does(wang, case, "closing-reply", text="已重寄", key="click-1")
    assert "已傳給顧客" in words(answered)
    with shop.sessions() as session:
        assert session.get_one(Complaint, case.ticket_id).responsible == "倉儲"


def test_a_preset_remedy_is_one_click_away_and_keeps_what_was_typed(wang, shop, case):
    does(wang, case, "complaint", responsible="", cause="", remedy="")
    assert 'value="重新寄送" aria-keyshortcuts="3"' in wang.get(f"/console/cases/{case.number}").get_data(as_text=True)
    does(wang, case, "complaint", responsible="倉儲", cause="漏放", remedy="", preset="重新寄送")
    with shop.sessions() as session:
        complaint = session.get_one(Complaint, case.ticket_id)
    assert (complaint.responsible, complaint.cause, complaint.remedy) == ("倉儲", "漏放", "重新寄送")


def test_a_department_is_asked_and_its_contact_sees_only_that_case(wang, shop, app, case):
    warehouse = console.signed_in(app, shop, "warehouse", "department")
    with shop.sessions.begin() as session:
        contact = session.scalars(select(User.id).where(User.username == "warehouse")).one()
        other = shop.wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session, "別人")))
    assert warehouse.get(f"/console/cases/{case.number}").status_code == 404
    does(wang, case, "department", department="倉儲", contact=contact, why="查包裹")
    page = warehouse.get(f"/console/cases/{case.number}")
    assert "接下這個請求" in words(page)
    assert "warehouse 還沒接下・期限 " in words(page)
    assert other.number not in words(warehouse.get("/console"))
    assert "別人" not in words(warehouse.get("/console?view=all"))
    does(warehouse, case, "department/accept")
    assert "在台中" in words(does(warehouse, case, "note", text="在台中"))
    refused = does(warehouse, case, "reply", text="您好", key="click-1")
    assert refused.status_code == 409
    does(wang, case, "floor", contact=contact, floor="1")
    assert "您好" in words(does(warehouse, case, "reply", text="您好", key="click-2"))
    assert warehouse.post(f"/console/cases/{case.number}/resolve").status_code == 403


def test_a_contact_is_done_also_when_the_customer_wrote_meanwhile(wang, shop, app, case):
    warehouse = console.signed_in(app, shop, "warehouse", "department")
    does(wang, case, "department", department="倉儲", contact=console.user_id(shop, "warehouse"), why="查包裹")
    with shop.sessions.begin() as session:
        desk.tells(session, session.get_one(Ticket, case.ticket_id).conversation, "有消息嗎")
    assert ticket(shop, case).state == "open"
    assert "部門處理完了" in words(warehouse.get(f"/console/cases/{case.number}"))
    does(warehouse, case, "department/done")
    assert warehouse.get(f"/console/cases/{case.number}").status_code == 404


def test_a_case_is_split_and_the_customer_hears_the_number(wang, shop, case):
    split = does(wang, case, "split", matter="另外問發票")
    assert "已另外立案" in words(split)


@pytest.mark.by_hand
def test_a_case_is_ended_and_taken_up_again_with_a_reason_that_the_panel_tells(app, shop, wang):
    lead = console.signed_in(app, shop, "lin", "supervisor")
    with shop.sessions.begin() as session:
        ref = shop.wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session)))
    does(wang, ref, "claim")
    assert "lin 結案了 處理中 → 已結案 已退款入帳" in words(does(lead, ref, "resolve", why="已退款入帳"))
    assert "lin 關閉了案件 已結案 → 已關閉 確認無誤" in words(does(lead, ref, "close", why="確認無誤"))
    assert "lin 已重新開啟 → wang 已關閉 → 處理中 顧客來電" in words(does(lead, ref, "reopen", why="顧客來電"))
    assert "結案了" in words(does(lead, ref, "resolve"))


def test_everything_that_happened_can_be_read_with_who_to_whom_and_why(app, shop, wang, case):
    lead = console.signed_in(app, shop, "lin", "supervisor")
    with shop.sessions.begin() as session:
        colleague = desk.staff(session, "劉思妤").id
        session.add(Team(key="billing", name="付款與發票"))
    does(wang, case, "grade", level="L1")
    does(lead, case, "pass-on", to=f"user:{colleague}", why="她熟這位顧客")
    with shop.sessions.begin() as session:
        assignment.not_accepted(session, session.get_one(Ticket, case.ticket_id))
    does(lead, case, "claim")
    for n in range(12):
        does(lead, case, "note", text=f"第 {n} 次查詢")
    panel = words(lead.get(f"/console/cases/{case.number}"))
    assert ("她熟這位顧客" in panel, "看全部經過" in panel) == (False, True)
    page = words(lead.get(f"/console/cases/{case.number}/history"))
    for told in (
        "案件成立",
        "wang 已接手 新案件 → 處理中",
        "wang 提高了等級 L2 → L1 高 → 緊急",
        "lin 指派了案件 → 劉思妤 她熟這位顧客",
        "退回待接 處理中 → 新案件 沒有及時接手",
        "往上呈報 → 組長 沒有及時接手",
    ):
        assert told in page


REASONS = ["most_room", "knows_the_customer", "reserve", "urgent", "blocked", "unblocked", "not_accepted", "owner_left"]
UNDONE = ["unable", "refused", "away", "unclear", "untold", "late"]


def test_a_reason_that_the_house_gives_itself_is_told_in_words(app, shop, case):
    lead = console.signed_in(app, shop, "lin", "supervisor")
    with shop.sessions.begin() as session:
        about = {
            "conversation_id": session.get_one(Ticket, case.ticket_id).conversation_id,
            "ticket_id": case.ticket_id,
        }
        for why in REASONS + UNDONE:
            journal.write(session, "ticket.assigned", **about, why=why)
    page = words(lead.get(f"/console/cases/{case.number}/history"))
    assert [why for why in REASONS + UNDONE if why in page] == []
    assert "指派了案件 處理過這位顧客" in page


def test_what_happened_to_the_case_before_it_is_not_told_of_this_one(app, shop, case):
    lead = console.signed_in(app, shop, "lin", "supervisor")
    with shop.sessions.begin() as session:
        tickets.note(session, case.ticket_id, console.user_id_in(session, "lin"), "在第一件寫的")
        second = tickets.split(
            session, case.ticket_id, console.user_id_in(session, "lin"), "另外問發票", shop.settings.zone
        ).number
    page = words(lead.get(f"/console/cases/{second}/history"))
    assert ("案件成立" in page, "寫了備註" in page) == (True, False)
    panel = words(lead.get(f"/console/cases/{second}"))
    assert f"從 {case.number} 分出來" in panel
    assert "顧客從第一句話起等了" in panel


def test_what_was_noted_of_a_call_never_gets_into_the_reply(wang, case):
    refused = does(wang, case, "call", direction="up", text="顧客很激動，先別退款")
    assert refused.status_code == 409
    page = refused.get_data(as_text=True)
    assert (page.count("先別退款"), ">顧客很激動，先別退款</textarea>" in page) == (1, True)


def test_a_call_is_logged(wang, case):
    assert "通話紀錄" in words(does(wang, case, "call", direction="out", text="說明了退款"))


def test_a_caller_is_looked_for_before_a_case_is_opened(wang, shop, case):
    assert "開案件，由我處理" not in words(wang.get("/console/phone"))
    found = wang.get(f"/console/phone?q={case.number}")
    assert case.number in words(found)
    opened = wang.post("/console/phone", data={"phone": "0912345678", "name": "林太太", "text": "沒收到"})
    page = wang.get(opened.headers["Location"])
    assert "林太太" in words(page)
    assert "電話" in words(page)


def test_opening_a_case_marks_its_messages_as_seen_and_the_journey_tells(wang, shop, case):
    page = wang.get(f"/console/cases/{case.number}").get_data(as_text=True)
    link = page.split("/journey")[0].rsplit('"', 1)[1]
    journey = words(wang.get(f"{link}/journey"))
    assert "看到" in journey
    assert now().astimezone(shop.settings.zone).strftime("%m/%d ") in journey, "a journey may last for days"
    assert ticket(shop, case).seen_message_id


def test_two_contacts_with_the_same_proved_number_become_one_when_a_lead_says_so(app, wang, shop, case):
    with shop.sessions.begin() as session:
        other = shop.wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session, "陳小姐")))
        tickets.verify(session, other.ticket_id, console.user_id_in(session, "wang"), "phone", "0912345678", "code")
    proved = does(wang, case, "verify", kind="phone", value="0912-345-678", how="called_back")
    assert "陳小姐確認過同一個聯絡方式" not in words(proved)
    assert does(wang, case, "same-person", contact=contact_of(shop, other)).status_code == 409
    lead = console.signed_in(app, shop, "lin", "supervisor")
    assert "陳小姐確認過同一個聯絡方式" in words(lead.get(f"/console/cases/{case.number}"))
    merged = does(lead, case, "same-person", contact=contact_of(shop, other))
    assert "分開" in words(merged)
    assert contact_of(shop, other) == contact_of(shop, case)


def contact_of(shop, case):
    return ticket(shop, case).contact_id


def test_every_type_of_case_has_a_name(wang, case):
    page = words(wang.get(f"/console/cases/{case.number}"))
    for name in ("詢問", "申請", "客訴", "事故", "意見"):
        assert name in page
