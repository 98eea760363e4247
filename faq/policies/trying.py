"""The job of the builder: what the draft would do with past messages, beside what counts now.

Both judge the same words as a first message, with the same understanding, so that whatever differs is the draft's
doing. What may be answered and has no published answer goes to a person, as it does in a turn. What is kept of a
message is its id: what a customer takes back is gone from here as well.

Past messages show people what they change. Whether the draft may go live is said by the test messages
(faq/policies/gate.py), which the live release's own model understands: no engine that is away may hide a danger.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import services
from bot.clock import now
from bot.db import reading
from bot.matrix import QUIET, UNKNOWN, Decision
from bot.models import Contact, Conversation, JournalEntry, Message, PolicyVersion, Release
from bot.nlu import policy, release
from bot.nlu.model import Model
from bot.nlu.policy import Rules
from bot.nlu.trial import Trial
from bot.nlu.verdict import reach
from bot.ports import Nlu
from bot.services import Services
from bot.transactions import transact
from bot.turn.handing_over import NO_ANSWER
from faq import judgement
from faq.articles import valid
from faq.models import Article
from faq.policies import judging, trials
from faq.policies.once import Once

MOST = 10_000  # messages, the newest
KEPT = 400  # of those that fare differently
TOLD_EVERY = 1.0  # seconds
FATE = {"auto": "answered", "clarify": "asked", "hybrid": "handed", "review": "handed", "human": "handed"}
GRAVEST = ("handed>answered", "asked>answered", "handed>asked", "answered>asked", "asked>handed", "answered>handed")

Said = Sequence[tuple[int, str, str]]
Written = Mapping[str, Sequence[Sequence[str]]]
Outcome = dict[str, str]
log = structlog.get_logger()


def run(trial_id: int) -> None:
    """Try the draft; whatever goes wrong is told in its row."""
    current = services.current()
    trial = transact(current.sessions, partial(trials.begin, trial_id=trial_id))
    if trial is None:
        return
    try:
        with reading(current.sessions) as session:
            base, live = session.get(PolicyVersion, trial.version), session.get(Release, trial.release_id or 0)
            said, written = _said(session, trial.days), _written(session)
        rules = policy.made(base.changes if base else {}), policy.made(trial.changes)
        state, report = "done", _report(current, trial_id, live, said, rules, written)
    except Exception as error:  # told to who waits for it
        log.error("policy.trial_failed", trial_id=trial_id, error=type(error).__name__)
        state, report = "failed", {"error": type(error).__name__}
    transact(current.sessions, lambda session: trials.end(session, trial_id, state, report))


def _report(
    current: Services, trial_id: int, live: Release | None, said: Said, rules: tuple[Rules, Rules], written: Written
) -> dict[str, Any]:
    """All that the page tells; without a release that is live there is nothing to judge by, and none to replace."""
    tests, lately = judgement.cases() if live else [], said[:MOST]
    told = _Told(partial(trials.reach, trial_id=trial_id, whole=len(lately) + 2 * len(tests)), current)
    report = {**_tried(current.wiring.nlu, lately, rules, written, told), "cut": len(said) > MOST}
    if live is None:
        return report
    model = Model.load(release.home(current.settings, live))
    return {**report, **judging.judged(Once(Trial(model)), tests, rules, told), "live": live.id}


def _said(session: Session, days: int) -> Said:
    """What customers wrote that the bot had to decide on, and their tiers, the newest first; one more than are tried
    tells of others."""
    who = select(Message.id, Message.text, func.coalesce(Contact.tier, "")).select_from(Message)
    who = who.join(Conversation, Conversation.id == Message.conversation_id).outerjoin(Conversation.contact)
    decided = who.join(JournalEntry, JournalEntry.message_id == Message.id)
    lately = JournalEntry.at >= now() - timedelta(days=days)
    wanted = decided.where(lately, JournalEntry.kind == "turn.decided", Message.unsent_at.is_(None), Message.text != "")
    return session.execute(wanted.order_by(Message.id.desc()).limit(MOST + 1)).all()


def _written(session: Session) -> Written:
    """The intents that somebody hears an answer to today, with the tiers for which each answer is."""
    found: dict[str, list[Sequence[str]]] = {}
    for intent, tiers in session.execute(select(Article.intent, Article.tiers).where(valid.counting())):
        found.setdefault(intent, []).append(tiers)
    return found


def _tried(
    nlu: Nlu, said: Said, rules: tuple[Rules, Rules], written: Written, told: Callable[[], None]
) -> dict[str, Any]:
    moves: Counter[str] = Counter()
    differing: list[dict[str, Any]] = []
    for message, before, after in _judged(nlu, said, rules, written):
        move = f"{FATE[before['route']]}>{FATE[after['route']]}"
        moves[move] += 1
        if before != after:
            differing.append({"message": message, "move": move, "before": before, "after": after})
        told()
    return {"looked_at": len(said), "moves": moves, "differing": len(differing), "rows": _gravest(differing)}


def _gravest(differing: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the bot would now answer that it did not, before the rest."""
    rank = {move: at for at, move in enumerate(GRAVEST)}
    return sorted(differing, key=lambda row: rank.get(row["move"], len(rank)))[:KEPT]


def _judged(
    nlu: Nlu, said: Said, rules: tuple[Rules, Rules], written: Written
) -> Iterator[tuple[int, Outcome, Outcome]]:
    known: dict[tuple[str, str], tuple[Outcome, Outcome]] = {}
    for message, text, tier in said:
        if (text, tier) not in known:
            once, answered = Once(nlu), _answered(written, tier)
            known[text, tier] = _outcome(once, text, rules[0], answered), _outcome(once, text, rules[1], answered)
        yield message, *known[text, tier]


def _answered(written: Written, tier: str) -> Set[str]:
    return {intent for intent, tiers in written.items() if any(not some or tier in some for some in tiers)}


def _outcome(nlu: Nlu, text: str, rules: Rules, answered: Set[str]) -> Outcome:
    """What became of it, as a turn does it: what has no published answer goes to a person, what is not our business
    is declined in published words where there are some."""
    with policy.on_trial(rules):
        judged = reach(nlu, text)
    decision = judged.lead.decision
    found = {name: str(getattr(decision, name)) for name in ("route", "level", "priority", "team", "intent", "rule")}
    found["reason"] = decision.reasons[-1]
    if any(_lacks_words(one.decision, answered) for one in judged.requests):
        return {**found, "route": "hybrid", "reason": NO_ANSWER}
    if decision.rule == UNKNOWN and decision.intent in answered:
        return {**found, "route": "auto"}
    return found


def _lacks_words(decision: Decision, answered: Set[str]) -> bool:
    """Who takes part in a campaign is thanked in our own."""
    return decision.route == "auto" and decision.traffic not in QUIET and decision.intent not in answered


class _Told:
    """Counts what is done, and now and then tells how far it is: so others see that somebody works on it."""

    def __init__(self, reach: Callable[..., None], current: Services) -> None:
        self._reach, self._sessions = reach, current.sessions
        self._done, self._at = 0, time.monotonic()

    def __call__(self) -> None:
        self._done += 1
        if time.monotonic() - self._at >= TOLD_EVERY:
            self._at = time.monotonic()
            transact(self._sessions, partial(self._reach, done=self._done))
