"""A senior advises whoever has a case, unheard: the colleague sees it at once, and neither the customer, nor a guest,
nor anybody else of the desk ever does.
"""

import json

import pytest
from sqlalchemy import select

from bot.models import Message, OutboxRow
from handoff import tickets
from handoff.assignment import surge, teams
from handoff.models import Notice, Ticket
from handoff.notify import reading
from tests import console, desk
from tests.console import PANE, words
from tests.programs import hired

WORDS = "先確認孩子有沒有受傷"
ADVISES = ("specialist", "supervisor", "admin")


@pytest.fixture
def lin(app, current):
    return console.signed_in(app, current, "lin", "supervisor")


@pytest.fixture
def case(current, wang):
    """One that 王 has."""
    number, _, _ = _opened(current)
    wang.post(f"/console/cases/{number}/claim")
    return number


def _opened(current, **wish):
    with current.sessions.begin() as session:
        conversation = desk.customer(session)
        said = desk.writes(session, conversation, "玻璃破了")
        ref = current.wiring.desk.open(session, desk.wish_for_a_person(conversation, **wish))
        return ref.number, said.id, conversation.id


def whispers(member, case, text=WORDS):
    return member.post(f"/console/cases/{case}/whisper", data={"text": text}, headers=PANE)


def pane(member, case):
    return words(member.get(f"/console/cases/{case}", headers=PANE))


def ticket(session, case):
    return session.scalars(select(Ticket).where(Ticket.number == case)).one()


@pytest.mark.parametrize("role", ADVISES)
def test_a_senior_whispers_and_who_has_the_case_sees_that_only_she_does(app, current, wang, case, role):
    senior = console.signed_in(app, current, "senior", role)
    shown = whispers(senior, case)
    assert shown.status_code == 200
    assert "只有承辦人看得到 senior" in words(shown)
    assert "主管耳語 只有承辦人看得到 senior" in pane(wang, case)
    assert WORDS in pane(wang, case)


def test_no_channel_ever_has_it(current, lin, case):
    whispers(lin, case)
    with current.sessions() as session:
        said = session.scalars(select(Message.text)).all()
        sent = [json.dumps(row.body, ensure_ascii=False) for row in session.scalars(select(OutboxRow))]
    assert said
    assert not [text for text in [*said, *sent] if WORDS in text]


def test_nobody_else_sees_or_finds_it_or_hears_that_there_is_one(app, current, lin, wang, case):
    warehouse = console.signed_in(app, current, "warehouse", "department")
    liu, mei = (console.signed_in(app, current, *who) for who in (("liu", "agent"), ("mei", "specialist")))
    programs = {role: hired(app, role) for role in ("agent", "specialist", "department")}
    with current.sessions.begin() as session:
        for guest in ("warehouse", programs["department"].get("/me").json["username"]):
            asked = console.user_id_in(session, guest)
            tickets.ask_department(
                session, ticket(session, case).id, console.user_id_in(session, "wang"), "倉儲", asked, "查一下"
            )
    whispers(lin, case)
    reading.look(current)
    for member in (warehouse, liu, mei):
        assert "主管耳語" not in pane(member, case)
        assert WORDS not in pane(member, case)
        assert "主管對你耳語" not in pane(member, case)
        assert "找不到「確認孩子」" in words(member.get("/console/list?q=確認孩子"))
    for program in programs.values():
        for part in ("", "/messages", "/history", "/notices"):
            answer = program.get(f"/tickets/{case}{part}?limit=100" if part else f"/tickets/{case}")
            assert answer.status_code == 200
            assert "whisper" not in answer.get_data(as_text=True)
            assert WORDS not in answer.get_data(as_text=True)
    assert programs["specialist"].get(f"/tickets/{case}/whispers").json["items"] == []
    assert programs["department"].get(f"/tickets/{case}/whispers").status_code == 403
    told = hired(app, "supervisor", "稽核").get(f"/tickets/{case}/history?limit=100").json["items"]
    assert "ticket.whispered" in [entry["kind"] for entry in told]


def test_who_has_the_case_is_told_at_once_and_nobody_beside_her(current, lin, wang, case):
    reading.look(current)
    whispers(lin, case)
    reading.look(current)
    with current.sessions() as session:
        told = session.execute(select(Notice.user_id, Notice.kind).where(Notice.kind == "ticket.whispered")).all()
    assert told == [(console.user_id(current, "wang"), "ticket.whispered")]
    assert "主管對你耳語" in words(wang.get("/console/notices"))


