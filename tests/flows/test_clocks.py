"""Clocks of cases: warned of, found when they run out, climbing to the head; resting while the customer is asked."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import event, select

from bot import services
from bot.models import Conversation, JournalEntry, OutboxRow
from handoff import assignment, clocks, ticker, tickets
from handoff.clocks import versions
from handoff.models import CaseThread, Clock, Team, Ticket
from handoff.sla import SHIPPED
from handoff.tickets import complaints
from tests import desk

TAIPEI = ZoneInfo("Asia/Taipei")
SATURDAY = datetime(2026, 11, 21, 14, 0, tzinfo=TAIPEI)
TEAMS = {"service": "一線客服", "warehouse": "倉儲"}
TOLD = ("clock.warned", "clock.breached", "ticket.escalated")


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres, second_contact="02-1234-5678") as shop:
        yield shop


@pytest.fixture
def travel():
    """Set the clock, and let it stand."""
    with time_machine.travel(SATURDAY, tick=False) as machine:
        yield machine


def minutes(count):
    return timedelta(minutes=count)


def opened(shop, **handoff):
    """A customer asks for a person; what he hears, and the case."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "我要找真人")
        ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation, **handoff))
    return ref


def tick_at(shop, travel, *moments):
    """What the ticker tells at each of these moments, as (kind, clock or why, to or percent)."""
    heard = []
    for moment in moments:
        travel.move_to(moment)
        ticker.tick(shop)
        heard.append(told(shop)[sum(map(len, heard)) :])
    return heard


def told(shop):
    with shop.sessions() as session:
        entries = select(JournalEntry).where(JournalEntry.kind.in_(TOLD)).order_by(JournalEntry.id)
        return [
            (e.kind, e.data.get("clock") or e.data["why"], e.data.get("to") or e.data.get("percent"))
            for e in session.scalars(entries)
        ]


def clock(shop, ticket, kind="first"):
    with shop.sessions() as session:
        return session.scalars(select(Clock).where(Clock.ticket_id == ticket, Clock.kind == kind)).one()


def claimed(shop):
    with shop.sessions.begin() as session:
        return desk.claimed_case(session)


def replies(shop, case, key="click"):
    with shop.sessions.begin() as session:
        seen = desk.count(session, OutboxRow) + 100
        tickets.reply(session, case.ticket, case.agent, "請問訂單編號是？", key, seen)


def customer_writes(shop, case, words="GB1118"):
    with shop.sessions.begin() as session:
        message = desk.writes(session, session.get_one(Conversation, case.conversation), words)
        services.current().wiring.desk.customer_wrote(session, case.conversation, message.id)


def test_a_case_that_nobody_answers_is_warned_of_found_and_climbs(shop, travel):
    opened(shop)
    heard = tick_at(
        shop,
        travel,
        SATURDAY + minutes(14),
        SATURDAY + minutes(15),
        SATURDAY + minutes(24),
        SATURDAY + minutes(30),
        SATURDAY + minutes(60),
    )
    assert heard == [
        [],
        [("clock.warned", "first", "agent")],
        [("clock.warned", "first", "lead")],
        [("clock.breached", "first", None), ("ticket.escalated", "first", "lead")],
        [("ticket.escalated", "first", "head")],
    ]


def test_a_breach_makes_the_case_urgent_and_says_when_it_was_found(shop, travel):
    ref = opened(shop)
    tick_at(shop, travel, SATURDAY + minutes(30) + timedelta(seconds=1))
    late = clock(shop, ref.ticket_id)
    assert late.breached_at - late.due_at == timedelta(seconds=1)
    with shop.sessions() as session:
        assert session.get_one(Ticket, ref.ticket_id).priority == "urgent"


def test_what_is_told_once_is_not_told_again(shop, travel):
    opened(shop)
    assert [len(heard) for heard in tick_at(shop, travel, *[SATURDAY + minutes(16)] * 3)] == [1, 0, 0]


def test_after_the_ticker_was_away_only_the_breach_is_told(shop, travel):
    opened(shop)
    assert tick_at(shop, travel, SATURDAY + minutes(45)) == [
        [("clock.breached", "first", None), ("ticket.escalated", "first", "lead")]
    ]


