"""The supervisor's board: how the desk stands, and what clears a jam in two clicks, also when two press at once."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event, select

import webhook_app
from bot.clock import now
from bot.models import JournalEntry, OutboxRow, User
from handoff import overview, presence, tickets
from handoff.assignment import surge, teams
from handoff.models import Member, Presence, Team, Ticket
from tests import desk
from tests.console import HTMX, signed_in, words
from tests.programs import hired

AFTERNOON = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)  # 14:00 in Taipei, a Wednesday
STATEMENTS = 36  # of the whole page, with its sidebar


@pytest.fixture
def clock():
    with time_machine.travel(AFTERNOON, tick=False) as clock:
        yield clock


@pytest.fixture
def shop(tmp_path, postgres, clock):
    with desk.shop(tmp_path, postgres) as shop:
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def lead(app, shop):
    return signed_in(app, shop, "boss", "supervisor")


def arrives(shop, name="陳怡君", **wish):
    """A case that nobody has."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session, name)
        return shop.wiring.desk.open(session, desk.wish_for_a_person(conversation, **wish)).number


def comes(shop, name, capacity=2, team="service"):
    """A colleague at her console; her user name."""
    with shop.sessions.begin() as session:
        user = desk.staff(session, name)
        desk.is_there(session, user.id, capacity, team)
        return user.username


def case(shop, number):
    with shop.sessions() as session:
        found = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        assert found.assignee is None or found.assignee.name
        return found


def user_id(shop, username):
    with shop.sessions() as session:
        return session.scalars(select(User.id).where(User.username == username)).one()


def figure(page, title):
    """The number of the strip under this title."""
    found = re.search(rf'<span class="k">{title}</span><span class="v">(\d+)</span>', page.get_data(as_text=True))
    return int(found[1])


def section(page, name):
    """What a part of the board says."""
    whole = page.get_data(as_text=True)
    part = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', whole, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part[0]))


def give(visitor, number, to, had="", **how):
    return visitor.post(f"/board/cases/{number}/give", data={"to": to, "had": had}, **how)


LESSONS = ("沒有要優先處理的案件", "30 分鐘內沒有案件會逾時", "還沒有團隊", "還沒有人接案件", "還沒有前幾天的案件")


def test_an_empty_board_teaches(lead):
    page = words(lead.get("/board"))
    assert [lesson for lesson in LESSONS if lesson not in page] == []


def test_what_is_urgent_or_late_comes_first_and_the_rest_when_it_is_nearly_due(shop, app, clock):
    late = arrives(shop, "林淑芬", level="L3")
    clock.shift(timedelta(hours=20))
    urgent, calm = arrives(shop, "黃柏翰", level="L1", category="safety_incident"), arrives(shop, "蔡宜蓁", level="L3")
    with shop.sessions() as session:
        seen = overview.look(session, now(), shop.settings.zone)
    assert [ticket.number for ticket in seen.first.cases] == [urgent, late]
    assert seen.late == {"L1": 0, "L2": 0, "L3": 1}
    assert calm not in [ticket.number for ticket in seen.near.cases]
    lead = signed_in(app, shop, "boss", "supervisor")
    page = lead.get("/board")
    assert (figure(page, "已逾時"), figure(page, "等待接手")) == (1, 3)
    assert "黃柏翰 人身安全" in section(page, "first")
    clock.move_to(case(shop, calm).first_response_due_at - timedelta(minutes=7))
    assert "蔡宜蓁 首次回覆 未指派 7:00" in section(lead.get("/board"), "near")


def test_every_number_opens_its_cases(shop, lead, clock):
    who = comes(shop, "王志豪")
    number = arrives(shop, "黃柏翰", level="L1")
    give(lead, number, user_id(shop, who))
    waits = arrives(shop, "林淑芬", level="L3")
    links = set(re.findall(r'href="(/board/cases[^"]+)"', lead.get("/board").get_data(as_text=True)))
    assert len(links) >= 7
    shown = {link.replace("&amp;", "&"): words(lead.get(link.replace("&amp;", "&"))) for link in links}
    assert "黃柏翰" in shown[f"/board/cases?number=agent&of={who}"]
    assert "林淑芬" in shown["/board/cases?number=team&of=service"]
    assert "現在一件也沒有" in shown["/board/cases?number=violated"]
    assert {"黃柏翰", "林淑芬"} <= set(shown["/board/cases?number=arrived"].split())
    assert case(shop, waits).assignee is None
    assert lead.get("/board/cases?number=nonsense").status_code == 404


def test_arrivals_are_compared_with_the_same_hour_of_the_last_seven_days(shop, clock):
    for days in (7, 2):
        clock.move_to(AFTERNOON - timedelta(days=days, minutes=20))
        for _ in range(days):
            arrives(shop)
    clock.move_to(AFTERNOON - timedelta(minutes=59))
    for _ in range(4):
        arrives(shop)
    clock.move_to(AFTERNOON - timedelta(minutes=61))
    arrives(shop)
    clock.move_to(AFTERNOON)
    with shop.sessions() as session:
        hours = overview.look(session, now(), shop.settings.zone)
    hour = hours.last_hour
    assert (hour.cases, hour.usual, hour.least, hour.most) == (4, 9 / 7, 0, 7)
    before = hours.hours[hours.hours.index(hour) - 1]
    assert (before.cases, before.most) == (1, 0)


