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
        ("充電器冒煙了", "safety_fire_hazard", "high", "complex", "L1", "hazard"),
        ("手機充電嚴重發燙", "safety_fire_hazard", "high", "complex", "L1", "hazard"),
        ("湯裡吃到了清潔球", "safety_fire_hazard", "high", "complex", "L1", "hazard"),
        ("吃完胃裡難受了一整晚", "safety_food_poisoning", "high", "complex", "L1", "poisoning"),
        ("鳳梨沒處理好 皮刺扎進手裡", "safety_injury", "high", "complex", "L1", "injury"),
        ("我的帐号被盗用", "account_hacked", "high", "complex", "L2", "fraud"),
        ("重複扣款", "shipping_fee", "high", "complex", "L2", "money_moved"),
        ("再不處理我就找消保官", "complaint_threat_legal", "high", "complex", "L2", "legal"),
        ("氣死我了", "shipping_fee", "high", "complex", "L2", "insult"),
        ("我的聯徵有逾期紀錄", "shipping_fee", "high", "simple", "L3", "credit_record"),
        ("已經問過三次了", "shipping_fee", "low", "complex", "L2", "repeated_contact"),
        ("有兩件事想請教", "shipping_fee", "low", "complex", "L3", "several_requests"),
    ],
)
def test_words_raise_the_weight(text: str, intent: str, risk: str, complexity: str, level: str, signal: str) -> None:
    found = _assess(text)
    assert (found.intent, found.risk, found.complexity, found.level) == (intent, risk, complexity, level)
    assert signal in found.signals


@pytest.mark.parametrize(
    "text",
    [
        "這款鍋子會不會燙傷",
        "有賣燙傷膏嗎",
        "垃圾袋還有貨嗎",
        "運費怎麼算",
        "敏感肌用了會過敏嗎",
        "怕過敏可以先試用嗎",
        "這個充電器會不會爆炸",
        "防爆玻璃貼多少",
        "平板玩遊戲明顯發燙正常嗎",
        "鋼絲球一包幾個",
        "氣炸鍋幾公升",
        "我媽的地址要改",
        "跳樓大拍賣到哪天",
        "手機末三碼 527",
        "一個人可以買兩次嗎",
        "does it come with a smoking room? no smoking please",
    ],
)
def test_a_question_about_goods_raises_nothing(text: str) -> None:
    found = _assess(text)
    assert (found.risk, found.complexity, found.signals) == ("low", "simple", ())


@pytest.mark.parametrize(
    "text",
    [
        "沒有受傷",
        "還好沒有人受傷 只是想問運費",
        "我不是要投訴 只是問一下運費",
        "我沒有生氣",
        "不會過敏",
        "沒有重複扣款",
        "I was not injured",
        "I don't want to complain, how much is shipping",
        "吃這個會頭暈嗎",
        "吃這個可以改善頭暈",
        "喝咖啡容易心悸 有低咖啡因的嗎",
        "這個好吃到發抖 再訂一盒",
        "剛喝酒手抖多訂了一盒 可以取消嗎",
        "戴隱形眼鏡眼睛會不會很紅",
        "跳樓清倉還有貨嗎",
        "https://shop.example.com/a 你們的這個有貨嗎",
        "老闆跳樓大優惠 運費多少",
        "do you have the suicide squad poster",
        "喝了不會心悸",
        "戴隱形眼鏡眼睛會痛嗎",
    ],
)
def test_what_is_denied_raises_nothing(text: str) -> None:
    assert _assess(text).signals == ()


