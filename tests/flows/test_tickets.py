"""The desk's side of a handoff: the case opens once, one agent has it, nobody talks past the customer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import services
from bot.errors import Refused
from bot.models import Conversation, JournalEntry, Message, OutboxRow
from handoff import tickets
from handoff.models import Ticket
from tests import desk
from tests.desk import AFTERNOON

NIGHT = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)


def human_desk():
    return services.current().wiring.desk


def reply(session, case, text="您好，我來幫您看。", key="click-1", seen=None, by=None):
    return tickets.reply(session, case.ticket, by or case.agent, text, key, seen or case.seen)


def lead(session):
    """Who may end a case."""
    return desk.staff(session, "陳主管", "supervisor").id


def test_a_customer_who_asks_for_a_person_gets_a_number_and_a_time(session):
    conversation = desk.customer(session)
    ref = human_desk().open(session, desk.wish_for_a_person(conversation))
    assert ref.opened
    assert ref.promise == "已轉給客服專員（案件 CS-261121-0001），30 分鐘內會有人回覆您。"
    assert conversation.owner == "human"
    assert "ticket.opened" in desk.journal_kinds(session, conversation)


def test_at_night_the_customer_is_told_of_the_morning(session):
    with time_machine.travel(NIGHT, tick=False):
        ref = human_desk().open(session, desk.wish_for_a_person(desk.customer(session)))
    assert ref.promise == "已記錄（案件 CS-261121-0001），將於次日 9 點前優先處理，最晚 9 點 30 分前回覆您。"
    assert ref.due_at == datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


def test_the_case_carries_what_the_bot_knew(session):
    ref = human_desk().open(session, desk.wish_for_a_person(desk.customer(session)))
    ticket = session.get_one(Ticket, ref.ticket_id)
    assert (ticket.state, ticket.level, ticket.facts) == ("new", "L2", {"order_number": "GB1118"})
    session.commit()
    entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.opened")).one()
    assert entry.data["reasons"] == ["override.want_human"]


def test_asking_twice_in_an_episode_is_one_case(session):
    conversation = desk.customer(session)
    first = human_desk().open(session, desk.wish_for_a_person(conversation))
    again = human_desk().open(session, desk.wish_for_a_person(conversation))
    assert (again.ticket_id, again.number, again.opened) == (first.ticket_id, first.number, False)
    assert "最晚今天 14 點 30 分前會有人回覆您" in again.promise
    assert desk.count(session, Ticket) == 1


def test_a_case_that_is_rolled_back_never_was(shop):
    with shop.sessions() as session:
        conversation = desk.customer(session)
        session.commit()
        human_desk().open(session, desk.wish_for_a_person(conversation))
        session.rollback()
        assert session.get_one(Conversation, conversation.id).owner == "bot"
        assert desk.count(session, Ticket) == 0


def test_of_two_agents_who_click_at_once_one_gets_the_case(shop):
    with shop.sessions.begin() as session:
        ref = human_desk().open(session, desk.wish_for_a_person(desk.customer(session)))
        agents = [desk.staff(session, name).id for name in ("劉思妤", "王大明", "林小美", "周志強")]

    def click(agent):
        with shop.sessions.begin() as session:
            try:
                return tickets.claim(session, ref.ticket_id, agent).assignee.name
            except Refused as refused:
                return str(refused)

    with ThreadPoolExecutor(4) as hands:
        outcomes = list(hands.map(click, agents))
    winner = next(o for o in outcomes if "接手" not in o)
    assert sorted(o for o in outcomes if o != winner) == [f"{winner}已經接手這件案件。"] * 3


def test_clicking_claim_twice_is_harmless(session, case):
    version = session.get_one(Ticket, case.ticket).version
    tickets.claim(session, case.ticket, case.agent)
    assert session.get_one(Ticket, case.ticket).version == version


@pytest.mark.parametrize("role", ["editor", "reviewer", "marketing"])
def test_who_is_not_of_the_desk_is_refused(session, case, role):
    outsider = desk.staff(session, "外人", role)
    with pytest.raises(Refused, match="沒有處理案件的權限"):
        tickets.claim(session, case.ticket, outsider.id)


def test_a_colleague_who_left_is_refused(session, case):
    gone = desk.staff(session, "離職")
    gone.active = False
    with pytest.raises(Refused):
        tickets.note(session, case.ticket, gone.id, "還是我")


def test_the_agents_reply_goes_out_under_her_name(session, case):
    message = reply(session, case)
    row = session.scalars(select(OutboxRow).where(OutboxRow.message_id == message.id)).one()
    assert (row.speaker, row.sender_name, row.body["text"]) == ("agent", "劉思妤", "您好，我來幫您看。")
    ticket = session.get_one(Ticket, case.ticket)
    assert (ticket.state, ticket.waiting_since, ticket.first_response_at) == ("waiting", None, AFTERNOON)


def test_only_the_first_reply_stops_the_clock(session, case):
    reply(session, case)
    with time_machine.travel(AFTERNOON + timedelta(minutes=9), tick=False):
        reply(session, case, key="click-2")
    assert session.get_one(Ticket, case.ticket).first_response_at == AFTERNOON


def test_a_double_click_sends_once(session, case):
    assert reply(session, case).id == reply(session, case).id
    assert desk.count(session, OutboxRow) == 1


def test_a_repeated_click_is_not_refused_for_what_came_after_it(session, case):
    first = reply(session, case)
    desk.writes(session, session.get_one(Conversation, case.conversation), "還有一件事")
    assert reply(session, case).id == first.id


def test_a_reply_over_an_unread_message_is_refused_and_shows_it(session, case):
    missed = desk.writes(session, session.get_one(Conversation, case.conversation), "等等，我找到訂單了")
    with pytest.raises(tickets.Stale) as refused:
        reply(session, case)
    assert refused.value.missed == (missed,)
    assert str(refused.value) == "陳怡君剛剛又傳了 1 則，看完再送出你的回覆。"
    assert desk.count(session, OutboxRow) == 0


def test_having_read_it_the_agent_may_send(session, case):
    missed = desk.writes(session, session.get_one(Conversation, case.conversation), "等等，我找到訂單了")
    assert reply(session, case, seen=missed.id).author == "agent"


def test_a_colleague_may_not_write_into_my_case(session, case):
    with pytest.raises(Refused, match="劉思妤已經接手"):
        reply(session, case, by=desk.staff(session, "王大明").id)


def test_a_supervisor_may_step_in(session, case):
    lead = desk.staff(session, "陳主管", "supervisor")
    assert reply(session, case, by=lead.id).user_id == lead.id


def test_nobody_replies_before_claiming(session):
    ref = human_desk().open(session, desk.wish_for_a_person(desk.customer(session)))
    with pytest.raises(Refused, match="先接手"):
        tickets.reply(session, ref.ticket_id, desk.staff(session, "劉思妤").id, "您好", "click-1", 0)


@pytest.mark.parametrize("text", ["", "  \n ", "\x00"])
def test_an_empty_reply_is_refused(session, case, text):
    with pytest.raises(Refused, match="還沒有寫"):
        reply(session, case, text)


def test_a_very_long_reply_leaves_in_parts_and_loses_nothing(session, case):
    text = "這是一句很長的說明。" * 1200
    reply(session, case, text)
    bodies = [row.body["text"] for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]
    assert len(bodies) == 3
    assert "".join(bodies) == text


def test_a_note_never_leaves_the_house(session, case):
    message = tickets.note(session, case.ticket, case.agent, "顧客上週也反映過")
    assert (message.kind, message.author) == ("note", "agent")
    assert desk.count(session, OutboxRow) == 0


def test_a_customer_who_answers_puts_the_case_back_on_the_agents_side(session, case):
    reply(session, case)
    conversation = session.get_one(Conversation, case.conversation)
    message = desk.writes(session, conversation, "訂單是 GB1118")
    ref = human_desk().customer_wrote(session, conversation.id, message.id)
    ticket = session.get_one(Ticket, case.ticket)
    assert ref.ticket_id == case.ticket
    assert (ticket.state, ticket.waiting_since) == ("open", AFTERNOON)
    assert desk.journal_kinds(session, conversation)[-1] == "ticket.customer_wrote"


def test_the_wait_is_counted_from_the_first_unanswered_message(session, case):
    conversation = session.get_one(Conversation, case.conversation)
    with time_machine.travel(AFTERNOON + timedelta(minutes=5), tick=False):
        human_desk().customer_wrote(session, conversation.id, desk.writes(session, conversation, "在嗎").id)
    assert session.get_one(Ticket, case.ticket).waiting_since == AFTERNOON


def test_resolving_gives_the_conversation_to_the_bot_in_a_new_episode(session, case):
    tickets.resolve(session, case.ticket, lead(session), case.seen)
    conversation = session.get_one(Conversation, case.conversation)
    assert (conversation.owner, conversation.episode) == ("bot", 2)


def test_a_case_is_not_resolved_over_an_unread_message(session, case):
    desk.writes(session, session.get_one(Conversation, case.conversation), "還是不行")
    with pytest.raises(tickets.Stale):
        tickets.resolve(session, case.ticket, lead(session), case.seen)


def test_a_customer_who_comes_back_within_a_day_reaches_the_same_agent_who_is_free(session, case):
    tickets.resolve(session, case.ticket, lead(session), case.seen)
    conversation = session.get_one(Conversation, case.conversation)
    with time_machine.travel(AFTERNOON + timedelta(hours=23), tick=False):
        desk.is_there(session, case.agent)
        message = desk.writes(session, conversation, "又壞了")
        ref = human_desk().customer_wrote(session, conversation.id, message.id)
    ticket = session.get_one(Ticket, case.ticket)
    assert ref.ticket_id == case.ticket
    assert (ticket.state, ticket.assignee_id, ticket.reopened) == ("open", case.agent, 1)
    assert conversation.owner == "human"


def test_a_day_later_it_is_a_new_matter_for_the_bot(session, case):
    tickets.resolve(session, case.ticket, lead(session), case.seen)
    conversation = session.get_one(Conversation, case.conversation)
    with time_machine.travel(AFTERNOON + timedelta(hours=25), tick=False):
        message = desk.writes(session, conversation, "又壞了")
        assert human_desk().customer_wrote(session, conversation.id, message.id) is None
    assert conversation.owner == "bot"


def test_a_case_handed_back_is_the_bots(session, case):
    tickets.hand_back(session, case.ticket, lead(session), case.seen)
    conversation = session.get_one(Conversation, case.conversation)
    message = desk.writes(session, conversation, "運費怎麼算")
    assert human_desk().customer_wrote(session, conversation.id, message.id) is None
    assert conversation.owner == "bot"


def test_a_new_episode_can_open_a_new_case(session, case):
    tickets.hand_back(session, case.ticket, lead(session), case.seen)
    conversation = session.get_one(Conversation, case.conversation)
    ref = human_desk().open(session, desk.wish_for_a_person(conversation))
    assert (ref.opened, ref.number) == (True, "CS-261121-0002")


def test_an_agent_reopens_what_she_closed_too_early(session, case):
    tickets.resolve(session, case.ticket, lead(session), case.seen)
    ticket = tickets.reopen(session, case.ticket, case.agent)
    assert (ticket.state, ticket.conversation.owner) == ("open", "human")


def test_an_old_case_is_not_reopened_beside_a_running_one(session, case):
    tickets.hand_back(session, case.ticket, lead(session), case.seen)
    conversation = session.get_one(Conversation, case.conversation)
    ref = human_desk().open(session, desk.wish_for_a_person(conversation))
    with pytest.raises(Refused, match=ref.number):
        tickets.reopen(session, case.ticket, case.agent)


def test_a_resolved_case_takes_no_reply(session, case):
    tickets.resolve(session, case.ticket, lead(session), case.seen)
    with pytest.raises(Refused, match="已經結案"):
        reply(session, case)


def test_a_reply_that_cannot_be_delivered_shows_on_the_case(session, case):
    message = reply(session, case)
    row = session.scalars(select(OutboxRow).where(OutboxRow.message_id == message.id)).one()
    version = session.get_one(Ticket, case.ticket).version
    human_desk().delivery_failed(session, row.id)
    assert session.get_one(Ticket, case.ticket).version == version + 1
    assert "ticket.undelivered" in desk.journal_kinds(session, session.get_one(Conversation, case.conversation))


def test_when_the_bots_answer_cannot_be_delivered_somebody_is_told(session):
    conversation = desk.customer(session)
    row = desk.bot_says(session, conversation, "運費 80 元")
    row.state = "failed"
    human_desk().delivery_failed(session, row.id)
    ticket = session.scalars(select(Ticket)).one()
    assert (ticket.level, ticket.state, conversation.owner) == ("L3", "new", "human")


def test_every_step_is_in_the_journal(session, case):
    reply(session, case)
    tickets.resolve(session, case.ticket, lead(session), case.seen)
    kinds = desk.journal_kinds(session, session.get_one(Conversation, case.conversation))
    assert [k for k in kinds if k.startswith("ticket.")] == [
        "ticket.opened",
        "ticket.claimed",
        "ticket.replied",
        "ticket.resolved",
        "ticket.rating_asked",
    ]
    assert all(
        m.text not in str(e.data)
        for m in session.scalars(select(Message))
        for e in session.scalars(select(JournalEntry))
    )


def test_two_wishes_at_once_open_one_case(shop):
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)

    def wish(_):
        with shop.sessions.begin() as session:
            return human_desk().open(session, desk.wish_for_a_person(conversation))

    with ThreadPoolExecutor(4) as workers:
        refs = list(workers.map(wish, range(4)))
    assert {ref.number for ref in refs} == {"CS-261121-0001"}
    assert [ref.opened for ref in refs].count(True) == 1


def test_a_reply_and_a_message_that_cross_are_never_both_accepted_unseen(shop, case):
    """Whichever is first: the reply is refused, or the message comes after it and the case waits for the agent."""

    def customer_writes():
        with shop.sessions.begin() as session:
            conversation = session.get_one(Conversation, case.conversation)
            message = desk.writes(session, conversation, "等一下")
            human_desk().customer_wrote(session, case.conversation, message.id)

    def agent_replies():
        with shop.sessions.begin() as session:
            try:
                reply(session, case)
            except tickets.Stale:
                return "refused"
        return "sent"

    with ThreadPoolExecutor(2) as hands:
        hands.submit(customer_writes)
        outcome = hands.submit(agent_replies).result()
    with shop.sessions() as session:
        assert session.get_one(Ticket, case.ticket).state == "open"
        assert desk.count(session, OutboxRow) == (outcome == "sent")
