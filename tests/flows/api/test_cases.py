"""A program's day on the desk: it opens cases, asks, promises, splits and merges, and customers agree."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot.models import Conversation, OutboxRow
from handoff import ticker
from tests import desk
from tests.desk import AFTERNOON
from tests.programs import hired, opened


@pytest.fixture(autouse=True)
def open_hours():
    """Customers are asked how satisfied they are while the shop is open, so its hours are these stories' hours."""
    with time_machine.travel(AFTERNOON):
        yield


@pytest.fixture
def crm(app):
    """Second line's own system."""
    return hired(app, "specialist", "客服系統")


@pytest.fixture
def front(app):
    return hired(app, "agent", "一線系統")


@pytest.fixture
def case(current, crm):
    """A case that the CRM has taken, its path and the customer's message."""
    number, seen, _ = opened(current)
    crm.post(f"/tickets/{number}/claim")
    return f"/tickets/{number}", seen


def says(current, conversation_id, words):
    with current.sessions.begin() as session:
        return desk.tells(session, session.get_one(Conversation, conversation_id), words)


def me(program):
    return program.get("/me").json["username"]


def refusal(answer):
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json"), answer.text
    return answer.json["detail"]


def test_front_line_asks_whether_it_is_solved_and_the_customer_says_yes(front, current):
    number, seen, conversation = opened(current)
    front.post(f"/tickets/{number}/claim")
    assert refusal(front.post(f"/tickets/{number}/resolve", seen_message_id=seen)).startswith("一線客服不能直接結案")
    asked = front.post(f"/tickets/{number}/propose", seen_message_id=seen).json
    assert asked["state"] == "waiting"
    assert asked["proposed_at"]
    assert says(current, conversation, "解決了")
    solved = front.get(f"/tickets/{number}").json
    assert (solved["state"], solved["resolution"]) == ("resolved", "solved")


def test_a_caller_is_searched_for_before_he_gets_a_case(crm):
    assert crm.get("/search?q=0912-345-678").json["items"] == []
    call = {"phone": "0912-345-678", "name": "陳怡君", "text": "問退款"}
    made = crm.post("/calls", key="call-1", **call)
    assert (made.status_code, made.json["source"], made.json["assignee"][:4]) == (201, "phone", "api-")
    assert [one["number"] for one in crm.get("/search?q=0912345678").json["items"]] == [made.json["number"]]
    assert made.json["number"] in refusal(crm.post("/calls", **call))
    path = f"/tickets/{made.json['number']}"
    assert crm.post(f"{path}/calls", direction="out", text="已回電").status_code == 201
    assert crm.get(path).json["first_response_at"]
    assert [said["text"] for said in crm.get(f"{path}/messages").json["items"]] == ["已回電", "問退款"]


def test_a_complaint_ends_once_all_of_it_is_known_and_said(crm, case):
    path, seen = case
    assert crm.get(f"{path}/complaint").status_code == 404
    assert crm.put(f"{path}/cover", type="complaint", tags=["客訴"]).json["type"] == "complaint"
    assert crm.get(f"{path}/complaint").json["missing"] == ["responsible", "cause", "remedy", "reply"]
    assert refusal(crm.post(f"{path}/resolve", seen_message_id=seen)) == "客訴結案前，先填責任單位。"
    crm.put(f"{path}/complaint", responsible="倉儲", cause="未檢查", remedy="全額退款")
    crm.post(f"{path}/complaint/reply", text="我們會全額退款。", seen_message_id=seen)
    assert crm.get(f"{path}/complaint").json["missing"] == []
    assert crm.post(f"{path}/resolve", seen_message_id=seen).json["state"] == "resolved"
    assert refusal(crm.post(f"{path}/close", why="完成")).startswith("顧客還沒有回覆滿意度")


def test_a_resolved_case_is_closed_and_an_easy_one_is_given_back_to_the_bot(crm, case, current):
    path, seen = case
    crm.post(f"{path}/resolve", seen_message_id=seen, why="已退款")
    assert crm.post(f"{path}/close").json["state"] == "closed"
    assert crm.post(f"{path}/reopen", why="又壞了").json["state"] == "open"
    reasons = [(entry["kind"], entry["data"].get("why")) for entry in crm.get(f"{path}/history").json["items"][:4]]
    assert reasons == [
        ("ticket.reopened", "又壞了"),
        ("ticket.closed", ""),
        ("ticket.rating_asked", None),
        ("ticket.resolved", "已退款"),
    ]
    number, seen, conversation = opened(current, "林先生")
    crm.post(f"/tickets/{number}/claim")
    assert crm.post(f"/tickets/{number}/hand-back", seen_message_id=seen).json["resolution"] == "handed_back"
    assert crm.get(f"/conversations/{conversation}").json["owner"] == "bot"


