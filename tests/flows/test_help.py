"""/help: customers find the published answers by themselves, nobody is followed, and a person is one step away."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
import yaml
from sqlalchemy import select, update

import webhook_app
from bot import auth, journal
from bot.nlu import shipped
from bot.nlu.understanding import by_rules_alone
from faq import drafts, votes
from faq.models import Article, ArticleVote
from faq.public import crawlers
from handoff import sla
from handoff.clocks import versions
from tests import desk

FEE = {
    "external_id": "F1",
    "category": "shipping_fee_time",
    "question": "運費怎麼算？滿多少免運？",
    "answer": "{name}您好，運費 80 元。",
}
BILL = {
    "external_id": "發票/1",
    "category": "invoice_receipt",
    "question": "發票可以改統編嗎？",
    "answer": "開立當月內可以改。",
}
CARD = {"external_id": "B1", "category": "信用卡", "question": "年費多少？", "answer": "首年免年費。"}
HELLO = {"external_id": "G1", "category": "greeting", "question": "打招呼", "answer": "您好，需要什麼幫忙？"}
ENGLISH = {**FEE, "external_id": "E1", "language": "en", "question": "How much is shipping?", "answer": "NT$80."}


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            drafts.save(session, enumerate((FEE, BILL, CARD, HELLO, ENGLISH), 1), publish=True)
            draft = {"external_id": "D1", "category": "invoice_receipt", "question": "草稿？", "answer": "還沒好的發票"}
            drafts.save(session, [(1, draft)], publish=False)
        yield shop


@pytest.fixture
def reader(shop):
    app = webhook_app.create_app(shop)
    app.config["TESTING"] = True
    return app.test_client()


def page(reader, address):
    return reader.get(address).get_data(as_text=True)


def test_a_customer_goes_from_topic_to_article_and_reads_it_without_a_name(reader):
    assert "出貨與物流" in page(reader, "/help")
    assert "信用卡" in page(reader, "/help")  # the shop's own category is a topic of its own
    assert 'href="/help/articles/F1"' in page(reader, "/help/topics/orders")
    read = page(reader, "/help/articles/F1")
    assert '<h1 id="heading" >運費怎麼算？</h1>' in read
    assert "<p>您好，運費 80 元。</p>" in read


def test_drafts_and_small_talk_are_found_nowhere(reader):
    everywhere = ("/help", "/help/topics/payment", "/help/topics/other", "/help/search?q=發票", "/sitemap-1.xml")
    assert [told for told in everywhere if "D1" in page(reader, told) or "G1" in page(reader, told)] == []
    assert [reader.get(f"/help/articles/{name}").status_code for name in ("D1", "G1", "nowhere")] == [404, 404, 404]


def test_nobody_is_followed_and_what_is_known_is_not_sent_again(reader):
    first = reader.get("/help/articles/F1")
    again = reader.get("/help/articles/F1", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert not {"Set-Cookie", "Vary"} & {name for name, _ in (*first.headers, *again.headers)}


def test_a_cookie_of_the_house_changes_nothing(reader):
    plain = reader.get("/help").data
    reader.set_cookie("language", "en")
    reader.set_cookie("theme", "dark")
    assert reader.get("/help").data == plain


def test_a_new_wording_is_read_at_the_next_look(shop, reader):
    known = reader.get("/help/articles/F1").headers["ETag"]
    with shop.sessions.begin() as session:
        drafts.save(session, [(1, FEE | {"answer": "運費 90 元。"})], publish=True)
    assert "運費 90 元" in reader.get("/help/articles/F1", headers={"If-None-Match": known}).get_data(as_text=True)


def test_a_search_marks_what_was_asked_for_in_whatever_script(reader):
    assert "<mark>發票</mark>可以改統編嗎" in page(reader, "/help/search?q=发票")
    assert "找到 1 篇" in page(reader, "/help/search?q=发票")


def test_who_finds_nothing_is_told_what_to_try_and_can_take_the_question_along(reader):
    empty = page(reader, "/help/search?q=<b>zzz</b>")
    assert "找不到「&lt;b&gt;zzz&lt;/b&gt;」" in empty
    assert "出貨與物流" in empty


def test_english_stands_beside_chinese_and_falls_back_on_it(reader):
    home = page(reader, "/help/en")
    assert '<html lang="en"' in home
    assert "How much is shipping?" in home
    assert "運費怎麼算" not in home
    bill = page(reader, "/help/en/topics/payment")
    assert "<b>發票可以改統編嗎？</b>" in bill  # nobody wrote it in English
    assert 'href="/help/topics/payment"' in bill


def test_what_most_people_ask_comes_first(shop, reader):
    with shop.sessions.begin() as session:
        chen, lin = (desk.customer(session, name) for name in ("陳怡君", "林志偉"))
        session.flush()
        for asks, source in ((chen, "B1"), *[(chen, "發票/1")] * 4, (lin, "B1")):  # 陳怡君 walks a tree of four steps
            journal.write(session, "turn.answered", conversation_id=asks.id, source=source, version=1)
    found = re.findall(r'href="/help/articles/([^"]+)"', page(reader, "/help"))
    assert [unquote(name) for name in found] == ["B1", "發票/1", "F1"]


def test_a_vote_counts_once_a_visitor_and_as_he_thinks_last(shop, reader):
    for helped in ("yes", "yes", "no"):
        answer = reader.post("/help/votes/發票/1", data={"helped": helped})
        assert answer.status_code == 303
    reader.post("/help/votes/發票/1", data={"helped": "yes"}, headers={"User-Agent": "another"})
    assert "Set-Cookie" not in answer.headers
    assert "客服會知道" in page(reader, answer.headers["Location"]) or "我們會改這一篇" in page(
        reader, answer.headers["Location"]
    )
    with shop.sessions() as session:
        assert [(one.article.external_id, one.helped, one.failed) for one in votes.judged(session, 5)] == [
            ("發票/1", 1, 1)
        ]
        assert all(len(vote.visitor) == 64 for vote in session.scalars(select(ArticleVote)))


def test_who_calls_his_browser_a_thousand_names_has_few_votes_all_the_same(shop, reader):
    for name in range(100):
        reader.post("/help/votes/F1", data={"helped": "no"}, headers={"User-Agent": f"browser {name}"})
    with shop.sessions() as session:
        assert len(session.scalars(select(ArticleVote)).all()) == votes.PLACES


def test_a_vote_for_what_is_not_shown_is_none(shop, reader):
    assert reader.post("/help/votes/D1", data={"helped": "yes"}).status_code == 404
    with shop.sessions() as session:
        assert session.scalars(select(ArticleVote)).all() == []


def talk(told):
    found = re.search(r'class="talk" href="([^"]+)"', told)
    return found and found[1].replace("&amp;", "&")


@pytest.mark.parametrize("address", ["/help/articles/F1", "/help/search?q=年費", "/help/en/articles/E1", "/help"])
def test_a_person_is_one_step_away_and_hears_what_was_read(reader, address):
    """In the demo the step leads to the phone beside; the first message surely asks for a person."""
    words = parse_qs(urlsplit(talk(page(reader, address))).query)["say"][0]
    assert by_rules_alone(words, shipped.phrases()).intent == "want_human"
    assert {"F1": "運費怎麼算", "E1": "How much is shipping", "q=年費": "年費"}.get(
        re.split("[/?]", address)[-1], ""
    ) in words


def test_in_a_shop_the_step_leads_into_its_line_chat(tmp_path, postgres):
    known = {"line_channel_secret": "s", "line_channel_access_token": "t", "secret_key": "k", "line_basic_id": "@shop"}
    with desk.shop(tmp_path, postgres, **known) as shop:
        reader = webhook_app.create_app(shop).test_client()
        assert unquote(talk(page(reader, "/help"))) == "https://line.me/R/oaMessage/@shop/?轉真人"


@pytest.mark.parametrize(
    ("at", "said", "in_english"),
    [
        (desk.AFTERNOON, "客服 09:00-21:00，現在在線", "Staff 09:00-21:00, online now"),
        (
            desk.AFTERNOON + timedelta(hours=8),
            "客服 09:00-21:00，現在休息，次日 9 點起回覆",
            "Staff 09:00-21:00, closed now, replies from 9:00 tomorrow",
        ),
        (desk.AFTERNOON - timedelta(hours=10), "現在休息，今天 9 點起回覆", "replies from 9:00 today"),
    ],
)
def test_whether_somebody_is_there_is_told_as_the_chat_tells_it(reader, at, said, in_english):
    with time_machine.travel(at, tick=False):
        assert said in page(reader, "/help")
        assert in_english in page(reader, "/help/en/articles/E1")


def test_a_page_that_is_kept_is_asked_for_anew_once_the_shop_closes(reader):
    with time_machine.travel(desk.AFTERNOON, tick=False) as clock:
        kept = {"If-None-Match": reader.get("/help").headers["ETag"]}
        assert reader.get("/help", headers=kept).status_code == 304
        clock.shift(timedelta(hours=8))
        closed = reader.get("/help", headers=kept)
    assert (closed.status_code, "現在休息" in closed.get_data(as_text=True)) == (200, True)


def test_a_day_off_by_the_rules_that_count_now_is_a_day_off_here(shop, reader):
    day = desk.AFTERNOON.date()
    rules = yaml.safe_load(sla.SHIPPED.read_text("utf-8")) | {"calendars": {"shop": {"closed": [day]}}}
    with shop.sessions.begin() as session:
        versions.publish(session, yaml.safe_dump(rules, allow_unicode=True), None)
    with time_machine.travel(desk.AFTERNOON, tick=False):
        assert "客服今天休息，次日 9 點起回覆" in page(reader, "/help")


def test_a_shop_that_never_named_its_account_tells_how_to_find_it(tmp_path, postgres):
    known = {"line_channel_secret": "s", "line_channel_access_token": "t", "secret_key": "k"}
    with desk.shop(tmp_path, postgres, **known) as shop:
        told = page(webhook_app.create_app(shop).test_client(), "/help")
        assert talk(told) is None
        assert "在 LINE 搜尋「鮮好團購」" in told


def test_script_in_an_article_is_text_and_other_programs_read_the_answer(shop, reader):
    evil = {"external_id": "X1", "category": "exchange", "question": "</script><script>alert(1)</script>？"}
    written = "<img src=x onerror=alert(1)>\n\n[按這裡](javascript:alert(1))\n\n1. 先**拍照**\n2. 再寄回"
    with shop.sessions.begin() as session:
        drafts.save(session, [(1, evil | {"answers": ["先拍照。"]})], publish=True)
        of_before = update(Article).where(Article.external_id == "X1")  # such a thing was refused
        session.execute(of_before.values(wordings=[written]))
    told = page(reader, "/help/articles/X1")
    assert told.count("<script") == 2  # that of the theme, and the data below
    assert "<img" not in told
    assert 'href="javascript' not in told
    assert "<li>先<strong>拍照</strong></li>" in told
    data = json.loads(re.search(r'<script type="application/ld\+json">(.+?)</script>', told)[1])
    assert data["@type"] == "FAQPage"
    assert data["mainEntity"][0]["name"] == evil["question"]


def listed(reader):
    """Every page that the sitemaps name, by the address of the sitemap."""
    parts = re.findall(r"<loc>([^<]+)</loc>", page(reader, "/sitemap.xml"))
    return {part: re.findall(r"<loc>([^<]+)</loc>", page(reader, urlsplit(part).path)) for part in parts}


def test_programs_are_told_what_to_list(reader):
    robots = page(reader, "/robots.txt")
    assert "Allow: /help" in robots
    assert "Disallow: /\n" in robots
    addresses = [address for part in listed(reader).values() for address in part]
    assert any(address.endswith("/help/en/articles/F1") for address in addresses)
    assert [address for address in addresses if reader.get(urlsplit(address).path).status_code != 200] == []


def test_there_are_as_many_sitemaps_as_the_articles_need(shop, reader, monkeypatch):
    """Each article stands in one, whatever was taken offline before it; they are read a few at a time."""
    monkeypatch.setattr(crawlers, "PART", 3)
    monkeypatch.setattr(crawlers, "AT_ONCE", 2)
    with shop.sessions.begin() as session:
        more = [CARD | {"external_id": f"C{number}"} for number in range(7)]
        drafts.save(session, enumerate(more, 1), publish=True)
        session.execute(update(Article).where(Article.id.in_((4, 5, 6))).values(published=False))
        online = set(session.scalars(select(Article.external_id).where(Article.published, Article.id > 6)))
    found = listed(reader)
    assert [part.rpartition("/")[2] for part in found] == [f"sitemap-{part}.xml" for part in (0, 1, 3, 4, 5)]
    named = [address.rpartition("/")[2] for part in found.values() for address in part if "/articles/" in address]
    assert sorted(name for name in named if name.startswith("C")) == sorted(2 * [*online])
    assert [reader.get(f"/sitemap-{part}.xml").status_code for part in (2, 6, 99, 10**20)] == [404] * 4
    assert "<lastmod>" in page(reader, "/sitemap.xml")


def test_many_articles_of_a_topic_come_a_page_at_a_time(shop, reader):
    with shop.sessions.begin() as session:
        more = [CARD | {"external_id": f"C{number}"} for number in range(60)]
        drafts.save(session, enumerate(more, 1), publish=True)
    first, second = (page(reader, f"/help/topics/信用卡?page={number}") for number in (1, 2))
    assert (first.count("/help/articles/"), second.count("/help/articles/")) == (50, 11)
    assert "下一頁" in first
    assert "上一頁" in second
    assert reader.get("/help/topics/信用卡?page=3").status_code == 404


def test_content_staff_see_which_articles_help_least(shop, reader):
    with shop.sessions.begin() as session:
        auth.create_user(session, "he", "何編", "editor", "correct horse")
    for browser in ("one", "two"):
        reader.post("/help/votes/F1", data={"helped": "no"}, headers={"User-Agent": browser})
    reader.post("/help/votes/B1", data={"helped": "yes"})
    reader.application.config["WTF_CSRF_ENABLED"] = False
    reader.post("/sign-in", data={"username": "he", "password": "correct horse"})
    told = page(reader, "/content/helped")
    assert told.index("運費怎麼算") < told.index("年費多少")
    with shop.sessions() as session:
        editor = f'href="/content/articles/{session.scalars(select(Article.id).filter_by(external_id="F1")).one()}"'
    assert editor in told
    beside = page(reader, "/content/unanswered")
    assert (editor in beside, "2 人說沒幫助，0 人說有幫助" in beside) == (True, True)
    assert "年費多少" not in beside, "it helped"
    assert 'href="/content/helped">' in beside.partition("顧客說沒幫助的文章")[2]
