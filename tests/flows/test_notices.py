"""Who must act is told, can be shown to have been told, and somebody else is when that does not work."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select
from standardwebhooks import Webhook

from bot import cli, services
from bot.auth import accounts
from bot.cli import stale
from bot.cli.root import Root
from bot.models import Conversation, JournalEntry, User
from bot.services import Services
from handoff import ticker, tickets
from handoff.commands import hook
from handoff.commands import notices as notice_commands
from handoff.models import Delivery, Member, Notice, NoticeChoice, PushSubscription, Team, Ticket
from handoff.notify import backup, bell, digest, lanes, media, post, reading, telling
from handoff.tickets import records
from tests import desk
from tests.desk import Case
from tests.fakes import FakeLine
from tests.notices import Browser, Endpoint, Mailbox, is_signed_by
from tests.trouble import in_the_same_moment

AFTERNOON = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # 14:00 in Taipei
LATE = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)  # 23:00
MORNING = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)  # 08:30 of the next day


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AFTERNOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def room() -> Iterator[Endpoint]:
    endpoint = Endpoint(status=200).start()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def group() -> Iterator[FakeLine]:
    line = FakeLine().start()
    yield line
    line.stop()


@pytest.fixture
def shop(
    tmp_path: Any,
    postgres: str | None,
    clock: time_machine.Traveller,
    mailbox: Mailbox,
    room: Endpoint,
    group: FakeLine,
) -> Iterator[Services]:
    choices = {
        "smtp_url": mailbox.url,
        "mail_from": "鮮好客服 <desk@shop.example>",
        "chat_urls": f"json://127.0.0.1:{room.port}/room",
        "line_group_id": "Cgroup",
        "own_networks": "127.0.0.0/8",
        "public_url": "https://desk.shop.example",
    }
    with desk.shop(tmp_path, postgres, **choices) as shop:
        shop.wiring.channels["line"] = desk.line_at(group.url)
        reading.look(shop)  # from here on
        yield shop


@pytest.fixture
def case(shop: Services) -> Case:
    with shop.sessions() as session:
        case = desk.claimed_case(session)
        lead = desk.staff(session, "林佩蓉", "supervisor")
        team = Team(key="service", name="客服", head_id=desk.staff(session, "系統管理", "admin").id)
        session.add(team)
        session.flush()
        session.add_all(
            [Member(team_id=team.id, user_id=case.agent), Member(team_id=team.id, user_id=lead.id, lead=True)]
        )
        session.add_all([NoticeChoice(user_id=case.agent, email="agent@shop.example")])
        session.add_all([NoticeChoice(user_id=lead.id, email="lead@shop.example")])
        session.commit()
    reading.look(shop)
    return case


@pytest.fixture
def phone(shop: Services, case: Case, pushes: Endpoint) -> Browser:
    """The agent's."""
    phone = Browser(f"{pushes.url}/push/1")
    with shop.sessions.begin() as session:
        session.add(PushSubscription(user_id=case.agent, endpoint=phone.endpoint, **phone.keys))
    return phone


def happens(shop: Services, case: Case, kind: str, level: str = "", **data: Any) -> None:
    """Something of which staff are told, as the journal has it; and the ticker's look at the journal."""
    with shop.sessions.begin() as session:
        ticket = session.get_one(Ticket, case.ticket)
        ticket.level = level or ticket.level
        records.tell(session, ticket, kind, **data)
    reading.look(shop)


def calls(shop: Services) -> None:
    """The ticker makes the calls that are due, and those are over."""
    lanes.dispatch(shop)
    _until(lambda: not lanes.at_work())


def _until(met: Callable[[], bool]) -> None:
    ends = time.perf_counter() + 15  # the wall clock stands still
    while not met():
        assert time.perf_counter() < ends
        threading.Event().wait(0.01)


