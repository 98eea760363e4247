"""/content/releases/<id>/try: what a release would do with a sentence, beside what the live one does."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.errors import Refused
from bot.models import Release
from bot.nlu import policy
from bot.nlu.pointer import active
from bot.nlu.verdict import Request
from faq import releases
from faq.releases import Candidate
from faq.understanding.listing import pieces
from faq.understanding.trial import LONGEST, Tried, attempt, place
from faq.understanding.visit import back, blueprint, draw, given
from faq.visit import keepers, reading, services, told

FACETS: Mapping[str, Callable[[Request], object]] = {
    "intent": lambda one: one.decision.intent,
    "risk": lambda one: one.assessment.risk,
    "complexity": lambda one: one.assessment.complexity,
    "route": lambda one: one.decision.route,
    "place": place,
    "asked": lambda one: one.decision.candidates,
}
"""What a customer or a colleague would notice of another judgement of a request."""


@blueprint.get("/releases/<int:release_id>/try")
@keepers
def beside(release_id: int) -> ResponseReturnValue:
    """Where to type it; this process reads the release now, so that the first sentence rarely waits for it."""
    try:
        return _page(*_both(release_id))
    except Refused as refused:
        return back("releases", told(refused), "refused")


@blueprint.post("/releases/<int:release_id>/try")
@keepers
def try_beside(release_id: int) -> ResponseReturnValue:
    """A part of the page for who types, all of it without JavaScript. Nothing is kept of it."""
    text, part = given("text", LONGEST), "X-Part" in request.headers
    try:
        candidate, live = _both(release_id)
    except Refused as refused:
        return draw("beside", refused=told(refused)) if part else back("releases", told(refused), "refused")
    compared = _compared(candidate, text) if text else {}
    if part:
        return draw("beside", candidate=candidate.release, live=live, **compared)
    return _page(candidate, live, text=text, **compared)


def _both(release_id: int) -> tuple[Candidate, Release | None]:
    """The release that is tried, and the live one."""
    with reading() as session:
        chosen, live = releases.chosen(session, release_id), active(session)
    return releases.candidate(services().settings, *chosen), live


def _page(candidate: Candidate, live: Release | None, **compared: Any) -> str:
    return draw("try_release", candidate=candidate.release, live=live, **compared)


def _compared(candidate: Candidate, text: str) -> dict[str, Any]:
    """Each drawn under its own policy, since the other one may not know its intents; and in what they differ."""
    now = attempt(services().wiring.nlu, text)
    before = draw("tried", tried=now, pieces=pieces)
    with policy.on_trial(candidate.rules):
        then = attempt(candidate.nlu, text)
        after = draw("tried", tried=then, pieces=pieces, number=candidate.release.id)
    return {"before": Markup(before), "after": Markup(after), "differing": _differing(now, then)}


def _differing(now: Tried, then: Tried) -> list[str]:
    """In what: request by request, where both find the same ones in the sentence."""
    left, right = now.judged.requests, then.judged.requests
    if [one.text for one in left] != [one.text for one in right]:
        return ["requests"]
    found = [facet for facet, of in FACETS.items() if list(map(of, left)) != list(map(of, right))]
    return found + ["answer"] * (now.answers != then.answers)
