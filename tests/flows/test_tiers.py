"""A customer's tier is set by who may, and from then on the rules promise what they say of it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

import webhook_app
from bot import services
from bot.errors import Refused
from bot.models import Contact, JournalEntry
from handoff import tickets
from handoff.clocks import versions
from handoff.models import Clock, Ticket
from handoff.sla import SHIPPED
from tests import console, desk
from tests.desk import AFTERNOON
from tests.programs import hired

ROW = "  - {level: L2, tier: [VIP, 白金], first: 10 min, next: 10 min, resolution: 4 h}\n"


@pytest.fixture
def rules(session):
    """Rules that answer a VIP within ten minutes."""
    versions.publish(session, SHIPPED.read_text("utf-8").replace("targets:\n", f"targets:\n{ROW}", 1), None)
    session.commit()


@pytest.fixture
def waiting(session):
    """An L2 case that nobody has."""
    conversation = desk.customer(session)
    desk.writes(session, conversation, "我要找真人")
    ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation))
    session.commit()
    return session.get_one(Ticket, ref.ticket_id)


@pytest.fixture
def senior(session):
    return desk.staff(session, "周二線", "specialist").id


def due(session, ticket):
    first = select(Clock.due_at).where(Clock.ticket_id == ticket.id, Clock.kind == "first")
    return session.scalars(first).one()


def test_a_vip_is_promised_what_the_rules_say_from_now_on_also_for_what_runs(session, rules, waiting, senior):
    assert due(session, waiting) == AFTERNOON + timedelta(minutes=30)
    with time_machine.travel(AFTERNOON + timedelta(minutes=5), tick=False):
        tickets.set_tier(session, waiting.contact_id, senior, " VIP ")
    assert waiting.contact.tier == "VIP"
    assert due(session, waiting) == AFTERNOON + timedelta(minutes=15)
    session.commit()
    [told] = session.scalars(select(JournalEntry).where(JournalEntry.kind == "contact.tiered")).all()
    assert (told.data["before"], told.data["after"], told.user_id) == ("", "VIP", senior)
    assert told.data["ticket_id"] == waiting.id


def test_who_is_valued_less_keeps_what_was_promised(session, rules, waiting, senior):
    tickets.set_tier(session, waiting.contact_id, senior, "VIP")
    tickets.set_tier(session, waiting.contact_id, senior, "")
    assert due(session, waiting) == AFTERNOON + timedelta(minutes=10)


def test_the_next_case_of_a_vip_has_his_targets_from_the_beginning(session, rules, senior):
    conversation = desk.customer(session)
    tickets.set_tier(session, conversation.contact_id, senior, "白金")
    desk.writes(session, conversation, "我要找真人")
    ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation))
    assert ref.due_at == AFTERNOON + timedelta(minutes=10)


def test_front_line_does_not_say_who_is_a_vip(session, case):
    contact = session.get_one(Ticket, case.ticket).contact_id
    with pytest.raises(Refused, match="二線或主管"):
        tickets.set_tier(session, contact, case.agent, "VIP")
    with pytest.raises(Refused, match="最多 20 個字"):
        tickets.set_tier(session, contact, desk.staff(session, "陳主管", "supervisor").id, "金" * 21)


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


def test_it_is_set_on_the_panel_of_the_case_and_shown_there(app, shop, session, case, rules):
    lead = console.signed_in(app, shop, "boss", "supervisor")
    page = lead.get("/console/cases/CS-261121-0001").get_data(as_text=True)
    assert '<option value="白金">' in page, "what the rules name is offered"
    assert lead.post("/console/cases/CS-261121-0001/tier", data={"tier": "VIP"}).status_code == 302
    after = console.words(lead.get("/console/cases/CS-261121-0001"))
    assert "VIP" in after
    assert "改了顧客的會員等級" in after
    agent = console.signed_in(app, shop, "wang", "agent")
    assert "改會員等級" not in console.words(agent.get("/console/cases/CS-261121-0001"))


def test_a_program_of_the_second_line_sets_it(app, session, case):
    contact = session.get_one(Ticket, case.ticket).contact_id
    session.commit()
    crm = hired(app, "specialist", "會員系統")
    assert crm.patch(f"/contacts/{contact}", tier="金卡").json["tier"] == "金卡"
    assert crm.get(f"/contacts/{contact}").json["tier"] == "金卡"
    assert crm.patch("/contacts/999", tier="金卡").status_code == 404
    assert crm.patch(f"/contacts/{contact}", tier="金" * 21).status_code == 422
    assert session.get_one(Contact, contact, populate_existing=True).tier == "金卡"
