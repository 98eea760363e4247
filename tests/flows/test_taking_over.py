"""A colleague sees that the bot does not get on with a customer, and takes the conversation over before he asks."""

import pytest

from handoff.models import Ticket
from tests import console
from tests.console import words


@pytest.fixture
def mei(app, current):
    return console.signed_in(app, current, "mei", "agent")


def test_it_is_a_case_of_hers_at_once_with_what_is_known_and_the_bot_is_silent(current, mei, chen, work, line):
    chen.writes("訂單 GB1118 到哪了")
    work()
    with current.sessions() as session:
        conversation = console.knows(session, chen.id, "陳怡君").id
    at = f"/console/conversations/{conversation}"
    assert "開案件，由我接手" in words(mei.get(at))
    page = words(mei.get(mei.post(f"{at}/take-over").headers["Location"]))
    assert ("GB1118" in page, "同事從機器人手上接過來" in page, "回覆顧客" in page) == (True, True, True)
    with current.sessions() as session:
        ticket = session.query(Ticket).one()
        assert (ticket.state, ticket.assignee.username, ticket.category) == ("open", "mei", "order_status")
    work()
    assert line.said[-1] == f"客服專員接手了（案件 {ticket.number}），會在這裡回覆您。"
    before = len(line.said)
    chen.writes("還有，怎麼退貨")
    work()
    assert line.said[before:] == [], "a person has it"
    refused = mei.post(f"{at}/take-over")
    assert (refused.status_code, ticket.number in words(refused)) == (409, True)
