"""What a page knows in order to show a case at once where the stream tells of it: a row's likeness, and its place."""

import html
import json
import re

import pytest

from handoff.assignment import teams


def blank(client, view):
    """The template of such a row, as the page of this view has it."""
    page = client.get("/console", query_string={"view": view}).get_data(as_text=True)
    return re.search(r'<template id="glimpse".*?</template>', page, re.DOTALL)[0]


def told(template, name):
    return json.loads(html.unescape(re.search(rf"data-{name}='([^']*)'", template)[1]))


def test_a_page_knows_whose_teams_cases_are_hers(current, wang):
    assert told(blank(wang, "team"), "teams") == []
    with current.sessions.begin() as session:
        teams.prepare(session, {"service": "客服一線", "billing": "帳務"})
        teams.join(session, "service", "wang", 5, (), lead=False, standby=False)
    assert told(blank(wang, "team"), "teams") == ["service"]


@pytest.mark.parametrize(("view", "heading", "owed"), [("due", "即將逾時", True), ("all", "需要回覆", False)])
def test_the_likeness_says_what_its_list_says(wang, view, heading, owed):
    template = blank(wang, view)
    assert f"<b>{heading}</b>" in template
    assert ("首次回覆" in template) == owed
    assert 'data-soon="1800"' in template