def told(shop: Services, *words: str) -> list[dict[str, Any]]:
    """What `frontline notices list --json` answers to whoever audits, oldest first."""
    root = Root(lambda _: None, lambda _: None, lambda _: services.current())
    answer = CliRunner().invoke(cli.main_group(root, notice_commands), ["notices", "list", "--json", *words])
    rows: list[dict[str, Any]] = json.loads(answer.stdout)
    return rows[::-1]


def ways(row: dict[str, Any]) -> dict[str, str]:
    return {way["medium"]: way["state"] for way in row["deliveries"]}


def test_a_breach_is_told_by_two_media_while_one_of_them_is_down(shop, case, phone, mailbox, pushes, clock):
    mailbox.stop()
    happens(shop, case, "clock.breached", clock="first", due_at=AFTERNOON.isoformat())
    calls(shop)
    path, headers, body = pushes.taken[0]
    assert path == "/push/1"
    assert is_signed_by(headers, media.push(shop).public_key, pushes.url)
    assert phone.reads(body)["title"] == "[L2] CS-261121-0001 案件已逾時"
    agent, lead = told(shop)
    assert ways(agent) == {"inapp": "sent", "webpush": "sent", "email": "queued"}
    assert ways(lead) == {"inapp": "sent", "email": "queued"}

    mailbox.start()
    clock.shift(10)
    calls(shop)
    assert sorted(str(mail["To"]) for mail in mailbox.mails) == ["agent@shop.example", "lead@shop.example"]
    assert set(mailbox.subjects) == {"[L2] CS-261121-0001 案件已逾時"}
    assert "https://desk.shop.example/console/cases/CS-261121-0001" in mailbox.mails[0].get_content()
    assert ways(told(shop)[0]) == {"inapp": "sent", "webpush": "sent", "email": "sent"}
    assert [way["attempts"] for way in told(shop)[0]["deliveries"]] == [0, 1, 2]


def reads(shop: Services, user: int, language: str) -> None:
    with shop.sessions.begin() as session:
        accounts.speak(session, user, language)


def mail_to(mailbox: Mailbox, address: str) -> EmailMessage:
    (mail,) = (mail for mail in mailbox.mails if mail["To"] == address)
    return mail


def test_each_is_told_in_his_own_language(shop, case, phone, mailbox, pushes, room):
    reads(shop, case.agent, "en")
    happens(shop, case, "clock.breached", level="L1", clock="first", due_at=AFTERNOON.isoformat())
    calls(shop)
    hers, the_leads = (mail_to(mailbox, f"{name}@shop.example") for name in ("agent", "lead"))
    assert hers["Subject"] == "[L1] CS-261121-0001 A case is late"
    assert "Due 11/21 14:00 First reply" in hers.get_content()
    assert the_leads["Subject"] == "[L1] CS-261121-0001 案件已逾時"
    assert "期限 11/21 14:00 首次回覆" in the_leads.get_content()
    assert phone.reads(pushes.taken[0][2])["title"] == "[L1] CS-261121-0001 A case is late"
    ((_, _, body),) = room.taken
    assert json.loads(body)["title"] == "[L1] CS-261121-0001 案件已逾時"  # several read it


def test_who_stands_in_for_an_unread_notice_reads_why_in_his_language(shop, case, mailbox, clock):
    with shop.sessions() as session:
        lead = session.scalars(select(User.id).where(User.name == "林佩蓉")).one()
    reads(shop, lead, "en")
    happens(shop, case, "ticket.assigned", to_user=case.agent)
    clock.shift(timedelta(minutes=11))
    backup.call(shop)
    calls(shop)
    mail = mail_to(mailbox, "lead@shop.example")
    assert mail["Subject"] == "[L2] CS-261121-0001 A case was given to you"
    assert "Whoever this went to first has not seen it" in mail.get_content()
    assert "案件指派給你" in mail_to(mailbox, "agent@shop.example")["Subject"]


