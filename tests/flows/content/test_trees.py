"""Scenario trees on their way: written and reviewed as articles are, and walked beside a case."""

import re

import pytest

from bot.ports import Query
from faq import drafts
from faq.answers import PublishedAnswers
from handoff.models import Ticket
from tests import console, desk
from tests.content import FEE, answer, words
from tests.unit.test_trees import TREE

RETURN = FEE | {"question": "退貨可不可以收？", "category": "return_refund", "intent": "return_how"}
CIRCLE = "# 甲\n問？\n- 是 -> 甲"


@pytest.fixture
def wang(app, current):
    return console.signed_in(app, current, "wang", "agent")


@pytest.fixture
def number(current, wang):
    with current.sessions.begin() as session:
        found = desk.claimed_case(session)
        return session.get_one(Ticket, found.ticket).number


def beside(wang, number, **asked):
    return wang.get(f"/console/cases/{number}/{asked.pop('part', 'knowledge')}", query_string=asked)


def ways(page):
    """The addresses of the options that one may choose."""
    text = page.get_data(as_text=True).partition('class="ways"')[2]
    return [address.replace("&amp;", "&") for address in re.findall(r'hx-get="([^"]+)"', text)]


def test_an_agent_walks_a_tree_beside_the_case_to_its_verdict_and_back(hsu, wang, number):
    hsu.publishes(**RETURN | {"wording": [], "question": "退貨判斷"}, tree=TREE)
    found = beside(wang, number, q="退貨判斷").get_data(as_text=True)
    [begin] = re.findall(r'hx-get="([^"]+/walk[^"]+)"', found)
    first = wang.get(begin.replace("&amp;", "&"))
    assert "什麼時候收到的？ 七天內 超過七天" in words(first)
    second = wang.get(ways(first)[0])
    assert "商品拆封了嗎？" in words(second)
    end = wang.get(ways(second)[0])
    assert "可以 幫顧客開退貨單。" in words(end)
    assert "僅供內部" in words(end)
    assert "data-give" not in end.get_data(as_text=True)
    back = re.findall(r'class="back" type="button" hx-get="([^"]+)"', end.get_data(as_text=True))
    assert "什麼時候收到的？ 七天內" in words(wang.get(back[0].replace("&amp;", "&")))


def test_what_he_asks_and_may_say_names_the_customer_and_his_case(hsu, wang, number):
    tree = "# 甲\n{name}的{case}嗎？\n- 是 -> 可以：{name}，{case}會處理。"
    hsu.publishes(**RETURN | {"wording": ["看一下。"], "question": "退貨判斷"}, tree=tree, tree_for="customers")
    found = beside(wang, number, q="退貨判斷").get_data(as_text=True)
    [begin] = re.findall(r'hx-get="([^"]+/walk[^"]+)"', found)
    first = wang.get(begin.replace("&amp;", "&"))
    assert f"陳怡君的{number}嗎？" in words(first)
    assert f"陳怡君，{number}會處理。" in words(wang.get(ways(first)[0]))


def test_a_circle_is_refused_with_the_way_and_nothing_goes_live(current, hsu):
    article = hsu.begins()
    refused = hsu.does(article, "publish", **FEE, tree=CIRCLE)
    assert refused.status_code == 409
    assert "情境樹繞回原處：甲 → 甲。每條路都要走到結論。" in words(refused)
    assert "情境樹 ：" in words(refused)
    with current.sessions.begin() as session:
        row = {"external_id": "T1", "question": "?", "answer": "x", "tree": CIRCLE}
        assert [str(one) for one in drafts.save(session, [(1, row)], publish=True).problems] == [
            "第 1 列 tree：情境樹繞回原處：甲 → 甲。每條路都要走到結論。"
        ]


def test_a_circle_is_told_in_english_too(hsu):
    hsu.client.set_cookie("language", "en")
    refused = hsu.does(hsu.begins(), "publish", **FEE, tree=CIRCLE)
    assert "goes round in a circle" in words(refused)


