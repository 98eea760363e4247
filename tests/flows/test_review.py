"""High risk, simple: who asks proves who he is, the bot prepares, people decide, and nobody hears of it before."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from standardwebhooks import Webhook
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from bot import clock, proving
from bot.errors import OrdersAway
from bot.models import IdentityCheck, JournalEntry, Message, User
from bot.orders import sql
from bot.orders.rows import OrderProof
from bot.orders.sql import SqlOrders
from bot.ports import Order
from bot.proving import codes
from bot.services import Services
from bot.settings import Settings
from bot.turn import pausing, remembering
from faq import drafts
from handoff.models import ContactKey, Proposal, Ticket
from tests import console
from tests.builders import Customer
from tests.console import signed_in, words
from tests.engines import Knows
from tests.fakes import FakeLine
from tests.notices import Endpoint, Mailbox

pytestmark = pytest.mark.by_hand  # the stories decide what the understanding knows
Work = Callable[[], None]
Says = Callable[[str], list[str]]

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WISH = "我要改撥款帳戶，電話 0912345678，改成 台新 812-0012345"


@pytest.fixture(autouse=True)
def understanding(knows: Knows, monkeypatch: pytest.MonkeyPatch) -> None:
    knows({"撥款帳戶": "change_bank_account", "個人資料": "change_personal_data"})
    monkeypatch.setattr(codes, "COST", 2)  # a shop's takes its time on purpose


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox, pushes: Endpoint) -> Settings:
    """A shop with a mail server, and a program that sends short messages."""
    sms = {"sms_url": f"http://127.0.0.1:{pushes.port}/sms", "sms_secret": SECRET, "own_networks": "127.0.0.0/8"}
    return settings.model_copy(update={"smtp_url": mailbox.url, **sms})


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as time:
        yield time


@pytest.fixture
def lin(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "linhua", "specialist")


def knows_address(current: Services, kind: str = "email", value: str = "chen@example.com") -> None:
    """A colleague found out once that this is the customer's."""
    with current.sessions.begin() as session:
        contact = console.knows(session, "Uchen", "陳怡君").contact_id
        by = session.scalars(select(User.id).limit(1)).one()
        session.add(ContactKey(contact_id=contact, kind=kind, value=value, how="document", verified_by=by))


