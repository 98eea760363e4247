"""One text to all who took part: each once, nobody whose case is open; other systems are told as well."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

import webhook_app
from bot.clock import now
from bot.models import Conversation, OutboxRow
from faq import drafts
from faq.articles import withheld
from handoff.marketing import audiences, batches, demo, participants
from handoff.models import AudienceCall, Campaign, CampaignBatch, CampaignSend, MarketingRefusal, Ticket
from tests import desk, marketing
from tests.console import signed_in, words
from tests.desk import AFTERNOON
from tests.fakes import FakeLine
from tests.programs import hired


@pytest.fixture
def clock():
    with time_machine.travel(AFTERNOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def line():
    platform = FakeLine().start()
    yield platform
    platform.stop()


@pytest.fixture
def shop(tmp_path, postgres, clock, line):
    with desk.shop(tmp_path, postgres, line_api_base=line.url, line_suppression_audience=True) as shop:
        yield shop


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def yu(app, shop):
    return signed_in(app, shop, "yu", "marketing")


@pytest.fixture
def campaign(shop):
    return marketing.register(shop)


def takes_part(shop, campaign, name="陳怡君", said="+1"):
    """Somebody who took part; her conversation."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session, name)
        message = desk.writes(session, conversation, said)
        shop.wiring.campaigns.enter(session, conversation.id, [message.id], "campaign", campaign)
        return conversation.id


def says_more(shop, campaign, conversation, *words):
    for said in words:
        with shop.sessions.begin() as session:
            message = desk.writes(session, session.get_one(Conversation, conversation), said)
            shop.wiring.campaigns.enter(session, conversation, [message.id], "campaign", campaign)


def opens_a_case(shop, conversation):
    with shop.sessions.begin() as session:
        wish = desk.wish_for_a_person(session.get_one(Conversation, conversation))
        return shop.wiring.desk.open(session, wish).ticket_id


def solves(shop, ticket_id):
    with shop.sessions.begin() as session:
        ticket = session.get_one(Ticket, ticket_id)
        ticket.state, ticket.resolution, ticket.resolved_at = "resolved", "solved", now()
        ticket.conversation.owner = "bot"


def sends(member, campaign, text="得獎名單公布了。", who="unwritten", key="k1"):
    return member.post(f"/marketing/{campaign}/send", data={"text": text, "who": who, "key": key})


def waiting(shop):
    """What waits in the outbox: (conversation, text)."""
    with shop.sessions() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [(row.conversation_id, row.body["text"]) for row in rows if row.body["text"].startswith("得獎")]


def states(shop):
    with shop.sessions() as session:
        return [one.state for one in session.scalars(select(CampaignSend).order_by(CampaignSend.id))]


def test_it_is_looked_at_first_and_then_reaches_everybody_once(shop, yu, campaign):
    chen, huang = takes_part(shop, campaign), takes_part(shop, campaign, "黃柏翰")
    takes_part(shop, None, "路人")
    assert "沒有登記的活動" in words(yu.get("/marketing"))
    assert "路人" in words(yu.get("/marketing/0"))
    page = words(yu.post(f"/marketing/{campaign}/preview", data={"text": "得獎名單公布了。", "who": "unwritten"}))
    assert "會寄給 2 人" in page
    assert waiting(shop) == []
    assert sends(yu, campaign).status_code == 302
    assert sends(yu, campaign).status_code == 302, "the same page, sent twice"
    batches.look(shop)
    batches.look(shop)
    assert waiting(shop) == [(chen, "得獎名單公布了。"), (huang, "得獎名單公布了。")]
    assert "沒有人可以寄" in words(sends(yu, campaign, key="k2")), "all have had one"
    assert sends(yu, campaign, who="all", key="k3").status_code == 302
    with shop.sessions() as session:
        assert len(session.scalars(select(CampaignBatch)).all()) == 2


