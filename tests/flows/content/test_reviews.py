"""Articles that are due for review: whose they are hears of it once a date, and after a fortnight who approves does."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from bot.clock import now
from bot.models import JournalEntry, User
from faq import reviews
from faq.models import Article
from handoff.models import Delivery, Notice, NoticeChoice
from handoff.notify import reading
from handoff.notify.words import letter
from tests import console, desk
from tests.content import FEE, words

DUE = "有文章該複查了"


@pytest.fixture
def travel():
    """Moves everybody's clock; back again after the story."""
    with ExitStack() as journey:
        yield lambda at: journey.enter_context(time_machine.travel(at, tick=True))


@pytest.fixture(autouse=True)
def begun(current, travel):
    travel(desk.AFTERNOON)
    reading.look(current)


def passes(current, travel, days):
    """So many days later, and the ticker has looked twice."""
    travel(now() + timedelta(days=days))
    for _ in range(2):
        reviews.remind(current)
        reading.look(current)


def told(current):
    """Who was told what, in order."""
    with current.sessions() as session:
        rows = session.execute(
            select(User.username, Notice.kind, Notice.facts).join(Notice.user).order_by(Notice.id)
        ).all()
    return [(name, kind, facts["text"]) for name, kind, facts in rows]


def of(current, article, **values):
    with current.sessions.begin() as session:
        session.execute(update(Article).where(Article.id == article).values(**values))


def test_the_owner_hears_once_and_those_who_approve_after_a_fortnight(current, hsu, mei, ho, travel):
    hsu.publishes(**FEE)
    passes(current, travel, 89)
    assert told(current) == []
    passes(current, travel, 1)
    assert told(current) == [("hsu", "articles.due", "「運費怎麼算？」")]
    passes(current, travel, 13)
    assert len(told(current)) == 1
    passes(current, travel, 1)
    assert sorted(told(current)[1:]) == [(name, "articles.overdue", "「運費怎麼算？」") for name in ("ho", "hsu")]
    passes(current, travel, 30)
    assert len(told(current)) == 3
    with current.sessions() as session:  # customers do not read that it was updated
        assert now() - session.scalars(select(Article.updated_at)).one() > timedelta(days=130)


def test_who_looked_again_hears_of_the_next_date(current, hsu, travel):
    article = hsu.publishes(**FEE)
    passes(current, travel, 90)
    hsu.comes_back("hsu")
    hsu.client.post(f"/content/articles/{article}/care", data={"review_at": (now() + timedelta(days=7)).date()})
    passes(current, travel, 6)
    assert len(told(current)) == 1
    passes(current, travel, 1)
    assert [kind for _, kind, _ in told(current)] == ["articles.due"] * 2


def test_several_are_one_word_and_what_is_nobodys_concerns_all_who_write(current, hsu, mei, travel):
    for question in ("運費怎麼算？", "免運門檻是多少？"):
        hsu.publishes(**FEE | {"question": question})
    passes(current, travel, 90)
    assert told(current) == [("hsu", "articles.due", "「運費怎麼算？」")]
    hsu.comes_back("hsu")
    assert "「運費怎麼算？」等 2 篇" in words(hsu.client.get("/console/notices"))
    with current.sessions() as session:
        notice = session.scalars(select(Notice)).one()
        assert letter(notice, "k", "", current.settings.zone).body == "「運費怎麼算？」等 2 篇"
    third = hsu.publishes(**FEE | {"question": "離島運費？"})
    of(current, third, owner_id=None, review_at=now().date())
    passes(current, travel, 0)
    assert sorted(name for name, *_ in told(current)[1:]) == ["hsu", "mei"]


def test_who_left_is_not_told_for_others(current, hsu, mei, travel):
    hsu.publishes(**FEE)
    with current.sessions.begin() as session:
        session.execute(update(User).where(User.username == "hsu").values(active=False))
    passes(current, travel, 90)
    assert [name for name, *_ in told(current)] == ["mei"]


def test_nobody_hears_of_it_at_night_nor_of_what_is_not_live(current, hsu, travel):
    first, second = (hsu.publishes(**FEE | {"question": question}) for question in ("甲？", "乙？"))
    hsu.does(second, "retire")
    of(current, first, review_at=now().date())
    travel(now().replace(hour=22))  # six in the morning at the shop
    reviews.remind(current)
    with current.sessions() as session:
        assert session.scalars(select(JournalEntry).where(JournalEntry.kind.startswith("articles."))).all() == []
    passes(current, travel, 0.5)
    assert told(current) == [("hsu", "articles.due", "「甲？」")]


def test_it_comes_by_mail_to_who_wishes_it_and_stands_on_the_bell_with_the_way_there(current, hsu, travel):
    mailing = replace(current, settings=current.settings.model_copy(update={"smtp_url": "smtp://mail.example"}))
    hsu.client.post("/console/notices/choices", data={"email": "hsu@shop.example", "begins": "", "ends": ""})
    hsu.publishes(**FEE)
    passes(mailing, travel, 90)
    hsu.comes_back("hsu")
    for place in ("articles", "cases", "contacts", "templates", "menus"):
        assert 'class="n hot">1<' in hsu.client.get(f"/content/{place}").get_data(as_text=True)
    assert "該複查 1" in words(hsu.client.get("/content/articles"))
    page = hsu.client.get("/console/notices")
    assert DUE in words(page)
    assert '<a href="/content/articles?due=1">「運費怎麼算？」</a>' in page.get_data(as_text=True)
    with current.sessions() as session:
        assert session.scalars(select(NoticeChoice.email)).all() == ["hsu@shop.example"]
        assert session.scalars(select(Delivery.address).where(Delivery.medium == "email")).all() == ["hsu@shop.example"]
    hsu.client.post("/console/notices/seen")
    assert 'class="n hot">' not in hsu.client.get("/content/articles").get_data(as_text=True)


def test_whoever_writes_content_hears_of_no_cases(app, current, hsu):
    page = hsu.client.get("/console/notices").get_data(as_text=True)
    assert 'data-stream=""' in page
    assert "有文章該複查、有問題答不出來時，會出現在這裡" in page
    market = console.signed_in(app, current, "mark", "marketing")
    assert market.get("/console/notices").status_code == 403


def test_what_went_live_without_a_date_comes_due_over_the_quarter(current, hsu, travel):
    first, second, draft = (hsu.publishes(**FEE | {"question": question}) for question in ("甲？", "乙？", "丙？"))
    hsu.does(draft, "retire")
    with current.sessions() as session:
        before = session.scalars(select(Article.updated_at).order_by(Article.id)).all()
    for article in (first, second, draft):
        of(current, article, review_at=None, updated_at=before[0])
    passes(current, travel, 0)
    with current.sessions() as session:
        dated = session.execute(select(Article.review_at, Article.updated_at).order_by(Article.id)).all()
    days = [(day - now().date()).days if day else None for day, _ in dated]
    assert days[2] is None
    assert 1 <= days[0] < days[1] <= 90
    assert {at for _, at in dated} == {before[0]}
    assert told(current) == []
    passes(current, travel, days[0])
    assert told(current) == [("hsu", "articles.due", "「甲？」")]
