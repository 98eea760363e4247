"""Why the bot said what it said: beside its message, and on the page of the customer's message."""

import pytest
from sqlalchemy import select

from bot import journal
from bot.models import JournalEntry
from tests import console, desk
from tests.console import words


@pytest.fixture
def asked(current):
    """A question that the bot answered from an article, and then a case."""
    with current.sessions.begin() as session:
        conversation = desk.customer(session)
        question = desk.writes(session, conversation, "運費怎麼算")
        about = {"conversation_id": conversation.id, "message_id": question.id}
        seen = {"intent": "shipping_fee", "confidence": 0.94, "accept": 0.5, "rule": ""}
        journal.write(session, "turn.understood", **about, **seen)
        decided = {"route": "auto", "risk": "low", "complexity": "simple", "reasons": ["一般問題，直接回答"]}
        journal.write(session, "turn.decided", **about, **decided)
        said = desk.bot_says(session, conversation, "滿千免運")
        answered = {"conversation_id": conversation.id, "message_id": said.message_id}
        journal.write(session, "turn.answered", **answered, source="F7", version=1)
        case = current.wiring.desk.open(session, desk.wish_for_a_person(conversation))
        desk.bot_says(session, conversation, "專員馬上來")
        return case, question.id


def test_beside_a_message_of_the_bots_stands_what_it_understood_decided_and_whence_the_answer_is(wang, asked):
    case, question = asked
    page = wang.get(f"/console/cases/{case.number}")
    assert page.get_data(as_text=True).count('class="ground"') == 2  # also beside what said that a person comes
    assert "為什麼這樣回 聽懂" in words(page)
    for told in ("0.94 門檻 0.50", "自動回答", "一般問題，直接回答", "F7"):
        assert told in words(page)
    assert f"/console/messages/{question}/journey" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("inquiry", "一般諮詢"), ("application", "正式申請"), ("campaign", "活動參與"), ("broadcast", "推播回覆")],
)
def test_of_which_of_the_four_kinds_words_are_stands_beside_the_reply_and_on_the_case(current, wang, kind, name):
    with current.sessions.begin() as session:
        conversation = desk.customer(session)
        question = desk.writes(session, conversation, "我要辦貸款")
        about = {"conversation_id": conversation.id, "message_id": question.id}
        journal.write(session, "turn.understood", **about, intent="loan_apply", confidence=0.9)
        journal.write(session, "turn.decided", **about, route="human", reasons=[], traffic=kind)
        desk.bot_says(session, conversation, "專員馬上來")
        case = current.wiring.desk.open(session, desk.wish_for_a_person(conversation))
    page = wang.get(f"/console/cases/{case.number}").get_data(as_text=True)
    assert page.count(name) == 3  # beside the reply, on the case's cover, and where the judgement is told
    assert name in words(wang.get(f"/console/messages/{question.id}/journey"))


def test_what_comes_after_an_agent_has_spoken_answers_nothing_that_stands_before(current, wang, asked):
    case, _ = asked
    wang.post(f"/console/cases/{case.number}/claim", headers=console.PANE)
    said = {"text": "您好", "key": "click-1", "seen": 10**9}
    wang.post(f"/console/cases/{case.number}/reply", data=said, headers=console.PANE)
    with current.sessions.begin() as session:
        desk.bot_says(session, session.get_one(desk.Conversation, 1), "還有問題嗎")
    assert wang.get(f"/console/cases/{case.number}").get_data(as_text=True).count('class="ground"') == 2


def test_the_journey_is_a_timeline_with_the_message_its_judgement_and_how_long_each_took(wang, asked):
    _, question = asked
    page = wang.get(f"/console/messages/{question}/journey")
    told = words(page)
    assert "運費怎麼算" in told
    assert "決定 聽懂" in told
    assert "一般問題，直接回答" in told
    assert "還沒有，或不需要" in told
    assert page.get_data(as_text=True).count('class="passed"') >= 4


def test_a_colleague_marks_what_the_bot_judged_wrongly_once(current, wang, asked):
    case, question = asked
    page = wang.get(f"/console/cases/{case.number}").get_data(as_text=True)
    assert f'name="message" value="{question}"' in page
    for _ in range(2):
        answer = wang.post(f"/console/cases/{case.number}/doubt", data={"message": question}, headers=console.PANE)
        assert "已標示判斷錯" in words(answer)
    with current.sessions() as session:
        marked = session.scalars(select(JournalEntry).where(JournalEntry.kind == "answer.doubted")).all()
    assert [entry.message_id for entry in marked] == [question]
    assert "標示機器人判斷錯" in words(wang.get(f"/console/cases/{case.number}/history"))


def test_only_a_message_of_this_customer_is_marked(wang, asked):
    case, question = asked
    answer = wang.post(f"/console/cases/{case.number}/doubt", data={"message": question + 1}, headers=console.PANE)
    assert "找不到這則訊息" in words(answer)