def test_what_only_colleagues_may_read_is_refused_while_it_is_composed(shop, yu, campaign, monkeypatch):
    monkeypatch.setattr(withheld, "CHECK_SECONDS", 0)
    takes_part(shop, campaign)
    row = {"external_id": "S1", "question": "賠多少？", "answer": "請稍候。", "internal": "賠償最多談到五千元。"}
    with shop.sessions.begin() as session:
        assert drafts.save(session, [(1, row)], publish=True).problems == []
    text = "得獎了，賠償最多談到五千元喔"
    for refused in (
        yu.post(f"/marketing/{campaign}/preview", data={"text": text, "who": "unwritten"}),
        sends(yu, campaign, text),
    ):
        assert "裡面有僅供內部的文字" in words(refused)
    assert states(shop) == []


def test_whose_case_is_open_gets_none_which_is_counted_and_later_only_if_asked_anew(shop, yu, campaign):
    chen, huang = takes_part(shop, campaign), takes_part(shop, campaign, "黃柏翰")
    ticket = opens_a_case(shop, chen)
    page = words(yu.post(f"/marketing/{campaign}/preview", data={"text": "得獎名單公布了。", "who": "unwritten"}))
    assert "會寄給 1 人" in page
    assert "1 人的案件還在處理" in page
    sends(yu, campaign)
    batches.look(shop)
    assert [to for to, _ in waiting(shop)] == [huang]
    assert states(shop) == ["suppressed", "said"]
    overview = words(yu.get("/marketing"))
    assert "批次回覆 過去 24 小時 1 次，過去 30 天 1 次" in overview
    assert "案件處理中，沒寄 1" in words(yu.get(f"/marketing/{campaign}"))
    solves(shop, ticket)
    batches.look(shop)
    assert [to for to, _ in waiting(shop)] == [huang], "not by itself"
    sends(yu, campaign, text="得獎名單再說一次。", key="k2")
    batches.look(shop)
    assert waiting(shop)[1:] == [(chen, "得獎名單再說一次。")]


def test_a_case_that_opens_between_confirming_and_sending_holds_it_back(shop, yu, campaign):
    chen = takes_part(shop, campaign)
    sends(yu, campaign)
    opens_a_case(shop, chen)
    batches.look(shop)
    assert (states(shop), waiting(shop)) == (["suppressed"], [])


def test_who_blocked_us_is_not_written_to(shop, yu, campaign):
    chen = takes_part(shop, campaign)
    with shop.sessions.begin() as session:
        session.get_one(Conversation, chen).identity.blocked_at = now()
    assert "1 人收不到" in words(
        yu.post(f"/marketing/{campaign}/preview", data={"text": "得獎名單公布了。", "who": "all"})
    )
    sends(yu, campaign)
    batches.look(shop)
    assert (states(shop), waiting(shop)) == (["unreachable"], [])


def test_one_that_the_platform_refuses_is_no_case_for_the_agents(shop, yu, campaign):
    takes_part(shop, campaign)
    sends(yu, campaign)
    batches.look(shop)
    with shop.sessions.begin() as session:
        row = session.scalars(select(OutboxRow)).one()
        row.state = "failed"
        shop.wiring.desk.delivery_failed(session, row.id)
    with shop.sessions() as session:
        assert session.scalars(select(Ticket)).all() == []
    assert "送不到 1" in words(yu.get(f"/marketing/{campaign}"))


def test_on_instagram_a_batch_says_that_it_is_automatic_and_offers_a_person(shop, yu, campaign):
    chen = takes_part(shop, campaign)
    with shop.sessions.begin() as session:
        conversation = session.get_one(Conversation, chen)
        conversation.account.channel, conversation.last_customer_at = "instagram", now()
    sends(yu, campaign)
    batches.look(shop)
    with shop.sessions() as session:
        first, last = (row.body for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id)))
    assert "自動" in first["text"]
    assert "找真人" in str(last["buttons"])


def test_a_newcomer_finds_campaigns_and_who_took_part(shop, yu):
    for _ in range(2):
        with shop.sessions.begin() as session:
            demo.load_demo(session, [("U1", "陳怡君"), ("U2", "黃柏翰"), ("U3", "林淑芬")])
    page = words(yu.get("/marketing"))
    assert (page.count("葡萄禮盒留言抽獎"), page.count("雙11 回饋推播")) == (1, 1)
    with shop.sessions() as session:
        first = min(session.scalars(select(Campaign.id)))
    assert "我要葡萄，拜託選我" in words(yu.get(f"/marketing/{first}"))
    sends(yu, first)
    batches.look(shop)
    assert len(waiting(shop)) == 2


