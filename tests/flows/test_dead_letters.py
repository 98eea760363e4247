"""Messages of ours that did not surely arrive: who sees them, and what each button does to the customer."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from bot import clock, outbox
from bot.models import JournalEntry, OutboxRow
from bot.services import Services
from tests.console import HTMX, knows, signed_in, trouble_count, user_id, words
from tests.desk import wish_for_a_person
from tests.fakes import FakeLine
from tests.speaking import Work, has_a_free_reply, says, states

REFUSED = (400, {"message": "The property, 'text', is invalid"})
HAN = re.compile(r"[\u4e00-\u9fff]")
Refusal = Callable[..., list[int]]


@pytest.fixture
def chen(current: Services) -> int:
    with current.sessions.begin() as session:
        return knows(session, "Uchen", "陳怡君").id


@pytest.fixture
def supervisor(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "fang", "supervisor")


@pytest.fixture
def refused(current: Services, chen: int, line: FakeLine) -> Refusal:
    """LINE refuses these messages to 陳怡君 for good; their rows."""

    def refuse(*texts: str) -> list[int]:
        for text in texts:
            line.troubles.append(REFUSED)
            says(current, text, to=chen)
            outbox.deliver(chen)
        return rows(current)

    return refuse


@pytest.fixture
def doubtful(current: Services, chen: int, line: FakeLine) -> int:
    """An answer that arrived, though LINE's word for it was lost; its row."""
    line.lost_answers = 1
    has_a_free_reply(current, to=chen)
    says(current, "運費 80 元", to=chen)
    outbox.deliver(chen)
    with current.sessions.begin() as session:
        session.scalars(select(OutboxRow)).one().due_at = clock.now()
    outbox.deliver(chen)
    assert states(current) == ["unknown"]
    return rows(current)[0]


def rows(current: Services) -> list[int]:
    with current.sessions() as session:
        return list(session.scalars(select(OutboxRow.id).order_by(OutboxRow.id)))


def journal(current: Services, kind: str) -> list[int | None]:
    """Who did it, each time."""
    with current.sessions() as session:
        told = select(JournalEntry.user_id).where(JournalEntry.kind == kind)
        return list(session.scalars(told.order_by(JournalEntry.id)))


def decide(member: FlaskClient, deed: str, **form: object) -> TestResponse:
    return member.post(f"/console/trouble/{deed}", data=form, headers=HTMX)


def page(member: FlaskClient) -> str:
    return words(member.get("/console/trouble"))


@pytest.mark.parametrize("deed", ["resend", "settle", "let-go"])
def test_agents_cannot_decide_on_the_page_of_the_supervisors(
    app: Flask, current: Services, refused: Refusal, line: FakeLine, work: Work, deed: str
) -> None:
    (row,) = refused("您好")
    agent = signed_in(app, current, "mei", "agent")
    assert decide(agent, deed, one=row).status_code == 403
    work()
    assert states(current) == ["failed"]
    assert line.said == []


def test_a_dead_letter_tells_who_what_why_and_which_case(
    supervisor: FlaskClient, current: Services, refused: Refusal
) -> None:
    refused("收回單號會再傳給您，" + "請留意，" * 60)
    told = page(supervisor)
    for expected in ("沒有送出 1", "陳怡君", "CS-", "收回單號會再傳給您", "LINE 拒絕這則訊息"):
        assert expected in told
    assert "請留意，" * 30 not in told
    assert trouble_count(supervisor.get("/console")) == "1"


def test_words_of_ours_are_never_markup(supervisor: FlaskClient, refused: Refusal) -> None:
    refused("<script>alert(1)</script>")
    assert "<script>alert" not in supervisor.get("/console/trouble").get_data(as_text=True)


def test_sent_again_it_arrives_once_however_often_the_button_is_clicked(
    supervisor: FlaskClient, current: Services, refused: Refusal, line: FakeLine, work: Work
) -> None:
    (row,) = refused("您好")
    first, second = decide(supervisor, "resend", one=row), decide(supervisor, "resend", one=row)
    work()
    assert "toast" in first.headers["HX-Trigger"]
    assert second.status_code == 409
    assert "已經有人處理過了" in words(second)
    assert line.said == ["您好"]
    assert states(current) == ["sent"]
    assert journal(current, "message.resent") == [user_id(current, "fang")]
    assert "沒有異常" in page(supervisor)


