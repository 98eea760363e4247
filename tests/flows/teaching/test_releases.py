"""Releases in the hands of content staff: built, judged, activated, rolled back; the live one comes to no harm."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import clock
from bot.models import JournalEntry, Release
from bot.nlu import release
from bot.nlu.rasa_training import project_of
from bot.services import Services
from faq import releases
from faq.training import Working
from tests.console import signed_in, words
from tests.content import Writer
from tests.teaching import ISLANDS, RELEASES, activated, built, called, live, mislead, newest, take_back, teach

pytestmark = pytest.mark.both_engines


def test_what_an_editor_teaches_goes_live_and_back_without_a_restart(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nlu.embedded.CHECK_SECONDS", 0)
    first = live(shop)

    def understood() -> tuple[str, str, str]:
        [found] = shop.wiring.nlu.parse(["小琉球也能寄嗎要加多少"])
        return found.engine, found.release, found.intent

    teach(shop, "shipping_fee", *ISLANDS)
    build = built(shop, editor)
    page = words(editor.get(RELEASES))
    assert (build.state, build.report["changes"]) == ("passed", {"added": 5})
    assert "通過" in page
    assert "考題 4 則" in page
    assert editor.post(f"{RELEASES}/{build.release_id}/activate", data={"seen": first}).status_code == 403
    assert understood()[:2] == called(shop, first)
    assert "已上線" in activated(reviewer, build.release_id, first)
    assert understood() == (*called(shop, build.release_id), "shipping_fee")
    assert "已上線" in activated(reviewer, first, build.release_id or 0)
    assert understood()[:2] == called(shop, first)


def test_a_worse_release_is_refused_with_the_messages_and_the_sentence_that_took_them(
    shop: Services, editor: FlaskClient
) -> None:
    before = live(shop)
    mislead(shop)
    build = built(shop, editor)
    assert (build.state, build.release_id, live(shop)) == ("refused", None, before)
    page = words(editor.get(RELEASES))
    assert "所以不能上線" in page
    assert "荔枝還有貨嗎" in page
    assert "應該是「商品資訊」" in page
    assert "放在「商品破損或故障」" in page


def test_an_edit_that_cost_a_release_its_messages_is_taken_out_and_the_rest_is_built_again(
    shop: Services, editor: FlaskClient
) -> None:
    teach(shop, "shipping_fee", *ISLANDS)
    mislead(shop)
    refused = built(shop, editor)
    blamed = refused.report["worse"][0]["near"]
    assert f"移走「{blamed['text']}」並重新測試" in editor.get(RELEASES).text
    told = editor.post(f"{RELEASES}/without", data={"key": blamed["key"]}, follow_redirects=True)
    assert "已移走，也開始重新建立了" in words(told)
    again = newest(shop)
    releases.build(again.id)
    with shop.sessions() as session:
        draft = Working.read(session)
    assert again.id > refused.id
    assert blamed["key"] not in {line.key for line in draft.edits}
    assert (newest(shop).sentences, blamed["text"] in newest(shop).note) == (draft.digest, True)


def test_an_edit_that_a_colleague_has_taken_out_already_builds_nothing(shop: Services, editor: FlaskClient) -> None:
    mislead(shop)
    refused = built(shop, editor)
    told = editor.post(f"{RELEASES}/without", data={"key": "不在草稿裡的句子"}, follow_redirects=True)
    assert "已經不在草稿裡了" in words(told)
    assert newest(shop).id == refused.id


def test_nothing_is_taken_out_where_nothing_would_be_left_to_build(shop: Services, editor: FlaskClient) -> None:
    teach(shop, "shipping_fee", ISLANDS[0])
    with shop.sessions() as session:
        [line] = Working.read(session).edits
    told = editor.post(f"{RELEASES}/without", data={"key": line.key}, follow_redirects=True)
    assert "沒有東西可以建立" in words(told)
    with shop.sessions() as session:
        assert [one.key for one in Working.read(session).edits] == [line.key]


def test_what_answering_more_would_cost_is_drawn_and_told_in_numbers(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    first = live(shop)
    assert "答對的把握" in words(editor.get(RELEASES))
    teach(shop, "shipping_fee", *ISLANDS)
    activated(reviewer, built(shop, editor).release_id, first)
    page = editor.get(RELEASES).text
    assert page.count("<polyline") == 2
    assert f"<caption>r{first}</caption>" in page
    with shop.sessions.begin() as session:
        for row in session.scalars(select(Release)):
            row.metrics = {name: value for name, value in row.metrics.items() if name != "automatic"}
    assert "<polyline" not in editor.get(RELEASES).text, "an older program's release has no such figures"


def test_a_sentence_alone_is_refused_before_anything_is_trained(shop: Services, editor: FlaskClient) -> None:
    teach(shop, "return_how", "我想退這雙鞋")
    assert built(shop, editor).state == "refused"
    assert "「怎麼退貨」只有 1 句" in words(editor.get(RELEASES))


def test_what_is_live_is_not_built_again(shop: Services, editor: FlaskClient, reviewer: FlaskClient) -> None:
    teach(shop, "shipping_fee", *ISLANDS)
    first = built(shop, editor).release_id
    activated(reviewer, first, live(shop))
    again = built(shop, editor)
    assert (again.state, again.report["same"]) == ("refused", first)
    assert f"和線上的 r{first} 一樣" in words(editor.get(RELEASES))


def test_what_was_learned_before_is_only_judged_again_and_goes_live(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release that was compared with another one than is live now, and one that was rolled back."""
    first = live(shop)
    teach(shop, "shipping_fee", *ISLANDS)
    islands = built(shop, editor).release_id
    teach(shop, "shipping_fee", "東引寄得到嗎")
    other = built(shop, editor).release_id
    activated(reviewer, other, first)
    assert "請重新建立" in activated(reviewer, islands, other or 0)
    take_back(shop, "東引寄得到嗎")
    monkeypatch.setattr(release, "learned", lambda *_: pytest.fail("it is learned already"))
    again = built(shop, editor)
    assert (again.state, again.release_id) == ("passed", islands)
    assert "已上線" in activated(reviewer, islands, other or 0)
    assert "已上線" in activated(reviewer, first, islands or 0)
    assert (built(shop, editor).release_id, live(shop)) == (islands, first)
    assert "已上線" in activated(reviewer, islands, first)