@pytest.mark.parametrize(
    ("text", "learned"),
    [
        ("沒有受傷", "safety_injury"),
        ("會不會燙傷", "safety_injury"),
        ("有燙傷膏嗎", "safety_injury"),
        ("請問會不會爆炸", "safety_fire_hazard"),
        ("怕過敏", "safety_allergy"),
        ("我不是要投訴，只是想問運費", "complaint_service"),
        ("有沒有真人開箱", "want_human"),
        ("人工費怎麼算", "want_human"),
        ("模特兒是真人嗎", "want_human"),
        ("專員說要補件", "want_human"),
        ("司機不接電話", "no_reply"),
        ("客服很親切", "complaint_service"),
        ("需要保證人嗎", "want_human"),
    ],
)
def test_words_rule_out_what_a_classifier_only_took_them_for(text: str, learned: str) -> None:
    ranking = ((learned, 0.95), ("shipping_fee", 0.03))
    found = assess(text, Understanding(text, learned, 0.95, ranking), POLICY, LEXICON)
    assert (found.intent, found.trusted, found.level) == ("shipping_fee", False, "L3")
    assert found.reasons[0].startswith("用語排除")


def test_a_real_report_is_heard_beside_a_question_about_goods() -> None:
    found = _assess("有燙傷膏嗎 我手被燙傷了", "safety_injury")
    assert (found.level, found.intent) == ("L1", "safety_injury")


def test_a_denial_does_not_hide_what_else_happened() -> None:
    assert _assess("手沒有受傷,但是臉燙傷了").level == "L1"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("割到手了", "safety_injury"),
        ("我媽被椅子夾傷手指", "safety_injury"),
        ("用了你們的面霜臉上起了好多紅疹", "safety_allergy"),
        ("又红又肿", "safety_allergy"),
        ("吃完上吐下瀉", "safety_food_poisoning"),
        ("孩子喝了一直拉肚子", "safety_food_poisoning"),
        ("喝了這包茶心跳好快", "safety_food_poisoning"),
        ("吃完這顆一直冒冷汗", "safety_food_poisoning"),
        ("塗了眼霜 眼睛好痛", "safety_allergy"),
        ("行動電源爆炸了", "safety_fire_hazard"),
        ("湯裡面有玻璃渣", "safety_fire_hazard"),
        ("the charger caught fire", "safety_fire_hazard"),
        ("I broke out in hives", "safety_allergy"),
        ("有人盜刷我的卡", "account_hacked"),
        ("賬號被盜了", "account_hacked"),
        ("這筆訂單不是我下的", "account_hacked"),
        ("你們是騙子吧", "complaint_fraud"),
        ("忽悠誰呢", "complaint_fraud"),
        ("我要投訴", "complaint_service"),
        ("这是什么态度", "complaint_service"),
        ("打12315投訴你們", "complaint_threat_legal"),
        ("退一賠三", "complaint_threat_legal"),
        ("等著我在小紅書曝光", "complaint_threat_legal"),
        ("I will sue you", "complaint_threat_legal"),
        ("平台介入吧", "complaint_service"),
        ("你推我 我推你", "complaint_service"),
        ("要個說法", "complaint_service"),
        ("你們怎麼回事", "complaint_service"),
        ("真的無言", "complaint_service"),
        ("故意不退的吧", "complaint_service"),
        ("花錢找罪受", "complaint_service"),
        ("雞同鴨講", "complaint_service"),
        ("你們會遭報應", "complaint_service"),
        ("怎麼不去搶", "complaint_service"),
        ("責任在你們吧 為什麼變成我的錯", "complaint_service"),
        ("說了一個月問題還是沒有解決", "complaint_service"),
        ("退個貨怎麼那麼折騰", "complaint_service"),
        ("毫無商譽可言", "complaint_service"),
        ("查個毛", "complaint_service"),
        ("司機很沒有禮貌", "complaint_service"),
        ("收了錢不辦事", "complaint_fraud"),
        ("付了錢就裝死", "complaint_fraud"),
        ("這是不是騙局", "complaint_fraud"),
    ],
)
def test_some_words_tell_the_intent_whatever_was_learned(text: str, intent: str) -> None:
    found = _assess(text)
    assert (found.intent, found.trusted, found.divisible) == (intent, True, False)
    assert found.reasons[0].startswith("用語判定")