def as_one(shop, kept, merged):
    """They were found to be one person."""
    with shop.sessions.begin() as session:
        session.get_one(Conversation, merged).contact_id = session.get_one(Conversation, kept).contact_id


def test_two_accounts_that_were_found_to_be_one_person_get_one_text(shop, yu, campaign):
    chen, mei = takes_part(shop, campaign), takes_part(shop, campaign, "陳小姐")
    sends(yu, campaign)
    as_one(shop, chen, mei)
    batches.look(shop)
    assert (len(waiting(shop)), sorted(states(shop))) == (1, ["merged", "said"])
    assert "沒有人可以寄" in words(sends(yu, campaign, key="k2"))


def test_who_was_written_to_before_is_not_written_to_again_as_the_other_whom_he_was_found_to_be(shop, yu, campaign):
    chen = takes_part(shop, campaign)
    sends(yu, campaign)
    batches.look(shop)
    mei = takes_part(shop, campaign, "陳小姐")
    as_one(shop, mei, chen)
    assert "沒有人可以寄" in words(sends(yu, campaign, key="k2"))
    assert len(waiting(shop)) == 1


def test_a_refused_batch_is_one_line_for_those_who_see_to_it(shop, app, yu, campaign):
    for name in ("陳怡君", "黃柏翰", "林淑芬"):
        takes_part(shop, campaign, name)
    sends(yu, campaign)
    batches.look(shop)
    with shop.sessions.begin() as session:
        for row in session.scalars(select(OutboxRow)):
            row.state, row.error = "failed", "refused"
        first = min(session.scalars(select(OutboxRow.id)))
    lead = signed_in(app, shop, "lindan", "supervisor")
    page = lead.get("/console/trouble").get_data(as_text=True)
    assert page.count('id="letter-') == 1
    assert "同一批次回覆共 3 則" in page
    assert lead.post("/console/trouble/resend", data={"one": first}).status_code in (200, 302)
    with shop.sessions() as session:
        assert {row.state for row in session.scalars(select(OutboxRow))} == {"queued"}


def test_a_spreadsheet_runs_nothing_that_a_customer_wrote(shop, yu, campaign):
    takes_part(shop, campaign, '=HYPERLINK("http://evil")', '+1+cmd|"/c calc"!A0')
    takes_part(shop, campaign, '林,小"姐', "  @SUM(1)")
    answer = yu.get(f"/marketing/{campaign}/participants.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    _, second, first = csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")))
    assert (first[0], first[6]) == ('\'=HYPERLINK("http://evil")', '\'+1+cmd|"/c calc"!A0')
    assert (second[0], second[6]) == ('林,小"姐', "'  @SUM(1)")
    assert second[3] == "2026-11-21 14:00"


def test_all_that_a_customer_wrote_for_it_is_shown_and_exported_and_she_is_written_to_once(shop, yu, campaign):
    says_more(shop, campaign, takes_part(shop, campaign), "我選紅色", "改選藍色")
    page = words(yu.get(f"/marketing/{campaign}"))
    assert "1 人、3 則" in page
    assert page.index("改選藍色") < page.index("之前的 2 則") < page.index("我選紅色")
    answer = yu.get(f"/marketing/{campaign}/participants.csv").get_data(as_text=True)
    _, row = csv.reader(io.StringIO(answer.lstrip("\ufeff")))
    assert row[5:8] == ["3", "改選藍色", "'+1\n我選紅色\n改選藍色"]
    sends(yu, campaign)
    batches.look(shop)
    assert len(waiting(shop)) == 1