def test_only_the_ticked_ones_are_sent_and_in_their_old_order(
    supervisor: FlaskClient, current: Services, refused: Refusal, line: FakeLine, work: Work
) -> None:
    first, second, third = refused("一", "二", "三")
    decide(supervisor, "resend", id=[third, first])
    work()
    assert line.said == ["一", "三"]
    assert states(current) == ["sent", "failed", "sent"]
    assert f'value="{second}"' in supervisor.get("/console/trouble").get_data(as_text=True)


def test_all_means_those_that_were_on_the_screen(
    supervisor: FlaskClient, current: Services, refused: Refusal, line: FakeLine, work: Work
) -> None:
    *_, newest = refused("一", "二")
    refused("三")
    decide(supervisor, "resend", all="failed", newest=newest)
    work()
    assert line.said == ["一", "二"]
    assert states(current) == ["sent", "sent", "failed"]


def test_where_a_colleague_was_faster_with_some_the_others_are_sent_and_it_is_said(
    supervisor: FlaskClient, current: Services, refused: Refusal, line: FakeLine, work: Work
) -> None:
    first, second = refused("一", "二")
    decide(supervisor, "resend", one=first)
    work()
    both = decide(supervisor, "resend", id=[first, second])
    work()
    assert both.status_code == 200
    assert "\\u53e6\\u5916 1 \\u5247" in both.headers["HX-Trigger"]
    assert line.said == ["一", "二"]


def test_what_is_let_go_is_neither_sent_nor_listed(
    supervisor: FlaskClient, current: Services, refused: Refusal, chen: int, line: FakeLine, work: Work
) -> None:
    (row,) = refused("您好")
    decide(supervisor, "let-go", one=row)
    work()
    assert line.said == []
    assert states(current) == ["cancelled"]
    assert "沒有異常" in page(supervisor)
    assert "沒有送出：有人決定不再送" in words(supervisor.get(f"/console/conversations/{chen}"))
    assert journal(current, "message.let_go") == [user_id(current, "fang")]


@pytest.mark.parametrize(
    ("form", "answer"),
    [({}, "還沒有勾選。"), ({"one": 999}, "已經有人處理過了"), ({"all": "sent", "newest": 999}, "已經有人處理過了")],
)
def test_a_button_with_nothing_to_do_says_so(
    supervisor: FlaskClient, current: Services, chen: int, form: dict[str, object], answer: str
) -> None:
    says(current, "您好", to=chen)
    outbox.deliver(chen)
    nothing = decide(supervisor, "resend", **form)
    assert nothing.status_code == 409
    assert answer in words(nothing)
    assert states(current) == ["sent"]


def test_every_button_also_works_without_javascript(
    supervisor: FlaskClient, refused: Refusal, line: FakeLine, work: Work
) -> None:
    (row,) = refused("您好")
    answer = supervisor.post("/console/trouble/resend", data={"one": row})
    assert answer.headers["Location"] == "/console/trouble"
    assert "已排入，馬上再送：1 則。" in page(supervisor)
    work()
    assert line.said == ["您好"]


def test_a_form_of_another_site_is_refused(
    supervisor: FlaskClient, app: Flask, current: Services, refused: Refusal
) -> None:
    (row,) = refused("您好")
    app.config["WTF_CSRF_ENABLED"] = True
    assert decide(supervisor, "resend", one=row).status_code == 400
    assert states(current) == ["failed"]


def test_what_may_have_arrived_is_settled_and_nothing_is_sent(
    supervisor: FlaskClient, current: Services, doubtful: int, line: FakeLine, work: Work
) -> None:
    assert "顧客多半已經收到，所以不會自動重送" in page(supervisor)
    assert trouble_count(supervisor.get("/console")) == "1"
    decide(supervisor, "settle", one=doubtful)
    work()
    assert line.said == ["運費 80 元"]
    assert states(current) == ["sent"]
    assert journal(current, "message.settled") == [user_id(current, "fang")]
    assert decide(supervisor, "settle", one=doubtful).status_code == 409


