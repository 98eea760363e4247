"""An operator at the terminal: members of staff, and stored events run again after a fix."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.models import Event, JournalEntry, Message
from bot.services import Services
from tests.builders import Customer, Frontline
from tests.fakes import FakeLine


def test_a_new_member_of_staff_can_sign_in(frontline: Frontline, chen: Customer) -> None:
    made = frontline("user", "create", "mei", "--name", "陳美", "--role", "agent", "--password", "a long password")
    assert made.exit_code == 0, made.output
    assert "mei" in [row["username"] for row in json.loads(frontline("user", "list", "--json").stdout)]


@pytest.mark.parametrize(
    ("username", "password", "said"), [("lin", "a long password", "已經有人用了"), ("mei", "short", "至少 8 個字")]
)
def test_a_member_who_exists_or_a_weak_password_is_refused(
    frontline: Frontline, username: str, password: str, said: str
) -> None:
    refused = frontline("user", "create", username, "--name", "x", "--role", "agent", "--password", password)
    assert refused.exit_code != 0
    assert said in refused.output


def test_events_that_were_set_aside_run_again_after_the_fix(
    frontline: Frontline, chen: Customer, current: Services, line: FakeLine, work: Callable[[], None]
) -> None:
    chen.writes("運費怎麼算?")
    with current.sessions.begin() as session:
        session.scalars(select(Event)).one().state = "set_aside"
    work()
    assert line.said == []
    assert json.loads(frontline("replay", "--set-aside", "--json").stdout) == [1]
    with current.sessions() as session:
        assert session.scalars(select(JournalEntry.kind)).all().count("event.replayed") == 1
    work()
    assert len(line.said) == 1
    assert frontline("replay", "1").exit_code == 0
    work()
    with current.sessions() as session:
        assert len(session.scalars(select(Message).where(Message.author == "customer")).all()) == 1


def test_replay_names_the_events_that_do_not_exist(frontline: Frontline) -> None:
    refused = frontline("replay", "77")
    assert refused.exit_code == 1
    assert "77" in refused.output


def test_replay_wants_to_know_what(frontline: Frontline) -> None:
    assert frontline("replay").exit_code == 2


def test_leave_that_does_not_last_is_ended_or_taken_back(frontline: Frontline, current: Services) -> None:
    def leave() -> list[str]:
        (night,) = (team for team in json.loads(frontline("team", "list", "--json").stdout) if team["key"] == "night")
        return [span for member in night["members"] for span in member["leave"]]

    for typed in (
        ("user", "create", "mei", "--name", "陳美", "--role", "agent", "--password", "a long password"),
        ("team", "add", "night", "--name", "夜班"),
        ("team", "member", "night", "mei"),
        ("team", "leave", "mei", "2030-01-01", "2030-01-05"),
        ("team", "back", "mei", "2030-01-01", "--ends", "2030-01-03"),
    ):
        done = frontline(*typed)
        assert done.exit_code == 0, done.output
    assert done.output == "mei is on leave until 2030-01-03 00:00.\n"
    assert leave() == ["2029-12-31T16:00:00+00:00/2030-01-02T16:00:00+00:00"]
    assert frontline("team", "back", "mei", "2030-01-01").exit_code == 0
    assert leave() == []
    refused = frontline("team", "back", "mei", "2030-01-01")
    assert (refused.exit_code, "沒有這段休假" in refused.output) == (1, True)
