"""What content staff publish is what customers hear, whichever engine understands; what is rolled back is gone."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import rollout
from bot.models import JournalEntry
from bot.nlu import release
from bot.nlu.release import train_shipped
from bot.services import Services
from faq import drafts, releases
from tests import teaching
from tests.builders import Customer
from tests.console import signed_in, words
from tests.fakes import FakeLine
from tests.teaching import called

pytestmark = [pytest.mark.by_hand, pytest.mark.both_engines]  # the stories decide what is learned, and when
Work = Callable[[], None]

PAGE = "/content/releases"
QUESTION = "蘭嶼也能寄嗎要加多少"
ANSWER = "離島都可以寄，每件加 150 元。"
ALIKE = [f"{island}也能寄嗎要加多少" for island in ("綠島", "馬祖", "金門", "澎湖", "東引")]


@pytest.fixture
def current(current: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """A shop whose repository teaches little; the server, if there is one, has learned it."""
    monkeypatch.setattr("bot.nlu.embedded.CHECK_SECONDS", 0)
    with teaching.little_to_learn(tmp_path / "repository"):
        train_shipped(current.settings, current.sessions)
        rollout.teach()
        yield current


def active(current: Services) -> release.Release:
    with current.sessions() as session:
        found = release.active(session)
    assert found
    return found


def activated(member: FlaskClient, wanted: int | None, seen: int) -> None:
    answer = member.post(f"{PAGE}/{wanted}/activate", data={"seen": seen}, follow_redirects=True)
    assert "已上線" in words(answer)


def understood(current: Services) -> tuple[str, str]:
    """Who understood the last message, and by which release."""
    with current.sessions() as session:
        entries = select(JournalEntry.data).where(JournalEntry.kind == "turn.understood")
        data = session.scalars(entries.order_by(JournalEntry.id.desc()).limit(1)).one()
    return data["engine"], data["release"]


def test_what_is_published_is_answered_and_what_is_rolled_back_is_not(
    app: Flask, current: Services, line: FakeLine, work: Work
) -> None:
    someone = itertools.count(1)

    def hears() -> str:
        """Somebody whom nobody has asked back yet."""
        Customer(app.test_client(), f"Unew{next(someone)}").writes(QUESTION)
        work()
        return line.said[-1]

    editor, reviewer = (signed_in(app, current, role, role) for role in ("editor", "reviewer"))
    before = active(current)
    cells = {"external_id": "Q1", "question": QUESTION, "answer": ANSWER, "intent": "shipping_fee"}
    with current.sessions.begin() as session:
        drafts.save(session, [(1, cells)], publish=True, by=None)
    teaching.teach(current, "shipping_fee", QUESTION, *ALIKE)
    assert ANSWER not in hears()
    assert understood(current) == called(current, before.id)

    editor.post(PAGE, data={"note": "離島"})
    with current.sessions() as session:
        build = releases.newest(session)
    assert build
    releases.build(build.id)
    with current.sessions() as session:
        build = releases.newest(session)
    assert build
    assert build.state == "passed"
    assert ANSWER not in hears()  # nobody has put it online

    activated(reviewer, build.release_id, before.id)
    assert ANSWER in hears()  # while Rasa learns, the embedded engine answers in its place
    assert understood(current) == ("embedded", str(build.release_id))
    rollout.teach()
    assert ANSWER in hears()
    assert understood(current) == called(current, build.release_id)

    activated(reviewer, before.id, build.release_id or 0)
    rollout.teach()
    assert ANSWER not in hears()
    assert understood(current) == called(current, before.id)
