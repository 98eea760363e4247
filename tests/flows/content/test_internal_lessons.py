"""Why a solved case happened, and what to mind, are for colleagues: no way to a customer leads past that."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot import clock, conversations, outbox, services
from bot.dialogue import replies
from bot.errors import Refused
from bot.messages import Outbound
from bot.models import OutboxRow
from faq import drafts
from faq.articles import withheld
from faq.models import SolvedCase
from handoff import tickets
from handoff.marketing import campaigns
from handoff.models import Ticket
from tests import console, desk, marketing
from tests.content import FEE, said, words
from tests.programs import hired

LESSON = {
    "title": "氣炸鍋跳電",
    "description": "插上電源就會跳電。",
    "cause": "供應商這一批的保險絲都裝錯了。",
    "solution": "先請顧客停用，隔天換新機。",
    "cautions": "不要主動提到其他顧客也跳電；換貨最多等兩天。",
    "shown": "1",
}
CAUSE = "您好，供應商這一批的保險絲都裝錯了喔"
CAUTION = "其實不要主動提到其他顧客也跳電，謝謝"
BY = "it holds what only colleagues may read"


@pytest.fixture(autouse=True)
def asked_at_once(monkeypatch):
    monkeypatch.setattr(withheld, "CHECK_SECONDS", 0)


@pytest.fixture
def lesson(hsu):
    """One that somebody has looked over."""
    assert hsu.client.post("/content/cases", data=LESSON).status_code == 302


@pytest.fixture
def case(current, app):
    with current.sessions.begin() as session:
        return desk.claimed_case(session)


def says(current, case, speaker, text):
    """Put into the outbox past whoever composes, and the worker's part; what became of it."""
    with current.sessions.begin() as session:
        where = conversations.locked(session, case.conversation)
        where.owner = "bot" if speaker == "bot" else "human"
        conversations.say(session, where, Outbound(text), speaker=speaker)
    outbox.deliver(case.conversation)
    with current.sessions() as session:
        last = session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc())).first()
        return last.state, last.error


def held(current, text):
    """Whether a message with it goes to nobody."""
    with current.sessions() as session:
        return current.wiring.withheld.within(session, [text])


@pytest.mark.parametrize("text", [CAUSE, CAUTION])
def test_an_agent_who_pastes_it_is_told_and_an_article_a_template_a_campaign_with_it_is_refused(
    current, hsu, lesson, case, text
):
    with current.sessions() as session, pytest.raises(Refused, match="僅供內部"):
        tickets.reply(session, case.ticket, case.agent, text, "k", 10**9)
    refused = hsu.does(hsu.begins(), "publish", **FEE | {"wording": [text]})
    assert (refused.status_code, "僅供內部的文字" in words(refused)) == (409, True)
    typed = {"title": "跳電", "text": text, "category": "shipping_fee_time"}
    assert hsu.client.post("/content/templates", data=typed).status_code == 409
    row = {"external_id": "X1", "question": "跳電？", "answer": text}
    with current.sessions.begin() as session:
        [problem] = drafts.save(session, [(1, row)], publish=True).problems
        assert problem.field == "answer"
    with current.sessions() as session, pytest.raises(Refused, match="僅供內部"):
        marketing.begun(session, thanks=text)
    with current.sessions.begin() as session:
        campaign = marketing.begun(session)
        with pytest.raises(Refused, match="僅供內部"):
            campaigns.change(session, campaign, marketing.sheet(thanks=text), by=case.agent)


def test_a_program_and_a_letter_do_not_tell_it_either(app, current, lesson, case):
    front = hired(app, "supervisor")
    with current.sessions() as session:
        number = session.get_one(Ticket, case.ticket).number
    answer = front.post(f"/tickets/{number}/reply", key="k1", text=CAUSE, seen_message_id=10**9)
    assert (answer.status_code, "僅供內部" in answer.json["detail"]) == (409, True)
    settings = current.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9", "mail_from": "care@shop.example"})
    services.install(replace(current, settings=settings))
    with current.sessions.begin() as session:
        tickets.verify(session, case.ticket, case.agent, "email", "chen@mail.example", "called_back")
        with pytest.raises(Refused, match="僅供內部"):
            tickets.mail(session, case.ticket, case.agent, "chen@mail.example", CAUTION, "k2", 10**9)


@pytest.mark.parametrize("speaker", ["bot", "agent", "system"])
def test_what_gets_into_the_outbox_all_the_same_is_not_sent(current, lesson, case, speaker):
    assert says(current, case, speaker, CAUTION) == ("failed", BY)


def test_what_happened_and_what_helped_one_may_tell(current, lesson, case):
    with current.sessions.begin() as session:
        assert tickets.reply(session, case.ticket, case.agent, "插上電源就會跳電的，隔天換新機。", "k", 10**9)


