"""The policy and lexicon in force: those of the live release, which content staff laid over the shipped files.

Whoever asks looks at the pointer once a second at most, so that a release counts within seconds in every process,
without a restart. A version that this program cannot read changes nothing, and the log says so.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.assessment import Lexicon, joined, parse_lexicon
from bot.db import Sessions, reading
from bot.errors import ContentError
from bot.matrix import Policy, parse_policy
from bot.models import PolicyVersion
from bot.nlu import overlay
from bot.nlu.files import read_every, read_yaml
from bot.nlu.overlay import Changes
from bot.nlu.pointer import active

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


def release() -> int:
    """The number of the release whose policy is in force; 0 while there is none."""
    return _in_force.release


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
    """From now on the live release of this database counts in this process."""
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
    """The policy of the live release in the database that this process works with."""

    def __init__(self) -> None:
        self.release, self.version = 0, 0
        self._refused: int | None = None
        self._rules: Rules | None = None
        self._sessions: Sessions | None = None
        self._checked = float("-inf")

    def follow(self, sessions: Sessions) -> None:
        """What another database said counts no more."""
        self.release, self.version, self._rules, self._refused = 0, 0, None, None
        self._sessions, self._checked = sessions, float("-inf")

    def rules(self) -> Rules | None:
        if self._sessions is not None and time.monotonic() - self._checked >= CHECK_SECONDS:
            self._checked = time.monotonic()
            self._look(self._sessions)
        return self._rules

    def _look(self, sessions: Sessions) -> None:
        try:
            with reading(sessions) as session:
                live = active(session)
                if live is not None and (live.policy_id or 0) not in (self.version, self._refused):
                    self._adopt(session.get(PolicyVersion, live.policy_id or 0))
        except SQLAlchemyError as error:
            log.warning("policy.version_unknown", error=type(error).__name__)
            return
        self.release = live.id if live else 0

    def _adopt(self, found: PolicyVersion | None) -> None:
        number = found.id if found else 0
        try:
            self._rules = made(found.changes) if found else None
        except ContentError as error:
            self._refused = number  # said once; another version may be better
            log.error("policy.version_refused", version=number, kept=self.version, error=type(error).__name__)
            return
        self.version, self._refused = number, None
        log.info("policy.version_adopted", version=number)


def _named(language: str) -> str:
    return f"{language}/{LEXICON}"


_in_force = _InForce()