def test_where_only_the_newest_of_it_are_shown_and_exported_page_and_file_say_so(shop, yu, campaign, monkeypatch):
    chen = takes_part(shop, campaign)
    says_more(shop, campaign, chen, "我選紅色")
    monkeypatch.setattr(participants, "MOST_SAID", 2)
    assert "只列出最新" not in words(yu.get(f"/marketing/{campaign}"))
    says_more(shop, campaign, chen, "改選藍色")
    page = words(yu.get(f"/marketing/{campaign}"))
    assert "1 人、3 則" in page
    assert "只列出最新 2 則" in page
    answer = yu.get(f"/marketing/{campaign}/participants.csv").get_data(as_text=True)
    head, row = csv.reader(io.StringIO(answer.lstrip("\ufeff")))
    assert (head[7], row[7]) == ("說過的，一行一則（最新 2 則）", "我選紅色\n改選藍色")


def test_who_took_part_under_two_accounts_counts_once(shop, yu, campaign):
    as_one(shop, takes_part(shop, campaign), takes_part(shop, campaign, "陳小姐"))
    assert "1 人、2 則" in words(yu.get(f"/marketing/{campaign}"))


def test_participants_are_drawn_page_by_page(shop, yu, campaign):
    for number in range(60):
        takes_part(shop, campaign, f"顧客{number:02d}")
    first = yu.get(f"/marketing/{campaign}").get_data(as_text=True)
    assert "顧客59" in first
    assert "顧客09" not in first
    older = first.partition("before=")[2].partition('"')[0]
    assert "顧客09" in yu.get(f"/marketing/{campaign}?before={older}").get_data(as_text=True)
    assert "60 人、60 則" in words(yu.get(f"/marketing/{campaign}"))


def test_a_campaign_is_registered_changed_and_stopped_by_marketing_and_that_is_recorded(shop, app, yu):
    form = {
        "name": "耶誕抽獎",
        "kind": "campaign",
        "keywords": "+1\n留言+1",
        "postback": "",
        "thanks": "謝謝參加",
        "starts_at": "2026-11-21T09:00",
        "ends_at": "2026-11-30T23:59",
    }
    made = yu.post("/marketing/register", data=form)
    assert made.status_code == 302
    [running] = shop.wiring.campaigns.running()
    assert running.keywords == ("+1", "留言+1")
    assert "2026-11-30T23:59" in yu.get("/marketing/register?id=1").get_data(as_text=True)
    wrong = yu.post("/marketing/register", data=form | {"id": 1, "ends_at": "2026-11-01T00:00"})
    assert wrong.status_code == 422
    assert "結束要晚於開始" in words(wrong)
    for field, value, why in (
        ("keywords", "", "至少要有一個關鍵字"),
        ("keywords", "好", "太短"),
        ("name", "", "要有名稱"),
    ):
        assert why in words(yu.post("/marketing/register", data=form | {field: value}))
    assert yu.post("/marketing/register", data=form | {"id": 1, "thanks": "感謝"}).status_code == 302
    yu.post("/marketing/1/retire", data={"retired": "1"})
    assert "停了" in words(yu.get("/marketing"))
    lead = signed_in(app, shop, "fang", "supervisor")
    record = words(lead.get("/console/audit?about=campaigns"))
    for deed in ("登記了活動 耶誕抽獎", "改了活動 耶誕抽獎", "停了活動 耶誕抽獎"):
        assert deed in record, record
    assert "行銷活動" in words(lead.get("/marketing"))


def test_other_systems_ask_before_they_write_and_are_counted(shop, app, campaign):
    chen, huang = takes_part(shop, campaign), takes_part(shop, campaign, "黃柏翰")
    opens_a_case(shop, chen)
    with shop.sessions() as session:
        (held, contact), (free, _) = [
            (one.source_id, one.contact_id) for one in (session.get_one(Conversation, id_) for id_ in (chen, huang))
        ]
    crm = hired(app, "marketing", "CRM")
    assert crm.get(f"/marketing/suppression?user={held}").json["suppressed"] is True
    assert crm.get(f"/marketing/suppression?contact_id={contact}").json["suppressed"] is True
    assert crm.get("/marketing/suppression").status_code == 422
    with shop.sessions() as session:
        assert session.scalars(select(MarketingRefusal)).all() == [], "looking is not writing"
    asked = [{"user": held}, {"user": free}, {"user": "Unobody"}, {"contact_id": contact}]
    told = crm.post("/marketing/suppression", customers=asked, key="push-1").json["items"]
    assert [(one["known"], one["suppressed"]) for one in told] == [
        (True, True),
        (True, False),
        (False, False),
        (True, True),
    ]
    crm.post("/marketing/suppression", customers=asked, key="push-1")
    with shop.sessions() as session:
        assert [row.source for row in session.scalars(select(MarketingRefusal))] == ["api"]
    assert crm.post("/marketing/suppression", customers=[{"user": "U1"}] * 500).status_code == 200
    assert crm.post("/marketing/suppression", customers=[{"user": "U1"}] * 501).status_code == 422
    assert [one["user"] for one in crm.get("/marketing/suppressed").json["items"]] == [held]


