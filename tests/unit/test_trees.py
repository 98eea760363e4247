"""Scenario trees: what is written is what is walked, and what cannot be walked to an end says where it is wrong."""

import pytest

from bot.errors import Refused
from faq.articles.trees import STEPS, parse, walk

TREE = """
# 收到多久
什麼時候收到的？
- 七天內 -> 有沒有拆
- 超過七天 -> 不建議：超過鑑賞期就不能退貨，改談保固。

# 有沒有拆
商品拆封了嗎？
- 沒有 → 可以：幫顧客開退貨單。
- 拆了 -> 視情況評估
"""


def test_each_choice_leads_to_the_next_question_or_a_verdict():
    tree = parse(TREE)
    assert walk(tree, []).step.question == "什麼時候收到的？"
    there = walk(tree, [0, 0])
    assert there.answered == (("什麼時候收到的？", "七天內"), ("商品拆封了嗎？", "沒有"))
    assert (there.end.verdict, there.end.advice) == ("yes", "幫顧客開退貨單。")
    assert [walk(tree, path).end.verdict for path in ([1], [0, 1])] == ["no", "depends"]


@pytest.mark.parametrize("path", [[9], [0, 9], [-1]])
def test_a_choice_that_is_not_there_leads_nowhere(path):
    assert walk(parse(TREE), path).end is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# 甲\n問？\n- 是 -> 乙\n# 乙\n問？\n- 是 -> 丙\n# 丙\n問？\n- 是 -> 乙", "情境樹繞回原處：乙 → 丙 → 乙"),
        ("# 甲\n問？\n- 是 -> 甲", "甲 → 甲"),
        ("# 甲\n問？\n- 是 -> 那裡", "「甲」指到沒有的「那裡」"),
        ("# 甲\n問？\n- 是 -> 可以\n# 乙\n問？\n- 是 -> 可以", "走不到「乙」"),
        ("# 甲\n問？", "「甲」沒有選項"),
        ("# 甲\n- 是 -> 可以", "「甲」沒有問句"),
        ("# 甲\n問？\n- 是 -> 可以\n- 是 -> 不建議", "「甲」有兩個「是」"),
        ("問？\n# 甲", "第 1 行：先寫這一步的名稱"),
        ("# 甲\n問？\n- 是 -> 可以\n# 甲\n問？\n- 否 -> 可以", "第 4 行：「甲」寫了兩次"),
        ("# 甲\n問？\n- " + "長" * 21 + " -> 可以", "第 3 行：選項超過 20 個字"),
        ("", "第一行寫"),
    ],
)
def test_what_cannot_be_walked_says_where(text, why):
    with pytest.raises(Refused, match=why):
        parse(text)


def test_ways_that_meet_again_are_no_circle_and_cost_little():
    layers = [f"# {n}\n問？\n- 左 -> {n + 1}\n- 右 -> {n + 1}" for n in range(STEPS - 1)]
    tree = parse("\n".join([*layers, f"# {STEPS - 1}\n問？\n- 是 -> 可以"]))
    assert len(tree.steps) == STEPS


@pytest.mark.parametrize(
    ("written", "name"), [("Not advised: too late.", "no"), ("yes", "yes"), ("It depends", "depends")]
)
def test_a_verdict_may_be_written_in_english(written, name):
    [end] = parse(f"# When\nHow long ago?\n- Long -> {written}").steps["When"].options
    assert end.verdict == name
