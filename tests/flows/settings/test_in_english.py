"""Whoever reads English finds no other words on the pages of settings, refusals included."""

import pytest

from tests.flows.test_sla_rules import HAN, SWITCH

SETTINGS = "/console/settings"
REFUSED = [
    ("tokens", {"name": "CRM", "role": "agent", "last": "2026-01-01"}),
    ("programs", {"url": "http://10.0.0.5"}),
    ("tags", {"name": ""}),
    ("fields", {"name": "Store", "kind": "choice", "choices": "one"}),
    ("channels", {"secret": "two words"}),
]


@pytest.fixture
def reader(admin):
    admin.set_cookie("language", "en")
    admin.post(f"{SETTINGS}/programs", data={"url": "https://crm.example"})
    return admin


def han(answer):
    main = answer.get_data(as_text=True).partition('id="house"')[2]
    assert main
    return HAN.findall(main.replace(SWITCH, ""))


def test_every_page_and_every_refusal(reader):
    for page in ("", "/calendars", "/tags", "/fields", "/tokens", "/programs", "/programs/1", "/channels"):
        assert han(reader.get(SETTINGS + page)) == [], page
    for page, form in REFUSED:
        answer = reader.post(f"{SETTINGS}/{page}", data=form)
        assert (answer.status_code, han(answer)) == (422, []), page
