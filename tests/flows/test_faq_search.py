"""Articles are found by the words that they share with a question, and by what it means where that can be told."""

import sys
import threading
from datetime import date

import numpy as np
import pytest
from sqlalchemy import event, select, text, update

from bot import db, searching
from bot.nlu import embedding, hurry
from bot.ports import Matter, Query
from faq import drafts, search
from faq.answers import PublishedAnswers
from faq.knowledge import PublishedKnowledge
from faq.models import Article, ArticleVector
from faq.search import finding, learning, listening, vectors
from tests import desk

FEE = {"external_id": "fee", "question": "運費怎麼算？", "answer": "本島 80 元，滿 999 元免運。"}
BILL = {"external_id": "bill", "question": "發票可以改統編嗎？", "answer": "當月內可以。"}
PAY = {"external_id": "pay", "question": "退款多久會入帳？", "answer": "7 到 14 個工作天。"}
MEANINGS = (("運費", "郵資", "宅配要付"), ("發票", "抬頭", "報帳"), ("退款", "錢什麼時候"))


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            drafts.save(session, enumerate((FEE, BILL, PAY), 1), publish=True)
        yield shop


def meaning(text):
    """An embedding that knows three matters."""
    heard = [float(any(word in text for word in words)) for words in MEANINGS]
    row = np.array([*heard, 0.1], dtype=np.float32)
    return row / np.linalg.norm(row)


@pytest.fixture
def understood(monkeypatch):
    """Somebody hears what is meant."""
    monkeypatch.setattr(embedding, "trouble", lambda: "")
    monkeypatch.setattr(embedding, "vector", meaning)
    monkeypatch.setattr(embedding, "vectors", lambda texts: np.array([meaning(text) for text in texts]))
    monkeypatch.setattr(vectors, "CHECK_SECONDS", 0)
    monkeypatch.setattr(vectors, "PATIENCE", 0)
    listening._tried.cache_clear()
    yield
    listening._tried.cache_clear()


def found(shop, query):
    with db.reading(shop.sessions) as session:
        return [hit.article.external_id for hit in search.search(session, query)]


@pytest.mark.parametrize("query", ["運費", "运费", "請問運費怎麼算", "ＦＥＥ 運費"])
def test_words_are_enough_in_any_script_width_and_courtesy(shop, query):
    assert found(shop, query)[0] == "fee"


def test_a_synonym_is_the_same_word(shop):
    assert found(shop, "退款多久到帳")[0] == "pay"
    assert found(shop, "到帳")[0] == "pay"


def test_one_character_finds_the_words_that_it_begins(shop):
    assert found(shop, "運") == ["fee"]


@pytest.mark.parametrize("query", ["", "？！", "zzz", "量子", '" OR *', "a:b & !c | (d"])
def test_what_nothing_fits_finds_nothing_whatever_signs_it_has(shop, query):
    assert found(shop, query) == []


def test_what_is_not_online_is_not_found(shop):
    with shop.sessions.begin() as writer:
        drafts.save(writer, [(1, {"external_id": "new", "question": "運費優惠？", "answer": "還沒"})], publish=False)
    assert found(shop, "運費") == ["fee"]


def test_a_new_wording_is_found_at_once_and_the_old_one_no_more(shop):
    with shop.sessions.begin() as writer:
        drafts.save(writer, [(1, BILL | {"question": "收據要怎麼補？", "answer": "到會員中心下載。"})], publish=True)
    assert found(shop, "補收據") == ["bill"]
    assert found(shop, "統編") == []


def test_what_shares_no_word_is_found_by_its_meaning(shop, understood):
    assert found(shop, "宅配要付多少") == []
    assert search.learn_all(shop.sessions) == 3
    assert search.wait()
    assert found(shop, "宅配要付多少")[0] == "fee"
    assert found(shop, "可以報帳嗎")[0] == "bill"


def test_the_index_is_asked_while_somebody_listens(shop, understood, monkeypatch):
    search.learn_all(shop.sessions)
    assert search.wait()
    asked, alike = threading.Event(), searching.alike
    monkeypatch.setattr(searching, "alike", lambda *given: asked.set() or alike(*given))
    monkeypatch.setattr(embedding, "vector", lambda text: meaning(text) if asked.wait(10) else pytest.fail("waited"))
    assert found(shop, "宅配要付多少")[0] == "fee"


