"""Every customer whose case was solved is asked how satisfied he is: once a case, by buttons that name the case."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import services
from bot.models import Conversation, JournalEntry, OutboxRow
from handoff import tickets
from handoff.api.shapes.cases import Case
from handoff.models import Complaint, Ticket
from handoff.tickets import asking
from tests import desk
from tests.desk import AFTERNOON


@pytest.fixture
def lead(session):
    return desk.staff(session, "陳主管", "supervisor").id


@pytest.fixture
def home(session, case):
    return session.get_one(Conversation, case.conversation)


@pytest.fixture
def solved(session, case, lead):
    """The agent's case, which a lead found solved."""
    return tickets.resolve(session, case.ticket, lead, case.seen)


def questions(session):
    bodies = session.scalars(select(OutboxRow.body).order_by(OutboxRow.id)).all()
    return [body for body in bodies if "您覺得如何" in body["text"]]


def last_words(session):
    return session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc())).first().body["text"]


def told(session, kind):
    session.commit()
    return session.scalars(select(JournalEntry).where(JournalEntry.kind == kind)).all()


def said(session, ticket):
    return session.get_one(Complaint, ticket.id).satisfaction


def again(session, conversation):
    """Another matter, days later: a case of its own."""
    seen = desk.writes(session, conversation, "發票要改抬頭")
    ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation))
    return session.get_one(Ticket, ref.ticket_id), seen.id


def test_a_plain_question_that_was_solved_is_asked_about_by_buttons_that_name_it(session, solved):
    [question] = questions(session)
    assert "案件 CS-261121-0001 已結案" in question["text"]
    assert [button["label"] for button in question["buttons"]] == ["滿意", "普通", "不滿意"]
    assert question["buttons"][0]["text"] == "滿意 CS-261121-0001"
    assert [entry.data["ticket_id"] for entry in told(session, "ticket.rating_asked")] == [solved.id]


def test_one_tap_is_kept_on_the_case_told_to_the_journal_and_thanked_for(session, solved, home):
    before = solved.version
    assert desk.tells(session, home, "普通 CS-261121-0001")
    assert (said(session, solved), last_words(session)) == ("neutral", "謝謝您的回饋，我們會用來改進。")
    [entry] = told(session, "ticket.rated")
    assert (entry.data["satisfaction"], entry.data["ticket_id"]) == ("neutral", solved.id)
    assert (solved.state, solved.version) == ("resolved", before + 1)


def test_the_api_shows_whether_he_was_asked_and_what_he_said(session, case, lead, home):
    assert Case.of(session.get_one(Ticket, case.ticket)).satisfaction is None
    tickets.resolve(session, case.ticket, lead, case.seen)
    session.commit()
    asked = Case.of(session.get_one(Ticket, case.ticket)).satisfaction
    assert (asked.answer, asked.asked_at) == ("", AFTERNOON)
    desk.tells(session, home, "滿意 CS-261121-0001")
    session.commit()
    assert Case.of(session.get_one(Ticket, case.ticket)).satisfaction.answer == "satisfied"


def test_a_tap_after_another_case_began_counts_for_the_one_it_names_and_disturbs_nobody(session, solved, home):
    with time_machine.travel(AFTERNOON + timedelta(days=2), tick=False):
        other, _ = again(session, home)
        assert desk.tells(session, home, "滿意 CS-261121-0001")
    assert (other.number, other.live) == ("CS-261123-0001", True)
    assert (said(session, solved), solved.state) == ("satisfied", "resolved")
    assert session.get(Complaint, other.id) is None
    assert home.owner == "human"


def test_two_cases_in_a_row_are_rated_each_for_itself(session, solved, home, lead):
    with time_machine.travel(AFTERNOON + timedelta(days=2), tick=False):
        other, seen = again(session, home)
        tickets.claim(session, other.id, lead)
        tickets.resolve(session, other.id, lead, seen)
        assert desk.tells(session, home, f"不滿意 {solved.number}")
        assert desk.tells(session, home, "滿意")
    assert (said(session, solved), said(session, other)) == ("dissatisfied", "satisfied")


def test_who_is_not_satisfied_gets_a_lead_to_look_again(session, solved, home):
    assert desk.tells(session, home, "不滿意 CS-261121-0001")
    assert solved.live
    assert told(session, "ticket.escalated")[0].data["why"] == "dissatisfied"
    assert "請主管再看一次" in last_words(session)