def test_who_is_no_longer_reached_by_push_gets_mail_instead(shop, case, phone, mailbox, pushes):
    pushes.answers.append(410)
    happens(shop, case, "ticket.customer_wrote")
    calls(shop)
    calls(shop)
    (row,) = told(shop)
    assert [(way["medium"], way["state"], way["why"]) for way in row["deliveries"]] == [
        ("inapp", "sent", ""),
        ("webpush", "failed", ""),
        ("email", "sent", "fallback"),
    ]
    happens(shop, case, "ticket.undelivered")
    calls(shop)
    assert len(mailbox.mails) == 2  # the browser that is gone is not tried again
    assert pushes.taken == []


def test_where_no_medium_works_the_backup_is_told_at_once(shop, case, mailbox, clock):
    mailbox.answers.append("550 no such mailbox")
    happens(shop, case, "ticket.undelivered")
    calls(shop)
    backup.call(shop)
    calls(shop)
    assert [row["to"] for row in told(shop)] == [username(shop, "劉思妤"), username(shop, "林佩蓉")]
    assert [str(mail["To"]) for mail in mailbox.mails] == ["lead@shop.example"]


def username(shop: Services, name: str) -> str:
    with shop.sessions() as session:
        return session.scalars(select(User.username).where(User.name == name)).one()


def test_a_sender_that_is_killed_loses_nothing_and_what_it_sent_is_recognised(shop, case, mailbox, clock):
    happens(shop, case, "ticket.undelivered")
    (killed,) = post.claim(shop, "email", 10)
    media.notifier(shop, "email").send(killed.letter, killed.address)  # and then it dies
    calls(shop)
    assert len(mailbox.mails) == 1  # for as long as the call may last nobody else makes it
    clock.shift(21)
    calls(shop)
    assert ways(told(shop)[0])["email"] == "sent"
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1
    post.send(shop, killed)  # it was only slow: its outcome changes nothing any more
    assert told(shop)[0]["deliveries"][1]["attempts"] == 2


def test_a_push_to_the_group_whose_sender_is_killed_arrives_once(shop, case, group, clock):
    happens(shop, case, "clock.breached", level="L1")
    (killed,) = post.claim(shop, "line_group", 10)
    media.notifier(shop, "line_group").send(killed.letter, killed.address)
    clock.shift(21)
    calls(shop)
    assert len(group.sends()) == 2
    assert len(group.said) == 1


def test_two_tickers_tell_once(shop, case, mailbox):
    happens(shop, case, "ticket.undelivered")
    reading.look(shop)
    reading.look(shop)
    assert len(told(shop)) == 1


def test_what_commits_late_under_a_lower_id_is_told_all_the_same(shop, case, clock):
    for id_, kind in ((2000, "clock.warned"), (1999, "ticket.undelivered")):
        with shop.sessions.begin() as session:
            session.add(JournalEntry(id=id_, kind=kind, data={"ticket_id": case.ticket, "to": "agent"}, at=AFTERNOON))
        clock.shift(4)
        reading.look(shop)
    clock.shift(60)
    reading.look(shop)
    assert [row["about"] for row in told(shop)] == ["clock.warned", "ticket.undelivered"]


def test_unread_for_ten_minutes_goes_to_the_lead_and_then_to_the_head(shop, case, clock):
    happens(shop, case, "ticket.customer_wrote")
    clock.shift(timedelta(minutes=9))
    backup.call(shop)
    assert len(told(shop)) == 1
    clock.shift(timedelta(minutes=2))
    backup.call(shop)
    clock.shift(timedelta(minutes=11))
    backup.call(shop)
    first, second, third = told(shop)
    assert [row["to"] for row in (first, second, third)] == [
        username(shop, name) for name in ("劉思妤", "林佩蓉", "系統管理")
    ]
    assert (second["backup_for"], third["backup_for"]) == (first["id"], second["id"])


def test_an_urgent_case_waits_a_third_of_that(shop, case, clock):
    happens(shop, case, "ticket.customer_wrote", level="L1")
    clock.shift(timedelta(minutes=4))
    backup.call(shop)
    assert len(told(shop)) == 2


