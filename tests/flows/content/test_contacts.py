"""Whom one calls in other departments: kept by content staff, found beside a case."""

import pytest

from handoff.models import Ticket
from tests import console, desk
from tests.content import words

STORE = {
    "name": "倉庫",
    "phone": "02-2345-6789 轉 12",
    "email": "store@shop.example",
    "hours": "平日 9:00-18:00",
    "about": "少件、錯件、補寄",
}


@pytest.fixture
def number(app, current):
    with current.sessions.begin() as session:
        ticket = session.get_one(Ticket, desk.claimed_case(session).ticket)
        ticket.category = "damaged_or_defective"
        return ticket.number


@pytest.fixture
def wang(app, current):
    return console.signed_in(app, current, "wang", "agent")


def beside(wang, number, query=""):
    return words(wang.get(f"/console/cases/{number}/knowledge", query_string={"q": query}))


def test_a_contact_is_found_by_words_and_stands_beside_cases_of_its_category(hsu, wang, number):
    hsu.client.post("/content/contacts", data=STORE)
    assert "倉庫" not in beside(wang, number)
    told = beside(wang, number, "補寄")
    assert "倉庫 少件、錯件、補寄 02-2345-6789 轉 12 store@shop.example 平日 9:00-18:00" in told
    assert "倉庫" not in beside(wang, number, "發票")
    hsu.client.post("/content/contacts", data=STORE | {"id": 1, "revision": 1, "category": "damaged_or_defective"})
    assert "倉庫" in beside(wang, number)
    assert "damaged_or_defective" not in words(hsu.client.get("/content/contacts?edit=1"))  # it stands by its name
    hsu.client.post("/content/contacts/1/delete")
    assert "倉庫" not in beside(wang, number)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "寫部門或窗口的名稱"),
        ({"phone": "", "email": ""}, "電話和信箱至少寫一個"),
        ({"phone": "問櫃台"}, "電話只寫號碼和分機"),
        ({"email": "store"}, "信箱要像 name@shop.example"),
    ],
)
def test_a_contact_whom_nobody_could_reach_is_refused_and_what_was_typed_stays(hsu, wrong, why):
    refused = hsu.client.post("/content/contacts", data=STORE | wrong)
    assert (refused.status_code, why in words(refused)) == (409, True)
    assert "平日 9:00-18:00" in refused.get_data(as_text=True)


def test_who_saves_what_a_colleague_has_changed_since_sees_both_and_decides(hsu, mei):
    hsu.client.post("/content/contacts", data=STORE)
    opened = hsu.client.get("/content/contacts?edit=1").get_data(as_text=True)
    assert 'name="revision" value="1"' in opened
    mei.client.post("/content/contacts", data=STORE | {"id": 1, "revision": 1, "phone": "02-1111-2222"})
    refused = hsu.client.post("/content/contacts", data=STORE | {"id": 1, "revision": 1, "hours": "全年無休"})
    told = words(refused)
    assert (refused.status_code, "mei 剛剛改過" in told) == (409, True)
    assert [part in told for part in ("02-1111-2222", "全年無休", "再按一次儲存就用你寫的")] == [True] * 3
    assert 'name="revision" value="2"' in refused.get_data(as_text=True)
    saved = hsu.client.post("/content/contacts", data=STORE | {"id": 1, "revision": 2, "hours": "全年無休"})
    assert saved.status_code == 302
    became = words(hsu.client.get("/content/contacts?edit=1"))
    assert [name in became.partition("改過什麼")[2] for name in ("hsu", "mei", "全年無休")] == [True] * 3


def test_a_page_tells_the_browser_what_was_taken_and_what_was_refused(hsu):
    """By that it knows which of what was typed to keep."""
    refused = hsu.client.post("/content/contacts", data=STORE | {"name": ""}).get_data(as_text=True)
    hsu.client.post("/content/contacts", data=STORE)
    taken = hsu.client.get("/content/contacts").get_data(as_text=True)
    assert ("data-refused" in refused, "data-done" in refused) == (True, False)
    assert ("data-refused" in taken, "data-done" in taken) == (False, True)
    assert 'data-typed="1:contact:new"' in taken
    assert 'data-typed="1:contact:1"' in hsu.client.get("/content/contacts?edit=1").get_data(as_text=True)


def test_who_saves_what_is_there_already_overtakes_nobody(hsu, mei):
    hsu.client.post("/content/contacts", data=STORE)
    mei.client.post("/content/contacts", data=STORE | {"id": 1, "revision": 1})
    saved = hsu.client.post("/content/contacts", data=STORE | {"id": 1, "revision": 1, "hours": "全年無休"})
    assert saved.status_code == 302


def test_what_was_deleted_meanwhile_is_not_written_into(hsu):
    assert "這一筆已經刪除了" in words(hsu.client.post("/content/contacts", data=STORE | {"id": 9, "revision": 1}))
