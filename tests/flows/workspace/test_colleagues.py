"""Who writes a note is offered the colleagues whom it may name."""

import pytest

from tests import console
from tests.console import words
from tests.programs import opened


@pytest.fixture
def case(current, wang):
    number, _, _ = opened(current)
    wang.post(f"/console/cases/{number}/claim")
    return number


def offered(member, case, typed=""):
    return member.get(f"/console/cases/{case}/colleagues", query_string={"q": typed})


def test_she_is_found_by_what_is_typed_and_put_in_with_a_space(app, current, wang, case):
    console.signed_in(app, current, "lin", "supervisor")
    page = offered(wang, case, "li")
    assert 'data-text="@lin "' in page.get_data(as_text=True)
    assert "主管" in words(page)


def test_nothing_is_offered_where_nobody_is_called_so(wang, case):
    assert offered(wang, case, "wang").status_code == 204


def test_who_may_not_see_the_case_learns_of_nobody(app, current, case):
    guest = console.signed_in(app, current, "warehouse", "department")
    assert offered(guest, case).status_code == 404