def test_a_promise_is_kept_or_breaks_when_its_time_has_passed(crm, current):
    with time_machine.travel(AFTERNOON, tick=False):
        number, _, _ = opened(current)
        crm.post(f"/tickets/{number}/claim")
        path = f"/tickets/{number}/promises"
        due = (AFTERNOON + timedelta(hours=1)).isoformat()
        first = crm.post(path, what="退款入帳", to_whom="陳怡君", due_at=due)
        second = crm.post(path, what="回電", due_at=due).json
        assert (first.status_code, first.json["state"]) == (201, "open")
        assert crm.post(f"{path}/{first.json['id']}/keep").json["state"] == "kept"
        assert refusal(crm.post(path, what="昨天", due_at="2026-11-20T10:00:00+08:00")) == "承諾的時間要在未來。"
    with time_machine.travel(AFTERNOON + timedelta(hours=2), tick=False):
        ticker.tick(current)
        assert {one["id"]: one["state"] for one in crm.get(path).json["items"]}[second["id"]] == "broken"
        assert [(one["ticket"], one["what"]) for one in crm.get("/promises?state=broken").json["items"]] == [
            (number, "回電")
        ]


def test_a_conversation_of_the_bots_is_taken_over_once(crm, current):
    with current.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "有人嗎")
    path = f"/conversations/{conversation.id}/take-over"
    taken = crm.post(path)
    assert (taken.status_code, taken.json["state"], taken.json["summary"]) == (201, "open", "有人嗎")
    assert taken.json["number"] in refusal(crm.post(path))
    assert crm.post("/conversations/77777/take-over").status_code == 404


def test_a_second_matter_gets_a_case_of_its_own_and_may_go_back_into_the_first(crm, case):
    path, _ = case
    second = crm.post(f"{path}/split", matter="發票要改統編")
    assert (second.status_code, second.json["split_from"]) == (201, path.removeprefix("/tickets/"))
    number = second.json["number"]
    into = crm.post(f"/tickets/{number}/merge", into=second.json["split_from"]).json
    assert into["number"] == second.json["split_from"]
    assert crm.get(f"/tickets/{number}").json["merged_into"] == into["number"]


def test_how_often_the_customer_had_to_explain_it_is_counted(crm, case):
    path, _ = case
    assert crm.post(f"{path}/repeated").json["repeats"] == 1
    assert (
        crm.post(f"{path}/repeated", key="k").json["repeats"] == crm.post(f"{path}/repeated", key="k").json["repeats"]
    )


def test_the_way_of_a_message_is_told_station_by_station(crm, case):
    path, seen = case
    crm.post(f"{path}/reply", text="您好", seen_message_id=seen)
    passed = {
        stop["station"]: stop["who"] for stop in crm.get(f"/messages/{seen}/journey").json["stations"] if stop["at"]
    }
    assert passed["assigned"] == passed["answered"] == "客服系統"
    assert crm.get("/messages/99999/journey").status_code == 404


def test_what_happened_to_a_case_is_told_with_who_did_it(crm, case):
    path, seen = case
    crm.post(f"{path}/resolve", seen_message_id=seen)
    first = crm.get(f"{path}/history?limit=2").json
    assert [(entry["kind"], entry["by"]) for entry in first["items"]] == [
        ("ticket.rating_asked", None),
        ("ticket.resolved", me(crm)),
    ]
    rest = crm.get(f"{path}/history?cursor={first['next']}").json["items"]
    assert [(entry["kind"], entry["by"]) for entry in rest] == [("ticket.claimed", me(crm)), ("ticket.opened", None)]


class TestAMessageThatDidNotSurelyArrive:
    @pytest.fixture
    def said(self, crm, case, current):
        """A reply whose call broke off."""
        path, seen = case
        message = crm.post(f"{path}/reply", text="您好", seen_message_id=seen).json["id"]
        with current.sessions.begin() as session:
            session.scalars(select(OutboxRow)).one().state = "unknown"
        return message

    def test_a_lead_finds_it_and_sends_it_once_more(self, app, said):
        lead = hired(app, "supervisor")
        (message,) = lead.get("/undelivered").json["items"]
        assert (message["id"], message["delivery"]) == (said, "unknown")
        assert lead.get("/undelivered?delivery=failed").json["items"] == []
        assert lead.post(f"/messages/{said}/resend").json["delivery"] == "queued"
        assert refusal(lead.post(f"/messages/{said}/resend")).startswith("已經有人處理過了")

    def test_whoever_has_the_case_says_that_it_did_arrive(self, crm, front, case, said):
        assert front.post(f"/messages/{said}/settle").status_code == 409
        assert crm.post(f"/messages/{said}/settle").json["delivery"] == "sent"
        assert crm.post(f"/messages/{case[1]}/settle").status_code == 404


