"""A conversation of many months: its newest part is drawn at once, older ones page by page, without gap or repeat."""

import re

import pytest

from handoff.console import said
from tests import console, desk
from tests.console import PANE
from tests.programs import opened


@pytest.fixture
def pages_of_ten(monkeypatch):
    monkeypatch.setattr(said, "PAGE", 10)


@pytest.fixture
def case(current, wang, pages_of_ten):
    """Thirty-four messages, the first of which opened the case."""
    number, _, conversation = opened(current)
    says(current, conversation, *(f"第 {n} 則" for n in range(33)))
    return number, conversation


def says(current, conversation, *texts):
    with current.sessions.begin() as session:
        for text in texts:
            desk.writes(session, session.get_one(desk.Conversation, conversation), text)


def pane(member, number, **more):
    return member.get(f"/console/cases/{number}", query_string=more, headers=PANE).get_data(as_text=True)


def messages(page):
    return [int(found) for found in re.findall(r'id="m(\d+)"', page)]


def first(page):
    return int(re.search(r'data-first="(\d+)"', page)[1])


def test_older_pages_join_on_without_gap_or_repeat_up_to_the_beginning(wang, case):
    number, _ = case
    page = pane(wang, number)
    shown, before = messages(page), first(page)
    assert len(shown) == 10
    while True:
        page = wang.get(f"/console/cases/{number}/earlier?before={before}").get_data(as_text=True)
        shown, before = messages(page) + shown, first(page)
        if 'data-earlier=""' in page:
            break
    assert len(shown) == 34
    assert shown == sorted(set(shown))


def test_what_happened_stands_on_its_own_page_and_on_no_other(wang, case):
    number, _ = case
    newest = pane(wang, number)
    assert "機器人已交給真人" not in newest
    oldest = wang.get(f"/console/cases/{number}/earlier?before={messages(newest)[0] - 20}").get_data(as_text=True)
    assert oldest.count("機器人已交給真人") == 1


def test_a_screen_that_is_drawn_again_begins_where_it_began_however_much_was_said_since(current, wang, case):
    number, conversation = case
    begins = first(pane(wang, number))
    says(current, conversation, *(f"還有 {n}" for n in range(5)))
    again = pane(wang, number, since=begins)
    assert (first(again), len(messages(again))) == (begins, 15)
    note = wang.post(f"/console/cases/{number}/note", data={"text": "記一下", "since": begins}, headers=PANE)
    assert first(note.get_data(as_text=True)) == begins


def test_one_that_has_grown_too_long_begins_anew(current, wang, case, monkeypatch):
    monkeypatch.setattr(said, "MOST", 12)
    number, conversation = case
    begins = first(pane(wang, number))
    says(current, conversation, "一", "二", "三")
    again = pane(wang, number, since=begins)
    assert first(again) > begins
    assert len(messages(again)) == 10


@pytest.mark.parametrize("since", ["999999", "-1", "x", str(2**40)])
def test_a_beginning_that_is_none_is_the_usual_one(wang, case, since):
    assert len(messages(pane(wang, case[0], since=since))) == 10


def test_nobody_reads_back_in_what_is_not_hers(app, current, wang, case):
    number, conversation = case
    guest = console.signed_in(app, current, "warehouse", "department")
    assert guest.get(f"/console/cases/{number}/earlier?before=99").status_code == 404
    assert guest.get(f"/console/conversations/{conversation}/earlier?before=99").status_code == 403
    assert wang.get(f"/console/conversations/{conversation}/earlier?before=99").status_code == 200
    assert wang.get(f"/console/cases/{number}/earlier").status_code == 404