def test_who_has_seen_it_is_not_reported(shop, case, clock):
    happens(shop, case, "ticket.customer_wrote")
    with shop.sessions.begin() as session:
        assert bell.count(session, case.agent) == 1
        bell.see(session, case.agent, case.ticket)
        assert bell.count(session, case.agent) == 0
    clock.shift(timedelta(minutes=30))
    backup.call(shop)
    assert [row["seen_at"] for row in told(shop)] == [AFTERNOON.isoformat()]


def test_who_answers_the_customer_has_seen_what_was_told_of_the_case(shop, case):
    happens(shop, case, "ticket.customer_wrote")
    with shop.sessions.begin() as session:
        tickets.note(session, case.ticket, case.agent, "我來處理")
    reading.look(shop)
    assert told(shop)[0]["seen_at"]


def test_five_messages_ring_once_and_a_breach_rings_again(shop, case, phone, pushes):
    for _ in range(5):
        happens(shop, case, "ticket.customer_wrote")
    calls(shop)
    assert len(pushes.taken) == 1
    assert [ways(row)["webpush"] for row in told(shop)] == ["sent", *["collapsed"] * 4]
    happens(shop, case, "clock.breached")
    calls(shop)
    assert [phone.reads(body)["title"][-5:] for _, _, body in pushes.taken] == ["顧客又寫來了"[-5:], "案件已逾時"]
    with shop.sessions() as session:
        (ring,) = bell.rings(session, case.agent)
    assert (ring.notice.kind, ring.unseen) == ("clock.breached", 6)


def test_an_old_alarm_that_nobody_read_makes_no_later_message_ring_twice(shop, case, phone, pushes, clock):
    happens(shop, case, "clock.breached")
    clock.shift(timedelta(minutes=5))
    happens(shop, case, "ticket.customer_wrote")
    clock.shift(timedelta(minutes=6))
    for _ in range(3):
        happens(shop, case, "ticket.customer_wrote")
    mine = [row for row in told(shop) if row["to"] == username(shop, "劉思妤")]
    assert [ways(row)["webpush"] for row in mine] == ["queued", "collapsed", "queued", "collapsed", "collapsed"]


def test_in_quiet_hours_only_what_is_urgent_gets_through(shop, case, mailbox, clock):
    with shop.sessions.begin() as session:
        session.get_one(NoticeChoice, case.agent).quiet = "22:00-08:00"
    clock.move_to(LATE)
    happens(shop, case, "ticket.customer_wrote")
    calls(shop)
    assert mailbox.mails == []
    happens(shop, case, "clock.breached", level="L1")
    calls(shop)
    assert sorted(str(mail["To"]) for mail in mailbox.mails) == ["agent@shop.example", "lead@shop.example"]
    clock.move_to(MORNING)
    calls(shop)
    assert mailbox.subjects[2:] == ["[L2] CS-261121-0001 顧客又寫來了"]


def test_what_waited_for_the_end_of_long_quiet_hours_is_not_too_old_then(shop, case, mailbox, clock):
    with shop.sessions.begin() as session:
        session.get_one(NoticeChoice, case.agent).quiet = "19:00-08:30"
    clock.move_to(LATE - timedelta(hours=4))
    happens(shop, case, "ticket.customer_wrote")
    mailbox.answers.append("451 come back later")
    clock.move_to(MORNING)
    calls(shop)
    assert ways(told(shop)[0])["email"] == "queued"
    clock.shift(10)
    calls(shop)
    assert mailbox.subjects == ["[L2] CS-261121-0001 顧客又寫來了"]


def test_what_was_seen_at_night_does_not_ring_in_the_morning(shop, case, mailbox, clock):
    with shop.sessions.begin() as session:
        session.get_one(NoticeChoice, case.agent).quiet = "22:00-08:00"
    clock.move_to(LATE)
    happens(shop, case, "ticket.customer_wrote")
    with shop.sessions.begin() as session:
        bell.see(session, case.agent)
    clock.move_to(MORNING)
    calls(shop)
    assert mailbox.mails == []
    assert ways(told(shop)[0])["email"] == "cancelled"


