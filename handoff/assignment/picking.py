"""Who gets which case. Pure: what is known of cases and people goes in, a choice comes out.

Cases go by level, then by the time until which somebody must answer, then by age. Of the people who may take a case,
the one who knows the customer comes first, then who has the most room, then who has waited longest for a case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

URGENT = "L1"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Waiting:
    """A case in a queue. `known_to` dealt with this customer last; `not_for` let it lie before."""

    id: int
    team: str
    category: str
    level: str
    due: datetime
    opened: datetime
    known_to: int | None = None
    not_for: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Agent:
    """Somebody who takes a team's cases. `senior`: fit for the worst (second line, supervisors, leads).

    `reserve`: only asked when the team itself has no room, as in a surge. `skills` empty: every category.
    """

    id: int
    team: str
    capacity: int
    load: int = 0
    online: bool = True
    on_shift: bool = True
    on_leave: bool = False
    senior: bool = False
    supervisor: bool = False
    reserve: bool = False
    skills: frozenset[str] = frozenset()
    assigned: datetime | None = None

    @property
    def there(self) -> bool:
        """Whether this agent may be given anything at all now."""
        return self.online and self.on_shift and not self.on_leave

    @property
    def free(self) -> bool:
        return self.load < self.capacity


@dataclass(frozen=True)
class Choice:
    """The agent, why it is this one, and whether the case goes to them although they are full."""

    agent: Agent
    why: str
    beyond_capacity: bool = False


def in_order(cases: Iterable[Waiting]) -> list[Waiting]:
    """The queue: level, due time, age."""
    return sorted(cases, key=lambda case: (case.level, case.due, case.opened, case.id))


def pick(case: Waiting, agents: Sequence[Agent]) -> Choice | None:
    """Who shall have the case now; None: it stays in the queue."""
    there = [agent for agent in agents if agent.there and agent.id not in case.not_for]
    if case.level == URGENT and (senior := _senior(case, there)) is not None:
        return senior
    able = [agent for agent in there if agent.free and _able(case, agent)]
    known = next((agent for agent in able if agent.id == case.known_to), None)
    if known is not None:
        return Choice(known, "knows_the_customer")
    own = [agent for agent in able if not agent.reserve]
    best = _roomiest(own or able)
    return Choice(best, "reserve" if best.reserve else "most_room") if best else None


def _senior(case: Waiting, there: Sequence[Agent]) -> Choice | None:
    """The worst waits for nobody's capacity: a senior of the team, else any supervisor who is there."""
    seniors = [agent for agent in there if agent.team == case.team and agent.senior]
    supervisors = [agent for agent in there if agent.supervisor]
    for group in ([agent for agent in seniors if agent.free], seniors, supervisors):
        best = _roomiest(group)
        if best is not None:
            return Choice(best, "urgent", beyond_capacity=not best.free)
    return None


def _able(case: Waiting, agent: Agent) -> bool:
    return agent.team == case.team and (not agent.skills or case.category in agent.skills)


def _roomiest(agents: Sequence[Agent]) -> Agent | None:
    return min(agents, key=_fullness, default=None)


def _fullness(agent: Agent) -> tuple[float, datetime, int]:
    return (agent.load / agent.capacity if agent.capacity else float(agent.load), agent.assigned or NEVER, agent.id)
