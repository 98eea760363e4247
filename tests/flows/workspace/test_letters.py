"""Letters to customers: from the case, to an address that was proved, through the outbox and a real mail server."""

import pytest
import time_machine
from sqlalchemy import select

from bot import clock, outbox
from bot.models import Contact, Conversation, OutboxRow
from handoff import tickets
from handoff.models import Ticket
from tests import console, desk
from tests.console import words

CHEN = "chen@mail.example"


@pytest.fixture
def current(tmp_path, postgres, mailbox):
    settings = {"smtp_url": mailbox.url, "mail_from": "鮮好 <care@shop.example>", "open_hours": "00:00-24:00"}
    with desk.shop(tmp_path, postgres, **settings) as shop:
        yield shop


def case_of(current, name="陳怡君", proved=CHEN):
    """A case that 王 has, of a customer whose address she has checked."""
    with current.sessions.begin() as session:
        conversation = desk.customer(session, name)
        desk.writes(session, conversation, "我要收據")
        ref = current.wiring.desk.open(session, desk.wish_for_a_person(conversation))
        wang = console.user_id_in(session, "wang")
        tickets.claim(session, ref.ticket_id, wang)
        if proved:
            tickets.verify(session, ref.ticket_id, wang, "email", proved, "called_back")
    return ref


@pytest.fixture
def case(current, wang):
    return case_of(current)


def letter(member, case, text="收據在附檔", key="click-1", **form):
    given = {"seen": 10**9, "address": CHEN, "text": text, "key": key, **form}
    return member.post(f"/console/cases/{case.number}/mail", data=given, headers=console.PANE)


def goes_out(current):
    """The worker's part."""
    with current.sessions() as session:
        waiting = session.scalars(select(OutboxRow.conversation_id).where(OutboxRow.state.in_(outbox.OPEN))).all()
    for conversation_id in set(waiting):
        outbox.deliver(conversation_id)


def shown(member, case):
    return words(member.get(f"/console/cases/{case.number}"))


def test_a_letter_names_the_case_and_says_how_to_answer_and_the_thread_shows_what_became_of_it(
    current, wang, case, mailbox
):
    sent = words(letter(wang, case))
    assert "收據在附檔" in sent
    assert "信箱 ・排隊中" in sent
    goes_out(current)
    [mail] = mailbox.mails
    assert (mail["To"], case.number in mail["Subject"]) == (CHEN, True)
    assert mail["From"].addresses[0].addr_spec == "care@shop.example"
    body = mail.get_content()
    assert body.startswith("收據在附檔")
    assert f"我們讀不到您的回信。要再聯絡我們，請在 LINE 傳訊息，並附上案件編號 {case.number}" in body
    assert "信箱 ・郵件伺服器已收下" in shown(wang, case)


def test_a_second_letter_about_the_case_stands_under_the_first(current, wang, case, mailbox):
    for click in ("click-1", "click-2"):
        letter(wang, case, key=click)
        goes_out(current)
    first, second = mailbox.mails
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"] != second["Message-ID"]
    assert first["In-Reply-To"] is None


def test_a_letter_answers_the_customer_and_what_follows_goes_by_chat_again(current, wang, case):
    assert letter(wang, case).status_code == 200
    letter(wang, case)  # a second click
    with current.sessions() as session:
        ticket = session.get_one(Ticket, case.ticket_id)
        assert (ticket.state, ticket.first_response_at is not None) == ("waiting", True)
        assert session.scalars(select(Conversation).where(Conversation.source_id == CHEN)).one().owner == "bot"
        assert desk.count(session, OutboxRow) == 1
    again = {"text": "還有問題嗎", "key": "click-2", "seen": 10**9}
    wang.post(f"/console/cases/{case.number}/reply", data=again, headers=console.PANE)
    with current.sessions() as session:
        last = session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc())).first()
        assert last.conversation_id == session.get_one(Ticket, case.ticket_id).conversation_id


def test_what_the_customer_wrote_meanwhile_is_read_first_and_the_letter_is_kept(current, wang, case):
    refused = letter(wang, case, seen=0)
    assert refused.status_code == 409
    assert "剛剛又傳了 1 則" in words(refused)
    assert 'data-composer="mail" >' in refused.get_data(as_text=True)
    assert "收據在附檔</textarea>" in refused.get_data(as_text=True)


def test_a_letter_goes_to_a_proved_address_of_this_customer_only(current, wang, case):
    other = case_of(current, "黃柏翰", "huang@mail.example")
    refused = letter(wang, case, address="huang@mail.example")
    assert (refused.status_code, "只能寄到顧客確認過的信箱" in words(refused)) == (409, True)
    nobody = case_of(current, "林先生", proved="")
    assert "寫信" not in shown(wang, nobody)
    assert "huang@mail.example" in shown(wang, other)