def test_how_right_the_live_release_answers_stands_on_the_page(shop: Services, editor: FlaskClient) -> None:
    with shop.sessions.begin() as session:
        row = session.get_one(Release, live(shop))
        row.metrics = {**row.metrics, "wrong_answers": 0.0123, "answered": 0.456}
    page = words(editor.get(RELEASES))
    for told in ("設定的答錯率 ≤ 1.0%", "量到的答錯率 1.2%", "自動回答的比例 45.6%"):
        assert told in page


def test_without_a_change_there_is_nothing_to_build(editor: FlaskClient) -> None:
    assert "沒有東西可以建立" in words(editor.post(RELEASES, follow_redirects=True))


def test_a_second_publisher_is_told_who_is_at_it(shop: Services, editor: FlaskClient, reviewer: FlaskClient) -> None:
    teach(shop, "shipping_fee", *ISLANDS)
    editor.post(RELEASES)
    assert "editor 已經在建立版本" in words(reviewer.post(RELEASES, follow_redirects=True))


def test_who_decides_about_another_live_release_than_he_saw_looks_again(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    first = live(shop)
    teach(shop, "shipping_fee", *ISLANDS)
    one = built(shop, editor)
    teach(shop, "shipping_fee", "東引寄得到嗎")
    other = built(shop, editor)
    activated(reviewer, one.release_id, first)
    assert f"換成 r{one.release_id}" in activated(reviewer, other.release_id, first)
    assert "請重新建立" in activated(reviewer, other.release_id, one.release_id or 0)
    assert live(shop) == one.release_id


def test_what_is_edited_meanwhile_is_not_in_the_release_and_the_page_says_so(
    shop: Services, editor: FlaskClient
) -> None:
    teach(shop, "shipping_fee", *ISLANDS)
    build = built(shop, editor)
    assert "新的修改不在這一版裡" not in words(editor.get(RELEASES))
    teach(shop, "shipping_fee", "東引寄得到嗎")
    assert "新的修改不在這一版裡" in words(editor.get(RELEASES))
    assert build.report["changes"] == {"added": 5}


def test_a_builder_that_dies_half_way_is_noticed_and_another_build_may_begin(
    shop: Services, editor: FlaskClient
) -> None:
    before = live(shop)
    teach(shop, "shipping_fee", *ISLANDS)
    editor.post(RELEASES)
    with shop.sessions.begin() as session:
        releases.builds.begin(session, newest(shop).id)
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        assert "中斷了，線上版本沒有受影響" in words(editor.get(RELEASES))
        releases.watching.look(shop)
        assert newest(shop).state == "failed"
        assert "請管理員看程式的記錄" in words(editor.get(RELEASES))
        assert built(shop, editor).state == "passed"
    assert live(shop) == before


def test_a_builder_that_only_slept_goes_on(shop: Services, editor: FlaskClient) -> None:
    teach(shop, "shipping_fee", *ISLANDS)
    editor.post(RELEASES)
    build_id = newest(shop).id
    with shop.sessions.begin() as session:
        releases.builds.begin(session, build_id)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        releases.watching.look(shop)
        assert "中斷了，線上版本沒有受影響" in words(editor.get(RELEASES))
        with shop.sessions.begin() as session:
            releases.builds.reach(session, build_id, "judging", done=2, whole=4)
        assert "用考題比較 2／4" in words(editor.get(RELEASES))
        with shop.sessions.begin() as session:
            releases.builds.end(session, build_id, "refused", {"same": 1})
            releases.builds.end(session, build_id, "passed", {})
        assert newest(shop).state == "refused"


def test_a_training_that_fails_says_what_failed(
    shop: Services, editor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(release, "write", full)
    teach(shop, "shipping_fee", *ISLANDS)
    assert built(shop, editor).state == "failed"
    assert "OSError" in words(editor.get(RELEASES))
    assert sorted(path.name for path in (shop.settings.data / "releases").iterdir()) == [".lock", str(live(shop))]


def test_rasa_learns_what_staff_made(shop: Services, editor: FlaskClient) -> None:
    teach(shop, "shipping_fee", *ISLANDS)
    build = built(shop, editor)
    with shop.sessions() as session:
        made = session.get_one(Release, build.release_id)
    project = project_of(shop.settings, made)
    assert ISLANDS[0] in project
    assert made.learned in project


def test_the_record_tells_who_changed_the_live_release(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    first = live(shop)
    teach(shop, "shipping_fee", *ISLANDS)
    made = built(shop, editor).release_id
    activated(reviewer, made, first)
    with shop.sessions() as session:
        [entry] = session.scalars(select(JournalEntry).where(JournalEntry.kind == "release.activated"))
    assert (entry.data["before"], entry.data["after"]) == ({"release": first}, {"release": made})


def test_all_that_is_changed_and_not_live_stands_in_one_list(app: Flask, shop: Services) -> None:
    hsu = Writer(signed_in(app, shop, "hsu", "editor"))
    assert "還沒上線的修改" not in words(hsu.client.get(RELEASES))
    article = hsu.begins()
    hsu.saves(article, question="離島寄得到嗎？", wording=["寄得到。"])
    hsu.client.post("/content/intents/shipping_fee/sentences", data={"texts": "蘭嶼也能寄嗎要加多少"})
    page = words(hsu.client.get(RELEASES))
    assert "還沒上線的修改 2 項" in page
    assert "例句 1 句，和下一個版本一起上線" in page
    assert "離島寄得到嗎？ 還沒上線過" in page
    hsu.does(article, "discard")
    assert "還沒上線的修改 1 項" in words(hsu.client.get(RELEASES))
