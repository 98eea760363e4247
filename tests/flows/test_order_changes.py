"""An approved change of an order is made in the shop's system, once, then told; of a doubt a person decides."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from time import process_time

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from bot import clock, ports
from bot.db import Base
from bot.errors import ChangeRefused, ChangeUnclear, ChangeUnderWay, OrdersAway
from bot.models import JournalEntry, Message
from bot.orders import sql
from bot.orders.rows import ShopOrder
from bot.orders.sql import SqlOrders
from bot.orders.wishes import LONGEST, wished
from bot.ports import ChangeKind, Order, OrderChange
from bot.services import Services
from handoff import changing
from handoff.models import ChangeOfOrder, Proposal, Ticket
from handoff.tickets import approving
from tests import console, desk
from tests.builders import Customer
from tests.console import signed_in, words
from tests.engines import Knows
from tests.fakes import FakeLine

pytestmark = pytest.mark.by_hand  # the stories decide what the understanding knows
Work = Callable[[], None]
Says = Callable[[str], list[str]]
NUMBER, HERE, THERE = "GB1120-20955", "台北市信義區松仁路100號", "高雄市左營區博愛二路777號"
WISH = f"我要改訂單 {NUMBER} 的地址"
TOLD = f"您好，訂單 {NUMBER} 的收件地址已經改成 {THERE}。"


@pytest.fixture(autouse=True)
def understanding(knows: Knows) -> None:
    knows({"改訂單": "change_order", "取消": "cancel_order"})


@pytest.fixture(autouse=True)
def shops_own_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the demo: of a copy nothing is changed."""
    monkeypatch.setattr(SqlOrders, "changes", sql.CHANGES)


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(desk.AFTERNOON, tick=False) as time:
        yield time


@pytest.fixture(autouse=True)
def order(current: Services) -> None:
    """An order of this customer's that waits to be sent."""
    with current.sessions.begin() as session:
        sql.save(session, [Order(NUMBER, "preparing", line_user="Uchen", phone="0912345678", address=HERE)])


@pytest.fixture
def wished_for(says: Says) -> None:
    """The customer said what is to be changed."""
    says(WISH)
    says(THERE)


def case(current: Services) -> Ticket:
    with current.sessions() as session:
        return session.scalars(select(Ticket)).one()


def proposal(current: Services) -> Proposal:
    with current.sessions() as session:
        return session.scalars(select(Proposal)).one()


def change(current: Services) -> ChangeOfOrder:
    with current.sessions() as session:
        return session.scalars(select(ChangeOfOrder)).one()


def shops(current: Services) -> ShopOrder:
    with current.sessions() as session:
        return session.scalars(select(ShopOrder).where(ShopOrder.number == NUMBER)).one()


def does(member: FlaskClient, current: Services, action: str, **fields: object) -> TestResponse:
    with current.sessions() as session:
        row = session.scalars(select(Proposal).order_by(Proposal.id)).first()
    given = {"proposal": row.id, "text": row.text, "key": f"click-{action}", "seen": 10**9} | fields
    return member.post(f"/console/cases/{case(current).number}/{action}", data=given, headers=console.PANE)


def page(member: FlaskClient, current: Services) -> str:
    return words(member.get(f"/console/cases/{case(current).number}"))


