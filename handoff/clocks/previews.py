"""What other rules would change, shown on the cases of the last weeks before anybody is held to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import Account, Contact, Conversation
from handoff import sla
from handoff.clocks import versions
from handoff.models import LIVE, Ticket
from handoff.sla import Case, Rules, Rung, Targets
from handoff.sla.rules import written

LOOKED_AT = 5000
SHOWN = 50
FRIDAY = 4
EVENING = time(20, 0)


@dataclass(frozen=True)
class Outcome:
    """What a case would be promised. The two moments are when it is answered, opened now or on Friday evening."""

    targets: Targets
    calendar: str
    opened_now: datetime
    opened_on_friday: datetime


@dataclass(frozen=True)
class Change:
    """Cases that are alike, how many of the last ones there were, and their promise before and after."""

    case: Case
    cases: int
    before: Outcome
    after: Outcome


@dataclass(frozen=True)
class Closing:
    """Another patience with what is solved. It counts at once: of `waiting` cases so many are closed `now`, at most."""

    before: str
    after: str
    waiting: int
    now: int


@dataclass(frozen=True)
class Preview:
    """Changes of the promise, those of most cases first; `looked_at` cases were considered.

    `ladder`: its rungs, where they change; `closing` likewise. `running` cases keep what they were promised.
    """

    looked_at: int
    running: int
    changes: Sequence[Change]
    ladder: Sequence[Rung]
    closing: Closing | None

    @property
    def affected(self) -> int:
        return sum(change.cases for change in self.changes)


def preview(session: Session, text: str) -> Preview:
    """What these rules would change; InvalidRules where they are none."""
    proposed, current = versions.read(text), versions.current(session)
    kinds, at = _kinds(session), now()
    changes = [
        Change(case, count, before, after)
        for case, count in kinds
        if (before := _outcome(current, case, at)) != (after := _outcome(proposed, case, at))
    ]
    ladder = proposed.ladder if proposed.ladder != current.ladder else ()
    closing = _closing(session, current.close_after, proposed.close_after, at)
    running = _count(session, Ticket.state.in_(LIVE))
    return Preview(sum(count for _, count in kinds), running, changes[:SHOWN], ladder, closing)


def _closing(session: Session, before: timedelta, after: timedelta, at: datetime) -> Closing | None:
    if before == after:
        return None
    solved = Ticket.state == "resolved"
    waiting, due = _count(session, solved), _count(session, solved, Ticket.resolved_at <= at - after)
    return Closing(written(before), written(after), waiting, due)


def _count(session: Session, *which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Ticket).where(*which)) or 0


def _kinds(session: Session) -> list[tuple[Case, int]]:
    """The kinds of cases that came of late; every level at least once, also where none did."""
    newest = select(Ticket.id).order_by(Ticket.id.desc()).limit(LOOKED_AT).subquery()
    kind = (Ticket.level, Ticket.team, Account.channel, Ticket.type, Ticket.category, Contact.tier)
    grouped = (
        select(*kind, func.count())
        .join(newest, newest.c.id == Ticket.id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .join(Account, Account.id == Conversation.account_id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .group_by(*kind)
        .order_by(func.count().desc(), Ticket.level)
    )
    found: list[tuple[Case, int]] = []
    for level, team, channel, type_, category, tier, count in session.execute(grouped):
        found.append((Case(level, team, channel, type_, category, tier or ""), count))
    missing = set(sla.LEVELS) - {case.level for case, _ in found}
    return found + [(Case(level), 0) for level in sorted(missing)]


def _outcome(rules: Rules, case: Case, at: datetime) -> Outcome:
    targets = rules.targets(case)
    calendar = rules.calendar(targets, case.team)
    hours = rules.hours(calendar)
    local = at.astimezone(hours.zone)
    friday = local.date() + timedelta(days=(FRIDAY - local.weekday()) % 7)
    evening = datetime.combine(friday, EVENING, hours.zone)
    opened_now, opened_on_friday = (hours.add(start, targets.first) for start in (at, evening))
    return Outcome(targets, calendar, opened_now.astimezone(hours.zone), opened_on_friday.astimezone(hours.zone))
