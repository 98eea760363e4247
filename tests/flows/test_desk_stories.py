"""The stories that the desk must hold, each through webhook, workers, pages and ticker, by a clock that it sets."""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from bot.nlu.policy import load as load_policy
from bot.services import Services
from bot.settings import Settings
from handoff.assignment import teams
from handoff.models import CaseThread, PushSubscription
from handoff.sla import SHIPPED
from tests import desk
from tests.builders import Customer, Frontline, signed
from tests.console import user_id
from tests.fakes import FakeLine
from tests.notices import Browser, Endpoint, Mailbox
from tests.staffed import MINUTE, StaffedShop

TAIPEI = ZoneInfo("Asia/Taipei")
AFTERNOON = datetime(2026, 11, 25, 14, 0, tzinfo=TAIPEI)  # a Wednesday
NIGHT = datetime(2026, 11, 25, 3, 0, tzinfo=TAIPEI)
OFFICE_HOURS = SHIPPED.read_text("utf-8").replace("teams: {}", "teams: {frontline: office}")
OTHER_ACCOUNT = "U" + "5e" * 16


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AFTERNOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    return settings.model_copy(
        update={"open_hours": "09:00-21:00", "smtp_url": mailbox.url, "own_networks": "127.0.0.0/8"}
    )


@pytest.fixture
def shop(
    app: Flask, current: Services, work: Callable[[], None], clock: time_machine.Traveller, frontline: Frontline
) -> StaffedShop:
    with current.sessions.begin() as session:
        teams.prepare(session, {key: team.name for key, team in load_policy()[0].teams.items()})
    return StaffedShop(app, current, work, clock, frontline)


def asks(shop: StaffedShop, customer: Customer, text: str = "我要找真人") -> str:
    """A customer writes, and a case comes of it; its number."""
    customer.writes(text)
    shop.round()
    return shop.case().number


def test_an_injury_at_three_in_the_morning_jumps_the_queue_to_the_senior_on_duty(
    shop: StaffedShop, client: FlaskClient, chen: Customer, line: FakeLine
) -> None:
    shop.time.move_to(NIGHT)
    young = shop.hires("劉思妤", "agent", "care", "frontline")
    senior = shop.hires("周志強", "specialist", "care", "frontline", capacity="1")
    asleep = shop.hires("林佩蓉", "supervisor", "care", "frontline")
    shop.operator("team", "shift", "周志強", "tue", "--hours", "22:00-06:00")
    shop.operator("team", "shift", "林佩蓉", "tue", "wed", "--hours", "09:00-18:00")
    shop.operator("team", "member", "frontline", "劉思妤", "--capacity", "1")
    shop.comes(young, senior, asleep)
    others = [asks(shop, Customer(client, f"Uothers{n}")) for n in range(4)]
    assert sorted(map(shop.owner, others)) == ["", "", "劉思妤", "周志強"], "both are full, two customers wait"

    injury = asks(shop, chen, "吃了你們的蝦子一直吐，現在在急診")

    assert (shop.owner(injury), shop.case(injury).level) == ("周志強", "L1")
    assert f"已轉給客服專員（案件 {injury}），15 分鐘內會有人回覆您" in line.said[-1]
    assert shop.told("周志強")[-1] == "ticket.assigned"
    listed = senior.opens("?view=mine")
    assert listed.index(" L1 ") < listed.index(" L3 ")
    senior.does(injury, "claim")
    senior.does(injury, "reply", text="請先不要再吃，我馬上打電話給您。")
    shop.round()
    assert line.said[-1] == "請先不要再吃，我馬上打電話給您。"
    shop.passes(20 * MINUTE, step=5 * MINUTE)
    assert clocks(shop, injury) == []
    assert sorted(map(shop.owner, others))[0] == "", "who waited less urgently still does"