class TestADepartment:
    @pytest.fixture
    def warehouse(self, app):
        return hired(app, "department", "倉儲系統")

    @pytest.fixture
    def asked(self, crm, case, warehouse):
        """The path of the case about which the warehouse's program was asked."""
        path, _ = case
        asking = crm.post(f"{path}/department", department="warehouse", contact=me(warehouse), why="還有貨嗎")
        assert (asking.status_code, asking.json["accepted_at"]) == (201, None)
        return path

    def test_its_program_accepts_notes_and_is_done(self, crm, warehouse, asked):
        (mine,) = warehouse.get("/tickets").json["items"]
        assert (f"/tickets/{mine['number']}", mine["state"]) == (asked, "department")
        assert warehouse.post(f"{asked}/department/accept").json["accepted_at"]
        assert warehouse.post(f"{asked}/note", text="還有三件").status_code == 201
        assert warehouse.get(f"{asked}/messages").json["items"][0]["text"] == "還有三件"
        assert warehouse.post(f"{asked}/department/done").json["state"] == "open"
        assert warehouse.get(asked).status_code == 404
        assert crm.get(f"{asked}/department").json["items"][0]["left_at"]

    def test_it_answers_the_customer_only_with_the_floor(self, crm, case, warehouse, asked):
        words = {"text": "今天寄出", "seen_message_id": case[1]}
        assert refusal(warehouse.post(f"{asked}/reply", **words)).startswith("承辦人還沒有讓你直接回覆顧客")
        assert crm.put(f"{asked}/department/{me(warehouse)}/floor", floor=True).json["floor"]
        assert warehouse.post(f"{asked}/reply", **words).status_code == 201

    def test_it_sees_no_case_into_which_it_was_not_asked(self, warehouse, current, asked):
        number, _, _ = opened(current, "別人")
        assert len(warehouse.get("/tickets").json["items"]) == 1
        for path in ("", "/messages", "/promises", "/complaint", "/department"):
            assert warehouse.get(f"/tickets/{number}{path}").status_code == 404
        assert warehouse.post(f"/tickets/{number}/note", text="?").status_code == 404
        assert warehouse.post(f"{asked}/claim").status_code == 403


class TestOnePerson:
    def prove(self, crm, name, current):
        number, _, _ = opened(current, name)
        crm.post(f"/tickets/{number}/claim")
        proof = {"kind": "phone", "value": "+886 912 345 678", "how": "called_back"}
        proved = crm.post(f"/tickets/{number}/verify", **proof)
        assert (proved.status_code, proved.json["value"]) == (201, "0912345678")
        return f"/tickets/{number}", proved.json["contact_id"]

    def test_who_proved_the_same_number_is_merged_and_parted_again(self, crm, current):
        path, kept = self.prove(crm, "陳怡君", current)
        other, merged = self.prove(crm, "怡君", current)
        assert [one["id"] for one in crm.get(f"/contacts/{kept}/alike").json["items"]] == [merged]
        made = crm.post(f"{path}/same-person", contact_id=merged).json
        assert crm.get(other).json["contact_id"] == kept
        assert crm.post(f"{path}/merges/{made['id']}/undo").json["undone_at"]
        assert crm.get(other).json["contact_id"] == merged
        assert [one["id"] for one in crm.get(f"/contacts/{kept}/merges").json["items"]] == [made["id"]]

    def test_what_was_noted_of_either_is_read_of_the_one_that_they_are(self, crm, current):
        path, kept = self.prove(crm, "陳怡君", current)
        other, merged = self.prove(crm, "怡君", current)
        for where, text in ((path, "先打電話"), (other, "住三樓"), (other, "住五樓")):
            assert crm.put(f"{where}/customer-note", text=text).json["by"] == me(crm)
        crm.post(f"{path}/same-person", contact_id=merged)
        assert [one["text"] for one in crm.get(f"/contacts/{kept}/notes").json["items"]] == ["住五樓", "先打電話"]

    def test_letters_go_to_proved_addresses_only(self, crm, case):
        path, seen = case
        answer = crm.post(f"{path}/mail", to="chen@mail.example", text="您好", seen_message_id=seen)
        assert refusal(answer) == "只能寄到顧客確認過的信箱。"

    def test_without_proof_nobody_is_merged(self, crm, case, current):
        _, _, _ = opened(current, "別人")
        assert refusal(crm.post(f"{case[0]}/same-person", contact_id=2)).startswith("要先在兩邊都確認")