def test_many_breaches_at_once_cost_statements_by_the_batch_and_wait_for_no_customer(shop, travel, monkeypatch):
    """What each of the customers is to hear takes longer to find out, and comes after."""
    monkeypatch.setattr(ticker, "PATIENCE", 60.0)  # however slow this machine is
    for _ in range(120):
        opened(shop)
    travel.move_to(SATURDAY + minutes(30))
    asked = []
    event.listen(shop.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    ticker.tick(shop)
    with shop.sessions() as session:
        late = session.scalars(select(Clock.id).where(Clock.kind == "first", Clock.breached_at.is_not(None))).all()
    assert (len(late), len(said(shop))) == (120, ticker.FEW)
    assert len(asked) < 2 * len(late)


def test_two_tickers_tell_once(shop, travel):
    for _ in range(12):
        opened(shop)
    travel.move_to(SATURDAY + minutes(31))
    with ThreadPoolExecutor(3) as tickers:
        list(tickers.map(ticker.tick, [shop] * 3))
    assert [kind for kind, *_ in told(shop)].count("clock.breached") == 12


def test_who_is_answered_in_time_is_no_ones_worry(shop, travel):
    case = claimed(shop)
    travel.move_to(SATURDAY + minutes(10))
    replies(shop, case)
    assert tick_at(shop, travel, SATURDAY + minutes(20), SATURDAY + minutes(100)) == [[], []]
    assert clock(shop, case.ticket).stopped_at == SATURDAY + minutes(10)


def test_what_the_customer_waited_counts_from_his_first_words(shop, travel):
    """Ten minutes with the bot came before: the human's clock does not know them, the customer's does."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        first = desk.writes(session, conversation, "在嗎").occurred_at
    travel.move_to(SATURDAY + minutes(10))
    with shop.sessions.begin() as session:
        held = session.get_one(Conversation, conversation.id)
        ref = services.current().wiring.desk.open(session, desk.wish_for_a_person(held))
    assert clock(shop, ref.ticket_id, "customer").started_at == first
    assert clock(shop, ref.ticket_id, "first").started_at == SATURDAY + minutes(10)


def test_a_customer_who_writes_again_is_to_be_answered_again_in_time(shop, travel):
    case = claimed(shop)
    replies(shop, case)
    travel.move_to(SATURDAY + minutes(50))
    customer_writes(shop, case)
    customer_writes(shop, case, "還有照片")
    due = clock(shop, case.ticket, "next")
    assert due.due_at == SATURDAY + minutes(80), "counted from the first that nobody answered"
    assert tick_at(shop, travel, SATURDAY + minutes(80))[0][0] == ("clock.breached", "next", None)


def test_time_in_which_we_wait_for_the_customer_is_not_ours(shop, travel):
    case = claimed(shop)
    due = clock(shop, case.ticket, "resolution").due_at
    replies(shop, case)
    assert clock(shop, case.ticket, "resolution").state == "paused"
    travel.move_to(SATURDAY + timedelta(hours=3))
    customer_writes(shop, case)
    resumed = clock(shop, case.ticket, "resolution")
    assert (resumed.state, resumed.due_at - due) == ("running", timedelta(hours=3))
    with shop.sessions() as session:
        assert session.get_one(Ticket, case.ticket).resolution_due_at == resumed.due_at


def test_a_case_that_is_solved_runs_no_clock(shop, travel):
    case = claimed(shop)
    replies(shop, case)
    with shop.sessions.begin() as session:
        lead = desk.staff(session, "陳主管", "supervisor")
        tickets.resolve(session, case.ticket, lead.id, 1000)
    with shop.sessions() as session:
        states = set(session.scalars(select(Clock.state).where(Clock.ticket_id == case.ticket)))
    assert states == {"stopped"}


def test_a_case_that_comes_back_has_what_was_left_of_its_time(shop, travel):
    case = claimed(shop)
    travel.move_to(SATURDAY + minutes(60))
    with shop.sessions.begin() as session:
        lead = desk.staff(session, "陳主管", "supervisor")
        tickets.resolve(session, case.ticket, lead.id, 1000)
    before = clock(shop, case.ticket, "resolution")
    travel.move_to(SATURDAY + minutes(60 + 90))
    customer_writes(shop, case, "又壞了")
    after = clock(shop, case.ticket, "resolution")
    assert after.due_at - before.due_at == minutes(90)
    assert clock(shop, case.ticket, "next").stopped_at is None


def test_an_injury_that_is_learned_of_later_is_due_in_a_quarter_of_an_hour(shop, travel):
    ref = opened(shop, level="L3")
    travel.move_to(SATURDAY + minutes(5))
    with shop.sessions.begin() as session:
        ticket = session.get_one(Ticket, ref.ticket_id)
        ticket.level = "L1"
        clocks.raised(session, ticket)
    assert clock(shop, ref.ticket_id).due_at == SATURDAY + minutes(20)
    with shop.sessions() as session:
        ticket = session.get_one(Ticket, ref.ticket_id)
        assert ticket.first_response_due_at == SATURDAY + minutes(20)
        assert ticket.resolution_due_at == SATURDAY + minutes(5 + 120)


def test_who_hears_that_it_is_urgent_hears_of_the_time_that_counts_now(shop, travel):
    case = claimed(shop)
    with shop.sessions.begin() as session:
        ticket = session.get_one(Ticket, case.ticket)
        tickets.grade(session, case.ticket, desk.staff(session, "周二線", "specialist").id, level="L1")
        assert clocks.reminder(session, ticket).endswith("最晚今天 14 點 15 分前會有人回覆您。")
    assert said(shop) == [f"您的案件（{ticket.number}）已改為優先處理，最晚今天 14 點 15 分前會有人回覆您。"]


def test_who_has_his_answer_hears_nothing_of_it(shop, travel):
    case = claimed(shop)
    replies(shop, case)
    with shop.sessions.begin() as session:
        tickets.grade(session, case.ticket, case.agent, level="L1")
    assert len(said(shop)) == 1


def test_a_case_that_rests_and_is_raised_rests_on_and_has_less_time(shop, travel):
    case = claimed(shop)
    replies(shop, case)
    with shop.sessions.begin() as session:
        tickets.grade(session, case.ticket, case.agent, level="L1")
    rests = clock(shop, case.ticket, "resolution")
    assert (rests.state, rests.next_at, rests.target) == ("paused", None, 2 * 3600)
    assert clock(shop, case.ticket, "untouched").target == 3600
    travel.move_to(SATURDAY + minutes(300))
    ticker.tick(shop)
    assert told(shop) == [("ticket.escalated", "urgent", "lead")], "nothing is late while he is asked"


def test_who_writes_from_another_channel_hears_there_that_it_takes_longer(shop, travel):
    case = claimed(shop)
    with shop.sessions.begin() as session:
        elsewhere = desk.customer(session)
        ticket = session.get_one(Ticket, case.ticket)
        elsewhere.contact_id, elsewhere.last_customer_at = ticket.contact_id, SATURDAY + minutes(1)
        session.add(CaseThread(ticket_id=ticket.id, conversation_id=elsewhere.id))
    tick_at(shop, travel, SATURDAY + minutes(30))
    with shop.sessions() as session:
        assert session.scalars(select(OutboxRow.conversation_id)).all() == [elsewhere.id]


def test_a_case_that_nobody_works_on_is_the_leads_worry(shop, travel):
    """Claimed and answered by phone, say; a note is work, and from there it counts anew."""
    monday = datetime(2026, 11, 23, 9, 0, tzinfo=TAIPEI)
    travel.move_to(monday)
    case = claimed(shop)
    travel.move_to(monday + timedelta(hours=7))
    with shop.sessions.begin() as session:
        tickets.note(session, case.ticket, case.agent, "已請倉庫查詢")
    tick_at(shop, travel, monday + timedelta(hours=8))
    assert [entry for entry in told(shop) if "untouched" in entry] == []
    tick_at(shop, travel, monday + timedelta(days=1, hours=2, minutes=59), monday + timedelta(days=1, hours=3))
    assert [entry for entry in told(shop) if "untouched" in entry] == [
        ("clock.breached", "untouched", None),
        ("ticket.escalated", "untouched", "lead"),
    ]


def test_to_look_at_a_case_or_to_work_on_another_beside_it_is_no_work_on_it(shop, travel):
    monday = datetime(2026, 11, 23, 9, 0, tzinfo=TAIPEI)
    travel.move_to(monday)
    case = claimed(shop)
    travel.move_to(monday + timedelta(hours=1))
    with shop.sessions.begin() as session:
        side = tickets.split(session, case.ticket, case.agent, "另外問發票", shop.settings.zone).id
    travel.move_to(monday + timedelta(hours=8))
    with shop.sessions.begin() as session:
        tickets.saw(session, case.ticket, case.agent, case.seen)
        tickets.note(session, side, case.agent, "已請帳務查詢")
    tick_at(shop, travel, monday + timedelta(hours=9))
    with shop.sessions() as session:
        escalated = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.escalated")).all()
        assert [e.data["ticket_id"] for e in escalated if e.data["why"] == "untouched"] == [case.ticket]


def test_a_clock_that_cannot_be_told_of_stops_no_other(shop, travel, monkeypatch):
    broken, sound = opened(shop), opened(shop)

    def climb(session, one, genuine=clocks.climb):
        if one.ticket_id == broken.ticket_id:
            raise RuntimeError("no such calendar")
        return genuine(session, one)

    monkeypatch.setattr(clocks, "climb", climb)
    tick_at(shop, travel, SATURDAY + minutes(30))
    monkeypatch.undo()
    assert clock(shop, sound.ticket_id).breached_at is not None
    assert clock(shop, broken.ticket_id).breached_at is None
    tick_at(shop, travel, SATURDAY + minutes(31))
    assert clock(shop, broken.ticket_id).breached_at == SATURDAY + minutes(31)


def test_at_three_in_the_morning_an_injury_is_due_in_a_quarter_of_an_hour(shop, travel):
    night = datetime(2026, 11, 22, 3, 0, tzinfo=TAIPEI)
    travel.move_to(night)
    ref = opened(shop, level="L1", category="safety_incident")
    assert "15 分鐘內會有人回覆您" in ref.promise
    heard = tick_at(shop, travel, night + minutes(7.5), night + minutes(12), night + minutes(15))
    assert [entry for step in heard for entry in step] == [
        ("clock.warned", "first", "agent"),
        ("clock.warned", "first", "lead"),
        ("clock.breached", "first", None),
        ("ticket.escalated", "first", "lead"),
    ]


def test_who_wrote_at_night_hears_nothing_more_until_the_morning_has_had_its_time(shop, travel):
    """The queue of the morning is not late when we open, and no customer is told sorry at nine sharp, or at night."""
    travel.move_to(datetime(2026, 11, 21, 23, 0, tzinfo=TAIPEI))
    ref = opened(shop)
    morning = datetime(2026, 11, 22, 9, 0, tzinfo=TAIPEI)
    night = [morning - timedelta(hours=hours) for hours in range(9, 0, -1)]
    assert tick_at(shop, travel, *night, morning, morning + minutes(14)) == [[]] * 11
    assert (said(shop), clock(shop, ref.ticket_id).breached_at) == ([], None)
    tick_at(shop, travel, morning + minutes(30))
    assert clock(shop, ref.ticket_id).breached_at == morning + minutes(30)
    assert said(shop) == [f"抱歉讓您久等，您的案件（{ref.number}）還在處理中，預計今天 10 點 30 分前會有人回覆您。"]


def test_a_case_keeps_the_rules_that_it_was_opened_under(shop, travel):
    ref = opened(shop)
    with shop.sessions.begin() as session:
        text = SHIPPED.read_text("utf-8").replace("{at: 50, to: agent}", "{at: 40, to: agent}")
        versions.publish(session, text, None)
    later = opened(shop)
    heard = tick_at(shop, travel, SATURDAY + minutes(12), SATURDAY + minutes(15))
    assert [len(step) for step in heard] == [1, 1]
    assert (clock(shop, ref.ticket_id).rules, clock(shop, later.ticket_id).rules) == (0, 1)


def said(shop):
    with shop.sessions() as session:
        return [row.body["text"] for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]


def test_who_waits_longer_than_we_said_hears_a_new_time_and_not_often(shop, travel):
    ref = opened(shop)
    tick_at(shop, travel, *[SATURDAY + minutes(step) for step in range(1, 8 * 60)])
    assert said(shop) == [
        f"抱歉讓您久等，您的案件（{ref.number}）還在處理中，預計今天 15 點 30 分前會有人回覆您。",
        f"抱歉讓您久等，您的案件（{ref.number}）還在處理中，預計今天 17 點 30 分前會有人回覆您。",
        f"抱歉讓您久等，您的案件（{ref.number}）還在處理中，預計次日 9 點 30 分前會有人回覆您。",
    ]


def test_who_wrote_english_is_told_in_english(shop, travel):
    opened(shop, language="en", summary="I want to talk to a person")
    tick_at(shop, travel, SATURDAY + minutes(30))
    assert [words.partition(".")[0] for words in said(shop)] == ["Sorry to keep you waiting"]


def number(shop, case):
    with shop.sessions() as session:
        return session.get_one(Ticket, case.ticket).number


def test_who_waits_too_long_for_his_next_answer_hears_a_new_time_as_well(shop, travel):
    case = claimed(shop)
    replies(shop, case)
    customer_writes(shop, case)
    tick_at(shop, travel, *[SATURDAY + minutes(step) for step in range(1, 60)])
    assert said(shop)[1:] == [
        f"抱歉讓您久等，您的案件（{number(shop, case)}）還在處理中，預計今天 15 點 30 分前會有人回覆您。"
    ]
    replies(shop, case, key="again")
    tick_at(shop, travel, SATURDAY + minutes(300))
    assert len(said(shop)) == 3


def test_what_is_said_of_a_next_answer_knows_how_long_those_take_now(shop, travel):
    """Six customers waited forty minutes for their second answers; who asks whether anybody is there hears of it."""
    cases = [claimed(shop) for _ in range(7)]
    for case in cases:
        replies(shop, case, key=f"first {case.ticket}")
    for case in cases[:-1]:
        customer_writes(shop, case)
    travel.move_to(SATURDAY + minutes(40))
    for case in cases[:-1]:
        replies(shop, case, key=f"second {case.ticket}")
    with shop.sessions.begin() as session:
        message = desk.writes(session, session.get_one(Conversation, cases[-1].conversation), "有人在嗎？")
        ref = services.current().wiring.desk.customer_wrote(session, cases[-1].conversation, message.id)
    assert "最晚今天 15 點 20 分前會有人回覆您" in ref.promise
    assert clock(shop, cases[-1].ticket, "next").due_at == SATURDAY + minutes(70), "what we owe stays what it was"


def test_who_has_his_answer_hears_of_no_new_time(shop, travel):
    case = claimed(shop)
    replies(shop, case)
    tick_at(shop, travel, SATURDAY + minutes(31), SATURDAY + minutes(120))
    assert len(said(shop)) == 1


def test_on_a_slow_day_the_promise_says_so(shop, travel):
    """Six customers waited forty minutes for their answers; the seventh hears of it."""
    cases = [claimed(shop) for _ in range(6)]
    travel.move_to(SATURDAY + minutes(40))
    for case in cases:
        replies(shop, case, key=str(case.ticket))
    ref = opened(shop)
    assert "現在詢問的人比較多，大約 40 分鐘內會有人回覆您" in ref.promise
    assert ref.due_at == SATURDAY + minutes(70), "what we owe stays what it was"
    assert clock(shop, ref.ticket_id, "told").due_at == SATURDAY + minutes(80)


def test_the_promise_names_a_second_way_to_reach_somebody(shop, travel):
    assert opened(shop).promise.endswith("急事也可以用這個方式找到我們：02-1234-5678。")


def test_the_journal_tells_of_a_clock_what_colleagues_must_know(shop, travel):
    ref = opened(shop)
    tick_at(shop, travel, SATURDAY + minutes(15))
    with shop.sessions() as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "clock.warned")).one()
    assert json.loads(json.dumps(entry.data)) == {
        "ticket_id": ref.ticket_id,
        "version": 1,
        "clock": "first",
        "percent": 50,
        "to": "agent",
        "due_at": (SATURDAY + minutes(30)).astimezone(UTC).isoformat(),
    }


def to_a_team(session, case):
    session.add(Team(key="billing", name="帳務"))
    session.flush()
    tickets.to_team(session, case.ticket, case.agent, "billing", "要查帳")


def owner_leaves(session, case):
    assignment.requeue(session, session.get_one(Ticket, case.ticket), "owner_gone")


def ask_the_warehouse(session, case):
    contact = desk.staff(session, "倉儲窗口", "editor").id
    tickets.ask_department(session, case.ticket, case.agent, "倉儲", contact, "查包裹")
    return contact


@pytest.mark.parametrize("passed_on", [to_a_team, owner_leaves, ask_the_warehouse])
def test_a_waiting_case_that_is_passed_on_is_ours_again(shop, travel, passed_on):
    case = claimed(shop)
    due = clock(shop, case.ticket, "resolution").due_at
    replies(shop, case)
    assert clock(shop, case.ticket, "resolution").state == "paused"
    travel.move_to(SATURDAY + minutes(60))
    with shop.sessions.begin() as session:
        passed_on(session, case)
    for kind in ("resolution", "untouched"):
        assert clock(shop, case.ticket, kind).state == "running"
    with shop.sessions() as session:
        assert session.get_one(Ticket, case.ticket).resolution_due_at == due + minutes(60)


def test_what_a_department_answers_is_ours_to_tell(shop, travel):
    case = claimed(shop)
    with shop.sessions.begin() as session:
        contact = ask_the_warehouse(session, case)
    replies(shop, case)
    with shop.sessions.begin() as session:
        tickets.department_done(session, case.ticket, contact)
    assert clock(shop, case.ticket, "resolution").state == "running"


def test_a_silence_that_does_not_solve_a_complaint_is_ours_again(shop, travel):
    case = claimed(shop)
    with shop.sessions.begin() as session:
        tickets.propose(session, case.ticket, case.agent, case.seen)
        complaints.begin(session, session.get_one(Ticket, case.ticket))  # and it lacks an investigation
        desk.arrives(session)
    travel.move_to(SATURDAY + timedelta(hours=73))
    ticker.tick(shop)
    assert clock(shop, case.ticket, "resolution").state == "running"
    with shop.sessions() as session:
        assert session.get_one(Ticket, case.ticket).state == "open"


class TestDepartmentThatDoesNotAccept:
    LATER = SATURDAY + timedelta(days=3)  # two hours of working time are over

    def asked(self, shop, **heads):
        """A case of which the warehouse was asked; the teams of these names have these heads."""
        case = claimed(shop)
        with shop.sessions.begin() as session:
            for name, head in heads.items():
                session.add(Team(key=name, name=TEAMS[name], head_id=desk.staff(session, head, "supervisor").id))
            contact = ask_the_warehouse(session, case)
        return case, contact

    def missed(self, shop, travel, case):
        """Who has the case when the two hours are over, and whom the journal says to tell."""
        travel.move_to(self.LATER)
        ticker.tick(shop)
        with shop.sessions() as session:
            owner = session.get_one(Ticket, case.ticket).assignee.name
        return owner, [to for kind, why, to in told(shop) if why == "department_missed"]

    def test_its_own_head_gets_the_case(self, shop, travel):
        case, _ = self.asked(shop, service="陳主管", warehouse="倉儲主管")
        assert self.missed(shop, travel, case) == ("倉儲主管", ["head"])

    def test_else_the_head_of_the_cases_team(self, shop, travel):
        case, _ = self.asked(shop, service="陳主管")
        assert self.missed(shop, travel, case) == ("陳主管", ["head"])

    def test_where_nobody_heads_it_somebody_hears_of_it(self, shop, travel):
        case, _ = self.asked(shop)
        assert self.missed(shop, travel, case) == ("劉思妤", ["head"])

    def test_also_when_the_customer_wrote_meanwhile(self, shop, travel):
        case, _ = self.asked(shop, service="陳主管")
        customer_writes(shop, case)
        assert self.missed(shop, travel, case) == ("陳主管", ["head"])

    def test_one_that_accepts_does_not_speak_for_another(self, shop, travel):
        case, contact = self.asked(shop, service="陳主管")
        with shop.sessions.begin() as session:
            ask_the_warehouse(session, case)
            tickets.accept_for_department(session, case.ticket, contact)
        assert self.missed(shop, travel, case) == ("陳主管", ["head"])

    def test_each_department_has_its_own_time_and_each_is_passed_over_once(self, shop, travel):
        case, _ = self.asked(shop, service="陳主管", warehouse="倉儲主管")
        travel.move_to(SATURDAY + minutes(60))
        with shop.sessions.begin() as session:
            second = desk.staff(session, "財務窗口", "department").id
            tickets.ask_department(session, case.ticket, case.agent, "財務", second, "查退款")
        heads = []
        for moment in (119, 120, 179, 180):
            travel.move_to(SATURDAY + minutes(moment))
            ticker.tick(shop)
            with shop.sessions() as session:
                heads.append(session.get_one(Ticket, case.ticket).assignee.name)
        assert heads == ["劉思妤", "倉儲主管", "倉儲主管", "陳主管"]

    def test_the_first_that_accepts_stops_only_its_own_time(self, shop, travel):
        case, first = self.asked(shop, service="陳主管")
        travel.move_to(SATURDAY + minutes(60))
        with shop.sessions.begin() as session:
            second = desk.staff(session, "財務窗口", "department").id
            tickets.ask_department(session, case.ticket, case.agent, "財務", second, "查退款")
            tickets.accept_for_department(session, case.ticket, first)
        with shop.sessions() as session:
            found = session.scalars(select(Clock).where(Clock.kind == "department").order_by(Clock.subject)).all()
            assert [(one.state, one.due_at) for one in found] == [
                ("stopped", SATURDAY + minutes(120)),
                ("running", SATURDAY + minutes(180)),
            ]

    def test_nobody_is_given_a_case_as_head_who_may_have_none(self, shop, travel):
        case, _ = self.asked(shop, service="陳主管")
        with shop.sessions.begin() as session:
            editor = desk.staff(session, "許編輯", "editor").id
            session.add(Team(key="warehouse", name=TEAMS["warehouse"], head_id=editor))
        assert self.missed(shop, travel, case) == ("陳主管", ["head"])

    def test_nobody_is_troubled_when_it_accepted(self, shop, travel):
        case, contact = self.asked(shop, service="陳主管")
        with shop.sessions.begin() as session:
            tickets.accept_for_department(session, case.ticket, contact)
        assert self.missed(shop, travel, case) == ("劉思妤", [])

    def merged(self, shop, case, accepts=False):
        """The case of which the warehouse was asked goes on in another, an hour later."""
        with shop.sessions.begin() as session:
            if accepts:
                tickets.accept_for_department(session, case.ticket, accepts)
            second = tickets.split(session, case.ticket, case.agent, "同一件事", shop.settings.zone)
            lead = desk.staff(session, "林佩蓉", "supervisor").id
            tickets.merge(session, case.ticket, lead, second.number)
            return replace(case, ticket=second.id)

    def test_in_a_case_that_was_merged_it_has_what_was_left_of_its_time(self, shop, travel):
        case, _ = self.asked(shop, service="陳主管")
        due = clock(shop, case.ticket, "department").due_at
        travel.move_to(SATURDAY + minutes(60))
        into = self.merged(shop, case)
        assert clock(shop, into.ticket, "department").due_at == due
        assert clock(shop, case.ticket, "department").state == "stopped"
        assert self.missed(shop, travel, into) == ("陳主管", ["head"])

    def test_who_had_accepted_has_accepted_the_one_it_was_merged_into(self, shop, travel):
        case, contact = self.asked(shop, service="陳主管")
        into = self.merged(shop, case, accepts=contact)
        assert self.missed(shop, travel, into) == ("劉思妤", [])