def test_forty_more_cases_cost_no_more_statements(shop, lead):
    comes(shop, "王志豪", capacity=50)

    def statements():
        asked = []
        listener = lambda *about: asked.append(about[2])  # noqa: E731
        event.listen(shop.engine, "before_cursor_execute", listener)
        assert lead.get("/board", headers=HTMX).status_code == 200
        event.remove(shop.engine, "before_cursor_execute", listener)
        return len(asked)

    for level in ("L1", "L3"):
        arrives(shop, level=level)
    lead.get("/board")
    few = statements()
    for number in range(40):
        arrives(shop, level=f"L{number % 3 + 1}", team=f"team{number % 5}")
    assert statements() == few <= STATEMENTS


def test_a_case_goes_to_somebody_free_in_one_press_and_the_journal_knows_who_did_it(shop, lead):
    number, who = arrives(shop, "黃柏翰", level="L1"), comes(shop, "王志豪")
    page = section(lead.get("/board"), "first")
    assert "王志豪 0/2" in page
    answer = give(lead, number, user_id(shop, who), headers=HTMX)
    assert (answer.status_code, case(shop, number).assignee.name) == (200, "王志豪")
    with shop.sessions() as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.assigned")).one()
    assert (entry.data["to_user"], entry.data["by"], entry.user_id) == (
        user_id(shop, who),
        user_id(shop, "boss"),
        user_id(shop, "boss"),
    )


def test_who_was_faster_has_it_and_the_other_is_told(shop, lead):
    number = arrives(shop, level="L1")
    first, second = comes(shop, "王志豪"), comes(shop, "劉思妤")
    give(lead, number, user_id(shop, first))
    answer = give(lead, number, user_id(shop, second), headers=HTMX)
    assert answer.status_code == 409
    assert "王志豪已經接手這件案件。" in words(answer)
    assert case(shop, number).assignee.name == "王志豪"


def test_who_is_full_or_gone_by_now_gets_nothing(shop, lead, clock):
    who = comes(shop, "王志豪", capacity=1)
    full, gone = arrives(shop, "林淑芬", level="L1"), arrives(shop, "蔡宜蓁", level="L1")
    assert give(lead, full, user_id(shop, who), headers=HTMX).status_code == 200
    assert "王志豪剛剛滿了" in words(give(lead, gone, user_id(shop, who), headers=HTMX))
    clock.shift(presence.LASTS + timedelta(seconds=1))
    other = comes(shop, "劉思妤")
    clock.shift(presence.LASTS + timedelta(seconds=1))
    assert give(lead, gone, user_id(shop, other), headers=HTMX).status_code == 409
    assert case(shop, gone).assignee is None


def test_help_is_called_and_sent_home_by_hand(shop, lead):
    with shop.sessions.begin() as session:
        teams.prepare(session, {"orders": "出貨與物流", "alone": "獨自"})
        helper = desk.staff(session, "洪家豪")
        teams.join(session, "orders", helper.username, 4, (), lead=False, standby=True)
    page = section(lead.get("/board"), "queues")
    assert "洪家豪" in page
    assert lead.post("/board/teams/orders/call", headers=HTMX).status_code == 200
    assert "進線暴增，支援已經" in words(lead.get("/board"))
    assert "已經呼叫過支援了。" in words(lead.post("/board/teams/orders/call", headers=HTMX))
    assert "沒有待命的人" in words(lead.post("/board/teams/alone/call", headers=HTMX))
    surge.look(shop)
    with shop.sessions() as session:
        assert session.scalars(select(Team.key).where(Team.surge_since.is_not(None))).all() == ["orders"]
    assert lead.post("/board/teams/orders/send-home", headers=HTMX).status_code == 200
    assert lead.post("/board/teams/orders/send-home", headers=HTMX).status_code == 409
    with shop.sessions() as session:
        told = select(JournalEntry.kind, JournalEntry.user_id).where(JournalEntry.kind.startswith("surge."))
        by = user_id(shop, "boss")
        assert session.execute(told.order_by(JournalEntry.id)).all() == [("surge.began", by), ("surge.ended", by)]


def test_capacity_changes_from_what_was_shown(shop, lead):
    who = comes(shop, "王志豪", capacity=2)

    def press(was, capacity):
        form = {"team": "service", "was": was, "capacity": capacity}
        return lead.post(f"/board/people/{who}/capacity", data=form, headers=HTMX)

    assert press(2, 3).status_code == 200
    late = press(2, 1)
    assert (late.status_code, "上限剛剛有人改過" in words(late)) == (409, True)
    with shop.sessions() as session:
        assert session.scalars(select(Member.capacity)).all() == [3]
        entries = session.scalars(select(JournalEntry).where(JournalEntry.kind == "team.member_set")).all()
    assert [entry.user_id for entry in entries] == [None, user_id(shop, "boss")]
    assert lead.post(f"/board/people/{who}/capacity", data={"team": "service"}).status_code == 400


