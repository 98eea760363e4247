"""The policy and lexicon in force: what content staff published last over the shipped files, else these alone.

Whoever asks looks at the newest version once a second at most, so that a publication counts within seconds in every
process, without a restart. A version that this release cannot read changes nothing, and the log says so.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.assessment import Lexicon, joined, parse_lexicon
from bot.db import Sessions, reading
from bot.errors import ContentError
from bot.matrix import Policy, parse_policy
from bot.models import PolicyVersion
from bot.nlu import overlay
from bot.nlu.files import read_every, read_yaml
from bot.nlu.overlay import Changes

CHECK_SECONDS = 1.0
FILE, LEXICON = "policy.yml", "lexicon.yml"
Rules = tuple[Policy, Lexicon]

log = structlog.get_logger()
_trial: ContextVar[Rules | None] = ContextVar("policy_on_trial", default=None)


def load() -> Rules:
    """Policy and lexicon as they count here and now."""
    return _trial.get() or _in_force.rules() or shipped()


def version() -> int:
    """The number of the version in force; 0 is what is shipped."""
    return _in_force.version


@cache
def shipped() -> Rules:
    """Those of the files; a ContentError says what is wrong in which."""
    return made({})


def made(changes: Changes) -> Rules:
    """Those of the files with these changes, checked against each other."""
    policy = parse_policy(overlay.policy(files()[0], changes))
    lexicons = files()[1].items()
    lexicon = joined(parse_lexicon(overlay.lexicon(data, tongue, changes), _named(tongue)) for tongue, data in lexicons)
    require_known(set(lexicon.intents), policy, LEXICON)
    if unknown := lexicon.categories - set(policy.categories):
        raise ContentError(f"{LEXICON}: {FILE} has no category {', '.join(sorted(unknown))}; mend the name")
    return policy, lexicon


@cache
def files() -> tuple[dict[str, Any], Mapping[str, dict[str, Any]]]:
    """What is shipped, as it was read: the policy, and the lexicons by language."""
    return read_yaml(FILE), {file.partition("/")[0]: data for file, data in read_every(LEXICON)}


def require_known(intents: set[str], policy: Policy, file: str) -> None:
    """Refuse a file that speaks of intents without a policy: nobody would know what to do with them."""
    if unknown := intents - set(policy.intents):
        raise ContentError(f"{file}: {FILE} has no {', '.join(sorted(unknown))}; add it there or mend the name")


def follow(sessions: Sessions) -> None:
    """From now on the newest version in this database counts in this process."""
    _in_force.follow(sessions)


@contextlib.contextmanager
def on_trial(rules: Rules) -> Iterator[None]:
    """Within this, these count, and only here."""
    token = _trial.set(rules)
    try:
        yield
    finally:
        _trial.reset(token)


class _InForce:
    """What was published last in the database that this process works with."""

    def __init__(self) -> None:
        self.version, self._refused = 0, 0
        self._rules: Rules | None = None
        self._sessions: Sessions | None = None
        self._checked = float("-inf")

    def follow(self, sessions: Sessions) -> None:
        """What another database said counts no more."""
        self.version, self._rules, self._refused = 0, None, 0
        self._sessions, self._checked = sessions, float("-inf")

    def rules(self) -> Rules | None:
        if self._sessions is not None and time.monotonic() - self._checked >= CHECK_SECONDS:
            self._checked = time.monotonic()
            self._look(self._sessions)
        return self._rules

    def _look(self, sessions: Sessions) -> None:
        newest = select(PolicyVersion.id).order_by(PolicyVersion.id.desc()).limit(1)
        try:
            with reading(sessions) as session:
                found = session.scalar(newest)
                if found not in (None, self.version, self._refused):
                    self._adopt(session.get_one(PolicyVersion, found))
        except SQLAlchemyError as error:
            log.warning("policy.version_unknown", error=type(error).__name__)

    def _adopt(self, found: PolicyVersion) -> None:
        try:
            self._rules = made(found.changes)
        except ContentError as error:
            self._refused = found.id  # said once; another version may be better
            log.error("policy.version_refused", version=found.id, kept=self.version, error=type(error).__name__)
            return
        self.version = found.id
        log.info("policy.version_adopted", version=found.id)


def _named(language: str) -> str:
    return f"{language}/{LEXICON}"


_in_force = _InForce()