def test_what_nobody_looked_over_or_what_is_gone_holds_nobody_back(current, hsu):
    hsu.client.post("/content/cases", data=LESSON | {"shown": ""})
    assert not held(current, CAUSE)
    with current.sessions() as session:
        known = {"id": session.scalars(select(SolvedCase.id)).one(), "revision": 1}
    hsu.client.post("/content/cases", data=LESSON | known)
    assert held(current, CAUSE)
    hsu.client.post(f"/content/cases/{known['id']}/delete")
    assert not held(current, CAUSE)


def test_another_wording_takes_the_place_of_the_first(current, hsu, lesson):
    with current.sessions() as session:
        known = {"id": session.scalars(select(SolvedCase.id)).one(), "revision": 1}
    hsu.client.post("/content/cases", data=LESSON | known | {"cause": "倉庫把兩種插頭放在一起。"})
    assert not held(current, CAUSE)
    assert held(current, "倉庫把兩種插頭放在一起")


def test_what_customers_may_read_anyway_stays_sayable(current, hsu):
    hsu.publishes(**FEE | {"wording": ["換貨最多等兩天。"]})
    hsu.client.post("/content/cases", data=LESSON)
    assert not held(current, "換貨最多等兩天。")
    assert said(current) == "換貨最多等兩天。"


def test_what_the_bot_says_a_template_or_the_case_itself_tells_is_no_secret(current, hsu, case):
    typed = {"title": "寄回", "text": "您好，請附上原本的發票。", "category": "shipping_fee_time"}
    assert hsu.client.post("/content/templates", data=typed).status_code == 302
    phrase = replies("zh-TW").say("refuse").text  # 這題我答不上來，怕講錯不敢亂答。換個說法再問一次，…
    cautions = "換個說法再問一次；請附上原本的發票；隔天換新機也可以；先請顧客停用，不要主動提到其他顧客也跳電"
    hsu.client.post("/content/cases", data=LESSON | {"cautions": cautions})
    assert not held(current, phrase)
    assert not held(current, typed["text"])
    assert not held(current, LESSON["solution"])
    assert says(current, case, "bot", CAUTION) == ("failed", BY)


def test_a_case_of_before_is_read_and_nobody_has_updated_it(current, hsu, lesson):
    long_ago = clock.now() - timedelta(days=30)
    with current.sessions.begin() as session:
        session.execute(update(SolvedCase).values(withheld=None, updated_at=long_ago))
    assert not held(current, CAUSE)
    withheld.read_rows(current)
    assert held(current, CAUSE)
    with current.sessions() as session:
        assert session.scalars(select(SolvedCase.updated_at)).one() == long_ago


def test_of_many_cases_of_before_the_articles_are_gone_over_once(current, hsu, monkeypatch):
    hsu.publishes(**FEE | {"wording": ["換貨最多等兩天。"]})
    for number in range(3):
        hsu.client.post("/content/cases", data=LESSON | {"title": f"跳電{number}"})
    with current.sessions.begin() as session:
        session.execute(update(SolvedCase).values(withheld=None))
    looks, look = [], withheld._public
    monkeypatch.setattr(withheld, "_public", lambda session, asked: looks.append(asked) or look(session, asked))
    withheld.read_rows(current)
    assert len(looks) == 1
    with current.sessions() as session:
        assert len({*session.scalars(select(SolvedCase.withheld))}) == 1
    assert (held(current, CAUSE), held(current, "換貨最多等兩天。")) == (True, False)


def test_what_is_internal_is_read_again_only_where_something_changed(current, hsu, lesson, monkeypatch):
    reads, read = [], withheld._held
    monkeypatch.setattr(withheld, "_held", lambda session, but=None: reads.append(but) or read(session, but))
    assert [held(current, CAUSE) for _ in range(3)] == [True] * 3
    assert len(reads) == 1
    hsu.publishes(**FEE, passage=["運費看金額。", "成本是四十五元。"], audience=["customers", "internal"])
    reads.clear()
    assert [held(current, "成本是四十五元") for _ in range(3)] == [True] * 3
    assert len(reads) == 1


def test_beside_a_case_it_is_marked_as_internal(app, current, lesson):
    with current.sessions.begin() as session:
        number = session.get_one(Ticket, desk.claimed_case(session).ticket).number
    wang = console.signed_in(app, current, "wang", "agent")
    page = words(wang.get(f"/console/cases/{number}/knowledge", query_string={"q": "氣炸鍋跳電"}))
    assert "原因 僅供內部 供應商這一批" in page
    assert "注意事項 僅供內部 不要主動" in page
    assert "怎麼解決 先請顧客停用" in page
