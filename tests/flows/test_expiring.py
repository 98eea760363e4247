"""What becomes of a solved case by itself: closed after three days without a word; a complaint only when whole."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import services
from bot.models import Conversation, JournalEntry, OutboxRow
from handoff import tickets
from handoff.clocks import versions
from handoff.models import Complaint, Ticket
from handoff.sla import SHIPPED
from handoff.tickets import asking, closing, complaints, expiring, satisfaction
from tests import desk
from tests.desk import AFTERNOON

DAYS = timedelta(days=1)


@pytest.fixture
def solve(session, case):
    def solve(**known):
        """A lead finds it solved; of a complaint so much is known."""
        ticket = session.get_one(Ticket, case.ticket)
        if known:
            complaints.begin(session, ticket)
            for name, value in known.items():
                setattr(session.get_one(Complaint, ticket.id), name, value)
        lead = desk.staff(session, "陳主管", "supervisor").id
        tickets.resolve(session, case.ticket, lead, case.seen)
        session.commit()

    return solve


@pytest.fixture
def whole(session, case):
    """All that must be known of a complaint."""
    told = desk.writes(session, session.get_one(Conversation, case.conversation), "結案回覆")
    told.author = "agent"
    return {"responsible": "倉儲", "cause": "漏貨", "remedy": "補寄", "reply_message_id": told.id}


def state_after(shop, session, case, span):
    with time_machine.travel(AFTERNOON + span, tick=False):
        expiring.look(shop)
    ticket = session.get_one(Ticket, case.ticket, populate_existing=True)
    session.commit()
    return ticket.state


def test_a_complaint_whose_closing_reply_did_not_arrive_is_not_looked_at_again_and_again(
    shop, session, case, solve, whole
):
    solve(**whole, asked_at=AFTERNOON - 4 * DAYS)
    reply = whole["reply_message_id"]
    row = OutboxRow(conversation_id=case.conversation, message_id=reply, speaker="agent", body={}, state="failed")
    session.add(row)
    session.commit()
    with time_machine.travel(AFTERNOON + 3 * DAYS, tick=False):
        assert expiring._silent(session, 3 * DAYS) == []
        row.state = "sent"
        assert expiring._silent(session, 3 * DAYS) == [case.ticket]


def test_after_three_days_without_a_word_it_is_closed_and_the_journal_says_why(shop, session, case, solve):
    solve()
    assert state_after(shop, session, case, 3 * DAYS - timedelta(minutes=1)) == "resolved"
    assert state_after(shop, session, case, 3 * DAYS) == "closed"
    entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.closed")).one()
    assert (entry.data["why"], entry.user_id, entry.data["before"]) == ("silence", None, "resolved")


def test_who_wrote_meanwhile_has_his_case_open(shop, session, case, solve):
    solve()
    with time_machine.travel(AFTERNOON + timedelta(hours=2), tick=False):
        message = desk.writes(session, session.get_one(Conversation, case.conversation), "又壞了")
        services.current().wiring.desk.customer_wrote(session, case.conversation, message.id)
        session.commit()
    assert state_after(shop, session, case, 9 * DAYS) == "new"


def test_the_rules_say_how_long(shop, session, case, solve):
    versions.publish(session, SHIPPED.read_text("utf-8").replace("close_after: 72 h", "close_after: 24 h"), None)
    solve()
    assert state_after(shop, session, case, DAYS) == "closed"


def test_rules_that_an_older_version_wrote_say_three_days(shop, session):
    text = SHIPPED.read_text("utf-8").replace("close_after: 72 h", "")
    assert versions.read(text).close_after == 3 * DAYS


def test_a_whole_complaint_is_closed_after_the_customer_was_asked_and_kept_silent(shop, session, case, solve, whole):
    solve(**whole)
    assert session.get_one(Complaint, case.ticket).asked_at == AFTERNOON
    session.commit()
    assert state_after(shop, session, case, 3 * DAYS) == "closed"
    assert session.get_one(Complaint, case.ticket, populate_existing=True).satisfaction == "none"


def questions(session):
    rows = session.scalars(select(OutboxRow.body).order_by(OutboxRow.id)).all()
    session.commit()
    return [body["text"] for body in rows if "您覺得如何" in body["text"]]


def test_nobody_is_asked_at_night_how_satisfied_he_is_and_in_the_morning_once(shop, session, case, solve, whole):
    night = AFTERNOON + timedelta(hours=9)  # 23:00; the shop is open from nine to nine
    with time_machine.travel(night, tick=False):
        solve(**whole)
        asking.look(shop)
    assert questions(session) == []
    for hours in (9, 10, 11, 40):
        with time_machine.travel(night + timedelta(hours=hours), tick=False):
            asking.look(shop)
        assert len(questions(session)) == (hours > 9)
    assert session.get_one(Complaint, case.ticket, populate_existing=True).asked_at == night + timedelta(hours=10)


def test_after_a_closure_of_many_days_the_customer_is_asked_and_the_complaint_can_be_closed(
    shop, session, case, solve, whole
):
    with time_machine.travel(AFTERNOON + timedelta(hours=9), tick=False):
        solve(**whole)
    opens = AFTERNOON + 9 * DAYS
    for at in (opens, opens + timedelta(hours=1)):
        with time_machine.travel(at, tick=False):
            asking.look(shop)
        assert len(questions(session)) == 1
    assert state_after(shop, session, case, 12 * DAYS) == "closed"


@pytest.fixture
def breaks(case, monkeypatch):
    """Of two cases the older one cannot be dealt with: something about it raises."""

    def make(module, name):
        sound = getattr(module, name)

        def of_the_first(session, ticket, *args):
            if ticket.id == case.ticket:
                raise RuntimeError("this one is broken")
            return sound(session, ticket, *args)

        monkeypatch.setattr(module, name, of_the_first)

    return make


def another_solved(session, **known):
    other = desk.claimed_case(session)
    if known:
        complaints.begin(session, session.get_one(Ticket, other.ticket))
        for name, value in known.items():
            setattr(session.get_one(Complaint, other.ticket), name, value)
    tickets.resolve(session, other.ticket, desk.staff(session, "林主管", "supervisor").id, other.seen)
    session.commit()
    return other


def test_one_that_cannot_be_closed_keeps_no_other_from_it(shop, session, case, solve, breaks):
    solve()
    with time_machine.travel(AFTERNOON + timedelta(minutes=1), tick=False):
        other = another_solved(session)
    breaks(closing, "closed")
    assert state_after(shop, session, case, 4 * DAYS) == "resolved"
    assert session.get_one(Ticket, other.ticket, populate_existing=True).state == "closed"


def test_one_that_cannot_be_asked_keeps_no_other_from_it(shop, session, case, solve, whole, breaks):
    with time_machine.travel(AFTERNOON + timedelta(hours=9), tick=False):
        solve(**whole)
        other = another_solved(session, **whole)
    breaks(satisfaction, "ask")
    with time_machine.travel(AFTERNOON + DAYS, tick=False):
        asking.look(shop)
    assert session.get_one(Complaint, case.ticket, populate_existing=True).asked_at is None
    assert session.get_one(Complaint, other.ticket, populate_existing=True).asked_at == AFTERNOON + DAYS


@pytest.mark.parametrize("lacks", ["responsible", "cause", "remedy", "reply_message_id", "asked_at"])
def test_a_complaint_that_lacks_something_waits_for_a_person(shop, session, case, solve, whole, lacks):
    solve(**whole)
    setattr(session.get_one(Complaint, case.ticket), lacks, None if lacks.endswith(("id", "at")) else "")
    session.commit()
    assert state_after(shop, session, case, 30 * DAYS) == "resolved"
