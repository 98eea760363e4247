"""The matrix as a table: what the front line may do with what was understood."""

from typing import Any

import pytest

from bot.assessment import History, assess, parse_lexicon
from bot.errors import ContentError
from bot.matrix import Decision, answered, decide, parse_policy
from bot.nlu.policy import load
from bot.ports import Understanding

POLICY = load()[0]
QUIET = parse_lexicon({"signals": []})
LEXICON = load()[1]


def _decide(
    intent: str,
    confidence: float = 0.97,
    text: str = "…",
    clarified: int = 0,
    lexicon: Any = QUIET,
    others: tuple[tuple[str, float], ...] = (),
) -> Decision:
    understanding = Understanding(text, intent, confidence, ((intent, confidence), *others), accept=0.6, margin=0.1)
    assessment = assess(text, understanding, POLICY, lexicon, History(clarified=clarified))
    return decide(understanding, assessment, POLICY)


@pytest.mark.parametrize(
    ("intent", "route", "level", "rule"),
    [
        ("shipping_fee", "auto", "L3", "matrix:low_simple"),
        ("order_status", "auto", "L3", "matrix:low_simple"),
        ("greeting", "auto", "L3", "matrix:low_simple"),
        ("damaged_item", "hybrid", "L2", "matrix:low_complex"),
        ("exchange_item", "hybrid", "L3", "matrix:low_complex"),
        ("change_personal_data", "review", "L2", "matrix:high_simple"),
        ("charged_but_no_order", "human", "L2", "matrix:high_complex"),
        ("want_human", "human", "L3", "want_human"),
        ("complaint_service", "human", "L2", "override:complaint"),
        ("safety_injury", "human", "L1", "override:safety_incident"),
        ("loan_apply", "human", "L2", "override:loan_apply"),
        ("account_hacked", "human", "L2", "override:account_hacked"),
        ("safety_fire_hazard", "human", "L1", "override:safety_incident"),
        ("complaint_fraud", "human", "L2", "override:complaint"),
        ("no_reply", "human", "L3", "want_human"),
        ("loan_rejected", "human", "L2", "matrix:high_complex"),
        ("loan_disbursement", "human", "L2", "matrix:high_complex"),
        ("change_bank_account", "review", "L2", "matrix:high_simple"),
        ("delivered_not_received", "human", "L2", "matrix:high_complex"),
        ("refund_request", "hybrid", "L3", "matrix:low_complex"),
        ("price_protection", "auto", "L3", "matrix:low_simple"),
        ("out_of_scope", "clarify", "L3", "out_of_scope"),
    ],
)
def test_every_cell_and_override(intent: str, route: str, level: str, rule: str) -> None:
    decision = _decide(intent)
    assert (decision.route, decision.level, decision.rule) == (route, level, rule)


def test_every_decision_tells_staff_why() -> None:
    for intent in POLICY.intents:
        decision = _decide(intent)
        assert len(decision.reasons) >= 2
        assert all(any("\u4e00" <= char <= "\u9fff" for char in reason) for reason in decision.reasons)


def test_a_customer_who_asks_for_a_person_gets_one_whatever_else_he_says() -> None:
    decision = _decide("want_human", text="叫你們主管出來,我要告你們", lexicon=LEXICON)
    assert (decision.route, decision.level, decision.intent) == ("human", "L2", "complaint_threat_legal")
    decision = _decide("want_human", text="真人,另外想問運費", lexicon=LEXICON)
    assert (decision.route, decision.rule) == ("human", "want_human")


def test_no_policy_can_keep_a_customer_from_a_person() -> None:
    stubborn = POLICY.model_copy(update={"overrides": ()})
    understanding = Understanding("真人", "want_human", 1.0, (("want_human", 1.0),), rule="want_human#1")
    assert decide(understanding, assess("真人", understanding, stubborn, QUIET), stubborn).route == "human"


def test_an_unsure_text_is_asked_about_once_then_a_person_takes_it() -> None:
    others = (("delivery_time_general", 0.3), ("out_of_scope", 0.12), ("want_human", 0.1), ("promotion_terms", 0.02))
    first = _decide("shipping_fee", 0.4, others=others)
    assert (first.route, first.candidates) == ("clarify", ("shipping_fee", "delivery_time_general"))
    assert _decide("shipping_fee", 0.4, clarified=1).route == "human"