def test_the_morning_list_goes_to_the_rooms_once(shop, case, room, group, clock):
    clock.move_to(MORNING - timedelta(minutes=1))
    digest.send(shop)
    calls(shop)
    assert group.said == []
    clock.move_to(MORNING)
    for _ in range(2):
        digest.send(shop)
        calls(shop)
    (text,) = group.said
    assert "【今日應優先處理】1 件\nCS-261121-0001 L2 已逾時 11/21 14:30 首次回覆・劉思妤" in text
    assert [body["message"].splitlines()[0] for body in room.bodies] == ["【今日應優先處理】1 件"]
    assert [row["to"] for row in told(shop)] == ["group"]


def test_the_list_tells_what_is_due_also_a_promise(shop, case, group, clock):
    clock.move_to(MORNING - timedelta(minutes=30))
    with shop.sessions.begin() as session:
        tickets.reply(session, case.ticket, case.agent, "明早回電給您", "click", 1000)
        tickets.promise(session, case.ticket, case.agent, "回電", "顧客", MORNING + timedelta(minutes=90))
    clock.move_to(MORNING)
    digest.send(shop)
    calls(shop)
    assert "【即將逾時】1 件\nCS-261121-0001 L2 期限 11/22 10:00 答應顧客的事・劉思妤" in group.said[0]


def test_the_list_names_who_would_hear_of_nothing(shop, case, group, clock):
    with shop.sessions.begin() as session:
        desk.staff(session, "周志強", "specialist")
        desk.staff(session, "陳美編", "editor")  # is told of articles that are due
        desk.staff(session, "林行銷", "marketing")
    clock.move_to(MORNING)
    digest.send(shop)
    calls(shop)
    (unreached,) = (line for line in group.said[0].splitlines() if line.startswith("【關掉工作台就收不到通知】"))
    assert set(unreached.partition("】")[2].split("、")) == {"周志強", "陳美編", "系統管理"}


def test_a_warning_says_what_is_due(shop, case, mailbox):
    happens(shop, case, "clock.warned", percent=80, clock="next", due_at=AFTERNOON.isoformat(), to="agent")
    calls(shop)
    assert "期限 11/21 14:00 下次回覆" in mailbox.mails[0].get_content()


def test_who_promised_something_hears_of_it_before_it_is_due(shop, case, mailbox, clock):
    with shop.sessions.begin() as session:
        tickets.promise(session, case.ticket, case.agent, "回電", "顧客", AFTERNOON + timedelta(minutes=10))
    clock.shift(timedelta(minutes=8))
    ticker.tick(shop)
    reading.look(shop)
    calls(shop)
    assert [subject for subject in mailbox.subjects if "答應顧客的事快到期了" in subject]


def test_the_list_tells_of_an_overdue_second_answer_and_not_of_who_waits_for_the_customer(shop, case, group, clock):
    with shop.sessions.begin() as session:
        other = desk.claimed_case(session)
        for one in (case, other):
            tickets.reply(session, one.ticket, one.agent, "請問訂單編號？", f"click-{one.ticket}", other.seen)
        message = desk.writes(session, session.get_one(Conversation, other.conversation), "GB1118")
        services.current().wiring.desk.customer_wrote(session, other.conversation, message.id)
    clock.move_to(MORNING + timedelta(days=3))
    digest.send(shop)
    calls(shop)
    (text,) = group.said
    _, title, line = text.splitlines()[:3]
    assert title == "【今日應優先處理】1 件"
    assert line.startswith("CS-261121-0002 L2 已逾時 11/21 ")


def test_a_room_that_is_down_gets_it_later(shop, case, room, clock):
    room.answers.append(503)
    happens(shop, case, "clock.breached", level="L1")
    calls(shop)
    assert room.taken == []
    clock.shift(10)
    calls(shop)
    assert [body["title"] for body in room.bodies] == ["[L1] CS-261121-0001 案件已逾時"]