def test_the_verdicts_of_a_tree_for_colleagues_are_said_to_no_customer(current, hsu):
    hsu.publishes(**FEE | {"wording": [], "question": "退貨判斷"}, tree=TREE)
    refused = hsu.does(hsu.begins(), "publish", **FEE | {"wording": ["超過鑑賞期就不能退貨喔"]})
    assert (refused.status_code, "僅供內部的文字" in words(refused)) == (409, True)
    with current.sessions() as session:
        assert answer(session) is None


def test_a_customer_walks_what_is_meant_for_him(current, hsu):
    hsu.publishes(**FEE | {"wording": ["我們看看能不能退。"]}, tree=TREE, tree_for="customers")
    with current.sessions() as session:
        first = answer(session)
        assert first.message.text == "我們看看能不能退。\n\n什麼時候收到的？"
        assert ([button.label for button in first.message.buttons], first.path) == (["七天內", "超過七天"], ())
        walk = PublishedAnswers().go_on
        second = walk(session, first.source, first.path, Query("七天內", ""))
        assert (second.message.text, second.path) == ("商品拆封了嗎？", (0,))
        end = walk(session, first.source, second.path, Query("拆了", ""))
        assert (end.message.text, end.path) == ("視情況評估", None)
        assert [button.label for button in end.message.buttons] == ["找真人"]
        assert walk(session, first.source, (), Query("別的", "")) is None


def test_what_a_step_asks_and_advises_is_filled_and_its_buttons_hold_no_variables(current, hsu):
    tree = (
        "# 甲\n{name}您好，{order|這筆訂單}到了嗎？\n- 到了 -> 可以：{name}，{shop}謝謝您。\n- 還沒 -> 不建議：等等。"
    )
    hsu.publishes(**FEE | {"wording": ["看一下。"]}, tree=tree, tree_for="customers")
    mei = {"name": "美美", "facts": {"order": "GB1118"}}
    with current.sessions() as session:
        first = answer(session, **mei)
        assert first.message.text == "看一下。\n\n美美您好，GB1118到了嗎？"
        end = PublishedAnswers().go_on(session, first.source, first.path, Query("到了", "", **mei))
        assert end.message.text == "可以\n美美，鮮好團購謝謝您。"
    for written, why in (
        (tree.replace("{order|", "{parcel|"), "沒有變數 {parcel}"),
        (tree.replace("等等。", "{level}。"), "沒有變數 {level}"),
        (tree.replace("- 還沒", "- {name}"), "按鈕「{name}」：變數寫在文字裡"),
    ):
        refused = hsu.does(hsu.begins(), "publish", **FEE, tree=written, tree_for="customers")
        assert (refused.status_code, why in words(refused)) == (409, True)


def test_a_button_below_an_answer_holds_no_variable_either(current):
    row = {"external_id": "B1", "question": "?", "answer": "x", "buttons": "{name}的訂單"}
    with current.sessions.begin() as session:
        assert [str(one) for one in drafts.save(session, [(1, row)], publish=True).problems] == [
            "第 1 列 buttons：按鈕「{name}的訂單」：變數寫在文字裡，按鈕上不能用。"
        ]


def test_a_tree_goes_out_and_in_and_is_compared_line_by_line(current, hsu):
    article = hsu.publishes(**FEE, tree=TREE, tree_for="customers")
    with current.sessions.begin() as session:
        again = drafts.save(session, enumerate(drafts.entries(session), 1), publish=True)
    assert (again.unchanged, again.problems) == (1, [])
    hsu.saves(article, **FEE, tree=TREE.replace("七天內", "十天內"), tree_for="customers")
    assert "- 十 天內 -&gt; 有沒有拆" in words(hsu.opens(article, "/history"))


def test_nobody_walks_beside_a_case_that_is_not_his(app, current, hsu, number):
    window = console.signed_in(app, current, "window", "department")
    assert beside(window, number, part="walk", source="x").status_code == 404
