"""Jia-rong writes to the shop's Page: answered once, in Meta's window; the bot falls silent where a person speaks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import clock, sweeper
from bot.models import Account, Attachment, Conversation, Event, JournalEntry, Message
from bot.services import Services
from bot.settings import Settings
from handoff.clocks import telling
from handoff.models import Ticket
from handoff.tickets import phrases
from tests import meta
from tests.console import PASSWORD, signed_in, words
from tests.fakes import HANG_UP
from tests.fakes_graph import FakeGraph, error
from tests.meta import Person, event, files, message, webhook
from tests.pictures import picture
from tests.speaking import says, states

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]
HOOK = "/webhooks/messenger"
FEE = "運費怎麼算"
PHOTO = picture()


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    platform = meta.graph()
    yield platform
    platform.stop()


@pytest.fixture
def settings(settings: Settings, graph: FakeGraph) -> Settings:
    return settings.model_copy(update=meta.settings_of(graph))


@pytest.fixture
def lin(client: FlaskClient) -> Person:
    return Person(client)


@pytest.fixture
def wang(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "wang2", "supervisor")


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as time:
        yield time


def stored(current: Services, table: type) -> list:
    with current.sessions() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def comes_back(member: FlaskClient) -> None:
    """The next day she signs in again."""
    member.post("/sign-in", data={"username": "wang2", "password": PASSWORD})


def only(current: Services) -> Conversation:
    (conversation,) = stored(current, Conversation)
    return conversation


# Coming in


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": meta.WORD, "hub.challenge": "1158201444"}, 200),
        ({"hub.mode": "subscribe", "hub.verify_token": "another word", "hub.challenge": "1"}, 403),
        ({"hub.mode": "unsubscribe", "hub.verify_token": meta.WORD, "hub.challenge": "1"}, 403),
        ({}, 403),
    ],
)
def test_meta_confirms_the_address_by_our_word(client, asked, status):
    answer = client.get(HOOK, query_string=asked)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert (answer.text == "1158201444") is (status == 200)


def test_where_no_word_is_set_nobody_knows_it(app, current):
    none = current.settings.model_copy(update={"meta_verify_token": ""})
    app.extensions["frontline"] = replace(current, settings=none)
    client = app.test_client()
    assert client.get(HOOK, query_string={"hub.mode": "subscribe", "hub.verify_token": ""}).status_code == 403


def test_a_stranger_and_what_is_no_webhook_are_refused(client, lin, current):
    assert lin.sends(webhook(message("7001", FEE)), secret="somebody else's") == 401
    assert client.post(HOOK, data=b"{}").status_code == 401
    assert lin.sends({"object": "whatsapp", "entry": []}) == 400
    assert lin.sends(b"not json") == 400
    assert stored(current, Event) == []


def test_a_question_is_answered_once_however_often_it_is_delivered(lin, graph, work, current):
    body = webhook(message("7001", FEE))
    assert (lin.sends(body), lin.sends(body)) == (200, 200)
    work()
    disclosed, answer = graph.said
    assert "自動回覆" in disclosed
    assert "元" in answer
    sent = graph.sends()[-1]
    assert (sent.bearer, sent.body["recipient"], sent.body["messaging_type"]) == (
        meta.PAGE_TOKEN,
        {"id": "7001"},
        "RESPONSE",
    )
    assert only(current).contact_id
    assert only_contact(current) == "林佳蓉"
    lin.writes("可以刷卡嗎")
    work()
    assert sum("自動回覆" in said for said in graph.said) == 1, "who knows that it is a bot is not told again"


def only_contact(current: Services) -> str:
    with current.sessions() as session:
        return session.scalars(select(Conversation)).one().contact.name


def test_one_call_may_hold_several_accounts_and_strange_neighbours(lin, current):
    entries = [
        *webhook(message("7001", FEE), None, {"sender": 7}, event("7001", hologram={}))["entry"],
        *webhook(message("7002", FEE, "2"), account="2")["entry"],
        {"id": "3", "changes": []},
        None,
    ]
    assert lin.sends({"object": "page", "entry": entries}) == 200
    accounts = {account.external_id: account.id for account in stored(current, Account)}
    kinds = [(one.account_id, one.kind) for one in stored(current, Event)]
    assert sorted(kinds) == sorted(
        [
            *((accounts[meta.PAGE], kind) for kind in ("message", "malformed", "other", "other")),
            (accounts["2"], "message"),
            (accounts["3"], "other"),
            (accounts["unknown"], "malformed"),
        ]
    )


def test_receipts_are_not_kept(lin, current):
    read = event("7001", read={"watermark": 1})
    assert lin.post(read, event("7001", delivery={"mids": ["m"], "watermark": 1})) == 200
    assert stored(current, Event) == []


def test_a_tapped_button_says_what_stands_behind_it(lin, graph, work, current):
    lin.writes("咦")
    work()
    buttons = graph.arrived[-1]["message"]["quick_replies"]
    assert buttons[-1]["title"] == "找真人"
    lin.writes(buttons[-1]["title"], quick_reply={"payload": buttons[-1]["payload"]})
    work()
    assert only(current).owner == "human"


def test_what_stands_on_a_menus_button_is_a_question_too(lin, graph, work):
    assert lin.post(event("7001", postback={"mid": meta.mid(), "title": FEE, "payload": "MENU_FEE"})) == 200
    work()
    assert "元" in graph.said[-1]


def test_the_first_button_of_all_is_greeted(lin, graph, work):
    assert lin.post(event("7001", postback={"mid": meta.mid(), "title": "開始使用", "payload": "GET_STARTED"})) == 200
    work()
    assert "歡迎" in graph.said[-1]


# Going out


def test_an_unclear_outcome_is_never_repeated_until_the_echo_settles_it(lin, graph, work, current):
    graph.lost_answers = 9
    lin.writes(FEE)
    work()
    work()
    first = graph.arrived[0]
    assert [body["message"]["metadata"] for body in graph.arrived].count(first["message"]["metadata"]) == 1
    assert states(current)[0] == "unknown"
    lin.hears(first["message"]["text"], app_id=int(meta.APP), metadata=first["message"]["metadata"])
    work()
    assert states(current)[0] == "sent"
    assert only(current).owner == "bot", "it was our own"


def test_a_message_that_no_echo_confirms_within_a_minute_is_for_a_person(lin, graph, work, current, wang, time):
    graph.lost_answers = 9
    lin.writes(FEE)
    work()
    time.shift(timedelta(seconds=59))
    sweeper.miss_echoes(current)
    assert (states(current)[0], stored(current, Ticket)) == ("unknown", [])
    time.shift(timedelta(seconds=2))
    sweeper.miss_echoes(current)
    sweeper.miss_echoes(current)
    (ticket,) = stored(current, Ticket)
    assert (only(current).owner, ticket.reason) == ("human", "平台沒有確認訊息送達，先看顧客收到了沒有")
    first = graph.arrived[0]["message"]
    lin.hears(first["text"], app_id=int(meta.APP), metadata=first["metadata"])
    work()
    assert states(current)[0] == "sent", "late, but settled"


def test_what_an_echo_confirms_is_nobodys_trouble(lin, graph, work, current, time):
    graph.lost_answers = 9
    lin.writes(FEE)
    work()
    for body in graph.arrived:
        lin.hears(body["message"]["text"], app_id=int(meta.APP), metadata=body["message"]["metadata"])
    work()
    time.shift(timedelta(minutes=2))
    sweeper.miss_echoes(current)
    assert (set(states(current)), stored(current, Ticket)) == ({"sent"}, [])


def test_whoever_has_the_case_hears_of_a_message_that_no_echo_confirms(lin, graph, work, current, wang, time):
    lin.writes("我要找真人")
    work()
    at = f"/console/cases/{stored(current, Ticket)[0].number}"
    wang.post(f"{at}/claim")
    graph.lost_answers = 1
    assert wang.post(f"{at}/reply", data={"text": "您好", "key": "1", "seen": 10**9}).status_code == 302
    work()
    assert "ticket.undelivered" not in kinds(current)
    time.shift(timedelta(seconds=61))
    sweeper.miss_echoes(current)
    assert states(current)[-1] == "unknown"
    assert kinds(current).count("ticket.undelivered") == 1


def kinds(current: Services) -> list[str]:
    return [entry.kind for entry in stored(current, JournalEntry)]


def test_our_own_echo_says_nothing_new(lin, graph, work, current):
    lin.writes(FEE)
    work()
    count = len(stored(current, Message))
    for body, name in zip(graph.arrived, graph.names, strict=True):
        lin.hears(body["message"]["text"], mid=name)  # Instagram's bring neither key nor app
        lin.hears(body["message"]["text"], app_id=int(meta.APP), metadata=body["message"]["metadata"])
    work()
    assert len(stored(current, Message)) == count
    assert only(current).owner == "bot"


@pytest.mark.parametrize(
    ("trouble", "state", "calls"),
    [
        (error(190, status=401), "queued", 1),
        (error(613), "queued", 1),
        (error(551, 1545041), "failed", 1),
        (error(1, 1357046, 500), "unknown", 1),
        (HANG_UP, "unknown", 1),
    ],
    ids=["token", "limit", "blocked", "error-1", "hang-up"],
)
def test_what_meta_answers_decides_what_becomes_of_a_message(lin, graph, work, current, trouble, state, calls):
    graph.troubles.append(trouble)
    lin.writes(FEE)
    work()
    assert states(current)[0] == state
    first = graph.sends()[0].body["message"]["metadata"]
    assert sum(call.body["message"]["metadata"] == first for call in graph.sends()) == calls


def test_after_a_day_only_a_person_may_write_and_after_a_week_nobody(lin, graph, work, current, wang, time):
    lin.writes("我要找真人")
    work()
    ticket = stored(current, Ticket)[0]
    at = f"/console/cases/{ticket.number}"
    wang.post(f"{at}/claim")
    assert "還可以自由回覆" in words(wang.get(at))
    time.shift(timedelta(hours=25))
    comes_back(wang)
    before = len(graph.arrived)
    assert "真人回覆到" in words(wang.get(at))
    with current.sessions() as session:
        newest = session.scalars(select(Message.id).order_by(Message.id.desc())).first()
    said = {"text": "您好，我是王小姐", "key": "1", "seen": newest}
    assert wang.post(f"{at}/reply", data=said).status_code == 302
    says(current, "您滿意嗎", speaker="system", to=only(current).id)
    work()
    assert [(one["message"]["text"], one.get("tag")) for one in graph.arrived[before:]] == [
        ("您好，我是王小姐", "HUMAN_AGENT")
    ]
    assert states(current)[-1] == "failed"
    time.shift(timedelta(days=7))
    comes_back(wang)
    refused = wang.post(f"{at}/reply", data=said | {"key": "2", "seen": newest + 9})
    assert "顧客超過 7 天沒有寫來" in words(refused)
    assert "不能再傳訊息" in words(wang.get(at))


def test_the_day_counts_from_when_he_wrote_and_not_from_when_meta_told_it_at_last(
    lin, graph, work, current, wang, time
):
    wrote = int((clock.now() - timedelta(hours=20)).timestamp() * 1000)
    for text, at in (("我要找真人", wrote), ("在嗎", wrote - 60_000)):
        assert lin.post(message(lin.id, text) | {"timestamp": at}) == 200
        work()
    ticket = stored(current, Ticket)[0]
    wang.post(f"/console/cases/{ticket.number}/claim")
    time.shift(timedelta(hours=5))
    comes_back(wang)
    said = {"text": "您好，我是王小姐", "key": "1", "seen": stored(current, Message)[-1].id}
    assert wang.post(f"/console/cases/{ticket.number}/reply", data=said).status_code == 302
    work()
    assert (graph.arrived[-1]["message"]["text"], graph.arrived[-1].get("tag")) == ("您好，我是王小姐", "HUMAN_AGENT")
    assert int(only(current).last_customer_at.timestamp() * 1000) == wrote


# Others who speak in our name


def test_a_person_in_metas_inbox_silences_the_bot(lin, graph, work, current, wang):
    lin.writes(FEE)
    work()
    before = len(graph.said)
    lin.hears("我是店長，這個我來處理", app_id=meta.PAGE_INBOX)
    lin.writes("好，那怎麼退貨")
    work()
    assert graph.said[before:] == []
    (ticket,) = stored(current, Ticket)
    assert (only(current).owner, ticket.state) == ("human", "new")
    page = words(wang.get(f"/console/cases/{ticket.number}"))
    assert re.search("我是店長，這個我來處理.*Meta 收件匣.*那怎麼退貨", page)
    wang.post(f"/console/cases/{ticket.number}/claim")


def test_an_answer_in_metas_inbox_counts_for_the_case(lin, work, current):
    lin.writes("我要找真人")
    work()
    assert stored(current, Ticket)[0].waiting_since is not None
    lin.hears("您好", app_id=meta.PAGE_INBOX)
    work()
    (ticket,) = stored(current, Ticket)
    assert (ticket.waiting_since, ticket.first_response_at is None) == (None, False)


def test_who_was_answered_there_before_we_had_read_him_waits_for_nobody(lin, graph, work, current):
    lin.writes("我要找真人，訂單 GB1118-20731")
    lin.hears("您好，我來處理", app_id=meta.PAGE_INBOX)
    work()
    (ticket,) = stored(current, Ticket)
    assert (graph.said, only(current).owner, ticket.waiting_since) == ([], "human", None)
    assert (ticket.first_response_at is None, ticket.facts) == (False, {"order_number": "GB1118-20731"})
    lin.writes("好")
    lin.hears("寄出了", app_id=meta.PAGE_INBOX)
    lin.writes("謝謝，那發票呢")
    work()
    (ticket,) = stored(current, Ticket)
    assert ticket.waiting_since is not None, "what came after the answer waits"
    lin.hears("明天寄出", app_id=meta.PAGE_INBOX)
    work()
    lin.writes("好的")
    lin.hears("不客氣", app_id=meta.PAGE_INBOX)
    work()
    (ticket,) = stored(current, Ticket)
    assert ticket.waiting_since is None


def test_a_greeting_from_metas_inbox_does_not_hide_that_somebody_is_hurt(lin, work, current):
    lin.writes("鍋子爆開燙傷我了")
    lin.hears("您好", app_id=meta.PAGE_INBOX)
    work()
    (ticket,) = stored(current, Ticket)
    assert (ticket.level, ticket.priority) == ("L1", "urgent")


def test_another_program_is_shown_and_silences_nobody(lin, graph, work, current):
    lin.writes(FEE)
    lin.hears("雙十一全館九折", app_id=4242)
    work()
    assert [m.author for m in stored(current, Message) if m.text == "雙十一全館九折"] == ["system"]
    assert (only(current).owner, stored(current, Ticket)) == ("bot", [])
    assert "元" in graph.said[-1]


def test_while_somebody_else_holds_the_conversation_nothing_is_said(lin, graph, work, current):
    assert lin.post(message("7001", FEE), instead="standby") == 200
    work()
    assert (graph.said, only(current).standby) == ([], True)
    assert lin.post(event("7001", pass_thread_control={"new_owner_app_id": int(meta.APP)})) == 200
    work()
    assert only(current).standby is False
    assert lin.post(event("7001", take_thread_control={"new_owner_app_id": meta.PAGE_INBOX})) == 200
    work()
    assert only(current).standby is True


# Files, and what is taken back


def test_photos_are_fetched_and_removed_when_they_are_taken_back(lin, graph, work, current):
    graph.files = {"/cdn/1.jpg": PHOTO, "/cdn/2.jpg": PHOTO}
    sent = lin.writes("破了", attachments=files(*(graph.url + path for path in graph.files)))
    lin.writes(attachments=files("https://evil.example/3.jpg"))
    work()
    assert [(one.state, one.reason) for one in stored(current, Attachment)] == [
        ("stored", ""),
        ("stored", ""),
        ("refused", "gone"),
    ]
    gone = message("7001")
    gone["message"] = {"mid": sent["message"]["mid"], "is_deleted": True}
    assert lin.post(gone) == 200
    work()
    assert [one.state for one in stored(current, Attachment)] == ["removed", "removed", "refused"]
    theirs = [m for m in stored(current, Message) if m.author == "customer"]
    assert [(m.text, m.unsent_at is None) for m in theirs] == [("", False), ("", False), ("", False), ("", True)]
    assert all("破了" not in event.raw and "cdn" not in event.raw for event in stored(current, Event))


def test_what_is_taken_back_before_anybody_looked_is_gone_and_holds_nothing_up(lin, work, current):
    sent = lin.writes("我的電話 0922333444")
    gone = message("7001")
    gone["message"] = {"mid": sent["message"]["mid"], "is_deleted": True}
    assert lin.post(gone) == 200
    work()
    assert {event.state for event in stored(current, Event)} == {"done"}
    assert all("0922" not in m.text for m in stored(current, Message))


def test_an_edit_shows_the_newest_words(lin, work, current):
    sent = lin.writes("訂單 A1")
    work()
    edit = event("7001", message_edit={"mid": sent["message"]["mid"], "text": "訂單 A2", "num_edit": 1})
    assert lin.post(edit) == 200
    work()
    assert "訂單 A2" in [m.text for m in stored(current, Message)]


# Instagram


@pytest.fixture
def reader(client: FlaskClient) -> Person:
    return Person(client, "8001", meta.SHOP)


def test_instagram_is_answered_from_its_own_account_with_a_person_one_tap_away(reader, graph, work, current):
    reader.writes(FEE)
    work()
    (account,) = stored(current, Account)
    assert (account.channel, account.external_id) == ("instagram", meta.SHOP)
    assert {call.bearer for call in graph.sends()} == {meta.SHOP_TOKEN}
    assert graph.arrived[-1]["message"]["quick_replies"][-1]["title"] == "找真人"


@pytest.mark.parametrize("whose", ["lin", "reader"])
def test_whether_an_answer_helped_is_one_tap_on_both(whose, request, graph, work, current):
    person = request.getfixturevalue(whose)
    person.writes(FEE)
    work()
    offered = {one["title"]: one["payload"] for one in graph.arrived[-1]["message"]["quick_replies"]}
    assert {"有幫助", "沒有幫助"} < set(offered)
    person.writes("沒有幫助", quick_reply={"payload": offered["沒有幫助"]})
    work()
    assert "抱歉沒有幫上忙" in graph.arrived[-1]["message"]["text"]
    assert graph.arrived[-1]["message"]["quick_replies"][-1]["title"] == "找真人"
    (entry,) = (one for one in stored(current, JournalEntry) if one.kind == "answer.voted")
    assert entry.data["helped"] is False
    tapped = stored(current, Message)[-2]
    assert (tapped.kind, tapped.text) == ("vote", "沒有幫助")
    assert len([one for one in stored(current, JournalEntry) if one.kind == "turn.understood"]) == 1


def test_on_instagram_the_desks_own_sentences_offer_a_person_where_the_bot_has_the_conversation(
    reader, graph, work, current
):
    reader.writes(FEE)
    work()
    with current.sessions.begin() as session:
        conversation = session.scalars(select(Conversation)).one()
        conversation.owner = "bot"
        phrases.say(session, conversation, "satisfaction_question", phrases.SATISFACTION, number="CS-1")
        telling._say(session, conversation, "再等一下")
    work()
    last = [one["message"]["quick_replies"][-1]["title"] for one in graph.arrived[-2:]]
    assert last == ["找真人", "找真人"]


def test_an_agents_long_words_are_cut_between_characters(reader, graph, work, current, wang):
    reader.writes("我要找真人")
    work()
    before, at = len(graph.said), f"/console/cases/{stored(current, Ticket)[0].number}"
    wang.post(f"{at}/claim")
    text = "長" * 700 + "😀" * 200
    seen = stored(current, Message)[-1].id
    assert wang.post(f"{at}/reply", data={"text": text, "key": "1", "seen": seen}).status_code == 302
    work()
    parts = graph.said[before:]
    assert "".join(parts) == text
    assert max(len(part.encode()) for part in parts) <= 1000


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ({"reaction": {"mid": "m_1", "action": "react", "emoji": "❤"}}, "顧客對一則訊息按了表情"),
        ({"referral": {"ref": "ad", "source": "ADS", "type": "OPEN_THREAD"}}, "顧客從連結或廣告進來"),
        ({"optin": {"type": "notification_messages", "payload": "news"}}, "顧客同意收到訊息"),
    ],
)
def test_what_is_answered_by_nobody_is_a_line_in_the_thread(lin, work, current, wang, what, told):
    lin.writes(FEE)
    assert lin.post(event("7001", **what)) == 200
    work()
    assert told in words(wang.get(f"/console/conversations/{only(current).id}"))
