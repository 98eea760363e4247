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
        "這是人工做的嗎",
        "人工服務費多少",
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


@pytest.mark.parametrize(
    "text",
    [
        "人工人工人工",
        "在嗎 你是真人嗎",
        "是不是人工",
        "人工客服 幫我看一下會員點數",
        "真人客服!我的退款少一百",
        "轉人工!!!",
        "我要人工",
        "我要人工客服",
        "要人工",
        "幫我轉人工",
        "麻煩轉人工",
        "給我接人工",
        "接人工客服",
        "有人工嗎",
        "有沒有人工",
        "人工在嗎",
        "怎麼轉人工",
        "怎么转人工",
        "怎麼聯繫人工客服",
        "人工客服電話",
        "人工客服電話多少",
        "沒有人工嗎",
        "為什麼沒有人工",
        "呼叫人工客服",
        "进人工",
        "進人工",
        "连接人工",
        "聯繫客服",
        "联系客服",
        "客服在嗎",
        "客服人呢",
        "有人麼",
        "有人沒",
        "有人沒有",
        "有活人嗎",
        "来个活人",
        "有真人嗎",
        "有真人可以回嗎",
        "机器人滚",
        "機器人走開",
        "說人話",
        "找你們領導",
        "叫你們老闆來",
        "找店長",
        "找小編",
        "想找專人",
        "請真人服務",
        "真人服務",
        "可不可以找真人講",
        "我不要跟機器人講話",
        "can i talk to a real person",
        "human please",
        "agent",
        "live agent",
        "我要找客服",
        "給我客服",
        "找客服",
        "轉客服",
        "转接客服",
        "客服電話多少",
        "你們有客服電話嗎",
        "打給我",
        "請打電話給我",
        "麻煩回電",
        "請主管回電",
        "直接打電話給我好嗎",
        "人工啊",
        "人工!",
        "人 工",
        "你好 轉人工",
        "您好，人工",
        "親 人工",
        "人工服务谢谢",
        "可以跟真人說話嗎",
        "來個真人好不好",
        "拜託給我一個真人",
        "我只想跟真人講",
        "到底有沒有真人",
        "幹 給我真人",
        "媽的轉真人",
        "fuck you give me a human",
        "真人在嗎",
        "真人呢",
        "想跟專員通話",
        "換人",
        "換個客服",
        "換其他人來",
        "有沒有在線客服",
        "在線客服",
        "線上客服在嗎",
        "人去哪了",
        "沒人嗎",
        "沒人啊",
        "有人可以幫我嗎",
        "叫能處理的人來",
        "我要跟你們主管說",
        "找你們經理",
        "不想跟ai講",
        "不要ai",
        "關掉自動回覆",
    ],
)
def test_a_wish_for_a_person_is_heard_in_the_words_of_taiwan_and_of_the_mainland(text: str) -> None:
    assert _rule_of(text) == "want_human"


@pytest.mark.parametrize(
    "text",
    [
        "怎麼沒人",
        "為啥不理我",
        "半天不回",
        "說話",
        "回話",
        "吱個聲",
        "已讀不回",
        "等了半天都不回",
        "怎麼還不回",
        "都不回",
        "咋不理人",
        "電話都沒人接",
        "打了半天電話沒人接",
        "都沒人在嗎",
        "你們都不用回訊息的嗎",
        "沒人理",
        "怎麼又不說話了",
    ],
)
def test_who_gets_no_answer_is_heard_in_any_wording(text: str) -> None:
    assert _rule_of(text) in ("no_reply", "want_human")


