"""One page lists what can be set and by whom; tokens of programs are made there, shown once, end and are revoked."""

import re
from datetime import timedelta

from bot.api import tokens
from tests.console import PASSWORD, signed_in, words
from tests.programs import Program

PAGE = "/console/settings/tokens"
TOKEN = re.compile(r"fl_[\w-]{40,}")


def makes(member, **form):
    answer = member.post(PAGE, data={"name": "CRM", "role": "agent"} | form)
    found = TOKEN.search(answer.get_data(as_text=True))
    return answer, found[0] if found else ""


def test_the_list_says_what_is_set_where_and_by_whom(lead, admin):
    page = lead.get("/console/settings").get_data(as_text=True)
    for address in ("/console/people#teams", "/console/sla", "/content/templates", "/console/settings/calendars"):
        assert f'href="{address}"' in page
    assert 'href="/console/settings/channels"' not in page, "what she may not is named, not linked"
    assert "管道" in page
    assert 'href="/console/settings/channels"' in admin.get("/console/settings").get_data(as_text=True)
    assert 'href="/console/settings"' in lead.get("/console").get_data(as_text=True)


def test_a_token_is_shown_once_and_opens_what_it_may(app, lead):
    answer, token = makes(lead, scope=["tickets:read", "made-up"])
    assert answer.status_code == 200
    assert Program(app, token).get("/tickets").status_code == 200
    assert Program(app, token).get("/contacts").status_code == 403
    page = lead.get(PAGE)
    assert token not in page.get_data(as_text=True)
    assert "CRM 一線客服" in words(page)
    assert "案件（只讀）" in words(page)
    assert "fang在" in words(page)


def test_nobody_hands_out_more_than_she_may(app, lead, journal):
    answer, token = makes(lead, role="admin")
    assert (answer.status_code, token) == (422, "")
    assert "權限比你大" in words(answer)
    assert 'id="role" name="role" aria-describedby="role-mistake' in answer.get_data(as_text=True)
    assert journal("token.") == []


def test_what_somebody_who_may_more_has_made_she_does_not_revoke(app, current, lead, admin):
    _, token = makes(admin, role="admin", name="整合平台")
    assert "撤銷「整合平台」" not in lead.get(PAGE).get_data(as_text=True)
    refused = lead.post(f"{PAGE}/1/revoke", follow_redirects=True)
    assert "權限比你大" in words(refused)
    assert Program(app, token).get("/me").status_code == 200
    admin.post(f"{PAGE}/1/revoke")
    assert Program(app, token).get("/me").status_code == 401
    assert lead.post(f"{PAGE}/99/revoke").status_code == 404


def test_a_token_ends_with_its_last_day(app, lead, clock, journal):
    _, token = makes(lead, last="2026-11-22")
    assert journal("token.")[0][1]["after"]["expires_at"] == "2026-11-23T00:00:00+08:00"
    assert "用到 2026-11-22" in words(lead.get(PAGE))
    clock.shift(timedelta(hours=33))  # 23:00 of that day
    assert Program(app, token).get("/me").status_code == 200
    clock.shift(timedelta(hours=2))
    assert Program(app, token).get("/me").status_code == 401
    lead.post("/sign-in", data={"username": "fang", "password": PASSWORD})
    assert "已到期" in words(lead.get(PAGE))


def test_a_mistake_stands_beside_its_field_and_what_was_typed_stays(lead):
    answer, _ = makes(lead, name="報表", last="2026-11-20", scope="read")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "最後一天已經過了" in page.partition('id="last-mistake"')[2][:400]
    assert 'value="報表"' in page
    assert 'value="read" checked' in page
    assert "名稱要有 1 到 80 個字" in words(makes(lead, name=" ")[0])


def test_who_made_it_is_kept_also_at_the_terminal(current, lead):
    with current.sessions.begin() as session:
        tokens.create(session, "夜間匯出", "agent")
    assert "從終端機建立" in words(lead.get(PAGE))


def test_an_agent_sets_nothing(app, current):
    agent = signed_in(app, current, "wang", "agent")
    for address in ("/console/settings", PAGE, "/console/settings/tags"):
        assert agent.get(address).status_code == 403
