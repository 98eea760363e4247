"""The panel beside a conversation: who it is, what is known and what is missing, and what goes into the reply."""

import re
from datetime import timedelta

import pytest

from bot import conversations, people
from bot.clock import now
from bot.models import Conversation, Message
from faq.models import Article
from handoff import tickets
from handoff.models import ContactNote, Ticket
from tests import console, desk
from tests.console import words


@pytest.fixture
def case(current, wang):
    return case_of(current)


@pytest.fixture
def lead(app, current):
    return console.signed_in(app, current, "lin", "supervisor")


def case_of(current, name="陳怡君", said="杯子破了", **wish):
    """A case that 王 has."""
    with current.sessions.begin() as session:
        conversation = desk.customer(session, name)
        desk.writes(session, conversation, said)
        ref = current.wiring.desk.open(session, desk.wish_for_a_person(conversation, **wish))
        tickets.claim(session, ref.ticket_id, console.user_id_in(session, "wang"))
    return ref


def opened(member, case):
    return member.get(f"/console/cases/{case.number}").get_data(as_text=True)


def does(member, case, deed, **form):
    return member.post(f"/console/cases/{case.number}/{deed}", data={"seen": 10**9, **form}, headers=console.PANE)


def given(page):
    """What one click puts into the reply."""
    return re.findall(r'data-give="([^"]*)"', page)


def contact_of(current, case):
    with current.sessions() as session:
        return session.get_one(Ticket, case.ticket_id).contact_id


def test_what_the_matter_needs_and_nobody_has_stands_in_amber_with_a_question_for_it(current, wang):
    case = case_of(current, intent="damaged_item", category="damaged_or_defective")
    page = opened(wang, case)
    assert re.findall(r'<dt>(\S+)</dt><dd class="missing">', page) == ["照片"]
    assert "GB1118" in given(page)
    assert "麻煩您提供照片或影片，我們馬上為您處理。" in given(page)
    with current.sessions.begin() as session:
        conversation = session.get_one(Ticket, case.ticket_id).conversation
        session.add(Message(conversation_id=conversation.id, episode=1, author="customer", kind="image"))
    assert 'class="missing"' not in opened(wang, case)


def test_a_note_about_a_customer_is_kept_with_him_by_whom_and_when(current, wang, case):
    noted = words(does(wang, case, "customer-note", text="下午兩點後才方便接電話"))
    assert "編輯備註" in noted
    assert "改了顧客備註" in noted
    with current.sessions.begin() as session:
        wang_id = console.user_id_in(session, "wang")
        second = tickets.split(session, case.ticket_id, wang_id, "發票", current.settings.zone).number
    assert "下午兩點後才方便接電話 wang・" in words(wang.get(f"/console/cases/{second}"))
    does(wang, case, "customer-note", text="  ")
    assert "下午兩點後" not in opened(wang, case)
    with current.sessions() as session:
        assert desk.count(session, ContactNote) == 2


def test_a_note_that_is_too_long_is_refused_and_nobody_of_another_house_writes_one(app, current, wang, case):
    refused = does(wang, case, "customer-note", text="長" * 1001)
    assert (refused.status_code, "最多 1000 個字" in words(refused)) == (409, True)
    assert "長" * 1001 in refused.get_data(as_text=True)  # what was typed is still there
    helper = console.signed_in(app, current, "helper", "helper")
    assert does(helper, case, "customer-note", text="我也來").status_code == 403


def test_earlier_cases_of_every_channel_stand_there_and_their_numbers_go_into_the_reply(current, wang, case):
    contact = contact_of(current, case)
    with current.sessions.begin() as session:
        account = people.account_id(session, "messenger", "page")
        known = conversations.conversation_id(session, account, "user", "P1", contact)
        conversation = session.get_one(Conversation, known)
        wish = desk.wish_for_a_person(conversation, category="invoice_receipt")
        earlier = current.wiring.desk.open(session, wish)
    page = opened(wang, case)
    assert earlier.number in given(page)
    assert f"/console/cases/{earlier.number}" in page
    assert '<span class="m">Messenger</span>' in page


def test_promises_are_told_as_open_kept_or_broken_and_go_into_the_reply(current, wang, case):
    due = (now() + timedelta(days=1)).astimezone(current.settings.zone).strftime("%Y-%m-%dT%H:%M")
    does(wang, case, "promise", what="明天上午到府收回", to_whom="陳怡君", due=due)
    assert "明天上午到府收回" in given(opened(wang, case))