def test_who_has_only_a_telephone_can_be_written_to_as_well(current, wang, mailbox):
    with current.sessions.begin() as session:
        agent, said = console.user_id_in(session, "wang"), tickets.heard("請把收據寄給我")
        case = tickets.open_by_phone(session, agent, "0912345678", "林太太", said, current.settings.zone)
        tickets.verify(session, case.id, agent, "email", CHEN, "called_back")
        number = case.number
    page = wang.get(f"/console/cases/{number}").get_data(as_text=True)
    assert ('data-composer="mail"' in page, 'data-composer="reply"' in page) == (True, False)
    given = {"seen": 10**9, "address": CHEN, "text": "收據在附檔", "key": "click-1"}
    sent = wang.post(f"/console/cases/{number}/mail", data=given, headers=console.PANE)
    assert (sent.status_code, "信箱 ・排隊中" in words(sent)) == (200, True)
    goes_out(current)
    assert [mail["To"] for mail in mailbox.mails] == [CHEN]


def test_over_a_colleagues_answer_no_letter_goes_out_unread(app, current, wang, case):
    lead = console.signed_in(app, current, "lin", "supervisor")
    said = {"text": "我來回覆", "key": "click-9", "seen": 10**9}
    lead.post(f"/console/cases/{case.number}/reply", data=said, headers=console.PANE)
    refused = letter(wang, case, seen=1)
    assert (refused.status_code, "剛剛回覆了顧客" in words(refused)) == (409, True)


def test_an_address_that_two_customers_proved_waits_until_it_is_known_whether_they_are_one(app, current, wang, case):
    letter(wang, case)
    other = case_of(current, "陳小姐")
    with current.sessions() as session:
        hers = session.get_one(Ticket, other.ticket_id).contact_id
    refused = letter(wang, other, key="click-2")
    assert (refused.status_code, "也是另一位顧客確認過的" in words(refused)) == (409, True)
    lead = console.signed_in(app, current, "lin", "supervisor")
    merged = {"contact": hers, "seen": 10**9}
    assert lead.post(f"/console/cases/{case.number}/same-person", data=merged, headers=console.PANE).status_code == 200
    assert letter(wang, other, key="click-2").status_code == 200


def test_while_the_mail_server_is_away_a_letter_waits_and_then_arrives_once(current, wang, case, mailbox):
    mailbox.stop()
    letter(wang, case)
    goes_out(current)
    assert "還沒寄出，會自動再試" in shown(wang, case)
    assert "連不上郵件伺服器" in shown(wang, case)
    mailbox.start()
    with time_machine.travel(clock.after(120)):
        goes_out(current)
        goes_out(current)
    assert len(mailbox.mails) == 1


def test_a_letter_that_may_have_arrived_is_not_sent_again_unless_somebody_says_so(current, wang, case, mailbox):
    mailbox.lost_answers = 1
    letter(wang, case)
    for later in (0, 120):
        with time_machine.travel(clock.after(later)):
            goes_out(current)
    assert len(mailbox.mails) == 1
    assert "可能已寄到；不會自動重寄" in shown(wang, case)
    with current.sessions() as session:
        row = session.scalars(select(OutboxRow)).one()
    form = {"id": row.id, "case": case.number}
    wang.post(f"/console/conversations/{row.conversation_id}/resend", data=form, headers=console.PANE)
    goes_out(current)
    first, second = mailbox.mails
    assert first["Message-ID"] != second["Message-ID"]
    assert "郵件伺服器已收下" in shown(wang, case)


def test_an_address_that_does_not_exist_is_a_dead_letter_that_the_desk_sees(current, wang, case, mailbox):
    mailbox.answers.append("550 no such user")
    letter(wang, case)
    goes_out(current)
    page = shown(wang, case)
    assert "沒有寄出：郵件伺服器拒收" in page
    assert "再送一次" in page
    assert "有訊息沒有送出" in page


def test_a_shop_without_a_mail_server_writes_no_letters(current, wang, case):
    object.__setattr__(current, "settings", current.settings.model_copy(update={"smtp_url": ""}))
    assert "寫信" not in shown(wang, case)
    refused = letter(wang, case)
    assert (refused.status_code, "只能寄到顧客確認過的信箱" in words(refused)) == (409, True)


def test_who_writes_english_gets_an_english_letter(current, wang, case, mailbox):
    with current.sessions.begin() as session:
        session.scalars(select(Contact)).one().language = "en"
    letter(wang, case, text="Here is your receipt")
    goes_out(current)
    [mail] = mailbox.mails
    assert f"please write to us on LINE and quote case {case.number}" in " ".join(mail.get_content().split())
