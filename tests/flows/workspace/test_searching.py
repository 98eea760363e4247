"""Staff find what was said, who said it and which case it belongs to; and nobody finds what is not his to see."""

import re
import time

import pytest
from sqlalchemy import select, text, update

from bot import db, searching, sweeper
from bot.models import Contact, Conversation, Message
from faq.models import Article
from faq.writing import listing
from handoff import tickets
from handoff.console import found
from handoff.models import Ticket
from handoff.tickets import finding
from tests import console, desk
from tests.console import words
from tests.programs import hired


def case_of(current, name, *said):
    """Somebody wrote this, and has a case."""
    with current.sessions.begin() as session:
        conversation = desk.customer(session, name)
        for text in said:
            desk.writes(session, conversation, text)
        return current.wiring.desk.open(session, desk.wish_for_a_person(conversation, facts={}, summary=""))


def searched(member, query, **more):
    return member.get("/console/list", query_string={"q": query, **more})


def hits(page):
    return re.findall(r"<mark>(.*?)</mark>", page.get_data(as_text=True))


@pytest.mark.parametrize("query", ["退貨", "退货", "我想退貨", "ＧＢ２０３ 退貨", "gb203"])
def test_a_message_is_found_by_two_characters_in_any_script_and_width(current, wang, query):
    case = case_of(current, "陳怡君", "我想退貨，訂單 GB203")
    case_of(current, "林先生", "運費多少?")
    page = searched(wang, query)
    assert case.number in words(page)
    assert "林先生" not in words(page)
    assert hits(page)


def test_simplified_writing_is_found_by_traditional_words_and_marked_as_it_was_written(current, wang):
    case_of(current, "陳怡君", "请帮我退货")
    assert hits(searched(wang, "退貨")) == ["退货"]


def test_people_and_their_cases_are_found_by_name(current, wang):
    case = case_of(current, "陳怡君", "你好")
    page = words(searched(wang, "怡君"))
    assert page.count(case.number) == 1  # of the person; the case's own row tells what it is about
    assert "案件 " in page
    assert "顧客 " in page


def test_a_hit_leads_to_its_message_in_its_case(current, wang):
    case = case_of(current, "陳怡君", "我想退貨")
    page = searched(wang, "退貨").get_data(as_text=True)
    [link] = set(re.findall(rf'href="(/console/cases/{case.number}[^"]*#m\d+)"', page))
    address, anchor = link.replace("&amp;", "&").split("#")
    assert f'id="{anchor}"' in wang.get(address).get_data(as_text=True)


def test_a_note_is_found_and_told_apart(current, wang):
    case = case_of(current, "陳怡君", "你好")
    wang.post(f"/console/cases/{case.number}/note", data={"text": "倉庫說玻璃破了"})
    assert "備註・你： 倉庫說 玻璃 破了" in words(searched(wang, "玻璃"))


def test_nothing_is_found_for_what_nobody_said_and_the_page_says_what_is_searched(current, wang):
    case_of(current, "陳怡君", "退一下款")
    for query in ("退款", "!?"):
        assert "兩個字就夠" in words(searched(wang, query))


def test_more_is_shown_page_by_page_without_gap_or_repeat(current, wang):
    total = found.FIRST["messages"] + found.PAGE + 1
    case_of(current, "陳怡君", *(f"第{n}次問退貨" for n in range(total)))
    page, shown = searched(wang, "退貨").get_data(as_text=True), []
    while True:
        shown += re.findall(r'id="hit-(\d+)"', page)
        further = re.search(r'hx-get="(/console/list[^"]*group=messages[^"]*)"', page)
        if not further:
            break
        case_of(current, "林先生", "我也要退貨")  # the list grows meanwhile
        page = wang.get(further[1].replace("&amp;", "&")).get_data(as_text=True)
    assert len(shown) == len(set(shown)) == total


def test_a_departments_contact_finds_only_what_belongs_to_her_cases(app, current, wang):
    warehouse = console.signed_in(app, current, "warehouse", "department")
    mine, other = case_of(current, "陳怡君", "玻璃破了"), case_of(current, "林先生", "玻璃很亮")
    assert searched(warehouse, "玻璃").get_data(as_text=True).count("hit-") == 0
    with current.sessions.begin() as session:
        tickets.claim(session, mine.ticket_id, console.user_id_in(session, "wang"))
        asked = console.user_id_in(session, "warehouse")
        tickets.ask_department(session, mine.ticket_id, console.user_id_in(session, "wang"), "倉儲", asked, "查一下")
    page = words(searched(warehouse, "玻璃"))
    assert mine.number in page
    assert other.number not in page
    assert "林先生" not in page
    assert "找不到「林先生」" in words(searched(warehouse, "林先生"))


def test_who_gets_another_name_is_found_by_that_alone(current):
    case_of(current, "陳怡君", "你好")
    with current.sessions.begin() as session:
        session.scalars(select(Contact)).one().name = "陳宜君"
    with current.sessions() as session:
        assert session.scalar(select(Contact.id).where(searching.matches(session, Contact, "宜君")))
        assert session.scalar(select(Contact.id).where(searching.matches(session, Contact, "怡君"))) is None


def test_an_edit_counts_and_what_is_taken_back_leaves_the_index(current):
    case_of(current, "陳怡君", "我的電話是 0912345678")

    def is_found(query):
        with current.sessions() as session:
            return session.scalar(select(Message.id).where(searching.matches(session, Message, query))) is not None

    assert is_found("0912345678")
    for said in ("改寄台中", ""):
        with current.sessions.begin() as session:
            session.scalars(select(Message)).one().text = said
        assert not is_found("0912345678")
        assert is_found("台中") is bool(said)


