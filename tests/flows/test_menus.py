"""Rich menus: drawn by content staff, made at LINE, another one while a person has the customer's case."""

import io
from datetime import timedelta

import pytest
import time_machine
from PIL import Image
from sqlalchemy import select

from bot.broker import FILES, SENDS, TURNS
from bot.models import Conversation, JournalEntry, Message
from bot.transactions import transact
from faq.menus import editing, linking, making
from faq.models import LineMenu, MenuDesign, MenuLink
from handoff import tickets
from handoff.models import Ticket
from tests import console, desk
from tests.console import words
from tests.desk import AFTERNOON
from tests.fakes import HANG_UP

pytestmark = pytest.mark.by_hand
PARTS = {
    **{"kind0": "text", "label0": "查訂單", "value0": "我的訂單到哪了"},
    **{"kind1": "link", "label1": "官網", "value1": "https://shop.example/"},
    **{"kind2": "postback", "label2": "活動", "value2": "campaign=xmas"},
}


@pytest.fixture(autouse=True)
def time():
    with time_machine.travel(AFTERNOON, tick=False) as time:
        yield time


@pytest.fixture
def reviewer(app, current):
    return console.signed_in(app, current, "reviewer", "reviewer")


def picture(width=1200, height=405, kind="PNG"):
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "#2857cf").save(drawn, kind)
    return drawn.getvalue()


def saves(member, state="bot", drawn=None, revision=0, **given):
    form = {"layout": "three", "bar": "服務選單", "opened": "1", "revision": revision, **PARTS, **given}
    if drawn is not None:
        form["picture"] = io.BytesIO(drawn), "menu.png"
    return member.post(f"/content/menus/{state}", data=form)


def goes_live(member, state="bot", revision=0, **given):
    assert saves(member, state, drawn=picture(), revision=revision, **given).status_code == 302
    done = member.post(f"/content/menus/{state}/publish", data={"revision": revision + 1})
    assert done.status_code == 302


@pytest.fixture
def passes(current, work, time):
    """Time, in which the ticker looks and the workers work."""

    def later(seconds=1):
        time.shift(timedelta(seconds=seconds))
        for look in (making.look, linking.look):
            look(current)
            work()

    return later


@pytest.fixture
def case(current, chen, work):
    chen.writes("我要找真人")
    work()
    with current.sessions() as session:
        return session.scalars(select(Ticket)).one().id


def test_a_menu_that_goes_live_is_made_at_line_and_shown_to_everybody(reviewer, chen, work, line, current, passes):
    chen.writes("運費怎麼算?")
    work()
    goes_live(reviewer)
    assert line.menus == {}
    passes()
    [(name, menu)] = line.menus.items()
    assert line.everybodys == name
    assert menu["picture"] == picture()
    assert menu["size"] == {"width": 1200, "height": 405}
    assert [area["bounds"]["x"] for area in menu["areas"]] == [0, 400, 800]
    assert [area["action"]["type"] for area in menu["areas"]] == ["message", "uri", "postback"]
    assert "顧客看得到" in words(reviewer.get("/content/menus"))
    passes(60)
    assert len(line.menus) == 1


def test_while_a_person_has_the_case_its_customer_sees_the_other_menu(reviewer, chen, case, line, current, passes):
    goes_live(reviewer)
    goes_live(reviewer, "human", bar="真人服務中")
    passes()
    passes()
    bot, human = sorted(line.menus, key=lambda name: line.menus[name]["chatBarText"] == "真人服務中")
    assert (line.everybodys, line.own_menus) == (bot, {chen.id: human})
    with current.sessions.begin() as session:
        lead = desk.staff(session, "主管", "supervisor").id
        tickets.claim(session, case, lead)
        tickets.resolve(session, case, lead, 10**9)
    passes()
    passes()
    assert line.own_menus == {}


def test_what_was_tapped_in_a_menu_before_a_person_came_stands_on_the_case(app, chen, work, current):
    chen.does("postback", postback={"data": "campaign=xmas"})
    work()
    chen.writes("我要找真人")
    work()
    with current.sessions() as session:
        [ticket] = session.scalars(select(Ticket)).all()
    assert ticket.taps == ["campaign=xmas"]
    wang = console.signed_in(app, current, "wangmin", "agent")
    assert "點過 campaign=xmas" in words(wang.get(f"/console/cases/{ticket.number}"))


def test_what_content_staff_wrote_on_a_part_stands_for_its_data_before_and_after_a_case_was_opened(
    app, reviewer, chen, work, current, passes
):
    chen.writes("你好")
    work()
    goes_live(reviewer, value2="menu:3")
    passes()
    chen.does("postback", postback={"data": "menu:3"})
    work()
    chen.writes("我要找真人")
    work()
    chen.does("postback", postback={"data": "menu:3"})
    work()
    chen.writes("我的訂單到哪了")
    work()
    with current.sessions() as session:
        [ticket] = session.scalars(select(Ticket)).all()
    assert ticket.taps == ["活動", "活動", "我的訂單到哪了"]
    page = words(console.signed_in(app, current, "wangmin", "agent").get(f"/console/cases/{ticket.number}"))
    assert "點過 活動 › 活動 › 我的訂單到哪了" in page
    assert "按了按鈕 活動" in page
    assert "menu:3" not in page


