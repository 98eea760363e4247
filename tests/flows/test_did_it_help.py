"""Did this help? Two buttons under the bot's answer; a tap labels that very answer, and costs nobody anything."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot.clock import now
from bot.models import Contact, Conversation, JournalEntry, Message, OutboxRow
from bot.nlu.embedded import Embedded
from bot.services import Services
from faq import drafts, tally
from faq.models import Article, ArticleVote, BotTurn
from handoff import tickets
from handoff.console import unread
from handoff.models import Ticket
from tests.builders import Customer, event
from tests.console import signed_in, user_id_in, words
from tests.content import has_a_tree
from tests.fakes import FakeLine
from tests.fakes_nlu import knowing

pytestmark = pytest.mark.by_hand  # the stories decide what the understanding knows, and when the journal is read
Work = Callable[[], None]

ASKED = "運費怎麼算"
DOUBTS = (("shipping_fee", 0.3), ("payment_methods", 0.25), ("cancel_order", 0.2))
KNOWN = {"運費": "shipping_fee", "付款": "payment_methods", "謝謝": "thanks_bye", "shipping": "shipping_fee"}


@pytest.fixture(autouse=True)
def understanding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Embedded, "parse", knowing(KNOWN, DOUBTS))


@pytest.fixture
def editor(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "editor", "editor")


def under(line: FakeLine) -> list[dict[str, Any]]:
    """What can be tapped under the last message."""
    items = (line.sends()[-1].body["messages"][-1].get("quickReply") or {"items": []})["items"]
    return [item["action"] for item in items]


def ours(line: FakeLine) -> dict[str, str]:
    """What the two buttons bring along, by what stands on them."""
    return {action["label"]: action["data"] for action in under(line) if action["type"] == "postback"}


def taps(customer: Customer, data: str) -> dict[str, Any]:
    return customer.does("postback", postback={"data": data})


def asks(customer: Customer, work: Work, line: FakeLine, text: str = ASKED) -> dict[str, str]:
    customer.writes(text)
    work()
    return ours(line)


def read(current: Services) -> None:
    """The ticker's look, a moment later."""
    with time_machine.travel(now() + timedelta(seconds=11), tick=False):
        tally.follow(current)


def landed(current: Services) -> list[tuple[str, Any]]:
    """All that happened to cases."""
    with current.sessions() as session:
        told = select(JournalEntry).where(JournalEntry.kind.startswith("ticket.")).order_by(JournalEntry.id)
        return [(entry.kind, entry.data) for entry in session.scalars(told)]


def voted(current: Services) -> list[bool]:
    with current.sessions() as session:
        told = select(JournalEntry).where(JournalEntry.kind == "answer.voted").order_by(JournalEntry.id)
        return [entry.data["helped"] for entry in session.scalars(told)]


def test_an_answer_offers_both_beside_its_own_buttons_and_costs_no_further_message(
    chen: Customer, work: Work, line: FakeLine
) -> None:
    offered = asks(chen, work, line)
    assert list(offered) == ["有幫助", "沒有幫助"]
    shown = ["有幫助", "沒有幫助", "離島可以送嗎", "常溫冷凍分開算嗎", "下單後幾天會到"]
    assert [action["label"] for action in under(line)] == shown
    assert all(len(data) <= 300 for data in offered.values())
    assert [call.path.rsplit("/", 1)[1] for call in line.sends()] == ["reply"]


def test_in_the_customers_language(chen: Customer, work: Work, line: FakeLine) -> None:
    assert list(asks(chen, work, line, "how much is shipping")) == ["Helpful", "Not helpful"]