def test_nobody_is_told_of_what_was_long_ago_by_telephone(shop, case, mailbox, clock):
    with shop.sessions.begin() as session:
        records.tell(session, session.get_one(Ticket, case.ticket), "ticket.undelivered")
    clock.shift(timedelta(hours=2))
    reading.look(shop)
    assert [ways(row) for row in told(shop)] == [{"inapp": "sent"}]


def test_a_restored_shop_calls_nobody_about_what_was_on_its_way(shop, case, mailbox):
    happens(shop, case, "ticket.undelivered")
    stale.lay_aside(shop.sessions, "2026-11-20T00:00:00+00:00")
    reading.look(shop)
    calls(shop)
    assert mailbox.mails == []
    assert ways(told(shop)[0]) == {"inapp": "sent", "email": "cancelled"}


def test_a_room_that_is_dead_is_told_to_the_supervisors_on_the_bell(shop, case, room, clock):
    room.answers += [404] * 3
    happens(shop, case, "clock.breached", level="L1")
    for _ in range(3):
        assert "notice.room_down" not in [row["about"] for row in told(shop)]
        calls(shop)
        reading.look(shop)
        clock.shift(10)
    (row,) = (row for row in told(shop) if row["about"] == "notice.room_down")
    assert (row["to"], ways(row)) == (username(shop, "林佩蓉"), {"inapp": "sent"})


def test_of_a_dead_room_the_supervisors_hear_once_an_hour(shop, case, room, clock):
    room.answers += [404] * 100

    def heard():
        for number in range(2):
            happens(shop, case, "clock.breached", level="L1", clock=f"clock-{number}")
        for _ in range(4):
            calls(shop)
            reading.look(shop)
            clock.shift(10)
        return [row["about"] for row in told(shop)].count("notice.room_down")

    assert heard() == 1
    clock.shift(timedelta(minutes=30))
    assert heard() == 1
    clock.shift(timedelta(minutes=31))
    assert heard() == 2


def test_of_an_injury_the_lead_hears_at_once(shop, case, mailbox):
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "我要找真人")
        services.current().wiring.desk.open(session, desk.wish_for_a_person(conversation, level="L1"))
    reading.look(shop)
    calls(shop)
    assert [(row["about"], row["to"]) for row in told(shop) if row["to"] != "group"] == [
        ("ticket.urgent", username(shop, "林佩蓉"))
    ]
    assert [str(mail["To"]) for mail in mailbox.mails] == ["lead@shop.example"]


def test_the_owner_hears_what_a_department_does_and_its_contact_that_she_may_speak(shop, case):
    with shop.sessions.begin() as session:
        contact = desk.staff(session, "倉儲窗口", "department").id
        tickets.ask_department(session, case.ticket, case.agent, "倉儲", contact, "查包裹")
        tickets.accept_for_department(session, case.ticket, contact)
        tickets.note(session, case.ticket, case.agent, "等倉儲")
        tickets.give_floor(session, case.ticket, case.agent, contact, floor=True)
        tickets.note(session, case.ticket, contact, "包裹在台中")
        tickets.department_done(session, case.ticket, contact)
    reading.look(shop)
    owner, warehouse = username(shop, "劉思妤"), username(shop, "倉儲窗口")
    assert [(row["about"], row["to"]) for row in told(shop)] == [
        ("ticket.department_asked", warehouse),
        ("ticket.department_accepted", owner),
        ("ticket.floor", warehouse),
        ("ticket.noted", owner),
        ("ticket.department_answered", owner),
    ]


def test_who_had_a_case_hears_that_somebody_else_has_it_now(shop, case):
    with shop.sessions.begin() as session:
        lead = session.scalars(select(User.id).where(User.name == "林佩蓉")).one()
        tickets.to_person(session, case.ticket, lead, desk.staff(session, "王志豪").id, "她今天很忙")
    reading.look(shop)
    assert {(row["about"], row["to"]) for row in told(shop)} == {
        ("ticket.assigned", username(shop, "王志豪")),
        ("ticket.taken_away", username(shop, "劉思妤")),
    }


