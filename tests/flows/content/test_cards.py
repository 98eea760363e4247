"""Cards of articles: typed fields, drawn where a platform has cards, a text that says all of it elsewhere."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot import manners, services
from bot.channels.line import cards as on_line
from bot.channels.messenger import cards as on_messenger
from bot.messages import Card, Outbound
from bot.models import OutboxRow
from bot.ports import Query
from bot.turn import saying
from faq import drafts
from faq.answers import PublishedAnswers
from tests import desk
from tests.content import FEE, WALKED, answer, words
from tests.flows.content.test_pictures import external_id, kept, with_picture

CARD = {
    "card_title": "運費一覽",
    "card_words": "{name}您好，滿 1000 元免運。",
    "way_kind": ["link", "says"],
    "way_label": ["看運費表", "查我的訂單"],
    "way_to": ["https://shop.example/fees", "我的訂單到哪了"],
}
OUTSIDE = {"public_url": "https://shop.example"}


def asked(current, **settings):
    services.install(replace(current, settings=current.settings.model_copy(update=settings)))
    with current.sessions() as session:
        return answer(session)


def test_an_answer_is_a_card_with_a_picture_and_ways_on(app, current, hsu):
    article, where = with_picture(hsu, current)
    assert hsu.does(article, "publish", **FEE, **CARD, card_picture=kept(current).key).status_code == 200
    said = asked(current, **OUTSIDE).message
    assert said.text == "運費一覽\n您好，滿 1000 元免運。\n看運費表：https://shop.example/fees"
    bubble = on_line.bubble(Outbound.from_json(said.as_json()))
    assert bubble["hero"]["url"] == f"https://shop.example{where}"
    assert [one["text"] for one in bubble["body"]["contents"]] == ["運費一覽", "您好，滿 1000 元免運。"]
    assert [one["action"] for one in bubble["footer"]["contents"]] == [
        {"type": "message", "label": "查我的訂單", "text": "我的訂單到哪了"},
        {"type": "uri", "label": "看運費表", "uri": "https://shop.example/fees"},
    ]
    assert app.test_client().get(where).status_code == 200  # platforms fetch it from here


@pytest.mark.parametrize(("channel", "pictures"), [("line", 0), ("messenger", 1), ("instagram", 1)])
def test_a_picture_that_the_card_shows_goes_before_it_where_cards_may_be_text(current, hsu, channel, pictures):
    article, _ = with_picture(hsu, current)
    key = kept(current).key
    hsu.does(article, "publish", **FEE, **CARD, card_picture=key, picture=key)
    found = asked(current, **OUTSIDE)
    with current.sessions.begin() as session:
        conversation = desk.customer(session)
        conversation.account.channel = channel
        saying.say(session, current, conversation, [found])
        bodies = session.scalars(select(OutboxRow.body)).all()
    assert [bool(body.get("media")) for body in bodies].count(True) == pictures


def test_messenger_draws_it_and_instagram_says_it(current, hsu):
    hsu.publishes(**FEE, **CARD)
    said = asked(current).message
    [element] = on_messenger.attachment("messenger", said)["payload"]["elements"]
    assert element["buttons"] == [
        {"type": "postback", "title": "查我的訂單", "payload": "say:我的訂單到哪了"},
        {"type": "web_url", "title": "看運費表", "url": "https://shop.example/fees"},
    ]
    assert on_messenger.attachment("instagram", said) is None
    assert [button.text for button in said.plain.buttons] == ["我的訂單到哪了"]


@pytest.mark.parametrize("long", [{"card_words": "長" * 81}, {"way_label": [*"甲乙丙丁"], "way_to": [*"甲乙丙丁"]}])
def test_what_messenger_would_not_take_goes_as_text_there_and_the_editor_sees_it(current, hsu, long):
    article = hsu.publishes(**FEE, **CARD | {"way_kind": ["says"] * 4} | long)
    said = asked(current).message
    assert on_messenger.attachment("messenger", said) is None
    assert on_line.bubble(said) is not None
    assert "這張在那裡用文字送出" in words(hsu.opens(article))


@pytest.mark.parametrize("where", ["https://shop.example/運費", "https://shop.example/<fees>"])
def test_an_address_that_line_would_refuse_goes_as_text(current, hsu, where):
    hsu.publishes(**FEE, **CARD | {"way_to": [where, "x"]})
    said = asked(current).message
    assert (on_line.bubble(said), where in said.text) == (None, True)


def test_a_film_is_one_more_button_of_messenger(current, hsu):
    three = {"way_kind": ["says"] * 3, "way_label": [*"甲乙丙"], "way_to": [*"甲乙丙"]}
    article = hsu.publishes(**FEE, **CARD | three, video="https://film.example/1")
    assert on_messenger.attachment("messenger", asked(current).message) is None
    assert "這張在那裡用文字送出" in words(hsu.opens(article))


def test_a_text_that_is_cut_is_no_card(current, hsu):
    hsu.publishes(**FEE, **CARD | {"card_words": "長。" * 200})
    parts = saying._parts(manners.of("instagram"), asked(current).message)
    assert (len(parts) > 1, {part.card for part in parts}) == (True, {None})
    assert [button.text for button in parts[-1].buttons] == ["我的訂單到哪了"]


def test_without_words_of_its_own_the_card_shows_the_wording(current, hsu):
    hsu.publishes(**FEE, card_title="運費一覽")
    assert asked(current).message.card.words == "您好，運費 80 元。"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"card_title": ""}, "卡片要有標題。"),
        ({"card_title": "長" * 61}, "標題超過 60 個字，改短一點。"),
        ({"card_words": "長" * 501}, "卡片上的文字超過 500 個字，寫短一點，或不用卡片。"),
        ({"card_words": "{coupon}"}, "沒有變數 {coupon}"),
        ({"way_to": ["javascript:alert(1)", "x"]}, "按鈕「看運費表」：連結要是 https:// 開頭的網址。"),
        ({"way_to": ["https://", "x"]}, "按鈕「看運費表」：連結要是 https:// 開頭的網址。"),
        ({"way_to": ["https://x", "x"]}, "按鈕「看運費表」：連結要是 https:// 開頭的網址。"),
        ({"way_to": ["https://shop.example/fees", "查 {order}"]}, "按鈕「查我的訂單」：變數寫在文字裡"),
        ({"way_to": ["https://shop.example/fees", ""]}, "按鈕「查我的訂單」：寫按了要說的話"),
        ({"way_label": ["看運費表", "看運費表"]}, "有兩個「看運費表」，改一個。"),
        ({"way_label": ["看" * 21, "x"]}, "按鈕上的字要有 1 到 20 個。"),
        ({"way_kind": ["tree", "says"]}, "這篇沒有給顧客走的情境樹"),
        ({"card_picture": "gone"}, "這張圖片已經不在了，重新選一張。"),
        ({"buttons": "\n".join(map(str, range(11)))}, "一共超過 12 個，刪掉一些"),
    ],
)
def test_a_card_that_platforms_would_refuse_does_not_go_live(current, hsu, wrong, why):
    refused = hsu.does(hsu.begins(), "publish", **FEE | CARD | wrong)
    assert (refused.status_code, why in words(refused)) == (409, True)
    with current.sessions() as session:
        assert answer(session) is None


def test_a_button_begins_the_tree(current, hsu):
    tree = {"tree": WALKED["tree"], "tree_for": "customers"}
    refused = hsu.does(hsu.begins(), "publish", **FEE, **CARD, **tree)
    assert "卡片要有一個按鈕走情境樹" in words(refused)
    way = {"way_kind": "tree", "way_label": "一步步看", "way_to": ""}
    hsu.publishes(**FEE | {"question": "家電可以寄嗎？"}, **CARD | way, **tree)
    shown = asked(current)
    assert ([one.text for one in shown.message.card.choices], shown.path) == (["一步步看"], ())
    with current.sessions() as session:
        first = PublishedAnswers().go_on(session, shown.source, (), Query("一步步看", ""))
        assert ("那台現在怎樣？" in first.message.text, first.path) == (True, ())
        then = PublishedAnswers().go_on(session, shown.source, first.path, Query("沒拆封", ""))
        assert "有多大？" in then.message.text
        anew = PublishedAnswers().go_on(session, shown.source, then.path, Query("一步步看", ""))
        assert ("那台現在怎樣？" in anew.message.text, anew.path) == (True, ())


def test_an_option_that_reads_as_the_button_is_taken(current, hsu):
    tree = {"tree": WALKED["tree"], "tree_for": "customers"}
    hsu.publishes(**FEE, **CARD | {"way_kind": "tree", "way_label": "沒拆封", "way_to": ""}, **tree)
    with current.sessions() as session:
        then = PublishedAnswers().go_on(session, answer(session).source, (), Query("沒拆封", ""))
        assert "有多大？" in then.message.text


def test_what_is_internal_stands_on_no_card(current, hsu):
    secret = "超過三次就列入黑名單觀察"
    hsu.publishes(**FEE, passage=[secret], audience=["internal"])
    for told in ({"card_words": secret}, {"way_to": ["https://shop.example/fees", secret]}, {"card_title": secret}):
        refused = hsu.does(hsu.begins(), "publish", **FEE | CARD | {"question": "另一篇？"} | told)
        assert (refused.status_code, "僅供內部" in words(refused)) == (409, True)
    with current.sessions() as session:
        body = Outbound("x", card=Card("", "標題", words=secret)).as_json()
        assert current.wiring.withheld.within(session, [body["card"]["words"]])


def test_a_card_goes_out_and_in_as_a_file_and_is_compared(current, hsu):
    article = hsu.publishes(**FEE, **CARD)
    with current.sessions.begin() as session:
        [entry] = drafts.entries(session)
        assert entry["card_buttons"] == ["看運費表 -> https://shop.example/fees", "查我的訂單 -> 我的訂單到哪了"]
        again = drafts.save(session, [(1, entry)], publish=True)
    assert (again.unchanged, again.problems) == (1, [])
    with current.sessions.begin() as session:
        table = drafts.as_csv([entry])
        assert "card_title" in table.splitlines()[0]
        bad = drafts.save(session, [(7, entry | {"card_title": ""})], publish=True)
    assert [str(one) for one in bad.problems] == ["第 7 列 card：卡片要有標題。"]
    hsu.saves(article, **FEE, **CARD | {"card_title": "新的運費一覽"})
    assert "新的" in words(hsu.opens(article, "/history"))


def test_help_shows_the_card_with_what_it_opens(app, current, hsu):
    hsu.publishes(**FEE, **CARD)
    page = app.test_client().get(f"/help/articles/{external_id(current)}").get_data(as_text=True)
    assert "運費一覽" in page
    assert 'href="https://shop.example/fees"' in page
    assert "查我的訂單" not in page