def test_anger_tells_the_intent_only_where_nothing_else_is_sure() -> None:
    assert _assess("氣死我了 到底什麼時候到貨", "order_status", 0.97).category == "order_status"
    for text in ("什麼破平台", "整整等了兩個小時", "每次都遲到", "送上樓也不肯", "好意思收這個錢", "難吃到爆"):
        found = _assess(text, "order_status", 0.2)
        assert (text, found.category, found.trusted) == (text, "complaint", True)


def test_dislike_of_goods_does_not_weigh_on_who_only_wants_to_give_them_back() -> None:
    assert _assess("質量不行 我要退貨", "refund_request").risk == "low"


@pytest.mark.parametrize(
    ("text", "intent", "raised"),
    [
        ("為什麼我的不能用了", "loan_eligibility", True),
        ("為什麼我的不能用了", "coupon_not_working", False),
        ("我這種情況可以借嗎", "loan_eligibility", True),
        ("借款要什麼條件", "loan_eligibility", False),
        ("為什麼提早還完就不能再借", "early_repayment", True),
        ("審核沒有通過", "loan_how", True),
        ("遲繳三天了 要怎麼還", "repayment_how", True),
        ("遲繳會怎樣", "overdue_penalty", False),
        ("這個月的帳單幫我看一下", "bills", False),
    ],
)
def test_somebodys_own_loan_is_no_general_question(text: str, intent: str, raised: bool) -> None:
    assert (_assess(text, intent).risk == "high") is raised


@pytest.mark.parametrize(
    "text",
    ["我的卡號 4311-9522-0001-1234", "驗證碼是 482913", "帳號 012-34567890123", "身分證 A123456789", "我要換銀行卡"],
)
def test_personal_data_raises_the_risk(text: str) -> None:
    assert _assess(text).risk == "high"


def test_people_in_need_are_believed_sooner() -> None:
    assert _assess("…", "complaint_service", 0.6).trusted
    assert not _assess("…", "complaint_service", 0.4).trusted


def test_where_any_reading_needs_a_person_nobody_is_asked_back() -> None:
    ranking = (("damaged_item", 0.45), ("refund_request", 0.4), ("order_status", 0.05))
    understanding = Understanding("…", "damaged_item", 0.45, ranking)
    found = assess("…", understanding, POLICY, LEXICON)
    assert (found.trusted, found.complexity, found.intent) == (True, "complex", "damaged_item")


def test_an_answer_needs_its_one_intent() -> None:
    ranking = (("shipping_fee", 0.45), ("shipping_area", 0.4), ("carrier_options", 0.1))
    assert not assess("…", Understanding("…", "shipping_fee", 0.45, ranking), POLICY, LEXICON).trusted


def test_a_long_story_is_read_by_a_person() -> None:
    found = _assess("我上個月買的那台機器送來以後先生就說怪怪的後來又發生了很多事情" * 6)
    assert (found.complexity, found.divisible) == ("complex", False)
    assert _assess("a short question, put politely, in English words: " * 5).complexity == "simple"


def test_linked_requests_are_complex_but_may_be_served_apart() -> None:
    found = _assess("運費多少?另外我想取消訂單")
    assert (found.complexity, found.divisible) == ("complex", True)
    assert "一次提出多件事" in found.reasons
    assert _assess("另外想問運費").complexity == "simple"
    assert found.only_several
    assert not _assess("運費多少?另外我想取消訂單", "cancel_order").only_several


def test_nothing_lowers_what_the_intent_weighs() -> None:
    for intent, own in POLICY.intents.items():
        found = _assess("謝謝", intent)
        assert (found.risk, found.complexity, found.level) == (own.risk, own.complexity, own.level)


def test_an_unsure_intent_lends_no_weight_but_its_team() -> None:
    found = _assess("…", "loan_apply", 0.2)
    assert (found.risk, found.complexity, found.trusted, found.team) == ("low", "simple", False, "loans")


def test_who_asks_the_same_again_gets_more_than_the_same_answer() -> None:
    found = _assess("運費", history=History(repeated=2))
    assert (found.complexity, found.level) == ("complex", "L2")