def test_whether_articles_changed_is_looked_up_while_somebody_listens(shop, understood, monkeypatch):
    search.learn_all(shop.sessions)
    assert search.wait()
    assert found(shop, "宅配要付多少")[0] == "fee"
    begun, look = threading.Event(), vectors.Shelf.look
    monkeypatch.setattr(vectors.Shelf, "look", lambda *given: look(*given) if begun.wait(10) else pytest.fail("waited"))
    monkeypatch.setattr(embedding, "vector", lambda text: begun.set() or meaning(text))
    assert found(shop, "可以報帳嗎")[0] == "bill"


@pytest.mark.parametrize("worth", [1, 2])
def test_who_searches_is_heard_by_as_many_threads_as_are_worth_it(shop, understood, monkeypatch, worth):
    search.learn_all(shop.sessions)
    assert search.wait()
    taken = []
    monkeypatch.setattr(hurry, "threads", lambda: worth)
    monkeypatch.setattr(hurry, "vector", lambda text, threads: taken.append(threads) or meaning(text))
    assert found(shop, "宅配要付多少")[0] == "fee"
    assert taken == [worth]


def test_an_article_is_learned_again_only_when_it_says_something_else(shop, understood):
    search.learn_all(shop.sessions)
    assert search.learn_all(shop.sessions) == 0
    with shop.sessions.begin() as writer:
        drafts.save(writer, [(1, FEE | {"question": "郵資怎麼算？"})], publish=True)
    assert search.learn_all(shop.sessions) == 1
    with db.reading(shop.sessions) as session:
        assert session.scalars(select(ArticleVector.version).order_by(ArticleVector.version)).all() == [1, 1, 2]


def test_where_the_embedding_is_missing_words_still_find(shop, monkeypatch):
    monkeypatch.setattr(embedding, "trouble", lambda: "no such processor")
    assert search.learn_all(shop.sessions) == 0
    assert found(shop, "發票") == ["bill"]


def test_the_ticker_has_the_builder_learn_what_is_new(shop, monkeypatch):
    asked = []
    monkeypatch.setattr(shop.broker, "backlog", lambda queue: 0)
    monkeypatch.setattr(shop.broker, "enqueue", lambda task, *ids, queue: asked.append((task, queue)))
    learning.look(shop)
    assert asked == [("faq.search.learn", "builds")]


def test_beside_a_case_an_article_is_offered_for_what_was_looked_for_in_other_words(shop, understood):
    search.learn_all(shop.sessions)
    search.wait()
    with db.reading(shop.sessions) as session:
        [first, *_] = PublishedKnowledge().recommend(session, Matter("宅配要付多少"), 3)
    assert (first.source, first.why) == ("fee", ("meaning",))


def answered(shop, *questions):
    """Which article the bot answers each with, all of one intent."""
    with shop.sessions.begin() as writer:
        writer.execute(update(Article).values(intent="asked"))
    with db.reading(shop.sessions) as session:
        return [PublishedAnswers().find(session, Query(asked, "asked")).source for asked in questions]


def test_of_several_answers_to_an_intent_the_bot_gives_the_one_that_was_asked_for(shop, understood, monkeypatch):
    """By words, so that each process chooses alike: nobody listens while others wait for the turn's lock."""
    search.learn_all(shop.sessions)
    monkeypatch.setattr(embedding, "vector", lambda text: pytest.fail("listened"))
    assert answered(shop, "退款多久會入帳", "發票", "宅配要付") == ["pay", "bill", "fee"]


def test_a_rare_word_counts_more_than_many_common_ones(shop):
    with shop.sessions.begin() as writer:
        more = [{"external_id": f"m{n}", "question": "可以改訂單嗎？", "answer": "可以。"} for n in range(30)]
        drafts.save(writer, enumerate(more, 1), publish=True)
    assert found(shop, "可以改統編嗎")[0] == "bill"
    with db.reading(shop.sessions) as session:
        bill = session.scalars(select(Article.id).where(Article.external_id == "bill")).all()
        assert list(searching.alike(session, Article, "統編", 5)) == bill


def test_of_many_that_hold_the_word_what_is_about_nothing_else_is_found(shop):
    """However late it was written; and of those alike, the newest."""
    passing = [
        {"external_id": f"p{n}", "question": f"第 {n} 檔活動？", "answer": "運費照舊，贈品送完為止。"}
        for n in range(45)
    ]
    last = {"external_id": "last", "question": "運費？", "answer": "80 元"}
    with shop.sessions.begin() as writer:
        drafts.save(writer, enumerate([*passing, last], 1), publish=True)
    assert found(shop, "運費")[0] == "last"
    with db.reading(shop.sessions) as session:
        ids = searching.alike(session, Article, "活動", 3)
        assert list(ids) == sorted(ids, reverse=True)


