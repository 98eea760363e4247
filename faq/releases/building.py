"""The job of the builder: look the sentences over, train, judge beside the live release, and keep what passes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import structlog

from bot import services
from bot.db import reading
from bot.models import Release
from bot.nlu import candidate, floor, heldout, release
from bot.nlu.evaluation import Outcome, run
from bot.nlu.model import Model
from bot.nlu.trial import Trial
from bot.services import Services
from bot.transactions import transact
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
    """The state it ends in, its report, and the release if there is one."""
    changes = {"changes": dict(Counter(line.change for line in working.edits))}
    if found := faults(working):
        return "refused", changes | {"faults": found}, None
    examples = working.examples()
    with reading(current.sessions) as session:
        known = candidate.known(session, current.settings, candidate.digest(current.settings, examples))
        live = release.active(session)
    if known:
        return "refused", changes | {"same": known.id}, known.id
    _reach(current, build_id, "training")
    model, metrics = release.learned(current.settings, examples)
    report = changes | _judged(current, build_id, working, model, live)
    if not report["passed"]:
        return "refused", report, None
    kept = candidate.keep(current.settings, current.sessions, model, metrics, examples)
    return "passed", report, kept


def _judged(current: Services, build_id: int, working: Working, model: Model, live: Release | None) -> dict[str, Any]:
    """What the new model makes of the test messages, and what the live one does."""
    cases = [case for path in (*heldout.shipped(), heldout.regression()) for case in heldout.read(path)]
    before = Model.load(release.folder(current.settings, live.id)) if live else model
    told = partial(_reach, current, build_id, "judging", whole=2 * len(cases))
    new = list(_counted(run(Trial(model), cases), told, 0))
    old = list(_counted(run(Trial(before), cases), told, len(cases)))
    verdict = gate.judge(new, old, floor.recorded())
    return reporting.report(verdict, new, old, working) | {"live": live.id if live else None}


def _counted(outcomes: Iterable[Outcome], told: Any, start: int) -> Iterator[Outcome]:
    for done, outcome in enumerate(outcomes, start=start + 1):
        if done % TOLD_EVERY == 0:
            told(done=done)
        yield outcome


def _reach(current: Services, build_id: int, state: str, done: int = 0, whole: int = 0) -> None:
    transact(current.sessions, lambda session: builds.reach(session, build_id, state, done, whole))
