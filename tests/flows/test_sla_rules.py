"""A supervisor changes what customers are promised: tries it, is told of mistakes by field, and sets it."""

import html
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from bot.clock import now
from bot.models import JournalEntry
from bot.services import Services
from handoff.clocks import versions
from handoff.console import rulebook
from handoff.models import RuleVersion, Ticket
from handoff.sla import SHIPPED, Case
from tests import desk
from tests.builders import Frontline
from tests.console import signed_in, words

PAGE = "/console/sla"
FASTER = SHIPPED.read_text("utf-8").replace("{level: L2, first: 30 min,", "{level: L2, first: 20 min,")
WRONG = SHIPPED.read_text("utf-8").replace("first: 30 min", "first: soon").replace("holidays: TW", "holidays: XX")
SWITCH = "改用中文"
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def supervisor(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "fang", "supervisor")


@pytest.fixture
def cases(current: Services) -> int:
    """Three cases of L2 and one of L1."""
    with current.sessions.begin() as session:
        for level in ("L2", "L2", "L2", "L1"):
            current.wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session), level=level))
    return 4


def based_on(page: TestResponse) -> str:
    found = re.search(r'name="based_on" value="(\d+)"', page.get_data(as_text=True))
    assert found
    return found[1]


def published(current: Services) -> list[tuple[int, int | None, str]]:
    with current.sessions() as session:
        return [(v.id, v.user_id, v.note) for v in session.scalars(select(RuleVersion).order_by(RuleVersion.id))]


def first_of_l2(current: Services) -> int:
    with current.sessions() as session:
        return int(versions.current(session).targets(Case("L2", "service")).first.total_seconds() // 60)


def test_the_page_shows_the_rules_that_count(supervisor: FlaskClient) -> None:
    page = supervisor.get(PAGE)
    assert page.status_code == 200
    assert html.escape(SHIPPED.read_text("utf-8"), quote=True).replace("&#x27;", "&#39;").replace(
        "&quot;", "&#34;"
    ) in (page.get_data(as_text=True))
    assert "還沒有人改過" in words(page)


def test_a_preview_tells_whose_promise_would_change_and_sets_nothing(
    supervisor: FlaskClient, current: Services, cases: int
) -> None:
    told = words(supervisor.post(f"{PAGE}/preview", data={"document": FASTER}))
    assert f"最近 {cases} 件案件裡，有 3 件的承諾會不同" in told
    assert "首次回覆 30 min" in told
    assert "首次回覆 20 min" in told
    assert published(current) == []


def test_what_is_set_counts_for_new_cases_and_is_kept_with_who_and_why(
    supervisor: FlaskClient, current: Services
) -> None:
    form = {"document": FASTER.replace("\n", "\r\n"), "note": "十一月檔期", "based_on": based_on(supervisor.get(PAGE))}
    answer = supervisor.post(PAGE, data=form, follow_redirects=True)
    assert "已儲存為第 1 版" in words(answer)
    assert "十一月檔期" in words(answer)
    assert first_of_l2(current) == 20
    [(version, user, note)] = published(current)
    assert (version, note) == (1, "十一月檔期")
    assert user is not None
    with current.sessions() as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "sla.published")).one()
        assert (entry.user_id, entry.data) == (user, {"version": 1})


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}/preview"])
def test_mistakes_are_told_by_field_and_the_text_is_kept(
    supervisor: FlaskClient, current: Services, address: str
) -> None:
    answer = supervisor.post(address, data={"document": WRONG, "based_on": "0"})
    assert answer.status_code == 422
    assert "targets[1].first 「soon」不是時間長度" in words(answer)
    assert "calendars.office.holidays 不認得「XX」" in words(answer)
    assert "first: soon" in answer.get_data(as_text=True)
    assert published(current) == []


def test_of_two_supervisors_the_second_does_not_overwrite_the_first(supervisor: FlaskClient, current: Services) -> None:
    seen = based_on(supervisor.get(PAGE))
    supervisor.post(PAGE, data={"document": FASTER, "based_on": seen})
    late = supervisor.post(PAGE, data={"document": SHIPPED.read_text("utf-8"), "based_on": seen})
    assert late.status_code == 409
    assert "別人剛剛改過規則" in words(late)
    assert first_of_l2(current) == 20


