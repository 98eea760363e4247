"""A build has the Rasa servers learn what it made, so that these too are live with it, and back, in seconds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot import rollout
from bot.models import Release
from bot.nlu import release
from bot.nlu.rasa_pupil import Pupil
from bot.services import Services
from tests import teaching
from tests.console import words
from tests.fakes_nlu import FakeRasa, Mind, by_heart, fake_rasa
from tests.teaching import ISLANDS, RELEASES, activated, built, called, live, mislead, newest, teach


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    with fake_rasa() as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path, postgres: str | None, rasa: FakeRasa) -> Iterator[Services]:
    with teaching.shop(tmp_path, postgres, rasa) as shop:
        rasa.trained.clear()
        yield shop


def kept(shop: Services) -> int:
    """The release that was made last."""
    with shop.sessions() as session:
        return session.scalars(select(Release.id).order_by(Release.id.desc())).first() or 0


def away(*_: Any) -> None:
    raise OperationalError("", {}, Exception("the database is away"))


def activate(member: FlaskClient, wanted: int, seen: int) -> str:
    """What a click says."""
    return words(member.post(f"{RELEASES}/{wanted}/activate", data={"seen": seen}, follow_redirects=True))


def follow(member: FlaskClient, wanted: int | None, seen: int) -> None:
    """A click, and what the ticker has done after it."""
    activate(member, wanted or 0, seen)
    rollout.follow()


def test_what_passes_is_live_at_rasa_too_without_a_training_and_so_is_what_was_before(
    shop: Services, rasa: FakeRasa, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    first = live(shop)
    teach(shop, "shipping_fee", *ISLANDS)
    second = built(shop, editor).release_id
    assert (len(rasa.trained), called(shop, first)) == (1, ("rasa", rasa.release))
    assert "Rasa 伺服器 1 台，學會這一版的有 1 台。" in words(editor.get(RELEASES))
    for wanted, seen in ((second, first), (first, second), (second, first)):
        follow(reviewer, wanted, seen or 0)
        assert called(shop, wanted) == ("rasa", rasa.release)
    assert len(rasa.trained) == 1


def test_while_rasa_learns_the_page_says_so(
    shop: Services, rasa: FakeRasa, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    seen = []

    def learn(project: str) -> Mind:
        seen.append((newest(shop).state, words(editor.get(RELEASES))))
        return by_heart(project)

    rasa.learn = learn
    teach(shop, "shipping_fee", *ISLANDS)
    assert built(shop, editor).state == "passed"
    [(state, page)] = seen
    assert state == "teaching"
    assert "Rasa 學習 0／1" in page


def test_a_rasa_that_is_away_fails_no_build_and_learns_when_it_is_back(
    shop: Services, rasa: FakeRasa, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    first = live(shop)
    teach(shop, "shipping_fee", *ISLANDS)
    rasa.mood = "broken"
    build = built(shop, editor)
    assert (build.state, build.report["rasa"]) == ("passed", {"servers": 1, "learned": 0})
    assert "沒學會的等上線後再學" in words(editor.get(RELEASES))
    rasa.mood = "fine"
    activated(reviewer, build.release_id, first)
    assert called(shop, build.release_id) == ("rasa", rasa.release)


def test_what_passed_is_kept_before_rasa_learns_and_cannot_go_live_before_the_build_ends(
    shop: Services, rasa: FakeRasa, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    first, seen = live(shop), []

    def learn(project: str) -> Mind:
        made = kept(shop)
        seen.append((made, f"/{made}/activate" in reviewer.get(RELEASES).text, activate(reviewer, made, first)))
        return by_heart(project)

    rasa.learn = learn
    teach(shop, "shipping_fee", *ISLANDS)
    build = built(shop, editor)
    [(made, offered, told)] = seen
    assert (build.release_id, offered, live(shop)) == (made, False, first)
    assert "請重新建立" in told
    assert f"/{made}/activate" in reviewer.get(RELEASES).text


def test_a_build_that_breaks_off_while_rasa_learns_has_not_trained_for_nothing(
    shop: Services, rasa: FakeRasa, editor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(shop, "shipping_fee", *ISLANDS)
    with monkeypatch.context() as patch:
        patch.setattr(Pupil, "_remember", away)
        assert built(shop, editor).state == "failed"
    made = kept(shop)
    monkeypatch.setattr(release, "learned", away)  # nobody trains
    build = built(shop, editor)
    assert (build.state, build.release_id) == ("passed", made)


def test_what_does_not_pass_is_taught_to_nobody(shop: Services, rasa: FakeRasa, editor: FlaskClient) -> None:
    mislead(shop)
    assert built(shop, editor).state == "refused"
    assert rasa.trained == []
