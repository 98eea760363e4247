"""A program lets out what the bot prepared, or does not, by the same rules as people at the console."""

import pytest
from sqlalchemy import select

from bot import ports
from bot.models import Message, OutboxRow
from bot.orders.sql import SqlOrders
from handoff.models import Proposal, Ticket
from tests.programs import hired, opened

PROOF = "一次性驗證碼 c***@example.com（我們登記的聯絡方式）"


@pytest.fixture
def front(app):
    return hired(app, "agent", "一線系統")


@pytest.fixture
def senior(app):
    return hired(app, "specialist", "二線系統")


def prepared(current, approvals=1):
    """The path of a case on which something waits, its proposal's id, and the customer's last message."""
    number, seen, _ = opened(current)
    with current.sessions.begin() as session:
        ticket = session.scalars(select(Ticket.id).where(Ticket.number == number)).one()
        made = ports.Proposal(ticket, "change", "改好了。", {"change_wanted": "新地址"}, PROOF, approvals)
        return f"/tickets/{number}/proposals", current.wiring.desk.propose(session, made), seen


def said(current):
    with current.sessions() as session:
        return list(session.scalars(select(Message.text).join(OutboxRow).where(Message.author == "agent")))


def test_what_waits_is_listed_and_approved_with_other_words(front, current):
    path, made, seen = prepared(current)
    [waiting] = front.get("/proposals?state=pending").json["items"]
    assert (waiting["id"], waiting["proof"], waiting["changes"]) == (made, PROOF, {"change_wanted": "新地址"})
    done = front.post(f"{path}/{made}/approve", key="k1", text="地址改好了。", seen_message_id=seen)
    assert (done.status_code, done.json["state"], done.json["text"]) == (200, "carrying", "地址改好了。")
    assert front.post(f"{path}/{made}/approve", key="k1", text="地址改好了。", seen_message_id=seen).status_code == 200
    assert (said(current), done.json["order"]) == ([], None), "it is changed by hand first"
    assert front.post(f"{path}/{made}/again").status_code == 409
    assert front.post(f"{path}/{made}/done", key="k2", seen_message_id=seen).json["state"] == "approved"
    assert said(current) == ["地址改好了。"]
    assert front.get("/proposals?state=pending").json["items"] == []


def test_two_programs_approve_where_two_must(front, senior, current):
    path, made, seen = prepared(current, approvals=2)
    first = front.post(f"{path}/{made}/approve", text="改好了。", seen_message_id=seen)
    assert (first.json["state"], first.json["first_by"]) == ("pending", front.get("/me").json["username"])
    assert said(current) == []
    assert front.post(f"{path}/{made}/approve", text="改好了。", seen_message_id=seen).status_code == 409
    assert senior.post(f"{path}/{made}/approve", text="改好了。", seen_message_id=seen).json["state"] == "carrying"
    assert front.post(f"{path}/{made}/done", seen_message_id=seen).json["state"] == "approved"
    assert said(current) == ["改好了。"]


def test_a_change_of_an_order_tells_why_it_waits_for_somebody(front, current, monkeypatch):
    monkeypatch.setattr(SqlOrders, "changes", frozenset())
    number, seen, _ = opened(current)
    with current.sessions.begin() as session:
        ticket = session.scalars(select(Ticket.id).where(Ticket.number == number)).one()
        change = ports.OrderChange("GB1118-20731", "address", "台北市信義區松仁路1號")
        wanted = ports.Proposal(ticket, "change", "地址改成 台北市信義區松仁路1號。", {}, PROOF, order=change)
        made = current.wiring.desk.propose(session, wanted)
    path = f"/tickets/{number}/proposals/{made}"
    told = front.post(
        f"{path}/approve", text="地址改成 台北市信義區松仁路1號。", value="台北市信義區松仁路2號", seen_message_id=seen
    )
    assert told.json["text"] == "地址改成 台北市信義區松仁路2號。"
    assert told.json["order"] == {
        "number": "GB1118-20731",
        "kind": "address",
        "value": "台北市信義區松仁路2號",
        "state": "by_hand",
        "why": "unable",
        "reason": "",
    }
    assert front.post(f"{path}/refuse", why="寄出了").json["order"]["state"] == "dropped"


def test_a_refusal_needs_a_reason_and_says_nothing(front, current):
    path, made, _ = prepared(current)
    assert front.post(f"{path}/{made}/refuse", why="").status_code in (409, 422)
    assert front.post(f"{path}/{made}/refuse", why="不是本人").json["why"] == "不是本人"
    assert [one["state"] for one in front.get(path).json["items"]] == ["refused"]
    assert said(current) == []


def test_a_proposal_of_another_case_is_not_found(front, current):
    _, made, _ = prepared(current)
    other, _, _ = opened(current, "林先生")
    assert front.post(f"/tickets/{other}/proposals/{made}/refuse", why="x").status_code == 404
    with current.sessions() as session:
        assert session.get_one(Proposal, made).state == "pending"


def test_what_was_refused_is_put_forward_again(front, current):
    path, made, seen = prepared(current)
    edited = {"text": "地址改成新地址了。", "seen_message_id": seen}
    assert front.post(f"{path}/{made}/revise", **edited).status_code == 409, "nobody has refused it"
    front.post(f"{path}/{made}/refuse", why="話說得不好")
    again = front.post(f"{path}/{made}/revise", **edited)
    assert (again.status_code, again.json["state"], again.json["text"]) == (200, "pending", edited["text"])
    assert [one["id"] for one in front.get("/proposals?state=revised").json["items"]] == [made]
