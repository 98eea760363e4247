"""Somebody calls: what the agent notes is judged like a message, so that danger on the phone is danger on the desk."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

import webhook_app
from bot.errors import Refused
from bot.models import JournalEntry, OutboxRow
from handoff import ticker, tickets
from handoff.models import Ticket
from tests import console, desk
from tests.console import words
from tests.desk import AFTERNOON
from tests.programs import hired

HOSPITAL = "女兒吃了之後一直吐，現在在急診，訂單 GB1118"


@pytest.fixture
def wang(session):
    return desk.staff(session, "王大明").id


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


def called(session, shop, agent, text, **said):
    return tickets.open_by_phone(
        session, agent, "0912345678", "林太太", tickets.heard(text, **said), shop.settings.zone
    )


def test_a_child_in_the_emergency_ward_is_l1_whoever_noted_it(session, shop, wang):
    ticket = called(session, shop, wang, HOSPITAL)
    assert (ticket.level, ticket.priority, ticket.category) == ("L1", "urgent", "safety_incident")
    assert (ticket.type, ticket.team, ticket.risk) == ("complaint", "care", "high")
    assert ticket.facts == {"phone": "0912345678", "order_number": "GB1118"}
    assert (ticket.assignee_id, ticket.state, ticket.summary) == (wang, "open", HOSPITAL)


def test_what_nobody_understands_stays_an_ordinary_case(session, shop, wang):
    ticket = called(session, shop, wang, "問了一些事")
    assert (ticket.level, ticket.priority, ticket.category) == ("L3", "normal", "out_of_scope")


def test_who_took_the_call_says_more_than_the_words_do_and_the_reasons_tell_it(session, shop, wang):
    ticket = called(session, shop, wang, "聲音很急，說不清楚", level="L2", category="return_refund")
    assert (ticket.level, ticket.priority) == ("L2", "high")
    assert (ticket.category, ticket.team) == ("return_refund", "returns")
    session.commit()
    [opened] = session.scalars(select(JournalEntry.data).where(JournalEntry.kind == "ticket.opened"))
    assert opened["reasons"][:2] == ["電話進線", "由接電話的同事定為 L2"]


def test_a_category_that_always_goes_to_people_brings_its_level(session, shop, wang):
    ticket = called(session, shop, wang, "說不清楚", category="safety_incident")
    assert (ticket.level, ticket.type) == ("L1", "complaint")


def test_nobody_makes_less_of_the_words_on_the_way(session, shop, wang):
    with pytest.raises(Refused, match="至少是 L1"):
        called(session, shop, wang, HOSPITAL, level="L3")
    with pytest.raises(Refused, match="沒有這種案件類別"):
        called(session, shop, wang, "問退款", category="nonsense")
    with pytest.raises(Refused, match="還沒有寫內容"):
        called(session, shop, wang, "  ")


def test_a_call_raises_the_case_that_there_is_and_never_lowers_it(session, case):
    def calls(text, level=""):
        tickets.log_call(session, case.ticket, case.agent, "in", tickets.heard(text, level))
        return session.get_one(Ticket, case.ticket)

    assert calls("問進度").level == "L2"
    raised = calls(HOSPITAL)
    assert (raised.level, raised.priority, raised.assignee_id) == ("L1", "urgent", case.agent)
    assert calls("說沒事了").level == "L1"
    session.commit()
    [entry] = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.raised"))
    assert (entry.user_id, entry.data["why"]) == (case.agent, "called")
    assert entry.data["before"] == {"level": "L2", "priority": "high"}


def test_the_colleague_on_the_phone_raises_it_herself(session, case):
    tickets.log_call(session, case.ticket, case.agent, "in", tickets.heard("聽起來很糟", "L1"))
    assert session.get_one(Ticket, case.ticket).level == "L1"


def test_on_the_page_and_refused_there_with_what_was_typed(app, shop):
    agent = console.signed_in(app, shop, "wang", "agent")
    form = {"phone": "0912345678", "name": "林太太", "text": HOSPITAL}
    refused = agent.post("/console/phone", data=form | {"level": "L3"})
    assert refused.status_code == 409
    assert "照內容至少是 L1" in words(refused)
    assert HOSPITAL in words(refused)
    opened = agent.post("/console/phone", data=form)
    shown = agent.get(opened.headers["Location"])
    page = words(shown)
    assert "L1・緊急・高風險" in page
    assert ("這位顧客只有電話" in page, "記下結案說明" in page) == (True, True)
    assert 'data-write="reply"' not in shown.get_data(as_text=True)


def later(**span):
    return time_machine.travel(AFTERNOON + timedelta(**span), tick=False)


def test_a_complaint_by_phone_ends_with_what_the_customer_was_told_there(session, shop):
    chou = desk.staff(session, "周二線", "specialist").id
    ticket = called(session, shop, chou, HOSPITAL)
    tickets.investigate(session, ticket.id, chou, responsible="倉儲", cause="退冰過久", remedy="全額退款")
    with pytest.raises(Refused, match="結案回覆"):
        tickets.resolve(session, ticket.id, chou, 0)
    told = tickets.closing_reply(session, ticket.id, chou, "已退款，也請他把收據寄來", "click-1", 0)
    assert (told.kind, told.payload) == ("note", {"call": "out"})
    tickets.resolve(session, ticket.id, chou, 0)
    with later(hours=72):
        tickets.close(session, ticket.id, chou)
    assert (ticket.state, desk.count(session, OutboxRow)) == ("closed", 0)


def test_who_takes_the_call_has_answered_and_nothing_is_late_or_said_into_the_telephone(session, shop, wang):
    ticket = called(session, shop, wang, "問了一些事")
    assert (ticket.first_response_at, ticket.waiting_since) == (AFTERNOON, None)
    session.commit()
    with later(hours=3):
        ticker.tick(shop)
    assert not list(session.scalars(select(JournalEntry.kind).where(JournalEntry.kind.like("clock.%"))))
    assert desk.count(session, OutboxRow) == 0


def test_who_calls_after_he_was_asked_is_not_silent(shop, session, case):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    tickets.log_call(session, case.ticket, case.agent, "in", tickets.heard("說還沒有收到退款"))
    ticket = session.get_one(Ticket, case.ticket)
    assert (ticket.state, ticket.proposed_at) == ("open", None)
    session.commit()
    with later(hours=73):
        ticker.tick(shop)
    session.refresh(ticket)
    assert ticket.state == "open"


def test_by_a_program(app):
    crm = hired(app, "agent", "客服系統")
    made = crm.post("/calls", phone="0912345678", text="問進度", category="order_status").json
    assert (made["level"], made["category"], made["team"]) == ("L3", "order_status", "orders")
    path = f"/tickets/{made['number']}"
    assert crm.post(f"{path}/calls", direction="in", text=HOSPITAL).status_code == 201
    assert crm.get(path).json["level"] == "L1"
    assert crm.post(f"{path}/calls", direction="in", text="好", level="L0").status_code == 422
