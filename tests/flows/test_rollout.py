"""Rasa servers follow the pointer: what they have learned they only load; what they have not the builder teaches."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
import time_machine
from sqlalchemy import select

from bot import rollout
from bot.broker import BUILDS, FILES
from bot.models import Release
from bot.nlu import pointer
from bot.nlu.rasa_server import RasaServer
from bot.nlu.rasa_training import project
from bot.nlu.release import digest
from bot.nlu.training_data import Example
from bot.services import Services
from bot.settings import Settings
from tests import desk
from tests.fakes_nlu import TOKEN, FakeRasa, Mind, by_heart, fake_rasa

pytestmark = pytest.mark.by_hand
NEXT = "beef" * 16
LESSON = [Example("運費怎麼算", "shipping_fee"), Example("我想退貨", "return_how")]


@pytest.fixture
def two() -> Iterator[tuple[FakeRasa, FakeRasa]]:
    with fake_rasa() as one, fake_rasa() as other:
        yield one, other


@pytest.fixture
def settings(settings: Settings, two: tuple[FakeRasa, FakeRasa]) -> Settings:
    return settings.model_copy(update={"rasa_url": ",".join(server.url for server in two), "rasa_token": TOKEN})


@pytest.fixture
def shipped(current: Services, two: tuple[FakeRasa, FakeRasa]) -> str:
    """What is live at first; both servers understand by it."""
    for server in two:
        server.release = digest(current.settings)
    rollout.follow()
    return digest(current.settings)


def put_live(current: Services, learned: str) -> None:
    with current.sessions.begin() as session:
        found = session.scalar(select(Release).where(Release.learned == learned))
        made = found or Release(digest=learned, learned=learned)
        session.add(made)
        session.flush()
        pointer.activate(session, made)


def learned_ahead(current: Services, told: list[int]) -> int:
    return rollout.learn_ahead(current, NEXT, lambda: project(LESSON, release=NEXT), told.append)


def followed(current: Services) -> list[str]:
    """What is said of it."""
    with structlog.testing.capture_logs() as logs:
        rollout.follow()
    return [line["event"] for line in logs]


def teach() -> None:
    """Whoever has something to learn: nothing that is shipped needs its sentences here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.nlu.rasa_training.project_of", lambda _, live: project(LESSON, release=live.learned))
        rollout.teach()


def served(two: tuple[FakeRasa, FakeRasa]) -> set[str]:
    return {server.release for server in two}


def test_what_was_learned_ahead_is_only_loaded_and_so_is_what_was_live_before(
    current: Services, two: tuple[FakeRasa, FakeRasa], shipped: str
) -> None:
    told: list[int] = []
    assert (learned_ahead(current, told), told) == (2, [0, 1])
    assert served(two) == {shipped}
    for learned in (NEXT, shipped, NEXT):
        put_live(current, learned)
        rollout.follow()
        assert served(two) == {learned}
    assert [len(server.trained) for server in two] == [1, 1]
    assert [server.loaded for server in two] == [["1.tar.gz", "first.tar.gz", "1.tar.gz"]] * 2
    assert current.broker.backlog(BUILDS) == 0
    assert (learned_ahead(current, told), told) == (2, [0, 1])


def test_a_server_that_has_lost_its_files_learns_again(
    current: Services, two: tuple[FakeRasa, FakeRasa], shipped: str
) -> None:
    learned_ahead(current, [])
    put_live(current, NEXT)
    rollout.follow()
    bare, whole = two
    bare.models = {"1.tar.gz": bare.models["1.tar.gz"]}
    put_live(current, shipped)
    with structlog.testing.capture_logs() as logs:
        rollout.follow()
    assert [line["event"] for line in logs if line.get("server") == 1] == ["rollout.rasa_forgot"]
    assert (bare.release, whole.release) == (NEXT, shipped)
    assert current.broker.backlog(BUILDS) == 1
    rollout.teach()
    assert served(two) == {shipped}
    assert [len(server.trained) for server in two] == [2, 1]


def test_a_file_that_holds_something_else_by_now_is_not_believed(
    current: Services, two: tuple[FakeRasa, FakeRasa], shipped: str
) -> None:
    learned_ahead(current, [])
    for server in two:
        server.models["1.tar.gz"] = server.models["first.tar.gz"]
    put_live(current, NEXT)
    rollout.follow()
    assert current.broker.backlog(BUILDS) == 1
    assert learned_ahead(current, []) == 2
    rollout.follow()
    assert served(two) == {NEXT}