def test_what_may_have_arrived_is_sent_once_more_when_a_person_says_so(
    supervisor: FlaskClient, current: Services, doubtful: int, line: FakeLine, work: Work
) -> None:
    for _ in range(2):
        decide(supervisor, "resend", all="unknown", newest=doubtful)
    work()
    assert line.said == ["運費 80 元", "運費 80 元"]
    assert states(current) == ["sent"]


def test_a_push_that_line_would_know_again_can_be_repeated_without_fear(
    supervisor: FlaskClient, current: Services, chen: int, line: FakeLine, work: Work
) -> None:
    for texts in (("一", "二"), ("三",)):
        line.lost_answers = 1
        says(current, *texts, to=chen)
        outbox.deliver(chen)
        with current.sessions.begin() as session:
            session.execute(update(OutboxRow).values(state="unknown"))
    assert page(supervisor).count("再送不會重複") == 1  # the first two share a key: it is good for both together only
    decide(supervisor, "resend", id=rows(current))
    work()
    assert line.said == ["一", "二", "三"]
    assert states(current) == ["sent"] * 3


def test_a_dead_letter_cannot_be_called_delivered(supervisor: FlaskClient, current: Services, refused: Refusal) -> None:
    (row,) = refused("您好")
    assert decide(supervisor, "settle", one=row).status_code == 409
    assert states(current) == ["failed"]


def test_what_waits_is_listed_with_its_reason_and_next_try(
    supervisor: FlaskClient, current: Services, chen: int
) -> None:
    says(current, "您好", to=chen)
    assert "沒有異常" in page(supervisor)
    with current.sessions.begin() as session:
        row = session.scalars(select(OutboxRow)).one()
        row.attempts, row.error = 2, "LINE is not reachable (ConnectTimeoutError)"
        row.due_at, row.created_at = clock.after(600), clock.now() - timedelta(minutes=5)
    told = page(supervisor)
    for expected in ("還在等 1", "連不上 LINE", "等了5 分", "再試"):
        assert expected in told
    assert trouble_count(supervisor.get("/console")) == ""


def test_without_quota_pushes_wait_until_the_customer_writes(
    supervisor: FlaskClient, current: Services, chen: int, line: FakeLine
) -> None:
    line.troubles.append((429, {"message": "You have reached your monthly limit."}))
    says(current, "您好", to=chen)
    outbox.deliver(chen)
    told = page(supervisor)
    for expected in ("LINE 的推播額度用完了", "回覆不受影響", "現在有 1 則在等", "還在等 1", "等推播額度"):
        assert expected in told
    assert "等推播額度；顧客再寫來會先送" in words(supervisor.get(f"/console/conversations/{chen}"))
    has_a_free_reply(current, to=chen)
    outbox.deliver(chen)
    assert line.said == ["您好"]
    assert "還在等" not in page(supervisor)


@pytest.mark.parametrize(
    ("used", "level", "told"),
    [(640, "calm", "剩 4,360 則"), (4100, "near", "82%"), (4600, "high", "92%"), (5000, "out", "100%")],
)
def test_the_gauge_shows_how_much_of_the_pushes_is_used(
    supervisor: FlaskClient, current: Services, chen: int, used: int, level: str, told: str
) -> None:
    assert "本月推播" not in page(supervisor)
    with current.sessions.begin() as session:
        account = knows(session, "Uchen", "陳怡君").account
        account.quota_limit, account.quota_used, account.quota_at = 5000, used, clock.now()
    shown = supervisor.get("/console/trouble")
    assert told in words(shown)
    assert f'class="card0 quota {level}"' in shown.get_data(as_text=True)
    assert ("LINE 推播額度" in words(supervisor.get("/console"))) == (level != "calm")


def test_the_page_can_be_read_in_english(
    supervisor: FlaskClient, current: Services, refused: Refusal, line: FakeLine
) -> None:
    refused("Hello")
    with current.sessions.begin() as session:
        knows(session, "Uchen", "Emily Tsai")
    supervisor.set_cookie("language", "en")
    told = page(supervisor).replace(current.settings.shop_name, "").replace("改用中文", "")
    assert "Emily Tsai" in told
    assert HAN.findall(told) == []


