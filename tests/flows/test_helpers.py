"""A team from outside helps in a rush: it sees and answers that team's cases, no more, and for no longer."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

import webhook_app
from bot import services
from bot.auth import permissions
from bot.errors import FrontlineError, Refused
from bot.models import JournalEntry, Message
from faq.models import ReplyTemplate
from handoff import presence, tickets
from handoff.assignment import draining, surge, teams
from handoff.models import Notice, Ticket
from handoff.notify import jobs
from tests import desk
from tests.console import signed_in, words
from tests.programs import hired

AFTERNOON = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop, time_machine.travel(AFTERNOON, tick=False):
        with shop.sessions.begin() as session:
            teams.prepare(session, {"orders": "出貨與物流", "care": "客訴與安全", "outside": "外包客服"})
            session.flush()
            teams.put(session, "orders", "", overflow="outside")
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def helper(app, shop):
    """Somebody of the outside team, at her console."""
    visitor = signed_in(app, shop, "outside1", "helper")
    with shop.sessions.begin() as session:
        teams.join(session, "outside", "outside1", 3, (), lead=False, standby=False)
    return visitor


@pytest.fixture
def me(shop, helper):
    with shop.sessions() as session:
        return teams.user(session, "outside1").id


def arrives(shop, team="orders", **wish):
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "包裹還沒到")
        ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation, team=team, **wish))
        return session.get_one(Ticket, ref.ticket_id)


def rush(shop, load=None):
    with shop.sessions.begin() as session:
        surge.step(session, "orders", load or surge.Load(arrivals=50))


def calms_down(shop):
    rush(shop, surge.Load())
    with time_machine.travel(AFTERNOON + timedelta(minutes=11), tick=False):
        rush(shop, surge.Load())
        draining.look(shop)


def again(shop, case):
    with shop.sessions() as session:
        return session.get_one(Ticket, case.id)


def seen(shop, case):
    with shop.sessions() as session:
        newest = select(Message.id).where(Message.conversation_id == case.conversation_id)
        return session.scalars(newest.order_by(Message.id.desc())).first()


def test_on_a_usual_day_a_helper_sees_nothing_and_gets_nothing(shop, helper, me):
    case = arrives(shop)
    assert case.number not in helper.get("/console").get_data(as_text=True)
    assert helper.get(f"/console/cases/{case.number}").status_code == 404
    presence.seen(shop.sessions, me)
    draining.look(shop)
    assert again(shop, case).assignee_id is None
    with shop.sessions() as session, pytest.raises(Refused, match="現在不需要支援"):
        tickets.claim(session, case.id, me)


def test_in_a_rush_she_is_called_sees_the_teams_queue_and_is_given_its_cases(shop, helper, me):
    case, other = arrives(shop), arrives(shop, "care")
    rush(shop)
    jobs.read_journal(shop)
    with shop.sessions() as session:
        assert me in session.scalars(select(Notice.user_id).where(Notice.kind == "surge.began")).all()
    page = helper.get("/console").get_data(as_text=True)
    assert (case.number in page, other.number in page) == (True, False)
    assert helper.get(f"/console/cases/{other.number}").status_code == 404
    draining.look(shop)
    assert (again(shop, case).assignee_id, again(shop, other).assignee_id) == (me, None)


def test_she_answers_writes_notes_asks_whether_it_is_solved_and_gives_it_back(shop, helper, me):
    case = arrives(shop)
    rush(shop)
    at = f"/console/cases/{case.number}"
    assert helper.post(f"{at}/claim").status_code == 302
    form = {"seen": seen(shop, case), "key": "click-1", "text": "正在幫您查"}
    assert helper.post(f"{at}/reply", data=form).status_code == 302
    assert helper.post(f"{at}/note", data={"text": "倉庫說明天到"}).status_code == 302
    assert helper.post(f"{at}/propose", data={"seen": seen(shop, case)}).status_code == 302
    assert again(shop, case).proposed_at == AFTERNOON
    refused = helper.post(f"{at}/pass-on", data={"to": "team:care", "why": "像客訴"})
    assert (refused.status_code, "只能退回原團隊" in words(refused)) == (409, True)
    assert helper.post(f"{at}/pass-on", data={"to": "team:orders", "why": "要查倉庫系統"}).status_code == 302
    draining.look(shop)
    back = again(shop, case)
    assert (back.team, back.assignee_id, back.state) == ("orders", None, "new"), "not to her again at once"


@pytest.mark.parametrize("action", ["resolve", "close", "hand_back", "reopen"])
def test_what_the_help_does_not_cover_is_refused_on_the_server(shop, me, action):
    case = arrives(shop)
    rush(shop)
    with shop.sessions.begin() as session:
        tickets.claim(session, case.id, me)
    deed = getattr(tickets, action)
    more = (seen(shop, case),) if action in ("resolve", "hand_back") else ()
    with shop.sessions() as session, pytest.raises(Refused, match="請退回原團隊"):
        deed(session, case.id, me, *more)


def test_no_way_around_by_the_case_itself(shop, helper, me):
    case = arrives(shop, facts={"order_number": "GB1118", "phone": "0912345678"})
    rush(shop)
    with shop.sessions.begin() as session:
        tickets.claim(session, case.id, me)
    deeds = [
        lambda s: tickets.split(s, case.id, me, "另一件事", shop.settings.zone),
        lambda s: tickets.file(s, case.id, me, type="question", tags=[], custom={}, outcome=""),
        lambda s: tickets.grade(s, case.id, me, level="L1"),
        lambda s: tickets.verify(s, case.id, me, "phone", "0912345678", "called_back"),
        lambda s: tickets.log_call(s, case.id, me, "out", tickets.heard("打過電話")),
        lambda s: tickets.to_person(s, case.id, me, me, "給我"),
    ]
    for deed in deeds:
        with shop.sessions() as session, pytest.raises(Refused, match="請退回原團隊"):
            deed(session)
    page = words(helper.get(f"/console/cases/{case.number}"))
    assert ("GB1118" in page, "0912345678" in page) == (True, False)
    assert "支援時看不到電話" in page
    for offered in ("寫下原因再結案", "改等級", "確認是本人", "轉交給同事"):
        assert offered not in page


TOLD = "電話 0912-345-678，卡號 4111 1111 1111 1111，訂單 GB1118"


def test_numbers_in_what_was_said_are_covered_for_her_and_not_for_the_desk(app, shop, helper, me):
    case = arrives(shop, summary=TOLD, facts={"order_number": "GB1118", "phone": "0912345678"})
    rush(shop)
    with shop.sessions.begin() as session:
        tickets.claim(session, case.id, me)
        desk.tells(session, session.get_one(Ticket, case.id).conversation, TOLD)
        tickets.note(session, case.id, me, "已回電 0912345678")
        agent = desk.staff(session, "林小姐").id
        tickets.annotate(session, case.id, agent, "常改電話，最近是 0912345678")
    at = f"/console/cases/{case.number}"
    assert "常改電話，最近是 ●●●" in words(helper.get(at))
    for page in (words(helper.get(address)) for address in (at, "/console", "/console?q=GB1118")):
        assert [number for number in ("0912", "4111") if number in page] == []
        assert "電話 ●●●，卡號 ●●●，訂單" in page
    assert TOLD in words(signed_in(app, shop, "wang", "agent").get(at))


def test_the_scripts_are_at_her_hand_without_what_she_may_not_know(shop, helper, me):
    case = arrives(shop, facts={"order_number": "GB1118", "phone": "0912345678"})
    with shop.sessions.begin() as session:
        session.add(ReplyTemplate(title="查件", text="訂單 {order_number} 正在查，會打 {phone} 給您"))
    rush(shop)
    page = words(helper.get(f"/console/cases/{case.number}/templates"))
    assert ("查件" in page, "GB1118" in page, "0912345678" in page) == (True, True, False)


def test_a_helpers_program_gets_the_same_by_the_api_and_is_told_as_little(app, shop):
    program = hired(app, "helper", "外包系統")
    with shop.sessions.begin() as session:
        teams.join(session, "outside", program.get("/me").json["username"], 3, (), lead=False, standby=False)
    case = arrives(shop, facts={"order_number": "GB1118", "phone": "0912345678"})
    at = f"/tickets/{case.number}"
    assert (program.get(at).status_code, program.get("/tickets").json["items"]) == (404, [])
    rush(shop)
    assert program.post(f"{at}/claim").json["facts"] == {"order_number": "GB1118"}
    with shop.sessions.begin() as session:
        desk.tells(session, session.get_one(Ticket, case.id).conversation, TOLD)
    for listed in (program.get("/tickets"), program.get("/search/cases?q=GB1118")):
        assert [one["facts"] for one in listed.json["items"]] == [{"order_number": "GB1118"}]
    for listed in (program.get(f"{at}/messages"), program.get("/search/messages?q=GB1118")):
        assert listed.json["items"][0]["text"] == "電話 ●●●，卡號 ●●●，訂單 GB1118"
    assert program.post(f"{at}/reply", text="正在幫您查", seen_message_id=seen(shop, case)).status_code == 201
    assert program.post(f"{at}/resolve", seen_message_id=0).status_code == 403
    assert program.post(f"{at}/transfer", to="orders", why="要查倉庫系統").json["assignee"] is None


def test_the_help_ends_with_the_rush_and_what_she_had_goes_back_to_the_team(shop, helper, me):
    case = arrives(shop)
    rush(shop)
    newest = seen(shop, case)
    with shop.sessions.begin() as session:
        tickets.claim(session, case.id, me)
        tickets.reply(session, case.id, me, "正在幫您查", "click-1", newest)
    calms_down(shop)
    after = again(shop, case)
    assert (after.assignee_id, after.state, after.team) == (None, "new", "orders")
    assert helper.get(f"/console/cases/{case.number}").status_code == 404
    with shop.sessions() as session:
        told = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.requeued")).all()
        assert [(entry.data["why"], entry.data["from_user"]) for entry in told] == [("help_over", me)]
        with pytest.raises(Refused, match="現在不需要支援"):
            tickets.reply(session, case.id, me, "還在查", "click-2", 10**9)


def test_a_helper_takes_no_cases_of_her_own_team_and_heads_none(shop, helper, me):
    case = arrives(shop, "outside")
    presence.seen(shop.sessions, me)
    draining.look(shop)
    assert again(shop, case).assignee_id is None
    with shop.sessions() as session, pytest.raises(FrontlineError, match="may take no cases"):
        teams.put(session, "outside", "", head="outside1")


def test_the_people_page_says_what_helpers_may(app, shop):
    page = words(signed_in(app, shop, "boss", "supervisor").get("/console/people"))
    assert "爆量時由外包客服支援" in page
    assert "接手、回覆顧客、寫備註、請顧客確認是否解決、退回原團隊" in page
    assert frozenset({"claim", "reply", "note", "propose", "queue"}) == permissions.HELPING
