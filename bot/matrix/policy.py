"""The policy as customer service writes it in policy.yml: intents, matrix, overrides; checked when read."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ContentError

Route = Literal["auto", "clarify", "hybrid", "review", "human"]
Risk = Literal["low", "high"]
Complexity = Literal["simple", "complex"]
Level = Literal["L3", "L2", "L1"]
Priority = Literal["low", "normal", "high", "urgent"]
Cell = Literal["auto", "hybrid", "review", "human"]
Traffic = Literal["inquiry", "broadcast", "campaign", "application"]
Share = Annotated[float, Field(ge=0, le=1)]

UNKNOWN = "out_of_scope"
FRAGMENT = "fragment"  # words that only make sense with what was said before
MAYBE_OURS = (UNKNOWN, FRAGMENT)  # whoever is told twice that we do not know gets a person


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(_Part):
    name: str


class Thresholds(_Part):
    """`accept` and `margin` serve an engine that brings none of its own.

    Where no single intent is sure, its whole category is believed from `care` on if people in need write so, and
    that a person is needed, whoever of them, from `persons` on.
    """

    accept: Share = 0.55
    margin: Share = 0.12
    care: Share = 0.5
    persons: Share = 0.8


class IntentPolicy(_Part):
    """What an intent weighs, who takes it, the facts a person will need, how many approve what the bot prepared."""

    category: str
    risk: Risk
    complexity: Complexity
    level: Level = "L3"
    team: str
    needs: tuple[str, ...] = ()
    title: str
    traffic: Traffic = "inquiry"
    approvals: int = Field(1, ge=1, le=2)


class Cells(_Part):
    """Risk × complexity → route."""

    low_simple: Cell
    low_complex: Cell
    high_simple: Cell
    high_complex: Cell

    def of(self, risk: Risk, complexity: Complexity) -> Cell:
        cell: Cell = getattr(self, f"{risk}_{complexity}")
        return cell


class Override(_Part):
    """Wins over the matrix for an intent or a whole category."""

    intent: str = ""
    category: str = ""
    route: Cell
    level: Level = "L3"
    priority: Priority = "normal"
    reason: str

    @property
    def name(self) -> str:
        return f"override:{self.intent or self.category}"

    def applies(self, intent: str, category: str) -> bool:
        return (self.intent or intent) == intent and (self.category or category) == category


class Policy(_Part):
    """The whole file."""

    version: int = 1
    thresholds: Thresholds = Thresholds()
    teams: dict[str, Named]
    categories: dict[str, Named]
    matrix: Cells
    overrides: tuple[Override, ...] = ()
    intents: dict[str, IntentPolicy]

    def of(self, intent: str) -> IntentPolicy:
        """The policy of an intent; what the policy does not know counts as none of our business."""
        return self.intents.get(intent) or self.intents[UNKNOWN]

    @property
    def front_line(self) -> str:
        """The team of what nobody understands."""
        return self.of(UNKNOWN).team

    def route(self, intent: str) -> Cell:
        """Where an intent leads by itself: the first override that applies, else its cell of the matrix."""
        own = self.of(intent)
        override = next((o for o in self.overrides if o.applies(intent, own.category)), None)
        return override.route if override else self.matrix.of(own.risk, own.complexity)

    @cached_property
    def cared_for(self) -> frozenset[str]:
        """The categories that always go to a person: those who write so are in need, or ask for one."""
        always = (override for override in self.overrides if override.category and not override.intent)
        return frozenset(override.category for override in always if override.route == "human")


def parse_policy(data: Mapping[str, Any]) -> Policy:
    """The policy in `data`; a ContentError names every wrong field and how to mend it."""
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        raise ContentError("\n".join(_sentence(detail) for detail in error.errors())) from error
    if faults := _unknown_names(policy):
        raise ContentError("\n".join(faults))
    return policy


def answered(policy: Policy) -> frozenset[str]:
    """The intents that the bot may answer by itself."""
    return frozenset(name for name in policy.intents if policy.route(name) == "auto")


def _sentence(detail: Any) -> str:
    field = ".".join(str(part) for part in detail["loc"]) or "the file"
    given = "" if detail["type"] in ("missing", "extra_forbidden") else f" (found {detail['input']!r})"
    return f"policy.yml: {field}: {detail['msg']}{given}"


def _unknown_names(policy: Policy) -> list[str]:
    faults = []
    for name, intent in policy.intents.items():
        faults += _unknown(f"intents.{name}.category", intent.category, policy.categories)
        faults += _unknown(f"intents.{name}.team", intent.team, policy.teams)
    for number, override in enumerate(policy.overrides):
        if not override.intent and not override.category:
            faults.append(f"policy.yml: overrides.{number}: names neither intent nor category; add one")
        faults += _unknown(f"overrides.{number}.intent", override.intent, policy.intents)
        faults += _unknown(f"overrides.{number}.category", override.category, policy.categories)
    if UNKNOWN not in policy.intents:
        faults.append(f"policy.yml: intents.{UNKNOWN}: missing; what nobody understands counts as this intent")
    return faults


def _unknown(field: str, name: str, known: Mapping[str, object]) -> list[str]:
    if not name or name in known:
        return []
    return [f"policy.yml: {field}: there is no {name!r}; use one of {', '.join(sorted(known))}"]