def test_who_wrote_again_first_and_is_not_satisfied_then_is_heard_by_the_lead_too(session, solved, home):
    desk.tells(session, home, "又壞了")
    assert solved.live
    assert desk.tells(session, home, "不滿意 CS-261121-0001")
    assert [entry.data["to"] for entry in told(session, "ticket.escalated")] == ["lead"]
    assert solved.reopened == 1


@pytest.mark.parametrize("answered", ["滿意 CS-261121-0001", ""])
def test_a_case_that_comes_back_and_is_solved_anew_is_not_asked_about_again(session, solved, home, lead, answered):
    if answered:
        desk.tells(session, home, answered)
    with time_machine.travel(AFTERNOON + timedelta(hours=3), tick=False):
        seen = desk.writes(session, home, "還有一個問題")
        services.current().wiring.desk.customer_wrote(session, home.id, seen.id)
        tickets.claim(session, solved.id, lead)
        tickets.resolve(session, solved.id, lead, seen.id)
    assert (solved.state, len(questions(session))) == ("resolved", 1)


def test_who_says_it_is_solved_is_asked_in_the_same_breath_and_the_second_time_thanked(session, case, home):
    tickets.propose(session, case.ticket, case.agent, case.seen)
    assert desk.tells(session, home, "解決了")
    assert last_words(session) == questions(session)[0]["text"]
    with time_machine.travel(AFTERNOON + timedelta(hours=3), tick=False):
        desk.tells(session, home, "還有一個問題")
        tickets.claim(session, case.ticket, case.agent)
        tickets.propose(session, case.ticket, case.agent, 10**9)
        assert desk.tells(session, home, "解決了")
    assert last_words(session).startswith("太好了！")
    assert len(questions(session)) == 1


def test_nobody_is_asked_of_what_went_back_to_the_bot_or_into_another_case(session, shop, case, lead):
    second = tickets.split(session, case.ticket, case.agent, "同一件事", shop.settings.zone)
    tickets.merge(session, second.id, lead, "CS-261121-0001")
    tickets.hand_back(session, case.ticket, lead, case.seen)
    session.commit()
    asking.look(shop)
    assert questions(session) == []


def test_a_case_that_was_solved_at_night_is_asked_about_in_the_morning(session, shop, case, lead):
    night = AFTERNOON + timedelta(hours=9)  # 23:00; the shop is open from nine to nine
    with time_machine.travel(night, tick=False):
        tickets.resolve(session, case.ticket, lead, case.seen)
        session.commit()
        asking.look(shop)
        assert questions(session) == []
    for hours in (10, 11):
        session.commit()
        with time_machine.travel(night + timedelta(hours=hours), tick=False):
            asking.look(shop)
        assert len(questions(session)) == 1


def test_what_an_older_version_solved_long_ago_is_not_asked_about_after_an_upgrade(session, shop, case, lead):
    with time_machine.travel(AFTERNOON + timedelta(hours=9), tick=False):  # at night: as unasked as by that version
        tickets.resolve(session, case.ticket, lead, case.seen)
        session.commit()
    with time_machine.travel(AFTERNOON + timedelta(days=5), tick=False):
        asking.look(shop)
    assert questions(session) == []


def test_the_answer_to_another_persons_case_counts_for_nothing(session, solved):
    stranger = desk.customer(session, "路人")
    assert desk.tells(session, stranger, "不滿意 CS-261121-0001")
    assert (said(session, solved), solved.state) == ("", "resolved")
    assert "要先確認是您本人" in last_words(session)


def test_bare_words_count_only_while_the_question_is_fresh(session, solved, home):
    with time_machine.travel(AFTERNOON + timedelta(days=4), tick=False):
        assert not services.current().wiring.desk.join(session, home.id, desk.writes(session, home, "普通").id)
        assert desk.tells(session, home, "普通 CS-261121-0001")
    assert said(session, solved) == "neutral"


def test_who_changes_his_mind_is_read_by_a_person(session, solved, home):
    desk.tells(session, home, "滿意 CS-261121-0001")
    assert desk.tells(session, home, "滿意 CS-261121-0001")
    assert len(told(session, "ticket.rated")) == 1
    assert desk.tells(session, home, "不滿意 CS-261121-0001")
    assert (said(session, solved), solved.live) == ("satisfied", True)
