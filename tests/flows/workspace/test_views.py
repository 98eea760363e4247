"""How agents look at the list: views, pages of them, and filters that they keep."""

import re
from datetime import timedelta

from sqlalchemy import event, select, update

from bot.clock import now
from handoff import tickets
from handoff.assignment import teams
from handoff.console import inbox, parts
from handoff.console.inbox import Looking
from handoff.models import Clock, SavedFilter, Ticket
from handoff.notify import reading
from tests import console, desk
from tests.console import words


def case_of(current, name="陳怡君", **wish):
    with current.sessions.begin() as session:
        conversation = desk.customer(session, name)
        desk.writes(session, conversation, "我要找真人")
        return current.wiring.desk.open(session, desk.wish_for_a_person(conversation, **wish))


def in_view(member, view, **more):
    return words(member.get("/console/list", query_string={"view": view, **more}))


def does(member, case, deed, **form):
    return member.post(f"/console/cases/{case.number}/{deed}", data={"seen": 10**9, **form})


def test_what_is_due_within_half_an_hour_or_late_is_due_soon(current, wang):
    soon, calm = case_of(current, "黃柏翰"), case_of(current, "陳怡君")
    with current.sessions.begin() as session:
        for case, minutes in ((soon, 20), (calm, 40)):
            own = update(Clock).where(Clock.ticket_id == case.ticket_id)
            session.execute(own.values(due_at=now() + timedelta(minutes=minutes)))
    assert "黃柏翰" in in_view(wang, "due")
    assert "陳怡君" not in in_view(wang, "due")


def test_what_was_promised_is_nearly_due_on_the_console_and_on_the_board(app, current, wang):
    lead, case = console.signed_in(app, current, "lin", "supervisor"), case_of(current, "林先生")
    does(wang, case, "claim")
    does(wang, case, "reply", text="明天給您消息", key="click-1")
    assert "林先生" not in in_view(wang, "due"), "he is asked, and nothing runs"
    with current.sessions.begin() as session:
        me = console.user_id_in(session, "wang")
        tickets.promise(session, case.ticket_id, me, "回電", "林先生", now() + timedelta(minutes=20))
    listed = in_view(wang, "due")
    assert "承諾 19 分" in listed[listed.index("林先生") :]
    assert "林先生 承諾" in words(lead.get("/board"))


def test_a_case_in_which_a_colleague_named_me_is_among_my_mentions(app, current, wang):
    case, other = case_of(current, "陳怡君"), case_of(current, "林先生")
    liu = console.signed_in(app, current, "liu", "agent")
    does(liu, case, "note", text="@wang 請看")
    does(liu, other, "note", text="我來處理")
    reading.look(current)
    assert "陳怡君" in in_view(wang, "mentions")
    assert "林先生" not in in_view(wang, "mentions")
    assert "沒有人提到你" in in_view(liu, "mentions")


def test_cases_of_my_teams_and_those_that_wait_for_the_customer_have_views(current, wang):
    case, _ = case_of(current, "陳怡君"), case_of(current, "林先生", team="returns")
    with current.sessions.begin() as session:
        teams.prepare(session, {"returns": "退換貨"})
        session.flush()
        teams.join(session, "returns", "wang", 5, (), lead=False, standby=False)
    assert "林先生" in in_view(wang, "team")
    assert "陳怡君" not in in_view(wang, "team")
    does(wang, case, "claim")
    does(wang, case, "reply", text="請問訂單編號是？", key="click-1")
    assert "陳怡君" in in_view(wang, "waiting")
    assert "林先生" not in in_view(wang, "waiting")


def test_the_list_goes_on_page_by_page_soonest_first_without_gap_or_repeat(current, wang):
    made = [case_of(current, f"顧客{n}") for n in range(5)]
    with current.sessions.begin() as session:
        for minutes, case in zip((7, 3, 3, 9, 1), made, strict=True):
            due = now() + timedelta(minutes=minutes)
            session.get_one(Ticket, case.ticket_id).first_response_due_at = due.replace(microsecond=0)
    seen, after = [], ""
    with current.sessions() as session:
        wang_id = console.user_id(current, "wang")
        while True:
            part = inbox.load(session, "all", wang_id, looking=Looking("asking", after, asking=2)).asking
            seen += [row.ticket.id for row in part.shown]
            if not (after := part.following):
                break
    ids = [case.ticket_id for case in made]
    assert seen == [ids[4], ids[1], ids[2], ids[0], ids[3]]