def test_another_senior_sees_only_her_own_and_who_leads_sees_all(app, current, lin, case):
    mei = console.signed_in(app, current, "mei", "specialist")
    whispers(lin, case)
    whispers(mei, case, "訂單在 A 倉")
    assert "訂單在 A 倉" in pane(mei, case)
    assert WORDS not in pane(mei, case)
    assert WORDS in pane(lin, case)
    assert "訂單在 A 倉" in pane(lin, case)


def test_a_new_owner_hears_what_was_whispered_and_the_old_one_no_longer(app, current, lin, wang, case):
    liu = console.signed_in(app, current, "liu", "agent")
    whispers(lin, case)
    with current.sessions.begin() as session:
        of = ticket(session, case)
        tickets.to_person(session, of.id, of.assignee_id, console.user_id_in(session, "liu"), "換班")
    assert WORDS in pane(liu, case)
    assert WORDS not in pane(wang, case)


def test_a_case_that_goes_on_in_another_takes_its_whispers_along(current, lin, wang, case):
    whispers(lin, case)
    with current.sessions.begin() as session:
        of, leads = ticket(session, case), console.user_id_in(session, "lin")
        second = tickets.split(session, of.id, leads, "發票也開錯", current.settings.zone).number
        tickets.merge(session, of.id, leads, second)
    assert WORDS in pane(wang, second)
    assert WORDS not in pane(lin, case)


def test_a_whisper_needs_an_ear_and_its_refused_words_go_back_to_no_other_form(app, current, lin, wang, case):
    for own in (_opened(current)[0], case):
        if own == case:
            lin_takes(current, case)
        refused = whispers(lin, own)
        assert refused.status_code == 409
        assert "沒有聽得到耳語的承辦人" in words(refused)
        assert WORDS not in refused.get_data(as_text=True)  # there is no form for it, and it must not become a reply
    assert 'data-write="whisper"' not in lin.get(f"/console/cases/{case}", headers=PANE).get_data(as_text=True)
    assert whispers(wang, case).status_code == 403


def lin_takes(current, case):
    with current.sessions.begin() as session:
        leads = console.user_id_in(session, "lin")
        tickets.to_person(session, ticket(session, case).id, leads, leads, "我來")


def test_an_empty_whisper_is_refused_where_it_was_written(lin, case):
    refused = whispers(lin, case, " ")
    assert refused.status_code == 409
    assert 'id="composer" data-writing="whisper"' in refused.get_data(as_text=True)


def test_a_helper_who_has_the_case_hears_nothing(app, current, lin):
    outside = console.signed_in(app, current, "outside1", "helper")
    with current.sessions.begin() as session:
        teams.prepare(session, {"orders": "出貨與物流", "outside": "外包客服"})
        session.flush()
        teams.put(session, "orders", "", overflow="outside")
        teams.join(session, "outside", "outside1", 3, (), lead=False, standby=False)
    number, _, _ = _opened(current, team="orders")
    with current.sessions.begin() as session:
        surge.step(session, "orders", surge.Load(arrivals=50))
    assert outside.post(f"/console/cases/{number}/claim").status_code == 302
    assert "沒有聽得到耳語的承辦人" in words(whispers(lin, number))


def test_a_program_whispers_and_reads_by_a_scope_of_its_own(app, current, lin, case):
    coach = hired(app, "specialist", "教練", ["whispers:write"])
    said = coach.post(f"/tickets/{case}/whispers", key="w-1", text=WORDS)
    assert (said.status_code, said.json["text"]) == (201, WORDS)
    assert coach.post(f"/tickets/{case}/whispers", key="w-1", text=WORDS).json == said.json
    assert [one["id"] for one in coach.get(f"/tickets/{case}/whispers").json["items"]] == [said.json["id"]]
    assert coach.get(f"/tickets/{case}").json["type"] == "urn:frontline:scope"
    reader = hired(app, "supervisor", "報表", ["tickets:read"])
    assert reader.get(f"/tickets/{case}/whispers").json["type"] == "urn:frontline:scope"