def test_who_does_not_take_a_case_up_in_time_loses_it_to_the_next_and_is_not_asked_again(
    shop: StaffedShop, chen: Customer
) -> None:
    liu, wang = (shop.hires(name, "agent", "frontline") for name in ("劉思妤", "王志豪"))
    lead = shop.hires("林佩蓉", "supervisor")
    shop.operator("team", "member", "frontline", "林佩蓉", "--capacity", "0", "--lead")
    shop.comes(liu, lead)
    case = asks(shop, chen)
    assert shop.owner(case) == "劉思妤"
    shop.comes(wang)

    shop.passes(2.5 * MINUTE)
    assert shop.owner(case) == "劉思妤"
    shop.passes(MINUTE)
    assert shop.owner(case) == "王志豪"
    assert {"ticket.requeued", "ticket.escalated"} <= set(shop.told("林佩蓉"))
    assert "離開・不接新案件" in liu.opens()

    liu.sends("/presence", status="online")
    shop.at_the_console.remove(wang)
    shop.passes(3.5 * MINUTE)
    assert shop.owner(case) == "", "better nobody yet than who let it lie"
    shop.at_the_console.append(wang)
    shop.passes(11.5 * MINUTE)
    assert shop.owner(case) == "劉思妤", "after a quarter of an hour she may be asked again"


def test_a_department_that_does_not_accept_within_two_hours_loses_the_case_to_its_head(
    shop: StaffedShop, chen: Customer
) -> None:
    liu = shop.hires("劉思妤", "agent", "frontline")
    contact, head = shop.hires("倉儲窗口", "department"), shop.hires("倉儲主管", "supervisor")
    shop.operator("team", "add", "warehouse", "--name", "倉儲", "--head", "倉儲主管")
    shop.comes(liu)
    case = asks(shop, chen)
    liu.does(case, "claim")
    whom = user_id(shop.current, "倉儲窗口")
    liu.does(case, "department", department="倉儲", contact=str(whom), why="查包裹在哪裡")

    shop.passes(119 * MINUTE, step=7 * MINUTE)
    assert shop.told("倉儲窗口")[0] == "ticket.department_asked"
    assert (shop.owner(case), shop.case(case).state) == ("劉思妤", "department")
    assert "查包裹在哪裡" in contact.opens(f"/cases/{case}")

    shop.passes(MINUTE)
    assert shop.owner(case) == "倉儲主管"
    assert {"ticket.assigned", "ticket.escalated"} <= set(shop.told("倉儲主管"))
    assert "回覆顧客" in head.opens(f"/cases/{case}")


def test_a_department_that_accepts_in_time_keeps_its_head_out_of_it(shop: StaffedShop, chen: Customer) -> None:
    liu = shop.hires("劉思妤", "agent", "frontline")
    contact, _ = shop.hires("倉儲窗口", "department"), shop.hires("倉儲主管", "supervisor")
    shop.operator("team", "add", "warehouse", "--name", "倉儲", "--head", "倉儲主管")
    shop.comes(liu)
    case = asks(shop, chen)
    liu.does(case, "claim")
    whom = user_id(shop.current, "倉儲窗口")
    liu.does(case, "department", department="倉儲", contact=str(whom), why="查包裹在哪裡")
    contact.does(case, "department/accept")
    shop.passes(130 * MINUTE, step=10 * MINUTE)
    assert shop.owner(case) == "劉思妤"


@pytest.fixture
def phone(pushes: Endpoint) -> Browser:
    return Browser(f"{pushes.url}/push/1")