def test_a_vip_goes_first_but_is_still_answered_at_once() -> None:
    found = _assess("運費", history=History(tier="VIP"))
    assert (found.priority, found.risk, found.complexity) == ("high", "low", "simple")


def test_a_signal_of_two_languages_is_told_once() -> None:
    assert _assess("冒煙 on fire").signals == ("hazard",)


def test_the_lexicon_names_no_intent_that_the_bot_would_answer() -> None:
    assert not LEXICON.intents & answered(POLICY)


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        ({"any": ["x"]}, ["signals.0", "name"]),
        ({"name": "a", "patterns": ["("]}, ["signals.a", "'('"]),
        ({"name": "a", "any": [1]}, ["signals.a", "any"]),
        ({"name": "a", "effect": {"risk": "huge"}}, ["signals.a", "effect.risk", "'huge'"]),
        ({"name": "a", "pattern": ["x"]}, ["signals.a", "unknown pattern"]),
        ({"name": "a", "silenced_by": ["doubt"]}, ["signals.a", "silenced_by", "doubt"]),
    ],
)
def test_an_editor_is_told_which_signal_is_wrong(signal: dict[str, object], words: list[str]) -> None:
    with pytest.raises(ContentError) as refused:
        parse_lexicon({"signals": [signal]})
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("逾期會怎麼樣", "overdue_penalty"),
        ("提前還款利息怎麼算", "early_repayment"),
        ("借款會上徵信嗎", "credit_report"),
        ("我要怎麼還款", "repayment_how"),
        ("繳費期限過了會怎樣", "overdue_penalty"),
        ("退款一般幾天到", "return_how"),
    ],
)
def test_a_general_question_about_money_is_answered(text: str, intent: str) -> None:
    assert _assess(text, intent).risk == "low"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我上個月忘記繳", "overdue_penalty"),
        ("已經逾期三天了", "overdue_penalty"),
        ("利息怎麼跟我當初說的不一樣", "interest_rate"),
        ("我的徵信上有一筆逾期", "credit_report"),
        ("價保不通過 把差價退我", "price_protection"),
        ("能不能通融一下", "return_seven_days"),
        ("說好的返現到現在還沒給", "promotion_terms"),
    ],
)
def test_who_tells_of_his_own_money_gets_no_general_answer(text: str, intent: str) -> None:
    assert _assess(text, intent).risk == "high"


def test_thanks_do_not_hide_a_refund_that_has_not_come() -> None:
    found = _assess("謝謝 不過錢還是沒退", "thanks_bye")
    assert (found.intent, found.risk) == ("refund_progress", "high")


def test_a_medicine_that_went_off_is_no_question_about_returns() -> None:
    assert _assess("我買的藥過期了可以退嗎", "return_seven_days").complexity == "complex"


@pytest.mark.parametrize("text", ["ㄍㄋㄋ 到底要等多久", "ㄊㄇㄉ 又寄錯", "這種品質也敢賣", "ㄎㄅ喔"])
def test_swearing_is_heard_in_bopomofo_too(text: str) -> None:
    assert "insult" in _assess(text).signals


@pytest.mark.parametrize(
    "text",
    [
        "差評返現是什麼",
        "套路貸是什麼意思",
        "憑什麼可以折扣",
        "安裝誰負責",
        "有隱形收費嗎",
        "哪有這種的賣",
        "太誇張的好吃",
        "濾芯有什麼用",
        "拉黑眼圈眼霜",
        "火鍋料有嗎",
        "過分甜嗎",
        "保證金要多少",
        "毛線有賣嗎",
        "運費是誰的責任",
        "這個怎麼這麼難洗",
        "問題解決了 謝謝",
        "不好意思再請問一下",
        "比別家貴可以退差價嗎",
        "整整一箱有幾瓶",
        "每次都要付運費嗎",
    ],
)
def test_sharp_words_about_goods_and_rules_are_no_complaint(text: str) -> None:
    found = _assess(text)
    assert not any(name in found.signals for name in ("complaining", "scolding", "cheated", "insult", "fed_up"))