@pytest.mark.parametrize(
    "text",
    [
        "人工審核要多久",
        "是人工鑽石嗎",
        "有人買過嗎",
        "有人用過這款嗎 好用嗎",
        "家裡沒人 放門口",
        "沒人在家可以放管理室嗎",
        "找人代收可以嗎",
        "客服說可以退的",
        "昨天客服跟我說今天會到",
        "客服態度很差",
        "司機打電話給我了嗎",
        "送到前請打電話給我",
        "不用找真人了",
        "沒有人工色素吧",
        "人工植毛牙刷有嗎",
        "換個顏色",
        "換個人收件可以嗎",
        "可以幫我換個收件人嗎",
        "轉帳給你們了",
        "找不到優惠券在哪",
        "能找回密碼嗎",
        "我要找上次買的那款",
        "老闆有優惠嗎",
        "小編這個還有嗎",
        "老闆可以便宜點嗎",
        "有人跟我一起團嗎",
        "沒人跟團會流團嗎",
        "快遞沒人接電話",
        "物流電話沒人接",
        "可以打電話給快遞嗎",
        "審核會打電話給我嗎",
        "你們會打電話給我家人嗎",
        "貸款會打電話給公司嗎",
        "要打電話確認嗎",
        "會有人來安裝嗎",
        "有人來收件嗎",
        "叫快遞來取件",
        "請師傅打給我",
        "請物流聯絡我",
        "多久會有人聯絡我",
        "真人髮假髮",
        "真人比例人形立牌",
        "主管級的椅子有嗎",
        "經理人椅",
        "專員說要補件",
        "照會電話沒接到 能再打來嗎",
        "借款是人工審核嗎",
        "需要找人擔保嗎",
        "客服小姐人很好",
        "換人收貨",
        "聯絡人要填幾個",
        "聯絡電話填錯了",
        "請問人工草皮多少錢",
        "人工淚液可以寄嗎",
        "手工還是機器做的",
        "要跟團",
        "跟人合購可以嗎",
        "人呢 是要本人到場嗎",
        "這是人穿的嗎",
        "本人真人認證過不了",
        "不要轉帳 要刷卡",
        "轉人工費用多少",
        "人工費怎麼算",
        "安裝人工費另計嗎",
        "回我之前的訂單",
        "退回我卡裡嗎",
        "怎麼回收",
        "沒人收貨怎麼辦",
        "說話算話嗎",
        "已讀",
        "有人可以代購嗎",
        "可以來電自取嗎",
        "怎麼沒人跟我說會漲價",
    ],
)
def test_words_around_people_and_robots_are_no_wish_for_one(text: str) -> None:
    assert _rule_of(text) not in ("no_reply", "want_human")


@pytest.mark.parametrize("text", ["不用找真人了", "不用轉人工了 謝謝", "算了 不用客服了", "先不用找小編囉"])
def test_who_takes_the_wish_back_is_thanked(text: str) -> None:
    assert _rule_of(text) == "thanks_bye"


@pytest.mark.parametrize(
    "text",
    [
        "機器人別回了",
        "別再發模板了",
        "你幫不了我",
        "你看不懂嗎 叫人",
        "把你們領導叫來",
        "我要見你們經理",
        "找你們上級",
        "派個人來處理",
        "能不能來個人看看",
        "轉售後",
        "總機多少",
        "怎麼聯絡你們",
        "方便通電話嗎",
        "我電話0912345678 打給我",
        "說了半天還是機器人",
        "在嗎 人工",
        "this bot does not understand me",
        "do you have a phone number",
    ],
)
def test_who_gives_up_on_the_bot_or_sends_for_somebody_is_heard(text: str) -> None:
    assert _rule_of(text) == "want_human"


@pytest.mark.parametrize(
    "text",
    ["裝死是不是", "客服又消失了", "打電話一直佔線", "你們都不理客人的嗎", "說好的專員回電呢", "留言三天了沒消息"],
)
def test_silence_is_asked_about_in_other_words_too(text: str) -> None:
    assert _rule_of(text) == "no_reply"


@pytest.mark.parametrize(
    "text",
    [
        "不要打電話給我 line就好",
        "別打我電話了 我知道要還",
        "快遞電話一直佔線",
        "叫人來收貨",
        "公司負責人可以貸款嗎",
        "要填主管電話嗎",
        "智能音箱能語音聊天嗎",
        "排多久可以買到預購",
        "失聯了怎麼辦 我弄丟手機",
        "付了錢就裝死",
        "do you have human hair wigs",
        "no reply needed thanks",
        "I need to fix the phone number on the order",
    ],
)
def test_other_peoples_phones_and_other_peoples_silence_are_no_wish(text: str) -> None:
    assert _rule_of(text) == ""


def test_a_wish_is_heard_at_the_end_of_a_long_story_and_behind_a_wall_of_marks() -> None:
    story = "上週訂的鍋子到現在還沒到，打了三次電話都說會查。" * 60
    assert _rule_of(f"{story}我要找真人") == "want_human"
    assert _rule_of("!?" * 2000 + "我要找真人") == "want_human"
    assert _rule_of("!?" * 2500 + "x") == ""


@pytest.mark.parametrize(
    "text",
    [
        "還了一半 額度怎麼不回來",
        "點數為什麼不回升",
        "剛轉 8,800 尾號4417 收到請回",
        "匯了三千 末五碼 12345 收到請回覆",
        "錢打錯人 對方不接電話",
        "我儲了一年沒到帳 客服不理我",
        "我要貸款餘額證明 公司要用",
        "想申請貸款清償證明書",
        "還沒有正式申請會留紀錄嗎",
        "報案專線多少",
    ],
)
def test_words_of_another_matter_decide_nothing(text: str) -> None:
    assert _rule_of(text) == ""


@pytest.mark.parametrize("text", ["客服怎麼不回", "為什麼不回我訊息", "收到請回", "小編怎麼不回覆", "咋不回"])
def test_who_waits_for_a_reply_is_still_heard(text: str) -> None:
    assert _rule_of(text) == "no_reply"