def test_what_does_not_change_the_words_leaves_them_alone(current):
    case = case_of(current, "陳怡君", "你好")
    with current.sessions.begin() as session:
        session.execute(update(Ticket).values(words="here"))
        session.get_one(Ticket, case.ticket_id).version += 1
    with current.sessions() as session:
        assert session.scalar(select(Ticket.words)) == "here"


def test_what_was_said_before_there_was_a_search_is_found_by_and_by(current, wang, monkeypatch):
    monkeypatch.setattr(sweeper, "WORDLESS", 2)
    case_of(current, "陳怡君", "玻璃一", "玻璃二", "玻璃三")
    with current.sessions.begin() as session:  # as code of an older version left it
        for kind in searching.kinds():
            session.execute(update(kind).values(words=None))
    assert hits(searched(wang, "玻璃")) == []
    sweeper.find_words(current)
    assert len(hits(searched(wang, "玻璃"))) == 2
    sweeper.find_words(current)
    assert len(hits(searched(wang, "玻璃"))) == 3
    with current.sessions() as session:
        assert not searching.behind(session)


def test_programs_search_too_page_by_page_and_within_their_cases(app, current):
    crm, guest = hired(app, "specialist", "客服系統"), hired(app, "department", "倉儲系統")
    case = case_of(current, "陳怡君", "玻璃一", "玻璃二", "玻璃三")
    first = crm.get("/search/messages?q=玻璃&limit=2").json
    rest = crm.get(f"/search/messages?q=玻璃&limit=2&cursor={first['next']}").json
    assert [one["text"] for one in first["items"] + rest["items"]] == ["玻璃三", "玻璃二", "玻璃一"]
    assert rest["next"] is None
    assert [one["number"] for one in crm.get("/search/cases?q=怡君").json["items"]] == [case.number]
    assert [one["name"] for one in crm.get("/search/people?q=怡君").json["items"]] == ["陳怡君"]
    assert guest.get("/search/messages?q=玻璃").json["items"] == []
    assert guest.get("/search/people?q=怡君").status_code == 403
    assert crm.get("/search/cases?q=").status_code == 422


def test_a_conversation_of_the_bot_is_found_and_can_be_read(current, wang):
    with current.sessions.begin() as session:
        conversation = desk.customer(session, "許佳穎")
        desk.writes(session, conversation, "運費怎麼算?")
        number = session.scalar(select(Conversation.id))
    page = searched(wang, "運費").get_data(as_text=True)
    assert f"/console/conversations/{number}" in page


def test_what_takes_postgresql_too_long_ends_and_is_told_apart(tmp_path, postgres, monkeypatch):
    if postgres is None:
        pytest.skip("SQLite's index knows the newest")
    monkeypatch.setattr(searching.asking, "SECONDS", 0.2)
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            desk.writes(session, desk.customer(session), "運費")
        slow = select(Message).where(text("pg_sleep(5) IS NOT NULL"))
        with db.reading(shop.sessions) as session:
            reached, whole = searching.within_reach(session, [slow], Message.id, None, 10)
            assert (session.scalars(select(Message).where(reached)).all(), whole) == ([], False)
            said = select(Message).where(searching.matches(session, Message, "運費"))
            found, whole = searching.within_reach(session, [said], Message.id, None, 10)
            texts = session.scalars(select(Message.text).where(found)).all()
            assert (texts, whole) == (["運費"], True)


def test_all_ways_and_groups_of_a_search_share_the_time(tmp_path, postgres, monkeypatch):
    if postgres is None:
        pytest.skip("SQLite's index knows the newest")
    monkeypatch.setattr(searching.asking, "SECONDS", 0.2)
    slow = [select(Message).where(text("pg_sleep(5) IS NOT NULL"))] * 6
    with desk.shop(tmp_path, postgres) as shop, db.reading(shop.sessions) as session:
        with shop.sessions.begin() as writer:
            desk.writes(writer, desk.customer(writer), "運費")
        ended, began = searching.deadline(), time.monotonic()
        for _ in range(3):
            assert not searching.within_reach(session, slow, Message.id, None, 10, ended)[1]
        assert time.monotonic() - began < 2  # each for itself: 36 times 0.2 s


def test_each_way_of_finding_has_an_index_however_many_rows_there_are(current):
    with current.sessions() as session:
        if session.get_bind().dialect.name != "postgresql":
            pytest.skip("SQLite's own index is asked by name")
        session.execute(text("SET LOCAL enable_seqscan = off"))  # else it reads all of the few rows that are here
        for way in (
            *finding.cases(session, "退貨"),
            *finding.people(session, "0912345678"),
            *finding.messages(session, "退貨"),
            select(Ticket).where(finding.by_caller(session, "0912345678")),
        ):
            query = way.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            plan = "\n".join(session.connection().exec_driver_sql(f"EXPLAIN {query}").scalars())
            assert "Seq Scan" not in plan, plan


def test_the_list_of_articles_asks_the_index_for_their_words(current):
    with current.sessions() as session:
        if session.get_bind().dialect.name != "postgresql":
            pytest.skip("SQLite's own index is asked by name")
        session.execute(text("SET LOCAL enable_seqscan = off"))  # else it reads all of the few rows that are here
        asked = listing.Asked("運費", category="", state="", owner=0, due=False, skip=0)
        way = select(Article.id).where(*listing.conditions(session, asked))
        query = way.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.connection().exec_driver_sql(f"EXPLAIN {query}").scalars())
        assert "ix_find_articles" in plan, plan