def test_who_gives_her_own_case_away_is_not_told_of_it(shop, case):
    with shop.sessions.begin() as session:
        tickets.to_person(session, case.ticket, case.agent, desk.staff(session, "王志豪").id, "他比較熟")
    reading.look(shop)
    assert [(row["about"], row["to"]) for row in told(shop)] == [("ticket.assigned", username(shop, "王志豪"))]


def test_of_a_notice_that_cannot_be_made_the_supervisors_hear_and_the_others_are_made(shop, case, monkeypatch):
    tell = telling.tell

    def broken(session, current, staff, matter, users):
        if matter.kind == "ticket.customer_wrote":
            raise LookupError("a bug of ours")
        tell(session, current, staff, matter, users)

    monkeypatch.setattr(telling, "tell", broken)
    with shop.sessions.begin() as session:
        ticket = session.get_one(Ticket, case.ticket)
        records.tell(session, ticket, "ticket.customer_wrote")
        records.tell(session, ticket, "ticket.reopened")
    reading.look(shop)
    reading.look(shop)
    assert [(row["about"], row["to"]) for row in told(shop)] == [
        ("ticket.reopened", username(shop, "劉思妤")),
        ("notice.not_made", username(shop, "林佩蓉")),
    ]


def test_the_owner_hears_that_the_customer_does_not_find_it_solved(shop, case):
    with shop.sessions.begin() as session:
        tickets.propose(session, case.ticket, case.agent, case.seen)
        assert desk.tells(session, session.get_one(Conversation, case.conversation), "還沒解決")
    reading.look(shop)
    assert [(row["about"], row["to"]) for row in told(shop)] == [("ticket.proposal_refused", username(shop, "劉思妤"))]


@pytest.fixture
def program() -> Iterator[Endpoint]:
    endpoint = Endpoint(status=204).start()
    yield endpoint
    endpoint.stop()


def operator(*words: str) -> str:
    root = Root(lambda _: None, lambda _: None, lambda _: services.current())
    answer = CliRunner().invoke(cli.main_group(root, hook), ["hook", *words])
    assert answer.exit_code == 0, answer.output
    return answer.stdout.strip()


def test_a_program_is_told_by_signed_webhooks_until_it_wants_no_more(shop, case, program, clock):
    secret = operator("create", f"{program.url}/hook", "--kind", "ticket.claimed", "--kind", "ticket.resolved")
    program.answers.append(500)
    happens(shop, case, "ticket.claimed", user_id=case.agent)
    happens(shop, case, "ticket.replied", user_id=case.agent)
    calls(shop)
    clock.shift(10)
    calls(shop)
    ((path, headers, body),) = program.taken
    told_of = Webhook(secret).verify(body, headers)
    assert (path, told_of["type"], told_of["data"]["number"]) == ("/hook", "ticket.claimed", "CS-261121-0001")
    assert [(row["to"], row["deliveries"][0]["attempts"]) for row in told(shop)] == [("programs", 2)]
    program.answers.append(410)
    happens(shop, case, "ticket.resolved", user_id=case.agent)
    calls(shop)
    happens(shop, case, "ticket.claimed", user_id=case.agent)
    assert len(told(shop)) == 2
    assert "gone" in operator("list")


def test_a_program_hears_that_a_case_was_raised_and_how_urgent_it_is(shop, session, case, program):
    operator("create", f"{program.url}/hook", "--kind", "ticket.raised")
    tickets.grade(session, case.ticket, case.agent, level="L1")
    session.commit()
    reading.look(shop)
    calls(shop)
    ((_, _, body),) = program.taken
    assert (json.loads(body)["type"], json.loads(body)["data"]["level"]) == ("ticket.raised", "L1")