class TestInTheThread:
    """The same decisions where the conversation is read, by those whose case it is."""

    @pytest.fixture
    def case(self, current: Services, chen: int) -> str:
        with current.sessions.begin() as session:
            return current.wiring.desk.open(session, wish_for_a_person(knows(session, "Uchen", "陳怡君"))).number

    @pytest.fixture
    def mei(self, app: Flask, current: Services, case: str) -> FlaskClient:
        """The agent who has the case."""
        mei = signed_in(app, current, "mei", "agent")
        mei.post(f"/console/cases/{case}/claim")
        return mei

    def resend(self, member: FlaskClient, chen: int, row: int, case: str = "", deed: str = "resend") -> TestResponse:
        form = {"id": row, "case": case}
        return member.post(f"/console/conversations/{chen}/{deed}", data=form, headers=HTMX | {"HX-Target": "pane"})

    def test_the_agent_of_the_case_sees_why_and_sends_it_again(
        self, mei: FlaskClient, case: str, chen: int, refused: Refusal, line: FakeLine, current: Services, work: Work
    ) -> None:
        (row,) = refused("您好")
        thread = mei.get(f"/console/cases/{case}")
        assert "沒有送出：LINE 拒絕這則訊息" in words(thread)
        assert "再送一次" in words(thread)
        answers = [self.resend(mei, chen, row, case) for _ in range(2)]
        work()
        assert [answer.status_code for answer in answers] == [200, 409]
        assert "已經有人處理過了" in words(answers[1])
        assert line.said == ["您好"]
        assert "LINE 已接收" in words(mei.get(f"/console/cases/{case}"))
        assert journal(current, "message.resent") == [user_id(current, "mei")]

    def test_the_agent_of_the_case_settles_what_may_have_arrived(
        self, mei: FlaskClient, case: str, chen: int, doubtful: int, line: FakeLine, work: Work
    ) -> None:
        assert "已送達" in words(mei.get(f"/console/cases/{case}"))
        assert self.resend(mei, chen, doubtful, case, "settle").status_code == 200
        work()
        assert len(line.said) == 1

    def test_a_colleague_sees_it_but_may_not(
        self, app: Flask, current: Services, mei: FlaskClient, case: str, chen: int, refused: Refusal
    ) -> None:
        (row,) = refused("您好")
        colleague = signed_in(app, current, "lan", "agent")
        assert "再送一次" not in words(colleague.get(f"/console/cases/{case}"))
        answer = self.resend(colleague, chen, row, case)
        assert answer.status_code == 409
        assert "mei已經接手這件案件。" in words(answer)
        assert states(current) == ["failed"]

    def test_a_supervisor_may_also_where_nobody_has_a_case(
        self, supervisor: FlaskClient, app: Flask, current: Services, chen: int, doubtful: int, work: Work
    ) -> None:
        agent = signed_in(app, current, "lan", "agent")
        assert "請主管處理" in words(self.resend(agent, chen, doubtful, deed="settle"))
        assert "已送達" in words(supervisor.get(f"/console/conversations/{chen}"))
        assert self.resend(supervisor, chen, doubtful, deed="settle").status_code == 200
        assert states(current) == ["sent"]

    def test_a_message_that_is_tried_again_says_when(
        self, mei: FlaskClient, case: str, chen: int, current: Services
    ) -> None:
        says(current, "您好", to=chen)
        with current.sessions.begin() as session:
            row = session.scalars(select(OutboxRow)).one()
            row.attempts, row.error, row.due_at = 1, "LINE's rate limit is reached (429)", clock.after(60)
        assert "還沒送出，會自動再試" in words(mei.get(f"/console/cases/{case}"))
        assert "LINE 要我們慢一點" in words(mei.get(f"/console/cases/{case}"))

    def test_while_pushes_are_used_up_the_agent_is_told_before_writing(
        self, mei: FlaskClient, case: str, chen: int, current: Services
    ) -> None:
        told = "推播額度用完，會等顧客寫來才送出"
        with current.sessions.begin() as session:
            knows(session, "Uchen", "陳怡君").account.push_paused_until = clock.after(3600)
        assert told in words(mei.get(f"/console/cases/{case}"))
        has_a_free_reply(current, to=chen)
        assert told not in words(mei.get(f"/console/cases/{case}"))
