"""One way of judging for turns, figures and `nlu parse`: each request of a message for itself, who is in need first."""

from bot.nlu.verdict import reach
from bot.ports import Understanding

MEANS = {
    "運費怎麼算?": ("shipping_fee", 0.97),
    "我想取消訂單": ("cancel_order", 0.97),
    "運費怎麼算?另外我想取消訂單": ("shipping_fee", 0.5),
    "訂單還沒出貨 麻煩幫我確認": ("order_not_arrived_late", 0.97),
    "訂單還沒出貨 ": ("order_not_arrived_late", 0.97),
    "麻煩幫我確認": ("want_human", 0.97),
    "可以同一個單號，一起寄回給你們嗎？": ("return_how", 0.97),
    "可以同一個單號，": ("order_status", 0.97),
    "一起寄回給你們嗎？": ("return_how", 0.3),
    "幫我取消訂單。退貨要寄去哪？": ("return_how", 0.97),
    "幫我取消訂單。": ("cancel_order", 0.97),
    "退貨要寄去哪？": ("return_how", 0.3),
}


class Fixed:
    """An engine that means what the test says."""

    name = "fixed"

    def ready(self) -> bool:
        return True

    def parse(self, texts: list[str]) -> list[Understanding]:
        return [Understanding(text, *MEANS.get(text, ("out_of_scope", 0.1)), engine="fixed") for text in texts]


def test_each_request_is_judged_and_the_weightiest_leads() -> None:
    judgement = reach(Fixed(), "運費怎麼算?另外我想取消訂單")
    assert [one.decision.route for one in judgement.requests] == ["auto", "hybrid"]
    assert judgement.lead.decision.intent == "cancel_order"


def test_a_single_request_is_the_whole() -> None:
    judgement = reach(Fixed(), "運費怎麼算?")
    assert judgement.requests == (judgement.whole,)


def test_a_fragment_that_only_sounds_like_a_wish_does_not_outweigh_what_the_message_is_about() -> None:
    assert reach(Fixed(), "訂單還沒出貨 麻煩幫我確認").lead.decision.intent == "order_not_arrived_late"


def test_the_only_matter_that_a_beginning_names_does_not_take_the_place_of_what_the_message_surely_means() -> None:
    judgement = reach(Fixed(), "可以同一個單號，一起寄回給你們嗎？")
    assert judgement.requests == (judgement.whole,)


def test_what_is_asked_for_by_itself_is_lost_to_nothing() -> None:
    judgement = reach(Fixed(), "幫我取消訂單。退貨要寄去哪？")
    assert "cancel_order" in [one.decision.intent for one in judgement.requests]


def test_words_of_need_in_any_part_lead() -> None:
    assert reach(Fixed(), "運費怎麼算? 我被你們的杯子割傷了 怎麼辦").lead.decision.level == "L1"