def code_in(mailbox: Mailbox) -> str:
    found = re.search(r"驗證碼 (\d{6})", mailbox.mails[-1].get_content())
    assert found
    return found[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def case(current: Services) -> Ticket:
    with current.sessions() as session:
        return session.scalars(select(Ticket)).one()


def proposal(current: Services) -> Proposal:
    with current.sessions() as session:
        return session.scalars(select(Proposal)).one()


def decides(member: FlaskClient, current: Services, action: str, **fields: object) -> TestResponse:
    row = proposal(current)
    given = {"proposal": row.id, "text": row.text, "key": f"click-{action}", "seen": 10**9} | fields
    return member.post(f"/console/cases/{case(current).number}/{action}", data=given, headers=console.PANE)


@pytest.fixture
def proved(current: Services, says: Says, mailbox: Mailbox) -> list[str]:
    """The customer wanted another account and proved who she is; what she heard last."""
    knows_address(current)
    says(WISH)
    return says(code_in(mailbox))


def test_a_code_goes_to_the_address_that_we_know_and_one_wrong_try_is_forgiven(
    current: Services, says: Says, mailbox: Mailbox
) -> None:
    knows_address(current)
    [sent] = says(WISH)
    assert "c***@example.com" in sent
    assert str(mailbox.mails[-1]["To"]) == "chen@example.com"
    [again] = says(wrong(code_in(mailbox)))
    assert again == "驗證碼不對，還可以再試 4 次。"
    [done] = says(f"驗證碼是 {code_in(mailbox)}")
    assert done.startswith("身分確認好了，謝謝。")
    found, row = case(current), proposal(current)
    assert found.number in done
    assert found.facts["identity"] == "一次性驗證碼 c***@example.com（我們登記的聯絡方式）"
    assert (row.kind, row.state, row.approvals, row.proof) == ("change", "pending", 2, found.facts["identity"])
    assert "台新 812-0012345" in row.text


def test_the_code_is_in_no_row_and_no_log(current: Services, says: Says, mailbox: Mailbox) -> None:
    knows_address(current)
    with capture_logs() as logs:
        says(WISH)
    code = code_in(mailbox)
    with current.sessions() as session:
        row = session.scalars(select(IdentityCheck)).one()
        told = [str(entry.data) for entry in session.scalars(select(JournalEntry))]
    assert row.digest == codes.digest(code, row.key)
    assert code not in str(vars(row)) + str(told) + str(logs)


def test_two_people_approve_and_only_then_the_customer_hears_of_it(
    proved: list[str], current: Services, line: FakeLine, work: Work, wang: FlaskClient, lin: FlaskClient
) -> None:
    before = len(line.said)
    page = words(wang.get(f"/console/cases/{case(current).number}"))
    assert ("顧客還沒有收到" in page, "要兩個人核准" in page) == (True, True)
    assert decides(wang, current, "approve").status_code == 200
    assert case(current).assignee_id == console.user_id(current, "wangmin"), "taken with the same click"
    work()
    assert line.said[before:] == []
    assert "另一位二線或主管核准" in words(decides(wang, current, "approve", key="click-2"))
    assert decides(lin, current, "approve", key="click-3").status_code == 200
    assert decides(lin, current, "approve", key="click-3").status_code == 200
    work()
    assert line.said[before:] == [], "it is not changed yet"
    assert "這裡不能直接改" in words(wang.get(f"/console/cases/{case(current).number}"))
    assert decides(wang, current, "change-done").status_code == 200
    work()
    assert line.said[before:] == [proposal(current).text]
    assert line.arrived[-1][0] == "wangmin", "whoever has the case speaks"
    assert case(current).state == "waiting"


def test_the_record_shows_who_let_it_out(
    proved: list[str], app: Flask, current: Services, wang: FlaskClient, lin: FlaskClient
) -> None:
    decides(wang, current, "approve")
    decides(lin, current, "approve", key="click-2")
    lead = signed_in(app, current, "chou", "supervisor")
    page = words(lead.get("/console/audit?about=approvals"))
    number = case(current).number
    assert f"wangmin 第一位核准了機器人準備的 {number}" in page
    assert f"linhua 核准了機器人準備的 {number}" in page


def test_another_of_front_line_is_no_second(
    proved: list[str], app: Flask, current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    decides(wang, current, "approve")
    mei = signed_in(app, current, "meimei", "agent")
    assert "第二位核准的人要是二線或主管" in words(decides(mei, current, "approve", key="click-2"))
    assert proposal(current).state == "pending"


def test_who_edits_the_words_approves_her_own_and_the_first_must_agree_again(
    proved: list[str], current: Services, line: FakeLine, work: Work, wang: FlaskClient, lin: FlaskClient
) -> None:
    before = len(line.said)
    decides(wang, current, "approve")
    refused = decides(lin, current, "approve", text="改好了。", key="click-2")
    assert refused.status_code == 409, "the case is another's, and the words are new"
    edited = decides(wang, current, "approve", text="您的撥款帳戶改好了。", key="click-3")
    assert edited.status_code == 200
    decides(lin, current, "approve", key="click-4")
    decides(wang, current, "change-done")
    work()
    assert line.said[before:] == ["您的撥款帳戶改好了。"]


def test_what_is_refused_is_never_said(
    proved: list[str], current: Services, line: FakeLine, work: Work, wang: FlaskClient
) -> None:
    before = len(line.said)
    assert "還沒有寫內容" in words(decides(wang, current, "refuse", why=" "))
    assert "沒有核准機器人準備的回覆：帳號和合約不符" in words(decides(wang, current, "refuse", why="帳號和合約不符"))
    assert "已經決定過了" in words(decides(wang, current, "approve"))
    work()
    assert line.said[before:] == []
    assert case(current).live


def test_what_the_customer_wrote_meanwhile_is_read_first(
    proved: list[str], current: Services, says: Says, wang: FlaskClient
) -> None:
    with current.sessions() as session:
        seen = max(session.scalars(select(Message.id)))
    says("等等，帳號我寫錯了")
    refused = decides(wang, current, "approve", seen=seen)
    assert (refused.status_code, proposal(current).first_by) == (409, None)


def test_what_the_customer_takes_back_cannot_be_approved_and_is_read_by_nobody(
    current: Services, chen: Customer, line: FakeLine, work: Work, says: Says, mailbox: Mailbox, wang: FlaskClient
) -> None:
    knows_address(current)
    [sent] = chen.writes(WISH)
    work()
    says(code_in(mailbox))
    assert "台新 812-0012345" in proposal(current).text
    before = len(line.said)
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    row, found = proposal(current), case(current)
    assert (row.state, row.changes, row.message_id) == ("taken_back", {}, None)
    assert "812" not in row.text + found.summary + str(found.facts)
    assert "identity" in found.facts, "that he proved who he is stays"
    page = words(wang.get(f"/console/cases/{found.number}"))
    assert ("顧客收回了內容" in page, "812-0012345" in page) == (True, False)
    assert "顧客收回了這份內容" in words(decides(wang, current, "approve"))
    work()
    assert line.said[before:] == []


def test_of_a_wish_in_two_messages_the_one_that_is_taken_back_is_gone(
    current: Services, chen: Customer, work: Work, says: Says, mailbox: Mailbox
) -> None:
    knows_address(current)
    says("我要改撥款帳戶，電話 0912345678")
    *_, sent = chen.writes("新的帳戶在這裡", "台新 812-0012345")
    work()
    says(code_in(mailbox))
    assert "812-0012345" in proposal(current).text
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    row, found = proposal(current), case(current)
    assert row.state == "taken_back"
    assert "812" not in row.text + str(row.changes) + found.summary + str(found.facts)


def test_an_address_that_only_the_customer_names_proves_no_more_than_itself(
    current: Services, says: Says, mailbox: Mailbox
) -> None:
    assert "請留下您登記的電子信箱或手機號碼" in says(WISH)[0]
    assert "m***@example.com" in says("mei@example.com")[0]
    says(code_in(mailbox))
    assert "顧客自己提供的，請和登記資料核對" in proposal(current).proof


def test_five_wrong_codes_end_with_a_person(current: Services, says: Says, mailbox: Mailbox) -> None:
    knows_address(current)
    says(WISH)
    code = code_in(mailbox)
    for _ in range(4):
        says(wrong(code))
    [over] = says(wrong(code))
    assert over.startswith("在這裡沒有辦法確認是您本人")
    assert "身分核對" in case(current).summary
    with current.sessions() as session:
        assert session.scalars(select(Proposal)).all() == []


def test_a_code_that_is_late_is_sent_again_and_not_for_ever(
    current: Services, says: Says, mailbox: Mailbox, time: time_machine.Traveller
) -> None:
    knows_address(current)
    says(WISH)
    old = code_in(mailbox)
    time.shift(timedelta(minutes=11))
    assert says(old) == ["這組驗證碼過期了，請重寄一組。"]
    for _ in range(4):
        assert "c***@example.com" in says("重寄驗證碼")[0]
    assert len(mailbox.mails) == 5
    assert says("重寄驗證碼")[0].startswith("在這裡沒有辦法確認是您本人")
    assert case(current).live


def has_order(current: Services, line_user: str = "") -> None:
    with current.sessions.begin() as session:
        sql.save(session, [Order("GB1118-20731", "shipped", line_user=line_user, phone="0912345678")])


def test_an_order_and_the_digits_of_its_phone_prove_it_as_well(current: Services, says: Says) -> None:
    has_order(current)
    [asked] = says(WISH)
    assert "登記的電子信箱或手機號碼" in asked
    assert "訂單編號和訂購電話的末三碼" in asked
    assert "末三碼" in says("GB1118-20731")[0]
    assert "對不起來" in says("111")[0]
    assert says("678")[0].startswith("身分確認好了，謝謝。")
    row = proposal(current)
    assert (row.state, row.proof) == ("pending", "訂單 GB1118-20731 和訂購電話末三碼相符")
    assert case(current).facts["order_number"] != "GB1118-20731", "it says who he is, and not what he wants"


def test_both_may_be_told_at_once(current: Services, says: Says) -> None:
    has_order(current)
    says(WISH)
    assert says("訂單 GB1118-20731，末三碼 678")[0].startswith("身分確認好了，謝謝。")


def test_an_order_of_somebody_elses_account_proves_nothing(current: Services, says: Says) -> None:
    has_order(current, "Usomebody")
    says(WISH)
    assert "對不起來" in says("GB1118-20731 末三碼 678")[0]
    has_order(current, "Uchen")
    assert says("678")[0].startswith("身分確認好了，謝謝。")


def test_a_shop_that_is_away_is_no_wrong_guess(current: Services, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    has_order(current)
    says(WISH)

    def away(*_: object) -> None:
        raise OrdersAway("down")

    monkeypatch.setattr(SqlOrders, "by_number", away)
    assert says("GB1118-20731 末三碼 111")[0].startswith("在這裡沒有辦法確認是您本人")
    with current.sessions() as session:
        told = session.scalars(select(JournalEntry.data).where(JournalEntry.kind == "turn.order")).all()
        assert [one["result"] for one in told] == ["away"]
        assert session.scalars(select(OrderProof)).all() == []


def test_an_address_that_was_typed_and_taken_back_is_forgotten_everywhere(
    chen: Customer, current: Services, says: Says, line: FakeLine, work: Work, mailbox: Mailbox
) -> None:
    says(WISH)
    [sent] = chen.writes("mei@example.com")
    work()
    assert "m***@example.com" in line.said[-1]
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    with current.sessions() as session:
        [row] = session.scalars(select(IdentityCheck))
        told = [str(entry.data) for entry in session.scalars(select(JournalEntry))]
    assert (row.address, row.state) == ("", "sent")
    assert "mei@example" not in str(told)
    assert says(code_in(mailbox))[0].startswith("身分確認好了"), "who has the code has the address"
    assert "example.com" not in proposal(current).proof


def test_an_order_is_not_guessed_at_for_ever(current: Services, says: Says) -> None:
    has_order(current)
    says(WISH)
    says("GB1118-20731 末三碼 111")
    says("222")
    assert says("333")[0].startswith("在這裡沒有辦法確認是您本人")
    with current.sessions() as session:
        assert session.scalars(select(Proposal)).all() == []


def test_a_shop_without_letters_and_messages_checks_by_order(
    current: Services, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_order(current)
    monkeypatch.setattr(proving, "ways", lambda _: ())
    [asked] = says(WISH)
    assert asked.endswith("請傳一筆訂單的編號和訂購電話的末三碼；機器人不會直接更改任何資料。")
    assert says("GB1118-20731 末三碼 678")[0].startswith("身分確認好了，謝謝。")


def test_where_no_letter_goes_out_a_person_finds_out_who_it_is(
    current: Services, says: Says, mailbox: Mailbox, line: FakeLine, work: Work
) -> None:
    knows_address(current)
    mailbox.answers.append("550 no such user")
    says(WISH)
    pausing.look(current)
    work()
    assert "身分核對" in line.said[-1]
    assert case(current).number in line.said[-1]


def test_who_cannot_prove_it_here_is_not_sent_away(current: Services, says: Says) -> None:
    says(WISH)
    assert case_after(current, says("我沒有，略過")).facts["change_wanted"] == "台新 812-0012345"


def case_after(current: Services, heard: list[str]) -> Ticket:
    found = case(current)
    assert found.number in heard[0]
    return found


def test_a_code_by_sms_goes_through_a_program_that_knows_our_signature(
    current: Services, says: Says, pushes: Endpoint
) -> None:
    knows_address(current, "phone", "0912345678")
    assert "*******678" in says(WISH)[0]
    [(path, headers, body)] = pushes.taken
    assert path == "/sms"
    Webhook(SECRET).verify(body, headers)
    assert json.loads(body)["to"] == "0912345678"


def test_what_is_prepared_is_the_answer_for_this_customer(
    current: Services, says: Says, mailbox: Mailbox, knows: Knows
) -> None:
    knows({"分期": "cancel_loan"})
    knows_address(current)
    told = {"intent": "cancel_loan", "category": "cancel_order", "question": "分期怎麼取消？"}
    row = told | {"external_id": "L1", "answer": "{order}由專屬窗口取消（{case}）。", "tiers": ["VIP"]}
    with current.sessions.begin() as session:
        assert drafts.save(session, [(1, row)], publish=True).problems == []
        conversation = console.knows(session, "Uchen", "陳怡君")
        assert conversation.contact
        conversation.contact.tier = "VIP"
        remembering.learn(conversation, {"order_number": "GB1118"}, clock.now())
    says("我要取消分期")
    says(code_in(mailbox))
    assert proposal(current).text == f"GB1118由專屬窗口取消（{case(current).number}）。"