def test_a_breach_is_warned_of_found_escalated_and_told_by_two_media_while_one_of_them_is_down(
    shop: StaffedShop, chen: Customer, mailbox: Mailbox, pushes: Endpoint, phone: Browser
) -> None:
    liu = shop.hires("劉思妤", "agent", "frontline")
    lead, head = shop.hires("林佩蓉", "supervisor"), shop.hires("陳主管", "supervisor")
    shop.operator("team", "member", "frontline", "林佩蓉", "--capacity", "0", "--lead")
    shop.operator("team", "add", "frontline", "--name", "一線客服", "--head", "陳主管")
    for colleague in (liu, lead, head):
        colleague.sends("/notices/choices", email=f"{user_id(shop.current, colleague.name)}@shop.example")
    with shop.current.sessions.begin() as session:
        owner = user_id(shop.current, "劉思妤")
        session.add(PushSubscription(user_id=owner, endpoint=phone.endpoint, **phone.keys))
    shop.comes(liu)
    case = asks(shop, chen)
    liu.does(case, "claim")
    mailbox.stop()
    target = shop.case(case).first_response_due_at - shop.now

    shop.passes(target / 2 - MINUTE, step=10 * MINUTE)
    assert "clock.warned" not in shop.told("劉思妤")
    shop.passes(MINUTE)
    assert shop.told("劉思妤")[-1] == "clock.warned"
    shop.passes(target * 0.3, step=6 * MINUTE)
    assert shop.told("劉思妤")[-1] == "clock.nearly"
    assert "clock.nearly" in shop.told("林佩蓉")
    assert shop.journal("clock.breached") == []
    shop.passes(target * 0.2, step=6 * MINUTE)
    ((_, breach),) = shop.journal("clock.breached")
    assert breach["due_at"] == shop.case(case).first_response_due_at.isoformat()
    assert shop.case(case).priority == "urgent"
    assert {"clock.breached", "ticket.escalated"} <= set(shop.told("林佩蓉"))
    assert "ticket.escalated" not in shop.told("陳主管")
    shop.passes(target, step=15 * MINUTE)
    assert "ticket.escalated" in shop.told("陳主管")

    assert f"[L3] {case} 案件已逾時" in [phone.reads(body)["title"] for _, _, body in pushes.taken]
    assert ways(shop, "劉思妤") == {"inapp": "sent", "webpush": "sent", "email": "queued"}
    mailbox.start()
    shop.passes(10 * MINUTE, step=5 * MINUTE)
    assert ways(shop, "劉思妤") == {"inapp": "sent", "webpush": "sent", "email": "sent"}
    told = {str(mail["To"]) for mail in mailbox.mails if "案件已逾時" in str(mail["Subject"])}
    assert {f"{user_id(shop.current, name)}@shop.example" for name in ("劉思妤", "林佩蓉")} <= told


def ways(shop: StaffedShop, name: str) -> dict[str, str]:
    """How the notice of the breach fared, by medium."""
    (breach,) = (row for row in shop.notices(name) if row["about"] == "clock.breached")
    return {way["medium"]: way["state"] for way in breach["deliveries"]}


def test_friday_evening_is_promised_for_a_make_up_saturday_and_for_the_end_of_the_long_weekend(
    shop: StaffedShop, chen: Customer, huang: Customer, line: FakeLine
) -> None:
    """Monday 27 February 2023 was free before Peace Memorial Day, and worked in on Saturday 18."""
    shop.time.move_to(datetime(2023, 2, 17, 20, 0, tzinfo=TAIPEI))
    lead = shop.hires("林佩蓉", "supervisor")
    assert "已儲存為第 1 版" in lead.sends("/sla", document=OFFICE_HOURS, based_on="0")

    case = asks(shop, chen)
    assert f"已記錄（案件 {case}），將於次日 9 點前優先處理" in line.said[-1]
    assert shop.case(case).first_response_due_at == datetime(2023, 2, 18, 10, 0, tzinfo=TAIPEI)
    shop.is_at(datetime(2023, 2, 18, 9, 0, tzinfo=TAIPEI))
    assert clocks(shop, case) == [], "the queue of the morning has its time"
    shop.is_at(datetime(2023, 2, 18, 9, 30, tzinfo=TAIPEI))
    assert clocks(shop, case) == ["clock.warned"]
    shop.is_at(datetime(2023, 2, 18, 10, 0, tzinfo=TAIPEI))
    assert clocks(shop, case)[-1] == "clock.breached", "the Saturday is worked"

    shop.time.move_to(datetime(2023, 2, 24, 20, 0, tzinfo=TAIPEI))
    liu = shop.hires("劉思妤", "agent", "frontline")
    case = asks(shop, huang)
    assert f"已記錄（案件 {case}），將於 3 月 1 日 9 點前優先處理" in next(said for said in line.said if case in said)
    for day in (datetime(2023, 2, 25, 12, 0), datetime(2023, 2, 27, 12, 0), datetime(2023, 2, 28, 17, 0)):
        shop.is_at(day.replace(tzinfo=TAIPEI))
        assert clocks(shop, case) == [], "nobody is troubled while nobody works"
    shop.is_at(datetime(2023, 3, 1, 8, 50, tzinfo=TAIPEI))
    liu.client.post("/sign-in", data={"username": "劉思妤", "password": "a long password"})
    assert "黃柏翰" in liu.opens("?view=new")
    liu.does(case, "claim")
    liu.does(case, "reply", text="早安，昨天放假，現在為您處理。")
    shop.is_at(datetime(2023, 3, 1, 9, 30, tzinfo=TAIPEI))
    assert "clock.breached" not in clocks(shop, case)