def test_however_long_a_text_is_it_is_asked_for_in_the_same_statements(shop):
    """What SQLAlchemy makes of one that it has not met takes longer than the answer."""
    asked: list[str] = []
    with db.reading(shop.sessions) as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        searching.alike(session, Article, "運費", 5)
        short = asked[:]
        searching.alike(session, Article, "我的發票可以改統編嗎，還有運費怎麼算，退款多久會入帳", 5)
    assert asked == short * 2
    assert len(short) == 2


def test_how_common_a_word_is_is_counted_once_a_minute(shop, monkeypatch):
    """Of a word that is rare it is counted each time: what is new is found at once."""
    home, counted = sys.modules[searching.alike.__module__], []
    monkeypatch.setattr(home, "COMMON", 2)
    more = [{"external_id": f"m{n}", "question": f"活動 {n} 運費？", "answer": "退貨"} for n in range(3)]
    with shop.sessions.begin() as writer:
        drafts.save(writer, enumerate(more, 1), publish=True)
    with db.reading(shop.sessions) as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *given: counted.append(given[3]))
        first = searching.alike(session, Article, "活動統編", 5)
        assert searching.alike(session, Article, "活動統編", 5) == first
        monkeypatch.setattr(home, "_common", {})
        assert searching.alike(session, Article, "活動統編", 5) == first
    assert ["活動" in str(given) for given in counted] == [True, False, False, False, True, False]


def test_a_search_reads_no_list_beside_the_index_of_words(shop):
    """PostgreSQL would keep one, which made searches twice as slow after a hundred articles were written."""
    with shop.sessions() as session:
        if session.get_bind().dialect.name != "postgresql":
            pytest.skip("SQLite's index has no such list")
        for table in ("articles", "solved_cases"):
            assert session.scalar(text(f"SELECT gin_clean_pending_list('ix_find_{table}')")) == 0
            [said] = session.scalars(text(f"SELECT reloptions FROM pg_class WHERE relname = 'ix_find_{table}'"))
            assert said == ["fastupdate=off"]


def test_of_a_word_that_too_many_hold_the_newest_are_compared(shop, monkeypatch):
    monkeypatch.setattr(sys.modules[searching.alike.__module__], "COMMON", 5)
    more = [{"external_id": f"m{n}", "question": f"活動 {n}？", "answer": "退貨" * (20 - n)} for n in range(10)]
    with shop.sessions.begin() as writer:
        drafts.save(writer, enumerate(more, 1), publish=True)
    with db.reading(shop.sessions) as session:
        for said in ("活動", "量子活動"):  # nobody wrote of the other
            asked = select(Article.external_id).where(Article.id.in_(searching.alike(session, Article, said, 10)))
            assert set(session.scalars(asked)) == {f"m{n}" for n in range(5, 10)}


def test_what_was_taken_offline_stands_in_nobodys_way(shop, understood, monkeypatch):
    """There is room for two candidates of each view, and old articles fit better."""
    old = [{"external_id": f"old{n}", "question": "運費運費", "answer": "以前的運費"} for n in range(3)]
    with shop.sessions.begin() as writer:
        drafts.save(writer, enumerate(old, 1), publish=True)
    search.learn_all(shop.sessions)
    assert search.wait()
    monkeypatch.setattr(finding, "LOOKED_AT", 2)
    with shop.sessions.begin() as writer:
        first, second, third = writer.scalars(select(Article).where(Article.external_id.startswith("old"))).all()
        first.published = second.published = False
        third.valid_until = date(2020, 1, 1)
    assert found(shop, "運費") == ["fee"]
    asked = []
    monkeypatch.setattr(shop.broker, "backlog", lambda queue: 0)
    monkeypatch.setattr(shop.broker, "enqueue", lambda task, *ids, queue: asked.append(task))
    learning.look(shop)
    assert asked == ["faq.search.learn"]
    search.learn_all(shop.sessions)
    learning.look(shop)
    assert asked == ["faq.search.learn"]
    assert found(shop, "宅配要付多少")[0] == "fee"
