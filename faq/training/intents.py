"""Intents that content staff make: sentences can be taught to one at once, and a release puts it into the policy."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, journal
from bot.errors import Refused
from bot.matrix import UNKNOWN, Policy
from bot.matrix.policy import IntentPolicy
from bot.nlu.policy import load
from faq.models import OwnIntent

LONGEST = 20  # characters of a title: it stands on a button of LINE
OF = ("title", "category", "risk", "complexity", "level", "team")
CHOICES = {"risk": ("low", "high"), "complexity": ("simple", "complex"), "level": ("L3", "L2", "L1")}


def own(session: Session) -> Sequence[OwnIntent]:
    """Those that staff made, live or not."""
    return session.scalars(select(OwnIntent).order_by(OwnIntent.id)).all()


def row(one: OwnIntent) -> dict[str, str]:
    """As the policy's changes hold it."""
    return {"name": one.name, **{field: getattr(one, field) for field in OF}}


def drafted(session: Session) -> Policy:
    """The policy in force, and in it the intents that no release has put there yet."""
    policy = load()[0]
    begun: dict[str, Any] = {one.name: {field: getattr(one, field) for field in OF} for one in own(session)}
    new = {name: IntentPolicy(**facts) for name, facts in begun.items() if name not in policy.intents}
    return policy.model_copy(update={"intents": {**policy.intents, **new}})


def make(session: Session, *, by: int | None, **facts: str) -> OwnIntent:
    """A new intent; Refused, by field, where it has a mistake. Nobody is understood so before a release has it."""
    db.alone(session)
    for field in OF:
        if why := _wrong(drafted(session), field, facts):
            raise why.at(field)
    made = OwnIntent(user_id=by, **{field: facts[field] for field in OF})
    session.add(made)
    session.flush()
    journal.write(session, "intent.made", user_id=by, intent=made.name, category=made.category)
    return made


def _wrong(policy: Policy, field: str, facts: dict[str, str]) -> Refused | None:
    value = facts[field]
    match field:
        case "title" if not 0 < len(value) <= LONGEST:
            return Refused("按鈕上的字要有 1 到 %(most)s 個字。", most=LONGEST)
        case "title" if value in (one.title for one in policy.intents.values()):
            return Refused("另一個意圖的按鈕也寫「%(title)s」，顧客按了分不出來。", title=value)
        case "category" if value not in policy.categories or value == UNKNOWN:
            return Refused("選一個類別，報表和時限才知道它屬於哪一種。")
        case "team" if value not in policy.teams:
            return Refused("沒有「%(team)s」這個團隊。", team=value)
        case _ if value not in CHOICES.get(field, (value,)):
            return Refused("「%(value)s」不在選項裡，重新選一次。", value=value)
    return None
