"""What a message says can only raise its weight."""

import pytest

from bot.assessment import Assessment, History, assess, parse_lexicon
from bot.errors import ContentError
from bot.language import entities
from bot.matrix import answered
from bot.nlu.policy import load
from bot.ports import Understanding

POLICY, LEXICON = load()


def _assess(
    text: str, intent: str = "shipping_fee", confidence: float = 0.97, history: History | None = None
) -> Assessment:
    understanding = Understanding(text, intent, confidence, ((intent, confidence),), entities(text))
    return assess(text, understanding, POLICY, LEXICON, history)


@pytest.mark.parametrize(
    ("text", "intent", "risk", "complexity", "level", "signal"),
    [
        ("杯子割到手,血流不停", "safety_injury", "high", "complex", "L1", "injury"),
        ("充電器冒煙了", "safety_injury", "high", "complex", "L1", "hazard"),
        ("我的帐号被盗用", "account_hacked", "high", "complex", "L2", "fraud"),
        ("重複扣款", "shipping_fee", "high", "complex", "L2", "money_moved"),
        ("再不處理我就找消保官", "complaint_threat_legal", "high", "complex", "L2", "legal"),
        ("氣死我了", "shipping_fee", "high", "complex", "L2", "anger"),
        ("這會影響聯徵嗎", "shipping_fee", "high", "simple", "L3", "credit_record"),
        ("已經問過三次了", "shipping_fee", "low", "complex", "L2", "repeated_contact"),
        ("運費多少?另外我想取消訂單", "shipping_fee", "low", "complex", "L3", "several_requests"),
    ],
)
def test_words_raise_the_weight(text: str, intent: str, risk: str, complexity: str, level: str, signal: str) -> None:
    found = _assess(text)
    assert (found.intent, found.risk, found.complexity, found.level) == (intent, risk, complexity, level)
    assert signal in found.signals


@pytest.mark.parametrize("text", ["這款鍋子會不會燙傷", "有賣燙傷膏嗎", "垃圾袋還有貨嗎", "運費怎麼算"])
def test_a_question_about_goods_raises_nothing(text: str) -> None:
    found = _assess(text)
    assert (found.risk, found.complexity, found.signals) == ("low", "simple", ())


def test_nothing_lowers_what_the_intent_weighs() -> None:
    for intent, own in POLICY.intents.items():
        found = _assess("謝謝", intent)
        assert (found.risk, found.complexity, found.level) == (own.risk, own.complexity, own.level)


def test_an_unsure_intent_lends_no_weight_but_its_team() -> None:
    found = _assess("…", "loan_apply", 0.2)
    assert (found.risk, found.complexity, found.trusted, found.team) == ("low", "simple", False, "loans")


def test_an_identity_number_raises_the_risk() -> None:
    assert _assess("我的是 A123456789").risk == "high"


def test_who_asks_the_same_again_gets_more_than_the_same_answer() -> None:
    found = _assess("運費", history=History(repeated=2))
    assert (found.complexity, found.level) == ("complex", "L2")


def test_a_vip_goes_first_but_is_still_answered_at_once() -> None:
    found = _assess("運費", history=History(tier="VIP"))
    assert (found.priority, found.risk, found.complexity) == ("high", "low", "simple")


def test_the_lexicon_names_no_intent_that_the_bot_would_answer() -> None:
    named = {signal.effect.intent for signal in LEXICON.signals} - {""}
    assert not named & answered(POLICY)


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        ({"any": ["x"]}, ["signals.0", "name"]),
        ({"name": "a", "patterns": ["("]}, ["signals.a", "'('"]),
        ({"name": "a", "any": [1]}, ["signals.a", "any"]),
        ({"name": "a", "effect": {"risk": "huge"}}, ["signals.a", "effect.risk", "'huge'"]),
        ({"name": "a", "pattern": ["x"]}, ["signals.a", "unknown pattern"]),
    ],
)
def test_an_editor_is_told_which_signal_is_wrong(signal: dict[str, object], words: list[str]) -> None:
    with pytest.raises(ContentError) as refused:
        parse_lexicon({"signals": [signal]})
    assert all(word in str(refused.value) for word in words)