def test_a_tap_is_answered_and_kept_in_the_language_of_its_button(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    asks(chen, work, line)
    with current.sessions() as session:
        assert session.scalars(select(Contact.language)).one() == "zh-TW"
    taps(chen, asks(chen, work, line, "how much is shipping")["Not helpful"])
    work()
    assert "Sorry" in line.said[-1]
    with current.sessions() as session:
        assert session.scalars(select(Message.text).where(Message.kind == "vote")).all() == ["Not helpful"]


def test_what_did_not_help_is_remembered_of_that_very_answer_and_kindly_answered_for_free(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    taps(chen, asks(chen, work, line)["沒有幫助"])
    work()
    assert "抱歉沒有幫上忙" in line.said[-1]
    assert [action["label"] for action in under(line)] == ["找真人"]
    assert [call.path.rsplit("/", 1)[1] for call in line.sends()] == ["reply", "reply"]
    read(current)
    with current.sessions() as session:
        [turn] = session.scalars(select(BotTurn))
        asked = session.get_one(Message, turn.message_id)
        assert (asked.text, turn.article, turn.helped) == (ASKED, "FAQ-001", False)
        [vote] = session.scalars(select(ArticleVote))
        assert (vote.helped, vote.version) == (False, 1)
        assert session.scalars(select(Message.text).where(Message.kind == "vote")).all() == ["沒有幫助"]
        kinds = session.scalars(select(JournalEntry.kind).where(JournalEntry.kind == "turn.understood")).all()
        assert len(kinds) == 1  # a tap is judged by nobody
        assert session.scalars(select(Ticket)).all() == []


def test_what_helped_counts_as_well_and_is_thanked_for_briefly(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    taps(chen, asks(chen, work, line)["有幫助"])
    work()
    assert line.said[-1] == "謝謝您告訴我們！"
    assert under(line) == []
    read(current)
    with current.sessions() as session:
        assert [turn.helped for turn in session.scalars(select(BotTurn))] == [True]
        assert [vote.helped for vote in session.scalars(select(ArticleVote))] == [True]


def test_tapped_often_it_counts_once_and_who_changes_his_mind_counts_as_he_thinks_now(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    offered = asks(chen, work, line)
    for _ in range(3):
        taps(chen, offered["沒有幫助"])
        work()
    assert len(line.said) == 2
    taps(chen, offered["有幫助"])
    work()
    read(current)
    assert voted(current) == [False, True]
    with current.sessions() as session:
        assert [turn.helped for turn in session.scalars(select(BotTurn))] == [True]
        assert [vote.helped for vote in session.scalars(select(ArticleVote))] == [True]


def test_an_event_that_comes_twice_counts_once(chen: Customer, work: Work, line: FakeLine, current: Services) -> None:
    tapped = taps(chen, asks(chen, work, line)["沒有幫助"])
    assert chen.post(tapped | {"deliveryContext": {"isRedelivery": True}}) == 200
    work()
    assert (voted(current), len(line.said)) == ([False], 2)


def test_a_tap_on_an_older_answer_labels_that_one_and_interrupts_nobody(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    offered = asks(chen, work, line)
    asks(chen, work, line, "有哪些付款方式")
    said = len(line.said)
    taps(chen, offered["沒有幫助"])
    work()
    assert len(line.said) == said
    read(current)
    with current.sessions() as session:
        helped = dict(session.execute(select(BotTurn.intent, BotTurn.helped)).all())
    assert helped == {"shipping_fee": False, "payment_methods": None}


def test_a_tap_together_with_a_question_leaves_the_question_as_it_is(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    offered = asks(chen, work, line)
    taps(chen, offered["沒有幫助"])
    chen.writes("有哪些付款方式")
    work()
    assert len(line.said) == 2
    assert "抱歉沒有幫上忙" not in line.said[-1]
    assert voted(current) == [False]


def test_once_a_person_has_the_case_a_tap_is_kept_and_nobody_is_disturbed(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    offered = asks(chen, work, line)
    chen.writes("我要找真人")
    work()
    said, heard = len(line.said), landed(current)
    taps(chen, offered["沒有幫助"])
    work()
    assert len(line.said) == said
    assert (voted(current), landed(current)) == ([False], heard)


def test_a_tap_holds_no_agents_reply_up_and_counts_as_nothing_that_waits(
    chen: Customer, work: Work, line: FakeLine, current: Services, app: Flask
) -> None:
    offered = asks(chen, work, line)
    chen.writes("我要找真人")
    work()
    wu = signed_in(app, current, "wu", "agent")
    with current.sessions.begin() as session:
        ticket = session.scalars(select(Ticket)).one()
        case, number, ours = ticket.id, ticket.number, user_id_in(session, "wu")
        tickets.claim(session, case, ours)
        seen = session.scalars(select(Message.id).order_by(Message.id.desc())).first()
        before = unread.counts(session, [case])
    taps(chen, offered["沒有幫助"])
    work()
    with current.sessions.begin() as session:
        assert unread.counts(session, [case]) == before
        assert tickets.reply(session, case, ours, "我幫您查。", "k", seen or 0)
    assert "沒有幫助" in words(wu.get(f"/console/cases/{number}"))  # who looks sees it


def test_tapped_twice_before_anybody_looks_it_counts_once(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    offered = asks(chen, work, line)
    both = [event("Uchen", type="postback", postback={"data": offered[said]}) for said in ("有幫助", "沒有幫助")]
    assert chen.post(*both, event("Uchen", type="postback", postback={"data": offered["沒有幫助"]})) == 200
    work()
    assert (voted(current), len(line.said)) == ([False], 2)


def test_who_asks_for_a_person_then_has_it_on_his_case(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    taps(chen, asks(chen, work, line)["沒有幫助"])
    work()
    chen.writes(under(line)[-1]["text"])
    work()
    with current.sessions() as session:
        ticket = session.scalars(select(Ticket)).one()
        assert ticket.taps == [ASKED, "沒有幫助", "找真人"]
        assert session.scalars(select(Conversation.owner)).one() == "human"


@pytest.mark.parametrize("text", ["謝謝", "那個可以嗎", "我要找真人", "運費怎麼算？另外有哪些付款方式？"])
def test_nobody_is_asked_after_a_greeting_a_question_back_a_case_or_several_answers(
    chen: Customer, work: Work, line: FakeLine, text: str
) -> None:
    assert asks(chen, work, line, text) == {}


def test_a_scenario_tree_has_its_own_buttons(chen: Customer, work: Work, line: FakeLine, current: Services) -> None:
    has_a_tree(current)
    assert asks(chen, work, line, "家電可以寄嗎，運費") == {}


def test_an_answer_with_many_buttons_has_no_place_for_more(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    row = {"external_id": "FAQ-001", "question": "運費？", "answer": "80 元", "intent": "shipping_fee"}
    with current.sessions.begin() as session:
        saved = drafts.save(session, [(1, row | {"buttons": ["一", "二", "三", "四", "五"]})], publish=True)
        assert saved.problems == []
    chen.writes("運費？")
    work()
    assert "有幫助" not in [action["label"] for action in under(line)]


@pytest.mark.parametrize(
    ("ours", "forged"),
    [(":FAQ-001", ":FAQ-002"), (":1:zh-TW:FAQ-001", ":2:zh-TW:FAQ-001"), (":FAQ-001", ":FAQ-001 ")],
    ids=["another article", "another version", "nearly the article"],
)
def test_what_was_never_answered_to_that_message_counts_nothing_and_is_told_politely(
    chen: Customer, work: Work, line: FakeLine, current: Services, ours: str, forged: str
) -> None:
    brought = asks(chen, work, line)["沒有幫助"]
    assert ours in brought
    taps(chen, brought.replace(ours, forged))
    work()
    assert "對不上我們回答過的內容" in line.said[-1]
    assert [action["label"] for action in under(line)] == ["找真人"]
    assert voted(current) == []
    taps(chen, brought)
    work()
    assert (voted(current), "抱歉沒有幫上忙" in line.said[-1]) == ([False], True)


def test_what_is_forged_takes_no_real_tap_of_the_same_turn_away(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    real = asks(chen, work, line)["沒有幫助"]
    both = [real, real.replace(":FAQ-001", ":FAQ-002")]
    assert chen.post(*(event("Uchen", type="postback", postback={"data": data}) for data in both)) == 200
    work()
    assert (voted(current), "抱歉沒有幫上忙" in line.said[-1]) == ([False], True)


def test_who_went_on_writing_hears_nothing_of_a_tap_that_counts_nothing(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    offered = asks(chen, work, line)
    asks(chen, work, line, "有哪些付款方式")
    said = len(line.said)
    taps(chen, offered["沒有幫助"].replace(":FAQ-001", ":FAQ-002"))
    work()
    assert (len(line.said), voted(current)) == (said, [])


def test_the_answer_to_somebody_else_is_nobody_elses_to_judge(
    chen: Customer, huang: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    taps(huang, asks(chen, work, line)["有幫助"])
    work()
    assert "對不上我們回答過的內容" in line.said[-1]
    read(current)
    with current.sessions() as session:
        assert [turn.helped for turn in session.scalars(select(BotTurn))] == [None]
        assert session.scalars(select(ArticleVote)).all() == []


def test_an_older_version_that_was_answered_counts_for_that_one(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    brought = asks(chen, work, line)["沒有幫助"]
    row = {"external_id": "FAQ-001", "question": "運費？", "answer": "90 元", "intent": "shipping_fee"}
    with current.sessions.begin() as session:
        assert drafts.save(session, [(1, row)], publish=True).problems == []
    taps(chen, brought)
    work()
    read(current)
    with current.sessions() as session:
        assert [(vote.helped, vote.version) for vote in session.scalars(select(ArticleVote))] == [(False, 1)]


@pytest.mark.parametrize(
    "data",
    [
        "no:999999:1:en:F",
        "no:x:1:en:F",
        "no:99999999999:1:en:F",
        "no:1:99999999999:en:F",
        "no:1:1:../..:F",
        "perhaps:1:1:en:F",
        "",
    ],
)
def test_what_no_button_of_ours_brings_does_nothing(
    chen: Customer, work: Work, line: FakeLine, current: Services, data: str
) -> None:
    taps(chen, f"helped:{data}")
    work()
    assert voted(current) == []
    assert not [said for said in line.said if "抱歉沒有幫上忙" in said]


def test_it_waits_for_the_editor_with_its_article_and_in_the_report(
    chen: Customer, huang: Customer, work: Work, line: FakeLine, current: Services, editor: FlaskClient
) -> None:
    taps(chen, asks(chen, work, line, "寄離島運費怎麼算呢")["沒有幫助"])
    work()  # so what was said last is what huang hears
    taps(huang, asks(huang, work, line)["有幫助"])
    work()
    read(current)
    page = words(editor.get("/content/unanswered"))
    assert "寄離島運費怎麼算呢" in page
    assert "顧客說沒幫助" in page
    assert "回答的是這一篇" in page
    report = words(editor.get("/content/report"))
    assert "1／2 則回饋" in report
    assert "自助解決 50.0%" in report
    opened = words(editor.get("/content/report/messages?what=unhelpful"))
    assert "寄離島運費怎麼算呢" in opened
    assert "回答了 顧客說有幫助" not in opened
    assert "說明中心有" not in report
    with current.sessions() as session:
        [asked] = session.scalars(select(Message.id).where(Message.text == "寄離島運費怎麼算呢"))
    done = words(editor.post("/content/unanswered/dismiss", data={"message": asked}, follow_redirects=True))
    assert "寄離島運費怎麼算呢" not in done


def test_the_articles_page_counts_it_and_opens_the_message(
    chen: Customer, work: Work, line: FakeLine, current: Services, editor: FlaskClient
) -> None:
    taps(chen, asks(chen, work, line, "寄離島運費怎麼算呢")["沒有幫助"])
    work()
    read(current)
    with current.sessions() as session:
        [known] = session.scalars(select(Article.id).where(Article.external_id == "FAQ-001"))
    page = editor.get(f"/content/articles/{known}")
    assert "顧客說沒幫助 100.0% 1／1 則回饋 說明中心說沒幫助 0" in words(page)
    [number] = re.findall(r'href="([^"]*/messages\?what=unhelpful[^"]*)"', page.get_data(as_text=True))
    assert "寄離島運費怎麼算呢" in words(editor.get(unescape(number)))


def test_what_goes_out_is_kept_and_read_again_as_it_was(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    offered = asks(chen, work, line)
    with current.sessions() as session:
        body = session.scalars(select(OutboxRow.body).order_by(OutboxRow.id.desc()).limit(1)).one()
    assert [button["brings"] for button in body["buttons"] if "brings" in button] == list(offered.values())