def test_two_who_proved_the_same_number_are_merged_with_the_proof_before_ones_eyes_and_parted_again(
    current, wang, lead, case
):
    other = case_of(current, "陳小姐")
    for one in (case, other):
        does(wang, one, "verify", kind="phone", value="0912345678", how="called_back")
    page = words(lead.get(f"/console/cases/{case.number}"))
    assert "陳小姐確認過同一個聯絡方式 0912345678・wang確認過（回撥過）" in page
    assert "LINE・案件 1 件" in page
    assert "陳小姐確認過" not in words(wang.get(f"/console/cases/{case.number}"))
    does(lead, other, "customer-note", text="家有幼兒")
    merged = words(does(lead, case, "same-person", contact=contact_of(current, other)))
    assert "陳小姐已合併進來 lin合併・" in merged
    assert "家有幼兒" in merged
    assert "確認過同一個聯絡方式" not in merged
    made = re.search(r'name="merge" value="(\d+)"', opened(lead, case))[1]
    parted = words(does(lead, case, "two-persons", merge=made))
    assert "陳小姐確認過同一個聯絡方式" in parted
    assert "家有幼兒" not in parted


def test_who_only_helps_sees_neither_number_nor_note_form(app, current, wang, case):
    does(wang, case, "verify", kind="phone", value="0912345678", how="called_back")
    guest = console.signed_in(app, current, "warehouse", "department")
    asked = console.user_id(current, "warehouse")
    does(wang, case, "department", department="倉儲", contact=asked, why="查包裹")
    assert "0912345678" in opened(wang, case)
    page = opened(guest, case)
    assert "接下這個請求" in page
    assert "customer-note" not in page


def article(session, number, question, answer, intent="", published=True):
    made = Article(external_id=number, question=question, wordings=[answer], intent=intent, published=published)
    session.add(made)


@pytest.fixture
def articles(current):
    with current.sessions.begin() as session:
        article(session, "F1", "破損可以換新嗎", "{name}您好，{case}七天內免費到府收回。", intent="damaged_item")
        article(session, "F2", "杯子會破嗎", "杯子是強化玻璃，VIP 享一年保固。")
        article(session, "F3", "運費怎麼算", "滿千免運。")
        article(session, "F4", "杯子破了的內部草稿", "先不要說", published=False)


def recommended(member, case, query=""):
    page = member.get(f"/console/cases/{case.number}/knowledge", query_string={"q": query})
    return re.findall(r'<div class="known"><b>(.*?)</b>', page.get_data(as_text=True)), page


def test_published_answers_are_recommended_with_the_reason_and_go_into_the_reply(current, wang, articles):
    case = case_of(current, said="玻璃杯子破了", intent="damaged_item", category="damaged_or_defective")
    titles, page = recommended(wang, case)
    assert titles == ["破損可以換新嗎", "杯子會破嗎"]
    assert "同一種問題" in words(page)
    assert "同樣提到：玻璃、杯子" in words(page)
    assert given(page.get_data(as_text=True))[0] == f"陳怡君您好，{case.number}七天內免費到府收回。"
    assert "先不要說" not in words(page)


@pytest.mark.parametrize(("named", "told"), [("GB1118", "GB1118"), (["GB1118", "GB1119"], "這筆訂單")])
def test_an_answer_names_the_order_of_the_case_unless_several_were_named(current, wang, named, told):
    with current.sessions.begin() as session:
        article(session, "F5", "何時補寄杯子", "{order|這筆訂單}三天內補寄杯子。", intent="damaged_item")
    case = case_of(current, intent="damaged_item", facts={"order_number": named})
    for query in ("", "補寄杯子"):
        assert given(recommended(wang, case, query)[1].get_data(as_text=True)) == [f"{told}三天內補寄杯子。"]


def test_a_tier_that_an_answer_speaks_of_brings_it_forward(current, wang, lead, articles):
    case = case_of(current, said="玻璃杯子破了")
    assert "提到這個會員等級" not in words(recommended(wang, case)[1])
    does(lead, case, "tier", tier="VIP")
    assert "提到這個會員等級" in words(recommended(wang, case)[1])


def test_one_word_in_common_is_chance(current, wang, articles):
    assert recommended(wang, case_of(current, said="杯子要什麼時候到"))[0] == []


def test_one_looks_for_other_words_and_hears_where_there_is_nothing(current, wang, case, articles):
    assert recommended(wang, case, "運費")[0] == ["運費怎麼算"]
    assert "沒有找到「保險」" in words(recommended(wang, case, "保險")[1])


def test_nobody_is_recommended_anything_for_a_case_that_is_not_theirs(app, current, case):
    guest = console.signed_in(app, current, "warehouse", "department")
    assert recommended(guest, case)[1].status_code == 404
