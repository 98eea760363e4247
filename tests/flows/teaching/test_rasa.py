"""A build has the Rasa servers learn what it made, so that these too are live with it, and back, in seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot import rollout
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


def follow(member: FlaskClient, wanted: int | None, seen: int) -> None:
    """A click, and what the ticker has done after it."""
    member.post(f"{RELEASES}/{wanted}/activate", data={"seen": seen})
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


def test_what_does_not_pass_is_taught_to_nobody(shop: Services, rasa: FakeRasa, editor: FlaskClient) -> None:
    mislead(shop)
    assert built(shop, editor).state == "refused"
    assert rasa.trained == []
