"""What is for colleagues only never reaches a customer: not by an article, a file, a template, or an agent's paste."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot import clock, conversations, outbox
from bot.errors import Refused
from bot.messages import Outbound
from bot.models import OutboxRow
from bot.ports import Matter
from faq import drafts
from faq.articles import withheld
from faq.knowledge import PublishedKnowledge
from faq.menus import editing
from faq.menus.design import Design, Part
from faq.models import Article, MenuDesign, Withheld
from handoff import tickets
from handoff.models import Ticket
from tests import console, desk
from tests.content import FEE, said, words

SECRET = "賠償最多談到五千元，超過要問主管。"
PASTED = "您好，這次可以賠償最多談到五千元喔"


@pytest.fixture
def secret(hsu):
    """An article with a passage for colleagues."""
    return hsu.publishes(**FEE, passage=["運費看金額。", SECRET], audience=["customers", "internal"])


@pytest.fixture
def case(current, app):
    with current.sessions.begin() as session:
        found = desk.claimed_case(session)
    return found


def reply(session, case, text, key="k"):
    return tickets.reply(session, case.ticket, case.agent, text, key, 10**9)


def test_an_article_is_answered_and_offered_without_what_is_internal_in_it(current, secret):
    assert said(current) == "您好，運費 80 元。"
    with current.sessions() as session:
        hints = PublishedKnowledge().recommend(
            session, Matter("賠償最多談到五千元 運費怎麼算", intent="shipping_fee"), 3
        )
    assert [(hint.text, hint.internal) for hint in hints] == [("您好，運費 80 元。", (SECRET,))]


def test_an_agent_reads_what_is_internal_beside_the_case_and_no_click_puts_it_into_a_reply(app, current, hsu, secret):
    hsu.publishes(
        **FEE | {"question": "賠償怎麼談", "wording": []}, passage=[SECRET + "先道歉。"], audience=["internal"]
    )
    with current.sessions.begin() as session:
        found = desk.claimed_case(session)
        number = session.get_one(Ticket, found.ticket).number
    wang = console.signed_in(app, current, "wang", "agent")
    page = wang.get(f"/console/cases/{number}/knowledge", query_string={"q": "賠償怎麼談"})
    assert "僅供內部，不能給顧客看 賠償最多談到五千元" in words(page)
    both = wang.get(f"/console/cases/{number}/knowledge", query_string={"q": "運費怎麼算"}).get_data(as_text=True)
    assert SECRET in both
    assert re.findall(r'data-give="([^"]*)"', both) == ["陳怡君您好，運費 80 元。"]


def test_another_article_does_not_tell_it_to_customers(current, hsu, secret):
    article = hsu.begins()
    refused = hsu.does(article, "publish", **FEE | {"question": "賠多少？", "wording": [PASTED]})
    assert refused.status_code == 409
    assert "賠償最多談到五千元」是僅供內部的文字" in words(refused)


def test_turning_it_into_a_customers_text_needs_a_second_person_even_at_low_risk(current, hsu, ho, secret):
    opened = FEE | {"wording": [PASTED], "passage": [], "audience": []}
    assert hsu.does(secret, "publish", **opened).status_code == 409
    hsu.does(secret, "send", **opened)
    ho.does(secret, "approve")
    assert hsu.does(secret, "publish").status_code == 200
    assert said(current) == PASTED


def test_an_agent_who_pastes_it_is_told_before_it_is_sent(current, secret, case):
    with current.sessions() as session, pytest.raises(Exception, match="僅供內部"):
        reply(session, case, f"陳小姐{PASTED}，謝謝")


def test_what_got_into_the_outbox_all_the_same_is_not_sent_and_somebody_learns_of_it(current, hsu, case, monkeypatch):
    """It was written before anybody said that it is internal."""
    monkeypatch.setattr(withheld, "CHECK_SECONDS", 0)
    with current.sessions.begin() as session:
        reply(session, case, PASTED)
    hsu.publishes(**FEE, passage=[SECRET], audience=["internal"])
    outbox.deliver(case.conversation)
    with current.sessions() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.speaker == "agent")).all()
        assert [(row.state, row.error) for row in rows] == [("failed", "it holds what only colleagues may read")]


def test_no_way_into_the_outbox_leads_past_it(current, secret, case):
    with current.sessions.begin() as session:
        where = conversations.locked(session, case.conversation)
        conversations.say(session, where, Outbound("您好", subject=PASTED), speaker="system")
    outbox.deliver(case.conversation)
    with current.sessions() as session:
        last = session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc())).first()
        assert last.state == "failed"


def test_a_template_of_replies_does_not_hold_it(hsu, secret):
    typed = {"title": "賠償", "text": PASTED, "category": "shipping_fee_time"}
    refused = hsu.client.post("/content/templates", data=typed)
    assert (refused.status_code, "僅供內部" in words(refused)) == (409, True)


@pytest.mark.parametrize("field", ["bar", "label", "value"])
def test_a_menu_with_it_does_not_go_live(current, secret, field):
    short = "最多五千元唷"
    with current.sessions.begin() as session:
        session.add(Withheld(article_id=secret, text=short))
        told = {"bar": "選單", "label": "查", "value": "查訂單"} | {field: f"找我{short}"}
        part = Part("text", told["label"], told["value"])
        drawn = Design("one", told["bar"], picture="k", mime="image/png", width=2500, height=843, parts=(part,))
        session.add(MenuDesign(state="bot", draft=drawn.as_json(), revision=1, version=0))
    by = console.user_id(current, "hsu")
    with pytest.raises(Refused, match="僅供內部"), current.sessions.begin() as session:
        editing.publish(session, "bot", 1, by)


@pytest.mark.parametrize("field", ["answer", "page"])
def test_a_file_never_turns_it_into_a_customers_text(current, secret, field):
    row = {"external_id": "X1", "question": "賠多少？", "answer": "請稍候。"} | {field: PASTED}
    with current.sessions.begin() as session:
        saved = drafts.save(session, [(1, row)], publish=True)
    assert [str(problem) for problem in saved.problems] == [
        f"第 1 列 {field}：「賠償最多談到五千元」是僅供內部的文字，不能給顧客看。"
    ]
    assert saved.added == 0


KEPT = {"external_id": "K1", "question": "賠償怎麼談", "answer": "請稍候。", "internal": SECRET}
TELLS = {"external_id": "T1", "question": "賠多少？", "answer": PASTED}


@pytest.mark.parametrize("rows", [(KEPT, TELLS), (TELLS, KEPT)])
def test_a_file_never_tells_customers_what_another_row_of_it_keeps_from_them(current, rows):
    with current.sessions.begin() as session:
        saved = drafts.save(session, list(enumerate(rows, 1)), publish=True)
    with current.sessions() as session:
        assert "賠償最多談到五千元" in session.scalars(select(Withheld.text)).all()
        assert [article.external_id for article in session.scalars(select(Article))] == ["K1"]
    [problem] = saved.problems
    assert (problem.row, problem.field) == (rows.index(TELLS) + 1, "answer")


@pytest.mark.parametrize("turned", [False, True])
def test_a_file_may_bring_again_what_customers_read_already(current, turned):
    shared = KEPT | {"internal": PASTED}
    for rows in ([TELLS], [shared, TELLS] if turned else [TELLS, shared]):
        with current.sessions.begin() as session:
            saved = drafts.save(session, list(enumerate(rows, 1)), publish=True)
            assert saved.problems == []
    assert (saved.added, saved.unchanged) == (1, 1)


def test_a_row_of_a_file_never_tells_what_it_keeps_itself(current):
    with current.sessions.begin() as session:
        assert drafts.save(session, [(1, TELLS)], publish=True).problems == []
        saved = drafts.save(session, [(1, KEPT | {"internal": PASTED, "page": PASTED})], publish=True)
    assert [problem.field for problem in saved.problems] == ["page"]


def test_an_article_for_colleagues_alone_is_live_and_no_customer_finds_its_question(current, hsu):
    only = {"question": "賠償怎麼談", "passage": [SECRET], "audience": ["internal"]}
    article = hsu.publishes(**FEE | only | {"wording": []})
    assert "僅供內部" in words(hsu.opens(article))
    assert said(current) == ""
    with current.sessions() as session:
        [hint] = PublishedKnowledge().recommend(session, Matter("賠償怎麼談"), 3)
        assert (hint.text, hint.internal) == ("", (SECRET,))


def test_what_customers_may_read_anyway_is_nobodys_secret(current, hsu, case):
    hsu.publishes(**FEE | {"wording": ["請先拍下商品和外箱。"]})
    hsu.publishes(
        **FEE | {"question": "處理步驟", "wording": ["好的。"]}, passage=["請先拍下商品和外箱。"], audience=["internal"]
    )
    with current.sessions.begin() as session:
        assert reply(session, case, "請先拍下商品和外箱。")


def test_rows_of_before_are_read_and_nobody_has_updated_them(current, hsu):
    article = hsu.publishes(**FEE | {"wording": ["請先拍下商品和外箱。"]})
    long_ago = clock.now() - timedelta(days=30)
    with current.sessions.begin() as session:
        session.execute(update(Article).values(told=None, updated_at=long_ago))
    hsu.publishes(**FEE | {"question": "步驟"}, passage=["請先拍下商品和外箱。"], audience=["internal"])
    with current.sessions() as session:
        assert session.scalars(select(Withheld.text)).all() == []
    withheld.read_rows(current)
    with current.sessions() as session:
        read = session.get_one(Article, article)
        assert ("請先拍下商品和外箱" in read.told, read.updated_at) == (True, long_ago)


def test_the_page_of_a_member_who_may_not_edit_stays_closed(app, current):
    wang = console.signed_in(app, current, "wang", "agent")
    assert wang.get("/content/articles").status_code == 403