def fields(page: TestResponse) -> dict[str, str]:
    """What a browser would send of the form if nothing was changed in it."""
    form = page.get_data(as_text=True).partition('<form class="rules"')[2].partition("</form>")[0]
    sent: dict[str, str] = {}
    for tag, name in re.findall(r'<(input|select|textarea)[^>]* name="([^"]+)"', form):
        after = form.partition(f' name="{name}"')[2]
        if tag == "input" and "checkbox" in form.partition(f' name="{name}"')[0].rpartition("<")[2]:
            sent |= {name: "1"} if "checked" in after.partition(">")[0] else {}
        elif tag == "input":
            sent[name] = re.match(r'[^>]*? value="([^"]*)"|', after)[1] or ""  # type: ignore[index]
        elif tag == "select":
            chosen = re.search(r'value="([^"]*)" selected', after.partition("</select>")[0])
            first = re.search(r'value="([^"]*)"', after)
            sent[name] = (chosen or first)[1]  # type: ignore[index]
        elif tag == "textarea":
            sent[name] = html.unescape(after.partition(">")[2].partition("</textarea>")[0])
    return sent


def test_the_form_says_what_the_document_says(supervisor: FlaskClient, current: Services) -> None:
    form = fields(supervisor.get(PAGE))
    assert form["targets[1].first"] == "30 min"
    supervisor.post(PAGE, data=form)
    with current.sessions() as session:
        kept = versions.document(session)
        rules, shipped = versions.current(session), versions.of(session, 0)
    assert (rules.rows, rules.ladder, rules.calendars, rules.teams) == (
        shipped.rows,
        shipped.ladder,
        shipped.calendars,
        shipped.teams,
    )
    assert "# Who hears of it at which part of a target" in kept, "comments stay"


def test_the_form_keeps_how_long_a_resolved_case_waits_and_changes_it(
    supervisor: FlaskClient, current: Services
) -> None:
    day = SHIPPED.read_text("utf-8").replace("close_after: 72 h", "close_after: 24 h")
    supervisor.post(PAGE, data={"document": day, "based_on": "0"})
    form = fields(supervisor.get(PAGE))
    without = {name: value for name, value in form.items() if name != "close_after"}
    assert versions.read(rulebook.written(without, day)).close_after == versions.read(day).close_after
    supervisor.post(PAGE, data=form)
    assert closed_after(current) == timedelta(hours=24)
    supervisor.post(PAGE, data=fields(supervisor.get(PAGE)) | {"close_after": "5 h"})
    assert closed_after(current) == timedelta(hours=5)
    with current.sessions() as session:
        assert "# A case that was solved is closed by itself" in versions.document(session)


def test_another_patience_with_what_is_solved_tells_how_many_are_closed_at_once(
    supervisor: FlaskClient, current: Services, cases: int
) -> None:
    with current.sessions.begin() as session:
        old, fresh, *_ = session.scalars(select(Ticket).order_by(Ticket.id)).all()
        old.state, old.resolved_at = "resolved", now() - timedelta(hours=30)
        fresh.state, fresh.resolved_at = "resolved", now() - timedelta(hours=1)
    told = words(supervisor.post(f"{PAGE}/preview", data=fields(supervisor.get(PAGE)) | {"close_after": "24 h"}))
    assert "從 72 h 改成 24 h" in told
    assert "2 件裡最多有 1 件會立刻關閉" in told
    assert "處理中的 2 件維持原來的時限" in told


def closed_after(current: Services) -> timedelta:
    with current.sessions() as session:
        return versions.current(session).close_after


def test_a_row_and_a_rung_are_set_in_fields(supervisor: FlaskClient, current: Services) -> None:
    changes = {
        "targets[3].place": "1",
        "targets[3].level": "L2",
        "targets[3].tier": "金卡、白金卡",
        "targets[3].first": "10 min",
        "targets[3].next": "10 min",
        "targets[3].resolution": "4 h",
        "ladder[0].at": "",
    }
    supervisor.post(PAGE, data=fields(supervisor.get(PAGE)) | changes)
    with current.sessions() as session:
        rules = versions.current(session)
    assert rules.targets(Case("L2", tier="白金卡")).spans()["first"] == "10 min"
    assert rules.targets(Case("L2")).spans()["first"] == "30 min"
    assert [rung.at for rung in rules.ladder] == [80, 100, 200]


def test_what_a_rung_does_is_ticked_tried_and_set(supervisor: FlaskClient, current: Services) -> None:
    form = fields(supervisor.get(PAGE))
    assert {name for name in form if ".do." in name} == {"ladder[2].do.urgent", "ladder[3].do.urgent"}
    changes = {"ladder[1].do.standby": "1", "ladder[2].do.queue": "1", "ladder[3].do.lead": "1"}
    del form["ladder[3].do.urgent"]
    tried = words(supervisor.post(f"{PAGE}/preview", data=form | changes))
    assert "80 %：通知組長、叫待命的人" in tried
    assert "200 %：通知主管、交給組長" in tried
    supervisor.post(PAGE, data=form | changes)
    with current.sessions() as session:
        assert [rung.do for rung in versions.current(session).ladder] == [
            (),
            ("standby",),
            ("urgent", "queue"),
            ("lead",),
        ]
    assert fields(supervisor.get(PAGE)).keys() >= changes.keys(), "the form shows what counts"
    both = supervisor.post(PAGE, data=form | changes | {"ladder[2].do.lead": "1"})
    assert (both.status_code, "退回待接和交給組長只能選一個" in words(both)) == (422, True)


