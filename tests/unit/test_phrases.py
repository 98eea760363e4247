"""What a customer surely means who writes this: a person above all, in any wording, and nothing that only sounds so."""

import pytest

from bot.nlu import shipped


def _rule_of(text: str) -> str:
    rule = shipped.phrases().first(text)
    return rule.intent if rule else ""


@pytest.mark.parametrize(
    "text",
    [
        "我要找真人",
        "转人工",
        "人工",
        "有人工嗎",
        "為什麼轉不了人工",
        "人工客服幾點上班",
        "機器人能不能滾開",
        "不要再自動回覆了",
        "能說人話嗎",
        "叫你們主管出來",
        "找你們經理",
        "客服人呢",
        "客服電話多少",
        "線上客服怎麼找",
        "可以請客服打給我嗎",
        "麻煩轉接專員",
        "有沒有活人",
        "有沒有人能幫我處理",
        "想直接跟你們客服講",
        "talk to a human",
        "let me speak to someone",
        "I need a real person not a bot",
        "customer service please",
        "stop the bot",
    ],
)
def test_a_wish_for_a_person_is_heard(text: str) -> None:
    assert _rule_of(text) == "want_human"


@pytest.mark.parametrize(
    "text",
    [
        "已讀不回",
        "怎麼沒人回",
        "等了一小時還沒人回",
        "你們客服電話打不通",
        "為什麼不回我",
        "why is nobody answering",
        "no one replies",
    ],
)
def test_who_asks_why_nobody_answers_wants_a_person_too(text: str) -> None:
    assert _rule_of(text) == "no_reply"


@pytest.mark.parametrize(
    "text",
    [
        "真人實穿照有嗎",
        "有沒有真人開箱",
        "有模特真人圖嗎",
        "人工審核要多久",
        "是人工智能嗎",
        "人工色素有加嗎",
        "掃地機器人會不會撞牆",
        "送貨前請打電話給我",
        "司機會先打給我嗎",
        "找不到優惠券",
        "可以找人代收嗎",
        "家裡沒人可以改送嗎",
        "不用幫我轉人工",
        "客服說可以退",
        "換手機號碼",
        "店長推薦是哪款",
        "is it for men or women",
        "does the robot vacuum call home",
        "在嗎",
        "你好",
    ],
)
def test_what_only_sounds_like_it_is_left_to_the_classifier(text: str) -> None:
    assert _rule_of(text) == ""


@pytest.mark.parametrize("text", ["想了解貸款", "我要申請貸款", "正式申請", "我要借錢", "想貸款", "要借5萬"])
def test_an_application_is_told_by_its_words(text: str) -> None:
    assert _rule_of(text) == "loan_apply"


@pytest.mark.parametrize(
    "text", ["想了解貸款利率", "正式申請前要準備什麼", "取消正式申請", "我不想借了", "我要貸款的話要準備什麼"]
)
def test_a_question_about_loans_is_no_application(text: str) -> None:
    assert _rule_of(text) == ""


@pytest.mark.parametrize("text", ["查貸款進度", "我的信貸審核結果", "貸款過了沒", "想問一下借款申請進度"])
def test_how_far_a_loan_is_goes_to_the_loan_desk(text: str) -> None:
    assert _rule_of(text) == "loan_progress"


@pytest.mark.parametrize("text", ["退貨進度", "訂單進度", "貸款要什麼條件"])
def test_other_progress_does_not(text: str) -> None:
    assert _rule_of(text) == ""
