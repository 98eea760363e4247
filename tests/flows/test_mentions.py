"""A note that names a colleague tells her; one that names somebody who may not see the case is refused."""

import pytest
from sqlalchemy import select

from bot.errors import Refused
from bot.models import JournalEntry, Message, User
from handoff import tickets
from handoff.models import Notice, Ticket
from handoff.notify import reading
from handoff.tickets import mentions
from tests import desk


@pytest.fixture
def mei(session):
    return member(session, "mei", "陳美", "specialist")


def member(session, username, name, role):
    user = User(username=username, name=name, role=role, password_hash="")
    session.add(user)
    session.commit()
    return user


def notes(session, case, text):
    tickets.note(session, case.ticket, case.agent, text)
    session.commit()
    entries = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.mentioned")).all()
    session.commit()
    return [entry.data["to_user"] for entry in entries]


@pytest.mark.parametrize(
    "text", ["@陳美 請看", "請@陳美看一下", "@mei please", "麻煩 @Mei, 謝謝", "轉 @mei。", "＠陳美 請看"]
)
def test_who_is_named_is_told(session, case, mei, text):
    assert notes(session, case, text) == [mei.id]


@pytest.mark.parametrize("text", ["@陳小美 請看", "@meili", "mei@example.com 是他的信箱", "陳美說好", "@所有人", "@"])
def test_other_words_are_just_text(session, case, mei, text):
    assert notes(session, case, text) == []


def test_she_gets_a_notice_of_the_case_and_who_named_herself_none(shop, session, case, mei):
    reading.look(shop)
    notes(session, case, "@陳美 @劉思妤 請看")
    reading.look(shop)
    told = session.scalars(select(Notice).where(Notice.kind == "ticket.mentioned")).all()
    assert [(notice.user_id, notice.ticket_id) for notice in told] == [(mei.id, case.ticket)]


def test_who_left_is_just_text(session, case, mei):
    mei.active = False
    session.commit()
    assert notes(session, case, "@陳美 請看") == []


def test_who_may_not_see_the_case_is_not_called_to_it_and_nothing_is_written(session, case):
    member(session, "hsu", "許庭瑋", "editor")
    with pytest.raises(Refused, match="許庭瑋看不到這件案件"):
        notes(session, case, "@許庭瑋 這題的答案要改")
    session.rollback()
    assert session.scalars(select(Message).where(Message.kind == "note")).all() == []


def test_a_departments_contact_is_called_once_she_was_asked_in(session, case):
    contact = member(session, "cang", "倉儲窗口", "department")
    with pytest.raises(Refused):
        notes(session, case, "@倉儲窗口 有貨嗎")
    session.rollback()
    tickets.ask_department(session, case.ticket, case.agent, "倉儲", contact.id, "查貨")
    assert notes(session, case, "@倉儲窗口 有貨嗎") == [contact.id]
    assert session.get_one(Ticket, case.ticket).department == "倉儲"


def test_everybody_of_one_name_is_told(session, case, mei):
    other = member(session, "mei2", "陳美", "agent")
    assert notes(session, case, "@陳美 請看") == [mei.id, other.id]
    assert desk.count(session, Message) == 2


def offered(session, case, typed=""):
    found = mentions.callable_by(session, session.get_one(Ticket, case.ticket), case.agent, typed, 8)
    return [user.name for user in found]


@pytest.mark.parametrize(("typed", "found"), [("", ["陳美"]), ("陳", ["陳美"]), ("ME", ["陳美"]), ("美美", [])])
def test_while_typing_those_are_offered_who_may_see_the_case_and_nobody_herself(session, case, mei, typed, found):
    member(session, "hsu", "許庭瑋", "editor")
    member(session, "gone", "陳走", "agent").active = False
    member(session, "cang", "陳倉儲", "department")
    assert offered(session, case, typed) == found


def test_a_departments_contact_is_offered_once_she_was_asked_in(session, case):
    contact = member(session, "cang", "倉儲窗口", "department")
    assert offered(session, case, "倉") == []
    tickets.ask_department(session, case.ticket, case.agent, "倉儲", contact.id, "查貨")
    assert offered(session, case, "倉") == ["倉儲窗口"]