def refusing(monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> list[OrderChange]:
    """The shop's system answers changes so; what it was asked."""
    asked: list[OrderChange] = []

    def answer(_: SqlOrders, wanted: OrderChange) -> None:
        asked.append(wanted)
        if error is not None:
            raise error

    monkeypatch.setattr(SqlOrders, "change", answer)
    return asked


def test_the_change_is_made_and_then_told_and_nothing_before(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    before = len(line.said)
    assert (shops(current).address, proposal(current).text) == (HERE, TOLD)
    assert "核准後由訂單系統改好" in page(wang, current)
    assert does(wang, current, "approve").status_code == 200
    assert does(wang, current, "approve").status_code == 200, "a second click"
    work()
    assert shops(current).address == THERE
    assert line.said[before:] == [TOLD]
    assert (proposal(current).state, change(current).state, change(current).calls) == ("approved", "done", 1)
    with current.sessions() as session:
        kinds = session.scalars(select(JournalEntry.kind).order_by(JournalEntry.id)).all()
    made, told = kinds.index("proposal.carried"), kinds.index("ticket.replied")
    assert kinds.index("proposal.approved") < made < told


def test_an_edited_address_is_the_one_that_is_made_and_told(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    does(wang, current, "approve", to=f"{THERE}3樓")
    work()
    assert shops(current).address == f"{THERE}3樓"
    assert line.said[-1] == TOLD.replace(THERE, f"{THERE}3樓")


def test_a_cancelled_order_is_cancelled(
    says: Says, current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    says(f"取消訂單 {NUMBER}")
    says("不想要了")
    does(wang, current, "approve")
    work()
    assert shops(current).state == "cancelled"
    assert f"訂單 {NUMBER} 已經取消" in line.said[-1]


def test_two_people_approve_where_the_policy_says_so(
    wished_for: None, app: Flask, current: Services, work: Work, wang: FlaskClient
) -> None:
    with current.sessions.begin() as session:
        session.scalars(select(Proposal)).one().approvals = 2
    lin = signed_in(app, current, "linhua", "specialist")
    does(wang, current, "approve")
    work()
    assert shops(current).address == HERE
    assert does(lin, current, "approve", to=THERE + "3樓").status_code == 409, (
        "what another changed she does not approve"
    )
    does(lin, current, "approve", key="second")
    work()
    assert shops(current).address == THERE


def test_somebody_elses_order_is_never_changed(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    with current.sessions.begin() as session:
        session.scalars(select(ShopOrder)).one().line_user = "Usomebody"
    before = len(line.said)
    does(wang, current, "approve")
    work()
    assert (shops(current).address, line.said[before:]) == (HERE, [])
    assert "還沒有確認這筆訂單是這位顧客的" in page(wang, current)


def test_the_number_of_another_shops_order_goes_to_a_person(
    says: Says, current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    says("我要改訂單 MOMO-2411-99887 的地址")
    before = len(line.said)
    [asked] = says(THERE)
    assert "末三碼" in asked, "the same words as for one that there is"
    says("略過")
    assert case(current).live
    does(wang, current, "approve")
    work()
    assert "訂單系統裡沒有 MOMO-2411-99887" in page(wang, current)
    assert [said for said in line.said[before:] if "已經改成" in said] == []


@pytest.fixture
def no_account(current: Services) -> None:
    """As in a shop whose order system knows no LINE accounts."""
    with current.sessions.begin() as session:
        session.scalars(select(ShopOrder)).one().line_user = ""


@pytest.mark.parametrize("digits", ["678", "末三碼是 678", "0912-345-678", f"訂單 {NUMBER} 末三碼 678"])
def test_where_no_account_tells_whose_an_order_is_the_digits_of_its_phone_do(
    no_account: None, says: Says, current: Services, line: FakeLine, work: Work, wang: FlaskClient, digits: str
) -> None:
    says(WISH)
    assert says(THERE) == [f"好的，要改訂單 {NUMBER}，請再傳訂購電話的末三碼，確認是您本人的訂單。"]
    says(digits)
    assert (case(current).live, proposal(current).proof) == (True, "訂單編號和訂購電話末三碼相符")
    does(wang, current, "approve")
    work()
    assert (shops(current).address, line.said[-1]) == (THERE, TOLD)


def test_a_number_that_is_told_last_is_looked_up_as_well(no_account: None, says: Says, current: Services) -> None:
    says("我要改訂單")
    says(NUMBER)
    assert "末三碼" in says(THERE)[-1]
    says("678")
    assert proposal(current).text == TOLD


def test_whose_digits_do_not_fit_gets_a_person_and_nothing_is_changed(
    no_account: None, says: Says, current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    says(WISH)
    says(THERE)
    assert "對不起來" in says("111")[0]
    assert "對不起來" in says("222")[0]
    assert says("333")[0].startswith("在這裡沒有辦法確認是您本人")
    does(wang, current, "approve")
    work()
    assert shops(current).address == HERE
    assert "還沒有確認這筆訂單是這位顧客的" in page(wang, current)


def test_who_names_his_other_order_with_its_digits_has_that_one_changed(
    no_account: None, says: Says, current: Services
) -> None:
    with current.sessions.begin() as session:
        sql.save(session, [Order("GB1119-20800", "preparing", phone="0987654321", address=HERE)])
    says(WISH)
    says(THERE)
    says("訂單 GB1119-20800 末三碼 321")
    assert (change(current).number, change(current).value) == ("GB1119-20800", THERE)


def test_a_case_says_of_his_first_order_nothing_once_he_named_another(says: Says, current: Services) -> None:
    says(WISH)
    assert "末三碼" in says(f"訂單 GB1119-20800 的地址改成{THERE}")[-1]
    says("略過")
    facts = case(current).facts
    assert (facts["order_number"], "order_status" in facts) == ("GB1119-20800", False)


def test_who_changes_his_mind_while_he_is_asked_for_digits_is_read_by_a_person(
    no_account: None, says: Says, current: Services
) -> None:
    says(WISH)
    says(THERE)
    says(f"等等，地址改成{HERE}")
    says("678")
    assert case(current).live
    with current.sessions() as session:
        assert session.scalars(select(Proposal)).all() == []


def test_a_refusal_is_shown_and_given_up(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, ChangeRefused("已經出貨，不能再改"))
    before = len(line.said)
    does(wang, current, "approve")
    work()
    assert "已經出貨，不能再改" in page(wang, current)
    assert does(wang, current, "refuse", why="已經出貨").status_code == 200
    work()
    assert (proposal(current).state, change(current).state) == ("refused", "dropped")
    assert line.said[before:] == []


def test_why_it_was_not_made_is_read_in_the_readers_language(
    wished_for: None, current: Services, work: Work, wang: FlaskClient
) -> None:
    with current.sessions.begin() as session:
        session.scalars(select(ShopOrder)).one().state = "shipped"
    does(wang, current, "approve")
    work()
    assert "訂單已經出貨或結束" in page(wang, current)
    english = wang.get(f"/console/cases/{case(current).number}", headers={"Accept-Language": "en"})
    assert "The order has left or is over" in words(english)


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ChangeRefused("Shopify：%(told)s", told="100% packed"), "Shopify: 100% packed"),
        (ChangeRefused("Shopify：%(told)s", told="can't <b>&"), "Shopify: can&#39;t &lt;b&gt;&amp;"),
        (ChangeRefused("100% packed"), "100% packed"),
    ],
)
def test_what_the_shop_said_stands_in_it_as_it_said_it(
    wished_for: None,
    current: Services,
    work: Work,
    wang: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    shown: str,
) -> None:
    monkeypatch.setattr(changing, "TRIES", 1)
    refusing(monkeypatch, error)
    does(wang, current, "approve")
    work()
    english = wang.get(f"/console/cases/{case(current).number}", headers={"Accept-Language": "en"})
    assert shown in words(english)


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (OrdersAway("shop.example does not accept ORDERS_TOKEN"), "訂單系統沒有回應，沒有改成。"),
        (ValueError("boom"), "連線中斷，不知道訂單系統改了沒有"),
    ],
)
def test_what_only_an_operator_understands_stands_in_the_log(
    wished_for: None,
    current: Services,
    work: Work,
    wang: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    shown: str,
) -> None:
    monkeypatch.setattr(changing, "TRIES", 1)
    refusing(monkeypatch, error)
    with capture_logs() as logs:
        does(wang, current, "approve")
        work()
    seen = page(wang, current)
    assert (shown in seen, "ORDERS_TOKEN" in seen, "ValueError" in seen) == (True, False, False)
    assert any("ORDERS_TOKEN" in str(line) or line["event"] == "order.change_broken" for line in logs)


def test_what_was_refused_is_put_forward_again_edited_and_then_made(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    refused = proposal(current)
    does(wang, current, "refuse", why="少了樓層")
    assert "改過再提一次" in page(wang, current)
    again = {"proposal": refused.id, "to": f"{THERE}3樓"}
    assert does(wang, current, "revise", **again).status_code == 200
    assert does(wang, current, "revise", **again).status_code == 409, "a second click"
    with current.sessions() as session:
        first, second = session.scalars(select(Proposal).order_by(Proposal.id))
        assert (first.state, second.state, second.proof) == ("revised", "pending", first.proof)
        assert second.text == TOLD.replace(THERE, f"{THERE}3樓")
        approved = {"proposal": second.id, "text": second.text}
    assert shops(current).address == HERE
    does(wang, current, "approve", **approved)
    work()
    assert (shops(current).address, line.said[-1]) == (f"{THERE}3樓", approved["text"])


def test_where_two_must_approve_who_puts_it_forward_again_is_the_first(
    wished_for: None, app: Flask, current: Services, work: Work, wang: FlaskClient
) -> None:
    with current.sessions.begin() as session:
        session.scalars(select(Proposal)).one().approvals = 2
    lin = signed_in(app, current, "linhua", "specialist")
    refused = proposal(current)
    does(wang, current, "approve")
    does(lin, current, "refuse", why="少了樓層", key="second")
    does(wang, current, "revise", proposal=refused.id, to=f"{THERE}3樓")
    with current.sessions() as session:
        again = session.scalars(select(Proposal).order_by(Proposal.id.desc())).first()
    approved = {"proposal": again.id, "text": again.text}
    assert does(wang, current, "approve", **approved, key="hers").status_code == 409
    work()
    assert shops(current).address == HERE
    does(lin, current, "approve", **approved, key="his")
    work()
    assert shops(current).address == f"{THERE}3樓"


def test_what_the_customer_corrected_or_took_back_is_not_put_forward_again(
    chen: Customer, says: Says, current: Services, work: Work, wang: FlaskClient
) -> None:
    says(WISH)
    [sent] = chen.writes(THERE)
    work()
    first = proposal(current).id
    does(wang, current, "refuse", why="少了樓層")
    newer = another(current, "address", f"{THERE}3樓")
    assert "後來改了內容" in words(does(wang, current, "revise", proposal=first, text=TOLD))
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    assert "不能再提一次" in words(does(wang, current, "revise", proposal=first, text=TOLD))
    with current.sessions() as session:
        assert session.get_one(Proposal, newer).state == "pending"


@pytest.mark.parametrize("state", ["pending", "carrying", "approved"])
def test_what_was_refused_does_not_come_back_over_what_he_wanted_since(
    wished_for: None, current: Services, wang: FlaskClient, state: str
) -> None:
    first = proposal(current).id
    does(wang, current, "refuse", why="少了樓層")
    newer = another(current, "address", f"{THERE}3樓")
    with current.sessions.begin() as session:
        row, refused = session.get_one(Proposal, newer), session.get_one(Proposal, first)
        row.state, row.decided_by, row.decided_at = state, refused.decided_by, refused.decided_at
    assert "後來改了內容" in words(does(wang, current, "revise", proposal=first, text=TOLD))
    with current.sessions.begin() as session:
        session.get_one(Proposal, newer).state = "refused"
    assert does(wang, current, "revise", proposal=first, text=TOLD).status_code == 200


def test_of_an_unclear_outcome_a_colleague_decides_and_the_shop_is_not_called_again(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = refusing(monkeypatch, ChangeUnclear("shop did not answer"))
    before = len(line.said)
    does(wang, current, "approve")
    work()
    assert (len(asked), line.said[before:]) == (1, [])
    assert "不知道訂單系統改了沒有" in page(wang, current)
    changing.look(current)
    work()
    assert len(asked) == 1
    does(wang, current, "change-done")
    does(wang, current, "change-done")
    work()
    assert line.said[before:] == [TOLD]


def test_what_was_not_made_is_tried_again_by_hand(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        refusing(broken, ChangeUnclear("shop did not answer"))
        does(wang, current, "approve")
        work()
    assert does(wang, current, "change-again").status_code == 200
    work()
    assert shops(current).address == THERE
    assert line.said[-1] == TOLD


def test_a_shop_that_is_away_is_asked_again_by_itself(
    wished_for: None,
    current: Services,
    line: FakeLine,
    work: Work,
    wang: FlaskClient,
    time: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as broken:
        refusing(broken, OrdersAway("shop does not answer"))
        does(wang, current, "approve")
        work()
    assert change(current).state == "queued"
    time.shift(timedelta(seconds=30))
    changing.look(current)
    work()
    assert (shops(current).address, line.said[-1]) == (THERE, TOLD)


def test_a_process_that_died_in_the_call_leaves_the_doubt_to_people(
    wished_for: None,
    current: Services,
    line: FakeLine,
    work: Work,
    wang: FlaskClient,
    time: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    asked = refusing(monkeypatch, None)
    does(wang, current, "approve")
    with monkeypatch.context() as dying:
        dying.setattr(changing, "_settle", dies)
        with pytest.raises(KeyboardInterrupt):
            changing.make(change(current).id)
    assert change(current).state == "calling"
    time.shift(timedelta(seconds=121))
    changing.look(current)
    work()
    assert (len(asked), change(current).why, proposal(current).state) == (1, "unclear", "carrying")
    assert "連線中斷" in page(wang, current)


def test_a_system_that_cannot_change_it_leaves_it_to_the_agent_who_says_when_it_is_done(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqlOrders, "changes", frozenset())
    before = len(line.said)
    assert "核准後請到系統改好" in page(wang, current)
    does(wang, current, "approve")
    work()
    assert line.said[before:] == []
    shown = page(wang, current)
    assert ("這裡不能直接改" in shown, "請系統再改一次" in shown) == (True, False)
    assert does(wang, current, "change-again").status_code == 409
    does(wang, current, "change-done")
    work()
    assert line.said[before:] == [TOLD]


def test_what_the_customer_takes_back_before_it_is_made_is_not_made(
    chen: Customer, current: Services, line: FakeLine, work: Work, says: Says, wang: FlaskClient
) -> None:
    says(WISH)
    [sent] = chen.writes(THERE)
    work()
    before = len(line.said)
    does(wang, current, "approve")
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    with current.sessions() as session:
        [made] = session.scalars(select(ChangeOfOrder.id))
    chen_unsends_first(current, work, made)
    row, asked = proposal(current), change(current)
    assert (row.state, asked.value) == ("taken_back", "")
    assert THERE not in row.text
    assert [said for said in line.said[before:] if "已經改成" in said] == []


def chen_unsends_first(current: Services, work: Work, change_id: int) -> None:
    """The job waits until the customer's word is in."""
    with current.sessions.begin() as session:
        session.get_one(ChangeOfOrder, change_id).due_at = clock.after(60)
    work()


def test_what_is_taken_back_while_the_shop_is_called_is_not_tried_again(
    wished_for: None,
    current: Services,
    work: Work,
    wang: FlaskClient,
    time: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[OrderChange] = []

    def away(_: SqlOrders, wanted: OrderChange) -> None:
        asked.append(wanted)
        with current.sessions.begin() as session:
            approving.forget(session, session.scalars(select(Ticket)).one(), THERE, {})
        raise OrdersAway("shop does not answer")

    monkeypatch.setattr(SqlOrders, "change", away)
    does(wang, current, "approve")
    work()
    time.shift(timedelta(seconds=60))
    changing.look(current)
    work()
    assert (len(asked), change(current).state) == (1, "dropped")


def test_what_was_given_up_and_made_all_the_same_is_told_to_staff(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(line.said)
    with monkeypatch.context() as late:
        late.setattr(changing, "_settle", lambda *_, **__: None)
        does(wang, current, "approve")
        work()
    with current.sessions.begin() as session:
        row = session.scalars(select(ChangeOfOrder)).one()
        row.state, row.why = "by_hand", "unclear"
        claim = changing.Claim(row.id, row.calls, OrderChange(NUMBER, "address", THERE), None, clock.now())  # type: ignore[arg-type]
    does(wang, current, "refuse", why="不改了")
    with current.sessions.begin() as session:
        changing._settle(session, claim, changing.MADE)
    assert (proposal(current).state, change(current).state) == ("refused", "done")
    assert "訂單系統可能已經改了" in page(wang, current)
    work()
    assert line.said[before:] == []


@pytest.mark.parametrize("deed", ["resolve", "hand-back", "propose"])
def test_no_case_ends_over_what_waits_for_a_decision_or_is_being_made(
    wished_for: None, app: Flask, current: Services, wang: FlaskClient, work: Work, deed: str
) -> None:
    lin = signed_in(app, current, "lindan", "supervisor")
    wang.post(f"/console/cases/{case(current).number}/claim", data={"seen": 10**9}, headers=console.PANE)
    before = case(current).state

    def tries() -> TestResponse:
        return lin.post(f"/console/cases/{case(current).number}/{deed}", data={"seen": 10**9}, headers=console.PANE)

    assert "先核准或不核准，再繼續" in words(tries())
    does(wang, current, "approve")
    assert "核准了的變更還沒有完成" in words(tries())
    assert case(current).state == before
    work()
    tries()
    assert case(current).state != before


def test_a_case_that_was_solved_meanwhile_shows_that_nobody_told_the_customer(
    wished_for: None, app: Flask, current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    does(wang, current, "approve")
    lin = signed_in(app, current, "lindan", "supervisor")
    with current.sessions.begin() as session:
        session.scalars(select(Ticket)).one().state = "resolved"
    before = len(line.said)
    work()
    assert (shops(current).address, change(current).state, change(current).why) == (THERE, "done", "untold")
    assert line.said[before:] == []
    with current.sessions.begin() as session:
        session.scalars(select(Ticket)).one().state = "open"
    assert "還沒有告訴顧客" in page(lin, current)
    does(lin, current, "change-done")
    work()
    assert line.said[-1] == TOLD


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (THERE, ("address", THERE)),
        (f"請改成 {THERE}", ("address", THERE)),
        ("0922-333-444", ("phone", "0922333444")),
        ("電話改成 0922333444", ("phone", "0922333444")),
        ("收件人改成 林小美", ("recipient", "林小美")),
        ("收件人改成林小美，電話 0922333444", None),
        ("多加一盒草莓", None),
        ("改到 12/3 再送", None),
        ("松仁路那邊", None),
        ("", None),
        (f"地址改成{THERE}，謝謝", ("address", THERE)),
        (f"我要改訂單 {NUMBER} 的地址，改成{THERE}3樓之2。", ("address", f"{THERE}3樓之2")),
        (f"{THERE}\n{NUMBER}", ("address", THERE)),
        (f"地址改成{THERE}，另外多加一盒草莓", None),
        (f"發票地址改成{THERE}", None),
        (f"請不要送到{THERE}", None),
        (f"原本地址是{THERE}，還沒想好", None),
        (f"從{HERE}改成{THERE}", None),
        (f"可以改成{THERE}嗎", None),
        (f"{THERE}？", None),
        (f"{THERE}\n我是王小明", None),
        (f"收件人林小美，地址改成{THERE}", None),
        ("收件人改成林小美小姐，謝謝", ("recipient", "林小美")),
        ("收件人是我本人", None),
        ("收件人改成我朋友", None),
        ("我的電話是 0922333444", None),
        ("不要改成 0922333444", None),
        ("0922333444 或 0933444555", None),
        ("改成" * 60 + "吧0922333444", None),
        ("改成" * 60 + "吧", None),
        (f"地址改成{THERE}" + "謝謝" * 200, None),
    ],
)
def test_only_a_clear_wish_is_prepared(said: str, meant: tuple[str, str] | None) -> None:
    assert wished(said) == meant


@pytest.mark.parametrize(
    "repeated",
    ["改成", "收件人", "謝謝", "路號", "改成台北市大安區路", "改成台北市大安區路1號", "收件人改成林", "電話 "],
)
def test_no_wish_takes_long_to_read(repeated: str) -> None:
    began = process_time()
    for end in ("吧", "吧0922333444"):
        wished((repeated * 60)[: LONGEST - 12] + end)
    assert process_time() - began < 1.0


@pytest.mark.parametrize(
    ("answer", "kind", "value"),
    [
        ("收件人改成林小美", "recipient", "林小美"),
        (f"地址改成{THERE}，謝謝", "address", THERE),
        ("電話改成 0922-333-444", "phone", "0922333444"),
    ],
)
def test_what_is_prepared_is_what_was_said(says: Says, current: Services, answer: str, kind: str, value: str) -> None:
    says(WISH)
    says(answer)
    assert (change(current).kind, change(current).value) == (kind, value)


def test_an_invoices_address_is_left_to_people(says: Says, current: Services) -> None:
    says(WISH)
    says(f"發票地址改成{THERE}")
    assert case(current).live
    with current.sessions() as session:
        assert session.scalars(select(Proposal)).all() == []


def test_an_order_that_left_meanwhile_is_not_changed_whatever_its_system_would_say(
    wished_for: None, current: Services, line: FakeLine, work: Work, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = refusing(monkeypatch, None)
    with current.sessions.begin() as session:
        session.scalars(select(ShopOrder)).one().state = "shipped"
    before = len(line.said)
    does(wang, current, "approve")
    work()
    assert (asked, change(current).why, line.said[before:]) == ([], "refused", [])
    assert "已經出貨" in page(wang, current)


@pytest.fixture
def taken(
    says: Says, current: Services, work: Work, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> list[OrderChange]:
    """A cancellation that the shop's system took and makes by and by; what it was asked."""
    asked = refusing(monkeypatch, ChangeUnderWay())
    says(f"取消訂單 {NUMBER}")
    says("不想要了")
    does(wang, current, "approve")
    work()
    return asked


def looks(current: Services, work: Work, time: time_machine.Traveller, seconds: float) -> None:
    time.shift(timedelta(seconds=seconds))
    changing.look(current)
    work()


def test_what_the_system_makes_by_and_by_is_told_once_it_is_made(
    taken: list[OrderChange],
    current: Services,
    line: FakeLine,
    work: Work,
    wang: FlaskClient,
    time: time_machine.Traveller,
) -> None:
    before = len(line.said)
    looks(current, work, time, 3)
    assert (change(current).state, line.said[before:]) == ("under_way", [])
    assert "訂單系統正在改" in page(wang, current)
    with current.sessions.begin() as session:
        session.scalars(select(ShopOrder)).one().state = "cancelled"
    looks(current, work, time, 60)
    assert (len(taken), change(current).state, proposal(current).state) == (1, "done", "approved")
    assert f"訂單 {NUMBER} 已經取消" in line.said[-1]


@pytest.mark.parametrize("error", [OrdersAway("shop does not answer"), KeyError("status")])
def test_what_takes_the_system_too_long_is_shown_to_people(
    taken: list[OrderChange],
    current: Services,
    line: FakeLine,
    work: Work,
    wang: FlaskClient,
    time: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def away(*_: object) -> None:
        raise error

    before = len(line.said)
    monkeypatch.setattr(SqlOrders, "by_number", away)
    looks(current, work, time, 590)
    assert change(current).state == "under_way"
    looks(current, work, time, 61)
    assert (change(current).state, change(current).why, line.said[before:]) == ("by_hand", "unclear", [])
    assert "收下了這項變更，還沒有完成" in page(wang, current)


def handed_out(current: Services, monkeypatch: pytest.MonkeyPatch, waiting: int) -> list[int]:
    """The changes for which the ticker wakes workers, while so many jobs wait."""
    woken: list[int] = []
    with monkeypatch.context() as broker:
        broker.setattr(current.broker, "backlog", lambda _: waiting)
        broker.setattr(current.broker, "enqueue", lambda _, one, **__: woken.append(one) or True)
        changing.look(current)
    return woken


def test_the_longest_due_is_made_first_and_nothing_is_added_to_a_full_queue(
    wished_for: None, current: Services, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    another(current, "recipient", "林小美")
    with current.sessions.begin() as session:
        first, second = session.scalars(select(ChangeOfOrder).order_by(ChangeOfOrder.id))
        first.state, first.due_at = "queued", clock.after(-1)
        second.state, second.due_at = "under_way", clock.after(-2)
        third = another_queued(session, first)
    assert handed_out(current, monkeypatch, 0) == [third, first.id, second.id]
    monkeypatch.setattr(changing, "ROUND", 1)
    assert handed_out(current, monkeypatch, changing.FULL) == [third, second.id]
    assert handed_out(current, monkeypatch, changing.FULL + 1) == []


def another_queued(session: Session, like: ChangeOfOrder) -> int:
    """One that waits for longer, and was wished later."""
    row = Proposal(ticket_id=like.proposal.ticket_id, kind="change", text="改好了。", state="carrying")
    row.order = ChangeOfOrder(number=NUMBER, kind="phone", value="0922333444", state="queued", due_at=clock.after(-9))
    session.add(row)
    session.flush()
    return row.order.id


def test_an_order_that_is_cancelled_already_is_told_and_not_cancelled_again(
    says: Says, current: Services, line: FakeLine, work: Work, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = refusing(monkeypatch, None)
    says(f"取消訂單 {NUMBER}")
    says("不想要了")
    with current.sessions.begin() as session:
        session.scalars(select(ShopOrder)).one().state = "cancelled"
    does(wang, current, "approve")
    work()
    assert asked == []
    assert f"訂單 {NUMBER} 已經取消" in line.said[-1]


def test_words_that_were_taken_back_are_gone_however_they_were_written(
    chen: Customer, says: Says, current: Services, work: Work, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, ChangeRefused("Shopify：%(told)s", told="0922333444 is not a phone of ours"))
    says(WISH)
    [sent] = chen.writes("電話改成 0922-333-444")
    work()
    does(wang, current, "approve")
    work()
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    row, asked = proposal(current), change(current)
    assert (row.state, asked.value, asked.reason, asked.facts) == ("taken_back", "", "", {})
    assert "0922" not in row.text


def holds(current: Services, words: str) -> list[str]:
    """The tables in which these words stand, as they are or as JSON writes them."""
    written = words, json.dumps(words)[1:-1]
    with current.sessions() as session:
        rows = {table.name: str(session.execute(select(table)).all()) for table in Base.metadata.sorted_tables}
    return sorted(name for name, found in rows.items() if any(one in found for one in written))


def test_words_of_another_matter_take_back_nothing(
    wished_for: None, chen: Customer, current: Services, work: Work
) -> None:
    changes = {"change_wanted": " 改成：\n\n高雄 ", "files": 2}
    with current.sessions.begin() as session:
        session.scalars(select(Proposal)).one().changes = changes
    [sent] = chen.writes("對了\n\n今天有開嗎")
    work()
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    assert (proposal(current).state, proposal(current).changes) == ("pending", changes)


@pytest.mark.parametrize("told", [THERE, f"{THERE}\n謝謝"])
@pytest.mark.parametrize(
    ("decided", "left"),
    [
        ("", []),
        ("refuse", []),
        ("approve", ["messages", "outbox", "shop_orders"]),
    ],
)
def test_of_an_address_that_was_taken_back_nothing_is_left_but_what_was_done_and_told(
    chen: Customer,
    says: Says,
    current: Services,
    work: Work,
    wang: FlaskClient,
    told: str,
    decided: str,
    left: list[str],
) -> None:
    says(WISH)
    [sent] = chen.writes(told)
    work()
    assert change(current).value == THERE
    if decided:
        does(wang, current, decided, why="不改")
        work()
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    assert holds(current, "博愛二路777號") == left
    with current.sessions() as session:
        kept = session.scalars(select(Message.author).where(Message.text.contains("博愛二路777號"))).all()
    assert set(kept) <= {"agent"}, "what she told him in the name of the house stays"


def test_what_he_had_written_before_he_edited_it_goes_as_well(
    chen: Customer, says: Says, current: Services, work: Work, time: time_machine.Traveller
) -> None:
    says(WISH)
    [sent] = chen.writes(THERE)
    work()
    time.shift(timedelta(seconds=1))
    chen.does("messageEdited", message={**sent["message"], "text": "還是先不要"})
    work()
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    assert holds(current, "博愛二路777號") == []
    assert proposal(current).state == "taken_back"


def test_the_customer_hears_what_was_made_though_he_wrote_meanwhile(
    wished_for: None,
    chen: Customer,
    current: Services,
    line: FakeLine,
    work: Work,
    wang: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SqlOrders, "change", lambda *_: chen.writes("好了嗎"))
    does(wang, current, "approve")
    changing.make(change(current).id)
    assert (change(current).state, change(current).why, proposal(current).state) == ("done", "", "approved")
    work()
    assert TOLD in line.said


def another(current: Services, kind: ChangeKind, value: str) -> int:
    """Something else of the same order is prepared on the case; its proposal's id."""
    made = ports.Proposal(case(current).id, "change", f"改成 {value}。", {}, "", 1, OrderChange(NUMBER, kind, value))
    with current.sessions.begin() as session:
        return current.wiring.desk.propose(session, made)


def test_what_was_typed_for_one_change_does_not_stand_in_another(
    wished_for: None, current: Services, wang: FlaskClient
) -> None:
    first = proposal(current)
    another(current, "recipient", "林小美")
    given = {"proposal": first.id, "text": first.text, "to": THERE + "9樓", "key": "k", "seen": 0}
    shown = wang.post(f"/console/cases/{case(current).number}/approve", data=given, headers=console.PANE)
    fields = re.findall(r'name="to" value="([^"]*)"', shown.get_data(as_text=True))
    assert fields == [THERE + "9樓", "林小美"]


def test_whoever_corrects_himself_leaves_one_change_to_approve(
    wished_for: None, current: Services, wang: FlaskClient
) -> None:
    first = proposal(current).id
    another(current, "address", THERE + "3樓")
    with current.sessions() as session:
        states = {row.id: row.state for row in session.scalars(select(Proposal).order_by(Proposal.id))}
        left = session.scalars(select(ChangeOfOrder.state).order_by(ChangeOfOrder.id)).all()
    assert (states.pop(first), list(states.values()), left) == ("taken_back", ["pending"], ["dropped", "waiting"])
    shown = page(wang, current)
    assert ("由後面那一份代替" in shown, "顧客收回了" in shown) == (True, False)


def test_who_reads_english_reads_how_he_proved_who_he_is(
    wished_for: None, current: Services, wang: FlaskClient
) -> None:
    assert "執行前由系統核對" in page(wang, current)
    wang.post("/language", data={"language": "en", "next": "/"})
    assert "Checked by the system" in page(wang, current)
    assert "執行前" not in page(wang, current)


def test_the_words_say_what_is_changed(wished_for: None, current: Services, wang: FlaskClient) -> None:
    assert does(wang, current, "approve", text=f"改成 {HERE} 了。").status_code == 409
    assert does(wang, current, "approve", text=f"改成 {HERE} 了。", to=HERE).status_code == 200
    assert change(current).value == HERE


def test_a_recipient_is_no_longer_than_the_shop_can_keep(says: Says, current: Services, wang: FlaskClient) -> None:
    says(WISH)
    says("收件人改成林小美")
    assert does(wang, current, "approve", to="林" * 61).status_code == 409
    assert does(wang, current, "approve", to="林" * 60).status_code == 200


def test_whoever_has_the_case_hears_that_a_change_waits_for_her_hand(
    wished_for: None, app: Flask, current: Services, wang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqlOrders, "changes", frozenset())
    with current.sessions.begin() as session:
        session.scalars(select(Proposal)).one().approvals = 2
    does(wang, current, "approve")
    does(signed_in(app, current, "linhua", "specialist"), current, "approve", key="second")
    with current.sessions() as session:
        told = session.scalars(select(JournalEntry).where(JournalEntry.kind == "proposal.by_hand")).one()
    assert (told.data["why"], case(current).assignee_id not in (None, told.user_id)) == ("unable", True)


def test_an_unclear_wish_is_left_to_people(says: Says, current: Services) -> None:
    says(WISH)
    says("改到 12/3 再送")
    with current.sessions() as session:
        assert session.scalars(select(Proposal)).all() == []
        assert session.scalars(select(Message)).all() != []
    assert case(current).live
