"""The library of solved cases: made of a case with one click, looked over, and found beside the next one like it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot.clock import now
from bot.models import Message
from bot.ports import Lesson
from bot.transactions import transact
from faq import library
from faq.models import SolvedCase
from handoff import tickets
from handoff.models import Ticket
from tests import console, desk
from tests.content import words

SAID = "我是陳怡君，訂單 GB1118 的氣炸鍋插電就跳電，電話 0912-345-678"
TOLD = {
    "title": "氣炸鍋跳電",
    "description": "插電就跳電。",
    "solution": "先請顧客停用，隔天換新機。",
    "cautions": "不要再插電。",
}


@pytest.fixture
def lin(app, current):
    return console.signed_in(app, current, "lin", "supervisor")


def case_of(current, said, *, solved=False):
    """A case of 林's."""
    with current.sessions.begin() as session:
        conversation = desk.customer(session, "陳怡君")
        desk.writes(session, conversation, said)
        wish = desk.wish_for_a_person(conversation, intent="damaged_item", category="damaged_or_defective")
        ref = current.wiring.desk.open(session, wish)
        lin = console.user_id_in(session, "lin")
        tickets.claim(session, ref.ticket_id, lin)
        session.get_one(Ticket, ref.ticket_id).summary = said
        if solved:
            session.add(
                Message(conversation_id=conversation.id, episode=1, author="agent", text="陳怡君您好，換新機給您。")
            )
            tickets.resolve(session, ref.ticket_id, lin, 10**9)
    return ref.number


def kept(lin, number):
    return lin.post(f"/console/cases/{number}/lesson", data={"seen": 10**9}, headers=console.PANE)


def beside(lin, number, **asked):
    return words(lin.get(f"/console/cases/{number}/knowledge", query_string=asked))


def test_one_click_makes_a_case_of_a_solved_one_without_its_customer(current, hsu, lin):
    number = case_of(current, SAID, solved=True)
    assert "存成案例" in words(lin.get(f"/console/cases/{number}"))
    assert kept(lin, number).status_code == 200
    assert "這件案件已經存成案例了" in words(kept(lin, number))
    with current.sessions() as session:
        [case] = session.scalars(select(SolvedCase)).all()
    everything = " ".join((case.title, case.description, case.cause, case.solution))
    assert "跳電" in case.description
    assert "換新機給您" in case.solution
    assert not [told for told in ("怡君", "0912", "GB1118") if told in everything]
    assert not case.shown
    assert "還沒看過" in words(hsu.client.get("/content/cases"))


def test_addresses_and_names_go_too_line_by_line_and_another_cases_words_were_never_in_it(current, lin):
    told = "收件人：林大明\n寄到台北市信義區松高路 11 號 5 樓\n王小姐說 0912-345-678 打不通"
    number = case_of(current, told, solved=True)
    with current.sessions.begin() as session:
        ticket = session.scalars(select(Ticket)).one()
        here = {"conversation_id": ticket.conversation_id, "author": "agent"}
        session.add(Message(**here, episode=1, text="說錯了，不能換。", unsent_at=now()))
        session.add(Message(**here, episode=2, text="另一件：發票補寄了。"))
    kept(lin, number)
    with current.sessions() as session:
        [case] = session.scalars(select(SolvedCase)).all()
    assert case.description == "收件人：○○\n寄到○○\n○○小姐說 ☎ 打不通"
    assert case.solution.endswith("○○您好，換新機給您。")


def test_a_case_that_is_not_solved_teaches_nothing_yet(current, lin):
    number = case_of(current, SAID)
    assert "存成案例" not in words(lin.get(f"/console/cases/{number}"))
    assert "先結案，才能存成案例" in words(kept(lin, number))


def test_what_was_looked_over_stands_beside_a_case_like_it_and_what_was_not_does_not(current, hsu, lin):
    number = case_of(current, "氣炸鍋一插電就跳電")
    hsu.client.post("/content/cases", data=TOLD)
    assert "隔天換新機" not in beside(lin, number)
    with current.sessions() as session:
        known = session.scalars(select(SolvedCase.id)).one()
    hsu.client.post("/content/cases", data=TOLD | {"id": known, "revision": 1, "shown": "1"})
    assert (
        "案例 氣炸鍋跳電 發生什麼事 插電就跳電。 怎麼解決 先請顧客停用，隔天換新機。 注意事項 僅供內部 不要再插電。"
        in beside(lin, number)
    )
    assert "隔天換新機" in beside(lin, number, q="跳電")
    assert "隔天換新機" not in beside(lin, number, q="發票")
    hsu.client.post(f"/content/cases/{known}/delete")
    assert "隔天換新機" not in beside(lin, number)


def test_who_clicks_twice_has_kept_it_once(current, lin):
    by, told = console.user_id(current, "lin"), Lesson("跳電", description="插電就跳電。")

    def click(_):
        return transact(current.sessions, lambda session: library.propose(session, told, "CS-1", "", by))

    with ThreadPoolExecutor(4) as clicks:
        assert sorted(clicks.map(click, range(4))) == [False, False, False, True]


def test_two_who_write_at_once_see_both_versions_and_what_was_before_is_kept(current, hsu, mei):
    hsu.client.post("/content/cases", data=TOLD)
    with current.sessions() as session:
        known = {"id": session.scalars(select(SolvedCase.id)).one(), "revision": 1}
    mei.client.post("/content/cases", data=TOLD | known | {"cause": "濾網積油"})
    refused = hsu.client.post("/content/cases", data=TOLD | known | {"cause": "插座太舊", "shown": "1"})
    told = words(refused)
    assert (refused.status_code, "mei 剛剛改過" in told) == (409, True)
    assert [part in told for part in ("濾網積油", "插座太舊", "放到相近的案件旁邊")] == [True] * 3
    again = TOLD | known | {"revision": 2, "cause": "插座太舊"}
    assert hsu.client.post("/content/cases", data=again).status_code == 302
    page = words(hsu.client.get(f"/content/cases?edit={known['id']}"))
    assert "濾網積油" in page.partition("改過什麼")[2]


def test_a_case_that_teaches_nothing_is_refused_and_what_was_typed_stays(hsu):
    refused = hsu.client.post("/content/cases", data={"title": "跳電", "description": "插電就跳", "shown": "1"})
    assert (refused.status_code, "先寫發生什麼事和怎麼解決" in words(refused)) == (409, True)
    assert "插電就跳" in words(refused)
    assert "沒有找到「量子」" in words(hsu.client.get("/content/cases?q=量子"))