@pytest.mark.parametrize("text", ["https://shop-tw.top/a?b=1 這是你們的網站嗎", "這是官網嗎 https://shop-tw.top"])
def test_no_bot_vouches_for_a_link_that_somebody_sent_the_customer(text: str) -> None:
    found = _assess(text)
    assert (found.signals, found.risk, found.level) == (("scam_suspected",), "high", "L2")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("人住院了錯過還款日 這種情況能不能不報", "overdue_penalty"),
        ("取貨期限快到 我住院了 幫我延幾天", "change_delivery"),
        ("好吃到咬到舌頭", "thanks_bye"),
        ("吃多了會不會拉肚子", "product_usage"),
        ("備註不要擠壓 裡面是玻璃", "change_order_content"),
        ("熱水器打不著火", "damaged_item"),
        ("嚇死 以為我被盜 結果是我老公買的", "out_of_scope"),
        ("高麗菜裡面黑心", "spoiled_food"),
        ("怕買到假的 怎麼鑑定", "authenticity_warranty"),
        ("多扣我錢", "double_charge"),
        ("台新爭議款退了沒", "refund_progress"),
        ("存證信函寄到我老家", "collection_calls"),
        ("鄰居半夜唱歌可以報警嗎", "out_of_scope"),
        ("這位客服態度真不錯", "thanks_bye"),
        ("評論裡好多差評 怎麼回事", "product_recommendation"),
        ("上次客訴之後變好了", "thanks_bye"),
        ("故意不還會坐牢嗎", "overdue_penalty"),
    ],
)
def test_words_that_only_sound_grave_leave_the_matter_as_it_was_understood(text: str, intent: str) -> None:
    assert _assess(text, intent).intent == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("用了你們的電熱毯燙傷住院 沒收入了", "safety_injury"),
        ("你們的櫃子倒下來 我骨折住院 貸款還不出來", "safety_injury"),
        ("孩子吃到吐", "safety_food_poisoning"),
        ("飯裡有玻璃", "safety_fire_hazard"),
        ("發現一塊玻璃在湯裡", "safety_fire_hazard"),
        ("咬到玻璃", "safety_fire_hazard"),
        ("插座著火 叫消防隊來", "safety_fire_hazard"),
        ("這筆消費不是我刷的", "account_hacked"),
        ("這筆訂單不是我買的", "account_hacked"),
        ("這筆錢不退 我們法院見", "complaint_threat_legal"),
        ("我要申請爭議款", "complaint_threat_legal"),
        ("我要報警", "complaint_threat_legal"),
        ("客服態度很差", "complaint_service"),
        ("我要客訴", "complaint_service"),
        ("給你們差評", "complaint_service"),
        ("不會再來了", "complaint_service"),
        ("請問怎麼退貨 麵包裡頭有玻璃", "safety_fire_hazard"),
        ("醬油瓶底有玻璃屑", "safety_fire_hazard"),
        ("嬰兒床垮掉小孩骨折住院 我沒辦法工作沒收入", "safety_injury"),
        ("跑步機故障摔傷住院 這個月貸款還不出來", "safety_injury"),
        ("帳單上有不是我買的商品", "account_hacked"),
        ("登入的手機不是我在用的", "account_hacked"),
        ("以為沒被盜 結果帳號真的被盜刷了", "account_hacked"),
        ("老闆再不退款我就報警", "complaint_threat_legal"),
        ("鄰居也買到壞的 我們要一起檢舉", "complaint_threat_legal"),
        ("刷卡銀行爭議款已經送了", "complaint_threat_legal"),
        ("客服態度好差", "complaint_service"),
    ],
)
def test_who_is_hurt_cheated_or_threatens_is_still_heard(text: str, intent: str) -> None:
    assert _assess(text).intent == intent
