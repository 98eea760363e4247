"""A customer quotes a case's number, in any channel: his message joins that case, and nobody hears of another's."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import conversations, people, services
from bot.models import Conversation, OutboxRow
from handoff import tickets
from handoff.console import inbox
from handoff.models import Notice, Ticket
from handoff.notify import reading
from handoff.numbers import quoted
from tests import desk
from tests.desk import AFTERNOON


def elsewhere(session, contact_id, account="second"):
    """The same person on another channel of ours."""
    number = people.account_id(session, "messenger", account)
    found = conversations.conversation_id(session, number, "user", f"P{contact_id}", contact_id)
    there = session.get_one(Conversation, found)
    there.last_customer_at = AFTERNOON
    return there


def texts(session, conversation):
    rows = select(OutboxRow).where(OutboxRow.conversation_id == conversation.id).order_by(OutboxRow.id)
    return [row.body["text"] for row in session.scalars(rows)]


def home(session, case):
    return session.get_one(Conversation, case.conversation)


@pytest.mark.parametrize(
    "text",
    [
        "CS-261121-0001",
        "我的案件是cs-261121-0001，有進度嗎",
        "ＣＳ－２６１１２１－０００１",
        "CS 261121 0001",
        "cs2611210001",
    ],
)
def test_a_number_is_read_however_people_write_it(text):
    assert quoted(text) == "CS-261121-0001"


@pytest.mark.parametrize(
    "text", ["", "CS", "DCS-261121-0001", "CS-261121-00012345", "電話 0912345678", "CS-26112-0001"]
)
def test_what_is_no_number_is_none(text):
    assert quoted(text) == ""


def test_from_another_channel_the_message_joins_the_case_and_the_agent_answers_there(session, case):
    messenger = elsewhere(session, home(session, case).contact_id)
    assert desk.tells(session, messenger, "CS-261121-0001 我換到這邊問，收到了嗎")
    assert texts(session, messenger) == ["已併入案件 CS-261121-0001，負責的專員會看到您這則訊息。"]
    assert messenger.owner == "human"
    assert desk.count(session, Ticket) == 1
    messenger.last_customer_at = AFTERNOON + timedelta(minutes=1)
    newest = desk.writes(session, messenger, "在嗎")
    assert services.current().wiring.desk.customer_wrote(session, messenger.id, newest.id).ticket_id == case.ticket
    tickets.reply(session, case.ticket, case.agent, "收到了，我在這裡回您。", "click-1", newest.id)
    assert texts(session, messenger)[-1] == "收到了，我在這裡回您。"
    assert texts(session, home(session, case)) == []


def test_a_reply_is_refused_while_a_message_from_the_other_channel_is_unread(session, case):
    messenger = elsewhere(session, home(session, case).contact_id)
    desk.tells(session, messenger, "CS-261121-0001 還沒收到")
    with pytest.raises(tickets.Stale):
        tickets.reply(session, case.ticket, case.agent, "您好", "click-1", case.seen)


def test_what_he_writes_there_is_unread_in_the_list_until_somebody_answers_anywhere(shop, session, case):
    def row():
        session.commit()
        with shop.sessions() as looking:
            (found,) = inbox.load(looking, "mine", case.agent).rows
        return found.unread, found.last.text

    tickets.reply(session, case.ticket, case.agent, "請問訂單編號是？", "click-1", case.seen)
    assert row() == (0, "請問訂單編號是？")
    messenger = elsewhere(session, home(session, case).contact_id)
    desk.tells(session, messenger, "CS-261121-0001 是 GB1118")
    desk.tells(session, messenger, "還在嗎")
    assert row() == (2, "還在嗎")
    tickets.reply(session, case.ticket, case.agent, "在的", "click-2", 10**9)
    assert row() == (0, "在的")


def test_what_he_writes_there_wakes_whoever_has_the_case(shop, session, case):
    reading.look(shop)
    messenger = elsewhere(session, home(session, case).contact_id)
    desk.tells(session, messenger, "CS-261121-0001 是 GB1118")
    desk.tells(session, messenger, "還在嗎")
    session.commit()
    reading.look(shop)
    told = session.scalars(select(Notice).where(Notice.kind == "ticket.customer_wrote")).all()
    assert [(notice.user_id, notice.ticket_id) for notice in told] == [(case.agent, case.ticket)] * 2


def test_when_the_case_is_over_the_bot_has_both_conversations_again(session, case):
    messenger = elsewhere(session, home(session, case).contact_id)
    desk.tells(session, messenger, "CS-261121-0001")
    tickets.resolve(session, case.ticket, desk.staff(session, "主管", "supervisor").id, 10**9)
    assert (messenger.owner, home(session, case).owner) == ("bot", "bot")


def test_quoting_a_closed_case_opens_it_again_for_the_same_agent(session, case):
    lead = desk.staff(session, "主管", "supervisor").id
    tickets.resolve(session, case.ticket, lead, case.seen)
    tickets.close(session, case.ticket, lead)
    with time_machine.travel(AFTERNOON + timedelta(days=9), tick=False):
        desk.is_there(session, case.agent)
        assert desk.tells(session, home(session, case), "CS-261121-0001 又壞了")
    ticket = session.get_one(Ticket, case.ticket)
    assert (ticket.state, ticket.assignee_id, ticket.reopened, ticket.closed_at) == ("open", case.agent, 1, None)
    assert home(session, case).owner == "human"


def test_quoting_the_case_at_hand_tells_until_when_it_is_answered(session, case):
    assert desk.tells(session, home(session, case), "CS-261121-0001 有進度嗎")
    assert "CS-261121-0001" in texts(session, home(session, case))[-1]
    assert session.get_one(Ticket, case.ticket).state == "open"


def test_an_old_case_that_is_quoted_lives_beside_the_one_that_is_open(session, case):
    lead = desk.staff(session, "主管", "supervisor").id
    tickets.hand_back(session, case.ticket, lead, case.seen)
    newer = services.current().wiring.desk.open(session, desk.wish_for_a_person(home(session, case)))
    assert desk.tells(session, home(session, case), "CS-261121-0001 那件也還沒好")
    old, new = session.get_one(Ticket, case.ticket), session.get_one(Ticket, newer.ticket_id)
    assert (old.state, old.side, new.state, new.side) == ("new", True, "new", False)
    tickets.claim(session, old.id, lead)
    tickets.resolve(session, old.id, lead, 10**9)
    assert home(session, case).owner == "human"


def test_another_persons_number_and_one_that_never_was_are_answered_alike(session, case):
    said = []
    for number in ("CS-261121-0001", "CS-261121-7777"):
        huang = desk.customer(session, "黃柏翰")
        assert desk.tells(session, huang, f"{number} 進度如何")
        [text] = texts(session, huang)
        own = session.scalars(select(Ticket).where(Ticket.conversation_id == huang.id)).one()
        assert own.facts["quoted_case"] == number
        said.append(text.replace(own.number, "CS-own"))
    assert said[0] == said[1]
    assert "確認是您本人" in said[0]
    assert "陳怡君" not in said[0]


def test_a_customer_who_says_it_again_is_marked(session, case):
    desk.tells(session, home(session, case), "我剛剛已經說過了，訂單是 GB1118")
    assert session.get_one(Ticket, case.ticket).repeats == 1