def test_a_webhook_whose_sender_is_killed_comes_again_under_the_same_id(shop, case, program, clock):
    operator("create", program.url)
    happens(shop, case, "ticket.claimed", user_id=case.agent)
    (killed,) = post.claim(shop, "webhook", 10)
    media.notifier(shop, "webhook").send(killed.letter, killed.address)
    clock.shift(21)
    calls(shop)
    assert len({headers["webhook-id"] for _, headers, _ in program.taken}) == 1
    assert len(program.taken) == 2
    operator("remove", "1")
    happens(shop, case, "ticket.resolved", user_id=case.agent)
    assert len(told(shop)) == 1


def test_an_operator_tries_whether_somebody_is_reached(shop, case, mailbox):
    root = Root(lambda _: None, lambda _: None, lambda _: services.current())
    agent = username(shop, "劉思妤")
    done = CliRunner().invoke(cli.main_group(root, notice_commands), ["notices", "test", agent])
    assert done.exit_code == 0
    calls(shop)
    assert mailbox.subjects == ["這是一則測試通知"]
    assert ways(told(shop, "--user", agent)[0]) == {"inapp": "sent", "email": "sent"}
    unknown = CliRunner().invoke(cli.main_group(root, notice_commands), ["notices", "test", "nobody"])
    assert unknown.exit_code == 1


def test_mail_is_never_sent_again_after_half_a_day(shop, case, mailbox, clock):
    mailbox.stop()
    happens(shop, case, "ticket.undelivered")
    clock.shift(timedelta(hours=13))
    calls(shop)
    with shop.sessions() as session:
        states = session.scalars(select(Delivery.state).where(Delivery.medium == "email")).all()
        assert states == ["failed"]
        assert session.scalars(select(Notice.backup_at)).one() is not None


@pytest.mark.usefixtures("several_writers")
class TestInTheSameMoment:
    """Two calls fail at once, in two senders: one of them does what is to be done about it."""

    @pytest.fixture
    def several_writers(self, postgres):
        if not postgres:
            pytest.skip("SQLite has one writer at a time")

    def test_of_two_browsers_that_are_gone_one_mail_comes(self, shop, case, phone, mailbox, pushes):
        with shop.sessions.begin() as session:
            session.add(PushSubscription(user_id=case.agent, endpoint=f"{pushes.url}/push/2", **phone.keys))
        pushes.answers += [410, 410]
        happens(shop, case, "ticket.customer_wrote")
        one, other = post.claim(shop, "webpush", 10)
        in_the_same_moment(shop, lambda: post.send(shop, one), lambda: post.send(shop, other))
        calls(shop)
        assert [str(mail["To"]) for mail in mailbox.mails] == ["agent@shop.example"]
        assert [way["state"] for way in told(shop)[0]["deliveries"]] == ["sent", "failed", "failed", "sent"]

    def test_where_both_media_fail_the_backup_hears_at_once(self, shop, case, phone, mailbox, pushes):
        mailbox.answers.append("550 no such mailbox")
        pushes.answers.append(410)
        happens(shop, case, "ticket.assigned", to_user=case.agent)
        (mail,), (push,) = post.claim(shop, "email", 10), post.claim(shop, "webpush", 10)
        in_the_same_moment(shop, lambda: post.send(shop, mail), lambda: post.send(shop, push))
        backup.call(shop)
        assert [row["to"] for row in told(shop)] == [username(shop, "劉思妤"), username(shop, "林佩蓉")]

    def test_of_a_room_that_two_notices_find_dead_the_supervisors_hear_once(self, shop, case, room, clock):
        room.answers += [404] * 6
        for kind in ("clock.breached", "ticket.escalated"):
            happens(shop, case, kind, level="L1", to="lead")
        for _ in range(2):
            calls(shop)
            clock.shift(10)
        one, other = post.claim(shop, "chat", 10)
        in_the_same_moment(shop, lambda: post.send(shop, one), lambda: post.send(shop, other))
        reading.look(shop)
        assert [row["about"] for row in told(shop)].count("notice.room_down") == 1
