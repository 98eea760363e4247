"""The job of the builder: look the sentences over, train, judge beside the live release, and keep what passes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot import rollout, services
from bot.db import reading
from bot.models import PolicyVersion, Release
from bot.nlu import candidate, floor, policy, rasa_training, release
from bot.nlu.candidate import Lesson
from bot.nlu.evaluation import Outcome, run
from bot.nlu.model import Model
from bot.nlu.overlay import NEW, OVERRIDES, Changes
from bot.nlu.pointer import active
from bot.nlu.policy import Rules
from bot.nlu.trial import Trial
from bot.services import Services
from bot.transactions import transact
from faq import judgement
from faq.releases import builds, gate, reporting
from faq.releases.lookover import faults
from faq.training import Working

TOLD_EVERY = 50  # messages
log = structlog.get_logger()


def build(build_id: int) -> None:
    """Make the release that was asked for; whatever goes wrong is told in its row, and the live one stays."""
    current = services.current()
    working = transact(current.sessions, partial(builds.begin, build_id=build_id))
    if working is None:
        return
    try:
        with builds.alive(current.sessions, build_id):
            state, report, release_id = _made(current, build_id, working)
    except Exception as error:  # told to who waits for it
        log.error("release.build_failed", build_id=build_id, error=type(error).__name__)
        state, report, release_id = "failed", {"error": type(error).__name__}, None
    transact(current.sessions, lambda session: builds.end(session, build_id, state, report, release_id))


def _made(current: Services, build_id: int, working: Working) -> tuple[str, dict[str, Any], int | None]:
    """The state it ends in, its report, and the release if there is one.

    It is made under the policy of the release that is live now. What some release has learned already is not learned
    again, only judged again, beside what is live now.
    """
    changes = {"changes": dict(Counter(line.change for line in working.edits))}
    if found := faults(working):
        return "refused", changes | {"faults": found}, None
    with reading(current.sessions) as session:
        live = active(session)
        lesson = Lesson(working.examples(), working.frozen, _version(session, live, working))
        taught = candidate.learned(current.settings, lesson)
        known = candidate.known(session, current.settings, taught)
        counts = policy.made(release.changes(session, live))
    if live and live.digest == release.named(taught, lesson.changes):
        return "refused", changes | {"same": live.id}, None
    _reach(current, build_id, "training")
    model, metrics = _model(current, lesson, known)
    report = changes | _judged(current, build_id, working, (model, lesson.rules), (live, counts))
    if not report["passed"]:
        return "refused", report, None
    kept = _kept(current, model, metrics, lesson, known)  # first: should the rest fail, nobody trains it again
    return "passed", report | _taught(current, build_id, taught, lesson), kept


def _version(session: Session, live: Release | None, working: Working) -> PolicyVersion | None:
    """The policy that is live, with the intents that staff have taught; a version of its own where these are others."""
    version = session.get(PolicyVersion, live.policy_id) if live and live.policy_id else None
    before = version.changes if version else {}
    if before.get(NEW, []) == working.new_intents:
        return version
    rest = {field: value for field, value in before.items() if field != NEW}
    if OVERRIDES in rest:
        rest[OVERRIDES] = [row for row in rest[OVERRIDES] if row["intent"] not in _gone(before, working)]
    return PolicyVersion(changes={**rest, NEW: working.new_intents} if working.new_intents else rest)


def _gone(before: Changes, working: Working) -> set[str]:
    """The intents of staff that no sentence is left of: no rule can be about them."""
    return {row["name"] for row in before.get(NEW, ())} - {row["name"] for row in working.new_intents}


def _model(current: Services, lesson: Lesson, known: Release | None) -> tuple[Model, dict[str, Any]]:
    if known:
        return Model.load(release.home(current.settings, known)), known.metrics
    return release.learned(current.settings, lesson.examples, lesson.rules[0])


def _taught(current: Services, build_id: int, learned: str, lesson: Lesson) -> dict[str, Any]:
    """The Rasa servers learn it as well, so that it goes live there in seconds too; how many have."""
    servers = len(current.settings.rasa_urls)
    if not servers:
        return {}
    project = partial(rasa_training.lesson, current.settings, learned, lesson.examples, lesson.rules[0])
    told = partial(_reach, current, build_id, "teaching", whole=servers)
    return {"rasa": {"servers": servers, "learned": rollout.learn_ahead(current, learned, project, told)}}


def _kept(current: Services, model: Model, metrics: dict[str, Any], lesson: Lesson, known: Release | None) -> int:
    if known is None:
        return candidate.keep(current.settings, current.sessions, model, metrics, lesson)
    with current.sessions.begin() as session:
        version = candidate.numbered(session, lesson.version)
        return release.under(session, session.get_one(Release, known.id), version).id


def _judged(
    current: Services, build_id: int, working: Working, new: tuple[Model, Rules], old: tuple[Release | None, Rules]
) -> dict[str, Any]:
    """What the new release makes of the test messages, and what the live one does, each under its policy."""
    (model, rules), (live, counts) = new, old
    cases = judgement.cases()
    before = Model.load(release.home(current.settings, live)) if live else model
    told = partial(_reach, current, build_id, "judging", whole=2 * len(cases))
    with policy.on_trial(rules):
        now = list(_counted(run(Trial(model), cases), told, 0))
    with policy.on_trial(counts):
        then = list(_counted(run(Trial(before), cases), told, len(cases)))
    verdict = gate.judge(now, then, floor.recorded())
    return reporting.report(verdict, now, then, working) | {"live": live.id if live else None}


def _counted(outcomes: Iterable[Outcome], told: Any, start: int) -> Iterator[Outcome]:
    for done, outcome in enumerate(outcomes, start=start + 1):
        if done % TOLD_EVERY == 0:
            told(done=done)
        yield outcome


def _reach(current: Services, build_id: int, state: str, done: int = 0, whole: int = 0) -> None:
    transact(current.sessions, lambda session: builds.reach(session, build_id, state, done, whole))