def test_what_another_process_had_loaded_in_this_moment_costs_no_file(
    current: Services, two: tuple[FakeRasa, FakeRasa], shipped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pointer moved on and back while two workers followed it."""
    learned_ahead(current, [])
    put_live(current, NEXT)
    load = RasaServer.load

    def load_twice(server: RasaServer, file: str) -> None:
        load(server, file)
        load(server, "first.tar.gz")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(RasaServer, "load", load_twice)
        rollout.follow()
    assert served(two) == {shipped}
    rollout.follow()
    assert served(two) == {NEXT}
    assert [len(server.trained) for server in two] == [1, 1]


@pytest.mark.parametrize(
    ("broken", "mended"), [({"folder": "elsewhere"}, {"folder": "models"}), ({"names": False}, {})]
)
def test_who_does_not_take_up_what_it_has_just_learned_is_left_alone_for_an_hour(
    current: Services, two: tuple[FakeRasa, FakeRasa], shipped: str, broken: dict[str, Any], mended: dict[str, Any]
) -> None:
    bad, well = two
    vars(bad).update(broken)
    put_live(current, NEXT)
    with time_machine.travel(desk.AFTERNOON, tick=False) as clock:
        teach()
        for _ in range(5):
            clock.shift(600)
            assert "rollout.rasa_cannot_load" in followed(current)
            teach()
        assert (bad.release, well.release) == (shipped, NEXT)
        assert [len(server.trained) for server in two] == [1, 1]
        clock.shift(601)
        assert "rollout.rasa_forgot" in followed(current)
        teach()
        assert [len(server.trained) for server in two] == [2, 1]
        vars(bad).update(mended)
        followed(current)
    assert (bad.release == NEXT) == bool(mended)
    assert len(bad.trained) == 2


def test_a_server_that_is_away_learns_later_and_holds_up_nobody(
    current: Services, two: tuple[FakeRasa, FakeRasa], shipped: str
) -> None:
    away, well = two
    away.mood = "broken"
    with structlog.testing.capture_logs() as logs:
        assert learned_ahead(current, []) == 1
    assert ("rollout.rasa_away", 1) in [(line["event"], line.get("server")) for line in logs]
    put_live(current, NEXT)
    rollout.follow()
    assert well.release == NEXT
    assert current.broker.backlog(BUILDS) == 0
    away.mood = "fine"
    rollout.follow()
    assert (away.trained, current.broker.backlog(BUILDS)) == ([], 1)


def test_nobody_learns_ahead_for_longer_than_a_build_can_wait(
    current: Services, two: tuple[FakeRasa, FakeRasa], shipped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout, "AHEAD_SECONDS", 0)
    assert learned_ahead(current, []) == 0
    assert [server.trained for server in two] == [[], []]


def test_what_went_live_while_a_server_learned_is_what_it_serves(
    current: Services, two: tuple[FakeRasa, FakeRasa], shipped: str
) -> None:
    learned_ahead(current, [])
    put_live(current, NEXT)
    rollout.follow()
    behind, _ = two
    behind.release = "old"  # and the file of what is live now is gone
    put_live(current, shipped)
    behind.models.pop("first.tar.gz")

    def meanwhile(taught: str) -> Mind:
        put_live(current, NEXT)
        return by_heart(taught)

    behind.learn = meanwhile
    rollout.teach()
    assert f"release: {shipped}" in behind.trained[-1]
    assert behind.loaded[-1] == "1.tar.gz"


def test_the_ticker_has_them_follow_at_once_for_a_minute_often_and_then_once_a_minute(
    current: Services, shipped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, seconds = rollout.Lookout(), [0.0]
    monkeypatch.setattr("bot.rollout.time.monotonic", lambda: seconds[0])

    def asked() -> int:
        looks.look(current)
        found = current.broker.backlog(FILES)
        current.broker.queue(FILES).empty()
        return found

    def asked_from(start: int, until: int) -> list[int]:
        """The seconds at which they are."""
        found = []
        for seconds[0] in range(start, until):
            found += [int(seconds[0])] * asked()
        return found

    assert asked_from(100, 180) == [*range(100, 160, 5)]
    put_live(current, NEXT)
    assert asked_from(180, 420) == [*range(180, 240, 5), 295, 355, 415]


def test_who_is_slow_to_follow_is_not_told_again_while_that_waits(
    current: Services, shipped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Customers' files wait in the same queue."""
    looks, seconds = rollout.Lookout(), [0.0]
    monkeypatch.setattr("bot.rollout.time.monotonic", lambda: seconds[0])

    def waiting_after(start: int, until: int) -> int:
        for seconds[0] in range(start, until):
            looks.look(current)
        return current.broker.backlog(FILES)

    assert waiting_after(100, 700) == 1
    put_live(current, NEXT)
    assert waiting_after(700, 1300) == 2
    current.broker.queue(FILES).empty()
    assert waiting_after(1300, 1301) == 1


def test_what_could_not_be_asked_for_is_asked_for_again(
    current: Services, shipped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = rollout.Lookout()
    with monkeypatch.context() as without_redis:
        without_redis.setattr(current.broker, "enqueue", lambda *_, **__: False)
        looks.look(current)
    looks.look(current)
    assert current.broker.backlog(FILES) == 1


def test_without_servers_there_is_nothing_to_do(current: Services) -> None:
    alone = Settings(frontline_data=current.settings.data)
    rollout.Lookout().look(Services(alone, current.engine, current.sessions, current.broker, current.wiring))
    assert current.broker.backlog(FILES) == 0


def test_a_server_is_known_by_where_it_is() -> None:
    name = RasaServer("http://rasa:5005", "").name
    assert {RasaServer(url, TOKEN).name for url in ("http://rasa:5005/", "http://me:mine@RASA:5005")} == {name}
    assert RasaServer("http://other:5005", "").name != name