def test_a_click_shows_more_and_a_fresh_list_is_as_long_as_the_one_on_the_screen(current, wang, monkeypatch):
    for module in (inbox, parts):
        monkeypatch.setattr(module, "PAGE", 2)
    for n in range(3):
        case_of(current, f"顧客{n}")
    monkeypatch.setattr("handoff.console.routes.PAGE", 2)
    page = wang.get("/console/list?view=new&asking=2").get_data(as_text=True)
    assert page.count("<li id=") == 2
    more = re.search(r'hx-get="([^"]*group=asking[^"]*)"', page)[1].replace("&amp;", "&")
    assert wang.get(more).get_data(as_text=True).count("<li id=") == 1
    assert wang.get("/console/list?view=new&asking=3").get_data(as_text=True).count("<li id=") == 3


def test_a_view_is_narrowed_by_everything_that_is_given(current, wang):
    case, _ = case_of(current, "陳怡君", level="L1", team="returns"), case_of(current, "林先生", level="L2")
    does(wang, case, "claim")
    does(wang, case, "file", type="question", tags="退款、急", outcome="")
    both = {"level": "L1", "team": "returns", "tag": "急", "assignee": "wang", "channel": "line"}
    for given in ({"level": "L1"}, {"tag": "退款"}, both):
        assert "陳怡君" in in_view(wang, "all", **given)
        assert "林先生" not in in_view(wang, "all", **given)
    for given in ({**both, "level": "L2"}, {"tag": "退"}, {"channel": "phone"}, {"category": "complaint"}):
        assert "沒有符合篩選的案件" in in_view(wang, "all", **given)


def test_a_filter_is_kept_changed_and_let_go(current, wang):
    case_of(current, "陳怡君", level="L1")
    case_of(current, "林先生", level="L2")
    kept = wang.post("/console/filters", data={"name": "急件", "view": "all", "level": "L1"})
    page = words(wang.get(kept.headers["Location"]))
    assert "急件" in page
    assert "陳怡君" in page
    assert "林先生" not in page
    number = re.search(r"kept=(\d+)", kept.headers["Location"])[1]
    wang.post(f"/console/filters/{number}", data={"name": "二級", "view": "all", "level": "L2"})
    page = words(wang.get(f"/console?view=all&kept={number}"))
    assert "二級" in page
    assert "急件" not in page
    assert "林先生" in page
    wang.post(f"/console/filters/{number}/delete", data={"view": "all"})
    assert "二級" not in words(wang.get("/console"))


def test_a_name_that_is_empty_or_taken_is_refused_with_the_reason(current, wang):
    for name in ("急件", "急件", " "):
        answer = wang.post("/console/filters", data={"name": name, "view": "all", "level": "L1"})
    assert "篩選要有名稱" in words(wang.get(answer.headers["Location"]))
    with current.sessions() as session:
        assert len(session.scalars(select(SavedFilter)).all()) == 1


def test_nobody_changes_or_uses_the_filter_of_another(app, current, wang):
    kept = wang.post("/console/filters", data={"name": "急件", "view": "all", "level": "L1"})
    number = re.search(r"kept=(\d+)", kept.headers["Location"])[1]
    liu = console.signed_in(app, current, "liu", "agent")
    assert "急件" not in words(liu.get(f"/console?view=all&kept={number}"))
    assert liu.post(f"/console/filters/{number}", data={"name": "我的"}).status_code == 404
    assert liu.post(f"/console/filters/{number}/delete").status_code == 404


def test_a_list_asks_the_database_as_often_however_long_it_is(current, wang):
    asked = []
    event.listen(current.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    counted = []
    wang.get("/console/list?view=all")  # her first look makes her known as online
    for n in (1, 8):
        for one in range(n):
            case_of(current, f"顧客{n}{one}")
        asked.clear()
        wang.get("/console/list?view=all")
        counted.append(len(asked))
    assert counted[0] == counted[1] <= 20, counted


def test_of_many_who_have_the_cases_each_costs_no_statement(app, current, wang):
    asked = []
    event.listen(current.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    counted = []
    for username in ("liu", "huang", "zhou"):
        does(console.signed_in(app, current, username, "agent"), case_of(current, f"{username}的顧客"), "claim")
        wang.get("/console/list?view=all")
        asked.clear()
        assert username in in_view(wang, "all")
        counted.append(len(asked))
    assert counted[0] == counted[-1], counted


def test_each_reads_the_list_in_her_own_language(app, current, wang):
    case_of(current, "陳怡君")
    smith = console.signed_in(app, current, "smith", "agent")
    smith.set_cookie("language", "en")
    for _ in range(2):
        assert "L2 找真人" in in_view(wang, "new")
        assert "L2 Wants a person" in in_view(smith, "new")


def test_what_narrows_the_list_comes_with_the_page_and_not_with_every_fresh_list(current, wang):
    colleagues = '<select class="in" name="assignee">'
    assert colleagues in wang.get("/console?view=all").get_data(as_text=True)
    fresh = wang.get("/console/list?view=all").get_data(as_text=True)
    assert colleagues not in fresh
    assert '<div class="narrow"></div>' in fresh