def test_what_stands_on_the_menus_is_read_once_a_version(reviewer, chen, work, current, passes):
    def labels():
        with current.sessions() as session:
            account = session.scalars(select(Conversation.account_id)).one()
            return current.wiring.labels.of(session, account)

    chen.writes("你好")
    work()
    assert labels() == {}
    goes_live(reviewer, value2="menu:3")
    passes()
    first = labels()
    assert (first["menu:3"], labels() is first) == ("活動", True)
    goes_live(reviewer, revision=1, value2="menu:4")
    passes()
    assert {"menu:3", "menu:4"} <= labels().keys()


def test_a_newer_menu_takes_the_place_of_the_older_one(reviewer, chen, case, line, current, passes):
    goes_live(reviewer, "human")
    passes()
    passes()
    [older] = line.menus
    goes_live(reviewer, "human", revision=1, bar="請稍候")
    passes()
    passes()
    assert line.menus[line.own_menus[chen.id]]["chatBarText"] == "請稍候"
    assert older in line.menus, "nobody is without a menu meanwhile"
    passes(61)
    assert older not in line.menus
    assert reviewer.post("/content/menus/human/withdraw").status_code == 302
    passes()
    passes()
    assert (line.menus, line.own_menus) == ({}, {})


def test_a_call_that_broke_off_makes_no_second_menu_and_an_outage_is_waited_for(
    reviewer, chen, case, line, current, passes
):
    goes_live(reviewer)
    line.lost_menus = 1
    passes()
    line.troubles.append((500, {"message": "Internal error"}))
    passes(60)
    passes(300)
    passes(300)
    assert len(line.menus) == 1
    assert line.everybodys in line.menus
    goes_live(reviewer, "human")
    passes()
    assert list(line.own_menus) == [chen.id]
    with current.sessions.begin() as session:
        session.scalars(select(Conversation)).one().owner = "bot"
    line.troubles.append(HANG_UP)
    passes()
    assert list(line.own_menus) == [chen.id]
    passes(60)
    assert line.own_menus == {}


def test_what_line_refuses_is_told_on_the_page(reviewer, chen, case, line, current, passes):
    goes_live(reviewer)
    details = [{"property": "areas[0].action.uri", "message": "invalid uri"}]
    line.troubles.append((400, {"message": "The request body has an error", "details": details}))
    passes()
    page = words(reviewer.get("/content/menus"))
    assert "LINE 不接受" in page
    assert "areas[0].action.uri: invalid uri" in page
    assert "LINE 不接受這張選單" in page
    assert "refused" not in page
    with current.sessions() as session:
        assert "menu.failed" in session.scalars(select(JournalEntry.kind)).all()
    goes_live(reviewer, revision=1, bar="再一次")
    passes()
    assert [one["chatBarText"] for one in line.menus.values()] == ["再一次"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"bar": ""}, "選單列的文字要 1 到 14 個字"),
        ({"layout": "six"}, "圖片的比例和版型不合"),
        ({"label0": ""}, "第 1 格要有說明"),
        ({"value0": ""}, "第 1 格要寫清楚"),
        ({"value1": "javascript:alert(1)"}, "要用 https:// 或 tel: 開頭"),
        ({"value1": "tel:"}, "要用 https:// 或 tel: 開頭"),
        (dict.fromkeys(("kind0", "kind1", "kind2"), ""), "至少一格要有動作"),
    ],
)
def test_a_draft_goes_live_only_whole(reviewer, line, current, given, why):
    assert saves(reviewer, drawn=picture(), **given).status_code == 302
    refused = reviewer.post("/content/menus/bot/publish", data={"revision": 1})
    assert refused.status_code == 409
    assert why in words(refused)


@pytest.mark.parametrize(
    ("drawn", "why"),
    [
        (b"MZ\x90\x00", "不是 JPEG 或 PNG"),
        (picture() + b"\0" * 1_000_000, "上限是 1 MB"),
        (picture(700, 236), "這張是 700 × 236"),
        (picture(1000, 1000, "JPEG"), "這張是 1000 × 1000"),
    ],
)
def test_a_picture_that_line_would_not_take_is_refused_and_what_was_typed_stays(reviewer, drawn, why):
    refused = saves(reviewer, drawn=drawn)
    assert refused.status_code == 409
    assert why in words(refused)
    assert "我的訂單到哪了" in refused.get_data(as_text=True)