@pytest.mark.parametrize(
    ("intent", "route"),
    [("out_of_scope", "human"), ("fragment", "human"), ("nonsense", "clarify"), ("ad_spam", "clarify")],
)
def test_who_says_twice_what_is_none_of_our_matters_gets_a_person_but_advertising_and_noise_do_not(
    intent: str, route: str
) -> None:
    assert _decide(intent).route == "clarify"
    assert _decide(intent, clarified=1).route == route


def test_words_that_lack_their_matter_are_asked_about_with_guesses_where_there_are_some() -> None:
    guessed = _decide("fragment", 0.8, others=(("shipping_area", 0.12),))
    assert (guessed.route, guessed.rule, guessed.candidates) == ("clarify", "unsure", ("shipping_area",))
    assert (_decide("fragment").rule, _decide("fragment").candidates) == ("out_of_scope", ())


def test_nonsense_offers_no_meaning_to_tap() -> None:
    assert _decide("out_of_scope", 0.3, others=(("thanks_bye", 0.2), ("shipping_fee", 0.05))).candidates == ()


def test_at_most_three_meanings_are_offered() -> None:
    others = tuple((intent, 0.1) for intent in ("order_status", "cancel_order", "return_how", "exchange_item"))
    assert len(_decide("shipping_fee", 0.3, others=others).candidates) == 3


def test_danger_is_heard_even_when_the_meaning_is_not_sure() -> None:
    decision = _decide("size_spec", 0.2, text="鍋子冒煙了", lexicon=LEXICON)
    assert (decision.route, decision.level, decision.priority) == ("human", "L1", "urgent")


def test_a_runner_up_too_close_makes_unsure() -> None:
    assert _decide("shipping_fee", 0.61, others=(("promotion_terms", 0.55),)).route == "clarify"


def test_an_intent_without_policy_is_never_answered() -> None:
    assert _decide("iot_hue_lightoff").route == "clarify"


@pytest.mark.parametrize(
    ("intent", "text", "traffic"),
    [
        ("shipping_fee", "…", "inquiry"),
        ("campaign_code", "…", "broadcast"),
        ("campaign_reply", "…", "campaign"),
        ("loan_apply", "…", "application"),
        ("campaign_reply", "+1 可是上次抽到的杯子割傷我的手", "inquiry"),
        ("campaign_reply", "抽獎根本是騙人的", "inquiry"),
    ],
)
def test_four_kinds_of_traffic_and_trouble_is_always_an_inquiry(intent: str, text: str, traffic: str) -> None:
    assert _decide(intent, text=text, lexicon=LEXICON).traffic == traffic


def test_who_always_goes_to_a_person_is_in_need() -> None:
    assert POLICY.cared_for == {"safety_incident", "complaint", "want_human"}


def test_only_cells_that_say_so_are_answered_by_the_bot() -> None:
    assert {"shipping_fee", "greeting"} <= answered(POLICY)
    assert not {"want_human", "damaged_item", "loan_apply", "safety_injury"} & answered(POLICY)


def _data(**changes: Any) -> dict[str, Any]:
    intent = {"category": "out_of_scope", "risk": "low", "complexity": "simple", "team": "front", "title": "其他"}
    return {
        "teams": {"front": {"name": "一線"}},
        "categories": {"out_of_scope": {"name": "其他"}},
        "matrix": {"low_simple": "auto", "low_complex": "hybrid", "high_simple": "review", "high_complex": "human"},
        "intents": {"out_of_scope": {**intent, **changes.pop("intent", {})}},
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"intent": {"risk": "medium"}}, ["intents.out_of_scope.risk", "'medium'", "'low' or 'high'"]),
        ({"intent": {"team": "back"}}, ["intents.out_of_scope.team", "'back'", "front"]),
        ({"intent": {"colour": "red"}}, ["intents.out_of_scope.colour"]),
        ({"intent": {"traffic": "spam"}}, ["intents.out_of_scope.traffic", "'spam'"]),
        ({"matrix": {"low_simple": "auto"}}, ["matrix.low_complex"]),
        ({"overrides": [{"intent": "x", "route": "human", "reason": "…"}]}, ["overrides.0.intent", "'x'"]),
        ({"overrides": [{"route": "human", "reason": "…"}]}, ["overrides.0", "add one"]),
        ({"thresholds": {"accept": 2}}, ["thresholds.accept"]),
    ],
)
def test_an_editor_is_told_which_field_is_wrong(changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ContentError) as refused:
        parse_policy(_data(**changes))
    assert all(word in str(refused.value) for word in words)
