"""The house keeps tags and fields for its cases: chosen and checked there, retired rather than deleted."""

import pytest

from handoff.models import Ticket
from tests import desk
from tests.console import signed_in, words

SETTINGS = "/console/settings"


@pytest.fixture
def wang(app, current):
    return signed_in(app, current, "wang", "specialist")


@pytest.fixture
def case(current, wang):
    """A case that wang has claimed; its address."""
    with current.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "我要找真人")
        number = current.wiring.desk.open(session, desk.wish_for_a_person(conversation)).number
    wang.post(f"/console/cases/{number}/claim", data={"seen": 10**6})
    return f"/console/cases/{number}"


@pytest.fixture
def kept(current):
    def read():
        with current.sessions() as session:
            ticket = session.query(Ticket).one()
            return ticket.tags, ticket.custom, ticket.state

    return read


def files(member, case, **form):
    return words(member.post(f"{case}/file", data={"type": "request", "outcome": ""} | form, follow_redirects=True))


def adds(lead, what, **form):
    answer = lead.post(f"{SETTINGS}/{what}", data=form, follow_redirects=True)
    assert "已儲存。" in words(answer), words(answer)


def test_without_a_list_anything_goes_and_with_one_what_is_on_it(lead, wang, case, kept):
    files(wang, case, tags="隨手寫的、急")
    assert kept()[0] == ["隨手寫的", "急"]
    adds(lead, "tags", name="退款", name_en="Refund")
    files(wang, case, tags=["隨手寫的", "退款"])
    assert kept()[0] == ["隨手寫的", "退款"], "what a case has already stays"
    assert "標籤「新的」不在清單裡" in files(wang, case, tags=["新的"])
    assert kept()[0] == ["隨手寫的", "退款"]


def test_a_retired_tag_stays_where_it_is_and_is_put_nowhere_else(lead, wang, case, kept, journal):
    adds(lead, "tags", name="退款")
    adds(lead, "tags", name="急")
    files(wang, case, tags=["退款"])
    lead.post(f"{SETTINGS}/tags/1/retire", data={"retired": "1"})
    files(wang, case, tags=["退款", "急"])
    files(wang, case, tags=["急"])
    assert "標籤「退款」不在清單裡" in files(wang, case, tags=["退款"])
    refused = lead.post(f"{SETTINGS}/tags", data={"name": "退款"})
    assert "「退款」停用了，恢復它就好" in words(refused)
    lead.post(f"{SETTINGS}/tags/1/retire")
    files(wang, case, tags=["退款"])
    assert kept()[0] == ["退款"]
    assert [kind for kind, _ in journal("tag.")] == ["tag.created", "tag.created", "tag.retired", "tag.restored"]


@pytest.mark.parametrize(
    ("kind", "wrong", "why", "right", "stored"),
    [
        ("number", "很多", "「數量」要是數字", "1,200", "1200"),
        ("date", "2027-02-30", "「數量」要是日期", "2027-02-28", "2027-02-28"),
        ("choice", "高雄", "「數量」要選這些之一：台北、台中", "台中", "台中"),
        ("text", None, "", "隨便寫", "隨便寫"),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_refused_by_the_fields_name(
    lead, wang, case, kept, kind, wrong, why, right, stored
):
    adds(lead, "fields", name="數量", kind=kind, choices="台北\r\n台中\r\n")
    if wrong:
        assert why in files(wang, case, field="數量", value=wrong)
        assert kept()[1] == {}
    files(wang, case, field="數量", value=right)
    assert kept()[1] == {"數量": stored}
    assert "欄位「別的」不在清單裡" in files(wang, case, field="別的", value="x")


def test_a_field_that_a_type_needs_is_asked_for_also_before_the_end(lead, wang, case, kept, current):
    assert "案件資料已更新" in files(wang, case)
    adds(lead, "fields", name="門市", kind="choice", choices="台北\n台中", required=["request", "made-up"])
    assert "「門市」還沒填" in words(wang.post(f"{case}/resolve", data={"seen": 10**6}, follow_redirects=True))
    assert "「門市」還沒填" in files(wang, case)
    assert "「門市」還沒填" not in files(wang, case, type="question")
    files(wang, case, field="門市", value="台北")
    wang.post(f"{case}/resolve", data={"seen": 10**6})
    assert kept()[2] == "resolved"


def test_what_is_chosen_narrows_the_list(lead, wang, case):
    adds(lead, "fields", name="門市", kind="choice", choices="台北\n台中")
    files(wang, case, field="門市", value="台中")
    assert "門市：台中" in words(wang.get("/console"))
    for field, there in (("門市=台中", True), ("門市=台北", False), ('門"市=台中', False), ("門市", False)):
        shown = words(wang.get("/console/list", query_string={"narrow": 1, "view": "all", "field": field}))
        assert ("陳怡君" in shown) is there, field


def test_a_field_changes_what_it_asks_and_never_what_it_is_called(lead, journal):
    adds(lead, "fields", name="門市", name_en="Store", kind="choice", choices="台北\n台中")
    adds(
        lead, "fields", id="1", name="別的名字", kind="text", name_en="Shop", choices="台北\n高雄", required="complaint"
    )
    _, changed = journal("field.changed")[0]
    assert changed["before"] == {
        "name": "門市",
        "name_en": "Store",
        "kind": "choice",
        "choices": ["台北", "台中"],
        "required": [],
    }
    assert changed["after"] == changed["before"] | {
        "name_en": "Shop",
        "choices": ["台北", "高雄"],
        "required": ["complaint"],
    }
    lead.set_cookie("language", "en")
    assert "Shop" in words(lead.get(f"{SETTINGS}/fields"))


@pytest.mark.parametrize(
    ("form", "field", "why"),
    [
        ({"name": "", "kind": "text"}, "name", "要有名稱"),
        ({"name": "一、二", "kind": "text"}, "name", "不能有逗號"),
        ({"name": "門市", "kind": "choice", "choices": "台北"}, "choices", "至少要有兩個"),
        ({"name": "門市", "kind": "colour"}, "kind", "選一種類型"),
    ],
)
def test_a_field_that_does_not_fit_is_refused_at_what_is_wrong(lead, form, field, why):
    answer = lead.post(f"{SETTINGS}/fields", data=form)
    assert answer.status_code == 422
    assert why in answer.get_data(as_text=True).partition(f'id="{field}-mistake"')[2][:400]