def test_an_editor_draws_and_a_reviewer_decides(app, current, reviewer, line):
    editor = console.signed_in(app, current, "editor", "editor")
    assert saves(editor, drawn=picture()).status_code == 302
    assert "由審核的同事上線" in words(editor.get("/content/menus"))
    assert editor.post("/content/menus/bot/publish", data={"revision": 1}).status_code == 403
    late = saves(editor, bar="我打的")
    assert late.status_code == 409, "somebody who has not seen the newest does not overwrite it"
    assert "下面是你打的" in words(late)
    assert "我打的" in late.get_data(as_text=True)
    assert reviewer.post("/content/menus/bot/publish", data={"revision": 1}).status_code == 302
    assert saves(editor, revision=1).status_code == 302, "a draft keeps the picture that is live"
    assert reviewer.post("/content/menus/bot/publish", data={"revision": 2}).status_code == 302


def test_of_two_who_draw_the_first_menu_the_later_one_is_told(reviewer, monkeypatch):
    assert saves(reviewer).status_code == 302
    monkeypatch.setattr(editing, "of", lambda session, state: MenuDesign(state=state, revision=0, version=0))
    assert saves(reviewer).status_code == 409


def test_no_picture_is_left_that_nothing_shows(reviewer, current, line):
    def files():
        return sorted(one.name for one in current.settings.data.rglob("*") if one.is_file() and len(one.name) == 36)

    before = files()
    assert saves(reviewer, drawn=picture()).status_code == 302
    [first] = set(files()) - set(before)
    assert saves(reviewer, drawn=picture(), revision=0).status_code == 409
    assert set(files()) - set(before) == {first}
    assert saves(reviewer, drawn=picture(), revision=1).status_code == 302
    [second] = set(files()) - set(before)
    assert second != first
    assert reviewer.post("/content/menus/bot/publish", data={"revision": 2}).status_code == 302
    assert saves(reviewer, drawn=picture(), revision=2).status_code == 302
    assert second in files(), "customers still see it"


def test_a_tap_of_the_menu_stands_in_the_ticket(app, current, chen, case, work):
    chen.does("postback", postback={"data": "campaign=xmas"})
    work()
    with current.sessions() as session:
        number = session.get_one(Ticket, case).number
        assert session.scalars(select(Message.kind).order_by(Message.id.desc())).first() == "postback"
        assert session.scalars(select(Conversation.owner)).one() == "human"
    page = words(console.signed_in(app, current, "lead", "supervisor").get(f"/console/cases/{number}"))
    assert "campaign=xmas" in page


def test_rows_of_menus_end_where_nothing_is_left_to_do(reviewer, chen, case, line, current, passes):
    goes_live(reviewer, "human")
    for _ in range(3):
        passes()
    calls = len(line.calls)
    passes(600)
    assert len(line.calls) == calls
    with current.sessions() as session:
        assert session.scalars(select(LineMenu.step)).all() == ["live"]
        assert session.scalars(select(MenuLink.done)).all() == [True]


def test_menus_stand_behind_messages_and_never_more_than_a_few_wait(reviewer, case, line, current, work):
    goes_live(reviewer, "human")
    making.look(current)
    work()
    linking.look(current)
    for _ in range(making.MANY + 5):
        linking.look(current)
    waiting = {queue: current.broker.backlog(queue) for queue in (SENDS, TURNS, FILES)}
    assert waiting == {SENDS: 0, TURNS: 0, FILES: making.MANY}


def test_without_workers_the_ticker_makes_a_few_calls_and_one_that_fails_stops_no_other(
    reviewer, chen, huang, work, line, current, monkeypatch
):
    for one in (chen, huang):
        one.writes("我要找真人")
    work()
    goes_live(reviewer, "human")
    making.look(current)
    work()
    monkeypatch.setattr(current.broker, "enqueue_all", lambda jobs: False)
    broken = [RuntimeError("no")]
    link = current.wiring.menus.link
    monkeypatch.setattr(
        type(current.wiring.menus), "link", lambda menus, *given: raised(broken.pop()) if broken else link(*given)
    )
    linking.look(current)
    assert len(line.own_menus) == 1


def raised(error):
    raise error


def test_a_call_under_way_comes_to_its_end_before_the_next_one(reviewer, chen, case, line, current, passes, work):
    goes_live(reviewer, "human")
    making.look(current)
    work()
    linking.look(current)
    with current.sessions() as session:
        row = session.scalars(select(MenuLink)).one()
    claim = transact(current.sessions, lambda session: linking._claim(session, row.conversation_id))
    with current.sessions.begin() as session:
        session.scalars(select(Conversation)).one().owner = "bot"
    passes()
    current.wiring.menus.link(claim.account, claim.menu, claim.user)  # it arrives late
    transact(current.sessions, lambda session: linking._settle(session, claim, None))
    assert list(line.own_menus) == [chen.id]
    passes(linking.DEAD_AFTER + 1)
    assert line.own_menus == {}
    with current.sessions() as session:
        assert session.scalars(select(MenuLink)).all() == [], "who has no menu of his own needs no row"


def test_nothing_is_locked_where_nothing_differs(reviewer, case, line, current, passes, monkeypatch):
    goes_live(reviewer, "human")
    for _ in range(3):
        passes()
    for module in (making, linking):
        monkeypatch.setattr(module, "transact", lambda *_: pytest.fail("it wrote"))
        module.look(current)
