"""The unanswered loop: what the bot could not answer is found, grouped, and becomes what staff make of it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from bot.clock import now
from bot.models import Message
from bot.services import Services
from faq.models import Article, SettledMessage
from faq.tally import following
from faq.training import Working
from handoff import tickets
from handoff.models import Ticket
from tests import teaching
from tests.builders import Customer
from tests.console import signed_in, user_id_in, words
from tests.engines import Knows

pytestmark = [pytest.mark.by_hand, pytest.mark.both_engines]  # the stories decide what the understanding knows
Work = Callable[[], None]

PAGE = "/content/unanswered"
DOUBTS = (("shipping_fee", 0.3), ("payment_methods", 0.25), ("cancel_order", 0.2))


@pytest.fixture(autouse=True)
def understanding(knows: Knows, tmp_path: Path) -> Iterator[None]:
    knows({"謝謝": "thanks_bye"}, DOUBTS)
    with teaching.little_to_learn(tmp_path):
        yield


@pytest.fixture
def editor(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "editor", "editor")


def working(current: Services) -> Working:
    with current.sessions() as session:
        return Working.read(session)


def ids(current: Services, *texts: str) -> list[int]:
    with current.sessions() as session:
        found = {text: id_ for id_, text in session.execute(select(Message.id, Message.text))}
    return [found[text] for text in texts]


def does(editor: FlaskClient, deed: str, **form: object) -> str:
    return words(editor.post(f"{PAGE}/{deed}", data=form, follow_redirects=True))


def test_an_empty_page_says_what_will_come(editor: FlaskClient) -> None:
    assert "沒有等著處理的訊息" in words(editor.get(PAGE))


def test_messages_that_ask_the_same_stand_together_and_become_examples_by_one_click(
    chen: Customer, huang: Customer, work: Work, current: Services, editor: FlaskClient
) -> None:
    chen.writes("小琉球那邊也可以寄嗎")
    huang.writes("請問小琉球那邊也可以寄嗎")
    work()
    huang.writes("禮盒附提袋嗎")
    work()
    page = words(editor.get(PAGE))
    assert "3 則，2 組" in page
    assert page.index("小琉球") < page.index("禮盒")
    both = ids(current, "小琉球那邊也可以寄嗎", "請問小琉球那邊也可以寄嗎")
    said = does(editor, "teach", message=both, to="shipping_fee", do="example")
    assert "已加入「運費怎麼算」2 句" in said
    assert "小琉球" not in said.split("最近 30 天")[1]
    assert [line.intent for line in working(current).edits] == ["shipping_fee"] * 2


def test_what_a_customer_tapped_is_the_first_guess(
    chen: Customer, work: Work, current: Services, editor: FlaskClient
) -> None:
    chen.writes("那個可以嗎")
    work()
    chen.writes("有哪些付款方式")
    work()
    page = editor.get(PAGE)
    assert "顧客點選說明" in words(page)
    assert '<option value="payment_methods" selected>' in page.get_data(as_text=True)


def test_nobody_is_taught_a_customers_data(chen: Customer, work: Work, current: Services, editor: FlaskClient) -> None:
    text = "我是陳怡君，0912-345-678，GB1118-20731 那個可以嗎"
    chen.writes(text)
    work()
    assert "我是○○，☎，# 那個可以嗎" in words(editor.get(PAGE))
    does(editor, "teach", message=ids(current, text), to="shipping_fee", do="example")
    [line] = working(current).edits
    assert line.text == "我是○○，☎，# 那個可以嗎"


def test_what_a_colleague_filed_elsewhere_is_shown(
    chen: Customer, work: Work, current: Services, editor: FlaskClient, app: Flask
) -> None:
    chen.writes("我要找真人")
    work()
    signed_in(app, current, "wu", "specialist")
    with current.sessions.begin() as session:
        ticket = session.scalars(select(Ticket)).one()
        tickets.claim(session, ticket.id, user_id_in(session, "wu"))
        tickets.grade(session, ticket.id, user_id_in(session, "wu"), category="exchange")
    page = words(editor.get(PAGE))
    assert "我要找真人" in page
    assert "同事改分類" in page
    assert "同事：換貨" in page


def test_a_group_is_none_of_our_business(chen: Customer, work: Work, current: Services, editor: FlaskClient) -> None:
    chen.writes("你們老闆幾歲")
    work()
    does(editor, "teach", message=ids(current, "你們老闆幾歲"), do="out_of_scope")
    assert [line.intent for line in working(current).edits] == ["out_of_scope"]


def test_a_group_becomes_a_draft_of_an_article(
    chen: Customer, work: Work, current: Services, editor: FlaskClient
) -> None:
    chen.writes("禮盒附提袋嗎")
    work()
    asked = ids(current, "禮盒附提袋嗎")
    assert "沒有內容" in does(editor, "article", message=asked, answer=" ", to="gift_terms")
    assert "草稿" in does(editor, "article", message=asked, answer="都附提袋。", to="gift_terms")
    with current.sessions() as session:
        article = session.scalars(select(Article).where(Article.external_id == f"Q{asked[0]}")).one()
        settled = session.get_one(SettledMessage, asked[0])
    assert (article.question, article.published, article.intent) == ("禮盒附提袋嗎", False, "gift_terms")
    assert settled.outcome == "article"
    assert "沒有等著處理的訊息" in words(editor.get(PAGE))


def test_what_teaches_nothing_is_passed_over_once(
    chen: Customer, work: Work, current: Services, editor: FlaskClient
) -> None:
    chen.writes("那個可以嗎")
    work()
    asked = ids(current, "那個可以嗎")
    assert "已略過" in does(editor, "dismiss", message=asked)
    assert "同事剛剛處理過了" in does(editor, "dismiss", message=asked)


def test_what_cannot_be_learned_stays_with_its_reason(
    chen: Customer, work: Work, current: Services, editor: FlaskClient
) -> None:
    chen.writes("？？？？")
    work()
    said = does(editor, "teach", message=ids(current, "？？？？"), to="shipping_fee", do="example")
    assert "「？？？？」沒有加入：只有符號" in said
    assert "1 則，1 組" in said


def test_what_was_taken_back_or_taught_meanwhile_is_not_shown(
    chen: Customer, work: Work, current: Services, editor: FlaskClient
) -> None:
    [written] = chen.writes("那個可以嗎")
    work()
    chen.does("unsend", unsend={"messageId": written["message"]["id"]})
    chen.writes("禮盒附提袋嗎")
    work()
    teaching.teach(current, "gift_terms", "禮盒附提袋嗎")
    assert "沒有等著處理的訊息" in words(editor.get(PAGE))


def test_what_was_understood_with_nothing_live_to_say_waits_for_an_article(
    chen: Customer, work: Work, current: Services, editor: FlaskClient, knows: Knows
) -> None:
    knows({"提袋": "gift_terms"})
    with current.sessions.begin() as session:
        session.execute(update(Article).where(Article.intent == "gift_terms").values(published=False))
    chen.writes("禮盒附提袋嗎")
    work()
    with time_machine.travel(now() + timedelta(minutes=1)):  # everything was committed by then
        following.follow(current)
    page = words(editor.get(PAGE))
    assert ("禮盒附提袋嗎" in page, "沒有上線的答案" in page.partition("1 組")[2]) == (True, True)
    editor.set_cookie("language", "en")
    assert "No published answer" in words(editor.get(PAGE))
    with current.sessions.begin() as session:
        session.execute(update(Article).where(Article.intent == "gift_terms").values(published=True))
    assert "禮盒附提袋嗎" not in words(editor.get(PAGE)), "there is one by now"
