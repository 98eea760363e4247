"""Whatever breaks in the understanding: a wish for a person and danger are heard, all else gets a person, honestly."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from bot.models import Event, JournalEntry
from bot.nlu import release
from bot.nlu.embedded import Embedded
from bot.nlu.pointer import active
from bot.ports import Understanding
from bot.services import Services
from handoff.models import Ticket
from tests.builders import Customer
from tests.fakes import FakeLine

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]


@pytest.fixture
def artefact(current: Services) -> Path:
    """What the active release understands with."""
    with current.sessions() as session:
        found = active(session)
    assert found is not None
    return release.folder(current.settings, found.id) / "model.npz"


def missing(artefact: Path) -> None:
    shutil.rmtree(artefact.parent)


def cut_short(artefact: Path) -> None:
    _in_its_place(artefact, artefact.read_bytes()[:1000])


def overwritten(artefact: Path) -> None:
    whole = bytearray(artefact.read_bytes())
    whole[5000:6000] = b"\0" * 1000
    _in_its_place(artefact, bytes(whole))


def _in_its_place(artefact: Path, content: bytes) -> None:
    """The whole one stays what it is for other stories."""
    artefact.unlink()
    artefact.write_bytes(content)


@pytest.fixture(params=[missing, cut_short, overwritten], ids=lambda harm: harm.__name__)
def harmed(request: pytest.FixtureRequest, artefact: Path) -> Callable[[], None]:
    """The artefact is harmed; gives the way to mend it."""
    kept = shutil.copytree(artefact.parent, artefact.parent.with_name("kept"))
    request.param(artefact)

    def mend() -> None:
        shutil.rmtree(artefact.parent, ignore_errors=True)
        kept.rename(artefact.parent)

    return mend


def case(current: Services) -> Ticket:
    with current.sessions() as session:
        return session.scalars(select(Ticket)).one()


def told(current: Services, kind: str) -> dict[str, object]:
    with current.sessions() as session:
        data: dict[str, object] = session.scalars(select(JournalEntry.data).where(JournalEntry.kind == kind)).one()
        return data


def states(current: Services) -> set[str]:
    with current.sessions() as session:
        return set(session.scalars(select(Event.state)))


@pytest.mark.usefixtures("harmed")
class TestWithoutAModel:
    def test_an_ordinary_question_gets_a_person_and_an_honest_word(
        self, chen: Customer, line: FakeLine, work: Work, current: Services
    ) -> None:
        chen.writes("運費怎麼算?")
        work()
        assert "讀不懂" in line.said[0]
        assert case(current).number in line.said[0]
        assert states(current) == {"done"}

    def test_the_journal_says_why(self, chen: Customer, work: Work, current: Services) -> None:
        chen.writes("運費怎麼算?")
        work()
        assert told(current, "turn.understood")["engine"] == "rules"
        decided = told(current, "turn.decided")
        assert decided["cell"] == "no_engine"
        assert "語意引擎目前無法判讀這則訊息" in str(decided["reasons"])

    def test_danger_is_heard(self, chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
        chen.writes("行動電源充電到一半冒煙，手被燙傷了")
        work()
        assert (case(current).level, case(current).category) == ("L1", "safety_incident")
        assert "119" in line.said[0]

    def test_a_wish_for_a_person_is_heard(self, chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
        chen.writes("我要找真人")
        work()
        assert case(current).category == "want_human"
        assert line.said[0].startswith("好的")

    def test_who_is_ready_names_it(self, client: FlaskClient) -> None:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "only rules" in answer.get_json()["checks"]["nlu"]


def test_a_mended_artefact_is_used_without_a_restart(
    chen: Customer,
    huang: Customer,
    line: FakeLine,
    work: Work,
    harmed: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.nlu.embedded.CHECK_SECONDS", 0)
    chen.writes("運費怎麼算?")
    work()
    harmed()
    huang.writes("運費怎麼算?")
    work()
    assert "80" in line.said[1]
    assert chen.client.get("/readyz").get_json()["checks"]["nlu"] == "ok"


def test_an_engine_that_raises_costs_nobody_his_answer(
    chen: Customer, line: FakeLine, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Embedded, texts: Sequence[str]) -> list[Understanding]:
        raise MemoryError

    monkeypatch.setattr(Embedded, "parse", broken)
    chen.writes("運費怎麼算?")
    work()
    assert case(current).number in line.said[0]
    assert states(current) == {"done"}