def kept(line):
    return [users for _, users in line.audiences.values()]


def source(shop, conversation):
    with shop.sessions() as session:
        return session.get_one(Conversation, conversation).source_id


def rounds(shop, clock, count=1, **pause):
    for _ in range(count):
        clock.shift(timedelta(**(pause or {"minutes": 1})))
        audiences.look(shop)


def test_the_audience_at_line_holds_whose_case_is_open(shop, line, clock, campaign, yu):
    chen, huang = takes_part(shop, campaign), takes_part(shop, campaign, "黃柏翰")
    rounds(shop, clock)
    assert line.audiences == {}, "nobody is to be left alone"
    ticket = opens_a_case(shop, chen)
    rounds(shop, clock)
    assert kept(line) == [{source(shop, chen)}]
    opens_a_case(shop, huang)
    rounds(shop, clock)
    assert kept(line) == [{source(shop, chen), source(shop, huang)}]
    solves(shop, ticket)
    rounds(shop, clock)
    assert kept(line) == [{source(shop, chen), source(shop, huang)}], "LINE takes nobody out"
    rounds(shop, clock, 2, minutes=16)
    rounds(shop, clock)
    assert kept(line) == [{source(shop, huang)}]
    assert "同步" in words(yu.get("/marketing"))


def test_an_audience_whose_answer_was_lost_is_found_again_and_a_refusal_is_tried_later(shop, line, clock, campaign, yu):
    opens_a_case(shop, takes_part(shop, campaign))
    line.troubles.append((401, {"message": "Authentication failed"}))
    rounds(shop, clock)
    assert kept(line) == []
    assert "沒有更新成功" in words(yu.get("/marketing"))
    line.lost_audiences = 1
    rounds(shop, clock, 2, minutes=2)
    assert len(kept(line)) == 1
    rounds(shop, clock, 3, minutes=5)
    assert len(kept(line)) == 1, "no second one"
    with shop.sessions() as session:
        assert [call.state for call in session.scalars(select(AudienceCall))] == ["done"]


def test_an_audience_that_takes_nobody_any_more_does_not_stay_at_line(shop, line, clock, campaign, yu):
    chen, huang = takes_part(shop, campaign), takes_part(shop, campaign, "黃柏翰")
    opens_a_case(shop, chen)
    rounds(shop, clock)
    [old] = line.audiences
    opens_a_case(shop, huang)
    line.troubles.append((400, {"message": "AUDIENCE_GROUP_CAN_NOT_UPDATE_STATUS_EXPIRED"}))
    rounds(shop, clock, 2)
    assert old in line.audiences, "until a newer one is there"
    assert {source(shop, chen), source(shop, huang)} in kept(line)
    line.troubles.append((403, {"message": "forbidden"}))
    rounds(shop, clock, 2, minutes=16)
    rounds(shop, clock, 3, minutes=61)
    assert old not in line.audiences or "刪不掉" in words(yu.get("/marketing"))


def test_an_audience_that_somebody_deleted_at_line_is_made_anew(shop, line, clock, campaign):
    chen, huang = takes_part(shop, campaign), takes_part(shop, campaign, "黃柏翰")
    opens_a_case(shop, chen)
    rounds(shop, clock)
    line.audiences.clear()
    opens_a_case(shop, huang)
    rounds(shop, clock, 2)
    assert kept(line) == [{source(shop, chen), source(shop, huang)}]
