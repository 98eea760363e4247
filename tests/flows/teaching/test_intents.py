"""The intents editor: sentences are added, moved, removed and merged; what cannot be learned from is said at once."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from bot.models import PolicyVersion, Release
from bot.nlu import overlay, pointer, policy, release
from bot.nlu.policy import load
from bot.services import Services
from faq import drafts
from faq.models import Article
from faq.training import Working
from tests import teaching
from tests.console import signed_in, words

pytestmark = pytest.mark.both_engines

PAGE = "/content/intents"
FEE, DAMAGED, STOCK = f"{PAGE}/shipping_fee", f"{PAGE}/damaged_item", f"{PAGE}/stock_availability"


def working(shop: Services) -> Working:
    with shop.sessions() as session:
        return Working.read(session)


def texts(shop: Services, intent: str) -> list[str]:
    return [line.text for line in working(shop).of(intent)]


def key(shop: Services, text: str) -> str:
    return next(line.key for line in working(shop).lines if line.text == text)


def adds(editor: FlaskClient, address: str, *lines: str) -> TestResponse:
    return editor.post(f"{address}/sentences", data={"texts": "\n".join(lines)}, follow_redirects=True)


def test_the_list_tells_what_each_intent_is_and_how_much_it_was_taught(editor: FlaskClient) -> None:
    page = words(editor.get(PAGE))
    assert "運費怎麼算 運費與時效 36 句" in page
    assert "扣了款卻沒有訂單 付款失敗 · 高風險 0 句" in page


def test_an_intent_is_found_by_its_name_and_by_a_sentence(editor: FlaskClient) -> None:
    for query in ("運費怎麼算", "shipping_fee", "寄蘋果"):
        assert "運費怎麼算 運費與時效" in words(editor.get(f"{PAGE}?q={query}"))
    page = words(editor.get(f"{PAGE}?q=寄蘋果"))
    assert "商品破損或故障 商品破損" not in page
    assert "沒有符合的意圖" in words(editor.get(f"{PAGE}?q=沒人說過"))


def likeness(editor: FlaskClient, shop: Services, address: str, text: str) -> str:
    """What is drawn of a sentence on the page of its intent."""
    whole = editor.get(f"{address}/likeness?all=1").get_data(as_text=True)
    parts = re.split(r'(?=<span class="alike)', whole)
    return next(part for part in parts if f'data-of="{key(shop, text)}"' in part)


def test_each_sentence_shows_how_much_it_is_like_the_others_of_its_intent(shop: Services, editor: FlaskClient) -> None:
    page = editor.get(FEE).get_data(as_text=True)
    assert f'data-likeness="{FEE}/likeness"' in page
    fits = likeness(editor, shop, FEE, "蘋果運費怎麼算")
    assert re.search(r'width="\d\d%" height="6"', fits)
    assert "較像" not in fits
    adds(editor, FEE, "買蘋果要付運費", "蘋果什麼時候會補貨")
    pulled = likeness(editor, shop, FEE, "蘋果什麼時候會補貨")
    assert "較像「" in pulled
    assert "pulled" in pulled
    assert "較像" not in likeness(editor, shop, FEE, "買蘋果要付運費")
    adds(editor, STOCK, "離島的店可以自取嗎")
    assert editor.get(f"{PAGE}/nobody/likeness").status_code == 404
    assert editor.get(f"{PAGE}/payment_failed/likeness").status_code == 200, "nobody has taught that"
    assert ">&lt; 0.20<" in likeness(editor, shop, STOCK, "離島的店可以自取嗎"), "nothing of it is like that"


def test_an_intent_and_the_articles_that_answer_it_lead_to_each_other(shop: Services, editor: FlaskClient) -> None:
    missing = "沒有上線的文章回答這個意圖，會轉給專人。"
    assert missing not in words(editor.get(DAMAGED))  # a person answers it anyway
    with shop.sessions.begin() as session:
        session.execute(update(Article).where(Article.intent == "shipping_fee").values(intent=""))
        row = {"external_id": "S1", "question": "蘋果運費？", "answer": "80 元。", "intent": "shipping_fee"}
        drafts.save(session, [(1, row | {"category": "shipping_fee_time"})], publish=False)
        number = session.scalars(select(Article.id).where(Article.external_id == "S1")).one()
    page = editor.get(FEE)
    assert "回答這個意圖的文章 蘋果運費？ 沒上線" in words(page)
    assert missing in words(page)
    assert f'href="/content/articles/{number}"' in page.get_data(as_text=True)
    article = editor.get(f"/content/articles/{number}").get_data(as_text=True)
    assert f'href="{FEE}">看「運費怎麼算」的例句' in article
    with shop.sessions.begin() as session:
        session.execute(update(Article).where(Article.external_id == "S1").values(published=True))
    assert missing not in words(editor.get(FEE))
    with shop.sessions.begin() as session:
        session.execute(update(Article).where(Article.external_id == "S1").values(valid_until=date(2020, 1, 31)))
    page = words(editor.get(FEE))
    assert "蘋果運費？ 今天不在有效期間" in page
    assert missing in page


def test_many_sentences_are_added_at_once(shop: Services, editor: FlaskClient) -> None:
    page = words(adds(editor, FEE, "蘭嶼也能寄嗎", "", "  綠島  要加多少 ", "蘭嶼也能寄嗎"))
    assert "已加入 2 句" in page
    assert texts(shop, "shipping_fee")[:2] == ["綠島 要加多少", "蘭嶼也能寄嗎"]
    assert "蘭嶼也能寄嗎 新增" in page


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("收到的蘋果壞掉了", "這句已經是「商品破損或故障」的例句"),
        ("收到的苹果坏掉了！！", "這句已經是「商品破損或故障」的例句"),
        ("蘋果運費怎麼算", "這個意圖已經有這句了"),
        ("荔枝運費怎麼算", "這句是考題"),
        ("？？", "只有符號"),
        ("運費" * 101, "超過 200 個字"),
    ],
)
def test_a_sentence_that_cannot_be_learned_is_named_with_the_reason_and_stays_in_the_field(
    shop: Services, editor: FlaskClient, line: str, why: str
) -> None:
    answer = adds(editor, FEE, line, "蘭嶼也能寄嗎")
    assert answer.status_code == 409
    assert why in words(answer)
    assert f">{line}\n</textarea>" in answer.get_data(as_text=True)
    assert "蘭嶼也能寄嗎" in texts(shop, "shipping_fee")


def test_while_typing_a_conflict_and_a_near_repetition_are_said(editor: FlaskClient) -> None:
    lines = "收到的蘋果壞掉了\n收到的蘋果壞掉了啦\n蘭嶼也能寄嗎"
    said = words(editor.post(f"{FEE}/advice", data={"texts": lines}))
    assert "這句已經是「商品破損或故障」的例句" in said
    assert "收到的蘋果壞掉了啦 和「商品破損或故障」的「收到的蘋果壞掉了」很像" in said
    assert "兩個意圖會搶" in said
    assert "蘭嶼" not in said
    own = words(editor.post(f"{PAGE}/damaged_item/advice", data={"texts": "收到的蘋果壞掉了啦"}))
    assert "收到的蘋果壞掉了啦 很像「收到的蘋果壞掉了」（商品破損或故障）" in own
    assert "兩個意圖會搶" not in own


def test_sentences_are_moved_removed_and_taken_back(shop: Services, editor: FlaskClient) -> None:
    apple = key(shop, "蘋果還有貨嗎")
    editor.post(f"{STOCK}/change", data={"key": [apple], "to": "price_inquiry", "do": "move"})
    assert texts(shop, "price_inquiry") == ["蘋果還有貨嗎"]
    assert "搬移 1 · 這個多少錢" in words(editor.get("/content/releases"))
    editor.post(f"{PAGE}/price_inquiry/change", data={"key": [apple], "do": "remove"})
    assert "蘋果還有貨嗎" not in [line.text for line in working(shop).lines]
    editor.post(f"{PAGE}/take-back", data={"key": apple})
    assert "蘋果還有貨嗎" in texts(shop, "stock_availability")
    assert working(shop).edits == []


def test_what_a_colleague_was_quicker_with_is_not_changed_again(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    apple, dumpling = key(shop, "蘋果還有貨嗎"), key(shop, "水餃還有貨嗎")
    ticked = {"key": [apple, dumpling], "to": "damaged_item", "do": "move"}
    reviewer.post(f"{STOCK}/change", data={"key": [apple], "to": "price_inquiry", "do": "move"})
    late = words(editor.post(f"{STOCK}/change", data=ticked, follow_redirects=True))
    assert "「蘋果還有貨嗎」剛被同事搬到「這個多少錢」，所以一句都沒有改。" in late
    reviewer.post(f"{PAGE}/price_inquiry/change", data={"key": [apple], "do": "remove"})
    late = words(editor.post(f"{STOCK}/change", data=ticked, follow_redirects=True))
    assert "勾選的句子裡有剛被同事移除的" in late
    assert "水餃還有貨嗎" in texts(shop, "stock_availability")


def test_nothing_ticked_is_said(editor: FlaskClient) -> None:
    answer = editor.post(f"{STOCK}/change", data={"to": "price_inquiry", "do": "move"}, follow_redirects=True)
    assert "先選句子" in words(answer)


def test_an_intent_is_split_and_merged_again(shop: Services, editor: FlaskClient) -> None:
    restock = [line.key for line in working(shop).lines if "補貨" in line.text]
    editor.post(f"{STOCK}/change", data={"key": restock, "to": "preorder_status", "do": "move"})
    assert (working(shop).counts["stock_availability"], working(shop).counts["preorder_status"]) == (24, 12)
    editor.post(f"{PAGE}/preorder_status/merge", data={"to": "stock_availability"})
    assert (working(shop).counts["stock_availability"], working(shop).counts["preorder_status"]) == (36, 0)
    assert working(shop).edits == []
    empty = editor.post(f"{PAGE}/preorder_status/merge", data={"to": "stock_availability"}, follow_redirects=True)
    assert "這個意圖已經沒有例句了。" in words(empty)
    same = editor.post(f"{STOCK}/merge", data={"to": "stock_availability"}, follow_redirects=True)
    assert "要不一樣" in words(same)


def test_ticked_sentences_become_an_intent_of_their_own_that_weighs_the_same(
    shop: Services, editor: FlaskClient
) -> None:
    restock = [line.key for line in working(shop).lines if "補貨" in line.text]
    whole = working(shop).counts["stock_availability"]
    answer = editor.post(f"{STOCK}/split", data={"key": restock, "title": "什麼時候補貨"}, follow_redirects=True)
    assert "已拆成「什麼時候補貨」" in words(answer)
    now, weighs = working(shop), ("category", "risk", "complexity", "level", "team")
    [made] = [name for name, own in now.policy.intents.items() if own.title == "什麼時候補貨"]
    assert (now.counts[made], now.counts["stock_availability"]) == (len(restock), whole - len(restock))
    before, after = (now.policy.intents[name] for name in ("stock_availability", made))
    assert [getattr(before, one) for one in weighs] == [getattr(after, one) for one in weighs]


@pytest.mark.parametrize(
    ("ticked", "title", "why"),
    [
        (0, "什麼時候補貨", "先選句子"),
        (2, "", "1 到 20 個"),
        (2, "有沒有現貨", "另一個意圖的按鈕也寫"),
        (None, "什麼時候補貨", "至少留一句"),
    ],
)
def test_what_cannot_be_split_leaves_all_as_it_was(
    shop: Services, editor: FlaskClient, ticked: int | None, title: str, why: str
) -> None:
    known = working(shop)
    title = known.policy.intents["stock_availability"].title if "現貨" in title else title
    keys = [line.key for line in known.of("stock_availability")][:ticked]
    answer = editor.post(f"{STOCK}/split", data={"key": keys, "title": title}, follow_redirects=True)
    assert why in words(answer)
    assert working(shop).edits == []
    assert set(working(shop).policy.intents) == set(known.policy.intents)


def test_the_whole_draft_is_given_up_by_who_decides_what_is_live(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    adds(editor, FEE, "蘭嶼也能寄嗎")
    assert editor.post(f"{PAGE}/take-all-back").status_code == 403
    assert working(shop).edits
    reviewer.post(f"{PAGE}/take-all-back")
    assert working(shop).edits == []


def test_two_who_teach_the_same_teach_it_once(shop: Services, editor: FlaskClient, app: Flask) -> None:
    other = signed_in(app, shop, "other", "editor")
    adds(editor, FEE, "蘭嶼也能寄嗎")
    assert "這句已經是「運費怎麼算」的例句" in words(adds(other, STOCK, "蘭嶼也能寄嗎"))


def tries(editor: FlaskClient, text: str) -> str:
    return words(editor.post(f"{PAGE}/try", data={"text": text}, headers={"X-Part": "tried"}))


def test_any_sentence_shows_what_the_bot_would_do_and_why(shop: Services, editor: FlaskClient) -> None:
    with shop.sessions.begin() as session:
        article = {"external_id": "F1", "question": "運費", "wordings": ["運費 80 元。"], "intent": "shipping_fee"}
        session.add(Article(**article, published=True))
    said = tries(editor, "蘋果運費怎麼算")
    assert "意圖 運費怎麼算 運費與時效" in said
    assert "結果 自動回答" in said
    assert "顧客會收到 運費 80 元。" in said
    wish = tries(editor, "訂單 GB1118-20731 我要找真人")
    assert "GB1118-20731 （訂單編號）" in wish
    assert "結果 直接找真人" in wish
    assert "顧客要求真人服務" in wish


def test_without_javascript_it_is_a_page(editor: FlaskClient) -> None:
    page = words(editor.post(f"{PAGE}/try", data={"text": "收到的蘋果壞掉了"}))
    assert "機器人會怎麼做？" in page
    assert "結果 先收集再轉" in page


def test_facts_in_a_sentence_are_marked(editor: FlaskClient) -> None:
    page = words(adds(editor, FEE, "寄 300 元的東西要運費嗎"))
    assert "300 元 （金額）" in page


NEW = teaching.WRAPPING | {"answer": "可以代客包裝，每件 30 元。"}
GIFTS = tuple(f"{gift}可以幫我包成禮物嗎" for gift in ("圍巾", "香水", "茶葉", "手錶", "餐具", "耳環"))


def test_a_new_intent_is_made_taught_and_understood_once_its_release_is_live(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("bot.nlu.policy", "bot.nlu.embedded"):
        monkeypatch.setattr(f"{module}.CHECK_SECONDS", 0)
    first = teaching.live(shop)
    assert "已建立「禮物包裝」" in words(editor.post(PAGE, data=NEW, follow_redirects=True))
    with shop.sessions() as session:
        article = session.scalars(select(Article)).one()
    assert (article.intent, article.published) == ("own_1", False)
    assert "已加入 6 句" in words(adds(editor, f"{PAGE}/own_1", *GIFTS))
    assert "問到會轉給真人： 禮物包裝" in words(editor.get(teaching.RELEASES))
    with shop.sessions.begin() as session:
        session.get_one(Article, article.id).published = True
    assert "問到會轉給真人" not in words(editor.get(teaching.RELEASES))
    assert "own_1" not in load()[0].intents
    build = teaching.built(shop, editor)
    assert build.state == "passed"
    teaching.activated(reviewer, build.release_id, first)
    assert load()[0].intents["own_1"].title == "禮物包裝"
    assert "意圖 禮物包裝 商品資訊" in tries(editor, "帽子可以幫我包成禮物嗎")
    assert "禮物包裝" in words(editor.get("/content/matrix"))
    teaching.activated(reviewer, first, build.release_id or 0)
    assert "own_1" not in load()[0].intents
    assert "禮物包裝" not in tries(editor, "帽子可以幫我包成禮物嗎")


@pytest.mark.parametrize("intent", ["own_1", "of_a_file_that_is_gone"])
def test_the_answer_keeps_an_intent_that_is_not_live(shop: Services, editor: FlaskClient, intent: str) -> None:
    editor.post(PAGE, data=NEW)
    with shop.sessions.begin() as session:
        article = session.scalars(select(Article)).one()
        article.draft = {**(article.draft or {}), "intent": intent}
    page = editor.get(f"/content/articles/{article.id}").get_data(as_text=True)
    [chosen] = re.findall(
        r"<option[^>]* selected>([^<]+)</option>", page.split('name="intent"')[1].split("</select>")[0]
    )
    assert chosen == {"own_1": "禮物包裝"}.get(intent, intent)


def test_a_rule_about_an_intent_that_is_merged_away_goes_with_it(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    editor.post(PAGE, data=NEW)
    adds(editor, f"{PAGE}/own_1", *GIFTS)
    made = teaching.built(shop, editor).release_id
    teaching.activated(reviewer, made, teaching.live(shop))
    with shop.sessions.begin() as session:
        [own] = release.changes(session, pointer.active(session))[overlay.NEW]
        rows = overlay.fields(*policy.files())[overlay.OVERRIDES]
        about = {name: "" for name in overlay.OF_AN_OVERRIDE} | {"level": "L2", "priority": "high", "route": "human"}
        ruled = [*rows, about | {"intent": "own_1", "reason": "包裝由專人看"}]
        version = PolicyVersion(changes={overlay.NEW: [own], overlay.OVERRIDES: ruled})
        session.add(version)
        session.flush()
        pointer.activate(session, release.under(session, session.get_one(Release, made), version))
    editor.post(f"{PAGE}/own_1/merge", data={"to": "stock_availability"})
    build = teaching.built(shop, editor)
    assert build.state == "passed"
    with shop.sessions() as session:
        assert release.changes(session, session.get_one(Release, build.release_id)) == {overlay.OVERRIDES: rows}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"title": ""}, "要有 1 到 20 個字"),
        ({"title": "運費怎麼算"}, "另一個意圖的按鈕也寫「運費怎麼算」"),
        ({"category": "no_such"}, "選一個類別"),
        ({"risk": "none"}, "「none」不在選項裡"),
        ({"team": "nobody"}, "沒有「nobody」這個團隊"),
    ],
)
def test_a_new_intent_with_a_mistake_is_refused_at_its_field(
    editor: FlaskClient, wrong: dict[str, str], why: str
) -> None:
    answer = editor.post(PAGE, data=NEW | wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert why in page
    assert f'id="why-{next(iter(wrong))}"' in page
    assert NEW["answer"] in page


def test_an_intent_that_nobody_knows_is_refused(editor: FlaskClient) -> None:
    assert editor.get(f"{PAGE}/no_such_thing").status_code == 404
    assert "沒有這個意圖" in words(adds(editor, f"{PAGE}/no_such_thing", "蘭嶼也能寄嗎"))