def clocks(shop: StaffedShop, case: str) -> list[str]:
    """What the journal has of a case's first response."""
    told = shop.journal("clock.warned", "clock.breached")
    return [kind for kind, data in told if (data["ticket_id"], data["clock"]) == (shop.case(case).id, "first")]


class Elsewhere(Customer):
    """The same customer, who writes to another account of ours."""

    def post(self, *events: object) -> int:
        body, _ = signed(list(events))
        body, headers = signed(body.replace(b"U8e742f61d673b39c7fff3cecb7536ef0", OTHER_ACCOUNT.encode()))
        return self.client.post("/webhooks/line", data=body, headers=headers).status_code


def test_a_customer_who_quotes_his_case_from_another_channel_joins_it_once_we_know_that_it_is_he(
    shop: StaffedShop, client: FlaskClient, chen: Customer, line: FakeLine
) -> None:
    liu = shop.hires("劉思妤", "specialist", "frontline")
    shop.comes(liu)
    case = asks(shop, chen)
    liu.does(case, "claim")
    elsewhere = Elsewhere(client, "Uchen2")

    own = asks(shop, elsewhere, f"{case} 我換到這邊問，有進度嗎")
    assert own != case
    assert "確認是您本人" in line.said[-1]
    assert case not in line.said[-1]
    liu.does(own, "claim")
    for number in (case, own):
        liu.does(number, "verify", kind="phone", value="0912-345-678", how="called_back")
    liu.does(case, "same-person", contact=str(shop.case(own).contact_id))
    liu.does(own, "hand-back")
    elsewhere.writes(f"{case} 那這樣可以了嗎")
    shop.round()
    assert line.said[-1] == f"已併入案件 {case}，負責的專員會看到您這則訊息。"
    assert "那這樣可以了嗎" in liu.opens(f"/cases/{case}")

    liu.does(case, "reply", text="可以了，我在這裡回您。")
    shop.passes(5 * MINUTE)
    answered = [call.body for call in line.sends() if "可以了，我在這裡回您。" in call.texts]
    assert [body.get("to", "Uchen2") for body in answered] == ["Uchen2"]
    assert shop.journal("invariant.violated") == []
    assert (shop.owner(case), shop.case(case).state) == ("劉思妤", "waiting")


def test_two_customers_who_quote_each_others_case_learn_nothing_of_it(
    shop: StaffedShop, client: FlaskClient, chen: Customer, huang: Customer, line: FakeLine
) -> None:
    liu = shop.hires("劉思妤", "agent", "frontline")
    shop.comes(liu)
    hers = asks(shop, chen, "我要找真人，訂單 GB1118 還沒到")
    his = asks(shop, huang)
    for number in (hers, his):
        liu.does(number, "claim")

    answers = []
    for customer, foreign, never in ((huang, hers, "CS-261125-7777"), (chen, his, "CS-261125-8888")):
        for quoted in (foreign, never):
            before = len(line.said)
            customer.writes(f"{quoted} 進度如何")
            shop.round()
            answers.append(" ".join(line.said[before:]))
    for answer, foreign in zip(answers, (hers, hers, his, his), strict=True):
        assert not [word for word in (foreign, "陳怡君", "黃柏翰", "GB1118", "劉思妤") if word in answer]
    assert answers[0] == answers[1]
    assert answers[2] == answers[3]
    with shop.current.sessions() as session:
        assert desk.count(session, CaseThread) == 0
    assert "進度如何" in liu.opens(f"/cases/{his}")
    assert hers not in shop.case(hers).summary
    shop.passes(2 * MINUTE)
    assert shop.journal("ticket.joined", "invariant.violated") == []
