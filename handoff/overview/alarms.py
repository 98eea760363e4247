"""What should never be: messages given up, events set aside, cases that were without an owner."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from bot.models import Event, JournalEntry, OutboxRow

DAY = timedelta(hours=24)
VIOLATED = JournalEntry.kind == literal_column("'invariant.violated'")  # literally, as its partial index says it


@dataclass(frozen=True)
class Alarms:
    """`dead_letters`, `unsure`, `set_aside`: what waits for a decision now; `violations`: of the last 24 hours."""

    dead_letters: int
    unsure: int
    set_aside: int
    violations: int

    @property
    def undecided(self) -> int:
        return self.dead_letters + self.unsure + self.set_aside


def raised(session: Session, at: datetime) -> Alarms:
    states = select(OutboxRow.state, func.count()).where(OutboxRow.state.in_(("failed", "unknown")))
    letters = {state: count for state, count in session.execute(states.group_by(OutboxRow.state))}
    aside = session.scalar(select(func.count()).where(Event.state == "set_aside"))
    violated = session.scalar(select(func.count()).where(VIOLATED, JournalEntry.at > at - DAY))
    return Alarms(letters.get("failed", 0), letters.get("unknown", 0), aside or 0, violated or 0)
