"""Who else has a case open, and who is writing there. Only a hint: it is kept in Redis alone, and fades by itself.

Who looks leaves a mark that lasts a little longer than the pause between two words of an open page; who writes leaves
another beside it. What changes is told to the others at the case and to nobody else, so it costs little.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.broker import Broker

LOOKS, WRITES = 45.0, 12.0  # seconds that a mark lasts
KINDS = ("reply", "note", "whisper", "mail")


@dataclass(frozen=True)
class Company:
    """Who is at a case beside oneself; of those who write, what."""

    others: frozenset[int] = frozenset()
    writing: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stir:
    """Somebody came to a case, left it or writes there: news for those who are at it."""

    case: str
    to: frozenset[int]

    @classmethod
    def of(cls, words: str) -> "Stir":
        """As it was passed on."""
        told = json.loads(words)
        return cls(told["case"], frozenset(told["to"]))


def look(broker: Broker, case: str, user_id: int, writing: str = "") -> Company:
    """Somebody looks at a case, and may be writing one of KINDS; who else is there. Nobody while Redis is away."""
    marks = {str(user_id): LOOKS} | ({f"{user_id}:{writing}": WRITES} if writing in KINDS else {})
    return _mark(broker, case, user_id, marks)


def leave(broker: Broker, case: str, user_id: int) -> None:
    """Somebody looks elsewhere."""
    _mark(broker, case, user_id, {})


def _mark(broker: Broker, case: str, user_id: int, marks: Mapping[str, float]) -> Company:
    """Have these marks of somebody's at a case and no others."""
    at, key = time.time(), f"frontline:company:{case}"
    old = {str(user_id), *(f"{user_id}:{kind}" for kind in KINDS)} - set(marks)
    found: list[Any] = []

    def call() -> None:
        with broker.hasty.pipeline(transaction=False) as pipe:
            pipe.zremrangebyscore(key, "-inf", at)
            pipe.zrange(key, 0, -1)
            pipe.zrem(key, *old)
            for mark, seconds in marks.items():
                pipe.zadd(key, {mark: at + seconds})
            pipe.expire(key, int(LOOKS) + 1)
            found.extend(pipe.execute())

    broker.hurry(call)
    if not found:
        return Company()
    _, there, *changes, _ = found
    company = _without(user_id, there)
    if any(changes) and company.others:
        broker.hint(json.dumps({"case": case, "to": sorted(company.others)}))
    return company


def _without(user_id: int, marks: Sequence[bytes]) -> Company:
    pairs = [mark.decode().partition(":") for mark in marks]
    others = [(int(who), kind) for who, _, kind in pairs if int(who) != user_id]
    return Company(frozenset(who for who, _ in others), {who: kind for who, kind in others if kind})