def test_a_rung_that_only_tells_is_kept_as_such(supervisor: FlaskClient, current: Services) -> None:
    form = fields(supervisor.get(PAGE))
    supervisor.post(PAGE, data={name: value for name, value in form.items() if ".do." not in name})
    with current.sessions() as session:
        assert {rung.do for rung in versions.current(session).ladder} == {()}
        assert "{at: 100, to: lead, do: []}" in versions.document(session)


def test_a_mistake_stands_beside_its_field_and_nothing_typed_is_lost(supervisor: FlaskClient) -> None:
    wrong = {"targets[1].first": "soon", "note": "試試看"}
    answer = supervisor.post(f"{PAGE}/preview", data=fields(supervisor.get(PAGE)) | wrong)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'name="targets[1].first" value="soon"' in page
    assert 'aria-invalid="true" aria-describedby="why-targets[1].first"' in page
    assert "「soon」不是時間長度" in page.partition('id="why-targets[1].first"')[2][:400]
    assert fields(answer)["note"] == "試試看"


def test_a_version_tells_what_it_changed_and_an_older_one_comes_back(
    supervisor: FlaskClient, current: Services, cases: int
) -> None:
    supervisor.post(PAGE, data={"document": FASTER, "note": "檔期", "based_on": "0"})
    supervisor.post(PAGE, data={"document": FASTER.replace("48 h", "72 h"), "based_on": "1"})
    page = words(supervisor.get(PAGE))
    assert "− - {level: L2, first: 30 min, next: 30 min, resolution: 24 h, untouched: 8 h}" in page
    assert "+ - {level: L2, first: 20 min, next: 30 min, resolution: 24 h, untouched: 8 h}" in page
    old = supervisor.get(f"{PAGE}?version=0")
    assert f"最近 {cases} 件案件裡，有 3 件的承諾會不同" in words(old)
    assert fields(old)["note"] == "回到出廠規則"
    supervisor.post(PAGE, data=fields(old))
    assert first_of_l2(current) == 30
    assert published(current)[-1][2] == "回到出廠規則"
    assert supervisor.get(f"{PAGE}?version=99").status_code == 404


@pytest.mark.parametrize("role", ["agent", "specialist", "editor"])
def test_only_who_leads_the_desk_sees_or_sets_rules(app: Flask, current: Services, role: str) -> None:
    member = signed_in(app, current, "mei", role)
    for answer in (member.get(PAGE), member.post(PAGE, data={"document": FASTER, "based_on": "0"})):
        assert answer.status_code == 403
    assert published(current) == []


@pytest.mark.by_hand
def test_the_page_speaks_english(supervisor: FlaskClient) -> None:
    supervisor.set_cookie("language", "en")
    answers = [
        supervisor.get(PAGE),
        supervisor.post(f"{PAGE}/preview", data={"document": FASTER}),
        supervisor.post(PAGE, data={"document": WRONG, "based_on": "0"}),
    ]
    for answer in answers:
        main = answer.get_data(as_text=True).partition('<main class="trouble" id="sla">')[2]
        assert HAN.findall(main.replace(SWITCH, "")) == []


def test_at_the_terminal_rules_are_shown_tried_and_set(
    frontline: Frontline, current: Services, cases: int, tmp_path: Path
) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(FASTER, "utf-8")
    assert frontline("sla", "show").stdout == SHIPPED.read_text("utf-8")
    tried = frontline("sla", "preview", str(file))
    assert "Of the last 4 cases 3 would be promised something else" in tried.stdout
    assert first_of_l2(current) == 30
    assert "Version 1 counts" in frontline("sla", "set", str(file), "--note", "sale").stdout
    assert first_of_l2(current) == 20
    assert frontline("sla", "show").stdout == FASTER
    [row] = json.loads(frontline("sla", "versions", "--json").stdout)
    assert (row["version"], row["note"]) == (1, "sale")


def test_at_the_terminal_a_mistake_is_told_by_its_field(frontline: Frontline, tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(WRONG, "utf-8")
    for command in ("preview", "set"):
        refused = frontline("sla", command, str(file))
        assert refused.exit_code == 1
        assert "targets[1].first" in refused.output
        assert "calendars.office.holidays" in refused.output


def test_a_version_of_a_newer_release_that_cannot_be_read_stops_no_case(current: Services, cases: int) -> None:
    with current.sessions.begin() as session:
        versions.publish(session, FASTER, None)
        session.add(RuleVersion(document=FASTER.replace("do: urgent", "do: sing"), note=""))
    assert first_of_l2(current) == 20
    with current.sessions.begin() as session:
        assert current.wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session))).number