def test_who_takes_no_cases_is_neither_full_nor_counted_among_those_who_do(shop, lead):
    comes(shop, "王志豪", capacity=2)
    comes(shop, "劉思妤", capacity=0)
    crew = section(lead.get("/board"), "crew")
    assert "1 人可接案" in crew
    assert "不接案" in crew
    assert "滿" not in crew


def test_who_takes_no_more_cases_still_shows_those_that_she_has(shop, lead):
    who, number = comes(shop, "王志豪", capacity=1), arrives(shop, level="L1")
    give(lead, number, user_id(shop, who))
    form = {"team": "service", "was": 1, "capacity": 0}
    crew = section(lead.post(f"/board/people/{who}/capacity", data=form, headers=HTMX), "crew")
    assert "1/0" in crew
    assert "不接案" not in crew


def test_who_is_not_in_her_seat_is_taken_off_line_and_keeps_her_cases(shop, lead):
    who, number = comes(shop, "王志豪"), arrives(shop, level="L1")
    give(lead, number, user_id(shop, who))
    assert lead.post(f"/board/people/{who}/away", headers=HTMX).status_code == 200
    assert "離開" in section(lead.get("/board"), "crew")
    assert "王志豪已經不在線上了。" in words(lead.post(f"/board/people/{who}/away", headers=HTMX))
    assert case(shop, number).assignee.name == "王志豪"
    with shop.sessions() as session:
        assert session.get_one(Presence, user_id(shop, who)).status == "away"
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "user.sent_away")).one()
    assert (entry.user_id, entry.data["member"]) == (user_id(shop, "boss"), user_id(shop, who))
    assert lead.post("/board/people/nobody/away").status_code == 404


def test_without_a_script_a_button_leads_back_to_the_board_and_says_what_came_of_it(shop, lead):
    number, who = arrives(shop, level="L1"), comes(shop, "王志豪")
    answer = give(lead, number, user_id(shop, who), follow_redirects=True)
    assert (answer.request.path, "已轉派。" in words(answer)) == ("/board", True)


def test_the_wall_shows_the_figures_has_nothing_to_press_and_is_nobody(shop, app, lead):
    arrives(shop, "黃柏翰", level="L1")
    comes(shop, "王志豪")
    page = lead.get("/board/wall").get_data(as_text=True)
    assert "黃柏翰" in page
    assert 'class="today" points=' in page
    assert not re.search(r"<(form|button)", page.partition("<main")[2].partition("</main>")[0])
    assert "/api/v1/stream?wall=1" in page
    with shop.sessions() as session:
        assert session.get(Presence, user_id(shop, "boss")) is None
    lead.get("/board")
    with shop.sessions() as session:
        assert session.get(Presence, user_id(shop, "boss")) is not None


def test_what_went_wrong_is_counted(shop, lead):
    number = arrives(shop, level="L1")
    with shop.sessions.begin() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        row = desk.bot_says(session, ticket.conversation, "您好")
        session.get_one(OutboxRow, row.id).state = "failed"
        session.add(JournalEntry(kind="invariant.violated", data={"ticket_id": ticket.id, "what": "no_owner"}))
        session.add(JournalEntry(kind="invariant.violated", at=now() - timedelta(hours=25), data={"ticket_id": 1}))
    page = lead.get("/board")
    assert (figure(page, "沒送達、被擱置"), figure(page, "曾經沒有負責人")) == (1, 1)
    assert number in lead.get("/board/cases?number=violated").get_data(as_text=True)


def test_programs_read_the_same_figures(shop, app):
    number, who = arrives(shop, level="L1"), comes(shop, "王志豪")
    board = hired(app, "supervisor").get("/board").json
    assert (board["first"]["total"], board["first"]["cases"][0]["number"]) == (1, number)
    assert board["people"][0] | {"username": who, "there": True, "load": 0} == board["people"][0]
    assert board["queues"][0]["team"] == "service"
    assert len(board["hours"]) == 18
    assert hired(app, "agent").get("/board").status_code == 403


def test_in_english_as_well(lead):
    page = words(lead.get("/board", headers={"Accept-Language": "en"}))
    assert "Nothing has to come first" in page
    assert "現在" not in page


def test_a_case_that_was_taken_back_is_not_given_as_if_it_had_not_been(shop, lead):
    number, other = arrives(shop, level="L1"), comes(shop, "劉思妤")
    who = comes(shop, "王志豪")
    give(lead, number, user_id(shop, who))
    ticket, boss = case(shop, number).id, user_id(shop, "boss")
    with shop.sessions.begin() as session:
        tickets.to_team(session, ticket, boss, "service", "先退回")
    answer = give(lead, number, user_id(shop, other), had=user_id(shop, who), headers=HTMX)
    assert (answer.status_code, "剛剛退回待接" in words(answer)) == (409, True)
