"""What content staff put live stays live, with its policy, whatever is shipped anew; and there is one way back."""

from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import clock, readiness
from bot.models import PolicyVersion, Release
from bot.nlu import embedding, pointer, policy, release
from bot.nlu.rasa_training import project_of
from bot.nlu.release import train_shipped
from bot.services import Services
from faq import policies
from faq.models import PolicyTrial
from faq.releases import waiting
from faq.training import Working
from tests import teaching
from tests.console import words
from tests.teaching import ISLANDS, RELEASES, activated, built, called, live, teach

pytestmark = pytest.mark.both_engines
LEVEL = "intents.want_human.level"


@pytest.fixture
def mine(shop: Services, editor: FlaskClient, reviewer: FlaskClient) -> int:
    """A release that staff made, and put live."""
    teach(shop, "shipping_fee", *ISLANDS)
    made = built(shop, editor).release_id
    activated(reviewer, made, live(shop))
    assert made == live(shop)
    return made


@pytest.fixture(autouse=True)
def looks_at_once() -> Iterator[None]:
    """A second is over at every look. With a patch of its own: a story's ends before the stage's, which it covers."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("bot.nlu.policy", "bot.nlu.embedded"):
            patch.setattr(f"{module}.CHECK_SECONDS", 0)
        yield


def publish(shop: Services, level: str = "L2") -> None:
    """A policy that was drafted and tried goes live."""
    beside = {"release_id": live(shop), "version": 0, "days": 7}
    with shop.sessions.begin() as session:
        kept = policies.save(session, {LEVEL: level}, policies.revision(policies.working(session)), by=None)
        session.add(PolicyTrial(changes=kept.changes, state="done", report={"passed": True}, **beside))
        session.flush()
        policies.publish(session, policies.revision(kept.changes), "", by=None)


def level() -> str:
    return policy.load()[0].intents["want_human"].level


def upgrade(shop: Services) -> int:
    """A newer program with other sentences makes the shop ready; its shipped release."""
    teaching.write(shop.settings.data / "nlu_data" / "zh-TW", teaching.SUBJECTS[1:])
    return train_shipped(shop.settings, shop.sessions).id


def told(shop: Services) -> str:
    return readiness.states(shop).get("release", "")


def test_a_restart_changes_nothing(shop: Services, mine: int) -> None:
    train_shipped(shop.settings, shop.sessions)
    assert (live(shop), told(shop)) == (mine, "")


def test_newer_files_are_offered_and_take_nothing_down(
    shop: Services, mine: int, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    newer = upgrade(shop)
    assert live(shop) == mine
    assert f"r{mine} is live, of older files than r{newer}" in told(shop)
    assert f"程式更新了出廠的例句（r{newer}），線上的 r{mine} 還是用舊的" in words(editor.get(RELEASES))
    rebuilt = built(shop, editor)
    assert (rebuilt.state, live(shop)) == ("passed", mine)
    assert "已上線" in activated(reviewer, rebuilt.release_id, mine)
    assert told(shop) == ""
    assert "已上線" in activated(reviewer, mine, rebuilt.release_id or 0)


def test_newer_files_are_offered_where_only_the_policy_was_changed(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    publish(shop)
    before, newer = live(shop), upgrade(shop)
    assert (live(shop), level()) == (before, "L2")
    rebuilt = built(shop, editor)
    activated(reviewer, rebuilt.release_id, before)
    with shop.sessions() as session:
        made = session.get_one(Release, live(shop))
    assert (made.model_id, level()) == (newer, "L2")


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "of before they were kept"])
def test_rasa_is_taught_after_newer_files_where_only_the_policy_was_changed(shop: Services, kept: bool) -> None:
    publish(shop)
    if not kept:
        for name in (release.SENTENCES, release.EDITS):
            (release.folder(shop.settings, 1) / name).unlink()
    upgrade(shop)
    with shop.sessions() as session:
        project = project_of(shop.settings, session.get_one(Release, live(shop)))
        assert waiting(session, shop.settings, Working.read(session)) == 0
    assert ("蘋果運費怎麼算" in project, "水餃運費怎麼算" in project) == (kept, True)


def test_where_staff_made_nothing_newer_files_are_live_at_once(shop: Services) -> None:
    newer = upgrade(shop)
    assert (live(shop), told(shop)) == (newer, "")


def test_a_start_without_the_embedding_takes_nothing_down(shop: Services, mine: int) -> None:
    with pytest.MonkeyPatch.context() as patch:  # ends within the stage's own, which puts back what it found
        patch.setattr(embedding, "trouble", lambda: "")
        train_shipped(shop.settings, shop.sessions)
    assert live(shop) == mine


def test_an_operator_may_replace_it_by_command(shop: Services, mine: int) -> None:
    shipped = train_shipped(shop.settings, shop.sessions, forced=True).id
    assert live(shop) == shipped != mine


def test_what_this_program_cannot_read_gives_way_and_its_policy_stays(
    shop: Services, mine: int, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    publish(shop)
    with shop.sessions.begin() as session:
        for row in session.scalars(select(Release).where(Release.base.is_not(None))):
            row.metrics = {**row.metrics, "algorithm": "of yesterday"}
    train_shipped(shop.settings, shop.sessions)
    assert live(shop) != mine
    assert level() == "L2"
    assert "別的程式版本" in words(editor.get(RELEASES))
    assert "別的程式版本" in activated(reviewer, mine, live(shop))


def test_a_policy_that_counted_before_releases_had_one_goes_on_to_count(shop: Services) -> None:
    with shop.sessions.begin() as session:
        session.add(PolicyVersion(changes={LEVEL: "L2"}))
        session.get_one(Release, live(shop)).learned = ""
    train_shipped(shop.settings, shop.sessions)
    assert level() == "L2"


def test_a_published_policy_is_a_release_without_a_training_and_one_click_takes_it_back(
    shop: Services, mine: int, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:

    def understood() -> tuple[str, str]:
        [found] = shop.wiring.nlu.parse(["運費怎麼算"])
        return found.engine, found.release

    assert understood() == called(shop, mine)
    monkeypatch.setattr(release, "learned", lambda *_: pytest.fail("nothing is trained"))
    publish(shop)
    made = live(shop)
    assert (level(), policy.release()) == ("L2", made)
    assert understood() == called(shop, made)
    assert "已上線" in activated(reviewer, mine, made)
    assert (level(), policy.version(), policy.release()) == ("L3", 0, mine)
    publish(shop)
    assert live(shop) == made  # it says what another one said


def test_a_release_brings_back_its_policy(
    shop: Services, mine: int, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    publish(shop)
    strict = live(shop)
    teach(shop, "shipping_fee", "東引寄得到嗎")
    both = built(shop, editor).release_id
    activated(reviewer, both, strict)
    assert level() == "L2"
    activated(reviewer, mine, both or 0)
    assert level() == "L3"
    activated(reviewer, both, mine)
    assert level() == "L2"


def test_a_release_whose_policy_this_program_cannot_read_does_not_go_live(
    shop: Services, mine: int, reviewer: FlaskClient
) -> None:
    publish(shop)
    strict = live(shop)
    activated(reviewer, mine, strict)
    with shop.sessions.begin() as session:
        version = session.get_one(PolicyVersion, session.get_one(Release, strict).policy_id)
        version.changes = {"intents.want_human.team": "a team of yesterday"}
    assert "對不上，不能上線" in activated(reviewer, strict, mine)
    assert live(shop) == mine


def test_what_was_compared_under_another_policy_is_compared_anew(
    shop: Services, mine: int, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    teach(shop, "shipping_fee", "東引寄得到嗎")
    loose = built(shop, editor).release_id
    publish(shop)
    assert "請重新建立" in activated(reviewer, loose, live(shop))
    strict = built(shop, editor)
    assert strict.state == "passed"
    assert "已上線" in activated(reviewer, strict.release_id, live(shop))
    assert level() == "L2"


def test_to_give_up_the_draft_gives_up_what_is_not_live(
    shop: Services, mine: int, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    teaching.mislead(shop, "蘋果還有貨嗎")
    teaching.take_back(shop, ISLANDS[0])
    teach(shop, "shipping_fee", "東引寄得到嗎")
    assert "還沒上線 3 句" in words(editor.get(RELEASES))
    reviewer.post("/content/intents/take-all-back")
    with shop.sessions() as session:
        edits = {line.text for line in Working.read(session).edits}
    assert edits == set(ISLANDS)
    assert "還沒上線 0 句" in words(editor.get(RELEASES))


def test_what_nobody_can_tell_is_not_given_up(shop: Services, mine: int, reviewer: FlaskClient) -> None:
    (release.folder(shop.settings, mine) / "edits.json").unlink()
    said = words(reviewer.post("/content/intents/take-all-back", follow_redirects=True))
    assert f"r{mine} 沒有留下當時的修改" in said
    with shop.sessions() as session:
        assert len(Working.read(session).edits) == len(ISLANDS)


def test_a_draft_that_is_as_shipped_again_can_be_built_over_what_is_live(
    shop: Services, mine: int, editor: FlaskClient, reviewer: FlaskClient
) -> None:
    for text in ISLANDS:
        teaching.take_back(shop, text)
    assert "建立版本" in words(editor.get(RELEASES)).replace("再回來建立版本", "")
    build = built(shop, editor)
    assert build.state == "passed"
    assert "已上線" in activated(reviewer, build.release_id, mine)
    assert "再回來建立版本" in words(editor.get(RELEASES))


def test_the_pointer_moves_also_when_the_clock_was_set_back(shop: Services, mine: int) -> None:
    with time_machine.travel(clock.now().replace(year=2020)), shop.sessions.begin() as session:
        pointer.activate(session, session.get_one(Release, 1))
    assert live(shop) == 1
